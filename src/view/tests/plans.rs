//! What if, in words: an answer counts only for its own setting, and the last setting is always asked.

use std::collections::BTreeMap;

use serde_json::json;
use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::living::{self, answer, bearing, body, scenario};
use crate::view::scale::Scale;
use crate::view::what_if::{Answer, Asked, Due, Plan, WhatIfView};
use crate::view::{Scene, UiState, app_view};

fn asked(snapshot: &Snapshot) -> UiState {
    let mut asked = Asked::new(bearing(snapshot), AssetRow(0), "gearbox".into());
    if let Some(plan) = &mut asked.plans[0] {
        plan.setting = BTreeMap::from([("derate".to_owned(), 80.0)]);
    }
    UiState { what_if: Some(asked), ..UiState::default() }
}

fn shown(snapshot: &Snapshot, ui: &UiState) -> Option<WhatIfView> {
    app_view(snapshot, &Scene::default(), ui, [1920.0, 1080.0]).what_if
}

#[test]
fn an_answer_of_the_setting_is_told_with_its_gain() {
    let snapshot = living::turbine();
    let view = shown(&snapshot, &asked(&snapshot)).expect("it is open");
    let names: Vec<_> = view.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["Baseline", "A"]);
    assert_eq!(view.columns[0].text, "42 d (5–95 %: 18 to 95)");
    assert_eq!(view.columns[1].gain.as_deref(), Some("+410 d (5–95 %: +20 to +1900), better in 97 %"));
    assert_eq!(view.columns[1].answer, Answer::Here("made 8 s ago".into()));
    assert_eq!(
        view.fan.map(|fan| fan.others.into_iter().map(|(name, _)| name).collect::<Vec<_>>()),
        Some(vec!["A".into()])
    );
}

#[test]
fn an_answer_of_another_setting_leaves_the_plan_waiting() {
    let mut snapshot = living::turbine();
    let ui = asked(&snapshot);
    for (setting, waits) in [
        (json!({ "derate": 75 }), true),
        (json!({}), true),
        (json!({ "derate": 80, "oil_change": 1 }), true),
        (json!({ "derate": 80 }), false),
        // What is neutral may be said or left out, and what is unknown is ignored.
        (json!({ "derate": 80, "oil_change": 0, "else": 3 }), false),
    ] {
        snapshot.scenarios = vec![scenario(bearing(&snapshot), "plan-a", body(answer(setting.clone(), 1.7)))];
        let answer = shown(&snapshot, &ui).map(|view| view.columns[1].answer.clone());
        assert_eq!(answer == Some(Answer::Waiting), waits, "{setting}");
    }
    snapshot.scenarios.clear();
    assert_eq!(shown(&snapshot, &ui).map(|view| view.columns[1].answer.clone()), Some(Answer::Waiting));
}

#[test]
fn a_slider_asks_at_most_every_50_ms_and_always_for_its_last_place() {
    let mut plan = Plan::default();
    assert_eq!(plan.due(10.0), Due::Now, "a new plan");
    plan.sent = Some((plan.setting.clone(), 10.0));
    assert_eq!(plan.due(10.001), Due::No);
    plan.setting.insert("derate".into(), 90.0);
    assert!(matches!(plan.due(10.02), Due::In(s) if (s - 0.03).abs() < 1e-9), "{:?}", plan.due(10.02));
    assert_eq!(plan.due(10.051), Due::Now);
    // A clock that was set back does not silence it.
    assert_eq!(plan.due(3.0), Due::Now);
}

#[test]
fn levers_stand_on_their_steps_and_neutral_is_left_out() {
    let snapshot = living::turbine();
    let view = shown(&snapshot, &asked(&snapshot)).expect("it is open");
    let lever = view.levers.iter().find(|lever| lever.id == "derate").expect("a lever");
    for (at, expected) in
        [(81.9, 80.0), (82.6, 85.0), (-1e300, 50.0), (f64::NAN, 100.0), (f64::INFINITY, 100.0), (99.0, 100.0)]
    {
        assert_eq!(lever.snap(at), expected, "{at}");
    }
    assert_eq!(lever.said(80.0), "80 %");
    assert!(view.levers.iter().any(|lever| lever.id == "oil_change" && lever.switch && lever.said(1.0) == "yes"));
    let mut asked = asked(&snapshot).what_if.expect("it is open");
    asked.put(0, lever, 100.0);
    assert_eq!(asked.plans[0].as_ref().map(|plan| plan.setting.len()), Some(0));
}

#[test]
fn closing_a_plan_withdraws_its_scenario() {
    let mut asked = Asked::new(PartRow(0), AssetRow(0), "gearbox".into());
    asked.add();
    assert_eq!(asked.questions(0.0).0.len(), 2);
    let withdrawn = |scenario: &str| Command::WhatIf {
        asset: AssetRow(0),
        model: "gearbox".into(),
        scenario: scenario.into(),
        setting: None,
    };
    assert_eq!(asked.close(1), Some(withdrawn("plan-b")));
    assert_eq!(asked.close(1), None);
    assert_eq!(asked.close_all(), [withdrawn("plan-a")]);
}

