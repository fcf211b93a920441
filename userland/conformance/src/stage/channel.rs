//! The pipes between the stage and its actors.

use crate::operation::{Answer, Report, Request};
use abi::Errno;
use alloc::vec;
use alloc::vec::Vec;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// One end of a conversation: a pipe to read, a pipe to write.
pub(crate) struct Channel {
    pub(crate) reading: i32,
    pub(crate) writing: i32,
}

/// The other side is gone, or speaks nonsense.
#[derive(Debug)]
pub(crate) struct Broken;

impl Channel {
    /// Sends a value.
    pub(crate) fn send<T: Serialize>(&self, value: &T) -> Result<(), Broken> {
        let body = postcard::to_allocvec(value).map_err(|_| Broken)?;
        let mut message = (body.len() as u32).to_le_bytes().to_vec();
        message.extend_from_slice(&body);
        let mut rest = message.as_slice();
        while !rest.is_empty() {
            let written = retry(|| rt::syscall::write(self.writing, rest))?;
            rest = rest.get(written..).ok_or(Broken)?;
        }
        Ok(())
    }

    /// Waits for a value.
    pub(crate) fn receive<T: DeserializeOwned>(&self) -> Result<T, Broken> {
        let mut length = [0; 4];
        self.fill(&mut length)?;
        let mut body = vec![0; u32::from_le_bytes(length) as usize];
        self.fill(&mut body)?;
        postcard::from_bytes(&body).map_err(|_| Broken)
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Broken> {
        let mut filled = 0;
        while filled < bytes.len() {
            match retry(|| rt::syscall::read(self.reading, &mut bytes[filled..]))? {
                0 => return Err(Broken),
                count => filled += count,
            }
        }
        Ok(())
    }

    /// Lets an actor's thread begin.
    pub(crate) fn begin(&self, request: &Request) -> Result<(), Broken> {
        self.send(request)
    }

    /// Everything that has ended at an actor.
    pub(crate) fn collect(&self) -> Result<Vec<(u8, Answer)>, Broken> {
        self.send(&Request::Collect)?;
        match self.receive()? {
            Report::Ended(answers) => Ok(answers),
            Report::Ready { .. } => Err(Broken),
        }
    }
}

fn retry(mut call: impl FnMut() -> Result<usize, Errno>) -> Result<usize, Broken> {
    loop {
        match call() {
            Ok(count) => return Ok(count),
            Err(Errno::EINTR) => {}
            Err(_) => return Err(Broken),
        }
    }
}
