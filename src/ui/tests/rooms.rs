//! The room's panel, discs and keys.

use std::sync::Arc;

use egui::{Event, Key, Modifiers, PointerButton, Pos2};
use twinscope_twin::room::{Line, Peer, Picture, Role};

use super::Window;
use crate::view::room::RoomAction;
use crate::view::tests::fixture;
use crate::view::tests::rooms::{line, peer, picture, scene, viewer};
use crate::view::{Scene, UiAction};

/// The middle of what a screen reader calls so.
#[track_caller]
fn place(window: &Window, says: &str) -> Pos2 {
    let found = window.told.iter().find(|(said, _)| said.starts_with(says));
    found.unwrap_or_else(|| panic!("{says:?} is not among {:?}", window.told)).1.center()
}

fn click(window: &mut Window, scene: &Scene, at: Pos2) {
    let snapshot = fixture::turbine();
    let button =
        |pressed| Event::PointerButton { pos: at, button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    window.frame(&snapshot, scene, vec![Event::PointerMoved(at)]);
    window.frame(&snapshot, scene, vec![button(true)]);
    window.frame(&snapshot, scene, vec![button(false)]);
    window.frame(&snapshot, scene, Vec::new());
}

fn press(window: &mut Window, scene: &Scene, key: Key, modifiers: Modifiers) {
    let snapshot = fixture::turbine();
    let event = |pressed| Event::Key { key, physical_key: None, pressed, repeat: false, modifiers };
    window.frame(&snapshot, scene, vec![event(true)]);
    window.frame(&snapshot, scene, vec![event(false)]);
}

fn types(window: &mut Window, scene: &Scene, text: &str) {
    window.frame(&fixture::turbine(), scene, vec![Event::Text(text.to_owned())]);
}

fn rooms(window: &mut Window) -> Vec<RoomAction> {
    let of = |action| match action {
        UiAction::Room(action) => Some(action),
        _ => None,
    };
    std::mem::take(&mut window.actions).into_iter().filter_map(of).collect()
}

#[test]
fn the_form_joins_when_everything_is_typed() {
    let (snapshot, scene) = (fixture::turbine(), Scene::default());
    let mut window = Window::new([1280.0, 720.0]);
    window.settle(&snapshot, &scene);
    press(&mut window, &scene, Key::R, Modifiers::NONE);
    window.settle(&snapshot, &scene);
    let join = place(&window, "Join");
    click(&mut window, &scene, join);
    assert_eq!(rooms(&mut window), [], "nothing is typed yet");
    for (field, text) in
        [("Room", "Gearbox"), ("Passphrase or invitation", "correct horse battery"), ("Your name", "Ann")]
    {
        let at = window.told.iter().filter(|(said, _)| said == field).map(|(_, rect)| rect.center()).next_back();
        click(&mut window, &scene, at.expect(field));
        types(&mut window, &scene, text);
    }
    assert_eq!(window.state.room.form.secret.0, "correct horse battery");
    assert!(!window.told.iter().any(|(said, _)| said.contains("horse")), "it is on no screen");
    let join = place(&window, "Join");
    click(&mut window, &scene, join);
    assert_eq!(rooms(&mut window), [RoomAction::Join]);
}

#[test]
fn a_click_on_a_person_follows_and_the_next_one_ends_it() {
    let snapshot = fixture::turbine();
    let scene = scene(picture(vec![peer(1, "Bob"), Peer { pose: None, ..peer(2, "Gus") }]));
    let mut window = Window::new([1280.0, 720.0]);
    window.settle(&snapshot, &scene);
    let bob = place(&window, "Bob: click to follow");
    click(&mut window, &scene, bob);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(Some(viewer(1)))]);
    window.state.room.follow = Some(viewer(1));
    window.settle(&snapshot, &scene);
    let bob = place(&window, "Bob: click to stop following");
    click(&mut window, &scene, bob);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(None)]);
    let gus = place(&window, "Gus: has shown no view yet");
    click(&mut window, &scene, gus);
    assert_eq!(rooms(&mut window), []);
}

#[test]
fn a_click_on_a_row_of_the_panel_follows() {
    let snapshot = fixture::turbine();
    let scene = scene(picture(vec![peer(1, "Bob"), peer(2, "Eve")]));
    let mut window = Window::new([1280.0, 720.0]);
    window.state.room.open = true;
    window.settle(&snapshot, &scene);
    // The row reads as the name alone; the disc says what a click does.
    let rows = window.told.iter().filter(|(said, _)| said.starts_with("Eve") && !said.contains("click"));
    let eve = rows.map(|(_, rect)| rect.center()).next().expect("a row");
    click(&mut window, &scene, eve);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(Some(viewer(2)))]);
}

