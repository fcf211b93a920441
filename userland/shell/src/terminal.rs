//! The shell in front of somebody who types.

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
    show(&editor.show());
    let mut byte = [0];
    loop {
        match syscall::read(CONSOLE, &mut byte) {
            Ok(1..) => {}
            Err(Errno::EINTR) => continue,
            Ok(0) | Err(_) => return shell.variables.status,
        }
        let (output, event) = editor.feed(byte[0], &Names(&shell.system));
        show(&output);
        match event {
            Event::Editing => continue,
            Event::End => return shell.variables.status,
            Event::Line(line) => {
                if let Err(error) = shell.system.renew_foreground() {
                    shell.complain(&shell.files, &alloc::format!("no terminal: {error}"));
                }
                shell.files = shell.system.files();
                shell.run(&line);
            }
        }
        if let Some(status) = shell.ended {
            return status;
        }
        report(shell);
        show(&editor.show());
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
