//! The interface token: the first thing in a request.

use super::{Error, Reader};
use alloc::string::String;

/// `SYST`: the request comes from a program of the system.
pub const HEADER_SYSTEM: u32 = u32::from_be_bytes(*b"SYST");
/// `VNDR`: the request comes from a vendor's program.
pub const HEADER_VENDOR: u32 = u32::from_be_bytes(*b"VNDR");
/// `RECO`: the request comes from a recovery system.
pub const HEADER_RECOVERY: u32 = u32::from_be_bytes(*b"RECO");

/// Which interface a request means, and which userland wrote it.
///
/// Three forms are in use. Up to Android 9 the descriptor follows the strict mode word at once; Android 10 puts the
/// work source between them; since Android 11 a header word follows that. They cannot be mistaken for each other: the
/// header words are no lengths, and two letters of a descriptor make no length that fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The strict mode policy of the caller.
    pub strict_mode: u32,
    /// On whose behalf the caller works; -1 for nobody in particular. Since Android 10.
    pub work_source: Option<i32>,
    /// One of the header words. Since Android 11.
    pub header: Option<u32>,
    /// The interface's name.
    pub descriptor: String,
}

impl Token {
    /// Reads a token in whichever form it has.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
        let strict_mode = reader.read_u32()?;
        let mut modern = reader.clone();
        if let (Ok(work_source), Ok(header)) = (modern.read_i32(), modern.read_u32())
            && matches!(header, HEADER_SYSTEM | HEADER_VENDOR | HEADER_RECOVERY)
        {
            *reader = modern;
            return Self::end(reader, strict_mode, Some(work_source), Some(header));
        }
        let mut middle = reader.clone();
        if let Ok(work_source) = middle.read_i32()
            && let Ok(token) = Self::end(&mut middle, strict_mode, Some(work_source), None)
        {
            *reader = middle;
            return Ok(token);
        }
        Self::end(reader, strict_mode, None, None)
    }

    /// Reads the descriptor, which is the last part of a token.
    fn end(
        reader: &mut Reader<'_>,
        strict_mode: u32,
        work_source: Option<i32>,
        header: Option<u32>,
    ) -> Result<Self, Error> {
        Ok(Self {
            strict_mode,
            work_source,
            header,
            descriptor: reader.read_string16()?,
        })
    }
}
