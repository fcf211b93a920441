//! The commands about what runs in the background.

use abi::signal::Signal;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Misuse, Status, print};
use crate::execute::{NOT_FOUND, Shell};
use crate::system::{Files, System};

/// Lists the jobs.
pub(super) fn jobs<S: System>(shell: &mut Shell<S>, files: &Files<S::File>) -> Status {
    let mut text = String::new();
    for job in shell.jobs.iter() {
        let state = match job.status(&shell.system) {
            None => String::from("running"),
            Some(status) => format!("ended {status}"),
        };
        let pids: Vec<_> = job
            .processes
            .iter()
            .map(|process| format!("{}", shell.system.pid(process)))
            .collect();
        text.push_str(&format!(
            "[{}] {} {state} {}\n",
            job.number,
            pids.join(" "),
            job.text
        ));
    }
    print(shell, files, &text)
}

/// Waits for the named jobs, or for all.
pub(super) fn wait<S: System>(shell: &mut Shell<S>, words: &[String], files: &Files<S::File>) -> Status {
    if words.is_empty() {
        for job in shell.jobs.remove_all() {
            job.wait(&shell.system);
        }
        return Ok(0);
    }
    let mut status = 0;
    for word in words {
        let Some(number) = shell.jobs.find(word, &shell.system).map(|job| job.number) else {
            shell.complain(files, &format!("wait: {word}: no such job"));
            status = NOT_FOUND;
            continue;
        };
        status = shell.jobs.remove(number).map_or(0, |job| job.wait(&shell.system));
    }
    Ok(status)
}

/// `SIGSEGV` for 11.
pub fn signal_name(number: i32) -> String {
    match u64::try_from(number)
        .ok()
        .and_then(Signal::from_number)
        .and_then(Signal::name)
    {
        Some(name) => String::from(name),
        None => format!("signal {number}"),
    }
}

/// The number of `9`, `KILL` or `SIGKILL`.
fn signal_number(text: &str) -> Option<i32> {
    match text.parse::<i32>() {
        Ok(number) => (0..=64).contains(&number).then_some(number),
        Err(_) => {
            let short = text.strip_prefix("SIG").unwrap_or(text);
            (1..=31).find(|&number| signal_name(number).strip_prefix("SIG") == Some(short))
        }
    }
}

/// Sends a signal to jobs and processes.
pub(super) fn kill<S: System>(shell: &Shell<S>, words: &[String], files: &Files<S::File>) -> Status {
    let (signal, targets) = match words.split_first() {
        Some((option, rest)) if option.starts_with('-') => (signal_number(&option[1..]).ok_or(Misuse)?, rest),
        _ => (15, words),
    };
    if targets.is_empty() {
        return Err(Misuse);
    }
    let mut status = 0;
    for target in targets {
        let sent = match (shell.jobs.find(target, &shell.system), target.parse::<i32>()) {
            (Some(job), _) => job
                .processes
                .iter()
                .try_for_each(|process| shell.system.kill(process, signal)),
            (None, Ok(pid)) => shell.system.kill_pid(pid, signal),
            (None, Err(_)) => {
                shell.complain(files, &format!("kill: {target}: no such job"));
                status = 1;
                continue;
            }
        };
        if let Err(error) = sent {
            shell.complain(files, &format!("kill: {target}: {error}"));
            status = 1;
        }
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_have_numbers_and_names() {
        assert_eq!(signal_number("KILL"), Some(9));
        assert_eq!(signal_number("SIGTERM"), Some(15));
        assert_eq!(signal_number("9"), Some(9));
        assert_eq!(signal_number("99"), None);
        assert_eq!(signal_number("NONE"), None);
    }
}
