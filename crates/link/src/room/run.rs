//! The thread of a room: keys, connection, what is told and what is heard.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use twinscope_twin::room::{COLOURS, Connection, Picture, Role};
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::LinkEvent;

use super::envelope::Sealer;
use super::keys::{RoomKeys, site_topic};
use super::mine::leave;
use super::others::{HEARTBEAT_MS, Others};
use super::{Broker, Door, Shared, lock};
use crate::clock::Clock;
use crate::mqtt::{self, MqttLink};
use crate::settings::{Session, Settings};
use crate::sink::{Item, Received, Receiver, Sink};

/// At most four messages a second: between them the others' views move on their own.
const SLOT: Duration = Duration::from_millis(250);
/// A picture is shown at most this often: a flood must not wake the window with each message.
const FRAME: Duration = Duration::from_millis(33);
/// Everything is told again at most this often, however many join.
const AGAIN: Duration = Duration::from_secs(2);
/// Messages that may wait for the broker: beyond that what changes is not told yet, and the newest is told later.
const ON_THE_WAY: usize = 4;
/// Largest packet that is taken, bytes: several of ours.
const PACKET: u32 = 16 << 10;
/// What the broker has not taken by then is told again by whoever asks.
const DEADLINE: Duration = Duration::from_secs(10);

/// Runs the room; a defect in it is told and ends it, and nothing else.
pub(super) fn supervise(broker: Broker, door: &Door, shared: &Shared, sink: &Sink, receiver: &Receiver) {
    let run = AssertUnwindSafe(|| run(broker, door, shared, sink, receiver));
    let failed = match std::panic::catch_unwind(run) {
        Ok(Ok(())) => return,
        Ok(Err(reason)) => reason,
        Err(_) => "the room failed inside; this is a defect, please report it".to_owned(),
    };
    tracing::error!(reason = failed, "room");
    let picture = Picture::clone(&lock(&shared.picture));
    shared.show(Picture { connection: Connection::Refused(failed), peers: Vec::new(), ..picture });
}

struct Running<'a> {
    shared: &'a Shared,
    link: MqttLink,
    sealer: Sealer,
    others: Others,
    connection: Connection,
    trouble: Option<String>,
    invitation: Option<Arc<str>>,
    /// Something is shown that is not in the picture yet.
    changed: bool,
    /// Somebody does not know our state.
    answer: bool,
}

fn run(broker: Broker, door: &Door, shared: &Shared, sink: &Sink, receiver: &Receiver) -> Result<(), String> {
    let mut keys = RoomKeys::new(&door.site, &door.room, &door.secret).map_err(|error| error.to_string())?;
    if door.read_only {
        keys.sign = None;
    }
    let me = lock(&shared.mine).me;
    let settings = broker()?;
    let settings = Settings {
        qos: 1,
        max_packet: settings.max_packet.min(PACKET),
        session: Session::Clean,
        will: None,
        outbox_deadline: DEADLINE,
        ..settings
    };
    let sealer = Sealer::new(&keys, me).map_err(|error| error.to_string())?;
    // All rooms of the site: who is in another one is counted, so that a wrong passphrase does not look like an empty room.
    let filters = vec![format!("{}/+/+", site_topic(&door.site))];
    let link = mqtt::spawn(settings, filters, sink.clone(), SourceRow(0)).map_err(|error| error.to_string())?;
    let invitation = keys.invitation().map(Arc::from);
    let others = Others::new(keys, me);
    let connection = Connection::Opening;
    let running =
        Running { shared, link, sealer, others, connection, trouble: None, invitation, changed: true, answer: false };
    running.until_stopped(receiver);
    Ok(())
}

