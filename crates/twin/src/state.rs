//! The reducer: everything that happens to the twin goes through [`TwinState::apply`], and everything that the screen
//! shows comes from [`TwinState::snapshot`].
//!
//! What every sample passes, in this order: time and range, the alarms on its signal, history, the expressions that
//! read it. Expressions that an alarm depends on see every sample; the others (health, values that are only shown) see
//! the last of each batch, because they cost more than all the rest. A sample that comes late is kept in history and
//! changes nothing that is true now, alarms included.
//!
//! The same inputs with the same times give the same state: there is no clock and no randomness in here. (The topic
//! cache hashes with a random key, but nothing that is shown depends on its order.)

mod cracks;
mod feed;
mod formulas;
mod input;
mod lists;
mod live;
mod obey;
mod picture;
mod procedures;
mod said;
mod send;
mod slot;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::advice::Advices;
use crate::command::{Command, LoggedCommand};
use crate::decode::{Binding, Expects, Scratch};
use crate::health::children_first;
use crate::history::{Bucket, Sample};
use crate::prediction::{Issue, PredictionKey, Predictions};
use crate::quality::Quality;
use crate::record::{Record, Records};
use crate::site::{AssetRow, Condition, PartRow, Signal, SignalInput, SignalRow, Site, SourceRow};
use crate::snapshot::{LinkState, Snapshot};
use crate::time::{Now, WallMs};

pub use input::{Changes, Input, Kept, LinkEvent, Options, RawMessage};

use feed::{Feed, Route};
use live::{Live, Receipt};

/// Commands that the log keeps.
pub const LOGGED_COMMANDS: usize = 1024;

/// The state of the twin.
#[derive(Debug)]
pub struct TwinState {
    site: Arc<Site>,
    options: Options,
    feeds: Vec<Feed>,
    live: Live,
    scratch: Scratch,
    predictions: Predictions,
    predicted_health: picture::PredictedHealth,
    lives: said::Lives,
    records: Records,
    advices: Advices,
    procedures: procedures::Procedures,
    /// Of the last record that was published, ms since the epoch.
    last_stamp_ms: WallMs,
    /// Part rows by asset and part id, for twinscope's own topics.
    parts: HashMap<(AssetRow, Box<str>), PartRow>,
    assets: HashMap<Box<str>, AssetRow>,
    /// Children before parents.
    order: Vec<PartRow>,
    selected: Option<PartRow>,
    log: VecDeque<LoggedCommand>,
}

impl TwinState {
    /// A twin that has not heard anything.
    #[must_use]
    pub fn new(site: Arc<Site>, options: Options) -> Self {
        let mut bindings: Vec<Vec<Binding>> = vec![Vec::new(); site.sources.len()];
        let expected = expectations(&site);
        for ((signal, expects), row) in site.signals.iter().zip(expected).zip(0..) {
            let source = site.parts.get(signal.part.index()).and_then(|part| site.assets.get(part.asset.index()));
            let list = source.and_then(|asset| bindings.get_mut(asset.source.index()));
            if let (SignalInput::Topic(input), Some(list)) = (&signal.input, list) {
                list.push(Binding { signal: SignalRow(row), expects, input: input.clone() });
            }
        }
        let own = said::filters(&site);
        let feeds = site.sources.iter().zip(bindings).map(|(source, list)| Feed::new(source, list, &own)).collect();
        Self {
            live: Live::new(&site, options.history_samples),
            feeds,
            scratch: Scratch::default(),
            predictions: Predictions::default(),
            predicted_health: picture::PredictedHealth::new(),
            lives: said::Lives::new(),
            records: Records::default(),
            advices: Advices::default(),
            procedures: procedures::Procedures::default(),
            parts: site
                .parts
                .iter()
                .zip(0..)
                .map(|(part, row)| ((part.asset, part.id.as_str().into()), PartRow(row)))
                .collect(),
            assets: site.assets.iter().zip(0..).map(|(asset, row)| (asset.id.as_str().into(), AssetRow(row))).collect(),
            order: children_first(&site),
            selected: None,
            last_stamp_ms: WallMs::MIN,
            log: VecDeque::new(),
            site,
            options,
        }
    }

