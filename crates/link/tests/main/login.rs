//! User and password against mosquitto, and what is refused is said.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use twinscope_link::Settings;
use twinscope_link::record::{self, Wanted};
use twinscope_link::replay::TimePlaces;
use twinscope_twin::site::Protocol;
use twinscope_twin::state::LinkEvent;

use crate::support::mosquitto::Mosquitto;
use crate::support::probe::Probe;
use crate::support::{VERSIONS, quick, source, tool};

fn broker() -> Mosquitto {
    broker_with_password("s3cret")
}

fn broker_with_password(password: &str) -> Mosquitto {
    Mosquitto::start("allow_anonymous false\npassword_file {folder}/passwords\n", |folder| {
        let output = Command::new(tool("mosquitto_passwd", "mosquitto"))
            .args(["-b", "-c"])
            .arg(folder.join("passwords"))
            .args(["viewer", password])
            .output()
            .expect("mosquitto_passwd runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        std::fs::write(folder.join("right"), "s3cret\n").expect("written");
        std::fs::write(folder.join("wrong"), "secret\n").expect("written");
    })
}

fn login(broker: &Mosquitto, protocol: Protocol, user: Option<&str>, file: Option<&str>) -> Probe {
    let mut source = source(&format!("mqtt://127.0.0.1:{}", broker.port));
    source.protocol = protocol;
    source.username = user.map(str::to_owned);
    source.password_file = file.map(str::to_owned);
    let mut settings = Settings::from_source(&source, broker.folder()).expect("settings");
    settings.backoff = quick();
    Probe::start(settings, &["#"])
}

#[test]
fn the_right_password_lets_us_in() {
    let broker = broker();
    for protocol in VERSIONS {
        let mut probe = login(&broker, protocol, Some("viewer"), Some("right"));
        probe.until_live(1);
        let more = ["-u", "viewer", "-P", "s3cret"];
        broker.publish("a", "1", &more);
        probe.until_messages(1);
    }
}

#[test]
fn a_password_from_the_environment_lets_us_in() {
    // A variable that is there: a test must not change its environment while others run.
    let broker = broker_with_password(&std::env::var("PATH").expect("set"));
    let mut source = source(&broker.url());
    source.username = Some("viewer".to_owned());
    source.password_env = Some("PATH".to_owned());
    let settings = Settings::from_source(&source, Path::new(".")).expect("the variable is read");
    Probe::start(settings, &[]).until_live(1);
}

#[test]
fn a_recording_that_was_refused_leaves_no_file_in_the_way_of_the_next() {
    let broker = broker();
    let mut source = source(&broker.url());
    source.username = Some("viewer".to_owned());
    source.password_file = Some("wrong".to_owned());
    let settings = Settings::from_source(&source, broker.folder()).expect("settings");
    let settings = record::recorder_settings(settings, "recorder");
    let wanted = Wanted { filters: vec!["#".to_owned()], times: TimePlaces::default(), most: None };
    let path = broker.folder().join("a.mcap");
    let stop = AtomicBool::new(false);
    record::record(settings, wanted, &path, &stop, |progress| {
        stop.fetch_or(matches!(progress.link, Some(LinkEvent::Refused { .. })), Ordering::AcqRel);
    })
    .expect("it ends");
    assert!(!path.exists());
}

#[test]
fn a_wrong_password_is_refused_and_said() {
    let broker = broker();
    for protocol in [Protocol::V311, Protocol::V5, Protocol::Auto] {
        for (user, file) in [(Some("viewer"), Some("wrong")), (Some("nobody"), Some("right")), (None, None)] {
            let mut probe = login(&broker, protocol, user, file);
            let reason = probe.until_refused();
            assert!(reason.contains("password_file"), "{protocol:?}: {reason}");
            assert!(!reason.contains("s3cret") && !reason.contains("secret\n"), "{reason}");
            assert_eq!(probe.live(), 0);
        }
    }
}

#[test]
fn a_refused_link_does_not_hammer() {
    let broker = broker();
    let mut probe = login(&broker, Protocol::V311, Some("viewer"), Some("wrong"));
    probe.until_refused();
    // Its waits would allow dozens of attempts in this time if it took the refusal for a loss.
    let until = std::time::Instant::now() + std::time::Duration::from_secs(2);
    probe.until("two seconds", |_| std::time::Instant::now() >= until);
    let attempts = broker.log().matches("Sending CONNACK").count();
    assert_eq!(attempts, 1, "{}", broker.log());
}
