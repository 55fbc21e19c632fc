//! What was heard, per signal, by source time: numbers and switches, with their quality, in bounded memory.
//!
//! Samples of a signal lie in chunks of at most 128, ordered by source time; late ones are inserted where they
//! belong, equal times keep the order of arrival. A sample takes 16 bytes: its quality is packed beside its time.
//! Each chunk keeps its extremes, so that a query over a long time looks at chunks and not at samples.
//! When the budget is used up, the chunk that was opened first, of whichever signal, is let go and counted; but a
//! signal never loses its last chunk, so that a slow signal keeps its past beside fast ones.

mod chunk;

use std::collections::VecDeque;

use chunk::{CHUNK, Chunk, Packed, insert, usable};

use crate::quality::Quality;
use crate::site::SignalRow;
use crate::time::WallMs;

/// Samples that a signal keeps at least, whatever the budget: two chunks.
pub const LEAST_PER_SIGNAL: usize = 2 * CHUNK;

/// One sample of the past.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Source time, ms since the epoch.
    pub source_ms: WallMs,
    /// The value (a switch counts 0 or 1); NaN where there was none that can be used.
    pub value: f64,
    /// Its quality when it was heard.
    pub quality: Quality,
}

/// Samples of one signal within one slice of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bucket {
    /// Source time of the first sample in it, ms since the epoch.
    pub first_ms: WallMs,
    /// Source time of the last sample in it, ms since the epoch.
    pub last_ms: WallMs,
    /// Smallest value; NaN if the bucket holds no usable value.
    pub min: f64,
    /// Largest value; NaN if the bucket holds no usable value.
    pub max: f64,
    /// Last usable value; NaN if the bucket holds none.
    pub last: f64,
    /// Worst quality in it.
    pub quality: Quality,
    /// Number of samples in it, usable or not.
    pub count: u32,
}

/// The past of all signals.
#[derive(Clone, Debug)]
pub struct History {
    signals: Vec<VecDeque<Chunk>>,
    /// The signal of each chunk, in the order of opening.
    opened: VecDeque<SignalRow>,
    samples: usize,
    budget: usize,
    evicted: u64,
}

impl History {
    /// An empty history of `signals` signals that keeps at most `budget` samples over all of them (but
    /// [`LEAST_PER_SIGNAL`] of each).
    #[must_use]
    pub fn new(signals: usize, budget: usize) -> Self {
        Self {
            signals: vec![VecDeque::new(); signals],
            opened: VecDeque::new(),
            samples: 0,
            budget: budget.max(signals.saturating_mul(LEAST_PER_SIGNAL)),
            evicted: 0,
        }
    }

