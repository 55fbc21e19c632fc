//! What the others say: taken if it is authentic, new, live and allowed; else counted.
//!
//! - **Authentic**: sealed with the reading key and, from a member, signed ([`super::envelope`]).
//! - **New**: the counter of a viewer only grows. That of a viewer who has gone is remembered.
//! - **Live**: nothing of a viewer is shown before a presence of it has named this viewer, whose id is random and new: a
//!   recording cannot. So no clock is compared with another, and yesterday's messages are nobody's presence today.
//! - **Allowed**: a guest says that it is here, whom it follows, and that it goes.
//!
//! A viewer that says nothing for [`GONE_MS`] is gone. Time is an argument: monotonic, ms.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use twinscope_twin::room::{
    Line, MOST_LINES, MOST_PEERS, MOST_POINTS, MOST_STROKES, Peer, Refused, Role, STROKE_POINTS, Stroke, ViewerId,
};
use twinscope_twin::time::Now;

use super::codec::{Echo, Item, MOST_HEARD, echo, read};
use super::envelope::{self, OpenError};
use super::keys::RoomKeys;

/// A viewer says that it is here this often, ms.
pub(crate) const HEARTBEAT_MS: u64 = 4_000;
/// A viewer that was not heard for this long is gone, ms: two heartbeats lost and half of one to spare.
pub(crate) const GONE_MS: u64 = 10_000;
/// Viewers that have not shown yet that they are live.
const MOST_UNPROVEN: usize = 16;
/// Counters of viewers who have gone.
const MOST_GONE: usize = 256;
/// Viewers of other rooms that are counted.
const MOST_ELSEWHERE: usize = 64;
/// Messages a second of one viewer, and at once: four a second are meant, and a state that is told again comes in a burst.
const PER_VIEWER: Rate = Rate { per_s: 20.0, burst: 80.0 };
/// Messages a second that are opened at all; above that is no room but a flood.
const OPENED: Rate = Rate { per_s: 500.0, burst: 1_000.0 };

/// How much may come.
#[derive(Clone, Copy, Debug)]
struct Rate {
    per_s: f64,
    burst: f64,
}

/// A token bucket.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    rate: Rate,
    tokens: f64,
    at_ms: u64,
}

impl Bucket {
    const fn new(rate: Rate) -> Self {
        Self { rate, tokens: rate.burst, at_ms: 0 }
    }

    fn take(&mut self, now_ms: u64) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a process fit a double")]
        let passed_s = now_ms.saturating_sub(self.at_ms) as f64 / 1_000.0;
        self.at_ms = now_ms;
        self.tokens = (self.tokens + passed_s * self.rate.per_s).min(self.rate.burst);
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

#[derive(Debug)]
struct Known {
    peer: Peer,
    counter: u32,
    proven: bool,
    heard_ms: u64,
    bucket: Bucket,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What is shown has changed.
    pub changed: bool,
    /// Somebody has not heard us, or was not heard before: they should be told everything.
    pub answer: bool,
}

/// Everybody else.
#[derive(Debug)]
pub(crate) struct Others {
    me: ViewerId,
    keys: RoomKeys,
    known: BTreeMap<ViewerId, Known>,
    gone: VecDeque<(ViewerId, u32)>,
    elsewhere: BTreeMap<Vec<u8>, u64>,
    opened: Bucket,
    lines: VecDeque<Arc<Line>>,
    refused: Refused,
}

impl Others {
    pub(crate) fn new(keys: RoomKeys, me: ViewerId) -> Self {
        Self {
            me,
            keys,
            known: BTreeMap::new(),
            gone: VecDeque::new(),
            elsewhere: BTreeMap::new(),
            opened: Bucket::new(OPENED),
            lines: VecDeque::new(),
            refused: Refused::default(),
        }
    }

    /// Those who are here, by id.
    pub(crate) fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.known.values().filter(|known| known.proven).map(|known| &known.peer)
    }

    /// Everybody who was heard, also those who have not shown yet that they hear us.
    pub(crate) fn heard(&self) -> Vec<Echo> {
        self.known.keys().take(MOST_HEARD).map(|viewer| echo(*viewer)).collect()
    }

    pub(crate) fn lines(&self) -> Vec<Arc<Line>> {
        self.lines.iter().cloned().collect()
    }

    pub(crate) fn refused(&self) -> Refused {
        self.refused
    }

    pub(crate) fn elsewhere(&self) -> usize {
        self.elsewhere.len()
    }

    /// A line of this person, to stand among the others.
    pub(crate) fn own_line(&mut self, line: Arc<Line>) {
        self.keep(line);
    }

    /// The connection is lost: who is here is not known. Counters are kept.
    pub(crate) fn lost(&mut self) {
        while let Some((viewer, known)) = self.known.pop_first() {
            self.remember(viewer, known.counter);
        }
        self.elsewhere.clear();
    }

