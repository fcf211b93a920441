//! Where things lie on the host: the source tree and what is made from it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use anyhow::{Context, Result};

/// The root of the source tree.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Everything made from the sources: cargo's products, the ramdisk, the disk images, the kernel log.
pub(crate) fn target() -> PathBuf {
    match env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => env::current_dir().unwrap_or_default().join(directory),
        None => root().join("target"),
    }
}

/// Things that are costly to get and depend on nothing in the tree; one place whatever cargo is told.
pub(crate) fn cache() -> PathBuf {
    root().join("target")
}

/// A directory for the files of one run, so that runs may go on side by side; it goes when the value goes.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Makes an empty one.
    pub(crate) fn new() -> Result<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("run-{}-{}", process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let path = target().join(name);
        fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// The directory itself.
    pub(crate) fn folder(&self) -> PathBuf {
        self.0.clone()
    }

    /// The path of a file in it.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed only takes space below `target/`.
        let _ = fs::remove_dir_all(&self.0);
    }
}
