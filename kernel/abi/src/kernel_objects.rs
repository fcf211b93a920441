//! The kernel's own binder objects: their interfaces, method codes and parcels.
//!
//! On the context `/dev/kbinder` the kernel is the context manager: handle 0 is its root object, [`root`]. From there
//! come all others. A request begins with the interface token of its interface; a reply begins with an exception word
//! and, if that is 0, the results named here. `bool` is an `i32`; a `binder` has its stability word behind it.
//!
//! Every object also answers Android's `PING` and `INTERFACE` transactions.

/// `bindery.IKernel`: the root object, handle 0.
pub mod root {
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.IKernel";
    /// `(String16 name) -> binder`: the object of this name, null if there is none.
    pub const GET: u32 = 1;
    /// `() -> String16[]`: the names.
    pub const LIST: u32 = 2;
    /// Carries a handle from one open binder device to another.
    ///
    /// `(FD from, i32 handle, FD to) -> i32 handle`: what `from` holds strongly as `handle`, `to` then holds with one more
    /// strong count, by the handle that is answered. Handles belong to an open device; so this is how an object that was
    /// received on one is given away on another. A service-specific exception carries EINVAL where a file is no binder
    /// device, the handle is not held strongly, or the object is one of `to`'s own.
    pub const CARRY: u32 = 3;
    /// `(i64 number) -> String16`: the interface of the kernel's object that has this number as its node's pointer;
    /// empty if there is none.
    pub const DESCRIBE: u32 = 4;
}

/// `bindery.IProcessManager`, named `process`: starts programs.
pub mod process_manager {
    /// Its name at the root object.
    pub const NAME: &str = "process";
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.IProcessManager";
    /// Starts a program.
    ///
    /// `(String16 path, String16[] arguments, String16[] environment, i32 count, count × {i32 number, FD}, i32 count,
    /// count × {String16 name, binder}) -> binder process, i32 pid`.
    ///
    /// The path is absolute. The arguments begin with the program's name; the environment has the form `NAME=value`.
    /// Each file becomes that descriptor of the program; it has no others. It runs as the user and group of the caller.
    ///
    /// The last list is that of the handles. Where it is null, its count -1, the program is an ordinary one, which may
    /// open whatever has a name. Where it is not, and be it empty, the program is confined to it: it can name nothing
    /// else, neither files nor devices nor processes. It inherits an open binder device without a context manager, whose
    /// descriptor the variable [`DEVICE_VARIABLE`] tells; [`HANDLES_VARIABLE`] tells which handle is which.
    ///
    /// A program that cannot be started gives a service-specific exception with the errno. A call that is one-way, or
    /// whose sender has ended, starts nothing: nobody would hold the program.
    pub const SPAWN: u32 = 1;
    /// `() -> i32 count, count × {i32 pid, String16 program}`: all processes.
    pub const LIST: u32 = 2;
    /// `() -> binder`: a process manager that lists nothing and starts confined programs only.
    ///
    /// To be given to confined programs: by the full one a program could start another that is not confined.
    pub const CONFINED: u32 = 3;
    /// As [`SPAWN`], with one more object in the answer, the program's lease: `-> binder process, i32 pid, binder lease`.
    ///
    /// There is no moment at which the program runs and the lease does not exist. So a caller that is killed, whenever
    /// that happens, leaves nothing behind; nor does one whom the answer could not reach.
    pub const SPAWN_LEASED: u32 = 4;
    /// The count that stands for a null list.
    pub const NULL_LIST: i32 = -1;
    /// The descriptor of the inherited device, in decimal.
    pub const DEVICE_VARIABLE: &str = "BINDERY_KBINDER";
    /// The granted handles, as `name=handle` separated by commas.
    pub const HANDLES_VARIABLE: &str = "BINDERY_HANDLES";
}

/// `bindery.IProcess`: a started program. Who holds it may kill it; its death notification is the program's end.
pub mod process {
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.IProcess";
    /// `() -> i32`: the process's number.
    pub const PID: u32 = 1;
    /// `(i32 signal) -> ()`: sends it a signal. One that has ended already is no error.
    pub const KILL: u32 = 2;
    /// `() -> i32`: waits for its end; the status as shells count it, 128 and the signal if one ended it.
    pub const WAIT: u32 = 3;
    /// `() -> bool running, i32 status`: the status, as far as it ended.
    pub const STATUS: u32 = 4;
    /// `() -> binder lease`: the program is killed when nobody refers to this object any more.
    pub const LEASE: u32 = 5;
    /// The interface's name of such an object. It has no methods of its own.
    pub const LEASE_DESCRIPTOR: &str = "bindery.ILease";
}

