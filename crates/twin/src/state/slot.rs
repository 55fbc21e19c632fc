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
/// Late samples in a row, at the pace of real time, after which the source's clock is taken to have been set back.
const SET_BACK_AFTER: u8 = 3;

/// The latest of one signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot {
    /// Last value that could be read.
    pub value: Option<Value>,
    /// Source time of the value.
    pub source_ms: WallMs,
    /// The source told that time; else it is that of receipt.
    pub from_source: bool,
    /// When a sample was applied last.
    pub received: Option<Now>,
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
    intervals_ms: [u32; INTERVALS],
    known: u8,
    next: u8,
    stale_after_ms: u32,
}

/// Late samples in a row.
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

    /// Learns from a live sample received now; call before `received` is set.
    pub fn learn(&mut self, now: Now) {
        if let Some(before) = self.received {
            self.rhythm.learn(u32::try_from(now.since_ms(before)).unwrap_or(u32::MAX));
        }
    }

    /// Age at which it is stale by what was learned, ms: three times the median interval, 2 s to 1 h.
    pub fn learned_stale_after_ms(&self) -> u64 {
        u64::from(if self.rhythm.known == 0 { STALE_AFTER_ONE_MS } else { self.rhythm.stale_after_ms })
    }

    /// A guess at the source's time now, for what happens without a message of the source.
    pub fn source_now_ms(&self, now: Now) -> WallMs {
        match self.received {
            Some(received) if self.from_source => self.source_ms.saturating_add_unsigned(now.since_ms(received)),
            _ => now.wall_ms,
        }
    }

    /// A late sample arrived. Whether the source's clock must have been set back: then late is the new now.
    ///
    /// Otherwise a device whose clock is corrected by an hour would be stale for an hour while it is heard all the time.
    /// A backlog that a device sends after an outage comes faster than real time and does not count.
    pub fn late(&mut self, source_ms: WallMs, received: Now) -> bool {
        let run = self.late;
        let source_span = source_ms.saturating_sub(run.source_ms);
        let receiver_span = i64::try_from(received.mono_ms.saturating_sub(run.mono_ms)).unwrap_or(i64::MAX);
        let pace = receiver_span > 0 && source_span.abs_diff(receiver_span) <= 100 + receiver_span.unsigned_abs() / 4;
        let length = if run.length > 0 && pace { run.length.saturating_add(1) } else { 1 };
        self.late = LateRun { source_ms, mono_ms: received.mono_ms, length };
        length >= SET_BACK_AFTER
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
        let mut slot = Slot { received: Some(at(0)), ..Slot::default() };
        let mut now = at(0);
        for interval in intervals_ms {
            now = now.plus_ms(*interval);
            slot.learn(now);
            slot.received = Some(now);
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

    #[test]
    fn a_clock_that_was_set_back_is_told_from_a_backlog() {
        let run = |samples: &[(i64, u64)]| {
            let mut slot = Slot::default();
            samples.iter().map(|(source_ms, mono_ms)| slot.late(*source_ms, at(*mono_ms))).collect::<Vec<_>>()
        };
        assert_eq!(run(&[(0, 10_000), (1_000, 11_000), (2_000, 12_010)]), [false, false, true]);
        assert_eq!(run(&[(0, 10_000), (1_000, 10_001), (2_000, 10_002), (3_000, 10_003)]), [false; 4]);
        assert_eq!(run(&[(0, 10_000), (0, 10_000), (0, 10_000)]), [false; 3]);
    }
}
