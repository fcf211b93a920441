//! Whatever is typed, the shell goes on: random lines and random keys.

use std::prelude::v1::*;

use crate::complete::Candidates;
use crate::editor::{Editor, Event};
use crate::testing::{run, shell};

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// What lines are made of: all that means something to the shell, and some of what does not. No `exit`, which may end it.
const PIECES: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    "echo",
    "prog",
    "status-3",
    "ps",
    "nothing",
    "jobs",
    "wait",
    "kill",
    "sleep",
    "set",
    "export",
    "unset",
    "help",
    "true",
    "false",
    ":",
    "A=1",
    "A",
    "=",
    "$A",
    "$",
    "$?",
    "$!",
    "${A}",
    "${",
    "}",
    ";",
    "&&",
    "||",
    "|",
    "&",
    ">",
    ">>",
    "<",
    "2>",
    "2>&1",
    ">&",
    "'",
    "\"",
    "\\",
    "#",
    "(",
    ")",
    "*",
    "~",
    "%1",
    "%",
    "-9",
    "-",
    "-KILL",
    "0",
    "-1",
    "99999999999999999999",
    "1e9",
    "/missing",
    "/tmp/x",
    "\t",
    "\u{0}",
    "\u{1b}",
    "\n",
    "ü",
    "𝄞",
];

#[test]
fn a_random_line_neither_ends_the_shell_nor_makes_it_speak_in_other_than_lines() {
    let mut dice = Dice(0x5eed);
    for _ in 0..20_000 {
        let count = 1 + dice.below(12);
        let line: String = (0..count).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        let (status, _, errors) = run(&line);
        assert!(
            errors.is_empty() || errors.ends_with('\n'),
            "{line:?}: {errors:?}"
        );
        if status == 2 && errors.starts_with("shell: syntax error") {
            assert_eq!(errors.lines().count(), 1, "{line:?}: {errors:?}");
        }
    }
}

#[test]
fn after_a_thousand_random_lines_a_shell_does_what_it_did() {
    let mut dice = Dice(0xbad5eed);
    let mut shell = shell();
    for _ in 0..1000 {
        let count = 1 + dice.below(8);
        let line: String = (0..count).map(|_| PIECES[dice.below(PIECES.len())]).collect();
        shell.run(&line);
    }
    assert_eq!(shell.run("true && status-7 || status-5"), 5);
}

struct Names;

impl Candidates for Names {
    fn commands(&self) -> Vec<String> {
        ["service", "servicemanager", "ps", "grüße"]
            .map(String::from)
            .into()
    }

    fn entries(&self, _: &str) -> Vec<String> {
        ["ein", "eins", "éa", "é/"].map(String::from).into()
    }
}

#[test]
fn random_keys_leave_the_editor_whole() {
    let mut dice = Dice(0xed17);
    let keys: [&[u8]; 14] = [
        b"\x1b[A",
        b"\x1b[B",
        b"\x1b[C",
        b"\x1b[D",
        b"\x1b[3~",
        b"\x1b[H",
        b"\x1b[",
        b"\x1b",
        b"\t",
        b"\x7f",
        b"\r",
        b"e",
        b"s",
        "é".as_bytes(),
    ];
    let mut editor = Editor::new("# ", 20);
    for _ in 0..50_000 {
        let chosen = dice.below(keys.len() + 4);
        let any = [u8::try_from(dice.below(256)).expect("a byte")];
        for byte in keys.get(chosen).copied().unwrap_or(&any) {
            let (_, event) = editor.feed(*byte, &Names);
            if let Event::Line(line) = event {
                assert!(!line.contains(char::is_control), "{line:?}");
            }
        }
    }
}
