//! The context manager.

use crate::harness::{Bc, World, call};
use abi::Errno;
use abi::binder::ioctl as io;
use abi::binder::ioctl::{NodeDebugInfo, NodeInfoForRef};
use abi::binder::object::FlatBinderObject;
use abi::binder::reply::{BR_DEAD_REPLY, BR_OK};
use binder_driver::Context;

#[test]
fn without_a_manager_calls_to_it_are_dead() {
    let mut w = World::new();
    let c = w.third();
    for data in [call(0), call(0).oneway()] {
        assert_eq!(w.run(c, Bc::new().send(data)), "N DEAD");
        let error = w.extended_error(c);
        assert_eq!((error.command, error.param), (BR_DEAD_REPLY, -22));
        let again = w.extended_error(c);
        assert_eq!((again.id, again.command, again.param), (0, BR_OK, 0));
    }
    assert_eq!(w.run(c, Bc::new().send(call(7))), "N FAILED");
    assert_eq!(w.extended_error(c).param, -22);
    w.finish();
}

#[test]
fn there_is_one_manager_and_it_cannot_call_itself() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.become_manager(m), Err(Errno::EBUSY));
    assert_eq!(w.become_manager(c), Err(Errno::EBUSY));
    assert_eq!(w.run(m, Bc::new().send(call(0))), "N FAILED");
    assert_eq!(w.extended_error(m).param, -22);
    let second = w.open(m.open.pid, Context::Binder).thread(0);
    w.settle(second);
    assert_eq!(w.run(second, Bc::new().send(call(0))), "N FAILED");
    for commands in [Bc::new().acquire(0), Bc::new().increfs(0)] {
        let answer = w.write(m, commands);
        assert_eq!((answer.text().as_str(), answer.write_consumed), ("EINVAL", 0));
    }
    assert_eq!(w.write(m, Bc::new().release(0)), "");
    assert_eq!(w.write(second, Bc::new().acquire(0)), "");
    w.finish();
}

#[test]
fn the_manager_is_not_told_of_references_to_it() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    assert_eq!(w.write(c, Bc::new().increfs(0).acquire(0)), "");
    w.block(m, Bc::new());
    w.finish();
}

#[test]
fn only_the_first_managers_user_may_follow_it() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.kill(m.open);
    assert_eq!(w.run(c, Bc::new().send(call(0))), "N DEAD");
    assert_eq!(w.extended_error(c).param, -22);
    w.fake.caller_euid = Some(1000);
    assert_eq!(w.become_manager(c), Err(Errno::EPERM));
    w.fake.caller_euid = Some(0);
    assert_eq!(w.become_manager(c), Ok(()));
    w.finish();
}

#[test]
fn a_manager_may_name_its_node() {
    let mut w = World::new();
    let m = w.third();
    let object = FlatBinderObject {
        binder: 0xabc0,
        cookie: 1,
        ..Default::default()
    };
    assert_eq!(
        w.ioctl(m, io::BINDER_SET_CONTEXT_MGR_EXT, &object).map(drop),
        Ok(())
    );
    let node = w
        .ioctl(m, io::BINDER_GET_NODE_DEBUG_INFO, &NodeDebugInfo::default())
        .expect("a node");
    assert_eq!(
        (node.ptr, node.cookie, node.has_strong_ref, node.has_weak_ref),
        (0xabc0, 1, 1, 1)
    );
    w.finish();
}

#[test]
fn each_device_has_its_own_manager() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let other = w.open(c.open.pid, Context::VndBinder).thread(0);
    w.settle(other);
    assert_eq!(w.run(other, Bc::new().send(call(0))), "N DEAD");
    w.finish();
}

#[test]
fn a_handle_on_a_dead_manager_keeps_its_number() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.write(c, Bc::new().acquire(0));
    w.kill(m.open);
    let n = w.third();
    w.become_manager(n).expect("a new manager");
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway())), "N TC");
    assert_eq!(w.read(n), "N TXN");
    w.write(c, Bc::new().acquire(0));
    assert_eq!(w.run(c, Bc::new().send(call(1).oneway())), "N TC");
    w.finish();
}

#[test]
fn the_manager_learns_how_strongly_a_node_is_held() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let s = w.third();
    let ask = |w: &mut World, handle| {
        let asked = NodeInfoForRef {
            handle,
            ..Default::default()
        };
        w.ioctl(m, io::BINDER_GET_NODE_INFO_FOR_REF, &asked)
            .map(|info| (info.strong_count, info.weak_count))
    };
    w.run(s, Bc::new().send(call(0).oneway().binder(0x10, 1)));
    w.write(s, Bc::new().increfs_done(0x10, 1).acquire_done(0x10, 1));
    let buffer = w.read(m).call().buffer;
    w.write(m, Bc::new().acquire(1).free(buffer));
    assert_eq!(ask(&mut w, 1), Ok((1, 0)));
    let held = w.driver.grant(m.open.proc, 1, c.open.proc).expect("a handle");
    assert_eq!(ask(&mut w, 1), Ok((2, 0)));
    w.run(c, Bc::new().send(call(u64::from(held)).oneway()));
    w.read(s);
    assert_eq!(ask(&mut w, 1), Ok((3, 0)), "one for the unfreed call");
    assert_eq!(ask(&mut w, 9), Err(Errno::EINVAL));
    w.finish();
}

#[test]
fn who_was_only_given_handles_has_no_manager_and_cannot_be_one() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let third = w.third();
    let confined = w.open(c.open.pid, Context::Granted).thread(0);
    let other = w.open(third.open.pid, Context::Granted).thread(0);
    w.settle(confined);
    w.settle(other);
    assert_eq!(w.become_manager(confined), Err(Errno::EPERM));
    assert_eq!(w.run(confined, Bc::new().send(call(0))), "N DEAD");
    let handle = w
        .driver
        .grant_own(m.open.proc, 0, confined.open.proc)
        .expect("a handle");
    assert_eq!(handle, 1);
    assert_eq!(w.run(confined, Bc::new().send(call(1).oneway())), "N TC");
    assert_eq!(w.run(other, Bc::new().send(call(1))), "N FAILED");
    assert_eq!(w.read(m), "N TXN");
    let nothing = w.driver.grant_own(m.open.proc, 0x70, confined.open.proc);
    assert_eq!(nothing, Err(Errno::EINVAL));
    let itself = w.driver.grant_own(m.open.proc, 0, m.open.proc);
    assert_eq!(itself, Err(Errno::EINVAL));
    w.finish();
}
