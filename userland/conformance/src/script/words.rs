//! A line as words, with the little checks that every verb needs.

use alloc::format;
use alloc::string::String;

/// What is wrong with a line of a script.
pub(crate) type Complaint = String;

/// The words of one line, taken one after the other. A `#` begins a comment.
pub(crate) struct Words<'a> {
    rest: core::iter::Peekable<core::str::SplitAsciiWhitespace<'a>>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        let code = line.split('#').next().unwrap_or("");
        Self {
            rest: code.split_ascii_whitespace().peekable(),
        }
    }

    /// The next word, if there is one.
    pub(crate) fn next(&mut self) -> Option<&'a str> {
        self.rest.next()
    }

    pub(crate) fn peek(&mut self) -> Option<&'a str> {
        self.rest.peek().copied()
    }

    /// Takes the next word if it is this one.
    pub(crate) fn take(&mut self, word: &str) -> bool {
        self.rest.next_if(|next| *next == word).is_some()
    }

    /// The next word, which must be there.
    pub(crate) fn word(&mut self, what: &str) -> Result<&'a str, Complaint> {
        self.next().ok_or_else(|| format!("{what} is missing"))
    }

    /// The next word as a number: decimal, `0x` hexadecimal, or either with a leading minus.
    pub(crate) fn number(&mut self, what: &str) -> Result<u64, Complaint> {
        let word = self.word(what)?;
        number(word).ok_or_else(|| format!("{what}: {word} is not a number"))
    }

    /// As [`Words::number`], in 32 bits.
    pub(crate) fn number32(&mut self, what: &str) -> Result<u32, Complaint> {
        Ok(self.number(what)? as u32)
    }

    /// The next word as a number, if it is one.
    pub(crate) fn number_if_any(&mut self) -> Option<u64> {
        let value = number(self.peek()?)?;
        self.next();
        Some(value)
    }

    /// Complains about words that nobody wanted.
    pub(crate) fn end(mut self) -> Result<(), Complaint> {
        match self.next() {
            None => Ok(()),
            Some(word) => Err(format!("{word}: not expected here")),
        }
    }
}

/// Decimal or `0x` hexadecimal, with an optional minus (two's complement in 64 bits).
pub(crate) fn number(word: &str) -> Option<u64> {
    let (negative, digits) = match word.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, word),
    };
    let value = match digits.strip_prefix("0x") {
        Some(hexadecimal) => u64::from_str_radix(hexadecimal, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

/// Bytes written as pairs of hexadecimal digits.
pub(crate) fn bytes(word: &str) -> Result<alloc::vec::Vec<u8>, Complaint> {
    let wrong = || format!("{}: not pairs of hexadecimal digits", word);
    let digits: alloc::vec::Vec<u8> = word
        .chars()
        .map(|digit| digit.to_digit(16).map(|value| value as u8))
        .collect::<Option<_>>()
        .ok_or_else(wrong)?;
    if !digits.len().is_multiple_of(2) {
        return Err(wrong());
    }
    Ok(digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}
