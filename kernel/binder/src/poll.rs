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
        self.procs[polling.proc].polled = true;
        self.has_work(thread, source)
    }
}
