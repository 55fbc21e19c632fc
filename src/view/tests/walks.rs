//! Walking: what is told of the place, and of the part ahead.

use twinscope_twin::quality::Quality;

use super::fixture;
use crate::view::walk::{Place, WalkScene, WalkView};
use crate::view::{Scene, UiState, app_view};

const PLACE: Place =
    Place { feet: [1.0, 108.5, 2.0], above_m: 108.5, heading_deg: 90.0, climbs: false, moves: false, ahead: None };

/// What is shown at a place, in a walk that is on.
fn shown(snapshot: &twinscope_twin::snapshot::Snapshot, place: Place) -> WalkView {
    let mut ui = UiState::default();
    ui.walk.on = true;
    let scene = Scene { walk: WalkScene { at: Some(place), ..WalkScene::default() }, ..Scene::default() };
    app_view(snapshot, &scene, &ui, [1920.0, 1080.0]).walk.unwrap()
}

fn row(snapshot: &twinscope_twin::snapshot::Snapshot, id: &str) -> twinscope_twin::site::PartRow {
    let at = snapshot.site.parts.iter().position(|part| part.id == id).unwrap();
    twinscope_twin::site::PartRow(at as u32)
}

#[test]
fn nothing_of_a_walk_is_shown_while_nobody_walks() {
    let scene = Scene { walk: WalkScene { at: Some(PLACE), ..WalkScene::default() }, ..Scene::default() };
    assert_eq!(app_view(&fixture::turbine(), &scene, &UiState::default(), [1920.0, 1080.0]).walk, None);
}

#[test]
fn the_height_is_told_over_the_ground() {
    let snapshot = fixture::turbine();
    assert_eq!(shown(&snapshot, PLACE).height, "108.5 m up");
    assert_eq!(shown(&snapshot, Place { above_m: 0.12, ..PLACE }).height, "on the ground");
}

#[test]
fn on_a_ladder_the_hint_says_how_to_get_off() {
    let snapshot = fixture::turbine();
    assert!(shown(&snapshot, Place { climbs: true, ..PLACE }).hint.contains("off the ladder"));
    assert!(!shown(&snapshot, PLACE).hint.contains("off the ladder"));
}

#[test]
fn the_part_ahead_has_its_state_its_distance_and_its_values_with_their_age() {
    let snapshot = fixture::turbine();
    let bearing = row(&snapshot, "high_speed_bearing");
    let card = shown(&snapshot, Place { ahead: Some((bearing, 1.24)), ..PLACE }).card.unwrap();
    assert_eq!((card.name.as_str(), card.asset.as_str()), ("High-speed bearing", "Turbine 1"));
    assert_eq!(card.told, "high · 1.2 m");
    let temperature = &card.values[0];
    assert_eq!((temperature[0].as_str(), temperature[1].as_str()), ("Temperature", "94.6 °C"));
    assert!(temperature[2].ends_with("ago") || temperature[2] == "now", "{temperature:?}");
}

#[test]
fn a_value_that_may_not_be_used_says_so_on_the_card() {
    let mut snapshot = fixture::turbine();
    let bearing = row(&snapshot, "high_speed_bearing");
    let signal = snapshot.site.parts[bearing.index()].signals.start as usize;
    snapshot.signals[signal].quality = Quality::Stale;
    let card = shown(&snapshot, Place { ahead: Some((bearing, 1.0)), ..PLACE }).card.unwrap();
    assert!(card.values[0][2].starts_with("stale"), "{:?}", card.values);
}

#[test]
fn a_part_without_a_value_says_no_data() {
    let mut snapshot = fixture::turbine();
    let bearing = row(&snapshot, "high_speed_bearing");
    let signal = snapshot.site.parts[bearing.index()].signals.start as usize;
    snapshot.signals[signal].value = None;
    let card = shown(&snapshot, Place { ahead: Some((bearing, 1.0)), ..PLACE }).card.unwrap();
    assert_eq!(card.values[0][1], "no data");
}
