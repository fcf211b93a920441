//! Choosing where a mapping goes.

use super::address_space::Inner;
use super::layout::{PAGE, USER_END, USER_MAPPINGS_TOP, USER_START};
use super::user;
use abi::Errno;
use core::ops::Range;

/// Where a mapping goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// Wherever there is room.
    Anywhere,
    /// There if there is room, anywhere otherwise.
    Hint(u64),
    /// Exactly there, in place of what is there.
    Fixed(u64),
    /// Exactly there, and only if nothing is there.
    FixedNoReplace(u64),
}

impl Inner {
    /// Chooses an address.
    pub(super) fn place(&mut self, placement: Placement, length: u64) -> Result<u64, Errno> {
        match placement {
            Placement::Anywhere => self.find_room(length),
            Placement::Hint(hint) => {
                let hint = hint / PAGE * PAGE;
                let fits = user_range(hint, length).is_ok_and(|range| self.touching(&range).next().is_none());
                if fits && hint >= USER_START {
                    Ok(hint)
                } else {
                    self.find_room(length)
                }
            }
            Placement::Fixed(address) => user_range(address, length).and_then(|range| {
                if range.start < USER_START {
                    Err(Errno::EPERM)
                } else {
                    Ok(range.start)
                }
            }),
            Placement::FixedNoReplace(address) => {
                let range = user_range(address, length)?;
                if range.start < USER_START {
                    Err(Errno::EPERM)
                } else if self.touching(&range).next().is_some() {
                    Err(Errno::EEXIST)
                } else {
                    Ok(range.start)
                }
            }
        }
    }

    /// The highest room below the last one found, or else the highest of all.
    fn find_room(&mut self, length: u64) -> Result<u64, Errno> {
        let found = self.room_below(self.search_from, length);
        let found = found
            .or_else(|| self.room_below(USER_MAPPINGS_TOP, length))
            .ok_or(Errno::ENOMEM)?;
        self.search_from = found;
        Ok(found)
    }

    fn room_below(&self, mut top: u64, length: u64) -> Option<u64> {
        while let Some((start, area)) = self.areas.before(&top) {
            if area.end <= top && top - area.end >= length {
                return Some(top - length);
            }
            top = *start;
        }
        (top >= USER_START + length).then(|| top - length)
    }
}

/// A length in whole pages.
pub(super) fn whole_pages(length: u64) -> Result<u64, Errno> {
    match length.checked_next_multiple_of(PAGE) {
        None => Err(Errno::ENOMEM),
        Some(0) => Err(Errno::EINVAL),
        Some(length) if length > USER_END => Err(Errno::ENOMEM),
        Some(length) => Ok(length),
    }
}

/// A range of whole pages that a program may name.
pub(super) fn user_range(address: u64, length: u64) -> Result<Range<u64>, Errno> {
    if !address.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    let length = whole_pages(length).map_err(|_| Errno::EINVAL)?;
    user::check(address, length as usize).map_err(|_| Errno::EINVAL)?;
    Ok(address..address + length)
}
