//! Scattered buffers, their parents, and arrays of descriptors in them.

use crate::harness::{Bc, Data, Thread, World, call};
use abi::binder::TransactionData;
use abi::binder::object::{
    BINDER_BUFFER_FLAG_HAS_PARENT, BINDER_TYPE_FDA, BINDER_TYPE_PTR, BufferObject, FdArrayObject,
};
use binder_driver::Pid;
use zerocopy::FromBytes;

/// A client with a handle on a node of a server that accepts files.
fn server(w: &mut World) -> (Thread, Thread, u64) {
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, c, 0x100, 0x10);
    for number in [5, 6] {
        let process = w.fake.processes.get_mut(&Pid(c.open.pid)).expect("a process");
        process.descriptors.insert(number, format!("file {number}"));
    }
    (c, s, u64::from(handle))
}

/// A scattered buffer.
fn buffer(buffer: u64, length: u64) -> BufferObject {
    BufferObject {
        kind: BINDER_TYPE_PTR,
        flags: 0,
        buffer,
        length,
        parent: 0,
        parent_offset: 0,
    }
}

fn child(pointer: u64, length: u64, parent: u64, parent_offset: u64) -> BufferObject {
    BufferObject {
        flags: BINDER_BUFFER_FLAG_HAS_PARENT,
        parent,
        parent_offset,
        ..buffer(pointer, length)
    }
}

fn array(num_fds: u64, parent: u64, parent_offset: u64) -> FdArrayObject {
    FdArrayObject {
        kind: BINDER_TYPE_FDA,
        pad: 0,
        num_fds,
        parent,
        parent_offset,
    }
}

/// A call with an array of two descriptors in its buffer.
fn call_with_array(w: &mut World, c: Thread, handle: u64, descriptors: [u32; 2]) -> Data {
    let words: Vec<u8> = descriptors.iter().flat_map(|word| word.to_le_bytes()).collect();
    let at = w.place(c, &words);
    call(handle)
        .buffers(8)
        .zeros(8)
        .object(&buffer(at, 8))
        .object(&array(2, 0, 0))
}

#[track_caller]
fn accepted(w: &mut World, c: Thread, data: Data) {
    assert_eq!(w.run(c, Bc::new().send(data.oneway())), "N TC");
}

#[track_caller]
fn rejected(w: &mut World, c: Thread, data: Data) -> i32 {
    let before = w.objects();
    assert_eq!(w.run(c, Bc::new().send(data.oneway())), "N FAILED");
    assert_eq!(w.objects(), before);
    assert!(w.fake.held.is_empty());
    w.extended_error(c).param
}

fn object(w: &World, s: Thread, got: &TransactionData, offset: u64) -> BufferObject {
    let bytes = w.received(s.open, got.buffer + offset, 40);
    BufferObject::read_from_bytes(&bytes).expect("an object")
}

#[test]
fn a_scattered_buffer_needs_room() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w);
    let text = w.place(c, b"sixteen bytes...");
    assert_eq!(
        rejected(&mut w, c, call(h).object(&buffer(text, 16))),
        -22,
        "not SG"
    );
    for room in [8, 12, u64::MAX - 7] {
        let data = call(h).buffers(room).object(&buffer(text, 16));
        assert_eq!(rejected(&mut w, c, data), -22, "room {room}");
    }
    assert_eq!(
        rejected(&mut w, c, call(h).buffers(16).object(&buffer(8, 16))),
        -22,
        "unreadable"
    );
    accepted(&mut w, c, call(h).buffers(16).object(&buffer(text, 16)));
    let got = w.read(s).call();
    let received = object(&w, s, &got, 0);
    assert_eq!(received.buffer, got.offsets + 8);
    assert_eq!(w.received(s.open, received.buffer, 16), b"sixteen bytes...");
    w.write(s, Bc::new().free(got.buffer));
    accepted(&mut w, c, call(h).buffers(0).object(&buffer(text, 0)));
    w.finish();
}

#[test]
fn a_childs_pointer_is_put_into_its_parent() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w);
    let parent = w.place(c, &[0xaa; 24]);
    let one = w.place(c, b"child 1.");
    let two = w.place(c, b"child 2.");
    let data = call(h)
        .buffers(40)
        .zeros(8)
        .object(&buffer(parent, 24))
        .object(&child(one, 8, 0, 0))
        .object(&child(two, 8, 0, 16));
    accepted(&mut w, c, data);
    let got = w.read(s).call();
    let objects = [8, 48, 88].map(|offset| object(&w, s, &got, offset));
    let base = w.received(s.open, objects[0].buffer, 24);
    assert_eq!(base[..8], objects[1].buffer.to_le_bytes());
    assert_eq!(base[8..16], [0xaa; 8]);
    assert_eq!(base[16..], objects[2].buffer.to_le_bytes());
    assert_eq!(w.received(s.open, objects[2].buffer, 8), b"child 2.");
    w.finish();
}

