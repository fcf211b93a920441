//! Rows that begin with the same value in every place.

use crate::machine::NoMemory;
use alloc::vec::Vec;

/// So many copies of a value, with room for no more. They are made by copying ever longer pieces, which costs a fraction
/// of an instruction for each however the code is compiled.
///
/// # Errors
///
/// [`NoMemory`] if there is none for so many.
pub(crate) fn filled<T: Copy>(value: T, count: usize) -> Result<Vec<T>, NoMemory> {
    let mut row = Vec::new();
    row.try_reserve_exact(count).map_err(|_| NoMemory)?;
    if count > 0 {
        row.push(value);
    }
    while row.len() < count {
        let more = row.len().min(count.saturating_sub(row.len()));
        row.extend_from_within(..more);
    }
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_row_has_as_many_values_as_were_asked_for() {
        for count in [0, 1, 2, 3, 7, 8, 9, 100, 512] {
            let row = filled(7_u64, count).expect("there is memory");
            assert_eq!(row.len(), count);
            assert!(row.iter().all(|value| *value == 7));
            assert!(row.capacity() == count);
        }
    }
}
