//! The AIDL protocol, in the numbering of Android 14 and 15.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use libbinder::{Exception, ExceptionKind, IBinder, IServiceManager, Result, ServiceDebugInfo, Status};
use servicemanager::Refusal;
use servicemanager::registry::Isolated;

use crate::manager::Manager;

/// The manager behind the interface.
pub(crate) struct Modern(pub(crate) Arc<Manager>);

/// A refusal as the exception of its name.
fn answer(result: core::result::Result<(), Refusal>) -> Result<()> {
    result.map_err(|refusal| {
        let kind = match refusal {
            Refusal::Security(_) => ExceptionKind::Security,
            Refusal::IllegalArgument(_) => ExceptionKind::IllegalArgument,
            Refusal::NullPointer(_) => ExceptionKind::NullPointer,
            Refusal::IllegalState(_) => ExceptionKind::IllegalState,
            Refusal::Unsupported(_) => ExceptionKind::UnsupportedOperation,
        };
        Status::Exception(Exception::new(kind, refusal.message()))
    })
}

impl IServiceManager for Modern {
    // Nothing is started on demand, so both mean the same.
    fn get_service(&self, name: &str) -> Result<Option<IBinder>> {
        Ok(self.0.hand_out(name))
    }

    fn check_service(&self, name: &str) -> Result<Option<IBinder>> {
        Ok(self.0.hand_out(name))
    }

    fn add_service(
        &self,
        name: &str,
        service: Option<&IBinder>,
        allow_isolated: bool,
        dump_priority: i32,
    ) -> Result<()> {
        let isolated = if allow_isolated {
            Isolated::Allowed
        } else {
            Isolated::Refused
        };
        answer(self.0.add(name, service.cloned(), isolated, dump_priority))
    }

    fn list_services(&self, dump_priority: i32) -> Result<Vec<String>> {
        Ok(self.0.registry.lock().list(dump_priority))
    }

    fn register_for_notifications(&self, name: &str, callback: Option<&IBinder>) -> Result<()> {
        answer(self.0.watch(name, callback.cloned()))
    }

    fn unregister_for_notifications(&self, name: &str, callback: Option<&IBinder>) -> Result<()> {
        answer(self.0.unwatch(name, callback))
    }

    // Services are declared in no manifest here, and come in no update packages.
    fn is_declared(&self, _name: &str) -> Result<bool> {
        Ok(false)
    }

    fn get_declared_instances(&self, _interface: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn updatable_via_apex(&self, _name: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn get_updatable_names(&self, _package: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn register_client_callback(
        &self,
        name: &str,
        service: Option<&IBinder>,
        callback: Option<&IBinder>,
    ) -> Result<()> {
        answer(self.0.follow_clients(name, service, callback.cloned()))
    }

    fn try_unregister_service(&self, name: &str, service: Option<&IBinder>) -> Result<()> {
        answer(self.0.unregister(name, service))
    }

    fn get_service_debug_info(&self) -> Result<Vec<ServiceDebugInfo>> {
        let processes = self.0.registry.lock().processes();
        Ok(processes
            .into_iter()
            .map(|(name, debug_pid)| ServiceDebugInfo { name, debug_pid })
            .collect())
    }
}
