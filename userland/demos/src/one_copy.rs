//! A message is copied once: kernel and receiver have the same frames mapped, at addresses a fixed offset apart.
//!
//! The receiver tells where it found the message. The kernel tells what its own page tables and the receiver's have for
//! the region, and how many copies were made into it.

use alloc::format;
use alloc::string::String;
use alloc::vec;

use libbinder::kernel::{Memory, kernel};
use libbinder::{
    BBinder, IBinder, Parcel, ProcessState, StatusCode, Transactable, TransactionFlags, service_manager,
};
use rt::syscall::getpid;

use crate::failure::{Failure, ensure};
use crate::program::Program;

/// Bytes of the message: enough for several pages.
const LENGTH: usize = 10_000;
const PAGE: u64 = 4096;
const PATIENCE_NS: u64 = 5_000_000_000;
/// The receiver's only method: `(bytes) -> i64 address, i64 sum`.
const LOOK: u32 = libbinder::FIRST_CALL_TRANSACTION;

/// Tells where the driver put the message it is called with.
struct Receiver;

impl Transactable for Receiver {
    fn descriptor(&self) -> &str {
        "bindery.demo.IReceiver"
    }

    fn on_transact(&self, code: u32, data: &Parcel, reply: &mut Parcel) -> Result<(), StatusCode> {
        if code != LOOK {
            return Err(StatusCode::UnknownTransaction);
        }
        reply.write(&data.region_address().unwrap_or(0))?;
        reply.write(&sum(data.data()))
    }
}

fn sum(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, &byte| sum * 31 % 0xffff_ffff + u64::from(byte))
}

/// `demo --receiver NAME`: receives until it is ended.
pub(crate) fn serve(name: &str) -> Result<(), Failure> {
    service_manager()?.add(name, &BBinder::new(Receiver))?;
    ProcessState::get().join_thread_pool();
    Ok(())
}

pub(crate) fn run(_: &[&str]) -> Result<(), Failure> {
    let memory = kernel()?.memory()?;
    let name = format!("demo.receiver.{}", getpid());
    let program = Program::start("/bin/demo", &["demo", "--receiver", &name])?;
    let receiver = service_manager()?.wait_for_service_until(&name, PATIENCE_NS)?;
    let result = look(&memory, &program, &receiver);
    program.kill()?;
    result
}

fn look(memory: &Memory, program: &Program, receiver: &IBinder) -> Result<(), Failure> {
    let mut message = Parcel::new();
    message.write(&vec![0x5a_u8; LENGTH])?;
    let bytes = message.data().len();
    // The first message gives the region its pages and tells where it is.
    let address = send(receiver, &message)?;
    let before = memory.window(program.pid(), address)?;
    let address = send(receiver, &message)?;
    let after = memory.window(program.pid(), address)?;

    let at = |start: u64| start + (address - after.receiver_address);
    rt::println!("message of {bytes} bytes, received by process {}", program.pid());
    rt::println!(
        "kernel's view   {:#x} in a region at {:#x}",
        at(after.kernel_address),
        after.kernel_address
    );
    rt::println!(
        "receiver's view {address:#x} in a region at {:#x}",
        after.receiver_address
    );
    rt::println!(
        "offset          {:#x}",
        after.kernel_address.wrapping_sub(after.receiver_address)
    );
    let first = (address - after.receiver_address) / PAGE;
    let last = (address - after.receiver_address + bytes as u64 - 1) / PAGE;
    let mut table = String::from("page  kernel's frame  receiver's frame\n");
    let mut agreeing = 0;
    for page in after
        .pages
        .iter()
        .filter(|page| (first..=last).contains(&(page.page as u64)))
    {
        table.push_str(&format!(
            "{:>4}  {:>#14x}  {:>#16x}\n",
            page.page, page.kernel_frame, page.receiver_frame
        ));
        agreeing += u64::from(page.kernel_frame == page.receiver_frame);
    }
    let copies = after.copies - before.copies;
    rt::println!("{table}copies made for the message: {copies}");
    ensure!(
        agreeing == last - first + 1,
        "{agreeing} of {} pages have the same frame on both sides",
        last - first + 1
    );
    ensure!(copies == 1, "{copies} copies were made");
    Ok(())
}

/// Sends the message; where it arrived, after checking that it arrived whole.
fn send(receiver: &IBinder, message: &Parcel) -> Result<u64, Failure> {
    let reply = receiver.transact(LOOK, message, TransactionFlags::empty())?;
    let address = reply.read()?;
    let arrived: u64 = reply.read()?;
    ensure!(arrived == sum(message.data()), "another message arrived");
    Ok(address)
}
