//! Timers that are files: they count how often their time has come.

use super::{Facts, File, NAMELESS_DEVICE, OpenFile, Readiness, Seeking, UserMemory};
use crate::arch::time;
use crate::sync::Mutex;
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::poll::PollEvents;

/// The size of what is read.
const SIZE: usize = size_of::<u64>();

/// A timer.
#[derive(Debug)]
pub(crate) struct TimerFile {
    /// Whether its points in time are times of day.
    pub(crate) counts: Counts,
    state: Mutex<State>,
    /// Woken when its time comes, or when it is set.
    changed: Channel,
}

/// What a timer's points in time are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// The start of the machine.
    FromBoot,
    /// 1970.
    FromEpoch,
}

/// When a timer's time comes, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Schedule {
    /// The first time, since boot; `None` for a timer that is not set.
    pub(crate) first: Option<u64>,
    /// How long after that again and again; 0 for once.
    pub(crate) period: u64,
}

#[derive(Debug, Default)]
struct State {
    schedule: Schedule,
    /// How often it was set or read.
    changes: u64,
}

impl Schedule {
    /// How often the time has come.
    fn due(self, now: u64) -> u64 {
        match self.first {
            Some(first) if first <= now => 1 + (now - first).checked_div(self.period).unwrap_or(0),
            _ => 0,
        }
    }

    /// The schedule from behind what is due.
    fn after(self, due: u64) -> Self {
        let first = match self.first {
            Some(first) if due > 0 && self.period > 0 => Some(first.saturating_add(due * self.period)),
            Some(_) if due > 0 => None,
            first => first,
        };
        Self { first, ..self }
    }
}

impl TimerFile {
    /// A timer that is not set.
    pub(crate) fn new(counts: Counts) -> Self {
        Self {
            counts,
            state: Mutex::new(State::default()),
            changed: Channel::new(),
        }
    }

    /// What is left of its schedule: the time until it comes next, and the period.
    pub(crate) fn left(&self) -> (u64, u64) {
        let now = time::now();
        let schedule = self.state.lock().schedule;
        let next = schedule.after(schedule.due(now)).first;
        (next.map_or(0, |next| next.saturating_sub(now)), schedule.period)
    }

    /// Sets it anew.
    pub(crate) fn set(&self, kernel: &mut Kernel, schedule: Schedule) {
        let mut state = self.state.lock();
        state.schedule = schedule;
        state.changes += 1;
        drop(state);
        kernel.disarm(self.changed);
        kernel.wake(self.changed);
    }
}

impl File for TimerFile {
    fn read(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        if into.remaining() < SIZE {
            return Err(Errno::EINVAL.into());
        }
        let mut state = self.state.lock();
        let due = state.schedule.due(time::now());
        if due == 0 {
            if let Some(first) = state.schedule.first {
                kernel.arm(first, self.changed);
            }
            return Err(kernel.wait_on(self.changed));
        }
        into.fill(&due.to_ne_bytes())?;
        state.schedule = state.schedule.after(due);
        state.changes += 1;
        Ok(SIZE)
    }

    /// Whoever looks may wait: the channel is woken when the time comes the next time.
    fn ready(&self, kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let state = self.state.lock();
        let due = state.schedule.due(time::now());
        let next = match state.schedule.period {
            0 => state.schedule.first.filter(|_| due == 0),
            _ => state.schedule.after(due).first,
        };
        if let Some(next) = next {
            kernel.arm(next, self.changed);
        }
        let events = if due > 0 {
            PollEvents::IN
        } else {
            PollEvents::empty()
        };
        Ok(Readiness {
            events,
            channel: Some(self.changed),
            changes: Some(state.changes.wrapping_add(due << 32)),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn seeking(&self) -> Seeking {
        Seeking::Pointless
    }

    fn facts(&self) -> Facts {
        Facts {
            device: NAMELESS_DEVICE,
            mode: 0o600,
            links: 1,
            ..Facts::default()
        }
    }

    fn release(&self, kernel: &mut Kernel) {
        kernel.disarm(self.changed);
    }
}
