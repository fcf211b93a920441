//! The interface of the template service, for the service itself and for its callers.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::format;
use alloc::string::String;

/// The name under which the service manager knows the service.
pub const SERVICE_NAME: &str = "template";

libbinder::interface! {
    /// What callers can ask for. Each method has a code, by which `service call` names it.
    pub trait ITemplate: "org.bindery.ITemplate" {
        proxy TemplateProxy;
        native TemplateNative;

        /// A greeting for somebody.
        fn greet(&self, name: &str) -> String = 1;
        /// How many were greeted so far.
        fn greeted(&self) -> i32 = 2;
    }
}

/// The words of a greeting.
pub fn greeting(name: &str) -> String {
    format!("Hello, {name}!")
}

#[cfg(test)]
mod tests {
    use super::greeting;

    #[test]
    fn a_greeting_names_who_is_greeted() {
        assert_eq!(greeting("you"), "Hello, you!");
    }
}
