//! Debian's packages, fetched by apt without installing them and cached for good.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::layout;

/// A kernel ready to be booted.
pub(crate) struct Kernel {
    /// The bootable image.
    pub(crate) image: PathBuf,
    /// The binder driver's module after those it depends on, uncompressed.
    pub(crate) modules: Vec<PathBuf>,
}

/// The programs of the guest's shell.
pub(crate) struct Busybox {
    /// The static executable.
    pub(crate) program: PathBuf,
    /// The names it answers to.
    pub(crate) applets: Vec<String>,
}

/// Debian's kernel of that version, for instance `6.12`.
pub(crate) fn kernel(version: &str) -> Result<Kernel> {
    let directory = layout::cache().join("linux").join(version);
    if !directory.exists() {
        let package = kernel_package(version)?;
        fetch(&package, &directory, keep_kernel)?;
    }
    let order = directory.join("modules");
    let order = fs::read_to_string(&order).with_context(|| format!("cannot read {}", order.display()))?;
    let modules = order.lines().map(|name| directory.join(name)).collect();
    Ok(Kernel {
        image: directory.join("vmlinuz"),
        modules,
    })
}

/// Debian's static busybox.
pub(crate) fn busybox() -> Result<Busybox> {
    let directory = layout::cache().join("linux/busybox");
    if !directory.exists() {
        fetch("busybox-static", &directory, |unpacked, into| {
            fs::copy(unpacked.join("bin/busybox"), into.join("busybox"))
                .context("busybox is not in its package")?;
            let applets = output(Command::new(into.join("busybox")).arg("--list"))?;
            fs::write(into.join("applets"), applets).context("cannot write the list of applets")
        })?;
    }
    let applets = fs::read_to_string(directory.join("applets")).context("cannot read the list of applets")?;
    Ok(Busybox {
        program: directory.join("busybox"),
        applets: applets.lines().map(str::to_owned).collect(),
    })
}

/// The package that holds the kernel: the one the version's metapackage depends on.
fn kernel_package(version: &str) -> Result<String> {
    let wanted = format!("linux-image-{version}.");
    for metapackage in [
        format!("linux-image-{version}-amd64"),
        "linux-image-amd64".to_owned(),
    ] {
        let described =
            output(Command::new("apt-cache").arg("depends").arg(&metapackage)).unwrap_or_default();
        let described = String::from_utf8_lossy(&described).into_owned();
        let mut needed = described
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "));
        if let Some(package) = needed.find(|package| package.starts_with(&wanted)) {
            return Ok(package.to_owned());
        }
    }
    bail!("apt knows no Debian kernel {version} (linux-image-{version}-amd64); is `apt-get update` due?")
}

/// Downloads a package, unpacks it and lets `keep` take from it what `directory` shall hold.
///
/// The directory appears under its name only when it is complete.
fn fetch(package: &str, directory: &Path, keep: impl FnOnce(&Path, &Path) -> Result<()>) -> Result<()> {
    eprintln!("bindery: fetching Debian's {package}");
    let work = directory.with_extension(format!("new-{}", std::process::id()));
    let unpacked = work.join("unpacked");
    let kept = work.join("kept");
    for directory in [&unpacked, &kept] {
        fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    }
    output(
        Command::new("apt-get")
            .args(["-qq", "download", package])
            .current_dir(&work),
    )
    .with_context(|| format!("apt cannot download {package}"))?;
    let archive = entries(&work)?
        .into_iter()
        .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .with_context(|| format!("apt left no archive of {package}"))?;
    output(Command::new("dpkg-deb").arg("-x").arg(&archive).arg(&unpacked))?;
    keep(&unpacked, &kept)?;
    // Another run may have been quicker; its directory is as good.
    if fs::rename(&kept, directory).is_err() {
        ensure!(directory.exists(), "cannot make {}", directory.display());
    }
    fs::remove_dir_all(&work).with_context(|| format!("cannot remove {}", work.display()))
}

/// Keeps the image, the driver's module and what that needs, with the order to load them in.
fn keep_kernel(unpacked: &Path, into: &Path) -> Result<()> {
    let image = entries(&unpacked.join("boot"))?
        .into_iter()
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz"))
        })
        .context("the package has no kernel image")?;
    fs::copy(&image, into.join("vmlinuz")).context("cannot copy the kernel image")?;
    let mut order = Vec::new();
    keep_module("binder_linux", &unpacked.join("lib/modules"), into, &mut order)?;
    fs::write(into.join("modules"), order.join("\n")).context("cannot write the order of modules")
}

/// Keeps a module after the modules it names in its `depends=` record.
fn keep_module(name: &str, modules: &Path, into: &Path, order: &mut Vec<String>) -> Result<()> {
    let file = format!("{name}.ko");
    if order.contains(&file) {
        return Ok(());
    }
    let found = find_module(name, modules)?.with_context(|| format!("the package has no module {name}"))?;
    let bytes = if found.extension().is_some_and(|extension| extension == "xz") {
        let compressed =
            fs::File::open(&found).with_context(|| format!("cannot read {}", found.display()))?;
        output(Command::new(busybox()?.program).arg("unxz").stdin(compressed))?
    } else {
        fs::read(&found).with_context(|| format!("cannot read {}", found.display()))?
    };
    for needed in dependencies(&bytes) {
        keep_module(&needed, modules, into, order)?;
    }
    fs::write(into.join(&file), bytes).with_context(|| format!("cannot write {file}"))?;
    order.push(file);
    Ok(())
}

/// The names in a module's `depends=` record.
fn dependencies(module: &[u8]) -> Vec<String> {
    let record = module
        .split(|byte| *byte == 0)
        .find_map(|record| record.strip_prefix(b"depends="));
    let names = String::from_utf8_lossy(record.unwrap_or_default()).into_owned();
    names
        .split(',')
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Looks for `NAME.ko` or `NAME.ko.xz` below `directory`; dashes and underscores are the same to the kernel.
fn find_module(name: &str, directory: &Path) -> Result<Option<PathBuf>> {
    for path in entries(directory)? {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            if let Some(found) = find_module(name, &path)? {
                return Ok(Some(found));
            }
            continue;
        }
        let file = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .replace('-', "_");
        if file.strip_suffix(".xz").unwrap_or(&file).strip_suffix(".ko") == Some(&name.replace('-', "_")) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

fn entries(directory: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    let mut paths = Vec::new();
    for entry in listing {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Runs a command to its end and gives what it wrote; its complaints become the error.
fn output(command: &mut Command) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let done = command
        .stderr(Stdio::piped())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    let complaint = String::from_utf8_lossy(&done.stderr).trim().replace('\n', "; ");
    ensure!(done.status.success(), "{program} failed: {complaint}");
    Ok(done.stdout)
}

#[cfg(test)]
mod tests {
    use super::dependencies;

    #[test]
    fn a_module_names_what_it_needs() {
        assert_eq!(
            dependencies(b"\x7fELF\0license=GPL\0depends=one,two\0name=x\0"),
            ["one", "two"]
        );
        assert!(dependencies(b"\x7fELF\0depends=\0name=x\0").is_empty());
    }
}
