//! Whose a process is.

/// User and group numbers, as Linux counts them. 0 may do everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// Who started it.
    pub(crate) uid: u32,
    /// As whom it acts. This is what binder tells receivers.
    pub(crate) euid: u32,
    /// As whom it may act again.
    pub(crate) suid: u32,
    /// Its group.
    pub(crate) gid: u32,
    /// The group it acts for.
    pub(crate) egid: u32,
    /// The group it may act for again.
    pub(crate) sgid: u32,
}

impl Credentials {
    /// The user that may do everything.
    pub(crate) const ROOT: Self = Self {
        uid: 0,
        euid: 0,
        suid: 0,
        gid: 0,
        egid: 0,
        sgid: 0,
    };

    /// Whether nothing is forbidden.
    pub(crate) fn is_root(self) -> bool {
        self.euid == 0
    }

    /// Whether a process with these may send a signal to one with the other's.
    pub(crate) fn may_signal(self, other: Self) -> bool {
        self.is_root()
            || [self.euid, self.uid]
                .iter()
                .any(|&id| id == other.uid || id == other.suid)
    }
}
