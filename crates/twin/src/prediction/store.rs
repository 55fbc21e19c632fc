//! All predictions that were heard: every issue is kept, up to bounds, and none is overwritten.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{Accepted, Check, FailureProbability, Issue, Lever, Parameter, PredictionKey, Refusal};
use crate::site::PartRow;

/// Most predictions that are told apart.
pub const MOST_KEYS: usize = 100_000;
/// Most issues kept of one prediction; beyond, the oldest goes.
pub const MOST_ISSUES: usize = 1024;
/// Most memory of all issues, bytes; beyond, the issue received first goes, except the latest of its prediction.
const MOST_BYTES: usize = 128 << 20;

/// The kept predictions.
#[derive(Clone, Debug, Default)]
pub struct Predictions {
    by_key: BTreeMap<Arc<PredictionKey>, Series>,
    /// The prediction of each kept issue, in the order of receipt.
    received: VecDeque<Arc<PredictionKey>>,
    bytes: usize,
}

/// The issues of one prediction.
#[derive(Clone, Debug, Default)]
struct Series {
    /// By [`Issue::rank`], lowest first. Boxed, because a queue allocates room for more than it holds.
    issues: VecDeque<Box<Kept>>,
}

#[derive(Clone, Debug)]
struct Kept {
    /// Shared with the pictures that show it.
    issue: Arc<Issue>,
    /// The memory it takes.
    bytes: usize,
    /// Its publisher has taken it back: part of the past, and no prediction any more.
    withdrawn: bool,
}

impl Predictions {
    /// Keeps an issue. Returns whether it is new: the same body, issued at the same time, is kept once, so that a broker
    /// may send its retained messages as often as it likes.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] if there is no room for another prediction.
    pub fn insert(&mut self, key: PredictionKey, issue: Issue) -> Result<bool, Refusal> {
        let bytes = weight(&issue);
        let known = self.by_key.get_key_value(&key).map(|(key, _)| Arc::clone(key));
        if known.is_none() {
            self.shrink_to(MOST_BYTES.saturating_sub(bytes));
            if self.by_key.len() >= MOST_KEYS || self.bytes.saturating_add(bytes) > MOST_BYTES {
                return Err(Refusal::Full);
            }
        }
        let key = known.unwrap_or_else(|| Arc::new(key));
        let series = self.by_key.entry(Arc::clone(&key)).or_default();
        if let Some(kept) = series.find(&issue) {
            kept.withdrawn = false;
            return Ok(false);
        }
        self.bytes += bytes;
        let at = series.issues.partition_point(|kept| kept.issue.rank() <= issue.rank());
        series.issues.insert(at, Box::new(Kept { issue: Arc::new(issue), bytes, withdrawn: false }));
        if series.issues.len() > MOST_ISSUES {
            self.bytes -= series.pop_oldest();
        } else {
            self.received.push_back(Arc::clone(&key));
        }
        self.shrink_to(MOST_BYTES);
        if self.bytes > MOST_BYTES
            && let Some(series) = self.by_key.get_mut(&key)
            && series.issues.len() > 1
        {
            self.bytes -= series.pop_oldest();
        }
        Ok(true)
    }

    /// Takes a prediction back: its issues so far stay in the past, and none of them is its latest any more.
    pub fn withdraw(&mut self, key: &PredictionKey) {
        for kept in self.by_key.get_mut(key).into_iter().flat_map(|series| &mut series.issues) {
            kept.withdrawn = true;
        }
    }

    /// Lets issues go, the one received first first, until `bytes` are left. Gives up after a few predictions that have
    /// only their latest left: the cost of an insertion stays bounded.
    fn shrink_to(&mut self, bytes: usize) {
        let mut spared = 0;
        while self.bytes > bytes && spared < 64 {
            let Some(key) = self.received.pop_front() else { return };
            match self.by_key.get_mut(&key) {
                Some(series) if series.issues.len() > 1 => self.bytes -= series.pop_oldest(),
                Some(_) => {
                    spared += 1;
                    self.received.push_back(key);
                }
                None => {}
            }
        }
    }

