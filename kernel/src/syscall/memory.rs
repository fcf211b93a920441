//! A program's memory.

use super::path::open_file;
use crate::binder;
use crate::file::{Mapping, Sharing};
use crate::mm::{Discarded, Mapped, Moving, PAGE, Placement, Protection, USER_END, Unmapped};
use crate::task::{Flow, Kernel};
use abi::Errno;
use abi::memory::{
    MADV_COLD, MADV_DODUMP, MADV_DOFORK, MADV_DONTDUMP, MADV_DONTFORK, MADV_DONTNEED, MADV_FREE,
    MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_NORMAL, MADV_PAGEOUT, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED,
    MREMAP_MAYMOVE, MapFlags, PROT_GROWSDOWN, PROT_GROWSUP,
};
use alloc::sync::Arc;

/// No mapping without `MAP_FIXED` lies lower, so that a null pointer always faults.
const LOWEST: u64 = 1 << 16;

impl Kernel {
    /// Tells the driver of binder mappings that a new mapping replaced; gives the new mapping's address.
    pub(crate) fn conclude_mapping(&mut self, mapped: Mapped) -> u64 {
        self.conclude_unmapping(&mapped.unmapped);
        mapped.address
    }

    /// Tells the driver of binder mappings that are gone.
    pub(crate) fn conclude_unmapping(&mut self, unmapped: &Unmapped) {
        binder::windows_touched(self, &unmapped.windows);
    }
}

/// `mmap`.
pub(crate) fn mmap(
    kernel: &mut Kernel,
    [address, length, protection, flags, descriptor, offset]: [u64; 6],
) -> Result<u64, Flow> {
    if !offset.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL.into());
    }
    let flags = MapFlags::from_bits_retain(flags);
    let open = if flags.contains(MapFlags::ANONYMOUS) {
        None
    } else {
        Some(open_file(kernel, descriptor)?)
    };
    if length == 0 {
        return Err(Errno::EINVAL.into());
    }
    let length = round_up(length)
        .filter(|&length| length <= USER_END)
        .ok_or(Errno::ENOMEM)?;
    let sharing = sharing(flags)?;
    let protection = self::protection(protection);
    let placement = placement(address, length, flags)?;
    let Some(open) = open else {
        let backing = sharing.backing();
        let space = Arc::clone(&kernel.process().space);
        let mapped = space.map_anonymous(placement, length, protection, backing)?;
        return Ok(kernel.conclude_mapping(mapped));
    };
    if offset.checked_add(length).is_none() {
        return Err(Errno::EOVERFLOW.into());
    }
    let writes_file = sharing == Sharing::Shared && protection.contains(Protection::WRITE);
    if !open.readable() || writes_file && !open.writable() {
        return Err(Errno::EACCES.into());
    }
    let mapping = Mapping {
        placement,
        length,
        protection,
        sharing,
        offset,
    };
    open.file().map(kernel, &open, &mapping)
}

fn sharing(flags: MapFlags) -> Result<Sharing, Errno> {
    let kind = flags & MapFlags::KIND;
    if kind == MapFlags::SHARED {
        Ok(Sharing::Shared)
    } else if kind == MapFlags::PRIVATE {
        Ok(Sharing::Private)
    } else if kind == MapFlags::SHARED | MapFlags::PRIVATE {
        // MAP_SHARED_VALIDATE promises to refuse flags that are not known.
        let known = MapFlags::all() - MapFlags::SYNC;
        if known.contains(flags) {
            Ok(Sharing::Shared)
        } else {
            Err(Errno::EOPNOTSUPP)
        }
    } else {
        Err(Errno::EINVAL)
    }
}

/// The bits of a protection that mean something here.
fn protection(bits: u64) -> Protection {
    Protection::from_bits_truncate(bits as u8 & Protection::all().bits())
}

fn placement(address: u64, length: u64, flags: MapFlags) -> Result<Placement, Errno> {
    let no_replace = flags.contains(MapFlags::FIXED_NO_REPLACE);
    if !no_replace && !flags.contains(MapFlags::FIXED) {
        let hint = address & !(PAGE - 1);
        return Ok(if hint < LOWEST {
            Placement::Anywhere
        } else {
            Placement::Hint(hint)
        });
    }
    if !address.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL);
    }
    if address.checked_add(length).is_none_or(|end| end > USER_END) {
        return Err(Errno::ENOMEM);
    }
    if address < LOWEST {
        return Err(Errno::EPERM);
    }
    Ok(if no_replace {
        Placement::FixedNoReplace(address)
    } else {
        Placement::Fixed(address)
    })
}

