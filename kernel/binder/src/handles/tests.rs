//! Tests of handles.

use super::*;
use crate::table::Id;
use alloc::collections::BTreeMap;
use core::num::NonZeroU32;

fn reference(number: u32) -> RefId {
    RefId::new(number, NonZeroU32::MIN)
}

#[test]
fn handles_are_given_out_ascending_from_one() {
    let mut handles = Handles::new();
    for number in 1..=200 {
        assert_eq!(handles.insert(reference(number)), Ok(number));
        handles.check();
    }
    assert_eq!(
        (handles.get(0), handles.get(64), handles.get(201)),
        (None, Some(reference(64)), None)
    );
    assert_eq!(handles.get(u32::MAX), None);
}

#[test]
fn a_freed_number_is_the_next_one_given_out() {
    let mut handles = Handles::new();
    (1..=3).for_each(|number| assert_eq!(handles.insert(reference(number)), Ok(number)));
    assert_eq!(handles.remove(2), Some(reference(2)));
    assert_eq!((handles.get(2), handles.remove(2)), (None, None));
    assert_eq!(handles.insert(reference(9)), Ok(2));
    assert_eq!(handles.insert(reference(10)), Ok(4));
    handles.check();
}

#[test]
fn number_zero_is_the_managers_alone() {
    let mut handles = Handles::new();
    assert_eq!(handles.insert_manager(reference(7)), Ok(0));
    assert_eq!(handles.insert(reference(8)), Ok(1));
    assert_eq!(handles.insert_manager(reference(9)), Ok(2));
    assert_eq!((handles.get(0), handles.len()), (Some(reference(7)), 3));
    handles.check();
    assert_eq!(handles.remove(0), Some(reference(7)));
    assert_eq!(handles.insert(reference(10)), Ok(3));
    assert_eq!(handles.insert_manager(reference(11)), Ok(0));
    handles.check();
}

#[test]
fn a_hundred_thousand_handles_are_given_out_lowest_first_and_their_memory_comes_back() {
    let mut handles = Handles::new();
    for number in 1..=100_000 {
        assert_eq!(handles.insert(reference(number)), Ok(number));
    }
    handles.check();
    for number in [99_999, 70_000, 4096, 4095, 64, 63] {
        assert_eq!(handles.remove(number), Some(reference(number)));
        handles.check();
    }
    for number in [63, 64, 4095, 4096, 70_000, 99_999, 100_001] {
        assert_eq!(handles.insert(reference(number)), Ok(number));
        handles.check();
    }
    for number in 1..=100_001 {
        assert_eq!(handles.remove(number), Some(reference(number)));
    }
    handles.check();
    assert_eq!((handles.len(), handles.leaves.len()), (0, 1));
    assert!(handles.leaves.capacity() < 16);
}

#[test]
fn an_empty_leaf_gives_its_memory_back_but_for_a_spare() {
    let mut handles = Handles::new();
    (1..256).for_each(|number| assert_eq!(handles.insert(reference(number)), Ok(number)));
    (64..192).for_each(|number| assert_eq!(handles.remove(number), Some(reference(number))));
    handles.check();
    assert!(handles.leaves[1].references.is_none() && handles.leaves[2].references.is_none());
    assert!(handles.spare.is_some());
    assert_eq!(handles.insert(reference(5)), Ok(64));
    assert!(handles.spare.is_none());
    handles.check();
}

#[test]
fn handles_are_listed_in_ascending_order() {
    let mut handles = Handles::new();
    (1..130).for_each(|number| assert_eq!(handles.insert(reference(number)), Ok(number)));
    (2..129).for_each(|number| assert_eq!(handles.remove(number), Some(reference(number))));
    handles.insert_manager(reference(0)).unwrap();
    let all: Vec<_> = handles.iter().collect();
    assert_eq!(all, [(0, reference(0)), (1, reference(1)), (129, reference(129))]);
}

#[test]
fn random_operations_agree_with_an_ordered_map() {
    let mut handles = Handles::new();
    let mut model = BTreeMap::new();
    let mut random = crate::random::Random::new(0x4a11);
    for step in 0..60_000 {
        // Long phases of mostly growing and of mostly shrinking, so that leaves fill and empty.
        let growing = (step / 6000) % 2 == 0;
        if random.below(8) < if growing { 6 } else { 2 } {
            let expected = (1..).find(|number| !model.contains_key(number)).unwrap();
            assert_eq!(handles.insert(reference(step)), Ok(expected));
            model.insert(expected, reference(step));
        } else {
            let number = random.below(model.len() as u64 + 2) as u32;
            assert_eq!(handles.remove(number), model.remove(&number));
        }
        if step % 64 == 0 {
            handles.check();
            assert!(
                handles
                    .iter()
                    .eq(model.iter().map(|(&number, &reference)| (number, reference)))
            );
        }
    }
}
