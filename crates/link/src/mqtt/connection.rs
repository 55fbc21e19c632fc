//! One connection from its first packet to its last.
//!
//! The poll of the event loop is never cancelled: a cancelled read could lose an acknowledgement. Everything else happens
//! beside it. Messages are handed over when nothing more is ready, but at most every two milliseconds, so that a lone
//! message is not held up and a flood is handed over in large batches.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;
use twinscope_twin::state::LinkEvent;

use super::Control;
use super::client::{self, Client, Event, Full, Request, Version, Welcome};
use super::failure::Failure;
use super::outbox::Letter;
use super::run::Link;
use super::subscriptions::{OUTSTANDING, Subscriptions};
use crate::settings::Session;
use crate::sink::{Message, Receipt};

/// Messages in one batch at most.
const BATCH: usize = 1_024;
/// Bytes in one batch at most, as the sink counts them.
const BATCH_BYTES: usize = 4 << 20;
/// Batches are not handed over more often than this, unless they are full.
const SPACING: Duration = Duration::from_millis(2);
/// The broker must have answered all subscriptions within this time after the last answer.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(10);
/// Letters that may be unacknowledged; below the library's own limit, so that its queue never stalls on one letter.
const LETTERS_IN_FLIGHT: usize = 50;
/// How long a stop waits for letters on their way, and then for the goodbye.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a connection ended.
#[derive(Debug)]
pub(crate) enum End {
    /// We were told to stop.
    Stopped,
    /// It failed.
    Failed {
        failure: Failure,
        /// The broker had taken us.
        welcomed: bool,
    },
}

struct Connection<'a> {
    link: &'a mut Link,
    client: Client,
    welcome: Option<Welcome>,
    subscriptions: Subscriptions,
    /// All subscriptions were answered.
    live: bool,
    subscribe_by: Instant,
    batch: Vec<Message>,
    batch_bytes: usize,
    /// Packet ids in the batch that wait for its receipt.
    batch_ids: Vec<u16>,
    last_flush: Instant,
    manual_acks: bool,
    confirm: mpsc::UnboundedSender<u64>,
    confirmed: mpsc::UnboundedReceiver<u64>,
    /// Packet ids by batch, until the batch is confirmed.
    unconfirmed: BTreeMap<u64, Vec<u16>>,
    /// The sink had no room for a batch whose messages wait for their receipt.
    sink_full: bool,
    /// Acknowledgements that found the queue full.
    acknowledge: VecDeque<u16>,
    /// A message with QoS 0 that found the queue full.
    stalled: Option<(String, Bytes, bool)>,
    /// When we leave, once we were told to stop.
    leave_by: Option<Instant>,
    said_goodbye: bool,
}

