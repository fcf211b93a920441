//! Bytes that are mostly zero, kept without the zeros.
//!
//! The packed form begins with one bit for each word, the lowest bit of the first number for the first word; the words
//! whose bits are set follow in order. What a thread leaves in its vector registers is such: a few hundred bytes, most
//! of them zero.

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

impl Sparse {
    /// Packs whole words; bytes at the end that make no word are left out. `None` when the heap is full.
    pub fn pack(bytes: &[u8]) -> Option<Self> {
        let marks = bytes.len().div_ceil(MARKED);
        let kept = words(bytes).filter(|word| *word != 0).count();
        let mut packed = Vec::new();
        packed.try_reserve_exact(marks.saturating_add(kept)).ok()?;
        for marked in bytes.chunks(MARKED) {
            let mark = words(marked)
                .enumerate()
                .fold(0, |mark, (at, word)| mark | u64::from(word != 0) << at);
            packed.push(mark);
        }
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

    /// Restores the bytes, as many as were packed.
    pub fn unpack(&self, bytes: &mut [u8]) {
        let marks = bytes.len().div_ceil(MARKED);
        let mut kept = self.0.iter().skip(marks);
        for (mark, marked) in self.0.iter().zip(bytes.chunks_mut(MARKED)) {
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
    fn zeros_take_a_bit_for_each_word() {
        let mut bytes = [0; 832];
        assert_eq!(Sparse::pack(&bytes).expect("there is memory").0.len(), 2);
        bytes[24] = 1;
        bytes[831] = 1;
        assert_eq!(Sparse::pack(&bytes).expect("there is memory").0.len(), 4);
    }
}
