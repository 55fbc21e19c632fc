//! How fast the past goes by.

use std::str::FromStr;
use std::time::Duration;

/// How fast a replay runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// Multiple of real time, 0.1 to 10,000.
    Times(f64),
    /// As fast as the receiver takes it.
    Max,
}

impl Default for Speed {
    fn default() -> Self {
        Self::Times(1.0)
    }
}

/// Not a speed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a speed; write a number from 0.1 to 10000, or max")]
pub struct SpeedError(String);

impl Speed {
    /// How long a span of the input takes.
    #[must_use]
    pub fn real_time(self, span: Duration) -> Duration {
        match self {
            Self::Max => Duration::ZERO,
            // At least 0.1, so the quotient is at most ten times the span; a span beyond reason still does not panic.
            Self::Times(factor) => {
                Duration::try_from_secs_f64(span.as_secs_f64() / factor).unwrap_or(Duration::MAX / 4)
            }
        }
    }
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.strip_suffix('x').unwrap_or(text).parse::<f64>() {
            Ok(factor) if (0.1..=10_000.0).contains(&factor) => Ok(Self::Times(factor)),
            _ => Err(SpeedError(text.chars().take(40).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_as_people_write_them() {
        for (text, speed) in [
            ("1", Speed::Times(1.0)),
            ("0.1", Speed::Times(0.1)),
            ("60x", Speed::Times(60.0)),
            ("10000", Speed::Times(10_000.0)),
            ("max", Speed::Max),
        ] {
            assert_eq!(text.parse(), Ok(speed), "{text}");
        }
        for text in ["", "0", "-1", "0.09", "10001", "NaN", "inf", "fast", "1 x"] {
            assert!(text.parse::<Speed>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_at_600_takes_144_seconds() {
        let day = Duration::from_secs(86_400);
        assert_eq!(Speed::Times(600.0).real_time(day), Duration::from_secs(144));
        assert_eq!(Speed::Max.real_time(day), Duration::ZERO);
    }

    #[test]
    fn spans_beyond_reason_do_not_panic() {
        assert!(Speed::Times(0.1).real_time(Duration::MAX) > Duration::from_secs(1));
    }
}
