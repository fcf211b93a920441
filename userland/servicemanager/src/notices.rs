//! Sends the calls that the registry owes. All are one-way, so nobody is waited for.

use libbinder::{BpServiceCallback, IBinder, IServiceCallback, Proxy, Result};
use servicemanager::Notice;
use servicemanager::registry::Clients;

libbinder::interface! {
    /// Is told whether a service has clients.
    trait IClientCallback: "android.os.IClientCallback" {
        proxy BpClientCallback;
        native BnClientCallback;

        /// The service has clients now, or has none any more.
        oneway fn on_clients(&self, registered: &IBinder, has_clients: bool) = 1;
    }
}

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
