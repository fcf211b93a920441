//! Doubly linked lists over ids.
//!
//! A [`List`] orders objects of a [`Table`] without owning or moving them: the links are a field of the object, so
//! putting an object on a list never allocates, and taking it out of the middle costs O(1). A type that implements
//! [`Chain`] says which field; an object can sit in as many lists at once as it has such fields, and a list cannot be
//! used with the wrong one. Pushing at the front and popping there makes a stack of it.
//!
//! Invariants:
//!
//! - **L1** From the head, `next` leads to the tail; from the tail, `prev` leads back to the head, whose own `prev` means
//!   nothing: so the head can leave without a look at the object behind it.
//! - **L2** An object's `prev` is the id of nothing while it is on no list, and never while it is on one.

use crate::table::{Element, Id, Table};
use core::iter;

mod sort;
#[cfg(test)]
mod tests;

/// Names the field through which objects of one kind are chained.
pub(crate) trait Chain {
    /// How the objects are named.
    type Id: Id;
    /// The objects.
    type Element: Element;

    /// The field.
    fn links(element: &Self::Element) -> &Links<Self::Id>;

    /// The field, for changing.
    fn links_mut(element: &mut Self::Element) -> &mut Links<Self::Id>;
}

/// An object's place in a list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Links<I> {
    /// The id of nothing while the object is on no list.
    prev: Option<I>,
    next: Option<I>,
}

impl<I: Id> Links<I> {
    /// On no list.
    pub(crate) const fn new() -> Self {
        Self {
            prev: Some(I::NONE),
            next: None,
        }
    }

    /// What the object stands behind, if anything.
    #[inline(always)]
    pub(crate) fn before(&self) -> Option<I> {
        self.prev
    }

    /// Whether the object is on a list.
    #[inline(always)]
    pub(crate) fn is_linked(&self) -> bool {
        self.prev != Some(I::NONE)
    }
}

/// Objects in an order. All operations that change it need the objects' table.
#[derive(Debug)]
pub(crate) struct List<C: Chain> {
    head: Option<C::Id>,
    tail: Option<C::Id>,
}

/// A copy is for whoever keeps lists in a place that moves them; only one of the two may go on.
impl<C: Chain> Clone for List<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Chain> Copy for List<C> {}

/// The table that a list's objects live in.
type Elements<C> = Table<<C as Chain>::Element, <C as Chain>::Id>;

impl<C: Chain> List<C> {
    /// An empty list.
    pub(crate) const fn new() -> Self {
        Self {
            head: None,
            tail: None,
        }
    }

    /// A list from one object to another, which are linked.
    pub(crate) const fn between(head: Option<C::Id>, tail: Option<C::Id>) -> Self {
        Self { head, tail }
    }

