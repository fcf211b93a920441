//! Chance that repeats.

/// Numbers that a seed determines.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % sides
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    /// One of these, if there are any.
    pub(crate) fn pick<T: Clone>(&mut self, choices: &[T]) -> Option<T> {
        let count = choices.len() as u64;
        (count > 0).then(|| choices[self.roll(count) as usize].clone())
    }
}
