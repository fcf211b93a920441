//! The ustar archive: the ramdisk.
//!
//! An archive is a row of 512-byte blocks: one header per entry, then the entry's data padded to whole blocks. It ends
//! with an empty block or with the bytes. Entries are borrowed from the archive; nothing is copied.

use alloc::vec::Vec;
use core::iter::FusedIterator;

/// The unit of the format.
const BLOCK: usize = 512;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A regular file and its bytes.
    File(&'a [u8]),
    /// A directory.
    Directory,
    /// A symbolic link and its target.
    Link(&'a [u8]),
}

/// One file, directory or link of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, with `/` between its parts. Leading `./` and slashes are as in the archive.
    pub path: Vec<u8>,
    /// The permission bits.
    pub mode: u16,
    /// Seconds since 1970 when it was last changed.
    pub modified: u64,
    /// What it is.
    pub kind: Kind<'a>,
}

/// Walks the entries of an archive in order.
///
/// A damaged header ends the walk: what lies behind it cannot be found. Entries of other kinds (devices, extended
/// headers) are passed over.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    rest: &'a [u8],
}

/// The entries of an archive.
pub const fn entries(archive: &[u8]) -> Entries<'_> {
    Entries { rest: archive }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        loop {
            let (header, behind) = self.rest.split_at_checked(BLOCK)?;
            self.rest = &[];
            let header = Header(header);
            if !header.is_intact() {
                return None;
            }
            let size = usize::try_from(header.number(124, 12)?).ok()?;
            let data = behind.get(..size)?;
            self.rest = behind.get(size.next_multiple_of(BLOCK)..).unwrap_or(&[]);
            let kind = match header.type_flag() {
                b'0' | 0 => Kind::File(data),
                b'2' => Kind::Link(header.text(157, 100)),
                b'5' => Kind::Directory,
                _ => continue,
            };
            return Some(Entry {
                path: header.path(),
                mode: u16::try_from(header.number(100, 8)? & 0o7777).ok()?,
                modified: header.number(136, 12).unwrap_or(0),
                kind,
            });
        }
    }
}

impl FusedIterator for Entries<'_> {}

/// One header block.
struct Header<'a>(&'a [u8]);

impl<'a> Header<'a> {
    fn field(&self, start: usize, length: usize) -> &'a [u8] {
        self.0
            .get(start..)
            .and_then(|from| from.get(..length))
            .unwrap_or(&[])
    }

    /// A field up to its first NUL.
    fn text(&self, start: usize, length: usize) -> &'a [u8] {
        let field = self.field(start, length);
        field.split(|&byte| byte == 0).next().unwrap_or(field)
    }

    /// An octal number, with leading blanks and a NUL or blank behind it.
    fn number(&self, start: usize, length: usize) -> Option<u64> {
        let digits = self.text(start, length).trim_ascii();
        digits.iter().try_fold(0_u64, |value, &digit| {
            let digit = u64::from(digit)
                .checked_sub(u64::from(b'0'))
                .filter(|&digit| digit < 8)?;
            value.checked_mul(8)?.checked_add(digit)
        })
    }

    fn type_flag(&self) -> u8 {
        self.field(156, 1).first().copied().unwrap_or(0)
    }

    /// Whether this is a ustar header whose sum is right. The sum counts its own field as blanks.
    fn is_intact(&self) -> bool {
        let sum_of = |bytes: &[u8]| {
            bytes
                .iter()
                .fold(0_u64, |sum, &byte| sum.wrapping_add(u64::from(byte)))
        };
        let others = sum_of(self.field(0, 148)).wrapping_add(sum_of(self.field(156, BLOCK - 156)));
        let expected = others.wrapping_add(8 * u64::from(b' '));
        self.field(257, 5) == b"ustar" && self.number(148, 8) == Some(expected)
    }

    fn path(&self) -> Vec<u8> {
        let (prefix, name) = (self.text(345, 155), self.text(0, 100));
        // The GNU flavour ("ustar  ") keeps times where the prefix would be.
        if prefix.is_empty() || self.field(257, 6) != b"ustar\0" {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        reason = "a test may fail loudly"
    )]

    use super::{BLOCK, Kind, entries};
    use alloc::format;
    use alloc::vec;
    use alloc::vec::Vec;

    /// An entry as `tar --format=ustar` writes it.
    fn entry(prefix: &str, name: &str, flag: u8, link: &str, data: &[u8]) -> Vec<u8> {
        let mut header = vec![0; BLOCK];
        let mut put = |at: usize, text: &[u8]| header[at..at + text.len()].copy_from_slice(text);
        put(0, name.as_bytes());
        put(100, b"0000755\0");
        put(124, format!("{:011o}\0", data.len()).as_bytes());
        put(136, b"00000000017\0");
        put(148, b"        ");
        put(156, &[flag]);
        put(157, link.as_bytes());
        put(257, b"ustar\x0000");
        put(345, prefix.as_bytes());
        let sum: u64 = header.iter().map(|&byte| u64::from(byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        header.extend_from_slice(data);
        header.resize(header.len().next_multiple_of(BLOCK), 0);
        header
    }

    #[test]
    fn entries_come_in_order_with_their_data() {
        let archive = [
            entry("", "bin/", b'5', "", b""),
            entry("", "bin/true", b'0', "", &[7; 600]),
            entry("", "unknown", b'x', "", &[1; 20]),
            entry("a/long", "name", b'0', "", b""),
            entry("", "bin/sh", b'2', "shell", b""),
            vec![0; 2 * BLOCK],
        ]
        .concat();
        let found: Vec<_> = entries(&archive).collect();
        assert_eq!(found.len(), 4);
        assert_eq!(
            (found[0].path.as_slice(), found[0].kind),
            (&b"bin/"[..], Kind::Directory)
        );
        assert_eq!(found[1].kind, Kind::File(&[7; 600]));
        assert_eq!((found[1].mode, found[1].modified), (0o755, 15));
        assert_eq!(found[2].path, b"a/long/name");
        assert_eq!(found[3].kind, Kind::Link(b"shell"));
    }

    #[test]
    fn damage_ends_the_walk() {
        let intact = [entry("", "one", b'0', "", b"1"), entry("", "two", b'0', "", b"2")].concat();
        assert_eq!(entries(&intact).count(), 2);
        let mut wrong_sum = intact.clone();
        wrong_sum[2 * BLOCK] ^= 1;
        assert_eq!(entries(&wrong_sum).count(), 1);
        for length in 0..intact.len() {
            assert!(entries(&intact[..length]).count() <= 2);
        }
    }

    #[test]
    fn a_size_beyond_the_archive_is_damage() {
        let mut archive = entry("", "big", b'0', "", b"data");
        archive[124..135].copy_from_slice(b"77777777777");
        archive[148..156].copy_from_slice(b"        ");
        let sum: u64 = archive[..BLOCK].iter().map(|&byte| u64::from(byte)).sum();
        archive[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        assert_eq!(entries(&archive).count(), 0);
    }
}
