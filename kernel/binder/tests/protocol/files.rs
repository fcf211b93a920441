//! Files in messages.

use crate::harness::{Bc, REGION, Thread, World, call, reply};
use abi::binder::object::FdObject;
use abi::binder::reply::BR_OK;
use binder_driver::Pid;
use zerocopy::FromBytes;

/// The process has a file open under a number.
fn open(w: &mut World, thread: Thread, number: i32, file: &str) {
    let process = w.fake.processes.get_mut(&Pid(thread.open.pid));
    let process = process.expect("a process");
    process.descriptors.insert(number, file.to_owned());
}

fn descriptors(w: &World, thread: Thread) -> Vec<(i32, String)> {
    let process = &w.fake.processes[&Pid(thread.open.pid)];
    process
        .descriptors
        .iter()
        .map(|(number, file)| (*number, file.clone()))
        .collect()
}

/// A client with a handle on a node with these flags of a server.
fn server(w: &mut World, flags: u32) -> (Thread, Thread, u64) {
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let handle = w.share(m, s, c, flags, 0x10);
    open(w, c, 5, "letter");
    open(w, s, 0, "console");
    (c, s, u64::from(handle))
}

#[test]
fn a_node_must_accept_files() {
    let mut w = World::new();
    let (c, _, h) = server(&mut w, 0);
    assert_eq!(w.run(c, Bc::new().send(call(h).oneway().fd(5, 1))), "N FAILED");
    assert_eq!(w.extended_error(c).param, -1);
    w.finish();
}

#[test]
fn a_file_gets_its_number_when_it_is_read() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w, 0x100);
    let object = call(h).oneway().fd(5 | 7 << 32, 0x99);
    w.run(c, Bc::new().send(object));
    assert_eq!(descriptors(&w, s).len(), 1, "not when it is sent");
    // The sender may close it meanwhile.
    w.fake
        .processes
        .get_mut(&Pid(c.open.pid))
        .expect("a process")
        .descriptors
        .clear();
    let got = w.read(s).call();
    assert_eq!(descriptors(&w, s)[1], (1, "letter".to_owned()));
    let object = FdObject::read_from_bytes(&w.received(s.open, got.buffer, 24)).expect("an object");
    assert_eq!((object.pad_flags, object.fd, object.cookie), (0x55, 1, 0x99));
    w.write(s, Bc::new().free(got.buffer));
    assert_eq!(descriptors(&w, s).len(), 2, "it stays open");
    w.finish();
}

#[test]
fn an_unknown_descriptor_fails_the_call_and_lets_go_of_the_others() {
    let mut w = World::new();
    let (c, _, h) = server(&mut w, 0x100);
    let data = call(h).oneway().fd(5, 1).fd(6, 1);
    assert_eq!(w.run(c, Bc::new().send(data)), "N FAILED");
    assert_eq!(w.extended_error(c).param, -9);
    assert!(w.fake.held.is_empty());
    w.finish();
}

#[test]
fn a_receiver_without_free_descriptors_drops_the_call() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w, 0x100);
    w.fake.descriptor_limit = Some(2);
    w.block(c, Bc::new().send(call(h).fd(5, 1).fd(5, 2)));
    assert_eq!(w.peek(s, Bc::new()), "EAGAIN");
    assert_eq!(w.answer(c), "N TC FAILED");
    assert_eq!(w.extended_error(c).command, BR_OK);
    assert_eq!(descriptors(&w, s).len(), 1, "none is kept");
    w.run(c, Bc::new().send(call(h).oneway().fd(5, 1).fd(5, 2)));
    assert_eq!(w.peek(s, Bc::new()), "EAGAIN", "a one-way call is lost silently");
    assert_eq!(w.counts().buffers, 0);
    w.finish();
}

#[test]
fn a_receiver_never_sees_the_senders_number() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w, 0x100);
    w.run(c, Bc::new().send(call(h).oneway().fd(5, 0x99)));
    // Nothing was read yet, but what was copied can be seen.
    let object = FdObject::read_from_bytes(&w.received(s.open, REGION, 24)).expect("an object");
    assert_eq!((object.fd, object.cookie), (0, 0x99));
    w.read(s);
    w.finish();
}

#[test]
fn a_reply_carries_files_only_if_the_caller_said_so() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w, 0);
    w.block(c, Bc::new().send(call(h)));
    w.read(s);
    w.write(s, Bc::new().send(reply().fd(0, 1)));
    assert_eq!(w.answer(c), "N TC FAILED");
    assert_eq!(w.extended_error(c).param, -1);
    w.read(s);
    w.block(c, Bc::new().send(call(h).flags(0x10)));
    w.read(s);
    w.write(s, Bc::new().send(reply().fd(0, 1)));
    assert_eq!(w.answer(c), "N TC REPLY");
    assert_eq!(descriptors(&w, c)[0], (0, "console".to_owned()));
    w.read(s);
    // No room for a reply's file: the reader of the reply fails.
    w.fake.descriptor_limit = Some(2);
    w.block(c, Bc::new().send(call(h).flags(0x10)));
    w.read(s);
    w.write(s, Bc::new().send(reply().fd(0, 1)));
    assert_eq!(w.answer(c), "N TC FAILED");
    w.finish();
}

#[test]
fn a_file_on_its_way_to_a_killed_receiver_is_dropped() {
    let mut w = World::new();
    let (c, s, h) = server(&mut w, 0x100);
    w.run(c, Bc::new().send(call(h).oneway().fd(5, 1)));
    w.run(c, Bc::new().send(call(h).oneway().fd(5, 1)));
    assert_eq!(w.fake.held.len(), 2);
    w.kill(s.open);
    assert!(w.fake.held.is_empty());
    w.finish();
}
