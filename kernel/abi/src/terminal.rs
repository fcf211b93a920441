//! The terminal's settings.

use bitflags::bitflags;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Gets the settings. Takes [`Settings`].
pub const TCGETS: u32 = 0x5401;
/// Sets the settings at once.
pub const TCSETS: u32 = 0x5402;
/// Sets the settings when all output is out.
pub const TCSETSW: u32 = 0x5403;
/// As [`TCSETSW`], and forgets unread input.
pub const TCSETSF: u32 = 0x5404;
/// The foreground process group.
pub const TIOCGPGRP: u32 = 0x540f;
/// Sets the foreground process group.
pub const TIOCSPGRP: u32 = 0x5410;
/// The window's size. Takes [`WindowSize`].
pub const TIOCGWINSZ: u32 = 0x5413;
/// How many bytes can be read. Any file. Takes an `i32`.
pub const FIONREAD: u32 = 0x541b;
/// Sets or clears `O_NONBLOCK`. Any file. Takes an `i32`.
pub const FIONBIO: u32 = 0x5421;
/// Clears close-on-exec. Any file.
pub const FIONCLEX: u32 = 0x5450;
/// Sets close-on-exec. Any file.
pub const FIOCLEX: u32 = 0x5451;

bitflags! {
    /// What becomes of received bytes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct InputModes: u32 {
        /// A carriage return becomes a newline (`ICRNL`).
        const RETURN_TO_NEWLINE = 0o400;
        const _ = !0;
    }
}

bitflags! {
    /// What becomes of written bytes.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct OutputModes: u32 {
        /// The following apply (`OPOST`).
        const PROCESS = 0o1;
        /// A newline becomes carriage return and newline (`ONLCR`).
        const NEWLINE_TO_RETURN = 0o4;
        const _ = !0;
    }
}

bitflags! {
    /// How lines are edited.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LocalModes: u32 {
        /// Special characters raise signals (`ISIG`).
        const SIGNALS = 0o1;
        /// Reads give whole lines, which can be edited (`ICANON`).
        const LINES = 0o2;
        /// Input is shown (`ECHO`).
        const ECHO = 0o10;
        /// Erasing is shown (`ECHOE`).
        const ECHO_ERASE = 0o20;
        const _ = !0;
    }
}

/// Positions of special characters in [`Settings::characters`].
pub mod character {
    /// Raises SIGINT.
    pub const INTERRUPT: usize = 0;
    /// Erases a character.
    pub const ERASE: usize = 2;
    /// Erases the line.
    pub const KILL: usize = 3;
    /// Ends the input.
    pub const END: usize = 4;
    /// The least number of bytes for a read, where lines are off.
    pub const LEAST: usize = 6;
}

/// `struct termios` as the kernel has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Settings {
    /// [`InputModes`].
    pub input: u32,
    /// [`OutputModes`].
    pub output: u32,
    /// Speed and framing.
    pub control: u32,
    /// [`LocalModes`].
    pub local: u32,
    /// Always 0.
    pub line: u8,
    /// Special characters.
    pub characters: [u8; 19],
}

/// `struct winsize`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct WindowSize {
    /// Lines of text.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
    /// Pixels across; unknown.
    pub width: u16,
    /// Pixels down; unknown.
    pub height: u16,
}
