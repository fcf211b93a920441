//! The activity manager's interface, for the service itself and for its callers.
//!
//! A caller hands an [`Intent`] to [`IActivityManager::start_service`] and is told the [`ComponentName`] of what was
//! started, as in Android's `ActivityManagerProxy.startService`. [`records::Records`] is what the service remembers.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod component;
mod intent;
pub mod records;

pub use component::ComponentName;
pub use intent::Intent;

/// The name under which the service manager knows the service.
pub const SERVICE_NAME: &str = "activity";

libbinder::interface! {
    /// Starts services for others.
    pub trait IActivityManager: "android.app.IActivityManager" {
        proxy ActivityManagerProxy;
        native ActivityManagerNative;

        /// Starts the service that the intent names; the service's full name.
        fn start_service(&self, intent: &Intent) -> ComponentName = 1;
        /// Stops a service; whether it ran.
        fn stop_service(&self, component: &ComponentName) -> bool = 2;
    }
}
