//! A service that ends when nobody uses it.

use alloc::string::{String, ToString};
use alloc::sync::Arc;

use libbinder::{
    BnClientCallback, DEFAULT_DEVICE, DumpPriority, IBinder, IClientCallback, IServiceManager, ProcessState,
    Result, service_manager,
};
use rt::sync::{Condvar, Mutex};

use crate::service::Hello;

/// Whether the service's name was given back.
#[derive(Default)]
struct End {
    came: Mutex<bool>,
    changed: Condvar,
}

/// What servicemanager tells.
struct Clients {
    name: String,
    end: Arc<End>,
}

impl IClientCallback for Clients {
    fn on_clients(&self, registered: &IBinder, has_clients: bool) -> Result<()> {
        if has_clients {
            return Ok(());
        }
        // Somebody may have come in the meantime; then this is told again later.
        let manager = service_manager()?;
        if manager
            .interface()
            .try_unregister_service(&self.name, Some(registered))
            .is_ok()
        {
            *self.end.came.lock() = true;
            self.end.changed.notify_all();
        }
        Ok(())
    }
}

/// Serves until nobody is left.
pub(crate) fn serve(name: &str) -> Result<()> {
    ProcessState::open(DEFAULT_DEVICE)?.start_thread_pool();
    let manager = service_manager()?;
    let service = Hello::object("lazy hello");
    let priority = DumpPriority::DEFAULT.0 | DumpPriority::LAZY.0;
    manager
        .interface()
        .add_service(name, Some(&service), false, priority)?;
    let end = Arc::new(End::default());
    let callback = BnClientCallback::new(Clients {
        name: name.to_string(),
        end: Arc::clone(&end),
    });
    manager
        .interface()
        .register_client_callback(name, Some(&service), Some(&callback))?;
    let mut came = end.came.lock();
    end.changed.wait_while(&mut came, |came| !*came);
    Ok(())
}
