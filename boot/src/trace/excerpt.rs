//! The part of a trace that belongs to the line that was run.
//!
//! The shell puts a mark before and behind its line. Putting a mark is a call to the kernel, which is recorded itself;
//! the excerpt begins when the first of these calls is over and ends before the second begins.

use abi::binder::command::{BC_FREE_BUFFER, BC_TRANSACTION};
use abi::binder::reply::BR_REPLY;
use abi::kernel_objects::trace::{LINE_BEGINS, LINE_ENDS};
use abi::trace::{Event, REPLY, Record};

use super::recorded::Recorded;

/// What happened between the marks; everything where there are none.
pub(crate) fn of_line(recorded: &Recorded) -> Recorded {
    let records = &recorded.records;
    let end = mark(records, LINE_ENDS).map_or(records.len(), |mark| begin_of_call(records, mark));
    let Some(mark) = mark(records, LINE_BEGINS).filter(|mark| *mark < end) else {
        return recorded.with(records[..end].to_vec());
    };
    let Some(thread) = caller(records, mark) else {
        return recorded.with(records[mark..end].to_vec());
    };
    let begin = end_of_call(records, mark, thread).min(end);
    let mut kept = records[begin..end].to_vec();
    if let Some(offset) = reply_buffer(&records[mark..begin], thread) {
        forget_freeing(&mut kept, thread, offset);
    }
    recorded.with(kept)
}

/// Where a mark lies.
fn mark(records: &[Record], wanted: &str) -> Option<usize> {
    records.iter().position(|record| match record.event() {
        Some(Event::Mark { text }) => text.chars().eq(wanted.chars()),
        _ => false,
    })
}

/// The thread that put a mark: the sender of what the kernel received last.
fn caller(records: &[Record], mark: usize) -> Option<u32> {
    let before = &records[..mark];
    let id = before.iter().rev().find_map(|record| match record.event() {
        Some(Event::Received { id }) if record.process == 0 => Some(id),
        _ => None,
    })?;
    let sent = before
        .iter()
        .rev()
        .find(|record| matches!(record.event(), Some(Event::Sent { id: sent, .. }) if sent == id))?;
    Some(sent.thread)
}

/// The place behind the call in which the mark was put.
fn end_of_call(records: &[Record], mark: usize, thread: u32) -> usize {
    let own = |wanted: fn(Event) -> bool| {
        move |record: &Record| record.thread == thread && record.event().is_some_and(wanted)
    };
    let find = |from: usize, is: &dyn Fn(&Record) -> bool| {
        let found = records[from..].iter().position(is);
        found.map_or(records.len(), |place| from + place + 1)
    };
    let replied = find(mark, &own(|event| event == Event::Return { code: BR_REPLY }));
    find(replied, &own(|event| matches!(event, Event::Leave { .. })))
}

/// The place where the call begins in which the mark was put.
fn begin_of_call(records: &[Record], mark: usize) -> usize {
    let Some(thread) = caller(records, mark) else {
        return mark;
    };
    let last = |end: usize, wanted: fn(Event) -> bool| {
        records[..end]
            .iter()
            .rposition(|record| record.thread == thread && record.event().is_some_and(wanted))
            .unwrap_or(end)
    };
    let command = last(mark, |event| event == Event::Command { code: BC_TRANSACTION });
    last(command, |event| matches!(event, Event::Enter { .. }))
}

/// Where in its region the thread has the reply to its call.
fn reply_buffer(records: &[Record], thread: u32) -> Option<u32> {
    let mut newest = None;
    records.iter().find_map(|record| match record.event()? {
        Event::BufferAllocated { offset, .. } => {
            newest = Some(offset);
            None
        }
        Event::Sent {
            form: REPLY,
            to_thread,
            ..
        } if to_thread == thread => newest,
        _ => None,
    })
}

/// Leaves out the command by which the thread gives that buffer back.
fn forget_freeing(records: &mut Vec<Record>, thread: u32, buffer: u32) {
    let freed = records.iter().position(|record| {
        record.thread == thread
            && matches!(record.event(), Some(Event::BufferFreed { offset, .. }) if offset == buffer)
    });
    let Some(freed) = freed else { return };
    let command = records[..freed].iter().rposition(|record| {
        record.thread == thread && record.event() == Some(Event::Command { code: BC_FREE_BUFFER })
    });
    records.remove(freed);
    if let Some(command) = command {
        records.remove(command);
    }
}

/// What threads of these programs did; everything if none is named.
pub(crate) fn of_programs(recorded: Recorded, programs: &[String]) -> Recorded {
    if programs.is_empty() {
        return recorded;
    }
    let is_wanted = |process| programs.contains(&recorded.program(process));
    let records = recorded.records.iter().copied();
    let kept = records.filter(|record| is_wanted(record.process)).collect();
    recorded.with(kept)
}
