//! The line being edited.

use alloc::string::String;
use alloc::vec::Vec;

/// Characters and a cursor between them.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    characters: Vec<char>,
    cursor: usize,
}

impl Line {
    /// A line with this text and the cursor at its end.
    pub(super) fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        Self {
            cursor: characters.len(),
            characters,
        }
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        self.characters.iter().collect()
    }

    /// The text before the cursor.
    pub(super) fn before(&self) -> String {
        self.characters[..self.cursor].iter().collect()
    }

    /// Where the cursor is, in characters.
    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    /// The characters.
    pub(super) fn characters(&self) -> &[char] {
        &self.characters
    }

    /// Inserts a character at the cursor.
    pub(super) fn insert(&mut self, character: char) {
        self.characters.insert(self.cursor, character);
        self.cursor += 1;
    }

    /// Deletes the character before the cursor.
    pub(super) fn backspace(&mut self) {
        if self.cursor > 0 {
            self.cursor -= 1;
            self.characters.remove(self.cursor);
        }
    }

    /// Deletes the character behind the cursor.
    pub(super) fn delete(&mut self) {
        if self.cursor < self.characters.len() {
            self.characters.remove(self.cursor);
        }
    }

    /// Moves one character to the left.
    pub(super) fn left(&mut self) {
        self.cursor = self.cursor.saturating_sub(1);
    }

    /// Moves one character to the right.
    pub(super) fn right(&mut self) {
        self.cursor = self.characters.len().min(self.cursor + 1);
    }

    /// Moves to the start.
    pub(super) fn home(&mut self) {
        self.cursor = 0;
    }

    /// Moves to the end.
    pub(super) fn end(&mut self) {
        self.cursor = self.characters.len();
    }

    /// Deletes everything before the cursor.
    pub(super) fn delete_before(&mut self) {
        self.characters.drain(..self.cursor);
        self.cursor = 0;
    }

    /// Deletes everything behind the cursor.
    pub(super) fn delete_behind(&mut self) {
        self.characters.truncate(self.cursor);
    }

    /// Deletes the word before the cursor.
    pub(super) fn delete_word(&mut self) {
        let before = &self.characters[..self.cursor];
        let end = before
            .iter()
            .rposition(|character| *character != ' ')
            .map_or(0, |last| last + 1);
        let start = before[..end]
            .iter()
            .rposition(|character| *character == ' ')
            .map_or(0, |blank| blank + 1);
        self.characters.drain(start..self.cursor);
        self.cursor = start;
    }
}
