//! Freezing, and notifications of it.

use crate::harness::{Bc, Thread, World, call, reply};
use abi::Errno;
use abi::binder::ioctl::{BINDER_FREEZE, BINDER_GET_FROZEN_INFO, FreezeInfo, FrozenStatusInfo};
use binder_driver::{Context, Resumption};
use zerocopy::IntoBytes;

/// A client, a server, and the client's handle on the server's node.
fn pair(w: &mut World) -> (Thread, Thread, u32) {
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, c, 0x100, 0x10);
    (c, s, handle)
}

/// Places what tells a thread to freeze another's process, and to wait for that 50 ms. Returns where.
fn patient_freeze(w: &mut World, caller: Thread, target: Thread) -> u64 {
    let info = FreezeInfo {
        pid: target.open.pid,
        enable: 1,
        timeout_ms: 50,
    };
    w.place(caller, info.as_bytes())
}

#[test]
fn a_registration_tells_the_state_at_once_and_each_change() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let first = w.run(c, Bc::new().request_freeze(h, 5));
    assert_eq!(first, "N FROZEN_BINDER");
    assert_eq!(first.item("FROZEN_BINDER").frozen(), (5, 0));
    assert_eq!(w.write(c, Bc::new().request_freeze(h, 6)), "EINVAL");
    assert_eq!(w.freeze(c, s.open, 1), Ok(()));
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN", "not before the acknowledgement");
    let second = w.run(c, Bc::new().freeze_done(5));
    assert_eq!(second.item("FROZEN_BINDER").frozen(), (5, 1));
    assert_eq!(w.freeze(c, s.open, 0), Ok(()));
    let third = w.run(c, Bc::new().freeze_done(5));
    assert_eq!(third.item("FROZEN_BINDER").frozen(), (5, 0));
    w.finish();
}

#[test]
fn a_frozen_process_refuses_calls_and_keeps_oneway_ones() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let h = u64::from(h);
    w.freeze(c, s.open, 1).expect("nothing is pending");
    assert_eq!(w.run(c, Bc::new().send(call(h))), "N FROZEN");
    assert_eq!(w.extended_error(c).param, 0);
    assert_eq!(w.run(c, Bc::new().send(call(h).oneway())), "N PENDING_FROZEN");
    assert_eq!(w.frozen_info(c, s.open), (3, 1));
    assert_eq!(w.freeze(c, s.open, 1), Err(Errno::EAGAIN));
    assert_eq!(w.frozen_info(c, s.open), (2, 0), "and it is thawed");
    assert_eq!(w.peek(c, Bc::new().send(call(h))), "EAGAIN");
    w.finish();
}

#[test]
fn a_newer_update_replaces_a_waiting_one() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let process = w.fake.processes.get_mut(&binder_driver::Pid(c.open.pid));
    process
        .expect("a process")
        .descriptors
        .insert(5, "letter".to_owned());
    w.freeze(c, s.open, 1).expect("nothing is pending");
    let update = |text: &[u8]| call(u64::from(h)).oneway().flags(0x40).code(7).bytes(text);
    for text in [b"first...", b"second..", b"third...", b"fourth.."] {
        let sent = w.run(c, Bc::new().send(update(text).fd(5, 0)));
        assert_eq!(sent, "N PENDING_FROZEN");
    }
    assert_eq!(w.fake.held.len(), 2, "the files of superseded calls are dropped");
    w.freeze(c, s.open, 0).expect("a thaw");
    let first = w.read(s).call();
    assert_eq!(w.received(s.open, first.buffer, 8), b"first...");
    let second = w.run(s, Bc::new().free(first.buffer)).call();
    assert_eq!(w.received(s.open, second.buffer, 8), b"fourth..");
    w.block(s, Bc::new().free(second.buffer));
    w.finish();
}

