//! Synchronous calls and their replies.

use crate::harness::{Bc, World, call, reply};

#[test]
fn a_call_reaches_the_manager_and_its_reply_the_caller() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0).code(0x42).flags(0x10).bytes(b"hello!")));
    let got = w.read(m);
    assert_eq!(got, "N TXN");
    let txn = got.call();
    assert_eq!((txn.code, txn.flags, txn.data_size), (0x42, 0x10, 6));
    assert_eq!(txn.offsets, txn.buffer + 8);
    assert_eq!(txn.sender_pid as u32, c.open.pid);
    assert_eq!(w.received(m.open, txn.buffer, 6), b"hello!");
    w.assert_blocked(c);
    let done = w.write(m, Bc::new().send(reply().code(7).bytes(b"answer")));
    assert_eq!(done.write_consumed, 68);
    let answer = w.answer(c);
    assert_eq!(answer, "N TC REPLY");
    let back = answer.reply();
    assert_eq!((back.code, back.sender_pid, back.target), (7, 0, 0));
    assert_eq!(w.received(c.open, back.buffer, 6), b"answer");
    assert_eq!(w.read(m), "N TC");
    w.finish();
}
