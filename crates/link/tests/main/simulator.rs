//! The simulator as one more device.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use twinscope_link::Settings;
use twinscope_link::simulator::{Options, Report, Simulator, Target};
use twinscope_link::sink::{self, Item, Limits, Received};
use twinscope_twin::command::Outgoing;
use twinscope_twin::site::{Asset, Protocol, SimulatorKind, Site, SourceRow};
use twinscope_twin::state::LinkEvent;

use crate::support::mosquitto::{Mosquitto, Subscriber};
use crate::support::probe::Probe;
use crate::support::{PATIENCE, VERSIONS, settings, source};

fn site() -> Site {
    let mut simulated = source("sim:");
    simulated.simulated = true;
    let asset = |id: &str| Asset {
        id: id.to_owned(),
        name: String::new(),
        type_id: "wind-turbine".to_owned(),
        source: SourceRow(0),
        position: [0.0; 3],
        heading_deg: 0.0,
        model: String::new(),
        simulator: Some(SimulatorKind::WindTurbine),
        stand_in: None,
        parts: 0..0,
    };
    Site {
        id: "ridge".to_owned(),
        sources: vec![simulated],
        assets: vec![asset("wt-01"), asset("wt-02")],
        ..Site::default()
    }
}

fn start(target: Target) -> (Simulator, Receiver<Report>) {
    let (tell, told) = channel();
    let options = Options { rate_hz: 10, ..Options::default() };
    let simulator = Simulator::spawn(target, &site(), &options, move |report| {
        let _ = tell.send(report);
    });
    (simulator.expect("a simulation"), told)
}

fn until(told: &Receiver<Report>, wanted: impl Fn(&Report) -> bool) -> Report {
    loop {
        let report = told.recv_timeout(PATIENCE).expect("a report");
        if wanted(&report) {
            return report;
        }
    }
}

#[test]
fn mosquittos_client_reads_the_telemetry() {
    let broker = Mosquitto::open();
    for protocol in VERSIONS {
        let (_simulator, _told) = start(Target::Broker(Box::new(settings(broker.port, protocol))));
        let lines = Subscriber::start(broker.port, "ridge/wt-02/#", 24).lines();
        let gearbox = lines.iter().find_map(|line| line.strip_prefix("ridge/wt-02/gearbox ")).expect("the gearbox");
        let json: serde_json::Value = serde_json::from_str(gearbox).expect("JSON");
        assert!(json["oil_temperature"].is_f64() && json["t"].is_i64(), "{json}");
    }
}

#[test]
fn it_says_that_it_runs_and_that_it_has_ended() {
    let broker = Mosquitto::open();
    let (simulator, _told) = start(Target::Broker(Box::new(settings(broker.port, Protocol::Auto))));
    let mut probe = Probe::start(settings(broker.port, Protocol::Auto), &["twinscope/v1/ridge/simulator/status"]);
    probe.until("online", |probe| probe.payloads().iter().any(|payload| payload.contains("\"online\"")));
    drop(simulator);
    probe.until("offline", |probe| probe.payloads().last().is_some_and(|payload| payload.contains("\"offline\"")));
}

