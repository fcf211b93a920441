//! Wrong objects: each fails the call with its errno and leaves nothing behind.

use crate::harness::{Bc, Data, Patch, Thread, World, call, reply};
use abi::binder::object::{BINDER_TYPE_BINDER, FlatBinderObject};
use zerocopy::IntoBytes;

/// The errno that a call fails with.
#[track_caller]
fn failure(w: &mut World, c: Thread, data: Data) -> i32 {
    let before = w.objects();
    assert_eq!(w.run(c, Bc::new().send(data.oneway())), "N FAILED");
    assert_eq!(w.objects(), before, "nothing is left behind");
    w.extended_error(c).param
}

fn node() -> Vec<u8> {
    let object = FlatBinderObject {
        kind: BINDER_TYPE_BINDER,
        flags: 0,
        binder: 0x10,
        cookie: 1,
    };
    object.as_bytes().to_vec()
}

fn with_node() -> Data {
    call(0).bytes(&node())
}

#[test]
fn offsets_must_lie_on_whole_aligned_objects() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    assert_eq!(failure(&mut w, c, with_node().offset(24)), -22, "at the end");
    assert_eq!(failure(&mut w, c, with_node().offset(32)), -14, "behind the end");
    assert_eq!(
        failure(&mut w, c, with_node().offset(20)),
        -22,
        "four bytes of one"
    );
    assert_eq!(
        failure(&mut w, c, with_node().patch(Patch::DataSize(16)).offset(0)),
        -22,
        "a part of one"
    );
    let shifted = call(0).zeros(2).bytes(&node()).offset(2);
    assert_eq!(failure(&mut w, c, shifted), -22, "unaligned");
    assert_eq!(failure(&mut w, c, with_node().offset(4)), -22, "junk");
    assert_eq!(failure(&mut w, c, call(0).zeros(24).offset(0)), -22, "no type");
    for offset in [u64::MAX, u64::MAX - 3] {
        assert_eq!(failure(&mut w, c, with_node().offset(offset)), -14);
    }
    w.finish();
}

#[test]
fn offsets_must_ascend_without_overlap() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let two = || call(0).bytes(&node()).bytes(&node());
    assert_eq!(failure(&mut w, c, two().offset(0).offset(0)), -14, "twice");
    assert_eq!(failure(&mut w, c, two().offset(0).offset(8)), -14, "overlapping");
    assert_eq!(failure(&mut w, c, two().offset(24).offset(0)), -14, "descending");
    let good = Bc::new().send(two().offset(0).offset(24).oneway());
    assert_eq!(w.run(c, good), "N INCREFS ACQUIRE TC");
    w.finish();
}

#[test]
fn sizes_must_be_possible() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    for size in [4, 12] {
        let data = with_node().offset(0).offset(0);
        assert_eq!(failure(&mut w, c, data.patch(Patch::OffsetsSize(size))), -22);
    }
    let huge = u64::MAX - 7;
    assert_eq!(
        failure(&mut w, c, with_node().patch(Patch::OffsetsSize(huge))),
        -22
    );
    assert_eq!(failure(&mut w, c, call(0).patch(Patch::DataSize(u64::MAX))), -22);
    assert_eq!(failure(&mut w, c, call(0).patch(Patch::DataSize(2 << 20))), -28);
    w.finish();
}

#[test]
fn pointers_must_be_readable() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let bad = |data: Data| data.patch(Patch::DataPointer(8));
    assert_eq!(failure(&mut w, c, bad(call(0).zeros(8))), -14);
    assert_eq!(
        failure(&mut w, c, bad(with_node().offset(0))),
        -22,
        "an object first"
    );
    let data = with_node().offset(0).patch(Patch::OffsetsPointer(8));
    assert_eq!(failure(&mut w, c, data), -14);
    w.finish();
}

#[test]
fn an_unknown_handle_takes_back_what_came_before_it() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let data = call(0).binder(0x10, 1).handle(9);
    assert_eq!(failure(&mut w, c, data), -22);
    w.finish();
}

#[test]
fn an_offset_behind_the_data_copies_nothing() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let data = call(0).bytes(&node()).zeros(64).patch(Patch::DataSize(24));
    assert_eq!(failure(&mut w, c, data.offset(0).offset(48)), -14);
    assert_eq!(w.peek(m, Bc::new()), "EAGAIN", "nothing is delivered");
    w.finish();
}

#[test]
fn gaps_between_objects_are_copied_as_they_are() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let data = call(0)
        .bytes(b"head")
        .binder(0x10, 1)
        .bytes(b"middle..")
        .binder(0x20, 1)
        .bytes(b"tail");
    w.run(c, Bc::new().send(data.oneway()));
    let got = w.read(m).call();
    let bytes = w.received(m.open, got.buffer, got.data_size);
    assert_eq!(
        (&bytes[..4], &bytes[28..36], &bytes[60..]),
        (&b"head"[..], &b"middle.."[..], &b"tail"[..])
    );
    let offsets = w.received(m.open, got.offsets, 16);
    assert_eq!((offsets[0], offsets[8]), (4, 36));
    w.finish();
}

#[test]
fn many_objects_travel_in_one_call() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let mut data = call(0);
    for ptr in 1..=100 {
        data = data.binder(ptr * 16, 0);
    }
    w.write(c, Bc::new().send(data.oneway()));
    let got = w.read(m).call();
    assert_eq!(got.offsets_size, 800);
    assert_eq!(w.objects().refs, 100);
    w.write(m, Bc::new().free(got.buffer));
    assert_eq!(w.objects().refs, 0);
    w.finish();
}

#[test]
fn a_message_without_data_may_claim_to_lie_anywhere() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let nowhere = call(0).patch(Patch::DataPointer(u64::MAX - 7));
    w.block(c, Bc::new().send(nowhere));
    let got = w.read(m);
    assert_eq!((got.call().data_size, got.call().offsets_size), (0, 0));
    let answer = reply().patch(Patch::DataPointer(8));
    assert_eq!(w.run(m, Bc::new().free(got.call().buffer).send(answer)), "N TC");
    assert_eq!(w.answer(c), "N TC REPLY");
}

/// A driver of 2026 read offsets a second time, from where they could have changed since they were checked.
#[test]
fn offsets_are_read_once() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let letter = call(0).oneway().binder(0x10, 0x20).zeros(8).binder(0x30, 0x40);
    let at = w.place(c, &[0, 32].map(u64::to_le_bytes).concat());
    w.fake.reads = Some(Vec::new());
    let offsets = Patch::OffsetsPointer(at);
    assert_eq!(
        w.run(c, Bc::new().send(letter.patch(offsets))),
        "N INCREFS ACQUIRE INCREFS ACQUIRE TC"
    );
    for byte in at..at + 16 {
        let reads = w.fake.reads.iter().flatten();
        assert_eq!(reads.filter(|read| read.contains(&byte)).count(), 1);
    }
    w.read(m);
    w.finish();
}
