//! A machine with a living model: everything that a prediction, an advice and a record can say.

use std::sync::Arc;

use serde_json::{Value, json};
use twinscope_twin::advice::{Advice, Advised};
use twinscope_twin::prediction::{Body, Issue, PredictionKey};
use twinscope_twin::record::{Inspection, Record, What, WorkOrder};
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::{Life, PastLife, Snapshot};

use super::fixture::{self, NOW, SiteBuilder, select};

/// The part that the fixture is about.
pub fn bearing(snapshot: &Snapshot) -> PartRow {
    let row = snapshot.site.parts.iter().position(|part| part.id == "high_speed_bearing").expect("in the fixture");
    PartRow(row as u32)
}

/// A body from the JSON of a message.
pub fn body(json: Value) -> Body {
    serde_json::from_value(json).expect("a body")
}

/// The prediction of docs/predictions.md, with a course of ninety days.
pub fn full() -> Value {
    let day = |slope: f64| (0..90).map(|d| 4.1 + slope * f64::from(d)).collect::<Vec<_>>();
    json!({
        "issued_at": NOW.wall_ms - 8_000, "data_until": NOW.wall_ms - 9_000, "valid_until": NOW.wall_ms + 3_600_000,
        "version": "1.0", "provenance": "predicted", "from_simulation": true, "prior": "calibrated", "in_range": true,
        "explained": true, "time_lapse": 14400,
        "failure_mode": "spalling of the high-speed bearing",
        "threshold": { "quantity": "vibration", "value": 7.1, "unit": "mm/s", "source": "zone boundary C/D" },
        "unit": "h",
        "quantiles": { "0.05": 430, "0.1": 610, "0.5": 1010, "0.9": 1980, "0.95": 2290 },
        "raw_quantiles": { "0.05": 520, "0.5": 1010, "0.95": 1900 },
        "beyond_horizon": 0.02,
        "pof": [ { "in_h": 2160, "p": 0.71 }, { "in_h": 336, "p": 0.02 }, { "in_h": 720, "p": 0.12 } ],
        "path": { "quantity": "vibration", "unit": "mm/s", "in_h": (0..90).map(|d| f64::from(d) * 24.0).collect::<Vec<_>>(),
                  "p05": day(0.022), "p50": day(0.045), "p95": day(0.08) },
        "parameters": {
            "bearing_wear": { "title": "bearing wear", "unit": "", "p05": 0.16, "p50": 0.21, "p95": 0.27,
                              "prior_p05": 0.0, "prior_p50": 0.05, "prior_p95": 0.4, "prior_from": "generic",
                              "at": NOW.wall_ms - 9_000 },
            "misalignment": { "title": "shaft misalignment", "unit": "mm", "p05": 0.02, "p50": 0.05, "p95": 0.09,
                              "prior_p05": 0.0, "prior_p50": 0.06, "prior_p95": 0.2, "prior_from": "fleet of 24" } },
        "coverage": { "level": 0.9, "held": 37, "of": 40 },
        "checks": { "quantity": "vibration", "unit": "mm/s", "lead_h": 168,
            "made": (0..12).map(|n| json!({
                "made_at": NOW.wall_ms - 700_000 + n * 42_000, "due_at": NOW.wall_ms - 658_000 + n * 42_000 + 180_000,
                "p05": 3.2 + n as f64 * 0.06, "p50": 3.5 + n as f64 * 0.06, "p95": 3.8 + n as f64 * 0.06,
                "came": if n == 11 { Value::Null } else { json!(3.5 + n as f64 * 0.06 + if n == 4 { 0.5 } else { 0.1 }) }
            })).collect::<Vec<_>>() },
        "levers": [
            { "id": "derate", "title": "Power limit", "unit": "%", "low": 50, "high": 100, "step": 5, "neutral": 100 },
            { "id": "oil_change", "title": "Oil change now", "unit": "", "low": 0, "high": 1, "step": 1, "neutral": 0 },
            { "id": "replace_at", "title": "Replace after", "unit": "d", "low": 0, "high": 365, "step": 5, "neutral": 365 } ],
        "accepts": [
            { "id": "spall", "title": "Spall seen by borescope", "unit": "mm", "low": 0, "high": 60, "nothing": true },
            { "id": "replaced", "title": "Part replaced" } ]
    })
}

/// An answer to a what-if.
pub fn answer(setting: Value, factor: f64) -> Value {
    let mut body = full();
    body["setting"] = setting;
    body["quantiles"] = json!({ "0.05": 430.0 * factor, "0.5": 1010.0 * factor, "0.95": 2290.0 * factor });
    body["against"] =
        json!({ "scenario": "baseline", "unit": "h", "p05": 480, "p50": 9840, "p95": 45600, "better": 0.97 });
    body["path"]["p50"] = json!((0..90).map(|d| 4.1 + 0.045 / factor * f64::from(d)).collect::<Vec<_>>());
    body
}

