//! Every way to lay five buffers across pages and to free them.
//!
//! Each buffer ends in one of five ways relative to the pages: in the page in which it starts, at the end of that page,
//! in the next page, at the end of that, or one page further. The last one takes what remains of the region. That makes
//! 3,125 layouts; each is laid out from the front and from the back and freed in all 120 orders. All pages must
//! have frames in between, all must be idle when everything is free, and none may be left when the frames were taken.

use super::Space;
use crate::buffer::{PAGE_SIZE, PageCounts};
use alloc::vec::Vec;

const BUFFERS: usize = 5;
const PAGES: usize = 16;
/// An end that is in the middle of a page.
const UNALIGNED: usize = PAGE_SIZE / 8;

/// The ways in which a buffer can end, given where it starts.
const ENDS: [fn(usize) -> usize; 5] = [
    |start| start + UNALIGNED,
    |start| page_end(start),
    |start| page_end(start) + UNALIGNED,
    |start| page_end(start) + PAGE_SIZE,
    |start| page_end(start) + PAGE_SIZE + UNALIGNED,
];

/// The end of the page in which a buffer that starts here has its first bytes.
fn page_end(start: usize) -> usize {
    (start / PAGE_SIZE + 1) * PAGE_SIZE
}

#[test]
fn pages_are_right_for_every_layout_of_five_buffers_and_every_order_of_freeing() {
    let orders = permutations();
    let mut space = Space::new(PAGES * PAGE_SIZE).unwrap();
    let mut layouts = 0;
    for layout in 0..ENDS.len().pow(BUFFERS as u32) {
        let mut front = sizes(layout);
        let mut back = front;
        back.reverse();
        let used: usize = front.iter().sum();
        let remains = PAGES * PAGE_SIZE - used;
        front[BUFFERS - 1] += remains;
        back[BUFFERS - 1] += remains;
        for sizes in [front, back] {
            for order in &orders {
                lay_and_free(&mut space, &sizes, order);
            }
            layouts += 1;
        }
        space.check();
    }
    assert_eq!((layouts, orders.len()), (2 * 3125, 120));
}

/// The buffers' sizes in a layout, whose number has a digit to the base 5 per buffer.
fn sizes(layout: usize) -> [usize; BUFFERS] {
    let (mut digits, mut start) = (layout, 0);
    [(); BUFFERS].map(|()| {
        let end = ENDS[digits % ENDS.len()](start);
        digits /= ENDS.len();
        let size = end - start;
        start = end;
        size
    })
}

fn lay_and_free(space: &mut Space, sizes: &[usize; BUFFERS], order: &[usize; BUFFERS]) {
    let offsets = sizes.map(|size| space.call(size).unwrap());
    assert_eq!(
        space.page_counts(),
        PageCounts {
            active: PAGES,
            lru: 0,
            free: 0
        },
        "{sizes:?}"
    );
    for &index in order {
        space.free(offsets[index]).unwrap();
    }
    assert_eq!(
        space.page_counts(),
        PageCounts {
            active: 0,
            lru: PAGES,
            free: 0
        },
        "{sizes:?} {order:?}"
    );
    while space.reclaim().is_some() {}
    assert_eq!(
        space.page_counts(),
        PageCounts {
            active: 0,
            lru: 0,
            free: PAGES
        }
    );
}

fn permutations() -> Vec<[usize; BUFFERS]> {
    let numbers = 0..BUFFERS.pow(BUFFERS as u32);
    let candidates =
        numbers.map(|number| core::array::from_fn(|digit| number / BUFFERS.pow(digit as u32) % BUFFERS));
    candidates
        .filter(|order| (0..BUFFERS).all(|index| order.contains(&index)))
        .collect()
}
