//! Delivering signals to the current thread, on its way back to its program.

use super::SavedMask;
use super::action::{self, Default as DefaultAction};
use crate::arch::{Fault, FaultKind};
use crate::log;
use crate::task::{Ending, Kernel};
use abi::signal::{
    SA_NODEFER, SA_RESETHAND, SA_RESTART, SI_KERNEL, SIG_DFL, SIG_IGN, Signal, SignalAction, SignalInfo,
    SignalSet,
};

impl Kernel {
    /// Delivers what the current thread has to take. Afterwards the thread may be no more.
    pub(crate) fn deliver_signals(&mut self) {
        while let Some((signal, info)) = self.take_signal() {
            let action = self.process().signals.action(signal);
            match action.handler {
                SIG_IGN => {}
                SIG_DFL => match action::default_of(signal) {
                    DefaultAction::Ignore => {}
                    DefaultAction::Terminate => {
                        return self.end_process(self.thread().process, Ending::Killed(signal));
                    }
                },
                _ => {
                    if !self.handle_signal(signal, &info, &action) {
                        return;
                    }
                }
            }
        }
        self.finish_restart(None);
        if let Some(saved) = self.thread_mut().signals.saved_mask.take() {
            self.set_signal_mask(self.current, saved.mask());
        }
    }

    /// Takes the next signal that the current thread does not block, SIGKILL before all others.
    fn take_signal(&mut self) -> Option<(Signal, SignalInfo)> {
        let kill = SignalSet::of(Signal::SIGKILL);
        let allowed = SignalSet(u64::MAX).without(self.thread().signals.mask);
        let taken = self.take_pending(kill).or_else(|| self.take_pending(allowed));
        self.refresh_attention(self.current);
        taken
    }

    /// Takes a pending signal of this set: the thread's own first, then one of its process.
    pub(crate) fn take_pending(&mut self, set: SignalSet) -> Option<(Signal, SignalInfo)> {
        match self.thread_mut().signals.pending.take(set) {
            Some(taken) => Some(taken),
            None => self.process_mut().signals.pending.take(set),
        }
    }

    /// Sets the current thread up to run a handler. False if that ended the process.
    fn handle_signal(&mut self, signal: Signal, info: &SignalInfo, action: &SignalAction) -> bool {
        self.finish_restart(Some(action));
        if action.flags & SA_RESETHAND != 0 {
            self.process_mut()
                .signals
                .set_action(signal, SignalAction::default());
        }
        let signals = &mut self.thread_mut().signals;
        let mask_after = signals.saved_mask.take().map_or(signals.mask, SavedMask::mask);
        if self.push_frame(signal, info, action, mask_after).is_err() {
            log!(
                "{} {}: no room on the stack for a handler of {signal:?}",
                self.process().program_name(),
                self.process().id.0
            );
            self.end_process(self.thread().process, Ending::Killed(Signal::SIGSEGV));
            return false;
        }
        let mut mask = self.thread().signals.mask.with(action.mask);
        if action.flags & SA_NODEFER == 0 {
            mask = mask.with(SignalSet::of(signal));
        }
        self.set_signal_mask(self.current, mask);
        true
    }

    /// Rewinds an interrupted call if it is to be made again: before a handler that wants it so, or when there was no
    /// handler after all.
    fn finish_restart(&mut self, handler: Option<&SignalAction>) {
        let thread = self.thread_mut();
        let Some(number) = thread.signals.restart.take() else {
            return;
        };
        if handler.is_none_or(|action| action.flags & SA_RESTART != 0) {
            let registers = thread.context.registers_mut();
            registers.rax = number.into();
            // The length of the `syscall` instruction.
            registers.rip = registers.rip.wrapping_sub(2);
        }
    }

    /// The current thread did something that the processor refuses: the matching signal, which cannot be blocked or
    /// ignored.
    pub(crate) fn fault(&mut self, fault: &Fault) {
        let (number, code) = fault.kind.signal();
        let signal = Signal::from_number(u64::from(number)).unwrap_or(Signal::SIGKILL);
        let address = match fault.kind {
            FaultKind::Page { address, .. } => address,
            // Linux tells no address where the processor tells none.
            _ if code == SI_KERNEL => 0,
            _ => self.thread().context.registers().rip,
        };
        let info = SignalInfo::fault(signal, code, address);
        let action = self.process().signals.action(signal);
        let blocked = self.thread().signals.mask.contains(signal);
        if signal == Signal::SIGKILL || blocked || matches!(action.handler, SIG_DFL | SIG_IGN) {
            self.report_fault(signal, fault);
            return self.end_process(self.thread().process, Ending::Killed(signal));
        }
        self.handle_signal(signal, &info, &action);
    }

    /// Sends the current thread a signal that it cannot block or ignore.
    pub(crate) fn force_signal(&mut self, signal: Signal) {
        let action = self.process().signals.action(signal);
        let blocked = self.thread().signals.mask.contains(signal);
        if blocked || matches!(action.handler, SIG_DFL | SIG_IGN) {
            return self.end_process(self.thread().process, Ending::Killed(signal));
        }
        self.raise(signal);
    }
}
