//! A system that only records what a shell asks of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::prelude::v1::*;
use std::rc::Rc;
use std::{format, vec};

use abi::Errno;

use crate::execute::{Shell, Use};
use crate::system::{Files, Launch, OpenMode, System};
use crate::variables::Variables;

/// A file: its name, and everything written to it.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) content: Rc<RefCell<String>>,
}

impl File {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            content: Rc::default(),
        }
    }
}

/// A program that `ends` with its status when waited for.
pub(crate) struct Process {
    pid: i32,
    status: i32,
    ended: Cell<bool>,
}

/// The recording system. A program `status-N` ends with status N, `prog` with 0; nothing else is there.
#[derive(Default)]
pub(crate) struct Recorder {
    pub(crate) launches: RefCell<Vec<Launch<File>>>,
    pub(crate) opened: RefCell<BTreeMap<String, (OpenMode, File)>>,
    pub(crate) events: RefCell<Vec<String>>,
}

impl Recorder {
    fn note(&self, event: String) {
        self.events.borrow_mut().push(event);
    }
}

impl System for Recorder {
    type File = File;
    type Process = Process;

    fn spawn(&self, launch: &Launch<File>) -> Result<Process, Errno> {
        let pid = 100 + self.launches.borrow().len() as i32;
        self.note(format!("spawn {}", launch.arguments.join(" ")));
        self.launches.borrow_mut().push(launch.clone());
        let status = launch
            .path
            .rsplit('-')
            .next()
            .and_then(|number| number.parse().ok())
            .unwrap_or(0);
        Ok(Process {
            pid,
            status,
            ended: Cell::new(false),
        })
    }

    fn pid(&self, process: &Process) -> i32 {
        process.pid
    }

    fn wait(&self, process: &Process) -> i32 {
        process.ended.set(true);
        self.note(format!("wait {}", process.pid));
        process.status
    }

    fn wait_foreground(&self, processes: &[Process]) -> i32 {
        processes.iter().fold(0, |_, process| self.wait(process))
    }

    fn status(&self, process: &Process) -> Option<i32> {
        process.ended.get().then_some(process.status)
    }

    fn kill(&self, process: &Process, signal: i32) -> Result<(), Errno> {
        self.kill_pid(process.pid, signal)
    }

    fn kill_pid(&self, pid: i32, signal: i32) -> Result<(), Errno> {
        self.note(format!("kill {pid} {signal}"));
        if pid < 1000 { Ok(()) } else { Err(Errno::ESRCH) }
    }

    fn open(&self, path: &str, mode: OpenMode) -> Result<File, Errno> {
        if path == "/missing" {
            return Err(Errno::ENOENT);
        }
        let file = File::new(path);
        self.opened.borrow_mut().insert(path.into(), (mode, file.clone()));
        Ok(file)
    }

    fn pipe(&self) -> Result<(File, File), Errno> {
        Ok((File::new("pipe out"), File::new("pipe in")))
    }

    fn write(&self, file: &File, bytes: &[u8]) -> Result<(), Errno> {
        file.content.borrow_mut().push_str(str::from_utf8(bytes).unwrap());
        Ok(())
    }

    fn exists(&self, path: &str) -> bool {
        path == "/bin/prog" || path.contains("status-")
    }

    fn programs(&self) -> Vec<String> {
        vec!["prog".into()]
    }

    fn sleep(&self, nanoseconds: u64) {
        self.note(format!("sleep {nanoseconds}"));
    }

    fn commands(&self) -> &'static [(&'static str, &'static str)] {
        &[("ps", "Lists processes.")]
    }

    fn run_command(&self, index: usize, arguments: &[String], files: &Files<File>) -> i32 {
        self.write(
            &files.output,
            format!("command {index} {}\n", arguments.join(" ")).as_bytes(),
        )
        .unwrap();
        0
    }
}

/// A shell on a recorder.
pub(crate) fn shell() -> Shell<Recorder> {
    let files = Files {
        input: File::new("in"),
        output: File::new("out"),
        errors: File::new("err"),
    };
    Shell::new(
        Recorder::default(),
        Variables::from_environment(["HOME=/"]),
        files,
        Use::Script,
    )
}

/// Status, output and errors of a line run by a new shell.
pub(crate) fn run(line: &str) -> (i32, String, String) {
    let mut shell = shell();
    let status = shell.run(line);
    let text = |file: &File| file.content.borrow().clone();
    (status, text(&shell.files.output), text(&shell.files.errors))
}
