//! Metal temperatures from gas, coolant and how well each place is cooled; stresses from speed and temperature.
//!
//! Cooling effectiveness φ = (T_gas − T_metal)/(T_gas − T_coolant) = K m/(1 + K m) with the coolant flow m through the
//! passages near the place (Holland, Thake 1980, Rotor blade cooling in high pressure turbines, J. Aircraft 17, 412;
//! with the internal efficiency taken into K). Metal follows with a first-order lag.

use crate::lag::Lag;

/// Cooling passages of the vane.
pub const PASSAGES: usize = 10;

/// Coolant through each passage at full load, g/s: that of run 145 (NASA CR-168015, appendix A).
const FULL_FLOW_G_PER_S: [f64; PASSAGES] = [11.2, 11.5, 11.2, 11.6, 12.0, 12.1, 11.7, 3.93, 2.42, 1.27];

/// Modulus of IN-738LC near 850 °C, MPa, expansion, 1/K, and Poisson's ratio (Inco 1981, data sheet of IN-738LC).
const MODULUS_MPA: f64 = 150_000.0;
const EXPANSION_PER_K: f64 = 15.6e-6;
const POISSON: f64 = 0.3;
/// Share of the full constraint that the rest of the blade puts on a hotter edge. \[E\]
const CONSTRAINT: f64 = 0.35;
/// ρ ω² r h at the foot of an airfoil of constant section, MPa: 8,110 kg/m³, 3,000 rpm, 1.35 m, 76.2 mm.
const CENTRIFUGAL_MPA: f64 = 82.0;
/// Bending by the gas at full load, MPa. \[E\]
const BENDING_MPA: f64 = 24.0;
/// Platform, shroud of the neck and lobes pull on the neck: stress there over that at the airfoil's foot. \[E\]
const NECK: f64 = 1.7;

/// A place of the blade whose temperature is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where the flow divides.
    LeadingEdge,
    /// Convex side.
    SuctionSide,
    /// Hollow side.
    PressureSide,
    /// Where the sides meet.
    TrailingEdge,
    /// Outer end.
    Tip,
    /// Foot.
    Platform,
}

/// All places, in the order of their numbers.
pub const PLACES: [Place; 6] =
    [Place::LeadingEdge, Place::SuctionSide, Place::PressureSide, Place::TrailingEdge, Place::Tip, Place::Platform];

/// How a place is heated and cooled. \[E\], by the wall's thickness and how near the passages are.
struct Exposure {
    /// Effectiveness at full flow.
    effectiveness: f64,
    /// Gas there less the mean, K.
    gas_k: f64,
    /// Share of a hot streak that arrives.
    streak: f64,
    /// Time constant, s of the machine.
    lag_s: f64,
    /// Weight of each passage; their sum is 1.
    passages: [f64; PASSAGES],
}

const fn exposure(place: Place) -> Exposure {
    match place {
        Place::LeadingEdge => Exposure {
            effectiveness: 0.46,
            gas_k: 0.0,
            streak: 1.0,
            lag_s: 14.0,
            passages: [0.45, 0.45, 0.10, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        },
        Place::SuctionSide => Exposure {
            effectiveness: 0.52,
            gas_k: 0.0,
            streak: 0.45,
            lag_s: 22.0,
            passages: [0.20, 0.0, 0.20, 0.20, 0.20, 0.12, 0.08, 0.0, 0.0, 0.0],
        },
        Place::PressureSide => Exposure {
            effectiveness: 0.50,
            gas_k: 0.0,
            streak: 0.70,
            lag_s: 22.0,
            passages: [0.0, 0.15, 0.15, 0.20, 0.20, 0.18, 0.12, 0.0, 0.0, 0.0],
        },
        Place::TrailingEdge => Exposure {
            effectiveness: 0.44,
            gas_k: 0.0,
            streak: 0.50,
            lag_s: 9.0,
            passages: [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.45, 0.40, 0.15],
        },
        Place::Tip => Exposure {
            effectiveness: 0.42,
            gas_k: -10.0,
            streak: 0.60,
            lag_s: 16.0,
            passages: [0.12, 0.12, 0.12, 0.12, 0.12, 0.12, 0.12, 0.08, 0.06, 0.02],
        },
        Place::Platform => Exposure {
            effectiveness: 0.50,
            gas_k: -180.0,
            streak: 0.20,
            lag_s: 90.0,
            passages: [0.14, 0.14, 0.14, 0.14, 0.14, 0.14, 0.14, 0.01, 0.005, 0.005],
        },
    }
}

/// What acts on the blade.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drive {
    pub(super) gas_temperature_deg_c: f64,
    pub(super) streak_k: f64,
    pub(super) coolant_temperature_deg_c: f64,
    pub(super) pressure_share: f64,
    pub(super) speed_share: f64,
    /// Open share of each passage's area.
    pub(super) open: [f64; PASSAGES],
}

