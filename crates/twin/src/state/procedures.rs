//! The run of a procedure inside of the twin: begun, followed with every message, written down.
//!
//! One run at a time. Its record goes out retained and is kept as a file; what people do goes out at once, what comes and
//! goes with telemetry at most once a second.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::live::Live;
use super::{Kept, TwinState};
use crate::command::{Outgoing, ProcedureCommand};
use crate::expression::Language;
use crate::procedure::{Condition, Head, Input, Record, Run, RunStatus, Sight, Step, StepRun, Unfinished, Watch};
use crate::refusal::{self, NOTE, TITLE};
use crate::site::{AssetRow, PartRow, SignalRow};
use crate::time::Now;

/// How long what telemetry does to a record may wait before it goes out, ms.
const LAZY_MS: u64 = 1_000;

/// The run that somebody works through, or the last one.
#[derive(Debug, Default)]
pub(super) struct Procedures {
    run: Option<Run>,
    /// When its record went out last, monotonic.
    written_ms: u64,
    /// The latest moment at which it was followed: a message may be from before the last tick, and time that has passed
    /// does not come back.
    latest: Now,
}

impl Procedures {
    /// Monotonic time at which a tick has something to do.
    pub fn next_due(&self, now: Now) -> Option<u64> {
        let run = self.run.as_ref()?;
        let waits = run.record.changed.then(|| self.written_ms.saturating_add(LAZY_MS));
        [run.due_ms(now), waits].into_iter().flatten().min()
    }

    /// The run as the screen sees it.
    pub fn status(&self, state: &TwinState, now: Now) -> Option<Arc<RunStatus>> {
        let run = self.run.as_ref()?;
        Some(Arc::new(run.status(file(state, run), now)))
    }
}

impl TwinState {
    /// Does what a person wants with a procedure.
    ///
    /// # Errors
    /// Why it is refused, in words.
    pub(super) fn procedure(&mut self, command: &ProcedureCommand, now: Now) -> Result<(), String> {
        // What has become stale since the last tick must be known before anything is confirmed.
        self.live.tick(now);
        self.live.evaluate(now);
        self.follow(now);
        match command {
            ProcedureCommand::Start { asset, procedure, by } => {
                who(by)?;
                self.start(*asset, procedure, by, None, now)?;
                self.follow(now);
                return Ok(());
            }
            ProcedureCommand::Resume { unfinished, by } => {
                who(by)?;
                let mut assets = (0..).zip(&self.site.assets);
                let asset = assets.find(|(_, asset)| asset.id == unfinished.asset).map(|(row, _)| AssetRow(row));
                let asset = asset.filter(|_| unfinished.site == self.site.id).ok_or("it is of another site")?;
                self.start(asset, &unfinished.procedure, by, Some(unfinished), now)?;
                self.follow(now);
                return Ok(());
            }
            ProcedureCommand::Confirm { by, .. }
            | ProcedureCommand::Skip { by, .. }
            | ProcedureCommand::Stop { by, .. } => who(by)?,
        }
        let live = &self.live;
        let look = |signal| sight(live, signal);
        let run = self.procedures.run.as_mut().ok_or("no procedure has been started")?;
        let by_before = run.by.clone();
        let done = match command {
            ProcedureCommand::Start { .. } | ProcedureCommand::Resume { .. } => Ok(()),
            ProcedureCommand::Confirm { step, by, note } => said("note", note).and_then(|()| {
                run.by.clone_from(by);
                run.confirm(*step, note.trim(), &look, now)
            }),
            ProcedureCommand::Skip { step, by, reason } => why(reason).and_then(|()| {
                run.by.clone_from(by);
                run.skip(*step, reason.trim(), &look, now)
            }),
            ProcedureCommand::Stop { by, reason } => why(reason).and_then(|()| {
                run.by.clone_from(by);
                run.stop(reason.trim(), now)
            }),
        };
        if done.is_err() {
            run.by = by_before;
        }
        self.watch_run();
        self.follow(now);
        done
    }

