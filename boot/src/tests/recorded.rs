//! The cases that hold costs to recorded figures.
//!
//! Under instruction counting a run gives the same figures each time. When a cost goes down, record it here, so that it
//! cannot come back unseen.

use super::case::{CASE, Case, Clock, Services, Stdout};

/// All of them.
pub(super) const RECORDED: &[Case] = &[
    Case {
        name: "binder costs no more instructions than recorded",
        line: "binder-bench calls roundtrip oneway nested handles threads",
        stdout: Stdout::AtMost(&[
            ("unknown_call", 0, 73),
            ("ioctl_version", 0, 109),
            ("ioctl_empty_write_read", 0, 155),
            ("open_map_version_close", 0, 21_952),
            ("roundtrip_kernel", 0, 1482),
            ("roundtrip_kernel", 128, 1535),
            ("roundtrip_kernel", 4096, 2031),
            ("roundtrip_kernel", 65536, 9711),
            ("roundtrip_kernel", 524_288, 67_055),
            ("oneway_kernel", 16, 1391),
            ("nested_total", 1, 2961),
            ("new_node_and_handle_kernel", 1, 3420),
            ("new_node_and_handle_kernel", 10_000, 3420),
            ("roundtrip_kernel_by_threads", 512, 1504),
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
            ("start_to_answer", 0, 13_176_692),
            ("idle_process_bytes", 0, 63_488),
            ("blocked_in_pipe_bytes", 0, 642),
            ("blocked_in_binder_bytes", 0, 888),
        ]),
        clock: Clock::Instructions,
        ..CASE
    },
];
