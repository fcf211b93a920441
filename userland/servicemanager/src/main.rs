//! The context manager: names for binder objects.
fn main() {}
