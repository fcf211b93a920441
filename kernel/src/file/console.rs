//! The console: the first serial port as a terminal.
//!
//! The settings are those of Linux's terminals. At the start it is raw, without echo, so that a shell may edit lines
//! itself; what sets `ICANON` and `ECHO` gets line editing from here. Bytes go out as they are; only when a person sits
//! at the other end (no line to run was given at boot) a newline becomes carriage return and newline.

use super::tree::FileSystem;
use super::{File, OpenFile, Readiness, UserMemory};
use crate::arch::{self, serial};
use crate::mm::user;
use crate::task::signal::Target;
use crate::task::{Channel, Flow, Kernel, Pid};
use abi::Errno;
use abi::file::OpenFlags;
use abi::poll::PollEvents;
use abi::signal::{Signal, SignalInfo};
use abi::terminal::{
    FIONREAD, InputModes, LocalModes, OutputModes, Settings, TCGETS, TCSETS, TCSETSF, TCSETSW, TIOCGPGRP,
    TIOCGWINSZ, TIOCSPGRP, WindowSize, character,
};
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// No more input than this waits to be read.
const INPUT_MOST: usize = 4096;
/// How many bytes go out at a time.
const CHUNK: usize = 512;
/// 38,400 baud, 8 bits, receiver on: what a terminal shows where speed has no meaning.
const CONTROL: u32 = 0o2277;

/// The terminal's state.
#[derive(Debug)]
pub(crate) struct Console {
    settings: Settings,
    /// Input that can be read, a line each where lines are edited. An empty one is the end of the input.
    ready: VecDeque<Vec<u8>>,
    /// The line that is being edited.
    line: Vec<u8>,
    /// How many bytes were received.
    received: u64,
    /// Who gets SIGINT.
    foreground: Option<Pid>,
}

impl Console {
    pub(super) fn new() -> Self {
        let mut output = OutputModes::empty();
        if arch::firmware_config("opt/bindery/exec").is_none() {
            output |= OutputModes::PROCESS | OutputModes::NEWLINE_TO_RETURN;
        }
        let mut characters = [0; 19];
        characters[character::INTERRUPT] = 3;
        characters[character::ERASE] = 0x7f;
        characters[character::KILL] = 0x15;
        characters[character::END] = 4;
        characters[character::LEAST] = 1;
        let settings = Settings {
            output: output.bits(),
            control: CONTROL,
            characters,
            ..Settings::default()
        };
        Self {
            settings,
            ready: VecDeque::new(),
            line: Vec::new(),
            received: 0,
            foreground: None,
        }
    }

    fn local(&self) -> LocalModes {
        LocalModes::from_bits_retain(self.settings.local)
    }

    /// Takes one received byte in. Says whether it asks for an interruption.
    fn receive(&mut self, byte: u8) -> Received {
        self.received += 1;
        let translates =
            InputModes::from_bits_retain(self.settings.input).contains(InputModes::RETURN_TO_NEWLINE);
        let byte = if byte == b'\r' && translates { b'\n' } else { byte };
        let (local, special) = (self.local(), self.settings.characters);
        if local.contains(LocalModes::SIGNALS) && byte == special[character::INTERRUPT] {
            self.line.clear();
            self.echo(b"^C\n");
            return Received::Interruption;
        }
        if !local.contains(LocalModes::LINES) {
            self.echo(&[byte]);
            self.deliver_raw(byte);
            return Received::Input;
        }
        if byte == special[character::ERASE] || byte == 8 {
            self.erase(1);
        } else if byte == special[character::KILL] {
            self.erase(self.line.len());
        } else if byte == special[character::END] {
            self.deliver_line();
        } else if self.line.len() < INPUT_MOST {
            self.line.push(byte);
            self.echo(&[byte]);
            if byte == b'\n' {
                self.deliver_line();
            }
        }
        Received::Input
    }

    fn deliver_line(&mut self) {
        self.ready.push_back(core::mem::take(&mut self.line));
    }

    fn deliver_raw(&mut self, byte: u8) {
        match self.ready.back_mut() {
            Some(waiting) if waiting.len() < INPUT_MOST => waiting.push(byte),
            Some(_) => {}
            None => self.ready.push_back(alloc::vec![byte]),
        }
    }

    fn erase(&mut self, count: usize) {
        for _ in 0..count {
            if self.line.pop().is_some() && self.local().contains(LocalModes::ECHO_ERASE) {
                self.echo(b"\x08 \x08");
            }
        }
    }

    fn echo(&self, bytes: &[u8]) {
        if self.local().contains(LocalModes::ECHO) {
            self.put(bytes);
        }
    }

