//! Cuts a line into words and operators.

use alloc::string::String;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::mem;
use core::str::CharIndices;

use crate::syntax::{Direction, Piece, SyntaxError, Word};

/// A word or an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A word of a command.
    Word(Word),
    /// `;` or a line end.
    Semicolon,
    /// `&`
    Background,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `<`, `>`, `>>`, `>&`, with the descriptor written before it or the usual one.
    Redirect(u32, Direction),
}

impl Token {
    /// The operator as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Word(_) => "word",
            Self::Semicolon => ";",
            Self::Background => "&",
            Self::And => "&&",
            Self::Or => "||",
            Self::Pipe => "|",
            Self::Redirect(_, Direction::Read) => "<",
            Self::Redirect(_, Direction::Write) => ">",
            Self::Redirect(_, Direction::Append) => ">>",
            Self::Redirect(_, Direction::Duplicate) => ">&",
        }
    }
}

/// A token and where it stands in the line, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spanned {
    /// The token.
    pub token: Token,
    /// Offset of its first byte.
    pub start: usize,
    /// Offset behind its last byte.
    pub end: usize,
}

/// Cuts `line` into tokens; a comment ends it.
pub fn tokens(line: &str) -> Result<Vec<Spanned>, SyntaxError> {
    let mut lexer = Lexer {
        rest: line.char_indices().peekable(),
        length: line.len(),
    };
    let mut found = Vec::new();
    while let Some(token) = lexer.next()? {
        found.push(token);
    }
    Ok(found)
}

struct Lexer<'a> {
    rest: Peekable<CharIndices<'a>>,
    length: usize,
}

impl Lexer<'_> {
    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|&(_, character)| character)
    }

    fn position(&mut self) -> usize {
        self.rest.peek().map_or(self.length, |&(offset, _)| offset)
    }

    fn take(&mut self, wanted: char) -> bool {
        self.rest.next_if(|&(_, character)| character == wanted).is_some()
    }

    fn next(&mut self) -> Result<Option<Spanned>, SyntaxError> {
        while matches!(self.peek(), Some(' ' | '\t' | '\r')) {
            self.rest.next();
        }
        if self.peek() == Some('#') {
            while self.rest.next_if(|&(_, character)| character != '\n').is_some() {}
        }
        let start = self.position();
        let Some(character) = self.peek() else {
            return Ok(None);
        };
        let token = match character {
            ';' | '\n' => self.operator(Token::Semicolon),
            '&' => match self.doubled('&') {
                Doubled::Yes => Token::And,
                Doubled::No => Token::Background,
            },
            '|' => match self.doubled('|') {
                Doubled::Yes => Token::Or,
                Doubled::No => Token::Pipe,
            },
            '<' => self.operator(Token::Redirect(0, Direction::Read)),
            '>' => self.output_redirection(1),
            '(' | ')' => return Err(SyntaxError::Unsupported("grouping with parentheses")),
            '`' => return Err(SyntaxError::Unsupported("command substitution")),
            _ => {
                let word = self.word()?;
                match (descriptor(&word), self.peek()) {
                    (Some(number), Some('>')) => self.output_redirection(number),
                    (Some(number), Some('<')) => self.operator(Token::Redirect(number, Direction::Read)),
                    _ => Token::Word(word),
                }
            }
        };
        Ok(Some(Spanned {
            token,
            start,
            end: self.position(),
        }))
    }

    fn operator(&mut self, token: Token) -> Token {
        self.rest.next();
        token
    }

    fn doubled(&mut self, character: char) -> Doubled {
        self.rest.next();
        if self.take(character) {
            Doubled::Yes
        } else {
            Doubled::No
        }
    }

    fn output_redirection(&mut self, descriptor: u32) -> Token {
        self.rest.next();
        let direction = if self.take('>') {
            Direction::Append
        } else if self.take('&') {
            Direction::Duplicate
        } else {
            Direction::Write
        };
        Token::Redirect(descriptor, direction)
    }

    fn word(&mut self) -> Result<Word, SyntaxError> {
        let mut pieces = Pieces::default();
        while let Some(character) = self.peek() {
            match character {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' | '`' => break,
                '\'' => {
                    self.rest.next();
                    pieces.push(Piece::Quoted(self.until_single_quote()?));
                }
                '"' => {
                    self.rest.next();
                    self.double_quoted(&mut pieces)?;
                }
                '\\' => {
                    self.rest.next();
                    match self.rest.next() {
                        Some((_, escaped)) => pieces.push(Piece::Quoted(String::from(escaped))),
                        None => return Err(SyntaxError::OpenBackslash),
                    }
                }
                '$' => {
                    self.rest.next();
                    match self.variable()? {
                        Some(name) => pieces.push(Piece::Variable(name)),
                        None => pieces.plain('$'),
                    }
                }
                other => {
                    self.rest.next();
                    pieces.plain(other);
                }
            }
        }
        Ok(pieces.finish())
    }

    fn until_single_quote(&mut self) -> Result<String, SyntaxError> {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some((_, '\'')) => return Ok(text),
                Some((_, character)) => text.push(character),
                None => return Err(SyntaxError::OpenQuote('\'')),
            }
        }
    }

    fn double_quoted(&mut self, pieces: &mut Pieces) -> Result<(), SyntaxError> {
        let mut text = String::new();
        loop {
            match self.rest.next().map(|(_, character)| character) {
                None => return Err(SyntaxError::OpenQuote('"')),
                Some('"') => break,
                Some('\\') => match self.rest.next().map(|(_, character)| character) {
                    Some(escaped @ ('"' | '\\' | '$' | '`')) => text.push(escaped),
                    Some('\n') => {}
                    Some(other) => text.extend(['\\', other]),
                    None => return Err(SyntaxError::OpenQuote('"')),
                },
                Some('$') => match self.variable()? {
                    Some(name) => {
                        pieces.push(Piece::Quoted(mem::take(&mut text)));
                        pieces.push(Piece::QuotedVariable(name));
                    }
                    None => text.push('$'),
                },
                Some(other) => text.push(other),
            }
        }
        pieces.push(Piece::Quoted(text));
        Ok(())
    }

    /// The name behind a `$`, if there is one.
    fn variable(&mut self) -> Result<Option<String>, SyntaxError> {
        match self.peek() {
            Some(special @ ('?' | '$' | '!')) => {
                self.rest.next();
                Ok(Some(String::from(special)))
            }
            Some('{') => {
                self.rest.next();
                let name = self.name();
                if name.is_empty() || !self.take('}') {
                    return Err(SyntaxError::Unsupported("more than a name inside ${}"));
                }
                Ok(Some(name))
            }
            Some('(') => Err(SyntaxError::Unsupported("command substitution")),
            Some(character) if character.is_ascii_alphabetic() || character == '_' => Ok(Some(self.name())),
            _ => Ok(None),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some((_, character)) = self
            .rest
            .next_if(|(_, character)| character.is_ascii_alphanumeric() || *character == '_')
        {
            name.push(character);
        }
        name
    }
}

