//! Texts by number, as lines of one text.
//!
//! Texts that people rarely read: a search costs more than a table's look, and a table costs sixteen bytes for each text.

/// What stands in the line that begins with this number, behind it.
pub(crate) fn find(lines: &'static str, wanted: u64) -> Option<&'static str> {
    let mut rest = lines;
    loop {
        let (line, behind) = cut(rest, b'\n').unwrap_or((rest, ""));
        let (number, text) = cut(line, b' ')?;
        if number
            .bytes()
            .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
            == wanted
        {
            return Some(text);
        }
        rest = behind;
    }
}

/// What stands before a text's first character of a kind, which is one of ASCII, and what stands behind it.
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}
