//! Synchronous calls and their replies.

use crate::harness::{Bc, World, call, reply};

#[test]
fn a_call_reaches_the_manager_and_its_reply_the_caller() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0).code(0x42).flags(0x10).bytes(b"hello!")));
    let got = w.read(m);
    assert_eq!(got, "N TXN");
    let txn = got.call();
    assert_eq!((txn.code, txn.flags, txn.data_size), (0x42, 0x10, 6));
    assert_eq!(txn.offsets, txn.buffer + 8);
    assert_eq!(txn.sender_pid as u32, c.open.pid);
    assert_eq!(w.received(m.open, txn.buffer, 6), b"hello!");
    w.assert_blocked(c);
    let done = w.write(m, Bc::new().send(reply().code(7).bytes(b"answer")));
    assert_eq!(done.write_consumed, 68);
    let answer = w.answer(c);
    assert_eq!(answer, "N TC REPLY");
    let back = answer.reply();
    assert_eq!((back.code, back.sender_pid, back.target), (7, 0, 0));
    assert_eq!(w.received(c.open, back.buffer, 6), b"answer");
    assert_eq!(w.read(m), "N TC");
    w.finish();
}

#[test]
fn empty_calls_have_addresses_of_their_own() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, Bc::new().send(call(0).oneway()));
    let s = w.third();
    w.block(s, Bc::new().send(call(0)));
    let first = w.read(m).call();
    let second = w.read(m).call();
    assert_eq!(first.offsets, first.buffer);
    assert_ne!(first.buffer, second.buffer);
    w.finish();
}

#[test]
fn freeing_replying_and_reading_in_one_ioctl_gives_the_completion_alone() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0)));
    let buffer = w.read(m).call().buffer;
    let answer = w.run(m, Bc::new().free(buffer).send(reply()));
    assert_eq!(answer, "N TC");
    assert_eq!(answer.write_consumed, 80);
    assert_eq!(w.answer(c), "N TC REPLY");
    w.finish();
}

#[test]
fn a_thread_waits_for_one_reply_at_a_time() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0)));
    assert_eq!(w.run(c, Bc::new().send(call(0))), "N TC FAILED");
    assert_eq!(w.extended_error(c).param, -71);
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway())), "N TC");
    assert_eq!(w.run(c, Bc::new().send(reply())), "N FAILED");
    assert_eq!(w.extended_error(c).param, -71);
    w.read(m);
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.read(c), "N REPLY");
    w.finish();
}

#[test]
fn only_the_thread_that_read_a_call_may_answer_it() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let other = m.open.thread(1);
    w.settle(other);
    assert_eq!(w.run(m, Bc::new().send(reply())), "N FAILED");
    assert_eq!(w.extended_error(m).param, -71);
    w.block(c, Bc::new().send(call(0)));
    let buffer = w.read(m).call().buffer;
    assert_eq!(w.run(other, Bc::new().send(reply())), "N FAILED");
    assert_eq!(w.extended_error(other).param, -71);
    w.write(m, Bc::new().free(buffer));
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.answer(c), "N TC REPLY");
    w.finish();
}

#[test]
fn a_oneway_flag_on_a_reply_is_passed_through() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.write(m, Bc::new().send(reply().oneway()));
    let answer = w.answer(c);
    assert_eq!(answer, "N TC REPLY");
    assert_eq!(answer.reply().flags, 1);
    w.finish();
}

#[test]
fn a_thread_in_a_call_takes_no_other_but_its_siblings_do() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.block(s, Bc::new().send(call(0).bytes(b"2nd")));
    w.block(m, Bc::new());
    let other = m.open.thread(1);
    w.settle(other);
    assert_eq!(w.read(other).call().data_size, 3, "it never joined the pool");
    w.finish();
}

#[test]
fn the_user_told_is_that_of_the_openers_group_leader() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.fake.process().euid = 0;
    w.fake
        .processes
        .get_mut(&binder_driver::Pid(c.open.pid))
        .expect("the client")
        .euid = 1234;
    w.fake.caller_euid = Some(77);
    w.block(c, Bc::new().send(call(0)));
    assert_eq!(w.read(m).call().sender_euid, 1234);
    w.finish();
}

#[test]
fn a_reply_that_cannot_be_carried_fails_the_caller_and_not_the_replier() {
    let mut w = World::new();
    let m = w.third();
    w.become_manager(m).expect("the manager");
    let unmapped = w.unmapped_process().thread(0);
    w.settle(unmapped);
    w.block(unmapped, Bc::new().send(call(0)));
    w.read(m);
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.answer(unmapped), "N TC DEAD");
    assert_eq!(w.extended_error(unmapped).param, -3);
    let c = w.third();
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    assert_eq!(w.run(m, Bc::new().send(reply().zeros(2 << 20))), "N TC");
    assert_eq!(w.answer(c), "N TC FAILED");
    assert_eq!(w.extended_error(c).param, -28);
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    let bad = w.write(m, Bc::new().send(reply().zeros(8).offset(16)).enter());
    assert_eq!(bad.write_consumed, 68, "what follows is not consumed");
    assert_eq!(w.answer(c), "N TC FAILED");
    assert_eq!(w.extended_error(c).param, -14);
    assert_eq!(w.extended_error(m).command, abi::binder::reply::BR_OK);
    assert_eq!(w.read(m), "N TC");
    w.finish();
}

#[test]
fn a_reply_hands_the_processor_to_the_caller_and_a_call_to_the_server() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(m, Bc::new());
    w.block(c, Bc::new().send(call(0)));
    assert_eq!(w.handoff, Some(binder_driver::TaskId(m.task)));
    assert_eq!(w.answer(m), "N TXN");
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.handoff, Some(binder_driver::TaskId(c.task)));
    assert_eq!(w.answer(c), "N TC REPLY");
    w.finish();
}
