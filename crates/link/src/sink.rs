//! The bounded queue between whoever receives (links, the simulator, a replay) and whoever works (core, recorder).
//!
//! Senders never wait. When the queue is full, a batch is dropped whole and counted by source; the count is handed to the
//! receiver ahead of whatever comes next from that source, so that nothing is lost without a trace. A batch with a receipt
//! is not lost: its sender has it sent again.
//! What a link tells about itself keeps its place in the order of messages and is never dropped.
//!
//! Not a channel of a library, because of that order, of the count by source, and of the cap in bytes.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use twinscope_twin::command::Command;
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::{LinkEvent, RawMessage};
use twinscope_twin::time::Now;

/// One message as it was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Topic; MQTT demands UTF-8, but not every broker does.
    pub topic: Bytes,
    /// Payload.
    pub payload: Bytes,
    /// When it was received.
    pub received: Now,
    /// The broker had kept it from before we subscribed.
    pub retained: bool,
}

impl Message {
    /// Book-keeping that each message costs beside its bytes, for the cap in bytes.
    const OVERHEAD: usize = 128;

    /// What the message counts against the cap, bytes.
    #[must_use]
    pub fn cost(&self) -> usize {
        self.topic.len() + self.payload.len() + Self::OVERHEAD
    }

    /// The message as the twin reads it.
    #[must_use]
    pub fn as_raw(&self) -> RawMessage<'_> {
        RawMessage { topic: &self.topic, payload: &self.payload, received: self.received, retained: self.retained }
    }
}

/// How much may wait in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Batches of messages.
    pub batches: usize,
    /// Bytes, as [`Message::cost`] counts them.
    pub bytes: usize,
    /// Commands.
    pub commands: usize,
}

impl Default for Limits {
    /// 1,024 batches and 64 MiB: some seconds of 100,000 messages per second.
    fn default() -> Self {
        Self { batches: 1_024, bytes: 64 << 20, commands: 256 }
    }
}

/// Link events that wait before further trouble is left out: a receiver that hangs must not eat the memory.
const UNREAD: usize = 4_096;

/// What the receiver gets.
#[derive(Debug)]
pub enum Item {
    /// Messages of one source, in the order of receipt.
    Messages {
        /// The source.
        source: SourceRow,
        /// The messages.
        messages: Vec<Message>,
        /// To be confirmed when the messages are safe, if the link waits for that.
        receipt: Option<Receipt>,
    },
    /// What a link tells about itself, or how many messages of it were dropped here.
    Link {
        /// The source.
        source: SourceRow,
        /// What it tells.
        event: LinkEvent,
    },
    /// A command of a person.
    Command(Command),
}

/// Confirms to a link that the messages of one batch are safe, so that it acknowledges them to the broker.
/// Dropping it without [`Receipt::confirm`] leaves them unacknowledged: the broker sends them again after a reconnect.
#[derive(Debug)]
pub struct Receipt {
    pub(crate) batch: u64,
    pub(crate) confirmed: tokio::sync::mpsc::UnboundedSender<u64>,
}

impl Receipt {
    /// The messages are on disk.
    pub fn confirm(self) {
        // An error means that the link has ended: there is nobody left to tell.
        let _ = self.confirmed.send(self.batch);
    }
}

/// The sending end. Clone it for every source.
#[derive(Clone, Debug)]
pub struct Sink {
    queue: Arc<Queue>,
}

/// The receiving end.
#[derive(Debug)]
pub struct Receiver {
    queue: Arc<Queue>,
}

#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
    limits: Limits,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    batches: usize,
    bytes: usize,
    commands: usize,
    links: usize,
    /// By source: messages dropped and not yet told.
    dropped: BTreeMap<SourceRow, u64>,
    /// The receiver is gone, or was told to stop.
    closed: bool,
    nudged: bool,
}

/// A queue with these limits.
#[must_use]
pub fn channel(limits: Limits) -> (Sink, Receiver) {
    let queue = Arc::new(Queue { state: Mutex::default(), changed: Condvar::new(), limits });
    (Sink { queue: Arc::clone(&queue) }, Receiver { queue })
}

impl Queue {
    /// A panic while the lock was held leaves a queue that is still whole: every change is one push or one pop.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sink {
    /// Hands over messages of one source. `false`: the queue was full, the batch is dropped and counted.
    pub fn messages(&self, source: SourceRow, messages: Vec<Message>) -> bool {
        self.messages_with_receipt(source, messages, None)
    }

