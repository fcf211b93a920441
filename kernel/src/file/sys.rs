//! `/sys`: the number of CPUs, and what the binder driver tells about itself.

use super::Name;
use super::proc::{add_number, number};
use super::tree::{Content, Directory, Made, Node, System, Text};
use crate::arch::time;
use crate::binder;
use crate::task::{Kernel, Pid};
use abi::status::S_IFREG;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use binder_driver::{DebugFile, Now};

/// Where kernel debugging is; nobody but the superuser has business there.
const DEBUG: &[u8] = b"sys/kernel/debug";

/// Where the driver's texts are.
const BINDER: &[u8] = b"sys/kernel/debug/binder/";

/// One of the driver's texts.
macro_rules! text {
    ($file:ident) => {
        Text {
            look: |kernel, _| binder::look(kernel, DebugFile::$file),
            make: |kernel, _| debug(kernel, DebugFile::$file),
            about: Pid(0),
        }
    };
}

/// The driver's texts.
static TEXTS: [(&[u8], Text); 5] = [
    (b"state", text!(State)),
    (b"stats", text!(Stats)),
    (b"transactions", text!(Transactions)),
    (b"transaction_log", text!(TransactionLog)),
    (b"failed_transaction_log", text!(FailedTransactionLog)),
];

/// Puts `/sys` into the tree.
pub(super) fn plant(root: &Arc<Node>) {
    for path in [
        b"sys/devices/system/cpu/online".as_slice(),
        b"sys/devices/system/cpu/possible",
    ] {
        root.plant(path, Node::new(System::Kernel, 0o444, Content::Image(b"0\n")));
    }
    root.plant(DEBUG, Node::directory(System::Kernel, 0o700));
    for &(name, text) in &TEXTS {
        root.plant(&[BINDER, name].concat(), Node::text_of(System::Kernel, text));
    }
    let processes = Content::Directory(Directory::made(&Processes, Pid(0)));
    root.plant(
        &[BINDER, b"proc"].concat(),
        Node::new(System::Kernel, 0o755, processes),
    );
}

fn debug(kernel: &Kernel, file: DebugFile) -> Option<Vec<u8>> {
    let mut text = String::new();
    let now = Now {
        ticks: time::ticks(),
        milliseconds: time::milliseconds,
    };
    kernel.driver.write_debug(file, now, &mut text).ok()?;
    Some(text.into_bytes())
}

/// The driver's text for each process.
struct Processes;

impl Made for Processes {
    fn child(&self, kernel: &Kernel, _about: Pid, name: &[u8]) -> Option<Arc<Node>> {
        let number = number(name)?;
        if number == 0 || number.to_string().as_bytes() != name || !kernel.driver.shows_process(Pid(number)) {
            return None;
        }
        let text = Text {
            look: |kernel, about| binder::look(kernel, DebugFile::Proc(about)),
            make: |kernel, about| {
                let exists = kernel.driver.shows_process(about);
                exists.then(|| debug(kernel, DebugFile::Proc(about)))?
            },
            about: Pid(number),
        };
        Some(Node::text_of(System::Kernel, text))
    }

    fn names(&self, kernel: &Kernel, _about: Pid) -> Vec<Name> {
        let mut names = Vec::new();
        for process in kernel.driver.shown_processes() {
            // The kernel's own, 0, is not for programs.
            if process.0 != 0 {
                add_number(&mut names, process.0, S_IFREG);
            }
        }
        names
    }
}
