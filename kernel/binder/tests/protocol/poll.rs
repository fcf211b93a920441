//! Readiness.

use crate::harness::{Bc, World, call, reply};

#[test]
fn polling_threads_are_woken_by_a_call() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let other = m.open.thread(1);
    w.settle(other);
    assert!(!w.poll(m) && !w.poll(other));
    w.write(c, Bc::new().send(call(0)));
    assert!(w.was_woken(m) && w.was_woken(other));
    assert!(w.poll(m) && w.poll(other));
    assert_eq!(w.peek(m, Bc::new()), "N TXN");
    assert_eq!(w.peek(other, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn a_thread_in_a_call_is_not_readable_for_others_work() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    w.write(s, Bc::new().send(call(0)));
    assert!(!w.poll(m));
    w.finish();
}

#[test]
fn a_threads_own_reply_makes_its_poll_readable() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert!(!w.poll(m));
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    assert!(!w.was_woken(m));
    w.write(m, Bc::new().send(reply()));
    assert!(w.was_woken(m));
    assert!(w.poll(m));
    assert_eq!(w.read(m), "N TC");
    w.finish();
}