    /// With a receipt, a batch that is refused is not counted: that is for the sender, who knows what comes again.
    pub(crate) fn messages_with_receipt(
        &self,
        source: SourceRow,
        messages: Vec<Message>,
        receipt: Option<Receipt>,
    ) -> bool {
        if messages.is_empty() {
            return true;
        }
        let bytes: usize = messages.iter().map(Message::cost).sum();
        let limits = self.queue.limits;
        let mut state = self.queue.lock();
        let fits = !state.closed
            && state.batches < limits.batches
            // A batch larger than the whole cap still passes through an empty queue: it must not block for ever.
            && (state.bytes.saturating_add(bytes) <= limits.bytes || state.bytes == 0);
        if fits {
            // Not swallowed by a queue that found room again: the loss comes first, in order.
            if let Some(messages) = state.dropped.remove(&source) {
                state.links += 1;
                state.items.push_back(Item::Link { source, event: LinkEvent::Dropped { messages } });
            }
            state.batches += 1;
            state.bytes += bytes;
            state.items.push_back(Item::Messages { source, messages, receipt });
        } else if receipt.is_none() {
            let lost = u64::try_from(messages.len()).unwrap_or(u64::MAX);
            let count = state.dropped.entry(source).or_default();
            *count = count.saturating_add(lost);
        }
        drop(state);
        self.queue.changed.notify_one();
        fits
    }

    /// Says what happens to a link. Never dropped, but for trouble that nobody has read thousands of before.
    pub fn event(&self, source: SourceRow, event: LinkEvent) {
        let mut state = self.queue.lock();
        let unread = state.links >= UNREAD && matches!(event, LinkEvent::Trouble { .. });
        if !state.closed && !unread {
            state.links += 1;
            state.items.push_back(Item::Link { source, event });
        }
        drop(state);
        self.queue.changed.notify_one();
    }

    /// Hands over a command. `false`: too many wait, it is not taken.
    pub fn command(&self, command: Command) -> bool {
        let mut state = self.queue.lock();
        let taken = !state.closed && state.commands < self.queue.limits.commands;
        if taken {
            state.commands += 1;
            state.items.push_back(Item::Command(command));
        }
        drop(state);
        self.queue.changed.notify_one();
        taken
    }

    /// Ends the receiver: what waits is still delivered, nothing new is taken.
    pub fn close(&self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
    }

    /// Makes a receiver that waits return early, with [`Received::Nothing`].
    pub fn nudge(&self) {
        self.queue.lock().nudged = true;
        self.queue.changed.notify_all();
    }
}

/// What came out of [`Receiver::recv`].
#[derive(Debug)]
pub enum Received {
    /// The next item.
    Item(Item),
    /// The time is over, or someone nudged.
    Nothing,
    /// The queue is closed and empty.
    Closed,
}

impl Receiver {
    /// The next item, within `timeout`.
    pub fn recv(&self, timeout: Duration) -> Received {
        let deadline = Instant::now().checked_add(timeout);
        let mut state = self.queue.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                match &item {
                    Item::Messages { messages, .. } => {
                        state.batches = state.batches.saturating_sub(1);
                        let bytes: usize = messages.iter().map(Message::cost).sum();
                        state.bytes = state.bytes.saturating_sub(bytes);
                    }
                    Item::Command(_) => state.commands = state.commands.saturating_sub(1),
                    Item::Link { .. } => state.links = state.links.saturating_sub(1),
                }
                return Received::Item(item);
            }
            // The queue is empty: whatever was dropped and not followed by anything is told now.
            if let Some((source, messages)) = state.dropped.pop_first() {
                return Received::Item(Item::Link { source, event: LinkEvent::Dropped { messages } });
            }
            if state.closed {
                return Received::Closed;
            }
            if std::mem::take(&mut state.nudged) {
                return Received::Nothing;
            }
            let left = deadline.map_or(Duration::from_secs(3_600), |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return Received::Nothing;
            }
            state = self.queue.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.closed = true;
        state.items.clear();
        state.bytes = 0;
        state.batches = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: SourceRow = SourceRow(0);
    const B: SourceRow = SourceRow(1);
    const SOON: Duration = Duration::from_millis(1);

    fn message(bytes: usize) -> Message {
        Message {
            topic: Bytes::from_static(b"t"),
            payload: Bytes::from(vec![0; bytes]),
            received: Now::default(),
            retained: false,
        }
    }

    /// `3` messages of source 0, `-3` dropped of source 0, `live` of source 0, …
    fn drain(receiver: &Receiver) -> Vec<(u32, String)> {
        let mut seen = Vec::new();
        while let Received::Item(item) = receiver.recv(SOON) {
            seen.push(match item {
                Item::Messages { source, messages, .. } => (source.0, messages.len().to_string()),
                Item::Link { source, event: LinkEvent::Dropped { messages } } => (source.0, format!("-{messages}")),
                Item::Link { source, .. } => (source.0, "link".to_owned()),
                Item::Command(_) => (u32::MAX, "command".to_owned()),
            });
        }
        seen
    }

