//! The faults that can be injected into the simulated machines.
//!
//! A fault is a kind and a rate; what it does to the machine is the business of the part that it concerns. Names are
//! unique across machines, so that a command or the command line needs no other word.

use std::fmt;
use std::str::FromStr;

use twinscope_twin::site::SimulatorKind;

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FaultKind {
    /// Surface damage of the high-speed shaft's generator-side bearing that grows under load:
    /// friction, temperature and vibration rise.
    HighSpeedBearingWear,
    /// Deposits close a cooling passage of a turbine blade: its flow falls, and the wall around it heats.
    CoolingPassageBlockage,
    /// One burner runs rich: a streak of hotter gas meets the turbine blade.
    HotStreak,
}

/// What is known of a kind of fault without running the machine.
struct Card {
    kind: FaultKind,
    name: &'static str,
    machine: SimulatorKind,
    part: &'static str,
    title: &'static str,
}

/// One line a kind, in the order in which they are listed to people. The first of a machine is its demo's story.
const CARDS: [Card; 3] = [
    Card {
        kind: FaultKind::HighSpeedBearingWear,
        name: "high-speed-bearing-wear",
        machine: SimulatorKind::WindTurbine,
        part: "high_speed_bearing",
        title: "Bearing wear",
    },
    Card {
        kind: FaultKind::CoolingPassageBlockage,
        name: "cooling-passage-blockage",
        machine: SimulatorKind::TurbineBlade,
        part: "passage_9",
        title: "Blocked passage",
    },
    Card {
        kind: FaultKind::HotStreak,
        name: "hot-streak",
        machine: SimulatorKind::TurbineBlade,
        part: "leading_edge",
        title: "Hot streak",
    },
];

impl FaultKind {
    fn card(self) -> Option<&'static Card> {
        CARDS.iter().find(|card| card.kind == self)
    }

    /// Every kind, in the order in which they are listed to people.
    pub fn all() -> impl Iterator<Item = Self> {
        CARDS.iter().map(|card| card.kind)
    }

    /// The kinds that a machine knows; the first one is the story of its demo.
    pub fn of(machine: SimulatorKind) -> impl Iterator<Item = Self> {
        CARDS.iter().filter(move |card| card.machine == machine).map(|card| card.kind)
    }

    /// The name in commands and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.card().map_or("", |card| card.name)
    }

    /// Whether this machine can have it.
    #[must_use]
    pub fn concerns(self, machine: SimulatorKind) -> bool {
        self.card().is_some_and(|card| card.machine == machine)
    }

    /// Id of the part that it wears, as the machine's own type file calls it.
    #[must_use]
    pub fn part(self) -> &'static str {
        self.card().map_or("", |card| card.part)
    }

    /// What it is, for people: two or three words.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.card().map_or("", |card| card.title)
    }
}

/// The names of the faults that a machine knows, for messages.
#[must_use]
pub fn known_to(machine: SimulatorKind) -> String {
    let names: Vec<_> = FaultKind::of(machine).map(FaultKind::name).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for FaultKind {
    type Err = FaultError;

    fn from_str(name: &str) -> Result<Self, FaultError> {
        Self::all().find(|kind| kind.name() == name).ok_or(FaultError::UnknownKind)
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

    /// The fault with a rate that a machine can take: cut to its range; one that is not a number counts as 0.
    pub(crate) fn bounded(self) -> Self {
        let rate = if self.rate.is_nan() { 0.0 } else { self.rate.clamp(0.0, Self::HIGHEST_RATE) };
        Self { rate, ..self }
    }
}

/// The faults at work in a machine, in the order of their injection, one of a kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Starts a fault, or changes the rate of one that is at work.
    pub fn inject(&mut self, fault: Fault) {
        let fault = fault.bounded();
        match self.0.iter_mut().find(|known| known.kind == fault.kind) {
            Some(known) => *known = fault,
            None => self.0.push(fault),
        }
    }

    /// Ends a fault.
    pub fn clear(&mut self, kind: FaultKind) {
        self.0.retain(|fault| fault.kind != kind);
    }

    /// The rate of a fault; 0 if it is not at work.
    pub fn rate(&self, kind: FaultKind) -> f64 {
        self.0.iter().find(|fault| fault.kind == kind).map_or(0.0, |fault| fault.rate)
    }

    /// All of them.
    pub fn all(&self) -> &[Fault] {
        &self.0
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
    /// It is a fault of another machine.
    NotOfThisMachine {
        /// The fault.
        fault: FaultKind,
        /// The machine that does not know it.
        machine: SimulatorKind,
    },
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind => {
                let names: Vec<_> = FaultKind::all().map(FaultKind::name).collect();
                write!(f, "unknown fault; known: {}", names.join(", "))
            }
            Self::RateOutOfRange => {
                write!(f, "a fault's rate is a number from 0 to {}", Fault::HIGHEST_RATE)
            }
            Self::NotOfThisMachine { fault, machine } => {
                write!(f, "the simulated {machine} has no fault {fault}; it knows: {}", known_to(*machine))
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
        for kind in FaultKind::all() {
            assert_eq!(kind.name().parse(), Ok(kind));
            assert_eq!(kind.to_string(), kind.name());
        }
    }

    #[test]
    fn every_machine_has_a_story() {
        for machine in SimulatorKind::all() {
            assert!(FaultKind::of(machine).next().is_some_and(|kind| kind.concerns(machine)), "{machine}");
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

    #[test]
    fn the_same_fault_again_changes_its_rate() {
        let mut faults = Faults::default();
        let kind = FaultKind::HighSpeedBearingWear;
        faults.inject(Fault { kind, rate: 2.0 });
        faults.inject(Fault { kind, rate: f64::NAN });
        assert_eq!(faults.all(), [Fault { kind, rate: 0.0 }]);
        faults.clear(kind);
        assert!(faults.all().is_empty());
    }
}
