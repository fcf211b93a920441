//! Runs the benchmark on Bindery and on Linux, counting instructions, and shows both outputs.

use anyhow::Result;

use super::case::{CASE, Case, Clock, Services};
use super::guest::{self, Ran};
use super::tally::Tally;
use crate::linux;

/// The line that measures.
const LINE: &str = "binder-bench";

/// The same on Linux, after what it does behind its start has come to rest; measured at once its figures look worse than
/// they are. Counting instructions, the wait costs next to nothing.
const SETTLED_LINE: &str = "sleep 40; binder-bench";

/// Seconds until a measurement is given up.
const TIMEOUT: u64 = 600;

/// Measures on both.
pub(super) fn run(tally: &mut Tally) -> Result<()> {
    let Some(parts) = guest::build(tally) else {
        return Ok(());
    };
    let bindery = Case {
        line: LINE,
        timeout: TIMEOUT,
        services: Services::None,
        clock: Clock::Instructions,
        ..CASE
    };
    show(tally, "Bindery", guest::boot(&bindery.options()?, &parts));
    let mut options = linux::Options::for_line(SETTLED_LINE, parts.programs(), TIMEOUT);
    options.icount = true;
    let ran = linux::capture(&options).map(|(stdout, status, log)| Ran { stdout, status, log });
    show(tally, "Linux", ran);
    Ok(())
}

fn show(tally: &mut Tally, system: &str, ran: Result<Ran>) {
    let outcome = match ran {
        Ok(ran) => {
            println!("{system}:\n{}", String::from_utf8_lossy(&ran.stdout));
            if ran.status == 0 {
                Ok(())
            } else {
                Err(format!("status {}\n{}", ran.status, ran.log))
            }
        }
        Err(error) => Err(format!("{error:#}")),
    };
    tally.record(&format!("the benchmark on {system}"), outcome);
}
