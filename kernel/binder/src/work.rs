//! Work: what waits to be read by a thread.
//!
//! An item of work belongs to the object it speaks of and is on at most one queue. Nodes, notifications and transactions
//! own theirs for as long as they live, so queueing never needs memory; completions own themselves. What is in a thread's
//! own queue without an item is an [error](crate::errors) of the thread.
//!
//! A thread's own queue holds what only it may read. Work that is put there *deferred* does not make the thread
//! readable by itself; it comes along with whatever does next.

use crate::driver::Driver;
use crate::effects::Effect;
use crate::errors::ErrorKind;
use crate::list::{Chain, Links, List};
use crate::machine::NoMemory;
use crate::table::{DeathId, Element, FreezeId, NodeId, ProcId, ThreadId, TransactionId, WorkId};
use crate::thread::{Blocked, Looper};

/// What an item of work speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// An incoming call or reply.
    Transaction(TransactionId),
    /// The thread's own call or reply was accepted.
    Complete(Completion),
    /// A node's owner may have to be told of references.
    Node(NodeId),
    /// A death notification or the end of one.
    Death(DeathId),
    /// A freeze notification or the end of one.
    Freeze(FreezeId),
}

/// How a call or reply was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// As usual.
    Usual,
    /// The receiver is frozen and reads it later.
    PendingFrozen,
    /// The sender floods the receiver.
    SpamSuspect,
}

/// A queue that work can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Queue {
    /// What one thread is to read.
    Thread(ThreadId),
    /// What any thread of a proc may read.
    Proc(ProcId),
    /// One-way calls that wait for an earlier one to the same node.
    OneWay(NodeId),
    /// Death notifications read but not acknowledged.
    DeliveredDeaths(ProcId),
    /// Freeze notifications read but not acknowledged.
    DeliveredFreezes(ProcId),
}

/// An item of work.
#[derive(Debug)]
pub(crate) struct WorkItem {
    pub(crate) work: Work,
    pub(crate) queue: Option<Queue>,
    links: Links<WorkId>,
}

/// What an item of work speaks of until its owner has an id.
pub(crate) const UNNAMED: Work = Work::Complete(Completion::Usual);

impl WorkItem {
    /// Work that is on no queue yet.
    #[inline]
    pub(crate) const fn new(work: Work) -> Self {
        Self {
            work,
            queue: None,
            links: Links::new(),
        }
    }
}

impl WorkItem {
    /// Makes it work that is on no queue yet, whatever it was.
    #[inline(always)]
    pub(crate) fn begin(&mut self, work: Work) {
        self.work = work;
        self.queue = None;
        self.links = Links::new();
    }

    /// Work with a place on this queue.
    #[inline(always)]
    pub(crate) const fn placed(work: Work, queue: Queue, links: Links<WorkId>) -> Self {
        Self {
            work,
            queue: Some(queue),
            links,
        }
    }

    /// Work that is about to be put on this queue.
    #[inline]
    pub(crate) const fn queued(work: Work, queue: Queue) -> Self {
        Self {
            work,
            queue: Some(queue),
            links: Links::new(),
        }
    }
}

impl Element for WorkItem {
    fn vacant() -> Self {
        Self::new(UNNAMED)
    }

    #[inline(always)]
    fn clear(&mut self) {}
}

/// Chains items of work.
#[derive(Debug)]
pub(crate) struct WorkChain;

impl Chain for WorkChain {
    type Id = WorkId;
    type Element = WorkItem;

    #[inline]
    fn links(element: &WorkItem) -> &Links<WorkId> {
        &element.links
    }

    #[inline]
    fn links_mut(element: &mut WorkItem) -> &mut Links<WorkId> {
        &mut element.links
    }
}

/// A queue of work.
pub(crate) type WorkList = List<WorkChain>;