    /// Lets time pass. Whether anything that is shown has changed.
    pub(crate) fn expire(&mut self, now_ms: u64) -> bool {
        let late = |heard_ms: u64| now_ms.saturating_sub(heard_ms) >= GONE_MS;
        let strangers = self.elsewhere.len();
        self.elsewhere.retain(|_, heard_ms| !late(*heard_ms));
        let gone: Vec<ViewerId> =
            self.known.iter().filter(|(_, known)| late(known.heard_ms)).map(|(viewer, _)| *viewer).collect();
        let mut changed = strangers != self.elsewhere.len();
        for viewer in gone {
            changed |= self.go(viewer, None);
        }
        changed
    }

    /// Takes one message, under any topic.
    pub(crate) fn receive(&mut self, topic: &[u8], payload: &[u8], now: Now) -> Outcome {
        let none = Outcome::default();
        let rest = topic.strip_prefix(self.keys.topic.as_bytes()).and_then(|rest| rest.strip_prefix(b"/"));
        let Some(viewer) = rest.and_then(ViewerId::parse) else {
            return Outcome { changed: self.stranger(topic, now.mono_ms), answer: false };
        };
        if viewer == self.me {
            // Brokers of 3.1.1 give us back what we say.
            return none;
        }
        let Some(counter) = envelope::counter(payload) else {
            return self.refuse(|refused| &mut refused.malformed);
        };
        if counter <= self.counter(viewer) {
            return self.refuse(|refused| &mut refused.replayed);
        }
        if !self.opened.take(now.mono_ms) {
            return self.refuse(|refused| &mut refused.too_many);
        }
        let opened = match envelope::open(&self.keys, viewer, payload) {
            Ok(opened) => opened,
            Err(OpenError::Malformed) => return self.refuse(|refused| &mut refused.malformed),
            Err(OpenError::Unreadable) => return self.refuse(|refused| &mut refused.unreadable),
            Err(OpenError::Forged) => return self.refuse(|refused| &mut refused.not_allowed),
        };
        let Some(items) = read(&opened.items) else {
            return self.refuse(|refused| &mut refused.malformed);
        };
        let may = |item: &Item| matches!(item, Item::Presence { .. } | Item::Leave | Item::Follow(_));
        let other_role = self.known.get(&viewer).is_some_and(|known| known.peer.role != opened.role);
        if other_role || (opened.role == Role::Guest && !items.iter().all(may)) {
            return self.refuse(|refused| &mut refused.not_allowed);
        }
        self.take(viewer, counter, opened.role, items, now)
    }

    fn take(&mut self, viewer: ViewerId, counter: u32, role: Role, items: Vec<Item>, now: Now) -> Outcome {
        let mut outcome = Outcome::default();
        let me = echo(self.me);
        let mut heard = items.iter().filter_map(|item| match item {
            Item::Presence { heard, .. } => Some(heard.contains(&me)),
            _ => None,
        });
        let proves = heard.clone().any(|heard| heard);
        // They have come back, or joined, and do not know what we said.
        outcome.answer = heard.any(|heard| !heard);
        if !self.known.contains_key(&viewer) {
            // Who has only something to say and is not here yet is on the way out, or a recording.
            if !items.iter().any(|item| matches!(item, Item::Presence { .. })) {
                return outcome;
            }
            self.make_room();
            self.known.insert(viewer, Known::new(viewer, role));
            outcome.answer = true;
        }
        let full = proves && self.peers().filter(|peer| peer.role == role && peer.id != viewer).count() >= MOST_PEERS;
        let Some(known) = self.known.get_mut(&viewer) else { return outcome };
        known.counter = counter;
        known.heard_ms = now.mono_ms;
        if !known.bucket.take(now.mono_ms) || full {
            return self.refuse(|refused| &mut refused.too_many);
        }
        if proves && !known.proven {
            known.proven = true;
            outcome.changed = true;
        }
        if items.contains(&Item::Leave) {
            outcome.changed |= self.go(viewer, Some(u32::MAX));
            return outcome;
        }
        if !known.proven {
            // Its name may be wanted later; it is no news.
            items.iter().filter(|item| matches!(item, Item::Presence { .. })).for_each(|item| _ = known.apply(item));
            return outcome;
        }
        let mut said = Vec::new();
        for item in items {
            if let Item::Line { number, age_s, text } = item {
                let at = now.wall_ms.saturating_sub(i64::from(age_s) * 1_000);
                let (name, colour) = (known.peer.name.clone(), known.peer.colour);
                said.push(Arc::new(Line { viewer, name, colour, number, text, at }));
            } else {
                outcome.changed |= known.apply(&item);
            }
        }
        for line in said {
            outcome.changed |= self.keep(line);
        }
        outcome
    }

    /// The last counter that was taken of a viewer; 0: none.
    fn counter(&self, viewer: ViewerId) -> u32 {
        let gone = || self.gone.iter().rev().find(|(gone, _)| *gone == viewer).map(|(_, counter)| *counter);
        self.known.get(&viewer).map(|known| known.counter).or_else(gone).unwrap_or(0)
    }

