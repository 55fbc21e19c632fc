//! A geared 3.4 MW wind turbine, as the simulator takes it for true.
//!
//! The default is the IEA 3.4 MW reference machine (IEA-3.4-130-RWT, Apache-2.0; Bortolotti et al. 2019,
//! NREL/TP-5000-73492): 129.8 m rotor, 3,370 kW at 9.8 m/s, gear ratio 97 (here 96.354:
//! tooth counts of a published gearbox). It starts warm and running.
//! What is not here: loads on single blades, grid faults, sensors that fail.
//!
//! Invariants: outputs are finite; one seed, one set of parameters and one sequence of calls give the same
//! numbers to the last bit; the machine does not notice how often it is read.

mod brake;
mod condition;
mod control;
mod gearbox;
mod high_speed_bearing;
mod nacelle;
mod outputs;
mod parameters;
mod rotor;
mod sensors;
mod tower;
mod wind;

pub use brake::BrakeParameters;
pub use condition::Condition;
pub use control::ControlParameters;
pub use gearbox::GearboxParameters;
pub use high_speed_bearing::HighSpeedBearingParameters;
pub(crate) use high_speed_bearing::{MISALIGNMENT_LOAD_N_PER_MRAD, MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD};
pub use nacelle::ElectricalParameters;
pub use outputs::{Outputs, topics};
pub use parameters::TurbineParameters;
pub use rotor::RotorParameters;
pub use tower::TowerParameters;
pub use wind::WindParameters;

use std::f64::consts::TAU;

use brake::Brake;
use control::{Controller, Measured, wrap_180, wrap_360};
use gearbox::{Gearbox, GearboxDrive};
use high_speed_bearing::{BearingDrive, HighSpeedBearing};
use nacelle::{Nacelle, NacelleDrive};
use rotor::BEST_TIP_SPEED_RATIO;
use sensors::Sensors;
use tower::Tower;
use wind::Wind;

use crate::faults::{Fault, FaultKind, Faults};
use crate::switches::{Switch, SwitchError};

/// Longest step inside, s: the pitch actuator and the tower are the fastest that must be followed.
const LONGEST_INNER_STEP_S: f64 = 0.1;

/// Longest step that a caller can ask for, s; a longer one is cut to this, so that a call has bounded work.
const LONGEST_STEP_S: f64 = 10.0;

/// The generator's torque never exceeds rated by more (IEA 3.4 MW controllers: 1.1).
const HIGHEST_TORQUE_SHARE: f64 = 1.1;

/// The pins of the rotor lock go in below this rotor speed, rad/s: 0.2 rpm. \[E\]
const LOCKABLE_RAD_PER_S: f64 = 0.02;

/// How strongly gusts smaller than the rotor shake the tower: the part that does not average out. \[E\]
const SMALL_GUST_SHARE: f64 = 0.12;

/// How much of the high-speed bearing's vibration reaches gearbox housing and generator. \[E\]
const DAMAGE_AT_GEARBOX: f64 = 0.15;
const DAMAGE_AT_GENERATOR: f64 = 0.08;

/// What misaligned shafts do to the generator's vibration at rated speed. \[E\]
pub(crate) const MISALIGNMENT_AT_GENERATOR_MM_PER_S_PER_MRAD: f64 = 4.0;

/// One simulated turbine.
#[derive(Debug, Clone)]
pub struct WindTurbine {
    parameters: TurbineParameters,
    wind: Wind,
    controller: Controller,
    gearbox: Gearbox,
    high_speed_bearing: HighSpeedBearing,
    nacelle: Nacelle,
    tower: Tower,
    brake: Brake,
    sensors: Sensors,
    faults: Faults,
    time_s: f64,
    rotor_speed_rad_per_s: f64,
    azimuth_rad: f64,
    locked: bool,
    operation: Operation,
    /// The air that [`WindTurbine::step_in_balance`] was given, until the next [`WindTurbine::step`].
    given_air: Option<Air>,
    outputs: Outputs,
}

/// What the last step found, kept for the parts that warm up and for the sensors.
#[derive(Debug, Clone, Copy)]
struct Operation {
    generator_torque_n_m: f64,
    shaft_torque_n_m: f64,
    thrust_n: f64,
}

/// The air that the rotor works in for one step.
#[derive(Debug, Clone, Copy)]
struct Air {
    rotor_wind_m_per_s: f64,
    point_wind_m_per_s: f64,
    direction_deg: f64,
    vane_direction_deg: f64,
    temperature_deg_c: f64,
}

