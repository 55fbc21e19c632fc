//! The demo as a person starts it: a window on a display, a broker that serves other clients, faults, predictions.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::support::{Display, Running, run, twinscope, wait_for};

/// The demo, and where its broker listens.
struct Demo {
    display: Display,
    port: String,
    program: Running,
}

impl Demo {
    fn start(args: &[&str]) -> Self {
        let display = Display::start();
        let mut program = twinscope()
            .args(["demo", "--size", "1280x720"])
            .args(args)
            .env("DISPLAY", &display.name)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let program = Running(program);
        let port = lines
            .find_map(|line| line.unwrap().strip_prefix("broker mqtt://127.0.0.1:").map(str::to_owned))
            .expect("the demo prints where its broker listens");
        // Whatever it prints later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { display, port, program }
    }

    fn subscribe(&self, topic: &str, count: u32) -> Vec<(String, serde_json::Value)> {
        let outcome = run(Command::new("mosquitto_sub").args([
            "-h",
            "127.0.0.1",
            "-p",
            &self.port,
            "-t",
            topic,
            "-C",
            &count.to_string(),
            "-W",
            "60",
            "-F",
            "%t %p",
        ]));
        assert_eq!(outcome.code, Some(0), "mosquitto_sub: {}", outcome.err);
        outcome
            .out
            .lines()
            .map(|line| {
                let (topic, payload) = line.split_once(' ').unwrap();
                (topic.to_owned(), serde_json::from_str(payload).unwrap())
            })
            .collect()
    }

    fn publish(&self, topic: &str, payload: &str) {
        let outcome =
            run(Command::new("mosquitto_pub").args(["-h", "127.0.0.1", "-p", &self.port, "-t", topic, "-m", payload]));
        assert_eq!(outcome.code, Some(0), "mosquitto_pub: {}", outcome.err);
    }
}

#[test]
fn another_client_reads_the_demos_telemetry() {
    let demo = Demo::start(&[]);
    let messages = demo.subscribe("demo/wt-01/#", 40);
    let rotor = messages.iter().find(|(topic, _)| topic == "demo/wt-01/rotor").expect("the rotor is published");
    assert!(rotor.1["speed"].as_f64().is_some_and(|rpm| (1.0..20.0).contains(&rpm)), "{}", rotor.1);
    assert!(rotor.1["t"].as_i64().is_some_and(|t| t > 1_700_000_000_000), "{}", rotor.1);
}

#[test]
fn a_fault_sent_by_another_client_wears_the_bearing() {
    let demo = Demo::start(&["--rate", "10"]);
    let vibration =
        |demo: &Demo| demo.subscribe("demo/wt-01/high_speed_bearing", 1)[0].1["vibration"].as_f64().unwrap();
    let healthy = vibration(&demo);
    demo.publish("twinscope/v1/demo/wt-01/command/inject-fault", r#"{"fault":"high-speed-bearing-wear","rate":100}"#);
    wait_for("the vibration rises", Duration::from_secs(60), || (vibration(&demo) > 2.0 * healthy).then_some(()));
}

#[test]
fn a_window_appears_within_30_s_on_a_busy_machine() {
    let demo = Demo::start(&[]);
    wait_for("the window", Duration::from_secs(30), || {
        let found = run(Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "^twinscope$"])
            .env("DISPLAY", &demo.display.name));
        (found.code == Some(0)).then_some(())
    });
}

#[test]
fn a_killed_broker_comes_back_and_telemetry_with_it() {
    let demo = Demo::start(&[]);
    demo.subscribe("demo/wt-01/rotor", 1);
    let children = run(Command::new("pgrep").args(["-P", &demo.program.0.id().to_string(), "-f", "embedded-broker"]));
    let broker = children.out.trim().to_owned();
    assert!(!broker.is_empty(), "the broker is a child process of the program");
    assert_eq!(run(Command::new("kill").args(["-9", &broker])).code, Some(0));
    wait_for("telemetry on the same port", Duration::from_secs(60), || {
        let outcome = run(Command::new("mosquitto_sub").args([
            "-h",
            "127.0.0.1",
            "-p",
            &demo.port,
            "-t",
            "demo/wt-01/rotor",
            "-C",
            "1",
            "-W",
            "2",
        ]));
        (outcome.code == Some(0)).then_some(())
    });
}

#[test]
fn without_a_broker_the_window_opens_all_the_same() {
    let display = Display::start();
    let program = twinscope()
        .args(["demo", "--no-broker", "--size", "1280x720"])
        .env("DISPLAY", &display.name)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let _program = Running(program);
    wait_for("the window", Duration::from_secs(30), || {
        let found = run(Command::new("xdotool")
            .args(["search", "--onlyvisible", "--name", "^twinscope$"])
            .env("DISPLAY", &display.name));
        (found.code == Some(0)).then_some(())
    });
}
