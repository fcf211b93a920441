//! Tests of the region as a whole.

mod exhaustive;
mod model;
mod oneway;
mod pages;
mod placement;
mod recorded;
mod tree;

use super::space::Allocation;
use super::{BufferSpace, Charge, Request, SpaceError};
use crate::machine::Pid;

const MEGABYTE: usize = 1 << 20;
const SENDER: Pid = Pid(7);

/// A region whose notes are not of interest.
type Space = BufferSpace<()>;

fn bytes(data: usize) -> Request {
    Request {
        data,
        offsets: 0,
        extra: 0,
    }
}

impl<T> BufferSpace<T> {
    /// Allocates and gives all pages frames.
    fn place(
        &mut self,
        request: &Request,
        charge: Charge,
        owner: Pid,
        note: T,
    ) -> Result<Allocation, SpaceError> {
        let allocation = self.allocate(request, charge, owner, note)?;
        let mut absent = allocation.absent.clone();
        while let Some(pages) = absent {
            absent = self.furnish(allocation.offset, pages);
        }
        Ok(allocation)
    }
}

impl Space {
    /// Places a synchronous message; where it is.
    fn call(&mut self, data: usize) -> Result<usize, SpaceError> {
        Ok(self.place(&bytes(data), Charge::Sync, SENDER, ())?.offset)
    }
}
