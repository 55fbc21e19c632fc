//! Subscribing, anew on every connection: a few filters per packet, a few packets at a time, each answer checked.

use std::collections::{BTreeMap, VecDeque};

use super::client::{Client, Full};

/// SUBSCRIBE packets that may be unanswered: enough to hide the round trip, few enough for small brokers.
pub(crate) const OUTSTANDING: usize = 16;

/// The subscriptions of one connection on their way.
#[derive(Debug)]
pub(crate) struct Subscriptions {
    waiting: VecDeque<Vec<String>>,
    requested: VecDeque<Vec<String>>,
    unanswered: BTreeMap<u16, Vec<String>>,
}

impl Subscriptions {
    pub(crate) fn new(filters: &[String], per_packet: usize) -> Self {
        Self {
            waiting: filters.chunks(per_packet.max(1)).map(<[String]>::to_vec).collect(),
            requested: VecDeque::new(),
            unanswered: BTreeMap::new(),
        }
    }

    /// Everything was answered.
    pub(crate) fn done(&self) -> bool {
        self.waiting.is_empty() && self.requested.is_empty() && self.unanswered.is_empty()
    }

    /// Hands the next packets to the connection, until `most` are unanswered. The library begins anew with its packet ids
    /// when it has used as many as the broker's receive maximum: more than that, and two packets would have the same.
    pub(crate) fn pump(&mut self, client: &Client, qos: u8, keep_retained: bool, most: usize) {
        while self.requested.len() + self.unanswered.len() < most.max(1) {
            let Some(filters) = self.waiting.pop_front() else { return };
            match client.subscribe(&filters, qos, keep_retained) {
                Ok(()) => self.requested.push_back(filters),
                Err(Full) => {
                    self.waiting.push_front(filters);
                    return;
                }
            }
        }
    }

    /// The oldest request was sent under this packet id.
    pub(crate) fn sent(&mut self, packet_id: u16) {
        if let Some(filters) = self.requested.pop_front() {
            self.unanswered.insert(packet_id, filters);
        }
    }

    /// The broker has answered: one sentence for each filter that it refused.
    pub(crate) fn answered(&mut self, packet_id: u16, refused: &[(usize, String)]) -> Vec<String> {
        let filters = self.unanswered.remove(&packet_id).unwrap_or_default();
        let sentence = |(index, reason): &(usize, String)| {
            let filter = filters.get(*index)?;
            Some(format!("the broker refused the subscription to {filter}: {reason}; check its access rules"))
        };
        refused.iter().filter_map(sentence).collect()
    }
}

/// Whether MQTT allows the filter (OASIS MQTT 3.1.1, 4.7).
pub(crate) fn valid(filter: &str) -> bool {
    filter.len() <= 65_535 && !filter.contains('\0') && rumqttc::valid_filter(filter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::client::{Version, client};
    use crate::settings::Settings;

    #[test]
    fn no_more_packets_are_unanswered_than_the_broker_takes() {
        let settings = Settings::plain("mqtt://localhost").expect("settings");
        let (client, _event_loop) = client(&settings, Version::V5, "a", false);
        let filters: Vec<String> = (0..100).map(|number| format!("a/{number}")).collect();
        let mut subscriptions = Subscriptions::new(&filters, 8);
        subscriptions.pump(&client, 0, false, 2);
        assert_eq!(subscriptions.requested.len(), 2);
        subscriptions.sent(1);
        subscriptions.sent(2);
        subscriptions.pump(&client, 0, false, 2);
        assert!(subscriptions.requested.is_empty());
        subscriptions.answered(1, &[]);
        subscriptions.pump(&client, 0, false, 2);
        assert_eq!(subscriptions.requested.len(), 1);
    }
}
