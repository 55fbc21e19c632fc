//! The procedure panel: what can be done at an asset step by step, the step at hand with what it waits for, and how it
//! ended. No rule of the run is in here: `twinscope_twin::procedure` has them.

use std::path::PathBuf;
use std::sync::Arc;

use twinscope_twin::command::{Command, ProcedureCommand};
use twinscope_twin::procedure::{ConditionStatus, Procedure, RunEnd, RunStatus, StepState, StepStatus, Unfinished};
use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::look::{self, Look};
use super::markdown::{Markdown, markdown};
use super::theme::Mark;
use super::words;

/// What the window remembers of procedures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcedureUi {
    /// The panel is open, in the place of the inspector.
    pub open: bool,
    /// The procedure that is looked at before it begins: asset and id.
    pub chosen: Option<(AssetRow, String)>,
    /// Who the person is.
    pub by: String,
    /// What is noted with the step at hand.
    pub note: String,
    /// A reason is asked for.
    pub asking: Option<Asking>,
    /// The run that a person has put away after its end.
    pub put_away: Option<String>,
    /// The step that the window has led to: run and index.
    pub led: Option<(String, usize)>,
}

/// What a reason is asked for, and what is typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// The step that is left out; `None`: the procedure is stopped.
    pub step: Option<usize>,
    /// The reason.
    pub reason: String,
}

/// Where the record of the run is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordPlace {
    /// The folder of all records.
    pub folder: PathBuf,
    /// The last file that was written, relative to it, and how that went.
    pub last: Option<(String, Result<PathBuf, String>)>,
    /// Runs that were broken off before this session.
    pub unfinished: Vec<Arc<Unfinished>>,
}

/// Where the part of the step at hand is, as the camera sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lead {
    /// The part.
    pub part: PartRow,
    /// egui points from the upper left of the window, if it is in sight.
    pub seen: Option<[f32; 2]>,
    /// Which way it is on screen otherwise: right and down, of length 1.
    pub towards: [f32; 2],
    /// How far, m.
    pub distance_m: f32,
}

/// The panel.
#[derive(Clone, Debug)]
pub struct ProcedureView {
    /// Why nothing can be begun, if so.
    pub refused: Option<&'static str>,
    /// Why the last order was refused.
    pub last_refusal: Option<String>,
    /// What it shows.
    pub page: Page,
}

/// What the panel shows.
#[derive(Clone, Debug)]
pub enum Page {
    /// What can be begun: asset, id, title, `17 steps · Turbine 1`.
    List(Vec<(AssetRow, String, String, String)>),
    /// A procedure before it begins.
    Before(Box<BeforeView>),
    /// One that somebody works through, or that has ended.
    Run(Box<RunView>),
}

/// A procedure before it begins.
#[derive(Clone, Debug)]
pub struct BeforeView {
    /// The asset.
    pub asset: AssetRow,
    /// Its id.
    pub id: String,
    /// Title.
    pub title: String,
    /// `17 steps · Turbine 1`.
    pub summary: String,
    /// What must be known before.
    pub intro: Markdown,
    /// Its file: pictures are found from there.
    pub file: String,
    /// Sources and notes.
    pub notes: Markdown,
    /// Where the record will be kept.
    pub kept: String,
    /// The newest run of it that was broken off, and that in words.
    pub unfinished: Option<(Arc<Unfinished>, String)>,
}

/// A procedure that somebody works through.
#[derive(Clone, Debug)]
pub struct RunView {
    /// Its id.
    pub run: String,
    /// Title.
    pub title: String,
    /// `Step 3 of 17 · Turbine 1 · N. N.`.
    pub summary: String,
    /// Its file.
    pub file: String,
    /// Each step in short.
    pub steps: Vec<StepLine>,
    /// The step at hand; `None` once it has ended.
    pub step: Option<StepView>,
    /// How it ended: heading, and more.
    pub end: Option<(String, String)>,
    /// Where the record is, or why not.
    pub record: String,
    /// The record is not kept.
    pub record_failed: bool,
}

