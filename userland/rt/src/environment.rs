//! Arguments and environment, as the kernel laid them on the stack.

use core::ffi::CStr;
use core::sync::atomic::{AtomicPtr, Ordering};

/// The stack pointer at the entry point; null where the entry was somebody else's.
static STACK: AtomicPtr<usize> = AtomicPtr::new(core::ptr::null_mut());

/// Remembers where arguments and environment lie.
///
/// # Safety
///
/// `stack` is the stack pointer at the entry point of a process: count, arguments, null, environment, null; all of it
/// stays where it is and nobody changes it.
pub(crate) unsafe fn adopt(stack: *const usize) {
    STACK.store(stack.cast_mut(), Ordering::Relaxed);
}

/// The word `index` places above the entry's stack pointer.
fn word(index: usize) -> usize {
    let stack = STACK.load(Ordering::Relaxed);
    if stack.is_null() {
        return 0;
    }
    // SAFETY: the callers stay within the words that the kernel laid down: they stop at the null behind each list.
    let place = unsafe { stack.add(index) };
    // SAFETY: as above.
    unsafe { place.read() }
}

/// The text that a word of the lists points to. What is no UTF-8 becomes empty.
fn text(word: usize) -> &'static str {
    // SAFETY: the word is a non-null pointer of the lists, so it points to a C string that lives as long as the process.
    let text = unsafe { CStr::from_ptr(core::ptr::with_exposed_provenance(word)) };
    text.to_str().unwrap_or_default()
}

/// The program's arguments; the first is the name it was called by.
pub fn arguments() -> Arguments {
    Arguments {
        next: 0,
        count: word(0),
    }
}

/// The value of an environment variable.
pub fn get(name: &str) -> Option<&'static str> {
    variables().find(|&(key, _)| key == name).map(|(_, value)| value)
}

/// All environment variables, as name and value.
pub fn variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    let first = word(0) + 2;
    (first..)
        .map(word)
        .take_while(|&word| word != 0)
        .filter_map(|word| text(word).split_once('='))
}

/// The program's arguments, in order.
#[derive(Clone, Debug)]
pub struct Arguments {
    next: usize,
    count: usize,
}

impl Arguments {
    /// The argument at this place, whatever was taken before.
    pub fn get(&self, index: usize) -> Option<&'static str> {
        (index < self.count).then(|| text(word(1 + index)))
    }
}

impl Iterator for Arguments {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let argument = self.get(self.next)?;
        self.next += 1;
        Some(argument)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.count - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Arguments {}