/// The advice of docs/predictions.md.
pub fn advice() -> Value {
    json!({
        "issued_at": NOW.wall_ms - 20_000, "currency": "EUR", "horizon_h": 8760, "time_lapse": 14400, "from_simulation": true,
        "waiting": { "in_h": 720, "mean": 18400 },
        "economics": [
            { "id": "energy_price", "title": "Energy price", "unit": "EUR/MWh", "value": 70, "low": 0, "high": 500, "source": "site file" },
            { "id": "crew", "title": "Crew for a day", "unit": "EUR", "value": 3200, "low": 0, "high": 50000, "source": "WOMBAT" } ],
        "actions": [
            { "id": "replace", "title": "Replace the high-speed bearing", "due_in_h": 336, "window_h": [312, 384],
              "cost": { "mean": 41000, "p05": 36000, "p50": 38000, "p95": 92000 },
              "parts": [ { "title": "work and parts", "mean": 22000 }, { "title": "failure before that", "mean": 13000 },
                         { "title": "energy not produced", "mean": 6000 } ],
              "failure_before": 0.04, "saves": 57000,
              "why": "A planned exchange costs a third of a failure, and 4 % fail before it.",
              "would_change": "A remaining life above 180 d, or a crane that cannot come before December." },
            { "id": "derate", "title": "Limit the power to 80 %", "due_in_h": 0,
              "cost": { "mean": 66000, "p05": 30000, "p95": 140000 }, "saves": 32000, "setting": { "derate": 80 },
              "failure_before": 0.2 },
            { "id": "wait", "title": "Wait", "cost": { "mean": 98000, "p05": 5000, "p95": 240000 }, "failure_before": 0.71 } ]
    })
}

/// A life of a part.
pub fn life(part: PartRow, asset: AssetRow, body: Body) -> Life {
    let key = PredictionKey { part, quantity: "rul".into(), model: "gearbox".into(), scenario: "baseline".into() };
    let at = |p: &str| body.quantiles.get(p).copied();
    Life {
        part,
        asset,
        key: Arc::new(key),
        p05_h: at("0.05"),
        p50_h: at("0.5").or(body.value),
        p95_h: at("0.95"),
        expired: body.valid_until.is_some_and(|until| until < NOW.wall_ms),
        issue: Arc::new(Issue { body, received: NOW, retained: false }),
        advice: None,
    }
}

/// An advice on a part.
pub fn advised(part: PartRow, json: Value) -> Arc<Advised> {
    let body: Advice = serde_json::from_value(json).expect("an advice");
    Arc::new(Advised { part, model: "gearbox".into(), body, received: NOW, retained: false })
}

/// The turbine of [`fixture::turbine`] with a living model on its bearing.
pub fn turbine() -> Snapshot {
    let mut snapshot = fixture::turbine();
    let part = bearing(&snapshot);
    let asset = AssetRow(0);
    let said = life(part, asset, body(full()));
    let advised = advised(part, advice());
    snapshot.lives = vec![Life { advice: Some(Arc::clone(&advised)), ..said.clone() }];
    let detail = snapshot.selected.as_mut().expect("the bearing");
    detail.predictions = vec![((*said.key).clone(), (*said.issue).clone(), 12)];
    detail.rul_history = (0..24)
        .map(|n| {
            let shrink = 1.0 - f64::from(n) * 0.02;
            PastLife {
                issued_at: NOW.wall_ms - 1_500_000 + i64::from(n) * 60_000,
                p05_h: Some(700.0 * shrink),
                p50_h: Some(1700.0 * shrink),
                p95_h: Some(4300.0 * shrink),
            }
        })
        .collect();
    let record = |id: &str, ago_ms: i64, note: &str, what: What| {
        Arc::new(Record {
            part,
            id: id.into(),
            at: NOW.wall_ms - ago_ms,
            by: "N. N.".into(),
            note: note.into(),
            what,
            received: NOW,
        })
    };
    let spall = |value| Inspection { quantity: "spall".into(), value, unit: "mm".into(), deviation: Some(0.3) };
    detail.records = vec![
        record(
            "3",
            40_000,
            "",
            What::Planned(Box::new(WorkOrder {
                action: "derate".into(),
                title: "Limit the power to 80 %".into(),
                due_at: Some(NOW.wall_ms),
                state: "planned".into(),
                ..WorkOrder::default()
            })),
        ),
        record("2", 4_000_000, "stage 1, roller 17", What::Found(spall(Some(1.8)))),
        record("1", 400_000_000, "", What::Found(spall(None))),
    ];
    detail.advice = vec![advised];
    snapshot.scenarios = vec![scenario(part, "plan-a", body(answer(json!({ "derate": 80 }), 1.7)))];
    snapshot
}

/// An answer in the snapshot.
pub fn scenario(part: PartRow, scenario: &str, body: Body) -> (Arc<PredictionKey>, Arc<Issue>) {
    let key = PredictionKey { part, quantity: "rul".into(), model: "gearbox".into(), scenario: scenario.into() };
    (Arc::new(key), Arc::new(Issue { body, received: NOW, retained: false }))
}

/// A fleet: most lives known, of different length, one expired, one generic, some not known.
pub fn farm(assets: u32) -> Snapshot {
    let mut b = SiteBuilder::new();
    for asset in 0..assets {
        b.asset(&format!("wt-{asset:02}"), &format!("Turbine {}", asset + 1));
        b.part("gearbox", "Gearbox", "gearbox", None);
        b.part("high_speed_bearing", "High-speed bearing", "bearing", None);
    }
    let mut snapshot = fixture::silent(b.site);
    for asset in 0..assets {
        if asset % 8 == 3 {
            continue;
        }
        let part = PartRow(asset * 2 + 1);
        let mut json = full();
        let factor = 0.3 + f64::from(asset * 7 % 13) * 1.9;
        json["quantiles"] = json!({ "0.05": 430.0 * factor, "0.5": 1010.0 * factor, "0.95": 2290.0 * factor });
        json["pof"] = json!([{ "in_h": 720, "p": (0.4 / factor / factor).min(0.9) }]);
        if asset % 5 == 1 {
            json["prior"] = json!("generic");
        }
        if asset == 6 {
            json["valid_until"] = json!(NOW.wall_ms - 1000);
        }
        let mut said = life(part, AssetRow(asset), body(json));
        if asset % 3 == 0 {
            said.advice = Some(advised(part, advice()));
        }
        snapshot.lives.push(said);
    }
    if assets > 0 {
        select(&mut snapshot, PartRow(1));
    }
    snapshot
}
