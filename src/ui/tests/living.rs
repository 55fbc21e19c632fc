//! The panels of predictions: what they say is found by its label, as a screen reader finds it, and what is pressed does
//! what it says.

use std::collections::BTreeMap;

use egui::{Event, Key, Modifiers, PointerButton, Rect, pos2};
use serde_json::json;
use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::Window;
use crate::view::tests::living::{self, bearing};
use crate::view::what_if::Asked;
use crate::view::{Anchor, Scene, UiAction};

/// A window that is tall enough for the whole inspector.
fn tall(snapshot: &Snapshot) -> Window {
    let mut window = Window::new([1920.0, 4000.0]);
    window.settle(snapshot, &Scene::default());
    window
}

impl Window {
    /// Where exactly this is said, else something with this beginning.
    #[track_caller]
    pub(super) fn at(&self, beginning: &str) -> Rect {
        let exact = self.told.iter().find(|(said, _)| said == beginning);
        let found = exact.or_else(|| self.told.iter().find(|(said, _)| said.starts_with(beginning)));
        let said: Vec<_> = self.told.iter().map(|(said, _)| said).collect();
        found.unwrap_or_else(|| panic!("{beginning:?} is not among {said:#?}")).1
    }

    pub(super) fn says(&self, beginning: &str) -> bool {
        self.told.iter().any(|(said, _)| said.starts_with(beginning))
    }

    #[track_caller]
    pub(super) fn press_on(&mut self, snapshot: &Snapshot, scene: &Scene, beginning: &str) {
        let at = self.at(beginning).center();
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        self.frame(snapshot, scene, vec![Event::PointerMoved(at)]);
        self.frame(snapshot, scene, vec![button(true)]);
        self.frame(snapshot, scene, vec![button(false)]);
        self.settle(snapshot, scene);
    }

    pub(super) fn commands(&self) -> Vec<&Command> {
        self.actions
            .iter()
            .filter_map(|action| match action {
                UiAction::Command(command) => Some(command),
                _ => None,
            })
            .collect()
    }
}

#[test]
fn the_card_says_life_band_threshold_probability_and_who_says_so() {
    let window = tall(&living::turbine());
    for said in [
        "Remaining life 42 d (5–95 %: 18 to 95) · simulated",
        "Remaining life 42 d, 5–95 %: 18 to 95 d, 2 % beyond the horizon",
        "Vibration ahead, failed at 7.1 mm/s · zone boundary C/D",
        "90 % band held 37 of 40",
        "12 % within 30 d",
        "calibrated",
        "6 s stand for 1 d",
        "simulated asset",
        "predicted by gearbox 1.0 · baseline",
        "calibrated 14:02:02 UTC",
    ] {
        window.at(said);
    }
    // Shorter horizons stand above longer ones.
    assert!(window.at("2 % within 14 d").top() < window.at("71 % within 90 d").top());
}

#[test]
fn parameters_and_past_predictions_unfold() {
    let snapshot = living::turbine();
    let mut window = tall(&snapshot);
    assert!(!window.says("bearing wear") && !window.says("Vibration, 7 d ahead: "));
    window.press_on(&snapshot, &Scene::default(), "What the model learned");
    window.at("bearing wear 0.21 5–95 %: 0.16 to 0.27 · generic prior 0 to 0.4 · learned 9 s ago");
    window.at("shaft misalignment 0.05 mm 5–95 %: 0.02 to 0.09 · fleet of 24 prior 0 to 0.2");
    window.press_on(&snapshot, &Scene::default(), "Said before and what came");
    window.at("Vibration, 7 d ahead: 10 of 11 held, 1 not due yet");
    window.at("Remaining life as it was said: median 71 d became 38 d while 230 d passed");
}

#[test]
fn a_model_that_does_not_explain_the_machine_says_so_before_anything_is_believed() {
    let mut snapshot = living::turbine();
    let mut json = living::full();
    json["explained"] = json!(false);
    json["prior"] = json!("generic");
    let part = bearing(&snapshot);
    let life = living::life(part, AssetRow(0), living::body(json));
    snapshot.selected.as_mut().unwrap().predictions[0].1 = (*life.issue).clone();
    snapshot.lives = vec![life];
    let window = tall(&snapshot);
    window.at("The model does not explain the machine any more");
    window.at("does not explain the machine");
    window.at("generic prior");
    window
        .at("Remaining life 42 d (5–95 %: 18 to 95) · model does not explain the machine · generic prior · simulated");
}

#[test]
fn the_label_of_a_part_says_its_life() {
    let snapshot = living::turbine();
    let part = bearing(&snapshot);
    let anchors = vec![Anchor { part, pos: [800.0, 500.0], depth: 9.0, visible: true }];
    let scene = Scene { anchors, ..Scene::default() };
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &scene);
    window.at("High-speed bearing high 94.6 °C, remaining life 42 d (5–95 %: 18 to 95), simulated");
    let mut asked = Asked::new(part, AssetRow(0), "gearbox".into());
    asked.shown = Some(0);
    window.state.what_if = Some(asked);
    window.settle(&snapshot, &scene);
    window.at("High-speed bearing high 94.6 °C, remaining life under plan A 72 d (5–95 %: 30 to 162), simulated");
}

