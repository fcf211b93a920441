//! `/proc`: what programs look for there.
//!
//! Every text is a function in this folder. Processes appear under their numbers, with their first thread's view.

mod maps;
mod process;
mod system;
mod thread;

use super::Name;
use super::tree::{Content, Directory, Link, Made, Node, System};
use crate::task::{Kernel, Pid};
use abi::status::{S_IFDIR, S_IFLNK, S_IFREG};
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Makes a text about a process.
type Make = fn(&Kernel, Pid) -> Option<Vec<u8>>;

/// The texts about the system.
static SYSTEM: [(&[u8], Make); 4] = [
    (b"proc/meminfo", system::memory),
    (b"proc/uptime", system::uptime),
    (b"proc/version", system::version),
    (b"proc/filesystems", system::file_systems),
];

/// The texts about a process.
static PROCESS: [(&[u8], Make); 8] = [
    (b"auxv", process::auxiliary),
    (b"cgroup", process::cgroup),
    (b"cmdline", process::command_line),
    (b"comm", process::name),
    (b"maps", maps::maps),
    (b"stat", process::numbers),
    (b"status", process::status),
    (b"wchan", thread::waits_for),
];

/// The texts about a thread.
static THREAD: [(&[u8], Make); 3] = [
    (b"comm", thread::name),
    (b"status", thread::status),
    (b"wchan", thread::waits_for),
];

/// The links of a process.
static LINKS: [(&[u8], Make); 3] = [
    (b"cwd", process::directory),
    (b"exe", process::executable),
    (b"root", process::root),
];

/// Puts `/proc` into the tree.
pub(super) fn plant(root: &Arc<Node>) {
    let processes = Directory::made(&Processes, Pid(0));
    root.plant(
        b"proc",
        Node::new(System::Processes, 0o555, Content::Directory(processes)),
    );
    for (path, make) in &SYSTEM {
        root.plant(path, Node::text(System::Processes, *make, Pid(0)));
    }
    root.plant(b"proc/self", link(process::current, Pid(0)));
}

fn link(tell: Make, about: Pid) -> Arc<Node> {
    Node::new(System::Processes, 0o777, Content::Link(Link::Told(tell, about)))
}

fn directory(made: &'static dyn Made, about: Pid) -> Arc<Node> {
    Node::new(
        System::Processes,
        0o555,
        Content::Directory(Directory::made(made, about)),
    )
}

/// Puts a name at the end of a list.
pub(super) fn add_name(names: &mut Vec<Name>, name: &[u8], kind: u32) {
    names.push(Name {
        name: name.to_vec(),
        inode: 1,
        kind,
    });
}

/// The same with a number as the name.
pub(super) fn add_number(names: &mut Vec<Name>, number: u32, kind: u32) {
    add_name(names, number.to_string().as_bytes(), kind);
}

/// The number that a name is.
pub(super) fn number(name: &[u8]) -> Option<u32> {
    core::str::from_utf8(name).ok()?.parse().ok()
}

/// What makes the text of this name, if there is one.
fn find(texts: &[(&[u8], Make)], name: &[u8]) -> Option<Make> {
    texts
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, make)| *make)
}

/// The processes by number.
struct Processes;

impl Made for Processes {
    fn child(&self, kernel: &Kernel, _about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        let number = number(name)?;
        kernel.processes.get(number)?;
        Some(directory(&OneProcess, Pid(number)))
    }

    fn names(&self, kernel: &Kernel, _about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        for process in kernel.processes.iter() {
            add_number(&mut names, process.id.0, S_IFDIR);
        }
        names
    }
}

/// What there is about one process.
struct OneProcess;

impl Made for OneProcess {
    fn child(&self, kernel: &Kernel, about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        kernel.processes.get(about.0)?;
        if name == b"fd" {
            return Some(directory(&Descriptors, about));
        }
        if name == b"task" {
            return Some(directory(&Threads, about));
        }
        if let Some(make) = find(&PROCESS, name) {
            return Some(Node::text(System::Processes, make, about));
        }
        find(&LINKS, name).map(|tell| link(tell, about))
    }

    fn names(&self, _kernel: &Kernel, _about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        for (text, _) in &PROCESS {
            add_name(&mut names, text, S_IFREG);
        }
        for (link, _) in &LINKS {
            add_name(&mut names, link, S_IFLNK);
        }
        for directory in [b"fd".as_slice(), b"task"] {
            add_name(&mut names, directory, S_IFDIR);
        }
        names
    }
}

/// The threads of a process by number.
struct Threads;

impl Made for Threads {
    fn child(&self, kernel: &Kernel, about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        let number = number(name)?;
        let thread = kernel.threads.get(number)?;
        (thread.process == about).then(|| directory(&OneThread, Pid(number)))
    }

    fn names(&self, kernel: &Kernel, about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        if let Some(process) = kernel.processes.get(about.0) {
            for thread in &process.threads {
                add_number(&mut names, thread.0, S_IFDIR);
            }
        }
        names
    }
}

/// What there is about one thread, whose number stands in for a process's.
struct OneThread;

impl Made for OneThread {
    fn child(&self, kernel: &Kernel, about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        kernel.threads.get(about.0)?;
        let make = find(&THREAD, name)?;
        Some(Node::text(System::Processes, make, about))
    }

    fn names(&self, _kernel: &Kernel, _about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        for (text, _) in &THREAD {
            add_name(&mut names, text, S_IFREG);
        }
        names
    }
}

/// The descriptors of a process, as links to what they stand for.
struct Descriptors;

impl Made for Descriptors {
    fn child(&self, kernel: &Kernel, about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        let number = i32::try_from(number(name)?).ok()?;
        let open = kernel.processes.get(about.0)?.files.peek(number)?;
        let target = Link::To(open.path());
        Some(Node::new(System::Processes, 0o700, Content::Link(target)))
    }

    fn names(&self, kernel: &Kernel, about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        if let Some(process) = kernel.processes.get(about.0) {
            for (number, _) in process.files.iter() {
                add_number(&mut names, number as u32, S_IFLNK);
            }
        }
        names
    }
}
