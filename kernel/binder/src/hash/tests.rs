//! Tests of the hash index.

use super::*;
use crate::random::Random;
use crate::table::NodeId;
use alloc::collections::BTreeMap;
use core::num::NonZeroU32;

fn id(number: u32) -> NodeId {
    NodeId::new(number, NonZeroU32::MIN)
}

#[test]
fn an_entry_is_found_until_it_is_removed() {
    let mut index = HashIndex::new();
    assert_eq!(index.get(5_u64), None);
    assert_eq!(index.remove(5), None);
    index.insert(5, id(1)).unwrap();
    index.insert(0, id(2)).unwrap();
    assert_eq!(
        (index.get(5), index.get(0), index.get(6), index.len()),
        (Some(id(1)), Some(id(2)), None, 2)
    );
    assert_eq!(
        (index.remove(5), index.get(5), index.remove(5)),
        (Some(id(1)), None, None)
    );
    index.check();
}

#[test]
fn pairs_are_told_apart_by_either_half_and_by_their_order() {
    let mut index = HashIndex::new();
    for (number, key) in [(1_u64, 2_u64), (2, 1), (1, 1), (2, 2), (0, 0)]
        .into_iter()
        .enumerate()
    {
        index.insert(key, id(number as u32)).unwrap();
    }
    assert_eq!(
        (index.get((2, 1)), index.get((1, 2)), index.get((0, 1))),
        (Some(id(1)), Some(id(0)), None)
    );
    index.check();
}

#[test]
fn growing_and_shrinking_lose_nothing_at_any_moment() {
    let mut index = HashIndex::new();
    for number in 0..3000_u32 {
        index.insert(u64::from(number) * 16, id(number)).unwrap();
        if number % 50 == 0 {
            index.check();
            (0..=number).for_each(|number| assert_eq!(index.get(u64::from(number) * 16), Some(id(number))));
        }
    }
    for number in 0..3000_u32 {
        assert_eq!(index.remove(u64::from(number) * 16), Some(id(number)));
        if number % 50 == 0 {
            index.check();
            assert_eq!(index.iter().count(), 2999 - number as usize);
        }
    }
    assert!(index.places.slots.len() <= 2 * MIN_PLACES && index.old.slots.is_empty());
}

#[test]
fn an_index_being_rehashed_is_always_done_before_it_has_to_grow_again() {
    let mut index = HashIndex::new();
    for number in 0..100_000_u32 {
        let growing = index.places.slots.len();
        let busy = index.old.len != 0;
        index.insert(u64::from(number) << 12, id(number)).unwrap();
        assert!(
            !busy || index.places.slots.len() == growing,
            "grew while an array was being left"
        );
    }
    assert_eq!(index.len(), 100_000);
}

#[test]
fn an_entry_that_comes_and_goes_does_not_allocate() {
    let mut index = HashIndex::new();
    (0..5_u64).for_each(|key| index.insert(key, id(0)).unwrap());
    for key in 5..1000 {
        index.insert(key, id(1)).unwrap();
        index.remove(key).unwrap();
        if key > 10 {
            assert!(index.places.slots.len() == 16 && index.old.slots.is_empty());
        }
    }
}

#[test]
fn addresses_at_any_stride_stay_near_their_home() {
    for stride in [1, 2, 8, 16, 24, 48, 64, 4096, 65_536, 1 << 21, 1 << 32, 1 << 40] {
        let mut index = HashIndex::<u64, NodeId>::new();
        (1..=10_000).for_each(|number| index.insert(number * stride, id(0)).unwrap());
        let places = &index.places;
        let mask = places.slots.len() - 1;
        let far = |place: usize, key| place.wrapping_sub(places.home(key)) & mask;
        let entries = places.slots.iter().enumerate();
        let total: usize = entries
            .filter_map(|(place, slot)| Some(far(place, (*slot)?.0)))
            .sum();
        assert!(
            total < 2 * 10_000,
            "stride {stride}: {total} extra probes for 10,000 entries"
        );
    }
}

#[test]
fn random_operations_agree_with_an_ordered_map() {
    let mut index = HashIndex::new();
    let mut model = BTreeMap::new();
    let mut random = Random::new(0x4a5);
    for step in 0..40_000_u32 {
        let growing = (step / 4000) % 2 == 0;
        // Few different keys, so that removals hit and clusters form.
        let key = random.below(2048) * 0x1000;
        if random.below(8) < if growing { 6 } else { 2 } {
            if let alloc::collections::btree_map::Entry::Vacant(entry) = model.entry(key) {
                entry.insert(id(step));
                index.insert(key, id(step)).unwrap();
            }
        } else {
            assert_eq!(index.remove(key), model.remove(&key));
        }
        assert_eq!(index.get(key), model.get(&key).copied());
        assert_eq!(index.len(), model.len());
        if step % 256 == 0 {
            index.check();
        }
    }
}
