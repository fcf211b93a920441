//! `bindery.IMemory`: how much of everything there is.

use super::call::{Call, Failure};
use super::view;
use crate::mm::{frames, heap};
use crate::task::Kernel;
use abi::kernel_objects::memory;

/// The object's number.
pub(super) const NODE: u64 = 0x30;

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    match call.incoming.code {
        memory::FIGURES => {
            let figures = figures(call.kernel);
            call.reply.write_length(figures.len());
            for figure in figures {
                call.reply.write_i64(i64::try_from(figure).unwrap_or(i64::MAX));
            }
            Ok(())
        }
        memory::WINDOW => view::window(call),
        _ => Err(Failure::UnknownMethod),
    }
}

/// The figures, in the order of their names.
fn figures(kernel: &Kernel) -> [u64; memory::FIGURE_NAMES.len()] {
    let counts = kernel.driver.counts();
    [
        frames::total(),
        frames::free(),
        heap::used(),
        kernel.processes.len() as u64,
        kernel.threads.len() as u64,
        kernel.held.len() as u64,
        counts.procs as u64,
        counts.threads as u64,
        counts.nodes as u64,
        counts.refs as u64,
        counts.deaths as u64,
        counts.freezes as u64,
        counts.transactions as u64,
        counts.buffers as u64,
        counts.pages as u64,
    ]
}
