//! Command line → what was meant → run. One error chain, printed once; exit codes: 0 done, 1 failed, 2 not possible here
//! or not understood.

use std::process::ExitCode;

use twinscope::cli;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("twinscope: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
