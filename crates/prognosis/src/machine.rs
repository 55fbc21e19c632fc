//! A simulated machine of any kind, for whoever runs one: make it, let time pass, read it, break it, mend it.
//!
//! A new kind is a variant here and in [`SimulatorKind`], and the faults that it knows in [`crate::faults`].

use twinscope_twin::site::SimulatorKind;

use crate::electric_vehicle::{self, ElectricVehicle, VehicleParameters};
use crate::faults::{Fault, FaultError, FaultKind};
use crate::reading::Topic;
use crate::switches::{Switch, SwitchError};
use crate::turbine_blade::{self, TurbineBlade};
use crate::wind_turbine::{self, TurbineParameters, WindTurbine};

/// One simulated machine.
#[derive(Debug, Clone)]
pub enum Machine {
    /// A geared wind turbine.
    WindTurbine(Box<WindTurbine>),
    /// A cooled rotor blade of a gas turbine.
    TurbineBlade(Box<TurbineBlade>),
    /// A battery-electric car.
    ElectricVehicle(Box<ElectricVehicle>),
}

impl Machine {
    /// A sound machine of that kind with its default parameters.
    #[must_use]
    pub fn new(kind: SimulatorKind, seed: u64) -> Self {
        match kind {
            SimulatorKind::WindTurbine => {
                Self::WindTurbine(Box::new(WindTurbine::new(TurbineParameters::default(), seed)))
            }
            SimulatorKind::TurbineBlade => Self::TurbineBlade(Box::new(TurbineBlade::new(seed))),
            SimulatorKind::ElectricVehicle => {
                Self::ElectricVehicle(Box::new(ElectricVehicle::new(VehicleParameters::default(), seed)))
            }
        }
    }

    /// Lets what ages it slowly go so many times faster than the clock. A turbine's wear has a pace of its own, that of
    /// its fault: there is nothing else slow about it.
    pub fn set_time_lapse(&mut self, time_lapse: f64) {
        match self {
            Self::WindTurbine(_) => {}
            Self::TurbineBlade(blade) => blade.set_time_lapse(time_lapse),
            Self::ElectricVehicle(car) => car.set_time_lapse(time_lapse),
        }
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> SimulatorKind {
        match self {
            Self::WindTurbine(_) => SimulatorKind::WindTurbine,
            Self::TurbineBlade(_) => SimulatorKind::TurbineBlade,
            Self::ElectricVehicle(_) => SimulatorKind::ElectricVehicle,
        }
    }

    /// Lets `dt_s` seconds pass, at most 5; longer ones count as 5. Zero, negative and not finite ones as nothing.
    pub fn step(&mut self, dt_s: f64) {
        let dt_s = dt_s.min(Self::LONGEST_STEP_S);
        match self {
            Self::WindTurbine(turbine) => turbine.step(dt_s),
            Self::TurbineBlade(blade) => blade.step(dt_s),
            Self::ElectricVehicle(car) => car.step(dt_s),
        }
    }

    /// Longest step, s.
    pub const LONGEST_STEP_S: f64 = 5.0;

    /// What its sensors publish at the end of the last step.
    #[must_use]
    pub fn messages(&self) -> Vec<Topic> {
        match self {
            Self::WindTurbine(turbine) => wind_turbine::topics(&turbine.outputs()),
            Self::TurbineBlade(blade) => turbine_blade::topics(&blade.outputs()),
            Self::ElectricVehicle(car) => electric_vehicle::topics(car.outputs()),
        }
    }

    /// Starts a fault, or changes the rate of one that is at work.
    ///
    /// # Errors
    /// [`FaultError::NotOfThisMachine`].
    pub fn inject(&mut self, fault: Fault) -> Result<(), FaultError> {
        self.check(fault.kind)?;
        match self {
            Self::WindTurbine(turbine) => turbine.inject(fault),
            Self::TurbineBlade(blade) => blade.inject(fault),
            Self::ElectricVehicle(car) => car.inject(fault),
        }
        Ok(())
    }

    /// Ends a fault and repairs what it damaged. Without that fault: nothing.
    ///
    /// # Errors
    /// [`FaultError::NotOfThisMachine`].
    pub fn clear(&mut self, kind: FaultKind) -> Result<(), FaultError> {
        self.check(kind)?;
        match self {
            Self::WindTurbine(turbine) => turbine.clear(kind),
            Self::TurbineBlade(blade) => blade.clear(kind),
            Self::ElectricVehicle(car) => car.clear(kind),
        }
        Ok(())
    }

    /// Turns a switch.
    ///
    /// # Errors
    /// The machine does not have it, or is not in a state for it.
    pub fn operate(&mut self, switch: Switch, on: bool) -> Result<(), SwitchError> {
        match self {
            Self::WindTurbine(turbine) => turbine.operate(switch, on),
            Self::TurbineBlade(_) => Err(SwitchError::NotOfThisMachine),
            Self::ElectricVehicle(car) => car.operate(switch, on),
        }
    }

    /// The faults at work, in the order of their injection, one of a kind.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::WindTurbine(turbine) => turbine.faults(),
            Self::TurbineBlade(blade) => blade.faults(),
            Self::ElectricVehicle(car) => car.faults(),
        }
    }

    /// Time that it has been given since the start, s.
    #[must_use]
    pub fn time_s(&self) -> f64 {
        match self {
            Self::WindTurbine(turbine) => turbine.time_s(),
            Self::TurbineBlade(blade) => blade.time_s(),
            Self::ElectricVehicle(car) => car.time_s(),
        }
    }

    fn check(&self, fault: FaultKind) -> Result<(), FaultError> {
        let machine = self.kind();
        if fault.concerns(machine) { Ok(()) } else { Err(FaultError::NotOfThisMachine { fault, machine }) }
    }
}
