//! Calls and replies: what is checked, what is translated, who gets it.

use super::types::{Buffer, Message, Object, Transaction, Work};
use super::{At, Model, Place};

/// Why a call or reply goes nowhere, as its sender reads it.
type Failure = &'static str;

impl Model {
    /// `BC_TRANSACTION`.
    pub(super) fn call(&mut self, thread: At, message: &Message) {
        if let Err(failure) = self.try_call(thread, message) {
            self.return_error(thread, failure);
        }
    }

    fn return_error(&mut self, thread: At, failure: Failure) {
        self.threads[thread].return_error = Some(failure);
        self.queue_to_thread(thread, Work::ReturnError(thread));
    }

    fn try_call(&mut self, thread: At, message: &Message) -> Result<(), Failure> {
        let proc = self.threads[thread].proc;
        let node = if message.handle == 0 {
            self.manager.ok_or("DEAD")?
        } else {
            let at = self.find(proc, message.handle, true).ok_or("FAILED")?;
            self.references[at].node
        };
        let target = self.nodes[node].owner.ok_or("DEAD")?;
        if target == proc {
            return Err("FAILED");
        }
        let mut receiver = None;
        if !message.oneway {
            if matches!(self.threads[thread].todo.first(), Some(Work::Transaction(_))) {
                return Err("FAILED");
            }
            if let Some(top) = self.threads[thread].stack {
                if self.transactions[top].to_thread != Some(thread) {
                    return Err("FAILED");
                }
                receiver = self.waiting_in_conversation(top, target);
            }
        }
        self.nodes[node].local_strong += 1;
        let buffer = self.fill(thread, target, Some(node), message)?;
        self.transactions.push(Transaction {
            from: (!message.oneway).then_some(thread),
            from_parent: if message.oneway {
                None
            } else {
                self.threads[thread].stack
            },
            to_proc: Some(target),
            node: Some(node),
            oneway: message.oneway,
            code: message.code,
            buffer: Some(buffer),
            ..Transaction::default()
        });
        let at = self.transactions.len() - 1;
        self.buffers[buffer].transaction = Some(at);
        let frozen = self.procs[target].frozen;
        if message.oneway {
            self.deliver(at, target, node, None);
            let how = if frozen { "PENDING_FROZEN" } else { "TC" };
            self.queue_to_thread(thread, Work::Complete(how, at));
        } else if frozen {
            self.undo(buffer);
            return Err("FROZEN");
        } else {
            self.queue(Place::Thread(thread), Work::Complete("TC", at));
            self.threads[thread].stack = Some(at);
            self.deliver(at, target, node, receiver);
        }
        Ok(())
    }

    /// The thread of a proc that waits nearest in the conversation which `top` is part of.
    fn waiting_in_conversation(&self, top: At, proc: At) -> Option<At> {
        let mut next = Some(top);
        while let Some(at) = next {
            let from = self.transactions[at].from;
            if from.is_some_and(|from| self.threads[from].proc == proc) {
                return from;
            }
            next = self.transactions[at].from_parent;
        }
        None
    }

    fn deliver(&mut self, at: At, proc: At, node: At, receiver: Option<At>) {
        let work = Work::Transaction(at);
        self.procs[proc].outstanding += 1;
        if self.transactions[at].oneway && std::mem::replace(&mut self.nodes[node].oneway_active, true) {
            self.queue(Place::OneWay(node), work);
            return;
        }
        match receiver.or_else(|| self.select(proc)) {
            Some(thread) => {
                self.queue_to_thread(thread, work);
                self.wake(thread);
            }
            None => self.queue(Place::Proc(proc), work),
        }
    }

    /// Puts a message into a buffer of the receiver, with its objects as the receiver will see them.
    fn fill(&mut self, thread: At, to: At, node: Option<At>, message: &Message) -> Result<At, Failure> {
        self.buffers.push(Buffer {
            proc: to,
            node,
            oneway: message.oneway,
            word: message.word,
            ..Buffer::default()
        });
        let buffer = self.buffers.len() - 1;
        for object in &message.objects {
            match self.translate(thread, to, *object) {
                Some(translated) => self.buffers[buffer].objects.push(translated),
                None => {
                    self.undo(buffer);
                    return Err("FAILED");
                }
            }
        }
        Ok(buffer)
    }

    fn translate(&mut self, thread: At, to: At, object: Object) -> Option<Object> {
        let proc = self.threads[thread].proc;
        let (ptr, cookie, strong) = match object {
            Object::Binder { ptr, cookie } => (ptr, cookie, true),
            Object::WeakBinder { ptr, cookie } => (ptr, cookie, false),
            Object::Handle(handle) => return self.pass_on(proc, to, handle, true),
            Object::WeakHandle(handle) => return self.pass_on(proc, to, handle, false),
        };
        let node = match self.node_of(proc, ptr) {
            Some(node) => node,
            None => self.new_node(proc, ptr, cookie),
        };
        if self.nodes[node].cookie != cookie {
            self.let_go(node);
            return None;
        }
        let at = self.refer(to, node, strong, Some(thread)).ok()?;
        Some(self.as_handle(at, strong))
    }

