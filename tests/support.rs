//! What several tests need: the program, a mosquitto of one's own, and waiting for a condition.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use twinscope_link::core::{Core, CoreHandle};
use twinscope_link::mqtt::{self, MqttLink};
use twinscope_link::settings::Settings;
use twinscope_twin::site::{PartRow, Site, SourceRow};
use twinscope_twin::snapshot::{LinkState, Snapshot};
use twinscope_twin::state::Options;

/// The program, run from the root of the repository.
pub fn twinscope() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_twinscope"));
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// How a command ended.
pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

pub fn run(command: &mut Command) -> Outcome {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Outcome {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Ends a child when dropped.
pub struct Running(pub Child);

impl Running {
    /// Sends it a signal: `TERM`.
    #[track_caller]
    pub fn signal(&self, name: &str) {
        let sent = run(Command::new("kill").args([&format!("-{name}"), &self.0.id().to_string()]));
        assert_eq!(sent.code, Some(0), "{}", sent.err);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `ready` gives something.
#[track_caller]
pub fn wait_for<T>(what: &str, within: Duration, mut ready: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = ready() {
            return value;
        }
        assert!(Instant::now() < deadline, "{what}: not within {} s", within.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A mosquitto on a port of its own.
pub struct Mosquitto {
    pub port: u16,
    _process: Running,
}

impl Mosquitto {
    pub fn start(dir: &Path) -> Self {
        let port = free_port();
        let config = dir.join("mosquitto.conf");
        std::fs::write(&config, format!("listener {port} 127.0.0.1\nallow_anonymous true\n")).unwrap();
        let process = Command::new("/usr/sbin/mosquitto")
            .arg("-c")
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto is missing: apt-get install mosquitto mosquitto-clients");
        let mosquitto = Self { port, _process: Running(process) };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        wait_for("mosquitto listens", Duration::from_secs(20), || TcpStream::connect(address).ok());
        mosquitto
    }

    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }
}

/// A copy of `assets` whose sites use the broker on `port`, so that commands of the README run beside a broker on 1883.
pub fn assets_for_port(into: &Path, port: u16) {
    fn copy(from: &Path, to: &Path, port: u16) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if from.is_dir() {
                copy(&from, &to, port);
            } else if from.extension().is_some_and(|extension| extension == "toml") {
                let text = std::fs::read_to_string(&from).unwrap();
                std::fs::write(&to, text.replace("127.0.0.1:1883", &format!("127.0.0.1:{port}"))).unwrap();
            } else {
                std::fs::copy(&from, &to).unwrap();
            }
        }
    }
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets"), &into.join("assets"), port);
}

/// A display of one's own.
pub struct Display {
    pub name: String,
    _server: Running,
}

impl Display {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(args: &[&str]) -> Self {
        let mut server = Command::new("Xvfb")
            .args(args)
            // Without `-noreset` the server starts anew, and refuses clients meanwhile, whenever its last one leaves.
            .args(["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is missing: apt-get install xvfb");
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Self { name: format!(":{}", number.trim()), _server: Running(server) }
    }
}

/// A site on a broker, as the viewer runs it, without a window.
pub struct Live {
    pub core: CoreHandle,
    pub site: Arc<Site>,
    _link: MqttLink,
}

impl Live {
    /// The site file, all of whose sources are the broker at `url`.
    pub fn start(site: &Path, url: &str) -> Self {
        let loaded = twinscope::check::load(site).unwrap();
        let core = Core::spawn(Arc::clone(&loaded.site), Options::default(), Box::new(|| {})).unwrap();
        let row = SourceRow(0);
        let link = mqtt::spawn(Settings::plain(url).unwrap(), core.filters(row), core.ingest(), row).unwrap();
        let live = Self { core, site: loaded.site, _link: link };
        wait_for("the link is live", Duration::from_secs(30), || {
            (live.snapshot().sources[0].link == LinkState::Live).then_some(())
        });
        live
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        wait_for("a snapshot", Duration::from_secs(30), || self.core.latest())
    }

    #[track_caller]
    pub fn part(&self, asset: &str, part: &str) -> PartRow {
        let asset = self.site.assets.iter().find(|candidate| candidate.id == asset).unwrap();
        let row = asset.parts.clone().find(|&row| self.site.parts[row as usize].id == part);
        PartRow(row.unwrap_or_else(|| panic!("{} has no part {part}", asset.id)))
    }
}

/// A copy of the demo's site, type, model and procedure, to change; its `assets`.
pub fn demo_copy(into: &Path) -> PathBuf {
    let assets = into.join("assets");
    for file in [
        "sites/demo/site.toml",
        "types/wind-turbine.toml",
        "models/wind_turbine.glb",
        "documents/oil-circuit.md",
        "procedures/gearbox-oil-filter.md",
        "procedures/pictures/cover-screws.png",
        "procedures/pictures/filter-housing.png",
        "procedures/pictures/rotor-lock.png",
        "procedures/pictures/service-switch.png",
    ] {
        let to = assets.join(file);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(file), to).unwrap();
    }
    assets
}

/// Positions and triangles of a ball of radius 1 m.
pub fn ball() -> (Vec<[f32; 3]>, Vec<u16>) {
    const RINGS: u16 = 24;
    let mut positions = Vec::new();
    let mut indices = Vec::new();
    for i in 0..=RINGS {
        for j in 0..=RINGS {
            let (polar, around) = (
                std::f32::consts::PI * f32::from(i) / f32::from(RINGS),
                2.0 * std::f32::consts::PI * f32::from(j) / f32::from(RINGS),
            );
            positions.push([polar.sin() * around.cos(), polar.cos(), -polar.sin() * around.sin()]);
            if i < RINGS && j < RINGS {
                let a = i * (RINGS + 1) + j;
                let b = a + RINGS + 1;
                indices.extend([a, b, a + 1, a + 1, b, b + 1]);
            }
        }
    }
    (positions, indices)
}

/// A document and its binary data as a GLB: header, JSON chunk, binary chunk (glTF 2.0, section 4).
pub fn glb(document: &serde_json::Value, bin: &[u8]) -> Vec<u8> {
    let mut text = document.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let chunk = |kind: &[u8], data: &[u8]| [&(data.len() as u32).to_le_bytes(), kind, data].concat();
    let chunks = [chunk(b"JSON", &text), chunk(b"BIN\0", bin)].concat();
    [b"glTF", &2_u32.to_le_bytes()[..], &(12 + chunks.len() as u32).to_le_bytes(), &chunks].concat()
}
