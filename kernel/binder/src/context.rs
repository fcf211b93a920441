//! Contexts: separate worlds of binder, one per device.
//!
//! Handle 0 means a context's manager, the one node that everybody can call without having been given a handle.

use crate::table::NodeId;

/// A binder device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// `/dev/binder`
    Binder,
    /// `/dev/hwbinder`
    HwBinder,
    /// `/dev/vndbinder`
    VndBinder,
    /// `/dev/kbinder`, where the kernel itself is the manager.
    Kernel,
    /// No device: what confined programs inherit. It has no manager and gets none, so whoever is in it reaches only
    /// what it was given.
    Granted,
}

impl Context {
    /// All contexts.
    pub const ALL: [Self; 5] = [
        Self::Binder,
        Self::HwBinder,
        Self::VndBinder,
        Self::Kernel,
        Self::Granted,
    ];

    /// The device's name, as the debug files print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Binder => "binder",
            Self::HwBinder => "hwbinder",
            Self::VndBinder => "vndbinder",
            Self::Kernel => "kbinder",
            Self::Granted => "granted",
        }
    }
}

/// Who manages a context.
#[derive(Debug, Default)]
pub(crate) struct Manager {
    /// The manager's node.
    pub(crate) node: Option<NodeId>,
    /// The user that was manager first; only that user may be it again.
    pub(crate) uid: Option<u32>,
}

/// The managers of all contexts.
#[derive(Debug, Default)]
pub(crate) struct Managers([Manager; Context::ALL.len()]);

impl Managers {
    /// The manager of a context.
    #[inline]
    pub(crate) fn of(&self, context: Context) -> &Manager {
        let [binder, hwbinder, vndbinder, kernel, granted] = &self.0;
        match context {
            Context::Binder => binder,
            Context::HwBinder => hwbinder,
            Context::VndBinder => vndbinder,
            Context::Kernel => kernel,
            Context::Granted => granted,
        }
    }

    /// The manager of a context, for changing.
    #[inline]
    pub(crate) fn of_mut(&mut self, context: Context) -> &mut Manager {
        let [binder, hwbinder, vndbinder, kernel, granted] = &mut self.0;
        match context {
            Context::Binder => binder,
            Context::HwBinder => hwbinder,
            Context::VndBinder => vndbinder,
            Context::Kernel => kernel,
            Context::Granted => granted,
        }
    }
}
