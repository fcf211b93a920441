//! What a signal does when nobody handles it.

use abi::signal::Signal;

/// The default action of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Default {
    /// The process ends.
    Terminate,
    /// Nothing happens. Stopping is among it: there is no job control.
    Ignore,
}

/// The default action of this signal.
pub(crate) fn default_of(signal: Signal) -> Default {
    match signal {
        Signal::SIGCHLD
        | Signal::SIGCONT
        | Signal::SIGURG
        | Signal::SIGWINCH
        | Signal::SIGSTOP
        | Signal::SIGTSTP
        | Signal::SIGTTIN
        | Signal::SIGTTOU => Default::Ignore,
        _ => Default::Terminate,
    }
}
