//! Programs that print normalised traces of the driver's behaviour.
fn main() {}
