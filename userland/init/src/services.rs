//! Which services the image has.

use alloc::string::String;
use alloc::vec::Vec;

use rt::syscall::{OpenFlags, close, open, read};

/// The list: names, one a line. The program of a service is `/bin/NAME`, and NAME is what it registers as.
const LIST: &str = "/etc/services";

/// The names of the services to start.
///
/// # Errors
///
/// Those of reading the list.
pub(crate) fn names() -> rt::Result<Vec<String>> {
    let file = open(LIST, OpenFlags::CLOEXEC)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 256];
    let outcome = loop {
        match read(file, &mut buffer) {
            Ok(0) => break Ok(()),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(errno) => break Err(errno),
        }
    };
    close(file)?;
    outcome?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().map(String::from).collect())
}
