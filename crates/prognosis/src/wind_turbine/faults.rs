//! The faults that can be injected into a simulated turbine.
//!
//! A fault is a kind and a rate; what it does to the machine is the business of the part that it concerns.

use std::fmt;
use std::str::FromStr;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultKind {
    /// Surface damage of the high-speed shaft's generator-side bearing that grows under load:
    /// friction, temperature and vibration rise.
    HighSpeedBearingWear,
}

impl FaultKind {
    /// Every kind, in the order in which they are listed to people.
    pub const ALL: &'static [Self] = &[Self::HighSpeedBearingWear];

    /// The name in commands and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HighSpeedBearingWear => "high-speed-bearing-wear",
        }
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    fn from_str(name: &str) -> Result<Self, FaultError> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name).ok_or(FaultError::UnknownKind)
    }
}

/// A fault as it is injected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How fast, 1: minutes from new to failed, the pace of a demonstration; 0: the damage stays as it is.
    /// Finite, 0 to [`Fault::HIGHEST_RATE`].
    pub rate: f64,
}

impl Fault {
    /// The highest rate: damage complete within seconds.
    pub const HIGHEST_RATE: f64 = 100.0;

    /// A fault whose rate is in range.
    ///
    /// # Errors
    /// [`FaultError::RateOutOfRange`] if `rate` is not a number from 0 to [`Self::HIGHEST_RATE`].
    pub fn new(kind: FaultKind, rate: f64) -> Result<Self, FaultError> {
        // A range never contains NaN.
        if (0.0..=Self::HIGHEST_RATE).contains(&rate) {
            Ok(Self { kind, rate })
        } else {
            Err(FaultError::RateOutOfRange)
        }
    }
}

/// Why a fault was not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultError {
    /// No kind has this name.
    UnknownKind,
    /// The rate is not a number from 0 to [`Fault::HIGHEST_RATE`].
    RateOutOfRange,
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind => {
                let names: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.name()).collect();
                write!(f, "unknown fault; known: {}", names.join(", "))
            }
            Self::RateOutOfRange => {
                write!(f, "a fault's rate is a number from 0 to {}", Fault::HIGHEST_RATE)
            }
        }
    }
}

impl std::error::Error for FaultError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in FaultKind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
            assert_eq!(kind.to_string(), kind.name());
        }
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        for name in ["", "High-Speed-Bearing-Wear", "high-speed-bearing-wear "] {
            assert_eq!(name.parse::<FaultKind>(), Err(FaultError::UnknownKind), "{name:?}");
        }
        assert!(FaultError::UnknownKind.to_string().contains("high-speed-bearing-wear"));
    }

    #[test]
    fn a_rate_is_a_number_from_0_to_100() {
        let accepted = |rate| Fault::new(FaultKind::HighSpeedBearingWear, rate).is_ok();
        for rate in [0.0, 1.0, 100.0] {
            assert!(accepted(rate), "{rate}");
        }
        for rate in [-0.1, 100.1, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!accepted(rate), "{rate}");
        }
    }
}
