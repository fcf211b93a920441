//! Epoll sets: files that are watched together.
//!
//! A set holds no file open. What is ready is found by looking at each file when somebody asks, so level and edge differ
//! only in memory: a watch for edges is told of a readiness once, and again when the file counts something new.

use super::{Facts, File, NAMELESS_DEVICE, OpenFile, Readiness, Seeking};
use crate::binder::{self, BinderFile};
use crate::sync::Mutex;
use crate::task::{Channel, Flow, Kernel};
use abi::Errno;
use abi::event::{EpollEvent, EpollFlags};
use abi::poll::PollEvents;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use binder_driver::ThreadId;

/// How deep sets may stand in sets.
const DEEPEST: usize = 5;

/// A set.
#[derive(Debug)]
pub(crate) struct Epoll {
    watches: Mutex<Vec<Watch>>,
    /// Woken when a watch is added or changed.
    changed: Channel,
}

/// A file in a set.
#[derive(Clone, Debug)]
struct Watch {
    descriptor: i32,
    file: Weak<OpenFile>,
    wanted: EpollEvent,
    /// What was told last, to a watch for edges.
    told: Option<(PollEvents, u64)>,
    /// A watch that tells once has told.
    spent: bool,
    /// The binder thread that took the file in, if it is a binder file.
    listener: Option<ThreadId>,
    /// That thread has left binder, and what was left to tell then is told.
    deaf: bool,
}

impl Watch {
    fn is_of(&self, descriptor: i32, file: &Arc<OpenFile>) -> bool {
        self.descriptor == descriptor && self.file.as_ptr() == Arc::as_ptr(file)
    }

    fn flags(&self) -> EpollFlags {
        EpollFlags::from_bits_truncate(self.wanted.events)
    }

    /// What there is to tell of the file now. When its binder thread has left, it is told of as long as there is something,
    /// and never again: as on Linux, where what wakes the set is the thread's.
    fn listen(
        &mut self,
        kernel: &mut Kernel,
        channels: &mut Vec<Channel>,
    ) -> Result<(PollEvents, Readiness), Errno> {
        if self.deaf {
            return Ok((PollEvents::empty(), Readiness::NOTHING));
        }
        let has_left = self
            .listener
            .is_some_and(|thread| kernel.driver.proc_of(thread).is_none());
        let readiness = look_weakly(kernel, &self.file, channels)?;
        let events = self.news(readiness);
        self.deaf = has_left && (events.is_empty() || self.flags().contains(EpollFlags::EDGE));
        Ok((events, readiness))
    }

    /// What there is to tell of a file that is ready for this.
    fn news(&self, readiness: Readiness) -> PollEvents {
        let wanted = PollEvents::from_bits_retain(self.wanted.events as u16) | PollEvents::ALWAYS;
        let events = readiness.events & wanted;
        let known = match readiness.changes {
            Some(changes) if self.flags().contains(EpollFlags::EDGE) => self.told == Some((events, changes)),
            _ => false,
        };
        if self.spent || known {
            PollEvents::empty()
        } else {
            events
        }
    }
}

impl Epoll {
    /// An empty set.
    pub(crate) fn new() -> Self {
        Self {
            watches: Mutex::new(Vec::new()),
            changed: Channel::new(),
        }
    }

    /// Takes a file in.
    ///
    /// # Errors
    ///
    /// EEXIST if it is watched under this descriptor, ELOOP if sets would stand in each other too deep, ENOMEM.
    pub(crate) fn add(
        &self,
        kernel: &mut Kernel,
        descriptor: i32,
        file: &Arc<OpenFile>,
        wanted: EpollEvent,
    ) -> Result<(), Errno> {
        if let Some(inner) = file.downcast::<Self>()
            && (inner.reaches(self, DEEPEST) || inner.depth(DEEPEST) >= DEEPEST)
        {
            return Err(Errno::ELOOP);
        }
        let listener = match file.downcast::<BinderFile>() {
            Some(file) => Some(binder::thread(kernel, file)?),
            None => None,
        };
        let mut watches = self.watches.lock();
        watches.retain(|watch| watch.file.strong_count() > 0);
        if watches.iter().any(|watch| watch.is_of(descriptor, file)) {
            return Err(Errno::EEXIST);
        }
        watches.try_reserve(1).map_err(|_| Errno::ENOMEM)?;
        watches.push(Watch {
            descriptor,
            file: Arc::downgrade(file),
            wanted,
            told: None,
            spent: false,
            listener,
            deaf: false,
        });
        drop(watches);
        kernel.wake(self.changed);
        Ok(())
    }

    /// Waits for other events of a file, and looks at it anew.
    ///
    /// # Errors
    ///
    /// ENOENT if it is not watched under this descriptor.
    pub(crate) fn modify(
        &self,
        kernel: &mut Kernel,
        descriptor: i32,
        file: &Arc<OpenFile>,
        wanted: EpollEvent,
    ) -> Result<(), Errno> {
        let mut watches = self.watches.lock();
        let mut watches_of_it = watches.iter_mut().filter(|watch| watch.is_of(descriptor, file));
        let watch = watches_of_it.next().ok_or(Errno::ENOENT)?;
        (watch.wanted, watch.told, watch.spent, watch.deaf) = (wanted, None, false, false);
        drop(watches);
        kernel.wake(self.changed);
        Ok(())
    }

