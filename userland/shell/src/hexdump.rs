//! Bytes of a parcel as Android's `service call` shows them.

use alloc::format;
use alloc::string::String;

/// Bytes in a row.
const ROW: usize = 16;

/// `Parcel(...)`: one row without an address, or rows of sixteen bytes with theirs.
pub fn parcel(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return String::from("Parcel(NULL)");
    }
    let mut text = String::from("Parcel(");
    if bytes.len() <= ROW {
        text.push_str(words(bytes).trim_end());
        // Missing words keep the blanks that would separate them.
        let missing = (ROW - bytes.len()) / 4;
        text.extend(core::iter::repeat_n(' ', missing + 1));
        text.push_str(&format!("'{}'", characters(bytes)));
    } else {
        for (index, row) in bytes.chunks(ROW).enumerate() {
            let shown = characters(row);
            text.push_str(&format!(
                "\n  0x{:08x}: {} '{shown:ROW$}'",
                index * ROW,
                words(row)
            ));
        }
    }
    text.push(')');
    text
}

/// Little-endian words, padded to the width of a row.
fn words(row: &[u8]) -> String {
    let mut text = String::new();
    for (index, word) in row.chunks(4).enumerate() {
        if index > 0 {
            text.push(' ');
        }
        word.iter()
            .rev()
            .for_each(|byte| text.push_str(&format!("{byte:02x}")));
    }
    format!("{text:35}")
}

fn characters(row: &[u8]) -> String {
    let printable = |byte: &u8| matches!(byte, 0x20..=0x7e);
    row.iter()
        .map(|byte| if printable(byte) { char::from(*byte) } else { '.' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_parcel_is_one_row() {
        assert_eq!(parcel(&[]), "Parcel(NULL)");
        assert_eq!(parcel(&[0; 4]), "Parcel(00000000    '....')");
        assert_eq!(
            parcel(&[0, 0, 0, 0, 1, 0, 0, 0]),
            "Parcel(00000000 00000001   '........')"
        );
        assert_eq!(
            parcel(b"abcdefghijklmnop"),
            "Parcel(64636261 68676665 6c6b6a69 706f6e6d 'abcdefghijklmnop')"
        );
    }

    #[test]
    fn a_long_parcel_has_rows_with_addresses() {
        assert_eq!(
            parcel(b"abcdefghijklmnop\x01\0\0\0"),
            "Parcel(\n  0x00000000: 64636261 68676665 6c6b6a69 706f6e6d 'abcdefghijklmnop'\n  \
             0x00000010: 00000001                            '....            ')"
        );
    }
}
