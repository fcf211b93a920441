//! One open device with a prepared arena: commands at its start, returns and payload behind.
//!
//! A measured loop changes a few words of prepared commands and makes the call, so that the program's own part of a
//! round trip stays small and is known.

use abi::Errno;
use abi::binder::command as bc;
use abi::binder::ioctl::WriteRead;
use abi::binder::object::{BINDER_TYPE_BINDER, FlatBinderObject};
use abi::binder::{TransactionData, reply as br};
use alloc::vec::Vec;
use core::sync::atomic::Ordering;
use rt::binder::{MapSharing, RawDevice};
use rt::memory::{Access, Mapping};
use rt::syscall::OpenFlags;
use zerocopy::IntoBytes;

/// The device: one without a context manager in a running system.
const DEVICE: &str = "/dev/vndbinder";
/// What each side maps, as Android's libraries do but for two pages.
pub(crate) const REGION: usize = 1 << 20;

const RETURNS: u64 = 0x2000;
const RETURNS_SIZE: u64 = 0x1000;
const OBJECTS: usize = 0x3000;
const PAYLOAD: u64 = 0x4000;
const ARENA: usize = 0x4000 + (1 << 20);

/// One side of a measured conversation.
pub(crate) struct Endpoint {
    device: RawDevice,
    /// Kept mapped as long as messages may arrive.
    _region: Option<Mapping>,
    arena: Mapping,
    commands: usize,
    /// Ticks spent outside the kernel since the last call returned.
    last_return: u64,
    /// Ticks spent outside the kernel in all.
    pub(crate) own: u64,
}

/// A transaction that arrived, by its place in the region.
#[derive(Clone, Copy, Default)]
pub(crate) struct Arrived {
    pub(crate) code: u32,
    pub(crate) buffer: u64,
}

impl Endpoint {
    pub(crate) fn open() -> rt::Result<Self> {
        let device = RawDevice::open(DEVICE, OpenFlags::empty())?;
        let region = device.map(REGION, Access::ReadOnly, MapSharing::Private)?;
        device.version()?;
        let arena = Mapping::anonymous(ARENA)?;
        // Touch every page once: the kernel's first fill of fresh memory is not what is measured.
        for page in (0..ARENA).step_by(4096) {
            arena.write(page, &[1])?;
        }
        Ok(Self {
            device,
            _region: Some(region),
            arena,
            commands: 0,
            last_return: rt::measure::ticks(),
            own: 0,
        })
    }

    pub(crate) fn device(&self) -> &RawDevice {
        &self.device
    }

    /// A second thread's endpoint on the same open device.
    pub(crate) fn for_thread(device: &RawDevice) -> rt::Result<Self> {
        let device = device.duplicate()?;
        Ok(Self {
            device,
            _region: None,
            arena: Mapping::anonymous(ARENA)?,
            commands: 0,
            last_return: rt::measure::ticks(),
            own: 0,
        })
    }

    /// Begins a new list of commands.
    pub(crate) fn clear(&mut self) {
        self.commands = 0;
    }

    fn push(&mut self, bytes: &[u8]) {
        // The arena has room for the few commands that a scenario prepares.
        let _ = self.arena.write(self.commands, bytes);
        self.commands += bytes.len();
    }

    /// Adds a command with 32-bit words.
    pub(crate) fn short(&mut self, command: u32, words: &[u32]) {
        self.push(&command.to_le_bytes());
        self.push(words.as_bytes());
    }

    /// Adds a call with `size` bytes of payload.
    pub(crate) fn call(&mut self, handle: u32, code: u32, flags: u32, size: usize) {
        self.transact(bc::BC_TRANSACTION, handle, code, flags, size, 0);
    }

    /// Adds a reply.
    pub(crate) fn reply(&mut self, size: usize) {
        self.transact(bc::BC_REPLY, 0, 0, 0, size, 0);
    }

    /// Adds a call that carries nodes of this process.
    pub(crate) fn call_with_nodes(&mut self, handle: u32, code: u32, nodes: &[u64]) {
        let mut data = Vec::new();
        let mut offsets = Vec::new();
        for &ptr in nodes {
            offsets.push(data.len() as u64);
            let object = FlatBinderObject {
                kind: BINDER_TYPE_BINDER,
                flags: 0,
                binder: ptr,
                cookie: ptr,
            };
            data.extend_from_slice(object.as_bytes());
        }
        let _ = self.arena.write(PAYLOAD as usize, &data);
        let _ = self.arena.write(OBJECTS, offsets.as_bytes());
        self.transact(bc::BC_TRANSACTION, handle, code, 0, data.len(), offsets.len() * 8);
    }

