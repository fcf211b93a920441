//! The chains that run in the background.

use alloc::string::String;
use alloc::vec::Vec;

use crate::system::System;

/// A chain running in the background.
pub struct Job<P> {
    /// The number behind `%`.
    pub number: usize,
    /// The chain as it was written.
    pub text: String,
    /// Its processes, from left to right.
    pub processes: Vec<P>,
}

impl<P> Job<P> {
    /// The status of the last process once all have ended.
    pub fn status<S: System<Process = P>>(&self, system: &S) -> Option<i32> {
        let mut status = Some(0);
        for process in &self.processes {
            status = Some(system.status(process)?);
        }
        status
    }

    /// Waits for all processes as for programs in the foreground; the last one's status.
    pub fn wait<S: System<Process = P>>(&self, system: &S) -> i32 {
        system.wait_foreground(&self.processes)
    }
}

/// All jobs that have not been waited for.
pub struct Jobs<P> {
    running: Vec<Job<P>>,
}

impl<P> Default for Jobs<P> {
    fn default() -> Self {
        Self { running: Vec::new() }
    }
}

impl<P> Jobs<P> {
    /// Adds a job; its number.
    pub fn add(&mut self, text: String, processes: Vec<P>) -> usize {
        let number = self.running.last().map_or(1, |last| last.number + 1);
        self.running.push(Job {
            number,
            text,
            processes,
        });
        number
    }

    /// The jobs by number.
    pub fn iter(&self) -> impl Iterator<Item = &Job<P>> {
        self.running.iter()
    }

    /// The job that `%number` or a process number means.
    pub fn find<S: System<Process = P>>(&self, name: &str, system: &S) -> Option<&Job<P>> {
        match name.strip_prefix('%') {
            Some(number) => {
                let number: usize = number.parse().ok()?;
                self.running.iter().find(|job| job.number == number)
            }
            None => {
                let pid: i32 = name.parse().ok()?;
                let is_of = |job: &&Job<P>| job.processes.iter().any(|process| system.pid(process) == pid);
                self.running.iter().find(is_of)
            }
        }
    }

    /// Takes out the job with this number.
    pub fn remove(&mut self, number: usize) -> Option<Job<P>> {
        let index = self.running.iter().position(|job| job.number == number)?;
        Some(self.running.remove(index))
    }

    /// Takes out all jobs.
    pub fn remove_all(&mut self) -> Vec<Job<P>> {
        core::mem::take(&mut self.running)
    }

    /// Takes out the jobs that have ended, each with its status.
    pub fn remove_ended<S: System<Process = P>>(&mut self, system: &S) -> Vec<(Job<P>, i32)> {
        let mut ended = Vec::new();
        for job in core::mem::take(&mut self.running) {
            match job.status(system) {
                Some(status) => ended.push((job, status)),
                None => self.running.push(job),
            }
        }
        ended
    }
}
