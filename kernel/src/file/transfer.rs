//! The caller's side of a transfer.
//!
//! A transfer goes to or from one piece of the caller's memory (`read`) or several (`readv`). A file copies through
//! here as much as it has, in as many steps as it likes. Where the caller's memory ends, the transfer ends: with
//! EFAULT if nothing was copied, otherwise with what was, as on Linux.

use crate::mm::{PAGE, USER_END, UserFault, user};
use abi::Errno;
use abi::file::{IOV_MAX, TRANSFER_MAX};
use alloc::vec;

/// A piece of the caller's memory: an allegation until it is touched.
#[derive(Clone, Copy, Debug)]
struct Piece {
    address: u64,
    length: usize,
}

/// The caller's memory for one transfer, and how far the transfer came.
#[derive(Debug)]
pub(crate) struct UserMemory {
    piece: Piece,
    further: vec::IntoIter<Piece>,
    remaining: usize,
    copied: usize,
}

impl UserMemory {
    /// One piece. What is beyond the most that a call may transfer is left out.
    ///
    /// # Errors
    ///
    /// EFAULT if it does not lie in the half of the address space that is the user's.
    pub(crate) fn new(address: u64, length: u64) -> Result<Self, Errno> {
        check_range(address, length)?;
        let length = length.min(TRANSFER_MAX) as usize;
        Ok(Self {
            piece: Piece { address, length },
            further: vec![].into_iter(),
            remaining: length,
            copied: 0,
        })
    }

    /// The pieces that an array of `struct iovec` describes.
    ///
    /// # Errors
    ///
    /// EINVAL for too many pieces or a negative length, EFAULT if the array or a piece is not the user's.
    pub(crate) fn from_vector(address: u64, count: u64) -> Result<Self, Errno> {
        if count > IOV_MAX {
            return Err(Errno::EINVAL);
        }
        let mut room = TRANSFER_MAX;
        let mut pieces = vec![];
        for index in 0..count {
            let [address, length]: [u64; 2] = user::read_value(address.wrapping_add(index * 16))?;
            if length > i64::MAX as u64 {
                return Err(Errno::EINVAL);
            }
            check_range(address, length)?;
            let length = length.min(room);
            room -= length;
            pieces.push(Piece {
                address,
                length: length as usize,
            });
        }
        Ok(Self {
            piece: Piece {
                address: 0,
                length: 0,
            },
            further: pieces.into_iter(),
            remaining: (TRANSFER_MAX - room) as usize,
            copied: 0,
        })
    }

    /// How many bytes can still be copied.
    pub(crate) const fn remaining(&self) -> usize {
        self.remaining
    }

    /// How many bytes were copied.
    pub(crate) const fn copied(&self) -> usize {
        self.copied
    }

    /// Goes on `count` bytes further without copying them.
    pub(crate) fn skip(&mut self, count: usize) {
        let mut rest = count;
        while rest > 0 {
            let step = self.next_piece().length.min(rest);
            if step == 0 {
                return;
            }
            self.advance(step);
            rest -= step;
        }
    }

    /// Copies bytes to the caller, as many as there is room for; how many that were.
    ///
    /// # Errors
    ///
    /// [`UserFault`] if the caller's memory could take none, in this step or one before.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> Result<usize, UserFault> {
        self.go_on(bytes.len(), &mut |address, range| {
            user::write(address, &bytes[range]).is_ok()
        })
    }

    /// Copies bytes from the caller, as many as there are; how many that were.
    ///
    /// # Errors
    ///
    /// [`UserFault`] if the caller's memory could give none, in this step or one before.
    pub(crate) fn take(&mut self, into: &mut [u8]) -> Result<usize, UserFault> {
        self.go_on(into.len(), &mut |address, range| {
            user::read(address, &mut into[range]).is_ok()
        })
    }

    /// Copies up to `limit` bytes, piece by piece, by means of `copy`, which is given an address and the range of the
    /// bytes that belong there.
    fn go_on(
        &mut self,
        limit: usize,
        copy: &mut dyn FnMut(u64, core::ops::Range<usize>) -> bool,
    ) -> Result<usize, UserFault> {
        let mut done = 0;
        while done < limit && self.remaining > 0 {
            let piece = self.next_piece();
            let length = piece.length.min(limit - done);
            let end = done + length;
            if copy(piece.address, done..end) {
                self.advance(length);
                done = end;
                continue;
            }
            // Somewhere in it memory ends. It does so at the end of a page: the pages before are fine.
            let start = done;
            while done < end {
                let address = piece.address + (done - start) as u64;
                let in_page = (PAGE - address % PAGE) as usize;
                let step = in_page.min(end - done);
                if !copy(address, done..done + step) {
                    break;
                }
                self.advance(step);
                done += step;
            }
            if done < end {
                self.remaining = 0;
            }
        }
        if done == 0 && self.copied == 0 && limit > 0 && self.faulted() {
            Err(UserFault)
        } else {
            Ok(done)
        }
    }

    /// Whether the transfer ended before its memory was used up.
    fn faulted(&self) -> bool {
        self.remaining == 0 && self.piece.length > 0
    }

    /// The piece at which the transfer stands; it has room as long as anything remains.
    fn next_piece(&mut self) -> Piece {
        while self.piece.length == 0 {
            match self.further.next() {
                Some(piece) => self.piece = piece,
                None => break,
            }
        }
        self.piece
    }

    fn advance(&mut self, count: usize) {
        let Piece { address, length } = self.piece;
        self.piece = Piece {
            address: address + count as u64,
            length: length - count,
        };
        self.remaining -= count;
        self.copied += count;
    }
}

/// Refuses what is not in the half of the address space that is the user's.
pub(crate) fn check_range(address: u64, length: u64) -> Result<(), Errno> {
    match address.checked_add(length) {
        Some(end) if end <= USER_END => Ok(()),
        _ => Err(Errno::EFAULT),
    }
}
