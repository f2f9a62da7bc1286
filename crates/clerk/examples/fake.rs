//! A fake Clerk until it is stopped, for tests in a browser and by hand. It prints
//! the environment of a registry that uses it, as JSON:
//!
//! ```sh
//! cargo run -p ekairos-clerk --features testing --example fake -- production http://localhost:3030
//! ```
//!
//! Two more arguments may follow: the domain whose sub-domains share cookies (or
//! `-`), and a `node_modules` folder with clerk-js in it. `POST /__fake` changes
//! who and what there is: see `testing/control.rs`.
#![expect(clippy::print_stdout, reason = "an example prints")]

use clerk::{InstanceKind, SystemClock, testing::FakeClerk};
use std::{collections::BTreeMap, env, io, path::Path, sync::Arc};

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let argument = |place: usize| arguments.get(place).map(String::as_str).filter(|text| *text != "-");
    let kind = match argument(0) {
        Some("development") => InstanceKind::Development,
        _ => InstanceKind::Production,
    };
    let fake = FakeClerk::start_with(kind, argument(2), Arc::new(SystemClock));
    if let Some(folder) = argument(3) {
        fake.scripts(Path::new(folder));
    }
    let environment: BTreeMap<_, _> =
        fake.environment(argument(1).unwrap_or("http://localhost:3030")).into_iter().collect();
    println!("{}", serde_json::to_string(&environment)?);
    // Until whoever started it closes its input, or stops it.
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
