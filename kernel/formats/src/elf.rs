//! ELF program files: what to map where, and where to start.
//!
//! [`Program::parse`] reads the headers of a static x86-64 executable, fixed (`ET_EXEC`) or position-independent
//! (`ET_DYN` without an interpreter), and checks every number in them. After it, the kernel trusts the result: all
//! segments lie inside the file and inside the lower half of the address space, in ascending order, and no two of
//! them share a page of memory. Two may share a page of the *file*; linkers do that to save space.

use alloc::vec::Vec;
use core::ops::Range;
use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

/// The size of a page.
const PAGE: u64 = 4096;
/// Addresses from here on are not a program's.
const ADDRESS_END: u64 = 1 << 47;
/// Programs with a fixed place lie above the first 64 KiB, so that a null pointer always faults.
const LOWEST_FIXED: u64 = 1 << 16;
/// The most program headers: as many as 64 KiB hold.
const HEADERS_MOST: usize = 1170;

/// What is wrong with a program file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It does not begin as an ELF file for this machine does.
    NotAProgram,
    /// A header lies beyond the end of the file.
    Truncated,
    /// It asks for an interpreter: it is dynamically linked.
    NeedsInterpreter,
    /// A segment's numbers contradict each other or lie out of range.
    BadSegment,
    /// Nothing is to be loaded.
    Empty,
    /// The first instruction is in no executable segment.
    BadEntry,
}

/// Whether the program says where it lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// At the addresses in the file.
    Fixed,
    /// Anywhere: the addresses in the file are offsets.
    Anywhere,
}

/// What a segment allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Loads.
    pub read: bool,
    /// Stores.
    pub write: bool,
    /// Instruction fetches.
    pub execute: bool,
}

/// A part of the program in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it lies in memory; its last part may lie beyond the stored bytes and is zero.
    pub memory: Range<u64>,
    /// Where its first bytes lie in the file.
    pub stored: Range<usize>,
    /// What it allows.
    pub access: Access,
}

impl Segment {
    /// The pages it touches.
    pub const fn pages(&self) -> Range<u64> {
        // `parse` admits only ends below `ADDRESS_END`, so rounding up cannot overflow.
        let end = self.memory.end.saturating_add(PAGE - 1);
        self.memory.start & !(PAGE - 1)..end & !(PAGE - 1)
    }
}

/// A program file whose headers have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Whether it may be moved.
    pub placement: Placement,
    /// The first instruction.
    pub entry: u64,
    /// The segments to load, in ascending order.
    pub segments: Vec<Segment>,
    /// Where the program headers lie in memory; 0 if they are not loaded.
    pub headers: u64,
    /// How many program headers there are.
    pub header_count: u16,
    /// The strictest alignment that a segment asks for: a power of two, at least a page.
    pub alignment: u64,
}

impl Program {
    /// The size of a program header.
    pub const HEADER_SIZE: u16 = 56;

    /// Reads and checks a program file.
    ///
    /// # Errors
    ///
    /// [`Malformed`] says what is wrong; the kernel's answer is ENOEXEC.
    pub fn parse(file: &[u8]) -> Result<Self, Malformed> {
        let (header, _) = FileHeader::ref_from_prefix(file).map_err(|_| Malformed::NotAProgram)?;
        let placement = header.placement()?;
        let headers = header.program_headers(file)?;
        if headers
            .iter()
            .any(|header| header.kind.get() == ProgramHeader::INTERPRETER)
        {
            return Err(Malformed::NeedsInterpreter);
        }
        let mut program = Self {
            placement,
            entry: header.entry.get(),
            segments: Vec::new(),
            headers: 0,
            header_count: header.header_count.get(),
            alignment: PAGE,
        };
        for loaded in headers
            .iter()
            .filter(|header| header.kind.get() == ProgramHeader::LOAD)
        {
            program.alignment = program.alignment.max(loaded.alignment()?);
            if let Some(segment) = loaded.segment(file.len())? {
                let start = segment.memory.start;
                let place = program
                    .segments
                    .partition_point(|other| other.memory.start <= start);
                program.segments.insert(place, segment);
            }
        }
        program.check_overlaps()?;
        program.check_entry()?;
        program.headers = program.address_of(header.headers.get()).unwrap_or(0);
        Ok(program)
    }

    /// The pages from the first segment to the end of the last.
    pub fn pages(&self) -> Range<u64> {
        match (self.segments.first(), self.segments.last()) {
            (Some(first), Some(last)) => first.pages().start..last.pages().end,
            _ => 0..0,
        }
    }

    fn check_overlaps(&self) -> Result<(), Malformed> {
        let neighbours = self.segments.iter().zip(self.segments.iter().skip(1));
        for (segment, next) in neighbours {
            if segment.pages().end > next.pages().start {
                return Err(Malformed::BadSegment);
            }
        }
        if self.placement == Placement::Fixed
            && self.pages().start < LOWEST_FIXED
            && !self.segments.is_empty()
        {
            return Err(Malformed::BadSegment);
        }
        Ok(())
    }

