//! Reading the configuration.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use rt::Errno;
use rt::syscall::{OpenFlags, close, open};
use servicemanager::Configuration;

/// Where the configuration is looked for.
const FILE: &str = "/etc/servicemanager.conf";

/// The configuration of a file that must be there, or of the usual one, which need not be; or what is wrong with it.
pub(crate) fn read(named: Option<&str>) -> Result<Configuration, String> {
    let file = named.unwrap_or(FILE);
    let text = match content(file) {
        Err(Errno::ENOENT) if named.is_none() => return Ok(Configuration::default()),
        content => content.map_err(|error| format!("{file}: {error}"))?,
    };
    let text = String::from_utf8(text).map_err(|_| format!("{file}: it is no text"))?;
    Configuration::parse(&text).map_err(|mistake| format!("{file}: {mistake}"))
}

fn content(file: &str) -> Result<Vec<u8>, Errno> {
    let fd = open(file, OpenFlags::CLOEXEC)?;
    let mut content = Vec::new();
    let mut chunk = [0; 1024];
    let result = loop {
        match rt::syscall::read(fd, &mut chunk) {
            Ok(0) => break Ok(content),
            Ok(count) => content.extend_from_slice(&chunk[..count]),
            Err(error) => break Err(error),
        }
    };
    close(fd)?;
    result
}
