//! The console is embedded from `console/dist`. Without it the program builds all the same and says how to get it.

fn main() {
    println!("cargo:rerun-if-changed=../../console/dist");
    println!("cargo:rerun-if-changed=build.rs");
    std::fs::create_dir_all("../../console/dist").expect("the checkout can be written");
}
