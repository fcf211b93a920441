//! Placement in the region, clearing, reclaiming, shortage; security contexts and priorities.

use crate::harness::{Bc, World, call, reply};
use abi::binder::object::FlatBinderObject;
use binder_driver::{Effect, TaskId};

#[test]
fn messages_are_placed_where_linux_places_them() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let send = |w: &mut World, size| {
        let t = w.third();
        w.write(t, Bc::new().send(call(0).zeros(size)));
        let other = m.open.thread(t.task);
        w.settle(other);
        w.read(other).call().buffer
    };
    let _ = c;
    let first = [100, 3000, 5000, 10, 8, 1].map(|size| send(&mut w, size));
    let base = first[0];
    let relative = first.map(|address| address - base);
    assert_eq!(relative, [0, 0x68, 0xc20, 0x1fa8, 0x1fb8, 0x1fc0]);
    w.write(m, Bc::new().free(first[1]).free(first[3]));
    let second = [12, 9, 2000, 1000].map(|size| send(&mut w, size) - base);
    assert_eq!(second, [0x1fa8, 0x68, 0x78, 0x1fc8]);
    w.finish();
}

#[test]
fn a_buffer_is_zeroed_only_if_its_sender_asked() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    for (flags, after) in [(0, *b"secret!!"), (0x20, [0; 8])] {
        w.run(
            c,
            Bc::new().send(call(0).oneway().flags(flags).bytes(b"secret!!")),
        );
        let got = w.read(m).call();
        w.write(m, Bc::new().free(got.buffer));
        assert_eq!(w.received(m.open, got.buffer, 8), after);
    }
    w.finish();
}

/// Takes so many pages back, if there are so many that are not needed. How many they were.
fn reclaim(w: &mut World, pages: usize) -> usize {
    let effects = w.driver.reclaim(pages);
    let mut taken = 0;
    for effect in effects.rest {
        let Effect::UnmapPage(window, page) = effect else {
            panic!("{effect:?}");
        };
        let window = w.fake.windows.get_mut(&window).expect("a window");
        assert!(window.backed[page], "a page is taken back once");
        window.backed[page] = false;
        taken += 1;
    }
    taken
}

/// CVE-2019-1999, CVE-2023-52438, CVE-2023-52609: pages were taken back from mappings and processes that were ending.
#[test]
fn pages_are_taken_back_once_whatever_ends_meanwhile() {
    for round in 0..64 {
        let mut w = World::new();
        let (m, c) = w.manager_and_client();
        let s = w.third();
        for size in [10_000, 100, 5000, 20_000] {
            for to in [c, s] {
                w.run(to, Bc::new().send(call(0).oneway().zeros(size)));
                let got = w.read(m).call();
                w.block(to, Bc::new().send(call(0).zeros(64)));
                let asked = w.read(m).call();
                let answer = Bc::new()
                    .free(got.buffer)
                    .free(asked.buffer)
                    .send(reply().zeros(size));
                w.run(m, answer);
                let answered = w.try_answer(to).expect("a reply").reply();
                w.write(to, Bc::new().free(answered.buffer));
            }
            reclaim(&mut w, round % 3);
        }
        for step in 0..4 {
            match (round >> (2 * (step / 2))) % 4 + step % 2 * 4 {
                0 => w.driver.mapping_closed(c.open.proc),
                1 => w.driver.mapping_closed(m.open.proc),
                2 => w.kill(s.open),
                3 => w.kill(c.open),
                _ => {}
            }
            reclaim(&mut w, 1 + step);
            w.driver.check();
        }
        reclaim(&mut w, 1000);
        assert_eq!(w.counts().pages, 0);
        w.finish();
    }
}

#[test]
fn pages_are_kept_until_memory_is_short() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, Bc::new().send(call(0).oneway().zeros(10_000)));
    assert_eq!(w.counts().pages, 3);
    let got = w.read(m).call();
    assert!(w.driver.reclaim(9).rest.is_empty(), "in use");
    w.write(m, Bc::new().free(got.buffer));
    assert_eq!(w.counts().pages, 3);
    assert_eq!(reclaim(&mut w, 2), 2);
    assert_eq!(w.counts().pages, 1);
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway().zeros(10_000))), "N TC");
    w.finish();
}

