//! Reference counts.

/// A number of references. It sticks at its maximum instead of wrapping, so no amount of input makes it zero too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count(u32);

impl Count {
    /// No references.
    pub(crate) const ZERO: Self = Self(0);

    /// One more.
    #[inline]
    pub(crate) fn up(&mut self) {
        self.0 = self.0.saturating_add(1);
    }

    /// One more, for an object that takes memory: so there cannot be too many.
    #[inline(always)]
    pub(crate) fn up_for_object(&mut self) {
        debug_assert!(self.0 < u32::MAX, "there is no memory for so many objects");
        self.0 = self.0.wrapping_add(1);
    }

    /// One less. The caller knows that there is one.
    #[inline(always)]
    pub(crate) fn down(&mut self) {
        debug_assert!(self.0 > 0, "a count goes down only after it went up");
        self.0 = self.0.wrapping_sub(1);
    }

    /// Whether there is none.
    #[inline]
    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The number.
    #[inline]
    pub(crate) const fn get(self) -> u32 {
        self.0
    }
}

/// Weak references keep an object's name, strong ones keep the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Keeps the name.
    Weak,
    /// Keeps the object.
    Strong,
}
