//! A battery-electric hatchback, as the simulator takes it for true.
//!
//! It drives a cycle of 23 km, and when the charge falls below half it charges at a fast charger, over and over; with
//! every day it ages. A generic car around public numbers (a pack of 288 cells and 77 kWh, a motor of 150 kW and 310 N·m
//! on the rear axle, a reduction of 11.5); what is assumed is marked \[E\] where it stands.
//! What is not here: winter, hills, traffic, sensors that fail.
//!
//! **Its day is short**: the car lives [`VehicleParameters::pace`] seconds in a second, 15 by default, so that a cycle of
//! half an hour takes two minutes and a charge another two or three. Every reading is that of the car in its own time.
//! Only the ageing of the cells goes by the clock, or as many times faster as [`ElectricVehicle::set_time_lapse`] says:
//! at 1440, days and full cycles of a minute count as those of a day.
//!
//! Invariants: outputs are finite; one seed, one set of parameters and one sequence of calls give the same numbers to
//! the last bit; the car does not notice how often it is read.

mod ageing;
mod brakes;
mod charge;
mod coolant;
mod cycle;
mod drive;
mod outputs;
mod pack;
mod parameters;
mod sensors;

pub use ageing::AgeingParameters;
pub use coolant::CoolantParameters;
pub use cycle::{CYCLE_S, speed_m_per_s};
pub use drive::DriveParameters;
pub use outputs::{MODULES, Outputs, topics};
pub use pack::PackParameters;
pub use parameters::VehicleParameters;

use ageing::Ageing;
use brakes::Brakes;
use coolant::{Coolant, CoolantLoad};
use drive::Drive;
use pack::Pack;
use sensors::Sensors;

use crate::faults::{Fault, FaultKind, Faults};
use crate::switches::{Switch, SwitchError};

/// Longest step inside, s of the car: the cycle's ramps and the charger's control must be followed.
const LONGEST_INNER_STEP_S: f64 = 0.5;
/// Longest step that a caller can ask for, s; a longer one is cut to this, so that a call has bounded work.
const LONGEST_STEP_S: f64 = 10.0;
/// How long the car stands before it charges, and before it drives again, s of the car.
const PAUSE_S: f64 = 90.0;

/// How it slows down when its drive system is switched off on the road, m/s² \[E\].
const STOP_M_PER_S2: f64 = 2.5;
/// Time constant with which resistors discharge the link capacitors once the contactors are open, s of the car \[E\]: from
/// 400 V to 60 V in two minutes.
const DISCHARGE_S: f64 = 63.0;

/// What the car is doing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mode {
    /// The cycle, so many seconds in.
    Driving(f64),
    /// Standing before the next of both, for so many seconds more.
    Parked(f64),
    /// At the fast charger.
    Charging,
    /// Switched off: the contactors are open.
    Off,
}

/// Energy that went one way or another since the start, J: what a balance needs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Energy {
    /// Out of the cells' chemistry, charge less discharge being negative.
    pub from_cells_j: f64,
    /// Turned to heat in the pack.
    pub pack_heat_j: f64,
    /// Turned to heat in motor, gear and inverter.
    pub drive_heat_j: f64,
    /// Turned to heat in the brake discs.
    pub brake_heat_j: f64,
    /// Taken by pump, fan, chiller, 12 V and cabin.
    pub auxiliary_j: f64,
    /// Given to the road and the air.
    pub road_j: f64,
    /// Kinetic energy of the car now.
    pub kinetic_j: f64,
    /// Taken from the charger.
    pub from_charger_j: f64,
}

/// One simulated car.
#[derive(Debug, Clone)]
pub struct ElectricVehicle {
    parameters: VehicleParameters,
    pack: Pack,
    drive: Drive,
    coolant: Coolant,
    brakes: Brakes,
    ageing: Ageing,
    sensors: Sensors,
    faults: Faults,
    mode: Mode,
    time_s: f64,
    speed_m_per_s: f64,
    odometer_m: f64,
    charge_power_w: f64,
    auxiliary_w: f64,
    /// A person has switched it on, and the service disconnect is plugged.
    switched_on: bool,
    plugged: bool,
    link_v: f64,
    energy: Energy,
    outputs: Outputs,
}

impl ElectricVehicle {
    /// A car that has been driven for some years and stands ready, its parts at the temperatures of an hour on the road.
    #[must_use]
    pub fn new(parameters: VehicleParameters, seed: u64) -> Self {
        let ageing = Ageing::new(parameters.ageing.clone());
        let mut car = Self {
            pack: Pack::new(parameters.pack.clone(), seed, &ageing),
            drive: Drive::new(parameters.drive.clone()),
            coolant: Coolant::new(parameters.coolant.clone()),
            brakes: Brakes::new(parameters.ambient_deg_c),
            sensors: Sensors::new(seed),
            faults: Faults::default(),
            mode: Mode::Driving(0.0),
            time_s: 0.0,
            speed_m_per_s: 0.0,
            odometer_m: parameters.ageing.odometer_m,
            charge_power_w: 0.0,
            auxiliary_w: 0.0,
            switched_on: true,
            plugged: true,
            link_v: 0.0,
            energy: Energy::default(),
            outputs: Outputs::default(),
            ageing,
            parameters,
        };
        car.link_v = car.pack.voltage_v();
        car.read_sensors();
        car
    }