#[test]
fn what_if_is_opened_from_the_card_and_asks_at_once() {
    let snapshot = living::turbine();
    let mut window = tall(&snapshot);
    window.press_on(&snapshot, &Scene::default(), "What if …");
    let asks =
        |setting| Command::WhatIf { asset: AssetRow(0), model: "gearbox".into(), scenario: "plan-a".into(), setting };
    assert_eq!(window.commands(), [&asks(Some(BTreeMap::new()))]);
    window.actions.clear();
    window.at("Power limit, plan A");
    window.press_on(&snapshot, &Scene::default(), "Oil change now, plan A");
    assert_eq!(window.commands(), [&asks(Some(BTreeMap::from([("oil_change".into(), 1.0)])))]);
    window.actions.clear();
    // The answer in the snapshot is of another setting.
    window.at("A: 72 d (5–95 %: 30 to 162)  waiting for the answer …");
    window.press_on(&snapshot, &Scene::default(), "Withdraw plan A");
    assert_eq!(window.commands(), [&asks(None)]);
    window.actions.clear();
    window.press_on(&snapshot, &Scene::default(), "Add a plan");
    window.press_on(&snapshot, &Scene::default(), "Close what if, and withdraw its plans");
    assert_eq!(window.commands(), [&asks(Some(BTreeMap::new())), &asks(None)]);
    assert!(window.state.what_if.is_none());
}