    /// Sends bytes out.
    fn put(&self, bytes: &[u8]) {
        let modes = OutputModes::from_bits_retain(self.settings.output);
        let port = serial::console();
        if !modes.contains(OutputModes::PROCESS | OutputModes::NEWLINE_TO_RETURN) {
            return port.write(bytes);
        }
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(text) => {
                    port.write(text);
                    port.write(b"\r\n");
                }
                None => port.write(line),
            }
        }
    }

    fn waiting(&self) -> usize {
        self.ready.iter().map(Vec::len).sum()
    }
}

/// What a received byte was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Received {
    Input,
    Interruption,
}

impl Kernel {
    /// Takes in what the serial port received, and wakes who waits for it.
    pub(crate) fn console_input(&mut self) {
        let mut interrupted = false;
        while let Some(byte) = serial::console().read() {
            interrupted |= self.file_system.console.receive(byte) == Received::Interruption;
        }
        if let Some(foreground) = self.file_system.console.foreground.filter(|_| interrupted) {
            let info = SignalInfo::sent(Signal::SIGINT, abi::signal::SI_KERNEL, 0, 0);
            let members = self.members_of(foreground).unwrap_or_default();
            for member in members {
                // It exists, and a full queue has the signal already.
                let _sent = self.send_signal(Target::Process(member), Signal::SIGINT, info);
            }
        }
        self.wake(Channel::CONSOLE);
    }

    /// The descriptors of the first program: 0, 1 and 2 are the console.
    #[inline(never)]
    pub(crate) fn console_files(&mut self) -> super::FileTable {
        let mut table = super::FileTable::new();
        let console = match FileSystem::walk(self, b"/", b"/dev/console", super::tree::Last::Followed) {
            Ok(found) => found.open_existing(Box::new(ConsoleFile), OpenFlags::READ_WRITE),
            Err(_) => None,
        };
        if let Some(console) = console {
            for _ in 0..3 {
                // An empty table has room for three.
                let _installed = table.install(&console, super::CloseOnExec::No, 0, 3);
            }
        }
        table
    }
}

/// The console, opened.
#[derive(Debug)]
pub(crate) struct ConsoleFile;

impl File for ConsoleFile {
    fn read(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        into: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        if into.remaining() == 0 {
            return Ok(0);
        }
        let console = &mut kernel.file_system.console;
        let Some(line) = console.ready.front_mut() else {
            return Err(kernel.wait_on(Channel::CONSOLE));
        };
        let count = into.fill(line)?;
        line.drain(..count);
        if line.is_empty() {
            console.ready.pop_front();
        }
        Ok(count)
    }

    fn write(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        from: &mut UserMemory,
        _at: u64,
    ) -> Result<usize, Flow> {
        let mut chunk = [0; CHUNK];
        while from.remaining() > 0 {
            let step = CHUNK.min(from.remaining());
            let count = from.take(&mut chunk[..step])?;
            kernel.file_system.console.put(&chunk[..count]);
        }
        Ok(from.copied())
    }

    fn ready(&self, kernel: &mut Kernel) -> Result<Readiness, Errno> {
        let mut events = PollEvents::WRITABLE;
        if !kernel.file_system.console.ready.is_empty() {
            events |= PollEvents::READABLE;
        }
        Ok(Readiness {
            events,
            channel: Some(Channel::CONSOLE),
            changes: Some(kernel.file_system.console.received),
        })
    }

    fn can_be_watched(&self) -> bool {
        true
    }

    fn control(
        &self,
        kernel: &mut Kernel,
        _open: &OpenFile,
        request: u32,
        argument: u64,
    ) -> Result<u64, Flow> {
        let console = &mut kernel.file_system.console;
        match request {
            TCGETS => user::write_value(argument, &console.settings)?,
            TCSETS | TCSETSW | TCSETSF => {
                console.settings = user::read_value(argument)?;
                if request == TCSETSF {
                    console.ready.clear();
                    console.line.clear();
                }
            }
            TIOCGWINSZ => {
                let size = WindowSize {
                    rows: 24,
                    columns: 80,
                    ..WindowSize::default()
                };
                user::write_value(argument, &size)?;
            }
            TIOCGPGRP => {
                let foreground = console.foreground.map_or(0, |pid| pid.0);
                user::write_value(argument, &foreground)?;
            }
            TIOCSPGRP => {
                let group: u32 = user::read_value(argument)?;
                console.foreground = Some(Pid(group)).filter(|pid| pid.0 != 0);
            }
            FIONREAD => {
                let waiting = console.waiting() as u32;
                user::write_value(argument, &waiting)?;
            }
            _ => return Err(Errno::ENOTTY.into()),
        }
        Ok(0)
    }
}