impl WindTurbine {
    /// A turbine that has been running for long: warm, in balance with the initial mean wind.
    #[must_use]
    pub fn new(parameters: TurbineParameters, seed: u64) -> Self {
        let wind = Wind::new(parameters.wind.clone(), seed);
        let mean = wind.mean_m_per_s();
        let rated_speed = parameters.rated_speed_rad_per_s();
        let speed = (BEST_TIP_SPEED_RATIO * mean / parameters.rotor.radius_m).min(rated_speed);
        let load = parameters.rotor.load(parameters.wind.air_density_kg_per_m3, mean, speed, 0.0);
        let gearbox = Gearbox::new(parameters.gearbox.clone());
        let inertia = parameters.inertia_kg_m2(gearbox.ratio());
        let mut turbine = Self {
            controller: Controller::new(parameters.control.clone(), rated_speed, inertia, mean, wind.direction_deg()),
            high_speed_bearing: HighSpeedBearing::new(parameters.high_speed_bearing.clone(), parameters.gearbox.oil),
            nacelle: Nacelle::new(wind.temperature_deg_c()),
            tower: Tower::new(parameters.tower.clone(), load.thrust_n),
            brake: Brake::new(parameters.brake.clone()),
            sensors: Sensors::new(seed),
            faults: Faults::default(),
            time_s: 0.0,
            rotor_speed_rad_per_s: speed,
            azimuth_rad: 0.0,
            locked: false,
            operation: Operation {
                generator_torque_n_m: 0.0,
                shaft_torque_n_m: load.torque_n_m,
                thrust_n: load.thrust_n,
            },
            given_air: None,
            outputs: Outputs::NOTHING,
            parameters,
            wind,
            gearbox,
        };
        turbine.settle(mean);
        turbine.read_sensors();
        turbine
    }

    /// Lets `dt_s` seconds pass, at most 10; longer ones count as 10. Zero, negative and not finite ones as nothing.
    pub fn step(&mut self, dt_s: f64) {
        if !dt_s.is_finite() || dt_s <= 0.0 {
            return;
        }
        let dt_s = dt_s.min(LONGEST_STEP_S);
        // The small allowance keeps 1.0 at ten steps of 0.1, whatever the rounding.
        let count = (dt_s / LONGEST_INNER_STEP_S - 1e-9).ceil().max(1.0) as u32;
        let inner_s = dt_s / f64::from(count);
        self.given_air = None;
        for _ in 0..count {
            self.wind.step(inner_s, self.parameters.rotor.radius_m);
            let air = self.air();
            self.advance(&air, inner_s);
            self.warm_up(&air, inner_s);
        }
        self.time_s += dt_s;
        self.read_sensors();
    }

    /// What the sensors read at the end of the last step.
    #[must_use]
    pub fn outputs(&self) -> Outputs {
        self.outputs
    }

    /// Starts a fault, or changes the rate of one that is at work.
    ///
    /// A rate out of range is cut to it; one that is not a number counts as 0.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Ends a fault and repairs what it damaged; heat goes away at its own pace. Without that fault: nothing.
    pub fn clear(&mut self, kind: FaultKind) {
        self.faults.clear(kind);
        if kind == FaultKind::HighSpeedBearingWear {
            self.high_speed_bearing.replace();
        }
    }

    /// Turns a switch.
    ///
    /// # Errors
    /// It is another machine's, or the lock is asked for while the rotor turns.
    pub fn operate(&mut self, switch: Switch, on: bool) -> Result<(), SwitchError> {
        match switch {
            Switch::ServiceStop => self.controller.service_stop = on,
            Switch::Brake => self.controller.hand_brake = on,
            Switch::OilPump => self.gearbox.pump_runs = on,
            Switch::RotorLock if on && self.rotor_speed_rad_per_s > LOCKABLE_RAD_PER_S => {
                return Err(SwitchError::NotNow("the pins of the rotor lock do not go in while the rotor turns"));
            }
            Switch::RotorLock => self.locked = on,
            Switch::DriveSystem | Switch::ServiceDisconnect => return Err(SwitchError::NotOfThisMachine),
        }
        Ok(())
    }

