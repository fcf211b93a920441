//! Serving the kernel's loopers: reading what the driver returns, and answering.

use super::call::{Answer, Incoming};
use super::looper::{Done, Progress, State, Turn};
use super::{REGION_ADDRESS, add_looper, call, lease, process};
use crate::log;
use crate::task::Kernel;
use abi::binder::reply::{BR_ACQUIRE, BR_DECREFS, BR_INCREFS, BR_TRANSACTION};
use abi::binder::{PtrCookie, TransactionData, TransactionFlags, payload_size};
use alloc::vec::Vec;
use binder_driver::Pid;
use zerocopy::FromBytes;

/// Serves every looper that the driver has something for, until all wait again.
pub(crate) fn serve(kernel: &mut Kernel) {
    while let Some(index) = kernel
        .objects
        .loopers
        .iter()
        .position(|looper| looper.state == State::Woken)
    {
        let looper = &mut kernel.objects.loopers[index];
        looper.state = State::Busy;
        // A looper with commands has not begun to read.
        let turn = if looper.memory.commands.is_empty() {
            Turn::CarryOn
        } else {
            Turn::WriteAndRead
        };
        run(kernel, index, turn);
    }
    kernel.objects.woken = false;
}

/// Runs one looper until it waits or is parked.
pub(super) fn run(kernel: &mut Kernel, index: usize, first: Turn) {
    let mut turn = first;
    while kernel.turn(index, turn) == Progress::Returned {
        handle_returns(kernel, index);
        if matches!(kernel.objects.loopers[index].state, State::Parked(_)) {
            kernel.turn(index, Turn::Write);
            return keep_one_reading(kernel);
        }
        turn = Turn::WriteAndRead;
    }
}

/// A call that stays open took a looper: another one must read on.
fn keep_one_reading(kernel: &mut Kernel) {
    let reads = |state| matches!(state, State::Idle | State::Woken);
    if kernel.objects.loopers.iter().any(|looper| reads(looper.state)) {
        return;
    }
    if let Err(errno) = add_looper(kernel) {
        log!("the kernel's objects do not answer until a process ends: {errno}");
    }
}

/// Goes through what the driver returned.
fn handle_returns(kernel: &mut Kernel, index: usize) {
    let looper = &mut kernel.objects.loopers[index];
    let length = looper.returned();
    let returns: Vec<u8> = looper.memory.returns[..length].to_vec();
    let mut rest = returns.as_slice();
    while let Ok((code, after)) = u32::read_from_prefix(rest) {
        let size = payload_size(code).min(after.len());
        let (payload, after) = after.split_at(size);
        rest = after;
        match code {
            BR_INCREFS | BR_ACQUIRE => {
                if let Ok(node) = PtrCookie::read_from_bytes(payload) {
                    process::referred(kernel, node.ptr);
                    let done = if code == BR_INCREFS {
                        Done::Increfs
                    } else {
                        Done::Acquire
                    };
                    kernel.objects.loopers[index].push_done(done, node);
                }
            }
            BR_DECREFS => {
                if let Ok(node) = PtrCookie::read_from_bytes(payload) {
                    process::forget(kernel, node.ptr);
                }
            }
            BR_TRANSACTION => {
                // It is the last return, and the answer to the call before was told of in front of it.
                lease::release_unreferred(kernel);
                if let Ok(transaction) = TransactionData::read_from_bytes(payload) {
                    handle_call(kernel, index, &transaction);
                }
            }
            _ => {}
        }
        if rest.is_empty() && code != BR_TRANSACTION {
            lease::release_unreferred(kernel);
        }
    }
}

#[inline(never)]
fn handle_call(kernel: &mut Kernel, index: usize, transaction: &TransactionData) {
    let incoming = copy_in(kernel, transaction);
    kernel.objects.loopers[index].push_free(transaction.buffer);
    let answer = call::dispatch(kernel, &incoming);
    // Descriptors that nobody took are closed.
    let files = core::mem::take(&mut kernel.objects.files);
    kernel.release_table(files);
    if transaction
        .transaction_flags()
        .contains(TransactionFlags::ONE_WAY)
    {
        return;
    }
    let looper = &mut kernel.objects.loopers[index];
    match answer {
        Answer::Reply(writer) => looper.push_reply(writer, TransactionFlags::empty()),
        Answer::Status(status) => {
            looper.push_reply(call::status_parcel(status), TransactionFlags::STATUS_CODE);
        }
        Answer::AtEndOf(pid) => looper.state = State::Parked(pid),
    }
}

/// Takes a call's data out of the region.
#[inline(never)]
fn copy_in(kernel: &Kernel, transaction: &TransactionData) -> Incoming {
    let read = |address: u64, size: u64| {
        let mut bytes = alloc::vec![0; size as usize];
        let window = kernel.objects.window.and_then(|id| kernel.windows.get(id));
        if let Some(window) = window {
            window.read((address - REGION_ADDRESS) as usize, &mut bytes);
        }
        bytes
    };
    let data = read(transaction.buffer, transaction.data_size);
    let offsets = read(transaction.offsets, transaction.offsets_size);
    let mut objects = Vec::new();
    for &word in offsets.as_chunks().0 {
        objects.push(u64::from_le_bytes(word));
    }
    Incoming {
        node: transaction.target,
        sender: Pid(transaction.sender_pid.unsigned_abs()),
        user: transaction.sender_euid,
        code: transaction.code,
        data,
        objects,
    }
}
