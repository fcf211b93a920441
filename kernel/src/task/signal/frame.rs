//! The stack frame of a signal handler, laid out as Linux does.

use crate::arch::Context;
use crate::mm::user;
use crate::task::Kernel;
use abi::Errno;
use abi::signal::{
    SA_ONSTACK, SA_RESTORER, SS_AUTODISARM, SS_DISABLE, SS_ONSTACK, Signal, SignalAction, SignalFrame,
    SignalInfo, SignalRegisters, SignalSet, SignalStack,
};
use alloc::vec;
use zerocopy::IntoBytes;

/// The area below the stack pointer that the ABI lets functions use.
const RED_ZONE: u64 = 128;
/// The alignment that saved extended state needs.
const STATE_ALIGNMENT: u64 = 64;
/// `UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS`: the frame says which stack segment was in use.
const FRAME_FLAGS: u64 = 6;
/// cs, gs, fs and ss of 64-bit programs.
const SEGMENTS: [u16; 4] = [0x33, 0, 0, 0x2b];
/// The offset of the context within the frame: behind the return address.
const CONTEXT_OFFSET: u64 = 8;
/// The largest extended state that a frame can bring back.
const STATE_MAX: usize = 16 << 10;

/// Whether the stack pointer is on the alternate stack.
fn is_on(stack: &SignalStack, pointer: u64) -> bool {
    stack.flags & SS_DISABLE == 0 && pointer > stack.base && pointer - stack.base <= stack.size
}

impl Kernel {
    /// The alternate stack as programs see it.
    pub(crate) fn visible_stack(&self) -> SignalStack {
        let thread = self.thread();
        let mut stack = thread.signals.stack;
        if is_on(&stack, thread.context.registers().rsp) {
            stack.flags |= SS_ONSTACK;
        }
        stack
    }

    /// Saves the current thread's registers on its stack, and makes it start the handler.
    pub(super) fn push_frame(
        &mut self,
        signal: Signal,
        info: &SignalInfo,
        action: &SignalAction,
        mask: SignalSet,
    ) -> Result<(), Errno> {
        if action.flags & SA_RESTORER == 0 {
            return Err(Errno::EFAULT);
        }
        let stack = self.visible_stack();
        let thread = self.thread_mut();
        let registers = *thread.context.registers();
        let usable = stack.flags & (SS_DISABLE | SS_ONSTACK) == 0;
        let top = if action.flags & SA_ONSTACK != 0 && usable {
            stack.base.wrapping_add(stack.size)
        } else {
            registers.rsp.wrapping_sub(RED_ZONE)
        };
        let state = thread.context.extended_state()?;
        let state_at = top.wrapping_sub(state.len() as u64) & !(STATE_ALIGNMENT - 1);
        user::write(state_at, state)?;
        // A called function finds the stack pointer 8 below a multiple of 16.
        let frame_at = (state_at.wrapping_sub(size_of::<SignalFrame>() as u64) & !15).wrapping_sub(8);
        let frame = SignalFrame {
            restorer: action.restorer,
            flags: FRAME_FLAGS,
            link: 0,
            stack,
            registers: SignalRegisters {
                r8_to_r15: [
                    registers.r8,
                    registers.r9,
                    registers.r10,
                    registers.r11,
                    registers.r12,
                    registers.r13,
                    registers.r14,
                    registers.r15,
                ],
                rdi: registers.rdi,
                rsi: registers.rsi,
                rbp: registers.rbp,
                rbx: registers.rbx,
                rdx: registers.rdx,
                rax: registers.rax,
                rcx: registers.rcx,
                rsp: registers.rsp,
                rip: registers.rip,
                rflags: registers.rflags,
                segments: SEGMENTS,
                old_mask: mask.0,
                cr2: info.first,
                extended_state: state_at,
                ..SignalRegisters::default()
            },
            mask,
            info: *info,
        };
        user::write(frame_at, frame.as_bytes())?;
        // As on Linux a handler begins with a vector state of its own.
        thread.context.reset_extended_state();
        let new = thread.context.registers_mut();
        new.rsp = frame_at;
        new.rip = action.handler;
        new.rdi = u64::from(signal.number());
        new.rsi = frame_at + core::mem::offset_of!(SignalFrame, info) as u64;
        new.rdx = frame_at + CONTEXT_OFFSET;
        new.rax = 0;
        new.rflags &= !DIRECTION_AND_TRAP;
        if thread.signals.stack.flags & SS_AUTODISARM != 0 {
            thread.signals.stack = SignalStack::NONE;
        }
        Ok(())
    }

    /// Goes back from a handler to what it interrupted.
    pub(crate) fn pop_frame(&mut self) -> Result<(), Errno> {
        // The handler's return took the return address off the stack.
        let frame_at = self.thread().context.registers().rsp.wrapping_sub(8);
        let frame: SignalFrame = user::read_value(frame_at)?;
        let context = &mut self.thread_mut().context;
        if frame.registers.extended_state == 0 {
            context.reset_extended_state();
        } else {
            let mut state = vec![0; Context::extended_state_size().min(STATE_MAX)];
            user::read(frame.registers.extended_state, &mut state)?;
            context.set_extended_state(&mut state)?;
        }
        let saved = &frame.registers;
        let registers = context.registers_mut();
        [
            registers.r8,
            registers.r9,
            registers.r10,
            registers.r11,
            registers.r12,
            registers.r13,
            registers.r14,
            registers.r15,
        ] = saved.r8_to_r15;
        registers.rdi = saved.rdi;
        registers.rsi = saved.rsi;
        registers.rbp = saved.rbp;
        registers.rbx = saved.rbx;
        registers.rdx = saved.rdx;
        registers.rax = saved.rax;
        registers.rcx = saved.rcx;
        registers.rsp = saved.rsp;
        registers.rip = saved.rip;
        registers.rflags = saved.rflags;
        let signals = &mut self.thread_mut().signals;
        signals.stack = SignalStack {
            flags: frame.stack.flags & !SS_ONSTACK,
            ..frame.stack
        };
        self.set_signal_mask(self.current, frame.mask);
        Ok(())
    }
}

/// The direction and trap flags of rflags.
const DIRECTION_AND_TRAP: u64 = 1 << 10 | 1 << 8;
