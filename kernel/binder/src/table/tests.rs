//! Tests of tables and ids.

use super::*;

impl Element for &'static str {
    fn vacant() -> Self {
        ""
    }

    fn clear(&mut self) {}
}

type Words = Table<&'static str, NodeId>;

#[test]
fn an_object_is_found_under_its_id_until_it_is_removed() {
    let mut table = Words::new();
    let one = table.insert("one").unwrap();
    let two = table.insert("two").unwrap();
    assert_eq!((table[one], table[two], table.len()), ("one", "two", 2));
    table.discard(one);
    assert_eq!((table.get(one), table.len()), (None, 1));
    table.discard(one);
    assert_eq!((table.get(two), table.len()), (Some(&"two"), 1));
    table.check();
}

#[test]
fn little_more_than_a_fifth_of_a_table_is_in_store() {
    let mut table = Words::new();
    for count in 1..10_000 {
        table.insert("one").unwrap();
        let in_store = table.slots.capacity() - count;
        assert!(in_store <= count / 4 + FIRST_SLOTS, "{in_store} beside {count}");
    }
}

#[test]
fn a_slot_used_again_does_not_answer_to_the_old_id() {
    let mut table = Words::new();
    let old = table.insert("old").unwrap();
    table.discard(old);
    let new = table.insert("new").unwrap();
    assert_eq!(old.index(), new.index());
    assert_ne!(old, new);
    assert_eq!((table.get(old), table.get(new)), (None, Some(&"new")));
    assert_eq!(table.get_mut(old), None);
    table.check();
}

#[test]
fn the_slot_freed_last_is_used_first_and_the_table_does_not_grow() {
    let mut table = Words::new();
    let ids: Vec<NodeId> = (0..8).map(|_| table.insert("x").unwrap()).collect();
    table.discard(ids[2]);
    table.discard(ids[5]);
    assert_eq!(table.insert("y").unwrap().index(), 5);
    assert_eq!(table.insert("y").unwrap().index(), 2);
    assert_eq!(table.len(), 8);
    table.check();
}

#[test]
fn a_slot_whose_generations_are_used_up_is_never_used_again() {
    let mut table = Words::new();
    let first = table.insert("x").unwrap();
    let last = NodeId::new(first.index(), NonZeroU32::MAX);
    table.slots[0].id = last;
    assert_eq!(table.get(last), Some(&"x"));
    table.discard(last);
    assert_eq!(table.get(last), None);
    assert_eq!(table.insert("y").unwrap().index(), 1);
    table.check();
}

#[test]
fn the_iterator_yields_each_object_once() {
    let mut table = Words::new();
    let ids: Vec<NodeId> = ["a", "b", "c"].map(|word| table.insert(word).unwrap()).to_vec();
    table.discard(ids[1]);
    let all: Vec<_> = table.iter().collect();
    assert_eq!(all, [(ids[0], &"a"), (ids[2], &"c")]);
}

#[test]
fn an_optional_id_is_as_small_as_an_id() {
    assert_eq!(size_of::<Option<ProcId>>(), 8);
}

#[test]
#[should_panic(expected = "stale id")]
fn indexing_with_a_stale_id_panics() {
    let mut table = Words::new();
    let id = table.insert("x").unwrap();
    table.discard(id);
    let _ = table[id];
}
