//! What the turbine's sensors read, and under which topic and field it is published.

use crate::reading::{Reading, Topic};

/// One reading of every sensor.
///
/// Finite always. Angles of the compass and the rotor are in 0..360, `yaw_error_deg` in -180..=180.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outputs {
    /// Wind speed at the nacelle's anemometer, m/s.
    pub wind_speed_m_per_s: f64,
    /// Where the wind comes from, degrees clockwise from north.
    pub wind_direction_deg: f64,
    /// Air temperature outside, °C.
    pub ambient_temperature_deg_c: f64,
    /// Rotor speed, rpm.
    pub rotor_speed_rpm: f64,
    /// Torque in the main shaft, kN·m.
    pub rotor_torque_kn_m: f64,
    /// Angle of blade 1, degrees from its upright position in the direction of rotation.
    pub rotor_azimuth_deg: f64,
    /// Pitch of blades 1 to 3, degrees; 0: working position, 90: feathered.
    pub pitch_deg: [f64; 3],
    /// Where the nacelle points, degrees clockwise from north.
    pub nacelle_heading_deg: f64,
    /// Wind direction less heading as the wind vane sees it, degrees.
    pub yaw_error_deg: f64,
    /// Temperature of the main bearing, °C.
    pub main_bearing_temperature_deg_c: f64,
    /// Vibration velocity of the main bearing, mm/s rms.
    pub main_bearing_vibration_mm_per_s: f64,
    /// Gear oil in the sump, °C.
    pub oil_temperature_deg_c: f64,
    /// Gear oil behind the cooler, where it enters the gearbox, °C.
    pub oil_inlet_temperature_deg_c: f64,
    /// Gear oil pressure at the inlet, bar.
    pub oil_pressure_bar: f64,
    /// Vibration velocity of the gearbox housing, mm/s rms.
    pub gearbox_vibration_mm_per_s: f64,
    /// How hard the oil cooler works, 0 to 1.
    pub cooler_duty: f64,
    /// Outer ring of the high-speed shaft's generator-side bearing, °C.
    pub high_speed_bearing_temperature_deg_c: f64,
    /// Vibration velocity at that bearing, mm/s rms.
    pub high_speed_bearing_vibration_mm_per_s: f64,
    /// Kurtosis of the acceleration at that bearing; 3 for a sound one.
    pub high_speed_bearing_kurtosis: f64,
    /// Generator speed, rpm.
    pub generator_speed_rpm: f64,
    /// Stator winding, °C.
    pub winding_temperature_deg_c: f64,
    /// Generator bearing at the drive end, °C.
    pub generator_bearing_de_temperature_deg_c: f64,
    /// Generator bearing at the other end, °C.
    pub generator_bearing_nde_temperature_deg_c: f64,
    /// Vibration velocity of the generator, mm/s rms.
    pub generator_vibration_mm_per_s: f64,
    /// Active power to the grid, kW; negative when the turbine draws power.
    pub power_kw: f64,
    /// Hottest power module of the converter, °C.
    pub converter_temperature_deg_c: f64,
    /// Transformer winding, °C.
    pub transformer_temperature_deg_c: f64,
    /// Whether the shaft brake is on.
    pub brake_applied: bool,
    /// What is left of the brake pad, mm.
    pub brake_pad_mm: f64,
    /// Whether it is stopped for service.
    pub service_stop: bool,
    /// Whether the pins of the rotor lock are in.
    pub rotor_locked: bool,
    /// Whether the oil pump runs.
    pub oil_pump_runs: bool,
    /// Acceleration of the tower top, m/s² rms.
    pub tower_acceleration_m_per_s2: f64,
}

