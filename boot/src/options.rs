//! What a run of Bindery can be told.

use std::fmt;

use clap::{Args, ValueEnum};

use crate::added::Added;
use crate::trace::Output;

/// What the list of options ends with.
const AFTER_HELP: &str = "`./run-qemu.sh new NAME` makes a service of your own; `./run-qemu.sh new --help` tells more.
Without --exec this terminal becomes the guest's; Ctrl-A x stops the machine.
Exit status: that of LINE; 124 when the time is over, 101 when the kernel panicked, 2 when nothing could be run.";

/// The options of `run-qemu.sh`.
#[derive(Args, Debug, Clone)]
#[command(override_usage = "./run-qemu.sh [OPTIONS]", after_help = AFTER_HELP)]
pub(crate) struct Options {
    /// Boots, runs LINE in the guest's shell and powers off; the exit status is LINE's.
    #[arg(long, value_name = "LINE", allow_hyphen_values = true)]
    pub(crate) exec: Option<String>,
    /// Puts a host file into the image as /bin/NAME (repeatable).
    #[arg(long, value_name = "FILE[:NAME]")]
    pub(crate) add: Vec<Added>,
    /// Starts nothing but the shell: no servicemanager, no services.
    #[arg(long)]
    pub(crate) bare: bool,
    /// Runs deterministically: one guest nanosecond per instruction.
    #[arg(long)]
    pub(crate) icount: bool,
    /// Gives up after this time with status 124 (with --exec the default is 120).
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// The guest's memory.
    #[arg(long, value_name = "MIB", default_value_t = 128, value_parser = clap::value_parser!(u32).range(32..=65536))]
    pub(crate) memory: u32,
    /// The firmware to boot from.
    #[arg(long, value_enum, default_value_t = Firmware::Bios)]
    pub(crate) firmware: Firmware,
    /// How the CPU is emulated.
    #[arg(long, value_enum, default_value_t = Acceleration::Auto)]
    pub(crate) accel: Acceleration,
    /// Records binder events of the run: FILE.json opens in Perfetto, FILE.svg is a sequence diagram.
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<Output>,
    /// How many events --trace keeps, the newest ones (without it as many as fit into a quarter of the guest's memory, at most 524288).
    #[arg(long, value_name = "EVENTS", requires = "trace", value_parser = clap::value_parser!(u32).range(16..=16_777_216))]
    pub(crate) trace_size: Option<u32>,
    /// Draws only the threads of these programs in FILE.svg.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', requires = "trace")]
    pub(crate) trace_of: Vec<String>,
    /// Halts before the first instruction until gdb comes, for which it writes target/bindery.gdb.
    #[arg(long)]
    pub(crate) gdb: bool,
    /// Shows the kernel log on stderr; it is always kept in target/kernel.log.
    #[arg(long)]
    pub(crate) log: bool,
}

/// The firmware a machine boots with.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Firmware {
    /// SeaBIOS, from a master boot record.
    Bios,
    /// Tianocore, from an EFI system partition.
    Uefi,
}

impl fmt::Display for Firmware {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bios => "bios",
            Self::Uefi => "uefi",
        })
    }
}

/// Who runs the guest's instructions.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Acceleration {
    /// The CPU where it can and may, else the emulator.
    Auto,
    /// The emulator.
    Tcg,
    /// The CPU, through Linux's KVM.
    Kvm,
}
