//! The state of the user's terminal, which the emulator changes and a stopped emulator leaves changed.

use std::io::{self, IsTerminal};

use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The state at some moment, if there is a terminal.
pub(crate) struct Terminal(Option<Termios>);

impl Terminal {
    /// Remembers the present state.
    pub(crate) fn save() -> Self {
        Self(tcgetattr(io::stdin()).ok())
    }

    /// Brings it back.
    pub(crate) fn restore(&self) {
        if let Some(state) = &self.0 {
            // A terminal that has gone away needs nothing.
            let _ = tcsetattr(io::stdin(), OptionalActions::Drain, state);
        }
    }
}

/// Whether a user sits at both ends.
pub(crate) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
