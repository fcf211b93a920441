//! A thread of an actor: makes one system call at a time, and may block in it.

use super::slots::Slots;
use crate::operation::{ARENA_SIZE, ARGUMENT, Answer, Delivery, Operation, RETURNS};
use abi::Errno;
use abi::binder::ioctl::WriteRead;
use abi::binder::object::{BINDER_TYPE_PTR, BufferObject};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI32, Ordering};
use rt::binder::MapSharing;
use rt::memory::{Access, Mapping};
use rt::sync::{Condvar, Mutex};
use zerocopy::{FromBytes, IntoBytes};

/// Bytes of a message that are sent to the stage.
const MOST: u64 = 64 << 10;

/// What control thread and worker share.
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    /// The worker's thread id once it runs.
    id: AtomicI32,
    arena: Mapping,
    slots: Arc<Slots>,
}

#[derive(Default)]
struct State {
    operation: Option<Operation>,
    answer: Option<Answer>,
}

/// One worker, as the control thread sees it.
pub(super) struct Worker(Arc<Shared>);

impl Worker {
    pub(super) fn new(arena: Mapping, slots: Arc<Slots>) -> rt::Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State::default()),
            changed: Condvar::new(),
            id: AtomicI32::new(0),
            arena,
            slots,
        });
        let worker = Arc::clone(&shared);
        rt::thread::spawn(64 << 10, move || worker.serve())?;
        Ok(Self(shared))
    }

    pub(super) fn arena(&self) -> u64 {
        self.0.arena.address()
    }

    /// Lets the worker make a call.
    pub(super) fn begin(&self, operation: Operation) {
        self.0.state.lock().operation = Some(operation);
        self.0.changed.notify_one();
    }

    /// Interrupts the worker's call with a signal.
    pub(super) fn interrupt(&self) {
        let thread = self.0.id.load(Ordering::Acquire);
        let _ = rt::syscall::tgkill(rt::syscall::getpid(), thread, rt::signal::USER1);
    }

    /// The answer of a call that has ended since the last question.
    pub(super) fn ended(&self) -> Option<Answer> {
        self.0.state.lock().answer.take()
    }
}

impl Shared {
    fn serve(&self) {
        self.id.store(rt::thread::current_id(), Ordering::Release);
        loop {
            let operation = {
                let mut state = self.state.lock();
                self.changed
                    .wait_while(&mut state, |state| state.operation.is_none());
                state.operation.take()
            };
            let Some(operation) = operation else { continue };
            let answer = self.make(&operation).unwrap_or_else(|errno| Answer {
                result: i64::from(errno.negated()),
                ..Answer::default()
            });
            self.state.lock().answer = Some(answer);
        }
    }

    fn make(&self, operation: &Operation) -> rt::Result<Answer> {
        let value = |result: i64| {
            Ok(Answer {
                result,
                ..Answer::default()
            })
        };
        match operation {
            Operation::Open {
                slot,
                device,
                nonblocking,
            } => {
                self.slots.open(*slot, *device, *nonblocking)?;
                value(0)
            }
            Operation::Map {
                slot,
                length,
                writable,
                shared,
            } => {
                let access = if *writable {
                    Access::ReadWrite
                } else {
                    Access::ReadOnly
                };
                let sharing = if *shared {
                    MapSharing::Shared
                } else {
                    MapSharing::Private
                };
                value(self.slots.map(*slot, *length, access, sharing)? as i64)
            }
            Operation::Unmap { slot, offset } => {
                self.slots.unmap(*slot, *offset)?;
                value(0)
            }
            Operation::MakeWritable { slot } => {
                self.slots.make_writable(*slot)?;
                value(0)
            }
            Operation::Peek { slot, offset, length } => {
                let mut bytes = vec![0; (*length).min(MOST) as usize];
                self.slots
                    .read(*slot, self.slots.base(*slot).wrapping_add(*offset), &mut bytes)?;
                Ok(Answer {
                    bytes,
                    ..Answer::default()
                })
            }
            Operation::Close { slot } => {
                self.slots.close(*slot)?;
                value(0)
            }
            Operation::Duplicate { slot, to } => {
                self.slots.duplicate(*slot, *to)?;
                value(0)
            }
            Operation::WriteRead { slot, memory, header } => self.write_read(*slot, memory, header),
            Operation::Ioctl {
                slot,
                request,
                argument,
            } => {
                let device = self.slots.device(*slot)?;
                self.arena.write(ARGUMENT as usize, argument)?;
                let result = device.control_in(*request, &self.arena, ARGUMENT as usize);
                let mut bytes = vec![0; argument.len()];
                self.arena.read(ARGUMENT as usize, &mut bytes)?;
                Ok(Answer {
                    result: Errno::to_result(result),
                    bytes,
                    ..Answer::default()
                })
            }
            Operation::IoctlAt {
                slot,
                request,
                address,
            } => value(self.slots.device(*slot)?.control_at(*request, *address)? as i64),
            Operation::Poll {
                slot,
                events,
                timeout,
            } => {
                let mut files = [rt::syscall::PollFd {
                    fd: self.slots.device(*slot)?.fd(),
                    events: rt::syscall::PollEvents::from_bits_retain(*events as i16),
                    happened: rt::syscall::PollEvents::empty(),
                }];
                let ready = rt::syscall::poll(&mut files, *timeout)?;
                value(if ready == 0 {
                    0
                } else {
                    i64::from(files[0].happened.bits())
                })
            }
            Operation::SetNice(nice) => {
                rt::syscall::set_nice(0, *nice)?;
                value(0)
            }
            Operation::Nice => {
                let nice = rt::syscall::nice(0)?;
                Ok(Answer {
                    result: 0,
                    bytes: (nice as i8).to_le_bytes().to_vec(),
                    ..Answer::default()
                })
            }
            Operation::Pipe => {
                let (reading, writing) = rt::syscall::pipe(rt::syscall::DescriptorFlags::NONBLOCK)?;
                value(i64::from(reading) * 1000 + i64::from(writing))
            }
            Operation::CloseDescriptor(descriptor) => {
                rt::syscall::close(*descriptor)?;
                value(0)
            }
            Operation::Write(descriptor, bytes) => value(rt::syscall::write(*descriptor, bytes)? as i64),
            Operation::Read(descriptor) => {
                let mut bytes = vec![0; 256];
                let count = rt::syscall::read(*descriptor, &mut bytes)?;
                bytes.truncate(count);
                Ok(Answer {
                    result: count as i64,
                    bytes,
                    ..Answer::default()
                })
            }
            Operation::Descriptor(descriptor) => value(i64::from(rt::syscall::closes_on_exec(*descriptor)?)),
        }
    }