fn round_up(length: u64) -> Option<u64> {
    length.checked_next_multiple_of(PAGE)
}

/// `munmap`.
pub(crate) fn munmap(kernel: &mut Kernel, [address, length, ..]: [u64; 6]) -> Result<u64, Flow> {
    let length = round_up(length)
        .filter(|&length| length > 0)
        .ok_or(Errno::EINVAL)?;
    if !address.is_multiple_of(PAGE) || address > USER_END || length > USER_END - address {
        return Err(Errno::EINVAL.into());
    }
    let space = Arc::clone(&kernel.process().space);
    let unmapped = space.unmap(address, length)?;
    kernel.conclude_unmapping(&unmapped);
    Ok(0)
}

/// `mprotect`.
pub(crate) fn mprotect(kernel: &mut Kernel, [address, length, bits, ..]: [u64; 6]) -> Result<u64, Flow> {
    let known = u64::from(Protection::all().bits());
    // No mapping grows here, so the two flags about growing never apply.
    if !address.is_multiple_of(PAGE) || bits & !(known | PROT_GROWSDOWN | PROT_GROWSUP) != 0 {
        return Err(Errno::EINVAL.into());
    }
    if bits & (PROT_GROWSDOWN | PROT_GROWSUP) != 0 {
        return Err(Errno::EINVAL.into());
    }
    if length == 0 {
        return Ok(0);
    }
    let length = round_up(length).ok_or(Errno::ENOMEM)?;
    if address.checked_add(length).is_none_or(|end| end > USER_END) {
        return Err(Errno::ENOMEM.into());
    }
    kernel
        .process()
        .space
        .protect(address, length, protection(bits))?;
    Ok(0)
}

/// `madvise`.
pub(crate) fn madvise(kernel: &mut Kernel, [address, length, advice, ..]: [u64; 6]) -> Result<u64, Flow> {
    let advice = advice as u32;
    let known = [
        MADV_NORMAL,
        MADV_RANDOM,
        MADV_SEQUENTIAL,
        MADV_WILLNEED,
        MADV_DONTNEED,
        MADV_FREE,
        MADV_DONTFORK,
        MADV_DOFORK,
        MADV_HUGEPAGE,
        MADV_NOHUGEPAGE,
        MADV_DONTDUMP,
        MADV_DODUMP,
        MADV_COLD,
        MADV_PAGEOUT,
    ];
    // Advice about fork is a promise, and this kernel does not keep it.
    if !known.contains(&advice) || matches!(advice, MADV_DONTFORK) || !address.is_multiple_of(PAGE) {
        return Err(Errno::EINVAL.into());
    }
    let length = round_up(length).ok_or(Errno::EINVAL)?;
    let end = address.checked_add(length).ok_or(Errno::EINVAL)?;
    if length == 0 {
        return Ok(0);
    }
    if end > USER_END {
        return Err(Errno::ENOMEM.into());
    }
    let of = match advice {
        MADV_DONTNEED => Discarded::Any,
        MADV_FREE => Discarded::Private,
        _ => return Ok(0),
    };
    kernel.process().space.discard(address, length, of)?;
    Ok(0)
}

/// `brk`.
pub(crate) fn brk(kernel: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    Ok(kernel.process().space.set_break(address))
}

/// `mremap`: growing, shrinking and moving. A chosen new place (`MREMAP_FIXED`) is not there.
pub(crate) fn mremap(
    kernel: &mut Kernel,
    [address, old_length, new_length, flags, ..]: [u64; 6],
) -> Result<u64, Flow> {
    if !address.is_multiple_of(PAGE) || flags & !MREMAP_MAYMOVE != 0 || new_length == 0 {
        return Err(Errno::EINVAL.into());
    }
    let old_length = round_up(old_length).ok_or(Errno::EINVAL)?;
    let new_length = round_up(new_length)
        .filter(|&length| length <= USER_END)
        .ok_or(Errno::ENOMEM)?;
    let moving = if flags & MREMAP_MAYMOVE == 0 {
        Moving::Refused
    } else {
        Moving::Allowed
    };
    let space = Arc::clone(&kernel.process().space);
    let mapped = space.remap(address, old_length, new_length, moving)?;
    Ok(kernel.conclude_mapping(mapped))
}

/// `msync`: all who map a file see the same memory at all times, and nothing is on a medium.
pub(crate) fn msync(_kernel: &mut Kernel, [address, ..]: [u64; 6]) -> Result<u64, Flow> {
    if address.is_multiple_of(PAGE) {
        Ok(0)
    } else {
        Err(Errno::EINVAL.into())
    }
}
