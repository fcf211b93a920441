//! `bindery.ILog`: what the kernel logged.

use super::call::{Call, Failure};
use abi::kernel_objects::log;

/// The object's number.
pub(super) const NODE: u64 = 0x40;

/// The most that one answer carries: it has to fit into any reader's region.
const ANSWER_MAX: usize = 48 << 10;

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    match call.incoming.code {
        log::READ => {
            let text = crate::log::recent();
            let cut = text.len().saturating_sub(ANSWER_MAX);
            // A cut line is left out.
            let skip = match text[cut..].iter().position(|&byte| byte == b'\n') {
                Some(end) if cut > 0 => cut + end + 1,
                _ => cut,
            };
            call.reply.write_byte_array(&text[skip..]);
            Ok(())
        }
        _ => Err(Failure::UnknownMethod),
    }
}
