//! A case: one boot of Bindery, one line, what must come of it.

use super::bench::Measurements;
use super::program::Program;
use crate::options::{Acceleration, Firmware, Options};

/// How a line is run and what is expected of it. Tables fill in what differs from [`CASE`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Case {
    /// What the case shows, as a sentence.
    pub(super) name: &'static str,
    /// The line for the guest's shell.
    pub(super) line: &'static str,
    /// What programs must have written.
    pub(super) stdout: Stdout,
    /// The exit status the host must see: the line's, or 124 or 101.
    pub(super) status: u8,
    /// What runs beside the shell.
    pub(super) services: Services,
    /// What the clock follows.
    pub(super) clock: Clock,
    /// The firmware to boot from.
    pub(super) firmware: Firmware,
    /// The guest's memory in MiB.
    pub(super) memory: u32,
    /// Seconds until the guest is given up.
    pub(super) timeout: u64,
    /// What is broken in the kernel, by its name in `kernel/src/defect.rs`.
    pub(super) defect: Option<&'static str>,
    /// C programs that are built on the host and added.
    pub(super) add: &'static [Program],
}

/// A case that expects success and does not look at the output.
pub(super) const CASE: Case = Case {
    name: "",
    line: "",
    stdout: Stdout::Anything,
    status: 0,
    services: Services::All,
    clock: Clock::Host,
    firmware: Firmware::Bios,
    memory: 128,
    timeout: 60,
    defect: None,
    add: &[],
};

/// What programs must have written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stdout {
    /// Not looked at.
    Anything,
    /// Exactly this.
    Exactly(&'static str),
    /// Lines of which each begins with one of these, in this order; other lines may stand between.
    Lines(&'static [&'static str]),
    /// Something that holds these pieces, in this order.
    Pieces(&'static [&'static str]),
    /// Figures of the benchmark, by name and parameter: the middle may be this and 5 % more. Under the clock of
    /// instructions they repeat exactly, so only a change of the code changes them.
    AtMost(&'static [(&'static str, u64, u64)]),
}

/// What runs beside the shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Services {
    /// What the image is configured to start.
    All,
    /// Nothing, as with `--bare`.
    None,
}

/// What the guest's clock follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// The host's clock.
    Host,
    /// The number of instructions, as with `--icount`.
    Instructions,
}

impl Case {
    /// The options of a run.
    pub(super) fn options(&self) -> anyhow::Result<Options> {
        let mut add = Vec::new();
        for program in self.add {
            add.push(program.build()?);
        }
        Ok(Options {
            exec: Some(self.line.to_owned()),
            add,
            bare: self.services == Services::None,
            icount: self.clock == Clock::Instructions,
            timeout: Some(self.timeout),
            memory: self.memory,
            firmware: self.firmware,
            accel: Acceleration::Auto,
            trace: None,
            trace_size: None,
            trace_of: Vec::new(),
            gdb: false,
            log: false,
        })
    }
}

/// Compares figures of the benchmark with what is recorded.
fn at_most(recorded: &[(&str, u64, u64)], written: &str) -> Result<(), String> {
    let measured = Measurements::parse(written);
    let mut worse = String::new();
    for (name, parameter, figure) in recorded {
        match measured.find(name, *parameter) {
            None => worse.push_str(&format!("{name} {parameter} was not measured\n")),
            Some(found) if found.p50 > figure + figure / 20 => worse.push_str(&format!(
                "{name} {parameter} takes {} instructions; {figure} are recorded\n",
                found.p50
            )),
            Some(_) => {}
        }
    }
    if worse.is_empty() { Ok(()) } else { Err(worse) }
}

impl Stdout {
    /// Compares with what was written; `Err` tells the first difference.
    pub(super) fn check(self, written: &str) -> Result<(), String> {
        match self {
            Self::Anything => Ok(()),
            Self::Exactly(wanted) => super::difference::compare("wanted", wanted, "written", written),
            Self::AtMost(recorded) => at_most(recorded, written),
            Self::Pieces(wanted) => {
                let mut rest = written;
                for piece in wanted {
                    match rest.split_once(piece) {
                        Some((_, behind)) => rest = behind,
                        None => return Err(format!("missing (in order): {piece}\nwritten:\n{written}")),
                    }
                }
                Ok(())
            }
            Self::Lines(wanted) => {
                let mut lines = written.lines();
                match wanted
                    .iter()
                    .find(|wanted| !lines.any(|line| line.starts_with(**wanted)))
                {
                    None => Ok(()),
                    Some(missing) => Err(format!(
                        "no line (in order) begins with: {missing}\nwritten:\n{written}"
                    )),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stdout;

    #[test]
    fn pieces_are_looked_for_in_order() {
        let wanted = Stdout::Pieces(&["one", "two"]);
        assert!(wanted.check("[1] one and\n[2] two").is_ok());
        assert!(wanted.check("[2] two\n[1] one").is_err());
    }

    #[test]
    fn a_figure_may_grow_by_a_twentieth() {
        let recorded = Stdout::AtMost(&[("call", 0, 100)]);
        let measured = |p50: u32| format!("call 0 min 1 p50 {p50} p99 1 mean 1 of 1\n");
        assert!(recorded.check(&measured(105)).is_ok());
        assert!(recorded.check(&measured(106)).is_err());
        assert!(recorded.check("nothing").is_err());
    }

    #[test]
    fn lines_are_looked_for_in_order() {
        let wanted = Stdout::Lines(&["one", "two"]);
        assert!(wanted.check("zero\none more\nnoise\ntwo\n").is_ok());
        assert!(wanted.check("two\none\n").is_err());
    }
}
