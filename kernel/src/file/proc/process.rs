//! Texts about one process.

use crate::mm::PAGE;
use crate::task::thread::State;
use crate::task::{Kernel, Pid, Process, Thread};
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Nanoseconds in the clock tick that `stat` counts in.
const TICK: u64 = 10_000_000;

fn find(kernel: &Kernel, about: Pid) -> Option<(&Process, &Thread)> {
    let process = kernel.processes.get(about.0)?;
    let first = process.threads.first()?;
    Some((process, kernel.threads.get(first.0)?))
}

/// Where `/proc/self` leads.
pub(super) fn current(kernel: &Kernel, _: Pid) -> Option<Vec<u8>> {
    Some(kernel.thread().process.0.to_string().into_bytes())
}

/// `auxv`.
pub(super) fn auxiliary(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    kernel
        .processes
        .get(about.0)
        .map(|process| process.auxiliary.clone())
}

/// `cgroup`: there is only the root.
pub(super) fn cgroup(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    Some(b"0::/\n".to_vec())
}

/// `cmdline`.
pub(super) fn command_line(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    kernel
        .processes
        .get(about.0)
        .map(|process| process.command_line.clone())
}

/// `comm`.
pub(super) fn name(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    find(kernel, about).map(|(_, thread)| format!("{}\n", thread.name()).into_bytes())
}

/// `cwd`.
pub(super) fn directory(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    kernel
        .processes
        .get(about.0)
        .map(|process| process.directory.clone())
}

/// `exe`.
pub(super) fn executable(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    kernel
        .processes
        .get(about.0)
        .map(|process| process.executable.clone())
}

/// `root`: there is only one.
pub(super) fn root(_: &Kernel, _: Pid) -> Option<Vec<u8>> {
    Some(b"/".to_vec())
}

/// The state's letter.
pub(super) const fn letter(thread: &Thread) -> (char, &'static str) {
    match thread.state {
        State::Running | State::Ready => ('R', "running"),
        State::Blocked => ('S', "sleeping"),
    }
}

/// `stat`. What this kernel does not count is 0.
pub(super) fn numbers(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let (process, thread) = find(kernel, about)?;
    let parent = process.parent.map_or(0, |parent| parent.0);
    let Pid(pid) = process.id;
    let mapped: u64 = process
        .space
        .areas()
        .iter()
        .map(|area| area.end - area.start)
        .sum();
    let text = format!(
        "{pid} ({name}) {state} {parent} {group} {session} 0 -1 0 0 0 0 0 0 0 0 0 {priority} {nice} {threads} 0 {started} \
         {mapped} {resident} 18446744073709551615 0 0 0 0 0 0 0 0 0 0 0 0 {exit_signal} 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        name = thread.name(),
        state = letter(thread).0,
        group = process.group.0,
        session = process.session.0,
        priority = 20 + i32::from(thread.nice),
        nice = thread.nice,
        threads = process.threads.len(),
        started = process.started / TICK,
        resident = process.space.resident(),
        exit_signal = process.exit_signal.map_or(0, |signal| signal.number()),
    );
    Some(text.into_bytes())
}

/// `status`.
pub(super) fn status(kernel: &Kernel, about: Pid) -> Option<Vec<u8>> {
    let (process, thread) = find(kernel, about)?;
    let (letter, word) = letter(thread);
    let who = process.credentials;
    let mapped: u64 = process
        .space
        .areas()
        .iter()
        .map(|area| area.end - area.start)
        .sum();
    let text = format!(
        "Name:\t{name}\nUmask:\t{umask:04o}\nState:\t{letter} ({word})\nTgid:\t{pid}\nNgid:\t0\nPid:\t{pid}\nPPid:\t{parent}\n\
         TracerPid:\t0\nUid:\t{uid}\t{euid}\t{suid}\t{euid}\nGid:\t{gid}\t{egid}\t{sgid}\t{egid}\nFDSize:\t{descriptors}\n\
         VmSize:\t{mapped:8} kB\nVmRSS:\t{resident:8} kB\nThreads:\t{threads}\n",
        name = thread.name(),
        umask = process.umask,
        pid = process.id.0,
        parent = process.parent.map_or(0, |parent| parent.0),
        uid = who.uid,
        euid = who.euid,
        suid = who.suid,
        gid = who.gid,
        egid = who.egid,
        sgid = who.sgid,
        descriptors = process.files.iter().count(),
        mapped = mapped / 1024,
        resident = process.space.resident() * PAGE / 1024,
        threads = process.threads.len(),
    );
    Some(text.into_bytes())
}
