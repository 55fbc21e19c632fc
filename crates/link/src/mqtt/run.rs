//! The life of a link: connect, stay, wait, connect again; and which failures are worth what.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use twinscope_twin::site::{Protocol, SourceRow};
use twinscope_twin::state::LinkEvent;

use super::backoff::{Waits, entropy};
use super::client::Version;
use super::connection::{self, End};
use super::failure::Failure;
use super::outbox::Outbox;
use super::troubles::Troubles;
use super::{Control, Shared, subscriptions};
use crate::clock::Clock;
use crate::settings::{Session, Settings};
use crate::sink::Sink;

/// After this many connections that ended over a message that is too large, a persistent session is given up: the broker
/// would send the same message for ever.
const POISONED: u32 = 3;

/// Everything that outlives a connection.
pub(crate) struct Link {
    pub(super) settings: Settings,
    pub(super) filters: Vec<String>,
    pub(super) sink: Sink,
    pub(super) source: SourceRow,
    pub(super) shared: Arc<Shared>,
    pub(super) requests: mpsc::Receiver<Control>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) clock: Clock,
    pub(super) outbox: Outbox,
    pub(super) troubles: Troubles,
    pub(super) client_id: String,
    /// Number of the last batch that was handed over; receipts refer to it.
    pub(super) batch: u64,
    waits: Waits,
    version: Version,
    /// The broker has taken us with this version before.
    version_proven: bool,
    /// Connections in a row that ended over a message that is too large.
    oversized: u32,
    /// The next connection drops the broker's session.
    fresh_session: bool,
}

impl Link {
    pub(crate) fn new(
        settings: Settings,
        filters: Vec<String>,
        sink: Sink,
        source: SourceRow,
        shared: Arc<Shared>,
        requests: mpsc::Receiver<Control>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let client_id = match &settings.session {
            // 22 bytes: 3.1.1 brokers need not take more than 23.
            Session::Clean => format!("twinscope-{:012x}", entropy() & 0xffff_ffff_ffff),
            Session::Persistent { client_id, .. } => client_id.clone(),
        };
        let mut link = Self {
            waits: Waits::new(settings.backoff),
            version: if settings.protocol == Protocol::V311 { Version::V311 } else { Version::V5 },
            version_proven: false,
            settings,
            filters: Vec::new(),
            sink,
            source,
            shared,
            requests,
            stop,
            clock: Clock::new(),
            outbox: Outbox::default(),
            troubles: Troubles::default(),
            client_id,
            batch: 0,
            oversized: 0,
            fresh_session: false,
        };
        // One filter that is not valid would take the others of its packet with it.
        let (valid, invalid): (Vec<_>, Vec<_>) = filters.into_iter().partition(|filter| subscriptions::valid(filter));
        link.filters = valid;
        for filter in invalid {
            link.trouble(format!("{filter:?} is not a topic filter; it is left out"));
        }
        link
    }

    /// Runs until it is told to stop.
    pub(crate) async fn run(&mut self) {
        self.event(LinkEvent::Connecting);
        loop {
            let started = Instant::now();
            let end = connection::run(self, self.version, self.fresh_session).await;
            self.outbox.connection_lost();
            let (failure, welcomed) = match end {
                End::Stopped => break,
                End::Failed { failure, welcomed } => (failure, welcomed),
            };
            if welcomed {
                self.version_proven = true;
                self.fresh_session = false;
                self.waits.lasted(started.elapsed());
            }
            let wait = self.after(failure, welcomed);
            if !self.wait(wait).await {
                break;
            }
        }
        self.give_up();
    }

    /// Makes the link fit to run again after a panic in it.
    pub(crate) fn after_panic(&mut self) {
        self.outbox.connection_lost();
    }

    /// Says what happened and decides how long to wait.
    fn after(&mut self, failure: Failure, welcomed: bool) -> Duration {
        let address = self.settings.address.clone();
        let auto = self.settings.protocol == Protocol::Auto && !self.version_proven;
        if !matches!(failure, Failure::Oversized { .. }) {
            self.oversized = 0;
        }
        match failure {
            Failure::Lost(reason) => self.lost(format!("{address}: {reason}")),
            Failure::Silent(reason) => {
                if auto && !welcomed {
                    // Some brokers without version 5 hang up, or wait for more, instead of answering.
                    self.version = other(self.version);
                }
                let hint = if self.settings.protocol == Protocol::V5 && !welcomed {
                    "; if it does not speak MQTT 5, use protocol = \"auto\""
                } else {
                    ""
                };
                self.lost(format!("{address}: {reason}{hint}"))
            }
            Failure::Refused(reason) => self.refused(&reason),
            Failure::Protocol(reason) => match (auto, self.version) {
                (true, Version::V5) => {
                    self.version = Version::V311;
                    Duration::ZERO
                }
                (true, Version::V311) => {
                    self.version = Version::V5;
                    self.refused("what answers there speaks neither MQTT 5 nor MQTT 3.1.1; check host and port")
                }
                (false, version) => {
                    let name = version.name();
                    self.refused(&format!("{reason}, and protocol allows only {name}; use protocol = \"auto\""))
                }
            },
            Failure::KeepAliveOff => {
                let what = "the broker switches keep-alive off for MQTT 5, which this client cannot do";
                if self.settings.protocol == Protocol::V5 {
                    return self.refused(&format!("{what}; use protocol = \"3.1.1\""));
                }
                self.version = Version::V311;
                self.trouble(format!("{what}; MQTT 3.1.1 is used instead"));
                Duration::ZERO
            }
            Failure::Oversized { bytes } => {
                self.oversized += 1;
                let limit = self.settings.max_packet;
                let what = format!("a message of {bytes} bytes is above the limit of {limit} (limits.packet)");
                let persistent = matches!(self.settings.session, Session::Persistent { .. });
                if persistent && self.oversized >= POISONED {
                    self.oversized = 0;
                    self.fresh_session = true;
                    self.trouble(format!("{what} and comes again and again; the stored session is dropped with it"));
                } else {
                    self.trouble(format!("{what}; the connection ended over it"));
                }
                self.lost(format!("{address}: {what}"))
            }
        }
    }

