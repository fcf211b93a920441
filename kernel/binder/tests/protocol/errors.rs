//! Errors: where a thread reads them among its other work.

use crate::harness::{Bc, Thread, World, call};

/// A client in the pool that watches what its handle names, and the manager.
fn watcher(w: &mut World) -> (Thread, Thread, u32) {
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, c, 0x100, 0x10);
    w.write(c, Bc::new().enter().request_death(handle, 5));
    (m, c, handle)
}

#[test]
fn an_error_is_read_behind_what_came_before_it() {
    let mut w = World::new();
    let (_, c, h) = watcher(&mut w);
    w.write(c, Bc::new().clear_death(h, 5).send(call(99)));
    assert_eq!(w.read(c), "N CLEAR_DONE FAILED");
    w.finish();
}

#[test]
fn an_error_is_read_before_what_comes_after_it() {
    let mut w = World::new();
    let (m, c, h) = watcher(&mut w);
    w.write(c, Bc::new().send(call(0)));
    w.kill(m.open);
    w.write(c, Bc::new().clear_death(h, 5));
    assert_eq!(w.read(c), "N TC DEAD CLEAR_DONE");
    w.finish();
}

#[test]
fn two_errors_are_read_in_the_order_in_which_they_came() {
    let mut w = World::new();
    let (m, c, h) = watcher(&mut w);
    w.write(c, Bc::new().send(call(0)));
    w.kill(m.open);
    w.write(c, Bc::new().send(call(99)));
    assert_eq!(w.write(c, Bc::new().clear_death(h, 5)).write_consumed, 0);
    assert_eq!(w.read(c), "N TC DEAD FAILED");
    assert_eq!(w.run(c, Bc::new().clear_death(h, 5)), "N CLEAR_DONE");
    w.finish();
}

#[test]
fn an_error_keeps_its_place_when_something_before_it_becomes_pointless() {
    let mut w = World::new();
    let (m, c, h) = watcher(&mut w);
    let t = w.third();
    let other = w.share(m, t, c, 0x100, 0x20);
    // The client has to hear that its node is referred to, until nobody does any more.
    w.write(
        c,
        Bc::new().send(call(u64::from(other)).oneway().binder(0x30, 0x31)),
    );
    w.write(c, Bc::new().send(call(0)));
    w.kill(m.open);
    w.write(c, Bc::new().clear_death(h, 5));
    w.kill(t.open);
    assert_eq!(w.read(c), "N TC TC DEAD CLEAR_DONE");
    w.finish();
}

#[test]
fn an_error_that_could_not_be_written_keeps_commands_back() {
    let mut w = World::new();
    let (_, c, h) = watcher(&mut w);
    w.write(c, Bc::new().send(call(99)));
    let mut write_read = w.prepare(c, &Bc::new(), 256);
    write_read.read_buffer = 0;
    write_read.read_consumed = 4;
    let answer = w.write_read(c, write_read, binder_driver::Blocking::Allowed);
    assert_eq!(answer.expect("it returns"), "EFAULT");
    assert_eq!(w.write(c, Bc::new().clear_death(h, 5)).write_consumed, 0);
    w.finish();
}