    /// Someone has gone; `counter`: the last that is taken of them. Whether they were shown.
    fn go(&mut self, viewer: ViewerId, counter: Option<u32>) -> bool {
        let Some(known) = self.known.remove(&viewer) else { return false };
        self.remember(viewer, counter.unwrap_or(known.counter));
        known.proven
    }

    fn remember(&mut self, viewer: ViewerId, counter: u32) {
        self.gone.retain(|(gone, _)| *gone != viewer);
        if self.gone.len() >= MOST_GONE {
            self.gone.pop_front();
        }
        self.gone.push_back((viewer, counter));
    }

    /// Recordings cannot fill the room: of those who have not shown that they are live, the one heard longest ago goes.
    fn make_room(&mut self) {
        let unproven = || self.known.iter().filter(|(_, known)| !known.proven);
        if unproven().count() >= MOST_UNPROVEN
            && let Some((viewer, _)) = unproven().min_by_key(|(_, known)| known.heard_ms)
        {
            let viewer = *viewer;
            self.go(viewer, None);
        }
    }

    fn stranger(&mut self, topic: &[u8], now_ms: u64) -> bool {
        // Two levels under the rooms of the site, as we subscribed; of bounded length.
        let seen = self.elsewhere.contains_key(topic);
        if topic.len() <= 512 && (seen || self.elsewhere.len() < MOST_ELSEWHERE) {
            self.elsewhere.insert(topic.to_vec(), now_ms);
        }
        !seen && self.elsewhere.contains_key(topic)
    }

    fn refuse(&mut self, which: impl Fn(&mut Refused) -> &mut u64) -> Outcome {
        let count = which(&mut self.refused);
        *count = count.saturating_add(1);
        Outcome { changed: true, answer: false }
    }

    /// A line once, in its place in time.
    fn keep(&mut self, line: Arc<Line>) -> bool {
        let same = |kept: &Arc<Line>| kept.viewer == line.viewer && kept.number == line.number;
        if line.text.is_empty() || self.lines.iter().any(same) {
            return false;
        }
        // From the end: nearly always it is the newest.
        let place = self.lines.iter().rposition(|kept| kept.at <= line.at).map_or(0, |place| place + 1);
        self.lines.insert(place, line);
        if self.lines.len() > MOST_LINES {
            self.lines.pop_front();
        }
        true
    }
}

impl Known {
    fn new(viewer: ViewerId, role: Role) -> Self {
        let peer = Peer {
            id: viewer,
            name: String::new(),
            colour: 0,
            role,
            pose: None,
            selection: Arc::new([]),
            pointer: None,
            strokes: Vec::new(),
            follows: None,
            inspection: Arc::new([]),
        };
        Self { peer, counter: 0, proven: false, heard_ms: 0, bucket: Bucket::new(PER_VIEWER) }
    }

    /// Whether that changes what is shown.
    fn apply(&mut self, item: &Item) -> bool {
        let peer = &mut self.peer;
        match item {
            Item::Presence { name, colour, .. } => {
                let changed = peer.name != *name || peer.colour != *colour;
                peer.name.clone_from(name);
                peer.colour = *colour;
                return changed;
            }
            Item::Camera(pose) => peer.pose = Some(*pose),
            Item::Selection(parts) => peer.selection = parts.as_slice().into(),
            Item::Pointer(pointer) => peer.pointer.clone_from(pointer),
            Item::Follow(viewer) => peer.follows = *viewer,
            Item::Inspection(state) => peer.inspection = state.as_slice().into(),
            Item::Clear { before } => peer.strokes.retain(|stroke| stroke.id >= *before),
            Item::Stroke { id, part, from, points, done } => return self.draw(*id, part, *from, points, *done),
            Item::Leave | Item::Line { .. } => return false,
        }
        true
    }

    fn draw(
        &mut self,
        id: u32,
        part: &twinscope_twin::room::PartName,
        from: u32,
        points: &[[f32; 3]],
        done: bool,
    ) -> bool {
        let strokes = &mut self.peer.strokes;
        let place = match strokes.binary_search_by_key(&id, |stroke| stroke.id) {
            Ok(place) => place,
            Err(place) => {
                let empty = Stroke { id, part: part.clone(), points: Vec::new(), done: false };
                strokes.insert(place, Arc::new(empty));
                place
            }
        };
        let Some(stroke) = strokes.get_mut(place) else { return false };
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        if from.saturating_add(points.len()) <= stroke.points.len() && stroke.done == done {
            // Told again to somebody who is new.
            return false;
        }
        let stroke = Arc::make_mut(stroke);
        stroke.points.truncate(from);
        let room = STROKE_POINTS.saturating_sub(stroke.points.len());
        stroke.points.extend(points.iter().take(room));
        stroke.done = done;
        // Senders keep to the bounds: here they hold against those who do not.
        let all = |strokes: &[Arc<Stroke>]| strokes.iter().map(|stroke| stroke.points.len()).sum::<usize>();
        while strokes.len() > MOST_STROKES || (all(strokes) > MOST_POINTS && strokes.len() > 1) {
            strokes.remove(0);
        }
        true
    }
}
