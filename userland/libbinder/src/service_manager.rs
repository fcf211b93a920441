//! Finding objects by name.
//!
//! The interface is Android's, with the numbering of Android 16 and 17. `get_service` has the same number since
//! Android 11, so finding a service works with the managers of all these.

use crate::binder::IBinder;
use crate::interface;
use crate::interface::Proxy;
use crate::process_state::ProcessState;
use crate::service::{ConnectionInfo, Service, ServiceDebugInfo};
use crate::status::{Result, StatusCode};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use rt::sync::{Condvar, Mutex, Once};

/// When a service is asked to print its state: bits that may be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DumpPriority(pub i32);

impl DumpPriority {
    /// At once, when something has gone wrong.
    pub const CRITICAL: Self = Self(1);
    /// Soon after.
    pub const HIGH: Self = Self(2);
    /// Whenever there is time.
    pub const NORMAL: Self = Self(4);
    /// Where nothing was said.
    pub const DEFAULT: Self = Self(8);
    /// Beside one of the others: the service ends when nobody uses it.
    pub const LAZY: Self = Self(1 << 30);
    /// All of them.
    pub const ALL: Self = Self(15);
}

interface! {
    /// Is told of services.
    pub trait IServiceCallback: "android.os.IServiceCallback" {
        proxy BpServiceCallback;
        native BnServiceCallback;

        /// A service was registered, or was there already.
        oneway fn on_registration(&self, name: &str, binder: &IBinder) = 1;
    }
}

interface! {
    /// Is told whether a service has clients.
    pub trait IClientCallback: "android.os.IClientCallback" {
        proxy BpClientCallback;
        native BnClientCallback;

        /// The service has clients now, or has none any more.
        oneway fn on_clients(&self, registered: &IBinder, has_clients: bool) = 1;
    }
}

interface! {
    /// Keeps the names of services.
    pub trait IServiceManager: "android.os.IServiceManager" {
        proxy BpServiceManager;
        native BnServiceManager;

        /// The service of a name, which may be started for it; null when there is none.
        fn get_service(&self, name: &str) -> Option<IBinder> = 1;
        /// What stands behind a name, which may be started for it.
        fn get_service2(&self, name: &str) -> Service = 2;
        /// The service of a name, if it is running.
        fn check_service(&self, name: &str) -> Option<IBinder> = 3;
        /// What stands behind a name, if it is running.
        fn check_service2(&self, name: &str) -> Service = 4;
        /// Gives a service a name. A name that is taken changes its owner.
        fn add_service(&self, name: &str, service: Option<&IBinder>, allow_isolated: bool, dump_priority: i32) = 5;
        /// The names of all services with one of these dump priorities.
        fn list_services(&self, dump_priority: i32) -> Vec<String> = 6;
        /// Tells `callback` whenever this name is registered, and at once if it is.
        fn register_for_notifications(&self, name: &str, callback: Option<&IBinder>) = 7;
        /// Withdraws that wish.
        fn unregister_for_notifications(&self, name: &str, callback: Option<&IBinder>) = 8;
        /// Whether the image declares a service of this name.
        fn is_declared(&self, name: &str) -> bool = 9;
        /// The instances of an interface that the image declares.
        fn get_declared_instances(&self, interface: &str) -> Vec<String> = 10;
        /// The package that may replace a service; none here.
        fn updatable_via_apex(&self, name: &str) -> Option<String> = 11;
        /// The names that a package may replace; none here.
        fn get_updatable_names(&self, package: &str) -> Vec<String> = 12;
        /// Where a declared service of another machine is reached.
        fn get_connection_info(&self, name: &str) -> Option<ConnectionInfo> = 13;
        /// Tells `callback` when the first client of a service comes and when the last one goes.
        fn register_client_callback(&self, name: &str, service: Option<&IBinder>, callback: Option<&IBinder>) = 14;
        /// Takes the name of a service away, unless it has clients.
        fn try_unregister_service(&self, name: &str, service: Option<&IBinder>) = 15;
        /// Where all services live.
        fn get_service_debug_info(&self) -> Vec<ServiceDebugInfo> = 16;
    }
}

/// Whoever waits for a service.
struct Waiter {
    found: Mutex<Option<IBinder>>,
    changed: Condvar,
}

