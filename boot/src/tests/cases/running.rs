//! How a run begins and ends, as `run-qemu.sh` shows it.

use super::super::case::{CASE, Case, Clock, Services, Stdout};
use crate::options::Firmware;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a line that succeeds ends with 0",
        line: "true",
        stdout: Stdout::Exactly(""),
        ..CASE
    },
    Case {
        name: "a line that fails ends with its status",
        line: "false",
        status: 1,
        ..CASE
    },
    Case {
        name: "what a program writes arrives byte for byte",
        line: "echo one; echo 'two  three'",
        stdout: Stdout::Exactly("one\ntwo  three\n"),
        ..CASE
    },
    Case {
        name: "a line that hangs is given up with 124",
        line: "sleep 1000",
        status: 124,
        timeout: 10,
        services: Services::None,
        ..CASE
    },
    Case {
        name: "a kernel panic ends with 101",
        line: "panic",
        status: 101,
        services: Services::None,
        ..CASE
    },
    Case {
        name: "32 MiB are enough to boot and serve",
        line: "demo start-service",
        stdout: Stdout::Lines(&["startService -> "]),
        memory: 32,
        ..CASE
    },
    Case {
        name: "the UEFI image boots too",
        line: "echo uefi",
        stdout: Stdout::Lines(&["uefi"]),
        firmware: Firmware::Uefi,
        services: Services::None,
        ..CASE
    },
    Case {
        name: "counting instructions changes nothing that is visible",
        line: "echo counted; sleep 1; echo slept",
        stdout: Stdout::Exactly("counted\nslept\n"),
        clock: Clock::Instructions,
        ..CASE
    },
];
