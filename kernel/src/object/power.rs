//! `bindery.IPower`: ending the system.

use super::call::{Call, Failure};
use crate::arch;
use abi::kernel_objects::power;

/// The object's number.
pub(super) const NODE: u64 = 0x20;

pub(super) fn call(call: &mut Call<'_>) -> Result<(), Failure> {
    match call.incoming.code {
        power::OFF => {
            let status = call.request.read_i32()?;
            let status = u8::try_from(status).map_err(|_| Failure::Argument(&"a status is 0 to 255"))?;
            arch::power_off(status)
        }
        power::REBOOT => arch::reboot(),
        power::PANIC => panic!("a program asked for it"),
        _ => Err(Failure::UnknownMethod),
    }
}
