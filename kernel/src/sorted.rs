//! Small maps.
//!
//! A sorted list of pairs. Finding is a binary search, and keys that only grow are added at the end. Each map that the
//! standard library makes is five thousand bytes of code, which only those are worth that may grow large in any order.

use alloc::vec::Vec;

/// Values by their keys, in the order of these.
#[derive(Debug)]
pub(crate) struct Sorted<K, V> {
    pairs: Vec<(K, V)>,
}

impl<K: Ord + Copy, V> Sorted<K, V> {
    /// An empty map.
    pub(crate) const fn new() -> Self {
        Self { pairs: Vec::new() }
    }

    fn place(&self, key: K) -> Result<usize, usize> {
        self.pairs.binary_search_by_key(&key, |&(other, _)| other)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: K) -> Option<&V> {
        let place = self.place(key).ok()?;
        self.pairs.get(place).map(|(_, value)| value)
    }

    /// The value of a key.
    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        let place = self.place(key).ok()?;
        self.pairs.get_mut(place).map(|(_, value)| value)
    }

    /// Gives a key a value, in place of the one it had.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.place(key) {
            Ok(place) => self.pairs[place].1 = value,
            Err(place) => self.pairs.insert(place, (key, value)),
        }
    }

    /// Takes a key's value out.
    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        let place = self.place(key).ok()?;
        Some(self.pairs.remove(place).1)
    }

    /// Keeps what is wanted.
    pub(crate) fn retain(&mut self, wanted: impl Fn(&V) -> bool) {
        self.pairs.retain(|(_, value)| wanted(value));
    }

    /// All pairs, by their keys.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.pairs.iter().map(|(key, value)| (*key, value))
    }

    /// All pairs, by their keys.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (K, &mut V)> {
        self.pairs.iter_mut().map(|(key, value)| (*key, value))
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.pairs.clear();
    }
}
