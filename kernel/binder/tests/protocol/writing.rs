//! The stream of commands.

use crate::harness::{Bc, World, call};
use abi::binder::command::BC_TRANSACTION;
use abi::binder::ioctl::WriteRead;
use binder_driver::Blocking;

#[test]
fn a_senseless_command_ends_the_ioctl_and_is_not_consumed() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let bad = |w: &mut World, commands: Bc| {
        let answer = w.write(c, commands);
        assert_eq!(answer, "EINVAL");
        answer.write_consumed
    };
    assert_eq!(bad(&mut w, Bc::new().raw(&0x1234_u32.to_le_bytes())), 0);
    assert_eq!(bad(&mut w, Bc::new().enter().raw(&0x1234_u32.to_le_bytes())), 4);
    assert_eq!(bad(&mut w, Bc::new().enter().attempt_acquire()), 4);
    assert_eq!(bad(&mut w, Bc::new().acquire_result()), 0);
    assert_eq!(bad(&mut w, Bc::new().enter().raw(&[1, 2])), 4);
    w.finish();
}

#[test]
fn a_payload_may_reach_past_the_end_of_the_commands() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let prepared = w.prepare(c, &Bc::new().send(call(0).oneway()), 0);
    assert_eq!(w.load::<u32>(c, prepared.write_buffer), BC_TRANSACTION);
    let short = WriteRead {
        write_size: 8,
        ..prepared
    };
    let answer = w.write_read(c, short, Blocking::Allowed).expect("a call");
    assert_eq!((answer.text().as_str(), answer.write_consumed), ("", 68));
    assert_eq!(w.read(c), "N TC");
    w.finish();
}

#[test]
fn after_a_failed_call_no_commands_are_taken_until_the_error_is_read() {
    let mut w = World::new();
    let c = w.third();
    let first = w.write(c, Bc::new().send(call(0)).enter());
    assert_eq!((first.text().as_str(), first.write_consumed), ("", 68));
    let second = w.write(c, Bc::new().enter());
    assert_eq!((second.text().as_str(), second.write_consumed), ("", 0));
    let third = w.run(c, Bc::new().enter());
    assert_eq!(third, "N DEAD");
    assert_eq!(third.write_consumed, 0);
    assert_eq!(w.write(c, Bc::new().enter()).write_consumed, 4);
    w.finish();
}

#[test]
fn several_oneway_calls_fit_in_one_write() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let three = Bc::new()
        .send(call(0).oneway())
        .send(call(0).oneway())
        .send(call(0).oneway());
    let answer = w.run(c, three);
    assert_eq!(answer, "N TC TC TC");
    assert_eq!(answer.write_consumed, 204);
    w.finish();
}

#[test]
fn a_failed_write_skips_the_read() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0).oneway()));
    let answer = w.run(c, Bc::new().attempt_acquire());
    assert_eq!((answer.text().as_str(), answer.read_consumed), ("EINVAL", 0));
    assert_eq!(w.read(c), "N TC");
    w.finish();
}

#[test]
fn mistakes_in_counting_and_freeing_are_silent() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let commands = Bc::new()
        .free(0)
        .free(0x7000_0000_0000)
        .free(u64::MAX)
        .acquire(5)
        .increfs(5)
        .release(5)
        .decrefs(5)
        .increfs_done(1, 2)
        .acquire_done(1, 2)
        .exit_looper()
        .register()
        .request_death(5, 1)
        .clear_death(5, 1)
        .dead_done(1);
    let answer = w.write(c, commands.clone());
    assert_eq!(answer, "");
    let prepared = w.prepare(c, &commands, 0);
    assert_eq!(answer.write_consumed, prepared.write_size);
    w.finish();
}
