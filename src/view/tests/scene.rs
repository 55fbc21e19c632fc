//! What lies over the scene: labels that do not cover each other, and cards.

use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AssetRow, PartRow};

use super::fixture::{self, SiteBuilder, set, silent};
use std::sync::Arc;

use crate::view::labels::{Box2, MOST_LABELS, place};
use crate::view::sight::Shown;
use crate::view::{Anchor, Scene, UiState, app_view};

const BOUNDS: Box2 = Box2 { left: 0.0, top: 0.0, right: 1200.0, bottom: 800.0 };

fn overlap(a: &Box2, b: &Box2) -> bool {
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

fn inside(a: &Box2) -> bool {
    a.left >= BOUNDS.left && a.top >= BOUNDS.top && a.right <= BOUNDS.right && a.bottom <= BOUNDS.bottom
}

/// A deterministic scatter: no generator needed for a few hundred layouts.
fn scatter(seed: u32, n: usize, spread: f32) -> Vec<([f32; 2], [f32; 2])> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    (0..n)
        .map(|_| {
            let pos = [600.0 + (next() - 0.5) * spread, 400.0 + (next() - 0.5) * spread * 0.66];
            (pos, [90.0 + next() * 120.0, 26.0])
        })
        .collect()
}

#[test]
fn labels_never_overlap_nor_leave_the_view() {
    for seed in 0..200 {
        let boxes = scatter(seed, 12, if seed % 2 == 0 { 1100.0 } else { 120.0 });
        let obstacle = Box2 { left: 0.0, top: 600.0, right: 150.0, bottom: 800.0 };
        let placed: Vec<Box2> = place(&boxes, BOUNDS, &[obstacle], 2).into_iter().flatten().collect();
        for (i, a) in placed.iter().enumerate() {
            assert!(inside(a), "seed {seed}: {a:?}");
            assert!(!overlap(a, &obstacle), "seed {seed}");
            assert!(placed.iter().skip(i + 1).all(|b| !overlap(a, b)), "seed {seed}");
            for (anchor, _) in &boxes {
                let covers = anchor[0] > a.left && anchor[0] < a.right && anchor[1] > a.top && anchor[1] < a.bottom;
                assert!(!covers, "seed {seed}: a label covers a part");
            }
        }
    }
}

#[test]
fn most_labels_of_a_crowd_find_a_place() {
    let found: usize =
        (0..50).map(|seed| place(&scatter(seed, 12, 300.0), BOUNDS, &[], 2).iter().flatten().count()).sum();
    assert!(found >= 50 * 9, "{found} of 600");
}

#[test]
fn the_first_label_is_placed_before_all_others() {
    for seed in 0..50 {
        let boxes = scatter(seed, 12, 200.0);
        let alone = place(&boxes[..1], BOUNDS, &[], 2)[0];
        assert!(alone.is_some());
        assert!(place(&boxes, BOUNDS, &[], 2)[0].is_some(), "seed {seed}");
    }
}

#[test]
fn a_view_too_small_for_a_label_still_shows_the_selected_one() {
    let tiny = Box2 { left: 0.0, top: 0.0, right: 60.0, bottom: 20.0 };
    let placed = place(&[([30.0, 10.0], [200.0, 26.0])], tiny, &[], 2);
    assert_eq!(placed.iter().flatten().count(), 1);
}

#[test]
fn where_none_is_kept_a_label_without_a_place_is_left_out() {
    let everywhere = [BOUNDS];
    let placed = place(&[([30.0, 10.0], [200.0, 26.0])], BOUNDS, &everywhere, 0);
    assert_eq!(placed, [None]);
}

fn crowd() -> (twinscope_twin::snapshot::Snapshot, Scene) {
    let mut b = SiteBuilder::new();
    b.asset("wt", "T");
    for i in 0..60 {
        b.part(&format!("p{i}"), &format!("Part {i}"), "", None);
    }
    let mut snapshot = silent(b.site);
    for i in 0..60 {
        let state = if i % 7 == 0 { Severity::Critical } else { Severity::Low };
        set(&mut snapshot, PartRow(i), state, twinscope_twin::quality::Quality::Good, Default::default());
    }
    let anchors = (0..60)
        .map(|i| Anchor { part: PartRow(i), pos: [100.0, 100.0], depth: 100.0 - i as f32, visible: i != 7 })
        .collect();
    (snapshot, Scene { anchors, ..Scene::default() })
}

