//! Acting on what the driver says.

use super::{Caller, IpcThreadState, PoolMember, Receive};
use crate::explain::{self, Station};
use crate::objects;
use crate::parcel::Parcel;
use crate::status::StatusCode;
use abi::binder::TransactionFlags;
use abi::binder::command::{
    BC_ACQUIRE_DONE, BC_DEAD_BINDER_DONE, BC_FREEZE_NOTIFICATION_DONE, BC_INCREFS_DONE,
};
use rt::binder::{Incoming, Return};

impl IpcThreadState {
    /// Waits for one thing to do, and does it.
    pub(super) fn get_and_execute_command(&self) -> Result<(), StatusCode> {
        self.talk_with_driver(Receive::Yes)?;
        match self.next_return() {
            Some(value) => self.execute_command(value),
            None => Ok(()),
        }
    }

    /// Does what a return asks for.
    pub(super) fn execute_command(&self, value: Return) -> Result<(), StatusCode> {
        match value {
            Return::Error(code) => return Err(StatusCode::from_code(code)),
            Return::IncRefs(node) => self.out.borrow_mut().node(BC_INCREFS_DONE, &node),
            Return::Acquire(node) => {
                objects::acquire(node.ptr);
                self.out.borrow_mut().node(BC_ACQUIRE_DONE, &node);
            }
            Return::Release(node) => {
                let object = objects::release(node.ptr);
                self.released.borrow_mut().extend(object);
            }
            Return::Transaction(incoming) => return self.serve(incoming),
            Return::DeadBinder(cookie) => {
                if let Some(proxy) = self.process.watched(cookie) {
                    proxy.send_obituary(cookie);
                }
                self.out.borrow_mut().cookie(BC_DEAD_BINDER_DONE, cookie);
            }
            Return::SpawnLooper => self.process.spawn_pooled_thread(PoolMember::Spawned),
            Return::FrozenBinder(state) => {
                self.out
                    .borrow_mut()
                    .cookie(BC_FREEZE_NOTIFICATION_DONE, state.cookie);
            }
            // An answer that nobody waits for goes back unread, as its message is dropped as a parcel.
            Return::Reply(incoming) => {
                drop(
                    incoming
                        .delivered
                        .map(|delivered| Parcel::received(self.process, delivered)),
                );
            }
            Return::Noop
            | Return::DecRefs(_)
            | Return::TransactionComplete
            | Return::OnewaySpamSuspect
            | Return::TransactionPendingFrozen
            | Return::DeadReply
            | Return::FailedReply
            | Return::FrozenReply
            | Return::ClearDeathNotificationDone(_)
            | Return::ClearFreezeNotificationDone(_) => {}
            Return::Unknown(_) => return Err(StatusCode::UnknownError),
        }
        Ok(())
    }

    /// Serves a call, and answers it if the caller waits.
    fn serve(&self, incoming: Incoming) -> Result<(), StatusCode> {
        let transaction = incoming.data;
        let flags = transaction.transaction_flags();
        let delivered = incoming.delivered.ok_or(StatusCode::FailedTransaction)?;
        let data = Parcel::received(self.process, delivered);
        explain::at(|| Station::Parcel(&data));
        let mut reply = Parcel::new();
        let caller = Caller {
            pid: transaction.sender_pid,
            euid: transaction.sender_euid,
        };
        let before = self.caller.replace(Some(caller));
        let object = if transaction.target == 0 {
            self.process.own_context_object()
        } else {
            objects::find(transaction.target)
        };
        let result = match object {
            Some(object) => object.transact(transaction.code, &data, &mut reply),
            None => Err(StatusCode::UnknownTransaction),
        };
        self.caller.set(before);
        // The request's buffer goes back in the same ioctl as the answer, so that the caller's next call finds room.
        drop(data);
        if flags.contains(TransactionFlags::ONE_WAY) {
            return Ok(());
        }
        let flags = flags & TransactionFlags::CLEAR_BUF;
        match result {
            Ok(()) => self.send_reply(&reply, flags),
            Err(status) => self.send_status(status, flags),
        }
        // A caller that could not be answered has been told so by the driver; the thread goes on serving others.
        .or_else(|status| match status {
            StatusCode::DeadObject | StatusCode::FailedTransaction => Ok(()),
            other => Err(other),
        })
    }
}
