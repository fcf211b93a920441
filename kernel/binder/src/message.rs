//! Messages: a transaction with its buffer, from the sender's data to something that can be queued.
//!
//! Composing takes things: counts on nodes and handles, files, room. Each is noted in the buffer or the transaction in
//! the moment it is taken, so that discarding a half-made message gives back exactly that and nothing else.

use crate::buffer::{Charge, Request, Spam};
use crate::count::Strength;
use crate::driver::Driver;
use crate::held::HeldList;
use crate::list::Links;
use crate::machine::Machine;
use crate::node::Holder;
use crate::region::{Buffer, Delivery};
use crate::table::{NodeId, ProcId, ThreadId, TransactionId, WorkId};
use crate::trace::{Event, SentKind};
use crate::transaction::{Announcement, Failure, Transaction};
use crate::work::{Completion, UNNAMED, Work};
use abi::Errno;
use abi::binder::{TransactionData, TransactionFlags};
use alloc::vec::Vec;

/// Whom a message is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) proc: ProcId,
    /// The thread that must read it, where that is settled.
    pub(crate) thread: Option<ThreadId>,
    /// The node that is called; none for a reply.
    pub(crate) node: Option<NodeId>,
}

/// A message that can be queued.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message {
    pub(crate) transaction: TransactionId,
    /// What tells its receiver.
    pub(crate) work: WorkId,
    /// What tells the sender that it was accepted.
    pub(crate) completion: WorkId,
}

/// A size as a program states it. What does not fit is too large for everything anyway.
#[inline]
pub(crate) fn size(stated: u64) -> usize {
    usize::try_from(stated).unwrap_or(usize::MAX)
}

/// Room for a security context: the text, a NUL, rounded up.
#[inline]
fn context_size(context: &str) -> usize {
    context.len().saturating_add(1).next_multiple_of(8)
}

impl Driver {
    /// Makes a message of a sender's data. `answered` is the call that it replies to.
    #[inline]
    #[expect(clippy::too_many_arguments, reason = "the parts of one message")]
    pub(crate) fn compose(
        &mut self,
        caller: ThreadId,
        id: u32,
        target: &Target,
        data: &TransactionData,
        buffers_size: u64,
        answered: Option<TransactionId>,
        machine: &mut dyn Machine,
    ) -> Result<Message, Failure> {
        let message = self
            .open_message(caller, id, target, data, machine)
            .ok_or(Failure::Failed(Errno::ENOMEM))?;
        match self.fill_message(
            caller,
            id,
            &message,
            target,
            data,
            buffers_size,
            answered,
            machine,
        ) {
            Ok(()) => Ok(message),
            Err(failure) => {
                self.discard(message, machine);
                Err(failure)
            }
        }
    }

    #[inline]
    fn open_message(
        &mut self,
        caller: ThreadId,
        id: u32,
        target: &Target,
        data: &TransactionData,
        machine: &mut dyn Machine,
    ) -> Option<Message> {
        let work = self.new_work(UNNAMED).ok()?;
        let thread = &self.threads[caller];
        let flags = data.transaction_flags();
        let waits = target.node.is_some() && !flags.contains(TransactionFlags::ONE_WAY);
        let from_pid = self.procs[thread.proc].pid;
        let ended_as = self.procs[thread.proc].ended_as;
        let transaction = Transaction {
            id,
            work: Some(work),
            from: waits.then_some(caller),
            from_parent: None,
            // Set when it can be queued: until then nothing is outstanding.
            to_proc: None,
            to_thread: target.thread,
            to_parent: None,
            buffer: None,
            announcement: Announcement::new(
                data.code,
                data.flags,
                ended_as.unwrap_or_else(|| machine.euid_of(from_pid)),
            ),
            priority: machine.nice(),
            saved_priority: 0,
            security_context: None,
            files: Vec::new(),
            from_pid,
            from_task: thread.task,
            updates: Links::new(),
            started: machine.ticks(),
        };
        let Ok(transaction) = self.transactions.insert(transaction) else {
            self.works.discard(work);
            return None;
        };
        let Ok(completion) = self.new_work(Work::Complete(Completion::Usual)) else {
            self.works.discard(work);
            self.transactions.discard(transaction);
            return None;
        };
        self.works[work].work = Work::Transaction(transaction);
        self.stats.objects.transactions.made();
        self.stats.objects.completions.begin();
        Some(Message {
            transaction,
            work,
            completion,
        })
    }

