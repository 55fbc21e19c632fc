//! MQTT 3.1.1 and 5 behind one small type.
//!
//! The library has two of everything; here they meet, so that the rest of the link is written once.
//! A client lives for one connection: its request queue, packet ids and half-read events end with it. The library would
//! carry them over a reconnect and lose some of them on the way.

use bytes::Bytes;
use rumqttc::{Outgoing, v5};
use twinscope_twin::time::Now;

use super::failure::Failure;
use crate::settings::{Session, Settings};
use crate::sink::Message;

/// Requests that may wait for the event loop.
pub(crate) const REQUESTS: usize = 256;
/// Publishes with QoS 1 that may be unacknowledged. The library allocates a slot for each.
pub(crate) const IN_FLIGHT: u16 = 100;
/// How many messages with QoS 1 the broker may send before we acknowledge.
const RECEIVE_MAXIMUM: u16 = 1_024;
/// 3.1.1 cannot tell the broker our limit. What is larger than the limit is read up to this size and thrown away with a
/// word about it; above that the connection ends, as it does in the library.
const READ_TO_DISCARD: usize = 8 << 20;

/// The MQTT version of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V311,
    V5,
}

impl Version {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V311 => "3.1.1",
            Self::V5 => "5",
        }
    }
}

/// What happened on a connection, in the words of neither version.
#[derive(Debug)]
pub(crate) enum Event {
    /// The broker took us.
    Connected(Welcome),
    /// A message; `packet_id` is 0 with QoS 0.
    Message { message: Message, packet_id: u16 },
    /// A message that is larger than the limit; not kept.
    Oversized { topic: Bytes, bytes: usize, packet_id: u16 },
    /// One SUBSCRIBE was answered: the reason of each filter that was refused.
    Subscribed { packet_id: u16, refused: Vec<(usize, String)> },
    /// The broker has a message of ours; `Some`: it does not want it.
    Published { packet_id: u16, refused: Option<String> },
    /// A request left our queue.
    Sent(Request),
    /// Nothing that matters here.
    Other,
}

/// A request that left the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// `packet_id` is 0 with QoS 0.
    Publish {
        packet_id: u16,
    },
    Subscribe {
        packet_id: u16,
    },
    Disconnect,
}

/// What the broker says when it takes us.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Welcome {
    /// It still has our session.
    pub session_present: bool,
    /// Keep-alive that it orders, seconds.
    pub keep_alive_s: Option<u16>,
    /// Largest packet that it takes, bytes.
    pub max_packet: Option<u32>,
    /// How many packets it takes unanswered.
    pub receive_max: Option<u16>,
}

/// The queue has no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// Where requests go in.
pub(crate) enum Client {
    V311(rumqttc::AsyncClient),
    V5(v5::AsyncClient),
}

/// What has to be polled without pause: pings depend on it.
pub(crate) enum Loop {
    V311 { inner: Box<rumqttc::EventLoop>, limit: usize },
    V5 { inner: Box<v5::EventLoop>, limit: usize },
}

/// A client for one connection.
pub(crate) fn client(settings: &Settings, version: Version, client_id: &str, fresh_session: bool) -> (Client, Loop) {
    let (host, port) = (settings.address.socket_host(), settings.address.port);
    // Checked in the settings: the library asserts on less than 5 s.
    let keep_alive = std::time::Duration::from_secs(u64::from(settings.keep_alive_s.max(5)));
    let limit = settings.max_packet as usize;
    let mut network = rumqttc::NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(10);
    let transport = match &settings.tls {
        Some(config) => {
            rumqttc::Transport::tls_with_config(rumqttc::TlsConfiguration::Rustls(std::sync::Arc::clone(config)))
        }
        None => rumqttc::Transport::tcp(),
    };
    let (persistent, expiry_s, manual_acks) = match &settings.session {
        Session::Clean => (false, 0, false),
        Session::Persistent { expiry_s, manual_acks, .. } => (true, *expiry_s, *manual_acks),
    };
    let keep_session = persistent && !fresh_session;
    match version {
        Version::V311 => {
            let mut options = rumqttc::MqttOptions::new(client_id, host, port);
            options
                .set_transport(transport)
                .set_keep_alive(keep_alive)
                .set_clean_session(!keep_session)
                .set_max_packet_size(limit.max(READ_TO_DISCARD), limit)
                .set_inflight(IN_FLIGHT)
                .set_manual_acks(manual_acks);
            if let Some(login) = &settings.credentials {
                options.set_credentials(&login.username, &login.password);
            }
            if let Some(will) = &settings.will {
                let qos = rumqttc::QoS::AtLeastOnce;
                options.set_last_will(rumqttc::LastWill::new(&will.topic, will.payload.clone(), qos, true));
            }
            let (client, mut inner) = rumqttc::AsyncClient::new(options, REQUESTS);
            inner.set_network_options(network);
            (Client::V311(client), Loop::V311 { inner: Box::new(inner), limit })
        }
        Version::V5 => {
            let mut options = v5::MqttOptions::new(client_id, host, port);
            options
                .set_transport(transport)
                .set_keep_alive(keep_alive)
                .set_clean_start(!keep_session)
                .set_max_packet_size(Some(settings.max_packet))
                .set_receive_maximum(Some(RECEIVE_MAXIMUM))
                .set_outgoing_inflight_upper_limit(IN_FLIGHT)
                .set_connection_timeout(10)
                .set_manual_acks(manual_acks)
                .set_network_options(network);
            // No topic aliases, ever: the library hands out a message before it has resolved its alias.
            if persistent {
                options.set_session_expiry_interval(Some(expiry_s));
            }
            if let Some(login) = &settings.credentials {
                options.set_credentials(&login.username, &login.password);
            }
            if let Some(will) = &settings.will {
                let qos = v5::mqttbytes::QoS::AtLeastOnce;
                let will = v5::mqttbytes::v5::LastWill::new(&will.topic, will.payload.clone(), qos, true, None);
                options.set_last_will(will);
            }
            let (client, inner) = v5::AsyncClient::new(options, REQUESTS);
            (Client::V5(client), Loop::V5 { inner: Box::new(inner), limit })
        }
    }
}

