//! Short texts in records.

/// A text of up to `4 × LENGTH` bytes, padded with zeroes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const LENGTH: usize>([u32; LENGTH]);

impl<const LENGTH: usize> Text<LENGTH> {
    /// A text, cut off where it does not fit.
    pub fn new(text: &str) -> Self {
        Self::of_bytes(text.bytes())
    }

    /// The bytes of a text, cut off where they do not fit.
    pub fn of_bytes(mut bytes: impl Iterator<Item = u8>) -> Self {
        Self(core::array::from_fn(|_| {
            u32::from_le_bytes(core::array::from_fn(|_| bytes.next().unwrap_or(0)))
        }))
    }

    pub(super) const fn from_words(words: [u32; LENGTH]) -> Self {
        Self(words)
    }

    pub(super) const fn words(self) -> [u32; LENGTH] {
        self.0
    }

    /// Its characters; what is not ASCII shows as `?`.
    pub fn chars(&self) -> impl Iterator<Item = char> + '_ {
        self.0
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .take_while(|byte| *byte != 0)
            .map(|byte| if byte.is_ascii() { char::from(byte) } else { '?' })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.chars().next().is_none()
    }
}

impl<const LENGTH: usize> core::fmt::Display for Text<LENGTH> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        for character in self.chars() {
            core::fmt::Write::write_char(f, character)?;
        }
        Ok(())
    }
}

impl<const LENGTH: usize> core::fmt::Debug for Text<LENGTH> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "\"{self}\"")
    }
}
