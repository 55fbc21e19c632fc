//! One source as the core sees it: where its topics lead, and how its link is doing.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::said::Said;
use crate::decode::{Binding, Limits, Plan};
use crate::routing::{FilterId, Frontier, Router, is_valid_filter, minimal};
use crate::site::Source;
use crate::snapshot::{LinkState, SourceStatus};
use crate::time::Now;

/// Topics longer than this are not cached: together with the bound on their number this bounds the memory.
const LONGEST_CACHED_TOPIC: usize = 1024;
/// Bytes of the last payload that are kept for each cached topic, for the inspector.
const KEPT_PAYLOAD: usize = 256;
/// Most combinations of filters for which one plan is made. Beyond, the plans of the filters run one after the other.
const MOST_MERGED: usize = 4096;

/// One source.
#[derive(Debug)]
pub(super) struct Feed {
    router: Router,
    /// All filters with something bound, for subscriptions.
    filters: Vec<String>,
    /// The bindings of each filter.
    bindings: Vec<Vec<Binding>>,
    /// The filters of twinscope's own topics; they have no bindings.
    own: Vec<(Said, FilterId)>,
    /// The plan of each filter, then those of combinations.
    pub plans: Vec<Plan>,
    merged: HashMap<Box<[FilterId]>, u32>,
    /// Seen topics. SipHash: topics are chosen by others.
    topics: HashMap<Arc<[u8]>, u32>,
    entries: Vec<Entry>,
    most_topics: usize,
    frontier: Frontier,
    found: Vec<FilterId>,
    pub limits: Limits,
    pub simulated: bool,
    pub status: Status,
}

/// A topic that was seen.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: Arc<[u8]>,
    /// Its plans: one, or several when there are too many combinations.
    pub plans: Box<[u32]>,
    /// What it says beside that.
    pub said: Option<Said>,
    /// The beginning of the last payload.
    pub last: Vec<u8>,
}

/// Where a topic leads.
#[derive(Debug)]
pub(super) enum Route {
    /// To an entry of the cache.
    Known(u32),
    /// To these plans, and to what is said on twinscope's own topics or not; nothing is kept of the topic.
    Once(Box<[u32]>, Option<Said>),
    /// To what is said on twinscope's own topics, and nowhere else.
    Said(Said),
    /// Nowhere.
    Unbound,
}

impl Feed {
    pub fn new(source: &Source, bindings: Vec<Binding>, own: &[(Said, String)]) -> Self {
        let mut by_filter: BTreeMap<String, Vec<Binding>> = BTreeMap::new();
        for binding in bindings {
            if is_valid_filter(&binding.input.filter) {
                by_filter.entry(binding.input.filter.clone()).or_default().push(binding);
            }
        }
        let mut router = Router::default();
        for filter in by_filter.keys() {
            router.add(filter);
        }
        let mut filters: Vec<String> = by_filter.keys().cloned().collect();
        let valid = own.iter().filter(|(_, filter)| is_valid_filter(filter));
        filters.extend(valid.clone().map(|(_, filter)| filter.clone()));
        let own = valid.map(|(said, filter)| (*said, router.add(filter))).collect();
        let bindings: Vec<Vec<Binding>> = by_filter.into_values().collect();
        Self {
            router,
            filters,
            plans: bindings.iter().map(Plan::new).collect(),
            bindings,
            own,
            merged: HashMap::new(),
            topics: HashMap::new(),
            entries: Vec::new(),
            most_topics: source.max_topics as usize,
            frontier: Frontier::default(),
            found: Vec::new(),
            limits: Limits { payload: source.max_packet as usize, depth: source.max_json_depth.min(127) },
            simulated: source.simulated,
            status: Status::default(),
        }
    }

    /// The fewest subscriptions that reach all bindings.
    pub fn subscriptions(&self) -> Vec<String> {
        minimal(self.filters.iter().map(String::as_str))
    }

    pub fn entry(&self, row: u32) -> Option<&Entry> {
        self.entries.get(row as usize)
    }

    /// Finds where a topic leads and keeps the beginning of its payload.
    pub fn route(&mut self, topic: &[u8], payload: &[u8]) -> Route {
        let row = match self.topics.get(topic) {
            Some(row) => *row,
            None => match self.resolve(topic) {
                Route::Known(row) => row,
                other => return other,
            },
        };
        if let Some(entry) = self.entries.get_mut(row as usize) {
            entry.last.clear();
            entry.last.extend_from_slice(payload.get(..KEPT_PAYLOAD).unwrap_or(payload));
        }
        Route::Known(row)
    }

    fn resolve(&mut self, topic: &[u8]) -> Route {
        self.found.clear();
        self.router.matches(topic, &mut self.frontier, &mut self.found);
        if self.found.is_empty() {
            return Route::Unbound;
        }
        self.found.sort_unstable();
        let own = &self.own;
        let said = own.iter().find(|(_, id)| self.found.contains(id)).map(|(said, _)| *said);
        self.found.retain(|id| !own.iter().any(|(_, own)| own == id));
        let plans = self.plans_of_found();
        if let Some(said) = said.filter(|_| plans.is_empty()) {
            // Predictions are rare and their topics are of anyone's making: they must not fill the cache.
            return Route::Said(said);
        }
        if self.entries.len() >= self.most_topics || topic.len() > LONGEST_CACHED_TOPIC {
            return Route::Once(plans, said);
        }
        let Ok(row) = u32::try_from(self.entries.len()) else { return Route::Once(plans, said) };
        let name: Arc<[u8]> = topic.into();
        self.entries.push(Entry { name: Arc::clone(&name), plans, said, last: Vec::new() });
        self.topics.insert(name, row);
        Route::Known(row)
    }

