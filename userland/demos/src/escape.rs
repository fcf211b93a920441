//! The ways out of confinement: everything that a program could try to reach what it was not given.

use abi::binder::ioctl::FreezeInfo;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};

use libbinder::kernel::kernel;
use libbinder::{
    IpcThreadState, PING_TRANSACTION, Parcel, ProcessState, Status, StatusCode, TransactionFlags,
    service_manager,
};
use rt::syscall::{self, OpenFlags};
use rt::{Errno, process};

use crate::failure::{Failure, ensure};
use crate::peer::{BnPeer, Peer};

/// The first handle that the task was not given; it has 1.
const NEXT_HANDLE: u32 = 2;
/// How many more of them are tried.
const HANDLES: u32 = 1_000;
/// How many descriptors are tried.
const DESCRIPTORS: i32 = 1_024;
/// Standard output, standard error and the device.
const GIVEN_DESCRIPTORS: i32 = 3;
/// The first process, which is always there.
const INIT: i32 = 1;

/// An error, as one type.
type Tried = Result<(), Status>;

/// One way out: what is tried, and the error that must come of it.
struct Attempt {
    what: String,
    /// Tries it; success is a way out.
    run: Box<dyn FnOnce() -> Tried>,
    expected: Status,
}

impl Attempt {
    fn new(
        what: impl Into<String>,
        expected: impl Into<Status>,
        run: impl FnOnce() -> Tried + 'static,
    ) -> Self {
        Self {
            what: what.into(),
            run: Box::new(run),
            expected: expected.into(),
        }
    }
}

/// Tries them all, and says what came of each.
pub(crate) fn try_all(friend: i32) -> Result<(), Failure> {
    let (mut tried, mut succeeded) = (0, 0);
    let ways = by_binder().into_iter().chain(by_name()).chain(by_number(friend));
    for Attempt { what, run, expected } in ways {
        let result = run();
        let held = result.as_ref().err() == Some(&expected);
        let outcome = result.map_or_else(|status| status.to_string(), |()| "it works".into());
        rt::println!("{what:<36} {}{outcome}", if held { "" } else { "NOT CONFINED: " });
        tried += 1;
        succeeded += u32::from(!held);
    }
    rt::println!("{tried} ways tried, {succeeded} lead out");
    ensure!(succeeded == 0, "{succeeded} ways lead out");
    Ok(())
}

/// By the device that the task was given.
fn by_binder() -> [Attempt; 4] {
    [
        Attempt::new("call handle 0", StatusCode::DeadObject, || {
            Ok(ProcessState::get().context_object().map(drop)?)
        }),
        Attempt::new(
            "call the next 1000 handles",
            StatusCode::FailedTransaction,
            || {
                let thread = IpcThreadState::of(ProcessState::get());
                let nothing = Parcel::new();
                let call =
                    |handle| thread.transact(handle, PING_TRANSACTION, &nothing, TransactionFlags::empty());
                for handle in NEXT_HANDLE..NEXT_HANDLE + HANDLES {
                    if call(handle).err() != Some(StatusCode::FailedTransaction) {
                        return Ok(());
                    }
                }
                Err(StatusCode::FailedTransaction.into())
            },
        ),
        Attempt::new("become handle 0 for others", Errno::EPERM, || {
            let own = BnPeer::new(Peer::default());
            Ok(ProcessState::get().become_context_manager(&own)?)
        }),
        Attempt::new("use other descriptors", Errno::EBADF, || {
            let open = (0..DESCRIPTORS).filter(|&fd| syscall::closes_on_exec(fd).is_ok());
            match open.count() {
                count if count == GIVEN_DESCRIPTORS as usize => Err(Errno::EBADF.into()),
                _ => Ok(()),
            }
        }),
    ]
}

/// By paths and services.
fn by_name() -> impl Iterator<Item = Attempt> {
    const DEVICES: [&str; 4] = ["/dev/binder", "/dev/hwbinder", "/dev/vndbinder", "/dev/kbinder"];
    let open = |path: &'static str, flags| {
        Attempt::new(format!("open {path}"), Errno::EACCES, move || {
            Ok(syscall::open(path, flags).map(drop)?)
        })
    };
    let devices = DEVICES.map(|device| open(device, OpenFlags::READ_WRITE));
    let others = [
        open("/proc/1/cmdline", OpenFlags::empty()),
        open("/tmp/message", OpenFlags::CREATE | OpenFlags::WRITE_ONLY),
        Attempt::new("list /proc", Errno::EACCES, || {
            Ok(syscall::entries("/proc").map(drop)?)
        }),
        Attempt::new("find servicemanager", Errno::EACCES, || {
            service_manager().map(drop)
        }),
        Attempt::new("find the kernel's objects", Errno::EACCES, || kernel().map(drop)),
        Attempt::new("become another program", Errno::EACCES, || {
            // Coming back means that it failed.
            Err(process::execute("/bin/demo", &["demo", "--escaped"], &[]).into())
        }),
    ];
    devices.into_iter().chain(others)
}

/// By the numbers of processes.
fn by_number(friend: i32) -> [Attempt; 5] {
    [
        Attempt::new("signal init", Errno::ESRCH, || Ok(syscall::kill(INIT, 0)?)),
        Attempt::new("signal the friend", Errno::ESRCH, move || {
            Ok(syscall::kill(friend, 0)?)
        }),
        Attempt::new("see the friend's priority", Errno::ESRCH, move || {
            Ok(syscall::nice(friend).map(drop)?)
        }),
        Attempt::new("freeze the friend", Errno::EPERM, move || {
            let device = ProcessState::get().device();
            let state = |enable| FreezeInfo {
                pid: friend.cast_unsigned(),
                enable,
                timeout_ms: 0,
            };
            device.freeze(state(1))?;
            Ok(device.freeze(state(0))?)
        }),
        Attempt::new("start a process", Errno::EPERM, || {
            let child = process::fork(|| 0)?;
            Ok(process::wait(child).map(drop)?)
        }),
    ]
}
