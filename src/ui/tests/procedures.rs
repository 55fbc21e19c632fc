//! The procedure panel and documents: found by what they say, pressed, and what comes of it.

use std::sync::Arc;

use egui::{Event, Key, Modifiers};
use twinscope_twin::command::{Command, ProcedureCommand};
use twinscope_twin::procedure::{ConditionStatus, StepState, Unfinished};
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::Window;
use crate::view::document::Paper;
use crate::view::markdown::markdown;
use crate::view::procedure::{Lead, RecordPlace};
use crate::view::tests::fixture::{self, NOW, select};
use crate::view::tests::procedures::{offered, running};
use crate::view::{Scene, UiAction};

fn window(snapshot: &Snapshot) -> Window {
    let mut window = Window::new([1920.0, 1080.0]);
    window.state.procedure.open = true;
    window.state.procedure.by = "N. N.".to_owned();
    window.settle(snapshot, &Scene::default());
    window
}

fn typed(window: &mut Window, snapshot: &Snapshot, field: &str, text: &str) {
    window.press_on(snapshot, &Scene::default(), field);
    window.frame(snapshot, &Scene::default(), vec![Event::Text(text.to_owned())]);
    window.settle(snapshot, &Scene::default());
}

fn ordered(window: &Window) -> Vec<ProcedureCommand> {
    let commands = window.commands().into_iter();
    commands
        .filter_map(|command| match command {
            Command::Procedure(command) => Some(command.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn from_the_inspector_a_procedure_is_opened_and_begun_by_name() {
    let mut snapshot = offered();
    snapshot.run = None;
    select(&mut snapshot, PartRow(1));
    let mut window = Window::new([1920.0, 4000.0]);
    window.settle(&snapshot, &Scene::default());
    window.press_on(&snapshot, &Scene::default(), "Oil filter change");
    window.at("Two persons.");
    window.press_on(&snapshot, &Scene::default(), "Begin");
    assert_eq!(ordered(&window), [], "nobody has said who begins");
    typed(&mut window, &snapshot, "Your name", "N. N.");
    window.press_on(&snapshot, &Scene::default(), "Begin");
    let expected = ProcedureCommand::Start { asset: AssetRow(0), procedure: "oil".to_owned(), by: "N. N.".to_owned() };
    assert_eq!(ordered(&window), [expected]);
}

#[test]
fn what_was_broken_off_is_gone_on_with_or_begun_anew() {
    let mut snapshot = offered();
    snapshot.run = None;
    let unfinished = Arc::new(Unfinished {
        site: snapshot.site.id.clone(),
        asset: snapshot.site.assets[0].id.clone(),
        procedure: "oil".to_owned(),
        sha256: String::new(),
        run: "1-0".to_owned(),
        by: "A. B.".to_owned(),
        started_ms: NOW.wall_ms,
        at: 1,
        of: 2,
        record: Arc::default(),
    });
    let records = RecordPlace { unfinished: vec![Arc::clone(&unfinished)], ..RecordPlace::default() };
    let scene = Scene { records, ..Scene::default() };
    let mut window = window(&snapshot);
    window.settle(&snapshot, &scene);
    window.at("Begun ");
    window.at("Begin anew");
    window.press_on(&snapshot, &scene, "Go on");
    assert_eq!(ordered(&window), [ProcedureCommand::Resume { unfinished, by: "N. N.".to_owned() }]);
}

#[test]
fn read_only_begins_nothing() {
    let mut snapshot = offered();
    snapshot.run = None;
    let mut window = window(&snapshot);
    window.settle(&snapshot, &Scene { read_only: true, ..Scene::default() });
    window.at("Read only: no procedure is begun");
    assert!(!window.says("Begin"));
}

#[test]
fn what_is_offered_is_confirmed_with_its_note() {
    let snapshot = offered();
    let mut window = window(&snapshot);
    for said in ["Step 1 of 2 · ", "1. Stop it", "Stop it well.", "Offered: ", "Screws M12: 65 N·m", "2. Clean it"] {
        window.at(said);
    }
    typed(&mut window, &snapshot, "Note", "bucket below");
    window.press_on(&snapshot, &Scene::default(), "Done");
    let (by, note) = ("N. N.".to_owned(), "bucket below".to_owned());
    assert_eq!(ordered(&window), [ProcedureCommand::Confirm { step: 0, by, note }]);
}

#[test]
fn what_is_withdrawn_says_so_and_is_not_confirmed() {
    let why = "not known: rotor.speed is stale, heard 40 s ago";
    let condition = |holds| ConditionStatus {
        text: "rotor.speed < 0.2".to_owned(),
        holds,
        unknown: !holds,
        why: if holds { String::new() } else { why.to_owned() },
        held_ms: None,
        for_ms: 0,
    };
    let snapshot = running(StepState::Withdrawn(NOW.wall_ms), condition(false), condition(true));
    let mut window = window(&snapshot);
    window.at("Withdrawn: since ");
    window.at("rotor.speed < 0.2: not known: rotor.speed is stale");
    window.press_on(&snapshot, &Scene::default(), "Done");
    assert_eq!(ordered(&window), []);
}

#[test]
fn a_procedure_is_stopped_with_a_reason_only() {
    let snapshot = offered();
    let mut window = window(&snapshot);
    assert!(!window.says("Skip…"), "this step may not be left out");
    window.press_on(&snapshot, &Scene::default(), "Stop…");
    window.press_on(&snapshot, &Scene::default(), "Stop the procedure");
    assert_eq!(ordered(&window), []);
    typed(&mut window, &snapshot, "Reason", "thunderstorm");
    window.press_on(&snapshot, &Scene::default(), "Stop the procedure");
    let (by, reason) = ("N. N.".to_owned(), "thunderstorm".to_owned());
    assert_eq!(ordered(&window), [ProcedureCommand::Stop { by, reason }]);
}

#[test]
fn a_part_out_of_sight_has_an_arrow_and_nothing_panics_on_odd_ways() {
    let snapshot = offered();
    let mut window = window(&snapshot);
    for towards in [[1.0, 0.0], [0.0, -1.0], [-0.7, 0.7], [f32::NAN, 0.0], [0.0, 0.0], [f32::INFINITY, 1.0]] {
        for seen in [None, Some([700.0, 400.0]), Some([f32::NAN, 1e30])] {
            let lead = Some(Lead { part: PartRow(1), seen, towards, distance_m: f32::NAN });
            window.settle(&snapshot, &Scene { lead, ..Scene::default() });
        }
    }
}

#[test]
fn p_opens_the_panel_and_escape_closes_it() {
    let snapshot = offered();
    let mut window = Window::new([1280.0, 720.0]);
    window.settle(&snapshot, &Scene::default());
    window.press(&snapshot, Key::P, Modifiers::NONE);
    window.settle(&snapshot, &Scene::default());
    window.at("1. Stop it");
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    window.settle(&snapshot, &Scene::default());
    assert!(!window.says("1. Stop it"));
}

#[test]
fn a_document_is_read_over_the_scene_and_closed_with_escape() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1280.0, 720.0]);
    let text = "# Plan\n\nDo *this*.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![A valve](valve.png) ![x](https://example.org/x.png)\n";
    let paper = Paper { title: "Oil plan".to_owned(), file: "../docs/plan.md".to_owned(), body: None };
    window.state.papers.open = Some(paper.clone());
    window.settle(&snapshot, &Scene::default());
    window.at("Reading the document");
    window.state.papers.open = Some(Paper { body: Some(Ok(Arc::new(markdown(text)))), ..paper.clone() });
    window.settle(&snapshot, &Scene::default());
    for said in ["Plan", "Do this.", "a, b", "1, 2", "x (only pictures beside the document are shown)"] {
        window.at(said);
    }
    assert_eq!(crate::ui::wanted_pictures(&window.ctx), ["../docs/valve.png"]);
    assert!(crate::ui::wanted_pictures(&window.ctx).is_empty(), "each is asked for once");
    crate::ui::deliver_picture(&window.ctx, "../docs/valve.png", Err("it is no picture".to_owned()));
    window.settle(&snapshot, &Scene::default());
    window.at("A valve (it is no picture)");
    let pixels = egui::ColorImage::filled([4, 2], egui::Color32::WHITE);
    crate::ui::deliver_picture(&window.ctx, "../docs/valve.png", Ok(pixels));
    window.settle(&snapshot, &Scene::default());
    window.at("A valve");
    assert!(!window.says("A valve (it is no picture)"));
    window.press(&snapshot, Key::Escape, Modifiers::NONE);
    assert_eq!(window.state.papers.open, None);
    window.state.papers.open = Some(Paper { body: Some(Err("it is not UTF-8".to_owned())), ..paper });
    window.settle(&snapshot, &Scene::default());
    window.at("The document cannot be read: it is not UTF-8");
}

#[test]
fn another_kind_of_file_is_opened_by_the_system_only_after_a_question() {
    let snapshot = fixture::turbine();
    let mut window = Window::new([1280.0, 720.0]);
    window.state.papers.ask = Some("../docs/oil-plan.pdf".to_owned());
    window.settle(&snapshot, &Scene::default());
    window.at("Open oil-plan.pdf with the system's viewer?");
    window.press_on(&snapshot, &Scene::default(), "Not now");
    assert_eq!((window.state.papers.ask.clone(), window.actions.len()), (None, 0));
    window.state.papers.ask = Some("../docs/oil-plan.pdf".to_owned());
    window.settle(&snapshot, &Scene::default());
    window.press_on(&snapshot, &Scene::default(), "Open");
    let open = UiAction::OpenWithSystem { file: "../docs/oil-plan.pdf".to_owned() };
    assert!(window.actions.contains(&open), "{:?}", window.actions);
}
