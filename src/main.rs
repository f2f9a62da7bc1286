//! The program. Everything is in `registry::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    registry::cli::main()
}