    fn write_read(&self, slot: u8, memory: &[(u64, Vec<u8>)], header: &[u64; 6]) -> rt::Result<Answer> {
        let device = self.slots.device(slot)?;
        for (address, bytes) in memory {
            self.arena
                .write(address.wrapping_sub(self.arena.address()) as usize, bytes)?;
        }
        let mut argument = WriteRead::read_from_bytes(header.as_bytes()).map_err(|_| Errno::EINVAL)?;
        let before = argument;
        let result = device.write_read(&mut argument, &self.arena);
        let mut answer = Answer {
            result: Errno::to_result(result.map(|()| 0)),
            consumed: [argument.write_consumed, argument.read_consumed],
            ..Answer::default()
        };
        let inside = before.read_buffer == self.arena.address() + RETURNS;
        if inside && argument.read_consumed > before.read_consumed && argument.read_consumed < ARENA_SIZE {
            let count = argument.read_consumed - before.read_consumed;
            let mut bytes = vec![0; count.min(MOST) as usize];
            self.arena
                .read((RETURNS + before.read_consumed) as usize, &mut bytes)?;
            answer.deliveries = self.deliveries(slot, &bytes);
            answer.bytes = bytes;
        }
        Ok(answer)
    }

    /// The bytes that the transactions of a read point to.
    fn deliveries(&self, slot: u8, returns: &[u8]) -> Vec<Delivery> {
        crate::stage::transactions(returns)
            .map(|(data, context)| {
                let read = |address: u64, length: u64| {
                    let mut bytes = vec![0; length.min(MOST) as usize];
                    self.slots
                        .read(slot, address, &mut bytes)
                        .map_or_else(|_| Vec::new(), |()| bytes)
                };
                let bytes = read(data.buffer, data.data_size);
                let offsets: Vec<u64> = read(data.offsets, data.offsets_size)
                    .chunks_exact(8)
                    .filter_map(|chunk| u64::read_from_bytes(chunk).ok())
                    .collect();
                let buffers = offsets
                    .iter()
                    .filter_map(|&offset| BufferObject::read_from_prefix(bytes.get(offset as usize..)?).ok())
                    .filter(|(object, _)| object.kind == BINDER_TYPE_PTR)
                    .map(|(object, _)| read(object.buffer, object.length))
                    .collect();
                let context = context.map_or_else(Vec::new, |address| self.text(slot, address));
                Delivery {
                    data: bytes,
                    offsets,
                    context,
                    buffers,
                }
            })
            .collect()
    }

    /// A NUL-terminated text in a slot's mapping.
    fn text(&self, slot: u8, mut address: u64) -> Vec<u8> {
        let mut text = Vec::new();
        let mut byte = [0];
        while text.len() < 256 && self.slots.read(slot, address, &mut byte).is_ok() && byte[0] != 0 {
            text.push(byte[0]);
            address += 1;
        }
        text
    }
}
