//! Hosts scratch apps until it is stopped, for running single vectors of the
//! conformance suite by hand:
//!
//! ```sh
//! cargo run -p ekairos-instant --features testing --example apps -- backup.zip   # prints the address
//! APPS=http://127.0.0.1:… node end2end/sdk/run.mjs 31 32
//! ```
#![expect(clippy::print_stdout, reason = "an example prints")]

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let backup = std::env::args_os().nth(1).unwrap_or_default();
    println!("{}", instant::testing::host_apps(backup.into()).await?);
    tokio::signal::ctrl_c().await
}