/// A step in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct StepLine {
    /// Its number.
    pub number: usize,
    /// Title.
    pub title: String,
    /// The part.
    pub part: PartRow,
    /// How it stands.
    pub stand: Stand,
    /// `done 10:32 by N. N.`, `left out: …`.
    pub said: String,
}

/// How a step stands, for its mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Stand {
    Ahead,
    Waiting,
    Offered,
    Withdrawn,
    Done,
    Skipped,
}

/// The step at hand.
#[derive(Clone, Debug)]
pub struct StepView {
    /// Its index.
    pub index: usize,
    /// Title.
    pub title: String,
    /// The part and its name.
    pub part: (PartRow, String),
    /// What to do.
    pub text: Markdown,
    /// Torques and other values.
    pub values: Vec<(String, String)>,
    /// How it stands.
    pub stand: Stand,
    /// That in words: heading, and why.
    pub said: (&'static str, String),
    /// Its conditions: what it is, and how it is.
    pub conditions: Vec<ConditionView>,
    /// Its signals: name, value with unit, age or why there is none, and the mark of a quality that is not good.
    pub signals: Vec<(String, String, String, Option<Mark>)>,
    /// Whether a person confirms it, and why that cannot be now.
    pub confirm: Option<Result<(), &'static str>>,
    /// It may be left out.
    pub skip: bool,
    /// What does it at a simulated asset: words, and the command.
    pub simulate: Option<(String, Command)>,
}

/// A condition of the step at hand.
#[derive(Clone, Debug, PartialEq)]
pub struct ConditionView {
    /// `Offered while`, `Done when`.
    pub what: &'static str,
    /// As it is written.
    pub text: String,
    /// It holds.
    pub holds: bool,
    /// It is not known.
    pub unknown: bool,
    /// Why it does not hold, or that it does.
    pub said: String,
    /// How far the time is that it must hold, 0 to 1, while that runs.
    pub fraction: Option<f32>,
}

/// The part of the step at hand.
#[must_use]
pub fn part_at_hand(snapshot: &Snapshot) -> Option<PartRow> {
    let run = snapshot.run.as_ref().filter(|run| run.end.is_none())?;
    run.steps.get(run.at).map(|step| step.part)
}

impl ProcedureUi {
    /// The part that the window is to lead to now: that of a step that came to hand since it was asked last.
    pub fn lead_to(&mut self, snapshot: &Snapshot) -> Option<PartRow> {
        let part = part_at_hand(snapshot)?;
        let run = snapshot.run.as_ref()?;
        let now = (run.run.clone(), run.at);
        if self.led.as_ref() == Some(&now) {
            return None;
        }
        // A note and a reason were for the step before.
        self.note.clear();
        self.asking = None;
        self.led = Some(now);
        Some(part)
    }

    /// Closes the topmost: the question for a reason, then the panel. Whether there was one.
    pub fn close_one(&mut self) -> bool {
        if self.asking.take().is_some() {
            return true;
        }
        std::mem::take(&mut self.open)
    }
}

/// The procedures of the asset of the selected part, of the first asset that has some, or of all; for the inspector too.
#[must_use]
pub fn offers(look: &Look<'_>) -> Vec<(AssetRow, String, String, String)> {
    let site = look.site();
    let selected = look.snapshot.selected.as_ref().and_then(|detail| look.part(detail.part)).map(|part| part.asset);
    let mut of: Vec<_> = site.procedures.iter().filter(|(asset, _)| !site.removed.contains(asset)).collect();
    if let Some(selected) = selected {
        of.retain(|(asset, _)| *asset == selected);
    }
    of.iter()
        .take(64)
        .map(|(asset, procedure)| {
            let broken_off = unfinished(look, *asset, procedure)
                .map_or_else(String::new, |found| format!(" · broken off at step {}", found.at + 1));
            let summary = summary(look, *asset, procedure) + &broken_off;
            (*asset, procedure.id.clone(), procedure.title.clone(), summary)
        })
        .collect()
}

fn summary(look: &Look<'_>, asset: AssetRow, procedure: &Procedure) -> String {
    let name = look.asset(asset).map_or("", look::asset_name);
    format!("{} · {}", words::plural(procedure.steps.len() as u64, "step", "steps"), words::cut(name, 40))
}

/// The run of a procedure that was broken off before this session. One whose text was another cannot go on.
fn unfinished<'a>(look: &Look<'a>, asset: AssetRow, procedure: &Procedure) -> Option<&'a Arc<Unfinished>> {
    let (site, asset) = (&look.site().id, &look.asset(asset)?.id);
    let of = |found: &&Arc<Unfinished>| {
        (&found.site, &found.asset, &found.procedure) == (site, asset, &procedure.id)
            && (&found.sha256, found.of) == (&procedure.sha256, procedure.steps.len())
    };
    look.scene.records.unfinished.iter().find(of)
}

