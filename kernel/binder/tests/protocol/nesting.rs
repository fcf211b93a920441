//! Calls inside calls, and which thread is chosen.

use crate::harness::{Bc, World, call, reply};
use binder_driver::Context;

#[test]
fn a_call_back_goes_to_the_thread_that_waits() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let looper = c.open.thread(1);
    w.settle(looper);
    w.block(looper, Bc::new().enter());
    w.block(c, Bc::new().send(call(0).binder(0x10, 1)));
    assert_eq!(w.read(m), "N TXN");
    // Handle 1 is the client's node.
    w.block(m, Bc::new().send(call(1).code(5)));
    w.assert_blocked(looper);
    let nested = w.answer(c);
    assert_eq!(nested, "N INCREFS ACQUIRE TC TXN");
    assert_eq!(nested.call().target, 0x10);
    // Inside, the client calls the manager again: the same waiting thread gets it.
    w.block(c, Bc::new().send(call(0).code(6)));
    let inner = w.answer(m);
    assert_eq!(inner, "N TC TXN");
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.answer(c), "N TC REPLY");
    assert_eq!(w.run(c, Bc::new().send(reply())), "N TC");
    assert_eq!(w.read(m), "N REPLY");
    assert_eq!(w.run(m, Bc::new().send(reply())), "N TC");
    assert_eq!(w.read(c), "N REPLY");
    w.finish();
}

#[test]
fn a_oneway_call_back_goes_to_an_idle_thread() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let looper = c.open.thread(1);
    w.settle(looper);
    w.block(looper, Bc::new().enter());
    w.block(c, Bc::new().send(call(0).binder(0x10, 1)));
    w.read(m);
    assert_eq!(w.run(m, Bc::new().send(call(1).oneway())), "N TC");
    w.assert_blocked(c);
    assert_eq!(w.answer(looper), "N TXN");
    w.finish();
}

#[test]
fn a_chain_through_three_processes_finds_its_way_back() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let idle_client = c.open.thread(1);
    let idle_manager = m.open.thread(1);
    let on_s = w.share(m, s, m, 0x100, 0x20);
    let on_c = w.share(m, c, s, 0x100, 0x30);
    for thread in [idle_client, idle_manager] {
        w.settle(thread);
        w.block(thread, Bc::new().enter());
    }
    w.block(c, Bc::new().send(call(0)));
    let buffer = w.answer(idle_manager).call().buffer;
    w.block(idle_manager, Bc::new().free(buffer).send(call(u64::from(on_s))));
    assert_eq!(w.read(s), "N TXN");
    // To the client: its waiting thread gets it, not the idle one.
    w.block(s, Bc::new().send(call(u64::from(on_c))));
    w.assert_blocked(idle_client);
    assert_eq!(w.answer(c), "N TC TXN");
    assert_eq!(w.run(c, Bc::new().send(reply())), "N TC");
    assert_eq!(w.answer(s), "N TC REPLY");
    // To the manager: the same.
    w.block(s, Bc::new().send(call(0)));
    assert_eq!(w.answer(idle_manager), "N TC TXN");
    w.finish();
}

#[test]
fn the_thread_that_began_to_wait_last_serves_first() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let threads = [1, 2, 3].map(|number| m.open.thread(number));
    for thread in threads {
        w.settle(thread);
        w.block(thread, Bc::new().enter());
    }
    w.block(c, Bc::new().send(call(0)));
    assert_eq!(w.answer(threads[2]), "N TXN");
    w.assert_blocked(threads[0]);
    w.assert_blocked(threads[1]);
    let s = w.third();
    w.block(s, Bc::new().send(call(0)));
    assert_eq!(w.answer(threads[1]), "N TXN");
    w.finish();
}

#[test]
fn one_thread_may_play_both_sides_of_two_opens() {
    let mut w = World::new();
    let (m, _) = w.manager_and_client();
    let first = w.third();
    let second = w.open(first.open.pid, Context::Binder);
    w.map(second, 1 << 20);
    let second = second.thread(0);
    w.settle(second);
    let handle = w.share(m, first, second, 0x100, 0x10);
    assert_eq!(w.peek(second, Bc::new().send(call(u64::from(handle)))), "EAGAIN");
    assert_eq!(w.peek(first, Bc::new()), "N TXN");
    assert_eq!(w.peek(first, Bc::new().send(reply())), "N TC");
    assert_eq!(w.peek(second, Bc::new()), "N TC REPLY");
    w.finish();
}

#[test]
fn a_proc_cannot_call_its_own_node() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let handle = w.share(m, c, m, 0x100, 0x10);
    // A handle back to the owner is a node, not a handle.
    w.run(m, Bc::new().send(call(u64::from(handle)).oneway()));
    assert_eq!(w.read(c), "N TXN");
    assert_eq!(w.run(c, Bc::new().send(call(1))), "N FAILED");
    w.finish();
}
