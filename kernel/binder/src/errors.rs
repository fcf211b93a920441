//! Errors: what a thread is told of its failures.
//!
//! A thread can have two of them to read: its last command failed, and its call ended without a reply. They are no items
//! of work, but fields of the thread: so a failure needs no memory to be told, and a thread that never fails has none set
//! aside. An error stands in the thread's queue all the same. It names the item behind which it came, and when that item
//! leaves, it moves up to the one before. Invariant I4 of the driver speaks of this.

use crate::table::{Id, WorkId};
use core::iter;

/// Which error of a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// That of its own command. It gives no more commands until it has read this.
    Return,
    /// How its call ended without a reply.
    Reply,
}

impl ErrorKind {
    /// Which of a pair of numbers is that of this kind.
    fn side(self) -> usize {
        match self {
            Self::Return => 0,
            Self::Reply => 1,
        }
    }
}

/// Where an error stands in its thread's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place(u32);

impl Place {
    /// Not in the queue.
    const NOWHERE: Self = Self(0);
    /// In front of all that is there.
    const FRONT: Self = Self(1);

    /// Behind an item, if there is one. As long as that is in the queue, nothing else has its slot.
    fn behind(item: Option<WorkId>) -> Self {
        item.map_or(Self::FRONT, |item| Self(item.index().wrapping_add(2)))
    }
}

/// The lower half of a number.
const LOWER: u64 = u32::MAX as u64;

/// The places of both errors, as one number.
#[derive(Clone, Copy, Debug)]
struct Places(u64);

impl Places {
    fn of(self, kind: ErrorKind) -> Place {
        Place(match kind {
            ErrorKind::Return => (self.0 & LOWER) as u32,
            ErrorKind::Reply => (self.0 >> u32::BITS) as u32,
        })
    }

    fn set(&mut self, kind: ErrorKind, place: Place) {
        let place = u64::from(place.0);
        self.0 = match kind {
            ErrorKind::Return => self.0 & !LOWER | place,
            ErrorKind::Reply => self.0 & LOWER | place << u32::BITS,
        };
    }
}

/// The errors of a thread.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Errors {
    places: Places,
    /// The returns that tell of them, until they have been told; 0 for none. None of these returns says how much follows it, so
    /// their codes have 16 bits.
    codes: [u16; 2],
    /// If both are queued: the one about the call came first.
    reply_came_first: bool,
}

impl Errors {
    /// Nothing has failed.
    pub(crate) const NONE: Self = Self {
        places: Places(0),
        codes: [0; 2],
        reply_came_first: false,
    };

    /// The return that tells of an error, until it has been told.
    pub(crate) fn code(&self, kind: ErrorKind) -> Option<u32> {
        let code = self.codes[kind.side()];
        (code != 0).then_some(code.into())
    }

    /// Whether any error is queued: 0 if not.
    #[inline(always)]
    pub(crate) fn queued(&self) -> u64 {
        self.places.0
    }

    /// Whether the thread must give no commands: 0 if it may.
    #[inline(always)]
    pub(crate) fn keep_commands_back(&self) -> u64 {
        self.codes[0].into()
    }

    /// Both kinds, the one that came first at first.
    fn kinds(&self) -> [ErrorKind; 2] {
        if self.reply_came_first {
            [ErrorKind::Reply, ErrorKind::Return]
        } else {
            [ErrorKind::Return, ErrorKind::Reply]
        }
    }

    /// Queues an error that is not queued, with the return that tells of it, behind the last item of the queue.
    pub(crate) fn queue(&mut self, kind: ErrorKind, code: u32, last: Option<WorkId>) {
        debug_assert_eq!(self.places.of(kind), Place::NOWHERE, "an error is queued once");
        self.reply_came_first = self.places.of(ErrorKind::Reply) != Place::NOWHERE;
        self.places.set(kind, Place::behind(last));
        self.codes[kind.side()] = (code & 0xffff) as u16;
    }

    /// The errors that stand behind an item of the queue, or else in front of all, in order.
    pub(crate) fn behind(&self, item: Option<WorkId>) -> impl Iterator<Item = ErrorKind> + use<> {
        let (place, places) = (Place::behind(item), self.places);
        let kinds = self.kinds().into_iter();
        kinds.filter(move |&kind| places.of(kind) == place)
    }

