//! Where in a receiver's region a message goes.
//!
//! A [`BufferSpace`] is the bookkeeping for the region that a proc maps to receive into. It is arithmetic alone: it
//! says which bytes a message gets and which pages need a frame, and never touches either. The region is cut into
//! chunks, allocated or free, in order of address. An allocation takes the low part of the smallest free chunk that is
//! large enough; freeing merges a chunk with free neighbours.
//!
//! Where a message goes is visible to programs, and Linux's driver decides it to the byte, also between free chunks of
//! the same size: there the shape of its search tree decides. So [`SizeTree`](tree::SizeTree) is a red-black tree by
//! the same rules, used in the same order, and places equal requests at equal offsets.
//!
//! Most messages come and go one at a time. For them there is a [shortcut](newest).
//!
//! What the parts promise: chunks [B1–B5](layout::Layout), the tree [R1–R4](tree::SizeTree), the shortcut
//! [N1–N2](newest::Newest), pages [P1–P2](pages::Pages), the async half [Q1–Q2](quota::AsyncQuota).

mod check;
mod chunk;
mod layout;
mod newest;
mod pages;
mod quota;
mod request;
mod space;
mod starts;
#[cfg(test)]
mod tests;
mod tree;

pub(crate) use pages::PageCounts;
pub(crate) use quota::Spam;
pub(crate) use request::{Charge, Request, SpaceError};
pub(crate) use space::{BufferSpace, Found};

/// Bytes per page.
pub(crate) const PAGE_SIZE: usize = 4096;
/// A mapping may be longer; only so much of it is used.
pub(crate) const MAX_SIZE: usize = 4 << 20;
/// Chunks start and end at multiples of this.
pub(crate) const GRAIN: usize = 8;
