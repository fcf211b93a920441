//! One line on Bindery and on Linux.

use std::thread;

use anyhow::Result;

use super::case::{CASE, Case, Clock, Services};
use super::guest::{self, Ran};
use crate::added::Added;
use crate::image::Parts;
use crate::linux;

/// What Linux needs on its command line to know a security context of every process, which some nodes ask for. Without a
/// policy all have the same, and all is allowed.
const SECURITY: &str = "lsm=selinux selinux=1";

/// Runs the line on both at the same time, with these files in `/bin`: what came of it on Bindery and on Linux.
pub(super) fn run(line: &str, timeout: u64, added: &[Added], parts: &Parts) -> Result<(Ran, Ran)> {
    let mut bindery = Case {
        timeout,
        // Counting instructions costs some speed, but a guest that waits does so in no time.
        clock: Clock::Instructions,
        services: Services::None,
        ..CASE
    }
    .options()?;
    bindery.exec = Some(line.to_owned());
    bindery.add.extend_from_slice(added);
    let mut linux = linux::Options::for_line(line, parts.programs(), timeout);
    linux.icount = true;
    SECURITY.clone_into(&mut linux.append);
    linux.add.extend_from_slice(added);
    thread::scope(|scope| {
        let linux = scope.spawn(|| linux::capture(&linux));
        let bindery = guest::boot(&bindery, parts);
        let (stdout, status, log) = linux.join().expect("the thread only returns errors")?;
        Ok((bindery?, Ran { stdout, status, log }))
    })
}
