//! Takes from an ELF file what is never loaded: symbols and debug information.
//!
//! The boot loader reads the kernel and the ramdisk through the firmware, slowly, so each kilobyte counts. Sections
//! that are loaded keep their headers, because the boot loader looks for its configuration by a section's name.

use anyhow::{Context, Result};
use object::elf::{FileHeader64, SHF_ALLOC, SHT_NULL, SectionHeader64};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{LittleEndian, U16, U32, U64, pod};

type Header = FileHeader64<LittleEndian>;
type Section = SectionHeader64<LittleEndian>;

/// The file reduced to its segments, the headers of what is in them, and the names of those.
pub(crate) fn strip(elf: &[u8]) -> Result<Vec<u8>> {
    let endian = LittleEndian;
    let mut header = *Header::parse(elf).context("not an ELF file")?;
    let sections = header
        .section_headers(endian, elf)
        .context("damaged section headers")?;
    let names_index = usize::from(header.e_shstrndx(endian));
    let names = sections.get(names_index).context("sections without names")?;
    let names_bytes = names.data(endian, elf).context("damaged section names")?;

    let loaded = header
        .program_headers(endian, elf)
        .context("damaged program headers")?
        .iter()
        .map(|segment| segment.p_offset(endian) + segment.p_filesz(endian))
        .max()
        .context("nothing is loaded")?;
    let mut stripped = elf
        .get(..usize::try_from(loaded)?)
        .context("a segment beyond the file")?
        .to_vec();

    let names_offset = stripped.len() as u64;
    stripped.extend_from_slice(names_bytes);
    stripped.resize(stripped.len().next_multiple_of(8), 0);
    let kept: Vec<usize> = (0..sections.len())
        .filter(|index| is_kept(&sections[*index], *index, names_index))
        .collect();
    let table_offset = stripped.len() as u64;
    for index in &kept {
        let mut section = sections[*index];
        if *index == names_index {
            section.sh_offset = U64::new(endian, names_offset);
        }
        section.sh_link = U32::new(endian, new_index(&kept, section.sh_link(endian) as usize)?.into());
        stripped.extend_from_slice(pod::bytes_of(&section));
    }
    header.e_shoff = U64::new(endian, table_offset);
    header.e_shnum = U16::new(endian, u16::try_from(kept.len())?);
    header.e_shstrndx = U16::new(endian, new_index(&kept, names_index)?);
    stripped[..size_of::<Header>()].copy_from_slice(pod::bytes_of(&header));
    Ok(stripped)
}

fn is_kept(section: &Section, index: usize, names_index: usize) -> bool {
    let endian = LittleEndian;
    let is_loaded = section.sh_flags(endian) & u64::from(SHF_ALLOC) != 0;
    is_loaded || index == names_index || section.sh_type(endian) == SHT_NULL
}

/// Where a section is in the new table; 0, which names none, when it is gone.
fn new_index(kept: &[usize], old: usize) -> Result<u16> {
    Ok(u16::try_from(
        kept.iter().position(|index| *index == old).unwrap_or(0),
    )?)
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use object::{File, Object, ObjectSection, ObjectSegment};

    use super::strip;

    #[test]
    fn what_is_loaded_stays_and_the_rest_goes() {
        let this = env::current_exe().expect("a test has a file");
        let before = fs::read(this).expect("it can be read");
        let after = strip(&before).expect("it is an ELF file");
        assert!(
            after.len() < before.len() / 2,
            "{} of {} bytes are left",
            after.len(),
            before.len()
        );
        let before = File::parse(before.as_slice()).expect("an ELF file");
        let after = File::parse(after.as_slice()).expect("still an ELF file");
        assert_eq!(before.entry(), after.entry());
        for (one, other) in before.segments().zip(after.segments()) {
            assert!(one.data().ok() == other.data().ok() || one.file_range().0 == 0);
        }
        let text = |file: &File<'_>| {
            file.section_by_name(".text")
                .map(|text| (text.address(), text.size()))
        };
        assert_eq!(text(&before), text(&after));
        assert!(after.section_by_name(".symtab").is_none());
    }
}
