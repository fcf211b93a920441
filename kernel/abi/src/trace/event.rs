//! The events and their numbers.

use super::WORDS;
use super::text::Text;

/// A field of an event, as one or more words.
trait Field: Sized {
    fn write(self, words: &mut Words);
    fn read(words: &mut Words) -> Self;
}

/// The words of a record, used from the first on.
struct Words {
    words: [u32; WORDS],
    next: usize,
}

impl Words {
    fn word(&mut self) -> &mut u32 {
        let word = &mut self.words[self.next];
        self.next += 1;
        word
    }
}

impl Field for u32 {
    fn write(self, words: &mut Words) {
        *words.word() = self;
    }

    fn read(words: &mut Words) -> Self {
        *words.word()
    }
}

impl Field for i32 {
    fn write(self, words: &mut Words) {
        self.cast_unsigned().write(words);
    }

    fn read(words: &mut Words) -> Self {
        u32::read(words).cast_signed()
    }
}

impl Field for u64 {
    fn write(self, words: &mut Words) {
        (self as u32).write(words);
        ((self >> 32) as u32).write(words);
    }

    fn read(words: &mut Words) -> Self {
        let low = u32::read(words);
        u64::from(low) | u64::from(u32::read(words)) << 32
    }
}

impl<const LENGTH: usize> Field for Text<LENGTH> {
    fn write(self, words: &mut Words) {
        for part in self.words() {
            part.write(words);
        }
    }

    fn read(words: &mut Words) -> Self {
        Self::from_words(core::array::from_fn(|_| u32::read(words)))
    }
}

macro_rules! events {
    ($($(#[doc = $doc:literal])* $number:literal $name:ident {
        $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
    })*) => {
        /// Something that happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $($(#[doc = $doc])* $name { $($(#[doc = $field_doc])* $field: $type,)* },)*
        }

        impl Event {
            /// The number of the event, and its fields.
            pub(super) fn encode(self) -> (u32, [u32; WORDS]) {
                let mut words = Words { words: [0; WORDS], next: 0 };
                let kind = match self {
                    $(Self::$name { $($field),* } => {
                        $($field.write(&mut words);)*
                        $number
                    })*
                };
                (kind, words.words)
            }

            /// The event of a number; `None` where there is none.
            pub(super) fn decode(kind: u32, words: &[u32; WORDS]) -> Option<Self> {
                let mut words = Words { words: *words, next: 0 };
                let words = &mut words;
                Some(match kind {
                    $($number => Self::$name { $($field: <$type>::read(words)),* },)*
                    _ => return None,
                })
            }
        }
    };
}

events! {
    /// What the thread and its process are called.
    1 Name {
        /// The thread's name.
        thread: Text<4>,
        /// The file name of its program.
        program: Text<7>,
    }
    /// A program put a mark.
    2 Mark {
        /// What it says.
        text: Text<11>,
    }
    /// The thread went into the driver: a new request, or an unfinished one that goes on.
    3 Enter {
        /// The ioctl's number; 0 where one goes on.
        request: u32,
    }
    /// The thread left the driver: its request is over.
    4 Leave {
        /// What the ioctl returned, or a negated errno.
        result: i32,
    }
    /// The thread left the driver: its request has to wait.
    5 Block {}
    /// The driver took a command of the thread.
    6 Command {
        /// The `BC_` code.
        code: u32,
    }
    /// The driver gave the thread a return.
    7 Return {
        /// The `BR_` code.
        code: u32,
    }
    /// What follows is addressed to this interface.
    8 Interface {
        /// The interface's name, as far as it fits.
        name: Text<11>,
    }
    /// A message of the thread was accepted.
    9 Sent {
        /// Its number.
        id: u32,
        /// [`CALL`](super::CALL), [`ONE_WAY`](super::ONE_WAY) or [`REPLY`](super::REPLY).
        form: u32,
        /// The receiving process.
        to: u32,
        /// The receiving thread; 0 where any thread may read it.
        to_thread: u32,
        /// The called node; 0 for a reply.
        node: u32,
        /// What the call means to the programs.
        code: u32,
        /// The transaction's flags.
        flags: u32,
        /// Bytes of data.
        data_size: u32,
        /// Bytes of the array of object offsets.
        offsets_size: u32,
    }
    /// A message reached the thread.
    10 Received {
        /// Its number.
        id: u32,
    }
    /// A message of the thread failed.
    11 Failed {
        /// The number that it would have.
        id: u32,
        /// The `BR_` code of the failure.
        reply: u32,
        /// A negated errno, or 0.
        parameter: i32,
    }
    /// Another thread is to go on.
    12 Wake {
        /// The other thread.
        woken: u32,
    }
    /// The thread got the processor.
    13 Switch {
        /// The thread that had it before.
        from: u32,
    }
    /// Room for a message was taken from a receiver's region.
    14 BufferAllocated {
        /// The receiving process.
        owner: u32,
        /// Where in the region.
        offset: u32,
        /// How many bytes.
        size: u32,
    }
    /// A buffer was given back.
    15 BufferFreed {
        /// The process that received in it.
        owner: u32,
        /// Where in the region.
        offset: u32,
    }
    /// Pages of a region were backed with memory.
    16 PagesMapped {
        /// The receiving process.
        owner: u32,
        /// The first page.
        first: u32,
        /// Their number.
        count: u32,
    }
    /// An owner was told of a change of its node's references.
    17 Node {
        /// The owner.
        owner: u32,
        /// The node.
        node: u32,
        /// 1 if the owner now holds a strong reference for others.
        strong: u32,
        /// 1 if the owner now holds a weak reference for others.
        weak: u32,
    }
    /// The thread joined or left its process's pool.
    18 Looper {
        /// The `BC_` code.
        code: u32,
    }
    /// A process was told of a death that it watched.
    19 Death {
        /// The process that hears of it.
        owner: u32,
        /// The cookie that it registered.
        cookie: u64,
    }
}
