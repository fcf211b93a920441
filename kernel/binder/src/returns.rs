//! Returns: the `BR_` stream of one read, and how each kind of work becomes a part of it.
//!
//! Each return is written as a whole. A transaction is only handed over once all before it, and it itself, is
//! in the reader's memory: if that memory does not allow it, the transaction fails and its sender is told.

use crate::death::DeathState;
use crate::driver::Driver;
use crate::errors::ErrorKind;
use crate::freeze_notification::Notice;
use crate::machine::{Fault, Machine, Trace, UserAddress};
use crate::node::Told;
use crate::read::Next;
use crate::table::{DeathId, FreezeId, NodeId, ProcId, ThreadId};
use crate::trace::Event;
use crate::work::{Completion, Queue};
use abi::binder::reply::{
    BR_ACQUIRE, BR_CLEAR_DEATH_NOTIFICATION_DONE, BR_CLEAR_FREEZE_NOTIFICATION_DONE, BR_DEAD_BINDER,
    BR_DECREFS, BR_FROZEN_BINDER, BR_INCREFS, BR_ONEWAY_SPAM_SUSPECT, BR_RELEASE, BR_TRANSACTION_COMPLETE,
    BR_TRANSACTION_PENDING_FROZEN, FrozenStateInfo,
};
use zerocopy::IntoBytes;

/// So many bytes are gathered: a completion and the largest transaction fit.
const GATHERED: usize = 96;

/// The stream of one read.
pub(crate) struct Returns {
    /// Where in the caller's memory the next gathered bytes go.
    to: UserAddress,
    /// How far the read buffer is filled, gathered bytes included.
    position: u64,
    gathered: [u8; GATHERED],
    used: usize,
}

impl Returns {
    /// A stream into a buffer that is filled up to a position.
    #[inline]
    pub(crate) fn new(buffer: UserAddress, position: u64) -> Self {
        Self {
            to: buffer.wrapping_add(position),
            position,
            gathered: [0; GATHERED],
            used: 0,
        }
    }

    /// How far the read buffer is filled.
    #[inline]
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Adds bytes.
    #[inline]
    pub(crate) fn put(&mut self, bytes: &[u8], machine: &mut dyn Machine) -> Result<(), Fault> {
        if self.used.saturating_add(bytes.len()) > GATHERED {
            self.flush(machine)?;
        }
        let end = self.used.saturating_add(bytes.len());
        self.gathered
            .get_mut(self.used..end)
            .ok_or(Fault)?
            .copy_from_slice(bytes);
        self.used = end;
        self.position = self.position.wrapping_add(bytes.len() as u64);
        Ok(())
    }

    /// Writes what is gathered into the caller's memory.
    #[inline]
    pub(crate) fn flush(&mut self, machine: &mut dyn Machine) -> Result<(), Fault> {
        if self.used == 0 {
            return Ok(());
        }
        let bytes = self.gathered.get(..self.used).ok_or(Fault)?;
        machine.write_user(self.to, bytes)?;
        self.to = self.to.wrapping_add(self.used as u64);
        self.used = 0;
        Ok(())
    }
}

impl Driver {
    /// Counts a return of a thread.
    #[inline]
    pub(crate) fn count_return(
        &mut self,
        caller: ThreadId,
        code: u32,
        machine: &mut (impl Machine + ?Sized),
    ) {
        let thread = &self.threads[caller];
        self.procs[thread.proc].stats.returned(code);
        let task = thread.task;
        machine.trace(|| Event::Return { task, code });
    }

