//! The actors of a running script, and what the stage knows about them.

use super::channel::Channel;
use super::names;
use super::request::operation;
use super::returns::{Return, decode};
use super::show::{self, Mapping};
use crate::coverage;
use crate::operation::{Answer, Report, Request};
use crate::script::{Action, Step};
use abi::Errno;
use abi::binder::ioctl::ExtendedError;
use abi::binder::{PtrCookie, TransactionFlags, command as bc, ioctl, reply as br};
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;
use rt::syscall::DescriptorFlags;
use zerocopy::FromBytes;

/// How long the stage waits for everything to come to rest. Linux releases closed files later than
/// the call that closed them; this covers it.
const SETTLE_NS: u64 = 40_000_000;
/// The same after a process has died.
const SETTLE_AFTER_DEATH_NS: u64 = 200_000_000;

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
    /// Synchronous calls that it read and has not answered, as far as the stage can tell.
    owed: u32,
    /// The step it has not come back from.
    busy: Option<Step>,
}

impl Player {
    /// The buffer received `age` deliveries ago; a wild address if there is none.
    pub(super) fn received(&self, age: usize) -> u64 {
        self.received.iter().rev().nth(age).copied().unwrap_or(8)
    }
}

struct Actor {
    channel: Channel,
    pid: i32,
    players: Vec<Player>,
    mappings: BTreeMap<u8, Mapping>,
}

/// The actors of one script.
#[derive(Default)]
pub(crate) struct Stage {
    /// The case that is played.
    case: String,
    actors: BTreeMap<char, Actor>,
    /// Processes that are gone, so that their numbers still have names.
    former: Vec<(i32, char)>,
}

impl Stage {
    /// An empty stage for a case.
    pub(crate) fn of(case: &str) -> Self {
        Self {
            case: String::from(case),
            ..Self::default()
        }
    }

    /// The name of the case that is played.
    pub(crate) fn case(&self) -> &str {
        &self.case
    }

    /// Prints a file of `/sys/kernel/debug/binder` without what differs from run to run.
    pub(crate) fn debug(&self, file: &str) {
        rt::println!("debug {file} =>");
        let pids = self.pids();
        match crate::read(&format!("/sys/kernel/debug/binder/{file}")) {
            Ok(text) => super::debug::print(&text, |pid| actor_of(&pids, pid)),
            Err(errno) => rt::println!("  {errno}"),
        }
    }

    /// The processes of this case and their names, also of those that are gone.
    fn pids(&self) -> Vec<(i32, char)> {
        self.actors
            .iter()
            .map(|(name, actor)| (actor.pid, *name))
            .chain(self.former.iter().rev().copied())
            .collect()
    }

    /// Plays one step and prints its line and what it brought about.
    pub(crate) fn play(&mut self, step: &Step, text: &str) {
        let mut line = format!("{text} => ");
        if let Err(complaint) = self.begin(step) {
            let _ = write!(line, "{complaint}");
            rt::println!("{line}");
            return;
        }
        if matches!(step.action, Action::Die) {
            self.end(step.actor);
            rt::println!("{line}dead");
            rt::syscall::sleep_ns(SETTLE_AFTER_DEATH_NS);
            self.report(None, String::new());
            return;
        }
        rt::syscall::sleep_ns(SETTLE_NS);
        self.report(Some((step.actor, step.thread)), line);
    }

    /// Whether a thread has not come back from its last step.
    pub(crate) fn is_busy(&self, actor: char, thread: u8) -> bool {
        self.actors
            .get(&actor)
            .is_some_and(|actor| actor.players[thread as usize].busy.is_some())
    }

    /// Whether a thread has read a call that wants an answer.
    pub(crate) fn owes_reply(&self, actor: char, thread: u8) -> bool {
        self.actors
            .get(&actor)
            .is_some_and(|actor| actor.players[thread as usize].owed > 0)
    }

    /// Whether a thread has refcount requests to acknowledge.
    pub(crate) fn owes_acknowledgement(&self, actor: char, thread: u8) -> bool {
        self.actors
            .get(&actor)
            .is_some_and(|actor| !actor.players[thread as usize].unacknowledged.is_empty())
    }

