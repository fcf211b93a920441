//! Processes come, are called and die, and nothing of them stays.

use alloc::format;
use alloc::vec::Vec;

use activity::{ActivityManagerProxy, IActivityManager, Intent, SERVICE_NAME};
use libbinder::kernel::{Memory, kernel};
use libbinder::{ProcessState, Proxy, service_manager};
use rt::syscall::{getpid, sleep_ns};

use crate::failure::{Failure, ensure};
use crate::program::Program;

const ROUNDS: u32 = 1_000;
/// Rounds before the first count, in which caches and regions find their size.
const WARM_UP: u32 = 10;
const MILLISECOND: u64 = 1_000_000;
const PATIENCE_NS: u64 = 5_000 * MILLISECOND;
/// How often to count until what is being cleaned up is gone.
const COUNTS: u32 = 100;

/// What may differ: the kernel's heap keeps no promise about how it is filled.
const NOT_COMPARED: &str = "heap bytes used";

pub(crate) fn run(words: &[&str]) -> Result<(), Failure> {
    let rounds = match words {
        [] => ROUNDS,
        [rounds] => rounds
            .parse()
            .map_err(|_| Failure::new("usage: demo leak [ROUNDS]"))?,
        _ => return Err(Failure::new("usage: demo leak [ROUNDS]")),
    };
    let memory = kernel()?.memory()?;
    for number in 0..WARM_UP {
        round(number)?;
    }
    let before = count(&memory, None)?;
    for number in 0..rounds {
        round(number)?;
    }
    let after = count(&memory, Some(&before))?;
    rt::println!("{rounds} rounds of start, call, kill");
    let mut grown = Vec::new();
    for ((name, before), (_, after)) in before.iter().zip(&after) {
        rt::println!("{name:<24} {before:>10} -> {after:>10}");
        if before != after && *name != NOT_COMPARED {
            grown.push(*name);
        }
    }
    ensure!(grown.is_empty(), "not as before: {}", grown.join(", "));
    Ok(())
}

/// Starts a service, calls it and kills it.
fn round(number: u32) -> Result<(), Failure> {
    let name = format!("{SERVICE_NAME}.{}.{number}", getpid());
    let program = Program::start("/bin/activity", &["activity", &name])?;
    let found = service_manager()?.wait_for_service_until(&name, PATIENCE_NS)?;
    let intent = Intent {
        action: "leak".into(),
        package: "org.bindery".into(),
        class: ".Leak".into(),
    };
    let started = ActivityManagerProxy::from_binder(found).start_service(&intent)?;
    ensure!(
        started.class == "org.bindery.Leak",
        "the reply names {}",
        started.class
    );
    program.kill()?;
    Ok(())
}

/// The kernel's figures and this process's own; waits a little for them to become those of `wanted`.
fn count(
    memory: &Memory,
    wanted: Option<&Vec<(&'static str, i64)>>,
) -> Result<Vec<(&'static str, i64)>, Failure> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        sleep_ns(10 * MILLISECOND);
        let mut figures = memory.figures()?;
        figures.push(("own proxies", ProcessState::get().proxy_count() as i64));
        figures.push(("own objects", ProcessState::object_count() as i64));
        let same = wanted.is_some_and(|wanted| {
            wanted
                .iter()
                .zip(&figures)
                .all(|(one, other)| one == other || one.0 == NOT_COMPARED)
        });
        if same || attempt == if wanted.is_some() { COUNTS } else { 10 } {
            return Ok(figures);
        }
    }
}
