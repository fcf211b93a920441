//! The objects of this process, by the number that the driver knows them by.
//!
//! A node's `ptr` is whatever word its owner likes. A number that is never used twice cannot point to anything wrong,
//! however late a message about it comes.

use crate::native::BBinder;
use alloc::collections::BTreeMap;
use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicU64, Ordering};
use rt::sync::Mutex;

/// What this process knows about one of its objects.
struct Entry {
    object: Weak<BBinder>,
    /// Kept while other processes hold strong references.
    held: Option<Arc<BBinder>>,
    /// How many devices have said that there are any.
    holders: u32,
}

static NEXT: AtomicU64 = AtomicU64::new(1);
static OBJECTS: Mutex<BTreeMap<u64, Entry>> = Mutex::new(BTreeMap::new());

/// Makes an object with a fresh number.
pub(crate) fn register(make: impl FnOnce(u64) -> BBinder) -> Arc<BBinder> {
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    let object = Arc::new(make(id));
    let entry = Entry {
        object: Arc::downgrade(&object),
        held: None,
        holders: 0,
    };
    OBJECTS.lock().insert(id, entry);
    object
}

/// Takes an object out of the table, as it is being dropped.
pub(crate) fn forget(id: u64) {
    let entry = OBJECTS.lock().remove(&id);
    drop(entry);
}

/// The object of a number, if it is alive.
pub(crate) fn find(id: u64) -> Option<Arc<BBinder>> {
    OBJECTS.lock().get(&id)?.object.upgrade()
}

/// Keeps an object alive for other processes: the driver said `BR_ACQUIRE`.
pub(crate) fn acquire(id: u64) {
    if let Some(entry) = OBJECTS.lock().get_mut(&id) {
        entry.holders += 1;
        if entry.held.is_none() {
            entry.held = entry.object.upgrade();
        }
    }
}

/// Ends that: the driver said `BR_RELEASE`. What is returned is to be dropped when nothing is locked.
pub(crate) fn release(id: u64) -> Option<Arc<BBinder>> {
    let mut objects = OBJECTS.lock();
    let entry = objects.get_mut(&id)?;
    entry.holders = entry.holders.saturating_sub(1);
    if entry.holders == 0 {
        entry.held.take()
    } else {
        None
    }
}

/// How many objects of this process are alive.
pub(crate) fn count() -> usize {
    OBJECTS.lock().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Parcel, StatusCode, Transactable};

    struct Nothing;

    impl Transactable for Nothing {
        fn descriptor(&self) -> &str {
            "nothing"
        }

        fn on_transact(&self, _code: u32, _data: &Parcel, _reply: &mut Parcel) -> Result<(), StatusCode> {
            Err(StatusCode::UnknownTransaction)
        }
    }

    #[test]
    fn an_object_lives_as_long_as_another_process_holds_it() {
        let binder = BBinder::new(Nothing);
        let crate::IBinder::Local(object) = &binder else {
            panic!("a new object is local");
        };
        let id = object.id();
        acquire(id);
        drop(binder);
        assert!(find(id).is_some());
        drop(release(id));
        assert!(find(id).is_none());
        assert!(release(id).is_none());
    }
}
