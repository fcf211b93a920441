//! Maps in the order of their keys.
//!
//! Rows of pairs: each is sorted, and all of one stand before all of the next. Finding is two binary searches; a pair that
//! comes or goes moves those behind it in its row only, and a row that is full is cut in two. So a map may grow large in
//! any order. Each kind that the standard library's map is made for is five thousand bytes of code; this is a few hundred.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::slice;

/// The most pairs that a row holds.
const ROW: usize = 64;

/// Values by their keys, in the order of these.
#[derive(Clone, Debug)]
pub(crate) struct Sorted<K, V> {
    /// None is empty.
    rows: Vec<Vec<(K, V)>>,
    len: usize,
}

/// Where a pair stands, or would stand.
#[derive(Clone, Copy)]
struct Place {
    row: usize,
    column: usize,
}

impl<K: Ord, V> Sorted<K, V> {
    /// An empty map.
    pub(crate) const fn new() -> Self {
        Self {
            rows: Vec::new(),
            len: 0,
        }
    }

    /// How many pairs there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub(crate) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The place of the first pair that does not stand before the key.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Place
    where
        K: Borrow<Q>,
    {
        let before = |pair: &(K, V)| pair.0.borrow() < key;
        let row = self.rows.partition_point(|row| row.last().is_some_and(before));
        let column = self.rows.get(row).map_or(0, |row| row.partition_point(before));
        Place { row, column }
    }

    /// The value of a key.
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key);
        let (found, value) = self.rows.get(place.row)?.get(place.column)?;
        (found.borrow() == key).then_some(value)
    }

    /// The value of a key.
    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key);
        let (found, value) = self.rows.get_mut(place.row)?.get_mut(place.column)?;
        ((*found).borrow() == key).then_some(value)
    }

    /// Gives a key a value, in place of the one it had.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        let mut place = self.place(&key);
        let row = self.rows.get_mut(place.row);
        if let Some(pair) = row.and_then(|row| row.get_mut(place.column))
            && pair.0 == key
        {
            pair.1 = value;
            return;
        }
        if place.row == self.rows.len() && place.row > 0 {
            // Behind all: the last row goes on.
            place.row -= 1;
            place.column = self.rows[place.row].len();
        }
        if let Some(row) = self.rows.get_mut(place.row)
            && row.len() == ROW
        {
            // Keys that only grow fill each row; others find two with room.
            let cut = if place.column == ROW { ROW } else { ROW / 2 };
            let rest = row.split_off(cut);
            insert_row(&mut self.rows, place.row + 1, rest);
            if place.column >= cut {
                place.row += 1;
                place.column -= cut;
            }
        }
        if place.row == self.rows.len() {
            insert_row(&mut self.rows, place.row, Vec::new());
        }
        self.rows[place.row].insert(place.column, (key, value));
        self.len += 1;
    }

    /// Takes a key's value out.
    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key);
        let (found, _) = self.rows.get(place.row)?.get(place.column)?;
        if found.borrow() != key {
            return None;
        }
        self.take(place).map(|(_, value)| value)
    }

    fn take(&mut self, place: Place) -> Option<(K, V)> {
        let row = self.rows.get_mut(place.row)?;
        if place.column >= row.len() {
            return None;
        }
        let pair = row.remove(place.column);
        if row.is_empty() {
            drop(remove_row(&mut self.rows, place.row));
        }
        self.len -= 1;
        Some(pair)
    }

    /// Takes the last pair out.
    pub(crate) fn pop_last(&mut self) -> Option<(K, V)> {
        let row = self.rows.len().checked_sub(1)?;
        let column = self.rows.last()?.len() - 1;
        self.take(Place { row, column })
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.len = 0;
    }

    /// The last pair that stands before a key.
    pub(crate) fn before<Q: Ord + ?Sized>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key);
        let (key, value) = match place.column.checked_sub(1) {
            Some(column) => &self.rows[place.row][column],
            None => self.rows[..place.row].last()?.last()?,
        };
        Some((key, value))
    }

    /// All pairs, by their keys.
    pub(crate) fn iter(&self) -> Pairs<'_, K, V> {
        Pairs {
            row: [].iter(),
            rows: self.rows.iter(),
        }
    }

    /// The pairs that do not stand before a key.
    pub(crate) fn from<Q: Ord + ?Sized>(&self, key: &Q) -> Pairs<'_, K, V>
    where
        K: Borrow<Q>,
    {
        let place = self.place(key);
        let mut rows = self.rows[place.row..].iter();
        let row = rows.next().map_or(&[][..], |row| &row[place.column..]);
        Pairs {
            row: row.iter(),
            rows,
        }
    }
}

/// Apart, because it is the same code for all kinds of pairs.
#[inline(never)]
fn insert_row<T>(rows: &mut Vec<Vec<T>>, place: usize, row: Vec<T>) {
    rows.insert(place, row);
}

/// As [`insert_row`].
#[inline(never)]
fn remove_row<T>(rows: &mut Vec<Vec<T>>, place: usize) -> Vec<T> {
    rows.remove(place)
}

/// Pairs in order.
pub(crate) struct Pairs<'a, K, V> {
    /// What is left of one row.
    row: slice::Iter<'a, (K, V)>,
    /// The rows behind it.
    rows: slice::Iter<'a, Vec<(K, V)>>,
}

impl<'a, K, V> Iterator for Pairs<'a, K, V> {
    type Item = (&'a K, &'a V);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((key, value)) = self.row.next() {
                return Some((key, value));
            }
            self.row = self.rows.next()?.iter();
        }
    }
}
