//! The embedded broker as a program of its own, for the tests of this crate: `embedded-broker [--port N]`.
//! The program `twinscope` has the same as a hidden subcommand.

use std::process::ExitCode;

use twinscope_link::broker;

fn main() -> ExitCode {
    let port = match broker::port_from_args(std::env::args().skip(1)) {
        Ok(port) => port,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match broker::run_child(port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
