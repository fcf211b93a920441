//! The first stack of a program, as the System V ABI for x86-64 lays it down.
//!
//! From the stack pointer upwards: the argument count, the argument addresses and a zero, the environment addresses
//! and a zero, the auxiliary vector; above them the strings. `/proc/self/auxv` and `prctl` show the same vector.
//!
//! ```text
//! top      8 zero bytes
//!          name of the file, environment strings, argument strings
//!          16 random bytes, "x86_64"
//!          auxiliary vector: (kind, value) pairs, the last of kind 0
//!          0, environment addresses
//!          0, argument addresses
//! pointer  argument count                                            (a multiple of 16)
//! ```

use abi::auxiliary;
use alloc::vec::Vec;
use zerocopy::IntoBytes;

/// A string this long or longer is refused, its NUL counted.
const STRING_END: usize = 128 << 10;
/// What `AT_PLATFORM` shows.
const PLATFORM: &[u8] = b"x86_64\0";

/// What goes onto the stack.
#[derive(Clone, Copy, Debug)]
pub struct Contents<'a> {
    /// The arguments, the program's name first.
    pub arguments: &'a [Vec<u8>],
    /// The environment, `NAME=value` each.
    pub environment: &'a [Vec<u8>],
    /// The path of the program file.
    pub file: &'a [u8],
    /// Random bytes for the program's stack protector.
    pub random: [u8; 16],
    /// The part of the auxiliary vector that does not lie on the stack.
    pub auxiliary: &'a [(u64, u64)],
}

/// The bytes of a first stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where the bytes begin: the program's stack pointer.
    pub pointer: u64,
    /// The bytes, up to the top.
    pub bytes: Vec<u8>,
    /// The whole auxiliary vector, with its end mark.
    pub auxiliary: Vec<u8>,
}

/// The strings need more room than the stack may give them, or one is too long. Linux says E2BIG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Contents<'_> {
    /// Lays out a stack whose first byte beyond is `top`, a multiple of 16. Strings and addresses take at most `room`
    /// bytes.
    ///
    /// # Errors
    ///
    /// [`TooLong`].
    pub fn lay_out(&self, top: u64, room: usize) -> Result<Image, TooLong> {
        let mut strings = Strings {
            bytes: Vec::new(),
            base: top.checked_sub(self.strings_size(room)?).ok_or(TooLong)?,
        };
        let platform = strings.push(PLATFORM);
        let random = strings.push(&self.random);
        let mut vectors = alloc::vec![u64::try_from(self.arguments.len()).map_err(|_| TooLong)?];
        for texts in [self.arguments, self.environment] {
            for text in texts {
                vectors.push(strings.push_text(text));
            }
            vectors.push(0);
        }
        let file = strings.push_text(self.file);
        strings.push(&[0; 8]);

        let on_stack = [
            (auxiliary::AT_RANDOM, random),
            (auxiliary::AT_EXECFN, file),
            (auxiliary::AT_PLATFORM, platform),
            (auxiliary::AT_NULL, 0),
        ];
        let mut auxiliary = Vec::new();
        for (kind, value) in self.auxiliary.iter().chain(&on_stack) {
            auxiliary.extend_from_slice(&kind.to_le_bytes());
            auxiliary.extend_from_slice(&value.to_le_bytes());
        }
        let mut bytes = vectors.as_bytes().to_vec();
        bytes.extend_from_slice(&auxiliary);
        let size = u64::try_from(bytes.len()).map_err(|_| TooLong)?;
        let pointer = strings.base.checked_sub(size).ok_or(TooLong)? & !15;
        let gap = usize::try_from(strings.base.saturating_sub(pointer).saturating_sub(size)).unwrap_or(0);
        bytes.resize(bytes.len().saturating_add(gap), 0);
        bytes.append(&mut strings.bytes);
        Ok(Image {
            pointer,
            bytes,
            auxiliary,
        })
    }

    /// How many bytes the strings take; checks that they and their addresses fit into `room`.
    fn strings_size(&self, room: usize) -> Result<u64, TooLong> {
        let fixed = PLATFORM.len().saturating_add(self.random.len()).saturating_add(8);
        let mut size = fixed;
        let mut addresses: usize = 0;
        for text in self.arguments.iter().chain(self.environment) {
            size = size.saturating_add(Self::string_size(text)?);
            addresses = addresses.saturating_add(8);
        }
        size = size.saturating_add(Self::string_size(self.file)?);
        if size.saturating_add(addresses) > room {
            return Err(TooLong);
        }
        u64::try_from(size).map_err(|_| TooLong)
    }

    fn string_size(text: &[u8]) -> Result<usize, TooLong> {
        text.len()
            .checked_add(1)
            .filter(|&size| size < STRING_END)
            .ok_or(TooLong)
    }
}

