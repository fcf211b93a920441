//! Where two texts begin to differ.

/// `Err` shows the first line that differs, with its number and what both have there.
pub(super) fn compare(one_name: &str, one: &str, other_name: &str, other: &str) -> Result<(), String> {
    if one == other {
        return Ok(());
    }
    let mut left = one.split_inclusive('\n');
    let mut right = other.split_inclusive('\n');
    let mut number = 1;
    loop {
        match (left.next(), right.next()) {
            (Some(left), Some(right)) if left == right => number += 1,
            (left, right) => {
                let show = |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("{line:?}"));
                return Err(format!(
                    "line {number}: {one_name} {}\n{other_name} {}",
                    show(left),
                    show(right)
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::compare;

    #[test]
    fn the_first_difference_is_shown() {
        assert_eq!(compare("wanted", "a\nb\n", "written", "a\nb\n"), Ok(()));
        let shown = compare("wanted", "a\nb\n", "written", "a\nc\n").expect_err("they differ");
        assert_eq!(shown, "line 2: wanted \"b\\n\"\nwritten \"c\\n\"");
        assert!(compare("wanted", "a\n", "written", "a").is_err());
    }
}
