//! What a message does to its signals: time, range, order, and which of its values is the one that is true now.

use super::{Live, Receipt};
use crate::decode::{Reading, Sample};
use crate::quality::{Quality, QualityReason};
use crate::site::SignalRow;
use crate::time::{Now, WallMs};
use crate::value::Value;

/// A source time further ahead of receipt than this is no time.
const MAX_AHEAD_MS: i64 = 24 * 3_600_000;

impl Live {
    /// Applies what a binding made of a message.
    pub fn sample(&mut self, sample: Sample, receipt: Receipt) {
        let now = receipt.at;
        let row = sample.signal.index();
        let Some(slot) = self.slots.get_mut(row) else { return };
        slot.topic = receipt.topic;
        if sample.reading == Reading::Missing {
            self.counters.missing += 1;
            // A message without the signal is not about it: many devices send only what has changed. But a signal
            // that no message has ever held says why it has no data.
            if slot.received.is_none() {
                slot.judge(Quality::NoData, QualityReason::Missing);
                self.visible = true;
            }
            return;
        }
        self.evaluate_before(row, now);
        // What is no time is none for history either, whatever came with it: every later sample would come before it.
        let is_future = sample.source_ms.is_some_and(|ms| ms.saturating_sub(now.wall_ms) > MAX_AHEAD_MS);
        let told_ms = sample.source_ms.filter(|_| !is_future);
        self.counters.future += u64::from(is_future);
        self.counters.no_time += u64::from(sample.no_time);
        let value = match sample.reading {
            Reading::Value(value) => value,
            Reading::Null | Reading::Missing => {
                self.counters.missing += 1;
                return self.spoil(row, QualityReason::Missing, told_ms, now);
            }
            Reading::WrongType => {
                self.counters.wrong_type += 1;
                return self.spoil(row, QualityReason::WrongType, told_ms, now);
            }
        };
        let (mut quality, mut reason) = (sample.quality, sample.reason);
        let mut worsen = |to: Quality, because: QualityReason| {
            if to > quality {
                (quality, reason) = (to, because);
            }
        };
        if is_future {
            worsen(Quality::Uncertain, QualityReason::FutureTime);
        }
        if sample.no_time {
            worsen(Quality::Uncertain, QualityReason::NoTime);
        }
        let (source_ms, from_source) = (told_ms.unwrap_or(now.wall_ms), told_ms.is_some());
        let Some(traits) = self.traits.get(row).copied() else { return };
        if traits.excludes(&value) {
            self.counters.out_of_range += 1;
            worsen(Quality::Bad, QualityReason::OutOfRange);
        }
        if receipt.retained {
            worsen(Quality::Uncertain, QualityReason::Retained);
        }
        let Some(slot) = self.slots.get_mut(row) else { return };
        // Only times that the source told can be out of order: the receiver's wall clock may be set back.
        if from_source && slot.from_source && slot.received.is_some() {
            if source_ms == slot.source_ms && slot.value.as_ref() == Some(&value) {
                self.counters.duplicate += 1;
                // Heard live again, it still holds: many gateways repeat a value with the time of its last change.
                if !receipt.retained {
                    slot.learn(now);
                    self.accept(row, value, (source_ms, true), (quality, reason), now);
                }
                return;
            }
            if source_ms < slot.source_ms && !slot.late(source_ms, now) {
                self.counters.late += 1;
                self.counters.samples += 1;
                return self.remember(row, source_ms, Some(&value), quality);
            }
        }
        self.counters.samples += 1;
        if !receipt.retained && traits.stale_after_ms.is_none() {
            slot.learn(now);
        }
        self.remember(row, source_ms, Some(&value), quality);
        self.accept(row, value, (source_ms, from_source), (quality, reason), now);
    }

    /// Before a signal changes again: what an alarm depends on must see what it is now.
    fn evaluate_before(&mut self, row: usize, now: Now) {
        if self.slots.get(row).is_some_and(|slot| slot.touched) {
            self.evaluate_exact(now);
        }
    }

    /// A whole payload of a signal's topic could not be read.
    pub fn unreadable(&mut self, signal: SignalRow, receipt: Receipt) {
        self.evaluate_before(signal.index(), receipt.at);
        let Some(slot) = self.slots.get_mut(signal.index()) else { return };
        slot.topic = receipt.topic;
        self.spoil(signal.index(), QualityReason::Unreadable, None, receipt.at);
    }

    /// The signal has no usable value any more; the last one is kept.
    fn spoil(&mut self, row: usize, reason: QualityReason, source_ms: Option<WallMs>, now: Now) {
        let before = self.quality(row);
        let Some(slot) = self.slots.get_mut(row) else { return };
        if let Some(ms) = source_ms.filter(|ms| slot.from_source && slot.received.is_some() && *ms < slot.source_ms) {
            // It came late, and what is known now is newer.
            self.counters.late += 1;
            return self.remember(row, ms, None, Quality::Bad);
        }
        slot.judge(Quality::Bad, reason);
        let gap_ms = source_ms.unwrap_or_else(|| slot.source_now_ms(now));
        if before.0 != Quality::Bad {
            self.remember(row, gap_ms, None, Quality::Bad);
        }
        if before != self.quality(row) {
            self.quality_changed(row, now);
        }
    }

    /// Takes a value as the one that is true now.
    fn accept(
        &mut self,
        row: usize,
        value: Value,
        (source_ms, from_source): (WallMs, bool),
        (quality, reason): (Quality, QualityReason),
        now: Now,
    ) {
        let lost = self.is_lost(row);
        let configured = self.traits.get(row).and_then(|traits| traits.stale_after_ms);
        let Some(slot) = self.slots.get_mut(row) else { return };
        slot.in_order();
        slot.judge(quality, reason);
        slot.heard(lost);
        let number = value.as_number();
        slot.value = Some(value);
        slot.source_ms = source_ms;
        slot.from_source = from_source;
        slot.received = Some(now);
        slot.source_at = Some(now);
        let stale_after = configured.unwrap_or_else(|| slot.learned_stale_after_ms());
        let stale_at = now.mono_ms.saturating_add(stale_after).saturating_add(1);
        if let Some(place) = self.stale_at.get_mut(row) {
            *place = stale_at;
        }
        self.next_stale = self.next_stale.min(stale_at);
        self.visible = true;
        self.after_value(row, number, source_ms, quality, now);
    }
}