    /// Takes a file out.
    ///
    /// # Errors
    ///
    /// ENOENT if it is not watched under this descriptor.
    pub(crate) fn remove(&self, descriptor: i32, file: &Arc<OpenFile>) -> Result<(), Errno> {
        let mut watches = self.watches.lock();
        let place = watches.iter().position(|watch| watch.is_of(descriptor, file));
        watches.remove(place.ok_or(Errno::ENOENT)?);
        Ok(())
    }

    /// Tells of up to `limit` files that are ready, and what to wait on for more.
    ///
    /// # Errors
    ///
    /// ENOMEM.
    pub(crate) fn take(
        &self,
        kernel: &mut Kernel,
        limit: usize,
        channels: &mut Vec<Channel>,
    ) -> Result<Vec<EpollEvent>, Errno> {
        channels.push(self.changed);
        let mut found = Vec::new();
        let mut watches = self.watches.lock();
        watches.retain(|watch| watch.file.strong_count() > 0);
        let mut told = Vec::new();
        for (place, watch) in watches.iter_mut().enumerate() {
            if found.len() == limit {
                break;
            }
            let (events, readiness) = watch.listen(kernel, channels)?;
            if events.is_empty() {
                continue;
            }
            watch.told = readiness.changes.map(|changes| (events, changes));
            watch.spent = watch.flags().contains(EpollFlags::ONE_SHOT);
            found.push(EpollEvent {
                events: u32::from(events.bits()),
                data: watch.wanted.data,
            });
            told.push(place);
        }
        // Those that were told of are looked at last the next time, so that each has its turn.
        for (moved, place) in told.into_iter().enumerate() {
            let watch = watches.remove(place - moved);
            watches.push(watch);
        }
        Ok(found)
    }

    /// Whether this set, or one in it, is that one.
    fn reaches(&self, other: &Self, depth: usize) -> bool {
        core::ptr::eq(self, other)
            || depth > 0 && self.any_inner(&mut |inner| inner.reaches(other, depth - 1))
    }

    /// How many sets stand in each other, this one included.
    fn depth(&self, limit: usize) -> usize {
        if limit == 0 {
            return 0;
        }
        let mut deepest = 0;
        self.any_inner(&mut |inner| {
            deepest = deepest.max(inner.depth(limit - 1));
            false
        });
        deepest + 1
    }

    fn any_inner(&self, accepts: &mut dyn FnMut(&Self) -> bool) -> bool {
        let files: Vec<_> = self
            .watches
            .lock()
            .iter()
            .map(|watch| watch.file.clone())
            .collect();
        files.iter().any(|file| {
            // The table of whoever asks holds the file open, or nothing does.
            file.upgrade()
                .is_some_and(|file| file.downcast::<Self>().is_some_and(&mut *accepts))
        })
    }
}

/// What a file is ready for, and all that is woken when that changes.
///
/// # Errors
///
/// ENOMEM.
pub(crate) fn look(
    kernel: &mut Kernel,
    open: &OpenFile,
    channels: &mut Vec<Channel>,
) -> Result<Readiness, Errno> {
    if let Some(set) = open.downcast::<Epoll>() {
        return set.look(kernel, channels);
    }
    let readiness = open.file().ready(kernel)?;
    channels.extend(readiness.channel);
    Ok(readiness)
}

fn look_weakly(
    kernel: &mut Kernel,
    file: &Weak<OpenFile>,
    channels: &mut Vec<Channel>,
) -> Result<Readiness, Errno> {
    let Some(open) = file.upgrade() else {
        return Ok(Readiness::NOTHING);
    };
    let readiness = look(kernel, &open, channels);
    kernel.release_file(open);
    readiness
}

impl Epoll {
    /// Whether any watch has something to tell; nothing is taken.
    fn look(&self, kernel: &mut Kernel, channels: &mut Vec<Channel>) -> Result<Readiness, Errno> {
        channels.push(self.changed);
        let mut watches = self.watches.lock();
        let mut events = PollEvents::empty();
        for watch in watches.iter_mut() {
            if !watch.listen(kernel, channels)?.0.is_empty() {
                events = PollEvents::READABLE;
            }
        }
        Ok(Readiness {
            events,
            ..Readiness::NOTHING
        })
    }
}

impl File for Epoll {
    fn ready(&self, kernel: &mut Kernel) -> Result<Readiness, Errno> {
        self.look(kernel, &mut Vec::new())
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn seeking(&self) -> Seeking {
        Seeking::Pointless
    }

    fn control(&self, _: &mut Kernel, _: &OpenFile, _: u32, _: u64) -> Result<u64, Flow> {
        Err(Errno::EINVAL.into())
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
