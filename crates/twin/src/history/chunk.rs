//! Samples in chunks: packed, ordered by source time, each chunk with its extremes.

use std::collections::VecDeque;

use super::{Bucket, Sample};
use crate::quality::Quality;
use crate::time::WallMs;

/// Most samples of one chunk.
pub(super) const CHUNK: usize = 128;

/// Samples that follow each other in time, never none.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) samples: Vec<Packed>,
    /// All of them taken together.
    pub(super) all: Bucket,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Packed {
    /// Time in the upper 56 bits, quality in the lower 8.
    time_and_quality: i64,
    value: f64,
}

impl Packed {
    pub(super) fn new(sample: Sample) -> Self {
        const LARGEST: i64 = i64::MAX >> 8;
        let time = sample.source_ms.clamp(-LARGEST, LARGEST);
        Self { time_and_quality: (time << 8) | i64::from(sample.quality as u8), value: sample.value }
    }

    pub(super) const fn source_ms(self) -> WallMs {
        self.time_and_quality >> 8
    }

    const fn quality(self) -> Quality {
        match self.time_and_quality & 0xff {
            0 => Quality::Good,
            1 => Quality::Uncertain,
            2 => Quality::Stale,
            3 => Quality::Bad,
            _ => Quality::NoData,
        }
    }

    pub(super) const fn unpack(self) -> Sample {
        Sample { source_ms: self.source_ms(), value: self.value, quality: self.quality() }
    }
}

impl Chunk {
    fn of(first: Packed, capacity: usize) -> Self {
        let mut samples = Vec::with_capacity(capacity);
        samples.push(first);
        Self { samples, all: Bucket::of(first.unpack()) }
    }

    /// Adds the newest sample.
    fn push(&mut self, packed: Packed) {
        self.samples.push(packed);
        self.all.add(packed.unpack());
    }

    /// Adds a sample after those of its time; returns the upper half if they have become too many.
    fn insert(&mut self, packed: Packed) -> Option<Self> {
        let time = packed.source_ms();
        self.samples.insert(self.samples.partition_point(|sample| sample.source_ms() <= time), packed);
        let upper = (self.samples.len() > CHUNK)
            .then(|| self.samples.split_off(self.samples.len() / 2))
            .and_then(Self::collect);
        if let Some(all) = Bucket::over(&self.samples) {
            self.all = all;
        }
        upper
    }

    fn collect(samples: Vec<Packed>) -> Option<Self> {
        Bucket::over(&samples).map(|all| Self { samples, all })
    }

    /// Those with source times in `from_ms..to_ms`.
    pub(super) fn within(&self, from_ms: WallMs, to_ms: WallMs) -> &[Packed] {
        let from = self.samples.partition_point(|sample| sample.source_ms() < from_ms);
        let to = self.samples.partition_point(|sample| sample.source_ms() < to_ms);
        self.samples.get(from..to).unwrap_or_default()
    }

    pub(super) const fn first_ms(&self) -> WallMs {
        self.all.first_ms
    }

    pub(super) const fn last_ms(&self) -> WallMs {
        self.all.last_ms
    }
}

/// Inserts in order; returns whether a chunk was opened.
pub(super) fn insert(chunks: &mut VecDeque<Chunk>, packed: Packed) -> bool {
    let time = packed.source_ms();
    let Some(last) = chunks.back_mut() else {
        chunks.push_back(Chunk::of(packed, 4));
        return true;
    };
    if last.last_ms() <= time {
        if last.samples.len() < CHUNK {
            last.push(packed);
            return false;
        }
        // A signal that has filled one chunk will fill the next: no growing in steps.
        chunks.push_back(Chunk::of(packed, CHUNK));
        return true;
    }
    // The last chunk whose first sample is not after the new one; before all of them: the first chunk.
    let row = chunks.partition_point(|chunk| chunk.first_ms() <= time).saturating_sub(1);
    let Some(upper) = chunks.get_mut(row).and_then(|chunk| chunk.insert(packed)) else { return false };
    chunks.insert(row + 1, upper);
    true
}

pub(super) fn usable(sample: &Sample) -> Option<f64> {
    (sample.quality <= Quality::Uncertain && sample.value.is_finite()).then_some(sample.value)
}

impl Bucket {
    pub(super) fn of(sample: Sample) -> Self {
        let value = usable(&sample).unwrap_or(f64::NAN);
        Self {
            first_ms: sample.source_ms,
            last_ms: sample.source_ms,
            min: value,
            max: value,
            last: value,
            quality: sample.quality,
            count: 1,
        }
    }

    /// All of these, which are in order; nothing over none.
    fn over(samples: &[Packed]) -> Option<Self> {
        let (first, rest) = samples.split_first()?;
        let mut bucket = Self::of(first.unpack());
        for sample in rest {
            bucket.add(sample.unpack());
        }
        Some(bucket)
    }

    /// Adds what comes after.
    pub(super) fn merge(&mut self, later: &Self) {
        self.last_ms = later.last_ms;
        // `min` and `max` prefer a number to NaN.
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        if !later.last.is_nan() {
            self.last = later.last;
        }
        self.quality = self.quality.max(later.quality);
        self.count = self.count.saturating_add(later.count);
    }

    fn add(&mut self, sample: Sample) {
        self.last_ms = sample.source_ms;
        self.quality = self.quality.max(sample.quality);
        self.count = self.count.saturating_add(1);
        if let Some(value) = usable(&sample) {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.last = value;
        }
    }
}
