//! The cases that hold costs to recorded figures.
//!
//! Under instruction counting a run gives the same figures each time. When a cost goes down, record it here, so that it
//! cannot come back unseen.

use super::case::{CASE, Case, Clock, Services, Stdout};

/// All of them.
pub(super) const RECORDED: &[Case] = &[
    Case {
        name: "binder costs no more instructions than recorded",
        line: "binder-bench calls roundtrip oneway",
        stdout: Stdout::AtMost(&[
            ("unknown_call", 0, 74),
            ("ioctl_version", 0, 153),
            ("ioctl_empty_write_read", 0, 197),
            ("roundtrip_kernel", 0, 2217),
            ("roundtrip_kernel", 4096, 2791),
            ("roundtrip_kernel", 65536, 10_471),
            ("roundtrip_kernel", 524_288, 67_825),
            ("oneway_kernel", 16, 2189),
        ]),
        services: Services::None,
        clock: Clock::Instructions,
        memory: 512,
        timeout: 180,
        ..CASE
    },
    Case {
        name: "processes, threads and the start take no more than recorded",
        line: "demo footprint",
        stdout: Stdout::AtMost(&[
            ("start_to_answer", 0, 12_999_367),
            ("idle_process_bytes", 0, 73_472),
            ("blocked_thread_bytes", 0, 2045),
        ]),
        clock: Clock::Instructions,
        ..CASE
    },
];