    /// A handle becomes another proc's handle, or the object itself where it comes from.
    fn pass_on(&mut self, proc: At, to: At, handle: u32, strong: bool) -> Option<Object> {
        let at = self.find(proc, handle, strong)?;
        let node = self.references[at].node;
        if self.nodes[node].owner != Some(to) {
            let at = self.refer(to, node, strong, None).ok()?;
            return Some(self.as_handle(at, strong));
        }
        let node = &mut self.nodes[node];
        let (ptr, cookie) = (node.ptr, node.cookie);
        Some(if strong {
            node.local_strong += 1;
            Object::Binder { ptr, cookie }
        } else {
            node.local_weak += 1;
            Object::WeakBinder { ptr, cookie }
        })
    }

    fn as_handle(&self, at: At, strong: bool) -> Object {
        let handle = self.references[at].handle;
        if strong {
            Object::Handle(handle)
        } else {
            Object::WeakHandle(handle)
        }
    }

    /// Gives back what a buffer holds: its node and its objects.
    fn undo(&mut self, at: At) {
        let buffer = &mut self.buffers[at];
        buffer.freed = true;
        let proc = buffer.proc;
        let (node, objects) = (buffer.node, std::mem::take(&mut buffer.objects));
        if let Some(node) = node {
            self.local_strong_down(node);
        }
        for object in objects {
            match object {
                Object::Binder { ptr, .. } | Object::WeakBinder { ptr, .. } => {
                    if let Some(node) = self.node_of(proc, ptr) {
                        if matches!(object, Object::Binder { .. }) {
                            self.local_strong_down(node);
                        } else {
                            self.local_weak_down(node);
                        }
                        self.let_go(node);
                    }
                }
                Object::Handle(handle) => self.count_down(proc, handle, true),
                Object::WeakHandle(handle) => self.count_down(proc, handle, false),
            }
        }
    }

    /// `BC_FREE_BUFFER`.
    pub(super) fn free(&mut self, proc: At, address: u64) {
        let found = self
            .buffers
            .iter()
            .position(|buffer| !buffer.freed && buffer.proc == proc && buffer.address == Some(address));
        let Some(at) = found else { return };
        if let Some(transaction) = self.buffers[at].transaction {
            self.transactions[transaction].buffer = None;
        }
        if let (Some(node), true) = (self.buffers[at].node, self.buffers[at].oneway) {
            if self.nodes[node].oneways.is_empty() {
                self.nodes[node].oneway_active = false;
            } else {
                let next = self.nodes[node].oneways.remove(0);
                self.queue_to_proc(proc, next);
            }
        }
        self.undo(at);
    }

    /// `BC_REPLY`.
    pub(super) fn reply(&mut self, thread: At, message: &Message) {
        let top = self.threads[thread].stack;
        let Some(call) = top.filter(|call| self.transactions[*call].to_thread == Some(thread)) else {
            return self.return_error(thread, "FAILED");
        };
        self.threads[thread].stack = self.transactions[call].to_parent;
        let Some(caller) = self.transactions[call].from else {
            self.return_error(thread, "TC");
            return self.fail(call, "DEAD");
        };
        let to = self.threads[caller].proc;
        match self.fill(thread, to, None, message) {
            Ok(buffer) => {
                self.transactions.push(Transaction {
                    to_proc: Some(to),
                    oneway: message.oneway,
                    code: message.code,
                    buffer: Some(buffer),
                    ..Transaction::default()
                });
                let at = self.transactions.len() - 1;
                self.buffers[buffer].transaction = Some(at);
                self.queue_to_thread(thread, Work::Complete("TC", at));
                self.threads[caller].stack = self.transactions[call].from_parent;
                self.transactions[call].from = None;
                self.queue_to_thread(caller, Work::Transaction(at));
                self.procs[to].outstanding += 1;
                self.wake(caller);
                self.end(call);
            }
            Err(failure) => {
                self.return_error(thread, "TC");
                self.fail(call, failure);
            }
        }
    }

    /// A transaction is over.
    pub(super) fn end(&mut self, at: At) {
        if let Some(proc) = self.transactions[at].to_proc.take() {
            self.procs[proc].outstanding -= 1;
        }
        if let Some(buffer) = self.transactions[at].buffer.take() {
            self.buffers[buffer].transaction = None;
        }
    }

    /// A call ends without a reply: whoever is the nearest to wait for it is told.
    pub(super) fn fail(&mut self, at: At, failure: Failure) {
        let mut next = Some(at);
        while let Some(at) = next {
            next = self.transactions[at].from_parent;
            if let Some(caller) = self.transactions[at].from.take() {
                self.threads[caller].stack = next;
                if self.threads[caller].reply_error.is_none() {
                    self.threads[caller].reply_error = Some(failure);
                    self.queue_to_thread(caller, Work::ReplyError(caller));
                    self.wake(caller);
                }
                self.end(at);
                return;
            }
            self.end(at);
        }
    }
}
