//! What the system shows of itself.

use super::super::case::{CASE, Case, Clock, Stdout};

pub(super) const CASES: &[Case] = &[
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
        // Which handle and node it is follows from what servicemanager let go of before.
        stdout: Stdout::Pieces(&[
            "CONTEXT  HANDLE STRONG WEAK   NODE OWNER              INTERFACE\nbinder  ",
            " activity         android.app.IActivityManager\n",
            "CONTEXT  HANDLE STRONG WEAK   NODE OWNER              INTERFACE\nbinder        0 ",
            " servicemanager   android.os.IServiceManager\n",
            "kbinder       0      1    0      1 kernel             bindery.IKernel\n",
            "kbinder       1      1    0      7 kernel             bindery.IProcessManager\n",
            "No such process or thread. (ESRCH)\n1\n",
        ]),
        ..CASE
    },
];