/// Runs one connection.
pub(crate) async fn run(link: &mut Link, version: Version, fresh_session: bool) -> End {
    let (client, mut event_loop) = client::client(&link.settings, version, &link.client_id, fresh_session);
    let (confirm, confirmed) = mpsc::unbounded_channel();
    let now = Instant::now();
    let subscriptions = Subscriptions::new(&link.filters, link.settings.filters_per_subscribe);
    let manual_acks = matches!(link.settings.session, Session::Persistent { manual_acks: true, .. });
    let clock = link.clock;
    let mut connection = Connection {
        link,
        client,
        welcome: None,
        subscriptions,
        live: false,
        subscribe_by: now + SUBSCRIBE_TIMEOUT,
        batch: Vec::new(),
        batch_bytes: 0,
        batch_ids: Vec::new(),
        last_flush: now,
        manual_acks,
        confirm,
        confirmed,
        unconfirmed: BTreeMap::new(),
        sink_full: false,
        acknowledge: VecDeque::new(),
        stalled: None,
        leave_by: None,
        said_goodbye: false,
    };
    let end = loop {
        if let Err(end) = connection.turn() {
            break end;
        }
        let event = {
            let mut poll = std::pin::pin!(event_loop.poll(|| clock.now()));
            loop {
                if let Err(end) = connection.timers() {
                    break Err(end);
                }
                let wake = connection.next_wake();
                tokio::select! {
                    biased;
                    event = &mut poll => break event.map_err(|failure| connection.failed(failure)),
                    // Nothing more is ready: hand over what there is.
                    () = std::future::ready(()), if connection.can_flush() => connection.flush(),
                    changed = connection.link.stop.changed() => {
                        connection.leave(changed.is_err());
                    }
                    Some(batch) = connection.confirmed.recv() => connection.confirm(batch),
                    Some(control) = connection.link.requests.recv(), if connection.takes_requests() => {
                        connection.take(control);
                    }
                    () = tokio::time::sleep_until(wake) => {}
                }
                connection.pump();
            }
        };
        // One reading of the clocks for everything that came with it.
        let now = clock.now();
        let mut next = Some(event);
        let mut end = None;
        while let Some(event) = next {
            match event.and_then(|event| connection.handle(event)) {
                Ok(()) => next = event_loop.ready(|| now).map(Ok),
                Err(reason) => {
                    end = Some(reason);
                    break;
                }
            }
        }
        if let Some(end) = end {
            break end;
        }
    };
    connection.flush();
    // With QoS 0 this is what its name says: at most once.
    if connection.stalled.take().is_some() {
        connection.link.shared.dropped.fetch_add(1, Ordering::Relaxed);
    }
    end
}

