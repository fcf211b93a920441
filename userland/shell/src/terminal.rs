//! The shell in front of somebody who types.

use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::commands;
use crate::platform::{CONSOLE, Platform};
use rt::{Errno, syscall};
use shell::builtin::Builtin;
use shell::complete::Candidates;
use shell::editor::{Editor, Event};
use shell::{Shell, System};

const PROMPT: &str = "bindery# ";
/// The width assumed of the terminal; a serial line does not tell.
const COLUMNS: usize = 80;

/// Reads and runs lines until `exit` or Ctrl-D; the shell's status.
pub(crate) fn run(shell: &mut Shell<Platform>) -> i32 {
    rt::print!("Bindery. `help` lists the commands.\r\n");
    let mut editor = Editor::new(PROMPT, COLUMNS);
    let mut typed_ahead = VecDeque::new();
    show(&editor.show());
    loop {
        let Some(byte) = typed_ahead.pop_front().map_or_else(read_byte, Some) else {
            return shell.variables.status;
        };
        let (output, event) = editor.feed(byte, &Names(&shell.system));
        show(&output);
        match event {
            Event::Editing => continue,
            Event::End => return shell.variables.status,
            Event::Line(line) => shell.run(&line),
        };
        if let Some(status) = shell.ended {
            return status;
        }
        match shell.system.renew_foreground() {
            Ok(unread) => typed_ahead.extend(unread),
            Err(error) => shell.complain(&shell.files, &format!("no terminal: {error}")),
        }
        shell.files = shell.system.files();
        report(shell);
        show(&editor.show());
    }
}

/// The next byte of the console; nothing when it is gone.
fn read_byte() -> Option<u8> {
    let mut byte = [0];
    loop {
        match syscall::read(CONSOLE, &mut byte) {
            Ok(1..) => return Some(byte[0]),
            Err(Errno::EINTR) => {}
            Ok(0) | Err(_) => return None,
        }
    }
}

fn show(text: &str) {
    // Where the console cannot be written there is nobody to tell.
    let _ = syscall::write_all(rt::io::OUTPUT, text.as_bytes());
}

/// Says which jobs have ended since the last line.
fn report(shell: &mut Shell<Platform>) {
    for (job, status) in shell.jobs.remove_ended(&shell.system) {
        rt::eprintln!("[{}] ended {status}: {}", job.number, job.text);
    }
}

/// What Tab knows.
struct Names<'a>(&'a Platform);

impl Candidates for Names<'_> {
    fn commands(&self) -> Vec<String> {
        let builtins = Builtin::ALL.iter().map(|(name, _, _)| String::from(*name));
        let own = commands::NAMES.iter().map(|(name, _)| String::from(*name));
        builtins.chain(own).chain(self.0.programs()).collect()
    }

    fn entries(&self, directory: &str) -> Vec<String> {
        syscall::entries(directory)
            .unwrap_or_default()
            .iter()
            .map(commands::shown)
            .collect()
    }
}