struct Callback(Arc<Waiter>);

impl IServiceCallback for Callback {
    fn on_registration(&self, _name: &str, binder: &IBinder) -> Result<()> {
        *self.0.found.lock() = Some(binder.clone());
        self.0.changed.notify_all();
        Ok(())
    }
}

/// The service manager, as a program uses it.
#[derive(Clone, Debug)]
pub struct ServiceManager(BpServiceManager);

/// How long to sleep before looking again whether there is a service manager.
const PATIENCE_NS: u64 = 10_000_000;
/// How often to look.
const ATTEMPTS: u32 = 500;

/// The service manager of `/dev/binder`. Waits a few seconds for it to start.
///
/// # Errors
///
/// [`StatusCode::DeadObject`] when there is none.
pub fn service_manager() -> Result<ServiceManager> {
    static MANAGER: Once<ServiceManager> = Once::new();
    MANAGER.try_get_or_make(ServiceManager::find).cloned()
}

impl ServiceManager {
    fn find() -> Result<Self> {
        let process = ProcessState::open(crate::DEFAULT_DEVICE)?;
        for _ in 1..ATTEMPTS {
            match process.context_object() {
                Err(StatusCode::DeadObject) => rt::syscall::sleep_ns(PATIENCE_NS),
                found => return Ok(Self(BpServiceManager::from_binder(found?))),
            }
        }
        Ok(Self(BpServiceManager::from_binder(process.context_object()?)))
    }

    /// The interface itself, for what has no method here.
    pub const fn interface(&self) -> &BpServiceManager {
        &self.0
    }

    /// Gives an object of this process a name.
    ///
    /// # Errors
    ///
    /// The service manager's refusal.
    pub fn add(&self, name: &str, service: &IBinder) -> Result<()> {
        self.0
            .add_service(name, Some(service), false, DumpPriority::DEFAULT.0)
    }

    /// The service of a name; one that starts on demand is started.
    ///
    /// # Errors
    ///
    /// Why the service manager did not answer.
    pub fn get(&self, name: &str) -> Result<Option<IBinder>> {
        self.0.get_service(name)
    }

    /// The service of a name, if it is running.
    ///
    /// # Errors
    ///
    /// Why the service manager did not answer.
    pub fn check(&self, name: &str) -> Result<Option<IBinder>> {
        self.0.check_service(name)
    }

    /// The names of all services.
    ///
    /// # Errors
    ///
    /// Why the service manager did not answer.
    pub fn list(&self) -> Result<Vec<String>> {
        self.0.list_services(DumpPriority::ALL.0)
    }

    /// The service of a name; waits until it is registered. Starts the thread pool, which the notification comes by.
    ///
    /// # Errors
    ///
    /// The service manager's refusal.
    pub fn wait_for_service(&self, name: &str) -> Result<IBinder> {
        self.wait_at_most(name, None)
    }

    /// The service of a name; waits for at most `timeout_ns`.
    ///
    /// # Errors
    ///
    /// [`StatusCode::TimedOut`], or the service manager's refusal.
    pub fn wait_for_service_until(&self, name: &str, timeout_ns: u64) -> Result<IBinder> {
        self.wait_at_most(name, Some(timeout_ns))
    }

    fn wait_at_most(&self, name: &str, timeout_ns: Option<u64>) -> Result<IBinder> {
        if let Some(service) = self.get(name)? {
            return Ok(service);
        }
        ProcessState::open(crate::DEFAULT_DEVICE)?.start_thread_pool();
        let waiter = Arc::new(Waiter {
            found: Mutex::new(None),
            changed: Condvar::new(),
        });
        let callback = BnServiceCallback::new(Callback(Arc::clone(&waiter)));
        self.0.register_for_notifications(name, Some(&callback))?;
        let found = {
            let mut found = waiter.found.lock();
            match timeout_ns {
                None => waiter.changed.wait_while(&mut found, |found| found.is_none()),
                Some(timeout) => {
                    // Whether the time was up shows in what was found.
                    let _ = waiter
                        .changed
                        .wait_while_for(&mut found, timeout, |found| found.is_none());
                }
            }
            found.take()
        };
        self.0.unregister_for_notifications(name, Some(&callback))?;
        Ok(found.ok_or(StatusCode::TimedOut)?)
    }
}
