//! Makes keys of the bytes a terminal sends.

/// A key, as far as a line editor cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character to insert.
    Character(char),
    /// Enter.
    Enter,
    /// Tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Cursor left.
    Left,
    /// Cursor right.
    Right,
    /// Cursor up.
    Up,
    /// Cursor down.
    Down,
    /// Home or Ctrl-A.
    Home,
    /// End or Ctrl-E.
    End,
    /// Ctrl and this letter.
    Control(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between keys.
    Ground,
    /// After an escape byte.
    Escape,
    /// Inside `ESC [` with the number read so far.
    Sequence(u16),
    /// After `ESC O`.
    Function,
    /// Inside a character of several bytes: value so far, bytes missing.
    Utf8(u32, u8),
}

/// The decoder's memory between bytes.
#[derive(Clone, Debug)]
pub struct Decoder {
    state: State,
    /// The last byte was a carriage return: a line feed behind it belongs to it.
    after_return: bool,
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            state: State::Ground,
            after_return: false,
        }
    }
}

impl Decoder {
    /// Takes one byte; the key it completes, if any.
    pub fn feed(&mut self, byte: u8) -> Option<Key> {
        let after_return = core::mem::replace(&mut self.after_return, byte == b'\r');
        match self.state {
            State::Ground if after_return && byte == b'\n' => None,
            State::Ground => self.ground(byte),
            State::Escape => {
                self.state = match byte {
                    b'[' => State::Sequence(0),
                    b'O' => State::Function,
                    0x1b => State::Escape,
                    _ => State::Ground,
                };
                None
            }
            State::Sequence(number) => self.sequence(number, byte),
            State::Function => {
                self.state = State::Ground;
                cursor(byte)
            }
            State::Utf8(value, missing) => self.continuation(value, missing, byte),
        }
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        let (state, key) = match byte {
            b'\r' | b'\n' => (State::Ground, Some(Key::Enter)),
            b'\t' => (State::Ground, Some(Key::Tab)),
            0x7f | 0x08 => (State::Ground, Some(Key::Backspace)),
            0x01 => (State::Ground, Some(Key::Home)),
            0x05 => (State::Ground, Some(Key::End)),
            0x1b => (State::Escape, None),
            0x02..=0x1a => (State::Ground, Some(Key::Control(char::from(byte + b'a' - 1)))),
            0x20..=0x7e => (State::Ground, Some(Key::Character(char::from(byte)))),
            0xc2..=0xdf => (State::Utf8(u32::from(byte & 0x1f), 1), None),
            0xe0..=0xef => (State::Utf8(u32::from(byte & 0x0f), 2), None),
            0xf0..=0xf4 => (State::Utf8(u32::from(byte & 0x07), 3), None),
            _ => (State::Ground, None),
        };
        self.state = state;
        key
    }

    fn sequence(&mut self, number: u16, byte: u8) -> Option<Key> {
        if byte.is_ascii_digit() {
            self.state = State::Sequence(number.saturating_mul(10).saturating_add(u16::from(byte - b'0')));
            return None;
        }
        if matches!(byte, 0x20..=0x3f) {
            // Parameters of keys with modifiers; the final byte still decides.
            self.state = State::Sequence(0);
            return None;
        }
        self.state = State::Ground;
        match (byte, number) {
            (b'~', 1 | 7) => Some(Key::Home),
            (b'~', 4 | 8) => Some(Key::End),
            (b'~', 3) => Some(Key::Delete),
            _ => cursor(byte),
        }
    }

    fn continuation(&mut self, value: u32, missing: u8, byte: u8) -> Option<Key> {
        self.state = State::Ground;
        if byte & 0xc0 != 0x80 {
            return self.ground(byte);
        }
        let value = value << 6 | u32::from(byte & 0x3f);
        if missing > 1 {
            self.state = State::Utf8(value, missing - 1);
            return None;
        }
        char::from_u32(value).map(Key::Character)
    }
}

fn cursor(byte: u8) -> Option<Key> {
    Some(match byte {
        b'A' => Key::Up,
        b'B' => Key::Down,
        b'C' => Key::Right,
        b'D' => Key::Left,
        b'H' => Key::Home,
        b'F' => Key::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        bytes.iter().filter_map(|&byte| decoder.feed(byte)).collect()
    }

    #[test]
    fn sequences_of_bytes_are_one_key() {
        assert_eq!(
            keys(b"\x1b[A\x1b[D\x1bOH\x1b[4~\x1b[3~"),
            [Key::Up, Key::Left, Key::Home, Key::End, Key::Delete]
        );
        assert_eq!(keys(b"\x1b[1;5C"), [Key::Right]);
        assert_eq!(keys("é€".as_bytes()), [Key::Character('é'), Key::Character('€')]);
    }

    #[test]
    fn enter_is_one_key_however_it_is_sent() {
        assert_eq!(keys(b"\r\n"), [Key::Enter]);
        assert_eq!(keys(b"\r\r"), [Key::Enter, Key::Enter]);
        assert_eq!(keys(b"\n"), [Key::Enter]);
    }

    #[test]
    fn unknown_sequences_vanish() {
        assert_eq!(
            keys(b"\x1b[99~a\xff\x1bzb"),
            [Key::Character('a'), Key::Character('b')]
        );
    }
}
