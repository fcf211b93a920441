//! Holds the kernel's objects to what they say about rights.
//!
//! Guest tests start it. It prints one line for each thing that it looks at, and ends with status 1 at the first that does
//! not hold. With an argument it is one of the programs that it starts itself.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

extern crate alloc;

mod failure;
mod unreached;

use abi::kernel_objects::process_manager::{DESCRIPTOR, NULL_LIST, SPAWN, SPAWN_LEASED};
use abi::kernel_objects::root;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use failure::{Failure, ensure};
use libbinder::kernel::{Log, Process, ProcessManager, Spawn, granted, granted_names, kernel};
use libbinder::{ExceptionKind, FileDescriptor, Parcel, ProcessState, Result as Answer, TransactionFlags};
use rt::syscall::{self, OpenFlags};
use rt::{Errno, process};
use unreached::Unreached;

rt::program!(main);

/// This program.
const SELF: &str = "/bin/rights-check";
/// Somebody who is not root.
const USER: u32 = 1000;
/// The status of a program that SIGKILL ended.
const KILLED: i32 = 128 + rt::signal::KILL;
/// How long something may take, in steps of [`STEP_NS`].
const STEPS: u32 = 200;
const STEP_NS: u64 = 10_000_000;

type Check = fn() -> Result<(), Failure>;

const CHECKS: &[(&str, Check)] = &[
    ("a program without handles has no objects at all", nothing),
    ("one of the kernel's objects can be given alone", log_alone),
    ("two names may mean one object", two_names),
    ("names and paths that make no sense are refused", bad_requests),
    (
        "the smaller process manager starts confined programs only",
        smaller_manager,
    ),
    ("a one-way call starts nothing", one_way),
    ("a program ends with its lease", lease),
    (
        "a program ends with the lease that it is started with",
        leased_from_the_start,
    ),
    ("nobody's lease keeps no program", nobodys_lease),
    ("only binder devices carry handles", carry),
    ("who is not root cannot open /dev/kbinder", not_root),
];

fn main(arguments: rt::Arguments) -> i32 {
    let words: Vec<&str> = arguments.skip(1).collect();
    match words.as_slice() {
        [] => {
            let result = CHECKS.iter().try_for_each(|(name, check)| match check() {
                Ok(()) => {
                    rt::println!("ok {name}");
                    ControlFlow::Continue(())
                }
                Err(failure) => {
                    rt::println!("FAILED {name}: {failure}");
                    ControlFlow::Break(())
                }
            });
            i32::from(result.is_break())
        }
        ["nothing"] => i32::from(granted_names().count() > 0 || kernel().is_ok()),
        ["log"] => i32::from(!reads_log()),
        ["names"] => i32::from(!names_agree()),
        ["launch"] => launch().unwrap_or(1),
        ["wait"] => loop {
            syscall::sleep_ns(STEP_NS);
        },
        _ => 2,
    }
}

/// Starts this program in another role.
fn start(role: &'static str, program: impl FnOnce(Spawn<'static>) -> Spawn<'static>) -> Answer<Process> {
    manager()?.spawn(&program(Spawn::new(SELF).arguments([SELF, role])))
}

fn manager() -> Answer<ProcessManager> {
    kernel()?.process_manager()
}

fn is_refused<T>(answer: Answer<T>, kind: ExceptionKind) -> bool {
    answer.err().and_then(|status| status.exception_kind()) == Some(kind)
}

fn nothing() -> Result<(), Failure> {
    let status = start("nothing", Spawn::confined)?.wait()?;
    ensure!(status == 0, "it has some");
    Ok(())
}

fn log_alone() -> Result<(), Failure> {
    let log = kernel()?.log()?;
    let program = Spawn::new(SELF).arguments([SELF, "log"]);
    let status = manager()?
        .spawn(&program.handle("log", log.as_binder()))?
        .wait()?;
    ensure!(status == 0, "it could not read the log, or could do more");
    Ok(())
}

fn reads_log() -> bool {
    let log = granted("log").map(Log::new);
    log.and_then(|log| log.read()).is_ok_and(|text| !text.is_empty()) && kernel().is_err()
}

