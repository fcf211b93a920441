//! Sorting in place with little code.
//!
//! The standard library's sort is made for millions of items, and each kind of items has a copy of it that is ten times as
//! long as this. What is sorted here is short: lists that people read, the pieces of a message.

/// What is sorted, whatever it is made of: sorting is compiled once.
trait Row {
    /// Whether one item comes before another.
    fn is_before(&self, one: usize, other: usize) -> bool;

    /// Lets two items change places.
    fn swap(&mut self, one: usize, other: usize);
}

struct Keyed<'a, T, F> {
    items: &'a mut [T],
    key: F,
}

impl<T, K: Ord, F: Fn(&T) -> K> Row for Keyed<'_, T, F> {
    fn is_before(&self, one: usize, other: usize) -> bool {
        self.items.get(one).map(&self.key) < self.items.get(other).map(&self.key)
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.items.swap(one, other);
    }
}

/// Sorts by a key. Items with the same key may change places. It is heap sort, so the worst case is as good as any.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    let length = items.len();
    sort(&mut Keyed { items, key }, length);
}

#[inline(never)]
fn sort(row: &mut dyn Row, length: usize) {
    for root in (0..length / 2).rev() {
        sift_down(row, root, length);
    }
    for end in (1..length).rev() {
        row.swap(0, end);
        sift_down(row, 0, end);
    }
}

/// Moves the item at `root` down until none of the two below it is larger. What begins at `end` is sorted already.
fn sift_down(row: &mut dyn Row, mut root: usize, end: usize) {
    loop {
        let left = 2 * root + 1;
        if left >= end {
            return;
        }
        let right = left + 1;
        let larger = if right < end && row.is_before(left, right) {
            right
        } else {
            left
        };
        if !row.is_before(root, larger) {
            return;
        }
        row.swap(root, larger);
        root = larger;
    }
}

#[cfg(test)]
mod tests {
    use super::sort_by_key;
    use alloc::vec::Vec;

    #[test]
    fn items_of_any_number_and_order_are_sorted() {
        for length in 0..40_u64 {
            let mut items: Vec<u64> = (0..length).map(|at| (at * 17 + length) % 23).collect();
            let mut expected = items.clone();
            expected.sort_unstable();
            sort_by_key(&mut items, |&item| item);
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn the_key_decides() {
        let mut items = [(1, 'c'), (2, 'a'), (3, 'b')];
        sort_by_key(&mut items, |&(_, letter)| letter);
        assert_eq!(items, [(2, 'a'), (3, 'b'), (1, 'c')]);
    }
}
