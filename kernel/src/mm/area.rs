//! Areas: what a stretch of a program's memory is.

use super::protection::Protection;
use super::shared_pages::SharedPages;
use super::window::Window;
use alloc::sync::Arc;

/// A stretch of whole pages with one meaning. Its start is its key in the address space.
#[derive(Clone)]
pub(super) struct Area {
    pub(super) end: u64,
    pub(super) protection: Protection,
    /// What the protection may become.
    pub(super) limit: Protection,
    pub(super) backing: Backing,
}

/// Where an area's pages come from.
#[derive(Clone)]
pub(super) enum Backing {
    /// Zeroes, and whatever the program writes.
    Private,
    /// Bytes of the ramdisk, then zeroes; what the program writes is its own.
    Image(&'static [u8]),
    /// Pages that other mappings may show too, from an offset on.
    Shared(Arc<SharedPages>, u64),
    /// The receiver's side of a binder region, from an offset on.
    Window(Arc<Window>, u64),
}

impl Backing {
    /// The backing of what is left when an area loses its first bytes.
    pub(super) fn skip(&self, bytes: u64) -> Self {
        match self {
            Self::Private => Self::Private,
            Self::Image(image) => Self::Image(image.get(bytes as usize..).unwrap_or(&[])),
            Self::Shared(pages, offset) => Self::Shared(pages.clone(), offset + bytes),
            Self::Window(window, offset) => Self::Window(window.clone(), offset + bytes),
        }
    }

    /// Whether a page written to becomes the program's own copy.
    pub(super) const fn is_copied_on_write(&self) -> bool {
        matches!(self, Self::Private | Self::Image(_))
    }
}

/// What an area is, for those who ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AreaKind {
    /// Memory of the program.
    Private,
    /// The program's break.
    Break,
    /// The program's first stack.
    Stack,
    /// A part of a file of the ramdisk.
    Image,
    /// Shared memory, by its number.
    Shared(u64),
    /// A binder region, with what the program called its memory.
    Window(super::Backing),
}

/// An area as told to others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AreaInformation {
    /// Its first address.
    pub(crate) start: u64,
    /// The address behind it.
    pub(crate) end: u64,
    /// What may be done with it.
    pub(crate) protection: Protection,
    /// What it is.
    pub(crate) kind: AreaKind,
    /// Where in the thing that it shows it begins, if not at its start.
    pub(crate) offset: u64,
}
