//! The shape of a parsed line.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A piece of a word, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Plain characters.
    Plain(String),
    /// Characters between quotes or after a backslash; an empty one still makes a word.
    Quoted(String),
    /// `$NAME` outside quotes: its value is cut at blanks.
    Variable(String),
    /// `$NAME` between double quotes: its value stays in one piece.
    QuotedVariable(String),
}

/// One word of a command: pieces written without a blank between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// The pieces in order.
    pub pieces: Vec<Piece>,
}

impl Word {
    /// The word's text, where it is written without quotes and variables.
    pub fn plain(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }
}

/// What a redirection does with its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `< file`
    Read,
    /// `> file`
    Write,
    /// `>> file`
    Append,
    /// `>& number`
    Duplicate,
}

/// `[number]> word` and its relatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// The descriptor that is set.
    pub descriptor: u32,
    /// What is done with the target.
    pub direction: Direction,
    /// The file's name, or the descriptor to duplicate.
    pub target: Word,
}

/// One program or builtin with its words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// `NAME=VALUE` words before the first ordinary word.
    pub assignments: Vec<(String, Word)>,
    /// The command's name and arguments.
    pub words: Vec<Word>,
    /// Its redirections in order.
    pub redirections: Vec<Redirection>,
}

/// Commands joined by `|`; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// The commands from left to right.
    pub commands: Vec<Command>,
}

/// When the next pipeline of a chain runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `&&`: the previous one succeeded.
    Success,
    /// `||`: the previous one failed.
    Failure,
}

/// Pipelines joined by `&&` and `||`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The pipeline that always runs.
    pub first: Pipeline,
    /// The others with their conditions.
    pub rest: Vec<(Condition, Pipeline)>,
    /// Whether the shell waits for it.
    pub place: Place,
    /// The chain as it was written.
    pub text: String,
}

/// Whether the shell waits for a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The shell waits.
    Foreground,
    /// `&`: the shell goes on at once.
    Background,
}

/// A whole line: chains joined by `;` and `&`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The chains in order.
    pub chains: Vec<Chain>,
}

/// Why a line cannot be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyntaxError {
    /// A quote of this kind is never closed.
    OpenQuote(char),
    /// The line ends in a backslash.
    OpenBackslash,
    /// An operator stands where a command was expected.
    Unexpected(&'static str),
    /// A redirection names no file.
    NoTarget,
    /// `&&`, `||` or `|` with nothing behind it.
    NothingAfter(&'static str),
    /// Something of other shells that this one does not have.
    Unsupported(&'static str),
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OpenQuote(quote) => write!(f, "a {quote} is never closed"),
            Self::OpenBackslash => write!(f, "nothing follows the backslash"),
            Self::Unexpected(operator) => write!(f, "unexpected '{operator}'"),
            Self::NoTarget => write!(f, "a redirection names no file"),
            Self::NothingAfter(operator) => write!(f, "nothing follows '{operator}'"),
            Self::Unsupported(what) => write!(f, "{what} is not supported"),
        }
    }
}
