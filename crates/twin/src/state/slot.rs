//! The latest of one signal: its value, and how far that can be trusted.

use crate::quality::{Quality, QualityReason};
use crate::time::{Now, WallMs};
use crate::value::Value;

/// Age at which a signal is stale when only one sample was heard, so that no interval is known, ms.
const STALE_AFTER_ONE_MS: u32 = 60_000;
/// Bounds of a learned `stale_after`, ms.
const LEARNED_MS: std::ops::RangeInclusive<u32> = 2_000..=3_600_000;
/// Intervals that are remembered. Few, so that a new rhythm is learned soon; enough for a median.
const INTERVALS: usize = 8;
/// Late samples without one in order between them, at the pace of real time from first to last, after which the
/// source's clock is taken to have been set back.
const SET_BACK_AFTER: u8 = 3;
/// How long they must have kept that pace, ms: over less, a backlog can keep it by chance.
const SET_BACK_AFTER_MS: u64 = 2_000;
/// A run that is not at the pace of real time after this is measured anew, ms: it may have begun with a backlog.
const OFF_PACE_MS: u64 = 60_000;

/// The latest of one signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// Last value that could be read.
    pub value: Option<Value>,
    /// Source time of the value.
    pub source_ms: WallMs,
    /// The source told that time; else it is that of receipt.
    pub from_source: bool,
    /// When a sample was applied last; of an expression, when the input was that was heard longest ago.
    pub received: Option<Now>,
    /// When the sample of `source_ms` was applied; `None` if no source tells it: the expression has no inputs.
    pub source_at: Option<Now>,
    /// Quality of the last message, whatever has happened since.
    quality: Quality,
    reason: QualityReason,
    /// Nothing was heard for too long.
    pub stale: bool,
    /// The source was disconnected and this signal not heard since.
    pub disconnected: bool,
    /// Samples of the source were dropped and this signal not heard since.
    pub lost: bool,
    /// The topic heard last, in its source's cache.
    pub topic: Option<u32>,
    /// Changed since the last evaluation of the expressions that must see every sample, one of which reads it.
    pub touched: bool,
    rhythm: Rhythm,
    late: LateRun,
}

/// Learned intervals between samples.
#[derive(Clone, Copy, Debug, Default)]
struct Rhythm {
    /// When a live sample was received last, monotonic.
    heard_ms: Option<u64>,
    intervals_ms: [u32; INTERVALS],
    known: u8,
    next: u8,
    stale_after_ms: u32,
}

/// Late samples without one in order between them, from the first.
#[derive(Clone, Copy, Debug, Default)]
struct LateRun {
    source_ms: WallMs,
    mono_ms: u64,
    length: u8,
}

impl Slot {
    /// Sets the quality of the message heard last.
    pub fn judge(&mut self, quality: Quality, reason: QualityReason) {
        self.quality = quality;
        self.reason = reason;
    }

    /// Something was heard, and nothing that happened before counts any more.
    pub fn heard(&mut self, source_is_lost: bool) {
        self.stale = false;
        self.lost = false;
        self.disconnected = source_is_lost;
    }

    /// Quality now and its reason.
    pub fn effective(&self, source_is_lost: bool) -> (Quality, QualityReason) {
        match self.quality {
            Quality::NoData if self.reason == QualityReason::None => (Quality::NoData, QualityReason::NeverHeard),
            Quality::NoData | Quality::Bad => (self.quality, self.reason),
            // Connected again but not heard since: it is simply too old.
            _ if self.disconnected && source_is_lost => (Quality::Stale, QualityReason::Disconnected),
            _ if self.disconnected || self.stale => (Quality::Stale, QualityReason::TooOld),
            // An expression takes over what its inputs are.
            Quality::Stale | Quality::Uncertain => (self.quality, self.reason),
            Quality::Good if self.lost => (Quality::Uncertain, QualityReason::Lost),
            Quality::Good => (Quality::Good, QualityReason::None),
        }
    }

    /// Learns from a live sample received now. A retained one says nothing about the rhythm.
    pub fn learn(&mut self, now: Now) {
        if let Some(before_ms) = self.rhythm.heard_ms.replace(now.mono_ms) {
            self.rhythm.learn(u32::try_from(now.mono_ms.saturating_sub(before_ms)).unwrap_or(u32::MAX));
        }
    }

    /// Age at which it is stale by what was learned, ms: three times the median interval, 2 s to 1 h.
    pub fn learned_stale_after_ms(&self) -> u64 {
        u64::from(if self.rhythm.known == 0 { STALE_AFTER_ONE_MS } else { self.rhythm.stale_after_ms })
    }

    /// A guess at the source's time now, for what happens without a message of the source.
    pub fn source_now_ms(&self, now: Now) -> WallMs {
        match self.source_at {
            Some(at) if self.from_source => self.source_ms.saturating_add_unsigned(now.since_ms(at)),
            _ => now.wall_ms,
        }
    }

