//! The emulator's pipes, each emptied by a thread of its own.

use std::io::{self, Read, Write};
use std::thread::{self, JoinHandle};

/// What a pipe carried until it was closed.
pub(super) type Collected = Vec<u8>;

/// Keeps what comes.
pub(super) fn collect(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Collected> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A broken pipe ends the output like a closed one.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}

/// Passes on what comes, at once.
pub(super) fn copy_to_stdout(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Collected> {
    thread::spawn(move || {
        let Some(mut pipe) = pipe else { return Vec::new() };
        let mut stdout = io::stdout();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            // The guest goes on when nobody reads its output any more: its status still counts.
            let _ = stdout.write_all(&buffer[..length]).and_then(|()| stdout.flush());
        }
        Vec::new()
    })
}
