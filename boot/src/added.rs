//! `--add FILE[:NAME]`: a host file that becomes a program of the guest.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use object::elf::{EM_X86_64, ET_DYN, ET_EXEC, FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{LittleEndian, elf};

use crate::build::Executable;

/// A file to be put into the guest as `/bin/NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Added {
    /// The file on the host.
    pub(crate) file: PathBuf,
    /// Its name in the guest's `/bin`.
    pub(crate) name: String,
}

impl From<Executable> for Added {
    fn from(Executable { name, file }: Executable) -> Self {
        Self { file, name }
    }
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

/// Refuses files that Bindery could not run, and names that are given twice, before anything is built.
pub(crate) fn check(all: &[Added]) -> Result<()> {
    for (index, added) in all.iter().enumerate() {
        ensure!(
            !all[..index].iter().any(|earlier| earlier.name == added.name),
            "--add gives the name {} twice",
            added.name
        );
        check_executable(&added.file)?;
    }
    Ok(())
}

/// Tells what keeps a file from being a static x86-64 executable.
fn check_executable(file: &Path) -> Result<()> {
    let shown = file.display();
    let bytes = fs::read(file).with_context(|| format!("cannot add {shown}"))?;
    let Ok(header) = FileHeader64::<LittleEndian>::parse(bytes.as_slice()) else {
        bail!("cannot add {shown}: it is not a 64-bit ELF file");
    };
    let endian = header.endian().with_context(|| format!("cannot add {shown}"))?;
    ensure!(
        header.e_machine(endian) == EM_X86_64,
        "cannot add {shown}: it is not for x86-64"
    );
    ensure!(
        matches!(header.e_type(endian), ET_EXEC | ET_DYN),
        "cannot add {shown}: it is not an executable"
    );
    let segments: &[elf::ProgramHeader64<LittleEndian>] = header
        .program_headers(endian, bytes.as_slice())
        .with_context(|| format!("cannot add {shown}: its program headers are damaged"))?;
    ensure!(
        !segments.is_empty(),
        "cannot add {shown}: it is not an executable"
    );
    ensure!(
        !segments.iter().any(|segment| segment.p_type(endian) == PT_INTERP),
        "cannot add {shown}: it is dynamically linked, and Bindery runs static programs"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env::current_exe;

    use super::{Added, check};

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

    #[test]
    fn what_bindery_cannot_run_is_refused_with_a_reason() {
        let complaint = |file: &str| {
            let added = Added {
                file: file.into(),
                name: "x".to_owned(),
            };
            format!("{:#}", check(&[added]).expect_err("it was taken"))
        };
        assert!(complaint("/no/such/file").contains("No such file"));
        assert!(complaint(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")).contains("not a 64-bit ELF"));
        let this = current_exe().expect("a test has a file");
        assert!(complaint(&this.to_string_lossy()).contains("dynamically linked"));
    }
}
