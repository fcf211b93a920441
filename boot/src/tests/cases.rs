//! The cases that run in the guest.
//!
//! To add one, write a [`Case`] with what differs from [`CASE`]: a sentence as its name, the line for the guest's shell,
//! and what must come of it. `./test.sh guest WORD` runs those whose names contain WORD.

use super::case::{CASE, Case, Clock, Services, Stdout};
use super::program::Program;
use crate::options::Firmware;

/// All of them.
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
    Case {
        name: "a foreign program is context manager and client with raw system calls",
        line: "raw server & raw client",
        stdout: Stdout::Exactly("client: reply 42\n"),
        services: Services::None,
        add: &[Program("raw")],
        ..CASE
    },
];
