//! Whether anybody uses a service: what lets a service without clients end itself.
//!
//! The driver counts the strong references to a service's node. Those the context manager holds itself are known, so
//! any above them are clients. Between handing an object out and the receiver's taking its reference the count says
//! nothing; a *promise* bridges that time.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Notice, Registry};
use crate::caller::Caller;
use crate::refusal::Refusal;

/// Whether a service has clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// Somebody besides the context manager holds it.
    Some,
    /// Nobody does.
    None,
}

/// Why the references were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// The regular look: the only time when a service is told that it has no clients.
    Interval,
    /// A request about the service.
    Request,
}

impl Occasion {
    /// How many references are the context manager's own, the one in the request being handled included.
    fn own_references(self) -> usize {
        match self {
            Self::Interval => 1,
            Self::Request => 2,
        }
    }
}

impl<O: Clone + PartialEq> Registry<O> {
    /// Whether this caller may have `callback` called about `object`.
    pub fn may_follow_clients(
        &self,
        caller: Caller,
        name: &str,
        object: Option<&O>,
        callback: Option<&O>,
    ) -> Result<(), Refusal> {
        if callback.is_none() {
            return Err(Refusal::NullPointer("Null callback."));
        }
        let Some(service) = self.services.get(name) else {
            return Err(Refusal::IllegalArgument("No such service."));
        };
        if service.pid != caller.pid {
            return Err(Refusal::Unsupported(
                "Only the process that registered a service may follow its clients.",
            ));
        }
        if object != Some(&service.object) {
            return Err(Refusal::IllegalArgument("The name stands for another object."));
        }
        Ok(())
    }

    /// Adds a client callback, to which `may_follow_clients` has agreed.
    pub fn follow_clients(&mut self, name: &str, callback: O) {
        self.client_callbacks
            .entry(name.to_string())
            .or_default()
            .push(callback);
    }

    /// The services whose references are to be counted, with their objects.
    pub fn followed(&self) -> Vec<(String, O)> {
        let services = self
            .client_callbacks
            .keys()
            .filter_map(|name| self.services.get_key_value(name));
        services
            .map(|(name, service)| (name.clone(), service.object.clone()))
            .collect()
    }

    /// The references to a service were counted; the calls that follow.
    pub fn counted(&mut self, name: &str, references: usize, occasion: Occasion) -> Vec<Notice<O>> {
        let (Some(service), Some(callbacks)) = (self.services.get_mut(name), self.client_callbacks.get(name))
        else {
            return Vec::new();
        };
        let held = references > occasion.own_references();
        let promised = core::mem::take(&mut service.promised);
        let clients = match (held || promised, occasion) {
            (true, _) => Clients::Some,
            (false, Occasion::Interval) => Clients::None,
            (false, Occasion::Request) => service.clients,
        };
        if clients == service.clients {
            return Vec::new();
        }
        service.clients = clients;
        let object = service.object.clone();
        let notices = callbacks.iter().map(|callback| Notice::Clients {
            callback: callback.clone(),
            object: object.clone(),
            clients,
        });
        notices.collect()
    }

    /// Removes a service at its own wish, if nobody uses it. `references` is the driver's count.
    pub fn unregister(
        &mut self,
        caller: Caller,
        name: &str,
        object: Option<&O>,
        references: Option<usize>,
    ) -> Result<(), Refusal> {
        let Some(service) = self.services.get(name) else {
            return Err(Refusal::IllegalState("No such service."));
        };
        if service.pid != caller.pid {
            return Err(Refusal::IllegalState(
                "Only the process that registered a service may remove it.",
            ));
        }
        if object != Some(&service.object) {
            return Err(Refusal::IllegalState("The name stands for another object."));
        }
        let unused = references.is_some_and(|count| count <= Occasion::Request.own_references());
        if service.promised || !unused {
            return Err(Refusal::IllegalState("The service has clients."));
        }
        self.services.remove(name);
        self.client_callbacks.remove(name);
        Ok(())
    }
}