#[test]
fn children_must_come_in_order_and_fit() {
    let mut w = World::new();
    let (c, _, h) = server(&mut w);
    let at = w.place(c, &[0; 24]);
    let base = || call(h).buffers(64).zeros(8).object(&buffer(at, 24));
    let late = base().object(&child(at, 8, 0, 16)).object(&child(at, 8, 0, 0));
    assert_eq!(rejected(&mut w, c, late), -22, "descending");
    assert_eq!(
        rejected(&mut w, c, base().object(&child(at, 8, 0, 6))),
        -22,
        "a pointer lies at a multiple of four"
    );
    assert_eq!(
        rejected(&mut w, c, base().object(&child(at, 8, 0, 17))),
        -22,
        "too far"
    );
    let at_zero = call(h)
        .buffers(64)
        .object(&buffer(at, 24))
        .object(&child(at, 8, 0, 0));
    assert_eq!(rejected(&mut w, c, at_zero), -22, "a parent at offset 0");
    for index in [1, 2, 1 << 32, 1 << 63] {
        let data = base().object(&child(at, 8, index, 0));
        assert_eq!(rejected(&mut w, c, data), -22, "parent {index}");
    }
    // A; B in A; C free; D in A.
    let strayed = call(h)
        .buffers(96)
        .zeros(8)
        .object(&buffer(at, 24))
        .object(&child(at, 24, 0, 0))
        .object(&buffer(at, 24))
        .object(&child(at, 24, 0, 8));
    assert_eq!(rejected(&mut w, c, strayed), -22, "neither last nor ancestor");
    let nested = call(h)
        .buffers(96)
        .zeros(8)
        .object(&buffer(at, 24))
        .object(&child(at, 24, 0, 0))
        .object(&child(at, 24, 1, 0))
        .object(&child(at, 24, 0, 8));
    accepted(&mut w, c, nested);
    w.finish();
}

#[test]
fn descriptors_in_an_array_are_closed_by_the_driver() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w);
    let words: Vec<u8> = [0xaaaa_u32, 5, 6, 0xbbbb]
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let at = w.place(c, &words);
    let data = call(h)
        .buffers(16)
        .zeros(8)
        .object(&buffer(at, 16))
        .object(&array(2, 0, 4));
    accepted(&mut w, c, data);
    let got = w.read(s).call();
    let base = object(&w, s, &got, 8);
    let received = w.received(s.open, base.buffer, 16);
    let received: Vec<u32> = received
        .chunks(4)
        .map(|word| u32::from_le_bytes(word.try_into().expect("a word")))
        .collect();
    assert_eq!(received, [0xaaaa, 0, 1, 0xbbbb]);
    let open = |w: &World| w.fake.processes[&Pid(s.open.pid)].descriptors.len();
    assert_eq!(open(&w), 2);
    assert_eq!(
        w.run(s, Bc::new().free(got.buffer)),
        "N",
        "the read returns at once"
    );
    assert_eq!(open(&w), 0);
    w.block(s, Bc::new());
    w.finish();
}

#[test]
fn numbers_of_a_freed_array_are_free_for_what_is_read_in_the_same_call() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w);
    let data = call_with_array(&mut w, c, h, [5, 6]);
    accepted(&mut w, c, data);
    accepted(&mut w, c, call(h).fd(5, 1));
    let first = w.read(s).call();
    w.run(s, Bc::new().free(first.buffer));
    let process = &w.fake.processes[&Pid(s.open.pid)];
    let numbers: Vec<i32> = process.descriptors.keys().copied().collect();
    assert_eq!(numbers, [0], "the lowest number");
    w.finish();
}

#[test]
fn an_array_must_lie_inside_its_parent() {
    let mut w = World::new();
    let (c, _, h) = server(&mut w);
    let words: Vec<u8> = [5_u32; 4].iter().flat_map(|word| word.to_le_bytes()).collect();
    let at = w.place(c, &words);
    let base = || call(h).buffers(16).zeros(8).object(&buffer(at, 16));
    let at_zero = call(h)
        .buffers(16)
        .object(&buffer(at, 16))
        .object(&array(2, 0, 4));
    assert_eq!(rejected(&mut w, c, at_zero), -22, "a parent at offset 0");
    assert_eq!(rejected(&mut w, c, base().object(&array(4, 0, 4))), -22);
    assert_eq!(rejected(&mut w, c, base().object(&array(1 << 62, 0, 4))), -22);
    assert_eq!(rejected(&mut w, c, base().object(&array(1, 0, 2))), -22);
    assert_eq!(rejected(&mut w, c, base().object(&array(1, 1, 0))), -22);
    accepted(&mut w, c, base().object(&array(0, 0, 16)));
    accepted(&mut w, c, base().object(&array(4, 0, 0)));
    w.finish();
}

#[test]
fn a_bad_descriptor_in_an_array_lets_go_of_the_others() {
    let mut w = World::new();
    let (c, _, h) = server(&mut w);
    let data = call_with_array(&mut w, c, h, [5, 99]);
    assert_eq!(rejected(&mut w, c, data), -9);
    w.finish();
}

#[test]
fn an_array_to_a_node_without_files_may_be_empty_only() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let _ = m;
    let words = w.place(c, &[0; 8]);
    let base = || call(0).buffers(8).zeros(8).object(&buffer(words, 8));
    accepted(&mut w, c, base().object(&array(0, 0, 0)));
    assert_eq!(rejected(&mut w, c, base().object(&array(1, 0, 0))), -1);
    w.finish();
}
