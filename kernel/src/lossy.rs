//! Bytes as text.

use core::fmt;

/// Bytes that should be UTF-8. What is not is shown as U+FFFD.
pub(crate) struct Lossy<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        loop {
            let wrong = match core::str::from_utf8(rest) {
                Ok(text) => return f.write_str(text),
                Err(wrong) => wrong,
            };
            let (text, behind) = rest.split_at(wrong.valid_up_to());
            f.write_str(core::str::from_utf8(text).unwrap_or_default())?;
            f.write_str("\u{fffd}")?;
            rest = wrong
                .error_len()
                .and_then(|length| behind.get(length..))
                .unwrap_or_default();
        }
    }
}