fn two_names() -> Result<(), Failure> {
    let memory = kernel()?.memory()?;
    let program = Spawn::new(SELF).arguments([SELF, "names"]);
    let program = program
        .handle("one", memory.as_binder())
        .handle("two", memory.as_binder());
    ensure!(manager()?.spawn(&program)?.wait()? == 0, "they do not");
    Ok(())
}

fn names_agree() -> bool {
    granted_names().eq(["one", "two"]) && granted("one").ok() == granted("two").ok()
}

fn bad_requests() -> Result<(), Failure> {
    let manager = manager()?;
    let memory = kernel()?.memory()?;
    let object = memory.as_binder();
    for name in ["", "a=b", "a,b"] {
        let answer = manager.spawn(&Spawn::new(SELF).handle(name, object));
        ensure!(
            is_refused(answer, ExceptionKind::IllegalArgument),
            "{name:?} was taken"
        );
    }
    let answer = manager.spawn(&Spawn::new(SELF).handle("same", object).handle("same", object));
    ensure!(
        is_refused(answer, ExceptionKind::IllegalArgument),
        "one name was taken twice"
    );
    let answer = manager.spawn(&Spawn::new("rights-check"));
    ensure!(
        is_refused(answer, ExceptionKind::IllegalArgument),
        "a relative path was taken"
    );
    Ok(())
}

fn smaller_manager() -> Result<(), Failure> {
    let smaller = manager()?.confined()?;
    ensure!(
        is_refused(smaller.list(), ExceptionKind::Security),
        "it lists processes"
    );
    let ordinary = smaller.spawn(&Spawn::new(SELF).arguments([SELF, "nothing"]));
    ensure!(
        is_refused(ordinary, ExceptionKind::Security),
        "it starts ordinary programs"
    );
    let program = Spawn::new(SELF).arguments([SELF, "launch"]).standard_files();
    let status = manager()?
        .spawn(&program.handle("process", smaller.as_binder()))?
        .wait()?;
    ensure!(status == 0, "a confined program could not start another");
    Ok(())
}

/// The confined program that starts another one.
fn launch() -> Answer<i32> {
    let manager = ProcessManager::new(granted("process")?);
    let still_smaller = manager.confined()?;
    if !is_refused(still_smaller.list(), ExceptionKind::Security) {
        return Ok(1);
    }
    let program = Spawn::new(SELF).arguments([SELF, "nothing"]).confined();
    still_smaller.spawn(&program)?.wait()
}

fn one_way() -> Result<(), Failure> {
    let manager = manager()?;
    let data = request_to_wait()?;
    manager
        .as_binder()
        .transact(SPAWN, &data, TransactionFlags::ONE_WAY)?;
    ensure!(mine()?.len() == 1, "it started something");
    // The same words do, when somebody waits for the answer.
    let reply = manager
        .as_binder()
        .transact(SPAWN, &data, TransactionFlags::empty())?;
    reply.read_exception()?;
    let program = reply
        .read_binder()?
        .ok_or_else(|| Failure::new("no process was answered"))?;
    ensure!(mine()?.len() == 2, "it started nothing");
    Process::from_binder(program)?.kill(rt::signal::KILL)?;
    Ok(())
}

fn lease() -> Result<(), Failure> {
    let program = start("wait", |program| program)?;
    let lease = program.lease()?;
    let other = program.lease()?;
    ensure!(lease == other, "there are two leases");
    drop(other);
    syscall::sleep_ns(STEP_NS);
    ensure!(program.status()?.is_none(), "it ended though its lease is held");
    drop(lease);
    ends(&program)?;
    ensure!(
        is_refused(program.lease(), ExceptionKind::IllegalArgument),
        "an ended program has a lease"
    );
    Ok(())
}

/// The program is killed before long.
fn ends(program: &Process) -> Result<(), Failure> {
    for _ in 0..STEPS {
        if let Some(status) = program.status()? {
            ensure!(status == KILLED, "it ended with status {status}");
            return Ok(());
        }
        syscall::sleep_ns(STEP_NS);
    }
    program.kill(rt::signal::KILL)?;
    Err(Failure::new("it runs without a lease"))
}