impl Drive {
    /// Flow of a passage over that at full load.
    fn flow_share(&self, passage: usize) -> f64 {
        self.pressure_share * self.open.get(passage).copied().unwrap_or(0.0)
    }

    /// Where the metal of a place goes.
    fn target_deg_c(&self, place: Place) -> f64 {
        let e = exposure(place);
        let flow: f64 = e.passages.iter().enumerate().map(|(i, weight)| weight * self.flow_share(i)).sum();
        // The heat transfer of gas and coolant both go with the pressure: their ratio remains.
        let flow = flow / self.pressure_share.max(1e-6);
        let k = e.effectiveness / (1.0 - e.effectiveness) * flow;
        let gas = self.gas_temperature_deg_c + e.gas_k * self.speed_share.powi(2) + e.streak * self.streak_k;
        gas - k / (1.0 + k) * (gas - self.coolant_temperature_deg_c)
    }
}

/// The metal.
#[derive(Debug, Clone)]
pub(super) struct Blade {
    metal: [Lag; PLACES.len()],
    /// Of the whole section: what an edge is held by.
    body: Lag,
    speed_share: f64,
    pressure_share: f64,
}

impl Blade {
    pub(super) fn new() -> Self {
        Self { metal: [Lag::new(20.0); PLACES.len()], body: Lag::new(20.0), speed_share: 0.0, pressure_share: 0.0 }
    }

    pub(super) fn step(&mut self, drive: &Drive, dt_s: f64) {
        for (metal, place) in self.metal.iter_mut().zip(PLACES) {
            metal.follow(drive.target_deg_c(place), exposure(place).lag_s, dt_s);
        }
        let [_, suction, pressure, ..] = self.metal;
        self.body.follow((suction.value + pressure.value) / 2.0, 25.0, dt_s);
        self.speed_share = drive.speed_share;
        self.pressure_share = drive.pressure_share;
    }

    /// In the order of [`PLACES`].
    pub(super) fn metal_deg_c(&self) -> [f64; PLACES.len()] {
        self.metal.map(|lag| lag.value)
    }

    /// Coolant through each passage.
    pub(super) fn flows_g_per_s(&self, drive: &Drive) -> [f64; PASSAGES] {
        std::array::from_fn(|i| FULL_FLOW_G_PER_S[i] * drive.flow_share(i))
    }

    /// Coolant at the end of each passage: it takes up 1 − exp(−NTU) of what it can, more of it the slower it flows
    /// (turbulent: NTU falls with flow to the power of 0.2, Dittus and Boelter 1930).
    pub(super) fn coolant_outlet_deg_c(&self, drive: &Drive) -> [f64; PASSAGES] {
        let walls = self.metal_deg_c();
        std::array::from_fn(|i| {
            let weights = PLACES.map(|place| exposure(place).passages[i]);
            let sum: f64 = weights.iter().sum();
            let wall: f64 = weights.iter().zip(walls).map(|(weight, wall)| weight * wall).sum::<f64>() / sum;
            // Narrow passages take up more.
            let clean = if i < 7 { 0.35 } else { 0.75 };
            let ntu = clean * drive.flow_share(i).max(0.02).powf(-0.2);
            drive.coolant_temperature_deg_c + (wall - drive.coolant_temperature_deg_c) * -(-ntu).exp_m1()
        })
    }

    /// At the neck of the root: pull of all that is above, and bending.
    pub(super) fn root_stress_mpa(&self) -> f64 {
        NECK * (CENTRIFUGAL_MPA * self.speed_share.powi(2) + BENDING_MPA * self.pressure_share)
    }

    /// Of an edge, tension positive: pull, and the part of its expansion that the body does not allow.
    pub(super) fn edge_stress_mpa(&self) -> [f64; 2] {
        let [leading, _, _, trailing, ..] = self.metal_deg_c();
        [leading, trailing].map(|edge| {
            let held = CONSTRAINT * MODULUS_MPA * EXPANSION_PER_K / (1.0 - POISSON) * (self.body.value - edge);
            0.6 * CENTRIFUGAL_MPA * self.speed_share.powi(2) + held
        })
    }

    /// What drives creep at a place, MPa: the pull, least at the tip. Thermal stress relaxes.
    pub(super) fn creep_stress_mpa(&self, place: Place) -> f64 {
        let share = match place {
            Place::Tip => 0.25,
            Place::Platform => 1.2,
            _ => 0.8,
        };
        share * (CENTRIFUGAL_MPA * self.speed_share.powi(2) + BENDING_MPA * self.pressure_share)
    }
}