/// The panel, while it is open.
#[must_use]
pub fn procedure_view(look: &Look<'_>) -> Option<ProcedureView> {
    let state = &look.ui.procedure;
    if !state.open {
        return None;
    }
    let run = look.snapshot.run.as_ref();
    let run = run.filter(|run| run.end.is_none() || state.put_away.as_ref() != Some(&run.run));
    let page = match (run, &state.chosen) {
        (Some(run), _) => Page::Run(Box::new(run_view(look, run))),
        (None, Some((asset, id))) => match before(look, *asset, id) {
            Some(before) => Page::Before(Box::new(before)),
            None => Page::List(offers(look)),
        },
        (None, None) => {
            let offers = offers(look);
            match &offers[..] {
                // One is no choice.
                [(asset, id, ..)] => match before(look, *asset, id) {
                    Some(before) => Page::Before(Box::new(before)),
                    None => Page::List(offers),
                },
                _ => Page::List(offers),
            }
        }
    };
    Some(ProcedureView {
        refused: look.scene.read_only.then_some("Read only: no procedure is begun, because its record is published."),
        last_refusal: refusal(look),
        page,
    })
}

/// Why the last order of a person was refused, if it was the last thing that was ordered.
fn refusal(look: &Look<'_>) -> Option<String> {
    let last = look.snapshot.commands.last()?;
    let ours = matches!(last.command, Command::Procedure(_) | Command::Operate { .. });
    last.refused.as_deref().filter(|_| ours).map(super::why::capital)
}

fn before(look: &Look<'_>, asset: AssetRow, id: &str) -> Option<BeforeView> {
    let procedure = look.site().procedures_of(asset).find(|procedure| procedure.id == id)?;
    let folder = &look.scene.records.folder;
    Some(BeforeView {
        asset,
        id: id.to_owned(),
        title: procedure.title.clone(),
        summary: summary(look, asset, procedure),
        intro: markdown(&procedure.intro),
        file: procedure.file.clone(),
        notes: markdown(&procedure.notes),
        kept: if folder.as_os_str().is_empty() {
            "The record is published; nobody keeps it as a file.".to_owned()
        } else {
            format!("The record is published, and kept below {}", folder.display())
        },
        unfinished: unfinished(look, asset, procedure).map(|found| {
            let (begun, by) = (look.clock.time(found.started_ms), words::cut(&found.by, 30));
            let said =
                format!("Begun {begun} by {by}, and broken off: step {} of {} is at hand.", found.at + 1, found.of);
            (Arc::clone(found), said)
        }),
    })
}