    /// Adds a return. It is in the caller's memory before anything else is taken: what that memory does not allow is
    /// lost alone, as on Linux.
    #[inline]
    pub(crate) fn put_return(
        &mut self,
        caller: ThreadId,
        code: u32,
        payload: &[u8],
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<(), Fault> {
        returns.put(&code.to_le_bytes(), machine)?;
        returns.put(payload, machine)?;
        returns.flush(machine)?;
        self.count_return(caller, code, machine);
        Ok(())
    }

    /// The thread's own call or reply was accepted.
    #[inline]
    pub(crate) fn return_acceptance(
        &mut self,
        caller: ThreadId,
        completion: Completion,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        self.stats.objects.completions.gone();
        let code = match completion {
            Completion::PendingFrozen => BR_TRANSACTION_PENDING_FROZEN,
            Completion::SpamSuspect if self.procs[self.threads[caller].proc].spam_detection => {
                BR_ONEWAY_SPAM_SUSPECT
            }
            Completion::SpamSuspect | Completion::Usual => BR_TRANSACTION_COMPLETE,
        };
        self.put_return(caller, code, &[], returns, machine)?;
        Ok(Next::GoOn)
    }

    /// The thread's own command failed, or its call ended without a reply. Once it has been told of a command, it may give
    /// commands again.
    pub(crate) fn return_error(
        &mut self,
        caller: ThreadId,
        kind: ErrorKind,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        if let Some(code) = self.threads[caller].errors.code(kind) {
            self.put_return(caller, code, &[], returns, machine)?;
            self.threads[caller].errors.told(kind);
        }
        Ok(Next::GoOn)
    }

    /// Tells a node's owner of the references that have come or gone since it was told last. If nothing refers to the
    /// node any more, it ends.
    pub(crate) fn return_node(
        &mut self,
        caller: ThreadId,
        id: NodeId,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        let node = &mut self.nodes[id];
        let (name, number) = (node.name, node.id);
        let (strong, weak) = (node.is_strong(), node.is_referred_to());
        let (told_strong, told_weak) = (node.told_strong, node.told_weak);
        let mut codes = [None; 4];
        let [increfs, acquire, release, decrefs] = &mut codes;
        if weak && told_weak == Told::NoRef {
            node.told_weak = Told::WaitingAck;
            node.local_weak.up();
            *increfs = Some(BR_INCREFS);
        }
        if strong && told_strong == Told::NoRef {
            node.told_strong = Told::WaitingAck;
            node.local_strong.up();
            *acquire = Some(BR_ACQUIRE);
        }
        if !strong && told_strong != Told::NoRef {
            node.told_strong = Told::NoRef;
            *release = Some(BR_RELEASE);
        }
        if !weak && told_weak != Told::NoRef {
            node.told_weak = Told::NoRef;
            *decrefs = Some(BR_DECREFS);
        }
        if weak {
            self.note_lingering(id);
        } else {
            self.forget_node(id);
        }
        let mut told = false;
        for code in codes.into_iter().flatten() {
            told = true;
            self.put_return(caller, code, name.as_bytes(), returns, machine)?;
        }
        if told {
            let pid = self.procs[self.threads[caller].proc].pid;
            machine.trace(|| Event::Node {
                pid,
                node: number,
                strong,
                weak,
            });
        }
        Ok(Next::GoOn)
    }

    /// A death notification, or the confirmation that one was withdrawn.
    pub(crate) fn return_death(
        &mut self,
        caller: ThreadId,
        proc: ProcId,
        id: DeathId,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        let death = &self.deaths[id];
        let (cookie, state) = (death.cookie, death.state);
        if state == DeathState::Cleared {
            self.forget_death(id);
            let code = BR_CLEAR_DEATH_NOTIFICATION_DONE;
            self.put_return(caller, code, cookie.as_bytes(), returns, machine)?;
            return Ok(Next::GoOn);
        }
        let work = death.work;
        self.enqueue(Queue::DeliveredDeaths(proc), work);
        self.put_return(caller, BR_DEAD_BINDER, cookie.as_bytes(), returns, machine)?;
        let pid = self.procs[proc].pid;
        machine.trace(|| Event::Death { pid, cookie });
        Ok(Next::Stop)
    }

    /// A freeze notification, or the confirmation that they were withdrawn.
    pub(crate) fn return_freeze(
        &mut self,
        caller: ThreadId,
        proc: ProcId,
        id: FreezeId,
        returns: &mut Returns,
        machine: &mut dyn Machine,
    ) -> Result<Next, Fault> {
        let freeze = &self.freezes[id];
        let (cookie, frozen, work) = (freeze.cookie, freeze.frozen, freeze.work);
        if freeze.notice == Notice::Cleared {
            self.forget_freeze(id);
            let code = BR_CLEAR_FREEZE_NOTIFICATION_DONE;
            self.put_return(caller, code, cookie.as_bytes(), returns, machine)?;
            return Ok(Next::GoOn);
        }
        self.enqueue(Queue::DeliveredFreezes(proc), work);
        let info = FrozenStateInfo {
            cookie,
            is_frozen: u32::from(frozen),
            reserved: 0,
        };
        self.put_return(caller, BR_FROZEN_BINDER, info.as_bytes(), returns, machine)?;
        Ok(Next::Stop)
    }
}
