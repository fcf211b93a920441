//! Sends the calls that the registry owes. All are one-way, so nobody is waited for.

use libbinder::{
    BpClientCallback, BpServiceCallback, IBinder, IClientCallback, IServiceCallback, Proxy, Result,
};
use servicemanager::Notice;
use servicemanager::registry::Clients;

/// Sends the calls.
pub(crate) fn send(owed: impl IntoIterator<Item = Notice<IBinder>>) {
    for notice in owed {
        // Whoever cannot be reached has died; the notice of its death removes it.
        let _ = send_one(notice);
    }
}

fn send_one(notice: Notice<IBinder>) -> Result<()> {
    match notice {
        Notice::Registered {
            callback,
            name,
            object,
        } => BpServiceCallback::from_binder(callback).on_registration(&name, &object),
        Notice::Clients {
            callback,
            object,
            clients,
        } => BpClientCallback::from_binder(callback).on_clients(&object, clients == Clients::Some),
    }
}
