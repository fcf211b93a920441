//! The pool of threads: when the driver asks for one more.

use crate::harness::{Bc, Thread, World, call};

/// The manager, with a pool of two, and a client that has sent so many calls.
fn pool(w: &mut World, max: u32, calls: usize) -> Thread {
    let (m, c) = w.manager_and_client();
    w.set_max_threads(m, max);
    for _ in 0..calls {
        w.write(c, Bc::new().send(call(0)));
        w.exit_thread(c);
    }
    m
}

#[test]
fn a_busy_pool_is_asked_for_one_thread_at_a_time() {
    let mut w = World::new();
    let m = pool(&mut w, 2, 5);
    assert_eq!(w.read(m), "SPAWN TXN");
    let [first, second] = [1, 2].map(|number| m.open.thread(number));
    assert_eq!(
        w.run(first, Bc::new().enter()),
        "N TXN",
        "one is asked for already"
    );
    w.settle(second);
    assert_eq!(w.run(second, Bc::new().register()), "SPAWN TXN");
    let third = m.open.thread(3);
    assert_eq!(w.run(third, Bc::new().register()), "N TXN", "two have come");
    w.exit_thread(second);
    let fourth = m.open.thread(4);
    assert_eq!(
        w.run(fourth, Bc::new().enter()),
        "N TXN",
        "an exit gives no place back"
    );
    w.finish();
}

#[test]
fn who_is_not_in_the_pool_is_not_asked() {
    let mut w = World::new();
    let m = pool(&mut w, 2, 1);
    let outside = m.open.thread(1);
    w.settle(outside);
    assert_eq!(w.read(outside), "N TXN");
    w.finish();
}

#[test]
fn no_thread_is_asked_for_while_another_waits() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let [first, second] = [1, 2].map(|number| m.open.thread(number));
    for thread in [first, second] {
        w.settle(thread);
        w.block(thread, Bc::new().enter());
    }
    w.set_max_threads(m, 2);
    w.write(c, Bc::new().send(call(0)));
    assert_eq!(w.answer(second), "N TXN");
    w.finish();
}

#[test]
fn mixed_up_commands_only_show_in_the_debug_file() {
    let mut w = World::new();
    let (m, _) = w.manager_and_client();
    let other = m.open.thread(1);
    w.write(other, Bc::new().register());
    w.write(m, Bc::new().register());
    let state = crate::debug::text(&w, binder_driver::DebugFile::State);
    assert!(state.contains(&format!("  thread {}: l 09 need_return 0 tr 0", other.task)));
    assert!(state.contains(&format!("  thread {}: l 0b need_return 0 tr 0", m.task)));
    w.finish();
}
