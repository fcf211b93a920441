//! How the kernel is linked: at its final address in the top 2 GiB, with every segment on pages of its own.
fn main() {
    for argument in [
        "--image-base=0xffffffff80000000",
        "-zseparate-loadable-segments",
        "-zmax-page-size=4096",
    ] {
        println!("cargo:rustc-link-arg-bins={argument}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
