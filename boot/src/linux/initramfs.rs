//! The Linux guest's root: busybox, the driver's module, the added programs and `/init`.

use std::fs;

use anyhow::{Context, Result};

use super::Options;
use super::cpio::Archive;
use super::package::{Busybox, Kernel};

/// Runs the line and tells its status in the kernel log, which is the second serial port.
///
/// Debian's kernel has no binderfs; links stand for its names, which some programs use.
///
/// The terminal is made raw, so that what programs write arrives as it is. The second `stty` waits until all of it
/// has left.
const INIT: &str = "\
#!/bin/sh
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t debugfs debugfs /sys/kernel/debug
for module in $(cat /modules/order); do insmod /modules/$module $(cat /modules/$module.options); done
mkdir -p /dev/binderfs
for device in binder hwbinder vndbinder; do ln -s ../$device /dev/binderfs/$device; done
dmesg -n 8
stty -F /dev/ttyS0 raw -echo 115200
cd /
sh /line </dev/null >/dev/ttyS0 2>&1
status=$?
stty -F /dev/ttyS0 raw
echo \"<0>power: off, status $status\" >/dev/kmsg
poweroff -f
";

/// The three contexts of Android.
const BINDER_OPTIONS: &str = "devices=binder,hwbinder,vndbinder";

/// Makes the archive.
pub(crate) fn pack(kernel: &Kernel, busybox: &Busybox, options: &Options) -> Result<Vec<u8>> {
    let mut archive = Archive::default();
    for directory in ["bin", "dev", "proc", "sys", "tmp", "modules"] {
        archive.directory(directory);
    }
    archive.executable("init", INIT.as_bytes());
    archive.executable("line", format!("{}\n", options.exec).as_bytes());
    archive.executable("bin/busybox", &read(&busybox.program)?);
    for applet in &busybox.applets {
        let added = options.add.iter().any(|added| added.name == *applet);
        if !added && applet != "busybox" {
            archive.link(&format!("bin/{applet}"), "busybox");
        }
    }
    let mut order = String::new();
    for module in &kernel.modules {
        let name = module.file_name().unwrap_or_default().to_string_lossy();
        let parameters = if name.starts_with("binder_linux") {
            BINDER_OPTIONS
        } else {
            ""
        };
        archive.executable(&format!("modules/{name}"), &read(module)?);
        archive.executable(&format!("modules/{name}.options"), parameters.as_bytes());
        order += &format!("{name}\n");
    }
    archive.executable("modules/order", order.as_bytes());
    for added in &options.add {
        archive.executable(&format!("bin/{}", added.name), &read(&added.file)?);
    }
    Ok(archive.finish())
}

fn read(path: &std::path::Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}