    /// Number of predictions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_key.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_key.is_empty()
    }

    /// The predictions of a part by key, each with its kept issues, withdrawn ones too, the one issued last first.
    pub fn of_part(&self, part: PartRow) -> impl Iterator<Item = (&PredictionKey, impl Iterator<Item = &Issue>)> {
        self.series(part).map(|(key, series)| (&**key, series.issues.iter().rev().map(|kept| &*kept.issue)))
    }

    /// The kept issues of one prediction, withdrawn ones too, the one issued last first.
    pub fn of_key(&self, key: &PredictionKey) -> impl Iterator<Item = &Issue> {
        self.by_key.get(key).into_iter().flat_map(|series| series.issues.iter().rev()).map(|kept| &*kept.issue)
    }

    /// The latest issue of each prediction of a part that is not withdrawn, with the number of kept issues, by key.
    pub fn latest(&self, part: PartRow) -> impl Iterator<Item = (&Arc<PredictionKey>, &Arc<Issue>, usize)> {
        self.series(part).filter_map(|(key, series)| {
            let latest = series.issues.iter().rev().find(|kept| !kept.withdrawn)?;
            Some((key, &latest.issue, series.issues.len()))
        })
    }

    fn series(&self, part: PartRow) -> impl Iterator<Item = (&Arc<PredictionKey>, &Series)> {
        let first = PredictionKey { part, quantity: String::new(), model: String::new(), scenario: String::new() };
        self.by_key.range(Arc::new(first)..).take_while(move |(key, _)| key.part == part)
    }
}

impl Series {
    /// Lets the oldest issue go; returns its bytes.
    fn pop_oldest(&mut self) -> usize {
        self.issues.pop_front().map_or(0, |kept| kept.bytes)
    }

    /// The kept issue that this one repeats.
    fn find(&mut self, issue: &Issue) -> Option<&mut Kept> {
        let said_at = issue.body.issued_at;
        if said_at.is_none() && !issue.retained {
            // Live and without a time of issue, the same body again is news.
            return None;
        }
        let from = match said_at {
            Some(at) => self.issues.partition_point(|kept| kept.issue.rank() < (true, at)),
            None => 0,
        };
        let same_time = |kept: &&mut Box<Kept>| said_at.is_none_or(|at| kept.issue.issued_ms() == at);
        let mut candidates = self.issues.range_mut(from..).take_while(same_time);
        candidates.find(|kept| kept.issue.body == issue.body).map(|kept| &mut **kept)
    }
}

/// About how much memory an issue takes, bytes. The payload says little about it: `{"unit":"h","value":1}` has 22 bytes
/// and makes half a thousand.
fn weight(issue: &Issue) -> usize {
    /// What an allocation costs beside its bytes: its header, and rounding up.
    const ALLOCATION: usize = 16;
    /// The queues that lead to it, with the room that they keep for more.
    const QUEUED: usize = 64;
    let text = |text: &String| text.capacity() + ALLOCATION;
    let body = &issue.body;
    let threshold = body.threshold.iter().flat_map(|of| [&of.quantity, &of.unit, &of.source]);
    let words = [&body.version, &body.provenance, &body.prior, &body.failure_mode].into_iter().flatten();
    let texts: usize = words.chain(threshold).chain([&body.unit]).map(text).sum();
    let path = body.path.as_ref().map_or(0, |path| {
        let numbers = [&path.in_h, &path.p05, &path.p50, &path.p95];
        text(&path.quantity)
            + text(&path.unit)
            + numbers.map(|list| list.capacity() * size_of::<f64>() + ALLOCATION).iter().sum::<usize>()
    });
    let numbers = |of: &BTreeMap<String, f64>| tree::<(String, f64)>(of.len()) + of.keys().map(text).sum::<usize>();
    let maps = numbers(&body.quantiles) + numbers(&body.raw_quantiles) + numbers(&body.setting);
    let of_parameter = |(name, of): (&String, &Parameter)| {
        text(name) + text(&of.title) + text(&of.unit) + of.prior_from.as_ref().map_or(0, text)
    };
    let parameters =
        tree::<(String, Parameter)>(body.parameters.len()) + body.parameters.iter().map(of_parameter).sum::<usize>();
    let pof = body.pof.capacity() * size_of::<FailureProbability>() + ALLOCATION;
    let outside = body.outside.capacity() * size_of::<String>() + body.outside.iter().map(text).sum::<usize>();
    let checks = body.checks.as_ref().map_or(0, |checks| {
        text(&checks.quantity) + text(&checks.unit) + checks.made.capacity() * size_of::<Check>() + ALLOCATION
    });
    let of_lever = |of: &Lever| text(&of.id) + text(&of.title) + text(&of.unit);
    let levers = body.levers.capacity() * size_of::<Lever>() + body.levers.iter().map(of_lever).sum::<usize>();
    let against = body.against.as_ref().map_or(0, |of| text(&of.scenario) + text(&of.unit));
    let of_accepted = |of: &Accepted| text(&of.id) + text(&of.title) + text(&of.unit);
    let accepts = body.accepts.capacity() * size_of::<Accepted>() + body.accepts.iter().map(of_accepted).sum::<usize>();
    let living = outside + checks + levers + against + accepts;
    size_of::<Kept>() + size_of::<Issue>() + QUEUED + texts + path + maps + parameters + pof + living
}