    /// Lets `dt_s` seconds pass, at most 10; longer ones count as 10. Zero, negative and not finite ones as nothing. The
    /// car lives [`VehicleParameters::pace`] times as long.
    pub fn step(&mut self, dt_s: f64) {
        if !dt_s.is_finite() || dt_s <= 0.0 {
            return;
        }
        let dt_s = dt_s.min(LONGEST_STEP_S);
        let lived_s = dt_s * self.parameters.pace;
        let count = (lived_s / LONGEST_INNER_STEP_S - 1e-9).ceil().max(1.0) as u32;
        for _ in 0..count {
            self.live(lived_s / f64::from(count));
        }
        self.time_s += dt_s;
        self.read_sensors();
    }

    /// Lets the cells age this many times faster than the clock, by time and by throughput, from 0 to a million; 1 when
    /// nothing is said. Nothing else gets faster. What is not a number changes nothing.
    pub fn set_time_lapse(&mut self, time_lapse: f64) {
        if !time_lapse.is_nan() {
            self.ageing.time_lapse = time_lapse.clamp(0.0, 1e6);
        }
    }

    /// The truth about the cells' resistance: its share of that of new ones.
    #[must_use]
    pub fn resistance_share(&self) -> f64 {
        self.ageing.resistance_share()
    }

    /// What the sensors read at the end of the last step.
    #[must_use]
    pub fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Where the energy went since the start.
    #[must_use]
    pub fn energy(&self) -> Energy {
        Energy { kinetic_j: self.drive.kinetic_j(self.speed_m_per_s), ..self.energy }
    }