    /// Plays one step without printing it. Nothing else may be under way.
    pub(crate) fn play_quietly(&mut self, step: &Step) {
        if self.begin(step).is_err() {
            return;
        }
        let Some(actor) = self.actors.get_mut(&step.actor) else {
            return;
        };
        for _ in 0..100 {
            let Ok(answers) = actor.channel.collect() else {
                return;
            };
            if let Some((thread, answer)) = answers.into_iter().next() {
                actor.players[thread as usize].busy = None;
                let _ = actor.describe(step, &answer, |_| None);
                return;
            }
            rt::syscall::sleep_ns(SETTLE_NS / 40);
        }
    }

    /// Ends all actors.
    pub(crate) fn clear(&mut self) {
        while let Some((name, _)) = self.actors.first_key_value() {
            let name = *name;
            self.end(name);
        }
        self.former.clear();
        rt::syscall::sleep_ns(SETTLE_AFTER_DEATH_NS);
    }

    fn end(&mut self, name: char) {
        if let Some(actor) = self.actors.remove(&name) {
            self.former.push((actor.pid, name));
            let _ = rt::syscall::kill(actor.pid, rt::signal::KILL);
            let _ = rt::process::wait(actor.pid);
            for descriptor in [actor.channel.reading, actor.channel.writing] {
                let _ = rt::syscall::close(descriptor);
            }
        }
    }

    fn begin(&mut self, step: &Step) -> Result<(), String> {
        let pid_of =
            |actors: &BTreeMap<char, Actor>, name: &char| actors.get(name).map_or(999_999, |actor| actor.pid);
        let named_pid = match &step.action {
            Action::IoctlOfProcess { actor, .. } => pid_of(&self.actors, actor),
            _ => 0,
        };
        let actor = match self.actors.entry(step.actor) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                entry.insert(Actor::start().map_err(|error| format!("no actor: {error}"))?)
            }
        };
        if matches!(step.action, Action::Die) {
            return Ok(());
        }
        if matches!(step.action, Action::Signal) {
            return actor
                .channel
                .begin(&Request::Interrupt(step.thread))
                .map_err(|_| String::from("actor gone"));
        }
        if actor.players[step.thread as usize].busy.is_some() {
            return Err(String::from("busy"));
        }
        if let Some(mapping) = actor.mappings.get(&step.slot) {
            actor.players[step.thread as usize].map_base = mapping.base;
        }
        let operation = operation(step, named_pid, &mut actor.players);
        actor.players[step.thread as usize].busy = Some(step.clone());
        actor
            .channel
            .begin(&Request::Begin(step.thread, operation))
            .map_err(|_| String::from("actor gone"))
    }

    /// Collects what has ended; the line of the step first, then the others.
    fn report(&mut self, first: Option<(char, u8)>, mut line: String) {
        let mut others = Vec::new();
        let mut came_back = false;
        let mut gone = Vec::new();
        let pids = self.pids();
        let actor_of = |pid: i32| actor_of(&pids, pid);
        for (name, actor) in &mut self.actors {
            if actor.players.iter().all(|player| player.busy.is_none()) {
                continue;
            }
            let Ok(mut answers) = actor.channel.collect() else {
                gone.push(*name);
                continue;
            };
            answers.sort_by_key(|(thread, _)| *thread);
            for (thread, answer) in answers {
                let Some(step) = actor.players[thread as usize].busy.take() else {
                    continue;
                };
                if matches!(step.action, Action::WriteRead(_)) {
                    for item in decode(&answer.bytes) {
                        coverage::reply(&self.case, item.code());
                    }
                }
                let text = actor.describe(&step, &answer, actor_of);
                if first == Some((*name, thread)) {
                    came_back = true;
                    line.push_str(&text);
                } else {
                    others.push(format!(".. {name}.{thread} => {text}"));
                }
            }
        }
        if first.is_some() {
            if !came_back {
                line.push_str(if self.signalled(first) { "sent" } else { "blocked" });
            }
            rt::println!("{line}");
        }
        for other in others {
            rt::println!("{other}");
        }
        for name in gone {
            rt::println!(".. {name} ended by itself");
            self.end(name);
        }
    }

    /// Whether the step was a signal, which has no answer of its own.
    fn signalled(&self, first: Option<(char, u8)>) -> bool {
        first.is_some_and(|(name, thread)| {
            self.actors
                .get(&name)
                .is_some_and(|actor| actor.players[thread as usize].busy.is_none())
        })
    }
}

/// The name of a process.
fn actor_of(pids: &[(i32, char)], pid: i32) -> Option<char> {
    pids.iter()
        .find(|(known, _)| *known == pid)
        .map(|(_, name)| *name)
}

impl Actor {
    fn start() -> Result<Self, Errno> {
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
    fn describe(
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
