//! The procedure panel in words.

use std::path::PathBuf;
use std::sync::Arc;

use twinscope_twin::command::{Command, LoggedCommand, ProcedureCommand};
use twinscope_twin::procedure::{
    ConditionStatus, Procedure, RunEnd, RunStatus, Step, StepState, StepStatus, Unfinished,
};
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::site::{AssetRow, PartRow, SignalRow};
use twinscope_twin::snapshot::Snapshot;

use super::fixture::{self, NOW};
use crate::view::look::Look;
use crate::view::procedure::{Page, RecordPlace, RunView, Stand, part_at_hand, procedure_view};
use crate::view::{Scene, UiState};

/// Two steps at the first two parts: one that needs its condition and a person, one that may be left out.
pub fn procedure() -> Procedure {
    let step = |title: &str| Step { title: title.to_owned(), text: format!("{title} *well*."), ..Step::default() };
    Procedure {
        id: "oil".to_owned(),
        title: "Oil filter change".to_owned(),
        file: "../../procedures/oil.md".to_owned(),
        intro: "Two **persons**.".to_owned(),
        steps: vec![
            Step {
                values: vec![("Screws M12".to_owned(), "65 N·m".to_owned())],
                done: Some(Default::default()),
                confirm: true,
                simulate: Some(("oil-pump".to_owned(), false)),
                ..step("Stop it")
            },
            Step { skip: true, ..step("Clean it") },
        ],
        ..Procedure::default()
    }
}

fn condition(holds: bool, held_ms: Option<u64>, why: &str) -> ConditionStatus {
    ConditionStatus {
        text: "rotor.speed < 0.2 for 30 s".to_owned(),
        holds,
        unknown: why.starts_with("not known"),
        why: why.to_owned(),
        held_ms,
        for_ms: 30_000,
    }
}

/// The turbine with a run whose first step stands like this.
pub fn running(state: StepState, interlock: ConditionStatus, done: ConditionStatus) -> Snapshot {
    let mut snapshot = fixture::turbine();
    let procedure = Arc::new(procedure());
    let mut site = snapshot.site.as_ref().clone();
    site.procedures.push((AssetRow(0), Arc::clone(&procedure)));
    snapshot.site = Arc::new(site);
    let step = |part, state, interlock, done| StepStatus {
        part: PartRow(part),
        state,
        interlock,
        done,
        signals: vec![SignalRow(0)],
    };
    snapshot.run = Some(Arc::new(RunStatus {
        run: "1764000000000-0".to_owned(),
        asset: AssetRow(0),
        procedure,
        by: "N. N.".to_owned(),
        at: 0,
        steps: vec![step(1, state, Some(interlock), Some(done)), step(2, StepState::Ahead, None, None)],
        end: None,
        file: "site/wt-01/oil/1764000000000-0.json".to_owned(),
    }));
    snapshot
}

/// The first step is offered, and its condition holds.
pub fn offered() -> Snapshot {
    running(StepState::Offered(NOW.wall_ms), condition(true, Some(40_000), ""), condition(true, Some(40_000), ""))
}

fn open() -> UiState {
    let mut ui = UiState::default();
    ui.procedure.open = true;
    ui
}

fn page(snapshot: &Snapshot, scene: &Scene) -> Page {
    procedure_view(&Look::new(snapshot, scene, &open())).unwrap().page
}

