//! The driver's events as the trace's.

use abi::trace::{self, Event};
use binder_driver::{Event as Told, SentKind};

/// An event of the driver as it is recorded.
pub(crate) fn to_record(told: Told) -> Event {
    match told {
        Told::Command { code, .. } => Event::Command { code },
        Told::Return { code, .. } => Event::Return { code },
        Told::Sent {
            id,
            kind,
            to,
            to_task,
            node,
            code,
            flags,
            data_size,
            offsets_size,
            ..
        } => Event::Sent {
            id,
            form: match kind {
                SentKind::Call => trace::CALL,
                SentKind::OneWay => trace::ONE_WAY,
                SentKind::Reply => trace::REPLY,
            },
            to: to.0,
            to_thread: to_task.map_or(0, |task| task.0),
            node,
            code,
            flags,
            data_size: data_size as u32,
            offsets_size: offsets_size as u32,
        },
        Told::Received { id, .. } => Event::Received { id },
        Told::Failed {
            id, reply, parameter, ..
        } => Event::Failed { id, reply, parameter },
        Told::Wake { task } => Event::Wake { woken: task.0 },
        Told::BufferAllocated { pid, offset, size } => Event::BufferAllocated {
            owner: pid.0,
            offset: offset as u32,
            size: size as u32,
        },
        Told::BufferFreed { pid, offset } => Event::BufferFreed {
            owner: pid.0,
            offset: offset as u32,
        },
        Told::PagesMapped { pid, first, count } => Event::PagesMapped {
            owner: pid.0,
            first: first as u32,
            count: count as u32,
        },
        Told::Node {
            pid,
            node,
            strong,
            weak,
        } => Event::Node {
            owner: pid.0,
            node,
            strong: strong.into(),
            weak: weak.into(),
        },
        Told::Looper { code, .. } => Event::Looper { code },
        Told::Death { pid, cookie } => Event::Death { owner: pid.0, cookie },
    }
}
