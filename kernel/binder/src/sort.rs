//! Sorting in place with little code.
//!
//! The standard library's sort is made for millions of items, and each kind of items has a copy of it that is ten times as
//! long as this. What is sorted here is short: lists that people read, the pieces of a message.

/// Sorts by a key. Items with the same key may change places. It is heap sort, so the worst case is as good as any.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for root in (0..items.len() / 2).rev() {
        sift_down(items, root, &key);
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sift_down(&mut items[..end], 0, &key);
    }
}

/// Moves the item at `root` down until none of the two below it is larger.
fn sift_down<T, K: Ord>(items: &mut [T], mut root: usize, key: &impl Fn(&T) -> K) {
    loop {
        let left = 2 * root + 1;
        let Some(first) = items.get(left) else {
            return;
        };
        let larger = match items.get(left + 1) {
            Some(second) if key(second) > key(first) => left + 1,
            _ => left,
        };
        if key(&items[larger]) <= key(&items[root]) {
            return;
        }
        items.swap(root, larger);
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
