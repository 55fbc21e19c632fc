//! What is known of the blade and its machine, and under which topic and field it is published.

use super::cooling::{PASSAGES, PLACES};
use crate::reading::{Reading, Topic};

/// One reading of everything. Finite always.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outputs {
    /// Of rated power, percent.
    pub load_percent: f64,
    /// Active power, MW.
    pub power_mw: f64,
    /// Shaft speed, rpm.
    pub speed_rpm: f64,
    /// Whether the flame is lit.
    pub fired: bool,
    /// Total temperature of the gas as the blade meets it, °C.
    pub gas_temperature_deg_c: f64,
    /// Pressure of the gas before the blade, bar absolute.
    pub gas_pressure_bar: f64,
    /// Hottest less coldest thermocouple in the exhaust, K.
    pub exhaust_spread_k: f64,
    /// Coolant where it enters the blade, °C.
    pub coolant_temperature_deg_c: f64,
    /// Coolant through each passage, g/s.
    pub coolant_flow_g_per_s: [f64; PASSAGES],
    /// Coolant at the end of each passage, °C.
    pub coolant_outlet_deg_c: [f64; PASSAGES],
    /// Open area of each passage over that of a clean one, percent: flow over what the pressure would drive.
    pub passage_area_percent: [f64; PASSAGES],
    /// Metal, °C, in the order of [`PLACES`].
    pub metal_deg_c: [f64; PLACES.len()],
    /// Stress in the neck of the root, MPa.
    pub root_stress_mpa: f64,
    /// Stress of leading and trailing edge, MPa; compression is negative.
    pub edge_stress_mpa: [f64; 2],
    /// Creep strain where it is greatest, percent.
    pub creep_strain_percent: f64,
    /// Used share of the creep life there, percent.
    pub creep_life_percent: f64,
    /// Crack at the trailing edge, mm.
    pub crack_mm: f64,
    /// Starts since new.
    pub starts: f64,
    /// Hours with flame since new.
    pub fired_hours: f64,
}

impl Outputs {
    /// What is there before the first reading.
    pub(super) const NOTHING: Self = Self {
        load_percent: 0.0,
        power_mw: 0.0,
        speed_rpm: 0.0,
        fired: false,
        gas_temperature_deg_c: 0.0,
        gas_pressure_bar: 0.0,
        exhaust_spread_k: 0.0,
        coolant_temperature_deg_c: 0.0,
        coolant_flow_g_per_s: [0.0; PASSAGES],
        coolant_outlet_deg_c: [0.0; PASSAGES],
        passage_area_percent: [0.0; PASSAGES],
        metal_deg_c: [0.0; PLACES.len()],
        root_stress_mpa: 0.0,
        edge_stress_mpa: [0.0; 2],
        creep_strain_percent: 0.0,
        creep_life_percent: 0.0,
        crack_mm: 0.0,
        starts: 0.0,
        fired_hours: 0.0,
    };
}

/// The messages of one reading, in the order in which they are published.
#[must_use]
pub fn topics(outputs: &Outputs) -> Vec<Topic> {
    use Reading::{Flag, Number};
    let o = outputs;
    let [leading, suction, pressure, trailing, tip, platform] = o.metal_deg_c;
    let [leading_stress, trailing_stress] = o.edge_stress_mpa;
    let mut messages: Vec<Topic> = vec![
        (
            "machine".into(),
            vec![
                ("load", Number(o.load_percent)),
                ("power", Number(o.power_mw)),
                ("speed", Number(o.speed_rpm)),
                ("fired", Flag(o.fired)),
            ],
        ),
        (
            "gas".into(),
            vec![
                ("temperature", Number(o.gas_temperature_deg_c)),
                ("pressure", Number(o.gas_pressure_bar)),
                ("spread", Number(o.exhaust_spread_k)),
            ],
        ),
        (
            "coolant".into(),
            vec![
                ("temperature", Number(o.coolant_temperature_deg_c)),
                ("flow", Number(o.coolant_flow_g_per_s.iter().sum())),
            ],
        ),
        (
            "metal".into(),
            vec![
                ("leading_edge", Number(leading)),
                ("suction_side", Number(suction)),
                ("pressure_side", Number(pressure)),
                ("trailing_edge", Number(trailing)),
                ("tip", Number(tip)),
                ("platform", Number(platform)),
            ],
        ),
        (
            "stress".into(),
            vec![
                ("root", Number(o.root_stress_mpa)),
                ("leading_edge", Number(leading_stress)),
                ("trailing_edge", Number(trailing_stress)),
            ],
        ),
        (
            "life".into(),
            vec![
                ("creep_strain", Number(o.creep_strain_percent)),
                ("creep_life", Number(o.creep_life_percent)),
                ("crack", Number(o.crack_mm)),
                ("starts", Number(o.starts)),
                ("hours", Number(o.fired_hours)),
            ],
        ),
    ];
    for number in 0..PASSAGES {
        messages.push((
            format!("passage/{}", number + 1).into(),
            vec![
                ("flow", Number(o.coolant_flow_g_per_s[number])),
                ("outlet_temperature", Number(o.coolant_outlet_deg_c[number])),
                ("area", Number(o.passage_area_percent[number])),
            ],
        ));
    }
    messages
}
