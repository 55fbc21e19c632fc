//! Time as the domain sees it: an argument, never a clock.

/// Milliseconds since the Unix epoch, UTC.
pub type WallMs = i64;

/// One moment on both clocks of the receiver.
///
/// Ages and staleness use `mono_ms`, so that a wall clock that jumps neither freezes nor flashes the scene;
/// what a person reads and what is compared with source times uses `wall_ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Wall clock, milliseconds since the Unix epoch.
    pub wall_ms: WallMs,
    /// Monotonic clock, milliseconds since any fixed moment.
    pub mono_ms: u64,
}

impl Now {
    /// A moment `ms` later on both clocks.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self { wall_ms: self.wall_ms.saturating_add_unsigned(ms), mono_ms: self.mono_ms.saturating_add(ms) }
    }

    /// Milliseconds of monotonic time since `earlier`; 0 if `earlier` is later.
    #[must_use]
    pub const fn since_ms(self, earlier: Self) -> u64 {
        self.mono_ms.saturating_sub(earlier.mono_ms)
    }
}
