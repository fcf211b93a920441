//! `bindery.ITrace`: what binder does, recorded.

use super::call::{Call, Failure};
use super::looper::{OWN, task};
use crate::mm::{PAGE, frames};
use abi::Errno;
use abi::kernel_objects::trace;
use abi::trace::{Event, Record, Text};
use zerocopy::IntoBytes;

/// The object's number.
pub(super) const NODE: u64 = 0x50;

/// How many records one answer carries: they have to fit into any reader's region.
const ANSWER: usize = (48 << 10) / size_of::<Record>();

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    let Call {
        kernel,
        request,
        reply,
        ..
    } = call;
    let tracer = &mut kernel.tracer;
    match call.incoming.code {
        trace::START => {
            let records = usize::try_from(request.read_i32()?)
                .map_err(|_| Failure::Argument(&"a ring has no negative size"))?;
            let room = frames::free() * PAGE / 2;
            if (records * size_of::<Record>()) as u64 > room {
                return Err(Errno::ENOMEM.into());
            }
            tracer.start(records)?;
        }
        trace::STOP => tracer.stop(),
        trace::STATUS => {
            let (capacity, written, lost) = tracer.figures();
            reply.write_i32(tracer.is_on().into());
            for figure in [capacity, written, lost] {
                reply.write_u64(figure);
            }
        }
        trace::READ => {
            let (first, records) = tracer.read(request.read_u64()?, ANSWER);
            reply.write_u64(first);
            reply.write_byte_array(records.as_bytes());
        }
        trace::NAMES => {
            let place = usize::try_from(request.read_i32()?)
                .map_err(|_| Failure::Argument(&"places begin with 0"))?;
            reply.write_byte_array(tracer.names(place, ANSWER).as_bytes());
        }
        trace::MARK => {
            let text = request.read_string16()?;
            // The kernel's first thread stands for the object.
            tracer.record(
                OWN,
                task(0),
                Event::Mark {
                    text: Text::new(&text),
                },
            );
        }
        _ => return Err(Failure::UnknownMethod),
    }
    Ok(())
}
