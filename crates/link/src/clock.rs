//! The two clocks of this process, read together.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use twinscope_twin::time::{Now, WallMs};

/// Reads the wall clock and the monotonic clock.
///
/// All clocks of a process count monotonic time from the same moment, so that a receipt that a link has stamped can be
/// compared with the moment at which the core looks at it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock {
    /// The clock of this process.
    #[must_use]
    pub fn new() -> Self {
        static START: OnceLock<Instant> = OnceLock::new();
        Self { start: *START.get_or_init(Instant::now) }
    }

    /// This moment.
    #[must_use]
    pub fn now(&self) -> Now {
        Now { wall_ms: wall_ms(), mono_ms: u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX) }
    }
}

/// The wall clock, ms since the epoch; negative before 1970.
fn wall_ms() -> WallMs {
    match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_of_one_process_agree_and_never_go_back() {
        let (first, second) = (Clock::new(), Clock::default());
        let earlier = first.now();
        let later = second.now();
        assert!(later.mono_ms >= earlier.mono_ms);
        assert!(later.mono_ms - earlier.mono_ms < 1_000);
    }

    #[test]
    fn the_wall_clock_is_in_this_century() {
        let year_2020_ms = 1_577_836_800_000;
        assert!(Clock::new().now().wall_ms > year_2020_ms);
    }
}