    fn check_entry(&self) -> Result<(), Malformed> {
        if self.segments.is_empty() {
            return Err(Malformed::Empty);
        }
        let holds_entry = |segment: &Segment| segment.access.execute && segment.memory.contains(&self.entry);
        if self.segments.iter().any(holds_entry) {
            Ok(())
        } else {
            Err(Malformed::BadEntry)
        }
    }

    /// Where a byte of the file lies in memory.
    fn address_of(&self, offset: u64) -> Option<u64> {
        let offset = usize::try_from(offset).ok()?;
        let segment = self
            .segments
            .iter()
            .find(|segment| segment.stored.contains(&offset))?;
        let within = u64::try_from(offset.checked_sub(segment.stored.start)?).ok()?;
        segment.memory.start.checked_add(within)
    }
}

/// The head of the file.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct FileHeader {
    identification: [u8; 16],
    kind: U16,
    machine: U16,
    version: U32,
    entry: U64,
    headers: U64,
    sections: U64,
    flags: U32,
    size: U16,
    header_size: U16,
    header_count: U16,
    section_size: U16,
    section_count: U16,
    section_names: U16,
}

impl FileHeader {
    /// The magic number, 64 bits, little endian.
    const BEGINNING: [u8; 6] = *b"\x7fELF\x02\x01";
    const EXECUTABLE: u16 = 2;
    const SHARED_OBJECT: u16 = 3;
    const X86_64: u16 = 62;

    fn placement(&self) -> Result<Placement, Malformed> {
        if !self.identification.starts_with(&Self::BEGINNING) || self.machine.get() != Self::X86_64 {
            return Err(Malformed::NotAProgram);
        }
        match self.kind.get() {
            Self::EXECUTABLE => Ok(Placement::Fixed),
            Self::SHARED_OBJECT => Ok(Placement::Anywhere),
            _ => Err(Malformed::NotAProgram),
        }
    }

    fn program_headers<'a>(&self, file: &'a [u8]) -> Result<&'a [ProgramHeader], Malformed> {
        if self.header_size.get() != Program::HEADER_SIZE {
            return Err(Malformed::NotAProgram);
        }
        let count = usize::from(self.header_count.get());
        if count == 0 || count > HEADERS_MOST {
            return Err(Malformed::Truncated);
        }
        let start = usize::try_from(self.headers.get()).map_err(|_| Malformed::Truncated)?;
        let bytes = file.get(start..).ok_or(Malformed::Truncated)?;
        let (headers, _) =
            <[ProgramHeader]>::ref_from_prefix_with_elems(bytes, count).map_err(|_| Malformed::Truncated)?;
        Ok(headers)
    }
}

/// One entry of the table of program headers.
#[derive(FromBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct ProgramHeader {
    kind: U32,
    flags: U32,
    offset: U64,
    address: U64,
    physical: U64,
    file_size: U64,
    memory_size: U64,
    align: U64,
}

impl ProgramHeader {
    const LOAD: u32 = 1;
    const INTERPRETER: u32 = 3;
    const EXECUTE: u32 = 1;
    const WRITE: u32 = 2;
    const READ: u32 = 4;

    /// The alignment it asks for. One that is no power of two asks for nothing, as on Linux.
    fn alignment(&self) -> Result<u64, Malformed> {
        match self.align.get() {
            align if align >= ADDRESS_END => Err(Malformed::BadSegment),
            align if align.is_power_of_two() => Ok(align.max(PAGE)),
            _ => Ok(PAGE),
        }
    }

    /// The segment, or `None` if it is empty.
    fn segment(&self, file_length: usize) -> Result<Option<Segment>, Malformed> {
        let (start, size) = (self.address.get(), self.memory_size.get());
        let end = start
            .checked_add(size)
            .filter(|&end| end < ADDRESS_END - PAGE)
            .ok_or(Malformed::BadSegment)?;
        let offset = usize::try_from(self.offset.get()).map_err(|_| Malformed::BadSegment)?;
        let stored = usize::try_from(self.file_size.get()).map_err(|_| Malformed::BadSegment)?;
        let stored_end = offset.checked_add(stored).ok_or(Malformed::BadSegment)?;
        if stored_end > file_length || self.file_size.get() > size || self.offset.get() % PAGE != start % PAGE
        {
            return Err(Malformed::BadSegment);
        }
        if size == 0 {
            return Ok(None);
        }
        let allows = |flag| self.flags.get() & flag != 0;
        Ok(Some(Segment {
            memory: start..end,
            stored: offset..stored_end,
            access: Access {
                read: allows(Self::READ),
                write: allows(Self::WRITE),
                execute: allows(Self::EXECUTE),
            },
        }))
    }
}

#[cfg(test)]
mod tests;
