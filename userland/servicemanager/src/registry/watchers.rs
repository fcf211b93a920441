//! Who wants to hear when a name is registered.

use alloc::string::ToString;

use super::{Notice, Registry};
use crate::caller::Caller;
use crate::name;
use crate::refusal::Refusal;

impl<O: Clone + PartialEq> Registry<O> {
    /// Whether this caller may watch `name`.
    pub fn may_watch(&self, caller: Caller, name: &str, callback: Option<&O>) -> Result<(), Refusal> {
        if caller.is_isolated() {
            return Err(Refusal::Security("Isolated processes cannot watch services."));
        }
        if !name::is_valid(name) {
            return Err(Refusal::IllegalArgument("Invalid service name."));
        }
        if callback.is_none() {
            return Err(Refusal::NullPointer("Null callback."));
        }
        Ok(())
    }

    /// Adds a watcher, to whom `may_watch` has agreed; the call it is owed if the name is there already.
    pub fn watch(&mut self, name: &str, callback: O) -> Option<Notice<O>> {
        self.watchers
            .entry(name.to_string())
            .or_default()
            .push(callback.clone());
        let service = self.services.get_mut(name)?;
        service.promised = true;
        Some(Notice::Registered {
            callback,
            name: name.to_string(),
            object: service.object.clone(),
        })
    }

    /// Removes a watcher.
    pub fn unwatch(&mut self, name: &str, callback: &O) -> Result<(), Refusal> {
        let nothing = Err(Refusal::IllegalState("Nothing to unregister."));
        let Some(list) = self.watchers.get_mut(name) else {
            return nothing;
        };
        let Some(place) = list.iter().position(|other| other == callback) else {
            return nothing;
        };
        list.remove(place);
        if list.is_empty() {
            self.watchers.remove(name);
        }
        Ok(())
    }
}