#[test]
fn shift_r_follows_the_next_and_escape_nobody() {
    let snapshot = fixture::turbine();
    let scene = scene(picture(vec![peer(1, "Bob"), peer(2, "Eve")]));
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &scene);
    press(&mut window, &scene, Key::R, Modifiers::SHIFT);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(Some(viewer(1)))]);
    assert!(!window.state.room.open, "the panel is another key");
    // All of the keys within one slow frame: Shift is up again when they are heard.
    let key =
        |pressed| Event::Key { key: Key::R, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE };
    window.frame(&snapshot, &scene, vec![key(true), Event::Text("R".to_owned()), key(false)]);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(Some(viewer(1)))]);
    assert!(!window.state.room.open);
    window.state.room.follow = Some(viewer(1));
    press(&mut window, &scene, Key::Escape, Modifiers::NONE);
    assert_eq!(rooms(&mut window), [RoomAction::Follow(None)]);
}

#[test]
fn the_pen_is_for_members_and_put_away_by_escape() {
    let snapshot = fixture::turbine();
    for (role, takes) in [(Role::Member, true), (Role::Guest, false)] {
        let scene = scene(Picture { role, ..picture(vec![peer(1, "Bob")]) });
        let mut window = Window::new([1920.0, 1080.0]);
        window.settle(&snapshot, &scene);
        press(&mut window, &scene, Key::B, Modifiers::NONE);
        assert_eq!(window.state.room.pen, takes, "{role:?}");
        press(&mut window, &scene, Key::Escape, Modifiers::NONE);
        assert!(!window.state.room.pen);
    }
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    press(&mut window, &Scene::default(), Key::B, Modifiers::NONE);
    assert!(!window.state.room.pen, "outside of a room there is no pen");
}

#[test]
fn a_line_is_said_with_enter_and_a_guest_has_nowhere_to_write() {
    let snapshot = fixture::turbine();
    let member = scene(picture(vec![peer(1, "Bob")]));
    let mut window = Window::new([1280.0, 720.0]);
    window.state.room.open = true;
    window.settle(&snapshot, &member);
    let field = place(&window, "Say something");
    click(&mut window, &member, field);
    types(&mut window, &member, "the oil is black");
    press(&mut window, &member, Key::Enter, Modifiers::NONE);
    assert_eq!(rooms(&mut window), [RoomAction::Say("the oil is black".to_owned())]);
    assert_eq!(window.state.room.line, "");
    let guest = scene(Picture { role: Role::Guest, invitation: None, ..picture(vec![peer(1, "Bob")]) });
    let mut window = Window::new([1280.0, 720.0]);
    window.state.room.open = true;
    window.settle(&snapshot, &guest);
    for tool in ["Say something", "Draw on a part", "Copy an invitation"] {
        assert!(!window.told.iter().any(|(said, _)| said.starts_with(tool)), "{tool}");
    }
    place(&window, "Leave the room");
    place(&window, "You are a guest");
}

#[test]
fn strange_persons_and_lines_make_no_panel_panic() {
    let snapshot = fixture::turbine();
    let people = (1..=32).map(|letter| Peer { colour: 255, ..peer(letter, &"Ünïcode 🦀 ".repeat(20)) }).collect();
    let lines = (0..200)
        .map(|number| {
            Arc::new(Line { at: i64::MAX, colour: 255, ..Line::clone(&line(1, number, &"x".repeat(500), 0)) })
        })
        .collect();
    let mut scene = scene(Picture { lines, elsewhere: usize::MAX, room: "x".repeat(64), ..picture(people) });
    for (number, mark) in scene.room.marks.iter_mut().enumerate() {
        let odd = [f32::NAN, -1e30, 1e30, 0.0][number % 4];
        (mark.eye, mark.dot, mark.ray) = (Some([odd, 1.0]), Some([1.0, odd]), Some([[odd; 2], [0.0; 2]]));
    }
    for size in [[1920.0, 1080.0], [1280.0, 720.0], [320.0, 240.0], [1.0, 1.0]] {
        for open in [true, false] {
            let mut window = Window::new(size);
            window.state.room.open = open;
            window.state.room.follow = Some(viewer(3));
            window.settle(&snapshot, &scene);
        }
    }
}
