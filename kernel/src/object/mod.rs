//! The kernel as a binder process.
//!
//! What is neither memory nor a thread nor a file is an object: starting programs, power, figures, the log. The kernel
//! is the context manager of `/dev/kbinder`; who may open that, which is root, reaches the [`root`] object. All others
//! hold what they were given, as [`grant`] does it. The kernel's threads in the driver are [loopers](looper): values, run
//! whenever the driver names them, in between two traps' threads. To the driver they are threads like any others.

mod call;
mod grant;
mod lease;
mod log;
mod looper;
mod memory;
mod power;
mod process;
mod process_manager;
mod root;
mod serve;
mod trace;
mod usage;
mod view;

pub(crate) use serve::serve;

use crate::binder;
use crate::file::FileTable;
use crate::sorted::Sorted;
use crate::task::{Ending, Kernel};
use crate::trace::Tap;
use abi::Errno;
use abi::binder::command::BC_ENTER_LOOPER;
use abi::binder::ioctl::BINDER_SET_CONTEXT_MGR_EXT;
use abi::trace::KERNEL_THREADS;
use alloc::vec::Vec;
use binder_driver::{Blocking, Context, MapAccess, Outcome, Pid, ProcId, TaskId, ThreadId, WindowId};
use looper::{Looper, OWN, State};
use memory::{Memory, Own, Segment};
use process::ProcessObject;
use zerocopy::IntoBytes;

/// The size of the region into which the kernel's calls are delivered.
const REGION: usize = 1 << 20;

/// Where the kernel says that its region is mapped. Only the distance to it is ever used.
const REGION_ADDRESS: u64 = 0x1000_0000;

/// Whether the task is the kernel itself.
#[inline]
pub(crate) fn is_kernel(task: TaskId) -> bool {
    task.0 >= KERNEL_THREADS
}

/// The kernel's state as a binder process.
#[derive(Debug)]
pub(crate) struct Objects {
    /// Its open of the device, once there is one.
    proc: Option<ProcId>,
    window: Option<WindowId>,
    loopers: Vec<Looper>,
    /// Some looper was woken.
    woken: bool,
    /// Descriptors that came with the call that is being served.
    files: FileTable,
    /// The objects that stand for processes, and the leases on them, by their number.
    processes: Sorted<u64, ProcessObject>,
    next_process: u64,
}

impl Objects {
    pub(crate) fn new() -> Self {
        Self {
            proc: None,
            window: None,
            loopers: Vec::new(),
            woken: false,
            files: FileTable::new(),
            processes: Sorted::new(),
            next_process: process::FIRST,
        }
    }

    /// Whether there is something to [`serve`].
    #[inline]
    pub(crate) fn has_work(&self) -> bool {
        self.woken
    }

    /// The driver has something for this thread of the kernel.
    pub(crate) fn notify(&mut self, thread: ThreadId) {
        for looper in &mut self.loopers {
            if looper.thread == thread && looper.state == State::Idle {
                looper.state = State::Woken;
                self.woken = true;
            }
        }
    }
}

/// Makes the kernel the context manager of its own context.
#[inline(never)]
pub(crate) fn open(kernel: &mut Kernel) -> Result<(), Errno> {
    let proc = open_for(kernel, Context::Kernel, OWN)?;
    let (id, _window) = kernel.windows.create(proc, REGION)?;
    kernel
        .driver
        .mmap(proc, OWN, id, REGION_ADDRESS, REGION, MapAccess::ReadOnly)?;
    kernel.objects.proc = Some(proc);
    kernel.objects.window = Some(id);
    let index = add_looper(kernel)?;
    let looper = &mut kernel.objects.loopers[index];
    looper.memory.argument = root::object(root::NODE).as_bytes().to_vec();
    let thread = looper.thread;
    let (driver, mut machine) = kernel.driver_and_own(index);
    let step = driver.ioctl_generally(
        thread,
        BINDER_SET_CONTEXT_MGR_EXT,
        Segment::Argument.address(),
        Blocking::Refused,
        &mut machine,
    );
    binder::apply(kernel, step.effects);
    if let Outcome::Done(Err(errno)) = step.outcome {
        return Err(errno);
    }
    Ok(())
}

/// Opens a context for a process.
fn open_for(kernel: &mut Kernel, context: Context, pid: Pid) -> Result<ProcId, Errno> {
    let mut memory = Memory::default();
    let machine = Own {
        pid,
        memory: &mut memory,
        files: &mut kernel.objects.files,
        processes: &kernel.processes,
        windows: &kernel.windows,
        held: &mut kernel.held,
        tap: Tap::new(&mut kernel.tracer, pid, looper::task(0)),
    };
    kernel.driver.open(context, &machine)
}

/// Adds a thread of the kernel and lets it read.
fn add_looper(kernel: &mut Kernel) -> Result<usize, Errno> {
    let proc = kernel.objects.proc.ok_or(Errno::ENODEV)?;
    let index = kernel.objects.loopers.len();
    let task = looper::task(index);
    let thread = kernel.driver.thread(proc, task)?;
    let mut looper = Looper::new(thread);
    looper.push_command(BC_ENTER_LOOPER);
    kernel.objects.loopers.push(looper);
    // Its first read returns at once: a looper that is not idle yet is served until it is.
    kernel.objects.loopers[index].state = State::Woken;
    kernel.objects.woken = true;
    Ok(index)
}

/// A process has ended: who waits for it is answered, who watches its object is told.
pub(crate) fn process_ended(kernel: &mut Kernel, pid: Pid, ending: Ending) {
    process::ended(kernel, pid, ending);
}