impl Connection<'_> {
    fn failed(&self, failure: Failure) -> End {
        if self.said_goodbye {
            return End::Stopped;
        }
        End::Failed { failure, welcomed: self.welcome.is_some() }
    }

    /// What must happen even when the socket is never quiet.
    fn turn(&mut self) -> Result<(), End> {
        if self.leave_by.is_none() && *self.link.stop.borrow() {
            self.leave(false);
        }
        while let Ok(batch) = self.confirmed.try_recv() {
            self.confirm(batch);
        }
        for _ in 0..64 {
            if !self.takes_requests() {
                break;
            }
            match self.link.requests.try_recv() {
                Ok(control) => self.take(control),
                Err(_) => break,
            }
        }
        self.pump();
        self.timers()
    }

    /// Deadlines that have passed.
    fn timers(&mut self) -> Result<(), End> {
        let now = Instant::now();
        // In a flood the socket is never quiet; then this hands over what the select below would.
        if !self.batch.is_empty() && now >= self.last_flush + 2 * SPACING {
            self.flush();
        }
        if self.sink_full && self.leave_by.is_none() {
            // The broker sends again what was not acknowledged, but only on a new connection. To go on without would use up
            // what it sends unacknowledged, until it sends nothing more.
            let failure = Failure::Lost(
                "messages come faster than they are written; the broker is asked to send them again".to_owned(),
            );
            return Err(self.failed(failure));
        }
        if self.welcome.is_some() && !self.live && now >= self.subscribe_by {
            let failure = Failure::Lost("the broker does not answer our subscriptions".to_owned());
            return Err(self.failed(failure));
        }
        if self.link.outbox.next_deadline().is_some_and(|at| Instant::from_std(at) <= now) {
            self.flush();
            self.link.expire();
        }
        if let Some(by) = self.leave_by {
            if self.welcome.is_none() || now >= by {
                return Err(End::Stopped);
            }
            let on_its_way = self.live && (!self.link.outbox.is_empty() || self.owes_acknowledgements());
            if !self.said_goodbye && !on_its_way {
                self.goodbye();
            }
        }
        Ok(())
    }

    fn next_wake(&self) -> Instant {
        // An hour stands for never.
        let mut wake = Instant::now() + Duration::from_secs(3_600);
        if !self.batch.is_empty() {
            wake = wake.min(self.last_flush + SPACING);
        }
        if self.welcome.is_some() && !self.live {
            wake = wake.min(self.subscribe_by);
        }
        if let Some(deadline) = self.link.outbox.next_deadline() {
            wake = wake.min(Instant::from_std(deadline));
        }
        if let Some(by) = self.leave_by {
            wake = wake.min(by);
        }
        wake
    }

    fn can_flush(&self) -> bool {
        !self.batch.is_empty() && Instant::now() >= self.last_flush + SPACING
    }

    /// Hands the batch over.
    fn flush(&mut self) {
        if self.batch.is_empty() {
            return;
        }
        self.last_flush = Instant::now();
        let capacity = self.batch.len().clamp(16, BATCH);
        let messages = std::mem::replace(&mut self.batch, Vec::with_capacity(capacity));
        self.batch_bytes = 0;
        if !self.manual_acks {
            self.link.sink.messages(self.link.source, messages);
            return;
        }
        self.link.batch += 1;
        let (count, ids) = (messages.len(), std::mem::take(&mut self.batch_ids));
        let receipt = Receipt { batch: self.link.batch, confirmed: self.confirm.clone() };
        if self.link.sink.messages_with_receipt(self.link.source, messages, Some(receipt)) {
            self.unconfirmed.insert(self.link.batch, ids);
            return;
        }
        self.sink_full = true;
        // With QoS 0 nobody sends it again.
        let lost = count.saturating_sub(ids.len()) as u64;
        if lost > 0 {
            self.link.event(LinkEvent::Dropped { messages: lost });
        }
    }

    /// Tells something in its place in the order of messages.
    fn tell(&mut self, event: LinkEvent) {
        self.flush();
        self.link.event(event);
    }

    fn swarm(&mut self, message: String) {
        self.flush();
        self.link.swarm(message);
    }

    fn handle(&mut self, event: Event) -> Result<(), End> {
        match event {
            // Who says goodbye takes nothing more that the broker would keep.
            Event::Message { .. } if self.manual_acks && self.leave_by.is_some() => {}
            Event::Message { message, packet_id } => {
                self.batch_bytes += message.cost();
                self.batch.push(message);
                if self.manual_acks && packet_id != 0 {
                    self.batch_ids.push(packet_id);
                }
                if self.batch.len() >= BATCH || self.batch_bytes >= BATCH_BYTES {
                    self.flush();
                }
            }
            Event::Oversized { topic, bytes, packet_id } => {
                let limit = self.link.settings.max_packet;
                let topic = String::from_utf8_lossy(&topic).chars().take(120).collect::<String>();
                self.swarm(format!(
                    "a message of {bytes} bytes on {topic} was thrown away: the limit is {limit} (limits.packet)"
                ));
                self.tell(LinkEvent::Dropped { messages: 1 });
                if self.manual_acks && packet_id != 0 {
                    self.acknowledge.push_back(packet_id);
                }
            }
            Event::Connected(welcome) => self.welcomed(welcome)?,
            Event::Subscribed { packet_id, refused } => {
                self.subscribe_by = Instant::now() + SUBSCRIBE_TIMEOUT;
                for sentence in self.subscriptions.answered(packet_id, &refused) {
                    self.swarm(sentence);
                }
                self.check_live();
            }
            Event::Published { packet_id, refused } => {
                if let Some(letter) = self.link.outbox.answered(packet_id) {
                    match refused {
                        None => self.link.delivered(),
                        Some(reason) => {
                            self.flush();
                            self.link.failed(&letter.topic, &format!("the broker refused it: {reason}"));
                        }
                    }
                }
            }
            Event::Sent(Request::Publish { packet_id }) => {
                if packet_id != 0 {
                    self.link.outbox.sent(packet_id);
                }
            }
            Event::Sent(Request::Subscribe { packet_id }) => self.subscriptions.sent(packet_id),
            Event::Sent(Request::Disconnect) => return Err(End::Stopped),
            Event::Other => {}
        }
        Ok(())
    }

    fn welcomed(&mut self, welcome: Welcome) -> Result<(), End> {
        if welcome.keep_alive_s == Some(0) {
            // The library would ping without pause.
            return Err(self.failed(Failure::KeepAliveOff));
        }
        self.welcome = Some(welcome);
        self.subscribe_by = Instant::now() + SUBSCRIBE_TIMEOUT;
        self.pump();
        self.check_live();
        Ok(())
    }

    fn check_live(&mut self) {
        if !self.live && self.welcome.is_some() && self.subscriptions.done() {
            self.live = true;
            self.tell(LinkEvent::Live);
        }
    }

    /// Gives the connection what it has room for.
    fn pump(&mut self) {
        let Some(welcome) = self.welcome else { return };
        while let Some(packet_id) = self.acknowledge.pop_front() {
            if self.client.acknowledge(packet_id) == Err(Full) {
                self.acknowledge.push_front(packet_id);
                break;
            }
        }
        let persistent = matches!(self.link.settings.session, Session::Persistent { .. });
        let keep_retained = persistent && welcome.session_present;
        let most = welcome.receive_max.map_or(OUTSTANDING, |most| OUTSTANDING.min(usize::from(most)));
        self.subscriptions.pump(&self.client, self.link.settings.qos, keep_retained, most);
        if !self.live || self.said_goodbye {
            return;
        }
        let limit = self.outgoing_limit();
        while self.link.outbox.unacknowledged() < LETTERS_IN_FLIGHT {
            let Some(letter) = self.link.outbox.first() else { break };
            let size = Letter::packet_size(&letter.topic, &letter.payload);
            if size > limit {
                if let Some(letter) = self.link.outbox.discard_first() {
                    let reason = format!("it has {size} bytes and the broker takes at most {limit}");
                    self.link.failed(&letter.topic, &reason);
                }
                continue;
            }
            if self.client.publish(&letter.topic, &letter.payload, 1, letter.retain) == Err(Full) {
                break;
            }
            self.link.outbox.requested();
        }
        if let Some((topic, payload, retain)) = self.stalled.take()
            && self.client.publish(&topic, &payload, 0, retain) == Err(Full)
        {
            self.stalled = Some((topic, payload, retain));
        }
    }

    /// Largest packet that may go out.
    fn outgoing_limit(&self) -> usize {
        let own = self.link.settings.max_packet;
        let theirs = self.welcome.and_then(|welcome| welcome.max_packet).unwrap_or(u32::MAX);
        own.min(theirs) as usize
    }

    fn takes_requests(&self) -> bool {
        self.stalled.is_none() && !self.said_goodbye
    }

    fn take(&mut self, control: Control) {
        match control {
            Control::Now { topic, payload, retain } if self.live && self.stalled.is_none() => {
                if Letter::packet_size(&topic, &payload) > self.outgoing_limit() {
                    self.link.shared.dropped.fetch_add(1, Ordering::Relaxed);
                    self.swarm(format!("{topic} was not published: it is larger than the broker takes"));
                } else if self.client.publish(&topic, &payload, 0, retain) == Err(Full) {
                    self.stalled = Some((topic, payload, retain));
                }
            }
            other => self.link.take_offline(other),
        }
    }

    /// The batch is safe: its messages are acknowledged.
    fn confirm(&mut self, batch: u64) {
        // Batches of earlier connections are not in the map: their packet ids mean nothing here.
        self.acknowledge.extend(self.unconfirmed.remove(&batch).unwrap_or_default());
    }

    /// Batches wait for their receipt, or packet ids for room.
    fn owes_acknowledgements(&self) -> bool {
        !self.batch_ids.is_empty()
            || !self.acknowledge.is_empty()
            || self.unconfirmed.values().any(|ids| !ids.is_empty())
    }

    fn leave(&mut self, owner_gone: bool) {
        if self.leave_by.is_none() {
            self.flush();
            // What was given to us before we were told to stop is still sent.
            while let Ok(control) = self.link.requests.try_recv() {
                self.take(control);
            }
            let patience = if owner_gone { Duration::ZERO } else { FAREWELL };
            self.leave_by = Some(Instant::now() + patience);
        }
    }

    fn goodbye(&mut self) {
        self.flush();
        self.said_goodbye = true;
        self.client.disconnect();
    }
}
