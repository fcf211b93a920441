//! An actor: a process that makes the system calls of a script.
//!
//! Its first thread takes requests from the stage and never touches binder. Each operation runs on the worker thread
//! that the script names, so that it may block there.

mod slots;
mod worker;

use crate::operation::{ARENA_SIZE, ARGUMENT, RETURNS, Report, Request, THREADS};
use crate::stage::Channel;
use alloc::sync::Arc;
use alloc::vec::Vec;
use rt::memory::Mapping;
use slots::Slots;
use worker::Worker;

/// Serves the stage until it closes the channel. `foreign` are the stage's ends of the pipes.
pub(crate) fn run(channel: Channel, foreign: &[i32]) -> i32 {
    for &descriptor in foreign {
        let _ = rt::syscall::close(descriptor);
    }
    let _ = rt::signal::interrupt(rt::signal::USER1);
    let slots = Arc::new(Slots::default());
    let Ok(workers) = workers(&slots) else { return 1 };
    let arenas = workers.iter().map(|worker| worker.arena()).collect();
    if channel
        .send(&Report::Ready {
            pid: rt::syscall::getpid(),
            arenas,
        })
        .is_err()
    {
        return 1;
    }
    while let Ok(request) = channel.receive() {
        match request {
            Request::Begin(thread, operation) => workers[thread as usize].begin(operation),
            Request::Interrupt(thread) => workers[thread as usize].interrupt(),
            Request::Collect => {
                let ended = (0..THREADS)
                    .zip(&workers)
                    .filter_map(|(thread, worker)| Some((thread, worker.ended()?)))
                    .collect();
                if channel.send(&Report::Ended(ended)).is_err() {
                    break;
                }
            }
        }
    }
    0
}

fn workers(slots: &Arc<Slots>) -> rt::Result<Vec<Worker>> {
    (0..THREADS)
        .map(|_| {
            let arena = Mapping::anonymous(ARENA_SIZE as usize)?;
            // Where the driver writes there must be pages: a fault in the middle of a call could let others run first.
            for at in [RETURNS, ARGUMENT] {
                arena.write(at as usize, &[0])?;
            }
            Worker::new(arena, Arc::clone(slots))
        })
        .collect()
}
