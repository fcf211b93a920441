//! The Bindery kernel.
fn main() {}