impl Driver {
    /// Makes an item of work.
    #[inline]
    pub(crate) fn new_work(&mut self, work: Work) -> Result<WorkId, NoMemory> {
        self.works.insert(WorkItem::new(work))
    }

    /// The cookie of a notification; of other work, nothing.
    #[inline]
    fn cookie_of(&self, work: WorkId) -> u64 {
        match self.works[work].work {
            Work::Death(id) => self.deaths[id].cookie,
            Work::Freeze(id) => self.freezes[id].cookie,
            Work::Transaction(_) | Work::Complete(_) | Work::Node(_) => 0,
        }
    }

    /// Appends work to a thread's own queue, without consequences.
    pub(crate) fn enqueue_to_thread(&mut self, thread: ThreadId, work: WorkId) {
        self.works.at_mut(work).queue = Some(Queue::Thread(thread));
        self.threads.at_mut(thread).todo.push_back(&mut self.works, work);
    }

    /// Appends work to a queue, without consequences.
    #[inline]
    pub(crate) fn enqueue(&mut self, queue: Queue, work: WorkId) {
        self.works.at_mut(work).queue = Some(queue);
        match queue {
            Queue::Thread(thread) => self.threads.at_mut(thread).todo.push_back(&mut self.works, work),
            Queue::Proc(proc) => self.procs[proc].todo.push_back(&mut self.works, work),
            Queue::OneWay(node) => {
                self.nodes[node].oneways.push_back(&mut self.works, work);
                self.note_update(node, work);
            }
            Queue::DeliveredDeaths(proc) => {
                let cookie = self.cookie_of(work);
                self.procs[proc].due_deaths.push(cookie, &mut self.works, work);
            }
            Queue::DeliveredFreezes(proc) => {
                let cookie = self.cookie_of(work);
                self.procs[proc].due_freezes.push(cookie, &mut self.works, work);
            }
        }
    }

    /// Takes work off the queue it is on, if any.
    pub(crate) fn dequeue(&mut self, work: WorkId) {
        let Some(queue) = self.works.at_mut(work).queue.take() else {
            return;
        };
        match queue {
            Queue::Thread(id) => {
                let thread = self.threads.at_mut(id);
                if thread.errors.queued() != 0 {
                    let before = thread.todo.previous(&self.works, work);
                    thread.errors.move_up(work, before);
                }
                thread.todo.remove(&mut self.works, work);
                thread.process_todo &= !thread.has_nothing();
            }
            Queue::Proc(proc) => {
                self.procs[proc].todo.remove(&mut self.works, work);
            }
            Queue::OneWay(node) => {
                self.nodes[node].oneways.remove(&mut self.works, work);
                self.forget_update(node, work);
            }
            Queue::DeliveredDeaths(proc) => {
                let cookie = self.cookie_of(work);
                self.procs[proc].due_deaths.remove(cookie, &mut self.works, work);
            }
            Queue::DeliveredFreezes(proc) => {
                let cookie = self.cookie_of(work);
                self.procs[proc].due_freezes.remove(cookie, &mut self.works, work);
            }
        }
    }

    /// Takes the first item off a queue.
    #[inline]
    pub(crate) fn take_first(&mut self, queue: Queue) -> Option<WorkId> {
        let works = &mut self.works;
        let work = match queue {
            Queue::Thread(id) => {
                let thread = &mut self.threads[id];
                let work = thread.todo.pop_front(works)?;
                if thread.errors.queued() != 0 {
                    thread.errors.move_up(work, None);
                }
                thread.process_todo &= !thread.has_nothing();
                Some(work)
            }
            Queue::Proc(proc) => self.procs[proc].todo.pop_front(works),
            Queue::OneWay(node) => {
                let work = self.nodes[node].oneways.pop_front(works);
                if let Some(work) = work {
                    self.forget_update(node, work);
                }
                work
            }
            // What is due has an order only within a cookie.
            Queue::DeliveredDeaths(_) | Queue::DeliveredFreezes(_) => None,
        }?;
        self.works[work].queue = None;
        Some(work)
    }

