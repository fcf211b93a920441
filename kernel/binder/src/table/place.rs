//! Places of a table in somebody's hand: one for a new object, one whose object may end, and one that goes over from an
//! object to the next.
//!
//! Whoever holds one has found it already, so filling it asks nothing again.

use super::{Element, Id, Link, Slot};

/// A place for a new object, which may be taken or not.
#[derive(Debug)]
pub(crate) struct Vacancy<'a, T, I> {
    pub(super) slot: &'a mut Slot<T, I>,
    pub(super) free: &'a mut Link,
    pub(super) occupied: &'a mut u32,
}

impl<'a, T: Element, I: Id> Vacancy<'a, T, I> {
    /// The id of an object that is put there.
    #[inline(always)]
    pub(crate) fn id(&self) -> I {
        self.slot.id
    }

    /// What is there already, to be made anew before it is an object. It must not come to own anything before.
    #[inline(always)]
    pub(crate) fn draft(&mut self) -> &mut T {
        &mut self.slot.value
    }

    /// Puts there what is like the content of a vacant slot.
    #[inline(always)]
    pub(crate) fn keep(self) -> I {
        *self.free = self.slot.link;
        *self.occupied += 1;
        self.slot.link = Link::OCCUPIED;
        self.slot.id
    }

    /// Puts an object there.
    #[inline(always)]
    pub(crate) fn fill(self, value: T) -> &'a mut T {
        let place = self.take();
        // What stands in a vacant slot owns nothing.
        core::mem::forget(core::mem::replace(place, value));
        place
    }

    /// Puts an object there that is what was there before, which owns nothing; it is to be made anew where it is.
    #[inline(always)]
    pub(crate) fn take(self) -> &'a mut T {
        *self.free = self.slot.link;
        *self.occupied += 1;
        self.slot.link = Link::OCCUPIED;
        &mut self.slot.value
    }
}

/// An object, and what it takes to end it.
#[derive(Debug)]
pub(crate) struct Found<'a, T, I> {
    pub(super) slot: &'a mut Slot<T, I>,
    pub(super) free: &'a mut Link,
    pub(super) occupied: &'a mut u32,
}

impl<'a, T: Element, I: Id> Found<'a, T, I> {
    /// The object.
    #[inline(always)]
    pub(crate) fn value(&mut self) -> &mut T {
        &mut self.slot.value
    }

    /// Makes the object's slot free. The object is still there: the caller lets go of what it owns.
    #[inline(always)]
    pub(crate) fn vacate(self) -> &'a mut T {
        let Self { slot, free, occupied } = self;
        debug_assert_eq!(
            slot.link,
            Link::OCCUPIED,
            "T1: nobody knows the id of what is not there yet"
        );
        *occupied -= 1;
        let id = slot.id;
        match id.next() {
            Some(next) => {
                slot.id = next;
                slot.link = core::mem::replace(free, Link::to(id.index()));
            }
            None => {
                slot.id = I::NONE;
                slot.link = Link::RETIRED;
            }
        }
        &mut slot.value
    }

    /// Ends the object where it is.
    #[inline(always)]
    pub(crate) fn discard(self) {
        self.vacate().clear();
    }
}

/// An object whose place can go over to another one.
#[derive(Debug)]
pub(crate) struct Heritage<'a, T, I> {
    pub(super) slot: &'a mut Slot<T, I>,
    pub(super) next: I,
}

impl<'a, T: Element, I: Id> Heritage<'a, T, I> {
    /// The object.
    #[inline(always)]
    pub(crate) fn value(&self) -> &T {
        &self.slot.value
    }

    /// The id of the object's heir.
    #[inline(always)]
    pub(crate) fn heir(&self) -> I {
        self.next
    }

    /// Ends the object and puts another one there, which is what was there before, but owns nothing; it is to be made anew
    /// where it is.
    #[inline(always)]
    pub(crate) fn pass_on(self) -> &'a mut T {
        self.slot.id = self.next;
        self.slot.value.clear();
        &mut self.slot.value
    }
}