impl Outputs {
    /// What is there before the first reading.
    pub(super) const NOTHING: Self = Self {
        wind_speed_m_per_s: 0.0,
        wind_direction_deg: 0.0,
        ambient_temperature_deg_c: 0.0,
        rotor_speed_rpm: 0.0,
        rotor_torque_kn_m: 0.0,
        rotor_azimuth_deg: 0.0,
        pitch_deg: [0.0; 3],
        nacelle_heading_deg: 0.0,
        yaw_error_deg: 0.0,
        main_bearing_temperature_deg_c: 0.0,
        main_bearing_vibration_mm_per_s: 0.0,
        oil_temperature_deg_c: 0.0,
        oil_inlet_temperature_deg_c: 0.0,
        oil_pressure_bar: 0.0,
        gearbox_vibration_mm_per_s: 0.0,
        cooler_duty: 0.0,
        high_speed_bearing_temperature_deg_c: 0.0,
        high_speed_bearing_vibration_mm_per_s: 0.0,
        high_speed_bearing_kurtosis: 0.0,
        generator_speed_rpm: 0.0,
        winding_temperature_deg_c: 0.0,
        generator_bearing_de_temperature_deg_c: 0.0,
        generator_bearing_nde_temperature_deg_c: 0.0,
        generator_vibration_mm_per_s: 0.0,
        power_kw: 0.0,
        converter_temperature_deg_c: 0.0,
        transformer_temperature_deg_c: 0.0,
        brake_applied: false,
        brake_pad_mm: 0.0,
        service_stop: false,
        rotor_locked: false,
        oil_pump_runs: false,
        tower_acceleration_m_per_s2: 0.0,
    };
}

/// The messages of one reading, in the order in which they are published.
#[must_use]
pub fn topics(outputs: &Outputs) -> Vec<Topic> {
    use Reading::{Flag, Number};
    let o = outputs;
    let [blade_1, blade_2, blade_3] = o.pitch_deg;
    let messages = vec![
        (
            "wind",
            vec![
                ("speed", Number(o.wind_speed_m_per_s)),
                ("direction", Number(o.wind_direction_deg)),
                ("temperature", Number(o.ambient_temperature_deg_c)),
            ],
        ),
        (
            "rotor",
            vec![
                ("speed", Number(o.rotor_speed_rpm)),
                ("torque", Number(o.rotor_torque_kn_m)),
                ("azimuth", Number(o.rotor_azimuth_deg)),
                ("locked", Flag(o.rotor_locked)),
            ],
        ),
        ("pitch", vec![("blade_1", Number(blade_1)), ("blade_2", Number(blade_2)), ("blade_3", Number(blade_3))]),
        ("yaw", vec![("heading", Number(o.nacelle_heading_deg)), ("error", Number(o.yaw_error_deg))]),
        (
            "main_bearing",
            vec![
                ("temperature", Number(o.main_bearing_temperature_deg_c)),
                ("vibration", Number(o.main_bearing_vibration_mm_per_s)),
            ],
        ),
        (
            "gearbox",
            vec![
                ("oil_temperature", Number(o.oil_temperature_deg_c)),
                ("oil_inlet_temperature", Number(o.oil_inlet_temperature_deg_c)),
                ("oil_pressure", Number(o.oil_pressure_bar)),
                ("vibration", Number(o.gearbox_vibration_mm_per_s)),
                ("cooler", Number(o.cooler_duty)),
                ("pump", Flag(o.oil_pump_runs)),
            ],
        ),
        (
            "high_speed_bearing",
            vec![
                ("temperature", Number(o.high_speed_bearing_temperature_deg_c)),
                ("vibration", Number(o.high_speed_bearing_vibration_mm_per_s)),
                ("kurtosis", Number(o.high_speed_bearing_kurtosis)),
            ],
        ),
        (
            "generator",
            vec![
                ("speed", Number(o.generator_speed_rpm)),
                ("winding_temperature", Number(o.winding_temperature_deg_c)),
                ("bearing_de_temperature", Number(o.generator_bearing_de_temperature_deg_c)),
                ("bearing_nde_temperature", Number(o.generator_bearing_nde_temperature_deg_c)),
                ("vibration", Number(o.generator_vibration_mm_per_s)),
            ],
        ),
        ("converter", vec![("power", Number(o.power_kw)), ("temperature", Number(o.converter_temperature_deg_c))]),
        ("transformer", vec![("temperature", Number(o.transformer_temperature_deg_c))]),
        ("brake", vec![("applied", Flag(o.brake_applied)), ("pad", Number(o.brake_pad_mm))]),
        ("tower", vec![("acceleration", Number(o.tower_acceleration_m_per_s2))]),
        ("control", vec![("service_stop", Flag(o.service_stop))]),
    ];
    messages.into_iter().map(|(tail, fields)| (tail.into(), fields)).collect()
}
