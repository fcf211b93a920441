//! Regions: the memory that a proc receives in, and the buffers in it.
//!
//! A region is mapped at two addresses onto the same frames: read-only in the receiver, writable in the kernel's
//! [window](crate::WindowId). A sender's data is copied once, from its memory into the window; the receiver finds it
//! at the same offset from its own address.

use crate::buffer::{BufferSpace, Charge, MAX_SIZE, PAGE_SIZE, Request, SpaceError, Spam};
use crate::driver::Driver;
use crate::effects::{Effect, Effects};
use crate::held::HeldList;
use crate::machine::{Machine, Pid, Trace, WindowId};
use crate::table::{BufferId, Element, Id, NodeId, ProcId, TransactionId};
use crate::trace::Event;
use crate::transaction::Failure;
use abi::Errno;
use abi::binder::TransactionFlags;
use bitflags::bitflags;

/// What a mapping is to allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapAccess {
    /// Reading.
    ReadOnly,
    /// Writing too, which a binder region never allows.
    Writable,
}

/// Whether a region can be received in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mapping {
    /// It is mapped.
    Open,
    /// A part of it was unmapped. It stays so.
    Closed,
}

/// A proc's region.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) window: WindowId,
    /// Where the receiver sees it.
    pub(crate) address: u64,
    pub(crate) mapping: Mapping,
    pub(crate) space: BufferSpace<BufferId>,
}

bitflags! {
    /// Whether the receiver can free a buffer, and how much there is to it.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) struct Delivery: u8 {
        /// The receiver knows of it, and may free it.
        const DELIVERED = 1;
        /// It holds nothing but its target, and is not cleared. Not every buffer of which that is true says so.
        const PLAIN = CLEAR_BUF;
        /// Both.
        const PLAINLY_DELIVERED = Self::DELIVERED.bits() | Self::PLAIN.bits();
    }
}

/// The flag of messages whose buffers are cleared when they are freed, which is one of the lowest eight.
const CLEAR_BUF: u8 = lowest(TransactionFlags::CLEAR_BUF);

const fn lowest(flags: TransactionFlags) -> u8 {
    flags.bits().to_le_bytes()[0]
}

impl Delivery {
    /// That of a buffer that holds nothing but its target and is not delivered yet.
    #[inline(always)]
    pub(crate) fn of_plain(flags: TransactionFlags) -> Self {
        // Plain is what lacks the flag, at the flag's own place.
        Self::from_bits_retain(!lowest(flags) & CLEAR_BUF)
    }
}

/// A message in a region.
#[derive(Debug)]
pub(crate) struct Buffer {
    /// The number of the transaction that brought it.
    pub(crate) id: u32,
    pub(crate) proc: ProcId,
    /// Where in the region it begins.
    pub(crate) offset: usize,
    pub(crate) request: Request,
    pub(crate) charge: Charge,
    pub(crate) sender: Pid,
    pub(crate) delivery: Delivery,
    /// What its sender said of it.
    pub(crate) flags: TransactionFlags,
    /// The transaction, while it is under way.
    pub(crate) transaction: Option<TransactionId>,
    /// The node that a call is for, which the buffer keeps.
    pub(crate) target: Option<NodeId>,
    pub(crate) held: HeldList,
}

impl Buffer {
    /// Whether it is zeroed when it is freed.
    #[inline(always)]
    pub(crate) fn is_cleared(&self) -> bool {
        self.flags.contains(TransactionFlags::CLEAR_BUF)
    }
}

impl Element for Buffer {
    fn vacant() -> Self {
        Self {
            id: 0,
            proc: Id::NONE,
            offset: 0,
            request: Request {
                data: 0,
                offsets: 0,
                extra: 0,
            },
            charge: Charge::Sync,
            sender: Pid(0),
            delivery: Delivery::empty(),
            flags: TransactionFlags::empty(),
            transaction: None,
            target: None,
            held: HeldList::new(),
        }
    }

    #[inline(always)]
    fn clear(&mut self) {
        self.held.clear();
    }
}

