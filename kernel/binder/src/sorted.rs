//! Numbers in ascending order: the pointers of a proc's nodes, for programs that ask which node follows which.
//!
//! A [`Sorted`] is a treap, a search tree in which a number's hash tells how far up it stands. The hashes are as good as
//! dice, so the tree is balanced well enough, whatever the order in which numbers come and go. Few programs ask, so a
//! number is put in when somebody asks for the first time, not when its node is made.
//!
//! Invariants:
//!
//! - **S1** Smaller numbers are to the left of larger ones.
//! - **S2** A number's hash is not smaller than those of the numbers below it.
//! - **S3** Each place is in the tree or vacant, and as many are in the tree as it says.

use crate::hash::Key;
use crate::machine::NoMemory;
use alloc::vec::Vec;

/// No place.
const NONE: usize = usize::MAX;

/// A direction, as an index of `below`.
const SMALLER: usize = 0;
const LARGER: usize = 1;

/// A number and where those below it are.
#[derive(Debug)]
struct Place {
    number: u64,
    below: [usize; 2],
}

/// Where a place is named: by the place above it, on one of its sides, or as the root.
#[derive(Clone, Copy)]
enum Link {
    Root,
    Below(usize, usize),
}

/// Numbers in order.
#[derive(Debug)]
pub(crate) struct Sorted {
    places: Vec<Place>,
    root: usize,
    /// The first vacant place; each names the next on its smaller side.
    vacant: usize,
    len: usize,
}

impl Sorted {
    /// No numbers. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            places: Vec::new(),
            root: NONE,
            vacant: NONE,
            len: 0,
        }
    }

    /// Whether there are no numbers.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether a number is among them.
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.link_of(number).is_some()
    }

    /// The smallest number that is larger than this one.
    pub(crate) fn after(&self, number: u64) -> Option<u64> {
        let mut following = None;
        let mut at = self.root;
        while let Some(place) = self.places.get(at) {
            let side = if place.number > number {
                following = Some(place.number);
                SMALLER
            } else {
                LARGER
            };
            at = place.below[side];
        }
        following
    }

    /// Puts a number in that is not there yet.
    ///
    /// # Errors
    ///
    /// [`NoMemory`]: then nothing has changed.
    pub(crate) fn insert(&mut self, number: u64) -> Result<(), NoMemory> {
        let new = self.furnish(number)?;
        let mut link = Link::Root;
        let mut at = self.root;
        while at != NONE && self.place(at).number.hash() > number.hash() {
            let side = side(self.place(at).number < number);
            link = Link::Below(at, side);
            at = self.place(at).below[side];
        }
        self.set(link, new);
        // What stood there goes below the new number, on the one side or the other.
        let mut ends = [Link::Below(new, SMALLER), Link::Below(new, LARGER)];
        while at != NONE {
            let is_smaller = self.place(at).number < number;
            let end = side(!is_smaller);
            let inwards = side(is_smaller);
            self.set(ends[end], at);
            ends[end] = Link::Below(at, inwards);
            at = self.place(at).below[inwards];
        }
        for end in ends {
            self.set(end, NONE);
        }
        self.len += 1;
        Ok(())
    }

    /// Takes a number out, if it is there.
    pub(crate) fn remove(&mut self, number: u64) {
        let Some((mut link, gone)) = self.link_of(number) else {
            return;
        };
        let [mut smaller, mut larger] = self.place(gone).below;
        while smaller != NONE && larger != NONE {
            let is_smaller_above = self.place(smaller).number.hash() > self.place(larger).number.hash();
            if is_smaller_above {
                self.set(link, smaller);
                link = Link::Below(smaller, LARGER);
                smaller = self.place(smaller).below[LARGER];
            } else {
                self.set(link, larger);
                link = Link::Below(larger, SMALLER);
                larger = self.place(larger).below[SMALLER];
            }
        }
        self.set(link, if smaller == NONE { larger } else { smaller });
        self.place_mut(gone).below[SMALLER] = self.vacant;
        self.vacant = gone;
        self.len -= 1;
        if self.len == 0 {
            *self = Self::new();
        }
    }

    /// A place for a number.
    fn furnish(&mut self, number: u64) -> Result<usize, NoMemory> {
        let place = Place {
            number,
            below: [NONE; 2],
        };
        if let Some(vacant) = self.places.get_mut(self.vacant) {
            let next = vacant.below[SMALLER];
            *vacant = place;
            return Ok(core::mem::replace(&mut self.vacant, next));
        }
        self.places.try_reserve(1).map_err(|_| NoMemory)?;
        self.places.push(place);
        Ok(self.places.len() - 1)
    }

    fn place(&self, at: usize) -> &Place {
        match self.places.get(at) {
            Some(place) => place,
            None => missing(),
        }
    }

    fn place_mut(&mut self, at: usize) -> &mut Place {
        match self.places.get_mut(at) {
            Some(place) => place,
            None => missing(),
        }
    }

    /// Where a number is, and what names its place.
    fn link_of(&self, number: u64) -> Option<(Link, usize)> {
        let mut link = Link::Root;
        let mut at = self.root;
        while let Some(place) = self.places.get(at) {
            if place.number == number {
                return Some((link, at));
            }
            let side = side(place.number < number);
            link = Link::Below(at, side);
            at = place.below[side];
        }
        None
    }

    fn set(&mut self, link: Link, to: usize) {
        match link {
            Link::Root => self.root = to,
            Link::Below(place, side) => self.place_mut(place).below[side] = to,
        }
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self) {
        let mut before = None;
        let mut len = 0;
        let mut above = Vec::new();
        let mut at = self.root;
        while at != NONE || !above.is_empty() {
            while at != NONE {
                for below in self.places[at].below.into_iter().filter(|&below| below != NONE) {
                    let hashes = [at, below].map(|place| self.places[place].number.hash());
                    assert!(hashes[0] >= hashes[1], "S2: a larger hash is above");
                }
                above.push(at);
                at = self.places[at].below[SMALLER];
            }
            let Some(next) = above.pop() else { return };
            let number = self.places[next].number;
            assert!(
                before.is_none_or(|before| before < number),
                "S1: numbers are in order"
            );
            before = Some(number);
            len += 1;
            at = self.places[next].below[LARGER];
        }
        assert_eq!(len, self.len, "S3: the length");
        let mut vacant = self.vacant;
        while let Some(place) = self.places.get(vacant) {
            len += 1;
            vacant = place.below[SMALLER];
        }
        assert_eq!(len, self.places.len(), "S3: no place is lost");
    }
}

