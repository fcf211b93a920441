//! Runs Bindery in QEMU and hands on its end.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::acceleration;
use crate::added;
use crate::failure;
use crate::gdb;
use crate::image::Parts;
use crate::layout::{self, Scratch};
use crate::options::{Firmware, Options};
use crate::qemu::{Ended, Machine, Programs, option_path, publish};
use crate::terminal;
use crate::trace;

/// The UEFI firmware of Debian's package `ovmf`.
const UEFI_FIRMWARE: &str = "/usr/share/ovmf/OVMF.fd";

/// How long a line may take when nothing is said about it.
const LINE_TIMEOUT: u64 = 120;

/// What no firmware writes.
const BEGIN: &str = "\x02bindery\x03";

/// The name of the log among the files of a run.
const KERNEL_LOG: &str = "kernel.log";

/// Runs it as the command line says.
pub(crate) fn run(options: &Options) -> Result<ExitCode> {
    added::check(&options.add)?;
    if let Some(output) = &options.trace {
        output.check()?;
    }
    let image = Parts::build()?.image(&options.add, options.firmware)?;
    loop {
        let scratch = Scratch::new()?;
        if options.gdb {
            let script = gdb::write_script(&layout::target(), &options.add, &scratch.file(gdb::SOCKET))?;
            eprintln!("bindery: the machine waits for: gdb -x {}", script.display());
        }
        publish(&scratch.file(KERNEL_LOG), &layout::target().join(KERNEL_LOG))?;
        let mut machine = machine(options, &image, &scratch)?;
        let programs = match &options.exec {
            Some(_) => Programs::Stdout,
            None if terminal::is_interactive() => Programs::Terminal,
            None => Programs::Piped,
        };
        if options.firmware == Firmware::Uefi && !matches!(programs, Programs::Terminal) {
            hide_firmware(&mut machine, &scratch)?;
        }
        let ended = machine.run(programs)?;
        if let Some(output) = &options.trace {
            trace::write(output, options, machine.log(), &scratch)?;
        }
        if ended == Ended::Rebooting && options.exec.is_none() {
            continue;
        }
        return Ok(report(ended, &machine, options));
    }
}

/// The QEMU machine that boots `image` with these options.
pub(crate) fn machine(options: &Options, image: &Path, scratch: &Scratch) -> Result<Machine> {
    let timeout = options
        .timeout
        .or(options
            .exec
            .as_ref()
            .filter(|_| !options.gdb)
            .map(|_| LINE_TIMEOUT))
        .map(Duration::from_secs);
    let mut machine = Machine::new(scratch.file(KERNEL_LOG), timeout);
    machine.argument("-m").argument(options.memory.to_string());
    if options.firmware == Firmware::Uefi {
        ensure!(
            Path::new(UEFI_FIRMWARE).exists(),
            "{UEFI_FIRMWARE} is missing, which Debian has in the package ovmf"
        );
        machine.argument("-bios").argument(UEFI_FIRMWARE);
    }
    // The boot loader wants a graphics mode, even though nothing is drawn.
    machine.argument("-vga").argument("std");
    let drive = format!("file={},format=raw,if=virtio,snapshot=on", option_path(image));
    machine.argument("-drive").argument(drive);
    machine
        .argument("-device")
        .argument("isa-debug-exit,iobase=0xf4,iosize=0x04");
    if options.icount {
        machine.count_instructions();
    }
    machine
        .argument("-accel")
        .argument(acceleration::choose(options)?);
    if options.gdb {
        let socket = option_path(&scratch.file(gdb::SOCKET));
        machine
            .argument("-chardev")
            .argument(format!("socket,id=debugger,server=on,wait=off,path={socket}"));
        machine
            .argument("-gdb")
            .argument("chardev:debugger")
            .argument("-S");
    }
    if options.log {
        machine.show_log();
    }
    if let Some(line) = &options.exec {
        tell(&mut machine, scratch, "exec", line)?;
    }
    if options.trace.is_some() {
        machine.memory_in_file(options.memory, &scratch.file(trace::MEMORY));
        let records = trace::records(options).to_string();
        tell(&mut machine, scratch, "trace", &records)?;
    }
    if options.bare {
        tell(&mut machine, scratch, "bare", "1")?;
    }
    Ok(machine)
}

/// Keeps the UEFI firmware's chatter on the serial ports from what programs write: the kernel shall put a mark between.
pub(crate) fn hide_firmware(machine: &mut Machine, scratch: &Scratch) -> Result<()> {
    machine.begin_after(BEGIN.as_bytes());
    tell(machine, scratch, "begin", BEGIN)
}

/// Hands the guest a word through QEMU's firmware configuration.
pub(crate) fn tell(machine: &mut Machine, scratch: &Scratch, name: &str, word: &str) -> Result<()> {
    let file = scratch.file(name);
    fs::write(&file, word).with_context(|| format!("cannot write {}", file.display()))?;
    machine
        .argument("-fw_cfg")
        .argument(format!("name=opt/bindery/{name},file={}", option_path(&file)));
    Ok(())
}

/// Says what there is to say about an end and gives the exit status for it.
fn report(ended: Ended, machine: &Machine, options: &Options) -> ExitCode {
    let interactive = options.exec.is_none();

    match ended {
        Ended::Status(status) => ExitCode::from(status),
        Ended::TimedOut => {
            eprintln!("bindery: no end in time; the last lines of the kernel log:");
            eprint!("{}", machine.log().tail());
            ExitCode::from(failure::TIMED_OUT)
        }
        Ended::Panicked => {
            eprint!("{}", machine.log().panic_report());
            ExitCode::from(failure::PANICKED)
        }
        Ended::Rebooting => {
            eprintln!("bindery: the guest rebooted before its line ended");
            ExitCode::from(failure::USAGE)
        }
        Ended::TripleFault => {
            eprintln!("bindery: a triple fault reset the machine; the last lines of the kernel log:");
            eprint!("{}", machine.log().tail());
            ExitCode::from(failure::PANICKED)
        }
        Ended::Silent if interactive => ExitCode::SUCCESS,
        Ended::Silent => {
            eprintln!("bindery: the machine stopped without a status; the last lines of the kernel log:");
            eprint!("{}", machine.log().tail());
            ExitCode::from(failure::PANICKED)
        }
    }
}
