//! Bytes that are mostly zero, kept without the zeros.
//!
//! The packed form begins with one bit for each word, the lowest bit of the first number for the first word; the words
//! whose bits are set follow in order. Numbers at the end without any bit are left out: there are as many as announce
//! just the words that follow. What a thread leaves in its vector registers is such: a few hundred bytes, most of them
//! zero.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// The bytes of a word.
const WORD: usize = size_of::<u64>();

/// Packed bytes.
#[derive(Debug)]
pub struct Sparse(Box<[u64]>);

/// The bytes whose words have their bits in one number.
const MARKED: usize = WORD * u64::BITS as usize;

fn words(bytes: &[u8]) -> impl Iterator<Item = u64> {
    bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word))
}

/// The number with the bits of these bytes' words.
fn mark(marked: &[u8]) -> u64 {
    words(marked)
        .enumerate()
        .fold(0, |mark, (at, word)| mark | u64::from(word != 0) << at)
}

impl Sparse {
    /// Packs whole words; bytes at the end that make no word are left out. `None` when the heap is full.
    pub fn pack(bytes: &[u8]) -> Option<Self> {
        let is_marked = |marked: &[u8]| words(marked).any(|word| word != 0);
        let marks = bytes
            .chunks(MARKED)
            .rposition(is_marked)
            .map_or(0, |last| last.saturating_add(1));
        let kept = words(bytes).filter(|word| *word != 0).count();
        let mut packed = Vec::new();
        packed.try_reserve_exact(marks.saturating_add(kept)).ok()?;
        packed.extend(bytes.chunks(MARKED).take(marks).map(mark));
        packed.extend(words(bytes).filter(|word| *word != 0));
        Some(Self(packed.into_boxed_slice()))
    }

    /// A copy. `None` when the heap is full.
    pub fn duplicate(&self) -> Option<Self> {
        let mut copy = Vec::new();
        copy.try_reserve_exact(self.0.len()).ok()?;
        copy.extend_from_slice(&self.0);
        Some(Self(copy.into_boxed_slice()))
    }

    /// The numbers with the words' bits, and the words.
    fn parts(&self) -> (&[u64], &[u64]) {
        let mut rest = self.0.len();
        let is_mark = |mark: &&u64| {
            let announces = rest > 0;
            rest = rest.saturating_sub(mark.count_ones().saturating_add(1) as usize);
            announces
        };
        let marks = self.0.iter().take_while(is_mark).count();
        self.0.split_at_checked(marks).unwrap_or_default()
    }

    /// Restores the bytes, as many as were packed.
    pub fn unpack(&self, bytes: &mut [u8]) {
        let (marks, kept) = self.parts();
        let mut kept = kept.iter();
        let mut marks = marks.iter();
        for marked in bytes.chunks_mut(MARKED) {
            let mark = marks.next().copied().unwrap_or(0);
            if mark == 0 {
                marked.fill(0);
                continue;
            }
            for (at, word) in marked.as_chunks_mut().0.iter_mut().enumerate() {
                let is_kept = mark >> at & 1 != 0;
                let value = if is_kept { kept.next().copied() } else { None };
                *word = value.unwrap_or(0).to_le_bytes();
            }
        }
    }
}

#[cfg(test)]
#[expect(clippy::indexing_slicing, reason = "a test may fail loudly")]
mod tests {
    use super::Sparse;
    use alloc::vec;
    use alloc::vec::Vec;

    fn is_kept(bytes: &[u8]) {
        let packed = Sparse::pack(bytes).expect("there is memory");
        let mut unpacked = vec![0xff; bytes.len()];
        packed.unpack(&mut unpacked);
        assert_eq!(unpacked, bytes);
    }

    #[test]
    fn what_was_packed_comes_back() {
        is_kept(&[]);
        is_kept(&[0; 832]);
        is_kept(&[0xa5; 832]);
        for at in 0..832 {
            let mut bytes = [0; 832];
            bytes[at] = 1;
            is_kept(&bytes);
        }
        let every_third: Vec<u8> = (0..2696).map(|at| if at / 8 % 3 == 0 { 7 } else { 0 }).collect();
        is_kept(&every_third);
    }

    #[test]
    fn zeros_take_a_bit_for_each_word_that_something_follows() {
        let length = |bytes: &[u8]| Sparse::pack(bytes).expect("there is memory").0.len();
        let mut bytes = [0; 832];
        assert_eq!(length(&bytes), 0);
        bytes[24] = 1;
        assert_eq!(length(&bytes), 2);
        bytes[831] = 1;
        assert_eq!(length(&bytes), 4);
        bytes[24] = 0;
        assert_eq!(length(&bytes), 3);
    }
}
