//! Walking without pixels: its keys, its map, and the way out.

use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, pos2};
use twinscope_twin::snapshot::Snapshot;

use super::Window;
use crate::view::sight::Explode;
use crate::view::tests::{fixture, rooms};
use crate::view::walk::{Place, Storey, WalkAction, WalkScene};
use crate::view::{Scene, UiAction};

/// Somebody who stands at x = 10, z = 20.
fn scene() -> Scene {
    let place =
        Place { feet: [10.0, 0.0, 20.0], above_m: 0.0, heading_deg: 0.0, climbs: false, moves: true, ahead: None };
    let storey = Storey {
        outlines: vec![vec![[9.0, 19.0], [11.0, 19.0]], vec![]],
        floors: vec![[[0.0, 0.0], [20.0, 0.0], [20.0, 40.0]]],
        ladders: vec![[10.0, 18.0]],
    };
    let starts = vec![("Gate".to_owned(), [12.0, 20.0])];
    let walk = WalkScene { at: Some(place), storey: Arc::new(storey), starts, ..WalkScene::default() };
    Scene { walk, ..Scene::default() }
}

fn walking(size: [f32; 2]) -> (Snapshot, Window) {
    let mut window = Window::new(size);
    window.state.walk.on = true;
    window.state.walk.vignette = true;
    window.state.walk.sheet_open = true;
    let snapshot = fixture::turbine();
    window.settle(&snapshot, &scene());
    (snapshot, window)
}

#[test]
fn w_begins_a_walk() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::W, Modifiers::NONE);
    assert_eq!(window.actions, [UiAction::Walk(WalkAction::Enter(None))]);
}

#[test]
fn letters_are_for_walking_while_somebody_walks_and_escape_leaves() {
    let (snapshot, mut window) = walking([1920.0, 1080.0]);
    for key in [Key::W, Key::A, Key::S, Key::D, Key::E, Key::F, Key::ArrowDown, Key::Num1] {
        window.press(&snapshot, key, Modifiers::NONE);
    }
    assert_eq!(window.actions, []);
    assert!(window.state.panels.tree);
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert_eq!(window.actions, [UiAction::Walk(WalkAction::Leave)]);
}

#[test]
fn a_click_on_the_map_goes_to_that_place() {
    let (snapshot, mut window) = walking([1920.0, 1080.0]);
    let map = window.told.iter().find(|(said, _)| said == "Map of the storey").map(|(_, rect)| *rect).unwrap();
    // The map is 18 m wide inside of its border of 3 points, north up, and somebody at (10, 20) is in its middle.
    let metre = (map.width() - 6.0) / 18.0;
    let at = pos2(map.center().x + 4.0 * metre, map.center().y - 2.0 * metre);
    let button =
        |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    window.frame(&snapshot, &scene(), vec![Event::PointerMoved(at)]);
    window.frame(&snapshot, &scene(), vec![button(true)]);
    window.frame(&snapshot, &scene(), vec![button(false)]);
    let there = window.actions.iter().find_map(|action| match action {
        UiAction::Walk(WalkAction::Teleport(there)) => Some(*there),
        _ => None,
    });
    let [x, z] = there.expect("a place to go to");
    assert!((x - 14.0).abs() < 0.05 && (z - 18.0).abs() < 0.05, "{x} {z}");
}

#[test]
fn the_bar_above_a_walk_covers_neither_tools_nor_who_is_here() {
    let snapshot = fixture::turbine();
    for size in [[1280.0, 720.0], [1920.0, 1080.0]] {
        let mut window = Window::new(size);
        window.state.walk.on = true;
        window.state.room.open = true;
        window.state.sight.explode = Some(Explode { of: None, amount: 0.5 });
        let scene = Scene { walk: scene().walk, ..rooms::scene(rooms::picture(vec![rooms::peer(1, "Bob")])) };
        window.settle(&snapshot, &scene);
        let place = |id: egui::Id| window.ctx.memory(|memory| memory.area_rect(id)).expect("an area");
        let area = |name: &str| place(egui::Id::new(("twinscope area", name)));
        let (above, card) = (area("walk top"), place(egui::Id::new(("twinscope", ("tool card", 1_usize)))));
        for (name, other) in [("strip", area("tool strip")), ("card", card), ("people", area("room discs"))] {
            assert!(!above.intersects(other), "{size:?}: {above} on the {name} at {other}");
        }
    }
}

#[test]
fn a_small_window_and_odd_places_draw_a_walk_without_panic() {
    for size in [[1280.0, 720.0], [640.0, 400.0], [200.0, 120.0]] {
        let (snapshot, mut window) = walking(size);
        let mut scene = scene();
        if let Some(place) = &mut scene.walk.at {
            place.feet = [f32::NAN, f32::INFINITY, -1e30];
            place.heading_deg = f32::NAN;
        }
        window.settle(&snapshot, &scene);
    }
}
