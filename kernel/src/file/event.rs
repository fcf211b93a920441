//! Event counters: a number that writers add to and readers take.

use super::{Facts, File, NAMELESS_DEVICE, OpenFile, Readiness, Seeking, UserMemory};
use crate::sync::Mutex;
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::poll::PollEvents;

/// The size of what is read and written.
const SIZE: usize = size_of::<u64>();
/// The most that the counter holds.
const MOST: u64 = u64::MAX - 1;

/// What a read takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Share {
    /// All there is.
    All,
    /// One.
    One,
}

/// A counter.
#[derive(Debug)]
pub(crate) struct EventCounter {
    share: Share,
    state: Mutex<State>,
    changed: Channel,
}

#[derive(Debug)]
struct State {
    count: u64,
    /// How often it was read or written.
    changes: u64,
}

impl EventCounter {
    /// A counter that starts with this.
    pub(crate) fn new(count: u64, share: Share) -> Self {
        Self {
            share,
            state: Mutex::new(State { count, changes: 0 }),
            changed: Channel::new(),
        }
    }
}

impl File for EventCounter {
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
        let taken = match self.share {
            Share::All => state.count,
            Share::One => state.count.min(1),
        };
        if taken == 0 {
            return Err(kernel.wait_on(self.changed));
        }
        into.fill(&taken.to_ne_bytes())?;
        state.count -= taken;
        state.changes += 1;
        drop(state);
        kernel.wake(self.changed);
        Ok(SIZE)
    }

    fn write(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        if from.remaining() < SIZE {
            return Err(Errno::EINVAL.into());
        }
        let mut bytes = [0; SIZE];
        from.take(&mut bytes)?;
        let added = u64::from_ne_bytes(bytes);
        if added > MOST {
            return Err(Errno::EINVAL.into());
        }
        let mut state = self.state.lock();
        if MOST - state.count < added {
            return Err(kernel.wait_on(self.changed));
        }
        state.count += added;
        state.changes += 1;
        drop(state);
        kernel.wake(self.changed);
        Ok(SIZE)
    }

    fn ready(&self, _kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let state = self.state.lock();
        let mut events = PollEvents::empty();
        if state.count > 0 {
            events |= PollEvents::IN;
        }
        if state.count < MOST {
            events |= PollEvents::OUT;
        }
        Ok(Readiness {
            events,
            channel: Some(self.changed),
            changes: Some(state.changes),
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
}