#[cold]
#[inline(never)]
fn missing() -> ! {
    panic!("a number has no place")
}

/// On which side of a place a number is.
fn side(is_larger: bool) -> usize {
    if is_larger { LARGER } else { SMALLER }
}

#[cfg(test)]
mod tests {
    use super::Sorted;
    use crate::random::Random;
    use alloc::collections::BTreeSet;

    #[test]
    fn numbers_that_come_and_go_stay_in_order() {
        let mut random = Random::new(7);
        let mut sorted = Sorted::new();
        let mut expected = BTreeSet::new();
        for _ in 0..20_000 {
            let number = random.below(500);
            if expected.remove(&number) {
                sorted.remove(number);
            } else {
                expected.insert(number);
                sorted.insert(number).unwrap();
            }
            let asked = random.below(500);
            assert_eq!(sorted.after(asked), expected.range(asked + 1..).next().copied());
            assert_eq!(sorted.contains(asked), expected.contains(&asked));
            assert_eq!(sorted.is_empty(), expected.is_empty());
        }
        sorted.check();
        for number in expected {
            sorted.remove(number);
            sorted.check();
        }
        assert_eq!(sorted.after(0), None);
    }

    #[test]
    fn numbers_that_come_in_order_make_no_long_way() {
        let mut sorted = Sorted::new();
        for number in 0..10_000 {
            sorted.insert(number * 16).unwrap();
        }
        let mut deepest = 0;
        let mut places = alloc::vec![(sorted.root, 1)];
        while let Some((at, depth)) = places.pop() {
            if let Some(place) = sorted.places.get(at) {
                deepest = deepest.max(depth);
                places.extend(place.below.map(|below| (below, depth + 1)));
            }
        }
        assert!(deepest < 50, "{deepest}");
    }
}
