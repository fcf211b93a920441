//! Behaviours of the ELF reader, on files made here.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test may fail loudly"
)]

use super::{Malformed, Placement, Program};
use alloc::vec;
use alloc::vec::Vec;

const LOAD: u32 = 1;
const INTERPRETER: u32 = 3;
const READ_EXECUTE: u32 = 5;
const READ_WRITE: u32 = 6;

/// A program header: kind, flags, offset, address, size in the file, size in memory.
type Header = (u32, u32, u64, u64, u64, u64);

/// A file of 12 KiB with these program headers.
fn file(kind: u16, entry: u64, headers: &[Header]) -> Vec<u8> {
    let mut bytes = Vec::from(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    bytes.extend(kind.to_le_bytes());
    bytes.extend(62_u16.to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    for word in [entry, 64, 0] {
        bytes.extend(word.to_le_bytes());
    }
    bytes.extend(0_u32.to_le_bytes());
    for half in [64, 56, headers.len() as u16, 64, 0, 0] {
        bytes.extend(half.to_le_bytes());
    }
    for &(kind, flags, offset, address, file_size, memory_size) in headers {
        bytes.extend(kind.to_le_bytes());
        bytes.extend(flags.to_le_bytes());
        for word in [offset, address, address, file_size, memory_size, 0x1000] {
            bytes.extend(word.to_le_bytes());
        }
    }
    bytes.resize(12288, 0x90);
    bytes
}

const TEXT: Header = (LOAD, READ_EXECUTE, 0, 0x40_0000, 0x1100, 0x1100);
const DATA: Header = (LOAD, READ_WRITE, 0x1100, 0x40_2100, 0x80, 0x3000);

fn outcome(headers: &[Header]) -> Result<Program, Malformed> {
    Program::parse(&file(2, 0x40_0800, headers))
}

#[test]
fn a_sound_program_gives_its_segments_in_order() {
    let program = outcome(&[DATA, TEXT]).unwrap();
    assert_eq!(program.placement, Placement::Fixed);
    assert_eq!(program.segments[0].memory, 0x40_0000..0x40_1100);
    assert_eq!(program.segments[1].memory, 0x40_2100..0x40_5100);
    assert_eq!(program.segments[1].stored, 0x1100..0x1180);
    assert_eq!(program.pages(), 0x40_0000..0x40_6000);
    assert_eq!((program.headers, program.header_count), (0x40_0040, 2));
}

#[test]
fn a_position_independent_program_may_lie_anywhere() {
    let text = (LOAD, READ_EXECUTE, 0, 0, 0x1000, 0x1000);
    assert_eq!(
        Program::parse(&file(3, 0x10, &[text])).unwrap().placement,
        Placement::Anywhere
    );
}

#[test]
fn a_file_of_another_kind_is_refused() {
    assert_eq!(Program::parse(b"#!/bin/sh\n"), Err(Malformed::NotAProgram));
    let mut other_machine = file(2, 0x40_0800, &[TEXT]);
    other_machine[18] = 3;
    assert_eq!(Program::parse(&other_machine), Err(Malformed::NotAProgram));
    assert_eq!(
        Program::parse(&file(1, 0x40_0800, &[TEXT])),
        Err(Malformed::NotAProgram)
    );
}

#[test]
fn every_truncation_of_a_program_is_refused() {
    let whole = file(2, 0x40_0800, &[TEXT, DATA]);
    for length in 0..0x1180 {
        assert!(Program::parse(&whole[..length]).is_err(), "{length} bytes");
    }
    assert!(Program::parse(&whole[..0x1180]).is_ok());
}

#[test]
fn wild_numbers_are_refused() {
    let (kind, flags, offset, address, file_size, memory_size) = TEXT;
    for bad in [
        (kind, flags, !0xfff, address, file_size, memory_size),
        (kind, flags, offset, !0xfff, file_size, memory_size),
        (kind, flags, offset, 1 << 47, file_size, memory_size),
        (kind, flags, offset, address, u64::MAX, memory_size),
        (kind, flags, offset, address, file_size, u64::MAX),
        (kind, flags, offset, address, file_size, 1 << 47),
        (kind, flags, offset, address, 0x4000, 0x4000),
        (kind, flags, offset, address, file_size, 0x10),
        (kind, flags, 1, address, file_size, memory_size),
        (kind, flags, offset, 0, file_size, memory_size),
    ] {
        assert_eq!(outcome(&[bad]), Err(Malformed::BadSegment), "{bad:x?}");
    }
}

#[test]
fn segments_may_share_a_page_of_the_file_but_not_of_memory() {
    assert!(outcome(&[TEXT, DATA]).is_ok());
    let same_page = (LOAD, READ_WRITE, 0x1100, 0x40_1100, 0x80, 0x80);
    assert_eq!(outcome(&[TEXT, same_page]), Err(Malformed::BadSegment));
    assert_eq!(outcome(&[TEXT, TEXT]), Err(Malformed::BadSegment));
}

#[test]
fn an_entry_outside_the_code_is_refused() {
    assert_eq!(
        Program::parse(&file(2, 0x40_2100, &[TEXT, DATA])),
        Err(Malformed::BadEntry)
    );
    assert_eq!(
        Program::parse(&file(2, 1 << 63, &[TEXT])),
        Err(Malformed::BadEntry)
    );
}

#[test]
fn an_interpreter_is_refused_and_an_empty_program_too() {
    let interpreter = (INTERPRETER, 4, 0x200, 0x40_0200, 0x1c, 0x1c);
    assert_eq!(outcome(&[interpreter, TEXT]), Err(Malformed::NeedsInterpreter));
    assert_eq!(outcome(&[(LOAD, 5, 0, 0x40_0000, 0, 0)]), Err(Malformed::Empty));
}

#[test]
fn no_single_changed_byte_makes_it_panic_or_leave_the_file() {
    let sound = file(2, 0x40_0800, &[TEXT, DATA]);
    for at in 0..176 {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut changed = vec![];
            changed.extend_from_slice(&sound);
            changed[at] = value;
            if let Ok(program) = Program::parse(&changed) {
                assert!(
                    program
                        .segments
                        .iter()
                        .all(|segment| segment.stored.end <= changed.len())
                );
                assert!(program.pages().end < 1 << 47);
            }
        }
    }
}