/// The strings as they lie on the stack, from `base` upwards.
struct Strings {
    bytes: Vec<u8>,
    base: u64,
}

impl Strings {
    /// Appends bytes; where they will lie.
    fn push(&mut self, bytes: &[u8]) -> u64 {
        let offset = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        self.bytes.extend_from_slice(bytes);
        self.base.saturating_add(offset)
    }

    /// Appends a string and its NUL.
    fn push_text(&mut self, text: &[u8]) -> u64 {
        let address = self.push(text);
        self.bytes.push(0);
        address
    }
}

#[cfg(test)]
mod tests {
    #![expect(
        clippy::unwrap_used,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "a test may fail loudly"
    )]

    use super::{Contents, Image, TooLong};
    use abi::auxiliary;
    use alloc::vec;
    use alloc::vec::Vec;

    const TOP: u64 = 0x7fff_0000_0000;

    fn contents<'a>(arguments: &'a [Vec<u8>], environment: &'a [Vec<u8>]) -> Contents<'a> {
        Contents {
            arguments,
            environment,
            file: b"/bin/prog",
            random: [7; 16],
            auxiliary: &[(auxiliary::AT_PAGESZ, 4096)],
        }
    }

    fn word(image: &Image, address: u64) -> u64 {
        let at = (address - image.pointer) as usize;
        u64::from_le_bytes(image.bytes[at..at + 8].try_into().unwrap())
    }

    fn text(image: &Image, address: u64) -> &[u8] {
        let bytes = &image.bytes[(address - image.pointer) as usize..];
        bytes.split(|&byte| byte == 0).next().unwrap()
    }

    #[test]
    fn a_program_finds_its_arguments_environment_and_vector() {
        for count in 0..5 {
            let arguments = vec![b"one".to_vec(); count];
            let environment = [b"A=1".to_vec()];
            let image = contents(&arguments, &environment).lay_out(TOP, 1 << 20).unwrap();
            assert_eq!(image.pointer % 16, 0);
            assert_eq!(image.pointer + image.bytes.len() as u64, TOP);
            assert_eq!(word(&image, image.pointer), count as u64);
            let mut at = image.pointer + 8;
            for _ in 0..count {
                assert_eq!(text(&image, word(&image, at)), b"one");
                at += 8;
            }
            assert_eq!(word(&image, at), 0);
            assert_eq!(text(&image, word(&image, at + 8)), b"A=1");
            assert_eq!(word(&image, at + 16), 0);
            assert_eq!(word(&image, at + 24), auxiliary::AT_PAGESZ);
            assert_eq!(word(&image, at + 40), auxiliary::AT_RANDOM);
            assert!(text(&image, word(&image, at + 48)).starts_with(&[7; 16]));
            assert_eq!(text(&image, word(&image, at + 64)), b"/bin/prog");
            assert_eq!(text(&image, word(&image, at + 80)), b"x86_64");
            assert_eq!(word(&image, at + 88), auxiliary::AT_NULL);
            let vector = (at + 24 - image.pointer) as usize;
            assert_eq!(image.auxiliary, image.bytes[vector..vector + 80]);
        }
    }

    #[test]
    fn too_much_is_refused() {
        let long = [vec![b'x'; 128 << 10]];
        assert_eq!(contents(&long, &[]).lay_out(TOP, 1 << 20), Err(TooLong));
        let many = vec![vec![b'x'; 100]; 1000];
        assert_eq!(contents(&many, &[]).lay_out(TOP, 100_000), Err(TooLong));
        assert!(contents(&many, &[]).lay_out(TOP, 120_000).is_ok());
        assert_eq!(contents(&[], &[]).lay_out(16, 1 << 20), Err(TooLong));
    }
}
