//! The tools that look into a machine, by keys and clicks.

use std::collections::BTreeSet;

use super::*;
use crate::view::sight::Isolation;

fn selected(snapshot: &Snapshot) -> PartRow {
    snapshot.selected.as_ref().map(|selected| selected.part).expect("the bearing")
}

#[test]
fn keys_isolate_hide_and_ghost_the_selection_and_show_all_again() {
    let snapshot = fixture::turbine();
    let part = selected(&snapshot);
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::I, Modifiers::SHIFT);
    assert_eq!(window.state.sight.isolated, Some(Isolation { parts: BTreeSet::from([part]), alone: true }));
    window.press(&snapshot, Key::H, Modifiers::NONE);
    assert_eq!(window.state.sight.hidden, BTreeSet::from([part]));
    window.press(&snapshot, Key::G, Modifiers::SHIFT);
    assert_eq!(window.state.sight.ghosted, BTreeSet::from([part]));
    window.press(&snapshot, Key::H, Modifiers::SHIFT);
    assert!(window.state.sight.plain());
}

#[test]
fn undo_takes_back_one_step_after_the_other_and_redo_makes_them_again() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::X, Modifiers::NONE);
    window.press(&snapshot, Key::D, Modifiers::NONE);
    let command = Modifiers::COMMAND | Modifiers::CTRL;
    window.press(&snapshot, Key::Z, command);
    assert_eq!((window.state.sight.xray, window.state.sight.edges), (true, false));
    window.press(&snapshot, Key::Z, command);
    assert_eq!((window.state.sight.xray, window.state.sight.edges), (false, false));
    window.press(&snapshot, Key::Z, command | Modifiers::SHIFT);
    window.press(&snapshot, Key::Y, command);
    assert_eq!((window.state.sight.xray, window.state.sight.edges), (true, true));
}

#[test]
fn a_part_without_parts_is_taken_apart_with_what_it_belongs_to() {
    let snapshot = fixture::turbine();
    let part = selected(&snapshot);
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::E, Modifiers::NONE);
    let of = window.state.sight.explode.map(|explode| explode.of);
    assert_eq!(of, Some(snapshot.site.parts[part.index()].parent));
}

#[test]
fn escape_puts_the_ruler_away_before_the_selection() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::M, Modifiers::NONE);
    assert!(window.state.tools.ruler);
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert!(!window.state.tools.ruler);
    assert_eq!(window.actions, []);
}

#[test]
fn parts_are_chosen_one_more_and_one_less() {
    let mut state = UiState::default();
    let [a, b] = [PartRow(1), PartRow(2)];
    assert_eq!(state.choose(a, None, false), Some(a));
    assert_eq!(state.choose(b, Some(a), true), Some(b));
    assert_eq!(state.sight.subjects(Some(b)), BTreeSet::from([a, b]));
    assert_eq!(state.choose(b, Some(b), true), Some(a));
    assert_eq!(state.sight.subjects(Some(a)), BTreeSet::from([a]));
    state.choose(b, Some(a), true);
    assert_eq!(state.choose(b, Some(b), false), Some(b));
    assert_eq!(state.sight.chosen, BTreeSet::new(), "a plain click selects one");
}

#[test]
fn undo_selects_again_what_was_selected_together() {
    let snapshot = fixture::turbine();
    let part = selected(&snapshot);
    let other = PartRow(u32::from(part == PartRow(0)));
    let mut window = Window::new([1920.0, 1080.0]);
    window.settle(&snapshot, &Scene::default());
    window.state.choose(other, Some(part), true);
    window.state.choose(part, Some(part), true);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::Z, Modifiers::COMMAND | Modifiers::CTRL);
    window.settle(&snapshot, &Scene::default());
    assert_eq!(window.state.sight.chosen, BTreeSet::new(), "before, one was selected");
    window.press(&snapshot, Key::Z, Modifiers::COMMAND | Modifiers::CTRL | Modifiers::SHIFT);
    assert_eq!(window.state.sight.chosen, BTreeSet::from([other]));
}

#[test]
fn a_question_keeps_the_parts_that_it_means() {
    let snapshot = fixture::turbine();
    let part = selected(&snapshot);
    let scene = Scene { found: Some(Ok(Arc::new(BTreeSet::from([part])))), ..Scene::default() };
    let mut window = Window::new([1920.0, 1080.0]);
    window.state.search = "health < 0.6".into();
    window.settle(&snapshot, &scene);
    let view = app_view(&snapshot, &scene, &window.state, [1920.0, 1080.0]);
    assert_eq!((view.tree.matches, view.tree.found()), (Some(1), BTreeSet::from([part])));
}

#[test]
fn a_question_that_is_none_says_why() {
    let snapshot = fixture::turbine();
    let scene = Scene { found: Some(Err("no part has a \"helth\"".into())), ..Scene::default() };
    let ui = UiState { search: "helth < 1.0".into(), ..UiState::default() };
    let view = app_view(&snapshot, &scene, &ui, [1920.0, 1080.0]);
    assert_eq!((view.tree.matches, view.tree.problem.as_deref()), (Some(0), Some("no part has a \"helth\"")));
}