    /// Samples kept.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.samples
    }

    /// Nothing is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.samples == 0
    }

    /// Samples let go since the start.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Adds a sample where its source time belongs, after those of the same time. Times beyond 35 million years are
    /// moved to that bound.
    pub fn insert(&mut self, signal: SignalRow, sample: Sample) {
        let Some(chunks) = self.signals.get_mut(signal.index()) else { return };
        let packed = Packed::new(sample);
        if insert(chunks, packed) {
            self.opened.push_back(signal);
        }
        self.samples += 1;
        if self.samples > self.budget {
            self.evict();
        }
    }

    /// Lets the oldest chunk go that is not the last of its signal.
    fn evict(&mut self) {
        // Each turn either frees a chunk or has seen one more signal with a single chunk; there are at most as many of
        // those as signals, and more samples than two chunks for each signal, so one is found.
        for _ in 0..=self.signals.len() {
            let Some(signal) = self.opened.pop_front() else { return };
            let Some(chunks) = self.signals.get_mut(signal.index()) else { continue };
            if chunks.len() < 2 {
                self.opened.push_back(signal);
                continue;
            }
            let freed = chunks.pop_front().map_or(0, |chunk| chunk.samples.len());
            self.samples -= freed;
            self.evicted += freed as u64;
            return;
        }
    }

    /// The samples of a signal with source times in `from_ms..to_ms`, oldest first.
    pub fn range(&self, signal: SignalRow, from_ms: WallMs, to_ms: WallMs) -> impl Iterator<Item = Sample> {
        self.chunks(signal, from_ms, to_ms).flat_map(move |chunk| chunk.within(from_ms, to_ms)).map(|s| s.unpack())
    }

    /// The chunks that hold samples with source times in `from_ms..to_ms`.
    fn chunks(&self, signal: SignalRow, from_ms: WallMs, to_ms: WallMs) -> impl Iterator<Item = &Chunk> {
        let chunks = self.signals.get(signal.index());
        let first = chunks.map_or(0, |chunks| chunks.partition_point(|chunk| chunk.last_ms() < from_ms));
        chunks
            .into_iter()
            .flat_map(move |chunks| chunks.range(first..))
            .take_while(move |chunk| chunk.first_ms() < to_ms)
    }

    /// The last sample of a signal at or before a moment.
    #[must_use]
    pub fn at(&self, signal: SignalRow, at_ms: WallMs) -> Option<Sample> {
        let chunks = self.signals.get(signal.index())?;
        let row = chunks.partition_point(|chunk| chunk.first_ms() <= at_ms);
        let samples = &chunks.get(row.checked_sub(1)?)?.samples;
        let sample = samples.partition_point(|sample| sample.source_ms() <= at_ms);
        samples.get(sample.checked_sub(1)?).map(|sample| sample.unpack())
    }

    /// Source time of the first of the last `count` samples of a signal; of the oldest, if there are fewer.
    #[must_use]
    pub fn start_of_last(&self, signal: SignalRow, count: usize) -> Option<WallMs> {
        let mut left = count.max(1);
        let mut oldest = None;
        for chunk in self.signals.get(signal.index())?.iter().rev() {
            if let Some(place) = chunk.samples.len().checked_sub(left) {
                return chunk.samples.get(place).map(|sample| sample.source_ms());
            }
            left -= chunk.samples.len();
            oldest = Some(chunk.first_ms());
        }
        oldest
    }

    /// The samples in `from_ms..to_ms` in at most `most_points` buckets of equal width, oldest first; empty ones are
    /// left out.
    #[must_use]
    pub fn buckets(&self, signal: SignalRow, from_ms: WallMs, to_ms: WallMs, most_points: usize) -> Vec<Bucket> {
        if to_ms <= from_ms || most_points == 0 {
            return Vec::new();
        }
        let width = to_ms.abs_diff(from_ms).div_ceil(most_points as u64).max(1);
        let mut buckets: Vec<Bucket> = Vec::new();
        // Source time at which the last bucket ends.
        let mut end_ms = from_ms;
        let mut add = |next: Bucket| match buckets.last_mut() {
            Some(bucket) if next.first_ms < end_ms => bucket.merge(&next),
            _ => {
                let slices = next.first_ms.abs_diff(from_ms) / width + 1;
                end_ms = from_ms.saturating_add_unsigned(slices.saturating_mul(width));
                buckets.push(next);
            }
        };
        for chunk in self.chunks(signal, from_ms, to_ms) {
            let slice_of = |ms: WallMs| ms.abs_diff(from_ms) / width;
            let whole = chunk.first_ms() >= from_ms && chunk.last_ms() < to_ms;
            if whole && slice_of(chunk.first_ms()) == slice_of(chunk.last_ms()) {
                add(chunk.all);
                continue;
            }
            for sample in chunk.within(from_ms, to_ms) {
                add(Bucket::of(sample.unpack()));
            }
        }
        buckets
    }

    /// The samples in `from_ms..to_ms` as `[source time, value]`, thinned to at most `most_points` so that the smallest
    /// and the largest value of each slice stay, in their order and with their times. A gap is a NaN value.
    #[must_use]
    pub fn thinned(&self, signal: SignalRow, from_ms: WallMs, to_ms: WallMs, most_points: usize) -> Vec<[f64; 2]> {
        let point = |sample: &Sample| [sample.source_ms as f64, usable(sample).unwrap_or(f64::NAN)];
        let mut few: Vec<Sample> = self.range(signal, from_ms, to_ms).take(most_points + 1).collect();
        if few.len() <= most_points {
            return few.iter().map(point).collect();
        }
        few.clear();
        // Three points a slice at most: smallest, largest, and a gap.
        let width = to_ms.abs_diff(from_ms).div_ceil((most_points as u64 / 3).max(1)).max(1);
        let mut points = Vec::new();
        let (mut slice, mut kept) = (None, Slice::default());
        for sample in self.range(signal, from_ms, to_ms) {
            let of = Some(sample.source_ms.abs_diff(from_ms) / width);
            if slice != of {
                points.extend(kept.in_order().iter().flatten().map(point));
                (slice, kept) = (of, Slice::default());
            }
            kept.add(sample);
        }
        points.extend(kept.in_order().iter().flatten().map(point));
        points.truncate(most_points);
        points
    }
}

/// What stays of one slice when a curve is thinned.
#[derive(Default)]
struct Slice {
    smallest: Option<Sample>,
    largest: Option<Sample>,
    gap: Option<Sample>,
}

