//! The activity service: starts services on behalf of callers.
fn main() {}
