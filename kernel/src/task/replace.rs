//! A process goes on with another program.

use super::{Kernel, Process, TaskId, Thread};
use crate::binder;
use crate::exec::Image;
use abi::signal::{SignalSet, SignalStack};
use alloc::sync::Arc;
use alloc::vec::Vec;

impl Kernel {
    /// Puts a loaded program in the place of the current process's: its memory, its other threads, its handlers and
    /// the descriptors marked for it are gone afterwards. The thread that is left is the process's first.
    pub(crate) fn replace_program(&mut self, image: Image, arguments: &[Vec<u8>]) {
        let current = self.current;
        for task in self.process().threads.clone() {
            if task != current {
                self.remove_thread(task);
            }
        }
        let mut from = 0;
        self.give_up_mutexes(current);
        while let Some(file) = self.process_mut().files.take_closed_on_exec(&mut from) {
            self.close_file(file);
        }
        let current = self.become_first(current);
        let process = self.process_mut();
        process.threads = alloc::vec![current];
        let windows = process.space.windows();
        process.executed = true;
        process.space = Arc::clone(&image.space);
        process.command_line = Process::join_arguments(arguments);
        process.auxiliary = image.auxiliary;
        process.signals.forget_handlers();
        let vfork_parent = process.vfork_parent.take();
        let name = Thread::name_of(&image.path);
        process.executable = image.path;
        process.bias = image.bias;
        self.set_credentials(self.thread().credentials);
        let thread = self.thread_mut();
        thread.name = name;
        thread.space = image.space;
        thread.context.reset(image.entry, image.stack_pointer);
        thread.clear_child_tid = 0;
        thread.signals.stack = SignalStack::NONE;
        thread.signals.awaited = SignalSet::EMPTY;
        thread.forget_binder();
        crate::arch::resume(&thread.context, &thread.space);
        binder::windows_left(self, &windows);
        self.release_vfork_parent(vfork_parent);
    }

    /// Gives the current thread, the last of its process, the number of the first.
    fn become_first(&mut self, task: TaskId) -> TaskId {
        let first = TaskId(self.thread().process.0);
        if task == first {
            return task;
        }
        let Some(mut thread) = self.threads.remove(task.0) else {
            return task;
        };
        thread.id = first;
        match self.threads.insert(thread) {
            Ok(()) => {
                self.current = first;
                first
            }
            // A table grows only when it gains a task, and the place was this process's all the time.
            Err(errno) => unreachable!("no place for the first thread: {errno}"),
        }
    }
}
