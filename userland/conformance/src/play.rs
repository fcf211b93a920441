//! Plays cases and prints their traces.

use crate::cases::Case;
use crate::coverage;
use crate::script;
use crate::stage::Stage;
use alloc::format;
use alloc::string::String;

/// Plays a case: a heading, a line for each step, and an empty line. False if a line could not be understood.
pub(crate) fn case(case: &Case<'_>) -> bool {
    rt::println!("case {} {}", case.name, case.title);
    let mut stage = Stage::of(case.name);
    let understood = case.lines.lines().all(|line| self::line(&mut stage, line));
    stage.clear();
    rt::println!("");
    understood
}

/// Plays one line.
pub(crate) fn line(stage: &mut Stage, line: &str) -> bool {
    if let Some(cast) = line.strip_prefix("stage ") {
        return cast.split_ascii_whitespace().all(|name| enter(stage, name));
    }
    if let Some(file) = line.strip_prefix("debug ") {
        stage.debug(file);
        return true;
    }
    match script::parse(line) {
        Ok(None) => true,
        Ok(Some(step)) => {
            coverage::step(stage.case(), &step);
            stage.play(&step, line.split('#').next().unwrap_or(line).trim());
            true
        }
        Err(complaint) => {
            rt::eprintln!("conformance: {line}: {complaint}");
            false
        }
    }
}

/// Brings an actor on stage as most cases want it: the device open and mapped, two threads that have made a call.
/// M is the context manager.
fn enter(stage: &mut Stage, name: &str) -> bool {
    let manager = if name == "M" { "M.0 manager" } else { "" };
    let lines: [String; 5] = [
        format!("{name}.0 open"),
        format!("{name}.0 map 0x100000"),
        String::from(manager),
        format!("{name}.0 version"),
        format!("{name}.1 version"),
    ];
    lines.iter().all(|line| match script::parse(line) {
        Ok(Some(step)) => {
            stage.play_quietly(&step);
            true
        }
        Ok(None) => true,
        Err(complaint) => {
            rt::eprintln!("conformance: {line}: {complaint}");
            false
        }
    })
}
