//! poll(2): whether a read would find something.

use crate::driver::Driver;
use crate::read::Source;
use crate::table::ThreadId;
use crate::thread::Looper;

impl Driver {
    /// Whether a read of this thread would return something. From now on the thread gets
    /// [`Effect::Wake`](crate::Effect::Wake) when that may have changed.
    pub fn poll(&mut self, thread: ThreadId) -> bool {
        let Some(polling) = self.threads.get_mut(thread) else {
            return false;
        };
        polling.looper.insert(Looper::POLL);
        let source = if polling.may_take_proc_work() {
            Source::OwnThenProc
        } else {
            Source::Own
        };
        if !polling.polls() {
            let proc = polling.proc;
            self.procs[proc].polling.push_back(&mut self.threads, thread);
        }
        self.has_work(thread, source)
    }

    /// How often this thread was told that there is something to read. A number that changed says that there is
    /// something new, where one that polls wants to hear of each thing once.
    pub fn news(&self, thread: ThreadId) -> u32 {
        self.threads.get(thread).map_or(0, |thread| thread.news)
    }
}
