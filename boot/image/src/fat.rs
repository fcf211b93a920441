//! Rewrites the file system of a BIOS disk image so that the boot loader reads it quickly.
//!
//! The boot loader's real-mode stage asks the firmware for 16 KiB per cluster however small the cluster is, so the
//! 512-byte clusters that a small file system gets by default make it read everything many times. Its parser also takes
//! a file system of more than 65,535 sectors for FAT32. Clusters of 16 KiB and sectors of 4 KiB avoid both.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions, format_volume};

/// What the boot loader reads at once.
const CLUSTER: u32 = 16 * 1024;

/// The size of a sector as the file system counts it.
const FAT_SECTOR: u16 = 4096;

/// The size of a sector as the partition table counts it.
const DISK_SECTOR: usize = 512;

/// FAT12 names fewer clusters than this, FAT16 at least as many.
const FAT12_CLUSTERS: u64 = 4085;

/// Where the entry of the second partition, which holds the file system, begins in the partition table.
const ENTRY: usize = 446 + 16;

/// A file of the file system's root.
struct Stored {
    name: String,
    content: Vec<u8>,
}

/// Replaces the file system of the image at `path`.
pub(crate) fn rewrite(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let mut image = fs::read(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let start = partition_start(&image).ok_or_else(|| format!("{shown} has no second partition"))?;
    let old = image.split_off(start);
    let files =
        read_files(old).map_err(|error| format!("cannot read the file system of {shown}: {error}"))?;
    let new =
        write_files(&files).map_err(|error| format!("cannot write the file system of {shown}: {error}"))?;
    let sectors = u32::try_from(new.len() / DISK_SECTOR).map_err(|_| format!("{shown} is too large"))?;
    image[ENTRY + 12..ENTRY + 16].copy_from_slice(&sectors.to_le_bytes());
    image.extend_from_slice(&new);
    fs::write(path, image).map_err(|error| format!("cannot write {shown}: {error}"))
}

/// The offset of the second partition.
fn partition_start(image: &[u8]) -> Option<usize> {
    let field = image.get(ENTRY + 8..ENTRY + 12)?;
    let sector = u32::from_le_bytes(field.try_into().ok()?);
    let start = usize::try_from(sector).ok()? * DISK_SECTOR;
    (start > 0 && start < image.len()).then_some(start)
}

fn read_files(partition: Vec<u8>) -> std::io::Result<Vec<Stored>> {
    let file_system = FileSystem::new(Cursor::new(partition), FsOptions::new())?;
    let mut files = Vec::new();
    for entry in file_system.root_dir().iter() {
        let entry = entry?;
        if entry.is_file() {
            let mut content = Vec::new();
            entry.to_file().read_to_end(&mut content)?;
            files.push(Stored {
                name: entry.file_name(),
                content,
            });
        }
    }
    Ok(files)
}

fn write_files(files: &[Stored]) -> std::io::Result<Vec<u8>> {
    let cluster = u64::from(CLUSTER);
    let clusters: u64 = files
        .iter()
        .map(|file| (file.content.len() as u64).div_ceil(cluster))
        .sum();
    // Room for the boot record, both tables and the root directory, and a few clusters to spare.
    let size = (clusters + 64) * cluster;
    let fat_type = if size / cluster < FAT12_CLUSTERS {
        FatType::Fat12
    } else {
        FatType::Fat16
    };
    // Clusters lost to the tables must not turn a FAT16 into a FAT12.
    let size = if fat_type == FatType::Fat16 {
        size + 64 * cluster
    } else {
        size
    };
    let mut partition = Cursor::new(vec![0; usize::try_from(size).map_err(std::io::Error::other)?]);
    let options = FormatVolumeOptions::new()
        .bytes_per_sector(FAT_SECTOR)
        .bytes_per_cluster(CLUSTER)
        .fat_type(fat_type)
        .volume_label(*b"BINDERY    ");
    format_volume(&mut partition, options)?;
    {
        let file_system = FileSystem::new(&mut partition, FsOptions::new())?;
        for Stored { name, content } in files {
            file_system.root_dir().create_file(name)?.write_all(content)?;
        }
    }
    Ok(partition.into_inner())
}