fn leased_from_the_start() -> Result<(), Failure> {
    let (program, lease) = manager()?.spawn_leased(&Spawn::new(SELF).arguments([SELF, "wait"]))?;
    ensure!(lease == program.lease()?, "there are two leases");
    syscall::sleep_ns(STEP_NS);
    ensure!(program.status()?.is_none(), "it ended though its lease is held");
    drop(lease);
    ends(&program)
}

fn nobodys_lease() -> Result<(), Failure> {
    let mut caller = Unreached::new()?;
    let request = request_to_wait()?;
    caller.spawn(SPAWN, &request)?;
    let running = mine()?;
    ensure!(running.len() == 2, "nothing was started");
    let other = running.into_iter().find(|pid| *pid != syscall::getpid());
    syscall::kill(other.unwrap_or_default(), rt::signal::KILL)?;
    caller.spawn(SPAWN_LEASED, &request)?;
    for _ in 0..STEPS {
        if mine()?.len() == 1 {
            return Ok(());
        }
        syscall::sleep_ns(STEP_NS);
    }
    Err(Failure::new("it runs though nobody has its lease"))
}

/// What asks a process manager to start this program in the role that waits.
fn request_to_wait() -> Result<Parcel, Failure> {
    let mut data = Parcel::request(DESCRIPTOR);
    data.write(SELF)?;
    data.write(&[SELF, "wait"].as_slice())?;
    data.write::<[&str]>(&[])?;
    data.write(&0)?;
    data.write(&NULL_LIST)?;
    Ok(data)
}

/// The processes that run this program.
fn mine() -> Answer<Vec<i32>> {
    let running = manager()?.list()?;
    let mine = running.iter().filter(|process| process.program == "rights-check");
    Ok(mine.map(|process| process.pid).collect())
}

fn carry() -> Result<(), Failure> {
    let here = ProcessState::open(libbinder::KERNEL_DEVICE)?;
    let there = ProcessState::open(libbinder::DEFAULT_DEVICE)?;
    let log = kernel()?.log()?;
    let carried = kernel()?.carry(log.as_binder(), there)?;
    ensure!(
        carried
            .process()
            .is_some_and(|process| core::ptr::eq(process, there)),
        "it is elsewhere"
    );
    ensure!(
        !Log::new(carried).read()?.is_empty(),
        "the carried object does not answer"
    );
    let ask = |from: i32, handle: i32, to: i32| -> Answer<i32> {
        let mut data = Parcel::request(root::DESCRIPTOR);
        data.write_file(FileDescriptor::duplicate_of(from)?);
        data.write(&handle)?;
        data.write_file(FileDescriptor::duplicate_of(to)?);
        let object = here.context_object()?;
        let reply = object.transact(root::CARRY, &data, TransactionFlags::empty())?;
        reply.read_exception()?;
        Ok(reply.read()?)
    };
    let einval = ExceptionKind::ServiceSpecific(Errno::EINVAL.number().into());
    let (here, there) = (here.device().fd(), there.device().fd());
    ensure!(
        is_refused(ask(rt::io::OUTPUT, 1, there), einval),
        "standard output was taken for a device"
    );
    ensure!(
        is_refused(ask(here, 1, rt::io::OUTPUT), einval),
        "a handle went to standard output"
    );
    ensure!(
        is_refused(ask(here, 999, there), einval),
        "an unknown handle was carried"
    );
    Ok(())
}

fn not_root() -> Result<(), Failure> {
    let child = process::fork(|| {
        let open = |path| syscall::open(path, OpenFlags::READ_WRITE);
        let root = open(libbinder::KERNEL_DEVICE).is_ok();
        let changed = syscall::set_user(USER).is_ok();
        let refused = open(libbinder::KERNEL_DEVICE) == Err(Errno::EACCES);
        let others = open(libbinder::DEFAULT_DEVICE).is_ok();
        i32::from(!(root && changed && refused && others))
    })?;
    let (_, ended) = process::wait(child)?;
    ensure!(ended == process::Ended::Exited(0), "{ended:?}");
    Ok(())
}
