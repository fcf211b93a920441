//! Makes the bootable BIOS and UEFI disk images of a kernel and a ramdisk.
//!
//! `image KERNEL RAMDISK [--bios IMAGE] [--uefi IMAGE]`: a thin face of the `bootloader` crate, which carries the boot
//! loader's compiled stages. The boot loader is told to keep quiet; the kernel speaks on the serial ports.

mod fat;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use bootloader::{BootConfig, DiskImageBuilder};

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match make(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("image: {error}");
            ExitCode::from(2)
        }
    }
}

/// Makes the images that the command line asks for.
fn make(arguments: &[PathBuf]) -> Result<(), String> {
    let [kernel, ramdisk, wishes @ ..] = arguments else {
        return Err("usage: image KERNEL RAMDISK [--bios IMAGE] [--uefi IMAGE]".to_owned());
    };
    let mut configuration = BootConfig::default();
    configuration.frame_buffer_logging = false;
    configuration.serial_logging = false;
    let mut builder = DiskImageBuilder::new(kernel.clone());
    builder
        .set_ramdisk(ramdisk.clone())
        .set_boot_config(&configuration);
    for wish in wishes.chunks(2) {
        make_one(&builder, wish)?;
    }
    Ok(())
}

/// Makes one image.
fn make_one(builder: &DiskImageBuilder, wish: &[PathBuf]) -> Result<(), String> {
    let [firmware, image] = wish else {
        return Err("an image's name is missing".to_owned());
    };
    let failed = |error| format!("cannot make {}: {error:#}", image.display());
    match firmware.to_str() {
        Some("--bios") => {
            builder.create_bios_image(image).map_err(failed)?;
            fat::rewrite(image)
        }
        Some("--uefi") => builder.create_uefi_image(image).map_err(failed),
        Some(_) | None => Err(format!("unknown option {}", firmware.display())),
    }
}
