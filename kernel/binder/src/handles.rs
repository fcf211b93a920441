//! A proc's handles: which number stands for which reference.
//!
//! A new handle is always the lowest free number from 1; programs index arrays with it. Number 0 is kept for the
//! context manager. Handles lie in leaves of 64, each with a word that has one bit per number in use. Above them a
//! tree of such words has one bit per full leaf, per full word of those, and so on, so the lowest free number among
//! sixteen million is three steps away. An empty leaf gives its memory back; one is kept, so that a number that comes
//! and goes does not allocate.
//!
//! Invariants:
//!
//! - **H1** A number's bit is set exactly if it has a reference; the bit of number 0 is always set.
//! - **H2** A bit of a tree level is set exactly if the leaf, or the word of the level below, has all its bits set.
//! - **H3** All leaves below the first vacant one are full.
//! - **H4** The length is the number of references; only leaves in use, and the first, have memory.

use crate::filled::filled;
use crate::machine::NoMemory;
use crate::table::RefId;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// Numbers per leaf, and bits per word of the tree.
const FANOUT: usize = u64::BITS as usize;
/// How many leaves the tree can tell apart: 16,777,216 handles.
const MAX_LEAVES: usize = FANOUT * FANOUT * FANOUT;

/// The references of 64 numbers.
type References = Box<[Option<RefId>; FANOUT]>;

/// 64 consecutive numbers.
#[derive(Debug)]
struct Leaf {
    /// One bit per number that must not be given out.
    used: u64,
    /// Nothing while no number is in use.
    references: Option<References>,
}

/// All handles of one proc.
#[derive(Debug)]
pub(crate) struct Handles {
    leaves: Vec<Leaf>,
    /// One bit per full leaf.
    full_leaves: Vec<u64>,
    /// One bit per word of `full_leaves` that is all ones.
    full_words: Vec<u64>,
    /// One bit per word of `full_words` that is all ones.
    full_root: u64,
    /// The lowest leaf with a free number; `leaves.len()` if there is none.
    vacant: usize,
    /// The memory of the leaf that became empty last.
    spare: Option<References>,
    len: usize,
}

impl Handles {
    /// No handles. Does not allocate.
    pub(crate) const fn new() -> Self {
        Self {
            leaves: Vec::new(),
            full_leaves: Vec::new(),
            full_words: Vec::new(),
            full_root: 0,
            vacant: 0,
            spare: None,
            len: 0,
        }
    }

    /// Forgets all, and lets go of the memory. There is nothing then but what [`Self::new`] gives.
    pub(crate) fn reset(&mut self) {
        self.leaves = Vec::new();
        self.full_leaves = Vec::new();
        self.full_words = Vec::new();
        self.full_root = 0;
        self.vacant = 0;
        self.spare = None;
        self.len = 0;
    }

    /// The reference that a handle stands for.
    #[inline]
    pub(crate) fn get(&self, handle: u32) -> Option<RefId> {
        let (leaf, place) = split(handle);
        self.leaves.get(leaf)?.references.as_ref()?[place]
    }

    /// Gives a reference the lowest free number from 1.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if there is no memory, or no number.
    #[inline]
    pub(crate) fn insert(&mut self, reference: RefId) -> Result<u32, NoMemory> {
        let index = self.vacant;
        if !matches!(
            self.leaves.get(index),
            Some(Leaf {
                references: Some(_),
                ..
            })
        ) {
            self.furnish(index)?;
        }
        let Some(Leaf {
            used,
            references: Some(references),
        }) = self.leaves.get_mut(index)
        else {
            return Err(NoMemory);
        };
        let place = used.trailing_ones() as usize % FANOUT;
        *used |= 1 << place;
        references[place] = Some(reference);
        self.len += 1;
        if *used == u64::MAX {
            self.leaf_filled(index);
        }
        Ok((index * FANOUT + place) as u32)
    }

    /// Gives a reference to the context manager's node number 0, or if that is taken (by the dead node of an earlier
    /// manager) the lowest free number.
    ///
    /// # Errors
    ///
    /// [`NoMemory`] if there is no memory, or no number.
    pub(crate) fn insert_manager(&mut self, reference: RefId) -> Result<u32, NoMemory> {
        if self.get(0).is_some() {
            return self.insert(reference);
        }
        if !matches!(
            self.leaves.first(),
            Some(Leaf {
                references: Some(_),
                ..
            })
        ) {
            self.furnish(0)?;
        }
        if let Some(references) = &mut self.leaves[0].references {
            references[0] = Some(reference);
            self.len += 1;
        }
        Ok(0)
    }

    /// Frees a number. Returns the reference it stood for.
    #[inline]
    pub(crate) fn remove(&mut self, handle: u32) -> Option<RefId> {
        let (index, place) = split(handle);
        let leaf = self.leaves.get_mut(index)?;
        let reference = leaf.references.as_mut()?[place].take()?;
        self.len -= 1;
        if handle == 0 {
            return Some(reference);
        }
        let was_full = leaf.used == u64::MAX;
        leaf.used &= !(1 << place);
        let is_empty = leaf.used == 0;
        self.vacant = self.vacant.min(index);
        if was_full {
            self.leaf_opened(index);
        }
        if is_empty {
            self.leaf_emptied(index);
        }
        Some(reference)
    }

    /// How many handles there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A number above those of all handles.
    pub(crate) fn end(&self) -> u32 {
        (self.leaves.len() * FANOUT) as u32
    }

