//! The demo as a person starts it: a window on a display, a broker that serves other clients, faults, predictions.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use twinscope::session::{self, SessionEvent, SessionOptions};
use twinscope_twin::quality::Quality;
use twinscope_twin::snapshot::LinkState;

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
            .args(["demo", "--fault", "none", "--size", "1280x720"])
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
fn a_button_of_the_viewer_breaks_the_bearing_over_mqtt() {
    let demo = Demo::start(&[]);
    let xdotool = |args: &[&str]| run(Command::new("xdotool").args(args).env("DISPLAY", &demo.display.name));
    let window = wait_for("the window", Duration::from_secs(60), || {
        let found = xdotool(&["search", "--onlyvisible", "--name", "^twinscope$"]);
        found.out.lines().next().map(str::to_owned)
    });
    xdotool(&["windowfocus", &window]);
    let listener = Command::new("mosquitto_sub")
        .args(["-p", &demo.port, "-t", "twinscope/v1/demo/wt-01/command/#", "-C", "1", "-W", "90", "-F", "%t %p"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut listener = Running(listener);
    // As a person does who sees nothing happen yet: the button is there once the scene is, and the search has found. It is
    // lower once a life is predicted.
    let mut heights = ["511", "585"].into_iter().cycle();
    wait_for("a command", Duration::from_secs(100), || {
        // Empties the search of the last try.
        xdotool(&["key", "Escape"]);
        xdotool(&["key", "slash"]);
        xdotool(&["type", "high-speed bearing"]);
        xdotool(&["key", "Return"]);
        std::thread::sleep(Duration::from_secs(3));
        // "Break it", the first button of the section "Simulation".
        xdotool(&["mousemove", "1020", heights.next().unwrap_or("511")]);
        std::thread::sleep(Duration::from_millis(500));
        xdotool(&["click", "1"]);
        std::thread::sleep(Duration::from_secs(2));
        listener.0.try_wait().unwrap()
    });
    let mut heard = String::new();
    std::io::Read::read_to_string(&mut listener.0.stdout.take().unwrap(), &mut heard).unwrap();
    let (topic, payload) = heard.trim().split_once(' ').expect("a command was heard");
    assert_eq!(topic, "twinscope/v1/demo/wt-01/command/inject-fault");
    let payload: serde_json::Value = serde_json::from_str(payload).unwrap();
    assert_eq!(payload["fault"], "high-speed-bearing-wear");
}

#[test]
fn the_script_publishes_a_prediction_to_the_demos_broker() {
    let demo = Demo::start(&[]);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/examples/publish_prediction.py");
    let outcome = run(Command::new(script).args(["--url", &format!("mqtt://127.0.0.1:{}", demo.port)]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    // Retained: whoever comes later hears it too.
    let heard = demo.subscribe("twinscope/v1/demo/wt-01/+/prediction/#", 1);
    assert!(heard[0].0.starts_with("twinscope/v1/demo/wt-01/high_speed_bearing/prediction/rul/"), "{}", heard[0].0);
    assert!(heard[0].1["quantiles"]["0.5"].as_f64().is_some_and(|hours| hours > 0.0), "{}", heard[0].1);
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
fn a_broker_that_does_not_start_is_said_and_the_simulator_feeds_the_viewer_directly() {
    // The broker is this program once more, and this program is the test runner: it knows no option `--port` and ends.
    let options = SessionOptions {
        site: Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sites/demo/site.toml"),
        read_only: false,
        seed: 1,
        rate_hz: 10,
        fault: None,
        no_broker: false,
        tour: None,
    };
    let (events, told) = crossbeam_channel::unbounded();
    let _session = session::start(options, events, || {}).unwrap();
    let (mut ready, mut notice) = (None, None);
    while ready.is_none() || notice.is_none() {
        match told.recv_timeout(Duration::from_secs(60)).unwrap() {
            SessionEvent::Ready(is) => ready = Some(is),
            SessionEvent::Notice(text) => notice = Some(text),
            SessionEvent::Progress(_) => {}
            SessionEvent::Broker { url } => panic!("a broker at {url}"),
            SessionEvent::Failed(reason) => panic!("{reason}"),
        }
    }
    let notice = notice.unwrap();
    assert!(notice.contains("No embedded broker") && notice.contains("directly"), "{notice}");
    let core = ready.unwrap().core;
    wait_for("values without a broker", Duration::from_secs(30), || {
        let snapshot = core.latest()?;
        assert!(matches!(snapshot.sources[0].link, LinkState::Idle | LinkState::Direct { .. }));
        let heard = snapshot.signals.iter().any(|signal| signal.quality == Quality::Good && signal.value.is_some());
        (heard && matches!(snapshot.sources[0].link, LinkState::Direct { .. })).then_some(())
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
