//! Nodes, handles and their counts.

use crate::harness::{Bc, Data, Thread, World, call, reply};
use abi::binder::object::{
    BINDER_TYPE_BINDER, BINDER_TYPE_HANDLE, BINDER_TYPE_WEAK_HANDLE, FlatBinderObject,
};
use zerocopy::FromBytes;

/// The object at the start of a received call.
fn object(w: &World, reader: Thread, buffer: u64, index: u64) -> FlatBinderObject {
    let bytes = w.received(reader.open, buffer + index * 24, 24);
    FlatBinderObject::read_from_bytes(&bytes).expect("an object")
}

fn oneway(data: Data) -> Bc {
    Bc::new().send(data.oneway())
}

#[test]
fn a_node_sent_is_a_handle_received() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.run(c, oneway(call(0).binder(0x10, 1))), "N INCREFS ACQUIRE TC");
    let got = w.read(m).call();
    let object = object(&w, m, got.buffer, 0);
    let expected = FlatBinderObject {
        kind: BINDER_TYPE_HANDLE,
        flags: 0x17f,
        binder: 1,
        cookie: 0,
    };
    assert_eq!(object, expected);
    w.finish();
}

#[test]
fn the_owner_hears_of_references_with_its_next_returns() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0).binder(0x10, 1)));
    w.read(m);
    w.write(m, Bc::new().acquire(1).send(reply()));
    let answer = w.answer(c);
    assert_eq!(answer, "N INCREFS ACQUIRE TC REPLY");
    assert_eq!(answer.item("ACQUIRE").name_of_node(), (0x10, 1));
    w.finish();
}

#[test]
fn a_reference_that_came_and_went_is_never_mentioned() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0).binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().free(buffer).send(reply()));
    assert_eq!(w.answer(c), "N TC REPLY");
    assert_eq!(w.counts().nodes, 1, "the manager's");
    w.finish();
}

#[test]
fn the_last_reference_is_told_after_the_acknowledgements() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, oneway(call(0).binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().acquire(1).free(buffer));
    w.write(c, Bc::new().increfs_done(0x10, 1).acquire_done(0x10, 1));
    w.write(m, Bc::new().release(1));
    assert_eq!(w.read(c), "N RELEASE DECREFS");
    w.run(c, oneway(call(0).binder(0x20, 1)));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().free(buffer));
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.write(c, Bc::new().increfs_done(0x20, 1).acquire_done(0x20, 1));
    assert_eq!(w.read(c), "N RELEASE DECREFS");
    w.finish();
}

#[test]
fn weak_references_keep_the_name_alone() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, oneway(call(0).binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().increfs(1).free(buffer));
    w.write(c, Bc::new().increfs_done(0x10, 1).acquire_done(0x10, 1));
    assert_eq!(w.read(c), "N RELEASE");
    w.write(m, Bc::new().decrefs(1));
    assert_eq!(w.read(c), "N DECREFS");
    w.finish();
}

#[test]
fn a_weak_handle_neither_calls_nor_becomes_strong() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.run(c, oneway(call(0).weak_binder(0x10, 1))), "N INCREFS TC");
    let buffer = w.read(m).call().buffer;
    let received = object(&w, m, buffer, 0);
    assert_eq!((received.kind, received.binder), (BINDER_TYPE_WEAK_HANDLE, 1));
    w.write(m, Bc::new().increfs(1).acquire(1).free(buffer));
    assert_eq!(w.run(m, oneway(call(1))), "N FAILED");
    assert_eq!(w.extended_error(m).param, -22);
    w.write(m, Bc::new().release(1).release(1).decrefs(1).decrefs(1));
    assert_eq!(w.counts().refs, 0);
    w.finish();
}

#[test]
fn a_node_keeps_its_first_cookie() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.run(c, oneway(call(0).binder(0x10, 1)));
    let before = w.objects();
    assert_eq!(w.run(c, oneway(call(0).binder(0x10, 2))), "N FAILED");
    assert_eq!(w.extended_error(c).param, -22);
    assert_eq!(w.objects(), before);
    w.finish();
}

