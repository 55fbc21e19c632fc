//! The embedded broker as the child process that it is.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use twinscope_link::broker::Supervisor;
use twinscope_twin::state::LinkEvent;

use crate::support::mosquitto::{Subscriber, publish};
use crate::support::probe::Probe;
use crate::support::{PATIENCE, VERSIONS, settings, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-broker");

pub fn supervisor() -> Supervisor {
    Supervisor::spawn(PathBuf::from(PROGRAM), Vec::new()).expect("the broker starts")
}

#[test]
fn both_versions_and_mosquittos_clients_are_served_on_one_port() {
    let broker = supervisor();
    assert_eq!(broker.url(), format!("mqtt://127.0.0.1:{}", broker.port()));
    for protocol in VERSIONS {
        let mut probe = Probe::start(settings(broker.port(), protocol), &["site/a"]);
        probe.until_live(1);
        publish(broker.port(), "site/a", "1", &[]);
        probe.until_messages(1);
        assert_eq!(probe.payloads(), ["1"], "{protocol:?}");

        probe.link.publish("site/kept", "2", true).expect("taken");
        wait_until("acknowledged", || probe.link.outbox().delivered == 1);
        let lines = Subscriber::start(broker.port(), "site/kept", 1).lines();
        assert_eq!(lines, ["site/kept 2"]);
    }
}

#[test]
fn a_broker_that_is_killed_comes_back_on_its_port() {
    let broker = supervisor();
    let mut probe = Probe::start(settings(broker.port(), twinscope_twin::site::Protocol::Auto), &["a"]);
    probe.until_live(1);
    for round in 1..=3 {
        let child = broker.child_id().expect("it runs");
        let killed = Command::new("kill").args(["-9", &child.to_string()]).status().expect("kill runs");
        assert!(killed.success());
        wait_until("started again", || broker.restarts() >= round);
        let lives = usize::try_from(round).expect("small") + 1;
        probe.until_live(lives);
        publish(broker.port(), "a", "again", &[]);
        probe.until_messages(lives - 1);
        assert_ne!(broker.child_id(), Some(child));
    }
}

#[test]
fn a_supervisor_that_ends_while_its_broker_comes_back_does_not_hang() {
    // The broker is started again 100 ms after its death: around then the steps are small.
    let moments = (0..90).step_by(30).chain(90..115).chain((120..=200).step_by(20));
    for wait_ms in moments {
        let broker = supervisor();
        let child = broker.child_id().expect("it runs");
        assert!(Command::new("kill").args(["-9", &child.to_string()]).status().expect("kill runs").success());
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(wait_ms));
            drop(broker);
            let _ = tell.send(());
        });
        told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("dropped {wait_ms} ms after a death, it hangs"));
    }
}

#[test]
fn what_a_terminal_sends_to_its_foreground_does_not_reach_the_broker() {
    let group = |process: &str| {
        // After the name in brackets: state, parent, process group (proc_pid_stat(5)).
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("a process");
        stat.rsplit(')').next().expect("a name").split_whitespace().nth(2).expect("a group").to_owned()
    };
    let broker = supervisor();
    assert_ne!(group(&broker.child_id().expect("it runs").to_string()), group("self"));
}

#[test]
fn it_ends_with_its_supervisor() {
    let broker = supervisor();
    let port = broker.port();
    TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    drop(broker);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "nothing listens any more");
}

#[test]
fn it_ends_when_its_parent_is_gone_and_leaves_no_files() {
    let folder = tempfile::tempdir().expect("folder");
    let mut child = Command::new(PROGRAM)
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("output")).read_line(&mut line).expect("a line");
    let port: u16 = line.trim().strip_prefix("listening 127.0.0.1:").expect("its address").parse().expect("a port");
    publish(port, "a", "1", &["-r"]);
    // What the system does with the pipe of a process that dies, however it dies.
    drop(child.stdin.take());
    wait_until("it ends", || child.try_wait().expect("a child").is_some());
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("folder").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_port_that_is_taken_is_an_error_and_not_another_port() {
    let first = supervisor();
    let second = Supervisor::spawn_on(PathBuf::from(PROGRAM), Vec::new(), first.port());
    let error = second.expect_err("the port is taken").to_string();
    assert!(error.contains("did not come up"), "{error}");
}

#[test]
fn packets_above_its_cap_do_not_end_it() {
    let broker = supervisor();
    let mut probe = Probe::start(settings(broker.port(), twinscope_twin::site::Protocol::V5), &["a"]);
    probe.until_live(1);
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("large");
    std::fs::write(&file, vec![b'x'; 5 << 20]).expect("written");
    // Refused, one way or another; what counts is that the others go on.
    let _ = Command::new(crate::support::tool("mosquitto_pub", "mosquitto-clients"))
        .args(["-h", "127.0.0.1", "-p", &broker.port().to_string(), "-q", "1", "-t", "a", "-f"])
        .arg(&file)
        .stderr(Stdio::null())
        .status()
        .expect("mosquitto_pub runs");
    publish(broker.port(), "a", "small", &[]);
    probe.until_messages(1);
    assert_eq!(probe.payloads(), ["small"]);
    assert!(!probe.events.iter().any(|event| matches!(event, LinkEvent::Lost { .. })));
    assert_eq!(broker.restarts(), 0);
}
