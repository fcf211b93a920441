//! Placements recorded on Linux 6.12.
//!
//! A process received oneway messages of random sizes, many of them small and equal, and freed them in random order.
//! `recorded.txt` has a line for each: `+SIZE OFFSET` for a message, `-OFFSET` for a buffer freed. Among them are 71
//! messages that fit several smallest free chunks of the same size.

use super::{MEGABYTE, SENDER, Space, bytes};
use crate::buffer::Charge;

#[test]
fn messages_are_placed_where_linux_placed_them() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let offset = |text| usize::from_str_radix(text, 16).unwrap();
    for (number, line) in include_str!("recorded.txt").lines().enumerate() {
        if let Some(freed) = line.strip_prefix('-') {
            space.free(offset(freed)).unwrap();
        } else {
            let (size, expected) = line[1..].split_once(' ').unwrap();
            let size = size.parse().unwrap();
            let allocation = space.place(&bytes(size), Charge::Async, SENDER, ()).unwrap();
            assert_eq!(allocation.offset, offset(expected), "line {}", number + 1);
        }
        space.check();
    }
}
