//! Death notifications.

use crate::harness::{Bc, Thread, World, call, reply};

/// A manager, a client, and a server on whose node the client holds a handle.
fn watched(w: &mut World) -> (Thread, Thread, Thread, u32) {
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, c, 0x100, 0x10);
    (m, c, s, handle)
}

#[test]
fn a_registration_is_made_once_and_withdrawn_by_its_cookie() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5).request_death(h, 6));
    w.write(c, Bc::new().clear_death(h, 6));
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    let answer = w.run(c, Bc::new().clear_death(h, 5));
    assert_eq!(answer, "N CLEAR_DONE");
    assert_eq!(answer.item("CLEAR_DONE").cookie(), 5);
    w.kill(s.open);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn death_is_told_and_withdrawing_waits_for_the_acknowledgement() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5));
    w.block(c, Bc::new());
    w.kill(s.open);
    let told = w.answer(c);
    assert_eq!(told, "N DEAD_BINDER");
    assert_eq!(told.item("DEAD_BINDER").cookie(), 5);
    assert_eq!(w.peek(c, Bc::new().clear_death(h, 5)), "EAGAIN");
    assert_eq!(w.run(c, Bc::new().dead_done(5)), "N CLEAR_DONE");
    w.finish();
}

#[test]
fn who_asks_about_a_dead_node_hears_at_once() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.kill(s.open);
    assert_eq!(w.run(c, Bc::new().request_death(h, 5)), "N DEAD_BINDER");
    w.finish();
}

#[test]
fn withdrawing_a_queued_notification_still_delivers_it() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5));
    w.kill(s.open);
    assert_eq!(w.run(c, Bc::new().clear_death(h, 5)), "N DEAD_BINDER");
    assert_eq!(w.run(c, Bc::new().dead_done(5)), "N CLEAR_DONE");
    w.finish();
}

#[test]
fn the_last_count_takes_the_registration_with_it() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5).release(h));
    assert_eq!(w.counts().deaths, 0);
    w.kill(s.open);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn one_death_is_told_per_read_in_the_order_of_the_owners_pointers() {
    let mut w = World::new();
    let (m, c, s, high) = watched(&mut w);
    let low = w.share(m, s, c, 0x100, 0x8);
    w.write(c, Bc::new().request_death(high, 1).request_death(low, 2));
    w.kill(s.open);
    assert_eq!(w.read(c).item("DEAD_BINDER").cookie(), 2);
    assert_eq!(w.read(c).item("DEAD_BINDER").cookie(), 1);
    // No acknowledgement is ever sent: later deaths are told all the same.
    let t = w.third();
    let other = w.share(m, t, c, 0x100, 0x10);
    w.write(c, Bc::new().request_death(other, 3));
    w.kill(t.open);
    assert_eq!(w.read(c).item("DEAD_BINDER").cookie(), 3);
    w.finish();
}

#[test]
fn a_looper_reads_the_confirmation_in_the_same_ioctl() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().enter().request_death(h, 5));
    w.kill(s.open);
    w.read(c);
    assert_eq!(w.run(c, Bc::new().dead_done(5).clear_death(h, 5)), "N CLEAR_DONE");
    w.write(c, Bc::new().request_death(h, 7));
    assert_eq!(w.read(c), "N DEAD_BINDER");
    assert_eq!(w.run(c, Bc::new().clear_death(h, 7).dead_done(7)), "N CLEAR_DONE");
    w.finish();
}

#[test]
fn a_registration_stays_set_after_it_was_acknowledged() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5));
    w.kill(s.open);
    w.read(c);
    assert_eq!(w.peek(c, Bc::new().dead_done(5).request_death(h, 6)), "EAGAIN");
    assert_eq!(w.run(c, Bc::new().clear_death(h, 5)), "N CLEAR_DONE");
    w.finish();
}

#[test]
fn a_thread_inside_a_call_hears_of_deaths_afterwards() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, m, 0x100, 0x10);
    w.write(m, Bc::new().request_death(handle, 5));
    w.write(c, Bc::new().send(call(0)));
    w.read(m);
    w.kill(s.open);
    let t = w.third();
    w.write(t, Bc::new().send(call(0)));
    assert_eq!(w.peek(m, Bc::new()), "EAGAIN");
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.read(m), "N DEAD_BINDER");
    assert_eq!(w.read(m), "N TXN");
    w.finish();
}

#[test]
fn watching_works_on_weak_handles_and_on_a_held_zero() {
    let mut w = World::new();
    let (m, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().increfs(h).release(h).request_death(h, 5));
    w.write(c, Bc::new().request_death(0, 6));
    w.write(c, Bc::new().acquire(0).request_death(0, 7));
    assert_eq!(w.counts().deaths, 2);
    w.kill(s.open);
    assert_eq!(w.read(c).item("DEAD_BINDER").cookie(), 5);
    w.kill(m.open);
    assert_eq!(w.read(c).item("DEAD_BINDER").cookie(), 7);
    w.finish();
}

#[test]
fn a_dead_handle_cannot_be_called_but_passed_on() {
    let mut w = World::new();
    let (m, c, s, h) = watched(&mut w);
    w.kill(s.open);
    for data in [call(u64::from(h)), call(u64::from(h)).oneway()] {
        assert_eq!(w.run(c, Bc::new().send(data)), "N DEAD");
        assert_eq!(w.extended_error(c).param, -22);
    }
    w.run(c, Bc::new().send(call(0).oneway().handle(u64::from(h))));
    w.read(m);
    assert_eq!(w.run(m, Bc::new().request_death(1, 9)), "N DEAD_BINDER");
    w.finish();
}

#[test]
fn many_commands_in_one_write_are_answered_in_order() {
    let mut w = World::new();
    let (m, c, s, h) = watched(&mut w);
    let other = w.share(m, s, c, 0x100, 0x20);
    let commands = Bc::new()
        .enter()
        .request_death(h, 1)
        .request_death(other, 2)
        .clear_death(h, 1)
        .send(call(0).oneway())
        .send(call(0).oneway());
    assert_eq!(w.run(c, commands), "N CLEAR_DONE TC TC");
    w.finish();
}

#[test]
fn the_kernel_may_announce_a_death_while_the_node_lives_on() {
    let mut w = World::new();
    let (_, c, s, h) = watched(&mut w);
    w.write(c, Bc::new().request_death(h, 5));
    let effects = w.driver.announce_death(s.open.proc, 0x10);
    assert!(effects.rest.is_empty());
    assert_eq!(w.read(c), "N DEAD_BINDER");
    assert_eq!(w.run(c, Bc::new().send(call(u64::from(h)).oneway())), "N TC");
    w.write(c, Bc::new().dead_done(5));
    w.kill(s.open);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN", "it is not told twice");
    w.finish();
}
