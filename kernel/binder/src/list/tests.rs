//! Tests of lists.

use super::*;
use crate::table::WorkId;
use alloc::vec::Vec;

struct Item {
    links: Links<WorkId>,
    number: u32,
}

impl Element for Item {
    fn vacant() -> Self {
        Self {
            links: Links::new(),
            number: 0,
        }
    }

    fn clear(&mut self) {}
}

struct Queue;

impl Chain for Queue {
    type Id = WorkId;
    type Element = Item;

    fn links(element: &Item) -> &Links<WorkId> {
        &element.links
    }

    fn links_mut(element: &mut Item) -> &mut Links<WorkId> {
        &mut element.links
    }
}

type Items = Table<Item, WorkId>;

fn items(count: usize) -> (Items, Vec<WorkId>) {
    let mut table = Items::new();
    let ids = (0..count as u32)
        .map(|number| {
            let links = Links::new();
            table.insert(Item { links, number }).unwrap()
        })
        .collect();
    (table, ids)
}

fn order(list: &List<Queue>, table: &Items) -> Vec<u32> {
    list.check(table);
    list.iter(table).map(Id::index).collect()
}

#[test]
fn objects_come_out_in_the_order_in_which_they_went_in() {
    let (mut table, ids) = items(3);
    let mut list = List::<Queue>::new();
    ids.iter().for_each(|&id| list.push_back(&mut table, id));
    assert_eq!(order(&list, &table), [0, 1, 2]);
    assert_eq!(
        (list.front(), list.back(), list.len(&table)),
        (Some(ids[0]), Some(ids[2]), 3)
    );
    for &id in &ids {
        assert_eq!(list.pop_front(&mut table), Some(id));
        list.check(&table);
    }
    assert_eq!(list.pop_front(&mut table), None);
    assert!(list.is_empty());
}

#[test]
fn what_is_pushed_at_the_front_comes_out_first() {
    let (mut table, ids) = items(3);
    let mut list = List::<Queue>::new();
    ids.iter().for_each(|&id| list.push_front(&mut table, id));
    assert_eq!(order(&list, &table), [2, 1, 0]);
}

#[test]
fn an_object_can_be_taken_from_the_front_the_middle_and_the_back() {
    let (mut table, ids) = items(5);
    let mut list = List::<Queue>::new();
    ids.iter().for_each(|&id| list.push_back(&mut table, id));
    assert!(list.remove(&mut table, ids[2]));
    assert_eq!(order(&list, &table), [0, 1, 3, 4]);
    assert!(list.remove(&mut table, ids[0]));
    assert!(list.remove(&mut table, ids[4]));
    assert_eq!(order(&list, &table), [1, 3]);
    assert!(!list.remove(&mut table, ids[4]));
    assert!(!table[ids[4]].links.is_linked());
    assert_eq!(list.len(&table), 2);
}

#[test]
fn a_list_of_any_length_and_order_is_sorted() {
    for count in 0..40 {
        let (mut table, ids) = items(count);
        let mut list = List::<Queue>::new();
        let mixed = |number: u32| u64::from(number * 17 % 23);
        for id in ids {
            list.push_back(&mut table, id);
        }
        list.sort(&mut table, |item| (mixed(item.number), 0));
        list.check(&table);
        let mut expected: Vec<u32> = (0..count as u32).collect();
        expected.sort_by_key(|&number| mixed(number));
        assert_eq!(order(&list, &table), expected);
    }
}

#[test]
#[should_panic(expected = "L2")]
fn an_object_cannot_be_on_two_lists_of_one_chain() {
    let (mut table, ids) = items(1);
    let (mut first, mut second) = (List::<Queue>::new(), List::<Queue>::new());
    first.push_back(&mut table, ids[0]);
    second.push_back(&mut table, ids[0]);
}
