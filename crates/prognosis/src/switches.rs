//! The switches of the simulated machines: what a technician does at a real one by hand, so that a procedure can be
//! worked through at one that has nobody beside it.

use std::fmt;
use std::str::FromStr;

use twinscope_twin::site::SimulatorKind;

/// What can be switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Switch {
    /// Stop for service: blades feathered, generator off, no yawing, until it is released.
    ServiceStop,
    /// The brake on the high-speed shaft; it takes hold once the rotor is slow.
    Brake,
    /// The pins of the rotor lock; they go in while the rotor stands.
    RotorLock,
    /// The pump of the gear oil.
    OilPump,
    /// The car's drive system: off, its contactors open and it does not move.
    DriveSystem,
    /// The service disconnect of the traction battery: off, it is pulled.
    ServiceDisconnect,
}

/// One line a switch: its name in commands and procedures, and its machine.
const CARDS: [(Switch, &str, SimulatorKind); 6] = [
    (Switch::ServiceStop, "service-stop", SimulatorKind::WindTurbine),
    (Switch::Brake, "brake", SimulatorKind::WindTurbine),
    (Switch::RotorLock, "rotor-lock", SimulatorKind::WindTurbine),
    (Switch::OilPump, "oil-pump", SimulatorKind::WindTurbine),
    (Switch::DriveSystem, "drive-system", SimulatorKind::ElectricVehicle),
    (Switch::ServiceDisconnect, "service-disconnect", SimulatorKind::ElectricVehicle),
];

impl Switch {
    /// The switches that a machine has.
    pub fn of(machine: SimulatorKind) -> impl Iterator<Item = Self> {
        CARDS.iter().filter(move |(_, _, of)| *of == machine).map(|(switch, ..)| *switch)
    }

    /// The name in commands and procedures.
    #[must_use]
    pub fn name(self) -> &'static str {
        CARDS.iter().find(|(switch, ..)| *switch == self).map_or("", |(_, name, _)| name)
    }
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Switch {
    type Err = SwitchError;

    fn from_str(name: &str) -> Result<Self, SwitchError> {
        CARDS.iter().find(|(_, known, _)| *known == name).map(|(switch, ..)| *switch).ok_or(SwitchError::Unknown)
    }
}

/// Why a switch was not turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// No machine has it.
    #[error("there is no such switch")]
    Unknown,
    /// This machine does not have it.
    #[error("this machine has no such switch")]
    NotOfThisMachine,
    /// The machine is not in a state for it.
    #[error("{0}")]
    NotNow(&'static str),
}
