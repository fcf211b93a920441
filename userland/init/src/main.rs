//! The first program: starts what the image is configured to run.
fn main() {}