#[test]
fn an_update_replaces_what_is_like_it_and_nothing_else() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    w.freeze(c, s.open, 1).expect("nothing is pending");
    let plain = |code: u32, text: &[u8]| call(u64::from(h)).oneway().code(code).bytes(text);
    let update = |code: u32, text: &[u8]| plain(code, text).flags(0x40);
    for sent in [
        update(0, b"first..."),
        update(1, b"one....."),
        update(2, b"two....."),
        update(3, b"three..."),
        plain(2, b"plain..."),
        update(2, b"new two."),
        update(4, b"four...."),
        update(1, b"new one."),
    ] {
        assert_eq!(w.run(c, Bc::new().send(sent)), "N PENDING_FROZEN");
    }
    w.freeze(c, s.open, 0).expect("a thaw");
    let mut commands = Bc::new();
    for text in [
        b"first...",
        b"three...",
        b"plain...",
        b"new two.",
        b"four....",
        b"new one.",
    ] {
        let read = w.run(s, commands).call();
        assert_eq!(w.received(s.open, read.buffer, 8), text);
        commands = Bc::new().free(read.buffer);
    }
    w.block(s, commands);
    w.finish();
}

#[test]
fn withdrawing_a_registration_follows_what_is_under_way() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    // Queued: it turns into the confirmation.
    w.write(c, Bc::new().request_freeze(h, 5));
    let cleared = w.run(c, Bc::new().clear_freeze(h, 5));
    assert_eq!(cleared, "N CLEAR_FREEZE_DONE");
    assert_eq!(w.write(c, Bc::new().clear_freeze(h, 5)), "EINVAL");
    // Not acknowledged: after the acknowledgement.
    w.run(c, Bc::new().request_freeze(h, 6));
    assert_eq!(w.write(c, Bc::new().clear_freeze(h, 7)), "EINVAL");
    assert_eq!(w.peek(c, Bc::new().clear_freeze(h, 6)), "EAGAIN");
    assert_eq!(w.run(c, Bc::new().freeze_done(6)), "N CLEAR_FREEZE_DONE");
    assert_eq!(w.write(c, Bc::new().freeze_done(6)), "EINVAL");
    // Nothing under way, on a dead owner.
    w.run(c, Bc::new().request_freeze(h, 8));
    w.write(c, Bc::new().freeze_done(8));
    w.kill(s.open);
    assert_eq!(w.run(c, Bc::new().clear_freeze(h, 8)), "N CLEAR_FREEZE_DONE");
    assert_eq!(w.counts().freezes, 0);
    w.finish();
}

#[test]
fn a_dead_owner_has_no_state_to_tell() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    w.kill(s.open);
    w.block(c, Bc::new().request_freeze(h, 5));
    w.finish();
}

#[test]
fn open_transactions_of_either_direction_prevent_freezing() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let f = w.third();
    w.write(c, Bc::new().send(call(u64::from(h))));
    assert_eq!(w.freeze(f, s.open, 1), Err(Errno::EAGAIN), "undelivered");
    assert_eq!(w.freeze(f, c.open, 1), Err(Errno::EAGAIN), "its own call");
    w.read(s);
    assert_eq!(w.freeze(f, s.open, 1), Err(Errno::EAGAIN), "being handled");
    w.write(s, Bc::new().send(reply()));
    assert_eq!(w.freeze(f, s.open, 1), Ok(()));
    assert_eq!(w.freeze(f, c.open, 1), Err(Errno::EAGAIN), "a reply is unread");
    w.read(c);
    assert_eq!(w.freeze(f, c.open, 1), Ok(()));
    w.finish();
}

#[test]
fn a_process_may_freeze_itself_and_still_call() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.freeze(c, c.open, 1), Ok(()));
    w.block(c, Bc::new().send(call(0)));
    w.read(m);
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.answer(c), "N TC REPLY");
    w.finish();
}

#[test]
fn freezing_waits_for_transactions_as_long_as_it_is_told() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let f = w.third();
    let at = patient_freeze(&mut w, f, s);
    w.block(c, Bc::new().send(call(u64::from(h))));
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    w.read(s);
    w.write(s, Bc::new().send(reply()));
    assert!(w.was_woken(f));
    assert_eq!(w.resume_result(f, Resumption::Woken), Some(Ok(0)));
    w.answer(c);
    w.freeze(f, s.open, 0).expect("a thaw");
    w.block(c, Bc::new().send(call(u64::from(h))));
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    w.fake.now += 50;
    let late = w.resume_result(f, Resumption::TimedOut);
    assert_eq!(late, Some(Err(Errno::EAGAIN)));
    assert_eq!(w.frozen_info(f, s.open).0, 2);
    w.fake.now = 0;
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    let broken = w.resume_result(f, Resumption::Interrupted);
    assert_eq!(broken, Some(Err(Errno::EINTR)));
    w.finish();
}

