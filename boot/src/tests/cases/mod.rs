//! The cases that run in the guest.
//!
//! To add one, write a [`Case`] with what differs from [`CASE`](super::case::CASE): a sentence as its name, the line for
//! the guest's shell, and what must come of it. `./test.sh guest WORD` runs those whose names contain WORD.

mod demos;
mod foreign;
mod limits;
mod running;
mod shown;

use super::case::Case;

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    let groups = [
        running::CASES,
        foreign::CASES,
        limits::CASES,
        shown::CASES,
        demos::CASES,
    ];
    groups.into_iter().flatten()
}