    #[inline]
    #[expect(clippy::too_many_arguments, reason = "the parts of one message")]
    fn fill_message(
        &mut self,
        caller: ThreadId,
        id: u32,
        message: &Message,
        target: &Target,
        data: &TransactionData,
        buffers_size: u64,
        answered: Option<TransactionId>,
        machine: &mut dyn Machine,
    ) -> Result<(), Failure> {
        let sender = self.transactions[message.transaction].from_pid;
        let flags = data.transaction_flags();
        let context = target
            .node
            .filter(|node| self.nodes[*node].wants_security_context)
            .map(|_| machine.security_context(sender));
        let extra = size(buffers_size)
            .checked_add(context.map_or(0, context_size))
            .ok_or(Failure::Failed(Errno::EINVAL))?;
        let is_oneway_call = target.node.is_some() && flags.contains(TransactionFlags::ONE_WAY);
        let buffer = Buffer {
            id,
            proc: target.proc,
            offset: 0,
            request: Request {
                data: size(data.data_size),
                offsets: size(data.offsets_size),
                extra,
            },
            charge: if is_oneway_call {
                Charge::Async
            } else {
                Charge::Sync
            },
            sender,
            delivery: if data.offsets_size == 0 {
                Delivery::of_plain(flags)
            } else {
                Delivery::empty()
            },
            flags,
            transaction: Some(message.transaction),
            target: None,
            held: HeldList::new(),
        };
        let (buffer, spam) = self.allocate_buffer(buffer, machine)?;
        self.transactions[message.transaction].buffer = Some(buffer);
        if let Some(node) = target.node {
            self.buffers[buffer].target = Some(node);
            self.raise_node(node, Strength::Strong, Holder::Local, None);
        }
        if let Some(context) = context {
            self.write_context(message.transaction, context, machine);
        }
        self.transfer(
            caller,
            message.transaction,
            data,
            answered,
            context.map_or(0, context_size),
            machine,
        )?;
        if spam == Spam::Suspected {
            self.works[message.completion].work = Work::Complete(Completion::SpamSuspect);
        }
        self.transactions[message.transaction].to_proc = Some(target.proc);
        Ok(())
    }

    /// Puts the sender's security context at the end of the buffer.
    fn write_context(&mut self, id: TransactionId, context: &str, machine: &mut dyn Machine) {
        let Some(buffer) = self.transactions[id].buffer else {
            return;
        };
        let buffer = &self.buffers[buffer];
        let request = &buffer.request;
        let at = request
            .extra_at()
            .wrapping_add(request.extra.next_multiple_of(8))
            .wrapping_sub(context_size(context));
        let address = self.buffer_address(buffer).wrapping_add(at as u64);
        if let Some(region) = &self.procs[buffer.proc].region {
            let to = buffer.offset.wrapping_add(at);
            machine.write_window(region.window, to, context.as_bytes());
            machine.write_window(region.window, to.wrapping_add(context.len()), &[0]);
        }
        self.transactions[id].security_context = Some(address);
    }

    /// Gives back a message that is not queued.
    #[cold]
    pub(crate) fn discard(&mut self, message: Message, machine: &mut dyn Machine) {
        self.works.discard(message.completion);
        self.stats.objects.completions.gone();
        if let Some(buffer) = self.transactions[message.transaction].buffer {
            self.release_buffer(buffer, machine);
        }
        self.transactions[message.transaction].to_proc = None;
        self.free_transaction(message.transaction);
    }

    /// The event of an accepted message.
    pub(crate) fn sent_event(&self, kind: SentKind, id: TransactionId) -> Event {
        let sent = &self.transactions[id];
        let buffer = sent.buffer.map(|buffer| &self.buffers[buffer]);
        Event::Sent {
            id: sent.id,
            kind,
            from: sent.from_pid,
            from_task: sent.from_task,
            to: sent.to_proc.map_or(crate::Pid(0), |proc| self.procs[proc].pid),
            to_task: sent.to_thread.map(|thread| self.threads[thread].task),
            node: buffer
                .and_then(|buffer| buffer.target)
                .map_or(0, |node| self.nodes[node].id),
            code: sent.code(),
            flags: sent.flags().bits(),
            data_size: buffer.map_or(0, |buffer| buffer.request.data),
            offsets_size: buffer.map_or(0, |buffer| buffer.request.offsets),
        }
    }
}
