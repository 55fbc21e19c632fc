//! Every command of the README, as it stands there.
//!
//! A comment before each block of commands says how it runs: `<!-- runs: once -->` each line ends with code 0;
//! `until stopped` it goes on until it is told to end; `by hand` it installs and builds (CI runs those itself).
//! `needs: broker` and `needs: display` name what must be there. Blocks run in order, `cargo run --` is the program as
//! built, and 1883 is a free port.

use std::fs::Permissions;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
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
        .replace("timeout 300 cargo run --", &format!("exec timeout 300 {}", env!("CARGO_BIN_EXE_twinscope")))
        .replace("cargo run --", &format!("exec {}", env!("CARGO_BIN_EXE_twinscope")))
        .replace("1883", &port.to_string());
    let mut command = Command::new("bash");
    // What a command keeps for next time is kept in the folder of the test.
    command.args(["-c", &line]).current_dir(dir).env("DISPLAY", &display.name).env("XDG_STATE_HOME", dir);
    command.stdin(Stdio::null());
    command
}

/// A command that goes on until it is stopped.
struct Ongoing {
    line: String,
    child: Running,
    /// What it has said on standard error.
    said: Arc<Mutex<String>>,
}

impl Ongoing {
    /// Starts it and waits until it does what it is for.
    fn start(line: &str, block: &Block, port: u16, display: &Display, dir: &Path) -> Self {
        if block.display {
            wait_for("the last window is gone", Duration::from_secs(30), || (!window(display)).then_some(()));
        }
        let mut child =
            Running(command(line, port, display, dir).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap());
        let said = Arc::new(Mutex::new(String::new()));
        let (mut stderr, into) = (BufReader::new(child.0.stderr.take().unwrap()), Arc::clone(&said));
        std::thread::spawn(move || {
            let mut text = Vec::new();
            while stderr.read_until(b'\n', &mut text).is_ok_and(|read| read > 0) {
                into.lock().unwrap().push_str(&String::from_utf8_lossy(&text));
                text.clear();
            }
        });
        let mut ongoing = Self { line: line.to_owned(), child, said };
        let publishes = [" replay ", " record ", " simulate ", " engine "].iter().any(|command| line.contains(command));
        wait_for(&format!("{line} is ready"), Duration::from_secs(60), || {
            ongoing.runs();
            let ready = if block.display {
                window(display)
            } else if publishes {
                ongoing.said().lines().any(|line| line == "connected")
            } else if line.contains("mosquitto ") {
                TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
            } else {
                panic!("how does {line} tell that it is ready?")
            };
            ready.then_some(())
        });
        ongoing.runs();
        ongoing
    }

    fn said(&self) -> String {
        self.said.lock().unwrap().clone()
    }

    fn runs(&mut self) {
        assert_eq!(self.child.0.try_wait().unwrap(), None, "{} ended by itself: {}", self.line, self.said());
    }

    /// As with Ctrl+C: it ends, and without an error.
    fn stop(mut self) {
        self.runs();
        self.child.signal("INT");
        let status =
            wait_for("it ends when it is interrupted", Duration::from_secs(30), || self.child.0.try_wait().unwrap());
        assert_eq!(status.code(), Some(0), "{}: {}", self.line, self.said());
    }
}

/// A window of ours is on the display.
fn window(display: &Display) -> bool {
    let mut search = Command::new("xdotool");
    search.args(["search", "--onlyvisible", "--name", "^twinscope$"]).env("DISPLAY", &display.name);
    run(&mut search).code == Some(0)
}

#[test]
fn every_command_of_the_readme_runs() {
    let dir = tempfile::tempdir().unwrap();
    let port = free_port();
    assets_for_port(dir.path(), port);
    let display = Display::start();
    let mut ongoing: Vec<Ongoing> = Vec::new();
    let mut ran = 0;
    for block in blocks() {
        for line in &block.lines {
            ran += 1;
            match block.runs.as_str() {
                "once" => {
                    // A recording is whole when its recorder has ended.
                    if let Some(place) = ongoing.iter().position(|ongoing| ongoing.line.contains(" record ")) {
                        let port = port.to_string();
                        let mut heard = Command::new("mosquitto_sub");
                        heard.args(["-p", &port, "-t", "la-haute-borne/#", "-C", "5", "-W", "30"]);
                        assert_eq!(run(&mut heard).code, Some(0), "there is something to record");
                        ongoing.remove(place).stop();
                    }
                    // A command that hangs fails here instead of holding everything up.
                    let bounded = line.replace("cargo run --", "timeout 300 cargo run --");
                    let outcome = run(&mut command(&bounded, port, &display, dir.path()));
                    assert_eq!(outcome.code, Some(0), "{line}\n{}{}", outcome.out, outcome.err);
                    if line.contains(" replay ") {
                        let messages = outcome.out.split(' ').next().and_then(|count| count.parse::<u64>().ok());
                        assert!(messages.is_some_and(|count| count > 0), "{line}: {}", outcome.out);
                    }
                }
                "until stopped" => {
                    let started = Ongoing::start(line, &block, port, &display, dir.path());
                    // Windows draw on the processor here; two at a time would starve the rest.
                    if !block.display {
                        ongoing.push(started);
                    }
                }
                "by hand" => assert!(SCRIPTS.contains(&line.as_str()), "{line} is tried by no test"),
                other => panic!("a block runs {other:?}; write once, until stopped or by hand"),
            }
        }
    }
    assert!(ran > 10, "the README has commands: {ran}");
    // The broker was the first.
    ongoing.into_iter().rev().for_each(Ongoing::stop);
}

