//! All predictions that were heard: every issue is kept, up to bounds, and none is overwritten.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::{Issue, PredictionKey, Refusal};
use crate::site::PartRow;

/// Most predictions that are told apart.
pub const MOST_KEYS: usize = 100_000;
/// Most issues kept of one prediction; beyond, the oldest goes.
pub const MOST_ISSUES: usize = 1024;
/// Most bytes of payload over all issues; beyond, the issue received first goes, except the latest of its prediction.
const MOST_BYTES: usize = 64 << 20;

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
    /// By the time of issue, oldest first, with the length of the payload.
    issues: VecDeque<(Issue, usize)>,
}

impl Predictions {
    /// Keeps an issue. Returns whether it is new: the same body, issued at the same time, is kept once, so that a broker
    /// may send its retained messages as often as it likes.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] if there is no room for another prediction.
    pub fn insert(&mut self, key: PredictionKey, issue: Issue, payload_bytes: usize) -> Result<bool, Refusal> {
        let known = self.by_key.get_key_value(&key).map(|(key, _)| Arc::clone(key));
        if known.is_none() {
            self.shrink_to(MOST_BYTES.saturating_sub(payload_bytes));
            if self.by_key.len() >= MOST_KEYS || self.bytes.saturating_add(payload_bytes) > MOST_BYTES {
                return Err(Refusal::Full);
            }
        }
        let key = known.unwrap_or_else(|| Arc::new(key));
        let series = self.by_key.entry(Arc::clone(&key)).or_default();
        if series.holds(&issue) {
            return Ok(false);
        }
        self.bytes += payload_bytes;
        let at = series.issues.partition_point(|(kept, _)| kept.issued_ms() <= issue.issued_ms());
        series.issues.insert(at, (issue, payload_bytes));
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

    /// The predictions of a part by key, each with its kept issues, the one issued last first.
    pub fn of_part(&self, part: PartRow) -> impl Iterator<Item = (&PredictionKey, impl Iterator<Item = &Issue>)> {
        let first = PredictionKey { part, quantity: String::new(), model: String::new(), scenario: String::new() };
        self.by_key
            .range(Arc::new(first)..)
            .take_while(move |(key, _)| key.part == part)
            .map(|(key, series)| (&**key, series.issues.iter().rev().map(|(issue, _)| issue)))
    }

    /// The latest issue of each prediction of a part, with the number of kept issues, by key.
    pub fn latest(&self, part: PartRow) -> impl Iterator<Item = (&PredictionKey, &Issue, usize)> {
        let first = PredictionKey { part, quantity: String::new(), model: String::new(), scenario: String::new() };
        self.by_key
            .range(Arc::new(first)..)
            .take_while(move |(key, _)| key.part == part)
            .filter_map(|(key, series)| series.issues.back().map(|(issue, _)| (&**key, issue, series.issues.len())))
    }
}

impl Series {
    /// Lets the oldest issue go; returns its bytes.
    fn pop_oldest(&mut self) -> usize {
        self.issues.pop_front().map_or(0, |(_, bytes)| bytes)
    }

    fn holds(&self, issue: &Issue) -> bool {
        if issue.body.issued_at.is_none() {
            // Without a time of issue, the same body again is news unless the broker only repeats it.
            return issue.retained && self.issues.back().is_some_and(|(kept, _)| kept.body == issue.body);
        }
        let at = issue.issued_ms();
        let from = self.issues.partition_point(|(kept, _)| kept.issued_ms() < at);
        self.issues
            .range(from..)
            .take_while(|(kept, _)| kept.issued_ms() == at)
            .any(|(kept, _)| kept.body == issue.body)
    }
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
            assert_eq!(predictions.insert(key(1, "rul"), issue(Some(at), value), 10), Ok(true));
        }
        predictions.insert(key(1, "health"), issue(None, 0.5), 10).unwrap();
        predictions.insert(key(2, "rul"), issue(None, 9.0), 10).unwrap();
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
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.0), 10), Ok(true));
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.0), 10), Ok(false));
        assert_eq!(predictions.insert(key(1, "rul"), issue(Some(20), 2.5), 10), Ok(true));
        // Without a time of issue only a repetition by the broker is recognised.
        assert_eq!(predictions.insert(key(2, "rul"), issue(None, 2.0), 10), Ok(true));
        assert_eq!(predictions.insert(key(2, "rul"), issue(None, 2.0), 10), Ok(true));
        let retained = Issue { retained: true, ..issue(None, 2.0) };
        assert_eq!(predictions.insert(key(2, "rul"), retained, 10), Ok(false));
    }

    #[test]
    fn issues_of_one_prediction_are_bounded() {
        let mut predictions = Predictions::default();
        for at in 0..3000 {
            predictions.insert(key(1, "rul"), issue(Some(at), at as f64), 10).unwrap();
        }
        let kept = values(&predictions, 1);
        assert_eq!((kept[0].1.len(), kept[0].1[0]), (MOST_ISSUES, 2999.0));
        assert_eq!(predictions.bytes, MOST_ISSUES * 10);
    }

    #[test]
    fn bytes_are_bounded_and_the_latest_of_each_stays() {
        let mut predictions = Predictions::default();
        predictions.insert(key(9, "slow"), issue(Some(1), 1.0), 1000).unwrap();
        for at in 0..(MOST_BYTES / 1000 / 10) as i64 {
            for part in 0..11 {
                predictions.insert(key(part, "rul"), issue(Some(at), 1.0), 1000).unwrap();
            }
            assert!(predictions.bytes <= MOST_BYTES);
        }
        assert_eq!(values(&predictions, 9)[1], ("slow".to_owned(), vec![1.0]));
    }

    #[test]
    fn keys_are_bounded() {
        let mut predictions = Predictions::default();
        for part in 0..MOST_KEYS {
            predictions.insert(key(u32::try_from(part).unwrap(), "q"), issue(Some(1), 1.0), 1).unwrap();
        }
        assert_eq!(predictions.insert(key(0, "other"), issue(Some(1), 1.0), 1), Err(Refusal::Full));
        assert_eq!(predictions.insert(key(0, "q"), issue(Some(2), 1.0), 1), Ok(true));
    }
}
