//! The coolant loop: pump, chiller, radiator and fan.
//!
//! One loop for pack and drive, in this order: pump, chiller, pack, drive, radiator. Its water is one mass at the
//! temperature of the pack's inlet; outlets follow from the heat and the flow.

/// The loop.
#[derive(Debug, Clone)]
pub struct CoolantParameters {
    /// Flow of a sound pump at full speed, L/min \[E\].
    pub flow_l_per_min: f64,
    /// Mass of the coolant, kg \[E\].
    pub mass_kg: f64,
    /// Heat capacity of water with 50 % glycol, J/(kg·K).
    pub heat_j_per_kg_k: f64,
    /// Radiator, standing and per m/s of air, W/K \[E\].
    pub radiator_w_per_k: (f64, f64),
    /// Highest heat that the chiller takes, W \[E\].
    pub chiller_w: f64,
}

impl Default for CoolantParameters {
    fn default() -> Self {
        Self {
            flow_l_per_min: 12.0,
            mass_kg: 9.0,
            heat_j_per_kg_k: 3_500.0,
            radiator_w_per_k: (25.0, 11.0),
            chiller_w: 5_500.0,
        }
    }
}

/// Pack temperatures between which the chiller goes from off to full, °C \[E\].
const CHILLER_DEG_C: (f64, f64) = (30.0, 36.0);
/// Coolant temperatures between which the fan goes from off to full, °C \[E\].
const FAN_DEG_C: (f64, f64) = (31.0, 42.0);
/// Air that the fan moves, as speed through the radiator, m/s \[E\].
const FAN_M_PER_S: f64 = 5.0;
/// Share of the car's speed that the air has in the radiator \[E\].
const RAM: f64 = 0.18;
/// Coefficient of performance of the chiller's compressor \[E\].
const PERFORMANCE: f64 = 2.6;
/// Speeds at full duty, rpm.
const PUMP_RPM: f64 = 4_600.0;
const FAN_RPM: f64 = 2_300.0;
/// Power at full duty, W \[E\].
const PUMP_W: f64 = 70.0;
const FAN_W: f64 = 320.0;
/// A worn pump has lost this share of its flow.
const WORN_FLOW: f64 = 0.93;
/// Time in which a fault of rate 1 wears the pump out, s of the demonstration.
const WEAR_S: f64 = 240.0;

/// What happens to the loop in one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoolantLoad {
    pub pack_w: f64,
    pub drive_w: f64,
    pub pack_temperature_deg_c: f64,
    pub speed_m_per_s: f64,
    pub ambient_deg_c: f64,
    pub running: bool,
    /// Seconds of the demonstration times the rate of the fault.
    pub pump_wear: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Coolant {
    parameters: CoolantParameters,
    temperature_deg_c: f64,
    /// Damage of the pump, 0 to 1.
    wear: f64,
    chiller_duty: f64,
    fan_duty: f64,
    pack_rise_k: f64,
    drive_rise_k: f64,
}

impl Coolant {
    pub fn new(parameters: CoolantParameters) -> Self {
        Self {
            parameters,
            temperature_deg_c: 25.0,
            wear: 0.0,
            chiller_duty: 0.0,
            fan_duty: 0.0,
            pack_rise_k: 0.0,
            drive_rise_k: 0.0,
        }
    }

    pub fn replace_pump(&mut self) {
        self.wear = 0.0;
    }

    /// Flow as a share of a sound pump's.
    pub fn flow_share(&self) -> f64 {
        1.0 - WORN_FLOW * self.wear
    }

    pub fn flow_l_per_min(&self) -> f64 {
        self.parameters.flow_l_per_min * self.flow_share()
    }

    pub fn temperature_deg_c(&self) -> f64 {
        self.temperature_deg_c
    }

    pub fn pack_outlet_deg_c(&self) -> f64 {
        self.temperature_deg_c + self.pack_rise_k
    }

    pub fn drive_outlet_deg_c(&self) -> f64 {
        self.temperature_deg_c + self.pack_rise_k + self.drive_rise_k
    }

    pub fn chiller_w(&self) -> f64 {
        self.chiller_duty * self.parameters.chiller_w * self.flow_share().sqrt()
    }

    pub fn fan_rpm(&self) -> f64 {
        FAN_RPM * self.fan_duty
    }

    /// A worn pump turns slower, and its bearing asks for more current.
    pub fn pump_rpm(&self) -> f64 {
        PUMP_RPM * (1.0 - 0.55 * self.wear)
    }

    pub fn pump_current_a(&self) -> f64 {
        PUMP_W / 13.9 * (1.0 + 0.9 * self.wear)
    }

    /// What the loop takes, W.
    pub fn power_w(&self) -> f64 {
        PUMP_W * (1.0 + 0.9 * self.wear) + FAN_W * self.fan_duty.powi(3) + self.chiller_w() / PERFORMANCE
    }

    pub fn step(&mut self, load: CoolantLoad, dt_s: f64) {
        let p = &self.parameters;
        self.wear = (self.wear + load.pump_wear / WEAR_S).min(1.0);
        let ramp = |value: f64, (from, to): (f64, f64)| ((value - from) / (to - from)).clamp(0.0, 1.0);
        // Slowly, as a controller would, in half a minute.
        let follow = (dt_s / 30.0).min(1.0);
        let (chiller, fan) = if load.running {
            (ramp(load.pack_temperature_deg_c, CHILLER_DEG_C), ramp(self.temperature_deg_c, FAN_DEG_C))
        } else {
            (0.0, 0.0)
        };
        self.chiller_duty += (chiller - self.chiller_duty) * follow;
        self.fan_duty += (fan - self.fan_duty) * follow;
        // Litres weigh 1.07 kg with glycol.
        let stream_w_per_k = self.flow_l_per_min() / 60.0 * 1.07 * p.heat_j_per_kg_k;
        self.pack_rise_k = load.pack_w / stream_w_per_k;
        self.drive_rise_k = load.drive_w / stream_w_per_k;
        let air = RAM * load.speed_m_per_s + FAN_M_PER_S * self.fan_duty;
        let radiator = (p.radiator_w_per_k.0 + p.radiator_w_per_k.1 * air) * self.flow_share().powf(0.4);
        // The radiator sees the warm end; no more than the stream carries.
        let rejected = (radiator * (self.drive_outlet_deg_c() - load.ambient_deg_c))
            .min(stream_w_per_k * (self.drive_outlet_deg_c() - load.ambient_deg_c).max(0.0));
        let heat = load.pack_w + load.drive_w - rejected - self.chiller_w();
        self.temperature_deg_c += heat * dt_s / (p.mass_kg * p.heat_j_per_kg_k);
    }
}
