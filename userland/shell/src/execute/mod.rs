//! Runs a parsed line.
//!
//! A simple command is looked for among the shell's own commands, then those of the system, then the programs. What
//! cannot run inside the shell itself (a builtin in a pipeline, a chain of several commands in the background) runs in
//! a shell of its own, started with `-c`.

use abi::Errno;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::builtin::{self, Builtin};
use crate::expand;
use crate::jobs::Jobs;
use crate::parser;
use crate::quote;
use crate::syntax::{Chain, Command, Condition, Direction, Pipeline, Place, Redirection};
use crate::system::{Files, Launch, OpenMode, System};
use crate::variables::Variables;

/// Status of a line that cannot be parsed, and of a builtin used wrongly.
pub const WRONG_USE: i32 = 2;
/// Status of a command whose file cannot be run.
pub const NOT_EXECUTABLE: i32 = 126;
/// Status of a command that does not exist.
pub const NOT_FOUND: i32 = 127;
/// The shell's own file.
const SHELL: &str = "/bin/shell";

/// How the shell is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Somebody types; jobs and deaths are reported.
    Interactive,
    /// A given line runs; only commands write.
    Script,
}

/// A shell: variables, jobs, and the system they are for.
pub struct Shell<S: System> {
    /// What it runs on.
    pub system: S,
    /// Its variables.
    pub variables: Variables,
    /// What runs in the background.
    pub jobs: Jobs<S::Process>,
    /// The files its commands get.
    pub files: Files<S::File>,
    /// Whether somebody watches.
    pub usage: Use,
    /// Set by `exit`.
    pub ended: Option<i32>,
}

/// What a command's name stands for.
enum Meaning {
    Own(Builtin),
    System(usize),
    Program(String),
    Nothing,
}

impl<S: System> Shell<S> {
    /// A shell with nothing running.
    pub fn new(system: S, variables: Variables, files: Files<S::File>, usage: Use) -> Self {
        Self {
            system,
            variables,
            jobs: Jobs::default(),
            files,
            usage,
            ended: None,
        }
    }

    /// Runs a line; the status of its last command.
    pub fn run(&mut self, line: &str) -> i32 {
        let list = match parser::parse(line) {
            Ok(list) => list,
            Err(error) => {
                self.complain(&self.files.clone(), &format!("syntax error: {error}"));
                self.variables.status = WRONG_USE;
                return WRONG_USE;
            }
        };
        for chain in &list.chains {
            self.variables.status = match chain.place {
                Place::Foreground => self.chain(chain),
                Place::Background => self.background(chain),
            };
            if let Some(status) = self.ended {
                self.variables.status = status;
                break;
            }
        }
        self.variables.status
    }

    /// One line on a command's error output, as the shell's own.
    pub fn complain(&self, files: &Files<S::File>, what: &str) {
        // Where even errors cannot be written there is nobody to tell.
        let _ = self
            .system
            .write(&files.errors, format!("shell: {what}\n").as_bytes());
    }

    fn chain(&mut self, chain: &Chain) -> i32 {
        let mut status = self.pipeline(&chain.first);
        for (condition, pipeline) in &chain.rest {
            if self.ended.is_some() {
                break;
            }
            self.variables.status = status;
            let runs = match condition {
                Condition::Success => status == 0,
                Condition::Failure => status != 0,
            };
            if runs {
                status = self.pipeline(pipeline);
            }
        }
        status
    }

    fn background(&mut self, chain: &Chain) -> i32 {
        let started = if chain.rest.is_empty() {
            self.start_pipeline(&chain.first)
        } else {
            self.start_shell(&chain.text, self.files.clone())
                .map(|process| Vec::from([process]))
        };
        let Ok(processes) = started else {
            return WRONG_USE.max(self.variables.status);
        };
        let Some(last) = processes.last() else { return 0 };
        let pid = self.system.pid(last);
        self.variables.background = Some(pid);
        let number = self.jobs.add(chain.text.clone(), processes);
        if self.usage == Use::Interactive {
            let _ = self
                .system
                .write(&self.files.errors, format!("[{number}] {pid}\n").as_bytes());
        }
        0
    }

    fn pipeline(&mut self, pipeline: &Pipeline) -> i32 {
        match pipeline.commands.as_slice() {
            [command] => self.command(command),
            _ => match self.start_pipeline(pipeline) {
                Ok(processes) => self.wait_foreground(&processes),
                Err(status) => status,
            },
        }
    }

    /// Starts every command of a pipeline as a process of its own.
    fn start_pipeline(&mut self, pipeline: &Pipeline) -> Result<Vec<S::Process>, i32> {
        let mut processes = Vec::new();
        let mut input = self.files.input.clone();
        for (index, command) in pipeline.commands.iter().enumerate() {
            let mut files = Files {
                input: input.clone(),
                ..self.files.clone()
            };
            if index + 1 < pipeline.commands.len() {
                let (read, write) = self
                    .system
                    .pipe()
                    .map_err(|error| self.fail(&self.files, "pipe", error))?;
                input = read;
                files.output = write;
            }
            // A command that cannot start leaves its neighbours an empty pipe.
            match self.start(command, files) {
                Ok(process) => processes.push(process),
                Err(status) if index + 1 == pipeline.commands.len() => {
                    for process in &processes {
                        self.system.wait(process);
                    }
                    return Err(status);
                }
                Err(_) => {}
            }
        }
        Ok(processes)
    }

