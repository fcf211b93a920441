//! Makes a list of chains out of tokens.

use alloc::string::{String, ToString};
use alloc::vec::{IntoIter, Vec};
use core::iter::Peekable;

use crate::lexer::{self, Spanned, Token};
use crate::syntax::{
    Chain, Command, Condition, List, Piece, Pipeline, Place, Redirection, SyntaxError, Word,
};

/// Parses one line, or several.
pub fn parse(line: &str) -> Result<List, SyntaxError> {
    let mut parser = Parser {
        line,
        tokens: lexer::tokens(line)?.into_iter().peekable(),
        end: 0,
    };
    let mut list = List::default();
    while parser.tokens.peek().is_some() {
        if parser.next_is(&Token::Semicolon) {
            // An empty line is nothing; `;` alone is a mistake.
            let found = parser.take();
            if line.get(found.start..found.end) == Some(";") {
                return Err(SyntaxError::Unexpected(";"));
            }
            continue;
        }
        list.chains.push(parser.chain()?);
    }
    Ok(list)
}

struct Parser<'a> {
    line: &'a str,
    tokens: Peekable<IntoIter<Spanned>>,
    /// Where the last taken token ended.
    end: usize,
}

impl Parser<'_> {
    fn next_is(&mut self, token: &Token) -> bool {
        self.tokens.peek().is_some_and(|found| found.token == *token)
    }

    /// The next token, of which the caller knows that it is there.
    fn take(&mut self) -> Spanned {
        let found = self.tokens.next().expect("peeked before");
        self.end = found.end;
        found
    }

    fn chain(&mut self) -> Result<Chain, SyntaxError> {
        let start = self.tokens.peek().map_or(self.end, |found| found.start);
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            let condition = match self.tokens.peek().map(|found| &found.token) {
                Some(Token::And) => Condition::Success,
                Some(Token::Or) => Condition::Failure,
                _ => break,
            };
            let operator = self.take().token.name();
            self.something_follows(operator)?;
            rest.push((condition, self.pipeline()?));
        }
        let text = self
            .line
            .get(start..self.end)
            .unwrap_or_default()
            .trim()
            .to_string();
        let place = match self.tokens.peek().map(|found| &found.token) {
            Some(Token::Background) => {
                self.take();
                Place::Background
            }
            Some(Token::Semicolon) => {
                self.take();
                Place::Foreground
            }
            Some(other) => return Err(SyntaxError::Unexpected(other.name())),
            None => Place::Foreground,
        };
        Ok(Chain {
            first,
            rest,
            place,
            text,
        })
    }

    fn pipeline(&mut self) -> Result<Pipeline, SyntaxError> {
        let mut commands = Vec::from([self.command()?]);
        while self.next_is(&Token::Pipe) {
            self.take();
            self.something_follows("|")?;
            commands.push(self.command()?);
        }
        Ok(Pipeline { commands })
    }

    /// After a joining operator the line may go on in the next line, but not end.
    fn something_follows(&mut self, operator: &'static str) -> Result<(), SyntaxError> {
        match self.tokens.peek() {
            None => Err(SyntaxError::NothingAfter(operator)),
            Some(_) => Ok(()),
        }
    }

    fn command(&mut self) -> Result<Command, SyntaxError> {
        let mut command = Command::default();
        while let Some(found) = self.tokens.peek() {
            match &found.token {
                Token::Word(_) => {
                    let Token::Word(word) = self.take().token else {
                        unreachable!("matched above")
                    };
                    match assignment(&word) {
                        Some(pair) if command.words.is_empty() => command.assignments.push(pair),
                        _ => command.words.push(word),
                    }
                }
                &Token::Redirect(descriptor, direction) => {
                    self.take();
                    match self.tokens.next_if(|found| matches!(found.token, Token::Word(_))) {
                        Some(Spanned {
                            token: Token::Word(target),
                            end,
                            ..
                        }) => {
                            self.end = end;
                            command.redirections.push(Redirection {
                                descriptor,
                                direction,
                                target,
                            });
                        }
                        _ => return Err(SyntaxError::NoTarget),
                    }
                }
                other if command == Command::default() => {
                    return Err(SyntaxError::Unexpected(other.name()));
                }
                _ => break,
            }
        }
        Ok(command)
    }
}

/// Splits `NAME=VALUE`; the name and the sign must be written without quotes.
fn assignment(word: &Word) -> Option<(String, Word)> {
    let Some((Piece::Plain(text), others)) = word.pieces.split_first() else {
        return None;
    };
    let (name, value) = text.split_once('=')?;
    if !is_name(name) {
        return None;
    }
    let mut pieces = Vec::new();
    if !value.is_empty() {
        pieces.push(Piece::Plain(value.to_string()));
    }
    pieces.extend_from_slice(others);
    Some((name.to_string(), Word { pieces }))
}

/// Whether `text` can name a variable.
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Direction;

    #[test]
    fn a_line_is_a_list_of_chains_of_pipelines() {
        let list = parse("a; b && c || d | e & f").unwrap();
        assert_eq!(list.chains.len(), 3);
        assert_eq!(list.chains[1].text, "b && c || d | e");
        assert_eq!(list.chains[1].place, Place::Background);
        assert_eq!(list.chains[1].rest[0].0, Condition::Success);
        assert_eq!(list.chains[1].rest[1].0, Condition::Failure);
        assert_eq!(list.chains[1].rest[1].1.commands.len(), 2);
        assert_eq!(list.chains[2].place, Place::Foreground);
    }

    #[test]
    fn assignments_stand_before_the_command() {
        let list = parse("A=1 B=\"x y\" prog C=3").unwrap();
        let command = &list.chains[0].first.commands[0];
        assert_eq!(command.assignments.len(), 2);
        assert_eq!(command.assignments[0].0, "A");
        assert_eq!(command.words.len(), 2);
    }

    #[test]
    fn redirections_belong_to_their_command() {
        let list = parse("a < in | b > out 2>> log").unwrap();
        let commands = &list.chains[0].first.commands;
        assert_eq!(commands[0].redirections[0].direction, Direction::Read);
        assert_eq!(commands[1].redirections[0].direction, Direction::Write);
        assert_eq!(commands[1].redirections[1].descriptor, 2);
    }

    #[test]
    fn empty_lines_are_nothing() {
        assert_eq!(parse("").unwrap(), List::default());
        assert_eq!(parse("  \n # words\n").unwrap(), List::default());
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(parse("; a").unwrap_err(), SyntaxError::Unexpected(";"));
        assert_eq!(parse("a &&").unwrap_err(), SyntaxError::NothingAfter("&&"));
        assert_eq!(parse("a | | b").unwrap_err(), SyntaxError::Unexpected("|"));
        assert_eq!(parse("a >").unwrap_err(), SyntaxError::NoTarget);
        assert_eq!(parse("&& a").unwrap_err(), SyntaxError::Unexpected("&&"));
        assert_eq!(parse("a & ; b").unwrap_err(), SyntaxError::Unexpected(";"));
        assert!(matches!(parse("(a)").unwrap_err(), SyntaxError::Unsupported(_)));
    }
}