/// The nodes of a B-tree map: each has room for eleven entries and holds five at least, the first excepted.
const fn tree<Entry>(entries: usize) -> usize {
    entries.div_ceil(5) * 11 * size_of::<Entry>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prediction::Body;
    use crate::time::Now;

    fn key(part: u32, quantity: &str) -> PredictionKey {
        PredictionKey {
            part: PartRow(part),
            quantity: quantity.to_owned(),
            model: "m".to_owned(),
            scenario: "baseline".to_owned(),
        }
    }

    fn issue(issued_at: Option<i64>, value: f64) -> Issue {
        let body = Body { issued_at, unit: "h".to_owned(), value: Some(value), ..Body::default() };
        Issue { body, received: Now { wall_ms: 50, mono_ms: 50 }, retained: false }
    }

    fn values(predictions: &Predictions, part: u32) -> Vec<(String, Vec<f64>)> {
        predictions
            .of_part(PartRow(part))
            .map(|(key, issues)| (key.quantity.clone(), issues.filter_map(|issue| issue.body.value).collect()))
            .collect()
    }

    #[test]
    fn every_issue_is_kept_latest_first_whatever_the_order_of_arrival() {
        let mut predictions = Predictions::default();
        for (at, value) in [(20, 2.0), (10, 1.0), (30, 3.0)] {
            assert_eq!(predictions.insert(key(1, "rul"), issue(Some(at), value)), Ok(true));
        }
        predictions.insert(key(1, "health"), issue(None, 0.5)).unwrap();
        predictions.insert(key(2, "rul"), issue(None, 9.0)).unwrap();
        assert_eq!(
            values(&predictions, 1),
            [("health".to_owned(), vec![0.5]), ("rul".to_owned(), vec![3.0, 2.0, 1.0])]
        );
        let latest: Vec<_> = predictions.latest(PartRow(1)).map(|(_, issue, kept)| (issue.body.value, kept)).collect();
        assert_eq!(latest, [(Some(0.5), 1), (Some(3.0), 3)]);
    }

    #[test]
    fn the_same_issue_is_kept_once() {
        let mut predictions = Predictions::default();
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.0)), Ok(true));
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.0)), Ok(false));
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.5)), Ok(true));
        // Without a time of issue only a repetition by the broker is recognised.
        assert_eq!(predictions.insert(key(2, "rul"), issue(None, 2.0)), Ok(true));
        assert_eq!(predictions.insert(key(2, "rul"), issue(None, 2.0)), Ok(true));
        let retained = Issue { retained: true, ..issue(None, 2.0) };
        assert_eq!(predictions.insert(key(2, "rul"), retained), Ok(false));
    }

    #[test]
    fn issues_of_one_prediction_are_bounded() {
        let mut predictions = Predictions::default();
        for at in 0..3000 {
            predictions.insert(key(1, "rul"), issue(Some(at), at as f64)).unwrap();
        }
        let kept = values(&predictions, 1);
        assert_eq!((kept[0].1.len(), kept[0].1[0]), (MOST_ISSUES, 2999.0));
        assert_eq!(predictions.bytes, MOST_ISSUES * weight(&issue(Some(0), 0.0)));
    }

    #[test]
    fn memory_is_bounded_and_the_latest_of_each_stays() {
        let mut predictions = Predictions::default();
        let long = |at| {
            let mut issue = issue(Some(at), 1.0);
            issue.body.version = Some("v".repeat(20_000));
            issue
        };
        predictions.insert(key(9, "slow"), issue(Some(1), 1.0)).unwrap();
        for at in 0..1000 {
            for part in 0..11 {
                predictions.insert(key(part, "rul"), long(at)).unwrap();
            }
            assert!(predictions.bytes <= MOST_BYTES);
        }
        assert!(predictions.bytes > MOST_BYTES - 40_000, "it is used up");
        assert_eq!(values(&predictions, 9)[1], ("slow".to_owned(), vec![1.0]));
    }

    /// Bytes of the issue of a payload.
    fn weight_of(payload: &str) -> usize {
        let body = crate::prediction::parse_body(payload.as_bytes(), Now::default()).unwrap();
        weight(&Issue { body, received: Now::default(), retained: false })
    }

    #[test]
    fn a_small_payload_is_charged_for_the_memory_that_it_takes() {
        let least = size_of::<Issue>();
        assert!(weight_of(r#"{"unit":"h","value":1}"#) > least);
        // Two bytes make a double, six or seven a text with its entry in a map.
        let zeros = vec!["0"; 1000].join(",");
        let of_path = format!(
            r#"{{"in_h":[{}],"p05":[{zeros}],"p50":[{zeros}],"p95":[{zeros}]}}"#,
            (0..1000).map(|at| at.to_string()).collect::<Vec<_>>().join(","),
        );
        assert!(weight_of(&format!(r#"{{"unit":"h","path":{of_path}}}"#)) > least + 4 * 1000 * size_of::<f64>());
        let names = (0..1000).map(|at| format!(r#""{at}":{{}}"#)).collect::<Vec<_>>().join(",");
        let of_parameters = weight_of(&format!(r#"{{"unit":"h","value":1,"parameters":{{{names}}}}}"#));
        assert!(of_parameters > least + 1000 * size_of::<(String, Parameter)>());
        let empty = vec!["{}"; 1000].join(",");
        let of_checks = weight_of(&format!(r#"{{"unit":"h","value":1,"checks":{{"made":[{empty}]}}}}"#));
        assert!(of_checks > least + 1000 * size_of::<Check>());
        let levers = vec![r#"{"id":"a","high":1,"step":1}"#; 64].join(",");
        assert!(
            weight_of(&format!(r#"{{"unit":"h","value":1,"levers":[{levers}]}}"#)) > least + 64 * size_of::<Lever>()
        );
        let accepts = vec![r#"{"id":"a"}"#; 64].join(",");
        let of_accepts = weight_of(&format!(r#"{{"unit":"h","value":1,"accepts":[{accepts}]}}"#));
        assert!(of_accepts > least + 64 * size_of::<Accepted>());
        let long = "x".repeat(4000);
        for fields in
            [format!(r#""outside":["{long}"]"#), format!(r#""raw_quantiles":{{"0.5{}":1}}"#, "0".repeat(4000))]
        {
            assert!(weight_of(&format!(r#"{{"unit":"h","value":1,{fields}}}"#)) > least + 4000, "{fields}");
        }
    }

    #[test]
    fn what_may_be_of_any_age_is_not_the_latest_beside_what_is_dated() {
        let mut predictions = Predictions::default();
        let undated = Issue { retained: true, ..issue(None, 2.0) };
        predictions.insert(key(1, "rul"), issue(Some(20), 1.0)).unwrap();
        assert_eq!(predictions.insert(key(1, "rul"), undated.clone()), Ok(true));
        assert_eq!(values(&predictions, 1), [("rul".to_owned(), vec![1.0, 2.0])]);
        assert_eq!(predictions.insert(key(1, "rul"), undated), Ok(false), "the broker only repeats it");
    }

    #[test]
    fn a_withdrawn_prediction_is_past_until_it_is_issued_again() {
        let mut predictions = Predictions::default();
        let latest = |predictions: &Predictions| {
            predictions.latest(PartRow(1)).map(|(_, issue, _)| issue.body.value).collect::<Vec<_>>()
        };
        for at in [10, 20] {
            predictions.insert(key(1, "rul"), issue(Some(at), at as f64)).unwrap();
        }
        predictions.withdraw(&key(1, "rul"));
        assert_eq!(latest(&predictions), []);
        assert_eq!(values(&predictions, 1), [("rul".to_owned(), vec![20.0, 10.0])], "it was predicted");
        predictions.insert(key(1, "rul"), issue(Some(10), 10.0)).unwrap();
        assert_eq!(latest(&predictions), [Some(10.0)], "not what stays withdrawn");
    }

    #[test]
    fn keys_are_bounded() {
        let mut predictions = Predictions::default();
        for part in 0..MOST_KEYS {
            predictions.insert(key(u32::try_from(part).unwrap(), "q"), issue(Some(1), 1.0)).unwrap();
        }
        assert_eq!(predictions.insert(key(0, "other"), issue(Some(1), 1.0)), Err(Refusal::Full));
        assert_eq!(predictions.insert(key(0, "q"), issue(Some(2), 1.0)), Ok(true));
    }
}
