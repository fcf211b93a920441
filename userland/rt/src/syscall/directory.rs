//! Directories and names.

use super::file::WORKING_DIRECTORY;
use super::{OpenFlags, close, open, raw, with_c_string, word};
use crate::Result;
use abi::{Errno, syscall};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

const REMOVE_DIRECTORY: u64 = 0x200;

/// What kind of file a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// Bytes.
    Regular,
    /// More names.
    Directory,
    /// A device.
    Device,
    /// A pipe, a link, or what the file system does not say.
    Other,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name, without a path.
    pub name: String,
    /// What it stands for.
    pub kind: EntryKind,
}

/// The names in a directory, without `.` and `..`, in the file system's order.
///
/// # Errors
///
/// Those of openat(2) and getdents64(2).
pub fn entries(path: &str) -> Result<Vec<Entry>> {
    let fd = open(path, OpenFlags::DIRECTORY | OpenFlags::CLOEXEC)?;
    let mut list = Vec::new();
    let mut buffer = vec![0_u8; 4096];
    let result = loop {
        let (address, length) = (buffer.as_mut_ptr() as u64, buffer.len() as u64);
        // SAFETY: the kernel writes within the buffer.
        match unsafe { raw::call3(syscall::GETDENTS64, word(fd), address, length) } {
            Ok(0) => break Ok(list),
            Ok(count) => collect(buffer.get(..count as usize).unwrap_or_default(), &mut list),
            Err(errno) => break Err(errno),
        }
    };
    close(fd)?;
    result
}

/// Takes `linux_dirent64` records apart: 16 bytes of numbers, length, type, name.
fn collect(mut records: &[u8], list: &mut Vec<Entry>) {
    while let Some((length, kind)) = records
        .get(16..19)
        .and_then(<[u8]>::first_chunk)
        .map(|&[low, high, kind]| (usize::from(u16::from_le_bytes([low, high])), kind))
    {
        let Some((record, rest)) = records.split_at_checked(length) else {
            return;
        };
        let name = record.get(19..).unwrap_or_default();
        let name = name.split(|&byte| byte == 0).next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        let kind = match kind {
            8 => EntryKind::Regular,
            4 => EntryKind::Directory,
            2 | 6 => EntryKind::Device,
            _ => EntryKind::Other,
        };
        if name != "." && name != ".." {
            list.push(Entry { name, kind });
        }
        records = rest;
    }
}

/// Makes a directory with mode 0755.
///
/// # Errors
///
/// Those of mkdirat(2).
pub fn make_directory(path: &str) -> Result<()> {
    with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path.
        unsafe { raw::call3(syscall::MKDIRAT, word(WORKING_DIRECTORY), path, 0o755) }.map(drop)
    })
}

/// Removes a file's name.
///
/// # Errors
///
/// Those of unlinkat(2).
pub fn unlink(path: &str) -> Result<()> {
    with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path.
        unsafe { raw::call3(syscall::UNLINKAT, word(WORKING_DIRECTORY), path, 0) }.map(drop)
    })
}

/// Removes an empty directory.
///
/// # Errors
///
/// Those of unlinkat(2).
pub fn remove_directory(path: &str) -> Result<()> {
    with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path.
        unsafe { raw::call3(syscall::UNLINKAT, word(WORKING_DIRECTORY), path, REMOVE_DIRECTORY) }.map(drop)
    })
}

/// Changes the directory that relative paths begin at.
///
/// # Errors
///
/// Those of chdir(2).
pub fn change_directory(path: &str) -> Result<()> {
    with_c_string(path, |path| {
        // SAFETY: the kernel only reads the path.
        unsafe { raw::call1(syscall::CHDIR, path) }.map(drop)
    })
}

/// The directory that relative paths begin at.
///
/// # Errors
///
/// Those of getcwd(2).
pub fn working_directory() -> Result<String> {
    let mut buffer = vec![0_u8; 4096];
    // SAFETY: the kernel writes within the buffer.
    let length = unsafe { raw::call2(syscall::GETCWD, buffer.as_mut_ptr() as u64, buffer.len() as u64) }?;
    buffer.truncate((length as usize).saturating_sub(1));
    String::from_utf8(buffer).map_err(|_| Errno::EINVAL)
}

/// What a symbolic link holds.
///
/// # Errors
///
/// Those of readlinkat(2).
pub fn read_link(path: &str) -> Result<String> {
    let mut buffer = vec![0_u8; 4096];
    let (start, room) = (buffer.as_mut_ptr() as u64, buffer.len() as u64);
    let length = with_c_string(path, |path| {
        // SAFETY: the kernel reads the path and writes within the buffer.
        unsafe { raw::call4(syscall::READLINKAT, word(WORKING_DIRECTORY), path, start, room) }
    })?;
    buffer.truncate(length as usize);
    String::from_utf8(buffer).map_err(|_| Errno::EINVAL)
}
