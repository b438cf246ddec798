//! The command line: the engine natively.

use std::process::ExitCode;

/// Reads the arguments and carries them out.
#[must_use]
pub fn main() -> ExitCode {
    eprintln!("No command is available yet.");
    ExitCode::from(2)
}