impl Client {
    /// Asks for filters, with one packet.
    pub(crate) fn subscribe(&self, filters: &[String], qos: u8, keep_retained: bool) -> Result<(), Full> {
        match self {
            Self::V311(client) => {
                let qos = if qos == 0 { rumqttc::QoS::AtMostOnce } else { rumqttc::QoS::AtLeastOnce };
                let filters = filters.iter().map(|path| rumqttc::SubscribeFilter::new(path.clone(), qos));
                client.try_subscribe_many(filters).map_err(|_| Full)
            }
            Self::V5(client) => {
                use v5::mqttbytes::v5::{Filter, RetainForwardRule};
                let qos = if qos == 0 { v5::mqttbytes::QoS::AtMostOnce } else { v5::mqttbytes::QoS::AtLeastOnce };
                let filters = filters.iter().map(|path| {
                    let mut filter = Filter::new(path.clone(), qos);
                    if keep_retained {
                        // A resumed session has them already.
                        filter.retain_forward_rule = RetainForwardRule::OnNewSubscribe;
                    }
                    filter
                });
                client.try_subscribe_many(filters).map_err(|_| Full)
            }
        }
    }

    /// Publishes with QoS 0 or 1.
    pub(crate) fn publish(&self, topic: &str, payload: &Bytes, qos: u8, retain: bool) -> Result<(), Full> {
        match self {
            Self::V311(client) => {
                let qos = if qos == 0 { rumqttc::QoS::AtMostOnce } else { rumqttc::QoS::AtLeastOnce };
                client.try_publish(topic, qos, retain, payload.clone()).map_err(|_| Full)
            }
            Self::V5(client) => {
                let qos = if qos == 0 { v5::mqttbytes::QoS::AtMostOnce } else { v5::mqttbytes::QoS::AtLeastOnce };
                client.try_publish(topic, qos, retain, payload.clone()).map_err(|_| Full)
            }
        }
    }

    /// Acknowledges a message with QoS 1.
    pub(crate) fn acknowledge(&self, packet_id: u16) -> Result<(), Full> {
        match self {
            Self::V311(client) => {
                let mut publish = rumqttc::Publish::new("", rumqttc::QoS::AtLeastOnce, Vec::new());
                publish.pkid = packet_id;
                client.try_ack(&publish).map_err(|_| Full)
            }
            Self::V5(client) => {
                let qos = v5::mqttbytes::QoS::AtLeastOnce;
                let mut publish = v5::mqttbytes::v5::Publish::new("", qos, Bytes::new(), None);
                publish.pkid = packet_id;
                client.try_ack(&publish).map_err(|_| Full)
            }
        }
    }

    /// Says goodbye, so that the will is not published.
    pub(crate) fn disconnect(&self) {
        // No room means no goodbye: the connection is closed right after.
        let _ = match self {
            Self::V311(client) => client.try_disconnect().map_err(|_| Full),
            Self::V5(client) => client.try_disconnect().map_err(|_| Full),
        };
    }
}

