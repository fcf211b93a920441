//! The AIDL protocol, in the numbering of Android 16 and 17.
//!
//! The requests of Android 11 to 15 have the same token but other numbers, so they cannot be told from these; only the
//! first, `getService`, means the same in all.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use libbinder::{
    ConnectionInfo, Exception, ExceptionKind, IBinder, IServiceManager, Result, Service, ServiceDebugInfo,
    ServiceWithMetadata, Status,
};
use servicemanager::Refusal;
use servicemanager::policy::Deed;
use servicemanager::registry::Isolated;

use crate::manager::Manager;

/// The manager behind the interface.
pub(crate) struct Modern(pub(crate) Arc<Manager>);

/// A refusal as the exception of its name.
fn answer<T>(result: core::result::Result<T, Refusal>) -> Result<T> {
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

impl Modern {
    /// What stands behind a name: always a service of this machine, or none.
    fn described(&self, name: &str, service: Option<IBinder>) -> Service {
        Service::Local(ServiceWithMetadata {
            is_lazy_service: service.is_some() && self.0.registry.lock().is_lazy(name),
            service,
        })
    }
}

impl IServiceManager for Modern {
    fn get_service(&self, name: &str) -> Result<Option<IBinder>> {
        Ok(self.0.hand_out_or_start(name))
    }

    fn get_service2(&self, name: &str) -> Result<Service> {
        Ok(self.described(name, self.0.hand_out_or_start(name)))
    }

    fn check_service(&self, name: &str) -> Result<Option<IBinder>> {
        Ok(self.0.hand_out(name))
    }

    fn check_service2(&self, name: &str) -> Result<Service> {
        Ok(self.described(name, self.0.hand_out(name)))
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
        answer(self.0.list(dump_priority))
    }

    fn register_for_notifications(&self, name: &str, callback: Option<&IBinder>) -> Result<()> {
        answer(self.0.watch(name, callback.cloned()))
    }

    fn unregister_for_notifications(&self, name: &str, callback: Option<&IBinder>) -> Result<()> {
        answer(self.0.unwatch(name, callback))
    }

    fn is_declared(&self, name: &str) -> Result<bool> {
        answer(self.0.demand(Deed::Find, name))?;
        Ok(self.0.configuration.declaration(name).is_some())
    }

    fn get_declared_instances(&self, interface: &str) -> Result<Vec<String>> {
        let all = self.0.configuration.instances(interface);
        let may_find = |instance: &String| {
            let name = [interface, instance].join("/");
            self.0.demand(Deed::Find, &name).is_ok()
        };
        Ok(all.into_iter().filter(may_find).collect())
    }

    // Services come in no update packages, and from no other machine.
    fn updatable_via_apex(&self, _name: &str) -> Result<Option<String>> {
        Ok(None)
    }

    fn get_updatable_names(&self, _package: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn get_connection_info(&self, name: &str) -> Result<Option<ConnectionInfo>> {
        answer(self.0.demand(Deed::Find, name))?;
        Ok(None)
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
        answer(self.0.demand(Deed::List, ""))?;
        let processes = self.0.registry.lock().processes();
        Ok(processes
            .into_iter()
            .map(|(name, debug_pid)| ServiceDebugInfo { name, debug_pid })
            .collect())
    }
}