#[test]
fn without_frames_a_call_fails_and_leaves_nothing() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    w.fake.frames_left = Some(1);
    assert_eq!(
        w.run(c, Bc::new().send(call(0).oneway().zeros(10_000))),
        "N FAILED"
    );
    assert_eq!(w.extended_error(c).param, -12);
    assert_eq!(w.counts().buffers, 0);
    w.fake.frames_left = None;
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway().zeros(10_000))), "N TC");
    w.finish();
}

#[test]
fn a_buffer_is_freed_only_by_its_start_and_after_delivery() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.run(c, Bc::new().send(call(0).oneway().zeros(64)));
    let base = crate::harness::REGION;
    w.write(m, Bc::new().free(base).free(base + 8).free(base - 8));
    w.write(c, Bc::new().free(base));
    assert_eq!(w.counts().buffers, 1);
    let got = w.read(m).call();
    assert_eq!(got.buffer, base);
    w.write(m, Bc::new().free(base + 8));
    assert_eq!(w.counts().buffers, 1);
    w.write(m, Bc::new().free(base).free(base));
    assert_eq!(w.counts().buffers, 0);
    w.finish();
}

#[test]
fn a_node_may_ask_for_its_callers_security_context() {
    let mut w = World::new();
    let m = w.third();
    let object = FlatBinderObject {
        flags: 0x1000,
        ..Default::default()
    };
    w.ioctl(m, abi::binder::ioctl::BINDER_SET_CONTEXT_MGR_EXT, &object)
        .expect("the manager");
    let c = w.third();
    w.block(c, Bc::new().send(call(0).bytes(b"12345")));
    let got = w.read(m);
    assert_eq!(got, "N TXN_SEC_CTX");
    let item = got.item("TXN_SEC_CTX");
    assert_eq!(item.secctx(), item.transaction().buffer + 8);
    let text = w.received(m.open, item.secctx(), 16);
    assert_eq!(text, b"bindery:program\0");
    w.write(m, Bc::new().send(reply()));
    assert_eq!(w.answer(c), "N TC REPLY");
    // The context's room is not the sender's to use.
    let words = w.place(c, &[0; 24]);
    let pointer = abi::binder::object::BufferObject {
        kind: abi::binder::object::BINDER_TYPE_PTR,
        flags: 0,
        buffer: words,
        length: 24,
        parent: 0,
        parent_offset: 0,
    };
    let data = call(0).oneway().buffers(16).object(&pointer);
    assert_eq!(w.run(c, Bc::new().send(data)), "N FAILED");
    assert_eq!(w.extended_error(c).param, -22);
    let data = call(0).oneway().buffers(u64::MAX - 7);
    assert_eq!(w.run(c, Bc::new().send(data)), "N FAILED");
    assert_eq!(w.extended_error(c).param, -22);
    w.finish();
}

#[test]
fn a_call_runs_at_its_callers_priority_within_the_nodes_limit() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let inherits = u64::from(w.share(m, s, c, 19, 0x10));
    let fixed = u64::from(w.share(m, s, c, 0, 0x20));
    let nice = |w: &World| w.fake.nice.get(&TaskId(s.task)).copied().unwrap_or(0);
    for (handle, caller, during) in [(inherits, 5, 5), (fixed, 10, 0), (fixed, -3, -3)] {
        w.fake.nice.insert(TaskId(c.task), caller);
        w.block(c, Bc::new().send(call(handle)));
        w.read(s);
        assert_eq!(nice(&w), during);
        w.write(s, Bc::new().send(reply()));
        assert_eq!(nice(&w), 0);
        w.read(s);
        w.answer(c);
    }
    w.run(c, Bc::new().send(call(inherits).oneway()));
    w.read(s);
    assert_eq!(nice(&w), 0, "a one-way call changes nothing");
    w.finish();
}