    /// One plan for all filters found, made when the combination is seen first.
    fn plans_of_found(&mut self) -> Box<[u32]> {
        match self.found.as_slice() {
            [] => Box::new([]),
            [one] => Box::new([*one]),
            many => {
                if let Some(plan) = self.merged.get(many) {
                    return Box::new([*plan]);
                }
                let Ok(plan) = u32::try_from(self.plans.len()) else { return many.into() };
                if self.merged.len() >= MOST_MERGED {
                    return many.into();
                }
                let bindings = many.iter().filter_map(|id| self.bindings.get(*id as usize)).flatten();
                self.plans.push(Plan::new(bindings));
                self.merged.insert(many.into(), plan);
                Box::new([plan])
            }
        }
    }
}

/// How long a trouble is told that does not come again, ms.
const TROUBLE_MS: u64 = 10 * 60_000;

/// How a link is doing.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub link: LinkState,
    pub messages: u64,
    pub dropped: u64,
    /// What went wrong last, and when by the monotonic clock.
    trouble: Option<(String, u64)>,
    rate: Rate,
    delays: Delays,
}

impl Status {
    pub fn heard(&mut self, received: Now) {
        self.messages += 1;
        self.rate.count(received.mono_ms);
    }

    /// Receipt minus source time of one message, ms.
    pub fn delayed(&mut self, delay_ms: i64) {
        self.delays.push(delay_ms);
    }

    pub fn is_lost(&self) -> bool {
        matches!(self.link, LinkState::Lost { .. } | LinkState::Refused { .. })
    }

    /// Keeps what went wrong last, at most 240 characters and none that control.
    pub fn trouble(&mut self, text: &str, now: Now) {
        self.trouble = Some((text.chars().filter(|c| !c.is_control()).take(240).collect(), now.mono_ms));
    }

    pub fn show(&self, now: Now) -> SourceStatus {
        SourceStatus {
            link: self.link.clone(),
            messages: self.messages,
            rate_per_s: self.rate.per_s(now.mono_ms),
            dropped: self.dropped,
            delay_ms: self.delays.median(),
            trouble: self
                .trouble
                .as_ref()
                .filter(|(_, at_ms)| now.mono_ms.saturating_sub(*at_ms) < TROUBLE_MS)
                .map(|(text, _)| text.clone()),
        }
    }
}

/// Seconds over which the rate is taken. Full seconds, so that a steady stream shows a steady number.
const RATE_SPAN_S: u64 = 5;

/// Messages in each of the last seconds.
#[derive(Debug, Default)]
struct Rate {
    counts: [u32; 8],
    newest_s: u64,
    first_s: Option<u64>,
}

impl Rate {
    fn count(&mut self, mono_ms: u64) {
        let second = mono_ms / 1000;
        self.first_s.get_or_insert(second);
        if second > self.newest_s {
            for skipped in self.newest_s.max(second.saturating_sub(8)) + 1..=second {
                if let Some(count) = self.counts.get_mut((skipped % 8) as usize) {
                    *count = 0;
                }
            }
            self.newest_s = second;
        }
        if self.newest_s - second < 8
            && let Some(count) = self.counts.get_mut((second % 8) as usize)
        {
            *count = count.saturating_add(1);
        }
    }

    fn per_s(&self, mono_ms: u64) -> f32 {
        let Some(first) = self.first_s else { return 0.0 };
        let second = mono_ms / 1000;
        let from = second.saturating_sub(RATE_SPAN_S).max(first);
        let seconds = from..second;
        if seconds.is_empty() {
            // The very first second: what there is.
            return self.counts.get((second % 8) as usize).map_or(0.0, |count| *count as f32);
        }
        let span = (second - from) as f32;
        let total: u64 = seconds
            .filter(|second| *second <= self.newest_s && self.newest_s - second < 8)
            .filter_map(|second| self.counts.get((second % 8) as usize))
            .map(|count| u64::from(*count))
            .sum();
        total as f32 / span
    }
}

/// The last delays.
#[derive(Debug)]
struct Delays {
    last_ms: [i32; 64],
    known: usize,
    next: usize,
}

impl Default for Delays {
    fn default() -> Self {
        Self { last_ms: [0; 64], known: 0, next: 0 }
    }
}

impl Delays {
    fn push(&mut self, delay_ms: i64) {
        if let Some(place) = self.last_ms.get_mut(self.next) {
            *place = delay_ms.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
        }
        self.next = (self.next + 1) % self.last_ms.len();
        self.known = (self.known + 1).min(self.last_ms.len());
    }

    fn median(&self) -> Option<f32> {
        let mut sorted = self.last_ms;
        let known = sorted.get_mut(..self.known)?;
        known.sort_unstable();
        known.get(known.len() / 2).map(|delay| *delay as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_five_full_seconds() {
        let mut rate = Rate::default();
        for ms in (0..10_000).step_by(100) {
            rate.count(ms);
        }
        assert_eq!(rate.per_s(10_000), 10.0);
        assert_eq!(rate.per_s(12_000), 6.0);
        assert_eq!(rate.per_s(60_000), 0.0);
        rate.count(60_000);
        assert_eq!(rate.per_s(61_000), 0.2);
    }

    #[test]
    fn the_first_seconds_are_not_diluted() {
        let mut rate = Rate::default();
        for ms in (500_000..502_000).step_by(100) {
            rate.count(ms);
        }
        assert_eq!(rate.per_s(502_000), 10.0);
    }

    #[test]
    fn the_delay_is_a_median() {
        let mut delays = Delays::default();
        assert_eq!(delays.median(), None);
        for delay in [5, 1_000_000_000_000, 7] {
            delays.push(delay);
        }
        assert_eq!(delays.median(), Some(7.0));
    }
}
