//! Other programs that a demonstration needs.
//!
//! On Bindery the kernel's process manager starts them and gives an object to end them by. Linux has no such thing;
//! there they are made by fork and exec, so that the same demonstration runs on both. On either they end with the
//! demonstration, however that ends: here by a lease, there by the parent's death signal.

use alloc::string::String;
use alloc::vec::Vec;

use libbinder::IBinder;
use libbinder::kernel::{self, Process, Spawn};
use rt::{process, signal, syscall};

use crate::failure::Failure;

/// A program that is ended when the demonstration lets go of it.
pub(crate) struct Program {
    by: By,
    pid: i32,
    ended: bool,
}

/// Who started it.
enum By {
    /// The kernel's process manager. It is killed when nobody has the lease.
    Kernel { process: Process, _lease: IBinder },
    /// Fork and exec.
    Fork,
}

impl Program {
    /// Starts a program with this process's standard files and environment.
    pub(crate) fn start(path: &str, arguments: &[&str]) -> Result<Self, Failure> {
        match kernel::kernel() {
            Ok(kernel) => {
                let program = Spawn::new(path)
                    .arguments(arguments.iter().copied())
                    .inherit_environment()
                    .standard_files();
                let (process, lease) = kernel.process_manager()?.spawn_leased(&program)?;
                let pid = process.pid();
                Ok(Self {
                    by: By::Kernel {
                        process,
                        _lease: lease,
                    },
                    pid,
                    ended: false,
                })
            }
            Err(_) => {
                let parent = syscall::getpid();
                let pid = process::fork(|| {
                    if process::end_with_parent(signal::KILL).is_err() || syscall::getppid() != parent {
                        return 126;
                    }
                    let variables: Vec<String> = rt::environment::variables()
                        .map(|(name, value)| [name, value].join("="))
                        .collect();
                    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
                    // It comes back only if it failed.
                    let error = process::execute(path, arguments, &variables);
                    rt::eprintln!("{path}: {error}");
                    127
                })?;
                Ok(Self {
                    by: By::Fork,
                    pid,
                    ended: false,
                })
            }
        }
    }

    /// Its number.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    /// Ends it by force and waits until it is gone; its status.
    pub(crate) fn kill(mut self) -> Result<i32, Failure> {
        self.end()
    }

    fn end(&mut self) -> Result<i32, Failure> {
        self.ended = true;
        match &self.by {
            By::Kernel { process, .. } => {
                process.kill(signal::KILL)?;
                Ok(process.wait()?)
            }
            By::Fork => {
                syscall::kill(self.pid, signal::KILL)?;
                process::wait(self.pid)?;
                Ok(128 + signal::KILL)
            }
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.ended {
            // Whatever went wrong with the demonstration has been said already.
            let _ = self.end();
        }
    }
}
