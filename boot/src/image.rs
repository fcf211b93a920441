//! The disk image: made by the tool in `boot/image`, and only when something that goes into it has changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result, ensure};

use crate::added::Added;
use crate::build::{self, Executable};
use crate::layout::{self, Scratch};
use crate::options::Firmware;
use crate::ramdisk::{self, Packed};
use crate::strip::strip;
use crate::symbols;

/// How many images are kept; older ones go.
const KEPT: usize = 8;

/// Builds what is out of date and gives the image of the tree's programs and the added ones.
pub(crate) fn make(added: &[Added], firmware: Firmware) -> Result<PathBuf> {
    let maker = image_maker()?;
    let kernel = build::kernel()?;
    let programs = build::programs()?;
    let name = format!(
        "{:016x}-{firmware}.img",
        fingerprint(&maker, &kernel, &programs, added)?
    );
    let images = layout::target().join("images");
    let image = images.join(name);
    if !image.exists() {
        fs::create_dir_all(&images).with_context(|| format!("cannot make {}", images.display()))?;
        compose(
            &maker,
            &kernel,
            &pack(&kernel, &programs, added)?,
            firmware,
            &image,
        )?;
        remove_old(&images)?;
    }
    if added.is_empty() {
        name_for_users(&image, &layout::target().join(format!("bindery-{firmware}.img")))?;
    }
    Ok(image)
}

/// The tool that makes disk images, built once for minutes.
fn image_maker() -> Result<PathBuf> {
    let sources = layout::root().join("boot/image");
    let directory = layout::cache().join("image");
    let maker = directory.join("release/image");
    let built = modified(&maker).ok();
    let current = ["Cargo.toml", "Cargo.lock", "src/main.rs"].iter().all(|name| {
        let source = modified(&sources.join(name)).ok();
        built.is_some() && source <= built
    });
    if !current {
        eprintln!("bindery: building the boot loader; this happens once and takes two or three minutes");
        // The boot loader's build runs cargo within cargo, which waits for ever when both share a target directory.
        let status = Command::new("cargo")
            .args(["build", "--release", "--locked", "--target-dir"])
            .arg(&directory)
            .current_dir(&sources)
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO")
            .env_remove("CARGO_TARGET_DIR")
            .status()
            .context("cannot run cargo")?;
        ensure!(status.success(), "the boot loader could not be built");
        // Cargo leaves the file as it is when only the time of a source has changed.
        fs::File::open(&maker)
            .and_then(|file| file.set_modified(SystemTime::now()))
            .with_context(|| format!("cannot touch {}", maker.display()))?;
    }
    Ok(maker)
}

/// A number that changes with whatever goes into an image.
fn fingerprint(maker: &Path, kernel: &Path, programs: &[Executable], added: &[Added]) -> Result<u64> {
    let this = std::env::current_exe().context("cannot tell where this tool is")?;
    let mut hasher = DefaultHasher::new();
    for file in [&this, maker, kernel] {
        (file, modified(file)?).hash(&mut hasher);
    }
    for Executable { name, file } in programs {
        (name, file, modified(file)?).hash(&mut hasher);
    }
    for Added { name, file } in added {
        (name, file, modified(file)?, fs::metadata(file)?.len()).hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// The ramdisk: programs in `bin`, symbol tables in `boot` and `sym`.
fn pack(kernel: &Path, programs: &[Executable], added: &[Added]) -> Result<Vec<u8>> {
    let mut bin = Vec::new();
    let mut sym = Vec::new();
    for Executable { name, file } in programs {
        if added.iter().any(|added| added.name == *name) {
            continue;
        }
        let elf = read(file)?;
        let content = strip(&elf).with_context(|| format!("cannot strip {}", file.display()))?;
        bin.push(Packed {
            path: format!("bin/{name}"),
            mode: 0o755,
            content,
        });
        let content = symbols::table(&elf)?.into_bytes();
        sym.push(Packed {
            path: format!("sym/{name}"),
            mode: 0o644,
            content,
        });
    }
    for Added { name, file } in added {
        bin.push(Packed {
            path: format!("bin/{name}"),
            mode: 0o755,
            content: read(file)?,
        });
    }
    let kernel = symbols::table(&read(kernel)?)?.into_bytes();
    let boot = Packed {
        path: "boot/kernel.sym".to_owned(),
        mode: 0o644,
        content: kernel,
    };
    bin.sort_by(|one, other| one.path.cmp(&other.path));
    let files: Vec<Packed> = bin.into_iter().chain([boot]).chain(sym).collect();
    ramdisk::pack(&files)
}

/// Makes the image; it gets its name only when it is complete.
fn compose(maker: &Path, kernel: &Path, ramdisk: &[u8], firmware: Firmware, image: &Path) -> Result<()> {
    let scratch = Scratch::new()?;
    let stripped = strip(&read(kernel)?).with_context(|| format!("cannot strip {}", kernel.display()))?;
    for (name, content) in [("kernel", stripped.as_slice()), ("ramdisk", ramdisk)] {
        fs::write(scratch.file(name), content).with_context(|| format!("cannot write the {name}"))?;
    }
    let done = Command::new(maker)
        .args([scratch.file("kernel"), scratch.file("ramdisk")])
        .arg(format!("--{firmware}"))
        .arg(scratch.file("image"))
        .output()
        .with_context(|| format!("cannot run {}", maker.display()))?;
    ensure!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr).trim().replace('\n', "; ")
    );
    fs::rename(scratch.file("image"), image).with_context(|| format!("cannot make {}", image.display()))
}

/// Gives the newest complete image a name that a user finds.
fn name_for_users(image: &Path, name: &Path) -> Result<()> {
    if name.exists() && modified(name)? == modified(image)? {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    let link = scratch.file("link");
    fs::hard_link(image, &link).with_context(|| format!("cannot make {}", link.display()))?;
    fs::rename(&link, name).with_context(|| format!("cannot make {}", name.display()))
}

/// Removes all but the newest images.
fn remove_old(images: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(images).with_context(|| format!("cannot list {}", images.display()))? {
        let path = entry?.path();
        files.push((modified(&path)?, path));
    }
    files.sort();
    for (_, path) in files.iter().rev().skip(KEPT) {
        // Another run may have removed it first.
        let _ = fs::remove_file(path);
    }
    Ok(())
}

fn modified(file: &Path) -> Result<SystemTime> {
    fs::metadata(file)
        .and_then(|data| data.modified())
        .with_context(|| format!("cannot read {}", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
