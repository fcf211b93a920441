//! Programs that others wrote, and what `servicemanager` does for them.

use super::super::case::{CASE, Case, Clock, Services, Stdout};
use super::super::program::Program;

pub(super) const CASES: &[Case] = &[
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
];
