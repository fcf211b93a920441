//! Defects on purpose: a demonstration has to fail where what it shows is broken, and a test sees to that.
//!
//! Only a driver built with the feature `defects` can have one. In any other the question is answered when compiling.

use crate::driver::Driver;

/// Something that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// One-way calls to a node do not wait for each other.
    OnewayOrder,
    /// Nobody is told of deaths.
    Death,
}

impl Driver {
    /// Breaks something.
    #[cfg(feature = "defects")]
    pub fn break_on_purpose(&mut self, defect: Defect) {
        self.defect = Some(defect);
    }

    /// Whether this is broken.
    #[inline(always)]
    pub(crate) fn has_defect(&self, defect: Defect) -> bool {
        #[cfg(feature = "defects")]
        let broken = self.defect == Some(defect);
        #[cfg(not(feature = "defects"))]
        let broken = {
            let _ = defect;
            false
        };
        broken
    }
}
