//! Ends: of a blocked call, of a thread, of a proc.
//!
//! Whoever waits for something that ends is told. What a proc referred to is told that it does so no more; what
//! referred to the proc's nodes refers to dead nodes from now on.

use crate::count::{Count, Strength};
use crate::death::DeathState;
use crate::driver::Driver;
use crate::due::DueNotices;
use crate::effects::{Effect, Effects, Release};
use crate::freeze_notification::Notice;
use crate::machine::Machine;
use crate::node::Holder;
use crate::sorted::Sorted;
use crate::table::{NodeId, ProcId, ThreadId, WorkId};
use crate::thread::{Blocked, Looper};
use crate::work::{Queue, Work};
use abi::binder::reply::BR_DEAD_REPLY;
use core::mem;

impl Driver {
    /// The blocked call of a thread will not be carried on, for example because its task was killed.
    pub fn abandon(&mut self, thread: ThreadId) -> Effects {
        if self.threads.contains(thread) {
            self.unblock(thread);
            self.threads[thread].need_return = false;
            let proc = self.threads[thread].proc;
            if !self.procs[proc].todo.is_empty() {
                self.wake_proc(proc);
            }
        }
        self.take_effects()
    }

    /// Forgets what a thread is blocked in.
    fn unblock(&mut self, id: ThreadId) {
        match mem::replace(&mut self.threads[id].blocked, Blocked::No) {
            Blocked::No => {}
            Blocked::PlainRead | Blocked::Read => self.stop_waiting(id),
            Blocked::Freeze => {
                if let Some(wait) = self.take_freeze(id) {
                    self.leave_freezers(id, &wait);
                    self.give_up_freezing(&wait);
                }
            }
        }
    }

    /// Whether a thread is inside a blocked call on this proc.
    pub fn is_occupied(&self, proc: ProcId) -> bool {
        let threads = self.procs.get(proc).map(|proc| proc.threads);
        let mut threads = threads
            .into_iter()
            .flat_map(|threads| threads.iter(&self.threads));
        threads.any(|id| self.threads[id].blocked != Blocked::No)
    }

    /// A descriptor of the open was closed, one of perhaps several: its threads return from their reads.
    pub fn flush(&mut self, proc: ProcId) -> Effects {
        if !self.procs.contains(proc) {
            return self.take_effects();
        }
        self.sort_threads(proc);
        let mut next = self.procs[proc].threads.front();
        while let Some(id) = next {
            let thread = &mut self.threads[id];
            thread.need_return = true;
            if thread.blocked.is_read() {
                self.wake(id);
            }
            next = self.procs[proc].threads.next(&self.threads, id);
        }
        self.take_effects()
    }

    /// `BINDER_THREAD_EXIT`, and the end of each thread of a proc that ends.
    pub(crate) fn exit_thread(&mut self, id: ThreadId) {
        self.unblock(id);
        let thread = &self.threads[id];
        let (proc, task, looper) = (thread.proc, thread.task, thread.looper);
        let owner = &mut self.procs[proc];
        owner.threads.remove(&mut self.threads, id);
        owner.polling.remove(&mut self.threads, id);
        owner.threads_by_task.remove(task.0.into());
        let to_answer = self.detach_stack(id);
        if looper.contains(Looper::POLL) {
            self.effects.rest.push(Effect::Wake(task, id));
        }
        if let Some(call) = to_answer {
            self.fail_transaction(call, BR_DEAD_REPLY);
        }
        self.release_work(Queue::Thread(id));
        self.threads.discard(id);
        self.stats.objects.threads.gone();
    }

    /// Takes a thread out of all transactions it takes part in. Returns the call that it would have to answer next.
    fn detach_stack(&mut self, id: ThreadId) -> Option<crate::table::TransactionId> {
        let thread = &mut self.threads[id];
        let proc = thread.proc;
        let mut next = thread.stack.take();
        let top = next?;
        let to_answer = (self.transactions[top].to_thread == Some(id)).then_some(top);
        while let Some(entry) = next {
            let transaction = &mut self.transactions[entry];
            if transaction.to_thread == Some(id) {
                transaction.to_thread = None;
                let receiver = transaction.to_proc.take();
                let buffer = transaction.buffer.take();
                next = transaction.to_parent;
                if let Some(buffer) = buffer {
                    self.buffers[buffer].transaction = None;
                }
                // Whoever waits to freeze the proc is not told, as on Linux: only ends of transactions wake it.
                if let Some(receiver) = receiver {
                    self.procs[receiver].outstanding.down();
                }
            } else {
                transaction.forget_sender();
                next = transaction.from_parent;
                self.procs[proc].calls.end();
            }
        }
        to_answer
    }

    /// Ends what stands before the queue of a thread that will not read it.
    fn release_ahead(&mut self, thread: ThreadId) {
        while let Some(work) = self.take_ahead(thread) {
            match work {
                Work::Transaction(transaction) => self.cancel_transaction(transaction, BR_DEAD_REPLY),
                _ => self.stats.objects.completions.gone(),
            }
        }
    }

