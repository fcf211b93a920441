//! What the kernel refuses, reports, bounds and takes back.

use super::super::case::{CASE, Case, Clock, Services, Stdout};
use super::super::program::Program;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "reserved addresses cost nothing",
        line: "reservations",
        stdout: Stdout::Exactly(
            "reserving\n512 GiB cost next to nothing\n4 GiB cost next to nothing\naccess costs next to nothing\n\
             what is used costs its pages\nafterwards nothing is lost\n",
        ),
        services: Services::None,
        memory: 64,
        add: &[Program("reservations")],
        ..CASE
    },
    Case {
        name: "a missing call is named in the kernel's log",
        line: "missing; dmesg",
        stdout: Stdout::Pieces(&[
            "ptrace(0, 0, 0, 0): ENOSYS\nio_uring_setup(1, 0): ENOSYS\n",
            "a number that is no call: ENOSYS\n",
            ": system call 101 (ptrace) is not there\n",
            ": system call 425 (io_uring_setup) is not there\n",
            ": system call 4000 (unknown) is not there\n",
        ]),
        services: Services::None,
        add: &[Program("missing")],
        ..CASE
    },
    Case {
        name: "processes killed in the middle of conversations leave nothing",
        line: "chaos 150 1",
        stdout: Stdout::Exactly("nothing is lost\n"),
        services: Services::None,
        timeout: 180,
        add: &[Program("chaos")],
        ..CASE
    },
    Case {
        name: "what programs take is free again however they end",
        line: "leaks",
        stdout: Stdout::Exactly("nothing is lost\n"),
        services: Services::None,
        timeout: 180,
        add: &[Program("leaks")],
        ..CASE
    },
    Case {
        name: "of everything a program may take there is an end",
        line: "hungry",
        stdout: Stdout::Lines(&[
            "names: there is an end",
            "directories: there is an end",
            "bytes: there is an end",
            "pipes: there is an end",
            "descriptors: there is an end",
            "memory files: there is an end",
            "areas: there is an end",
            "memory: KILL",
            "rmdir: 0",
        ]),
        services: Services::None,
        memory: 64,
        timeout: 300,
        add: &[Program("hungry")],
        ..CASE
    },
    Case {
        name: "a process that keeps every object it is handed ends at the kernel's memory",
        line: "greedy",
        stdout: Stdout::Exactly("round 1: ENOMEM\nround 2: ENOMEM\n"),
        services: Services::None,
        memory: 64,
        timeout: 300,
        add: &[Program("greedy")],
        ..CASE
    },
    Case {
        name: "20,000 nodes, handles, threads and notifications, 4,000 messages and 200 opens make no call of binder dearer",
        line: "binder-growth",
        stdout: Stdout::Exactly("0 calls of the manager cost more\n0 calls of the client cost more\n"),
        services: Services::None,
        clock: Clock::Instructions,
        memory: 512,
        add: &[Program("binder-growth")],
        ..CASE
    },
    Case {
        name: "64 threads in a process and 64 processes at once hold",
        line: "many",
        stdout: Stdout::Exactly("64 threads\n64 processes, 2016\n"),
        services: Services::None,
        add: &[Program("many")],
        ..CASE
    },
    Case {
        name: "a misdeed ends the program with its signal and nobody else",
        line: "misbehave null-read; echo $?; misbehave kernel-jump; echo $?; misbehave hlt; echo $?; \
               misbehave ud2; echo $?; misbehave overflow-stack; echo $?; misbehave write-code; echo $?; \
               demo start-service",
        stdout: Stdout::Exactly(
            "139\n139\n139\n132\n139\n139\n\
             startService -> ComponentName{org.bindery.music/.PlayerService}\n",
        ),
        ..CASE
    },
    Case {
        name: "a program's fault is reported with its callers by name",
        line: "misbehave null-read; misbehave overflow-stack; crash framed; crash-pie framed; dmesg",
        stdout: Stdout::Pieces(&[
            "misbehave ",
            "SIGSEGV: Page { address: 0, access: Read, cause: NotMapped } at 0x",
            " misbehave::program_entered + 0x",
            " _start + 0x",
            "rt::misuse::overflow_stack::deeper + 0x",
            "  and 63 times more\n",
            "  and further callers\n",
            "crash ",
            "(framed_inner + 0x",
            " framed_outer + 0x",
            " main + 0x",
            "  further callers are unknown: there are no frame pointers\n",
            "crash-pie ",
            "(framed_inner + 0x",
            " framed_outer + 0x",
            " main + 0x",
        ]),
        services: Services::None,
        add: &[Program("crash"), Program("crash-pie")],
        ..CASE
    },
    Case {
        name: "of a faulty program without frame pointers at least the place is told",
        line: "crash plain; echo $?; dmesg",
        stdout: Stdout::Pieces(&[
            "139\n",
            "crash ",
            "(plain_inner + 0x",
            "  further callers are unknown: there are no frame pointers\n",
        ]),
        services: Services::None,
        add: &[Program("crash")],
        ..CASE
    },
    Case {
        name: "wild pointers to every system call are refused",
        line: "misbehave calls && demo start-service",
        stdout: Stdout::Lines(&["calls: ", "startService -> "]),
        ..CASE
    },
    Case {
        name: "the runtime does what programs rely on",
        line: "rt-check",
        services: Services::None,
        ..CASE
    },
];
