//! What the window costs. `cargo bench --profile dev --bench viewer [-- recolour|latency|idle]`; needs mosquitto and Xvfb.
//!
//! - `recolour`: 10,000 parts recoloured every frame: main-thread time, and frame time as a ratio to the same scene
//!   without recolouring.
//! - `latency`: 1,000 messages a second, from the time in the message to the frame that presents it.
//! - `idle`: processor use of a window in which nothing changes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark may stop")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use twinscope::app::scale::Many;
use twinscope_link::mqtt;
use twinscope_link::settings::Settings;
use twinscope_link::sink::{Limits, channel};
use twinscope_twin::site::SourceRow;

fn main() {
    let chosen: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|arg| arg == name);
    if wanted("recolour") {
        recolour();
    }
    if wanted("latency") {
        latency();
    }
    if wanted("idle") {
        idle();
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Interleaved, so that whatever else the machine does falls on both.
fn recolour() {
    let mut scene = Many::new(10_000, (1280, 720)).unwrap();
    let (mut with, mut without, mut write) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..12 {
        for recolour in [false, true] {
            for _ in 0..10 {
                let (frame, main_thread) = scene.frame(recolour);
                if round > 1 {
                    if recolour {
                        with.push(frame);
                        write.push(main_thread);
                    } else {
                        without.push(frame);
                    }
                }
            }
        }
    }
    let (with, without) = (median(with), median(without));
    println!(
        "recolour: 10,000 parts at 1280x720: main thread {:.3} ms a frame; frame {with:.1} ms against {without:.1} ms, ratio {:.3}",
        median(write),
        with / without
    );
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A broker, a display, and a site of `topics` topics spread over the turbine's parts.
struct Stand {
    dir: tempfile::TempDir,
    url: String,
    display: String,
    _processes: [Ended; 2],
}

const PARTS: [&str; 10] = [
    "tower",
    "gearbox",
    "generator",
    "converter",
    "transformer",
    "main_bearing",
    "high_speed_bearing",
    "brake",
    "oil_cooler",
    "coupling",
];

impl Stand {
    fn new(topics: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = dir.path().join("mosquitto.conf");
        std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
        let quiet = |command: &mut Command| command.stderr(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mosquitto = quiet(Command::new("/usr/sbin/mosquitto").arg("-c").arg(&config));
        let mut xvfb = quiet(Command::new("Xvfb").args(["-displayfd", "1", "-screen", "0", "1280x720x24"]));
        let mut number = String::new();
        BufReader::new(xvfb.stdout.take().unwrap()).read_line(&mut number).unwrap();
        let url = format!("mqtt://127.0.0.1:{port}");
        let model = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/models/wind_turbine.glb");
        std::fs::create_dir_all(dir.path().join("types")).unwrap();
        std::fs::copy(model, dir.path().join("wind_turbine.glb")).unwrap();
        let site = format!(
            "schema = 1\n[site]\nid = \"bench\"\nname = \"Bench\"\n[[source]]\nid = \"b\"\nurl = \"{url}\"\n\
             [[asset]]\nid = \"a\"\nname = \"A\"\ntype = \"t\"\n"
        );
        std::fs::write(dir.path().join("site.toml"), site).unwrap();
        let mut text = "schema = 1\nid = \"t\"\nmodel = \"../wind_turbine.glb\"\n".to_owned();
        for part in PARTS {
            text += &format!("[[part]]\nid = \"{part}\"\nname = \"{part}\"\nnode = \"id:{part}\"\n");
            for signal in 0..topics / PARTS.len() {
                text += &format!(
                    "[[part.signal]]\nid = \"s{signal}\"\ntopic = \"bench/{part}/s{signal}\"\npath = \"/v\"\n\
                     time = {{ path = \"/t\", unit = \"ms\" }}\n"
                );
            }
        }
        std::fs::write(dir.path().join("types/t.toml"), text).unwrap();
        Self { dir, url, display: format!(":{}", number.trim()), _processes: [Ended(mosquitto), Ended(xvfb)] }
    }

    fn view(&self, args: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_twinscope"))
            .arg("view")
            .arg(self.dir.path().join("site.toml"))
            .args(["--size", "1280x720"])
            .args(args)
            .env("DISPLAY", &self.display)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    }
}

fn now_ms() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

fn latency() {
    let stand = Stand::new(1_000);
    let (sink, _receiver) = channel(Limits::default());
    let link = mqtt::spawn(Settings::plain(&stand.url).unwrap(), Vec::new(), sink, SourceRow(0)).unwrap();
    let publisher = link.publisher();
    let mut view = stand.view(&["--measure", "24s"]);
    let start = Instant::now();
    let mut sent = 0_u64;
    // One message each millisecond; each topic once a second.
    while view.try_wait().unwrap().is_none() {
        while Duration::from_millis(sent) < start.elapsed() {
            let topic = sent as usize % 1_000;
            let payload = format!("{{\"t\":{},\"v\":{}}}", now_ms(), sent % 97);
            let topic = format!("bench/{}/s{}", PARTS[topic % PARTS.len()], topic / PARTS.len());
            // What the link cannot take at once is not part of the measurement.
            let _ = publisher.publish_now(&topic, payload.into_bytes(), false);
            sent += 1;
        }
        std::thread::sleep(Duration::from_micros(300));
        assert!(start.elapsed() < Duration::from_secs(120), "the viewer did not end");
    }
    let mut report = String::new();
    view.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    let line = report.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no report: {report}"));
    println!("latency: 1,000 messages a second: {line}");
}

/// Processor time of a process, s: user and system, in ticks of 10 ms (Linux).
fn processor_s(id: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn idle() {
    let stand = Stand::new(1_000);
    let view = Ended(stand.view(&[]));
    // Loading and the first frames.
    std::thread::sleep(Duration::from_secs(20));
    let before = processor_s(view.0.id());
    let length = Duration::from_secs(60);
    std::thread::sleep(length);
    let used = processor_s(view.0.id()) - before;
    println!("idle: {:.2} % of a core over {} s", 100.0 * used / length.as_secs_f64(), length.as_secs());
}
