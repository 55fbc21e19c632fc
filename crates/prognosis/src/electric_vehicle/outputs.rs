//! What the car's sensors read, and under which topic and field it is published.

use crate::reading::{Reading, Topic};

/// Modules of the pack.
pub const MODULES: usize = 12;
/// Cells of a module.
pub(super) const CELLS: usize = 24;

/// The readings of one module.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Module {
    /// Over its ends, V.
    pub voltage_v: f64,
    /// Mean, °C.
    pub temperature_deg_c: f64,
    /// Of its hottest group of cells, °C.
    pub hottest_deg_c: f64,
    /// Of each cell, V.
    pub cells_v: Vec<f64>,
}

impl Module {
    /// Lowest and highest cell, V.
    #[must_use]
    pub fn ends_v(&self) -> (f64, f64) {
        self.cells_v.iter().fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(*v), high.max(*v)))
    }
}

/// One reading of every sensor. Finite always.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(
    missing_docs,
    reason = "names and units say it; wheels and brakes: front left, front right, rear left, rear right"
)]
pub struct Outputs {
    pub pack_voltage_v: f64,
    /// Positive when it discharges.
    pub pack_current_a: f64,
    pub pack_power_kw: f64,
    pub soc_percent: f64,
    pub soh_percent: f64,
    pub modules: Vec<Module>,
    pub speed_km_per_h: f64,
    pub odometer_km: f64,
    pub motor_speed_rpm: f64,
    pub intermediate_speed_rpm: f64,
    pub motor_torque_n_m: f64,
    pub motor_power_kw: f64,
    pub stator_temperature_deg_c: f64,
    pub rotor_temperature_deg_c: f64,
    pub inverter_temperature_deg_c: f64,
    pub wheel_speeds_rpm: [f64; 4],
    pub brake_temperatures_deg_c: [f64; 4],
    pub coolant_flow_l_per_min: f64,
    pub pack_inlet_deg_c: f64,
    pub pack_outlet_deg_c: f64,
    pub drive_outlet_deg_c: f64,
    pub pump_speed_rpm: f64,
    pub pump_current_a: f64,
    pub fan_speed_rpm: f64,
    pub chiller_power_kw: f64,
    pub charge_power_kw: f64,
    pub charging: bool,
    /// The drive system is on.
    pub ready: bool,
    pub contactors_closed: bool,
    pub service_disconnect_plugged: bool,
    /// Over the link capacitors of the inverter, outside of the contactors.
    pub link_voltage_v: f64,
    pub auxiliary_voltage_v: f64,
    pub auxiliary_current_a: f64,
    pub dcdc_temperature_deg_c: f64,
    pub cabin_temperature_deg_c: f64,
    pub ambient_temperature_deg_c: f64,
}

/// The messages of one reading, in the order in which they are published: `pack`, `module/1` to `module/12`, and so on.
#[must_use]
pub fn topics(o: &Outputs) -> Vec<Topic> {
    use Reading::{Flag, Number, Numbers};
    let corners = |values: [f64; 4]| ["fl", "fr", "rl", "rr"].into_iter().zip(values.map(Number)).collect::<Vec<_>>();
    let mut all: Vec<Topic> = vec![
        (
            "vehicle".into(),
            vec![
                ("speed", Number(o.speed_km_per_h)),
                ("odometer", Number(o.odometer_km)),
                ("ambient", Number(o.ambient_temperature_deg_c)),
                ("cabin", Number(o.cabin_temperature_deg_c)),
                ("ready", Flag(o.ready)),
            ],
        ),
        (
            "pack".into(),
            vec![
                ("voltage", Number(o.pack_voltage_v)),
                ("current", Number(o.pack_current_a)),
                ("power", Number(o.pack_power_kw)),
                ("soc", Number(o.soc_percent)),
                ("soh", Number(o.soh_percent)),
                ("contactors", Flag(o.contactors_closed)),
                ("service_disconnect", Flag(o.service_disconnect_plugged)),
            ],
        ),
        (
            "motor".into(),
            vec![
                ("speed", Number(o.motor_speed_rpm)),
                ("torque", Number(o.motor_torque_n_m)),
                ("power", Number(o.motor_power_kw)),
                ("stator_temperature", Number(o.stator_temperature_deg_c)),
                ("rotor_temperature", Number(o.rotor_temperature_deg_c)),
            ],
        ),
        ("gear".into(), vec![("intermediate_speed", Number(o.intermediate_speed_rpm))]),
        (
            "inverter".into(),
            vec![("temperature", Number(o.inverter_temperature_deg_c)), ("link", Number(o.link_voltage_v))],
        ),
        ("wheels".into(), corners(o.wheel_speeds_rpm)),
        ("brakes".into(), corners(o.brake_temperatures_deg_c)),
        (
            "coolant".into(),
            vec![
                ("flow", Number(o.coolant_flow_l_per_min)),
                ("pack_inlet", Number(o.pack_inlet_deg_c)),
                ("pack_outlet", Number(o.pack_outlet_deg_c)),
                ("drive_outlet", Number(o.drive_outlet_deg_c)),
                ("pump_speed", Number(o.pump_speed_rpm)),
                ("pump_current", Number(o.pump_current_a)),
                ("fan_speed", Number(o.fan_speed_rpm)),
                ("chiller_power", Number(o.chiller_power_kw)),
            ],
        ),
        ("charge".into(), vec![("power", Number(o.charge_power_kw)), ("charging", Flag(o.charging))]),
        (
            "auxiliary".into(),
            vec![
                ("voltage", Number(o.auxiliary_voltage_v)),
                ("current", Number(o.auxiliary_current_a)),
                ("dcdc_temperature", Number(o.dcdc_temperature_deg_c)),
            ],
        ),
    ];
    all.extend(o.modules.iter().enumerate().map(|(index, module)| -> Topic {
        let (low, high) = module.ends_v();
        (
            format!("module/{}", index + 1).into(),
            vec![
                ("voltage", Number(module.voltage_v)),
                ("temperature", Number(module.temperature_deg_c)),
                ("temperature_max", Number(module.hottest_deg_c)),
                ("cell_min", Number(low)),
                ("cell_max", Number(high)),
                ("cell", Numbers(module.cells_v.clone())),
            ],
        )
    }));
    all
}