impl Driver {
    /// mmap(2): lets a proc receive. Only the first 4 MiB of a mapping are used.
    ///
    /// # Errors
    ///
    /// In this order: EINVAL if the proc is gone, was opened by another process, or the mapping is empty; EPERM for a
    /// writable mapping; EBUSY if there was one before, even if it is unmapped by now; ENOMEM.
    pub fn mmap(
        &mut self,
        proc: ProcId,
        caller: Pid,
        window: WindowId,
        address: u64,
        length: usize,
        access: MapAccess,
    ) -> Result<(), Errno> {
        let owner = self.procs.get_mut(proc).ok_or(Errno::EINVAL)?;
        if owner.pid != caller {
            return Err(Errno::EINVAL);
        }
        if access == MapAccess::Writable {
            return Err(Errno::EPERM);
        }
        if owner.region.is_some() {
            return Err(Errno::EBUSY);
        }
        let size = length.min(MAX_SIZE) & !PAGE_SIZE.wrapping_sub(1);
        if size == 0 {
            return Err(Errno::EINVAL);
        }
        let space = BufferSpace::new(size).map_err(|_| Errno::ENOMEM)?;
        owner.region = Some(Region {
            window,
            address,
            mapping: Mapping::Open,
            space,
        });
        Ok(())
    }

    /// A part of the mapping was unmapped: nothing more is delivered to this proc, for ever.
    pub fn mapping_closed(&mut self, proc: ProcId) {
        if let Some(proc) = self.procs.get_mut(proc)
            && let Some(region) = &mut proc.region
        {
            region.mapping = Mapping::Closed;
            proc.take_caution();
        }
    }

    /// Memory is short: takes up to `pages` unused pages from receivers' regions.
    pub fn reclaim(&mut self, pages: usize) -> Effects {
        let mut left = pages;
        let mut next = self.order.back();
        while let Some(proc) = next {
            if let Some(region) = &mut self.procs[proc].region {
                while left > 0
                    && let Some(page) = region.space.reclaim()
                {
                    self.effects.rest.push(Effect::UnmapPage(region.window, page));
                    left = left.wrapping_sub(1);
                }
            }
            next = self.order.previous(&self.procs, proc);
        }
        self.take_effects()
    }

    /// Finds room for a message in the receiver's region, with memory behind it.
    #[inline]
    pub(crate) fn allocate_buffer(
        &mut self,
        buffer: Buffer,
        machine: &mut dyn Machine,
    ) -> Result<(BufferId, Spam), Failure> {
        let (to, request, charge, sender) = (buffer.proc, buffer.request, buffer.charge, buffer.sender);
        let receiver = &mut self.procs[to];
        let region = match &mut receiver.region {
            Some(region) if region.mapping == Mapping::Open => region,
            _ => return Err(Failure::Dead(Some(Errno::ESRCH))),
        };
        let id = self
            .buffers
            .insert(buffer)
            .map_err(|_| Failure::Failed(Errno::ENOMEM))?;
        let allocation = match region.space.allocate(&request, charge, sender, id) {
            Ok(allocation) => allocation,
            Err(error) => {
                self.buffers.discard(id);
                return Err(Failure::Failed(match error {
                    SpaceError::Overflow => Errno::EINVAL,
                    SpaceError::Full => Errno::ENOSPC,
                    SpaceError::NoMemory => Errno::ENOMEM,
                }));
            }
        };
        let offset = allocation.offset;
        let mut absent = allocation.absent;
        while let Some(pages) = absent {
            if machine.map_pages(region.window, pages.clone()).is_err() {
                region.space.free(offset);
                self.buffers.discard(id);
                return Err(Failure::Failed(Errno::ENOMEM));
            }
            machine.trace(|| Event::PagesMapped {
                pid: receiver.pid,
                first: pages.start,
                count: pages.len(),
            });
            absent = region.space.furnish(offset, pages);
        }
        machine.trace(|| Event::BufferAllocated {
            pid: receiver.pid,
            offset,
            size: allocation.size,
        });
        self.buffers[id].offset = offset;
        Ok((id, allocation.spam))
    }

    /// Where the receiver sees a buffer.
    #[inline]
    pub(crate) fn buffer_address(&self, buffer: &Buffer) -> u64 {
        match &self.procs[buffer.proc].region {
            Some(region) => region.address.wrapping_add(buffer.offset as u64),
            None => 0,
        }
    }
}
