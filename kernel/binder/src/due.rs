//! Notices that were read and wait to be acknowledged.
//!
//! A death or freeze notification is acknowledged by its cookie. Programs choose cookies, and many registrations may share
//! one: then what was read first is acknowledged first. So there is a queue for each cookie. It is made together with the
//! first registration of its cookie, where memory may be asked for, and goes with the last.
//!
//! Invariant:
//!
//! - **D1** A cookie's queue is there exactly as long as there are registrations with this cookie, and counts them. What
//!   is on it belongs to one of them.

use crate::count::Count;
use crate::group::{Group, Groups, number};
use crate::machine::NoMemory;
use crate::table::{Table, WorkId};
use crate::work::{WorkChain, WorkItem, WorkList};

/// The queues of one proc for notices of one kind.
#[derive(Debug, Default)]
pub(crate) struct DueNotices {
    /// The queue of each cookie, which counts its registrations.
    by_cookie: Groups,
    /// How many notices are on all queues.
    delivered: Count,
}

impl DueNotices {
    /// No registrations. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            by_cookie: Groups::new(),
            delivered: Count::ZERO,
        }
    }

    /// Forgets all, and lets go of the memory.
    pub(crate) fn reset(&mut self) {
        self.by_cookie.reset();
        self.delivered = Count::ZERO;
    }

    /// There is one more registration with a cookie.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if its queue finds none; nothing has changed then.
    pub(crate) fn register(&mut self, cookie: u64) -> Result<(), NoMemory> {
        if let Some(due) = self.by_cookie.get_mut(number(cookie)) {
            due.count.up();
            return Ok(());
        }
        let mut due = Group::EMPTY;
        due.count.up();
        self.by_cookie.insert(number(cookie), due)
    }

    /// There is one registration less; its notice is on no queue. The proc's end forgets all registrations at once, after
    /// which nothing is known of any.
    pub(crate) fn unregister(&mut self, cookie: u64) {
        let Some(due) = self.by_cookie.get_mut(number(cookie)) else {
            return;
        };
        due.count.down();
        if due.count.is_zero() {
            self.by_cookie.remove(number(cookie));
        }
    }

    /// A notice was read.
    pub(crate) fn push(&mut self, cookie: u64, works: &mut Table<WorkItem, WorkId>, work: WorkId) {
        let Some(due) = self.by_cookie.get_mut(number(cookie)) else {
            unregistered()
        };
        due.change::<WorkChain, _>(|queue| queue.push_back(works, work));
        self.delivered.up();
    }

    /// A notice is due no more.
    pub(crate) fn remove(&mut self, cookie: u64, works: &mut Table<WorkItem, WorkId>, work: WorkId) {
        if let Some(due) = self.by_cookie.get_mut(number(cookie))
            && due.change::<WorkChain, _>(|queue| queue.remove(works, work))
        {
            self.delivered.down();
        }
    }

    /// The notice that an acknowledgement with this cookie means.
    pub(crate) fn first(&self, cookie: u64) -> Option<WorkId> {
        self.by_cookie.get(number(cookie))?.list::<WorkChain>().front()
    }

    /// Whether no notice is due.
    pub(crate) fn is_empty(&self) -> bool {
        self.delivered.is_zero()
    }

    /// All queues.
    pub(crate) fn queues(&self) -> impl Iterator<Item = WorkList> {
        self.by_cookie.iter().map(|(_, due)| due.list())
    }

    /// Asserts the invariant, given the cookies of all registrations.
    pub(crate) fn check(&self, cookies: impl Iterator<Item = u64>, works: &Table<WorkItem, WorkId>) {
        self.by_cookie.check();
        let registrations = cookies
            .inspect(|&cookie| {
                assert!(
                    self.by_cookie.get(number(cookie)).is_some(),
                    "D1: a cookie has a queue"
                );
            })
            .count();
        let counted: usize = self
            .by_cookie
            .iter()
            .map(|(_, due)| due.count.get() as usize)
            .sum();
        assert_eq!(counted, registrations, "D1: registrations are counted");
        let due: usize = self.queues().map(|queue| queue.len(works)).sum();
        assert_eq!(due, self.delivered.get() as usize, "D1: due notices are counted");
    }
}

#[cold]
#[inline(never)]
fn unregistered() -> ! {
    panic!("a notice of no registration was read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::UNNAMED;

    fn works(count: usize) -> (Table<WorkItem, WorkId>, alloc::vec::Vec<WorkId>) {
        let mut table = Table::new();
        let ids = (0..count)
            .map(|_| table.insert(WorkItem::new(UNNAMED)).unwrap())
            .collect();
        (table, ids)
    }

    #[test]
    fn of_notices_with_one_cookie_the_first_read_is_acknowledged_first() {
        let (mut table, ids) = works(3);
        let mut due = DueNotices::new();
        for cookie in [7, 7, 8] {
            due.register(cookie).unwrap();
        }
        due.push(8, &mut table, ids[2]);
        due.push(7, &mut table, ids[1]);
        due.push(7, &mut table, ids[0]);
        due.check([7, 8, 7].into_iter(), &table);
        assert_eq!(
            (due.first(7), due.first(8), due.first(9)),
            (Some(ids[1]), Some(ids[2]), None)
        );
        due.remove(7, &mut table, ids[1]);
        assert_eq!(due.first(7), Some(ids[0]));
        due.remove(7, &mut table, ids[0]);
        assert_eq!((due.first(7), due.is_empty()), (None, false));
    }

    #[test]
    fn a_queue_goes_with_the_last_registration_of_its_cookie() {
        let (table, _) = works(0);
        let mut due = DueNotices::new();
        due.register(7).unwrap();
        due.register(7).unwrap();
        due.unregister(7);
        due.check([7].into_iter(), &table);
        due.unregister(7);
        due.check(core::iter::empty(), &table);
        assert_eq!(due.queues().count(), 0);
    }
}
