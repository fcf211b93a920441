//! The context manager's object: the registry, and what the driver has to be asked for it.

use alloc::string::{String, ToString};
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use abi::binder::ioctl::NodeInfoForRef;
use core::fmt::Write;
use libbinder::{
    BBinder, BnServiceManager, DeathRecipient, FileDescriptor, IBinder, IpcThreadState, Parcel, ProcessState,
    StatusCode, Transactable, WeakBinder,
};
use rt::io::Standard;
use rt::sync::Mutex;
use servicemanager::policy::Deed;
use servicemanager::registry::{Isolated, Occasion};
use servicemanager::{Caller, Configuration, Refusal, Registry};

use crate::modern::Modern;
use crate::security::{self, Contexts};
use crate::starter::Starter;
use crate::{legacy, notices};

/// The interface that both protocols name.
const DESCRIPTOR: &str = "android.os.IServiceManager";
/// The name under which the context manager lists itself.
const OWN_NAME: &str = "manager";
/// The dump priority of services that ask for none.
pub(crate) const DUMP_DEFAULT: i32 = 1 << 3;

/// The registry with its connection.
pub(crate) struct Manager {
    process: &'static ProcessState,
    pub(crate) configuration: Configuration,
    pub(crate) registry: Mutex<Registry<IBinder>>,
    /// The security context of the caller being served, as the driver delivered it.
    pub(crate) context: Mutex<Option<String>>,
    starter: Mutex<Starter>,
    /// What is told of deaths: this manager.
    recipient: Arc<dyn DeathRecipient>,
}

/// What the driver delivers calls to.
struct Object {
    manager: Arc<Manager>,
    modern: BnServiceManager<Modern>,
}

/// What the driver delivers deaths to.
struct Deaths(Weak<Manager>);

impl Manager {
    /// Makes this process the context manager of the device.
    pub(crate) fn start(
        process: &'static ProcessState,
        configuration: Configuration,
    ) -> Result<Arc<Self>, StatusCode> {
        let manager = Arc::new_cyclic(|this: &Weak<Self>| Self {
            process,
            configuration,
            context: Mutex::new(None),
            starter: Mutex::new(Starter::default()),
            registry: Mutex::new(Registry::default()),
            recipient: Arc::new(Deaths(this.clone())),
        });
        let modern = BnServiceManager(Modern(Arc::clone(&manager)));
        let object = Object {
            manager: Arc::clone(&manager),
            modern,
        };
        let object = match security::contexts() {
            Contexts::Known => BBinder::with_security_context(object),
            Contexts::Unknown => BBinder::new(object),
        };
        process.become_context_manager(&object)?;
        let own = Caller {
            pid: rt::syscall::getpid(),
            uid: rt::syscall::effective_user(),
        };
        notices::send(
            manager
                .registry
                .lock()
                .add(own, OWN_NAME, object, Isolated::Refused, DUMP_DEFAULT),
        );
        Ok(manager)
    }

    /// Who makes the call being served.
    pub(crate) fn caller(&self) -> Caller {
        let thread = IpcThreadState::of(self.process);
        Caller {
            pid: thread.calling_pid(),
            uid: thread.calling_uid(),
        }
    }

    /// Registers a service.
    pub(crate) fn add(
        &self,
        name: &str,
        object: Option<IBinder>,
        isolated: Isolated,
        dump_priority: i32,
    ) -> Result<(), Refusal> {
        let caller = self.caller();
        self.demand(Deed::Add, name)?;
        let mut registry = self.registry.lock();
        registry.may_add(caller, name, object.as_ref())?;
        let object = object.ok_or(Refusal::IllegalArgument("Null binder."))?;
        let replaced = registry.find(caller, name).cloned();
        self.follow_death(&registry, &object)?;
        let owed = registry.add(caller, name, object, isolated, dump_priority);
        if let Some(replaced) = replaced {
            self.forget_death(&registry, &replaced);
        }
        drop(registry);
        notices::send(owed);
        Ok(())
    }

    /// The service of a name, for the caller to keep. To one who may not find it, it is not there.
    pub(crate) fn hand_out(&self, name: &str) -> Option<IBinder> {
        self.demand(Deed::Find, name).ok()?;
        let object = self.registry.lock().hand_out(self.caller(), name)?;
        self.count(name, &object, Occasion::Request);
        Some(object)
    }

    /// The same; where there is none, the program that is declared for the name is started.
    pub(crate) fn hand_out_or_start(&self, name: &str) -> Option<IBinder> {
        let found = self.hand_out(name);
        if found.is_none()
            && self.demand(Deed::Find, name).is_ok()
            && let Some(declaration) = self.configuration.declaration(name)
            && self.registry.lock().find(self.caller(), name).is_none()
        {
            self.starter.lock().start(declaration);
        }
        found
    }

    /// The names of the services with these dump priorities.
    pub(crate) fn list(&self, mask: i32) -> Result<Vec<String>, Refusal> {
        self.demand(Deed::List, "")?;
        Ok(self.registry.lock().list(mask))
    }