    /// Gives a thread something to read, without waking it.
    #[inline]
    pub(crate) fn queue_to_thread(&mut self, thread: ThreadId, work: WorkId) {
        self.enqueue_to_thread(thread, work);
        self.threads[thread].process_todo = true;
    }

    /// Gives the calling thread something to read.
    #[inline]
    pub(crate) fn queue_to_caller(&mut self, caller: ThreadId, work: WorkId) {
        self.tell_polling_caller(caller);
        self.queue_to_thread(caller, work);
    }

    /// The calling thread gets something to read. If it uses poll, it is told, since it may never block in a read.
    fn tell_polling_caller(&mut self, caller: ThreadId) {
        let thread = &self.threads[caller];
        if thread.looper.contains(Looper::POLL) && !thread.process_todo {
            self.tell(caller);
        }
    }

    /// A command failed: no more are taken until the caller has read this return.
    pub(crate) fn fail_command(&mut self, caller: ThreadId, reply: u32) {
        self.tell_polling_caller(caller);
        self.queue_error(caller, ErrorKind::Return, reply);
    }

    /// Gives a thread an error to read, without waking it.
    pub(crate) fn queue_error(&mut self, thread: ThreadId, kind: ErrorKind, reply: u32) {
        let thread = &mut self.threads[thread];
        thread.errors.queue(kind, reply, thread.todo.back());
        thread.process_todo = true;
        if thread.blocked == Blocked::PlainRead {
            thread.blocked = Blocked::Read;
        }
    }

    /// Gives any thread of a proc something to read, and wakes one.
    pub(crate) fn queue_to_proc(&mut self, proc: ProcId, work: WorkId) {
        self.enqueue(Queue::Proc(proc), work);
        self.wake_proc(proc);
    }

    /// Takes the thread that began to wait last off the waiting ones.
    #[inline]
    pub(crate) fn select_thread(&mut self, proc: ProcId) -> Option<ThreadId> {
        self.procs[proc].waiting.pop_front(&mut self.threads)
    }

    /// Wakes a waiting thread of a proc, or else all that poll and could take work.
    pub(crate) fn wake_proc(&mut self, proc: ProcId) {
        match self.select_thread(proc) {
            Some(thread) => self.wake(thread),
            None => self.wake_pollers(proc),
        }
    }

    /// Wakes all threads of a proc that poll and could take its work.
    #[inline]
    pub(crate) fn wake_pollers(&mut self, proc: ProcId) {
        let polling = &mut self.procs[proc].polling;
        if polling.is_empty() {
            return;
        }
        polling.sort(&mut self.threads, |thread| (0, thread.task.0));
        let mut next = polling.front();
        while let Some(id) = next {
            if self.threads[id].may_take_proc_work() {
                self.tell(id);
            }
            next = self.procs[proc].polling.next(&self.threads, id);
        }
    }

    /// Wakes a thread if it is blocked in a read or polls. A freeze is woken by what it waits for alone.
    #[inline]
    pub(crate) fn wake(&mut self, id: ThreadId) {
        let thread = &self.threads[id];
        if thread.blocked.is_read() || thread.looper.contains(Looper::POLL) {
            self.tell(id);
        }
    }

    /// Wakes a thread, and counts it for those that poll.
    pub(crate) fn tell(&mut self, id: ThreadId) {
        let thread = &mut self.threads[id];
        thread.news = thread.news.wrapping_add(1);
        self.effects.rest.push(Effect::Wake(thread.task, id));
    }

    /// Wakes the thread that the caller now works with: the processor goes to it directly.
    #[inline]
    pub(crate) fn hand_over(&mut self, id: ThreadId) {
        let thread = &self.threads[id];
        if thread.blocked.is_read() && self.effects.handoff.is_none() {
            self.effects.handoff = Some((thread.task, id));
        } else {
            self.wake(id);
        }
    }
}