enum Doubled {
    Yes,
    No,
}

/// The descriptor number a word is, where it is nothing else.
fn descriptor(word: &Word) -> Option<u32> {
    let text = word.plain()?;
    (text.len() == 1).then(|| text.parse().ok()).flatten()
}

/// The pieces of a word being read; plain characters gather in the last one.
#[derive(Default)]
struct Pieces {
    word: Word,
}

impl Pieces {
    fn plain(&mut self, character: char) {
        match self.word.pieces.last_mut() {
            Some(Piece::Plain(text)) => text.push(character),
            _ => self.word.pieces.push(Piece::Plain(String::from(character))),
        }
    }

    fn push(&mut self, piece: Piece) {
        self.word.pieces.push(piece);
    }

    fn finish(self) -> Word {
        self.word
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn names(line: &str) -> Vec<&'static str> {
        tokens(line)
            .unwrap()
            .iter()
            .map(|found| found.token.name())
            .collect()
    }

    #[test]
    fn operators_need_no_blanks() {
        assert_eq!(
            names("a&&b||c;d&e|f"),
            [
                "word", "&&", "word", "||", "word", ";", "word", "&", "word", "|", "word"
            ]
        );
    }

    #[test]
    fn a_digit_before_a_redirection_names_the_descriptor() {
        let found = tokens("a 2>b").unwrap();
        assert_eq!(found[1].token, Token::Redirect(2, Direction::Write));
        let found = tokens("a 2 >b").unwrap();
        assert_eq!(found[2].token, Token::Redirect(1, Direction::Write));
        assert_eq!(
            tokens("2>&1").unwrap()[0].token,
            Token::Redirect(2, Direction::Duplicate)
        );
    }

    #[test]
    fn a_comment_needs_a_blank_before_it() {
        assert_eq!(names("a #b; c"), ["word"]);
        assert_eq!(names("a#b c"), ["word", "word"]);
        assert_eq!(names("a # b\nc"), ["word", ";", "word"]);
    }

    #[test]
    fn quotes_keep_blanks_and_operators() {
        let found = tokens(r#"'a; b' "c && d" e\ f"#).unwrap();
        let texts: Vec<_> = found
            .into_iter()
            .map(|found| match found.token {
                Token::Word(word) => word.pieces,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(texts[0], vec![Piece::Quoted("a; b".into())]);
        assert_eq!(texts[1], vec![Piece::Quoted("c && d".into())]);
        assert_eq!(
            texts[2],
            vec![
                Piece::Plain("e".into()),
                Piece::Quoted(" ".into()),
                Piece::Plain("f".into())
            ]
        );
    }

    #[test]
    fn variables_are_found_in_double_quotes_but_not_in_single_ones() {
        let found = tokens(r#"$A"x$?"'$B'${C}d"#).unwrap();
        let Token::Word(word) = &found[0].token else {
            panic!()
        };
        assert_eq!(
            word.pieces,
            vec![
                Piece::Variable("A".into()),
                Piece::Quoted("x".into()),
                Piece::QuotedVariable("?".into()),
                Piece::Quoted("".into()),
                Piece::Quoted("$B".into()),
                Piece::Variable("C".into()),
                Piece::Plain("d".into()),
            ]
        );
    }

    #[test]
    fn what_is_not_closed_is_said() {
        assert_eq!(tokens("echo 'a").unwrap_err(), SyntaxError::OpenQuote('\''));
        assert_eq!(tokens("echo \"a").unwrap_err(), SyntaxError::OpenQuote('"'));
        assert_eq!(tokens("echo a\\").unwrap_err(), SyntaxError::OpenBackslash);
    }
}
