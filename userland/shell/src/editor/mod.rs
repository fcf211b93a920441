//! Turns the console's raw bytes into edited lines.
//!
//! The console echoes nothing, so every change is answered with the bytes that show it. Lines longer than the screen
//! scroll sideways: the terminal is asked for no more than carriage return, erasing to the line's end and moving right.

mod history;
mod keys;
mod line;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::mem;

pub use keys::{Decoder, Key};

use crate::complete::{Candidates, Completion, complete};
use history::History;
use line::Line;

/// What came of a byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing to run yet.
    Editing,
    /// A line was entered.
    Line(String),
    /// Ctrl-D in an empty line.
    End,
}

/// The editor's state from one byte to the next.
pub struct Editor {
    prompt: String,
    columns: usize,
    decoder: Decoder,
    line: Line,
    history: History,
}

impl Editor {
    /// An editor for a terminal of this width.
    pub fn new(prompt: &str, columns: usize) -> Self {
        Self {
            prompt: prompt.to_string(),
            columns: columns.max(prompt.chars().count() + 8),
            decoder: Decoder::default(),
            line: Line::default(),
            history: History::default(),
        }
    }

    /// The bytes that show the prompt and the line.
    pub fn show(&self) -> String {
        let width = self.columns - self.prompt.chars().count() - 1;
        let cursor = self.line.cursor();
        let first = cursor.saturating_sub(width);
        let visible: String = self.line.characters().iter().skip(first).take(width).collect();
        let right = self.prompt.chars().count() + cursor - first;
        let mut shown = format!("\r{}{visible}\x1b[K\r", self.prompt);
        if right > 0 {
            shown.push_str(&format!("\x1b[{right}C"));
        }
        shown
    }

    /// Takes one byte; what to show, and what came of it.
    pub fn feed(&mut self, byte: u8, candidates: &impl Candidates) -> (String, Event) {
        match self.decoder.feed(byte) {
            Some(key) => self.key(key, candidates),
            None => (String::new(), Event::Editing),
        }
    }

    fn key(&mut self, key: Key, candidates: &impl Candidates) -> (String, Event) {
        let mut above = String::new();
        match key {
            Key::Character(character) => self.line.insert(character),
            Key::Enter => {
                let text = mem::take(&mut self.line).text();
                self.history.add(&text);
                return ("\r\n".to_string(), Event::Line(text));
            }
            Key::Tab => above = self.complete(candidates),
            Key::Backspace => self.line.backspace(),
            Key::Delete => self.line.delete(),
            Key::Left | Key::Control('b') => self.line.left(),
            Key::Right | Key::Control('f') => self.line.right(),
            Key::Up | Key::Control('p') => {
                if let Some(text) = self.history.older(&self.line.text()) {
                    self.line = Line::new(text);
                }
            }
            Key::Down | Key::Control('n') => {
                if let Some(text) = self.history.newer() {
                    self.line = Line::new(text);
                }
            }
            Key::Home => self.line.home(),
            Key::End => self.line.end(),
            Key::Control('u') => self.line.delete_before(),
            Key::Control('k') => self.line.delete_behind(),
            Key::Control('w') => self.line.delete_word(),
            Key::Control('l') => above = "\x1b[H\x1b[2J".to_string(),
            Key::Control('c') => {
                self.line = Line::default();
                above = "^C\r\n".to_string();
            }
            Key::Control('d') if self.line.characters().is_empty() => {
                return ("\r\n".to_string(), Event::End);
            }
            Key::Control('d') => self.line.delete(),
            Key::Control(_) => return (String::new(), Event::Editing),
        }
        (above + &self.show(), Event::Editing)
    }

    /// Completes at the cursor; what to show above the line.
    fn complete(&mut self, candidates: &impl Candidates) -> String {
        match complete(&self.line.before(), candidates) {
            Completion::Insert(text) => {
                text.chars().for_each(|character| self.line.insert(character));
                String::new()
            }
            Completion::Choose(names) => self.columns_of(&names),
            Completion::Nothing => "\x07".to_string(),
        }
    }

    fn columns_of(&self, names: &[String]) -> String {
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0) + 2;
        let per_row = (self.columns / width).max(1);
        let rows: Vec<String> = names
            .chunks(per_row)
            .map(|row| {
                row.iter()
                    .map(|name| format!("{name:width$}"))
                    .collect::<String>()
                    .trim_end()
                    .to_string()
            })
            .collect();
        format!("\r\n{}\r\n", rows.join("\r\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct None;

    impl Candidates for None {
        fn commands(&self) -> Vec<String> {
            ["service", "servicemanager", "ps"].map(String::from).into()
        }

        fn entries(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    fn typed(bytes: &[u8]) -> (Vec<String>, String) {
        let mut editor = Editor::new("# ", 80);
        let mut lines = Vec::new();
        let mut shown = String::new();
        for &byte in bytes {
            let (output, event) = editor.feed(byte, &None);
            shown.push_str(&output);
            if let Event::Line(line) = event {
                lines.push(line);
            }
        }
        (lines, shown)
    }

    fn lines(bytes: &[u8]) -> Vec<String> {
        typed(bytes).0
    }

    #[test]
    fn keys_edit_the_line() {
        assert_eq!(lines(b"ehco\x1b[D\x1b[D\x1b[D\x1b[3~\x1b[Ch\r"), ["echo"]);
        assert_eq!(lines(b"bc\x01a\x05d\r"), ["abcd"]);
        assert_eq!(lines(b"abc\x7f\x7fx\r"), ["ax"]);
        assert_eq!(lines(b"one two  \x17three\r"), ["one three"]);
        assert_eq!(lines(b"abcd\x1b[D\x1b[D\x0b\r"), ["ab"]);
        assert_eq!(lines(b"abcd\x1b[D\x15\r"), ["d"]);
        assert_eq!(lines(b"abc\x03d\r"), ["d"]);
    }

    #[test]
    fn old_lines_come_back() {
        assert_eq!(lines(b"one\rtwo\r\x1b[A\x1b[A\r"), ["one", "two", "one"]);
        assert_eq!(lines(b"one\rdra\x1b[A\x1b[Bft\r"), ["one", "draft"]);
        assert_eq!(lines(b"\x1b[A\x1b[Bx\r"), ["x"]);
    }

    #[test]
    fn tab_completes_names() {
        assert_eq!(lines(b"p\t\r"), ["ps "]);
        let (found, shown) = typed(b"se\t\tm\t\r");
        assert_eq!(found, ["servicemanager "]);
        assert!(shown.contains("service         servicemanager"), "{shown:?}");
    }

    #[test]
    fn control_d_ends_only_an_empty_line() {
        let mut editor = Editor::new("# ", 80);
        editor.feed(b'a', &None);
        assert_eq!(editor.feed(4, &None).1, Event::Editing);
        editor.feed(3, &None);
        assert_eq!(editor.feed(4, &None).1, Event::End);
    }

    #[test]
    fn a_long_line_scrolls_sideways() {
        let mut editor = Editor::new("# ", 20);
        for byte in b"abcdefghijklmnopqrstuvwxyz" {
            editor.feed(*byte, &None);
        }
        assert_eq!(editor.show(), "\r# jklmnopqrstuvwxyz\x1b[K\r\x1b[19C");
    }
}