    /// The site it runs.
    #[must_use]
    pub fn site(&self) -> &Arc<Site> {
        &self.site
    }

    /// The subscriptions that a source needs, those to predictions, records and advice included: sorted, without duplicates, without filters that
    /// another one covers.
    #[must_use]
    pub fn filters(&self, source: SourceRow) -> Vec<String> {
        self.feeds.get(source.index()).map(Feed::subscriptions).unwrap_or_default()
    }

    /// Applies one input. The only way to change the state.
    pub fn apply(&mut self, input: Input<'_, '_>, now: Now) -> Changes {
        self.live.start(now);
        let mut outgoing = Vec::new();
        match input {
            Input::Messages { source, messages } => {
                for message in messages {
                    self.ingest(source, &message);
                    self.follow_message(message.received);
                }
            }
            Input::Link { source, event } => self.link_event(source, event, now),
            Input::Command(command) => outgoing.extend(self.obey(command, now)),
            Input::Tick => self.live.tick(now),
        }
        self.live.evaluate(now);
        self.follow(now);
        let kept = self.write_record(&mut outgoing, now);
        let next_due = [self.live.next_due(), self.procedures.next_due(now)].into_iter().flatten().min();
        Changes { visible: std::mem::take(&mut self.live.visible), outgoing, kept, next_due }
    }

