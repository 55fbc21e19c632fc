//! Advice, records and the fleet in words.

use serde_json::json;
use twinscope_twin::command::Command;
use twinscope_twin::snapshot::Snapshot;

use super::living::{self, advice, advised, bearing, body, full, life};
use crate::view::fleet::{FleetRow, FleetView};
use crate::view::inspector::{InspectorView, PartView};
use crate::view::records::Form;
use crate::view::{Scene, UiState, app_view};

fn part(snapshot: &Snapshot, scene: &Scene, ui: &UiState) -> PartView {
    match app_view(snapshot, scene, ui, [1920.0, 1080.0]).inspector {
        InspectorView::Part(part) => *part,
        InspectorView::Site(_) => panic!("a part is selected"),
    }
}

fn shown(snapshot: &Snapshot) -> PartView {
    part(snapshot, &Scene::default(), &UiState::default())
}

#[test]
fn an_action_tells_when_what_it_costs_and_why() {
    let view = shown(&living::turbine()).advice.remove(0);
    assert_eq!(view.age, "made 20 s ago · costs over 365 d");
    let best = &view.actions[0];
    // 336 h of the machine are 84 s by the clock, of which 20 s have passed: 64 s, 10.7 d of the machine.
    assert_eq!(best.due.as_deref(), Some("14:03:15 UTC · in 11 d of the machine, 64 s by the clock"));
    assert_eq!(
        (best.cost.as_deref(), best.cost_band.as_str()),
        (Some("EUR 41\u{202F}000"), "5–95 %: 36\u{202F}000 to 92\u{202F}000")
    );
    assert_eq!(best.failure_before.as_deref(), Some("fails before that: 4 %"));
    assert_eq!(best.saves.as_deref(), Some("saves EUR 57\u{202F}000 against waiting"));
    assert_eq!(
        best.parts.iter().map(|part| part.0.as_str()).collect::<Vec<_>>(),
        ["work and parts", "failure before that", "energy not produced"]
    );
    let waits = view.actions.last().expect("waiting");
    assert!(waits.order.is_none() && waits.due.is_none());
    assert_eq!(waits.cost_band, "5–95 %: 5000 to 240\u{202F}000");
}

#[test]
fn an_order_carries_what_was_advised() {
    let view = shown(&living::turbine()).advice.remove(0);
    let order = view.actions[0].order.clone().expect("an order");
    assert_eq!((order.action.as_str(), order.cost, order.currency.as_str()), ("replace", Some(41000.0), "EUR"));
    assert_eq!(order.due_at, Some(super::fixture::NOW.wall_ms - 20_000 + 84_000));
    assert_eq!(order.state, "planned");
}

#[test]
fn an_action_with_an_open_order_says_so() {
    let view = shown(&living::turbine()).advice.remove(0);
    let told = view.actions.iter().map(|action| action.ordered.as_deref()).collect::<Vec<_>>();
    assert_eq!(told, [None, Some("work order planned, 40 s ago"), None]);
}

#[test]
fn who_only_reads_and_who_has_an_old_advice_orders_nothing() {
    let mut snapshot = living::turbine();
    let read_only = Scene { read_only: true, ..Scene::default() };
    let refused = |snapshot: &Snapshot, scene: &Scene| {
        part(snapshot, scene, &UiState::default()).advice.remove(0).actions.remove(0).refused
    };
    assert_eq!(refused(&snapshot, &Scene::default()), None);
    assert!(refused(&snapshot, &read_only).is_some_and(|why| why.starts_with("Read only")));
    let mut old = advice();
    old["valid_until"] = json!(super::fixture::NOW.wall_ms - 1);
    let row = bearing(&snapshot);
    snapshot.selected.as_mut().unwrap().advice = vec![advised(row, old)];
    assert_eq!(refused(&snapshot, &Scene::default()), Some("The advice has expired."));
}

#[test]
fn a_figure_that_was_changed_waits_until_the_advice_is_of_it() {
    let snapshot = living::turbine();
    let mut ui = UiState::default();
    let view = part(&snapshot, &Scene::default(), &ui).advice.remove(0);
    let command = crate::view::advice::edit(&mut ui.economics, &view, "energy_price", 9e9);
    // Clamped to what is possible.
    let Some(Command::Economics { values, .. }) = command else { panic!("{command:?}") };
    assert_eq!(values.get("energy_price"), Some(&500.0));
    let inputs = part(&snapshot, &Scene::default(), &ui).advice.remove(0).inputs;
    assert_eq!(
        inputs.iter().map(|input| (input.value, input.waiting)).collect::<Vec<_>>(),
        [(500.0, true), (3200.0, false)]
    );
    assert_eq!(crate::view::advice::edit(&mut ui.economics, &view, "unknown", 1.0), None);
    assert_eq!(crate::view::advice::edit(&mut ui.economics, &view, "crew", f64::NAN), None);
}

#[test]
fn records_are_listed_with_what_who_and_when() {
    let view = shown(&living::turbine()).records;
    let told: Vec<_> = view.records.iter().map(|r| [r.kind, r.what.as_str(), r.when.as_str()]).collect();
    assert_eq!(
        told,
        [
            ["Work order", "Limit the power to 80 %, due 14:02:11 UTC · planned", "14:01:31 UTC · N. N."],
            ["Inspection", "Spall seen by borescope: 1.8 ± 0.3 mm", "12:55:31 UTC · N. N."],
            ["Inspection", "Spall seen by borescope: nothing found", "17 Nov 22:55 UTC · N. N."],
        ]
    );
}

