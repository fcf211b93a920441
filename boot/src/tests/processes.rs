//! Numbers of processes in outputs, which differ from boot to boot.

use std::collections::BTreeMap;

/// What stands before the number of a process.
const MARK: &str = "pid=";

/// The text with each number behind `pid=` replaced by its place among those that the text names. So two outputs agree
/// when they mean the same processes, whatever their numbers are.
pub(super) fn renumbered(text: &str) -> String {
    let mut places = BTreeMap::new();
    let mut pieces = text.split(MARK);
    let mut written = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let end = piece
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(piece.len());
        let (number, rest) = piece.split_at(end);
        written.push_str(MARK);
        if !number.is_empty() {
            let next = places.len() + 1;
            let place = places.entry(number).or_insert(next);
            written.push_str(&format!("[{place}]"));
        }
        written.push_str(rest);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::renumbered;

    #[test]
    fn the_same_processes_have_the_same_places() {
        assert_eq!(
            renumbered("a pid=17 b pid=4\npid=17"),
            "a pid=[1] b pid=[2]\npid=[1]"
        );
        assert_eq!(
            renumbered("a pid=5 b pid=6\npid=5"),
            "a pid=[1] b pid=[2]\npid=[1]"
        );
        assert_ne!(renumbered("pid=5 pid=5"), renumbered("pid=5 pid=6"));
    }

    #[test]
    fn what_is_no_number_stays() {
        assert_eq!(renumbered("no mark, pid= and pid=x"), "no mark, pid= and pid=x");
    }
}
