//! Typing into the search, also faster than the screen draws.

use egui::{Event, Key, Modifiers};
use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use super::Window;
use crate::view::tests::fixture::{self, select};
use crate::view::{Scene, UiAction};

fn typed(text: &str) -> Vec<Event> {
    text.chars().map(|c| Event::Text(c.into())).collect()
}

fn key(key: Key) -> Event {
    Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE }
}

#[test]
fn what_follows_a_slash_in_the_same_frame_is_searched_and_no_shortcut() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    let mut events = typed("/");
    for (letter, text) in [(Key::H, "h"), (Key::I, "i"), (Key::G, "g"), (Key::H, "h")] {
        events.push(key(letter));
        events.extend(typed(text));
    }
    window.frame(&snapshot, &Scene::default(), events);
    window.settle(&snapshot, &Scene::default());
    assert_eq!(window.state.search, "high");
    assert!(window.state.sight.ghost_housings && window.state.sight.hidden.is_empty());
}

#[test]
fn a_shortcut_before_the_slash_still_counts() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    let mut events = vec![key(Key::G)];
    events.extend(typed("g/a"));
    window.frame(&snapshot, &Scene::default(), events);
    window.settle(&snapshot, &Scene::default());
    assert_eq!((window.state.search.as_str(), window.state.sight.ghost_housings), ("a", false));
}

#[test]
fn enter_goes_to_the_match_and_not_to_the_selected_part_above_it() {
    let mut snapshot = fixture::turbine();
    let find = |id: &str| {
        let row = snapshot.site.parts.iter().position(|part| part.id == id).expect("in the fixture");
        PartRow(row as u32)
    };
    let (above, wanted) = (find("gearbox"), find("high_speed_bearing"));
    select(&mut snapshot, above);
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.frame(&snapshot, &Scene::default(), typed("/speed bear"));
    window.settle(&snapshot, &Scene::default());
    window.actions.clear();
    window.press(&snapshot, Key::Enter, Modifiers::NONE);
    assert_eq!(window.actions, [UiAction::Command(Command::Select(Some(wanted))), UiAction::FlyTo(wanted)]);
}

#[test]
fn escape_closes_a_menu_and_keeps_the_selection() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press_on(&snapshot, &Scene::default(), "Pictures and clips");
    assert!(window.says("Record a clip"));
    window.actions.clear();
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    window.settle(&snapshot, &Scene::default());
    assert!(!window.says("Record a clip"));
    assert_eq!(window.actions, []);
}

#[test]
fn enter_goes_to_the_part_whose_name_begins_with_what_was_typed() {
    let mut snapshot = fixture::turbine();
    snapshot.selected = None;
    // The yaw bearing and the main bearing stand above it.
    let row = snapshot.site.parts.iter().position(|part| part.name == "Bearing, drive end").expect("in the fixture");
    let wanted = PartRow(row as u32);
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.frame(&snapshot, &Scene::default(), typed("/bearing"));
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::Enter, Modifiers::NONE);
    assert_eq!(window.actions, [UiAction::Command(Command::Select(Some(wanted))), UiAction::FlyTo(wanted)]);
}

#[test]
fn a_whole_search_within_one_frame_finds_its_part() {
    let snapshot = fixture::turbine();
    let row = snapshot.site.parts.iter().position(|part| part.id == "tower").expect("in the fixture");
    let wanted = PartRow(row as u32);
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    for slash_before in [false, true] {
        let mut events = typed("/tower");
        if slash_before {
            window.frame(&snapshot, &Scene::default(), typed("/"));
            events.remove(0);
        }
        events.push(key(Key::Enter));
        window.actions.clear();
        window.frame(&snapshot, &Scene::default(), events);
        window.settle(&snapshot, &Scene::default());
        assert_eq!(window.actions, [UiAction::Command(Command::Select(Some(wanted))), UiAction::FlyTo(wanted)]);
        window.press(&snapshot, Key::Escape, Modifiers::NONE);
    }
}