    fn seen(expected: &[(u32, &str)]) -> Vec<(u32, String)> {
        expected.iter().map(|(source, what)| (*source, (*what).to_owned())).collect()
    }

    #[test]
    fn batches_beyond_the_count_are_dropped_and_counted_by_source() {
        let (sink, receiver) = channel(Limits { batches: 2, ..Limits::default() });
        assert!(sink.messages(A, vec![message(1)]));
        assert!(sink.messages(B, vec![message(1)]));
        assert!(!sink.messages(A, vec![message(1), message(1)]));
        assert!(!sink.messages(B, vec![message(1)]));
        assert!(!sink.messages(A, vec![message(1)]));
        assert_eq!(drain(&receiver), seen(&[(0, "1"), (1, "1"), (0, "-3"), (1, "-1")]));
    }

    #[test]
    fn a_loss_is_told_before_the_next_batch_of_that_source() {
        let (sink, receiver) = channel(Limits { batches: 1, ..Limits::default() });
        sink.messages(A, vec![message(1)]);
        sink.messages(A, vec![message(1)]);
        assert!(matches!(receiver.recv(SOON), Received::Item(Item::Messages { .. })));
        sink.messages(A, vec![message(1); 7]);
        assert_eq!(drain(&receiver), seen(&[(0, "-1"), (0, "7")]));
    }

    #[test]
    fn the_cap_in_bytes_holds_and_is_freed() {
        let cost = message(1_000).cost();
        let (sink, receiver) = channel(Limits { bytes: 2 * cost, ..Limits::default() });
        assert!(sink.messages(A, vec![message(1_000)]));
        assert!(sink.messages(A, vec![message(1_000)]));
        assert!(!sink.messages(A, vec![message(1)]));
        assert_eq!(drain(&receiver).len(), 3);
        assert!(sink.messages(A, vec![message(1_000)]));
    }

    #[test]
    fn a_batch_above_the_cap_passes_an_empty_queue() {
        let (sink, receiver) = channel(Limits { bytes: 10, ..Limits::default() });
        assert!(sink.messages(A, vec![message(1_000)]));
        assert!(!sink.messages(A, vec![message(1)]));
        assert_eq!(drain(&receiver).len(), 2);
    }

    #[test]
    fn link_events_are_never_dropped_and_keep_their_place() {
        let (sink, receiver) = channel(Limits { batches: 1, ..Limits::default() });
        sink.event(A, LinkEvent::Live);
        sink.messages(A, vec![message(1)]);
        sink.event(A, LinkEvent::Lost { reason: String::new() });
        assert_eq!(drain(&receiver), seen(&[(0, "link"), (0, "1"), (0, "link")]));
    }

    #[test]
    fn trouble_that_nobody_reads_is_bounded_and_a_change_of_state_still_passes() {
        let (sink, receiver) = channel(Limits::default());
        for _ in 0..10_000 {
            sink.event(A, LinkEvent::Trouble { message: String::new() });
        }
        sink.event(A, LinkEvent::Live);
        assert_eq!(drain(&receiver).len(), UNREAD + 1);
    }

    #[test]
    fn commands_are_bounded() {
        let (sink, receiver) = channel(Limits { commands: 2, ..Limits::default() });
        let select = || Command::Select(None);
        assert!(sink.command(select()) && sink.command(select()));
        assert!(!sink.command(select()));
        assert_eq!(drain(&receiver).len(), 2);
        assert!(sink.command(select()));
    }

    #[test]
    fn a_closed_queue_delivers_what_waits_and_takes_no_more() {
        let (sink, receiver) = channel(Limits::default());
        sink.messages(A, vec![message(1)]);
        sink.close();
        assert!(!sink.command(Command::Select(None)));
        assert!(matches!(receiver.recv(SOON), Received::Item(_)));
        assert!(matches!(receiver.recv(SOON), Received::Closed));
    }

    #[test]
    fn a_nudge_wakes_a_receiver_once() {
        let (sink, receiver) = channel(Limits::default());
        sink.nudge();
        assert!(matches!(receiver.recv(Duration::from_secs(60)), Received::Nothing));
    }

    #[test]
    fn senders_of_a_receiver_that_is_gone_lose_their_batches_and_nothing_else() {
        let (sink, receiver) = channel(Limits::default());
        drop(receiver);
        assert!(!sink.messages(A, vec![message(1)]));
        sink.event(A, LinkEvent::Live);
    }
}