#[test]
fn levers_that_make_no_sense_are_left_out_and_counted() {
    let mut snapshot = living::turbine();
    let mut life = (*snapshot.lives[0].issue).clone();
    life.body.levers[0].high = f64::NAN;
    life.body.levers[1].step = 0.0;
    snapshot.lives[0].issue = std::sync::Arc::new(life);
    let view = shown(&snapshot, &asked(&snapshot)).expect("it is open");
    assert_eq!((view.levers.len(), view.more_levers), (1, 2));
}

#[test]
fn nothing_is_asked_by_who_only_reads_or_of_a_model_that_is_gone() {
    let mut snapshot = living::turbine();
    let ui = asked(&snapshot);
    let scene = Scene { read_only: true, ..Scene::default() };
    let refused = |snapshot: &Snapshot, scene: &Scene| {
        app_view(snapshot, scene, &ui, [1920.0, 1080.0]).what_if.and_then(|view| view.refused)
    };
    assert!(refused(&snapshot, &scene).is_some_and(|why| why.starts_with("Read only")));
    assert_eq!(refused(&snapshot, &Scene::default()), None);
    snapshot.lives.clear();
    snapshot.selected.as_mut().unwrap().predictions.clear();
    assert!(refused(&snapshot, &Scene::default()).is_some_and(|why| why.contains("not there any more")));
}

#[test]
fn the_panel_is_there_only_while_its_asset_is_selected_and_forgets_nothing() {
    let mut snapshot = living::turbine();
    let ui = asked(&snapshot);
    let selected = snapshot.selected.take();
    assert_eq!(shown(&snapshot, &ui), None);
    snapshot.selected = selected;
    assert!(shown(&snapshot, &ui).is_some_and(|view| view.columns.len() == 2));
}

/// The fixture with an answer that makes the life so many times as long, and plan A shown on the parts.
fn planned(factor: f64) -> (Snapshot, UiState) {
    let mut snapshot = living::turbine();
    let part = bearing(&snapshot);
    snapshot.scenarios = vec![scenario(part, "plan-a", body(answer(json!({ "derate": 80 }), factor)))];
    let mut ui = asked(&snapshot);
    if let Some(asked) = &mut ui.what_if {
        asked.shown = Some(0);
    }
    (snapshot, ui)
}

#[test]
fn a_part_wears_how_its_life_changes_under_the_plan_that_is_shown() {
    let colour = |factor: f64| {
        let (snapshot, ui) = planned(factor);
        let colours = crate::view::gain::colours(&snapshot, &ui);
        assert_eq!(colours.iter().map(|(part, _)| *part).collect::<Vec<_>>(), [bearing(&snapshot)]);
        colours[0].1
    };
    let [longer, same, shorter] = [4.0, 1.0, 0.25].map(colour);
    assert_eq!(same, Scale::Diverging.colour(0.5));
    assert!(longer[2] > longer[0], "blue: {longer:?}");
    assert!(shorter[0] > shorter[2], "orange: {shorter:?}");
    assert_eq!(colour(40.0), longer, "beyond the end of the scale");
}

#[test]
fn while_parts_wear_a_plan_the_scene_says_so() {
    let (snapshot, ui) = planned(2.0);
    let view = app_view(&snapshot, &Scene::default(), &ui, [1920.0, 1080.0]);
    assert_eq!(view.overlay.banner.as_deref(), Some("Showing plan A, not what is measured"));
    assert_eq!(view.field.plan.map(|legend| legend.title).as_deref(), Some("Remaining life, plan A"));
    let closed = UiState::default();
    let view = app_view(&snapshot, &Scene::default(), &closed, [1920.0, 1080.0]);
    assert_eq!((view.overlay.banner, view.field.plan), (None, None));
}

#[test]
fn a_plan_that_waits_for_its_answer_or_was_not_chosen_colours_nothing() {
    let (snapshot, mut ui) = planned(2.0);
    let colours = |ui: &UiState, snapshot: &Snapshot| crate::view::gain::colours(snapshot, ui).len();
    assert_eq!(colours(&ui, &snapshot), 1);
    let mut other = ui.clone();
    let plan = other.what_if.as_mut().and_then(|asked| asked.plans[0].as_mut()).expect("plan A");
    plan.setting = BTreeMap::from([("derate".to_owned(), 60.0)]);
    assert_eq!(colours(&other, &snapshot), 0, "an answer of an older setting");
    let field = UiState { field: Some("wear".to_owned()), ..ui.clone() };
    assert_eq!(colours(&field, &snapshot), 0, "the surfaces show a field");
    ui.what_if.as_mut().expect("open").shown = None;
    assert_eq!(colours(&ui, &snapshot), 0);
}

#[test]
fn an_answer_that_the_model_does_not_stand_behind_colours_nothing() {
    let (mut snapshot, ui) = planned(2.0);
    let mut json = answer(json!({ "derate": 80 }), 2.0);
    json["explained"] = json!(false);
    snapshot.scenarios = vec![scenario(bearing(&snapshot), "plan-a", body(json))];
    assert_eq!(crate::view::gain::colours(&snapshot, &ui), []);
}