/// `bindery.IPower`, named `power`: ends the system.
pub mod power {
    /// Its name at the root object.
    pub const NAME: &str = "power";
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.IPower";
    /// `(i32 status)`: switches the machine off. Never answers.
    pub const OFF: u32 = 1;
    /// `()`: starts the machine anew. Never answers.
    pub const REBOOT: u32 = 2;
    /// `()`: lets the kernel panic, to see what it says then. Never answers.
    pub const PANIC: u32 = 3;
}

/// `bindery.IMemory`, named `memory`: how much of everything there is.
pub mod memory {
    /// Its name at the root object.
    pub const NAME: &str = "memory";
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.IMemory";
    /// `() -> i32 count, count × i64`: as many figures as [`FIGURE_NAMES`] names, in that order.
    pub const FIGURES: u32 = 1;
    /// The binder region of a process around an address.
    ///
    /// `(i32 pid, i64 address) -> i64 kernel address, i64 receiver address, i64 size, i64 copies, i32 count, count ×
    /// {i32 page, i64 kernel frame, i64 receiver frame}`.
    ///
    /// The two addresses are where the region begins in the kernel and in the process; the frames are what the page
    /// tables of either say about a page, -1 for nothing. Pages that neither has are left out. The copies are those that
    /// senders' messages have made into the region. A service-specific exception carries ESRCH where there is no such
    /// process, EFAULT where the address lies in no region.
    pub const WINDOW: u32 = 2;
    /// What the figures are. Frames are of 4096 bytes.
    pub const FIGURE_NAMES: [&str; 15] = [
        "frames",
        "free frames",
        "heap bytes used",
        "processes",
        "threads",
        "files in transactions",
        "binder procs",
        "binder threads",
        "binder nodes",
        "binder refs",
        "binder deaths",
        "binder freezes",
        "binder transactions",
        "binder buffers",
        "binder pages",
    ];
}

/// `bindery.ILog`, named `log`: what the kernel logged.
pub mod log {
    /// Its name at the root object.
    pub const NAME: &str = "log";
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.ILog";
    /// `() -> byte[]`: the last lines, oldest first.
    pub const READ: u32 = 1;
}

/// `bindery.ITrace`, named `trace`: what binder does, recorded.
pub mod trace {
    /// Its name at the root object.
    pub const NAME: &str = "trace";
    /// The interface's name.
    pub const DESCRIPTOR: &str = "bindery.ITrace";
    /// `(i32 records) -> ()`: begins a new trace in a ring with room for so many records; 0 for as many as before.
    ///
    /// A service-specific exception carries ENOMEM where they do not fit into half of the free memory.
    pub const START: u32 = 1;
    /// `() -> ()`: ends the trace. It can still be read.
    pub const STOP: u32 = 2;
    /// `() -> bool on, i64 capacity, i64 written, i64 lost`: whether it goes on, how many records the ring has room
    /// for, how many were written, and how many of those were overwritten by later ones.
    pub const STATUS: u32 = 3;
    /// `(i64 number) -> i64 first, byte[] records`: some records from this number on. The first may be a later one,
    /// where records are lost; where there are no more, no bytes come.
    pub const READ: u32 = 4;
    /// `(i32 place) -> byte[] records`: some of the names of the threads in the trace, from this place on.
    pub const NAMES: u32 = 5;
    /// `(String16 text) -> ()`: puts a mark into the trace.
    pub const MARK: u32 = 6;
    /// The mark that the first shell puts before the line that it was told to run, in a traced run.
    pub const LINE_BEGINS: &str = "the line begins";
    /// The mark that it puts behind.
    pub const LINE_ENDS: &str = "the line ends";
}

/// The names at the root object, in the order in which it lists them.
pub const NAMES: [&str; 5] = [
    process_manager::NAME,
    power::NAME,
    memory::NAME,
    log::NAME,
    trace::NAME,
];

/// `PING`: answers nothing, successfully.
pub const PING_TRANSACTION: u32 = u32::from_be_bytes(*b"_PNG");
/// `INTERFACE`: answers the interface's name.
pub const INTERFACE_TRANSACTION: u32 = u32::from_be_bytes(*b"_NTF");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_transactions_are_androids() {
        assert_eq!(PING_TRANSACTION, 0x5f50_4e47);
        assert_eq!(INTERFACE_TRANSACTION, 0x5f4e_5446);
    }
}
