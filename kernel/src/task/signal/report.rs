//! What the log says of a program that its own fault ended: what it did, where, and who called whom.
//!
//! The callers are found by the chain of frame pointers on the program's stack, as in a kernel panic. The programs of the
//! tree have it; others may keep anything in that register. So each link is an allegation: it is read as user memory,
//! has to lie further up than the one before it, and has to lead to code.

use crate::arch::Fault;
use crate::log;
use crate::mm::{Access, user};
use crate::symbols;
use crate::task::{Kernel, Process};
use abi::signal::Signal;

/// How many callers are told at most.
const DEPTH: usize = 64;

/// How the list of callers ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// At the program's or the thread's first function.
    Whole,
    /// There are more than are told.
    More,
    /// Where the chain led nowhere.
    Broken,
}

impl Kernel {
    /// Tells of a fault that ends the current thread's program.
    pub(super) fn report_fault(&self, signal: Signal, fault: &Fault) {
        let process = self.process();
        let rip = self.thread().context.registers().rip;
        let (name, pid, tid) = (process.program_name(), process.id.0, self.thread().id.0);
        let linked = rip.checked_sub(process.bias);
        let symbol = linked.and_then(|linked| symbols::program(name.as_bytes(), linked));
        match symbol {
            Some(symbol) => log!(
                "{name} {pid}/{tid}: {signal:?}: {:x?} at {rip:#x} ({} + {:#x})",
                fault.kind,
                symbol.name,
                symbol.offset
            ),
            None => log!("{name} {pid}/{tid}: {signal:?}: {:x?} at {rip:#x}", fault.kind),
        }
        let function = symbol.map(|symbol| rip - symbol.offset);
        let mut list = Callers::new(process);
        if let Some(caller) = self.caller_without_frame(function) {
            list.add(caller);
        }
        let end = self.visit_callers(|caller| list.add(caller));
        list.finish();
        match end {
            End::Whole => {}
            End::More => log!("  and further callers"),
            End::Broken => log!("  further callers are unknown: there are no frame pointers"),
        }
    }

    /// Where the innermost function returns to, if it has no frame yet or makes none: then the return address is on top
    /// of the stack. That holds when the call in front of it leads to this function, or when there is no function, since
    /// the program went astray.
    fn caller_without_frame(&self, function: Option<u64>) -> Option<u64> {
        /// The first byte of a call to a place that is told as the distance to it.
        const CALL: u8 = 0xe8;
        let space = &self.thread().space;
        let registers = self.thread().context.registers();
        let caller = user::read_value::<u64>(registers.rsp).ok()?;
        if !space.allows(caller, Access::Execute) {
            return None;
        }
        if !space.allows(registers.rip, Access::Execute) {
            return Some(caller);
        }
        let [code, distance @ ..] = user::read_value::<[u8; 5]>(caller.checked_sub(5)?).ok()?;
        let target = caller.wrapping_add_signed(i32::from_le_bytes(distance).into());
        (code == CALL && Some(target) == function).then_some(caller)
    }

    /// Calls `visit` with the addresses that the frames on the current thread's stack return to, the innermost first.
    fn visit_callers(&self, mut visit: impl FnMut(u64)) -> End {
        let space = &self.thread().space;
        let registers = self.thread().context.registers();
        let mut lowest = registers.rsp;
        let mut frame = registers.rbp;
        for depth in 0..DEPTH {
            if frame == 0 && depth > 0 {
                return End::Whole;
            }
            if frame < lowest || !frame.is_multiple_of(8) {
                return End::Broken;
            }
            let Ok([next, caller]) = user::read_value::<[u64; 2]>(frame) else {
                return End::Broken;
            };
            if !space.allows(caller, Access::Execute) {
                return End::Broken;
            }
            visit(caller);
            lowest = frame + 16;
            frame = next;
        }
        End::More
    }
}

/// The list as it is written. A function that calls itself is told once, with how often.
struct Callers<'a> {
    process: &'a Process,
    last: u64,
    repeated: usize,
}

impl<'a> Callers<'a> {
    fn new(process: &'a Process) -> Self {
        Self {
            process,
            last: 0,
            repeated: 0,
        }
    }

    fn add(&mut self, caller: u64) {
        if caller == self.last {
            self.repeated += 1;
            return;
        }
        self.finish();
        self.last = caller;
        let linked = caller.checked_sub(self.process.bias);
        let name = self.process.program_name().as_bytes();
        match linked.and_then(|linked| symbols::program_caller(name, linked)) {
            Some(symbol) => log!("  at {caller:#018x} {} + {:#x}", symbol.name, symbol.offset),
            None => log!("  at {caller:#018x}"),
        }
    }

    fn finish(&mut self) {
        match core::mem::take(&mut self.repeated) {
            0 => {}
            1 => log!("  and once more"),
            times => log!("  and {times} times more"),
        }
    }
}
