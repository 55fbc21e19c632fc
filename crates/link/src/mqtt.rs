//! One MQTT connection, kept alive on a thread of its own: receives into a [`Sink`], publishes through an outbox.
//!
//! The thread never decodes, never blocks, and never stops polling: pings would stop too. Connection, back-off,
//! subscriptions and the outbox are ours; the library (rumqttc) keeps the protocol.
//!
//! What the person reads of it comes as [`LinkEvent`]s: connecting, live, lost and why, refused and what to do about it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::{mpsc, watch};
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::LinkEvent;

use crate::settings::Settings;
use crate::sink::Sink;

mod backoff;
mod client;
mod connection;
mod failure;
mod outbox;
mod run;
mod subscriptions;
mod troubles;

use outbox::Letter;

/// Letters that may wait in the outbox of a link.
pub const OUTBOX: usize = 1_000;
/// Messages with QoS 0 that may wait for the thread.
const UNACKNOWLEDGED: usize = 4_096;

/// What other threads ask of the link's thread.
enum Control {
    /// Into the outbox.
    Letter(Letter),
    /// With QoS 0, if there is a connection.
    Now { topic: String, payload: Bytes, retain: bool },
    /// A defect, to see what becomes of it.
    #[cfg(test)]
    Panic,
}

/// What all handles of a link share.
#[derive(Debug, Default)]
struct Shared {
    waiting: AtomicUsize,
    delivered: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

/// How the outbox of a link is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxStatus {
    /// Letters that the broker has not acknowledged yet.
    pub waiting: usize,
    /// Letters that the broker has acknowledged.
    pub delivered: u64,
    /// Letters that were refused by the broker or missed their deadline. Each was told as trouble.
    pub failed: u64,
    /// Messages with QoS 0 that found no connection or no room.
    pub dropped: u64,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The outbox is full.
    #[error("{OUTBOX} messages wait for the broker already; is it connected?")]
    Full,
    /// One large message would end the connection.
    #[error("the message has {bytes} bytes, above the limit of {limit}; raise limits.packet of the source")]
    TooLarge {
        /// Size of the packet, bytes.
        bytes: usize,
        /// Limit, bytes.
        limit: usize,
    },
    /// Not a topic that can be published to.
    #[error("\"{0}\" is not a topic: it must not be empty, hold +, # or a NUL, or be longer than 65,535 bytes")]
    Topic(String),
    /// The link has ended.
    #[error("the link has ended")]
    Stopped,
}

/// The thread could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the link's thread could not be started: {0}; the system is out of threads, files or memory")]
pub struct SpawnError(#[from] std::io::Error);

/// A running link. Dropping it says goodbye to the broker and ends the thread.
#[derive(Debug)]
pub struct MqttLink {
    publisher: Publisher,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

/// Publishes through a link. Clones are cheap and outlive the link (then they publish nothing).
#[derive(Clone, Debug)]
pub struct Publisher {
    control: mpsc::Sender<Control>,
    shared: Arc<Shared>,
    limit: usize,
    deadline: Duration,
}

/// Starts a link. Messages and events go to `sink`, under `source`.
///
/// # Errors
/// The system gives no thread.
pub fn spawn(settings: Settings, filters: Vec<String>, sink: Sink, source: SourceRow) -> Result<MqttLink, SpawnError> {
    let (control, requests) = mpsc::channel(UNACKNOWLEDGED + OUTBOX);
    let (stop, stopped) = watch::channel(false);
    let shared = Arc::new(Shared::default());
    let publisher = Publisher {
        control,
        shared: Arc::clone(&shared),
        limit: settings.max_packet as usize,
        deadline: settings.outbox_deadline,
    };
    // The runtime is made here so that its failure is an error and not a thread that dies at once.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let name = format!("link {}", source.0);
    let first_wait = settings.backoff.first;
    let thread = std::thread::Builder::new().name(name).spawn(move || {
        let mut link = run::Link::new(settings, filters, sink.clone(), source, shared, requests, stopped);
        while std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(link.run()))).is_err() {
            tracing::error!(source = source.0, "the link failed and starts again; please report this");
            let reason = "the link failed inside and starts again; this is a defect, please report it".to_owned();
            sink.event(source, LinkEvent::Lost { reason });
            link.after_panic();
            std::thread::sleep(first_wait);
        }
        // A name that is still being looked up must not hold up whoever waits for this thread.
        runtime.shutdown_background();
    })?;
    Ok(MqttLink { publisher, stop, thread: Some(thread) })
}

