//! Completion by Tab: program names at the start of a command, file names behind it.

use alloc::string::String;
use alloc::vec::Vec;

/// What can stand where the cursor is.
pub trait Candidates {
    /// The names of all commands.
    fn commands(&self) -> Vec<String>;
    /// The names in a directory; directories end in a slash.
    fn entries(&self, directory: &str) -> Vec<String>;
}

/// What Tab does to a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// These characters follow at the cursor.
    Insert(String),
    /// Several candidates; nothing more can be inserted.
    Choose(Vec<String>),
    /// There is no candidate.
    Nothing,
}

/// Completes the word that ends `before`, the part of the line before the cursor.
pub fn complete(before: &str, candidates: &impl Candidates) -> Completion {
    let start = before
        .rfind([' ', '\t', ';', '&', '|', '<', '>', '"', '\''])
        .map_or(0, |index| index + 1);
    let word = &before[start..];
    let leading = before[..start].trim_end();
    let at_command = leading.is_empty() || leading.ends_with([';', '&', '|']);
    let (prefix, mut names) = match word.rfind('/') {
        Some(slash) => (&word[slash + 1..], candidates.entries(&word[..=slash])),
        None if at_command => (word, candidates.commands()),
        None => (word, candidates.entries(".")),
    };
    names.retain(|name| name.starts_with(prefix));
    names.sort();
    names.dedup();
    let Some(first) = names.first() else {
        return Completion::Nothing;
    };
    if names.len() == 1 {
        let mut rest = String::from(&first[prefix.len()..]);
        if !first.ends_with('/') {
            rest.push(' ');
        }
        return Completion::Insert(rest);
    }
    let common = names
        .iter()
        .fold(first.as_str(), |common, name| shared(common, name));
    if common.len() > prefix.len() {
        Completion::Insert(String::from(&common[prefix.len()..]))
    } else {
        Completion::Choose(names)
    }
}

/// The characters both begin with.
fn shared<'a>(one: &'a str, other: &str) -> &'a str {
    let differs = one.char_indices().zip(other.chars()).find(|((_, a), b)| a != b);
    let end = differs.map_or(one.len().min(other.len()), |((offset, _), _)| offset);
    &one[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Candidates for Fixed {
        fn commands(&self) -> Vec<String> {
            ["service", "servicemanager", "shell", "ps"]
                .map(String::from)
                .into()
        }

        fn entries(&self, directory: &str) -> Vec<String> {
            match directory {
                "/" => ["bin/", "etc/"].map(String::from).into(),
                "." => ["notes"].map(String::from).into(),
                _ => Vec::new(),
            }
        }
    }

    fn inserted(before: &str) -> Completion {
        complete(before, &Fixed)
    }

    #[test]
    fn the_only_candidate_is_written_out() {
        assert_eq!(inserted("p"), Completion::Insert("s ".into()));
        assert_eq!(inserted("ps; sh"), Completion::Insert("ell ".into()));
        assert_eq!(inserted("cat /b"), Completion::Insert("in/".into()));
        assert_eq!(inserted("cat n"), Completion::Insert("otes ".into()));
    }

    #[test]
    fn several_candidates_give_what_they_share_and_then_a_choice() {
        assert_eq!(inserted("se"), Completion::Insert("rvice".into()));
        assert_eq!(
            inserted("service"),
            Completion::Choose(["service", "servicemanager"].map(String::from).into())
        );
    }

    #[test]
    fn no_candidate_changes_nothing() {
        assert_eq!(inserted("xyz"), Completion::Nothing);
        assert_eq!(inserted("ps s"), Completion::Nothing);
    }
}