    /// Runs one command to its end, inside the shell where it is one of its own.
    fn command(&mut self, command: &Command) -> i32 {
        let files = match self.redirect(&command.redirections, self.files.clone()) {
            Ok(files) => files,
            Err(status) => return status,
        };
        let arguments = expand::arguments(&command.words, &self.variables);
        let Some(name) = arguments.first() else {
            for (name, value) in &command.assignments {
                let value = expand::single(value, &self.variables);
                self.variables.set(name, value);
            }
            return 0;
        };
        match self.meaning(name) {
            // What may take long runs apart where somebody types, so that Ctrl-C can end it.
            Meaning::System(_) | Meaning::Own(Builtin::Sleep) if self.usage == Use::Interactive => {
                match self.start_shell(&quote::line(&arguments), files) {
                    Ok(process) => self.wait_foreground(&[process]),
                    Err(status) => status,
                }
            }
            Meaning::Own(builtin) => builtin::run(self, builtin, &arguments, &files),
            Meaning::System(index) => self.system.run_command(index, &arguments, &files),
            Meaning::Program(path) => match self.launch(path, arguments, self.environment(command), files) {
                Ok(process) => self.wait_foreground(&[process]),
                Err(status) => status,
            },
            Meaning::Nothing => self.not_found(name, &files),
        }
    }

    /// Starts one command as a process.
    fn start(&mut self, command: &Command, files: Files<S::File>) -> Result<S::Process, i32> {
        let files = self.redirect(&command.redirections, files)?;
        let arguments = expand::arguments(&command.words, &self.variables);
        let environment = self.environment(command);
        let Some(name) = arguments.first() else {
            return self.start_shell(":", files);
        };
        match self.meaning(name) {
            Meaning::Own(_) | Meaning::System(_) => self.start_shell(&quote::line(&arguments), files),
            Meaning::Program(path) => self.launch(path, arguments, environment, files),
            Meaning::Nothing => Err(self.not_found(name, &files)),
        }
    }

    fn start_shell(&self, line: &str, files: Files<S::File>) -> Result<S::Process, i32> {
        let arguments = ["shell", "-c", line].map(String::from).into();
        let mut environment = self.variables.all();
        environment.retain(|pair| !pair.starts_with("BINDERY_EXEC="));
        self.launch(SHELL.to_string(), arguments, environment, files)
    }

    fn launch(
        &self,
        path: String,
        arguments: Vec<String>,
        environment: Vec<String>,
        files: Files<S::File>,
    ) -> Result<S::Process, i32> {
        let launch = Launch {
            path,
            arguments,
            environment,
            files,
        };
        self.system.spawn(&launch).map_err(|error| {
            self.complain(&launch.files, &format!("{}: {error}", launch.arguments[0]));
            NOT_EXECUTABLE
        })
    }

    fn environment(&self, command: &Command) -> Vec<String> {
        let mut variables = self.variables.clone();
        for (name, value) in &command.assignments {
            variables.set(name, expand::single(value, &self.variables));
            variables.export(name);
        }
        let mut pairs = variables.pairs(crate::variables::Scope::Exported);
        // The line given to this shell is not meant for shells it starts.
        pairs.retain(|pair| !pair.starts_with("BINDERY_EXEC="));
        pairs
    }

    fn wait_foreground(&self, processes: &[S::Process]) -> i32 {
        let status = self.system.wait_foreground(processes);
        if self.usage == Use::Interactive && status > 128 {
            self.complain(
                &self.files,
                &format!("killed by {}", builtin::signal_name(status - 128)),
            );
        }
        status
    }

    fn meaning(&self, name: &str) -> Meaning {
        if let Some(builtin) = Builtin::named(name) {
            return Meaning::Own(builtin);
        }
        if let Some(index) = self.system.commands().iter().position(|(own, _)| *own == name) {
            return Meaning::System(index);
        }
        let path = if name.contains('/') {
            name.to_string()
        } else {
            format!("/bin/{name}")
        };
        if self.system.exists(&path) {
            Meaning::Program(path)
        } else {
            Meaning::Nothing
        }
    }

    fn not_found(&self, name: &str, files: &Files<S::File>) -> i32 {
        self.complain(files, &format!("{name}: not found"));
        NOT_FOUND
    }

    fn redirect(
        &self,
        redirections: &[Redirection],
        mut files: Files<S::File>,
    ) -> Result<Files<S::File>, i32> {
        for redirection in redirections {
            let target = expand::single(&redirection.target, &self.variables);
            let open = |mode| {
                self.system
                    .open(&target, mode)
                    .map_err(|error| self.fail(&files, &target, error))
            };
            let file = match redirection.direction {
                Direction::Read => open(OpenMode::Read)?,
                Direction::Write => open(OpenMode::Write)?,
                Direction::Append => open(OpenMode::Append)?,
                Direction::Duplicate => match target.as_str() {
                    "0" => files.input.clone(),
                    "1" => files.output.clone(),
                    "2" => files.errors.clone(),
                    _ => return Err(self.fail(&files, &target, Errno::EBADF)),
                },
            };
            match redirection.descriptor {
                0 => files.input = file,
                1 => files.output = file,
                2 => files.errors = file,
                other => return Err(self.fail(&files, &other.to_string(), Errno::EBADF)),
            }
        }
        Ok(files)
    }

    fn fail(&self, files: &Files<S::File>, what: &str, error: Errno) -> i32 {
        self.complain(files, &format!("{what}: {error}"));
        1
    }
}

#[cfg(test)]
mod tests;
