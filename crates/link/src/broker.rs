//! The embedded broker: MQTT for a demo without one, and for whoever wants to listen in.
//!
//! It runs as a child process of our own binary, so that a failure in it cannot take the viewer along, and so that it can
//! be killed and comes back on the same port. It keeps everything in memory, listens on loopback only, and is capped.
//! It ends with its parent: the child reads its standard input and leaves when that closes, however the parent died.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use mqtt5::broker::{BrokerConfig, MqttBroker, StorageBackendType, StorageConfig};

/// Clients at a time.
const CLIENTS: usize = 256;
/// Largest packet, bytes.
const PACKET: usize = 4 << 20;
/// Retained messages, and the largest of them.
const RETAINED: usize = 20_000;
const RETAINED_BYTES: usize = 1 << 20;
/// Messages that wait for one slow client; twice what a large site sends in a second.
const CLIENT_QUEUE: usize = 40_000;
/// Subscriptions of one client.
const SUBSCRIPTIONS: usize = 20_000;

/// How long a child may take until it listens.
const START: Duration = Duration::from_secs(10);
/// Between a death and the next start; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const MOST_WAIT: Duration = Duration::from_secs(10);

/// What the child prints before its address.
const GREETING: &str = "listening ";

/// Why the broker does not run.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// The child could not be started.
    #[error("the embedded broker could not be started from {program}: {source}")]
    Spawn {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The child ended, or said nothing, or something else.
    #[error("the embedded broker {program} did not come up: {reason}")]
    NotUp {
        /// The program.
        program: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system gives no thread or runtime.
    #[error("the embedded broker could not be started: {0}; the system is out of threads, files or memory")]
    System(#[from] std::io::Error),
    /// The port cannot be had.
    #[error("the embedded broker cannot listen on 127.0.0.1:{port}: {reason}; is another program using the port?")]
    Listen {
        /// The port; 0: any.
        port: u16,
        /// Why.
        reason: String,
    },
    /// It ran and failed.
    #[error("the embedded broker failed: {0}")]
    Run(String),
}

fn config(port: u16) -> BrokerConfig {
    // Memory: the default writes a folder into the current directory.
    let storage = StorageConfig {
        backend: StorageBackendType::Memory,
        max_queued_messages_per_client: CLIENT_QUEUE,
        max_queued_bytes_per_client: 64 << 20,
        ..StorageConfig::default()
    };
    BrokerConfig {
        storage_config: storage,
        // A client that vanished and comes back within the hour finds its session.
        session_expiry_interval: Duration::from_secs(3_600),
        // Nobody here needs the broker's own statistics, and they would keep an idle process busy.
        sys_topics_enabled: false,
        ..BrokerConfig::default()
    }
    .with_bind_address(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
    .with_max_clients(CLIENTS)
    .with_max_packet_size(PACKET)
    .with_max_retained_messages(RETAINED)
    .with_max_retained_message_size(RETAINED_BYTES)
    .with_max_subscriptions_per_client(SUBSCRIPTIONS)
    .with_client_channel_capacity(CLIENT_QUEUE)
}

/// The whole life of the child: listens, prints `listening 127.0.0.1:PORT` on standard output, serves, and returns when
/// standard input closes.
///
/// # Errors
/// The port cannot be had, or the broker fails while it runs.
pub fn run_child(port: u16) -> Result<(), BrokerError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (closed, parent_gone) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("broker parent".to_owned()).spawn(move || {
        // Whatever arrives is thrown away; an error means the same as the end.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = closed.send(());
    })?;
    runtime.block_on(async {
        let mut broker = MqttBroker::with_config(config(port))
            .await
            .map_err(|error| BrokerError::Listen { port, reason: error.to_string() })?;
        let address =
            broker.local_addr().ok_or_else(|| BrokerError::Listen { port, reason: "it has no address".to_owned() })?;
        let mut ready = broker.ready_receiver();
        let serve = async {
            let greet = async {
                if ready.wait_for(|ready| *ready).await.is_ok() {
                    // A parent that no longer reads is noticed on standard input.
                    let mut out = std::io::stdout().lock();
                    let _ = writeln!(out, "{GREETING}{address}").and_then(|()| out.flush());
                }
                std::future::pending::<()>().await;
            };
            tokio::select! {
                result = broker.run() => result.map_err(|error| BrokerError::Run(error.to_string())),
                () = greet => Ok(()),
            }
        };
        tokio::select! {
            result = serve => result,
            _ = parent_gone => Ok(()),
        }
    })
}

/// Reads `--port N` (0: any free one) from the arguments of the hidden subcommand.
///
/// # Errors
/// Anything else.
pub fn port_from_args(mut args: impl Iterator<Item = String>) -> Result<u16, String> {
    match (args.next().as_deref(), args.next(), args.next()) {
        (None, _, _) => Ok(0),
        (Some("--port"), Some(port), None) => {
            port.parse().map_err(|_| format!("--port {port}: a number from 0 to 65535 is expected"))
        }
        _ => Err("usage: embedded-broker [--port N]".to_owned()),
    }
}

/// Keeps an embedded broker running. Dropping it ends the broker.
#[derive(Debug)]
pub struct Supervisor {
    shared: Arc<Shared>,
    port: u16,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    program: PathBuf,
    args: Vec<String>,
    life: Mutex<Life>,
    restarts: AtomicU64,
}

#[derive(Debug, Default)]
struct Life {
    running: Option<Running>,
    /// No child is started any more.
    stopping: bool,
}

#[derive(Debug)]
struct Running {
    child: Child,
    /// Closing it ends the child.
    stdin: Option<ChildStdin>,
}

impl Shared {
    fn life(&self) -> MutexGuard<'_, Life> {
        self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_up(&self, reason: impl Into<String>) -> BrokerError {
        BrokerError::NotUp { program: self.program.clone(), reason: reason.into() }
    }

    /// Starts a child and waits until it listens. Gives its port, and its output to be read until it ends.
    fn start(&self, port: u16) -> Result<(u16, BufReader<ChildStdout>), BrokerError> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).args(["--port", &port.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        // In a group of its own: Ctrl-C in a terminal goes to the whole group, and the broker must outlive the farewells of
        // its clients.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        // Held until the child can be found: whoever ends us in between would miss it and wait for it for ever.
        let mut life = self.life();
        if life.stopping {
            return Err(self.not_up("it is no longer wanted"));
        }
        let mut child =
            command.spawn().map_err(|source| BrokerError::Spawn { program: self.program.clone(), source })?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        life.running = Some(Running { child, stdin });
        drop(life);
        let outcome = stdout.ok_or_else(|| self.not_up("it has no output")).and_then(|out| self.greeted(out));
        if outcome.is_err() {
            self.kill();
        }
        outcome
    }

    /// Waits for the greeting. A thread reads, because a pipe knows no timeout.
    fn greeted(&self, stdout: ChildStdout) -> Result<(u16, BufReader<ChildStdout>), BrokerError> {
        let (tell, told) = channel();
        std::thread::Builder::new().name("broker greeting".to_owned()).spawn(move || {
            let mut reader = BufReader::new(stdout);
            let mut line = String::new();
            let result = reader.read_line(&mut line).map(|_| (line, reader));
            // Nobody waits any more: the child was too slow.
            let _ = tell.send(result);
        })?;
        let (line, reader) = match told.recv_timeout(START) {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => return Err(self.not_up(error.to_string())),
            Err(_) => return Err(self.not_up(format!("it did not listen within {} s", START.as_secs()))),
        };
        let address = line.trim().strip_prefix(GREETING).and_then(|address| address.parse::<SocketAddr>().ok());
        match address {
            Some(address) if address.port() != 0 => Ok((address.port(), reader)),
            _ if line.is_empty() => Err(self.not_up("it ended at once; its last words are on standard error")),
            _ => Err(self.not_up(format!("it said {:?}", line.trim().chars().take(80).collect::<String>()))),
        }
    }

    /// Ends the child, and no other one is started.
    fn stop(&self) {
        self.life().stopping = true;
        self.kill();
    }

    /// Ends the child, if there is one, and waits for it.
    fn kill(&self) {
        let Some(mut running) = self.life().running.take() else { return };
        drop(running.stdin.take());
        let patience = Instant::now() + Duration::from_millis(500);
        while Instant::now() < patience {
            if matches!(running.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        // It does not leave by itself. Errors mean that it is gone.
        let _ = running.child.kill();
        let _ = running.child.wait();
    }
}

impl Supervisor {
    /// Starts `program` with `args` and `--port N`; it must call [`run_child`] with that port. Returns when it listens,
    /// on any free port.
    ///
    /// # Errors
    /// The program cannot be started or does not listen within 10 s.
    pub fn spawn(program: PathBuf, args: Vec<String>) -> Result<Self, BrokerError> {
        Self::spawn_on(program, args, 0)
    }

    /// Like [`Supervisor::spawn`], on a port of the caller's choice.
    ///
    /// # Errors
    /// The program cannot be started or does not listen on that port within 10 s.
    pub fn spawn_on(program: PathBuf, args: Vec<String>, port: u16) -> Result<Self, BrokerError> {
        let shared = Arc::new(Shared { program, args, life: Mutex::default(), restarts: AtomicU64::new(0) });
        let (port, output) = shared.start(port)?;
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name("broker supervisor".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || {
                let mut output = Some(output);
                let mut wait = FIRST_WAIT;
                loop {
                    if let Some(reader) = output.take() {
                        let started = Instant::now();
                        drain(reader);
                        if started.elapsed() > MOST_WAIT {
                            wait = FIRST_WAIT;
                        }
                    }
                    shared.kill();
                    match stopped.recv_timeout(wait) {
                        Err(RecvTimeoutError::Timeout) => {}
                        Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
                    }
                    wait = (wait * 2).min(MOST_WAIT);
                    tracing::warn!(port, "the embedded broker ended and is started again");
                    match shared.start(port) {
                        Ok((_, reader)) => {
                            shared.restarts.fetch_add(1, Ordering::AcqRel);
                            output = Some(reader);
                        }
                        Err(_) if shared.life().stopping => return,
                        Err(error) => tracing::error!(%error, "the embedded broker did not come back"),
                    }
                }
            }
        })?;
        Ok(Self { shared, port, stop: Some(stop), thread: Some(thread) })
    }

    /// Where clients connect: `mqtt://127.0.0.1:PORT`. The same for the life of the supervisor.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the child, if it runs.
    #[must_use]
    pub fn child_id(&self) -> Option<u32> {
        self.shared.life().running.as_ref().map(|running| running.child.id())
    }

    /// How often the broker was started again.
    #[must_use]
    pub fn restarts(&self) -> u64 {
        self.shared.restarts.load(Ordering::Acquire)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        drop(self.stop.take());
        // The supervisor reads the child's output: it goes on when the child ends.
        self.shared.stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads until the child ends. It says nothing more; the end is the news.
fn drain(mut reader: BufReader<ChildStdout>) {
    let _ = std::io::copy(&mut reader, &mut std::io::sink());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_of_the_hidden_subcommand() {
        let port = |args: &[&str]| port_from_args(args.iter().map(|arg| (*arg).to_owned()));
        assert_eq!(port(&[]), Ok(0));
        assert_eq!(port(&["--port", "1883"]), Ok(1883));
        for wrong in [&["--port"][..], &["--port", "x"], &["--port", "70000"], &["1883"], &["--port", "1", "2"]] {
            assert!(port(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn nothing_is_written_to_disk_and_nothing_but_loopback_is_bound() {
        let config = config(0);
        assert!(matches!(config.storage_config.backend, StorageBackendType::Memory));
        assert!(config.bind_addresses.iter().all(|address| address.ip().is_loopback()));
        assert!(config.tls_config.is_none() && config.websocket_config.is_none() && config.bridges.is_empty());
    }

    #[test]
    fn a_supervisor_that_ends_starts_nothing_more() {
        let shared = Shared {
            program: PathBuf::from("/bin/cat"),
            args: Vec::new(),
            life: Mutex::default(),
            restarts: AtomicU64::new(0),
        };
        shared.stop();
        let error = shared.start(0).expect_err("nothing is started").to_string();
        assert!(error.contains("no longer wanted"), "{error}");
        assert!(shared.life().running.is_none());
    }

    #[test]
    fn a_program_that_is_not_there_or_not_a_broker_is_an_error() {
        let missing = Supervisor::spawn(PathBuf::from("/nonexistent/broker"), Vec::new());
        assert!(matches!(missing, Err(BrokerError::Spawn { .. })));
        let silent = Supervisor::spawn(PathBuf::from("/bin/true"), Vec::new());
        assert!(matches!(silent, Err(BrokerError::NotUp { .. })));
        let other = Supervisor::spawn(PathBuf::from("/bin/echo"), vec!["hello".to_owned()]);
        let message = other.expect_err("not a broker").to_string();
        assert!(message.contains("hello"), "{message}");
    }
}
