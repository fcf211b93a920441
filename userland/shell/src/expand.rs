//! Replaces variables in words.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use crate::syntax::{Piece, Word};
use crate::variables::Variables;

/// The arguments that `words` are: values outside quotes are cut at blanks and may vanish.
pub fn arguments(words: &[Word], variables: &Variables) -> Vec<String> {
    let mut found = Vec::new();
    for word in words {
        fields(word, variables, &mut found);
    }
    found
}

/// The one string that `word` is, blanks of values included.
pub fn single(word: &Word, variables: &Variables) -> String {
    let mut text = String::new();
    for piece in &word.pieces {
        match piece {
            Piece::Plain(part) | Piece::Quoted(part) => text.push_str(part),
            Piece::Variable(name) | Piece::QuotedVariable(name) => {
                text.push_str(&variables.get(name).unwrap_or_default());
            }
        }
    }
    text
}

fn fields(word: &Word, variables: &Variables, found: &mut Vec<String>) {
    // An argument in the making; `None` while nothing has been written that makes one.
    let mut field: Option<String> = None;
    for piece in &word.pieces {
        match piece {
            Piece::Plain(text) | Piece::Quoted(text) => field.get_or_insert_default().push_str(text),
            Piece::QuotedVariable(name) => {
                field
                    .get_or_insert_default()
                    .push_str(&variables.get(name).unwrap_or_default());
            }
            Piece::Variable(name) => {
                for character in variables.get(name).unwrap_or_default().chars() {
                    if character.is_ascii_whitespace() {
                        found.extend(mem::take(&mut field));
                    } else {
                        field.get_or_insert_default().push(character);
                    }
                }
            }
        }
    }
    found.extend(field);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::parse;

    fn expanded(line: &str, pairs: &[&str]) -> Vec<String> {
        let variables = Variables::from_environment(pairs.iter().copied());
        arguments(
            &parse(line).unwrap().chains[0].first.commands[0].words,
            &variables,
        )
    }

    #[test]
    fn values_outside_quotes_are_cut_at_blanks() {
        assert_eq!(expanded("echo $A", &["A=x  y"]), ["echo", "x", "y"]);
        assert_eq!(expanded("echo \"$A\"", &["A=x  y"]), ["echo", "x  y"]);
        assert_eq!(expanded("echo a${A}b", &["A=x y"]), ["echo", "ax", "yb"]);
    }

    #[test]
    fn an_unset_variable_vanishes_unless_quoted() {
        assert_eq!(expanded("echo $A b", &[]), ["echo", "b"]);
        assert_eq!(expanded("echo \"$A\" b", &[]), ["echo", "", "b"]);
        assert_eq!(expanded("echo ''", &[]), ["echo", ""]);
    }

    #[test]
    fn single_quotes_keep_the_dollar() {
        assert_eq!(expanded("echo '$A' \\$A $", &["A=1"]), ["echo", "$A", "$A", "$"]);
    }
}
