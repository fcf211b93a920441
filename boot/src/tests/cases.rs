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
    Case {
        name: "a foreign program is context manager and client with raw system calls",
        line: "raw server & raw client",
        stdout: Stdout::Exactly("client: reply 42\n"),
        services: Services::None,
        add: &[Program("raw")],
        ..CASE
    },
    Case {
        name: "rsbinder's programs run unmodified wherever they lie",
        line: "export RUST_LOG=off; \
               rsb_hub-pie --insecure-allow-all 2> /dev/null & export HUB=$!; sleep 1; \
               rs-hello-pie serve hello & export HELLO=$!; rs-hello-async-pie serve hello.async & sleep 1; \
               rsb_service-pie list; rsb_service-pie info; rsb_service-pie dump hello -a; \
               rs-hello-pie call hello; rs-hello-async-pie call hello.async; \
               rs-hello-pie watch hello & export WATCH=$!; sleep 1; kill -9 $HELLO; wait $WATCH; \
               rsb_hub-pie --insecure-allow-all 2> /dev/null; echo second hub $?; \
               kill $HUB; wait $HUB; echo hub $?",
        stdout: Stdout::Lines(&[
            "hello",
            "hello.async",
            "manager",
            "hello        pid=",
            "rs-hello was asked [\"-a\"]",
            "echo \"rs-hello: Grüße, 𝄞\"",
            "nested 6",
            "sign Ok(\"signed by rs-hello\\nand by the caller\")",
            "ping Ok(())",
            "echo \"rs-hello-async: at once\"",
            "waiting for its death",
            "it died: ",
            "second hub 1",
            "hub 0",
        ]),
        services: Services::None,
        clock: Clock::Instructions,
        timeout: 180,
        add: &[
            Program("rsb_hub-pie"),
            Program("rsb_service-pie"),
            Program("rs-hello-pie"),
            Program("rs-hello-async-pie"),
        ],
        ..CASE
    },
    Case {
        name: "a declared service is started for whoever asks and ends when nobody uses it",
        line: "export RUST_LOG=off; export LAZY=org.bindery.hello.IHello/lazy; rsb_service list; \
               rsb_service declared $LAZY; rsb_service check $LAZY; rs-hello call $LAZY; \
               rsb_service check $LAZY; sleep 16; rsb_service check $LAZY; rs-hello call $LAZY; \
               rs-hello serve activity; echo taking the name of the system $?; demo start-service",
        stdout: Stdout::Lines(&[
            "activity",
            "manager",
            "org.bindery.hello.IHello/lazy: declared",
            "org.bindery.hello.IHello/lazy: not registered",
            "echo \"lazy hello: Grüße, 𝄞\"",
            "ping Ok(())",
            "org.bindery.hello.IHello/lazy: registered (org.bindery.hello.IHello)",
            "org.bindery.hello.IHello/lazy: not registered",
            "echo \"lazy hello: Grüße, 𝄞\"",
            "ping Ok(())",
            "taking the name of the system 1",
            "startService -> ",
        ]),
        clock: Clock::Instructions,
        add: &[Program("rsb_service"), Program("rs-hello")],
        ..CASE
    },
    Case {
        name: "the policy knows callers by the security context that the driver delivers",
        line: "export RUST_LOG=off; echo 'deny find secret context=ker*' > /tmp/rules; \
               echo 'allow all * context=kernel' >> /tmp/rules; \
               servicemanager --config /tmp/rules & sleep 1; hello serve secret & hello serve open & sleep 1; \
               rsb_service list; rsb_service check secret; rsb_service check open",
        stdout: Stdout::Exactly(
            "manager\nopen\nsecret\nsecret: not registered\nopen: registered (org.bindery.hello.IHello)\n",
        ),
        services: Services::None,
        clock: Clock::Instructions,
        add: &[Program("rsb_service")],
        ..CASE
    },
    Case {
        name: "after rsbinder's programs ended, frames and the driver's objects are as before",
        line: "census",
        stdout: Stdout::Exactly("0 rounds failed\n8 rounds cost no memory\nthe driver holds what it held\n"),
        services: Services::None,
        clock: Clock::Instructions,
        timeout: 180,
        add: &[Program("census"), Program("rsb_hub"), Program("rs-hello")],
        ..CASE
    },
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
    Case {
        name: "a call is explained station by station",
        line: "demo start-service --explain",
        stdout: Stdout::Lines(&["startService -> "]),
        ..CASE
    },
    Case {
        name: "the shell records, shows and counts what the ring lost",
        line: "trace off; trace on 64; demo callback; trace off; trace show 1; trace on 1000; trace off; trace show; \
               trace on x; echo $?; trace on 100000000; echo $?",
        stdout: Stdout::Lines(&[
            "process ",
            "tracing is off: ",
            "       ",
            "tracing is off: ",
            "       ",
            "2",
            "1",
        ]),
        ..CASE
    },
    Case {
        name: "ps tells what each thread waits for",
        line: "ps; sleep 100 & sleep 1; cat /proc/$!/wchan; echo; cat & sleep 1; cat /proc/$!/wchan; echo",
        stdout: Stdout::Lines(&[
            "  PID   TID STATE WAITS FOR              NAME",
            "    1     1 S     binder read            init",
            "    3     3 S     poll                   servicemanager",
            "    8     8 R                            shell",
            "sleep",
            "read /dev/console",
        ]),
        clock: Clock::Instructions,
        ..CASE
    },
    Case {
        name: "service call writes every kind of argument that Android's does, and names what it cannot write",
        line: "service call activity 1 i32 1 i32 64 s16 PLAY s16 org.example s16 .Song; \
               service call activity 1 i32 1 i32 64 s16 PLAY s16 org.example s16 .Song \
               i32 -1 i64 -9223372036854775808 f 1.5 d -2e300 null \
               fd /etc/services afd /etc/services nfd 1; \
               service call activity 1 i32 1 2> /tmp/e; service call nobody 1 2>> /tmp/e; \
               service call activity x 2>> /tmp/e; service call activity 1 i16 3 2>> /tmp/e; \
               service call activity 1 i32 99999999999 2>> /tmp/e; service call activity 1 f x 2>> /tmp/e; \
               service call activity 1 s16 2>> /tmp/e; service call activity 1 fd /none 2>> /tmp/e; \
               service call activity 1 nfd 77 2>> /tmp/e; service call activity 2>> /tmp/e; cat /tmp/e",
        stdout: Stdout::Lines(&[
            "Result: Parcel(",
            "  0x00000000: 00000000 00000001 ",
            "Result: Parcel(",
            "  0x00000000: 00000000 00000001 ",
            "Result: Parcel(Error: 0xffffffffffffffc3 ",
            "shell: service: Service nobody does not exist",
            "shell: service: x: not a code",
            "shell: service: i16: not null, i32, i64, f, d, s16, fd, nfd, afd",
            "shell: service: 99999999999: not a number of this kind",
            "shell: service: x: not a number of this kind",
            "shell: service: s16: no value behind it",
            "shell: service: /none: ",
            "shell: service: 77: ",
            "shell: usage: service list | check NAME | call ",
        ]),
        ..CASE
    },
    Case {
        name: "handles tells what a process may reach, and what that understands",
        line: "handles 3; handles 1; handles 999; echo $?",
        stdout: Stdout::Lines(&[
            "CONTEXT  HANDLE STRONG WEAK   NODE OWNER              INTERFACE",
            "binder        2      1    0     ",
            "CONTEXT  HANDLE STRONG WEAK   NODE OWNER              INTERFACE",
            "kbinder       0      1    0      1 kernel             bindery.IKernel",
            "kbinder       1      1    0      7 kernel             bindery.IProcessManager",
            "1",
        ]),
        ..CASE
    },
    demo("a callee calls an object it was given", "demo callback"),
    demo("nested calls are served by the threads that wait", "demo nested"),
    demo(
        "one-way calls arrive in order and one at a time",
        "demo oneway-order",
    ),
    demo("a busy process gets more threads", "demo thread-pool"),
    demo(
        "the death of a server is told to its caller, its watchers and servicemanager",
        "demo death",
    ),
    demo("a task with one handle reaches nothing else", "demo confined"),
    Case {
        name: "the kernel's objects give no more rights than they say",
        line: "rights-check",
        stdout: Stdout::Lines(&["ok a program without handles", "ok who is not root"]),
        ..CASE
    },
    broken(
        "confined notices that nothing confines",
        "demo confined",
        "confinement",
        &["open /dev/binder                     NOT CONFINED: "],
    ),
    broken(
        "one-copy notices a second copy",
        "demo one-copy",
        "one-copy",
        &["copies made for the message: 2"],
    ),
    broken(
        "oneway-order notices calls side by side",
        "demo oneway-order",
        "oneway-order",
        &["20 one-way calls sent", "arrived: "],
    ),
    broken(
        "death notices that nobody is told",
        "demo death",
        "death",
        &["process ", "death recipients called: 0"],
    ),
    Case {
        name: "a killed demonstration leaves no companions",
        line: "demo leak 1000000 & sleep 0.0031; kill -9 $!; demo leak 1000000 & sleep 0.0167; kill -9 $!; \
               demo leak 1000000 & sleep 0.04; kill -9 $! && sleep 0.2 && service list",
        stdout: Stdout::Lines(&["Found 2 services:"]),
        clock: Clock::Instructions,
        ..CASE
    },
    demo("a handle is passed on", "demo delegate"),
    demo("a handle is taken back", "demo revoke"),
    demo(
        "two processes share memory by a file in a parcel",
        "demo shared-memory",
    ),
    demo("a call is served with its caller's priority", "demo priority"),
    demo("a frozen process is reached by nobody", "demo freeze"),
    demo(
        "a thousand rounds of start, call and kill leave nothing",
        "demo leak",
    ),
];

/// A demonstration, which tells by its status whether what it shows held.
const fn demo(name: &'static str, line: &'static str) -> Case {
    Case { name, line, ..CASE }
}

/// A demonstration on a kernel in which what it shows is broken: it has to say so and fail.
const fn broken(
    name: &'static str,
    line: &'static str,
    defect: &'static str,
    lines: &'static [&'static str],
) -> Case {
    Case {
        name,
        line,
        stdout: Stdout::Lines(lines),
        status: 1,
        defect: Some(defect),
        ..CASE
    }
}
