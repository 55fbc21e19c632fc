//! Labels on demand, without pixels.

use super::*;
use crate::view::tags::Scope;
use crate::view::tags::gather::{Gathering, Spot, Tag};
use crate::view::tags::outline::Outline;

const SIZE: [f32; 2] = [1920.0, 1080.0];

/// A scene in which some parts of the turbine stand in a row, so many points apart.
fn scene(snapshot: &Snapshot, apart: f32) -> Scene {
    let outline = Arc::new(Outline::of(&snapshot.site));
    let spot = |n: u32| Spot { part: PartRow(n), pos: [500.0 + n as f32 * apart, 500.0], depth: 5.0 };
    let spots: Vec<Spot> = (0..8).map(spot).collect();
    let tags = Gathering::default().gather(&outline, &spots, &[], &snapshot.parts);
    Scene { tags: Tags { outline, tags, dt: 1.0 }, ..Scene::default() }
}

/// Where the label under the pointer is, and what it says.
fn pointed(window: &Window, snapshot: &Snapshot) -> Option<(String, Rect)> {
    let names: Vec<&str> = snapshot.site.parts.iter().take(8).map(|part| part.name.as_str()).collect();
    // Labels that matter by themselves say more, and stand elsewhere; the tree is left of the scene.
    window
        .told
        .iter()
        .find(|(said, at)| at.left() > 280.0 && at.height() < 22.0 && names.iter().any(|name| said.starts_with(name)))
        .cloned()
}

#[test]
fn a_label_under_the_pointer_marks_its_part_and_a_click_selects_it() {
    let mut snapshot = fixture::turbine();
    snapshot.selected = None;
    let mut window = Window::new(SIZE);
    let scene = scene(&snapshot, 110.0);
    window.settle(&snapshot, &scene);
    let found = (0..400).find_map(|step| {
        let at = pos2(480.0 + (step % 50) as f32 * 18.0, 420.0 + (step / 50) as f32 * 16.0);
        window.frame(&snapshot, &scene, vec![Event::PointerMoved(at)]);
        window.frame(&snapshot, &scene, Vec::new());
        pointed(&window, &snapshot).map(|_| at)
    });
    let at = found.expect("a label under the pointer");
    assert!(window.state.tag_hovered);
    let Some(part) = window.state.panel_hover else { panic!("no part is marked") };
    window.actions.clear();
    let button =
        |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    window.frame(&snapshot, &scene, vec![button(true)]);
    window.frame(&snapshot, &scene, vec![button(false)]);
    window.frame(&snapshot, &scene, Vec::new());
    assert!(window.actions.contains(&UiAction::Command(Command::Select(Some(part)))), "{:?}", window.actions);
}

#[test]
fn a_key_labels_everything_and_then_what_matters_again() {
    let snapshot = fixture::turbine();
    let mut window = Window::new(SIZE);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::L, Modifiers::NONE);
    assert_eq!(window.state.labels.scope, Scope::All);
    window.press(&snapshot, Key::L, Modifiers::NONE);
    assert_eq!(window.state.labels.scope, Scope::Matter);
}

#[test]
fn labels_at_odd_places_and_of_what_is_not_there_are_no_trouble() {
    let snapshot = fixture::turbine();
    let sane = scene(&snapshot, 110.0);
    let odd = [f32::NAN, f32::INFINITY, -1e30, 700.0];
    let mut tags = sane.tags.tags.clone();
    for n in 0..64_u32 {
        let pos = [odd[n as usize % 4], odd[n as usize / 4 % 4]];
        tags.push(Tag { node: n * 1_000_003, pos, depth: pos[0], parts: u32::MAX, ..tags[0] });
    }
    let scene = Scene { tags: Tags { tags, dt: f32::NAN, ..sane.tags.clone() }, ..sane };
    for size in [SIZE, [300.0, 200.0]] {
        Window::new(size).settle(&snapshot, &scene);
    }
}
