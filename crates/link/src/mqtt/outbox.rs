//! What we publish and must not lose: kept until the broker has acknowledged it, over any number of reconnects, or until
//! its deadline.
//!
//! The library's own queue forgets what it holds when a connection ends; a message counts as sent only on its PUBACK.

use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

use bytes::Bytes;

/// One message to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub topic: String,
    pub payload: Bytes,
    pub retain: bool,
    pub deadline: Instant,
}

impl Letter {
    /// Bytes of the packet at most: fixed header, lengths, packet id and property length beside the content.
    pub(crate) fn packet_size(topic: &str, payload: &[u8]) -> usize {
        topic.len() + payload.len() + 16
    }
}

/// Letters by how far they have come.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    /// Not given to the connection.
    waiting: VecDeque<(u64, Letter)>,
    /// In the connection's queue, in order; no packet id yet.
    requested: VecDeque<(u64, Letter)>,
    /// Sent, by packet id.
    in_flight: BTreeMap<u16, (u64, Letter)>,
    next: u64,
}

impl Outbox {
    pub(crate) fn push(&mut self, letter: Letter) {
        self.waiting.push_back((self.next, letter));
        self.next += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.unacknowledged() == 0
    }

    /// Letters that the connection has and the broker has not acknowledged.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.requested.len() + self.in_flight.len()
    }

    /// The next letter that the connection should get.
    pub(crate) fn first(&self) -> Option<&Letter> {
        self.waiting.front().map(|(_, letter)| letter)
    }

    /// The connection has taken the first letter.
    pub(crate) fn requested(&mut self) {
        self.requested.extend(self.waiting.pop_front());
    }

    /// The first letter cannot be sent at all.
    pub(crate) fn discard_first(&mut self) -> Option<Letter> {
        self.waiting.pop_front().map(|(_, letter)| letter)
    }

    /// The oldest requested letter was sent under this packet id.
    pub(crate) fn sent(&mut self, packet_id: u16) {
        if let Some(entry) = self.requested.pop_front() {
            self.in_flight.insert(packet_id, entry);
        }
    }

    /// The broker has answered. `None`: nobody waits for that any more.
    pub(crate) fn answered(&mut self, packet_id: u16) -> Option<Letter> {
        self.in_flight.remove(&packet_id).map(|(_, letter)| letter)
    }

    /// The connection is gone: everything unacknowledged is sent again on the next one, in the old order.
    pub(crate) fn connection_lost(&mut self) {
        let mut back: Vec<_> =
            self.requested.drain(..).chain(std::mem::take(&mut self.in_flight).into_values()).collect();
        back.sort_unstable_by_key(|(number, _)| *number);
        for entry in back.into_iter().rev() {
            self.waiting.push_front(entry);
        }
    }

    /// Takes out what is past its deadline. What is in the connection's queue stays until it has a packet id.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Letter> {
        let mut over = Vec::new();
        // Deadlines grow with the order of arrival.
        while self.waiting.front().is_some_and(|(_, letter)| letter.deadline <= now) {
            over.extend(self.waiting.pop_front().map(|(_, letter)| letter));
        }
        over.extend(
            self.in_flight.extract_if(.., |_, (_, letter)| letter.deadline <= now).map(|(_, (_, letter))| letter),
        );
        over
    }

    /// When something may next be past its deadline.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let waiting = self.waiting.front().map(|(_, letter)| letter.deadline);
        self.in_flight.values().map(|(_, letter)| letter.deadline).chain(waiting).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn letter(topic: &str, deadline: Instant) -> Letter {
        Letter { topic: topic.to_owned(), payload: Bytes::new(), retain: false, deadline }
    }

    fn filled(topics: &[&str]) -> (Outbox, Instant) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let mut outbox = Outbox::default();
        for topic in topics {
            outbox.push(letter(topic, deadline));
        }
        (outbox, deadline)
    }

    fn waiting(outbox: &Outbox) -> Vec<&str> {
        outbox.waiting.iter().map(|(_, letter)| letter.topic.as_str()).collect()
    }

    #[test]
    fn only_an_answer_empties_it() {
        let (mut outbox, _) = filled(&["a"]);
        outbox.requested();
        assert!(!outbox.is_empty());
        outbox.sent(7);
        assert!(!outbox.is_empty());
        assert_eq!(outbox.answered(8), None);
        assert_eq!(outbox.answered(7).map(|letter| letter.topic).as_deref(), Some("a"));
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_lost_connection_gives_everything_unanswered_back_in_order() {
        let (mut outbox, _) = filled(&["a", "b", "c", "d", "e"]);
        for _ in 0..4 {
            outbox.requested();
        }
        outbox.sent(9);
        outbox.sent(3);
        outbox.sent(5);
        outbox.answered(3);
        outbox.connection_lost();
        assert_eq!(waiting(&outbox), ["a", "c", "d", "e"]);
        assert_eq!(outbox.answered(9), None, "an answer of the old connection means nothing");
    }

    #[test]
    fn deadlines_end_waiting_and_sent_letters() {
        let (mut outbox, deadline) = filled(&["a", "b"]);
        outbox.requested();
        outbox.sent(1);
        assert_eq!(outbox.next_deadline(), Some(deadline));
        assert!(outbox.expire(deadline - Duration::from_millis(1)).is_empty());
        let over: Vec<_> = outbox.expire(deadline).into_iter().map(|letter| letter.topic).collect();
        assert_eq!(over, ["b", "a"]);
        assert!(outbox.is_empty() && outbox.next_deadline().is_none());
    }
}
