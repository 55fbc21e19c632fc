use std::fmt::Write as _;
use std::sync::OnceLock;

use super::*;
use crate::learn::machine::Span;

/// The made runs of pumps that ship with the program.
const PUMPS: &[u8] = include_bytes!("../../../../../assets/evaluation/runs/pumps.csv");

fn pumps() -> &'static ModelFile {
    static MODEL: OnceLock<ModelFile> = OnceLock::new();
    MODEL.get_or_init(|| ModelFile::remaining_life(&[NamedTable::parse("some/pumps.csv", PUMPS).unwrap()]).unwrap())
}

fn config(signals: &[&str]) -> Config {
    Config {
        signals: signals.iter().map(|name| (*name).to_owned()).collect(),
        conditions: vec!["setting_load".to_owned()],
        row: Span::of_seconds(3600),
        learn_days: 30.0,
        false_alarms: 0.01,
        trend: None,
        cycle: Some(Span::of_seconds(86_400)),
    }
}

#[test]
fn a_model_says_what_it_was_trained_on_and_how_good_it_was_on_what_it_had_not_seen() {
    let model = pumps();
    let on = &model.trained_on;
    assert_eq!((on.tables.as_slice(), on.units), (["pumps.csv".to_owned()].as_slice(), 24));
    assert_eq!(
        (on.settings.join(" "), on.sensors.join(" ")),
        ("setting_load".into(), "vibration temperature flow".into())
    );
    let value = |name: &str| model.figures.iter().find(|figure| figure.name.starts_with(name)).unwrap().value;
    // Remaining lives of the cuts are spread by about 20 cycles.
    assert!(value("RMSE") < 15.0, "{:?}", model.figures);
    assert!((0.75..=1.0).contains(&value("coverage")), "{:?}", model.figures);
    assert!(model.figures.iter().all(|figure| figure.spread.is_some() && figure.count > 200), "{:?}", model.figures);
}

#[test]
fn a_model_that_was_stored_is_read_back_with_its_record() {
    let text = pumps().write().unwrap();
    let read = ModelFile::read("pumps.json", text.as_bytes()).unwrap();
    assert_eq!((&read.trained_on, &read.method), (&pumps().trained_on, &pumps().method));
    let model = read.for_machine(&config(&["vibration", "temperature", "flow"])).unwrap();
    assert_eq!((model.widths(), model.units()), ((1, 3), 24));
}

#[test]
fn a_file_that_is_none_is_refused_with_what_is_wrong() {
    let text = pumps().write().unwrap();
    let error = |text: &str| ModelFile::read("m.json", text.as_bytes()).unwrap_err().to_string();
    let changed = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        error(&text.replacen(from, to, 1))
    };
    assert!(error("").starts_with("m.json: no stored model"), "{}", error(""));
    assert!(error("{}").contains("missing field"), "{}", error("{}"));
    assert!(error(&text[..text.len() / 2]).starts_with("m.json: "));
    let kind = changed("\"kind\":\"remaining-life\"", "\"kind\":\"poem\"");
    assert!(kind.contains("`poem` is not a kind"), "{kind}");
    let version = changed("{\"version\":1", "{\"version\":9");
    assert!(version.starts_with("m.json: layout 9, this program reads 1"), "{version}");
    let sensors = changed("\"sensors\":3", "\"sensors\":2");
    assert!(sensors.contains("not a model that was trained here"), "{sensors}");
    assert_eq!(
        ModelFile::read("m.json", &vec![b' '; MOST_BYTES + 1]).unwrap_err(),
        ModelError::TooLarge { file: "m.json".into(), found: MOST_BYTES + 1 }
    );
}

#[test]
fn a_machine_with_other_names_does_not_get_the_model() {
    let error = pumps().for_machine(&config(&["vibration", "flow", "temperature"])).unwrap_err().to_string();
    assert!(error.contains("[setting_load] and [vibration, temperature, flow]"), "{error}");
}

#[test]
fn tables_of_two_kinds_are_no_training_and_few_units_are_not_judged() {
    let mut other = String::from("unit,cycle,noise\n");
    for cycle in 1..20 {
        writeln!(other, "1,{cycle},0.{cycle}").unwrap();
    }
    let tables =
        [NamedTable::parse("pumps.csv", PUMPS).unwrap(), NamedTable::parse("other.csv", other.as_bytes()).unwrap()];
    let error = ModelFile::remaining_life(&tables).unwrap_err().to_string();
    assert!(error.starts_with("other.csv: other columns than the first"), "{error}");
    let text = std::str::from_utf8(PUMPS).unwrap();
    let few =
        |line: &&str| line.split(',').next().and_then(|unit| unit.parse().ok()).is_none_or(|unit: u32| unit <= 11);
    let few: Vec<&str> = text.lines().filter(few).collect();
    let few = NamedTable::parse("few.csv", few.join("\n").as_bytes()).unwrap();
    let model = ModelFile::remaining_life(&[few]).unwrap();
    assert_eq!((model.trained_on.units, model.figures.len()), (11, 0));
    assert!(model.method.starts_with("Not judged"), "{}", model.method);
}

/// Hourly rows of a made turbine of 2 MW.
fn turbine(name: &str, days: u32) -> NamedTable {
    let mut text = String::from("time_utc,power_kw,wind_speed_ms,outdoor_temp_c,pitch_deg,vane_deg\n");
    for hour in 0..24 * days {
        let (day, at) = (hour / 24, f64::from(hour));
        let (speed, noise) = (8.0 + 5.0 * (at * 0.37).sin(), 30.0 * (at * 7.7).sin());
        let power = (2_000.0 * (speed / 12.0).powi(3)).min(2_000.0) + noise;
        let (month, day) = (day / 28 + 1, day % 28 + 1);
        writeln!(text, "2014-{month:02}-{day:02}T{:02}:00,{power:.1},{speed:.2},10,-1,0", hour % 24).unwrap();
    }
    NamedTable::parse(name, text.as_bytes()).unwrap()
}

#[test]
fn power_of_one_turbine_is_learnt_and_two_turbines_are_no_training() {
    let model =
        ModelFile::wind_power(&[turbine("R1_2014.csv", 120), NamedTable::parse("a.csv", b"a,b\n1,2\n").unwrap()]);
    let model = model.unwrap();
    assert_eq!((model.trained_on.tables.join(" "), model.trained_on.units), ("R1_2014.csv".to_owned(), 120));
    assert!(model.figures.iter().any(|figure| figure.name.contains("RMSE")), "{model}");
    let read = ModelFile::read("m.json", model.write().unwrap().as_bytes()).unwrap();
    assert_eq!(read.trained_on, model.trained_on);
    let error = read.for_machine(&config(&["vibration"])).unwrap_err().to_string();
    assert!(error.starts_with("a model of wind power is not"), "{error}");
    let both = [turbine("R1_2014.csv", 80), turbine("R2_2014.csv", 80)];
    let error = ModelFile::wind_power(&both).unwrap_err().to_string();
    assert!(error.starts_with("R2_2014.csv: not of turbine R1"), "{error}");
    let error = ModelFile::wind_power(&[turbine("R1.csv", 20)]).unwrap_err().to_string();
    assert!(error.starts_with("R1.csv: 20 days"), "{error}");
    assert!(ModelFile::wind_power(&[]).unwrap_err().to_string().contains("time_utc"));
}
