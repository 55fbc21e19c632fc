//! A link's sink with a memory.

use std::time::{Duration, Instant};

use twinscope_link::Message;
use twinscope_link::mqtt::{self, MqttLink};
use twinscope_link::settings::Settings;
use twinscope_link::sink::{self, Item, Limits, Received, Receiver};
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::LinkEvent;

use super::PATIENCE;

/// Everything that a link has said and delivered.
pub struct Probe {
    pub link: MqttLink,
    receiver: Receiver,
    pub events: Vec<LinkEvent>,
    pub messages: Vec<Message>,
}

impl Probe {
    /// Starts a link with these filters.
    pub fn start(settings: Settings, filters: &[&str]) -> Self {
        let (sink, receiver) = sink::channel(Limits::default());
        let filters = filters.iter().map(|filter| (*filter).to_owned()).collect();
        let link = mqtt::spawn(settings, filters, sink, SourceRow(0)).expect("a link");
        Self { link, receiver, events: Vec::new(), messages: Vec::new() }
    }

    /// Takes what has arrived within a moment.
    pub fn take(&mut self) {
        if let Received::Item(item) = self.receiver.recv(Duration::from_millis(5)) {
            match item {
                Item::Messages { messages, receipt, .. } => {
                    self.messages.extend(messages);
                    if let Some(receipt) = receipt {
                        receipt.confirm();
                    }
                }
                Item::Link { event, .. } => self.events.push(event),
                Item::Command(_) => {}
            }
        }
    }

    /// Waits until `condition` holds of what was said and delivered.
    #[track_caller]
    pub fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !condition(self) {
            let first = self.events.get(..20).unwrap_or(&self.events);
            assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}; first events: {first:?}");
            self.take();
        }
    }

    /// Waits until it has been live this many times.
    #[track_caller]
    pub fn until_live(&mut self, times: usize) {
        self.until("live", |probe| probe.live() >= times);
    }

    pub fn live(&self) -> usize {
        self.events.iter().filter(|event| matches!(event, LinkEvent::Live)).count()
    }

    /// Waits until it is refused, and gives the reason.
    #[track_caller]
    pub fn until_refused(&mut self) -> String {
        let refused = |event: &LinkEvent| match event {
            LinkEvent::Refused { reason } => Some(reason.clone()),
            _ => None,
        };
        self.until("refused", |probe| probe.events.iter().any(|event| refused(event).is_some()));
        self.events.iter().find_map(refused).expect("refused")
    }

    /// Waits until it is lost, and gives the first reason.
    #[track_caller]
    pub fn until_lost(&mut self) -> String {
        let lost = |event: &LinkEvent| match event {
            LinkEvent::Lost { reason } => Some(reason.clone()),
            _ => None,
        };
        self.until("lost", |probe| probe.events.iter().any(|event| lost(event).is_some()));
        self.events.iter().find_map(lost).expect("lost")
    }

    /// Waits until a trouble holds `part`.
    #[track_caller]
    pub fn until_trouble(&mut self, part: &str) {
        self.until(part, |probe| probe.troubles().iter().any(|message| message.contains(part)));
    }

    pub fn troubles(&self) -> Vec<&str> {
        let message = |event: &'_ LinkEvent| matches!(event, LinkEvent::Trouble { .. });
        let troubles = self.events.iter().filter(|event| message(event));
        troubles.map(|event| if let LinkEvent::Trouble { message } = event { message.as_str() } else { "" }).collect()
    }

    /// Waits until this many messages have arrived.
    #[track_caller]
    pub fn until_messages(&mut self, count: usize) {
        self.until("messages", |probe| probe.messages.len() >= count);
    }

    /// Payloads as text, in order.
    pub fn payloads(&self) -> Vec<String> {
        self.messages.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned()).collect()
    }
}
