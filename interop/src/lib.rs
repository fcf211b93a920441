//! The interface of `aidl/`, as rsbinder's compiler renders it, and both ends of a conversation over it.
//!
//! `rs-hello` uses rsbinder's blocking style and `rs-hello-async` its asynchronous one. What they answer and print is
//! the same, and Bindery's own `hello` speaks the same interface through `libbinder`.

mod answers;
mod death;

pub use answers::Answers;
pub use death::wait_for_death;

#[allow(missing_docs, reason = "generated")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/hello.rs"));
}

pub use generated::org::bindery::hello::IHello;
pub use generated::org::bindery::hello::Point::Point;

use std::fmt::Debug;
use std::process::ExitCode;

use rsbinder::{BinderResult, ProcessState, StatusCode};

/// Connects to `/dev/binderfs/binder` or `/dev/binder`, with threads that serve.
///
/// # Errors
///
/// The device cannot be used.
pub fn connect() -> Result<(), StatusCode> {
    ProcessState::init_default().map_err(|error| {
        eprintln!("{error}");
        StatusCode::NoInit
    })?;
    ProcessState::start_thread_pool();
    Ok(())
}

/// What a call gave, in words that are the same for every caller.
pub fn shown<T: Debug>(result: BinderResult<T>) -> String {
    match result {
        Ok(value) => format!("{value:?}"),
        Err(status) => format!(
            "exception {:?}, code {}",
            status.exception_code(),
            status.service_specific_error()
        ),
    }
}

/// The status of a program that ends with this.
pub fn ended(program: &str, result: Result<(), impl Debug>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{program}: {error:?}");
            ExitCode::FAILURE
        }
    }
}