    /// All handles in ascending order, with what they stand for.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, RefId)> {
        let leaves = self.leaves.iter().enumerate();
        let leaves = leaves.filter_map(|(index, leaf)| Some((index * FANOUT, leaf.references.as_ref()?)));
        leaves.flat_map(|(base, references)| {
            let places = references.iter().enumerate();
            places.filter_map(move |(place, reference)| Some(((base + place) as u32, (*reference)?)))
        })
    }

    /// Gives a leaf memory, and the tree words above it. The leaf is one that exists or the next one.
    #[cold]
    fn furnish(&mut self, index: usize) -> Result<(), NoMemory> {
        if index >= MAX_LEAVES {
            return Err(NoMemory);
        }
        let references = match self.spare.take() {
            Some(references) => references,
            None => new_references()?,
        };
        if index == self.leaves.len() {
            let result = self.add_leaf();
            if result.is_err() {
                self.spare = Some(references);
                return result;
            }
        }
        self.leaves[index].references = Some(references);
        Ok(())
    }

    fn add_leaf(&mut self) -> Result<(), NoMemory> {
        let index = self.leaves.len();
        self.leaves.try_reserve(1).map_err(|_| NoMemory)?;
        cover(&mut self.full_leaves, index / FANOUT)?;
        cover(&mut self.full_words, index / FANOUT / FANOUT)?;
        // Number 0 is never given out.
        self.leaves.push(Leaf {
            used: u64::from(index == 0),
            references: None,
        });
        Ok(())
    }

    /// Notes that a leaf has no free number any more, and looks for the next one that has.
    #[cold]
    fn leaf_filled(&mut self, index: usize) {
        let (word, upper) = (index / FANOUT, index / FANOUT / FANOUT);
        self.full_leaves[word] |= bit(index);
        if self.full_leaves[word] == u64::MAX {
            self.full_words[upper] |= bit(word);
            if self.full_words[upper] == u64::MAX {
                self.full_root |= bit(upper);
            }
        }
        self.vacant = self.first_vacant();
    }

    /// Notes that a full leaf has a free number now.
    #[cold]
    fn leaf_opened(&mut self, index: usize) {
        let (word, upper) = (index / FANOUT, index / FANOUT / FANOUT);
        self.full_leaves[word] &= !bit(index);
        self.full_words[upper] &= !bit(word);
        self.full_root &= !bit(upper);
    }

    /// Takes an empty leaf's memory, and removes empty leaves at the end.
    #[cold]
    fn leaf_emptied(&mut self, index: usize) {
        self.spare = self.leaves[index].references.take();
        while self.leaves.last().is_some_and(|leaf| leaf.used == 0) {
            self.leaves.pop();
        }
        if self.leaves.capacity() / 4 > self.leaves.len() {
            self.leaves.shrink_to(self.leaves.len() * 2);
        }
    }

    /// The lowest leaf that is not full: the last, not yet existing one if all are.
    fn first_vacant(&self) -> usize {
        let upper = self.full_root.trailing_ones() as usize;
        let word = upper * FANOUT + ones(&self.full_words, upper);
        word * FANOUT + ones(&self.full_leaves, word)
    }

    /// Asserts the invariants.
    pub(crate) fn check(&self) {
        let mut len = 0;
        for (index, leaf) in self.leaves.iter().enumerate() {
            let used = leaf.references.as_ref().map_or(0, |references| {
                len += references.iter().flatten().count();
                (0..FANOUT)
                    .filter(|&place| references[place].is_some())
                    .fold(0, |used, place| used | bit(place))
            });
            assert_eq!(
                leaf.used,
                used | u64::from(index == 0),
                "H1: bits of leaf {index}"
            );
            let full = self.full_leaves[index / FANOUT] & bit(index) != 0;
            assert_eq!(full, leaf.used == u64::MAX, "H2: leaf {index}");
            assert!(
                leaf.references.is_none() || leaf.used != 0 || index == 0,
                "H4: leaf {index} has memory"
            );
        }
        for (index, &word) in self.full_leaves.iter().enumerate() {
            let full = self.full_words[index / FANOUT] & bit(index) != 0;
            assert_eq!(full, word == u64::MAX, "H2: word {index}");
        }
        for (index, &word) in self.full_words.iter().enumerate() {
            assert_eq!(
                self.full_root & bit(index) != 0,
                word == u64::MAX,
                "H2: upper word {index}"
            );
        }
        let vacant = self.leaves.iter().position(|leaf| leaf.used != u64::MAX);
        assert_eq!(
            vacant.unwrap_or(self.leaves.len()),
            self.vacant,
            "H3: the first vacant leaf"
        );
        assert_eq!(len, self.len, "H4: the length");
    }
}

/// A handle's leaf, and its place there.
#[inline]
fn split(handle: u32) -> (usize, usize) {
    (handle as usize / FANOUT, handle as usize % FANOUT)
}

/// The bit that stands for an index in its word.
#[inline]
fn bit(index: usize) -> u64 {
    1 << (index % FANOUT)
}

/// How many of the lowest bits of a word are set; none if the word does not exist yet.
fn ones(words: &[u64], index: usize) -> usize {
    words.get(index).map_or(0, |word| word.trailing_ones() as usize)
}

/// Makes sure that a word exists.
fn cover(words: &mut Vec<u64>, index: usize) -> Result<(), NoMemory> {
    if index < words.len() {
        return Ok(());
    }
    words.try_reserve(1).map_err(|_| NoMemory)?;
    words.push(0);
    Ok(())
}

fn new_references() -> Result<References, NoMemory> {
    filled(None, FANOUT)?
        .into_boxed_slice()
        .try_into()
        .map_err(|_| NoMemory)
}

#[cfg(test)]
mod tests;
