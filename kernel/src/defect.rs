//! Defects on purpose: a demonstration has to fail where what it shows is broken, and a test sees to that.
//!
//! Only a kernel built with the feature `defects` can have one; which one, the boot tool tells. In any other kernel the
//! question is answered when compiling.

use crate::task::Kernel;

/// Something that can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "defects"),
    expect(dead_code, reason = "no defect is ever chosen")
)]
pub(crate) enum Defect {
    /// Programs with handles are not confined to them.
    Confinement,
    /// A message is copied twice.
    OneCopy,
    /// One-way calls to an object do not wait for each other.
    OnewayOrder,
    /// Nobody is told of deaths.
    Death,
}

#[cfg(feature = "defects")]
mod chosen {
    use super::Defect;
    use crate::arch;
    use crate::task::Kernel;
    use spin::Once;

    static CHOSEN: Once<Option<Defect>> = Once::new();

    /// Asks which defect the kernel is to have.
    pub(super) fn choose(kernel: &mut Kernel) {
        let defect = arch::firmware_config("opt/bindery/defect").map(|name| match name.as_slice() {
            b"confinement" => Defect::Confinement,
            b"one-copy" => Defect::OneCopy,
            b"oneway-order" => Defect::OnewayOrder,
            b"death" => Defect::Death,
            _ => panic!("there is no such defect"),
        });
        CHOSEN.call_once(|| defect);
        match defect {
            Some(Defect::OnewayOrder) => kernel.driver.break_on_purpose(binder_driver::Defect::OnewayOrder),
            Some(Defect::Death) => kernel.driver.break_on_purpose(binder_driver::Defect::Death),
            Some(Defect::Confinement | Defect::OneCopy) | None => {}
        }
    }

    pub(super) fn is(defect: Defect) -> bool {
        CHOSEN.get() == Some(&Some(defect))
    }
}

#[cfg(not(feature = "defects"))]
mod chosen {
    use super::Defect;
    use crate::task::Kernel;

    pub(super) fn choose(_: &mut Kernel) {}

    #[inline(always)]
    pub(super) fn is(_: Defect) -> bool {
        false
    }
}

/// Breaks what the boot tool says is to be broken.
pub(crate) fn choose(kernel: &mut Kernel) {
    chosen::choose(kernel);
}

/// Whether this is broken.
#[inline(always)]
pub(crate) fn is(defect: Defect) -> bool {
    chosen::is(defect)
}