fn run_view(look: &Look<'_>, run: &RunStatus) -> RunView {
    let asset = look.asset(run.asset).map_or("", look::asset_name);
    let of = run.steps.len();
    let number = (run.at + 1).min(of);
    let end = run.end.as_ref().map(|end| match end {
        RunEnd::Finished(at) => {
            ("Finished".to_owned(), format!("Every step is done or was left out, {}.", look.clock.time(*at)))
        }
        RunEnd::Stopped(at, why) => {
            (format!("Stopped at step {number} of {of}"), format!("{}: {}", look.clock.time(*at), words::cut(why, 400)))
        }
    });
    let steps = run.procedure.steps.iter().zip(&run.steps).zip(1..).map(|((step, status), number)| {
        let time = |at: i64| look.clock.time_of_day(at, false);
        let (stand, said) = match &status.state {
            StepState::Ahead => (Stand::Ahead, String::new()),
            StepState::Waiting => (Stand::Waiting, String::new()),
            StepState::Offered(_) => (Stand::Offered, String::new()),
            StepState::Withdrawn(_) => (Stand::Withdrawn, String::new()),
            StepState::Met(at) => (Stand::Done, format!("done {}, by its condition", time(*at))),
            StepState::Confirmed(at, note) if note.is_empty() => (Stand::Done, format!("done {}", time(*at))),
            StepState::Confirmed(at, note) => (Stand::Done, format!("done {}: {}", time(*at), words::cut(note, 80))),
            StepState::Skipped(at, reason) => {
                (Stand::Skipped, format!("left out {}: {}", time(*at), words::cut(reason, 80)))
            }
        };
        StepLine { number, title: step.title.clone(), part: status.part, stand, said }
    });
    let (record, record_failed) = record(look, run);
    RunView {
        run: run.run.clone(),
        title: run.procedure.title.clone(),
        summary: format!("Step {number} of {of} · {} · {}", words::cut(asset, 30), words::cut(&run.by, 30)),
        file: run.procedure.file.clone(),
        steps: steps.collect(),
        step: run.end.is_none().then(|| step_view(look, run)).flatten(),
        end,
        record,
        record_failed,
    }
}

/// Where the record is. Only a file that was written is said to be there.
fn record(look: &Look<'_>, run: &RunStatus) -> (String, bool) {
    match &look.scene.records.last {
        Some((file, Ok(path))) if *file == run.file => (format!("Record: {}", path.display()), false),
        Some((file, Err(why))) if *file == run.file => (format!("The record is not kept as a file: {why}"), true),
        _ if look.scene.records.folder.as_os_str().is_empty() => {
            ("The record is published; nobody keeps it as a file.".to_owned(), true)
        }
        _ => ("The record is being written.".to_owned(), false),
    }
}

fn step_view(look: &Look<'_>, run: &RunStatus) -> Option<StepView> {
    let (step, status) = (run.procedure.steps.get(run.at)?, run.steps.get(run.at)?);
    let (stand, said) = stand(look, status, step.confirm);
    let offered = stand == Stand::Offered;
    let by_hand = step.done.is_none() || step.confirm;
    let conditions = [("Offered while", &status.interlock), ("Done when", &status.done)];
    let simulated = look
        .asset(run.asset)
        .and_then(|asset| look.site().sources.get(asset.source.index()))
        .is_some_and(|source| source.simulated);
    let simulate = step.simulate.as_ref().filter(|_| simulated).map(|(switch, on)| {
        let said = format!("Simulate: {} {}", switch.replace('-', " "), if *on { "on" } else { "off" });
        (said, Command::Operate { asset: run.asset, switch: switch.clone(), on: *on })
    });
    Some(StepView {
        index: run.at,
        title: step.title.clone(),
        part: (status.part, look.part_name(status.part).to_owned()),
        text: markdown(&step.text),
        values: step.values.clone(),
        stand,
        said,
        conditions: conditions
            .into_iter()
            .filter_map(|(what, condition)| Some(condition_view(what, condition.as_ref()?)))
            .collect(),
        signals: signals(look, status),
        confirm: by_hand.then_some(match (offered, &status.done) {
            (false, _) => Err("not offered"),
            (true, Some(done)) if !done.holds => Err("its condition does not hold"),
            (true, _) => Ok(()),
        }),
        skip: step.skip,
        simulate,
    })
}

