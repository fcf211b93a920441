//! First use of a thread, sizes of reads, reading without waiting.

use crate::harness::{Bc, END, World, call, reply};
use abi::binder::ioctl::WriteRead;
use binder_driver::{Blocking, Resumption};

#[test]
fn the_first_ioctl_of_a_thread_never_blocks() {
    let mut w = World::new();
    let t = w.process().thread(0);
    assert!(w.poll(t), "a fresh thread is readable");
    assert!(w.poll(t), "again and again");
    let first = w.read(t);
    assert_eq!(first, "N");
    assert_eq!(first.read_consumed, 4);
    w.block(t, Bc::new());
    w.finish();
}

#[test]
fn any_ioctl_is_the_first_one() {
    let mut w = World::new();
    let t = w.process().thread(0);
    w.settle(t);
    assert!(!w.poll(t));
    assert_eq!(w.peek(t, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn a_fresh_thread_that_must_not_wait_gets_a_noop_and_then_eagain() {
    let mut w = World::new();
    let t = w.process().thread(0);
    assert_eq!(w.peek(t, Bc::new()), "N");
    let again = w.peek(t, Bc::new());
    assert_eq!((again.text().as_str(), again.read_consumed), ("EAGAIN", 0));
    for size in [2, 4] {
        let write_read = w.prepare(t, &Bc::new(), size);
        assert_eq!(
            w.write_read(t, write_read, Blocking::Refused)
                .expect("it returns"),
            "EAGAIN"
        );
    }
    w.exit_thread(t);
    assert_eq!(w.peek(t, Bc::new()), "N", "after an exit it is fresh again");
    w.finish();
}

#[test]
fn entering_and_reading_in_a_fresh_thread_gives_a_noop() {
    let mut w = World::new();
    let t = w.process().thread(0);
    let answer = w.run(t, Bc::new().enter());
    assert_eq!(answer, "N");
    assert_eq!(answer.write_consumed, 4);
    w.finish();
}

#[test]
fn one_more_item_needs_seventy_six_free_bytes() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(7)));
    assert_eq!(w.read_sized(c, 79), "N");
    assert_eq!(w.read_sized(c, 80), "N FAILED");
    w.write(c, Bc::new().send(call(0)));
    assert_eq!(w.read_sized(m, 79), "N");
    let got = w.read_sized(m, 80);
    assert_eq!(got, "N TXN");
    assert_eq!(got.read_consumed, 72);
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.read_sized(c, 80), "N TC");
    assert_eq!(w.read_sized(c, 84), "N REPLY");
    w.finish();
}

#[test]
fn a_read_goes_on_behind_what_is_consumed_already() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0).oneway()));
    let prepared = w.prepare(c, &Bc::new(), 256);
    let answer = w
        .write_read(
            c,
            WriteRead {
                read_consumed: 16,
                ..prepared
            },
            Blocking::Allowed,
        )
        .expect("a completion");
    assert_eq!(answer.read_consumed, 20);
    let code: u32 = w.load(c, prepared.read_buffer + 16);
    assert_eq!(code, abi::binder::reply::BR_TRANSACTION_COMPLETE);
    let start: u32 = w.load(c, prepared.read_buffer);
    assert_eq!(start, 0, "no noop");
    w.finish();
}

#[test]
fn the_completion_of_a_synchronous_call_waits_for_its_reply() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let sent = w.peek(c, Bc::new().send(call(0)));
    assert_eq!((sent.text().as_str(), sent.write_consumed), ("EAGAIN", 68));
    assert!(!w.poll(c));
    w.read(m);
    w.write(m, Bc::new().send(reply()));
    assert!(w.poll(c));
    assert_eq!(w.read(c), "N TC REPLY");
    w.finish();
}

#[test]
fn a_signal_interrupts_a_read_and_loses_nothing() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0)));
    let interrupted = w.resume(c, Resumption::Interrupted).expect("it ends");
    assert_eq!(interrupted, "EINTR");
    assert_eq!((interrupted.write_consumed, interrupted.read_consumed), (68, 0));
    w.read(m);
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.read(c), "N TC REPLY");
    w.finish();
}

#[test]
fn what_counts_as_consumed_of_nothing_stays_so() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let nothing = WriteRead {
        write_consumed: 8,
        ..w.prepare(c, &Bc::new(), 0)
    };
    let answer = w
        .write_read(c, nothing, Blocking::Allowed)
        .expect("nothing to do");
    assert_eq!((answer.text().as_str(), answer.write_consumed), ("", 8));
    w.finish();
}

#[test]
fn commands_that_count_as_consumed_are_skipped() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let prepared = w.prepare(c, &Bc::new().raw(&[9, 9, 9, 9]).send(call(0).oneway()), 0);
    let all = WriteRead {
        write_consumed: prepared.write_size,
        ..prepared
    };
    assert_eq!(
        w.write_read(c, all, Blocking::Allowed).expect("nothing to do"),
        ""
    );
    let rest = WriteRead {
        write_consumed: 4,
        ..prepared
    };
    let answer = w.write_read(c, rest, Blocking::Allowed).expect("a call");
    assert_eq!(answer.write_consumed, 72);
    assert_eq!(w.read(c), "N TC");
    w.finish();
}

#[test]
fn whether_a_read_takes_proc_work_is_settled_at_its_start() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    w.block(c, Bc::new().send(call(0)));
    w.block(s, Bc::new().send(call(0)));
    assert_eq!(w.read(m), "N TXN");
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC", "though a call waits");
    assert_eq!(w.read(m), "N TXN");
    w.finish();
}

#[test]
fn a_return_that_finds_no_memory_is_lost_alone() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let mut write_read = w.prepare(c, &Bc::new().send(call(0).oneway().binder(0x10, 1)), 512);
    write_read.read_buffer = END - 4;
    let failed = w
        .write_read(c, write_read, Blocking::Refused)
        .expect("it returns");
    assert_eq!((failed.text().as_str(), failed.read_consumed), ("EFAULT", 0));
    assert_eq!(w.peek(c, Bc::new()), "N TC", "what came behind it is there");
    w.read(m);
    w.finish();
}

#[test]
fn a_reply_stays_when_the_acceptance_before_it_finds_no_memory() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    w.write(m, Bc::new().send(reply()));
    let mut write_read = w.prepare(c, &Bc::new(), 512);
    write_read.read_buffer = END - 4;
    let failed = w
        .write_read(c, write_read, Blocking::Refused)
        .expect("it returns");
    assert_eq!(failed, "EFAULT");
    assert_eq!(w.peek(c, Bc::new()), "N REPLY");
    w.finish();
}

#[test]
fn a_thread_that_could_not_be_told_of_its_error_gives_no_more_commands() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let mut write_read = w.prepare(c, &Bc::new().send(call(7)), 512);
    write_read.read_buffer = END - 4;
    let failed = w
        .write_read(c, write_read, Blocking::Refused)
        .expect("it returns");
    assert_eq!(failed, "EFAULT");
    let refused = w.peek(c, Bc::new().enter());
    assert_eq!((refused.text().as_str(), refused.write_consumed), ("EAGAIN", 0));
    w.exit_thread(c);
    assert_eq!(w.run(c, Bc::new().enter()).write_consumed, 4);
    w.finish();
}