    fn lost(&mut self, reason: String) -> Duration {
        self.event(LinkEvent::Lost { reason });
        self.waits.next()
    }

    fn refused(&mut self, reason: &str) -> Duration {
        let wait = self.waits.refused();
        let reason = format!("{}: {reason} (tried again in {} s)", self.settings.address, wait.as_secs());
        self.event(LinkEvent::Refused { reason });
        wait
    }

    /// Lets time pass without a connection; letters are taken, other messages are lost. `false`: told to stop.
    async fn wait(&mut self, duration: Duration) -> bool {
        let until = Instant::now() + duration;
        loop {
            if *self.stop.borrow() {
                return false;
            }
            let deadline = self.outbox.next_deadline().map_or(until, |at| until.min(Instant::from_std(at)));
            tokio::select! {
                changed = self.stop.changed() => {
                    if changed.is_err() {
                        return false;
                    }
                }
                Some(control) = self.requests.recv() => self.take_offline(control),
                () = tokio::time::sleep_until(deadline) => {
                    self.expire();
                    if Instant::now() >= until {
                        return true;
                    }
                }
            }
        }
    }

    /// Takes a request while there is no connection.
    pub(super) fn take_offline(&mut self, control: Control) {
        match control {
            Control::Letter(letter) => self.outbox.push(letter),
            Control::Now { .. } => {
                self.shared.dropped.fetch_add(1, Ordering::Relaxed);
            }
            #[cfg(test)]
            Control::Panic => panic!("asked for by a test"),
        }
    }

    /// Gives up letters that are past their deadline.
    pub(super) fn expire(&mut self) {
        let seconds = self.settings.outbox_deadline.as_secs();
        for letter in self.outbox.expire(std::time::Instant::now()) {
            self.failed(&letter.topic, &format!("the broker did not take it within {seconds} s"));
        }
    }

    /// A letter will not be delivered.
    pub(super) fn failed(&mut self, topic: &str, reason: &str) {
        self.shared.failed.fetch_add(1, Ordering::AcqRel);
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
        self.swarm(format!("{topic} was not published: {reason}"));
    }

    pub(super) fn delivered(&self) {
        self.shared.delivered.fetch_add(1, Ordering::AcqRel);
        self.shared.waiting.fetch_sub(1, Ordering::AcqRel);
    }

    /// The link ends: what waits is not delivered, and that is counted.
    fn give_up(&mut self) {
        self.requests.close();
        while let Ok(control) = self.requests.try_recv() {
            self.take_offline(control);
        }
        while let Some(letter) = self.outbox.discard_first() {
            self.failed(&letter.topic, "the link was stopped before the broker took it");
        }
    }

    pub(super) fn event(&self, event: LinkEvent) {
        match &event {
            LinkEvent::Lost { reason } => tracing::warn!(source = self.source.0, reason, "link lost"),
            LinkEvent::Refused { reason } => tracing::error!(source = self.source.0, reason, "link refused"),
            LinkEvent::Live => {
                tracing::info!(source = self.source.0, address = %self.settings.address, mqtt = self.version.name(), "link live");
            }
            _ => {}
        }
        self.sink.event(self.source, event);
    }

    pub(super) fn trouble(&mut self, message: String) {
        tracing::warn!(source = self.source.0, message, "link trouble");
        self.sink.event(self.source, LinkEvent::Trouble { message });
    }

    /// Trouble that each of many messages can make.
    pub(super) fn swarm(&mut self, message: String) {
        if let Some(message) = self.troubles.tell(message, std::time::Instant::now()) {
            self.trouble(message);
        }
    }
}

const fn other(version: Version) -> Version {
    match version {
        Version::V311 => Version::V5,
        Version::V5 => Version::V311,
    }
}