impl Slice {
    fn add(&mut self, sample: Sample) {
        let Some(value) = usable(&sample) else {
            self.gap.get_or_insert(sample);
            return;
        };
        if self.smallest.is_none_or(|kept| value < kept.value) {
            self.smallest = Some(sample);
        }
        if self.largest.is_none_or(|kept| value > kept.value) {
            self.largest = Some(sample);
        }
    }

    fn in_order(&self) -> [Option<Sample>; 3] {
        let largest = self.largest.filter(|largest| Some(*largest) != self.smallest);
        let mut kept = [self.smallest, largest, self.gap];
        kept.sort_by_key(|sample| sample.map_or(i64::MAX, |sample| sample.source_ms));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const S: SignalRow = SignalRow(0);

    fn good(source_ms: WallMs, value: f64) -> Sample {
        Sample { source_ms, value, quality: Quality::Good }
    }

    fn history(samples: &[(WallMs, f64)]) -> History {
        let mut history = History::new(1, 1_000_000);
        for (source_ms, value) in samples {
            history.insert(S, good(*source_ms, *value));
        }
        history
    }

    #[test]
    fn late_samples_are_found_where_they_belong() {
        let history = history(&[(10, 1.0), (30, 3.0), (20, 2.0), (5, 0.5)]);
        let values: Vec<f64> = history.range(S, 6, 30).map(|sample| sample.value).collect();
        assert_eq!(values, [1.0, 2.0]);
    }

    #[test]
    fn the_sample_at_a_moment_is_the_last_before_it() {
        let history = history(&[(10, 1.0), (20, 2.0)]);
        for (at_ms, expected) in [(9, None), (10, Some(1.0)), (19, Some(1.0)), (20, Some(2.0)), (99, Some(2.0))] {
            assert_eq!(history.at(S, at_ms).map(|sample| sample.value), expected, "{at_ms}");
        }
    }

    #[test]
    fn buckets_keep_extremes_and_worst_quality() {
        let mut history = history(&[(0, 1.0), (1, 5.0), (2, 3.0), (10, 7.0)]);
        history.insert(S, Sample { source_ms: 3, value: f64::NAN, quality: Quality::Bad });
        let buckets = history.buckets(S, 0, 20, 4);
        let expected = [
            Bucket { first_ms: 0, last_ms: 3, min: 1.0, max: 5.0, last: 3.0, quality: Quality::Bad, count: 4 },
            Bucket { first_ms: 10, last_ms: 10, min: 7.0, max: 7.0, last: 7.0, quality: Quality::Good, count: 1 },
        ];
        assert_eq!(buckets, expected);
    }

    #[test]
    fn impossible_ranges_are_empty() {
        let history = history(&[(0, 1.0)]);
        assert!(history.buckets(S, 5, 5, 10).is_empty());
        assert!(history.buckets(S, 5, -5, 10).is_empty());
        assert!(history.buckets(S, 0, 5, 0).is_empty());
        assert!(history.buckets(SignalRow(7), 0, 5, 10).is_empty());
        assert_eq!(history.buckets(S, i64::MIN, i64::MAX, 10).len(), 1);
    }

    #[test]
    fn times_at_the_ends_of_time_are_kept() {
        let history = history(&[(i64::MAX, 1.0), (i64::MIN, 2.0), (0, 3.0)]);
        let values: Vec<f64> = history.range(S, i64::MIN, i64::MAX).map(|sample| sample.value).collect();
        assert_eq!(values, [2.0, 3.0, 1.0]);
    }

    #[test]
    fn thinning_keeps_extremes_and_gaps() {
        let mut history = History::new(1, 1_000_000);
        for ms in 0..10_000_i64 {
            history.insert(S, good(ms, f64::from(u8::try_from(ms % 7).unwrap())));
        }
        history.insert(S, good(5_000, 100.0));
        history.insert(S, good(6_001, -100.0));
        history.insert(S, Sample { source_ms: 7_000, value: f64::NAN, quality: Quality::Stale });
        let points = history.thinned(S, 0, 10_000, 600);
        assert!(points.len() <= 600 && points.len() > 300, "{}", points.len());
        assert!(points.contains(&[5_000.0, 100.0]) && points.contains(&[6_001.0, -100.0]));
        assert!(points.iter().any(|[ms, value]| *ms == 7_000.0 && value.is_nan()));
        assert!(points.is_sorted_by(|a, b| a[0] <= b[0]));
    }

    #[test]
    fn few_samples_are_not_thinned() {
        let history = history(&[(0, 1.0), (1, 2.0), (2, 3.0)]);
        assert_eq!(history.thinned(S, 0, 3, 3), [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]);
    }

    #[test]
    fn the_oldest_goes_first_but_a_slow_signal_keeps_its_own() {
        let slow = SignalRow(1);
        let mut history = History::new(2, 0);
        assert_eq!(history.budget, 2 * LEAST_PER_SIGNAL);
        history.insert(slow, good(0, 1.0));
        for ms in 0..10_000 {
            history.insert(S, good(ms, 0.0));
            assert!(history.len() <= history.budget);
        }
        assert_eq!(history.at(slow, 100).map(|sample| sample.value), Some(1.0));
        assert_eq!(history.evicted() + history.len() as u64, 10_001);
        assert!(history.at(S, 0).is_none());
        assert_eq!(history.range(S, 0, 10_000).last().map(|sample| sample.source_ms), Some(9_999));
    }

    proptest! {
        #[test]
        fn equals_a_sorted_list(
            samples in prop::collection::vec((0..400_i64, 0..1000_u32), 0..700),
            (from_ms, length, points) in (-10..400_i64, 0..500_i64, 1..40_usize),
        ) {
            let samples: Vec<(i64, f64)> = samples.into_iter().map(|(ms, value)| (ms, f64::from(value))).collect();
            let history = history(&samples);
            let to_ms = from_ms + length;
            let mut sorted = samples;
            sorted.sort_by_key(|(ms, _)| *ms);
            let expected: Vec<(i64, f64)> =
                sorted.iter().copied().filter(|(ms, _)| (from_ms..to_ms).contains(ms)).collect();
            let found: Vec<(i64, f64)> =
                history.range(S, from_ms, to_ms).map(|sample| (sample.source_ms, sample.value)).collect();
            prop_assert_eq!(&found, &expected);
            let before = sorted.iter().rev().find(|(ms, _)| *ms <= from_ms).map(|(_, value)| *value);
            prop_assert_eq!(history.at(S, from_ms).map(|sample| sample.value), before);
            let first_of_last = sorted.iter().rev().take(points).next_back().map(|(ms, _)| *ms);
            prop_assert_eq!(history.start_of_last(S, points), first_of_last);

            let buckets = history.buckets(S, from_ms, to_ms, points);
            prop_assert!(buckets.len() <= points);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count as usize).sum::<usize>(), expected.len());
            for bucket in &buckets {
                let inside = expected.iter().filter(|(ms, _)| (bucket.first_ms..=bucket.last_ms).contains(ms));
                let values: Vec<f64> = inside.map(|(_, value)| *value).collect();
                prop_assert_eq!(values.len(), bucket.count as usize);
                prop_assert_eq!(values.iter().copied().fold(f64::INFINITY, f64::min), bucket.min);
                prop_assert_eq!(values.iter().copied().fold(f64::NEG_INFINITY, f64::max), bucket.max);
                prop_assert_eq!(values.last().copied(), Some(bucket.last));
            }

            // A few wide buckets, so that whole chunks are taken at once.
            for bucket in history.buckets(S, -1, 500, 3) {
                let inside = sorted.iter().filter(|(ms, _)| (bucket.first_ms..=bucket.last_ms).contains(ms));
                let values: Vec<f64> = inside.map(|(_, value)| *value).collect();
                prop_assert_eq!(values.len(), bucket.count as usize);
                prop_assert_eq!(values.iter().copied().fold(f64::INFINITY, f64::min), bucket.min);
                prop_assert_eq!(values.iter().copied().fold(f64::NEG_INFINITY, f64::max), bucket.max);
                prop_assert_eq!(values.last().copied(), Some(bucket.last));
            }

            let thinned = history.thinned(S, from_ms, to_ms, points);
            prop_assert!(thinned.len() <= points);
            prop_assert!(thinned.iter().all(|[ms, value]| expected.iter().any(|(m, v)| *m as f64 == *ms && v == value)));
        }

        #[test]
        fn the_budget_holds_whatever_the_order(
            samples in prop::collection::vec((0..3_u32, 0..1000_i64), 0..3000),
        ) {
            let mut history = History::new(3, 0);
            for (signal, ms) in &samples {
                history.insert(SignalRow(*signal), good(*ms, 0.0));
                prop_assert!(history.len() <= history.budget);
            }
            let kept: usize = (0..3).map(|row| history.range(SignalRow(row), 0, 1000).count()).sum();
            prop_assert_eq!(kept, history.len());
            prop_assert_eq!(kept as u64 + history.evicted(), samples.len() as u64);
        }
    }
}
