//! Real SCADA data and predictions over a real broker, from the command line to what the screen is given.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use twinscope_twin::command::Command as TwinCommand;
use twinscope_twin::quality::Quality;

use crate::support::{Live, Mosquitto, assets_for_port, run, twinscope, wait_for};

#[test]
fn two_real_turbines_are_shown_by_what_their_tables_say() {
    let dir = tempfile::tempdir().unwrap();
    let mosquitto = Mosquitto::start(dir.path());
    assets_for_port(dir.path(), mosquitto.port);
    let live = Live::start(&dir.path().join("assets/sites/la-haute-borne/site.toml"), &mosquitto.url());
    let outcome = run(twinscope()
        .args(["replay", "assets/tables/la-haute-borne.toml", "--speed", "max", "--to"])
        .arg(mosquitto.url()));
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);

    let table = |asset: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/tables/la-haute-borne/{asset}.csv"));
        let text = std::fs::read_to_string(path).unwrap();
        let last = text.lines().last().unwrap().to_owned();
        last.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>()
    };
    for asset in ["R80711", "R80736"] {
        // time_utc,power_kw,wind_speed_ms,outdoor_temp_c,pitch_deg,vane_deg,nacelle_deg,wind_dir_deg
        let row = table(asset);
        for (column, field) in [
            (1, "power_kw"),
            (2, "wind_speed_ms"),
            (3, "outdoor_temp_c"),
            (4, "pitch_deg"),
            (6, "nacelle_deg"),
            (7, "wind_dir_deg"),
        ] {
            let signal = live.site.signals.iter().position(|signal| {
                let of_asset = live.site.assets[live.site.parts[signal.part.index()].asset.index()].id == asset;
                let twinscope_twin::site::SignalInput::Topic(input) = &signal.input else { return false };
                of_asset && input.path.as_deref() == Some(&format!("/{field}"))
            });
            let signal = signal.unwrap_or_else(|| panic!("{field} of {asset} is bound"));
            wait_for(&format!("{field} of {asset}"), Duration::from_secs(30), || {
                let status = live.snapshot().signals[signal].clone();
                let value = status.value.and_then(|value| value.as_number())?;
                (status.quality == Quality::Good && (value - row[column]).abs() < 1e-9).then_some(())
            });
        }
    }
}

#[test]
fn what_the_tables_do_not_hold_is_said() {
    let dir = tempfile::tempdir().unwrap();
    assets_for_port(dir.path(), 1883);
    let loaded = twinscope::check::load(&dir.path().join("assets/sites/la-haute-borne/site.toml")).unwrap();
    for asset in &loaded.site.assets {
        assert!(asset.stand_in.as_ref().is_some_and(|text| text.contains("stand-in")), "{}", asset.id);
        let parts = &loaded.site.parts[asset.parts.start as usize..asset.parts.end as usize];
        let gearbox = parts.iter().find(|part| part.id == "gearbox").unwrap();
        assert!(gearbox.signals.is_empty() && gearbox.note.is_some(), "nothing measures the gearbox");
        let rotor = parts.iter().find(|part| part.id == "rotor").unwrap();
        assert!(rotor.motions.iter().all(|motion| motion.derived) && !rotor.motions.is_empty());
    }
}

#[test]
fn a_prediction_published_by_the_script_reaches_its_part() {
    let dir = tempfile::tempdir().unwrap();
    let mosquitto = Mosquitto::start(dir.path());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let live = Live::start(&root.join("assets/sites/demo/site.toml"), &mosquitto.url());
    let bearing = live.part("wt-01", "high_speed_bearing");
    live.core.command(TwinCommand::Select(Some(bearing)));
    let publish = || {
        let outcome =
            run(Command::new(root.join("assets/examples/publish_prediction.py")).args(["--url", &mosquitto.url()]));
        assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    };
    let kept = || {
        let snapshot = live.snapshot();
        let detail = snapshot.selected.as_ref().filter(|detail| detail.part == bearing)?;
        detail.predictions.first().cloned()
    };
    publish();
    let (key, issue, _) = wait_for("the prediction", Duration::from_secs(30), kept);
    assert_eq!(key.quantity, "rul");
    assert!(issue.body.quantiles.contains_key("0.5"), "{:?}", issue.body.quantiles);
    assert!(issue.body.issued_at.is_some());
    publish();
    wait_for("every issue is kept", Duration::from_secs(30), || kept().filter(|(.., issues)| *issues == 2));
}