#[test]
fn freed_numbers_are_given_again_from_the_lowest() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let send = |w: &mut World, ptr| {
        w.run(c, oneway(call(0).binder(ptr, 0)));
        let buffer = w.read(m).call().buffer;
        let handle = object(w, m, buffer, 0).binder as u32;
        w.write(m, Bc::new().acquire(handle).free(buffer));
        handle
    };
    let handles: Vec<_> = (1..=1000).map(|ptr| send(&mut w, ptr)).collect();
    assert_eq!(handles, (1..=1000).collect::<Vec<_>>());
    w.write(m, Bc::new().release(2));
    assert_eq!(send(&mut w, 2000), 2);
    for handle in 1..=1000 {
        w.write(m, Bc::new().release(handle));
    }
    assert_eq!(w.counts().refs, 0);
    assert_eq!(send(&mut w, 3000), 1);
    assert_eq!(send(&mut w, 3001), 2);
    w.finish();
}

#[test]
fn a_handle_sent_to_its_owner_is_the_node() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let handle = w.share(m, c, m, 0x100, 0x10);
    let s = w.share(m, c, m, 0x100, 0x20);
    w.run(m, oneway(call(u64::from(s)).handle(u64::from(handle))));
    let buffer = w.read(c).call().buffer;
    let received = object(&w, c, buffer, 0);
    assert_eq!(
        (received.kind, received.binder, received.cookie),
        (BINDER_TYPE_BINDER, 0x10, 0x11)
    );
    w.write(m, Bc::new().release(handle));
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN", "the buffer holds it");
    w.write(c, Bc::new().free(buffer));
    assert_eq!(w.read(c), "N RELEASE DECREFS");
    w.finish();
}

#[test]
fn one_node_sent_three_times_is_one_handle() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let thrice = call(0).binder(0x10, 1).weak_binder(0x10, 1).binder(0x10, 1);
    w.run(c, oneway(thrice));
    let buffer = w.read(m).call().buffer;
    let handles = [0, 1, 2].map(|index| object(&w, m, buffer, index).binder);
    assert_eq!(handles, [1, 1, 1]);
    assert_eq!(w.counts().refs, 1);
    w.write(m, Bc::new().free(buffer));
    assert_eq!(w.counts().refs, 0);
    w.finish();
}

#[test]
fn acknowledgements_that_are_not_due_are_ignored() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, oneway(call(0).binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().acquire(1).free(buffer));
    let done = Bc::new().increfs_done(0x10, 1).acquire_done(0x10, 1);
    w.write(c, Bc::new().increfs_done(0x10, 9).acquire_done(0x99, 1));
    w.write(c, done.clone());
    w.write(c, done);
    assert_eq!(w.peek(c, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn a_handle_passed_on_is_not_told_to_the_owner_again() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let a = w.third();
    let on_c = w.share(m, c, m, 0x100, 0x30);
    w.run(a, oneway(call(0).binder(0x10, 1)));
    let buffer = w.read(m).call().buffer;
    w.run(
        m,
        oneway(call(u64::from(on_c)).handle(object(&w, m, buffer, 0).binder)),
    );
    let got = w.read(c).call().buffer;
    assert_eq!(object(&w, c, got, 0).binder, 1, "the client's own number");
    assert_eq!(w.peek(a, Bc::new()), "EAGAIN");
    w.finish();
}

#[test]
fn node_work_stops_where_the_room_ends() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.write(c, oneway(call(0).binder(0x10, 1)));
    w.write(c, oneway(call(0).binder(0x20, 1)));
    assert_eq!(w.read_sized(c, 84), "N INCREFS ACQUIRE");
    assert_eq!(w.read_sized(c, 104), "N TC INCREFS ACQUIRE");
    assert_eq!(w.read(c), "N TC");
    w.finish();
}

#[test]
fn handle_zero_travels_only_when_it_is_held() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.run(c, oneway(call(0).handle(0))), "N FAILED");
    assert_eq!(w.extended_error(c).param, -22);
    w.write(c, Bc::new().acquire(0));
    assert_eq!(w.run(c, oneway(call(0).handle(0))), "N TC");
    let buffer = w.read(m).call().buffer;
    let received = object(&w, m, buffer, 0);
    assert_eq!((received.kind, received.binder), (BINDER_TYPE_BINDER, 0));
    w.finish();
}
