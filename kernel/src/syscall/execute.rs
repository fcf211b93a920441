//! Replacing a process's program.

use crate::exec;
use crate::mm::user;
use crate::task::{Flow, Kernel};
use abi::Errno;
use alloc::vec::Vec;

/// The longest path.
const PATH_MAX: usize = 4096;
/// The longest single argument.
const ARGUMENT_MAX: usize = 128 << 10;
/// The most bytes of arguments and environment together.
const TOTAL_MAX: usize = 2 << 20;

/// `execve`.
pub(crate) fn execve(kernel: &mut Kernel, [path, arguments, environment, ..]: [u64; 6]) -> Result<u64, Flow> {
    let path = user::read_c_string(path, PATH_MAX)?;
    kernel.may_use_paths()?;
    let mut room = TOTAL_MAX;
    let arguments = read_strings(arguments, &mut room)?;
    let environment = read_strings(environment, &mut room)?;
    let credentials = kernel.thread().credentials;
    let image = exec::load(kernel, &path, &arguments, &environment, credentials)?;
    kernel.replace_program(image, &arguments);
    Err(Flow::STAY)
}

/// An array of pointers to strings, closed by a null pointer. A null array is an empty one.
fn read_strings(array: u64, room: &mut usize) -> Result<Vec<Vec<u8>>, Errno> {
    let mut strings = Vec::new();
    if array == 0 {
        return Ok(strings);
    }
    let mut at = array;
    loop {
        let pointer: u64 = user::read_value(at)?;
        if pointer == 0 {
            return Ok(strings);
        }
        let string = match user::read_c_string(pointer, ARGUMENT_MAX) {
            Err(Errno::ENAMETOOLONG) => return Err(Errno::E2BIG),
            string => string?,
        };
        let cost = string.len() + 1 + size_of::<u64>();
        *room = room.checked_sub(cost).ok_or(Errno::E2BIG)?;
        strings.push(string);
        at = at.wrapping_add(size_of::<u64>() as u64);
    }
}
