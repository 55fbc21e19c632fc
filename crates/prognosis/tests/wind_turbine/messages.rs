//! What is published: topics, fields, values.

use twinscope_prognosis::Reading;
use twinscope_prognosis::wind_turbine::{TurbineParameters, WindTurbine, topics};

#[test]
fn topics_and_fields_are_the_published_ones() {
    let outputs = WindTurbine::new(TurbineParameters::default(), 1).outputs();
    let names: Vec<(String, Vec<&str>)> = topics(&outputs)
        .into_iter()
        .map(|(topic, fields)| (topic.into_owned(), fields.into_iter().map(|(name, _)| name).collect()))
        .collect();
    let expected: &[(&str, &[&str])] = &[
        ("wind", &["speed", "direction", "temperature"]),
        ("rotor", &["speed", "torque", "azimuth", "locked"]),
        ("pitch", &["blade_1", "blade_2", "blade_3"]),
        ("yaw", &["heading", "error"]),
        ("main_bearing", &["temperature", "vibration"]),
        ("gearbox", &["oil_temperature", "oil_inlet_temperature", "oil_pressure", "vibration", "cooler", "pump"]),
        ("high_speed_bearing", &["temperature", "vibration", "kurtosis"]),
        (
            "generator",
            &["speed", "winding_temperature", "bearing_de_temperature", "bearing_nde_temperature", "vibration"],
        ),
        ("converter", &["power", "temperature"]),
        ("transformer", &["temperature"]),
        ("brake", &["applied", "pad"]),
        ("tower", &["acceleration"]),
        ("control", &["service_stop"]),
    ];
    assert_eq!(names.len(), expected.len());
    for ((topic, fields), (expected_topic, expected_fields)) in names.iter().zip(expected) {
        assert_eq!(topic, expected_topic);
        assert_eq!(fields, expected_fields);
    }
}

#[test]
fn topics_carry_the_readings() {
    let outputs = WindTurbine::new(TurbineParameters::default(), 1).outputs();
    let messages = topics(&outputs);
    let reading = |topic: &str, field: &str| {
        let (_, fields) = messages.iter().find(|(name, _)| *name == topic).unwrap();
        fields.iter().find(|(name, _)| *name == field).unwrap().1.clone()
    };
    for (topic, field, value) in [
        ("wind", "speed", outputs.wind_speed_m_per_s),
        ("pitch", "blade_3", outputs.pitch_deg[2]),
        ("gearbox", "cooler", outputs.cooler_duty),
        ("high_speed_bearing", "kurtosis", outputs.high_speed_bearing_kurtosis),
        ("generator", "bearing_nde_temperature", outputs.generator_bearing_nde_temperature_deg_c),
        ("converter", "power", outputs.power_kw),
        ("tower", "acceleration", outputs.tower_acceleration_m_per_s2),
    ] {
        assert_eq!(reading(topic, field), Reading::Number(value), "{topic} {field}");
    }
    assert_eq!(reading("brake", "applied"), Reading::Flag(false));
}
