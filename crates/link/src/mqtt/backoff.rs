//! Waiting times between attempts: full jitter over a ceiling that doubles.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use crate::settings::Backoff;

/// The state of one link's waiting.
#[derive(Debug)]
pub(crate) struct Waits {
    settings: Backoff,
    attempts: u32,
    random: u64,
}

impl Waits {
    pub(crate) fn new(settings: Backoff) -> Self {
        Self { settings, attempts: 0, random: entropy() }
    }

    /// The connection lasted; `stable` or longer starts over.
    pub(crate) fn lasted(&mut self, duration: Duration) {
        if duration >= self.settings.stable {
            self.attempts = 0;
        }
    }

    /// How long to wait before the next attempt: anything from nothing to the ceiling, but never less than a tenth of the
    /// first ceiling, so that bad luck cannot make a tight loop.
    pub(crate) fn next(&mut self) -> Duration {
        let ceiling = self.ceiling();
        self.attempts = self.attempts.saturating_add(1);
        let least = (self.settings.first / 10).min(ceiling);
        least + (ceiling - least).mul_f64(self.fraction())
    }

    /// How long to wait when the broker has refused us: within 10 % of the setting, so that clients drift apart.
    pub(crate) fn refused(&mut self) -> Duration {
        self.settings.refused.mul_f64(0.9 + 0.2 * self.fraction())
    }

    fn ceiling(&self) -> Duration {
        let factor = 1_u32.checked_shl(self.attempts).unwrap_or(u32::MAX);
        self.settings.first.saturating_mul(factor).min(self.settings.most)
    }

    /// 0 to 1 (xorshift64*, Vigna 2016): spread is all that is asked of it.
    fn fraction(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let bits = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
        #[expect(clippy::cast_precision_loss, reason = "24 bits fit a double")]
        let fraction = bits as f64 / f64::from(1_u32 << 24);
        fraction
    }
}

/// Bits that differ between processes and calls, from the standard library's hash keys. Not for secrets.
pub(crate) fn entropy() -> u64 {
    RandomState::new().hash_one(std::process::id()) | 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits() -> Waits {
        Waits::new(Backoff::default())
    }

    #[test]
    fn waits_stay_below_a_ceiling_that_doubles_to_its_limit() {
        for _ in 0..100 {
            let mut waits = waits();
            for ceiling_ms in [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
                let wait = waits.next();
                assert!(wait <= Duration::from_millis(ceiling_ms), "{wait:?} > {ceiling_ms} ms");
                assert!(wait >= Duration::from_millis(25));
            }
        }
    }

    #[test]
    fn waits_are_spread() {
        let mut waits = waits();
        for _ in 0..10 {
            waits.next();
        }
        let many: Vec<f64> = (0..1_000).map(|_| waits.next().as_secs_f64()).collect();
        let mean = many.iter().sum::<f64>() / 1_000.0;
        assert!((13.0..17.0).contains(&mean), "{mean}");
    }

    #[test]
    fn only_a_stable_connection_starts_over() {
        let mut waits = waits();
        for _ in 0..10 {
            waits.next();
        }
        waits.lasted(Duration::from_secs(29));
        assert_eq!(waits.ceiling(), Duration::from_secs(30));
        waits.lasted(Duration::from_secs(30));
        assert_eq!(waits.ceiling(), Duration::from_millis(250));
    }

    #[test]
    fn a_thousand_attempts_do_not_overflow() {
        let mut waits = waits();
        for _ in 0..1_000 {
            assert!(waits.next() <= Duration::from_secs(30));
        }
    }

    #[test]
    fn two_links_do_not_wait_in_step() {
        assert_ne!(waits().random, waits().random);
    }
}
