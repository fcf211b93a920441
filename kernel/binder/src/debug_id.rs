//! The numbers by which debug files and extended errors name objects and transactions.

/// Gives out numbers: each time another one, never 0, from 1 again when they are used up.
#[derive(Debug, Default)]
pub(crate) struct DebugIds {
    last: u32,
}

impl DebugIds {
    /// The next number.
    #[inline(always)]
    pub(crate) fn next(&mut self) -> u32 {
        let (next, is_over) = self.last.overflowing_add(1);
        self.last = next.wrapping_add(u32::from(is_over));
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::DebugIds;

    #[test]
    fn numbers_begin_with_one_and_are_never_zero() {
        let mut ids = DebugIds::default();
        assert_eq!([ids.next(), ids.next()], [1, 2]);
        let mut ids = DebugIds { last: u32::MAX };
        assert_eq!([ids.next(), ids.next()], [1, 2]);
    }
}