#[test]
fn at_most_a_dozen_labels_hovered_first_then_the_worst_then_the_nearest() {
    let (snapshot, scene) = crowd();
    let ui = UiState { hovered: Some(PartRow(3)), ..UiState::default() };
    let labels = app_view(&snapshot, &scene, &ui, [1920.0, 1080.0]).overlay.labels;
    assert_eq!(labels.len(), MOST_LABELS);
    let order: Vec<u32> = labels.iter().map(|l| l.part.0).collect();
    // Critical are 0, 7, 14 … 56, of which 7 is out of view; then the nearest low one.
    assert_eq!(order, [3, 56, 49, 42, 35, 28, 21, 14, 0, 59, 58, 57]);
}

#[test]
fn calm_parts_have_no_label_and_hidden_ones_neither() {
    let (mut snapshot, scene) = crowd();
    for i in 0..60 {
        set(&mut snapshot, PartRow(i), Severity::Normal, Default::default(), Default::default());
    }
    let view = app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]);
    assert!(view.overlay.labels.is_empty());
    let ui = UiState { hovered: Some(PartRow(1)), ..UiState::default() };
    let scene = Scene { drawn: Arc::new(vec![Shown::Solid, Shown::Hidden]), ..scene };
    assert!(app_view(&snapshot, &scene, &ui, [1920.0, 1080.0]).overlay.labels.is_empty());
}

#[test]
fn a_label_on_stale_data_carries_its_age() {
    let mut snapshot = fixture::turbine();
    let row = snapshot.site.parts.iter().position(|p| p.id == "generator_bearing_de").expect("in the fixture");
    let part = PartRow(row as u32);
    fixture::select(&mut snapshot, part);
    let anchors = vec![Anchor { part, pos: [9.0, 9.0], depth: 1.0, visible: true }];
    let scene = Scene { anchors, ..Scene::default() };
    let labels = app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]).overlay.labels;
    assert_eq!(labels[0].figure, "61.3 °C, 3 min ago");
}

#[test]
fn positions_that_are_no_numbers_are_left_out() {
    let (snapshot, mut scene) = crowd();
    for anchor in &mut scene.anchors {
        anchor.pos = [f32::NAN, 0.0];
    }
    assert!(app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]).overlay.labels.is_empty());
}

#[test]
fn a_model_that_failed_is_told_by_its_file_and_the_rest_goes_on() {
    let (snapshot, mut scene) = crowd();
    scene.model_problems = vec![(AssetRow(0), "buffer is cut short".into()), (AssetRow(77), "gone".into())];
    let problems = app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]).overlay.problems;
    assert_eq!(problems[0].0, "wind_turbine.glb could not be loaded");
    assert_eq!(problems[0].1, "buffer is cut short\nT has no model; the rest goes on.");
    assert_eq!(problems.len(), 2);
}

#[test]
fn the_hint_goes_away_once_the_scene_was_touched() {
    let (snapshot, scene) = crowd();
    let hint = |seen| {
        let ui = UiState { hint_seen: seen, ..UiState::default() };
        app_view(&snapshot, &scene, &ui, [1920.0, 1080.0]).overlay.hint
    };
    assert!(hint(false).is_some());
    assert!(hint(true).is_none());
}

