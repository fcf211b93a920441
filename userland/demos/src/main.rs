//! Demonstrations, one idea each.
fn main() {}
