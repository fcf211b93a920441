//! Opening what a name leads to.

use super::super::console::ConsoleFile;
use super::super::device::SourceFile;
use super::super::directory::{DirectoryFile, NamedFile};
use super::super::image::ImageFile;
use super::super::memory::MemoryOpen;
use super::super::text::TextFile;
use super::super::{File, OpenFile};
use super::FileSystem;
use super::node::{Content, Device, Node, System};
use super::walk::{Found, Last};
use crate::binder;
use crate::mm::frames;
use crate::task::Kernel;
use abi::Errno;
use abi::file::OpenFlags;
use alloc::boxed::Box;
use alloc::sync::Arc;
use binder_driver::Context;

impl Kernel {
    /// Opens the file of a path for the current process, making it if that is asked for.
    ///
    /// # Errors
    ///
    /// As `open` on Linux.
    pub(crate) fn open_path(
        &mut self,
        base: &[u8],
        path: &[u8],
        flags: OpenFlags,
        mode: u32,
    ) -> Result<Arc<OpenFile>, Errno> {
        if frames::is_short() {
            return Err(Errno::ENOMEM);
        }
        if flags.contains(OpenFlags::TEMPORARY) {
            return Err(Errno::EOPNOTSUPP);
        }
        let creates = flags.contains(OpenFlags::CREATE);
        let exclusive = creates && flags.contains(OpenFlags::EXCLUSIVE);
        let keeps_link = exclusive || flags.contains(OpenFlags::NO_FOLLOW);
        let last = if keeps_link { Last::Itself } else { Last::Followed };
        let found = FileSystem::walk(self, base, path, last)?;
        match &found.node {
            Some(_) if exclusive => Err(Errno::EEXIST),
            Some(node) => {
                if creates && (node.is_directory() || found.slash) {
                    return Err(Errno::EISDIR);
                }
                self.open_node(Arc::clone(node), flags, found.path)
            }
            None if creates && found.slash => Err(Errno::EISDIR),
            None if creates => {
                let node = found.create_file(mode)?;
                self.open_node(node, flags, found.path)
            }
            None => Err(Errno::ENOENT),
        }
    }

    fn open_node(
        &mut self,
        node: Arc<Node>,
        flags: OpenFlags,
        path: alloc::vec::Vec<u8>,
    ) -> Result<Arc<OpenFile>, Errno> {
        if flags.contains(OpenFlags::DIRECTORY) && !node.is_directory() {
            return Err(Errno::ENOTDIR);
        }
        if flags.contains(OpenFlags::PATH) {
            return Ok(OpenFile::named(Box::new(NamedFile), flags, path, node));
        }
        let file = self.file_of(&node, flags)?;
        Ok(OpenFile::named(file, flags, path, node))
    }

    fn file_of(&mut self, node: &Arc<Node>, flags: OpenFlags) -> Result<Box<dyn File>, Errno> {
        let writes = !(flags & OpenFlags::ACCESS_MODE).is_empty();
        let changes = writes || flags.contains(OpenFlags::TRUNCATE);
        match &node.content {
            Content::Link(_) => Err(Errno::ELOOP),
            Content::Directory(_) if changes => Err(Errno::EISDIR),
            Content::Directory(_) => Ok(Box::new(DirectoryFile::new(Arc::clone(node)))),
            Content::Image(_) if changes => Err(Errno::EROFS),
            Content::Image(bytes) => Ok(Box::new(ImageFile { bytes })),
            Content::Memory(file) => {
                if flags.contains(OpenFlags::TRUNCATE) {
                    file.set_length(self, 0)?;
                }
                Ok(Box::new(MemoryOpen(Arc::clone(file))))
            }
            // Nobody can write to one, but the superuser may try.
            Content::Text(_) if changes && !self.thread().credentials.is_root() => Err(Errno::EACCES),
            Content::Text(text) => Ok(Box::new(TextFile::new(*text))),
            Content::Device(Device::Source(source)) => Ok(Box::new(SourceFile { source: *source })),
            Content::Device(Device::Console) => Ok(Box::new(ConsoleFile)),
            Content::Device(Device::Binder(Context::Kernel)) if !self.thread().credentials.is_root() => {
                Err(Errno::EACCES)
            }
            Content::Device(Device::Binder(context)) => {
                let file = binder::open(self, *context)?;
                Ok(Box::new(file))
            }
        }
    }
}

impl Found {
    /// Opens what was found as this file; nothing if nothing was found.
    pub(crate) fn open_existing(self, file: Box<dyn File>, flags: OpenFlags) -> Option<Arc<OpenFile>> {
        Some(OpenFile::named(file, flags, self.path, self.node?))
    }
}

impl System {
    /// Whether names can be made and removed.
    ///
    /// # Errors
    ///
    /// EPERM where only the kernel does so, EROFS where nobody does.
    pub(crate) fn check_changeable(self) -> Result<(), Errno> {
        match self {
            Self::Memory => Ok(()),
            Self::Kernel => Err(Errno::EPERM),
            Self::Image | Self::Devices | Self::Processes => Err(Errno::EROFS),
        }
    }

    /// Whether files can be made.
    ///
    /// # Errors
    ///
    /// EACCES where only the kernel does so, EROFS where nobody does.
    pub(crate) fn check_takes_files(self) -> Result<(), Errno> {
        match self {
            Self::Kernel => Err(Errno::EACCES),
            Self::Memory | Self::Image | Self::Devices | Self::Processes => self.check_changeable(),
        }
    }
}
