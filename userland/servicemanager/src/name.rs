//! Which names a service may have.

/// The longest name.
pub const LONGEST: usize = 127;

/// 1 to 127 letters, digits, `_`, `-`, `.` and `/`.
pub fn is_valid(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    (1..=LONGEST).contains(&name.len()) && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn names_have_a_length_and_an_alphabet() {
        assert!(is_valid("activity"));
        assert!(is_valid("android.hardware.IThing/default-1_2"));
        assert!(!is_valid(""));
        assert!(!is_valid("a b"));
        assert!(!is_valid("é"));
        assert!(is_valid(&String::from("x").repeat(127)));
        assert!(!is_valid(&String::from("x").repeat(128)));
    }
}
