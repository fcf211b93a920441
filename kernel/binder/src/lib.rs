//! The binder driver as a value: a state machine that knows no hardware.
