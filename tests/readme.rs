//! Every command of the README, as it stands there.
//!
//! A comment before each block of commands says how it runs: `<!-- runs: once -->` each line ends with code 0;
//! `until stopped` it goes on until it is told to end; `by hand` it installs and builds (CI runs those itself).
//! `needs: broker` and `needs: display` name what must be there. Blocks run in order, `cargo run --` is the program as
//! built, and 1883 is a free port.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::support::{Display, Running, assets_for_port, free_port, run, wait_for};

struct Block {
    runs: String,
    display: bool,
    lines: Vec<String>,
}

fn blocks() -> Vec<Block> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let mut blocks = Vec::new();
    let mut comment: Option<String> = None;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(said) = line.strip_prefix("<!-- runs: ") {
            comment = Some(said.trim_end_matches(" -->").to_owned());
        } else if line.starts_with("```sh") {
            let said = comment.take().expect("every block of commands says how it runs");
            let body = lines.by_ref().take_while(|line| *line != "```").map(str::to_owned).collect();
            let runs = said.split([';', ':']).next().unwrap().trim().to_owned();
            blocks.push(Block { runs, display: said.contains("display"), lines: body });
        }
    }
    blocks
}

/// The line, with the program as built and a port of our own.
fn command(line: &str, port: u16, display: &Display, dir: &Path) -> Command {
    let line = line
        .replace("cargo run --", &format!("exec {}", env!("CARGO_BIN_EXE_twinscope")))
        .replace("1883", &port.to_string());
    let mut command = Command::new("bash");
    command.args(["-c", &line]).current_dir(dir).env("DISPLAY", &display.name).stdin(Stdio::null());
    command
}

fn interrupt(child: &mut Child) {
    assert_eq!(run(Command::new("kill").args(["-INT", &child.id().to_string()])).code, Some(0));
    wait_for("it ends when it is interrupted", Duration::from_secs(30), || child.try_wait().unwrap());
}

#[test]
fn every_command_of_the_readme_runs() {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    assets_for_port(dir.path(), port);
    let display = Display::start();
    let mut running: Vec<(String, Running)> = Vec::new();
    let mut ran = 0;
    for block in blocks() {
        for line in &block.lines {
            ran += 1;
            match block.runs.as_str() {
                "once" => {
                    // A recording is whole when its recorder has ended.
                    for (_, recorder) in running.iter_mut().filter(|(line, _)| line.contains(" record ")) {
                        if recorder.0.try_wait().unwrap().is_none() {
                            interrupt(&mut recorder.0);
                        }
                    }
                    let outcome = run(&mut command(line, port, &display, dir.path()));
                    assert_eq!(outcome.code, Some(0), "{line}\n{}{}", outcome.out, outcome.err);
                }
                "until stopped" => {
                    let child = command(line, port, &display, dir.path()).stdout(Stdio::null()).spawn().unwrap();
                    let mut child = Running(child);
                    // Long enough to have failed at its start: nothing else tells that a program goes on.
                    std::thread::sleep(Duration::from_secs(if block.display { 6 } else { 3 }));
                    assert_eq!(child.0.try_wait().unwrap(), None, "{line} ended by itself");
                    // Windows draw on the processor here; two at a time would starve the rest.
                    if !block.display {
                        running.push((line.clone(), child));
                    }
                }
                "by hand" => assert!(
                    Path::new(env!("CARGO_MANIFEST_DIR")).join(line).is_file(),
                    "{line} is a script of the repository"
                ),
                other => panic!("a block runs {other:?}; write once, until stopped or by hand"),
            }
        }
    }
    assert!(ran > 10, "the README has commands: {ran}");
}
