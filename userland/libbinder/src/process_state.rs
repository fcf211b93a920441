//! A process's connection to a binder device.

use crate::binder::{IBinder, PING_TRANSACTION};
use crate::explain::{self, Station};
use crate::kernel::inherited_device;
use crate::native::BBinder;
use crate::parcel::Parcel;
use crate::proxy::BpBinder;
use crate::status::StatusCode;
use crate::thread::{IpcThreadState, PoolMember, TransactionFlags};
use abi::binder::PROTOCOL_VERSION;
use abi::binder::command::BC_ACQUIRE;
use abi::binder::object::{BINDER_TYPE_BINDER, FLAT_BINDER_FLAG_TXN_SECURITY_CTX, FlatBinderObject};
use abi::parcel::Stability;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use rt::binder::Device;
use rt::sync::Mutex;

/// The device for everything between programs.
pub const DEFAULT_DEVICE: &str = "/dev/binder";
/// The device that the kernel's own objects are reached by. Linux has none.
pub const KERNEL_DEVICE: &str = "/dev/kbinder";

/// What the device of a confined program is called here. It has no path.
const INHERITED_DEVICE: &str = "(granted)";

/// The region that messages come into, as Android's library maps it.
const REGION: usize = (1 << 20) - 2 * 4096;
/// How many threads the driver may ask for, as on Android.
const MAX_THREADS: u32 = 15;

static CONNECTIONS: Mutex<Vec<&'static ProcessState>> = Mutex::new(Vec::new());

/// A process's connection to a device. There is one for each device, and it stays for the life of the process.
pub struct ProcessState {
    index: usize,
    path: String,
    device: &'static Device,
    /// The proxies in use, by handle.
    proxies: Mutex<BTreeMap<u32, Weak<BpBinder>>>,
    /// The proxies whose object's death is watched, by cookie.
    watched: Mutex<BTreeMap<u64, Weak<BpBinder>>>,
    next_cookie: AtomicU64,
    /// What calls to the context manager reach, if that is this process.
    context_object: Mutex<Option<Arc<BBinder>>>,
    pool_started: AtomicBool,
}

