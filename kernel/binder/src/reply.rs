//! `BC_REPLY`: the answer to the call on top of a thread's stack.

use crate::driver::Driver;
use crate::log::LogKind;
use crate::machine::{Machine, Trace};
use crate::message::Target;
use crate::table::{ThreadId, TransactionId};
use crate::trace::SentKind;
use crate::transaction::Failure;
use abi::Errno;
use abi::binder::TransactionData;
use abi::binder::reply::{BR_OK, BR_TRANSACTION_COMPLETE};

impl Driver {
    /// Sends a reply. If it fails, the thread that waits for it is told so; the replier is told that all is done.
    #[inline]
    pub(crate) fn reply(
        &mut self,
        caller: ThreadId,
        data: &TransactionData,
        buffers_size: u64,
        machine: &mut dyn Machine,
    ) {
        let id = self.begin_sending(caller);
        self.log_begin(id, LogKind::Reply, caller, data);
        let Some(call) = self.call_to_answer(caller) else {
            let failure = Failure::Failed(Errno::EPROTO);
            self.log_failure(failure);
            machine.trace(|| self.failure_event(caller, id, failure));
            self.threads[caller].extended_error = failure.extended(id);
            return self.fail_command(caller, failure.reply());
        };
        let answered = &self.transactions[call];
        self.threads[caller].stack = answered.to_parent;
        machine.set_nice(answered.saved_priority);
        match self.try_reply(caller, call, id, data, buffers_size, machine) {
            Ok(()) => self.log_end(),
            Err(failure) => {
                self.log_failure(failure);
                machine.trace(|| self.failure_event(caller, id, failure));
                if let Some(from) = self.transactions[call].from
                    && self.threads[from].extended_error.command == BR_OK
                {
                    self.threads[from].extended_error = failure.extended(id);
                }
                self.fail_command(caller, BR_TRANSACTION_COMPLETE);
                self.fail_transaction(call, failure.reply());
            }
        }
    }

    /// The call that a reply of this thread would answer.
    #[inline]
    fn call_to_answer(&self, caller: ThreadId) -> Option<TransactionId> {
        let top = self.threads[caller].stack?;
        (self.transactions[top].to_thread == Some(caller)).then_some(top)
    }

    #[inline]
    fn try_reply(
        &mut self,
        caller: ThreadId,
        call: TransactionId,
        id: u32,
        data: &TransactionData,
        buffers_size: u64,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let waiting = self.transactions[call].from.ok_or(Failure::Dead(None))?;
        let proc = self.threads[waiting].proc;
        let target = Target {
            proc,
            thread: Some(waiting),
            node: None,
        };
        self.log_target(&target);
        let message = self.compose(caller, id, &target, data, buffers_size, Some(call), machine)?;
        self.queue_to_caller(caller, message.completion);
        self.pop_transaction(waiting, call);
        self.queue_to_thread(waiting, message.work);
        self.procs[proc].outstanding.up();
        self.hand_over(waiting);
        self.free_transaction(call);
        machine.trace(|| self.sent_event(SentKind::Reply, message.transaction));
        Ok(())
    }
}
