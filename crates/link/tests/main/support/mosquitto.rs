//! The real mosquitto on loopback.

use std::fs;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::{free_port, tool, wait_until};

/// A broker of one test. Dropping it kills it.
pub struct Mosquitto {
    pub port: u16,
    folder: TempDir,
    child: Option<Child>,
}

impl Mosquitto {
    /// Open to everyone.
    pub fn open() -> Self {
        Self::start("allow_anonymous true\n", |_| {})
    }

    /// With more lines of configuration; `prepare` puts files into the folder that they name as `{folder}`.
    pub fn start(config: &str, prepare: impl FnOnce(&Path)) -> Self {
        let mut folder = tempfile::tempdir().expect("folder");
        prepare(folder.path());
        // Another test may take the port before mosquitto does: then the next one.
        for _ in 0..10 {
            let port = free_port();
            let path = folder.path().display();
            let config = config.replace("{folder}", &path.to_string());
            // `user root`: as root mosquitto would change to its own user, who cannot read the folder.
            let text = format!(
                "listener {port} 127.0.0.1\nuser root\npersistence false\nlog_type all\nlog_dest file {path}/log\n{config}"
            );
            fs::write(folder.path().join("mosquitto.conf"), text).expect("written");
            let mut broker = Self { port, folder, child: None };
            if broker.run() {
                return broker;
            }
            folder = std::mem::replace(&mut broker.folder, tempfile::tempdir().expect("folder"));
        }
        panic!("mosquitto does not start: {}", fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    /// Starts the process. `false`: it ended at once.
    fn run(&mut self) -> bool {
        let mut child = Command::new(tool("mosquitto", "mosquitto"))
            .arg("-c")
            .arg(self.folder.path().join("mosquitto.conf"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mosquitto starts");
        let port = self.port;
        let mut alive = true;
        wait_until("mosquitto listens", || {
            alive = child.try_wait().expect("a child").is_none();
            !alive || TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        self.child = Some(child);
        alive
    }

    /// Like a power cut.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    /// On the same port again.
    pub fn restart(&mut self) {
        self.kill();
        assert!(self.run(), "mosquitto comes back on its port");
    }

    /// Where clients connect.
    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Where its files are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Publishes with mosquitto's own client.
    #[track_caller]
    pub fn publish(&self, topic: &str, payload: &str, more: &[&str]) {
        publish(self.port, topic, payload, more);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Publishes with mosquitto_pub, QoS 1.
#[track_caller]
pub fn publish(port: u16, topic: &str, payload: &str, more: &[&str]) {
    let output = client("mosquitto_pub", port)
        .args(["-q", "1", "-t", topic, "-m", payload])
        .args(more)
        .output()
        .expect("mosquitto_pub runs");
    assert!(output.status.success(), "mosquitto_pub: {}", String::from_utf8_lossy(&output.stderr));
}

/// Publishes a file with mosquitto_pub, QoS 1.
#[track_caller]
pub fn publish_file(port: u16, topic: &str, file: &Path) {
    let output = client("mosquitto_pub", port).args(["-q", "1", "-t", topic, "-f"]).arg(file).output().expect("runs");
    assert!(output.status.success(), "mosquitto_pub: {}", String::from_utf8_lossy(&output.stderr));
}

/// Reads `count` messages with mosquitto_sub as `topic payload` lines, in the background.
pub struct Subscriber(Option<Child>);

impl Subscriber {
    pub fn start(port: u16, filter: &str, count: usize) -> Self {
        let child = client("mosquitto_sub", port)
            .args(["-q", "1", "-v", "-W", "30", "-C", &count.to_string(), "-t", filter])
            .stdout(Stdio::piped())
            .spawn()
            .expect("mosquitto_sub runs");
        Self(Some(child))
    }

    /// The lines, once they have all arrived.
    #[track_caller]
    pub fn lines(mut self) -> Vec<String> {
        let Output { status, stdout, .. } =
            self.0.take().expect("started").wait_with_output().expect("mosquitto_sub ends");
        let text = String::from_utf8_lossy(&stdout).into_owned();
        assert!(status.success(), "mosquitto_sub did not get all messages: {text:?}");
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn client(name: &str, port: u16) -> Command {
    let mut command = Command::new(tool(name, "mosquitto-clients"));
    command.args(["-h", "127.0.0.1", "-p", &port.to_string()]);
    command
}
