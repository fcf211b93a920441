//! The pieces that a script can do without: runs of lines, commands of a line, items of a message, fields of a call.

use super::shrink::Script;

/// A piece: a number of lines, or some words of one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// The first line.
    line: usize,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    /// So many lines.
    Lines(usize),
    /// The words from the first to before the second.
    Words(usize, usize),
}

/// Cuts a script into runs of `length` lines.
pub(super) fn runs(script: &Script, length: usize) -> Vec<Piece> {
    let starts = (0..script.len()).step_by(length.max(1));
    starts
        .map(|line| Piece {
            line,
            what: What::Lines(length.min(script.len() - line)),
        })
        .collect()
}

/// All words that lines can do without.
pub(super) fn of_lines(script: &Script) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for (line, text) in script.iter().enumerate() {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let all = commands(&words).into_iter().chain(fields(&words));
        pieces.extend(all.map(|(start, end)| Piece {
            line,
            what: What::Words(start, end),
        }));
    }
    pieces
}

/// The commands of a `wr`, each with the semicolon behind it.
fn commands(words: &[&str]) -> Vec<(usize, usize)> {
    if words.get(1) != Some(&"wr") {
        return Vec::new();
    }
    let mut start = 2;
    let mut commands = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if *word == ";" {
            commands.push((start, at + 1));
            start = at + 1;
        }
    }
    if start < words.len() {
        commands.push((start, words.len()));
    }
    commands
}

/// The fields of calls and the items of messages: a word with the numbers behind it.
fn fields(words: &[&str]) -> Vec<(usize, usize)> {
    const OPTIONAL: [&str; 24] = [
        "code",
        "flags",
        "oneway",
        "size",
        "offsets",
        "offsets-size",
        "buffers-size",
        "u32",
        "u64",
        "zero",
        "bytes",
        "binder",
        "weak-binder",
        "binders",
        "handle",
        "weak-handle",
        "object",
        "fd",
        "fd-full",
        "ptr",
        "child",
        "fda",
        "wild-ptr",
        "rc",
    ];
    let is_value = |word: &&&str| {
        word.starts_with(|first: char| first.is_ascii_digit() || first == '-') || word.contains(':')
    };
    let starts = (2..words.len()).filter(|at| OPTIONAL.contains(&words[*at]));
    starts
        .map(|at| (at, at + 1 + words[at + 1..].iter().take_while(is_value).count()))
        .collect()
}

/// The script without these pieces, which do not overlap or lie in one another.
pub(super) fn without(script: &Script, pieces: &[Piece]) -> Script {
    let mut kept = Script::new();
    for (number, text) in script.iter().enumerate() {
        let is_gone = |piece: &Piece| match piece.what {
            What::Lines(count) => (piece.line..piece.line + count).contains(&number),
            What::Words(..) => false,
        };
        if pieces.iter().any(is_gone) {
            continue;
        }
        let mut words: Vec<Option<&str>> = text.split_ascii_whitespace().map(Some).collect();
        for piece in pieces.iter().filter(|piece| piece.line == number) {
            if let What::Words(start, end) = piece.what {
                words[start..end].fill(None);
            }
        }
        let mut words: Vec<&str> = words.into_iter().flatten().collect();
        if words.last() == Some(&";") {
            words.pop();
        }
        kept.push(words.join(" "));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{of_lines, runs, without};

    #[test]
    fn runs_cover_every_line_once() {
        let script: Vec<String> = (0..10).map(|number| number.to_string()).collect();
        let pieces = runs(&script, 4);
        assert_eq!(pieces.len(), 3);
        assert!(without(&script, &pieces).is_empty());
        assert_eq!(without(&script, &pieces[2..]), script[..8]);
    }

    #[test]
    fn a_line_can_lose_each_of_its_commands_and_items() {
        let script = vec!["M.0 wr free ; reply code 2 { u64 7 fd 0 } ; read 512".to_owned()];
        let pieces = of_lines(&script);
        let lines: Vec<String> = pieces
            .iter()
            .map(|piece| without(&script, std::slice::from_ref(piece)).concat())
            .collect();
        assert_eq!(
            lines,
            [
                "M.0 wr reply code 2 { u64 7 fd 0 } ; read 512",
                "M.0 wr free ; read 512",
                "M.0 wr free ; reply code 2 { u64 7 fd 0 }",
                "M.0 wr free ; reply { u64 7 fd 0 } ; read 512",
                "M.0 wr free ; reply code 2 { fd 0 } ; read 512",
                "M.0 wr free ; reply code 2 { u64 7 } ; read 512",
            ]
        );
    }

    #[test]
    fn lines_that_are_no_exchange_stay_whole() {
        assert!(of_lines(&vec!["M.0 open nonblocking".to_owned()]).is_empty());
    }
}
