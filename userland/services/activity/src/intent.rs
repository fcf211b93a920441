//! What a caller wants to be started.

use alloc::string::String;

use crate::component::ComponentName;

libbinder::parcelable! {
    /// An action and the service that shall do it.
    pub struct Intent {
        /// What is to be done.
        pub action: String,
        /// The package of the service.
        pub package: String,
        /// The class of the service, in full or beginning with a dot.
        pub class: String,
    }
}

impl Intent {
    /// The service that is named, if one is.
    pub fn component(&self) -> Option<ComponentName> {
        (!self.package.is_empty() && !self.class.is_empty())
            .then(|| ComponentName::new(&self.package, &self.class))
    }
}
