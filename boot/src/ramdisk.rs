//! The ramdisk: an ordinary ustar archive whose files begin at page boundaries.
//!
//! The kernel maps a program's pages where they lie in the archive. So before a file whose data would begin elsewhere
//! comes a pax entry that says nothing (a comment) and has the right length; every tar program passes over it.

use anyhow::{Context, Result};
use tar::{Builder, EntryType, Header};

/// The size of tar's records.
const RECORD: usize = 512;

/// What the data of files is aligned to.
const PAGE: usize = 4096;

/// A file to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Packed {
    /// The path without a leading slash, one directory deep.
    pub(crate) path: String,
    /// The permission bits.
    pub(crate) mode: u32,
    /// The content.
    pub(crate) content: Vec<u8>,
}

/// Packs files in the order given, directories before what they hold. The same files give the same archive.
pub(crate) fn pack(files: &[Packed]) -> Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    let mut directory = "";
    for file in files {
        let (parent, _) = file
            .path
            .rsplit_once('/')
            .with_context(|| format!("{} has no folder", file.path))?;
        if parent != directory {
            directory = parent;
            append(
                &mut builder,
                &format!("{parent}/"),
                EntryType::Directory,
                0o755,
                &[],
            )?;
        }
        pad(&mut builder)?;
        append(
            &mut builder,
            &file.path,
            EntryType::Regular,
            file.mode,
            &file.content,
        )?;
    }
    builder.into_inner().context("cannot end the ramdisk")
}

/// Makes the data of the next entry begin at a page.
fn pad(builder: &mut Builder<Vec<u8>>) -> Result<()> {
    let data = builder.get_ref().len() + RECORD;
    let gap = data.next_multiple_of(PAGE) - data;
    if gap == 0 {
        return Ok(());
    }
    // The entry's own header takes one record. An empty one would be odd, so a whole page goes in its place.
    let length = if gap == RECORD { PAGE } else { gap - RECORD };
    append(
        builder,
        "PaxHeaders/padding",
        EntryType::XHeader,
        0o644,
        comment(length).as_bytes(),
    )
}

/// A pax record of exactly that length that carries nothing.
fn comment(length: usize) -> String {
    let head = format!("{length} comment=");
    let filling = length - head.len() - 1;
    format!("{head}{}\n", "-".repeat(filling))
}

fn append(
    builder: &mut Builder<Vec<u8>>,
    path: &str,
    kind: EntryType,
    mode: u32,
    content: &[u8],
) -> Result<()> {
    let mut header = Header::new_ustar();
    header
        .set_path(path)
        .with_context(|| format!("{path} does not fit into an archive"))?;
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_size(content.len() as u64);
    header.set_cksum();
    builder
        .append(&header, content)
        .with_context(|| format!("cannot pack {path}"))
}

#[cfg(test)]
mod tests {
    use tar::{Archive, EntryType};

    use super::{PAGE, Packed, comment, pack};

    fn files() -> Vec<Packed> {
        let sizes = [0, 1, 511, 512, 513, 4096, 5000, 3072, 3584, 100_000];
        let file = |(index, size): (usize, &usize)| Packed {
            path: format!("bin/p{index}"),
            mode: 0o755,
            content: vec![b'a' + u8::try_from(index).expect("few files"); *size],
        };
        sizes.iter().enumerate().map(file).collect()
    }

    #[test]
    fn every_file_begins_at_a_page_and_reads_back() {
        let files = files();
        let bytes = pack(&files).expect("it can be packed");
        let mut found = Vec::new();
        for entry in Archive::new(bytes.as_slice()).entries().expect("an archive") {
            let entry = entry.expect("an entry");
            if entry.header().entry_type() == EntryType::Regular {
                let start = usize::try_from(entry.raw_file_position()).expect("a small archive");
                assert_eq!(start % PAGE, 0, "{:?}", entry.path());
                let size = usize::try_from(entry.size()).expect("a small file");
                found.push((
                    entry.path().expect("a path").display().to_string(),
                    bytes[start..start + size].to_vec(),
                ));
            }
        }
        let wanted: Vec<_> = files.into_iter().map(|file| (file.path, file.content)).collect();
        assert_eq!(found, wanted);
    }

    #[test]
    fn the_same_files_give_the_same_archive() {
        assert_eq!(pack(&files()).ok(), pack(&files()).ok());
    }

    #[test]
    fn a_comment_is_as_long_as_it_says() {
        for length in [512, 1024, 1536, 4096] {
            let record = comment(length);
            assert_eq!(record.len(), length);
            assert!(record.starts_with(&format!("{length} ")) && record.ends_with('\n'));
        }
    }
}
