//! Who asks.

/// User ids repeat in ranges of this size, one range per person using the device.
const USERS_APART: u32 = 100_000;

/// The process behind a request, as the driver reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its process.
    pub pid: i32,
    /// Its effective user id.
    pub uid: u32,
}

impl Caller {
    fn application_id(self) -> u32 {
        self.uid % USERS_APART
    }

    /// Applications may use services but not offer any.
    pub fn is_application(self) -> bool {
        self.application_id() >= 10_000
    }

    /// Isolated processes see only the services that allow it.
    pub fn is_isolated(self) -> bool {
        (90_000..=99_999).contains(&self.application_id())
    }
}
