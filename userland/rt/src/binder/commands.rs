//! What is to be sent to the driver.

use super::Delivered;
use abi::binder::command::{BC_FREE_BUFFER, name};
use abi::binder::{HandleCookie, PtrCookie, TransactionData};
use alloc::vec::Vec;
use zerocopy::{FromBytes, IntoBytes};

/// Commands in the order in which they will be sent.
#[derive(Debug, Default)]
pub struct Commands {
    bytes: Vec<u8>,
}

impl Commands {
    /// No commands.
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Whether there is nothing to send.
    pub const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The commands as they will be sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes out what the driver consumed.
    pub(super) fn consumed(&mut self, count: u64) {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.drain(..count);
    }

    fn push(&mut self, command: u32, payload: &[u8]) {
        self.bytes.extend_from_slice(&command.to_le_bytes());
        self.bytes.extend_from_slice(payload);
    }

    /// A command without payload.
    pub fn plain(&mut self, command: u32) {
        self.push(command, &[]);
    }

    /// A call or a reply. The memory that it points to must stay as it is until it was sent.
    pub fn transaction(&mut self, command: u32, data: &TransactionData) {
        self.push(command, data.as_bytes());
    }

    /// Gives a message back to the driver.
    pub fn free_buffer(&mut self, delivered: Delivered) {
        self.push(BC_FREE_BUFFER, delivered.into_address().as_bytes());
    }

    /// A change of a handle's counts.
    pub fn handle(&mut self, command: u32, handle: u32) {
        debug_assert_ne!(command, BC_FREE_BUFFER, "takes a message");
        self.push(command, handle.as_bytes());
    }

    /// The acknowledgement of a change of a node's counts.
    pub fn node(&mut self, command: u32, node: &PtrCookie) {
        self.push(command, node.as_bytes());
    }

    /// A registration for a handle.
    pub fn registration(&mut self, command: u32, registration: &HandleCookie) {
        self.push(command, registration.as_bytes());
    }

    /// The acknowledgement of a notification.
    ///
    /// # Panics
    ///
    /// When the command is `BC_FREE_BUFFER`, which takes a message and not just any word.
    pub fn cookie(&mut self, command: u32, cookie: u64) {
        assert_ne!(command, BC_FREE_BUFFER, "only a delivered message can be freed");
        self.push(command, cookie.as_bytes());
    }

    /// The commands one by one, for whoever wants to print them: code, name and payload.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &'static str, &[u8])> {
        let mut rest = self.bytes.as_slice();
        core::iter::from_fn(move || {
            let (command, after) = u32::read_from_prefix(rest).ok()?;
            let (payload, after) = after.split_at_checked(abi::binder::payload_size(command))?;
            rest = after;
            Some((command, name(command).unwrap_or("unknown"), payload))
        })
    }
}
