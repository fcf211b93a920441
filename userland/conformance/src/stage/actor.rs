//! One actor as the stage knows it: its process, its threads, and what their calls brought.

use super::channel::Channel;
use super::names;
use super::returns::{Return, decode};
use super::show::{self, Mapping};
use crate::operation::{Answer, Report};
use crate::script::{Action, Step};
use abi::Errno;
use abi::binder::ioctl::ExtendedError;
use abi::binder::{PtrCookie, TransactionFlags, command as bc, ioctl, reply as br};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use rt::syscall::DescriptorFlags;
use zerocopy::FromBytes;

/// What the stage remembers of one thread of an actor.
#[derive(Default)]
pub(super) struct Player {
    /// Where its arena begins.
    pub(super) arena: u64,
    /// Where the mapping of the slot that the thread used last begins.
    pub(super) map_base: u64,
    /// Addresses of the buffers that it received, oldest first.
    received: Vec<u64>,
    /// Refcount requests that it read and has not acknowledged, as the commands that do.
    pub(super) unacknowledged: Vec<(u32, PtrCookie)>,
    /// Notifications that it read, as the commands that acknowledge them.
    pub(super) notices: Vec<(&'static str, u64)>,
    /// Synchronous calls that it read and has not answered, as far as the stage can tell.
    pub(super) owed: u32,
    /// The step it has not come back from.
    pub(super) busy: Option<Step>,
}

impl Player {
    /// The buffer received `age` deliveries ago; a wild address if there is none.
    pub(super) fn received(&self, age: usize) -> u64 {
        self.received.iter().rev().nth(age).copied().unwrap_or(8)
    }
}

/// A process on stage.
pub(super) struct Actor {
    /// The pipes to it.
    pub(super) channel: Channel,
    /// Its number.
    pub(super) pid: i32,
    /// Its threads.
    pub(super) players: Vec<Player>,
    /// Its mappings, by slot.
    pub(super) mappings: BTreeMap<u8, Mapping>,
}

impl Actor {
    /// Starts the process and waits until it is ready.
    pub(super) fn start() -> Result<Self, Errno> {
        let (requests_out, requests_in) = rt::syscall::pipe(DescriptorFlags::empty())?;
        let (answers_out, answers_in) = rt::syscall::pipe(DescriptorFlags::empty())?;
        let forked = rt::process::fork(|| {
            crate::actor::run(
                Channel {
                    reading: requests_out,
                    writing: answers_in,
                },
                &[requests_in, answers_out],
            )
        });
        for descriptor in [requests_out, answers_in] {
            let _ = rt::syscall::close(descriptor);
        }
        forked?;
        let channel = Channel {
            reading: answers_out,
            writing: requests_in,
        };
        let Ok(Report::Ready { pid, arenas }) = channel.receive() else {
            return Err(Errno::EPIPE);
        };
        let players = arenas
            .iter()
            .map(|&arena| Player {
                arena,
                ..Player::default()
            })
            .collect();
        Ok(Self {
            channel,
            pid,
            players,
            mappings: BTreeMap::new(),
        })
    }

    /// What a step's answer says, and what the stage learns from it.
    pub(super) fn describe(
        &mut self,
        step: &Step,
        answer: &Answer,
        actor_of: impl Fn(i32) -> Option<char> + Copy,
    ) -> String {
        let mut out = String::new();
        match &step.action {
            Action::Map { length, .. } if answer.result > 0 => {
                self.mappings.insert(
                    step.slot,
                    Mapping {
                        base: answer.result as u64,
                        length: *length,
                    },
                );
                out.push_str("mapped");
            }
            Action::Duplicate { to } if answer.result >= 0 => {
                if let Some(mapping) = self.mappings.get(&step.slot).copied() {
                    self.mappings.insert(*to, mapping);
                }
                out.push_str(&names::result(answer.result));
            }
            Action::WriteRead(call) => {
                let replies = call.commands.iter().filter(|command| command.is_reply()).count() as u32;
                let player = &mut self.players[step.thread as usize];
                player.owed = player.owed.saturating_sub(replies);
                self.describe_write_read(step, answer, actor_of, &mut out);
            }
            Action::Ioctl {
                request: ioctl::BINDER_GET_EXTENDED_ERROR,
                ..
            } => {
                out.push_str(&names::result(answer.result));
                if let Ok(error) = ExtendedError::read_from_bytes(&answer.bytes) {
                    let id = if error.id == 0 { "no id" } else { "some id" };
                    let param = names::result(i64::from(error.param));
                    let _ = write!(out, " {id} {} {param}", br::name(error.command).unwrap_or("?"));
                }
            }
            Action::Ioctl { .. } | Action::Peek { .. } | Action::Read(_) | Action::Nice => {
                let _ = write!(out, "{} {}", names::result(answer.result), Hex(&answer.bytes));
            }
            // The first word is a process id.
            Action::IoctlOfProcess { .. } => {
                let rest = answer.bytes.get(4..).unwrap_or_default();
                let _ = write!(out, "{} {}", names::result(answer.result), Hex(rest));
            }
            _ => out.push_str(&names::result(answer.result)),
        }
        out
    }

    fn describe_write_read(
        &mut self,
        step: &Step,
        answer: &Answer,
        actor_of: impl Fn(i32) -> Option<char> + Copy,
        out: &mut String,
    ) {
        let [write_consumed, read_consumed] = answer.consumed;
        let _ = write!(
            out,
            "{} wc {write_consumed} rc {read_consumed}:",
            names::result(answer.result)
        );
        let mapping = self
            .mappings
            .get(&step.slot)
            .copied()
            .unwrap_or(Mapping { base: 0, length: 0 });
        let player = &mut self.players[step.thread as usize];
        let mut deliveries = answer.deliveries.iter();
        for item in decode(&answer.bytes) {
            let delivery = match &item {
                Return::Transaction(code, data, _) => {
                    player.received.push(data.buffer);
                    if *code != br::BR_REPLY && !data.transaction_flags().contains(TransactionFlags::ONE_WAY)
                    {
                        player.owed += 1;
                    }
                    deliveries.next()
                }
                Return::Node(br::BR_INCREFS, node) => {
                    player.unacknowledged.push((bc::BC_INCREFS_DONE, *node));
                    None
                }
                Return::Node(br::BR_ACQUIRE, node) => {
                    player.unacknowledged.push((bc::BC_ACQUIRE_DONE, *node));
                    None
                }
                Return::Cookie(br::BR_DEAD_BINDER, cookie) => {
                    player.notices.push(("dead-done", *cookie));
                    None
                }
                Return::Frozen(info) => {
                    player.notices.push(("freeze-done", info.cookie));
                    None
                }
                _ => None,
            };
            out.push(' ');
            show::one(out, &item, delivery, mapping, actor_of);
        }
    }
}

/// Bytes as hexadecimal digits.
struct Hex<'a>(&'a [u8]);

impl core::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
