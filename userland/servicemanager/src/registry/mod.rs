//! Names and the objects behind them.

mod clients;
mod watchers;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::caller::Caller;
use crate::name;
use crate::refusal::Refusal;

pub use clients::{Clients, Occasion};

/// The flag beside the dump priorities that says: this service ends when nobody uses it.
pub const LAZY: i32 = 1 << 30;

/// Whether isolated processes may see a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolated {
    /// They may.
    Allowed,
    /// For them it is not there.
    Refused,
}

/// A call that is owed to somebody; the state is already changed when it is returned.
#[must_use = "somebody waits for this call"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice<O> {
    /// `IServiceCallback.onRegistration(name, object)`.
    Registered {
        /// Whom to call.
        callback: O,
        /// The service's name.
        name: String,
        /// The service.
        object: O,
    },
    /// `IClientCallback.onClients(object, has)`.
    Clients {
        /// Whom to call.
        callback: O,
        /// The service.
        object: O,
        /// Whether it has clients now.
        clients: Clients,
    },
}

/// A registered service.
#[derive(Clone, Debug)]
struct Service<O> {
    object: O,
    isolated: Isolated,
    dump_priority: i32,
    /// The process that registered it.
    pid: i32,
    /// What its client callbacks have been told.
    clients: Clients,
    /// The object was handed out, and whoever got it may not have taken its reference yet.
    promised: bool,
}

/// All names, and who wants to hear of them.
#[derive(Clone, Debug)]
pub struct Registry<O> {
    services: BTreeMap<String, Service<O>>,
    watchers: BTreeMap<String, Vec<O>>,
    client_callbacks: BTreeMap<String, Vec<O>>,
}

impl<O> Default for Registry<O> {
    fn default() -> Self {
        Self {
            services: BTreeMap::new(),
            watchers: BTreeMap::new(),
            client_callbacks: BTreeMap::new(),
        }
    }
}

impl<O: Clone + PartialEq> Registry<O> {
    /// Whether this caller may register `object` as `name`; asked before a death notice is requested.
    pub fn may_add(&self, caller: Caller, name: &str, object: Option<&O>) -> Result<(), Refusal> {
        if caller.is_application() {
            return Err(Refusal::Security("App UIDs cannot add services."));
        }
        if object.is_none() {
            return Err(Refusal::IllegalArgument("Null binder."));
        }
        if !name::is_valid(name) {
            return Err(Refusal::IllegalArgument("Invalid service name."));
        }
        Ok(())
    }

    /// Registers a service; one of the same name is replaced. `may_add` has agreed.
    pub fn add(
        &mut self,
        caller: Caller,
        name: &str,
        object: O,
        isolated: Isolated,
        dump_priority: i32,
    ) -> Vec<Notice<O>> {
        let clients = self
            .services
            .get(name)
            .map_or(Clients::None, |replaced| replaced.clients);
        let watchers = self.watchers.get(name).cloned().unwrap_or_default();
        let promised = !watchers.is_empty();
        let service = Service {
            object: object.clone(),
            isolated,
            dump_priority,
            pid: caller.pid,
            clients,
            promised,
        };
        self.services.insert(name.to_string(), service);
        watchers
            .into_iter()
            .map(|callback| Notice::Registered {
                callback,
                name: name.to_string(),
                object: object.clone(),
            })
            .collect()
    }

    /// The service of this name, as far as the caller may know of it.
    pub fn find(&self, caller: Caller, name: &str) -> Option<&O> {
        let service = self.services.get(name)?;
        let visible = service.isolated == Isolated::Allowed || !caller.is_isolated();
        visible.then_some(&service.object)
    }

    /// The same, to be handed to the caller, who becomes a client by that.
    pub fn hand_out(&mut self, caller: Caller, name: &str) -> Option<O> {
        let object = self.find(caller, name)?.clone();
        if let Some(service) = self.services.get_mut(name) {
            service.promised = true;
        }
        Some(object)
    }

    /// The names whose dump priority is in the mask, in order.
    pub fn list(&self, mask: i32) -> Vec<String> {
        let chosen = self
            .services
            .iter()
            .filter(|(_, service)| service.dump_priority & mask != 0);
        chosen.map(|(name, _)| name.clone()).collect()
    }

    /// Whether a service may end when nobody uses it.
    pub fn is_lazy(&self, name: &str) -> bool {
        self.services
            .get(name)
            .is_some_and(|service| service.dump_priority & LAZY != 0)
    }

    /// All names with the process that registered each.
    pub fn processes(&self) -> Vec<(String, i32)> {
        self.services
            .iter()
            .map(|(name, service)| (name.clone(), service.pid))
            .collect()
    }

    /// Forgets an object that has died: as a service, as a watcher, as a client callback.
    pub fn died(&mut self, object: &O) {
        self.services.retain(|_, service| service.object != *object);
        for callbacks in [&mut self.watchers, &mut self.client_callbacks] {
            for list in callbacks.values_mut() {
                list.retain(|callback| callback != object);
            }
            callbacks.retain(|_, list| !list.is_empty());
        }
        let services = &self.services;
        self.client_callbacks
            .retain(|name, _| services.contains_key(name));
    }

    /// Whether an object is still needed for anything, and so its death of interest.
    pub fn knows(&self, object: &O) -> bool {
        let listed = |lists: &BTreeMap<String, Vec<O>>| lists.values().flatten().any(|other| other == object);
        self.services.values().any(|service| service.object == *object)
            || listed(&self.watchers)
            || listed(&self.client_callbacks)
    }
}

#[cfg(test)]
mod tests;
