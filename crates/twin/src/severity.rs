//! The state of a part: the highest priority of its active alarms.

/// Normal, or the priority of an alarm; ordered from calm to urgent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Severity {
    /// No active alarm.
    #[default]
    Normal = 0,
    /// Advisory.
    Low = 1,
    /// Caution.
    Medium = 2,
    /// Act soon.
    High = 3,
    /// Act now.
    Critical = 4,
}

impl Severity {
    /// All, from calm to urgent.
    pub const ALL: [Self; 5] = [Self::Normal, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word that site files and lists use.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}
