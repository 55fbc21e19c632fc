//! What the tests share: processes, ports, and waiting for conditions.

pub mod fake;
pub mod mosquitto;
pub mod probe;

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use twinscope_link::Settings;
use twinscope_link::settings::Backoff;
use twinscope_twin::site::{Protocol, Source};

/// Longest wait for anything: far above what a busy machine needs, and never reached when things work.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A program that the tests need. A missing one fails the test.
pub fn tool(name: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    // Debian keeps daemons out of the path of ordinary users.
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin"]);
    folders
        .map(|folder| PathBuf::from(folder).join(name))
        .find(|candidate| candidate.is_file())
        .unwrap_or_else(|| panic!("{name} is missing; install it: apt install {package}"))
}

/// A port that nobody uses now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port()
}

/// Waits until `condition` holds.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A source as the site file would give it.
pub fn source(url: &str) -> Source {
    Source {
        id: "plant".to_owned(),
        url: url.to_owned(),
        protocol: Protocol::Auto,
        qos: 1,
        keep_alive_s: 15,
        username: None,
        password_file: None,
        password_env: None,
        ca_file: None,
        client_cert: None,
        client_key: None,
        alpn: Vec::new(),
        max_packet: 1 << 20,
        max_topics: 1_000,
        max_json_depth: 32,
        simulated: false,
    }
}

/// Settings for a port on this machine, with short waits.
pub fn settings(port: u16, protocol: Protocol) -> Settings {
    let mut settings = Settings::plain(&format!("mqtt://127.0.0.1:{port}")).expect("settings");
    settings.protocol = protocol;
    settings.qos = 1;
    settings.backoff = quick();
    settings
}

/// Short waits: tests do not want to wait for half a minute.
pub fn quick() -> Backoff {
    Backoff { first: Duration::from_millis(50), most: Duration::from_millis(200), ..Backoff::default() }
}

/// Both versions, one after the other.
pub const VERSIONS: [Protocol; 2] = [Protocol::V311, Protocol::V5];
