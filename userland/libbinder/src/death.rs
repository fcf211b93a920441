//! Being told that an object's process died.

use crate::binder::WeakBinder;
use alloc::sync::Arc;

/// Whoever wants to know of a death.
pub trait DeathRecipient: Send + Sync {
    /// The object is dead. Called once, on a thread of the pool.
    fn binder_died(&self, who: &WeakBinder);
}

struct Closure<F>(F);

impl<F: Fn(&WeakBinder) + Send + Sync> DeathRecipient for Closure<F> {
    fn binder_died(&self, who: &WeakBinder) {
        (self.0)(who);
    }
}

/// A recipient that calls a function.
pub fn on_death(function: impl Fn(&WeakBinder) + Send + Sync + 'static) -> Arc<dyn DeathRecipient> {
    Arc::new(Closure(function))
}
