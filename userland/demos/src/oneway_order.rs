//! One-way calls to one object arrive in order and one at a time, and their sender does not wait.

use libbinder::Proxy;
use rt::syscall::{clock_monotonic_ns, sleep_ns};

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

const CALLS: i32 = 20;
/// How long each call takes to be served: the first the longest, so that any disorder would show.
const LONGEST_MS: i32 = 20;
const MILLISECOND: u64 = 1_000_000;
/// How long all of them may take.
const PATIENCE_NS: u64 = 10_000 * MILLISECOND;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("oneway")?;
    let begin = clock_monotonic_ns();
    let mut served_in_ms = 0;
    for number in 0..CALLS {
        let pause = LONGEST_MS - number;
        served_in_ms += pause;
        companion.peer.note(number, pause)?;
    }
    let sent_in_ms = (clock_monotonic_ns() - begin) / MILLISECOND;
    let notes = loop {
        // A call that waits for its answer may overtake one-way calls, so it is asked again.
        let notes = companion.peer.notes()?;
        if notes.numbers.len() == CALLS as usize || clock_monotonic_ns() - begin > PATIENCE_NS {
            break notes;
        }
        sleep_ns(10 * MILLISECOND);
    };
    rt::println!("{CALLS} one-way calls sent; serving them takes {served_in_ms} ms");
    rt::println!("arrived: {:?}", notes.numbers);
    rt::println!("served at once: {}", notes.at_once);
    ensure!(
        notes.numbers.iter().copied().eq(0..CALLS),
        "they did not arrive in order"
    );
    ensure!(notes.at_once == 1, "{} were served at once", notes.at_once);
    ensure!(
        sent_in_ms < served_in_ms as u64,
        "the sender waited {sent_in_ms} ms"
    );
    ensure!(companion.peer.as_binder().is_alive(), "the companion died");
    Ok(())
}
