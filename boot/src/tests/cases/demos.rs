//! The demonstrations: what each shows holds, and is seen to fail where it is broken.

use super::super::case::{CASE, Case, Clock, Stdout};

pub(super) const CASES: &[Case] = &[
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
