//! One-way calls: order, room, spam.

use crate::harness::{Bc, World, call};
use abi::binder::ioctl::BINDER_ENABLE_ONEWAY_SPAM_DETECTION;

#[test]
fn oneway_calls_to_a_node_are_handled_one_after_the_other() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let other = m.open.thread(1);
    w.settle(other);
    for code in 1..=3 {
        w.run(c, Bc::new().send(call(0).oneway().code(code)));
    }
    w.write(c, Bc::new().send(call(0).code(9)));
    let first = w.read(m);
    assert_eq!((first.call().code, first.call().sender_pid), (1, 0));
    assert_eq!(w.read(m).call().code, 9, "a later synchronous call overtakes");
    w.write(m, Bc::new().free(first.call().buffer));
    let second = w.read(other);
    assert_eq!(second.call().code, 2);
    let third = w.run(other, Bc::new().free(second.call().buffer));
    assert_eq!(third.call().code, 3);
    w.finish();
}

#[test]
fn a_second_oneway_call_is_not_given_to_a_waiting_thread() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let threads = [1, 2].map(|number| m.open.thread(number));
    for thread in threads {
        w.settle(thread);
        w.block(thread, Bc::new().enter());
    }
    w.run(c, Bc::new().send(call(0).oneway()).send(call(0).oneway()));
    let first = w.answer(threads[1]);
    w.assert_blocked(threads[0]);
    w.write(threads[1], Bc::new().free(first.call().buffer));
    assert_eq!(w.answer(threads[0]), "N TXN");
    w.finish();
}

#[test]
fn oneway_calls_to_two_nodes_do_not_wait_for_each_other() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let one = w.share(m, s, c, 0x100, 0x10);
    let two = w.share(m, s, c, 0x100, 0x20);
    for handle in [one, one, two] {
        w.run(c, Bc::new().send(call(u64::from(handle)).oneway()));
    }
    assert_eq!(w.read(s).call().target, 0x10);
    assert_eq!(w.read(s).call().target, 0x20);
    w.block(s, Bc::new());
    w.finish();
}

#[test]
fn oneway_calls_fill_half_of_a_region_at_most() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let oneway = |size| Bc::new().send(call(0).oneway().zeros(size));
    assert_eq!(w.run(c, oneway((512 << 10) + 8)), "N FAILED");
    assert_eq!(w.extended_error(c).param, -28);
    assert_eq!(w.run(c, oneway(512 << 10)), "N TC");
    assert_eq!(w.run(c, oneway(0)), "N FAILED");
    assert_eq!(w.extended_error(c).param, -28);
    assert_eq!(w.peek(c, Bc::new().send(call(0).zeros(512 << 10))), "EAGAIN");
    let s = w.third();
    assert_eq!(w.run(s, Bc::new().send(call(0))), "N FAILED");
    assert_eq!(w.extended_error(s).param, -28);
    w.finish();
}

#[test]
fn a_sender_that_floods_a_receiver_hears_of_it_if_it_asked() {
    for asks in [0_u32, 1] {
        let mut w = World::new();
        let (m, c) = w.manager_and_client();
        w.ioctl(c, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &asks)
            .expect("a switch");
        let oneway = |size| Bc::new().send(call(0).oneway().zeros(size));
        for _ in 0..4 {
            assert_eq!(w.run(c, oneway(100 << 10)), "N TC");
        }
        let fifth = w.run(c, oneway(100 << 10));
        assert_eq!(fifth, if asks == 1 { "N SPAM_SUSPECT" } else { "N TC" });
        assert_eq!(w.run(c, oneway(8)), "N TC");
        let first = w.read(m).call().buffer;
        let second = w.run(m, Bc::new().free(first)).call().buffer;
        w.write(m, Bc::new().free(second));
        let answers = [0; 3].map(|_| w.run(c, oneway(90 << 10)).text());
        let suspect = if asks == 1 { "N SPAM_SUSPECT" } else { "N TC" };
        assert_eq!(answers, ["N TC", suspect, "N FAILED"]);
        w.finish();
    }
}

#[test]
fn the_fifty_second_small_call_is_suspect_when_room_is_low() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let s = w.third();
    w.run(s, Bc::new().send(call(0).oneway().zeros(430_000)));
    w.ioctl(c, BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &1_u32)
        .expect("a switch");
    for number in 1..=53 {
        let answer = w.run(c, Bc::new().send(call(0).oneway().zeros(8)));
        let expected = if number == 52 { "N SPAM_SUSPECT" } else { "N TC" };
        assert_eq!(answer, expected, "call {number}");
    }
    w.finish();
}

#[test]
fn nobody_hears_of_oneway_calls_that_die_with_their_receiver() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(
        c,
        Bc::new()
            .send(call(0).oneway())
            .send(call(0).oneway())
            .send(call(0).oneway()),
    );
    w.kill(m.open);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.finish();
}
