//! Which pages have frames.

use super::{MEGABYTE, SENDER, Space, bytes};
use crate::buffer::{Charge, PAGE_SIZE, PageCounts};

fn counts(active: usize, lru: usize) -> PageCounts {
    PageCounts {
        active,
        lru,
        free: MEGABYTE / PAGE_SIZE - active - lru,
    }
}

#[test]
fn a_page_gets_its_frame_with_the_first_buffer_that_touches_it_and_keeps_it() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let first = space.allocate(&bytes(5000), Charge::Sync, SENDER, ()).unwrap();
    assert_eq!(first.absent, Some(0..2));
    assert_eq!(space.furnish(first.offset, 0..2), None);
    let second = space.allocate(&bytes(100), Charge::Sync, SENDER, ()).unwrap();
    assert_eq!(second.absent, None);
    assert_eq!((space.page_counts(), space.pages_high()), (counts(2, 0), 2));
    space.free(first.offset).unwrap();
    assert_eq!(space.page_counts(), counts(1, 1));
    space.free(second.offset).unwrap();
    assert_eq!(space.page_counts(), counts(0, 2));
    let third = space
        .allocate(&bytes(3 * PAGE_SIZE), Charge::Sync, SENDER, ())
        .unwrap();
    assert_eq!(third.absent, Some(2..3));
}

#[test]
fn pages_without_frames_are_named_run_by_run() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let pages: [usize; 5] = core::array::from_fn(|_| space.call(PAGE_SIZE).unwrap());
    for page in [1, 3, 4, 0, 2] {
        space.free(pages[page]).unwrap();
    }
    assert_eq!(
        [space.reclaim(), space.reclaim(), space.reclaim()],
        [Some(1), Some(3), Some(4)]
    );
    let allocation = space
        .allocate(&bytes(6 * PAGE_SIZE), Charge::Sync, SENDER, ())
        .unwrap();
    assert_eq!(allocation.absent, Some(1..2));
    assert_eq!(space.furnish(0, 1..2), Some(3..6));
    assert_eq!(space.furnish(0, 3..6), None);
    space.check();
}

#[test]
fn frames_are_taken_from_the_pages_idle_longest_and_from_no_page_in_use() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let pages: [usize; 4] = core::array::from_fn(|_| space.call(PAGE_SIZE).unwrap());
    for page in [2, 0, 3] {
        space.free(pages[page]).unwrap();
    }
    space.check();
    assert_eq!(
        [(); 4].map(|()| space.reclaim()),
        [Some(2), Some(0), Some(3), None]
    );
    assert_eq!(space.page_counts(), counts(1, 0));
    space.check();
}

#[test]
fn a_buffer_that_got_no_frames_can_be_freed() {
    let mut space = Space::new(MEGABYTE).unwrap();
    assert_eq!(space.call(100), Ok(0));
    let allocation = space
        .allocate(&bytes(3 * PAGE_SIZE), Charge::Sync, SENDER, ())
        .unwrap();
    assert_eq!(allocation.absent, Some(1..4));
    space.free(allocation.offset).unwrap();
    assert_eq!(space.page_counts(), counts(1, 0));
    space.check();
    assert_eq!(space.call(2 * PAGE_SIZE), Ok(104));
    assert_eq!(space.page_counts(), counts(3, 0));
}

#[test]
fn pages_shared_with_a_neighbour_are_idle_only_after_both() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let offsets = [PAGE_SIZE / 2, PAGE_SIZE, PAGE_SIZE / 2].map(|data| space.call(data).unwrap());
    space.free(offsets[1]).unwrap();
    assert_eq!(space.page_counts(), counts(2, 0));
    space.free(offsets[0]).unwrap();
    assert_eq!(space.page_counts(), counts(1, 1));
    space.free(offsets[2]).unwrap();
    assert_eq!(space.page_counts(), counts(0, 2));
    space.check();
}