    /// Empties a queue that nobody will read from.
    fn release_work(&mut self, queue: Queue) {
        if let Queue::Thread(thread) = queue {
            self.release_ahead(thread);
        }
        while let Some(id) = self.take_first(queue) {
            self.release_item(id);
        }
    }

    /// Ends an item of work that is on no queue any more.
    fn release_item(&mut self, id: WorkId) {
        match self.works[id].work {
            Work::Transaction(transaction) => self.cancel_transaction(transaction, BR_DEAD_REPLY),
            Work::Complete(_) => {
                self.works.discard(id);
                self.stats.objects.completions.gone();
            }
            Work::Death(death) => match self.deaths[death].state {
                DeathState::Cleared | DeathState::FiredAndCleared => self.forget_death(death),
                DeathState::Armed | DeathState::Fired => {}
            },
            Work::Freeze(freeze) => {
                if self.freezes[freeze].notice == Notice::Cleared {
                    self.forget_freeze(freeze);
                }
            }
            Work::Node(node) => self.note_lingering(node),
        }
    }

    /// Ends what a proc has read and not acknowledged.
    fn release_due(&mut self, proc: ProcId) {
        let proc = &mut self.procs[proc];
        let (deaths, freezes) = (mem::take(&mut proc.due_deaths), mem::take(&mut proc.due_freezes));
        self.release_notices(&deaths);
        self.release_notices(&freezes);
    }

    #[inline(never)]
    fn release_notices(&mut self, due: &DueNotices) {
        if due.is_empty() {
            return;
        }
        for mut queue in due.queues() {
            while let Some(id) = queue.pop_front(&mut self.works) {
                self.works[id].queue = None;
                self.release_item(id);
            }
        }
    }

    /// The last reference to the open is gone: the proc ends. Its window may be freed when that is over.
    ///
    /// Before a thread that polls ends, those go on reading that the threads before it have woken: what the proc owns and
    /// refers to is still there for them. Linux waits there until nobody can be looking at what the thread was polled by.
    pub fn release(&mut self, proc: ProcId, _machine: &mut dyn Machine) -> (Effects, Release) {
        if !self.procs.contains(proc) {
            return (self.take_effects(), Release::Over);
        }
        let manager = self.managers.of_mut(self.procs[proc].context);
        if let Some(node) = manager.node
            && self.nodes[node].owner == Some(proc)
        {
            manager.node = None;
            self.lower_node(node, Strength::Strong, Holder::Local);
            self.lower_node(node, Strength::Weak, Holder::Local);
        }
        self.procs[proc].set_frozen(Default::default());
        self.sort_threads(proc);
        while let Some(thread) = self.procs[proc].threads.front() {
            if self.threads[thread].polls() && self.has_woken_readers() {
                return (self.take_effects(), Release::Paused);
            }
            self.exit_thread(thread);
        }
        while let Some(watcher) = self.procs[proc].watchers.front() {
            self.leave_watchers(watcher);
        }
        self.procs[proc].sorted_ptrs = Sorted::new();
        self.sort_nodes(proc);
        while let Some(node) = self.procs[proc].nodes.front() {
            self.orphan_node(proc, node);
        }
        for handle in 0..self.procs[proc].handles.end() {
            if let Some(reference) = self.procs[proc].handles.get(handle) {
                self.drop_ref(reference);
            }
        }
        self.release_work(Queue::Proc(proc));
        self.release_due(proc);
        self.forget_freezers(proc);
        self.order.remove(&mut self.procs, proc);
        self.leave_fellows(proc);
        let ended = &self.procs[proc];
        if let Some(region) = &ended.region {
            for (_, _, &buffer) in region.space.iter() {
                self.buffers.discard(buffer);
            }
        }
        self.stats.retired.add(&ended.stats);
        self.stats.objects.procs.gone();
        self.procs.discard(proc);
        (self.take_effects(), Release::Over)
    }

    /// Whether the current call has woken threads that are blocked in a read.
    fn has_woken_readers(&self) -> bool {
        self.effects.rest.iter().any(|effect| match effect {
            Effect::Wake(_, id) => self
                .threads
                .get(id)
                .is_some_and(|thread| thread.blocked.is_read()),
            Effect::DropFile(_) | Effect::CloseFile(_) | Effect::UnmapPage(..) => false,
        })
    }

    /// The owner of a node ends.
    fn orphan_node(&mut self, proc: ProcId, id: NodeId) {
        self.release_work(Queue::OneWay(id));
        self.stop_lingering(id);
        let work = self.nodes[id].work;
        self.dequeue(work);
        let owner = &mut self.procs[proc];
        owner.nodes.remove(&mut self.nodes, id);
        let node = &mut self.nodes[id];
        owner.nodes_by_ptr.remove(node.name.ptr);
        node.owner = None;
        node.plain_owner = None;
        node.local_strong = Count::ZERO;
        node.local_weak = Count::ZERO;
        if node.refs.is_empty() {
            self.forget_node(id);
            return;
        }
        let announced = node.announced_dead;
        let died = self.next_id();
        self.nodes[id].died = died;
        if !announced {
            self.fire_deaths(id);
        }
    }
}
