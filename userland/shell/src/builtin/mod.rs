//! The commands that are part of the shell itself.

mod control;

pub use control::signal_name;

use alloc::format;
use alloc::string::String;

use crate::execute::{Shell, WRONG_USE};
use crate::parser::is_name;
use crate::system::{Files, System};

macro_rules! builtins {
    ($($variant:ident = $name:literal, $usage:literal, $help:literal;)*) => {
        /// A command of the shell itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Builtin {
            $(#[doc = $help] $variant,)*
        }

        impl Builtin {
            /// All of them: name and arguments, what it does.
            pub const ALL: &[(&'static str, &'static str, &'static str)] = &[$(($name, $usage, $help),)*];

            /// The builtin of this name.
            pub fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            fn usage(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($name, " ", $usage),)*
                }
            }
        }
    };
}

builtins! {
    Colon = ":", "", "Does nothing, successfully.";
    Echo = "echo", "[-n] [WORD...]", "Prints its words.";
    Exit = "exit", "[STATUS]", "Ends the shell.";
    Export = "export", "[NAME[=VALUE]...]", "Shows variables to programs.";
    False = "false", "", "Fails.";
    Help = "help", "", "Lists the commands.";
    Jobs = "jobs", "", "Lists what runs in the background.";
    Kill = "kill", "[-SIGNAL] %JOB|PID...", "Ends programs.";
    Set = "set", "[NAME=VALUE...]", "Lists or sets variables.";
    Sleep = "sleep", "SECONDS", "Waits; fractions are allowed.";
    True = "true", "", "Succeeds.";
    Unset = "unset", "NAME...", "Forgets variables.";
    Wait = "wait", "[%JOB|PID...]", "Waits for what runs in the background.";
}

/// Runs a builtin; its status.
pub fn run<S: System>(
    shell: &mut Shell<S>,
    builtin: Builtin,
    arguments: &[String],
    files: &Files<S::File>,
) -> i32 {
    let words = arguments.get(1..).unwrap_or_default();
    let result = match builtin {
        Builtin::Colon | Builtin::True => Ok(0),
        Builtin::False => Ok(1),
        Builtin::Echo => echo(shell, words, files),
        Builtin::Exit => exit(shell, words),
        Builtin::Export => export(shell, words, files),
        Builtin::Help => help(shell, files),
        Builtin::Jobs => control::jobs(shell, files),
        Builtin::Kill => control::kill(shell, words, files),
        Builtin::Set => set(shell, words, files),
        Builtin::Sleep => sleep(shell, words),
        Builtin::Unset => {
            words.iter().for_each(|name| shell.variables.unset(name));
            Ok(0)
        }
        Builtin::Wait => control::wait(shell, words, files),
    };
    result.unwrap_or_else(|Misuse| {
        shell.complain(files, &format!("usage: {}", builtin.usage().trim_end()));
        WRONG_USE
    })
}

/// The arguments make no sense; the caller prints how they should look.
struct Misuse;

type Status = Result<i32, Misuse>;

fn print<S: System>(shell: &Shell<S>, files: &Files<S::File>, text: &str) -> Status {
    Ok(match shell.system.write(&files.output, text.as_bytes()) {
        Ok(()) => 0,
        Err(error) => {
            shell.complain(files, &format!("write: {error}"));
            1
        }
    })
}

fn echo<S: System>(shell: &Shell<S>, words: &[String], files: &Files<S::File>) -> Status {
    match words.split_first() {
        Some((option, rest)) if option == "-n" => print(shell, files, &rest.join(" ")),
        _ => print(shell, files, &format!("{}\n", words.join(" "))),
    }
}

fn exit<S: System>(shell: &mut Shell<S>, words: &[String]) -> Status {
    let status = match words {
        [] => shell.variables.status,
        [status] => status.parse::<i32>().map_err(|_| Misuse)? & 0xff,
        _ => return Err(Misuse),
    };
    shell.ended = Some(status);
    Ok(status)
}

fn export<S: System>(shell: &mut Shell<S>, words: &[String], files: &Files<S::File>) -> Status {
    if words.is_empty() {
        return print(
            shell,
            files,
            &lines(&shell.variables.pairs(crate::variables::Scope::Exported)),
        );
    }
    for word in words {
        let name = match word.split_once('=') {
            Some((name, value)) if is_name(name) => {
                shell.variables.set(name, value.into());
                name
            }
            None if is_name(word) => word,
            _ => return Err(Misuse),
        };
        shell.variables.export(name);
    }
    Ok(0)
}

fn set<S: System>(shell: &mut Shell<S>, words: &[String], files: &Files<S::File>) -> Status {
    if words.is_empty() {
        return print(shell, files, &lines(&shell.variables.all()));
    }
    for word in words {
        let (name, value) = word.split_once('=').ok_or(Misuse)?;
        if !is_name(name) {
            return Err(Misuse);
        }
        shell.variables.set(name, value.into());
    }
    Ok(0)
}

fn lines(pairs: &[String]) -> String {
    pairs.iter().map(|pair| format!("{pair}\n")).collect()
}

fn help<S: System>(shell: &Shell<S>, files: &Files<S::File>) -> Status {
    let mut text = String::from("Commands of the shell:\n");
    for (name, usage, what) in Builtin::ALL {
        text.push_str(&format!("  {:<34} {what}\n", format!("{name} {usage}")));
    }
    if !shell.system.commands().is_empty() {
        text.push_str("Commands of the system:\n");
        for (name, what) in shell.system.commands() {
            text.push_str(&format!("  {name:<34} {what}\n"));
        }
    }
    text.push_str(&format!("Programs: {}\n", shell.system.programs().join(" ")));
    text.push_str("Also: a; b   a && b   a || b   a | b   a &   > >> < 2>   'quotes' \"$NAME\" $? $!\n");
    print(shell, files, &text)
}

fn sleep<S: System>(shell: &Shell<S>, words: &[String]) -> Status {
    let [text] = words else { return Err(Misuse) };
    shell.system.sleep(nanoseconds(text).ok_or(Misuse)?);
    Ok(0)
}

/// `1`, `0.25`, `.5` as nanoseconds.
fn nanoseconds(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() && fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let seconds: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let digits = fraction.bytes().chain(core::iter::repeat(b'0')).take(9);
    let rest = digits.fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    seconds.checked_mul(1_000_000_000)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_may_have_fractions() {
        assert_eq!(nanoseconds("1"), Some(1_000_000_000));
        assert_eq!(nanoseconds("0.25"), Some(250_000_000));
        assert_eq!(nanoseconds(".5"), Some(500_000_000));
        assert_eq!(nanoseconds("1."), Some(1_000_000_000));
        assert_eq!(nanoseconds("."), None);
        assert_eq!(nanoseconds("x"), None);
        assert_eq!(nanoseconds("-1"), None);
        assert_eq!(nanoseconds("99999999999999999999"), None);
    }
}
