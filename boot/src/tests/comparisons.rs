//! What is run on Bindery and on Linux.
//!
//! To add one, write a [`Comparison`]: a sentence as its name and a line that both shells understand and whose output
//! must agree byte by byte, but for process numbers (see [`processes`](super::processes)). A program that prints lines `case NAME` divides its output into cases of that name, which are
//! compared and counted one by one.

use super::program::Program;

/// A line that must do the same on both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    /// What is compared, as a sentence.
    pub(super) name: &'static str,
    /// The line, which must succeed, run with nothing else beside it (`--bare`); all programs of the image are in `/bin` on both.
    pub(super) line: &'static str,
    /// Seconds until either is given up.
    pub(super) timeout: u64,
    /// C programs that are built on the host and added.
    pub(super) add: &'static [Program],
}

/// What rsbinder's programs do together, with `$END` at the end of their names, under headings that name their `$KIND`.
macro_rules! rsbinder {
    () => {
        "export RUST_LOG=off; rsb_hub$END --insecure-allow-all 2> /dev/null & export HUB=$!; sleep 1; \
         rs-hello$END serve hello & export HELLO=$!; rs-hello-async$END serve hello.async & export OTHER=$!; sleep 1; \
         echo case $KIND: rsb_service lists, checks and dumps; \
         rsb_service$END list; rsb_service$END check hello; rsb_service$END check none; echo $?; \
         rsb_service$END declared hello; rsb_service$END dump hello -a 'b c'; rsb_service$END dump hello.async; \
         echo case $KIND: rsb_service tells who serves; \
         echo pid=$HUB pid=$HELLO pid=$OTHER; rsb_service$END info; \
         echo case $KIND: a blocking client of a blocking service; rs-hello$END call hello; \
         echo case $KIND: a blocking client of an asynchronous service; rs-hello$END call hello.async; \
         echo case $KIND: an asynchronous client of a blocking service; rs-hello-async$END call hello; \
         echo case $KIND: an asynchronous client of an asynchronous service; rs-hello-async$END call hello.async; \
         echo case $KIND: the death of a service is told; \
         rs-hello$END watch hello & export WATCH=$!; sleep 1; kill -9 $HELLO; wait $WATCH; echo $?; \
         rsb_service$END list; \
         echo case $KIND: there is no second hub; rsb_hub$END --insecure-allow-all 2> /dev/null; echo $?; \
         echo case $KIND: a hub ends cleanly; kill $HUB; wait $HUB; echo $?; rsb_service$END list; echo $?"
    };
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
        line: "conformance coverage",
        timeout: 300,
        add: &[],
    },
    Comparison {
        name: "receivers are told the same security context",
        line: "conformance security",
        timeout: 120,
        add: &[],
    },
    Comparison {
        name: "start, files, descriptors and memory of C programs are the same",
        line: "start one 'two three'; files; names; descriptors; sockets; memory",
        timeout: 180,
        add: &[
            Program("start"),
            Program("files"),
            Program("names"),
            Program("descriptors"),
            Program("sockets"),
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
        line: "signals; frames; threads; futexes; processes; process-groups; epolls",
        timeout: 240,
        add: &[
            Program("signals"),
            Program("frames"),
            Program("threads"),
            Program("futexes"),
            Program("processes"),
            Program("process-groups"),
            Program("epolls"),
        ],
    },
    Comparison {
        name: "binder and the ends of processes, users, limits, edges of memory and readiness are the same",
        line: "binder-processes; binder-memory; binder-readiness; binder-leftovers; binder-surface; binder-debug",
        timeout: 240,
        add: &[
            Program("binder-processes"),
            Program("binder-memory"),
            Program("binder-readiness"),
            Program("binder-leftovers"),
            Program("binder-surface"),
            Program("binder-debug"),
        ],
    },
    Comparison {
        name: "conversations that are disturbed go on alike",
        line: "binder-conversations",
        timeout: 120,
        add: &[Program("binder-conversations")],
    },
    Comparison {
        name: "what once broke other drivers breaks neither",
        line: "binder-bugs",
        timeout: 300,
        add: &[Program("binder-bugs")],
    },
    Comparison {
        name: "raw commands from a grammar have the same effect",
        line: "binder-grammar 1 4000; binder-grammar 2 4000; binder-grammar 3 4000",
        timeout: 600,
        add: &[Program("binder-grammar")],
    },
    Comparison {
        name: "rsbinder's hub, its tool and programs converse the same at fixed addresses",
        line: concat!("export END=; export KIND=ET_EXEC; ", rsbinder!()),
        timeout: 180,
        add: &[
            Program("rsb_hub"),
            Program("rsb_service"),
            Program("rs-hello"),
            Program("rs-hello-async"),
        ],
    },
    Comparison {
        name: "rsbinder's hub, its tool and programs converse the same wherever they lie",
        line: concat!("export END=-pie; export KIND=static-PIE; ", rsbinder!()),
        timeout: 180,
        add: &[
            Program("rsb_hub-pie"),
            Program("rsb_service-pie"),
            Program("rs-hello-pie"),
            Program("rs-hello-async-pie"),
        ],
    },
    Comparison {
        name: "programs of libbinder and of rsbinder talk to each other",
        line: "export RUST_LOG=off; echo 'deny find secret*' > /tmp/rules; \
               echo 'deny add * program=/bin/rs-hello-async' >> /tmp/rules; \
               echo 'deny list * uid=1-9' >> /tmp/rules; echo 'allow all *' >> /tmp/rules; \
               echo 'declare org.bindery.hello.IHello/declared' >> /tmp/rules; \
               servicemanager --config /tmp/rules & sleep 1; \
               rs-hello serve rs & export RS=$!; hello serve ours & hello serve secret & sleep 1; \
               echo case libbinder calls a service of rsbinder; hello call rs; \
               echo case rsbinder calls a service of libbinder; rs-hello call ours; \
               echo case asynchronous rsbinder calls a service of libbinder; rs-hello-async call ours; \
               echo case rsbinder asks servicemanager; rsb_service list; rsb_service check ours; \
               rsb_service check none; rsb_service dump ours; rsb_service connection ours; \
               echo case names are declared; rsb_service instances org.bindery.hello.IHello; \
               rsb_service declared org.bindery.hello.IHello/declared; rsb_service declared ours; \
               echo case what the policy denies is not done; rsb_service check secret; \
               rs-hello-async serve another; echo $?; \
               echo case rsbinder hears of a death by servicemanager; \
               rs-hello watch rs & export WATCH=$!; sleep 1; kill -9 $RS; wait $WATCH; rsb_service list; \
               echo case a wrong policy is refused; echo 'permit' >> /tmp/rules; \
               servicemanager --config /tmp/rules; echo $?",
        timeout: 120,
        add: &[
            Program("rsb_service"),
            Program("rs-hello"),
            Program("rs-hello-async"),
        ],
    },
    Comparison {
        name: "classic C programs find each other by a manager of their time and by today's",
        line: "echo case a classic manager; classic manager & export MANAGER=$!; sleep 1; \
               classic publish one & export ONE=$!; sleep 1; classic publish two & export TWO=$!; sleep 1; \
               classic list; classic call one; classic call two; classic call none; echo $?; \
               classic manager; echo $?; \
               echo case it hears of a death; kill -9 $ONE; sleep 1; classic call one; classic list; \
               classic publish one & export ONE=$!; sleep 1; classic call one; \
               echo case without a manager; kill -9 $MANAGER; sleep 1; classic call one; echo $?; \
               kill -9 $ONE $TWO; \
               echo case classic programs and servicemanager; servicemanager & sleep 1; \
               classic publish old & export OLD=$!; sleep 1; hello serve new & sleep 1; classic list; \
               classic call old; classic call none; kill -9 $OLD; sleep 1; classic list",
        timeout: 120,
        add: &[Program("classic")],
    },
];