impl Running<'_> {
    fn until_stopped(mut self, receiver: &Receiver) {
        let clock = Clock::new();
        let (mut next_send, mut next_picture, mut next_answer) = (Instant::now(), Instant::now(), Instant::now());
        // Something may not be told yet.
        let mut untold = true;
        while !self.shared.stop.load(Ordering::Acquire) {
            untold |= self.shared.dirty.swap(false, Ordering::AcqRel);
            let now = Instant::now();
            let moment = clock.now();
            self.changed |= self.others.expire(moment.mono_ms);
            for line in std::mem::take(&mut *lock(&self.shared.said)) {
                self.others.own_line(line);
                self.changed = true;
            }
            self.choose_colour();
            if self.answer && now >= next_answer {
                (self.answer, untold, next_answer) = (false, true, now + AGAIN);
                lock(&self.shared.mine).tell_all();
            }
            let free = self.connection == Connection::Live && self.link.outbox().waiting < ON_THE_WAY;
            if free && now >= next_send {
                let others = &self.others;
                let body = lock(&self.shared.mine).pack(|| others.heard(), moment);
                untold = body.is_some();
                if let Some(body) = body {
                    next_send = now + SLOT;
                    self.publish(&body);
                }
            }
            self.changed |= std::mem::take(&mut lock(&self.shared.mine).changed);
            if self.changed && now >= next_picture {
                next_picture = now + FRAME;
                self.show();
            }
            let mut until = now + Duration::from_millis(HEARTBEAT_MS / 4);
            for (waits, at) in [(untold, next_send), (self.changed, next_picture), (self.answer, next_answer)] {
                if waits {
                    until = until.min(at.max(now + Duration::from_millis(5)));
                }
            }
            match receiver.recv(until.saturating_duration_since(Instant::now())) {
                Received::Item(Item::Messages { messages, .. }) => {
                    for message in messages {
                        // What a broker has kept is a recording like any other.
                        let outcome = self.others.receive(&message.topic, &message.payload, clock.now());
                        self.changed |= outcome.changed;
                        self.answer |= outcome.answer;
                    }
                }
                Received::Item(Item::Link { event, .. }) => self.link_event(event),
                Received::Item(Item::Command(_)) | Received::Nothing => {}
                Received::Closed => return,
            }
        }
        if self.connection == Connection::Live {
            self.publish(&leave());
        }
        self.link.stop();
    }

    fn publish(&mut self, body: &[u8]) {
        let Some((topic, payload)) = self.sealer.seal(body) else {
            self.trouble =
                Some("this viewer has said all that it can in one visit; leave the room and join again".to_owned());
            return;
        };
        if let Err(error) = self.link.publish(topic, payload, false) {
            // Told again with the next answer.
            self.trouble = Some(error.to_string());
            self.changed = true;
        }
    }

    fn link_event(&mut self, event: LinkEvent) {
        self.changed = true;
        self.connection = match event {
            LinkEvent::Live => {
                self.trouble = None;
                lock(&self.shared.mine).tell_all();
                self.shared.dirty.store(true, Ordering::Release);
                Connection::Live
            }
            LinkEvent::Connecting => Connection::Opening,
            LinkEvent::Lost { reason } => Connection::Lost(reason),
            LinkEvent::Refused { reason } => Connection::Refused(reason),
            LinkEvent::Trouble { message } => {
                self.trouble = Some(message);
                return;
            }
            _ => return,
        };
        if self.connection != Connection::Live {
            self.others.lost();
        }
    }

    /// Two with one colour: the one whose id is greater takes the first that is free.
    fn choose_colour(&mut self) {
        let mut mine = lock(&self.shared.mine);
        let (me, colour) = (mine.me, mine.colour);
        if self.others.peers().any(|peer| peer.colour == colour && peer.id < me) {
            let free = (0..COLOURS).find(|colour| !self.others.peers().any(|peer| peer.colour == *colour));
            if let Some(free) = free {
                mine.recolour(free);
            }
        }
    }

    fn show(&mut self) {
        self.changed = false;
        let mine = lock(&self.shared.mine);
        let was = lock(&self.shared.picture).clone();
        let picture = Picture {
            room: was.room.clone(),
            me: mine.me,
            name: mine.name.clone(),
            colour: mine.colour,
            role: mine.role,
            connection: self.connection.clone(),
            peers: self.others.peers().cloned().collect(),
            lines: self.others.lines(),
            strokes: mine.strokes(),
            elsewhere: self.others.elsewhere(),
            invitation: if mine.role == Role::Member { self.invitation.clone() } else { None },
            trouble: self.trouble.clone(),
            refused: self.others.refused(),
        };
        drop(mine);
        self.shared.show(picture);
    }
}
