//! Texts by number, as lines of one text.
//!
//! Texts that people rarely read: a search costs more than a table's look, and a table costs sixteen bytes for each text.

/// What stands in the line that begins with this number, behind it.
pub(crate) fn find(lines: &'static str, wanted: u64) -> Option<&'static str> {
    lines.split('\n').find_map(|line| {
        let (number, text) = line.split_once(' ')?;
        (number.parse() == Ok(wanted)).then_some(text)
    })
}
