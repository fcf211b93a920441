//! Waiting for the end of a service.

use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use rsbinder::{DeathRecipient, SIBinder, StatusCode, WIBinder};

struct Told(Sender<()>);

impl DeathRecipient for Told {
    fn binder_died(&self, _who: &WIBinder) {
        // The receiver is waiting.
        let _ = self.0.send(());
    }
}

/// Says that it waits, and returns when the driver has told of the object's death.
///
/// # Errors
///
/// The driver's answer when it is dead already.
pub fn wait_for_death(object: &SIBinder) -> Result<(), StatusCode> {
    let (sender, receiver) = mpsc::channel();
    let told: Arc<dyn DeathRecipient> = Arc::new(Told(sender));
    object.link_to_death(Arc::downgrade(&told))?;
    println!("waiting for its death");
    receiver.recv().map_err(|_| StatusCode::DeadObject)
}
