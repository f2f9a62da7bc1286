//! Has the crate compiled again when a translation changes: the macro that reads
//! them does not tell Cargo.

fn main() {
    println!("cargo:rerun-if-changed=locales");
}