impl MqttLink {
    /// Puts a message into the outbox, to be published with QoS 1.
    ///
    /// # Errors
    /// The outbox is full, the message too large, or the topic not a topic.
    pub fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), PublishError> {
        self.publisher.publish(topic, payload, retain)
    }

    /// A handle that publishes, for other threads.
    #[must_use]
    pub fn publisher(&self) -> Publisher {
        self.publisher.clone()
    }

    /// How the outbox is doing.
    #[must_use]
    pub fn outbox(&self) -> OutboxStatus {
        self.publisher.outbox()
    }

    /// Says goodbye and ends the thread; letters that are on their way get up to two seconds. Dropping does the same.
    pub fn stop(mut self) {
        self.end();
    }

    /// Asks the link to end, without waiting for it.
    pub fn ask_to_stop(&self) {
        // The thread may have ended already.
        let _ = self.stop.send(true);
    }

    /// Whether the thread has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn end(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for MqttLink {
    fn drop(&mut self) {
        self.end();
    }
}

impl Publisher {
    /// Puts a message into the outbox, to be published with QoS 1. It is kept over reconnects and counts as delivered only
    /// when the broker has acknowledged it; after its deadline (30 s) it is given up and told as trouble.
    ///
    /// # Errors
    /// The outbox is full, the message too large, or the topic not a topic.
    pub fn publish(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), PublishError> {
        let payload = payload.into();
        self.check(topic, &payload)?;
        let waiting = &self.shared.waiting;
        let room = |count: usize| (count < OUTBOX).then_some(count + 1);
        waiting.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).map_err(|_| PublishError::Full)?;
        let letter = Letter { topic: topic.to_owned(), payload, retain, deadline: Instant::now() + self.deadline };
        self.control.try_send(Control::Letter(letter)).map_err(|error| {
            waiting.fetch_sub(1, Ordering::AcqRel);
            match error {
                mpsc::error::TrySendError::Full(_) => PublishError::Full,
                mpsc::error::TrySendError::Closed(_) => PublishError::Stopped,
            }
        })
    }

    /// Publishes with QoS 0: gone if there is no connection now. For telemetry that the next sample replaces.
    ///
    /// # Errors
    /// The message is too large, the topic not a topic, or too many messages wait (then it is counted as dropped).
    pub fn publish_now(&self, topic: &str, payload: impl Into<Bytes>, retain: bool) -> Result<(), PublishError> {
        let payload = payload.into();
        self.check(topic, &payload)?;
        self.control.try_send(Control::Now { topic: topic.to_owned(), payload, retain }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
                PublishError::Full
            }
            mpsc::error::TrySendError::Closed(_) => PublishError::Stopped,
        })
    }

    /// The way out for what commands make the twin publish; give it to [`crate::core::CoreHandle::on_outgoing`].
    #[must_use]
    pub fn route(self) -> crate::core::Route {
        Box::new(move |outgoing| {
            self.publish(&outgoing.topic, outgoing.payload, outgoing.retain).map_err(|error| error.to_string())
        })
    }

    /// How long a message may wait in the outbox.
    pub(crate) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// How the outbox is doing.
    #[must_use]
    pub fn outbox(&self) -> OutboxStatus {
        OutboxStatus {
            waiting: self.shared.waiting.load(Ordering::Acquire),
            delivered: self.shared.delivered.load(Ordering::Acquire),
            failed: self.shared.failed.load(Ordering::Acquire),
            dropped: self.shared.dropped.load(Ordering::Acquire),
        }
    }

    fn check(&self, topic: &str, payload: &Bytes) -> Result<(), PublishError> {
        if topic.is_empty() || topic.len() > 65_535 || topic.contains(['+', '#', '\0']) {
            return Err(PublishError::Topic(topic.chars().take(80).collect()));
        }
        let bytes = Letter::packet_size(topic, payload);
        if bytes > self.limit {
            return Err(PublishError::TooLarge { bytes, limit: self.limit });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::{self, Item, Limits, Received};

    #[test]
    fn a_link_that_panics_is_lost_and_starts_again_with_its_outbox() {
        let (sink, receiver) = sink::channel(Limits::default());
        // Nothing listens on port 1 of this machine.
        let settings = Settings::plain("mqtt://127.0.0.1:1").expect("settings");
        let link = spawn(settings, Vec::new(), sink, SourceRow(0)).expect("a link");
        link.publish("a", "x", false).expect("taken");
        link.publisher.control.try_send(Control::Panic).expect("sent");
        let mut panics = 0;
        let mut starts = 0;
        while panics == 0 || starts < 2 {
            match receiver.recv(Duration::from_secs(30)) {
                Received::Item(Item::Link { event: LinkEvent::Connecting, .. }) => starts += 1,
                Received::Item(Item::Link { event: LinkEvent::Lost { reason }, .. }) => {
                    panics += usize::from(reason.contains("defect"));
                }
                Received::Item(_) => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(link.outbox().waiting, 1);
    }
}
