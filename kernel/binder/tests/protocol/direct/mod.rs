//! The direct way and the general way: two worlds hear the same commands, one of them with tracing on, which makes its
//! driver take the general way always. Nobody may see a difference.

mod play;

use crate::harness::{Answer, Opened, Thread, World};
use abi::binder::ioctl::BINDER_ENABLE_ONEWAY_SPAM_DETECTION;
use binder_driver::DebugFile;

/// The two worlds; their processes have the same numbers.
struct Worlds {
    direct: World,
    general: World,
}

impl Worlds {
    fn new() -> Self {
        let mut worlds = Self {
            direct: World::new(),
            general: World::new(),
        };
        worlds.general.fake.traces = true;
        worlds
    }

    /// A process in each, with a region of this size, which wants to know when it floods others.
    fn process(&mut self, region: usize) -> Opened {
        let [one, other] = [&mut self.direct, &mut self.general].map(|world| {
            let open = world.unmapped_process();
            world.map(open, region);
            world
                .ioctl(open.thread(0), BINDER_ENABLE_ONEWAY_SPAM_DETECTION, &1_u32)
                .expect("a switch");
            open
        });
        assert_eq!(one.pid, other.pid);
        one
    }

    /// Does the same in both, and wants the same of both.
    #[track_caller]
    fn both<T: Same>(&mut self, mut deed: impl FnMut(&mut World) -> T) -> T {
        let (one, other) = (deed(&mut self.direct), deed(&mut self.general));
        assert_eq!(one.shown(), other.shown(), "the two ways differ");
        for file in [
            DebugFile::State,
            DebugFile::Stats,
            DebugFile::Transactions,
            DebugFile::TransactionLog,
            DebugFile::FailedTransactionLog,
        ] {
            let [one, other] = [&self.direct, &self.general].map(|world| {
                let mut text = String::new();
                world
                    .driver
                    .write_debug(file, world.now(), &mut text)
                    .expect("a text");
                text
            });
            assert_eq!(one, other, "the two ways differ in {file:?}");
        }
        assert_eq!(self.direct.handoff, self.general.handoff);
        assert_eq!(self.direct.fake.nice, self.general.fake.nice);
        one
    }
}

/// What can be compared.
trait Same {
    fn shown(&self) -> String;
}

impl Same for Option<Answer> {
    fn shown(&self) -> String {
        self.as_ref()
            .map_or_else(String::new, |answer| format!("{answer:?} {:?}", answer.items))
    }
}

impl Same for Answer {
    fn shown(&self) -> String {
        format!("{self:?} {:?}", self.items)
    }
}

impl Same for (Option<Answer>, Option<(Thread, Option<Answer>)>) {
    fn shown(&self) -> String {
        let (answer, reader) = self;
        let reader = reader
            .as_ref()
            .map(|(reader, answer)| format!("{reader:?} {}", answer.shown()));
        format!("{} {reader:?}", answer.shown())
    }
}

impl Same for bool {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Same for () {
    fn shown(&self) -> String {
        String::new()
    }
}