#[test]
fn a_slider_that_is_dragged_ends_with_its_last_place_asked() {
    let snapshot = living::turbine();
    let mut window = tall(&snapshot);
    window.press_on(&snapshot, &Scene::default(), "What if …");
    let slider = window.at("Power limit, plan A");
    let button = |x: f32, pressed| Event::PointerButton {
        pos: pos2(x, slider.center().y),
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    window.frame(&snapshot, &Scene::default(), vec![button(slider.right() - 8.0, true)]);
    for step in 0..10 {
        let x = slider.right() - 8.0 - step as f32 * slider.width() / 12.0;
        window.frame(&snapshot, &Scene::default(), vec![Event::PointerMoved(pos2(x, slider.center().y))]);
    }
    window.frame(&snapshot, &Scene::default(), vec![button(slider.left() + 7.0, false)]);
    window.settle(&snapshot, &Scene::default());
    let plan = window.state.what_if.as_ref().and_then(|asked| asked.plans[0].clone()).expect("plan A");
    let commands = window.commands();
    let Some(Command::WhatIf { setting: Some(last), .. }) = commands.last() else { panic!("{commands:?}") };
    assert_eq!(last, &plan.setting);
    assert!(commands.len() > 3, "{commands:?}");
}

#[test]
fn advice_is_accepted_once_as_a_work_order() {
    let snapshot = living::turbine();
    let mut window = tall(&snapshot);
    window.at("Replace the high-speed bearing: EUR 41\u{202F}000 expected, 5–95 %: 36\u{202F}000 to 92\u{202F}000");
    window.press_on(&snapshot, &Scene::default(), "Accept: create work order");
    let commands = window.commands();
    let [Command::Order { part, order, .. }] = commands.as_slice() else { panic!("{commands:?}") };
    assert_eq!((*part, order.action.as_str()), (bearing(&snapshot), "replace"));
    // What has an order already is not ordered again.
    window.press_on(&snapshot, &Scene::default(), "1  Replace the high-speed bearing");
    window.press_on(&snapshot, &Scene::default(), "2  Limit the power to 80 %");
    window.at("work order planned, 40 s ago");
    assert!(!window.says("Accept: create work order"));
}

#[test]
fn who_only_reads_presses_in_vain() {
    let snapshot = living::turbine();
    let scene = Scene { read_only: true, ..Scene::default() };
    let mut window = tall(&snapshot);
    window.settle(&snapshot, &scene);
    for pressed in ["Accept: create work order", "Record a finding"] {
        window.press_on(&snapshot, &scene, pressed);
    }
    assert_eq!(window.commands(), Vec::<&Command>::new());
    window.at("Read only: no work order is published.");
    window.at("Read only: nothing is recorded.");
}

#[test]
fn a_finding_is_typed_and_recorded() {
    let snapshot = living::turbine();
    let mut window = tall(&snapshot);
    let scene = Scene::default();
    window.press_on(&snapshot, &scene, "Record a finding");
    window.press_on(&snapshot, &scene, "Spall seen by borescope");
    let typed = |window: &mut Window, field: &str, text: &str| {
        window.press_on(&snapshot, &scene, field);
        window.frame(&snapshot, &scene, vec![Event::Text(text.into())]);
        window.settle(&snapshot, &scene);
    };
    typed(&mut window, "Value", "99");
    window.at("It must lie between 0 and 60 mm.");
    window.press_on(&snapshot, &scene, "Record");
    assert_eq!(window.commands(), Vec::<&Command>::new(), "what is not possible is not recorded");
    window.state.evidence.value.clear();
    typed(&mut window, "Value", "1.8");
    typed(&mut window, "By", "N. N.");
    // Keys belong to the field: 5 does not open the fleet.
    window.press(&snapshot, Key::Num5, Modifiers::NONE);
    assert!(!window.state.fleet_open);
    // Escape leaves the field, and neither the form nor the part.
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    window.settle(&snapshot, &scene);
    window.press_on(&snapshot, &scene, "Record");
    let expected = Command::Inspect {
        part: bearing(&snapshot),
        quantity: "spall".into(),
        value: Some(1.8),
        deviation: None,
        unit: "mm".into(),
        by: "N. N.".into(),
        note: String::new(),
    };
    assert_eq!(window.commands(), [&expected]);
    window.at("Sent: Spall seen by borescope.");
}

#[test]
fn the_fleet_opens_with_its_key_and_a_click_selects_the_part_at_risk() {
    let snapshot = living::farm(24);
    let mut window = Window::new([1280.0, 720.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::Num5, Modifiers::NONE);
    window.settle(&snapshot, &Scene::default());
    let worst = window.at("Turbine 1: High-speed bearing, remaining life");
    assert!(worst.top() < window.at("Turbine 3: High-speed bearing, remaining life").top());
    window.press_on(&snapshot, &Scene::default(), "Turbine 1: High-speed bearing");
    assert!(window.commands().contains(&&Command::Select(Some(PartRow(1)))), "{:?}", window.commands());
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert!(!window.state.fleet_open);
}

#[test]
fn hostile_predictions_make_no_panel_panic() {
    let name = "Überlang 🦀 \u{202E}rtl\n".repeat(20);
    for number in [f64::NAN, f64::INFINITY, -1e308, 1e308, 0.0] {
        let mut snapshot = living::turbine();
        let part = bearing(&snapshot);
        let spoil = |body: &mut twinscope_twin::prediction::Body| {
            body.quantiles.values_mut().chain(body.raw_quantiles.values_mut()).for_each(|v| *v = number);
            body.time_lapse = Some(number);
            body.beyond_horizon = Some(number);
            body.outside = vec![name.clone(); 50];
            body.in_range = Some(false);
            for lever in &mut body.levers {
                lever.title.clone_from(&name);
                (lever.low, lever.high, lever.step) = (-number, number, number);
            }
            for parameter in body.parameters.values_mut() {
                parameter.title.clone_from(&name);
                (parameter.p05, parameter.prior_p95) = (Some(number), Some(-number));
            }
            for check in body.checks.iter_mut().flat_map(|checks| &mut checks.made) {
                (check.p05, check.came, check.due_at) = (number, Some(number), Some(i64::MAX));
            }
            if let Some(against) = &mut body.against {
                (against.p05, against.p50, against.better) = (Some(number), Some(number), Some(number));
            }
            for accepted in &mut body.accepts {
                accepted.title.clone_from(&name);
                accepted.low = Some(number);
            }
            if let Some(path) = &mut body.path {
                path.in_h.iter_mut().for_each(|h| *h *= number);
                path.p95.iter_mut().for_each(|v| *v = number);
            }
        };
        for life in &mut snapshot.lives {
            let mut issue = (*life.issue).clone();
            spoil(&mut issue.body);
            life.issue = std::sync::Arc::new(issue);
            (life.p05_h, life.p50_h, life.p95_h) = (Some(number), Some(number), Some(number));
            if let Some(advised) = &mut life.advice {
                let advised = std::sync::Arc::make_mut(advised);
                advised.body.waiting.iter_mut().for_each(|waiting| waiting.mean = number);
            }
        }
        for (_, issue) in &mut snapshot.scenarios {
            let mut spoiled = (**issue).clone();
            spoil(&mut spoiled.body);
            *issue = std::sync::Arc::new(spoiled);
        }
        let detail = snapshot.selected.as_mut().unwrap();
        spoil(&mut detail.predictions[0].1.body);
        for past in &mut detail.rul_history {
            (past.p05_h, past.p50_h) = (Some(number), Some(number));
        }
        for advised in &mut detail.advice {
            let advised = std::sync::Arc::make_mut(advised);
            advised.body.time_lapse = Some(number);
            for economic in &mut advised.body.economics {
                (economic.value, economic.low, economic.high) = (number, Some(number), Some(-number));
            }
            for action in &mut advised.body.actions {
                action.title.clone_from(&name);
                action.due_in_h = Some(number);
                action.window_h = Some([number, -number]);
                action.saves = Some(number);
                action.cost.iter_mut().for_each(|cost| cost.mean = number);
                action.parts.iter_mut().for_each(|part| part.mean = number);
            }
        }
        for size in [[1920.0, 4000.0], [1280.0, 720.0], [320.0, 200.0], [1.0, 1.0]] {
            let mut window = Window::new(size);
            window.state.fleet_open = true;
            window.state.what_if = Some(Asked::new(part, AssetRow(0), "gearbox".into()));
            window.state.evidence.open = true;
            for id in ["rul/gearbox/baseline/parameters", "rul/gearbox/baseline/past", "advice/gearbox/inputs"] {
                window.state.sections.insert(id.into());
            }
            window.settle(&snapshot, &Scene::default());
        }
    }
}