    /// The faults at work, in the order of their injection, one of a kind.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        self.faults.all()
    }

    /// Simulated time since the start, s.
    #[must_use]
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// Runs in a steady wind until speed, pitch and temperatures no longer change.
    fn settle(&mut self, wind_m_per_s: f64) {
        let air = Air {
            rotor_wind_m_per_s: wind_m_per_s,
            point_wind_m_per_s: wind_m_per_s,
            direction_deg: self.wind.direction_deg(),
            vane_direction_deg: self.wind.direction_deg(),
            temperature_deg_c: self.wind.temperature_deg_c(),
        };
        // Five minutes for the drivetrain, then eleven hours for the heat alone, in steps that it can take.
        for _ in 0..3000 {
            self.advance(&air, LONGEST_INNER_STEP_S);
        }
        for _ in 0..2000 {
            self.warm_up(&air, 20.0);
        }
        // The oil is thinner now than it was in the first five minutes.
        for _ in 0..600 {
            self.advance(&air, LONGEST_INNER_STEP_S);
        }
        self.azimuth_rad = 0.0;
    }

    fn air(&self) -> Air {
        if let Some(air) = self.given_air {
            return air;
        }
        let direction_deg = self.wind.direction_deg();
        Air {
            rotor_wind_m_per_s: self.wind.rotor_m_per_s(),
            point_wind_m_per_s: self.wind.point_m_per_s(),
            direction_deg,
            vane_direction_deg: direction_deg + self.wind.direction_gust_deg(),
            temperature_deg_c: self.wind.temperature_deg_c(),
        }
    }

    /// Control, aerodynamics, drivetrain and tower: what moves.
    fn advance(&mut self, air: &Air, dt_s: f64) {
        let speed = self.rotor_speed_rad_per_s;
        self.controller.step(
            Measured {
                rotor_speed_rad_per_s: speed,
                wind_m_per_s: air.rotor_wind_m_per_s,
                wind_direction_deg: air.vane_direction_deg,
            },
            dt_s,
        );
        // Only the wind along the shaft counts.
        let misalignment = wrap_180(air.direction_deg - self.controller.heading_deg).to_radians();
        let wind = air.rotor_wind_m_per_s * misalignment.cos().max(0.0);
        let load = self.parameters.rotor.load(
            self.parameters.wind.air_density_kg_per_m3,
            wind - self.tower.velocity_m_per_s(),
            speed,
            self.controller.pitch_deg,
        );

        let ratio = self.gearbox.ratio();
        let generator_torque_n_m = self.generator_torque_n_m(speed);
        let resisting = self.gearbox.rotor_side_torque_n_m(generator_torque_n_m, speed)
            + self.high_speed_bearing.friction_torque_n_m() * ratio;
        let inertia = self.parameters.inertia_kg_m2(ratio);
        let acceleration = (load.torque_n_m - resisting) / inertia;
        let mut faster = (speed + acceleration * dt_s).max(0.0);
        if self.controller.brake_applied {
            faster = self.brake.slow(faster, inertia, dt_s);
        }
        if self.locked {
            faster = 0.0;
        }
        self.azimuth_rad = (self.azimuth_rad + 0.5 * (speed + faster) * dt_s) % TAU;
        self.rotor_speed_rad_per_s = faster;

        // Gusts on part of the disc move the thrust, which goes with the square of the wind.
        let small_gust = air.point_wind_m_per_s - air.rotor_wind_m_per_s;
        let gust_factor = (1.0 + 2.0 * SMALL_GUST_SHARE * small_gust / air.rotor_wind_m_per_s).clamp(0.0, 2.0);
        self.tower.step(load.thrust_n * gust_factor, dt_s);

        self.operation = Operation {
            generator_torque_n_m,
            // What the rotor's own inertia does not take.
            shaft_torque_n_m: load.torque_n_m - self.parameters.rotor.inertia_kg_m2 * (faster - speed) / dt_s,
            thrust_n: load.thrust_n,
        };
    }

    /// Torque that the generator takes, N·m on its own shaft: best tip speed ratio up to rated power,
    /// then constant power.
    fn generator_torque_n_m(&self, rotor_speed_rad_per_s: f64) -> f64 {
        if !self.controller.generator_on(rotor_speed_rad_per_s) {
            return 0.0;
        }
        let p = &self.parameters;
        let ratio = self.gearbox.ratio();
        let speed = rotor_speed_rad_per_s.max(1e-3);
        let best_at_rotor = p.rotor.best_torque_factor(p.wind.air_density_kg_per_m3) * speed.powi(2);
        let best = (best_at_rotor - self.gearbox.drag_n_m(speed)) * p.gearbox.mesh_efficiency / ratio;
        let rated = p.electrical.rated_shaft_power_w() / (speed * ratio);
        let highest = HIGHEST_TORQUE_SHARE * self.rated_torque_n_m();
        best.min(rated).min(highest).max(0.0)
    }

    /// On the generator's shaft, N·m.
    fn rated_torque_n_m(&self) -> f64 {
        let p = &self.parameters;
        p.electrical.rated_shaft_power_w() / (p.rated_speed_rad_per_s() * self.gearbox.ratio())
    }

    /// Heat, wear and vibration: what follows from the motion.
    fn warm_up(&mut self, air: &Air, dt_s: f64) {
        let p = &self.parameters;
        let ratio = self.gearbox.ratio();
        let rated_speed = p.rated_speed_rad_per_s();
        let speed = self.rotor_speed_rad_per_s;
        let torque_share = self.operation.generator_torque_n_m / self.rated_torque_n_m();
        let shaft_power_w = self.operation.generator_torque_n_m * speed * ratio;
        let fault_rate = self.faults.rate(FaultKind::HighSpeedBearingWear);

        self.high_speed_bearing.step(
            &BearingDrive {
                shaft_speed_rad_per_s: speed * ratio,
                rated_shaft_speed_rad_per_s: rated_speed * ratio,
                load_share: torque_share,
                oil_temperature_deg_c: self.gearbox.oil_temperature_deg_c,
                fault_rate,
            },
            dt_s,
        );
        self.gearbox.step(
            &GearboxDrive {
                rotor_speed_rad_per_s: speed,
                rated_speed_rad_per_s: rated_speed,
                generator_torque_n_m: self.operation.generator_torque_n_m,
                rated_torque_n_m: self.rated_torque_n_m(),
                bearing_temperature_deg_c: self.high_speed_bearing.temperature_deg_c(),
                bearing_heat_w: self.high_speed_bearing.heat_to_oil_w(self.gearbox.oil_temperature_deg_c),
                nacelle_temperature_deg_c: self.nacelle.air.value,
                ambient_temperature_deg_c: air.temperature_deg_c,
            },
            dt_s,
        );
        self.nacelle.step(
            &NacelleDrive {
                ambient_temperature_deg_c: air.temperature_deg_c,
                power_share: shaft_power_w / p.electrical.rated_shaft_power_w(),
                torque_share,
                speed_share: speed / rated_speed,
                thrust_share: self.operation.thrust_n / p.rated_thrust_n(),
            },
            dt_s,
        );
    }

    fn read_sensors(&mut self) {
        let truth = self.truth();
        self.outputs = self.sensors.read(&truth);
    }

    fn truth(&self) -> Outputs {
        let air = self.air();
        let ratio = self.gearbox.ratio();
        let rotor_speed_rpm = self.rotor_speed_rad_per_s * 60.0 / TAU;
        let shaft_power_w = self.operation.generator_torque_n_m * self.rotor_speed_rad_per_s * ratio;
        let heading_deg = self.controller.heading_deg;
        let bearing = &self.high_speed_bearing;
        let speed_share = self.rotor_speed_rad_per_s / self.parameters.rated_speed_rad_per_s();
        let damage = bearing.damage_vibration_mm_per_s() * speed_share;
        let misaligned = MISALIGNMENT_AT_GENERATOR_MM_PER_S_PER_MRAD * bearing.misalignment_mrad() * speed_share;
        Outputs {
            wind_speed_m_per_s: air.point_wind_m_per_s,
            wind_direction_deg: air.vane_direction_deg,
            ambient_temperature_deg_c: air.temperature_deg_c,
            rotor_speed_rpm,
            rotor_torque_kn_m: self.operation.shaft_torque_n_m / 1e3,
            rotor_azimuth_deg: wrap_360(self.azimuth_rad.to_degrees()),
            pitch_deg: [self.controller.pitch_deg; 3],
            nacelle_heading_deg: heading_deg,
            yaw_error_deg: air.vane_direction_deg - heading_deg,
            main_bearing_temperature_deg_c: self.nacelle.main_bearing.value,
            main_bearing_vibration_mm_per_s: self.nacelle.main_bearing_vibration.value,
            oil_temperature_deg_c: self.gearbox.oil_temperature_deg_c,
            oil_inlet_temperature_deg_c: self.gearbox.oil_inlet_temperature_deg_c,
            oil_pressure_bar: self.gearbox.oil_pressure_bar(),
            gearbox_vibration_mm_per_s: self.gearbox.vibration_mm_per_s().hypot(DAMAGE_AT_GEARBOX * damage),
            cooler_duty: self.gearbox.cooler_duty(),
            high_speed_bearing_temperature_deg_c: bearing.temperature_deg_c(),
            high_speed_bearing_vibration_mm_per_s: bearing.vibration_mm_per_s(),
            high_speed_bearing_kurtosis: bearing.kurtosis(),
            generator_speed_rpm: rotor_speed_rpm * ratio,
            winding_temperature_deg_c: self.nacelle.winding.value,
            generator_bearing_de_temperature_deg_c: self.nacelle.generator_bearing_de.value,
            generator_bearing_nde_temperature_deg_c: self.nacelle.generator_bearing_nde.value,
            generator_vibration_mm_per_s: self
                .nacelle
                .generator_vibration
                .value
                .hypot(DAMAGE_AT_GENERATOR * damage)
                .hypot(misaligned),
            power_kw: self.parameters.electrical.grid_power_w(shaft_power_w) / 1e3,
            converter_temperature_deg_c: self.nacelle.converter.value,
            transformer_temperature_deg_c: self.nacelle.transformer.value,
            brake_applied: self.controller.brake_applied,
            brake_pad_mm: self.brake.pad_mm,
            service_stop: self.controller.service_stop,
            rotor_locked: self.locked,
            oil_pump_runs: self.gearbox.pump_runs,
            tower_acceleration_m_per_s2: self.tower.acceleration_rms_m_per_s2(),
        }
    }
}