/// What is run by hand, and by the tests below.
const SCRIPTS: [&str; 2] = ["scripts/demo", "scripts/test"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_script_can_be_read_and_run() {
    let folder = std::fs::read_dir(root().join("scripts")).unwrap().map(|entry| entry.unwrap().path());
    let scripts = folder.filter(|path| path.is_file()).chain([root().join(".ci/run")]);
    let mut names = Vec::new();
    for script in scripts {
        let outcome = run(Command::new("bash").arg("-n").arg(&script));
        assert_eq!(outcome.code, Some(0), "{}", outcome.err);
        assert_ne!(script.metadata().unwrap().permissions().mode() & 0o111, 0, "{}", script.display());
        names.push(script.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
    }
    for script in SCRIPTS {
        assert!(names.iter().any(|name| name == script), "{script} is in {names:?}");
    }
}

/// What `[text](target)` and `![text](target)` lead to, without addresses of the web and places in a page. What stands in
/// a block of code is an example.
fn links(text: &str) -> Vec<&str> {
    let prose = text.split("\n```").step_by(2);
    let targets = prose.flat_map(|prose| prose.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    targets.map(|target| target.split('#').next().unwrap()).filter(|t| !t.is_empty() && !t.contains("://")).collect()
}

#[test]
fn every_file_that_the_documents_link_to_is_there() {
    let mut documents = vec![root().join("README.md"), root().join("CONTRIBUTING.md"), root().join("CHANGELOG.md")];
    documents.push(root().join("assets/CREDITS.md"));
    documents.extend(std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut seen = 0;
    for document in documents.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md")) {
        let text = std::fs::read_to_string(document).unwrap();
        for link in links(&text) {
            assert!(document.parent().unwrap().join(link).exists(), "{}: {link}", document.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "the documents have links: {seen}");
}

#[test]
fn the_demo_script_ends_in_the_demo() {
    let mut script = Command::new(root().join("scripts/demo"));
    // What cargo tells its tests is not for the cargo that the script starts.
    for (name, _) in std::env::vars_os() {
        let keep = ["CARGO_HOME", "CARGO_TARGET_DIR"].iter().any(|kept| *kept == name);
        if name.to_str().is_some_and(|name| name.starts_with("CARGO")) && !keep {
            script.env_remove(name);
        }
    }
    let outcome = run(script.args(["--help"]));
    assert_eq!(outcome.code, Some(0), "{}{}", outcome.out, outcome.err);
    assert!(!outcome.err.contains("Compiling"), "what the tests have built is not built again: {}", outcome.err);
    let help = run(Command::new(env!("CARGO_BIN_EXE_twinscope")).args(["demo", "--help"]));
    assert!(outcome.out.ends_with(&help.out) && help.out.contains("--fault"), "{}", outcome.out);
}

#[test]
fn ci_runs_the_test_script_with_its_build_outside_the_clone() {
    let dir = tempfile::tempdir().unwrap();
    let clone = dir.path().join("clone");
    for folder in [".ci", "scripts"] {
        std::fs::create_dir_all(clone.join(folder)).unwrap();
    }
    std::fs::copy(root().join(".ci/run"), clone.join(".ci/run")).unwrap();
    let fake = clone.join("scripts/test");
    std::fs::write(&fake, "#!/bin/sh\necho \"$CARGO_TARGET_DIR|$*\"\nexit 7\n").unwrap();
    std::fs::set_permissions(&fake, Permissions::from_mode(0o755)).unwrap();
    let ci = |target: Option<&str>| {
        let mut ci = Command::new(clone.join(".ci/run"));
        ci.arg("--flag").env_remove("CARGO_TARGET_DIR").env("XDG_CACHE_HOME", dir.path().join("cache"));
        let outcome = run(ci.envs(target.map(|target| ("CARGO_TARGET_DIR", target))));
        assert_eq!(outcome.code, Some(7), "its end is that of the test script: {}", outcome.err);
        let (target, args) = outcome.out.trim().split_once('|').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        assert_eq!(args, "--flag");
        PathBuf::from(target)
    };
    let target = ci(None);
    assert!(target.starts_with(dir.path().join("cache")) && !target.starts_with(&clone), "{}", target.display());
    assert_eq!(ci(Some("/elsewhere")), Path::new("/elsewhere"), "a folder that is given is kept");
}
