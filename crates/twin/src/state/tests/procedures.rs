//! A procedure as it is worked through: offered, withdrawn, confirmed, left out, and what is written down of it.

use std::sync::Arc;

use serde_json::Value as Json;

use super::fixture::{START_MS, Twin, site};
use crate::command::{Command, ProcedureCommand};
use crate::procedure::{Condition, Procedure, RunEnd, RunStatus, Step, StepState, Unfinished};
use crate::site::{AssetRow, SourceRow};
use crate::state::{Changes, Options, RawMessage};
use crate::time::Now;

fn condition(text: &str) -> Option<Condition> {
    Some(Condition::parse(text).unwrap())
}

fn step(title: &str, part: &str) -> Step {
    Step { title: title.to_owned(), part: part.to_owned(), ..Step::default() }
}

/// Stop the rotor, wait until it stands, confirm the pressure, and one that may be left out.
fn procedure() -> Procedure {
    let steps = vec![
        Step { done: condition("speed < 0.2 for 30 s"), ..step("Stop", "rotor") },
        Step {
            interlock: condition("rotor.speed < 0.2 for 5 s"),
            show: vec!["oil.bar".to_owned()],
            ..step("Open", "oil")
        },
        Step {
            interlock: condition("rotor.speed < 0.2"),
            done: condition("half < 0.5"),
            confirm: true,
            ..step("Check", "oil")
        },
        Step { skip: true, ..step("Clean", "oil") },
    ];
    Procedure { id: "oil".to_owned(), title: "Oil".to_owned(), sha256: "ab".to_owned(), steps, ..Procedure::default() }
}

fn turbine(options: Options) -> Twin {
    site()
        .part("rotor")
        .signal("speed", "rotor")
        .part("oil")
        .signal("bar", "oil")
        .derived("half", "bar / 2.0")
        .edit(|site| site.procedures.push((AssetRow(0), Arc::new(procedure()))))
        .twin_with(options)
}

fn order(twin: &mut Twin, command: ProcedureCommand) -> Result<Changes, String> {
    let changes = twin.command(Command::Procedure(command));
    match twin.state.log().last().and_then(|entry| entry.refused.clone()) {
        None => Ok(changes),
        Some(reason) => Err(reason),
    }
}

fn start(twin: &mut Twin) -> Changes {
    order(twin, ProcedureCommand::Start { asset: AssetRow(0), procedure: "oil".to_owned(), by: "N. N.".to_owned() })
        .unwrap()
}

fn confirm(twin: &mut Twin, step: usize) -> Result<Changes, String> {
    order(twin, ProcedureCommand::Confirm { step, by: "N. N.".to_owned(), note: String::new() })
}

fn run(twin: &Twin) -> Arc<RunStatus> {
    twin.snapshot().run.unwrap()
}

fn state(twin: &Twin, step: usize) -> StepState {
    run(twin).steps[step].state.clone()
}

/// The speed and the pressure every second for so long.
fn turn(twin: &mut Twin, speed: f64, seconds: u32) {
    for _ in 0..seconds {
        twin.measure("rotor", "speed", speed);
        twin.measure("oil", "bar", 3.0);
        twin.wait(1_000);
    }
}

/// A run at its second step, which is offered.
fn stopped() -> Twin {
    let mut twin = turbine(Options::default());
    start(&mut twin);
    turn(&mut twin, 0.1, 31);
    assert!(matches!(state(&twin, 1), StepState::Offered(_)));
    twin
}

#[test]
fn a_step_is_done_once_its_condition_held_for_so_long() {
    let mut twin = turbine(Options::default());
    start(&mut twin);
    turn(&mut twin, 12.0, 3);
    let told = run(&twin).steps[0].done.clone().unwrap();
    assert_eq!((told.holds, told.held_ms, told.why.as_str()), (false, None, "rotor.speed is 12.0"));
    turn(&mut twin, 0.1, 29);
    assert!(matches!(state(&twin, 0), StepState::Offered(_)));
    assert_eq!(run(&twin).steps[0].done.clone().unwrap().held_ms, Some(29_000));
    turn(&mut twin, 0.1, 1);
    assert!(matches!(state(&twin, 0), StepState::Met(_)));
    // It held for longer than the next one asks for.
    assert!(matches!(state(&twin, 1), StepState::Offered(_)));
}

