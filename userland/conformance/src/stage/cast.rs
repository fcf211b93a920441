//! The actors of a running script: who is there, who does what, and what came of it.

use super::actor::Actor;
use super::request::operation;
use super::returns::decode;
use crate::coverage;
use crate::operation::Request;
use crate::script::{Action, Step};
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

/// How long the stage waits for everything to come to rest. Linux releases closed files later than
/// the call that closed them; this covers it.
const SETTLE_NS: u64 = 40_000_000;
/// The same after a process has died.
const SETTLE_AFTER_DEATH_NS: u64 = 200_000_000;

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

    /// Prints a file of `/sys/kernel/debug/binder` without what differs from run to run. An actor's own file is called
    /// `proc/` and its letter.
    pub(crate) fn debug(&mut self, file: &str) {
        rt::println!("debug {file} =>");
        let pids = self.pids();
        let owner = file
            .strip_prefix("proc/")
            .and_then(|letter| letter.chars().next());
        let path = match owner.and_then(|owner| pids.iter().find(|(_, name)| *name == owner)) {
            Some((pid, _)) => format!("/sys/kernel/debug/binder/proc/{pid}"),
            None => format!("/sys/kernel/debug/binder/{file}"),
        };
        // A look can let threads go on. What is shown is what is there when they have.
        let _ = crate::read(&path);
        rt::syscall::sleep_ns(SETTLE_NS);
        self.report(None, String::new());
        match crate::read(&path) {
            Ok(text) if file.ends_with("transaction_log") => {
                super::debug::print_log(&text, |pid| actor_of(&pids, pid));
            }
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

    /// Whether another thread of the process waits for whatever comes.
    pub(crate) fn has_waiting_beside(&self, actor: char, thread: u8) -> bool {
        self.actors.get(&actor).is_some_and(|actor| {
            let others = (0_u8..).zip(&actor.players).filter(|(other, _)| *other != thread);
            others
                .filter_map(|(_, player)| player.busy.as_ref())
                .any(Step::waits_for_anything)
        })
    }

    /// How many threads of a process are inside a call.
    pub(crate) fn busy_threads(&self, actor: char) -> usize {
        let players = self.actors.get(&actor).map(|actor| &actor.players);
        let busy = players
            .into_iter()
            .flatten()
            .filter(|player| player.busy.is_some());
        busy.count()
    }

    /// Whether a thread waits for a process to be frozen.
    pub(crate) fn has_waiting_freeze(&self) -> bool {
        let mut players = self.actors.values().flat_map(|actor| &actor.players);
        players.any(|player| player.busy.as_ref().is_some_and(Step::is_freeze))
    }

    /// The command and the cookie that acknowledge the oldest notification a thread has read, once.
    pub(crate) fn take_notice(&mut self, actor: char, thread: u8) -> Option<(&'static str, u64)> {
        let notices = &mut self.actors.get_mut(&actor)?.players[thread as usize].notices;
        (!notices.is_empty()).then(|| notices.remove(0))
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
