//! What the window costs. `cargo bench --profile dev --bench viewer [-- start|recolour|labels|latency|idle|memory]`; needs
//! mosquitto and Xvfb.
//!
//! - `start`: from the start of the demo's process to its first presented frame, and to the first with the scene.
//! - `recolour`: 10,000 parts recoloured every frame: main-thread time, and frame time as a ratio to the same scene
//!   without recolouring.
//! - `labels`: 500 parts that all have a label, in a window of 1920×1080 without panels: frame time while the camera turns,
//!   as a ratio to the same without labels, in one run.
//! - `latency`: 1,000 messages a second, from the time in the message to the frame that presents it.
//! - `idle`: processor use of a window in which nothing changes: a thousand signals that are never heard.
//! - `memory`: of the demo and of its broker after 2 and after 30 minutes (`-- memory 5`: after 5). Only when asked for.

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
    let asked = |name: &str| chosen.iter().any(|arg| arg == name);
    let wanted = |name: &str| chosen.is_empty() || asked(name);
    if wanted("start") {
        start();
    }
    if wanted("recolour") {
        recolour();
    }
    if wanted("labels") {
        labels();
    }
    if wanted("latency") {
        latency();
    }
    if wanted("idle") {
        idle();
    }
    if asked("memory") {
        memory(chosen.iter().find_map(|arg| arg.parse().ok()).unwrap_or(30));
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

/// 500 bodies in a field, each a part.
fn labels() {
    let dir = tempfile::tempdir().unwrap();
    let (columns, rows) = (20, 25);
    let mut nodes = Vec::new();
    for n in 0..columns * rows {
        let (x, y) = (f64::from(n % columns) * 1.9, f64::from(n / columns) * 0.85);
        // Not all in one plane: what is near comes before what is far.
        let z = f64::from(n * 7 % 5) * 0.3;
        nodes.push(serde_json::json!({ "name": format!("Sensor {n}"), "mesh": 0, "translation": [x, y, z] }));
    }
    let corner = |n: usize| [n & 1, n >> 1 & 1, n >> 2].map(|side| side as f32 * 0.3 - 0.15);
    let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
    let positions: Vec<u8> = quads.iter().flatten().flat_map(|&n| corner(n)).flat_map(f32::to_le_bytes).collect();
    let triangles = (0..6_u16).flat_map(|side| [0, 1, 2, 0, 2, 3].map(|n| side * 4 + n));
    let indices: Vec<u8> = triangles.flat_map(u16::to_le_bytes).collect();
    let document = serde_json::json!({
        "asset": { "version": "2.0" },
        "scene": 0,
        "scenes": [{ "nodes": (0..nodes.len()).collect::<Vec<_>>() }],
        "nodes": nodes,
        "meshes": [{ "primitives": [{ "attributes": { "POSITION": 0 }, "indices": 1 }] }],
        "accessors": [
            { "bufferView": 0, "componentType": 5126, "count": 24, "type": "VEC3",
              "min": [-0.15, -0.15, -0.15], "max": [0.15, 0.15, 0.15] },
            { "bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR" },
        ],
        "bufferViews": [
            { "buffer": 0, "byteOffset": 0, "byteLength": positions.len() },
            { "buffer": 0, "byteOffset": positions.len(), "byteLength": indices.len() },
        ],
        "buffers": [{ "uri": "field.bin", "byteLength": positions.len() + indices.len() }],
    });
    std::fs::write(dir.path().join("field.gltf"), document.to_string()).unwrap();
    std::fs::write(dir.path().join("field.bin"), [positions, indices].concat()).unwrap();
    let (display, _server) = display_of("1920x1080x24");
    let view = Command::new(env!("CARGO_BIN_EXE_twinscope"))
        .arg("view")
        .arg(dir.path().join("field.gltf"))
        .args(["--size", "1920x1080", "--label-bench", "30s"])
        .env("DISPLAY", &display)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    println!("labels: {}", report(view));
}

struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A display of one's own: its name, and its server.
fn display() -> (String, Ended) {
    display_of("1280x720x24")
}

/// A display of this size.
fn display_of(screen: &str) -> (String, Ended) {
    let mut xvfb = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", screen, "-noreset"])
        .stderr(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut number = String::new();
    BufReader::new(xvfb.stdout.take().unwrap()).read_line(&mut number).unwrap();
    (format!(":{}", number.trim()), Ended(xvfb))
}

/// The demo in a window of 1280×720.
fn demo(display: &str, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_twinscope"))
        .args(["demo", "--fault", "none", "--size", "1280x720"])
        .args(args)
        .env("DISPLAY", display)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The line of JSON that `--measure` prints at the end.
fn report(mut program: Child) -> String {
    let mut report = String::new();
    program.stdout.take().unwrap().read_to_string(&mut report).unwrap();
    assert!(program.wait().unwrap().success(), "{report}");
    report.lines().find(|line| line.starts_with('{')).unwrap_or_else(|| panic!("no report: {report}")).to_owned()
}

/// The first run warms the disk and the cache of the graphics driver, and is shown apart.
fn start() {
    let (display, _server) = display();
    let (mut first, mut scene) = (Vec::new(), Vec::new());
    for run in 0..6 {
        let began = now_ms() as f64;
        let report: serde_json::Value = serde_json::from_str(&report(demo(&display, &["--measure", "8s"]))).unwrap();
        let after = |name: &str| (report[name].as_f64().unwrap() - began) / 1_000.0;
        if run == 0 {
            println!(
                "start, first run: window {:.2} s, scene {:.2} s",
                after("first_frame_at_ms"),
                after("scene_at_ms")
            );
        } else {
            first.push(after("first_frame_at_ms"));
            scene.push(after("scene_at_ms"));
        }
    }
    println!("start, median of {}: window {:.2} s, scene {:.2} s", first.len(), median(first), median(scene));
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
        let (display, xvfb) = display();
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
        Self { dir, url, display, _processes: [Ended(mosquitto), xvfb] }
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
    let (mut sent, mut refused) = (0_u64, 0_u64);
    // One message each millisecond; each topic once a second.
    while view.try_wait().unwrap().is_none() {
        while Duration::from_millis(sent) < start.elapsed() {
            let topic = sent as usize % 1_000;
            let payload = format!("{{\"t\":{},\"v\":{}}}", now_ms(), sent % 97);
            let topic = format!("bench/{}/s{}", PARTS[topic % PARTS.len()], topic / PARTS.len());
            refused += u64::from(publisher.publish_now(&topic, payload.into_bytes(), false).is_err());
            sent += 1;
        }
        std::thread::sleep(Duration::from_micros(300));
        assert!(start.elapsed() < Duration::from_secs(120), "the viewer did not end");
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "latency: {:.0} messages a second sent over {seconds:.0} s, {refused} refused by the link: {}",
        sent as f64 / seconds,
        report(view)
    );
}

/// Memory that is resident, MiB: of a process, and of its children.
fn resident_mib(id: u32) -> (f64, f64) {
    let of = |id: u32| {
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1_024.0
    };
    let tasks = std::fs::read_dir(format!("/proc/{id}/task")).unwrap();
    let children = tasks.flat_map(|task| {
        let children = std::fs::read_to_string(task.unwrap().path().join("children")).unwrap_or_default();
        children.split_whitespace().map(|child| child.parse::<u32>().unwrap()).collect::<Vec<_>>()
    });
    (of(id), children.map(of).sum())
}

fn memory(minutes: u64) {
    let (display, _server) = display();
    let mut program = Ended(demo(&display, &[]));
    let mut out = program.0.stdout.take().unwrap();
    std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
    let began = Instant::now();
    let mut before = 0.0;
    for minute in [2, minutes] {
        std::thread::sleep(Duration::from_secs(60 * minute).saturating_sub(began.elapsed()));
        assert!(program.0.try_wait().unwrap().is_none(), "the demo ended");
        let (own, broker) = resident_mib(program.0.id());
        let used = processor_s(program.0.id());
        println!("memory after {minute} min: demo {own:.0} MiB, its broker {broker:.0} MiB; processor {used:.0} s");
        if minute == 2 {
            before = own;
        } else {
            println!("memory: {:.2} times that after 2 min", own / before);
        }
    }
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
    // Loading, the first frames, and the first seconds of the ages.
    std::thread::sleep(Duration::from_secs(40));
    let before = processor_s(view.0.id());
    let length = Duration::from_secs(120);
    std::thread::sleep(length);
    let used = processor_s(view.0.id()) - before;
    println!("idle: {:.2} % of a core over {} s", 100.0 * used / length.as_secs_f64(), length.as_secs());
}