fn run(snapshot: &Snapshot) -> Box<RunView> {
    match page(snapshot, &Scene::default()) {
        Page::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_step_that_is_offered_says_so_and_can_be_confirmed() {
    let step = run(&offered()).step.unwrap();
    assert_eq!((step.stand, step.said.0, step.confirm), (Stand::Offered, "Offered", Some(Ok(()))));
    assert_eq!(step.values, [("Screws M12".to_owned(), "65 N·m".to_owned())]);
    assert_eq!(
        step.conditions.iter().map(|c| (c.what, c.holds)).collect::<Vec<_>>(),
        [("Offered while", true), ("Done when", true)]
    );
    assert!(!step.skip);
}

#[test]
fn what_is_withdrawn_says_why_and_cannot_be_confirmed() {
    let why = "not known: rotor.speed is stale, heard 40 s ago";
    let snapshot = running(StepState::Withdrawn(NOW.wall_ms), condition(false, None, why), condition(false, None, why));
    let step = run(&snapshot).step.unwrap();
    assert_eq!((step.stand, step.confirm), (Stand::Withdrawn, Some(Err("not offered"))));
    assert!(step.said.1.ends_with(why), "{:?}", step.said);
    assert!(step.conditions[0].unknown);
}

#[test]
fn a_condition_whose_time_runs_has_a_fraction_and_keeps_the_step_from_being_confirmed() {
    let snapshot = running(
        StepState::Offered(NOW.wall_ms),
        condition(true, Some(31_000), ""),
        condition(false, Some(12_000), "holds for 12 s of 30 s"),
    );
    let step = run(&snapshot).step.unwrap();
    assert_eq!(step.confirm, Some(Err("its condition does not hold")));
    assert_eq!((step.conditions[0].fraction, step.conditions[1].fraction), (None, Some(0.4)));
    assert_eq!(step.conditions[1].said, "holds for 12 s of 30 s");
}

#[test]
fn the_simulators_switch_is_offered_at_a_simulated_asset_only() {
    let simulate = |simulated: bool| {
        let mut snapshot = offered();
        let mut site = snapshot.site.as_ref().clone();
        site.sources[0].simulated = simulated;
        snapshot.site = Arc::new(site);
        run(&snapshot).step.unwrap().simulate
    };
    let command = Command::Operate { asset: AssetRow(0), switch: "oil-pump".to_owned(), on: false };
    assert_eq!(simulate(true), Some(("Simulate: oil pump off".to_owned(), command)));
    assert_eq!(simulate(false), None);
}

#[test]
fn a_record_is_said_to_be_there_only_when_it_is() {
    let snapshot = offered();
    let file = snapshot.run.as_ref().unwrap().file.clone();
    let told = |last| {
        let scene = Scene {
            records: RecordPlace { folder: "/state".into(), last, ..RecordPlace::default() },
            ..Scene::default()
        };
        match page(&snapshot, &scene) {
            Page::Run(run) => (run.record, run.record_failed),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(told(None), ("The record is being written.".to_owned(), false));
    let other = Some(("another.json".to_owned(), Ok(PathBuf::from("/state/another.json"))));
    assert_eq!(told(other), ("The record is being written.".to_owned(), false));
    assert_eq!(told(Some((file.clone(), Ok("/state/r.json".into())))), ("Record: /state/r.json".to_owned(), false));
    let failed = told(Some((file, Err("no space left".to_owned()))));
    assert_eq!(failed, ("The record is not kept as a file: no space left".to_owned(), true));
}

#[test]
fn one_procedure_is_shown_before_it_begins_and_the_end_is_put_away() {
    let mut snapshot = offered();
    let ended = RunStatus {
        end: Some(RunEnd::Stopped(NOW.wall_ms, "rain".to_owned())),
        ..snapshot.run.as_ref().unwrap().as_ref().clone()
    };
    snapshot.run = Some(Arc::new(ended));
    let run = run(&snapshot);
    assert!(run.step.is_none());
    assert!(
        run.end.as_ref().is_some_and(|(heading, why)| heading == "Stopped at step 1 of 2" && why.ends_with("rain")),
        "{:?}",
        run.end
    );
    let mut ui = open();
    ui.procedure.put_away = Some("1764000000000-0".to_owned());
    match procedure_view(&Look::new(&snapshot, &Scene::default(), &ui)).unwrap().page {
        Page::Before(before) => assert_eq!((before.title.as_str(), before.id.as_str()), ("Oil filter change", "oil")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_broken_off_says_who_began_it_and_where_it_stands() {
    let mut snapshot = offered();
    snapshot.run = None;
    let run = |run: &str, sha256: &str, procedure: &str, at| Unfinished {
        site: snapshot.site.id.clone(),
        asset: snapshot.site.assets[0].id.clone(),
        procedure: procedure.to_owned(),
        sha256: sha256.to_owned(),
        run: run.to_owned(),
        by: "A. B.".to_owned(),
        started_ms: NOW.wall_ms,
        at,
        of: 2,
        record: Arc::default(),
    };
    let unfinished = [run("1-0", "another text", "oil", 0), run("2-0", "", "oil", 1), run("3-0", "", "gas", 0)]
        .map(Arc::new)
        .to_vec();
    let scene = Scene { records: RecordPlace { unfinished, ..RecordPlace::default() }, ..Scene::default() };
    let Page::Before(before) = page(&snapshot, &scene) else { panic!("not before it begins") };
    let (run, said) = before.unfinished.unwrap();
    assert_eq!(run.run, "2-0");
    assert!(
        said.starts_with("Begun ") && said.ends_with("by A. B., and broken off: step 2 of 2 is at hand."),
        "{said}"
    );
}

#[test]
fn a_refusal_of_an_order_is_told_until_the_next() {
    let mut snapshot = offered();
    let told =
        |snapshot: &Snapshot| procedure_view(&Look::new(snapshot, &Scene::default(), &open())).unwrap().last_refusal;
    let stop = Command::Procedure(ProcedureCommand::Stop { by: "N. N.".to_owned(), reason: "rain".to_owned() });
    let refused = Some("the procedure has ended".to_owned());
    snapshot.commands.push(LoggedCommand { at_ms: 0, command: stop, refused: refused.clone() });
    assert_eq!(told(&snapshot).as_deref(), Some("The procedure has ended"));
    snapshot.commands.push(LoggedCommand { at_ms: 0, command: Command::Select(None), refused });
    assert_eq!(told(&snapshot), None);
}

#[test]
fn the_window_leads_to_each_step_once() {
    let snapshot = offered();
    let mut ui = open();
    ui.procedure.note = "for the step before".to_owned();
    assert_eq!(part_at_hand(&snapshot), Some(PartRow(1)));
    assert_eq!(ui.procedure.lead_to(&snapshot), Some(PartRow(1)));
    assert_eq!((ui.procedure.lead_to(&snapshot), ui.procedure.note.as_str()), (None, ""));
}

#[test]
fn what_a_step_measures_has_its_age_and_its_quality() {
    let mut snapshot = offered();
    fixture::heard(&mut snapshot, SignalRow(0), 1.25, Quality::Stale, QualityReason::TooOld, 40_000);
    let (_, value, age, mark) = run(&snapshot).step.unwrap().signals.remove(0);
    assert!(value.contains("1."), "{value}");
    assert_eq!((age.as_str(), mark.is_some()), ("40 s ago", true));
}