    /// Begins a procedure, or goes on with one that was broken off.
    fn start(
        &mut self,
        asset: AssetRow,
        id: &str,
        by: &str,
        unfinished: Option<&Unfinished>,
        now: Now,
    ) -> Result<(), String> {
        if let Some(run) = self.procedures.run.as_ref().filter(|run| run.is_open()) {
            return Err(format!("\"{}\" is open: finish it or stop it first", run.procedure.title));
        }
        let site = Arc::clone(&self.site);
        let found = site.procedures_of(asset).find(|procedure| procedure.id == id);
        let procedure = Arc::clone(found.ok_or("this asset has no such procedure")?);
        let of = site.assets.get(asset.index()).ok_or("no such asset")?;
        let source = site.sources.get(of.source.index()).ok_or("no source takes messages about this asset")?;
        let steps = procedure.steps.iter().map(|step| self.bind(asset, step)).collect::<Result<Vec<_>, String>>()?;
        let head = |run, by| Head { site: &site.id, asset: &of.id, by, simulated: source.simulated, run };
        let (record, ended) = match unfinished {
            Some(unfinished) => {
                Record::resumed(unfinished, &head(&unfinished.run, &unfinished.by), &procedure, by, now)?
            }
            None => {
                let stamp = now.wall_ms.max(self.last_stamp_ms.saturating_add(1));
                self.last_stamp_ms = stamp;
                (Record::new(&head(&format!("{stamp}-{}", asset.0), by), &procedure, now), Vec::new())
            }
        };
        let language = self.live.formulas.language.clone();
        let mut run = Run::new(asset, procedure, steps, by.to_owned(), record, language);
        run.resume(ended);
        self.procedures.run = Some(run);
        self.watch_run();
        Ok(())
    }

    /// A step with the rows of an asset.
    fn bind(&self, asset: AssetRow, step: &Step) -> Result<StepRun, String> {
        let part = self.parts.get(&(asset, step.part.as_str().into())).copied();
        let part = part.ok_or_else(|| format!("step \"{}\": there is no part {}", step.title, step.part))?;
        let language = &self.live.formulas.language;
        let watch = |condition: &Option<Condition>| {
            condition.as_ref().map(|condition| self.watch(language, part, condition)).transpose()
        };
        let (interlock, done) = (watch(&step.interlock)?, watch(&step.done)?);
        let mut signals: Vec<Input> = Vec::new();
        let mut known = BTreeSet::new();
        let show = step.show.iter().map(|name| self.input(part, name)).collect::<Result<Vec<_>, _>>()?;
        let of_conditions = [&interlock, &done].into_iter().flatten().flat_map(Watch::inputs).cloned();
        signals.extend(of_conditions.chain(show).filter(|input| known.insert(input.signal)));
        Ok(StepRun { part, interlock, done, signals, offer: Default::default(), outcome: None })
    }

