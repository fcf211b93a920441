//! The disk image: made by the tool in `boot/image`, and only when something that goes into it has changed.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

use anyhow::{Context, Result, ensure};

use crate::added::Added;
use crate::build::{self, Executable};
use crate::layout::{self, Scratch};
use crate::options::Firmware;
use crate::ramdisk::{self, Packed};
use crate::strip::strip;
use crate::symbols;

/// What `servicemanager` allows and declares, and its name in the image.
const SERVICE_POLICY: (&str, &str) = (
    "userland/servicemanager/servicemanager.conf",
    "etc/servicemanager.conf",
);

/// How many images are kept; older ones go.
const KEPT: usize = 8;

/// What every image is made from, up to date.
#[derive(Clone)]
pub(crate) struct Parts {
    maker: PathBuf,
    kernel: PathBuf,
    programs: Vec<Executable>,
}

impl Parts {
    /// Builds what is out of date.
    pub(crate) fn build() -> Result<Self> {
        Ok(Self {
            maker: image_maker()?,
            kernel: build::kernel()?,
            programs: build::programs()?,
        })
    }

    /// The same with a kernel that can be broken on purpose.
    pub(crate) fn defective(&self) -> Result<Self> {
        Ok(Self {
            kernel: build::defective_kernel()?,
            ..self.clone()
        })
    }

    /// The kernel's file, with its symbols and debug information.
    pub(crate) fn kernel(&self) -> &Path {
        &self.kernel
    }

    /// The programs of the tree.
    pub(crate) fn programs(&self) -> &[Executable] {
        &self.programs
    }

    /// The image of the tree's programs and the added ones.
    pub(crate) fn image(&self, added: &[Added], firmware: Firmware) -> Result<PathBuf> {
        let name = format!("{:016x}-{firmware}.img", self.fingerprint(added)?);
        let images = layout::target().join("images");
        let image = images.join(name);
        if image.exists() {
            // What is in use counts as new, or another run might remove it.
            touch(&image)?;
        } else {
            fs::create_dir_all(&images).with_context(|| format!("cannot make {}", images.display()))?;
            self.compose(&self.pack(added)?, firmware, &image)?;
            remove_old(&images)?;
        }
        if added.is_empty() {
            name_for_users(&image, &layout::target().join(format!("bindery-{firmware}.img")))?;
        }
        Ok(image)
    }

    /// A number that changes with whatever goes into an image.
    fn fingerprint(&self, added: &[Added]) -> Result<u64> {
        let this = env::current_exe().context("cannot tell where this tool is")?;
        let mut hasher = DefaultHasher::new();
        let policy = layout::root().join(SERVICE_POLICY.0);
        for file in [&this, &self.maker, &self.kernel, &policy] {
            (file, modified(file)?).hash(&mut hasher);
        }
        for Executable { name, file } in &self.programs {
            (name, file, modified(file)?).hash(&mut hasher);
        }
        for Added { name, file } in added {
            (name, file, modified(file)?, fs::metadata(file)?.len()).hash(&mut hasher);
        }
        Ok(hasher.finish())
    }

    /// The ramdisk: programs in `bin`, symbol tables in `boot` and `sym`; in `etc` the list of services and their policy.
    fn pack(&self, added: &[Added]) -> Result<Vec<u8>> {
        let mut bin = Vec::new();
        let mut sym = Vec::new();
        for Executable { name, file } in &self.programs {
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
            let content = read(file)?;
            // A file may well have been stripped.
            let symbols = symbols::table(&content).unwrap_or_default();
            if !symbols.is_empty() {
                sym.push(Packed {
                    path: format!("sym/{name}"),
                    mode: 0o644,
                    content: symbols.into_bytes(),
                });
            }
            bin.push(Packed {
                path: format!("bin/{name}"),
                mode: 0o755,
                content,
            });
        }
        let kernel = symbols::table(&read(&self.kernel)?)?.into_bytes();
        let boot = Packed {
            path: "boot/kernel.sym".to_owned(),
            mode: 0o644,
            content: kernel,
        };
        let services = Packed {
            path: "etc/services".to_owned(),
            mode: 0o644,
            content: self.services()?.into_bytes(),
        };
        let (source, name) = SERVICE_POLICY;
        let policy = Packed {
            path: name.to_owned(),
            mode: 0o644,
            content: read(&layout::root().join(source))?,
        };
        for files in [&mut bin, &mut sym] {
            files.sort_by(|one, other| one.path.cmp(&other.path));
        }
        let files: Vec<Packed> = bin
            .into_iter()
            .chain([boot, services, policy])
            .chain(sym)
            .collect();
        ramdisk::pack(&files)
    }

    /// What init starts: one line for each package in `userland/services` that has a program of its own name.
    fn services(&self) -> Result<String> {
        let folder = layout::root().join("userland/services");
        let entries = fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.retain(|name| self.programs.iter().any(|program| program.name == *name));
        names.sort();
        Ok(names.into_iter().map(|name| name + "\n").collect())
    }

    /// Makes the image; it gets its name only when it is complete.
    fn compose(&self, ramdisk: &[u8], firmware: Firmware, image: &Path) -> Result<()> {
        let scratch = Scratch::new()?;
        let stripped = strip(&read(&self.kernel)?).context("cannot strip the kernel")?;
        for (name, content) in [("kernel", stripped.as_slice()), ("ramdisk", ramdisk)] {
            fs::write(scratch.file(name), content).with_context(|| format!("cannot write the {name}"))?;
        }
        let done = Command::new(&self.maker)
            .args([scratch.file("kernel"), scratch.file("ramdisk")])
            .arg(format!("--{firmware}"))
            .arg(scratch.file("image"))
            .output()
            .with_context(|| format!("cannot run {}", self.maker.display()))?;
        ensure!(
            done.status.success(),
            "{}",
            String::from_utf8_lossy(&done.stderr).trim().replace('\n', "; ")
        );
        fs::rename(scratch.file("image"), image).with_context(|| format!("cannot make {}", image.display()))
    }
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
        touch(&maker)?;
    }
    Ok(maker)
}

/// Gives the newest complete image a name that a user finds.
fn name_for_users(image: &Path, name: &Path) -> Result<()> {
    if modified(name).is_ok_and(|time| modified(image).is_ok_and(|other| time == other)) {
        return Ok(());
    }
    let scratch = Scratch::new()?;
    let link = scratch.file("link");
    fs::hard_link(image, &link).with_context(|| format!("cannot make {}", link.display()))?;
    fs::rename(&link, name).with_context(|| format!("cannot make {}", name.display()))
}

/// Removes all but the newest images. Another run may do the same; what is gone already is no failure.
fn remove_old(images: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(images).with_context(|| format!("cannot list {}", images.display()))? {
        let path = entry?.path();
        if let Ok(time) = modified(&path) {
            files.push((time, path));
        }
    }
    files.sort();
    for (_, path) in files.iter().rev().skip(KEPT) {
        let _ = fs::remove_file(path);
    }
    Ok(())
}

fn touch(file: &Path) -> Result<()> {
    fs::File::open(file)
        .and_then(|opened| opened.set_modified(SystemTime::now()))
        .with_context(|| format!("cannot touch {}", file.display()))
}

fn modified(file: &Path) -> Result<SystemTime> {
    fs::metadata(file)
        .and_then(|data| data.modified())
        .with_context(|| format!("cannot read {}", file.display()))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
