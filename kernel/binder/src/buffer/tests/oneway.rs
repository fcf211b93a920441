//! The async half, and the detection of spammers.

use super::{MEGABYTE, SENDER, Space, bytes};
use crate::buffer::Spam::{self, Suspected, Unsuspected};
use crate::buffer::{Charge, SpaceError};
use crate::machine::Pid;

impl Space {
    /// Places a oneway message.
    fn oneway(&mut self, owner: Pid, data: usize) -> Result<(usize, Spam), SpaceError> {
        let allocation = self.place(&bytes(data), Charge::Async, owner, ())?;
        self.check();
        Ok((allocation.offset, allocation.spam))
    }
}

#[test]
fn oneway_messages_can_fill_half_of_the_region_to_the_byte() {
    let half = MEGABYTE / 2;
    let mut space = Space::new(MEGABYTE).unwrap();
    assert_eq!(space.oneway(SENDER, half + 8), Err(SpaceError::Full));
    assert_eq!(space.oneway(SENDER, half).map(|(offset, _)| offset), Ok(0));
    assert_eq!(space.free_async(), 0);
    assert_eq!(space.oneway(SENDER, 0), Err(SpaceError::Full));
    assert_eq!(space.call(half), Ok(half));
    assert_eq!(space.call(0), Err(SpaceError::Full));
    space.free(0).unwrap();
    assert_eq!(space.free_async(), half);
    space.check();
}

#[test]
fn an_empty_oneway_message_is_charged_with_what_it_takes() {
    let mut space = Space::new(MEGABYTE).unwrap();
    space.oneway(SENDER, 0).unwrap();
    assert_eq!(space.free_async(), MEGABYTE / 2 - 8);
    space.free(0).unwrap();
    assert_eq!(space.free_async(), MEGABYTE / 2);
}

#[test]
fn the_sender_of_a_quarter_is_told_once_when_space_is_low() {
    let mut space = Space::new(MEGABYTE).unwrap();
    let sent = [100; 5].map(|kilobytes| space.oneway(SENDER, kilobytes << 10).unwrap());
    let spam = sent.map(|(_, spam)| spam);
    assert_eq!(
        spam,
        [Unsuspected, Unsuspected, Unsuspected, Unsuspected, Suspected]
    );
    assert_eq!(space.oneway(SENDER, 8).unwrap().1, Unsuspected);

    // With two of them gone there is room again, but the next one that sees it is also the next to make it low.
    space.free(sent[0].0).unwrap();
    space.free(sent[1].0).unwrap();
    let spam = [90; 3].map(|kilobytes| space.oneway(SENDER, kilobytes << 10).map(|(_, spam)| spam));
    assert_eq!(spam, [Ok(Unsuspected), Ok(Suspected), Err(SpaceError::Full)]);
}

#[test]
fn the_sender_of_more_than_fifty_messages_is_told_and_the_new_one_does_not_count() {
    let mut space = Space::new(MEGABYTE).unwrap();
    space.oneway(Pid(1), 430_000).unwrap();
    for number in 1..=53 {
        let expected = if number == 52 { Suspected } else { Unsuspected };
        assert_eq!(space.oneway(SENDER, 8).unwrap().1, expected, "message {number}");
    }
}

#[test]
fn the_new_message_counts_if_its_chunk_was_last_allocated_by_its_sender() {
    let mut space = Space::new(MEGABYTE).unwrap();
    space.oneway(Pid(1), 430_000).unwrap();
    let offsets: [_; 50] = core::array::from_fn(|_| space.oneway(SENDER, 8).unwrap().0);
    // A chunk that falls between two others keeps its descriptor, and with it the pid that allocated it.
    space.free(offsets[20]).unwrap();
    assert_eq!(space.oneway(SENDER, 8).unwrap(), (offsets[20], Unsuspected));
    assert_eq!(space.oneway(SENDER, 8).unwrap().1, Unsuspected);
    space.free(offsets[20]).unwrap();
    assert_eq!(space.oneway(SENDER, 8).unwrap(), (offsets[20], Suspected));
}

#[test]
fn a_chunk_last_allocated_by_another_does_not_count() {
    let mut space = Space::new(MEGABYTE).unwrap();
    space.oneway(Pid(1), 430_000).unwrap();
    let other = space.oneway(Pid(2), 8).unwrap().0;
    (0..50).for_each(|_| assert_eq!(space.oneway(SENDER, 8).unwrap().1, Unsuspected));
    space.free(other).unwrap();
    assert_eq!(space.oneway(SENDER, 8).unwrap(), (other, Unsuspected));
    assert_eq!(space.oneway(SENDER, 8).unwrap().1, Suspected);
}

#[test]
fn synchronous_messages_make_nobody_suspect() {
    let mut space = Space::new(MEGABYTE).unwrap();
    (0..60).for_each(|_| assert!(space.call(8).is_ok()));
    space.oneway(Pid(1), 430_000).unwrap();
    assert_eq!(space.oneway(SENDER, 8).unwrap().1, Unsuspected);
}