fn stand(look: &Look<'_>, status: &StepStatus, confirm: bool) -> (Stand, (&'static str, String)) {
    let why = || status.interlock.as_ref().map(|interlock| interlock.why.clone()).unwrap_or_default();
    match &status.state {
        StepState::Withdrawn(at) => {
            (Stand::Withdrawn, ("Withdrawn", format!("since {}: {}", look.clock.time_of_day(*at, true), why())))
        }
        StepState::Offered(_) => {
            let said = match (&status.done, confirm) {
                (None, _) => "Do it, and say when it is done.",
                (Some(_), true) => "Do it, and say when it is done: that needs its condition.",
                (Some(_), false) => "It is done by itself when its condition holds.",
            };
            (Stand::Offered, ("Offered", said.to_owned()))
        }
        _ => (Stand::Waiting, ("Waiting", why())),
    }
}

fn condition_view(what: &'static str, condition: &ConditionStatus) -> ConditionView {
    let fraction = condition
        .held_ms
        .filter(|_| condition.for_ms > 0 && !condition.holds)
        .map(|held| (held as f32 / condition.for_ms as f32).clamp(0.0, 1.0));
    ConditionView {
        what,
        text: condition.text.clone(),
        holds: condition.holds,
        unknown: condition.unknown,
        said: if condition.holds { "holds".to_owned() } else { condition.why.clone() },
        fraction,
    }
}

fn signals(look: &Look<'_>, status: &StepStatus) -> Vec<(String, String, String, Option<Mark>)> {
    let rows = status.signals.iter().filter_map(|row| {
        let (signal, status) = (look.signal(*row)?, look.signal_status(*row)?);
        let name = format!("{}, {}", look::signal_name(signal), look.part_name(signal.part));
        let value = status.value.as_ref().map_or_else(
            || words::NONE.to_owned(),
            |value| words::join_unit(&words::value(value, signal.decimals), &words::unit(&signal.unit)),
        );
        let age = look.signal_age_ms(status).map_or_else(|| status.reason.sentence().to_owned(), words::ago);
        let mark = (status.quality != Quality::Good).then(|| Mark::quality(status.quality));
        Some((words::cut(&name, 80).into_owned(), value, age, mark))
    });
    rows.collect()
}

/// The order to begin.
#[must_use]
pub fn start(before: &BeforeView, state: &ProcedureUi) -> Command {
    let (procedure, by) = (before.id.clone(), state.by.trim().to_owned());
    Command::Procedure(ProcedureCommand::Start { asset: before.asset, procedure, by })
}

/// The order to go on with what was broken off.
#[must_use]
pub fn resume(unfinished: &Arc<Unfinished>, state: &ProcedureUi) -> Command {
    let (unfinished, by) = (Arc::clone(unfinished), state.by.trim().to_owned());
    Command::Procedure(ProcedureCommand::Resume { unfinished, by })
}

/// The order that a reason was asked for; `None` while there is none.
#[must_use]
pub fn reasoned(state: &ProcedureUi) -> Option<Command> {
    let asking = state.asking.as_ref().filter(|asking| !asking.reason.trim().is_empty())?;
    let (by, reason) = (state.by.trim().to_owned(), asking.reason.trim().to_owned());
    Some(Command::Procedure(match asking.step {
        Some(step) => ProcedureCommand::Skip { step, by, reason },
        None => ProcedureCommand::Stop { by, reason },
    }))
}

/// The mark of a step: what wants attention has the colour of a caution.
#[must_use]
pub const fn mark(stand: Stand) -> Mark {
    match stand {
        Stand::Withdrawn => Mark::state(Severity::High),
        Stand::Waiting => Mark::quality(Quality::Uncertain),
        Stand::Ahead | Stand::Skipped => Mark::quality(Quality::NoData),
        Stand::Offered | Stand::Done => Mark::state(Severity::Normal),
    }
}
