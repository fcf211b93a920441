//! A process is killed while it serves: its caller, those who watch it and servicemanager learn of it.

use alloc::sync::Arc;

use libbinder::{ProcessState, Proxy, Status, StatusCode, on_death, service_manager};
use rt::sync::{Condvar, Mutex};
use rt::syscall::sleep_ns;
use rt::thread;

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

const MILLISECOND: u64 = 1_000_000;
/// How long the news may take.
const PATIENCE_NS: u64 = 2_000 * MILLISECOND;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("death")?;
    ProcessState::get().start_thread_pool();
    let news = Arc::new((Mutex::new(0), Condvar::new()));
    let told = Arc::clone(&news);
    let recipient = on_death(move |_| {
        *told.0.lock() += 1;
        told.1.notify_all();
    });
    companion.peer.as_binder().link_to_death(&recipient)?;
    let peer = companion.peer.clone();
    let waiting = thread::spawn(thread::STACK, move || peer.hold(60_000))?;
    sleep_ns(50 * MILLISECOND);
    rt::println!("process {} serves a call and is killed", companion.program.pid());
    let Companion { program, peer, name } = companion;
    program.kill()?;
    let result = waiting.join();
    rt::println!(
        "the caller gets: {}",
        result
            .as_ref()
            .map_or_else(alloc::string::ToString::to_string, |_| "an answer".into())
    );
    ensure!(
        result == Err(Status::Transport(StatusCode::DeadObject)),
        "the caller was not told"
    );
    let count = {
        let mut count = news.0.lock();
        // Whether it came in time shows in the count.
        let _ = news
            .1
            .wait_while_for(&mut count, PATIENCE_NS, |count| *count == 0);
        *count
    };
    rt::println!("death recipients called: {count}");
    ensure!(count == 1, "the recipient was called {count} times");
    ensure!(
        !peer.as_binder().is_alive(),
        "the proxy believes the object alive"
    );
    let manager = service_manager()?;
    let mut registered = true;
    for _ in 0..PATIENCE_NS / (10 * MILLISECOND) {
        registered = manager.check(&name)?.is_some();
        if !registered {
            break;
        }
        sleep_ns(10 * MILLISECOND);
    }
    rt::println!("servicemanager knows the name: {registered}");
    ensure!(!registered, "servicemanager still knows the name");
    Ok(())
}