#[test]
fn a_figure_takes_the_colour_of_an_alarm_only_if_it_is_the_one_in_alarm() {
    let mut snapshot = fixture::turbine();
    let find = |id: &str| PartRow(snapshot.site.parts.iter().position(|p| p.id == id).expect("in the fixture") as u32);
    let (gearbox, yaw) = (find("gearbox"), find("yaw_system"));
    set(&mut snapshot, yaw, Severity::High, twinscope_twin::quality::Quality::Good, Default::default());
    let anchor = |part, x| Anchor { part, pos: [x, 9.0], depth: 1.0, visible: true };
    let scene = Scene { anchors: vec![anchor(gearbox, 1.0), anchor(yaw, 2.0)], ..Scene::default() };
    let labels = app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]).overlay.labels;
    let told: Vec<_> = labels.iter().map(|l| (l.part, l.figure.as_str(), l.alarmed)).collect();
    assert_eq!(told, [(yaw, "271.4°", false), (gearbox, "76.3 °C", true)]);
}

#[test]
fn stand_ins_and_derived_motions_are_told_once_for_all_machines_alike() {
    let mut b = SiteBuilder::new();
    for name in ["R1", "R2"] {
        b.asset(name, name);
        b.part("rotor", "Rotor", "", None);
        let signal = b.signal("Speed", "rpm", 1);
        b.site.parts.last_mut().expect("just added").motions.push(twinscope_twin::site::Motion {
            kind: twinscope_twin::site::MotionKind::Spin,
            axis: 0,
            signal,
            scale: 1.0,
            offset: 0.0,
            derived: true,
        });
    }
    for asset in &mut b.site.assets {
        asset.stand_in = Some("stand-in: a larger machine".into());
    }
    let mut snapshot = silent(b.site);
    let told = app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).overlay.stand_ins;
    assert_eq!(
        told,
        [
            ("R1, R2".to_owned(), "stand-in: a larger machine".to_owned()),
            ("R1, R2".to_owned(), "the motion of the rotor is derived, not measured".to_owned()),
        ]
    );
    fixture::select(&mut snapshot, PartRow(0));
    let view = app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]);
    let crate::view::inspector::InspectorView::Part(part) = view.inspector else { panic!("a part is selected") };
    assert_eq!(
        part.motions,
        ["Spins with Speed, which is derived, not measured; stands still, because that is not current"]
    );
}

/// A calm part of two at (100, 100) whose crack was said like this, 3 s ago.
fn cracked(more: serde_json::Value, expired: bool) -> Vec<crate::view::labels::LabelView> {
    let (mut snapshot, scene) = crowd();
    for i in 0..60 {
        set(&mut snapshot, PartRow(i), Severity::Normal, Default::default(), Default::default());
    }
    let mut said = serde_json::json!({
        "issued_at": fixture::NOW.wall_ms - 3_000, "unit": "mm", "quantiles": { "0.05": 0.6, "0.5": 1.2, "0.95": 2.1 }
    });
    said.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let body = super::living::body(said);
    let issue = Arc::new(twinscope_twin::prediction::Issue { body, received: fixture::NOW, retained: false });
    let [p05_m, p50_m, p95_m] = [0.000_6, 0.001_2, 0.002_1].map(Some);
    let part = PartRow(4);
    snapshot.cracks.push(twinscope_twin::snapshot::CrackLength { part, issue, p05_m, p50_m, p95_m, expired });
    app_view(&snapshot, &scene, &UiState::default(), [1920.0, 1080.0]).overlay.labels
}

#[test]
fn a_part_with_a_crack_has_a_label_that_says_how_long_and_since_when() {
    let labels = cracked(serde_json::json!({}), false);
    assert_eq!(labels.iter().map(|label| label.part).collect::<Vec<_>>(), [PartRow(4)]);
    let crack = labels[0].crack.as_ref().expect("the crack");
    assert_eq!((crack.text.as_str(), crack.usable), ("Crack 1.20 mm (5–95 %: 0.60 to 2.10), believed 3 s ago", true));
}

#[test]
fn a_crack_that_the_model_does_not_stand_behind_says_so_and_an_expired_one_asks_for_no_label() {
    let labels = cracked(serde_json::json!({ "explained": false, "prior": "generic" }), false);
    let crack = labels[0].crack.as_ref().expect("the crack");
    assert!(!crack.usable);
    assert_eq!(crack.caveat, "model does not explain the machine · generic prior");
    assert!(cracked(serde_json::json!({}), true).is_empty());
}
