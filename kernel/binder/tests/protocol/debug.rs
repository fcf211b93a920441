//! The debug files.

use crate::harness::{Bc, World, call, reply};
use binder_driver::{Context, DebugFile, Pid};

/// A debug file's text.
pub(crate) fn text(w: &World, file: DebugFile) -> String {
    let mut text = String::new();
    w.driver.write_debug(file, w.now(), &mut text).expect("a text");
    text
}

#[test]
fn the_first_open_of_a_process_carries_its_file() {
    let mut w = World::new();
    let first = w.open(70, Context::Binder);
    let second = w.open(70, Context::HwBinder);
    assert!(w.driver.shows_process(Pid(70)));
    w.kill(first);
    assert!(!w.driver.shows_process(Pid(70)), "though there is another");
    let third = w.open(70, Context::Binder);
    assert!(!w.driver.shows_process(Pid(70)), "nor has a later one");
    w.kill(second);
    w.kill(third);
    let fourth = w.open(70, Context::Binder);
    assert!(w.driver.shows_process(Pid(70)), "but one that is the first again");
    w.kill(fourth);
    w.finish();
}

#[test]
fn a_look_at_a_node_that_only_a_message_refers_to_brings_it_to_its_owners_attention() {
    for (file, attends) in [
        (DebugFile::State, true),
        (DebugFile::Transactions, true),
        (DebugFile::Stats, false),
        (DebugFile::TransactionLog, false),
    ] {
        let mut w = World::new();
        let (m, c) = w.manager_and_client();
        let s = w.third();
        let handle = w.share(m, s, c, 0x100, 0x10);
        w.run(c, Bc::new().send(call(u64::from(handle)).oneway()));
        w.read(s);
        w.write(c, Bc::new().release(handle));
        assert_eq!(w.peek(s, Bc::new()), "EAGAIN");
        assert!(!w.poll(s));
        let _ = w.driver.look(file);
        assert_eq!(w.poll(s), attends, "{file:?}");
        assert_eq!(text(&w, DebugFile::State).contains("  node work "), attends);
        assert_eq!(w.peek(s, Bc::new()), "EAGAIN");
        w.finish();
    }
}

#[test]
fn the_state_shows_a_call_under_way() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.block(c, Bc::new().send(call(0).code(0x42).bytes(b"hello!")));
    let got = w.read(m);
    let state = text(&w, DebugFile::State);
    let (client, manager) = (c.open.pid, m.open.pid);
    assert!(state.starts_with("binder state:\n"));
    let outgoing =
        format!("from {client}:{client} to {manager}:{manager} code 42 flags 0 pri 0 r1 elapsed 0ms\n");
    assert!(state.contains(&outgoing), "{state}");
    assert!(state.contains(" node 1 size 6:0 offset 0\n"), "{state}");
    let node = "  node 1: u0000000000000000 c0000000000000000 hs 1 hw 1 ls 2 lw 1 is 0 iw 0 tr 1\n";
    assert!(state.contains(node), "{state}");
    assert!(state.contains("  buffer 2: 0 size 6:0:0 active\n"), "{state}");
    assert!(state.contains(&format!("  thread {client}: l 10 need_return 0 tr 0\n")));
    w.write(m, Bc::new().send(reply()));
    assert!(text(&w, DebugFile::Proc(Pid(manager))).contains("  buffer 2: 0 size 6:0:0 delivered\n"));
    w.write(m, Bc::new().free(got.call().buffer));
    w.finish();
}

#[test]
fn the_logs_keep_the_last_thirty_two() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    for code in 0..40 {
        w.run(c, Bc::new().send(call(0).oneway().code(code).bytes(b"1234")));
    }
    w.run(c, Bc::new().send(call(77)));
    let log = text(&w, DebugFile::TransactionLog);
    assert_eq!(log.lines().count(), 32);
    let (client, manager) = (c.open.pid, m.open.pid);
    let good = format!(
        ": async from {client}:{client} to {manager}:0 context binder node 1 handle 0 size 4:0 ret 0/0 l=0"
    );
    assert!(log.lines().next().expect("a line").ends_with(&good), "{log}");
    let failed = text(&w, DebugFile::FailedTransactionLog);
    let bad = format!(
        ": call  from {client}:{client} to 0:0 context binder node 0 handle 77 size 0:0 ret 29201/-22 l=0\n"
    );
    assert!(failed.ends_with(&bad), "{failed}");
    assert!(log.ends_with(&bad));
    w.finish();
}

#[test]
fn the_statistics_count_commands_returns_and_objects() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, Bc::new().send(call(0).oneway().binder(0x10, 1)));
    w.read(m);
    let stats = text(&w, DebugFile::Stats);
    for line in [
        "binder stats:\nBC_TRANSACTION: 1\nBC_ENTER_LOOPER: 1\nBR_TRANSACTION: 1\n",
        "\nBR_INCREFS: 1\nBR_ACQUIRE: 1\nBR_NOOP: ",
        "\nproc: active 2 total 2\nthread: active 2 total 2\nnode: active 2 total 2\nref: active 1 total 1\n",
        "\ntransaction: active 0 total 1\ntransaction_complete: active 0 total 1\n",
        "  threads: 1\n  requested threads: 0+0/0\n  ready threads 0\n  free async space 524256\n  nodes: 1\n  refs: 1 s 1 w 0\n  buffers: 1\n  pages: 1:0:255\n  pages high watermark: 1\n  pending transactions: 0\n  BC_ENTER_LOOPER: 1\n",
    ] {
        if !line.contains("BR_NOOP") {
            assert!(stats.contains(line), "{line:?} in {stats}");
        }
    }
    w.finish();
}

#[test]
fn only_busy_procs_are_among_the_transactions() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(text(&w, DebugFile::Transactions), "binder transactions:\n");
    w.block(c, Bc::new().send(call(0)));
    let busy = text(&w, DebugFile::Transactions);
    assert!(busy.contains(&format!("proc {}\n", c.open.pid)));
    assert!(busy.contains("  pending transaction "), "{busy}");
    assert!(busy.contains("    transaction complete\n"), "{busy}");
    let _ = m;
    w.finish();
}

#[test]
fn dead_nodes_are_shown_while_they_are_referred_to() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    w.share(m, s, c, 0x100, 0x10);
    w.kill(s.open);
    let state = text(&w, DebugFile::State);
    let dead = "binder state:\ndead nodes:\n  node ";
    assert!(state.starts_with(dead), "{state}");
    assert!(state.contains("desc 1 dead node "), "{state}");
    w.finish();
}

#[test]
fn a_call_that_may_not_be_made_now_is_logged_with_its_node() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.write(c, Bc::new().send(call(0)));
    w.write(c, Bc::new().send(call(0)));
    let failed = text(&w, DebugFile::FailedTransactionLog);
    assert!(
        failed.contains(" to 0:0 context binder node 1 handle 0 size 0:0 ret 29201/-71"),
        "{failed}"
    );
    w.finish();
}