#[test]
fn one_message_of_a_batch_that_breaks_a_condition_begins_its_time_anew() {
    let mut twin = turbine(Options::default());
    start(&mut twin);
    turn(&mut twin, 0.1, 29);
    let payload = |speed: f64, t: i64| format!(r#"{{"speed":{speed},"t":{}}}"#, START_MS + t);
    twin.hear_all("rotor", &[&payload(0.1, 30_001), &payload(0.3, 30_002), &payload(0.1, 30_003)]);
    twin.wait(2_000);
    assert!(matches!(state(&twin, 0), StepState::Offered(_)));
    assert_eq!(run(&twin).steps[0].done.clone().unwrap().held_ms, Some(2_000));
}

#[test]
fn a_derived_signal_is_judged_with_every_message_of_a_batch() {
    let mut twin = stopped();
    confirm(&mut twin, 1).unwrap();
    let payload = |bar: f64, t: i64| format!(r#"{{"bar":{bar},"t":{}}}"#, START_MS + t);
    twin.hear_all("oil", &[&payload(0.1, 40_000), &payload(3.0, 40_001), &payload(0.2, 40_002)]);
    twin.wait(1_000);
    assert_eq!(run(&twin).steps[2].done.clone().unwrap().held_ms, Some(1_000));
}

#[test]
fn a_step_is_withdrawn_when_its_interlock_no_longer_holds_and_cannot_be_confirmed() {
    let mut twin = stopped();
    twin.measure("rotor", "speed", 0.4);
    assert!(matches!(state(&twin, 1), StepState::Withdrawn(_)));
    let refused = confirm(&mut twin, 1).unwrap_err();
    assert_eq!(refused, "step 2 is not offered: rotor.speed is 0.4");
    turn(&mut twin, 0.1, 4);
    assert!(matches!(state(&twin, 1), StepState::Withdrawn(_)), "the fifth second is not over");
    turn(&mut twin, 0.1, 1);
    assert!(matches!(state(&twin, 1), StepState::Offered(_)));
    confirm(&mut twin, 1).unwrap();
    assert!(matches!(state(&twin, 1), StepState::Confirmed(..)));
}

#[test]
fn a_signal_that_falls_silent_withdraws_the_step_and_says_so() {
    let mut twin = stopped();
    twin.wait(40_000);
    assert!(matches!(state(&twin, 1), StepState::Withdrawn(_)));
    let told = run(&twin).steps[1].interlock.clone().unwrap();
    assert_eq!((told.unknown, told.why.as_str()), (true, "not known: rotor.speed is stale, heard 41 s ago"));
    assert!(confirm(&mut twin, 1).unwrap_err().contains("is stale"));
}

#[test]
fn a_message_from_before_the_last_tick_does_not_turn_time_back() {
    let mut twin = turbine(Options::default());
    start(&mut twin);
    turn(&mut twin, 0.1, 30);
    assert!(matches!(state(&twin, 1), StepState::Offered(_)));
    twin.measure("rotor", "speed", 5.0);
    twin.measure("rotor", "speed", 0.1);
    twin.wait(5_000);
    assert!(matches!(state(&twin, 1), StepState::Offered(_)), "exactly five seconds");
    // It was received before the tick that offered the step, and only now gets here.
    let before = Now { wall_ms: twin.now.wall_ms - 1, mono_ms: twin.now.mono_ms - 1 };
    let payload = format!(r#"{{"speed":0.1,"t":{}}}"#, twin.now.wall_ms);
    let message = RawMessage { received: before, ..twin.message(b"rotor", payload.as_bytes()) };
    twin.state.messages(SourceRow(0), [message], twin.now);
    let events = twin.snapshot().run.map(|run| run.steps[1].state.clone());
    assert!(matches!(events, Some(StepState::Offered(at)) if at == twin.now.wall_ms), "{events:?}");
}

#[test]
fn a_lost_connection_withdraws_the_step_at_once() {
    let mut twin = stopped();
    twin.lose_link();
    assert!(matches!(state(&twin, 1), StepState::Withdrawn(_)));
}

#[test]
fn staleness_is_known_when_a_step_is_confirmed_though_no_tick_has_passed() {
    let mut twin = stopped();
    twin.now = twin.now.plus_ms(60_000);
    assert!(confirm(&mut twin, 1).unwrap_err().contains("is stale"));
}

#[test]
fn what_a_person_confirms_needs_its_condition_too() {
    let mut twin = stopped();
    confirm(&mut twin, 1).unwrap();
    let refused = confirm(&mut twin, 2).unwrap_err();
    assert_eq!(refused, "step 3 is not done: it needs `half < 0.5`; oil.half is 1.5");
    twin.measure("oil", "bar", 0.1);
    assert!(matches!(state(&twin, 2), StepState::Offered(_)), "a person must say so");
    confirm(&mut twin, 2).unwrap();
}

#[test]
fn steps_come_in_order_and_a_second_press_does_not_confirm_the_next() {
    let mut twin = stopped();
    assert_eq!(confirm(&mut twin, 2).unwrap_err(), "step 3 is not at hand; step 2 is");
    confirm(&mut twin, 1).unwrap();
    assert_eq!(confirm(&mut twin, 1).unwrap_err(), "step 2 is not at hand; step 3 is");
}

#[test]
fn a_step_is_left_out_with_a_reason_and_only_where_that_is_allowed() {
    let mut twin = stopped();
    let skip = |step, reason: &str| ProcedureCommand::Skip { step, by: "N. N.".to_owned(), reason: reason.to_owned() };
    assert!(order(&mut twin, skip(1, "no time")).unwrap_err().contains("may not be left out"));
    confirm(&mut twin, 1).unwrap();
    twin.measure("oil", "bar", 0.1);
    confirm(&mut twin, 2).unwrap();
    assert_eq!(order(&mut twin, skip(3, " ")).unwrap_err(), "say why: the record needs a reason");
    order(&mut twin, skip(3, "it is clean")).unwrap();
    assert!(matches!(run(&twin).end, Some(RunEnd::Finished(_))));
    assert_eq!(confirm(&mut twin, 3).unwrap_err(), "the procedure has ended");
}

#[test]
fn one_procedure_is_open_at_a_time_and_needs_a_name() {
    let mut twin = turbine(Options::default());
    let begin = |by: &str, id: &str| ProcedureCommand::Start {
        asset: AssetRow(0),
        procedure: id.to_owned(),
        by: by.to_owned(),
    };
    assert!(order(&mut twin, begin(" ", "oil")).unwrap_err().starts_with("say who you are"));
    assert!(order(&mut twin, begin("N. N.", "gas")).unwrap_err().contains("no such procedure"));
    start(&mut twin);
    assert!(order(&mut twin, begin("N. N.", "oil")).unwrap_err().contains("finish it or stop it first"));
    order(&mut twin, ProcedureCommand::Stop { by: "N. N.".to_owned(), reason: "rain".to_owned() }).unwrap();
    assert_eq!(run(&twin).end, Some(RunEnd::Stopped(START_MS, "rain".to_owned())));
    order(&mut twin, begin("N. N.", "oil")).unwrap();
}

#[test]
fn nothing_begins_when_read_only() {
    let mut twin = turbine(Options { read_only: true, ..Options::default() });
    let refused = order(
        &mut twin,
        ProcedureCommand::Start { asset: AssetRow(0), procedure: "oil".to_owned(), by: "N. N.".to_owned() },
    );
    assert_eq!(refused.unwrap_err(), "read-only: nothing is sent");
    assert!(twin.snapshot().run.is_none());
}

fn record(changes: &Changes) -> Json {
    let json: Json = serde_json::from_slice(&changes.kept.as_ref().unwrap().json).unwrap();
    let sent: Json = serde_json::from_slice(&changes.outgoing[0].payload).unwrap();
    assert_eq!(json, sent, "the file is what is sent");
    json
}

#[test]
fn the_record_says_who_did_what_when_and_what_was_measured() {
    let mut twin = turbine(Options::default());
    let begun = start(&mut twin);
    let run_id = format!("{START_MS}-0");
    assert_eq!(begun.kept.as_ref().unwrap().file, format!("north-ridge/wt-01/oil/{run_id}.json"));
    let outgoing = &begun.outgoing[0];
    assert_eq!(outgoing.topic, format!("twinscope/v1/north-ridge/wt-01/procedure/oil/{run_id}"));
    assert!(outgoing.retain);
    turn(&mut twin, 0.1, 31);
    twin.measure("rotor", "speed", 5.0);
    twin.measure("rotor", "speed", 0.05);
    twin.wait(6_000);
    let at = twin.now.wall_ms;
    let note = "bucket below".to_owned();
    let changes = order(&mut twin, ProcedureCommand::Confirm { step: 1, by: "A. B.".to_owned(), note }).unwrap();
    let json = record(&changes);
    assert_eq!(
        (&json["site"], &json["asset"], &json["procedure"], &json["sha256"], &json["run"], &json["by"], &json["state"]),
        (
            &"north-ridge".into(),
            &"wt-01".into(),
            &"oil".into(),
            &"ab".into(),
            &run_id.into(),
            &"N. N.".into(),
            &"running".into()
        )
    );
    assert_eq!((&json["simulated"], &json["started_at"]), (&true.into(), &START_MS.into()));
    assert_eq!(
        (&json["steps"][0]["state"], &json["steps"][0]["condition"]),
        (&"done".into(), &"speed < 0.2 for 30 s".into())
    );
    assert_eq!(json["steps"][0]["by"], Json::Null, "nobody said so");
    let second = &json["steps"][1];
    assert_eq!((&second["by"], &second["note"], &second["at"]), (&"A. B.".into(), &"bucket below".into(), &at.into()));
    let speed = &second["values"][0];
    assert_eq!(
        (&speed["signal"], &speed["value"], &speed["quality"]),
        (&"rotor.speed".into(), &0.05.into(), &"good".into())
    );
    assert_eq!(second["values"][1]["signal"], "oil.bar", "it is shown, and so it is written down");
    let what: Vec<_> = json["events"].as_array().unwrap().iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["started", "offered", "done", "offered", "withdrawn", "offered", "done", "offered"]);
    assert_eq!(json["events"][4]["why"], "rotor.speed is 5.0");
}

/// The record of a run that was broken off at its third step: the first done by its condition, the second by A. B.
fn broken_off() -> Unfinished {
    let mut twin = stopped();
    let note = "bucket below".to_owned();
    let changes = order(&mut twin, ProcedureCommand::Confirm { step: 1, by: "A. B.".to_owned(), note }).unwrap();
    Unfinished::read(&changes.kept.unwrap().json).unwrap().unwrap()
}

fn resume(twin: &mut Twin, unfinished: Unfinished) -> Result<Changes, String> {
    order(twin, ProcedureCommand::Resume { unfinished: Arc::new(unfinished), by: "C. D.".to_owned() })
}

#[test]
fn a_run_that_was_broken_off_goes_on_at_its_step_once_that_is_offered_again() {
    let mut twin = turbine(Options::default());
    let resumed = resume(&mut twin, broken_off()).unwrap();
    assert!(matches!(state(&twin, 0), StepState::Met(at) if at > START_MS));
    assert!(matches!(state(&twin, 1), StepState::Confirmed(_, note) if note == "bucket below"));
    assert_eq!(state(&twin, 2), StepState::Waiting, "what held then is not known to hold now");
    assert!(confirm(&mut twin, 2).unwrap_err().contains("not offered"));
    assert_eq!(resumed.kept.unwrap().file, format!("north-ridge/wt-01/oil/{START_MS}-0.json"), "it is the same record");
    turn(&mut twin, 0.1, 1);
    twin.measure("oil", "bar", 0.1);
    confirm(&mut twin, 2).unwrap();
}

#[test]
fn the_record_of_a_run_that_goes_on_has_all_of_it() {
    let mut twin = turbine(Options::default());
    let unfinished = broken_off();
    let before: Json = serde_json::from_slice(&unfinished.record).unwrap();
    let json = record(&resume(&mut twin, unfinished).unwrap());
    for key in
        ["site", "asset", "procedure", "title", "sha256", "run", "by", "started_at", "simulated", "state", "steps"]
    {
        assert_eq!(json[key], before[key], "{key}");
    }
    let (mut events, told) = (json["events"].as_array().unwrap().clone(), before["events"].as_array().unwrap());
    let resumed = events.pop().unwrap();
    assert_eq!(&events, told);
    assert_eq!((&resumed["what"], &resumed["by"], &resumed["step"]), (&"resumed".into(), &"C. D.".into(), &3.into()));
}

#[test]
fn a_run_does_not_go_on_with_another_text_at_another_site_or_beside_an_open_one() {
    let refused = |change: &dyn Fn(&mut Unfinished)| {
        let (mut twin, mut unfinished) = (turbine(Options::default()), broken_off());
        change(&mut unfinished);
        resume(&mut twin, unfinished).unwrap_err()
    };
    assert!(refused(&|run| run.sha256 = "cd".to_owned()).contains("another one now"));
    assert_eq!(refused(&|run| run.site = "south-ridge".to_owned()), "it is of another site");
    assert_eq!(refused(&|run| run.asset = "wt-99".to_owned()), "it is of another site");
    assert!(refused(&|run| run.record = (*br#"{"simulated":true}"#).into()).contains("damaged"));
    assert_eq!(refused(&|run| run.record = (*b"{}").into()), "it was begun at a real machine: begin anew");
    let events = |run: &mut Unfinished| {
        let mut json: Json = serde_json::from_slice(&run.record).unwrap();
        json["events"] = vec![Json::Null; 2_001].into();
        run.record = serde_json::to_vec(&json).unwrap().into();
    };
    assert!(refused(&events).contains("damaged"));
    let mut twin = turbine(Options::default());
    start(&mut twin);
    assert!(resume(&mut twin, broken_off()).unwrap_err().contains("finish it or stop it first"));
}

#[test]
fn what_comes_and_goes_with_telemetry_is_sent_once_a_second_and_not_without_end() {
    let mut twin = stopped();
    let mut sent = 0;
    for _ in 0..500 {
        for speed in [5.0, 0.1] {
            sent += twin.measure("rotor", "speed", speed).outgoing.len();
            twin.now = twin.now.plus_ms(100);
            sent += twin.state.tick(twin.now).outgoing.len();
        }
    }
    assert!(sent <= 101, "in 100 s: {sent}");
    let changes =
        order(&mut twin, ProcedureCommand::Stop { by: "N. N.".to_owned(), reason: "it flickers".to_owned() }).unwrap();
    let json = record(&changes);
    assert!(json["events"].as_array().unwrap().len() <= 410);
    assert_eq!((&json["state"], &json["reason"]), (&"stopped".into(), &"it flickers".into()));
}

#[test]
fn an_id_that_a_topic_of_records_would_swallow_is_refused_where_types_are_read() {
    let text = "schema = 1\nid = \"t\"\nmodel = \"m.glb\"\n[[procedure]]\nid = \"inspection\"\ntitle = \"I\"\nfile = \"i.md\"\n";
    let (_, problems) = crate::site::parse_type(text, "t.toml");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("cannot be called \"inspection\""), "{problems:?}");
}