    /// Has a callback told of registrations of a name.
    pub(crate) fn watch(&self, name: &str, callback: Option<IBinder>) -> Result<(), Refusal> {
        self.demand(Deed::Find, name)?;
        let mut registry = self.registry.lock();
        registry.may_watch(self.caller(), name, callback.as_ref())?;
        let callback = callback.ok_or(Refusal::NullPointer("Null callback."))?;
        self.follow_death(&registry, &callback)?;
        let owed = registry.watch(name, callback);
        drop(registry);
        notices::send(owed);
        Ok(())
    }

    /// Ends that.
    pub(crate) fn unwatch(&self, name: &str, callback: Option<&IBinder>) -> Result<(), Refusal> {
        let callback = callback.ok_or(Refusal::NullPointer("Null callback."))?;
        let mut registry = self.registry.lock();
        registry.unwatch(name, callback)?;
        self.forget_death(&registry, callback);
        Ok(())
    }

    /// Has a callback told whether a service has clients.
    pub(crate) fn follow_clients(
        &self,
        name: &str,
        object: Option<&IBinder>,
        callback: Option<IBinder>,
    ) -> Result<(), Refusal> {
        let mut registry = self.registry.lock();
        registry.may_follow_clients(self.caller(), name, object, callback.as_ref())?;
        let callback = callback.ok_or(Refusal::NullPointer("Null callback."))?;
        self.follow_death(&registry, &callback)?;
        registry.follow_clients(name, callback);
        drop(registry);
        if let Some(object) = object {
            self.count(name, object, Occasion::Request);
        }
        Ok(())
    }

    /// Removes a service that nobody uses, at its own wish.
    pub(crate) fn unregister(&self, name: &str, object: Option<&IBinder>) -> Result<(), Refusal> {
        let references = object.and_then(|object| self.references(object));
        let mut registry = self.registry.lock();
        registry.unregister(self.caller(), name, object, references)?;
        if let Some(object) = object {
            self.forget_death(&registry, object);
        }
        Ok(())
    }

    /// Whether any service wants to know whether it has clients.
    pub(crate) fn follows_clients(&self) -> bool {
        !self.registry.lock().followed().is_empty()
    }

    /// Counts the clients of all services that want to know.
    pub(crate) fn count_clients(&self) {
        let followed = self.registry.lock().followed();
        for (name, object) in followed {
            self.count(&name, &object, Occasion::Interval);
        }
    }

    fn count(&self, name: &str, object: &IBinder, occasion: Occasion) {
        if let Some(references) = self.references(object) {
            let owed = self.registry.lock().counted(name, references, occasion);
            notices::send(owed);
        }
    }

    /// How many strong references the driver counts to an object of another process.
    fn references(&self, object: &IBinder) -> Option<usize> {
        let info = NodeInfoForRef {
            handle: object.handle()?,
            ..NodeInfoForRef::default()
        };
        Some(self.process.device().node_info(info).ok()?.strong_count as usize)
    }

    /// Asks to be told of an object's death, unless that was done before.
    fn follow_death(&self, registry: &Registry<IBinder>, object: &IBinder) -> Result<(), Refusal> {
        if object.handle().is_none() || registry.knows(object) {
            return Ok(());
        }
        object
            .link_to_death(&self.recipient)
            .map_err(|_| Refusal::IllegalState("Linking to death failed."))
    }

    /// Takes that back where the object is not needed any more.
    fn forget_death(&self, registry: &Registry<IBinder>, object: &IBinder) {
        if !registry.knows(object) {
            // It fails for an object of this process and for one that is dead: both need nothing.
            let _ = object.unlink_to_death(&self.recipient);
        }
    }
}

impl DeathRecipient for Deaths {
    fn binder_died(&self, who: &WeakBinder) {
        let (Some(manager), Some(object)) = (self.0.upgrade(), who.promote()) else {
            return;
        };
        manager.registry.lock().died(&object);
    }
}

impl Transactable for Object {
    fn descriptor(&self) -> &str {
        DESCRIPTOR
    }

    fn on_transact(&self, code: u32, data: &Parcel, reply: &mut Parcel) -> Result<(), StatusCode> {
        let token = data
            .read_interface_token()
            .map_err(|_| StatusCode::PermissionDenied)?;
        if token.descriptor != DESCRIPTOR {
            return Err(StatusCode::PermissionDenied);
        }
        let context = data.security_context().map(ToString::to_string);
        *self.manager.context.lock() = context;
        // Requests since Android 11 say which part of the system they come from; older ones do not.
        if token.header.is_none() {
            return legacy::call(&self.manager, code, data, reply);
        }
        data.set_position(0);
        self.modern.on_transact(code, data, reply)
    }

    fn dump(&self, file: &FileDescriptor, _arguments: &[String]) -> Result<(), StatusCode> {
        self.manager
            .demand(Deed::List, "")
            .map_err(|_| StatusCode::PermissionDenied)?;
        let registry = self.manager.registry.lock();
        let mut out = Standard::to(file.number());
        for (name, pid) in registry.processes() {
            writeln!(out, "{name} registered by {pid}").map_err(|_| StatusCode::UnknownError)?;
        }
        Ok(())
    }
}
