//! Ends of threads, descriptors and processes.

use crate::harness::{Bc, World, call, reply};
use abi::binder::reply::BR_OK;
use binder_driver::{Pid, Release};

#[test]
fn a_callee_that_ends_leaves_its_caller_with_a_dead_reply() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.exit_thread(m);
    assert_eq!(w.answer(c), "N TC DEAD");
    assert_eq!(w.extended_error(c).command, BR_OK);
    w.settle(m);
    assert_eq!(w.run(m, Bc::new().send(reply())), "N FAILED");
    assert_eq!(w.extended_error(m).param, -71);
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.kill(m.open);
    assert_eq!(w.answer(c), "N TC DEAD");
    w.finish();
}

#[test]
fn an_undelivered_call_dies_with_its_receiver() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0)));
    w.kill(m.open);
    assert_eq!(w.answer(c), "N TC DEAD");
    w.finish();
}

#[test]
fn a_caller_that_ends_is_answered_all_the_same() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    w.exit_thread(c);
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    w.settle(c);
    w.write(c, Bc::new().send(call(0)));
    w.exit_thread(c);
    let got = w.read(m);
    assert_eq!(got.call().sender_pid, 0);
    w.finish();
}

#[test]
fn the_caller_of_a_dead_middle_hears_when_the_nested_call_ends() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let on_s = w.share(m, s, m, 0x100, 0x10);
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.block(m, Bc::new().send(call(u64::from(on_s))));
    w.read(s);
    w.kill(m.open);
    w.assert_blocked(c);
    // The manager was also the only holder of the server's node.
    assert_eq!(w.run(s, Bc::new().send(reply())), "N TC");
    assert_eq!(w.answer(c), "N TC DEAD");
    w.finish();
}

#[test]
fn who_is_woken_reads_on_before_a_thread_ends_that_polls() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.poll(m.open.thread(1));
    w.block(c, Bc::new().send(call(0).binder(0x10, 0x11)));
    w.read(m);
    w.flush(m.open);
    assert_eq!(w.release(m.open), Release::Paused);
    // The manager's handle on the node is still there.
    assert_eq!(w.answer(c), "N INCREFS ACQUIRE TC DEAD");
    w.kill(m.open);
    w.write(c, Bc::new().increfs_done(0x10, 0x11).acquire_done(0x10, 0x11));
    assert_eq!(w.read(c), "N RELEASE DECREFS");
    w.finish();
}

#[test]
fn the_end_of_a_proc_does_not_pause_for_threads_that_nobody_waits_for() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.poll(m.open.thread(1));
    w.poll(m.open.thread(2));
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    w.flush(m.open);
    assert_eq!(w.release(m.open), Release::Over);
    w.kill(m.open);
    assert_eq!(w.read(c), "N TC DEAD");
    w.finish();
}

#[test]
fn closing_any_descriptor_makes_blocked_readers_return() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let other = c.open.thread(1);
    w.settle(other);
    w.block(other, Bc::new());
    w.block(c, Bc::new().send(call(0)));
    w.flush(c.open);
    assert_eq!(w.answer(other), "N");
    assert_eq!(w.answer(c), "N TC", "a caller that waits returns too");
    w.block(c, Bc::new());
    w.finish();
}

#[test]
fn a_looper_that_returns_early_may_be_asked_for_another() {
    let mut w = World::new();
    let (m, _) = w.manager_and_client();
    w.block(m, Bc::new());
    w.resume(m, binder_driver::Resumption::Interrupted);
    w.set_max_threads(m, 1);
    w.block(m, Bc::new());
    w.flush(m.open);
    assert_eq!(w.answer(m), "SPAWN");
    w.finish();
}

#[test]
fn a_hundred_processes_come_and_go() {
    let mut w = World::new();
    let (m, _) = w.manager_and_client();
    let before = w.counts();
    for round in 0..100 {
        let t = w.third();
        w.write(t, Bc::new().send(call(0).binder(0x10, 1)));
        let buffer = w.read(m).call().buffer;
        if round % 2 == 0 {
            w.kill(t.open);
            w.write(m, Bc::new().free(buffer).send(reply()));
        } else {
            w.write(m, Bc::new().free(buffer).send(reply()));
            w.kill(t.open);
        }
        assert_eq!(w.read(m), "N TC");
    }
    let after = w.counts();
    assert_eq!(
        (after.nodes, after.refs, after.transactions, after.buffers),
        (before.nodes, before.refs, 0, 0)
    );
    w.finish();
}

#[test]
fn work_of_an_exiting_thread_is_dropped_with_it() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    // Node work and a completion wait in the thread, while the peer drops the last reference.
    w.write(c, Bc::new().send(call(0).oneway().binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.exit_thread(c);
    w.write(m, Bc::new().free(buffer));
    w.settle(c);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn a_call_whose_process_ended_before_it_was_read_tells_no_number() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    // Until the regions have memory, messages go the general way.
    for _ in 0..2 {
        w.block(c, Bc::new().send(call(0)));
        let request = w.read(m).call().buffer;
        w.run(m, Bc::new().free(request).send(reply()));
        let answer = w.answer(c).reply().buffer;
        w.write(c, Bc::new().free(answer));
    }
    w.block(m, Bc::new());
    w.block(c, Bc::new().send(call(0)));
    // A child that has the file keeps the call under way.
    w.driver.opener_ended(Pid(c.open.pid), 1000);
    let got = w.answer(m).call();
    assert_eq!(got.sender_pid, 0);
    w.finish();
}

#[test]
fn an_open_whose_opener_ended_goes_on_as_the_user_it_had() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.driver.opener_ended(Pid(c.open.pid), 1000);
    w.block(c, Bc::new().send(call(0)));
    let got = w.read(m).call();
    assert_eq!((got.sender_pid, got.sender_euid), (0, 1000));
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.answer(c), "N TC REPLY");
    w.finish();
}
