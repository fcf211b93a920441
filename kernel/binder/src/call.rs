//! `BC_TRANSACTION`: a call to a node.

use crate::count::Strength;
use crate::deliver::Accepted;
use crate::driver::Driver;
use crate::log::LogKind;
use crate::machine::{Machine, Trace};
use crate::message::Target;
use crate::table::{NodeId, ProcId, ThreadId};
use crate::thread::{NO_ERROR, Unread};
use crate::trace::{Event, SentKind};
use crate::transaction::Failure;
use crate::work::{Completion, Work};
use abi::Errno;
use abi::binder::ioctl::ExtendedError;
use abi::binder::{TransactionData, TransactionFlags};

impl Driver {
    /// Sends a call. Whether it was accepted or failed, the caller reads as a return.
    #[inline]
    pub(crate) fn call(
        &mut self,
        caller: ThreadId,
        data: &TransactionData,
        buffers_size: u64,
        machine: &mut dyn Machine,
    ) {
        let id = self.begin_sending(caller);
        let oneway = data.transaction_flags().contains(TransactionFlags::ONE_WAY);
        let kind = if oneway { LogKind::OneWay } else { LogKind::Call };
        self.log_begin(id, kind, caller, data);
        let result = if oneway {
            self.call_oneway(caller, id, data, buffers_size, machine)
        } else {
            self.call_sync(caller, id, data, buffers_size, machine)
        };
        match result {
            Ok(()) => self.log_end(),
            Err(failure) => {
                machine.trace(|| self.failure_event(caller, id, failure));
                self.fail_call(caller, id, failure);
            }
        }
    }

    /// Notes how a call failed, and tells its sender.
    #[cold]
    pub(crate) fn fail_call(&mut self, caller: ThreadId, id: u32, failure: Failure) {
        self.log_failure(failure);
        self.threads[caller].extended_error = failure.extended(id);
        self.fail_command(caller, failure.reply());
    }

    /// Gives a call or reply its number; the thread's last failure is forgotten.
    #[inline]
    pub(crate) fn begin_sending(&mut self, caller: ThreadId) -> u32 {
        let id = self.next_id();
        self.threads[caller].extended_error = ExtendedError { id, ..NO_ERROR };
        id
    }

    /// The event of a failure.
    pub(crate) fn failure_event(&self, caller: ThreadId, id: u32, failure: Failure) -> Event {
        Event::Failed {
            id,
            task: self.threads[caller].task,
            reply: failure.reply(),
            parameter: failure.parameter(),
        }
    }

    fn call_sync(
        &mut self,
        caller: ThreadId,
        id: u32,
        data: &TransactionData,
        buffers_size: u64,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let (node, proc) = self.find_target(caller, data.handle())?;
        self.check_may_wait(caller).inspect_err(|_| self.log_node(node))?;
        let thread = self.find_waiting_thread(caller, proc);
        let target = Target {
            proc,
            thread,
            node: Some(node),
        };
        self.log_target(&target);
        let message = self.compose(caller, id, &target, data, buffers_size, None, machine)?;
        if let Err(failure) = self.deliver_call(&target, message.work) {
            self.discard(message, machine);
            return Err(failure);
        }
        // Not told at once: it comes with the reply, or with a call back.
        self.enqueue_to_thread(caller, message.completion);
        let thread = &mut self.threads[caller];
        let below = thread.stack.replace(message.transaction);
        self.transactions[message.transaction].from_parent = below;
        self.procs[thread.proc].calls.begin();
        machine.trace(|| self.sent_event(SentKind::Call, message.transaction));
        Ok(())
    }

    fn call_oneway(
        &mut self,
        caller: ThreadId,
        id: u32,
        data: &TransactionData,
        buffers_size: u64,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let (node, proc) = self.find_target(caller, data.handle())?;
        let target = Target {
            proc,
            thread: None,
            node: Some(node),
        };
        self.log_target(&target);
        let message = self.compose(caller, id, &target, data, buffers_size, None, machine)?;
        machine.trace(|| self.sent_event(SentKind::OneWay, message.transaction));
        let accepted = self.deliver_oneway(proc, node, &message, machine);
        if accepted == Accepted::PendingFrozen {
            self.works[message.completion].work = Work::Complete(Completion::PendingFrozen);
        }
        self.queue_to_caller(caller, message.completion);
        Ok(())
    }

    /// The live node behind a handle, and its owner.
    #[inline]
    fn find_target(&self, caller: ThreadId, handle: u32) -> Result<(NodeId, ProcId), Failure> {
        let proc = self.threads[caller].proc;
        let sender = &self.procs[proc];
        let node = if handle == 0 {
            let manager = self.managers.of(sender.context).node;
            manager.ok_or(Failure::Dead(Some(Errno::EINVAL)))?
        } else {
            let reference = self.find_ref(proc, handle, Strength::Strong);
            self.refs[reference.ok_or(Failure::Failed(Errno::EINVAL))?].node
        };
        let Some(owner) = self.nodes[node].owner else {
            return Err(Failure::Dead(Some(Errno::EINVAL)));
        };
        // A process cannot call itself through one open, nor its own manager through any.
        if owner == proc || handle == 0 && self.procs[owner].pid == sender.pid {
            return Err(Failure::Failed(Errno::EINVAL));
        }
        Ok((node, owner))
    }

    /// A thread may wait for one reply at a time, and only if no call was handed to it meanwhile.
    #[inline]
    fn check_may_wait(&self, caller: ThreadId) -> Result<(), Failure> {
        let thread = &self.threads[caller];
        let first = thread.all_unread(&self.works).next();
        if matches!(first, Some(Unread::Work(Work::Transaction(_)))) {
            return Err(Failure::Failed(Errno::EPROTO));
        }
        match thread.stack {
            Some(top) if self.transactions[top].to_thread != Some(caller) => {
                Err(Failure::Failed(Errno::EPROTO))
            }
            _ => Ok(()),
        }
    }

    /// The nearest thread of the target that waits for this very conversation: a call back goes to it.
    #[inline]
    fn find_waiting_thread(&self, caller: ThreadId, target: ProcId) -> Option<ThreadId> {
        let mut next = self.threads[caller].stack;
        while let Some(id) = next {
            let transaction = &self.transactions[id];
            if let Some(from) = transaction.from
                && self.threads[from].proc == target
            {
                return Some(from);
            }
            next = transaction.from_parent;
        }
        None
    }
}