    /// Whether nothing is on the list.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_none()
    }

    /// How many objects are on the list: they are counted.
    pub(crate) fn len(&self, table: &Elements<C>) -> usize {
        self.iter(table).count()
    }

    /// Whether there is one object on the list and no other.
    #[inline]
    pub(crate) fn has_one(&self) -> bool {
        self.head.is_some() && self.head == self.tail
    }

    /// The first object.
    #[inline]
    pub(crate) fn front(&self) -> Option<C::Id> {
        self.head
    }

    /// The last object.
    #[inline]
    pub(crate) fn back(&self) -> Option<C::Id> {
        self.tail
    }

    /// Appends an object that is on no list of this chain.
    #[inline]
    pub(crate) fn push_back(&mut self, table: &mut Elements<C>, id: C::Id) {
        link::<C>(table, id, self.tail, None);
        match self.tail.replace(id) {
            Some(before) => C::links_mut(table.at_mut(before)).next = Some(id),
            None => self.head = Some(id),
        }
    }

    /// Puts an object that is on no list of this chain at the front.
    #[inline]
    pub(crate) fn push_front(&mut self, table: &mut Elements<C>, id: C::Id) {
        link::<C>(table, id, None, self.head);
        match self.head.replace(id) {
            Some(after) => C::links_mut(table.at_mut(after)).prev = Some(id),
            None => self.tail = Some(id),
        }
    }

    /// Takes the first object off.
    #[inline]
    pub(crate) fn pop_front(&mut self, table: &mut Elements<C>) -> Option<C::Id> {
        let id = self.head?;
        let links = core::mem::replace(C::links_mut(table.at_mut(id)), Links::new());
        self.head = links.next;
        if links.next.is_none() {
            self.tail = None;
        }
        Some(id)
    }

    /// As [`Self::push_front`], for whom has the object at hand but not the table: what is returned must then learn that
    /// it stands [behind](Self::stand_behind) the object.
    #[inline(always)]
    #[must_use]
    pub(crate) fn lead(&mut self, element: &mut C::Element, id: C::Id) -> Option<C::Id> {
        let links = C::links_mut(element);
        assert!(!links.is_linked(), "L2: the object is on no list yet");
        let after = self.head.replace(id);
        links.next = after;
        links.prev = None;
        if after.is_none() {
            self.tail = Some(id);
        }
        after
    }

    /// As [`Self::pop_front`], for whom has the first object at hand but not the table.
    #[inline(always)]
    pub(crate) fn leave(&mut self, first: &mut C::Element) {
        let links = C::links_mut(first);
        debug_assert!(links.is_linked(), "L2: the object is on a list");
        self.head = links.next;
        if links.next.is_none() {
            self.tail = None;
        }
        links.prev = Some(C::Id::NONE);
    }

    /// Moves the first object of another list of the same chain to the end of this one. Returns it.
    #[inline(always)]
    pub(crate) fn take_over<'t>(
        &mut self,
        other: &mut Self,
        table: &'t mut Elements<C>,
    ) -> Option<(C::Id, &'t mut C::Element)> {
        let id = other.head?;
        Self::stand_before(table, self.tail, id);
        let element = table.at_mut(id);
        other.leave(element);
        if self.follow(element, id).is_none() {
            self.head = Some(id);
        }
        Some((id, element))
    }

    /// As [`Self::push_back`], for whom has the object at hand but not the table: what is returned must then learn that it
    /// stands [before](Self::stand_before) the object.
    #[inline(always)]
    #[must_use]
    pub(crate) fn follow(&mut self, element: &mut C::Element, id: C::Id) -> Option<C::Id> {
        let links = C::links_mut(element);
        assert!(!links.is_linked(), "L2: the object is on no list yet");
        let before = self.tail.replace(id);
        *links = Links {
            prev: before,
            next: None,
        };
        if before.is_none() {
            self.head = Some(id);
        }
        before
    }

    /// As [`Self::follow`], for an object that is about to be made: it must be made with these links.
    #[inline(always)]
    #[must_use]
    pub(crate) fn extend(&mut self, id: C::Id) -> Links<C::Id> {
        let before = self.tail.replace(id);
        if before.is_none() {
            self.head = Some(id);
        }
        Links {
            prev: before,
            next: None,
        }
    }

    /// Notes what stands behind an object.
    #[inline(always)]
    pub(crate) fn stand_before(table: &mut Elements<C>, id: Option<C::Id>, behind: C::Id) {
        if let Some(id) = id {
            C::links_mut(table.at_mut(id)).next = Some(behind);
        }
    }

    /// Notes what stands before an object.
    #[inline(always)]
    pub(crate) fn stand_behind(table: &mut Elements<C>, id: Option<C::Id>, before: C::Id) {
        if let Some(id) = id {
            C::links_mut(table.at_mut(id)).prev = Some(before);
        }
    }

    /// Takes an object off, wherever it is on this list. Says whether it was on a list.
    #[inline]
    pub(crate) fn remove(&mut self, table: &mut Elements<C>, id: C::Id) -> bool {
        let links = core::mem::replace(C::links_mut(table.at_mut(id)), Links::new());
        if !links.is_linked() {
            return false;
        }
        let before = links.prev.filter(|_| self.head != Some(id));
        match before {
            Some(before) => C::links_mut(table.at_mut(before)).next = links.next,
            None => self.head = links.next,
        }
        match links.next {
            Some(after) => C::links_mut(table.at_mut(after)).prev = before,
            None => self.tail = before,
        }
        true
    }

    /// The object behind this one, which is on this list. For walks that change the list on their way.
    #[inline]
    pub(crate) fn next(&self, table: &Elements<C>, id: C::Id) -> Option<C::Id> {
        C::links(&table[id]).next
    }

    /// The object before this one, which is on this list.
    #[inline]
    pub(crate) fn previous(&self, table: &Elements<C>, id: C::Id) -> Option<C::Id> {
        C::links(&table[id]).prev.filter(|_| self.head != Some(id))
    }

    /// The objects from first to last.
    pub(crate) fn iter<'a>(
        &self,
        table: &'a Elements<C>,
    ) -> impl Iterator<Item = C::Id> + Clone + use<'a, C> {
        iter::successors(self.head, |&id| C::links(&table[id]).next)
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self, table: &Elements<C>) {
        let mut before = None;
        let mut len = 0_usize;
        let mut next = self.head;
        while let Some(id) = next {
            let links = C::links(&table[id]);
            assert!(links.is_linked(), "L2: an object on a list is marked");
            assert!(before.is_none() || links.prev == before, "L1: prev leads back");
            len += 1;
            assert!(len <= table.len(), "L1: the list ends");
            before = Some(id);
            next = links.next;
        }
        assert!(self.tail == before, "L1: the list ends at its tail");
    }
}

#[inline]
fn link<C: Chain>(table: &mut Elements<C>, id: C::Id, prev: Option<C::Id>, next: Option<C::Id>) {
    let links = C::links_mut(table.at_mut(id));
    assert!(!links.is_linked(), "L2: the object is on no list yet");
    *links = Links { prev, next };
}