    /// A late sample arrived. Whether the source's clock must have been set back: then late is the new now.
    ///
    /// Otherwise a device whose clock is corrected by an hour would be stale for an hour while it is heard all the time.
    /// A backlog that a device sends after an outage comes faster than real time and does not count. The pace is that
    /// of the whole run: between neighbours it says nothing where a device sends in batches or a network delays.
    pub fn late(&mut self, source_ms: WallMs, received: Now) -> bool {
        let run = &mut self.late;
        let source_span = source_ms.saturating_sub(run.source_ms);
        let receiver_span = received.mono_ms.saturating_sub(run.mono_ms);
        let off_by = source_span.abs_diff(i64::try_from(receiver_span).unwrap_or(i64::MAX));
        let at_pace = off_by <= 100 + receiver_span / 4;
        if run.length == 0 || (!at_pace && receiver_span > OFF_PACE_MS) {
            *run = LateRun { source_ms, mono_ms: received.mono_ms, length: 1 };
            return false;
        }
        run.length = run.length.saturating_add(1);
        at_pace && run.length >= SET_BACK_AFTER && receiver_span >= SET_BACK_AFTER_MS
    }

    /// A sample came in order.
    pub fn in_order(&mut self) {
        self.late.length = 0;
    }
}

impl Rhythm {
    fn learn(&mut self, interval_ms: u32) {
        if let Some(place) = self.intervals_ms.get_mut(usize::from(self.next)) {
            *place = interval_ms;
        }
        self.next = (self.next + 1) % INTERVALS as u8;
        self.known = (self.known + 1).min(INTERVALS as u8);
        // Once the memory is full, one median for every four samples is enough.
        if self.known == INTERVALS as u8 && !self.next.is_multiple_of(4) {
            return;
        }
        let mut sorted = self.intervals_ms;
        let Some(known) = sorted.get_mut(..usize::from(self.known)) else { return };
        known.sort_unstable();
        let median = known.get(known.len() / 2).copied().unwrap_or(0);
        self.stale_after_ms = median.saturating_mul(3).clamp(*LEARNED_MS.start(), *LEARNED_MS.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(mono_ms: u64) -> Now {
        Now { wall_ms: 0, mono_ms }
    }

    /// The learned age after samples with these intervals.
    #[track_caller]
    fn check(intervals_ms: &[u64], expected: u64) {
        let mut slot = Slot::default();
        let mut now = at(0);
        slot.learn(now);
        for interval in intervals_ms {
            now = now.plus_ms(*interval);
            slot.learn(now);
        }
        assert_eq!(slot.learned_stale_after_ms(), expected, "{intervals_ms:?}");
    }

    #[test]
    fn stale_after_is_three_median_intervals_within_bounds() {
        check(&[], 60_000);
        check(&[10_000], 30_000);
        check(&[1_000, 1_000, 50_000, 1_000, 1_100], 3_000);
        check(&[100; 20], 2_000);
        check(&[7_200_000], 3_600_000);
        check(&[u64::MAX], 3_600_000);
        // A new rhythm is learned.
        check(&[[1_000_u64; 20], [10_000_u64; 20]].concat(), 30_000);
    }

    /// The place in a row of late samples `(source ms, receiver ms)` at which the clock is taken to have been set back.
    fn set_back_at(samples: impl IntoIterator<Item = (i64, u64)>) -> Option<usize> {
        let mut slot = Slot::default();
        samples.into_iter().position(|(source_ms, mono_ms)| slot.late(source_ms, at(mono_ms)))
    }

    #[test]
    fn a_clock_that_was_set_back_is_told_from_a_backlog() {
        assert_eq!(set_back_at([(0, 10_000), (1_000, 11_000), (2_000, 12_010)]), Some(2));
        assert_eq!(set_back_at((0..4_i64).map(|step| (step * 1_000, 10_000 + step.unsigned_abs()))), None);
        assert_eq!(set_back_at([(0, 10_000); 3]), None);
        // An hour in ten minutes, and the same sample again and again.
        assert_eq!(set_back_at((0..600_i64).map(|step| (step * 6_000, step.unsigned_abs() * 1_000))), None);
        assert_eq!(set_back_at((0..600).map(|step| (0, step * 1_000))), None);
    }

    #[test]
    fn a_clock_that_was_set_back_is_followed_though_the_device_sends_in_batches() {
        // Ten samples, one a second, every ten seconds.
        let batches = (0..100_i64).map(|step| (step * 1_000, step.unsigned_abs() / 10 * 10_000));
        assert_eq!(set_back_at(batches), Some(10), "with the second batch");
    }

    #[test]
    fn a_clock_that_was_set_back_is_followed_though_the_network_delays() {
        // One sample a second; every other one is 600 ms late.
        let delayed =
            (0..100_i64).map(|step| (step * 1_000, step.unsigned_abs() * 1_000 + step.unsigned_abs() % 2 * 600));
        assert_eq!(set_back_at(delayed), Some(2));
        let jitter = [900, 0, 1_800, 200, 1_500, 700, 2_000, 100, 1_100, 400];
        let jittered = (0..100_i64)
            .zip(jitter.into_iter().cycle())
            .map(|(step, late)| (step * 1_000, step.unsigned_abs() * 1_000 + late));
        assert!(set_back_at(jittered).is_some_and(|at| at <= 10));
    }

    #[test]
    fn a_clock_that_was_set_back_is_followed_after_a_backlog() {
        let backlog = (0..1_000_i64).map(|step| (step * 1_000, step.unsigned_abs()));
        let then = (0..100_i64).map(|step| (1_000_000 + step * 1_000, 1_000 + step.unsigned_abs() * 1_000));
        assert!(set_back_at(backlog.chain(then)).is_some_and(|at| at > 1_000 + 60 && at < 1_000 + 70));
    }
}