#[test]
fn faults_are_injected_and_cleared_by_topic() {
    let broker = Mosquitto::open();
    let (_simulator, told) = start(Target::Broker(Box::new(settings(broker.port, Protocol::Auto))));
    until(&told, |report| *report == Report::Link(LinkEvent::Live));
    let command = |action: &str, payload: &str, more: &[&str]| {
        broker.publish(&format!("twinscope/v1/ridge/wt-01/command/{action}"), payload, more);
    };
    command("inject-fault", r#"{"fault":"high-speed-bearing-wear","rate":2.0}"#, &[]);
    let done = until(&told, |report| matches!(report, Report::Done(_)));
    assert_eq!(done, Report::Done("wt-01: high-speed-bearing-wear injected at rate 2".to_owned()));
    command("inject-fault", "nonsense", &[]);
    until(&told, |report| matches!(report, Report::Refused(_)));
    command("clear-fault", r#"{"fault":"high-speed-bearing-wear"}"#, &[]);
    let done = until(&told, |report| matches!(report, Report::Done(_)));
    assert_eq!(done, Report::Done("wt-01: high-speed-bearing-wear cleared".to_owned()));
}

#[test]
fn commands_are_subscribed_so_that_the_broker_does_not_lose_them() {
    let broker = Mosquitto::open();
    let (_simulator, told) = start(Target::Broker(Box::new(Settings::plain(&broker.url()).expect("settings"))));
    until(&told, |report| *report == Report::Link(LinkEvent::Live));
    let log = broker.log();
    let subscribed: Vec<_> = log.lines().filter(|line| line.contains("/command/") && line.contains("(QoS ")).collect();
    assert!(!subscribed.is_empty() && subscribed.iter().all(|line| line.contains("(QoS 1)")), "{log}");
}

#[test]
fn a_simulation_that_panics_says_so() {
    let (sink, _receiver) = sink::channel(Limits::default());
    let (tell, told) = channel();
    let report = move |report| {
        assert!(!matches!(report, Report::Done(_)), "asked for by a test");
        let _ = tell.send(report);
    };
    let target = Target::Direct { sink, source: SourceRow(0), reason: String::new() };
    let simulator = Simulator::spawn(target, &site(), &Options::default(), report).expect("a simulation");
    let command = Outgoing {
        source: SourceRow(0),
        topic: "twinscope/v1/ridge/wt-02/command/inject-fault".to_owned(),
        payload: br#"{"fault":"high-speed-bearing-wear"}"#.to_vec(),
        retain: false,
    };
    simulator.route()(command).expect("taken");
    let failed = until(&told, |_| true);
    assert!(matches!(&failed, Report::Failed(reason) if reason.contains("defect")), "{failed:?}");
}

#[test]
fn a_command_that_the_broker_has_kept_is_an_old_one() {
    let broker = Mosquitto::open();
    let topic = "twinscope/v1/ridge/wt-01/command/inject-fault";
    broker.publish(topic, "kept and not understood", &["-r"]);
    let (_simulator, told) = start(Target::Broker(Box::new(settings(broker.port, Protocol::Auto))));
    until(&told, |report| *report == Report::Link(LinkEvent::Live));
    broker.publish(topic, r#"{"fault":"high-speed-bearing-wear"}"#, &[]);
    let first = until(&told, |report| matches!(report, Report::Done(_) | Report::Refused(_)));
    assert!(matches!(first, Report::Done(_)), "{first:?}");
}

#[test]
fn without_a_broker_it_feeds_the_sink_and_takes_commands() {
    let (sink, receiver) = sink::channel(Limits::default());
    let reason = "the embedded broker did not come up".to_owned();
    let (simulator, told) = start(Target::Direct { sink, source: SourceRow(3), reason: reason.clone() });
    let route = simulator.route();
    let outgoing = Outgoing {
        source: SourceRow(3),
        topic: "twinscope/v1/ridge/wt-02/command/inject-fault".to_owned(),
        payload: br#"{"fault":"high-speed-bearing-wear"}"#.to_vec(),
        retain: false,
    };
    route(outgoing.clone()).expect("taken");
    assert!(matches!(until(&told, |_| true), Report::Done(_)));
    match receiver.recv(PATIENCE) {
        Received::Item(Item::Link { source, event }) => {
            assert_eq!((source, event), (SourceRow(3), LinkEvent::Direct { reason }));
        }
        other => panic!("{other:?}"),
    }
    let mut topics = std::collections::BTreeSet::new();
    while topics.len() < 24 {
        match receiver.recv(Duration::from_secs(10)) {
            Received::Item(Item::Messages { source: SourceRow(3), messages, .. }) => {
                topics.extend(messages.into_iter().map(|message| message.topic));
            }
            other => panic!("{other:?}"),
        }
    }
    drop(simulator);
    assert!(route(outgoing).is_err(), "a simulation that has ended takes no commands");
}
