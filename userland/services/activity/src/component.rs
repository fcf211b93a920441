//! The name of a service inside a package.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

libbinder::parcelable! {
    /// A package and a class in it.
    #[derive(PartialOrd, Ord)]
    pub struct ComponentName {
        /// The package.
        pub package: String,
        /// The class with its full name.
        pub class: String,
    }
}

impl ComponentName {
    /// A name; a class that begins with a dot is one of the package.
    pub fn new(package: &str, class: &str) -> Self {
        let class = if class.starts_with('.') {
            format!("{package}{class}")
        } else {
            class.to_string()
        };
        Self {
            package: package.to_string(),
            class,
        }
    }
}

/// `package/class`, the class without the package it repeats.
impl fmt::Display for ComponentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = self
            .class
            .strip_prefix(self.package.as_str())
            .filter(|rest| rest.starts_with('.'));
        write!(f, "{}/{}", self.package, short.unwrap_or(&self.class))
    }
}