    /// Takes the error off the queue that is to be read before all items.
    #[cold]
    pub(crate) fn take_first(&mut self) -> Option<ErrorKind> {
        let first = self.behind(None).next()?;
        self.places.set(first, Place::NOWHERE);
        Some(first)
    }

    /// An error was told.
    pub(crate) fn told(&mut self, kind: ErrorKind) {
        self.codes[kind.side()] = 0;
    }

    /// An item leaves the queue, where it stood behind another one or in front.
    #[cold]
    pub(crate) fn move_up(&mut self, item: WorkId, before: Option<WorkId>) {
        for kind in self.behind(Some(item)) {
            self.places.set(kind, Place::behind(before));
        }
    }

    /// Asserts the invariant, for a queue of these items.
    pub(crate) fn check(&self, items: impl Iterator<Item = WorkId> + Clone) {
        for kind in self.kinds() {
            let place = self.places.of(kind);
            let is_queued = place != Place::NOWHERE;
            assert!(
                !is_queued || self.code(kind).is_some(),
                "I4: what is queued is an error"
            );
            let mut places = iter::once(None).chain(items.clone().map(Some));
            let stands = places.any(|item| Place::behind(item) == place);
            assert!(!is_queued || stands, "I4: an error stands in the queue");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, Errors};
    use crate::table::{Id, WorkId};
    use abi::binder::reply::{BR_DEAD_REPLY, BR_FAILED_REPLY};
    use core::num::NonZeroU32;

    fn item(index: u32) -> WorkId {
        WorkId::new(index, NonZeroU32::MIN)
    }

    #[test]
    fn an_error_comes_when_all_before_it_has_left() {
        let mut errors = Errors::NONE;
        errors.queue(ErrorKind::Reply, BR_DEAD_REPLY, Some(item(7)));
        // It stands behind items 3 and 7.
        assert_eq!(errors.take_first(), None);
        errors.move_up(item(3), None);
        assert_eq!(errors.take_first(), None);
        errors.move_up(item(7), None);
        assert_eq!(errors.take_first(), Some(ErrorKind::Reply));
        assert_eq!(errors.queued(), 0);
        assert_eq!(errors.code(ErrorKind::Reply), Some(BR_DEAD_REPLY));
        errors.told(ErrorKind::Reply);
        assert_eq!(errors.code(ErrorKind::Reply), None);
    }

    #[test]
    fn an_error_moves_up_when_the_item_before_it_leaves_the_middle() {
        let mut errors = Errors::NONE;
        errors.queue(ErrorKind::Return, BR_FAILED_REPLY, Some(item(7)));
        errors.move_up(item(7), Some(item(3)));
        let behind = errors.behind(Some(item(3)));
        assert!(behind.eq([ErrorKind::Return]));
        errors.check([item(3)].into_iter());
    }

    #[test]
    fn of_two_errors_at_one_place_the_earlier_one_is_first() {
        for (earlier, later) in [
            (ErrorKind::Reply, ErrorKind::Return),
            (ErrorKind::Return, ErrorKind::Reply),
        ] {
            let mut errors = Errors::NONE;
            errors.queue(earlier, BR_DEAD_REPLY, None);
            errors.queue(later, BR_FAILED_REPLY, Some(item(0)));
            errors.move_up(item(0), None);
            assert!(errors.behind(None).eq([earlier, later]));
            assert_eq!(errors.take_first(), Some(earlier));
            // It can fail once more before the later one is read.
            errors.told(earlier);
            errors.queue(earlier, BR_DEAD_REPLY, None);
            assert!(errors.behind(None).eq([later, earlier]));
        }
    }

    #[test]
    fn an_error_that_could_not_be_told_keeps_commands_back() {
        let mut errors = Errors::NONE;
        errors.queue(ErrorKind::Return, BR_FAILED_REPLY, None);
        errors.take_first();
        assert_eq!(errors.queued(), 0);
        assert_ne!(errors.keep_commands_back(), 0);
    }
}
