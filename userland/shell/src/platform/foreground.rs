//! The terminal while programs run in the foreground.
//!
//! The console has one reader at a time. While a program runs, the shell goes on reading it and passes what is typed
//! through a pipe: so Ctrl-C reaches the shell even if the program never reads, and what is typed ahead is not lost to
//! a program that does not want it. A helper thread waits for the programs and says through a second pipe that they
//! have ended.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::processes::Process;
use super::{CONSOLE, Descriptor};
use abi::signal::Signal;
use rt::syscall::{self, DescriptorFlags, PollEvents, PollFd};
use rt::{Errno, thread};

/// What a console sends for the keys that mean something here.
const INTERRUPT: u8 = 0x03;
const END_OF_FILE: u8 = 0x04;
const QUIT: u8 = 0x1c;

/// The pipe through which programs in the foreground read what is typed.
pub(super) struct Foreground {
    /// The end that programs read.
    pub(super) input: Descriptor,
    /// The end the shell writes; gone after Ctrl-D.
    typed: Option<Descriptor>,
}

impl Foreground {
    /// A terminal for the next programs.
    pub(super) fn new() -> rt::Result<Self> {
        let (read, write) = syscall::pipe(DescriptorFlags::CLOEXEC)?;
        syscall::set_nonblocking(write)?;
        Ok(Self {
            input: Descriptor::opened(read),
            typed: Some(Descriptor::opened(write)),
        })
    }

    /// What was typed and no program has read.
    pub(super) fn unread(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 256];
        loop {
            let mut files = [PollFd::readable(self.input.number())];
            let ready = syscall::poll(&mut files, 0);
            if ready.is_err() || !files[0].happened.contains(PollEvents::IN) {
                return bytes;
            }
            match syscall::read(self.input.number(), &mut buffer) {
                Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
                Ok(0) | Err(_) => return bytes,
            }
        }
    }

    /// Passes what is typed until all processes have ended; the last one's status.
    pub(super) fn wait(&mut self, processes: &[Process]) -> i32 {
        let Ok((ended, tell)) = syscall::pipe(DescriptorFlags::CLOEXEC) else {
            return processes.iter().fold(0, |_, process| process.wait());
        };
        let ended = Descriptor::opened(ended);
        let tell = Descriptor::opened(tell);
        let waited: Arc<Vec<Process>> = Arc::new(processes.to_vec());
        let helper = thread::spawn(thread::STACK, move || {
            let status = waited.iter().fold(0, |_, process| process.wait());
            // Closing the pipe's last writing end is the message.
            drop(tell);
            status
        });
        let Ok(helper) = helper else {
            return processes.iter().fold(0, |_, process| process.wait());
        };
        self.pass_until(&ended, processes);
        helper.join()
    }

    /// Reads the console until `ended` has something to say.
    fn pass_until(&mut self, ended: &Descriptor, processes: &[Process]) {
        loop {
            let mut files = [PollFd::readable(ended.number()), PollFd::readable(CONSOLE)];
            match syscall::poll(&mut files, -1) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
            if !files[0].happened.is_empty() {
                return;
            }
            if files[1].happened.contains(PollEvents::IN) {
                let mut byte = [0];
                if let Ok(1) = syscall::read(CONSOLE, &mut byte) {
                    self.pass(byte[0], processes);
                }
            }
        }
    }

    fn pass(&mut self, byte: u8, processes: &[Process]) {
        let signal = match byte {
            INTERRUPT => Signal::SIGINT,
            QUIT => Signal::SIGKILL,
            END_OF_FILE => {
                self.typed = None;
                return;
            }
            b'\r' => return self.type_and_echo(b"\n", b"\r\n"),
            other => return self.type_and_echo(&[other], &[other]),
        };
        let _ = syscall::write_all(rt::io::ERROR, if byte == QUIT { b"^\\\r\n" } else { b"^C\r\n" });
        for process in processes {
            // A process that has just ended needs no signal.
            let _ = process.kill(i32::from(signal.number()));
        }
    }

    fn type_and_echo(&self, typed: &[u8], echo: &[u8]) {
        if let Some(file) = &self.typed {
            // What does not fit is lost, as on any terminal whose program never reads.
            let _ = syscall::write_all(file.number(), typed);
            let _ = syscall::write_all(rt::io::ERROR, echo);
        }
    }
}
