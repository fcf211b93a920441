//! A caller whom answers do not reach: its region is full.

use abi::binder::TransactionData;
use abi::binder::command::BC_TRANSACTION;
use abi::kernel_objects::{PING_TRANSACTION, process_manager, root};
use libbinder::Parcel;
use rt::binder::{Commands, Device, Return, Returns};

use crate::failure::{Failure, ensure};

/// The handle that the connection was given: it has no other.
const MANAGER: u32 = 1;
/// The handle of the root object.
const ROOT: u32 = 0;
/// The region's length: one page.
const LENGTH: usize = 4096;

/// A connection to the kernel's objects that never gives room back.
pub(crate) struct Unreached {
    device: &'static Device,
    returns: Returns,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Answered,
    Failed,
}

impl Unreached {
    /// Opens the connection, asks for the process manager, and fills the region.
    pub(crate) fn new() -> Result<Self, Failure> {
        let mut own = Self {
            device: Device::open(libbinder::KERNEL_DEVICE, LENGTH)?,
            returns: Returns::new(),
        };
        let mut data = Parcel::request(root::DESCRIPTOR);
        data.write(process_manager::NAME)?;
        let answered = own.call(ROOT, root::GET, &data)?;
        ensure!(answered == Outcome::Answered, "there is no room at all");
        let list = Parcel::request(process_manager::DESCRIPTOR);
        while own.call(MANAGER, process_manager::LIST, &list)? == Outcome::Answered {}
        while own.call(ROOT, PING_TRANSACTION, &Parcel::new())? == Outcome::Answered {}
        Ok(own)
    }

    /// Lets the process manager start a program, by either way. The answer has to fail.
    pub(crate) fn spawn(&mut self, code: u32, program: &Parcel) -> Result<(), Failure> {
        let outcome = self.call(MANAGER, code, program)?;
        ensure!(outcome == Outcome::Failed, "the answer came");
        Ok(())
    }

    fn call(&mut self, handle: u32, code: u32, data: &Parcel) -> Result<Outcome, Failure> {
        let mut commands = Commands::new();
        let transaction = TransactionData {
            target: handle.into(),
            code,
            data_size: data.data().len() as u64,
            buffer: data.data().as_ptr() as u64,
            ..TransactionData::default()
        };
        commands.transaction(BC_TRANSACTION, &transaction);
        loop {
            self.device
                .exchange(&mut commands, Some(&mut self.returns))
                .result?;
            while let Some((_, value)) = self.returns.next_return() {
                match value {
                    // The message stays where it is.
                    Return::Reply(_) => return Ok(Outcome::Answered),
                    Return::FailedReply | Return::DeadReply => return Ok(Outcome::Failed),
                    _ => {}
                }
            }
        }
    }
}