    /// Applies messages of one source, in the order of receipt.
    pub fn messages<'a>(
        &mut self,
        source: SourceRow,
        messages: impl IntoIterator<Item = RawMessage<'a>>,
        now: Now,
    ) -> Changes {
        self.apply(Input::Messages { source, messages: &mut messages.into_iter() }, now)
    }

    /// Applies what a link tells about itself.
    pub fn link(&mut self, source: SourceRow, event: LinkEvent, now: Now) -> Changes {
        self.apply(Input::Link { source, event }, now)
    }

    /// Applies a command.
    pub fn command(&mut self, command: Command, now: Now) -> Changes {
        self.apply(Input::Command(command), now)
    }

    /// Lets time pass: staleness, delays of alarms. At least four times a second; cheap when nothing is due.
    pub fn tick(&mut self, now: Now) -> Changes {
        self.apply(Input::Tick, now)
    }

    /// The twin as the screen sees it.
    #[must_use]
    pub fn snapshot(&self, now: Now) -> Snapshot {
        picture::snapshot(self, now)
    }

    /// The history of a signal over source times `from_ms..to_ms` in at most `most_points` buckets of equal width,
    /// oldest first; empty ones are left out.
    #[must_use]
    pub fn history(&self, signal: SignalRow, from_ms: WallMs, to_ms: WallMs, most_points: usize) -> Vec<Bucket> {
        self.live.history.buckets(signal, from_ms, to_ms, most_points)
    }

    /// The last sample of a signal at or before a moment of source time.
    #[must_use]
    pub fn history_at(&self, signal: SignalRow, at_ms: WallMs) -> Option<Sample> {
        self.live.history.at(signal, at_ms)
    }

    /// The latest number of a signal, if it may be used without a second thought: its quality is good.
    #[must_use]
    pub fn good_number(&self, signal: SignalRow) -> Option<f64> {
        let (quality, _) = self.live.quality(signal.index());
        let value = self.live.slots.get(signal.index())?.value.as_ref()?;
        value.as_number().filter(|number| quality == Quality::Good && number.is_finite())
    }

    /// What people found, did and plan at a part, newest first.
    pub fn records(&self, part: PartRow) -> impl Iterator<Item = &Record> {
        self.records.of_part(part).iter().map(|record| &**record)
    }

    /// Every kept issue of every prediction of a part, withdrawn ones too, by key; the one issued last comes first.
    #[must_use]
    pub fn predictions(&self, part: PartRow) -> Vec<(&PredictionKey, Vec<&Issue>)> {
        self.predictions.of_part(part).map(|(key, issues)| (key, issues.collect())).collect()
    }

    /// The log of commands, oldest first; the last [`LOGGED_COMMANDS`].
    pub fn log(&self) -> impl Iterator<Item = &LoggedCommand> {
        self.log.iter()
    }

    fn ingest(&mut self, source: SourceRow, message: &RawMessage<'_>) {
        self.live.counters.messages += 1;
        let Some(feed) = self.feeds.get_mut(source.index()) else { return };
        feed.status.heard(message.received);
        let route = feed.route(message.topic, message.payload);
        let mut receipt = Receipt { at: message.received, retained: message.retained, topic: None };
        let once;
        let (plans, said) = match &route {
            Route::Unbound => {
                self.live.counters.unbound += 1;
                return;
            }
            Route::Said(said) => return self.said(*said, source, message),
            Route::Known(row) => {
                receipt.topic = Some(*row);
                let Some(entry) = feed.entry(*row) else { return };
                (&entry.plans, entry.said)
            }
            Route::Once(plans, said) => {
                self.live.counters.uncached += 1;
                once = plans;
                (once, *said)
            }
        };
        let (mut source_ms, mut unreadable) = (None, false);
        for plan in plans.iter().filter_map(|plan| feed.plans.get(*plan as usize)) {
            let live = &mut self.live;
            let read = plan.read(message.payload, feed.limits, &mut self.scratch, |sample| {
                source_ms = source_ms.or(sample.source_ms);
                live.sample(sample, receipt);
            });
            if read.is_err() {
                unreadable = true;
                for signal in plan.signals() {
                    self.live.unreadable(signal, receipt);
                }
            }
        }
        self.live.counters.unreadable += u64::from(unreadable);
        if let Some(ms) = source_ms.filter(|_| !message.retained) {
            feed.status.delayed(message.received.wall_ms.saturating_sub(ms));
        }
        if let Some(said) = said {
            self.said(said, source, message);
        }
    }

    fn link_event(&mut self, source: SourceRow, event: LinkEvent, now: Now) {
        let Some(feed) = self.feeds.get_mut(source.index()) else { return };
        self.live.visible = true;
        let status = &mut feed.status;
        match event {
            // While a lost connection is tried again, what a person wants to know is since when it is lost.
            LinkEvent::Connecting if matches!(status.link, LinkState::Lost { .. }) => return,
            LinkEvent::Connecting => status.link = LinkState::Connecting,
            LinkEvent::Live => status.link = LinkState::Live,
            LinkEvent::Lost { reason } => {
                let since = match status.link {
                    LinkState::Lost { since, .. } => since,
                    _ => now,
                };
                status.link = LinkState::Lost { since, reason };
            }
            LinkEvent::Refused { reason } => status.link = LinkState::Refused { reason },
            LinkEvent::Direct { reason } => status.link = LinkState::Direct { reason },
            LinkEvent::Trouble { message } => return status.trouble(&message, now),
            LinkEvent::Dropped { messages } => {
                status.dropped = status.dropped.saturating_add(messages);
                self.live.counters.dropped = self.live.counters.dropped.saturating_add(messages);
                return self.live.source_dropped(source, now);
            }
        }
        let lost = status.is_lost();
        self.live.source_is_lost(source, lost, now);
    }
}

/// What each signal can be, by how it is used.
fn expectations(site: &Site) -> Vec<Expects> {
    let is_number = |signal: &Signal| match &signal.input {
        SignalInput::Topic(input) => {
            signal.range.is_some() || !signal.unit.is_empty() || input.scale != 1.0 || input.offset != 0.0
        }
        SignalInput::Expression(_) => false,
    };
    let mut expected: Vec<Expects> =
        site.signals.iter().map(|signal| if is_number(signal) { Expects::Number } else { Expects::Anything }).collect();
    let limits = site.alarms.iter().filter_map(|alarm| match &alarm.condition {
        Condition::Stale { .. } | Condition::When(_) => None,
        other => other.signal(),
    });
    let motions = site.parts.iter().flat_map(|part| &part.motions).map(|motion| motion.signal);
    for signal in limits.chain(motions) {
        if let Some(place) = expected.get_mut(signal.index())
            && *place == Expects::Anything
        {
            *place = Expects::Numeric;
        }
    }
    expected
}