impl Loop {
    /// The next event. Must not be cancelled: an acknowledgement could be lost.
    pub(crate) async fn poll(&mut self, now: impl Fn() -> Now) -> Result<Event, Failure> {
        match self {
            Self::V311 { inner, limit } => match inner.poll().await {
                Ok(event) => Ok(from_v311(event, *limit, now)),
                Err(error) => Err(Failure::from_v311(&error)),
            },
            Self::V5 { inner, limit } => match inner.poll().await {
                Ok(event) => Ok(from_v5(event, *limit, now)),
                Err(error) => Err(Failure::from_v5(&error)),
            },
        }
    }

    /// An event that was read together with the last one, without asking the socket.
    pub(crate) fn ready(&mut self, now: impl Fn() -> Now) -> Option<Event> {
        match self {
            Self::V311 { inner, limit } => inner.state.events.pop_front().map(|event| from_v311(event, *limit, now)),
            Self::V5 { inner, limit } => inner.state.events.pop_front().map(|event| from_v5(event, *limit, now)),
        }
    }
}

fn from_v311(event: rumqttc::Event, limit: usize, now: impl Fn() -> Now) -> Event {
    use rumqttc::Packet;
    match event {
        rumqttc::Event::Incoming(Packet::Publish(publish)) => {
            received(publish.topic.into(), publish.payload, publish.retain, publish.pkid, limit, now)
        }
        rumqttc::Event::Incoming(Packet::ConnAck(ack)) => {
            Event::Connected(Welcome { session_present: ack.session_present, ..Welcome::default() })
        }
        rumqttc::Event::Incoming(Packet::SubAck(ack)) => {
            let codes = ack.return_codes.iter().enumerate();
            let refused = codes.filter_map(|(index, code)| match code {
                rumqttc::SubscribeReasonCode::Success(_) => None,
                rumqttc::SubscribeReasonCode::Failure => Some((index, "not allowed, or not valid".to_owned())),
            });
            Event::Subscribed { packet_id: ack.pkid, refused: refused.collect() }
        }
        rumqttc::Event::Incoming(Packet::PubAck(ack)) => Event::Published { packet_id: ack.pkid, refused: None },
        rumqttc::Event::Incoming(_) => Event::Other,
        rumqttc::Event::Outgoing(outgoing) => from_outgoing(&outgoing),
    }
}

fn from_v5(event: v5::Event, limit: usize, now: impl Fn() -> Now) -> Event {
    use v5::mqttbytes::v5::{Packet, PubAckReason, SubscribeReasonCode};
    match event {
        v5::Event::Incoming(Packet::Publish(publish)) => {
            received(publish.topic, publish.payload, publish.retain, publish.pkid, limit, now)
        }
        v5::Event::Incoming(Packet::ConnAck(ack)) => {
            let properties = ack.properties.as_ref();
            Event::Connected(Welcome {
                session_present: ack.session_present,
                keep_alive_s: properties.and_then(|p| p.server_keep_alive),
                max_packet: properties.and_then(|p| p.max_packet_size),
                receive_max: properties.and_then(|p| p.receive_max),
            })
        }
        v5::Event::Incoming(Packet::SubAck(ack)) => {
            let codes = ack.return_codes.iter().enumerate();
            let refused = codes.filter_map(|(index, code)| match code {
                SubscribeReasonCode::Success(_) => None,
                SubscribeReasonCode::NotAuthorized => Some((index, "not allowed".to_owned())),
                other => Some((index, format!("{other:?}"))),
            });
            Event::Subscribed { packet_id: ack.pkid, refused: refused.collect() }
        }
        v5::Event::Incoming(Packet::PubAck(ack)) => {
            let refused = match ack.reason {
                PubAckReason::Success | PubAckReason::NoMatchingSubscribers => None,
                PubAckReason::NotAuthorized => Some("not allowed".to_owned()),
                other => Some(format!("{other:?}")),
            };
            Event::Published { packet_id: ack.pkid, refused }
        }
        v5::Event::Incoming(_) => Event::Other,
        v5::Event::Outgoing(outgoing) => from_outgoing(&outgoing),
    }
}

fn received(
    topic: Bytes,
    payload: Bytes,
    retained: bool,
    packet_id: u16,
    limit: usize,
    now: impl Fn() -> Now,
) -> Event {
    let bytes = topic.len() + payload.len();
    if bytes > limit {
        return Event::Oversized { topic, bytes, packet_id };
    }
    Event::Message { message: Message { topic, payload, received: now(), retained }, packet_id }
}

fn from_outgoing(outgoing: &Outgoing) -> Event {
    match *outgoing {
        Outgoing::Publish(packet_id) => Event::Sent(Request::Publish { packet_id }),
        Outgoing::Subscribe(packet_id) => Event::Sent(Request::Subscribe { packet_id }),
        Outgoing::Disconnect => Event::Sent(Request::Disconnect),
        _ => Event::Other,
    }
}