#[test]
fn the_form_takes_what_the_model_can_use_and_nothing_else() {
    let snapshot = living::turbine();
    let row = bearing(&snapshot);
    let offers = shown(&snapshot).records.offers;
    let [spall, replaced] = offers.as_slice() else { panic!("{offers:?}") };
    let form = |value: &str, deviation: &str| Form {
        value: value.into(),
        deviation: deviation.into(),
        by: " N. N. ".into(),
        ..Form::default()
    };
    let measured = |value, deviation| Command::Inspect {
        part: row,
        quantity: "spall".into(),
        value,
        deviation,
        unit: "mm".into(),
        by: "N. N.".into(),
        note: String::new(),
    };
    assert_eq!(form("1,8", "0.3").command(row, spall), Ok(measured(Some(1.8), Some(0.3))));
    assert_eq!(form("0", "").command(row, spall), Ok(measured(Some(0.0), None)));
    assert_eq!(Form { nothing: true, ..form("junk", "junk") }.command(row, spall), Ok(measured(None, None)));
    assert_eq!(
        form("", "").command(row, replaced),
        Ok(Command::Maintain { part: row, action: "replaced".into(), by: "N. N.".into(), note: String::new() })
    );
    for (value, deviation, why) in [
        ("", "", "Enter a number, 0 to 60 mm."),
        ("NaN", "", "Enter a number, 0 to 60 mm."),
        ("61", "", "It must lie between 0 and 60 mm."),
        ("-1", "", "It must lie between 0 and 60 mm."),
        ("2", "0", "The deviation must be a number above 0, or empty for the usual one."),
        ("2", "1e9", "The deviation must be a number above 0, or empty for the usual one."),
    ] {
        assert_eq!(form(value, deviation).command(row, spall), Err(why.to_owned()), "{value} {deviation}");
    }
}

fn fleet(snapshot: &Snapshot) -> FleetView {
    let ui = UiState { fleet_open: true, ..UiState::default() };
    app_view(snapshot, &Scene::default(), &ui, [1920.0, 1080.0]).fleet.expect("it is open")
}

fn rows(snapshot: &Snapshot) -> Vec<FleetRow> {
    let view = fleet(snapshot);
    (0..view.len()).filter_map(|index| view.row(index)).collect()
}

#[test]
fn the_fleet_is_sorted_by_risk_and_hides_nothing() {
    let snapshot = living::farm(24);
    let rows = rows(&snapshot);
    assert_eq!(rows.len(), 24);
    let known: Vec<_> = rows.iter().map(|row| row.life.is_some()).collect();
    assert_eq!(known.iter().filter(|known| !**known).count(), 3);
    assert!(known[..21].iter().all(|known| *known), "what is not known stands at the end");
    assert_eq!(rows[20].belief, "expired", "after all that may be used");
    let p =
        |row: &FleetRow| row.failure.trim_start_matches('<').trim_end_matches(" %").parse::<f64>().expect("a share");
    assert!(
        rows[..20].windows(2).all(|pair| p(&pair[0]) >= p(&pair[1])),
        "{:?}",
        rows.iter().map(|r| &r.failure).collect::<Vec<_>>()
    );
    assert!(rows[21..].iter().all(|row| row.failure == "–" && row.part.is_some()));
}

#[test]
fn an_asset_shows_its_part_at_most_risk() {
    let mut snapshot = living::farm(1);
    let (gearbox, bearing) = (twinscope_twin::site::PartRow(0), twinscope_twin::site::PartRow(1));
    let of = |part, p: f64| {
        let mut json = full();
        json["pof"] = json!([{ "in_h": 720, "p": p }]);
        life(part, twinscope_twin::site::AssetRow(0), body(json))
    };
    for (first, second, worst) in [(0.1, 0.3, "High-speed bearing"), (0.3, 0.1, "Gearbox")] {
        snapshot.lives = vec![of(gearbox, first), of(bearing, second)];
        assert_eq!(rows(&snapshot)[0].part_name, worst);
    }
}

#[test]
fn without_a_probability_the_quantiles_say_what_they_can() {
    let mut snapshot = living::farm(1);
    let of = |quantiles: serde_json::Value| {
        let mut json = full();
        json["pof"] = json!([]);
        json["quantiles"] = quantiles;
        life(twinscope_twin::site::PartRow(1), twinscope_twin::site::AssetRow(0), body(json))
    };
    for (quantiles, told) in [
        (json!({ "0.05": 800, "0.5": 900, "0.95": 1000 }), "<5 %"),
        (json!({ "0.05": 100, "0.5": 200, "0.95": 300 }), ">95 %"),
        // Halfway between 5 and 50 %.
        (json!({ "0.05": 620, "0.5": 820, "0.95": 1000 }), "≈28 %"),
        (json!({ "0.5": 820 }), "–"),
    ] {
        snapshot.lives = vec![of(quantiles.clone())];
        assert_eq!(rows(&snapshot)[0].failure, told, "{quantiles}");
    }
}

#[test]
fn a_thousand_assets_are_sorted_within_a_frame_of_words_on_request() {
    let view = fleet(&living::farm(1000));
    assert_eq!((view.len(), view.row(999).map(|row| row.life.is_some())), (1000, Some(false)));
    assert_eq!(view.row(1000), None);
}