impl ProcessState {
    /// The connection to `/dev/binder`, or for a confined program the one that it was given.
    ///
    /// # Panics
    ///
    /// When the device cannot be used: a program that speaks binder can do nothing else.
    pub fn get() -> &'static Self {
        let (path, connection) = match inherited_device() {
            Some(fd) => (INHERITED_DEVICE, Self::inherited(fd)),
            None => (DEFAULT_DEVICE, Self::open(DEFAULT_DEVICE)),
        };
        match connection {
            Ok(process) => process,
            Err(status) => panic!("{path} cannot be used: {status}"),
        }
    }

    /// The connection to a device; made on the first call.
    ///
    /// # Errors
    ///
    /// Why the device cannot be used.
    pub fn open(path: &str) -> Result<&'static Self, StatusCode> {
        let mut connections = CONNECTIONS.lock();
        if let Some(known) = connections.iter().find(|known| known.path == path) {
            return Ok(known);
        }
        Self::connect(&mut connections, path, Device::open(path, REGION)?)
    }

    /// The connection by a device that this process was started with; made on the first call.
    ///
    /// # Errors
    ///
    /// Why the device cannot be used.
    pub(crate) fn inherited(fd: i32) -> Result<&'static Self, StatusCode> {
        let path = INHERITED_DEVICE;
        let mut connections = CONNECTIONS.lock();
        if let Some(known) = connections.iter().find(|known| known.path == path) {
            return Ok(known);
        }
        Self::connect(&mut connections, path, Device::inherited(fd, REGION)?)
    }

    fn connect(
        connections: &mut Vec<&'static Self>,
        path: &str,
        device: &'static Device,
    ) -> Result<&'static Self, StatusCode> {
        if device.version()? != PROTOCOL_VERSION {
            return Err(StatusCode::NoInit);
        }
        device.set_max_threads(MAX_THREADS)?;
        // Kernels before 5.14 do not know this. Then nobody is warned of floods.
        let _ = device.set_spam_detection(1);
        let process = Box::leak(Box::new(Self {
            index: connections.len(),
            path: path.into(),
            device,
            proxies: Mutex::new(BTreeMap::new()),
            watched: Mutex::new(BTreeMap::new()),
            next_cookie: AtomicU64::new(1),
            context_object: Mutex::new(None),
            pool_started: AtomicBool::new(false),
        }));
        connections.push(process);
        explain::at(|| Station::Opened {
            path,
            region: device.region_address(),
            length: device.region_length(),
        });
        Ok(process)
    }

    /// The connection's place among those of the process.
    pub(crate) const fn index(&self) -> usize {
        self.index
    }

    /// The device's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The device.
    pub const fn device(&self) -> &'static Device {
        self.device
    }

    /// Says how many threads the driver may ask for.
    ///
    /// # Errors
    ///
    /// Those of the ioctl.
    pub fn set_thread_pool_max(&self, threads: u32) -> Result<(), StatusCode> {
        Ok(self.device.set_max_threads(threads)?)
    }

    /// The context manager: the object of handle 0.
    ///
    /// # Errors
    ///
    /// [`StatusCode::DeadObject`] when nobody is.
    pub fn context_object(&'static self) -> Result<IBinder, StatusCode> {
        let thread = IpcThreadState::of(self);
        // The driver takes a count on handle 0 only while there is somebody behind it.
        thread.transact(0, PING_TRANSACTION, &Parcel::new(), TransactionFlags::empty())?;
        Ok(IBinder::Remote(self.proxy_for_handle(0, Stability::SYSTEM)))
    }

    /// Makes this process the context manager, and `object` what its callers reach.
    ///
    /// # Errors
    ///
    /// [`StatusCode::Other`] with EBUSY when there is one already, [`StatusCode::PermissionDenied`].
    pub fn become_context_manager(&self, object: &IBinder) -> Result<(), StatusCode> {
        let IBinder::Local(object) = object else {
            return Err(StatusCode::BadType);
        };
        *self.context_object.lock() = Some(Arc::clone(object));
        let flags = if object.wants_security_context() {
            FLAT_BINDER_FLAG_TXN_SECURITY_CTX
        } else {
            0
        };
        let node = FlatBinderObject {
            kind: BINDER_TYPE_BINDER,
            flags,
            ..FlatBinderObject::default()
        };
        let result = self.device.set_context_manager_as(&node);
        if result.is_err() {
            *self.context_object.lock() = None;
        }
        Ok(result?)
    }

    /// What calls to the context manager reach.
    pub(crate) fn own_context_object(&self) -> Option<Arc<BBinder>> {
        self.context_object.lock().clone()
    }

    /// The proxy for a handle that this process holds by a message or by its number 0.
    pub(crate) fn proxy_for_handle(&'static self, handle: u32, stability: Stability) -> Arc<BpBinder> {
        let mut proxies = self.proxies.lock();
        if let Some(proxy) = proxies.get(&handle).and_then(Weak::upgrade) {
            drop(proxies);
            proxy.set_stability(stability);
            return proxy;
        }
        // The count is taken before anybody can see the proxy: dropping it in another thread must not come first.
        IpcThreadState::of(self).take_handle(BC_ACQUIRE, handle);
        let proxy = BpBinder::new(self, handle, stability);
        proxies.insert(handle, Arc::downgrade(&proxy));
        proxy
    }

    /// Takes a proxy out of the table, as it is being dropped; unless another one has taken its place.
    pub(crate) fn forget_proxy(&self, handle: u32, proxy: &Weak<BpBinder>) {
        let mut proxies = self.proxies.lock();
        if proxies
            .get(&handle)
            .is_some_and(|known| Weak::ptr_eq(known, proxy))
        {
            proxies.remove(&handle);
        }
    }

    /// A fresh cookie for the death of a proxy's object.
    pub(crate) fn watch(&self, proxy: &Weak<BpBinder>) -> u64 {
        let cookie = self.next_cookie.fetch_add(1, Ordering::Relaxed);
        self.watched.lock().insert(cookie, proxy.clone());
        cookie
    }

    /// Forgets a cookie.
    pub(crate) fn unwatch(&self, cookie: u64) {
        self.watched.lock().remove(&cookie);
    }

    /// The proxy that a death notification is about, if anybody still has it.
    pub(crate) fn watched(&self, cookie: u64) -> Option<Arc<BpBinder>> {
        self.watched.lock().get(&cookie).and_then(Weak::upgrade)
    }

    /// Starts the pool with its first thread. After that the driver asks for more when all are busy.
    pub fn start_thread_pool(&'static self) {
        if !self.pool_started.swap(true, Ordering::AcqRel) {
            self.spawn_pooled_thread(PoolMember::Main);
        }
    }

    /// Starts a thread that joins the pool, if there is a pool.
    pub(crate) fn spawn_pooled_thread(&'static self, member: PoolMember) {
        if !self.pool_started.load(Ordering::Acquire) {
            return;
        }
        let started = rt::thread::spawn(rt::thread::STACK, move || {
            IpcThreadState::of(self).join_thread_pool(member);
        });
        // Without the thread, the others go on serving. The driver asks again only if it was told of this one.
        drop(started);
    }

    /// Joins the pool with the calling thread, and returns only when the device is lost.
    pub fn join_thread_pool(&'static self) {
        self.pool_started.store(true, Ordering::Release);
        IpcThreadState::of(self).join_thread_pool(PoolMember::Main);
    }

    /// How many proxies the process has.
    pub fn proxy_count(&self) -> usize {
        self.proxies.lock().len()
    }

    /// How many objects the process offers, over all devices.
    pub fn object_count() -> usize {
        crate::objects::count()
    }
}