    fn transact(
        &mut self,
        command: u32,
        handle: u32,
        code: u32,
        flags: u32,
        size: usize,
        offsets_size: usize,
    ) {
        let base = self.arena.address();
        let data = TransactionData {
            target: u64::from(handle),
            code,
            flags,
            data_size: size as u64,
            offsets_size: offsets_size as u64,
            buffer: base + PAYLOAD,
            offsets: base + OBJECTS as u64,
            ..TransactionData::default()
        };
        self.push(&command.to_le_bytes());
        self.push(data.as_bytes());
    }

    /// Adds a free of a buffer; the place of its address, to change it later.
    pub(crate) fn free(&mut self, buffer: u64) -> usize {
        self.push(&bc::BC_FREE_BUFFER.to_le_bytes());
        let place = self.commands;
        self.push(&buffer.to_le_bytes());
        place
    }

    /// Lets the commands be nothing but the free at this place, as it was patched last.
    pub(crate) fn free_again(&mut self, place: usize) {
        self.commands = place + 8;
    }

    /// From here on it is measured: what came before is not counted as spent outside the kernel. When that is, in ticks.
    pub(crate) fn begin(&mut self) -> u64 {
        self.last_return = rt::measure::ticks();
        self.last_return
    }

    /// Changes a prepared address.
    pub(crate) fn patch(&self, place: usize, address: u64) {
        for (half, value) in [(place, address as u32), (place + 4, (address >> 32) as u32)] {
            if let Ok(word) = self.arena.word(half) {
                word.store(value, Ordering::Relaxed);
            }
        }
    }

    /// Makes the call: sends the prepared commands and reads. The bytes that were read.
    pub(crate) fn exchange(&mut self, commands: usize, room: u64) -> rt::Result<u64> {
        let base = self.arena.address();
        let mut argument = WriteRead {
            write_size: commands as u64,
            write_buffer: base,
            read_size: room,
            read_buffer: base + RETURNS,
            ..WriteRead::default()
        };
        let (result, before, after) = self.device.timed_write_read(&mut argument, &self.arena);
        self.own += before - self.last_return;
        self.last_return = after;
        result.map(|()| argument.read_consumed)
    }

    /// Sends everything prepared, and reads.
    pub(crate) fn send(&mut self) -> rt::Result<u64> {
        self.exchange(self.commands, RETURNS_SIZE)
    }

    /// Sends everything prepared, and does not read.
    pub(crate) fn send_only(&mut self) -> rt::Result<()> {
        self.exchange(self.commands, 0).map(drop)
    }

    /// Only reads.
    pub(crate) fn read(&mut self) -> rt::Result<u64> {
        self.exchange(0, RETURNS_SIZE)
    }

    fn word(&self, offset: u64) -> u32 {
        self.arena
            .word((RETURNS + offset) as usize)
            .map_or(0, |word| word.load(Ordering::Relaxed))
    }

    /// Finds the transaction among `count` bytes of returns; EPROTO if one says that a call failed.
    pub(crate) fn arrived(&self, count: u64) -> rt::Result<Option<Arrived>> {
        let mut at = 0;
        while at < count {
            let code = self.word(at);
            match code {
                br::BR_TRANSACTION | br::BR_REPLY => {
                    let buffer = u64::from(self.word(at + 4 + 48)) | u64::from(self.word(at + 4 + 52)) << 32;
                    return Ok(Some(Arrived {
                        code: self.word(at + 4 + 16),
                        buffer,
                    }));
                }
                br::BR_FAILED_REPLY | br::BR_DEAD_REPLY | br::BR_ERROR => return Err(Errno::EPROTO),
                _ => at += 4 + abi::binder::payload_size(code) as u64,
            }
        }
        Ok(None)
    }

    /// Whether the transaction among `count` bytes of returns is an answer.
    pub(crate) fn is_reply(&self, count: u64) -> bool {
        let mut at = 0;
        while at < count {
            match self.word(at) {
                br::BR_REPLY => return true,
                br::BR_TRANSACTION => return false,
                code => at += 4 + abi::binder::payload_size(code) as u64,
            }
        }
        false
    }

    /// The refcount requests among `count` bytes of returns, as the commands that acknowledge them.
    pub(crate) fn acknowledge(&mut self, count: u64) {
        let mut at = 0;
        while at < count {
            let code = self.word(at);
            let done = match code {
                br::BR_INCREFS => bc::BC_INCREFS_DONE,
                br::BR_ACQUIRE => bc::BC_ACQUIRE_DONE,
                _ => 0,
            };
            if done != 0 {
                let words: Vec<u32> = (0..4).map(|index| self.word(at + 4 + 4 * index)).collect();
                self.short(done, &words);
            }
            at += 4 + abi::binder::payload_size(code) as u64;
        }
    }

    /// Reads until a transaction arrives.
    pub(crate) fn wait(&mut self) -> rt::Result<Arrived> {
        loop {
            let count = self.read()?;
            if let Some(arrived) = self.arrived(count)? {
                return Ok(arrived);
            }
        }
    }
}
