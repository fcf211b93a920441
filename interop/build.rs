//! Compiles the interface for both of rsbinder's styles.

use std::path::PathBuf;

fn main() {
    rsbinder_aidl::Builder::new()
        .source(PathBuf::from("aidl/org/bindery/hello/IHello.aidl"))
        .source(PathBuf::from("aidl/org/bindery/hello/Point.aidl"))
        .set_async_support(true)
        .output(PathBuf::from("hello.rs"))
        .generate()
        .expect("the interface is well formed");
}
