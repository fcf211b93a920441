//! Which bytes a message gets.

use super::{MEGABYTE, SENDER, Space, bytes};
use crate::buffer::{BufferSpace, Charge, Request, SpaceError};

#[test]
fn the_smallest_free_chunk_that_fits_gives_its_low_part() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let offsets = [100, 3000, 5000, 10, 8, 1].map(|data| space.call(data).unwrap());
    assert_eq!(offsets, [0, 0x68, 0xc20, 0x1fa8, 0x1fb8, 0x1fc0]);
    space.check();
    space.free(0x68).unwrap();
    space.free(0x1fa8).unwrap();
    space.check();
    let offsets = [12, 9, 2000, 1000].map(|data| space.call(data).unwrap());
    assert_eq!(offsets, [0x1fa8, 0x68, 0x78, 0x1fc8]);
    space.check();
}

#[test]
fn the_parts_of_a_message_are_rounded_up_one_by_one() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let request = Request {
        data: 9,
        offsets: 8,
        extra: 1,
    };
    assert_eq!((request.offsets_at(), request.extra_at()), (16, 24));
    let allocation = space.place(&request, Charge::Sync, SENDER, ()).unwrap();
    assert_eq!(
        (allocation.offset, allocation.size, space.size_of(0)),
        (0, 32, Some(32))
    );
}

#[test]
fn empty_messages_have_addresses_of_their_own() {
    let mut space = Space::new(MEGABYTE).unwrap();
    assert_eq!([0, 0, 0].map(|data| space.call(data).unwrap()), [0, 8, 16]);
}

#[test]
fn sizes_that_cannot_be_added_are_refused_as_such() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let huge = usize::MAX;
    for (data, offsets, extra) in [
        (huge, 0, 0),
        (0, huge - 6, 0),
        (0, 0, huge),
        (1 << 63, 1 << 63, 0),
        (huge - 15, 8, 8),
    ] {
        let request = Request { data, offsets, extra };
        let result = space.allocate(&request, Charge::Async, SENDER, ());
        assert_eq!(result, Err(SpaceError::Overflow), "{request:?}");
    }
    for data in [MEGABYTE + 1, 2 * MEGABYTE, 1 << 62, 1 << 63, huge - 7] {
        assert_eq!(space.call(data), Err(SpaceError::Full), "{data:#x}");
    }
    space.check();
}

#[test]
fn a_region_can_be_filled_to_the_last_byte() {
    let mut space = Space::new(MEGABYTE).unwrap();
    assert_eq!(space.call(MEGABYTE / 2), Ok(0));
    assert_eq!(space.call(MEGABYTE / 2), Ok(MEGABYTE / 2));
    assert_eq!(space.call(0), Err(SpaceError::Full));
    space.check();
    assert_eq!(space.free(0), Some(()));
    assert_eq!(space.call(0), Ok(0));
    space.check();
}

#[test]
fn only_the_exact_start_of_a_buffer_names_it() {
    let mut space = BufferSpace::<&str>::new(MEGABYTE).unwrap();
    for (data, name) in [(100, "first"), (5000, "second")] {
        let _ = space.place(&bytes(data), Charge::Sync, SENDER, name).unwrap();
    }
    for wrong in [
        1,
        4,
        8,
        96,
        112,
        4096,
        MEGABYTE - 8,
        MEGABYTE,
        MEGABYTE + 104,
        usize::MAX,
        usize::MAX - 7,
    ] {
        assert_eq!((space.get(wrong), space.size_of(wrong)), (None, None));
        assert_eq!(space.free(wrong), None);
    }
    assert_eq!((space.get(0), space.get(104)), (Some(&"first"), Some(&"second")));
    assert!(space.iter().eq([(0, 104, &"first"), (104, 5000, &"second")]));
    assert_eq!((space.free(104), space.free(104)), (Some("second"), None));
    space.check();
}

#[test]
fn freed_neighbours_merge_in_every_order() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut space = Space::new(MEGABYTE).unwrap();
        let offsets = [24, 24, 24].map(|data| space.call(data).unwrap());
        for index in order {
            assert_eq!(space.free(offsets[index]), Some(()));
            space.check();
        }
        assert_eq!(space.call(MEGABYTE), Ok(0));
    }
}
