//! Calling, and answering.

use super::{IpcThreadState, Receive};
use crate::explain::{self, Station};
use crate::parcel::Parcel;
use crate::status::StatusCode;
use abi::binder::command::{BC_REPLY, BC_TRANSACTION};
use abi::binder::{TransactionData, TransactionFlags};
use rt::binder::{Incoming, Return};

/// Until what to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// The driver has taken the call or the answer.
    Accepted,
    /// The answer is here.
    Reply,
}

impl IpcThreadState {
    /// Calls the object of a handle and waits for its answer; for a one-way call, until the driver has taken it.
    ///
    /// # Errors
    ///
    /// Why there is no answer, or the status that came instead of one.
    pub fn transact(
        &self,
        handle: u32,
        code: u32,
        data: &Parcel,
        flags: TransactionFlags,
    ) -> Result<Parcel, StatusCode> {
        let flags = flags | TransactionFlags::ACCEPT_FDS;
        explain::at(|| Station::Parcel(data));
        self.write_transaction_data(BC_TRANSACTION, u64::from(handle), code, data, flags);
        if flags.contains(TransactionFlags::ONE_WAY) {
            self.wait_for_response(Until::Accepted)
        } else {
            self.wait_for_response(Until::Reply)
        }
    }

    /// Answers the call that the thread is serving.
    pub(super) fn send_reply(&self, reply: &Parcel, flags: TransactionFlags) -> Result<(), StatusCode> {
        explain::at(|| Station::Parcel(reply));
        self.write_transaction_data(BC_REPLY, 0, 0, reply, flags);
        self.wait_for_response(Until::Accepted).map(drop)
    }

    /// Answers the call that the thread is serving with a bare status.
    pub(super) fn send_status(&self, status: StatusCode, flags: TransactionFlags) -> Result<(), StatusCode> {
        let mut reply = Parcel::new();
        reply.write(&status.code())?;
        self.send_reply(&reply, flags | TransactionFlags::STATUS_CODE)
    }

    /// Describes a parcel to the driver. It goes out with the next ioctl, so the parcel must live until then.
    fn write_transaction_data(
        &self,
        command: u32,
        target: u64,
        code: u32,
        data: &Parcel,
        flags: TransactionFlags,
    ) {
        let (bytes, objects) = (data.data(), data.objects());
        let transaction = TransactionData {
            target,
            code,
            flags: flags.bits(),
            data_size: bytes.len() as u64,
            offsets_size: size_of_val(objects) as u64,
            buffer: bytes.as_ptr() as u64,
            offsets: objects.as_ptr() as u64,
            ..TransactionData::default()
        };
        explain::at(|| Station::TransactionData(command, &transaction));
        self.out.borrow_mut().transaction(command, &transaction);
    }

    /// Talks with the driver until what the thread waits for is there.
    fn wait_for_response(&self, until: Until) -> Result<Parcel, StatusCode> {
        loop {
            self.talk_with_driver(Receive::Yes)?;
            let Some(value) = self.next_return() else {
                continue;
            };
            match value {
                Return::TransactionComplete
                | Return::OnewaySpamSuspect
                | Return::TransactionPendingFrozen => {
                    if until == Until::Accepted {
                        return Ok(Parcel::new());
                    }
                }
                Return::DeadReply => return Err(StatusCode::DeadObject),
                Return::FailedReply | Return::FrozenReply => return Err(StatusCode::FailedTransaction),
                Return::Reply(incoming) => {
                    let answer = self.take_reply(incoming);
                    if until == Until::Reply {
                        return answer;
                    }
                }
                other => self.execute_command(other)?,
            }
        }
    }

    /// Makes a parcel of an answer, or the status that it carries.
    fn take_reply(&self, incoming: Incoming) -> Result<Parcel, StatusCode> {
        let flags = incoming.data.transaction_flags();
        let delivered = incoming.delivered.ok_or(StatusCode::FailedTransaction)?;
        let reply = Parcel::received(self.process, delivered);
        explain::at(|| Station::Parcel(&reply));
        if !flags.contains(TransactionFlags::STATUS_CODE) {
            return Ok(reply);
        }
        match reply.read::<i32>()? {
            0 => Ok(Parcel::new()),
            code => Err(StatusCode::from_code(code)),
        }
    }
}
