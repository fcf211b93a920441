//! Mapping a region, and the ioctls that need nobody else.

use crate::harness::{Bc, World, call};
use abi::Errno;
use abi::binder::ioctl as io;
use abi::binder::ioctl::{
    ExtendedError, FreezeInfo, FrozenStatusInfo, NodeDebugInfo, NodeInfoForRef, WriteRead,
};
use abi::binder::reply::BR_OK;
use binder_driver::{Blocking, MapAccess};

#[test]
fn a_region_is_mapped_once_by_the_opener_and_only_for_reading() {
    let mut w = World::new();
    let p = w.unmapped_process();
    assert_eq!(
        w.try_map(p, p.pid, 1 << 20, MapAccess::Writable),
        Err(Errno::EPERM)
    );
    assert_eq!(
        w.try_map(p, p.pid + 1, 1 << 20, MapAccess::Writable),
        Err(Errno::EINVAL)
    );
    assert_eq!(w.try_map(p, p.pid, 8 << 20, MapAccess::ReadOnly), Ok(()));
    assert_eq!(
        w.try_map(p, p.pid, 1 << 20, MapAccess::ReadOnly),
        Err(Errno::EBUSY)
    );
    assert_eq!(
        w.try_map(p, p.pid, 1 << 20, MapAccess::Writable),
        Err(Errno::EPERM)
    );
    w.driver.mapping_closed(p.proc);
    assert_eq!(
        w.try_map(p, p.pid, 1 << 20, MapAccess::ReadOnly),
        Err(Errno::EBUSY)
    );
    w.finish();
}

#[test]
fn an_unmapped_part_ends_deliveries_for_ever() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    w.driver.mapping_closed(m.open.proc);
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway())), "N DEAD");
    assert_eq!(w.extended_error(c).param, -3);
    assert_eq!(w.run(c, Bc::new().send(call(0))), "N DEAD");
    assert_eq!(w.extended_error(c).param, -3);
    w.finish();
}

#[test]
fn unreadable_arguments_are_einval_for_the_older_requests_and_efault_for_the_others() {
    let mut w = World::new();
    let t = w.process().thread(0);
    for request in [
        io::BINDER_VERSION,
        io::BINDER_SET_MAX_THREADS,
        io::BINDER_SET_CONTEXT_MGR_EXT,
    ] {
        assert_eq!(w.ioctl_at(t, request, 0), Some(Err(Errno::EINVAL)));
    }
    for request in [
        io::BINDER_WRITE_READ,
        io::BINDER_FREEZE,
        io::BINDER_GET_FROZEN_INFO,
        io::BINDER_ENABLE_ONEWAY_SPAM_DETECTION,
        io::BINDER_GET_EXTENDED_ERROR,
        io::BINDER_GET_NODE_DEBUG_INFO,
        io::BINDER_GET_NODE_INFO_FOR_REF,
    ] {
        assert_eq!(w.ioctl_at(t, request, 0), Some(Err(Errno::EFAULT)));
    }
    let unknown = [
        io::BINDER_SET_IDLE_TIMEOUT,
        io::BINDER_SET_IDLE_PRIORITY,
        0x1234,
        // BINDER_WRITE_READ with another size.
        0xc004_6201,
    ];
    for request in unknown {
        assert_eq!(w.ioctl_at(t, request, 0), Some(Err(Errno::EINVAL)));
    }
    assert_eq!(w.ioctl(t, io::BINDER_VERSION, &0_i32), Ok(8));
    w.finish();
}

#[test]
fn requests_about_others_need_a_target_and_the_right_to_ask() {
    let mut w = World::new();
    let t = w.process().thread(0);
    let freeze = FreezeInfo {
        pid: 999_999,
        enable: 1,
        timeout_ms: 0,
    };
    assert_eq!(w.ioctl(t, io::BINDER_FREEZE, &freeze), Err(Errno::EINVAL));
    let frozen = FrozenStatusInfo {
        pid: 999_999,
        ..Default::default()
    };
    assert_eq!(
        w.ioctl(t, io::BINDER_GET_FROZEN_INFO, &frozen),
        Err(Errno::EINVAL)
    );
    assert_eq!(w.frozen_info(t, t.open), (0, 0));
    let node = NodeInfoForRef::default();
    assert_eq!(
        w.ioctl(t, io::BINDER_GET_NODE_INFO_FOR_REF, &node),
        Err(Errno::EPERM)
    );
    let set = NodeInfoForRef {
        weak_count: 1,
        ..node
    };
    assert_eq!(
        w.ioctl(t, io::BINDER_GET_NODE_INFO_FOR_REF, &set),
        Err(Errno::EINVAL)
    );
    w.finish();
}

#[test]
fn a_write_read_without_sizes_does_nothing() {
    let mut w = World::new();
    let t = w.process().thread(0);
    let answer = w.write_read(t, WriteRead::default(), Blocking::Allowed);
    assert_eq!(answer.expect("it returns"), "");
    let bad_write = WriteRead {
        write_size: 4,
        write_buffer: 8,
        ..WriteRead::default()
    };
    let answer = w.write_read(t, bad_write, Blocking::Allowed).expect("it fails");
    assert_eq!((answer.text().as_str(), answer.write_consumed), ("EFAULT", 0));
    let bad_read = WriteRead {
        read_size: 256,
        read_buffer: 8,
        ..WriteRead::default()
    };
    let answer = w.write_read(t, bad_read, Blocking::Allowed).expect("it fails");
    assert_eq!((answer.text().as_str(), answer.read_consumed), ("EFAULT", 0));
    w.finish();
}

#[test]
fn the_extended_error_is_empty_before_use_and_after_being_read() {
    let mut w = World::new();
    let (_, c) = w.manager_and_client();
    let empty = ExtendedError {
        id: 0,
        command: BR_OK,
        param: 0,
    };
    assert_eq!(w.extended_error(c), empty);
    assert_eq!(w.run(c, Bc::new().send(call(0).oneway())), "N TC");
    let good = w.extended_error(c);
    assert!(good.id != 0 && good.command == BR_OK);
    assert_eq!(w.extended_error(c), empty);
    w.finish();
}

#[test]
fn a_node_without_a_pointer_is_never_listed() {
    let mut w = World::new();
    let (m, c) = w.manager_and_client();
    let ask = |w: &mut World, t, ptr| {
        let asked = NodeDebugInfo {
            ptr,
            ..Default::default()
        };
        w.ioctl(t, io::BINDER_GET_NODE_DEBUG_INFO, &asked)
            .expect("an answer")
    };
    assert_eq!(ask(&mut w, m, 0), NodeDebugInfo::default());
    w.run(
        c,
        Bc::new().send(call(0).oneway().binder(0x20, 1).binder(0x10, 2)),
    );
    assert_eq!(ask(&mut w, c, 0).ptr, 0x10);
    let second = ask(&mut w, c, 0x10);
    assert_eq!((second.ptr, second.cookie, second.has_strong_ref), (0x20, 1, 1));
    assert_eq!(ask(&mut w, c, 0x20), NodeDebugInfo::default());
    w.finish();
}
