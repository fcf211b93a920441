//! The binder driver as a value: a state machine that knows no hardware.
//!
//! A [`Driver`] holds everything binder knows. The kernel tells it of system calls on binder devices; it changes
//! itself and answers with an [`Outcome`] and with [`Effects`], what the kernel has to do as a consequence: wake a
//! thread, drop a file, unmap a page. It never blocks; that a call has to wait is an outcome too. What it needs at
//! once, the caller's memory and the windows onto receivers' regions, it reaches through a [`Machine`].
//!
//! # Objects
//!
//! ```text
//!  proc ── one open of a device ──────────────┐
//!   ├─ threads: a queue, a stack, a state     │
//!   ├─ nodes it offers, by its own pointers   │ todo: work for any of its threads
//!   ├─ references it holds, by handle         │
//!   └─ region it receives in ── buffers ──────┘
//! ```
//!
//! A *node* is an object of its owner; a *reference* is another proc's right to call it, named by a *handle*; *handle
//! 0* is the [context](Context)'s manager. Strong references keep the object, weak ones only its name. The owner of a
//! node hears of the first reference and of the last, and must acknowledge the first.
//!
//! # The life of a call
//!
//! ```text
//!  client thread                       driver                        server thread
//!  BC_TRANSACTION ──▶ find node, take room in the server's region,
//!                     copy data once, translate objects,
//!  stack: call        queue to a waiting thread, or to the proc ──▶ BR_TRANSACTION
//!  waits                                                             stack: call
//!                     take room in the client's region, copy    ◀── BC_REPLY
//!  BR_TRANSACTION_COMPLETE, BR_REPLY ◀── queue to the waiting thread  BR_TRANSACTION_COMPLETE
//!  BC_FREE_BUFFER                                                    BC_FREE_BUFFER
//! ```
//!
//! A one-way call is on no stack and has no reply; each node's are handled one after the other, in order. A call made
//! while handling another may come back to a proc that waits in the same conversation: then the waiting thread gets
//! it. Whoever waits for what ends is told: by `BR_DEAD_REPLY` for a call, `BR_DEAD_BINDER` for a node it watches.
//!
//! Most calls are plain and find a thread waiting. They take the *direct way* (`direct`), which does the same in
//! fewer steps or else steps back.
//!
//! # Failures
//!
//! There are three kinds, and they never mix. A system call that makes no sense has an errno. A conversation that
//! fails, fails with a return that its sender reads ([`BR_FAILED_REPLY`](abi::binder::reply::BR_FAILED_REPLY),
//! `BR_DEAD_REPLY`, `BR_FROZEN_REPLY`) and an extended error. Mistakes in reference counting are passed over in silence.
//! No input makes the driver panic: what programs say is looked up and checked, while the driver's own ids index its
//! tables without a second look, which the invariants allow.
//!
//! # Invariants
//!
//! [`Driver::check`] asserts them by number; they hold between any two calls.
//!
//! - **I1** Each thread, node and reference is found by its name in its proc, and nothing else is.
//! - **I2** A thread on its proc's waiting list is blocked in a read, and has no error to read.
//! - **I3** A thread is readable for its own queue only if something is on it.
//! - **I4** A thread's error is set while it is queued to it, behind an item of its queue or in front. One that was taken but
//!   could not be written stays set.
//! - **I5** A transaction is on the stack of the thread that waits for it, and on that of the thread that must answer
//!   it; these are its only threads, and not the same one. Stacks end.
//! - **I6** A reference has a count, a handle, and a node of another proc; a node's strong references are those of its
//!   references that have a strong count. A dead node is referred to.
//! - **I7** The driver itself refers to a node once for each buffer that is for it or carries it, once for each
//!   acknowledgement that is due, and once if it is the manager. A node that nothing refers to any more, though its
//!   owner was told of references, is queued.
//! - **I8** A proc's outstanding transactions are those addressed to it. A queued transaction has a buffer; a one-way
//!   call is queued or over.
//! - **I9** One-way calls wait for a node only while another one to it is active.
//! - **I10** Work is on the queue that it knows, on one at most, and belongs to what it speaks of.
//! - **I11** Each buffer has its place in its proc's region; a transaction and its buffer know each other.
//! - **I12** All effects have been handed out.
//! - **I13** A transaction that was handed to a thread has a buffer and no item of work; the thread is readable.
//! - **I14** A proc's open calls are the transactions that threads of it sent and wait for. So a proc without open calls and
//!   outstanding transactions has no thread that takes part in one.
//! - **I15** A proc knows who watches whether it is frozen, which threads poll, and which of its nodes only messages refer to,
//!   though the owner was told of references and is not about to read of them; these are looked at without the others.
//! - **I16** A proc's caution is what its state says.
//! - **I17** A node's plain owner is its owner, if it wants no security contexts.
//! - **I18** A one-way call that waits for a node and may be replaced is found by what replaces it; no other call is.
//! - **I19** A buffer that is called plain holds nothing but its target, and is not cleared.
//! - **I20** A freeze that waits is that of one thread.
//!
//! The containers have invariants of their own, which are asserted with these.

#![no_std]
#![forbid(unsafe_code)]
// Programs' input ends up here. Tests choose theirs.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation
    )
)]

extern crate alloc;

#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "sizes and offsets inside a region, which its invariants bound"
)]
mod buffer;
mod call;
#[expect(clippy::arithmetic_side_effects, reason = "counts what exists")]
mod check;
mod commands;
mod context;
mod count;
mod death;
mod debug;
mod debug_id;
mod defect;
mod deliver;
mod direct;
mod driver;
mod due;
mod effects;
mod errors;
mod exit;
mod filled;
mod free;
mod freeze;
mod freeze_notification;
mod group;
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "numbers of handles, which the tree's depth bounds"
)]
mod handles;
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "places in an array, which its length bounds"
)]
mod hash;
mod held;
mod ioctl;
#[expect(clippy::arithmetic_side_effects, reason = "counts what exists")]
mod list;
mod log;
mod machine;
mod manager;
mod message;
mod node;
mod objects;
mod opener;
mod poll;
mod proc;
mod read;
mod receive;
mod reference;
mod region;
mod reply;
mod returns;
#[expect(
    clippy::arithmetic_side_effects,
    reason = "places in a slice, which its length bounds"
)]
mod sort;
#[expect(clippy::arithmetic_side_effects, reason = "counts what exists")]
mod sorted;
mod stats;
#[expect(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "counts what exists; an id's halves are cut out of it"
)]
mod table;
mod thread;
mod trace;
mod transaction;
mod update;
mod work;
mod write;

#[cfg(test)]
mod random;

pub use context::Context;
pub use debug::{DebugFile, Now};
pub use defect::Defect;
pub use direct::{Errand, Handed, Sender, Unusual};
pub use driver::{Blocking, Driver};
pub use effects::{Effect, EffectList, Effects, Handoff, Outcome, Passage, Release, Resumption, Step};
pub use machine::{Fault, FileId, Machine, NoMemory, Pid, TaskId, Ticks, UserAddress, UserPlace, WindowId};
pub use region::MapAccess;
pub use sort::sort_by_key;
pub use stats::Counts;
pub use table::{ProcId, ThreadId};
pub use trace::{Event, SentKind};
