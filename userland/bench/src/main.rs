//! Measures binder in guest instructions.
fn main() {}
