//! The object that callers reach.

use core::fmt::Write;

use activity::records::{Records, Refusal};
use activity::{ComponentName, IActivityManager, Intent};
use alloc::string::String;
use libbinder::{ExceptionKind, FileDescriptor, IpcThreadState, ProcessState, Result, Status, StatusCode};
use rt::io::Standard;
use rt::sync::Mutex;

/// The business end of a call: what is behind parcels and transactions.
#[derive(Default)]
pub(crate) struct ActivityManagerService {
    records: Mutex<Records>,
}

impl IActivityManager for ActivityManagerService {
    fn start_service(&self, intent: &Intent) -> Result<ComponentName> {
        let caller = IpcThreadState::of(ProcessState::get()).calling_pid();
        let started = self.records.lock().start(intent, caller);
        started.map_err(|refusal| {
            let kind = match refusal {
                Refusal::NotExplicit | Refusal::TooLong => ExceptionKind::IllegalArgument,
            };
            Status::exception(kind, refusal.message())
        })
    }

    fn stop_service(&self, component: &ComponentName) -> Result<bool> {
        Ok(self.records.lock().stop(component))
    }

    fn dump(&self, file: &FileDescriptor, _arguments: &[String]) -> core::result::Result<(), StatusCode> {
        let text = self.records.lock().dump();
        Standard::to(file.number())
            .write_str(&text)
            .map_err(|_| StatusCode::UnknownError)
    }
}
