//! What threads and processes do besides reading and writing.

use super::commands::{Bc, call};
use super::world::{Opened, REGION, Thread, World};
use abi::Errno;
use abi::binder::ioctl as io;
use abi::binder::ioctl::{ExtendedError, FreezeInfo, FrozenStatusInfo};
use binder_driver::{Counts, Pid, Release, TaskId};

impl World {
    /// The bytes at an address in a receiver's region.
    pub(crate) fn received(&self, open: Opened, address: u64, length: u64) -> Vec<u8> {
        let window = &self.fake.windows[&self.windows[&open.proc]];
        let start = (address - REGION) as usize;
        window.bytes[start..start + length as usize].to_vec()
    }

    /// How many objects there are, without the pages, which are kept for the next message.
    pub(crate) fn objects(&self) -> Counts {
        Counts {
            pages: 0,
            ..self.driver.counts()
        }
    }

    /// Ends everything: nothing may be left.
    pub(crate) fn finish(mut self) {
        while let Some(&open) = self.opens.last() {
            self.kill(open);
        }
        assert_eq!(self.driver.counts(), Counts::default(), "nothing is left");
        assert!(self.fake.held.is_empty(), "no file is held");
    }

    pub(crate) fn poll(&mut self, thread: Thread) -> bool {
        let id = self.enter(thread);
        self.driver.poll(id)
    }

    /// Whether a thread was woken since it last made a call.
    pub(crate) fn was_woken(&mut self, thread: Thread) -> bool {
        let id = self.enter(thread);
        self.runnable.contains(&id)
    }

    pub(crate) fn become_manager(&mut self, thread: Thread) -> Result<(), Errno> {
        self.ioctl(thread, io::BINDER_SET_CONTEXT_MGR, &0_u32).map(drop)
    }

    pub(crate) fn set_max_threads(&mut self, thread: Thread, max: u32) {
        self.ioctl(thread, io::BINDER_SET_MAX_THREADS, &max)
            .expect("a number");
    }

    /// The last failure: return code's short form and errno.
    pub(crate) fn extended_error(&mut self, thread: Thread) -> ExtendedError {
        self.ioctl(thread, io::BINDER_GET_EXTENDED_ERROR, &ExtendedError::default())
            .expect("an error")
    }

    pub(crate) fn freeze(&mut self, caller: Thread, target: Opened, enable: u32) -> Result<(), Errno> {
        let info = FreezeInfo {
            pid: target.pid,
            enable,
            timeout_ms: 0,
        };
        self.ioctl(caller, io::BINDER_FREEZE, &info).map(drop)
    }

    pub(crate) fn frozen_info(&mut self, caller: Thread, target: Opened) -> (u32, u32) {
        let info = FrozenStatusInfo {
            pid: target.pid,
            ..FrozenStatusInfo::default()
        };
        let info = self
            .ioctl(caller, io::BINDER_GET_FROZEN_INFO, &info)
            .expect("a process");
        (info.sync_recv, info.async_recv)
    }

    pub(crate) fn exit_thread(&mut self, thread: Thread) {
        self.ioctl(thread, io::BINDER_THREAD_EXIT, &0_u32)
            .expect("an exit");
    }

    /// A dup of the descriptor is closed.
    pub(crate) fn flush(&mut self, open: Opened) {
        let effects = self.driver.flush(open.proc);
        self.apply(effects);
    }

    /// The process is killed, or closes its last descriptor.
    pub(crate) fn kill(&mut self, open: Opened) {
        let mut gone: Vec<Thread> = self.blocked.keys().copied().collect();
        gone.retain(|thread| thread.open == open);
        for thread in gone {
            let blocked = self.blocked.remove(&thread).expect("a blocked thread");
            let effects = self.driver.abandon(blocked.id);
            self.apply(effects);
        }
        self.flush(open);
        while self.release(open) == Release::Paused {}
        self.opens.retain(|other| *other != open);
        self.windows.remove(&open.proc);
    }

    /// Goes on with the end of a process that has been told to its threads, until it is over or pauses.
    pub(crate) fn release(&mut self, open: Opened) -> Release {
        self.fake.caller = (Pid(open.pid), TaskId(open.pid));
        let (effects, release) = self.driver.release(open.proc, &mut self.fake);
        self.apply(effects);
        release
    }

    pub(crate) fn counts(&self) -> Counts {
        self.driver.counts()
    }

    /// The owner offers a node through the manager; `to` gets a strong handle on it. The owner has heard of it and has
    /// acknowledged.
    pub(crate) fn share(&mut self, manager: Thread, owner: Thread, to: Thread, flags: u32, ptr: u64) -> u32 {
        let cookie = ptr + 1;
        let sent = self.run(
            owner,
            Bc::new().send(call(0).oneway().binder_with(flags, ptr, cookie)),
        );
        assert_eq!(sent, "N INCREFS ACQUIRE TC");
        let got = self.read(manager);
        let buffer = got.call().buffer;
        let object = self.received(manager.open, buffer, 24);
        let handle = u32::from_le_bytes(object[8..12].try_into().expect("a handle"));
        let given = self
            .driver
            .grant(manager.open.proc, handle, to.open.proc)
            .expect("a handle");
        self.write(manager, Bc::new().free(buffer));
        self.write(
            owner,
            Bc::new().increfs_done(ptr, cookie).acquire_done(ptr, cookie),
        );
        given
    }
}
