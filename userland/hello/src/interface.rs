//! `org.bindery.hello.IHello`, as `interop/aidl` describes it. AIDL numbers methods in their order.

use alloc::string::String;
use alloc::vec::Vec;

use libbinder::{FileDescriptor, IBinder};

libbinder::parcelable! {
    /// A parcelable with two fields.
    pub(crate) struct Point {
        /// A number.
        pub(crate) x: i32,
        /// A text.
        pub(crate) name: String,
    }
}

libbinder::interface! {
    /// A bit of everything that a parcel can hold.
    pub(crate) trait IHello: "org.bindery.hello.IHello" {
        proxy BpHello;
        native BnHello;

        /// The text after the name of whoever answers.
        fn echo(&self, text: &str) -> String = 1;
        /// The numbers, last first.
        fn reverse(&self, numbers: &[i32]) -> Vec<i32> = 2;
        /// The same bytes.
        fn bytes(&self, data: &[u8]) -> Vec<u8> = 3;
        /// The contrary.
        fn flip(&self, value: bool) -> bool = 4;
        /// The text in capital letters.
        fn shout(&self, text: Option<&str>) -> Option<String> = 5;
        /// The point, moved.
        fn shift(&self, point: &Point, by: i32) -> Point = 6;
        /// Fails with this service-specific code.
        fn fail(&self, code: i32) = 7;
        /// Keeps a number until `notes` is asked for.
        oneway fn note(&self, number: i32) = 8;
        /// The numbers kept so far.
        fn notes(&self) -> Vec<i32> = 9;
        /// Gives the object back.
        fn pass(&self, object: &IBinder) -> IBinder = 10;
        /// Calls `other.nested` with one less, and counts; 0 ends it.
        fn nested(&self, other: &IBinder, depth: i32) -> i32 = 11;
        /// Writes into the file and gives it back.
        fn sign(&self, file: &FileDescriptor) -> FileDescriptor = 12;
    }
}
