//! What is run on Bindery and on Linux.
//!
//! To add one, write a [`Comparison`]: a sentence as its name and a line that both shells understand and whose output
//! must agree byte by byte. A program that prints lines `case NAME` divides its output into cases of that name, which are
//! compared and counted one by one.

use super::program::Program;

/// A line that must do the same on both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    /// What is compared, as a sentence.
    pub(super) name: &'static str,
    /// The line, run with nothing else beside it (`--bare`); all programs of the image are in `/bin` on both.
    pub(super) line: &'static str,
    /// Seconds until either is given up.
    pub(super) timeout: u64,
    /// C programs that are built on the host and added.
    pub(super) add: &'static [Program],
}

/// All of them.
pub(super) const COMPARISONS: &[Comparison] = &[
    Comparison {
        name: "the conversation of the demonstration is the same",
        line: "servicemanager & activity & demo start-service",
        timeout: 60,
        add: &[],
    },
    Comparison {
        name: "every fixed case has the same trace",
        line: "conformance",
        timeout: 300,
        add: &[],
    },
    Comparison {
        name: "random steps have the same trace",
        line: "conformance random 1 5000; conformance random 2 5000",
        timeout: 300,
        add: &[],
    },
    Comparison {
        name: "start, files, descriptors and memory of C programs are the same",
        line: "start one 'two three'; files; descriptors; memory",
        timeout: 180,
        add: &[
            Program("start"),
            Program("files"),
            Program("descriptors"),
            Program("memory"),
        ],
    },
    Comparison {
        name: "a program that may lie anywhere starts the same",
        line: "start-pie",
        timeout: 120,
        add: &[Program("start-pie")],
    },
    Comparison {
        name: "signals, threads and processes of C programs are the same",
        line: "signals; threads; processes",
        timeout: 240,
        add: &[Program("signals"), Program("threads"), Program("processes")],
    },
];
