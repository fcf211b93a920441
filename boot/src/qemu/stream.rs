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

/// Passes on what comes, at once; with a `mark`, only what follows it.
pub(super) fn copy_to_stdout(
    pipe: Option<impl Read + Send + 'static>,
    mark: Option<&'static [u8]>,
) -> JoinHandle<Collected> {
    thread::spawn(move || {
        let Some(mut pipe) = pipe else { return Vec::new() };
        let mut held = Vec::new();
        let mut waiting = mark;
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = pipe.read(&mut buffer) {
            held.extend_from_slice(&buffer[..length]);
            if let Some(mark) = waiting {
                let Some(rest) = after(&held, mark) else { continue };
                held = rest.to_vec();
                waiting = None;
            }
            pass_on(&held);
            held.clear();
        }
        pass_on(&held);
        Vec::new()
    })
}

/// What follows the first `mark`.
pub(super) fn after<'bytes>(bytes: &'bytes [u8], mark: &[u8]) -> Option<&'bytes [u8]> {
    let start = bytes.windows(mark.len()).position(|window| window == mark)?;
    bytes.get(start + mark.len()..)
}

fn pass_on(bytes: &[u8]) {
    let mut stdout = io::stdout();
    // The guest goes on when nobody reads its output any more: its status still counts.
    let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn what_the_firmware_wrote_before_the_mark_is_dropped() {
        assert_eq!(
            after(b"noise\x02go\x03text", b"\x02go\x03"),
            Some(b"text".as_slice())
        );
        assert_eq!(after(b"noise\x02g", b"\x02go\x03"), None);
    }
}