    fn watch(&self, language: &Language, part: PartRow, condition: &Condition) -> Result<Watch, String> {
        let expression = language.compile(&condition.expression).map_err(|error| error.to_string())?;
        let inputs = expression.inputs().iter().map(|name| self.input(part, name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Watch::new(condition.text.clone(), expression, inputs, condition.for_ms))
    }

    /// The signal `x` of a part, or `part.x` of its asset.
    fn input(&self, part: PartRow, name: &str) -> Result<Input, String> {
        let missing = || format!("there is no signal {name}");
        let own = self.site.parts.get(part.index()).ok_or_else(missing)?;
        let (owner, id) = match name.split_once('.') {
            Some((other, id)) => {
                let row = self.parts.get(&(own.asset, other.into())).ok_or_else(missing)?;
                (self.site.parts.get(row.index()).ok_or_else(missing)?, id)
            }
            None => (own, name),
        };
        let mut rows = owner.signals.clone();
        let row = rows.find(|row| self.site.signals.get(*row as usize).is_some_and(|signal| signal.id == id));
        let row = SignalRow(row.ok_or_else(missing)?);
        let signal = self.site.signals.get(row.index()).ok_or_else(missing)?;
        let (unit, decimals) = (signal.unit.clone(), signal.decimals);
        Ok(Input { signal: row, name: format!("{}.{id}", owner.id), unit, decimals })
    }

    /// Tells the signals apart that the run depends on.
    fn watch_run(&mut self) {
        let watched: Vec<SignalRow> = self.procedures.run.iter().flat_map(Run::watched).collect();
        self.live.watch(watched.into_iter());
    }

    /// After one message: what the run depends on is judged before the next message changes it.
    pub(super) fn follow_message(&mut self, received: Now) {
        if !self.live.watched_changed.is_empty() {
            self.live.evaluate(received);
            self.follow(received);
        }
    }

    /// Follows what has changed, and lets time pass.
    pub(super) fn follow(&mut self, now: Now) {
        let changed = std::mem::take(&mut self.live.watched_changed);
        let latest = &mut self.procedures.latest;
        if now.mono_ms > latest.mono_ms {
            *latest = now;
        }
        let now = *latest;
        let Some(run) = self.procedures.run.as_mut() else { return };
        let at = run.at;
        let live = &self.live;
        if run.follow(&changed, &|signal| sight(live, signal), now) {
            self.live.visible = true;
        }
        if run.at != at {
            self.watch_run();
        }
    }

    /// Gives the record out if there is something new in it, as a message and as a file.
    pub(super) fn write_record(&mut self, outgoing: &mut Vec<Outgoing>, now: Now) -> Option<Kept> {
        let waited = now.mono_ms.saturating_sub(self.procedures.written_ms) >= LAZY_MS;
        let run = self.procedures.run.as_ref().filter(|run| run.record.changed && (run.record.urgent || waited))?;
        let json = run.record.json();
        let levels = format!("procedure/{}/{}", run.procedure.id, run.record.run);
        let message = self.outgoing(run.asset, &levels, &json, true);
        let kept = message.as_ref().ok().map(|message| Kept {
            source: message.source,
            file: file(self, run),
            json: serde_json::to_vec_pretty(&json).unwrap_or_default(),
        });
        outgoing.extend(message);
        let run = self.procedures.run.as_mut()?;
        (run.record.changed, run.record.urgent) = (false, false);
        self.procedures.written_ms = now.mono_ms;
        kept
    }
}

/// Where the record of a run is kept, relative to the folder of records. Ids are letters, digits, `-` and `_`.
fn file(state: &TwinState, run: &Run) -> String {
    let asset = state.site.assets.get(run.asset.index()).map_or("", |asset| asset.id.as_str());
    format!("{}/{asset}/{}/{}.json", state.site.id, run.procedure.id, run.record.run)
}

/// What is known of a signal now.
fn sight(live: &Live, signal: SignalRow) -> Sight {
    let (quality, reason) = live.quality(signal.index());
    let slot = live.slots.get(signal.index());
    Sight {
        value: slot.and_then(|slot| slot.value.clone()),
        quality,
        reason,
        source_ms: slot.map_or(0, |slot| slot.source_ms),
        heard: slot.and_then(|slot| slot.received),
    }
}

/// Somebody must have said it.
fn who(by: &str) -> Result<(), String> {
    if by.trim().is_empty() {
        return Err("say who you are: the record needs a name".to_owned());
    }
    refusal::text("by", by, TITLE).map_err(|refusal| refusal.to_string())
}

/// A reason must be there.
fn why(reason: &str) -> Result<(), String> {
    if reason.trim().is_empty() {
        return Err("say why: the record needs a reason".to_owned());
    }
    said("reason", reason)
}

fn said(name: &'static str, text: &str) -> Result<(), String> {
    refusal::text(name, text, NOTE).map_err(|refusal| refusal.to_string())
}
