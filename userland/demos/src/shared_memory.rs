//! A file descriptor in a parcel: two processes share memory.

use libbinder::{FileDescriptor, Proxy};
use rt::memory::{Access, Mapping};
use rt::syscall::{memfd, truncate};

use crate::failure::{Failure, ensure};
use crate::peer::{Companion, IPeer};

const TEXT: &str = "written by another process";
const SIZE: usize = 4096;

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let companion = Companion::start("memory")?;
    let memory = FileDescriptor::adopt(memfd("shared")?);
    truncate(memory.number(), SIZE as u64)?;
    let mapping = Mapping::shared(memory.number(), SIZE, Access::ReadOnly)?;
    companion.peer.fill(&memory, TEXT)?;
    let mut bytes = [0; TEXT.len()];
    mapping.read(0, &mut bytes)?;
    rt::println!("the descriptor went to process {}", companion.program.pid());
    rt::println!(
        "the memory reads: {}",
        alloc::string::String::from_utf8_lossy(&bytes)
    );
    ensure!(bytes == *TEXT.as_bytes(), "the memory is not shared");
    ensure!(companion.peer.as_binder().is_alive(), "the companion died");
    Ok(())
}
