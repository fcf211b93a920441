//! Programs: from a file to an address space in which it can start.
//!
//! [`load`] finds the file, reads its headers, maps its segments and lays down its first stack. All of it happens in
//! an address space that nothing runs in yet, so a bad file costs its caller an error and nothing else.

mod file;
mod segments;

use crate::arch;
use crate::file::fill_random;
use crate::mm::{AddressSpace, PAGE};
use crate::task::{Credentials, Kernel, STACK_SIZE};
use abi::Errno;
use abi::auxiliary as kind;
use alloc::sync::Arc;
use alloc::vec::Vec;
use file::ProgramFile;
use formats::elf::{Placement, Program};
use formats::stack::{self, Contents, TooLong};

/// Where programs lie that may lie anywhere: as on Linux, two thirds up.
const FREE_BASE: u64 = 0x5555_5555_4000;
/// Arguments and environment may take a quarter of the stack.
const STACK_SHARE: usize = 4;
/// Clock ticks per second, as `times` counts them.
const CLOCK_TICKS: u64 = 100;

/// A program that can start.
#[derive(Debug)]
pub(crate) struct Image {
    /// Its memory.
    pub(crate) space: Arc<AddressSpace>,
    /// Its first instruction.
    pub(crate) entry: u64,
    /// Its first stack pointer.
    pub(crate) stack_pointer: u64,
    /// Its auxiliary vector.
    pub(crate) auxiliary: Vec<u8>,
    /// The absolute path of its file.
    pub(crate) path: Vec<u8>,
    /// How far it lies from the addresses in its file.
    pub(crate) bias: u64,
}

/// Loads a program. A relative path counts from the caller's working directory.
///
/// # Errors
///
/// What finding the file gives; EACCES if it may not be executed; ENOEXEC if it is no program; ENOENT if it wants an
/// interpreter, which is not there; E2BIG; ENOMEM.
pub(crate) fn load(
    kernel: &Kernel,
    path: &[u8],
    arguments: &[Vec<u8>],
    environment: &[Vec<u8>],
    credentials: Credentials,
) -> Result<Image, Errno> {
    let file = ProgramFile::find(kernel, path)?;
    let program = file.parse()?;
    let space = AddressSpace::new()?;
    let bias = bias(&program);
    segments::map(&space, &file, &program, bias)?;
    space.start_break(program.pages().end + bias);

    let top = space.map_stack(STACK_SIZE)?;
    let stack = lay_out(
        &program,
        bias,
        top,
        &file.path,
        arguments,
        environment,
        credentials,
    )?;
    space.write(stack.pointer, &stack.bytes)?;
    Ok(Image {
        space,
        entry: program.entry + bias,
        stack_pointer: stack.pointer,
        auxiliary: stack.auxiliary,
        path: file.path,
        bias,
    })
}

/// How far the program is moved from the addresses in its file.
fn bias(program: &Program) -> u64 {
    match program.placement {
        Placement::Fixed => 0,
        Placement::Anywhere => FREE_BASE.next_multiple_of(program.alignment),
    }
}

#[inline(never)]
fn lay_out(
    program: &Program,
    bias: u64,
    top: u64,
    path: &[u8],
    arguments: &[Vec<u8>],
    environment: &[Vec<u8>],
    who: Credentials,
) -> Result<stack::Image, Errno> {
    let headers = if program.headers == 0 {
        0
    } else {
        program.headers + bias
    };
    let is_secure = who.uid != who.euid || who.gid != who.egid;
    let auxiliary = [
        (kind::AT_HWCAP, arch::hardware_capabilities()),
        (kind::AT_PAGESZ, PAGE),
        (kind::AT_CLKTCK, CLOCK_TICKS),
        (kind::AT_PHDR, headers),
        (kind::AT_PHENT, Program::HEADER_SIZE.into()),
        (kind::AT_PHNUM, program.header_count.into()),
        (kind::AT_BASE, 0),
        (kind::AT_FLAGS, 0),
        (kind::AT_ENTRY, program.entry + bias),
        (kind::AT_UID, who.uid.into()),
        (kind::AT_EUID, who.euid.into()),
        (kind::AT_GID, who.gid.into()),
        (kind::AT_EGID, who.egid.into()),
        (kind::AT_SECURE, is_secure.into()),
    ];
    let mut random = [0; 16];
    fill_random(&mut random);
    let contents = Contents {
        arguments,
        environment,
        file: path,
        random,
        auxiliary: &auxiliary,
    };
    let room = STACK_SIZE as usize / STACK_SHARE;
    contents.lay_out(top, room).map_err(|TooLong| Errno::E2BIG)
}