#[test]
fn freezing_and_thawing_look_again_at_nodes_that_only_a_message_refers_to() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    w.run(c, Bc::new().send(call(u64::from(h)).oneway()));
    w.read(s);
    w.write(c, Bc::new().release(h));
    assert_eq!(w.peek(s, Bc::new()), "EAGAIN");
    assert!(!w.poll(s));
    w.freeze(c, s.open, 0).expect("thawed");
    assert!(w.poll(s), "there is something to look at");
    assert_eq!(w.peek(s, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn who_waits_to_freeze_a_process_that_ends_waits_until_the_time_is_over() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let f = w.third();
    let at = patient_freeze(&mut w, f, s);
    w.block(c, Bc::new().send(call(u64::from(h))));
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    w.kill(s.open);
    assert_eq!(w.answer(c), "N TC DEAD");
    assert!(!w.was_woken(f));
    // There is nothing left to wait for, which a signal lets it find out.
    assert_eq!(w.resume_result(f, Resumption::Interrupted), Some(Ok(0)));
    w.finish();
}

#[test]
fn the_end_of_its_own_call_does_not_end_a_threads_freeze() {
    for polls in [false, true] {
        let mut w = World::new();
        let (c, s, h) = pair(&mut w);
        let at = patient_freeze(&mut w, c, s);
        if polls {
            w.poll(c);
        }
        w.write(c, Bc::new().send(call(u64::from(h))));
        assert_eq!(w.ioctl_at(c, BINDER_FREEZE, at), None);
        w.kill(s.open);
        assert_eq!(w.was_woken(c), polls);
        if polls {
            assert_eq!(w.resume_result(c, Resumption::Woken), None, "it waits on");
        }
        assert_eq!(w.resume_result(c, Resumption::Interrupted), Some(Ok(0)));
        assert_eq!(w.read(c), "N TC DEAD");
        w.finish();
    }
}

#[test]
fn who_waits_to_freeze_a_process_is_not_told_that_a_thread_left_in_a_call() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let f = w.third();
    let at = patient_freeze(&mut w, f, s);
    w.block(c, Bc::new().send(call(u64::from(h))));
    w.read(s);
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    w.exit_thread(s);
    assert_eq!(w.answer(c), "N TC DEAD");
    assert!(!w.was_woken(f));
    // When it looks again, nothing is outstanding.
    w.fake.now += 50;
    assert_eq!(w.resume_result(f, Resumption::TimedOut), Some(Ok(0)));
    w.finish();
}

#[test]
fn a_freeze_of_a_process_that_was_thawed_waits_on_when_its_thread_is_woken_as_one_that_polls() {
    let mut w = World::new();
    let (c, s, h) = pair(&mut w);
    let f = s.open.thread(1);
    w.settle(f);
    w.poll(f);
    let at = patient_freeze(&mut w, f, s);
    w.block(c, Bc::new().send(call(u64::from(h))));
    w.read(s);
    assert_eq!(w.ioctl_at(f, BINDER_FREEZE, at), None);
    w.freeze(c.open.thread(1), s.open, 0).expect("it is thawed");
    assert_eq!(
        w.run(s, Bc::new().send(reply().binder(0x30, 0x31))),
        "N INCREFS ACQUIRE TC"
    );
    let got = w.answer(c);
    assert_eq!(got, "N TC REPLY");
    w.write(s, Bc::new().increfs_done(0x30, 0x31).acquire_done(0x30, 0x31));
    assert!(!w.was_woken(f));
    // That nobody refers to the node any more is for any thread of its owner.
    w.write(c, Bc::new().free(got.reply().buffer));
    assert!(w.was_woken(f));
    assert_eq!(w.resume_result(f, Resumption::Woken), None, "it waits on");
    w.fake.now += 50;
    assert_eq!(w.resume_result(f, Resumption::TimedOut), Some(Ok(0)));
    w.finish();
}

#[test]
fn the_kernels_own_process_cannot_be_frozen() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let kernel = w.open(0, Context::Binder);
    assert_eq!(w.freeze(c, kernel, 1), Err(Errno::EINVAL));
    assert_eq!(w.freeze(c, kernel, 0), Err(Errno::EINVAL));
    let asked = w.ioctl(c, BINDER_GET_FROZEN_INFO, &FrozenStatusInfo::default());
    assert_eq!(asked.map(|info| info.pid), Err(Errno::EINVAL));
    w.kill(kernel);
    w.finish();
}
