//! `--add FILE[:NAME]`: a host file that becomes a program of the guest.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Result, bail};

/// A file to be put into the guest as `/bin/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Added {
    /// The file on the host.
    pub(crate) file: PathBuf,
    /// Its name in the guest's `/bin`.
    pub(crate) name: String,
}

impl FromStr for Added {
    type Err = anyhow::Error;

    /// Splits at the last colon unless a slash follows it; without a name the file's own is taken.
    fn from_str(text: &str) -> Result<Self> {
        let (file, name) = match text.rsplit_once(':') {
            Some((file, name)) if !name.contains('/') => (PathBuf::from(file), name.to_owned()),
            _ => {
                let file = PathBuf::from(text);
                let name = file
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                (file, name)
            }
        };
        let usable = |c: char| c.is_ascii_alphanumeric() || "._+-".contains(c);
        if name.is_empty() || name.starts_with('.') || !name.chars().all(usable) || name.len() > 60 {
            bail!("'{name}' cannot be a program's name");
        }
        Ok(Self { file, name })
    }
}

#[cfg(test)]
mod tests {
    use super::Added;

    #[test]
    fn a_file_keeps_its_name_unless_another_is_given() {
        let plain: Added = "some/where/tool".parse().expect("a plain path");
        assert_eq!(
            (plain.file.to_str(), plain.name.as_str()),
            (Some("some/where/tool"), "tool")
        );
        let named: Added = "some/where/tool:prog".parse().expect("a path with a name");
        assert_eq!(
            (named.file.to_str(), named.name.as_str()),
            (Some("some/where/tool"), "prog")
        );
    }

    #[test]
    fn a_colon_inside_a_folder_does_not_end_the_path() {
        let added: Added = "odd:folder/tool".parse().expect("a path with a colon");
        assert_eq!(added.name, "tool");
    }

    #[test]
    fn names_that_would_leave_bin_are_refused() {
        for text in ["tool:", "tool:..", "tool:a b", "/", ""] {
            assert!(text.parse::<Added>().is_err(), "{text:?} was taken");
        }
    }
}
