//! The first program.

use super::scheduler::Scheduler;
use super::table::{Numbers, TaskTable};
use super::timers::Timers;
use super::waiters::Waiters;
use super::{Calls, Credentials, Kernel, Reach, Spawn, TaskId, run};
use crate::arch;
use crate::binder::{HeldFiles, Leaving, Windows};
use crate::defect;
use crate::file::FileSystem;
use crate::mm;
use crate::object::{self, Objects};
use crate::trace::Tracer;
use alloc::format;
use alloc::vec::Vec;
use binder_driver::Driver;

/// The program that starts all others.
const INIT: &str = "/bin/init";

/// What the boot tool tells, and the environment variable by which the first program hears it.
const OPTIONS: [(&str, &str); 3] = [
    ("opt/bindery/exec", "BINDERY_EXEC"),
    ("opt/bindery/bare", "BINDERY_BARE"),
    ("opt/bindery/trace", "BINDERY_TRACE"),
];

/// Makes the kernel's state, starts the first program and makes its thread current. `calls` makes system calls.
///
/// # Panics
///
/// Without a first program there is nothing to run.
pub(crate) fn start(calls: Calls) {
    let mut kernel = Kernel {
        current: TaskId(0),
        threads: TaskTable::new(),
        processes: TaskTable::new(),
        numbers: Numbers::new(),
        scheduler: Scheduler::default(),
        timers: Timers::new(),
        slice_end: run::NO_SLICE,
        armed: u64::MAX,
        waiters: Waiters::new(),
        planned: None,
        kept_deadline: None,
        driver: Driver::new(),
        windows: Windows::new(),
        held: HeldFiles::new(),
        leaving: Leaving::default(),
        tracer: Tracer::new(),
        objects: Objects::new(),
        file_system: FileSystem::new(mm::ramdisk()),
        calls,
        missed: None,
    };
    defect::choose(&mut kernel);
    object::open(&mut kernel).unwrap_or_else(|errno| panic!("no room for the kernel's own objects: {errno}"));
    let files = kernel.console_files();
    let id = kernel
        .reserve_pid()
        .unwrap_or_else(|errno| panic!("no number for {INIT}: {errno}"));
    let first = Spawn {
        id,
        path: INIT.into(),
        arguments: alloc::vec![INIT.into()],
        environment: environment(),
        files,
        credentials: Credentials::ROOT,
        reach: Reach::Everything,
    };
    kernel
        .spawn(first)
        .unwrap_or_else(|errno| panic!("cannot start {INIT}: {errno}"));
    run::begin(kernel);
}

#[inline(never)]
fn environment() -> Vec<Vec<u8>> {
    let mut variables = Vec::new();
    for variable in ["PATH=/bin", "HOME=/", "TERM=linux"] {
        variables.push(variable.into());
    }
    for (option, name) in OPTIONS {
        if let Some(value) = arch::firmware_config(option) {
            let mut variable = format!("{name}=").into_bytes();
            variable.extend(value);
            variables.push(variable);
        }
    }
    variables
}