    /// Starts a fault, or changes the rate of one that is at work. Those of other machines do nothing.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.inject(fault);
    }

    /// Ends a fault and repairs what it damaged; heat goes away at its own pace. Without that fault: nothing.
    pub fn clear(&mut self, kind: FaultKind) {
        self.faults.clear(kind);
        match kind {
            FaultKind::CellResistanceGrowth => self.pack.replace_joint(),
            FaultKind::CoolantPumpWear => self.coolant.replace_pump(),
            _ => {}
        }
    }

    /// Turns a switch. Switched off on the road, the car stops first.
    ///
    /// # Errors
    /// It is another machine's, or the service disconnect would be pulled under load.
    pub fn operate(&mut self, switch: Switch, on: bool) -> Result<(), SwitchError> {
        match switch {
            Switch::DriveSystem => self.switched_on = on,
            Switch::ServiceDisconnect if !on && self.mode != Mode::Off => {
                return Err(SwitchError::NotNow("the service disconnect is not pulled while the drive system is on"));
            }
            Switch::ServiceDisconnect => self.plugged = on,
            _ => return Err(SwitchError::NotOfThisMachine),
        }
        Ok(())
    }

    /// The faults at work, in the order of their injection, one of a kind.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        self.faults.all()
    }

    /// Time that it has been given since the start, s; the car has lived longer.
    #[must_use]
    pub fn time_s(&self) -> f64 {
        self.time_s
    }

    /// One inner step of the car's own time.
    fn live(&mut self, dt_s: f64) {
        let before = self.speed_m_per_s;
        let p = &self.parameters;
        let off = !(self.switched_on && self.plugged);
        let stopping = off && before > 0.0;
        self.mode = match self.mode {
            mode if stopping => mode,
            _ if off => Mode::Off,
            Mode::Off => Mode::Parked(PAUSE_S),
            Mode::Driving(at_s) if at_s + dt_s < CYCLE_S => Mode::Driving(at_s + dt_s),
            Mode::Driving(_) => Mode::Parked(PAUSE_S),
            Mode::Parked(left_s) if left_s > dt_s => Mode::Parked(left_s - dt_s),
            Mode::Parked(_) if self.pack.soc() < p.charge_below => Mode::Charging,
            Mode::Parked(_) => Mode::Driving(0.0),
            Mode::Charging if self.pack.soc() >= p.charge_to => Mode::Parked(PAUSE_S),
            Mode::Charging => Mode::Charging,
        };
        self.speed_m_per_s = match self.mode {
            _ if stopping => (before - STOP_M_PER_S2 * dt_s).max(0.0),
            Mode::Driving(at_s) => speed_m_per_s(at_s),
            _ => 0.0,
        };

        let wheels = self.drive.step(
            before,
            self.speed_m_per_s,
            self.coolant.temperature_deg_c(),
            self.coolant.flow_share(),
            dt_s,
        );
        self.brakes.step(wheels.friction_w, self.speed_m_per_s, p.ambient_deg_c, dt_s);
        // With open contactors the 12 V battery feeds what still runs.
        let open = self.mode == Mode::Off;
        self.auxiliary_w = if open { 0.0 } else { p.auxiliary_w + self.coolant.power_w() };
        let wanted_w = wheels.electric_w + self.auxiliary_w;
        self.charge_power_w =
            if self.mode == Mode::Charging { charge::power_w(&self.pack, self.auxiliary_w) } else { 0.0 };
        // From the charger into the pack; what the auxiliaries take does not reach it.
        let out_w = if open { 0.0 } else { wanted_w - self.charge_power_w };
        let joint = self.faults.rate(FaultKind::CellResistanceGrowth) * dt_s / p.pace;
        let flow = self.pack.step(
            out_w,
            self.coolant.temperature_deg_c(),
            self.coolant.flow_share(),
            joint,
            &self.ageing,
            dt_s,
        );
        self.coolant.step(
            CoolantLoad {
                pack_w: flow.to_coolant_w,
                drive_w: wheels.to_coolant_w,
                pack_temperature_deg_c: self.pack.temperature_deg_c(),
                speed_m_per_s: self.speed_m_per_s,
                ambient_deg_c: p.ambient_deg_c,
                running: self.mode != Mode::Parked(PAUSE_S) && !open,
                pump_wear: self.faults.rate(FaultKind::CoolantPumpWear) * dt_s / p.pace,
            },
            dt_s,
        );
        self.link_v = if open { self.link_v * (-dt_s / DISCHARGE_S).exp() } else { self.pack.voltage_v() };
        // The cells age by the clock, not by the short day.
        let throughput_share = flow.throughput_share / p.pace;
        self.ageing.step(self.pack.soc(), self.pack.temperature_deg_c(), throughput_share, dt_s / p.pace);
        self.odometer_m += 0.5 * (before + self.speed_m_per_s) * dt_s;

        let energy = &mut self.energy;
        energy.from_cells_j += flow.from_cells_w * dt_s;
        energy.pack_heat_j += flow.heat_w * dt_s;
        energy.drive_heat_j += wheels.heat_w * dt_s;
        energy.brake_heat_j += wheels.friction_w * dt_s;
        energy.auxiliary_j += self.auxiliary_w * dt_s;
        energy.road_j += wheels.road_w * dt_s;
        energy.from_charger_j += self.charge_power_w * dt_s;
    }

    fn read_sensors(&mut self) {
        let truth = self.truth();
        self.outputs = self.sensors.read(truth);
    }

    fn truth(&self) -> Outputs {
        let p = &self.parameters;
        let wheel_rpm = self.drive.wheel_rpm(self.speed_m_per_s);
        let charging = self.mode == Mode::Charging;
        Outputs {
            pack_voltage_v: self.pack.voltage_v(),
            pack_current_a: self.pack.current_a(),
            pack_power_kw: self.pack.voltage_v() * self.pack.current_a() / 1e3,
            soc_percent: 100.0 * self.pack.soc(),
            soh_percent: 100.0 * self.ageing.capacity_share(),
            modules: self.pack.modules(),
            speed_km_per_h: 3.6 * self.speed_m_per_s,
            odometer_km: self.odometer_m / 1e3,
            motor_speed_rpm: wheel_rpm * p.drive.reduction(),
            intermediate_speed_rpm: wheel_rpm * p.drive.second_ratio(),
            motor_torque_n_m: self.drive.torque_n_m,
            motor_power_kw: self.drive.electric_w / 1e3,
            stator_temperature_deg_c: self.drive.stator_deg_c,
            rotor_temperature_deg_c: self.drive.rotor_deg_c,
            inverter_temperature_deg_c: self.drive.inverter_deg_c,
            wheel_speeds_rpm: [wheel_rpm; 4],
            brake_temperatures_deg_c: self.brakes.temperatures_deg_c(),
            coolant_flow_l_per_min: self.coolant.flow_l_per_min(),
            pack_inlet_deg_c: self.coolant.temperature_deg_c(),
            pack_outlet_deg_c: self.coolant.pack_outlet_deg_c(),
            drive_outlet_deg_c: self.coolant.drive_outlet_deg_c(),
            pump_speed_rpm: self.coolant.pump_rpm(),
            pump_current_a: self.coolant.pump_current_a(),
            fan_speed_rpm: self.coolant.fan_rpm(),
            chiller_power_kw: self.coolant.chiller_w() / 1e3,
            charge_power_kw: self.charge_power_w / 1e3,
            charging,
            ready: self.mode != Mode::Off,
            contactors_closed: self.mode != Mode::Off,
            service_disconnect_plugged: self.plugged,
            link_voltage_v: self.link_v,
            auxiliary_voltage_v: if matches!(self.mode, Mode::Off | Mode::Parked(PAUSE_S)) { 12.7 } else { 13.9 },
            auxiliary_current_a: self.auxiliary_w / 13.9,
            // The converter's heat is that of its losses: 4 % through 3 K/W against the loop \[E\].
            dcdc_temperature_deg_c: self.coolant.temperature_deg_c() + 0.04 * self.auxiliary_w * 0.25,
            cabin_temperature_deg_c: 21.5,
            ambient_temperature_deg_c: p.ambient_deg_c,
        }
    }
}
