//! The inspector: the selected part, or the site when nothing is selected.

use twinscope_prognosis::FaultKind;
use twinscope_twin::command::Command;
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AlarmRow, AssetRow, MotionKind, Part, PartRow};
use twinscope_twin::snapshot::{AlarmDetail, LinkState, PartDetail, PartStatus};

use super::advice::{AdviceView, advice_views};
use super::alarms::condition_text;
use super::bar::{SourceView, source_view};
use super::life::{Badge, PredictionView, prediction_views};
use super::lives::{LifeView, life_of, life_view};
use super::look::{self, Look};
use super::records::{RecordsView, records_view};
use super::signals::{SignalView, TrendView, signal_views, trend_view};
use super::theme::{Mark, quality_word};
use super::tree::roll_up_mark;
use super::why::{WhyStep, capital, decisive_alarm, rule_settings, why};
use super::words;

/// What the inspector shows.
#[derive(Clone, Debug)]
pub enum InspectorView {
    /// Nothing is selected: the site.
    Site(Box<SiteView>),
    /// The selected part.
    Part(Box<PartView>),
}

/// The site, when nothing is selected.
#[derive(Clone, Debug, Default)]
pub struct SiteView {
    /// Name.
    pub name: String,
    /// `1 asset · 43 parts · 31 signals`.
    pub summary: String,
    /// Each source: id, url, and what the bar says of it.
    pub sources: Vec<(String, String, SourceView)>,
    /// Parts that want attention, worst first: part, mark, name, asset.
    pub attention: Vec<(PartRow, Mark, String, String)>,
    /// What is said instead of a list that is empty. Not that nothing is wrong, where nobody knows.
    pub calm: &'static str,
    /// Attention beyond the list.
    pub more: usize,
    /// The shortest lives that are believed: part, name, asset, life.
    pub lives: Vec<(PartRow, String, String, LifeView)>,
    /// Counters that are not zero and tell of trouble: what, how many.
    pub trouble: Vec<(&'static str, String)>,
    /// Where other clients reach the embedded broker.
    pub broker_url: Option<String>,
    /// Assets whose model is not them: name, why.
    pub stand_ins: Vec<(String, String)>,
}

/// The selected part.
#[derive(Clone, Debug)]
pub struct PartView {
    /// The part.
    pub part: PartRow,
    /// Its asset.
    pub asset: AssetRow,
    /// Name.
    pub name: String,
    /// `bearing · Turbine 1 › Gearbox`.
    pub place: String,
    /// State and quality.
    pub mark: Mark,
    /// State and quality in words.
    pub words: String,
    /// Since when the state is what it is.
    pub since: Option<String>,
    /// Why it is what it is.
    pub why: Vec<WhyStep>,
    /// Its remaining life in one line.
    pub life: Option<LifeView>,
    /// Health index.
    pub health: Option<HealthView>,
    /// Signals.
    pub signals: Vec<SignalView>,
    /// Chart of one of them.
    pub trend: Option<TrendView>,
    /// Alarm rules.
    pub alarms: Vec<RuleView>,
    /// Predictions.
    pub predictions: Vec<PredictionView>,
    /// What could be done.
    pub advice: Vec<AdviceView>,
    /// What was found and done, and the form for it.
    pub records: RecordsView,
    /// What can be done at its asset step by step: asset, id, title, `17 steps · Turbine 1`.
    pub procedures: Vec<(AssetRow, String, String, String)>,
    /// Documents: title, file.
    pub documents: Vec<(String, String)>,
    /// Why the model is not this machine.
    pub stand_in: Option<String>,
    /// A note of the type file.
    pub note: Option<String>,
    /// What moves with its signals, in sentences.
    pub motions: Vec<String>,
    /// What is below it: `8 parts below: 1 high, 2 not known`.
    pub below: Option<String>,
    /// Not drawn.
    pub hidden: bool,
    /// A fault that can be asked of the simulator.
    pub fault: Option<FaultView>,
}

/// The health index.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthView {
    /// 0 to 1, if it is known.
    pub value: Option<f32>,
    /// `87 %`.
    pub figure: String,
    /// The expression or model.
    pub from: String,
    /// Why there is none.
    pub error: Option<String>,
    /// It rests on good data.
    pub usable: bool,
}

/// An alarm rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleView {
    /// The rule.
    pub alarm: AlarmRow,
    /// Priority; normal while it does not stand.
    pub mark: Mark,
    /// Its priority.
    pub priority: Severity,
    /// What it watches.
    pub condition: String,
    /// Deadband and delays.
    pub settings: String,
    /// `active since 14:02:11 UTC`, `over, not acknowledged`, …
    pub status: String,
    /// It stands.
    pub active: bool,
    /// A person has to acknowledge it.
    pub acknowledge: bool,
    /// Why, what follows, what to do: heading, text.
    pub advice: Vec<(&'static str, String)>,
    /// Error of its expression.
    pub error: Option<String>,
}

/// A fault that the simulator can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultView {
    /// What it is, for people.
    pub title: &'static str,
    /// Breaks it.
    pub inject: Command,
    /// Mends it.
    pub clear: Command,
    /// Refused, because the program only reads.
    pub read_only: bool,
}

/// Longest list of parts that want attention.
const MOST_ATTENTION: usize = 12;

/// Longest list of lives: the rest is in the fleet.
const MOST_LIVES: usize = 5;

/// Rate of wear of the demo button: alarms follow within a minute or two.
const FAULT_RATE: f64 = 1.0;

/// The inspector of one frame.
#[must_use]
pub fn inspector_view(look: &Look<'_>) -> InspectorView {
    match look.snapshot.selected.as_ref().and_then(|detail| part_view(look, detail)) {
        Some(view) => InspectorView::Part(Box::new(view)),
        None => InspectorView::Site(Box::new(site_view(look))),
    }
}

fn site_view(look: &Look<'_>) -> SiteView {
    let site = look.site();
    let mut attention: Vec<(PartRow, Mark)> = look
        .snapshot
        .parts
        .iter()
        .enumerate()
        .filter(|(_, s)| s.state > Severity::Normal || matches!(s.quality, Quality::Stale | Quality::Bad))
        .map(|(row, s)| (PartRow(row as u32), Mark::of(s)))
        .collect();
    attention.sort_by_key(|(row, mark)| (std::cmp::Reverse((mark.severity, mark.quality)), *row));
    let more = attention.len().saturating_sub(MOST_ATTENTION);
    attention.truncate(MOST_ATTENTION);
    let c = &look.snapshot.counters;
    let trouble = [
        ("models that could not be shown", look.scene.model_problems.len() as u64),
        ("payloads that could not be read", c.unreadable),
        ("values of the wrong type", c.wrong_type),
        ("fields that were missing", c.missing),
        ("values out of range", c.out_of_range),
        ("times in the future", c.future),
        ("times that were missing or unreadable", c.no_time),
        ("samples that came late", c.late),
        ("samples heard twice", c.duplicate),
        ("messages nobody is bound to", c.unbound),
        ("messages dropped", c.dropped),
        ("expressions that failed", c.expression_errors),
        ("predictions refused", c.bad_predictions),
        ("records and advice refused", c.bad_records),
        ("old samples let go", c.history_evicted),
    ];
    let sources = &look.snapshot.sources;
    let calm = if sources.iter().any(|source| !matches!(source.link, LinkState::Live | LinkState::Direct { .. })) {
        "Nothing that is known, but not every source is heard: see below."
    } else if look.snapshot.whole.by_state.iter().all(|&parts| parts == 0) {
        "Nothing that is known: no part has been heard yet."
    } else {
        "Nothing. Click a part to see what it is doing and why."
    };
    SiteView {
        calm,
        name: if site.name.is_empty() { site.id.clone() } else { site.name.clone() },
        summary: format!(
            "{} · {} · {}",
            words::plural(site.standing().count() as u64, "asset", "assets"),
            words::plural(site.standing().map(|(_, asset)| asset.parts.len() as u64).sum(), "part", "parts"),
            words::plural(site.signals.len() as u64, "signal", "signals")
        ),
        sources: sources
            .iter()
            .zip(&site.sources)
            .enumerate()
            .map(|(row, (status, source))| (source.id.clone(), source.url.clone(), source_view(look, row, status)))
            .collect(),
        attention: attention
            .into_iter()
            .map(|(row, mark)| (row, mark, look.part_name(row).to_owned(), look.asset_name_of(row).to_owned()))
            .collect(),
        more,
        lives: shortest(look),
        trouble: trouble.iter().filter(|(_, n)| *n > 0).map(|(what, n)| (*what, words::count(*n))).collect(),
        broker_url: look.scene.broker_url.clone(),
        stand_ins: site
            .assets
            .iter()
            .filter_map(|asset| Some((look::asset_name(asset).to_owned(), asset.stand_in.clone()?)))
            .collect(),
    }
}

/// The shortest lives of the site that may be used.
fn shortest(look: &Look<'_>) -> Vec<(PartRow, String, String, LifeView)> {
    let usable = look.snapshot.lives.iter().filter(|life| !life.expired);
    let mut lives: Vec<_> =
        usable.filter_map(|life| Some((life.p05_h.or(life.p50_h).filter(|h| h.is_finite())?, life))).collect();
    lives.sort_by(|a, b| a.0.total_cmp(&b.0));
    lives
        .into_iter()
        .take(MOST_LIVES)
        .map(|(_, life)| {
            let name = words::cut(look.part_name(life.part), 40).into_owned();
            (life.part, name, look.asset_name_of(life.part).to_owned(), life_view(life))
        })
        .collect()
}

fn part_view(look: &Look<'_>, detail: &PartDetail) -> Option<PartView> {
    let part = look.part(detail.part)?;
    let status = look.status(detail.part);
    let (mark, words) = head(&status);
    let asset = look.asset(part.asset);
    let since = decisive_alarm(look, detail).and_then(|(_, alarm)| alarm.since_ms);
    let mut place = Vec::new();
    if !part.kind.is_empty() {
        place.push(part.kind.replace('_', " "));
    }
    place.push(asset.map_or("?", look::asset_name).to_owned());
    if let Some(parent) = part.parent.and_then(|row| look.part(row)) {
        place.push(look::part_name(parent).to_owned());
    }
    Some(PartView {
        part: detail.part,
        asset: part.asset,
        name: look::part_name(part).to_owned(),
        place: place.join("  ·  "),
        mark,
        words,
        since: since.map(|ms| look.clock.since(ms)),
        why: why(look, detail),
        life: life_of(look.snapshot, detail.part).map(life_view),
        health: health_view(detail, status.health, status.quality),
        signals: signal_views(look, part, detail),
        trend: trend_view(look, part, detail),
        alarms: rule_views(look, detail),
        predictions: prediction_views(look, detail),
        advice: advice_views(look, detail),
        records: records_view(look, detail),
        procedures: super::procedure::offers(look),
        documents: part.documents.clone(),
        stand_in: asset.and_then(|asset| asset.stand_in.clone()),
        note: part.note.clone(),
        motions: motions(look, part),
        below: below(look, detail.part),
        hidden: look.is_hidden(detail.part),
        fault: fault_view(look, detail.part),
    })
}

/// Mark and words of the heading. A part that nothing measures says so, and what is known below it.
fn head(status: &PartStatus) -> (Mark, String) {
    let own = Mark::of(status);
    if status.reason != QualityReason::NotMeasured || status.quality != Quality::NoData {
        return (own, capital(own.words()));
    }
    if look::known(&status.below) == 0 {
        return (own, "Not measured".to_owned());
    }
    let below = roll_up_mark(&status.below);
    (below, format!("Not measured · below it: {}", below.words()))
}

fn health_view(detail: &PartDetail, shown: Option<f32>, quality: Quality) -> Option<HealthView> {
    let health = detail.health.as_ref()?;
    let value = health.value.or(shown.map(f64::from)).filter(|v| v.is_finite()).map(|v| v.clamp(0.0, 1.0));
    Some(HealthView {
        value: value.map(|v| v as f32),
        figure: value.map_or_else(|| words::NONE.to_owned(), |v| format!("{} %", words::number(v * 100.0, 0))),
        from: words::cut(&health.from, 240).into_owned(),
        error: health.error.clone(),
        usable: matches!(quality, Quality::Good | Quality::Uncertain),
    })
}

/// The rules: those that stand first, worst first.
fn rule_views(look: &Look<'_>, detail: &PartDetail) -> Vec<RuleView> {
    let mut rules: Vec<RuleView> = detail.alarms.iter().filter_map(|alarm| rule_view(look, alarm)).collect();
    rules.sort_by_key(|rule| std::cmp::Reverse((rule.active || rule.acknowledge, rule.priority)));
    rules
}

fn rule_view(look: &Look<'_>, alarm: &AlarmDetail) -> Option<RuleView> {
    let rule = look.site().alarms.get(alarm.alarm.index())?;
    let listed = look.snapshot.alarms.iter().find(|a| a.alarm == alarm.alarm);
    let waiting = listed.is_some_and(|a| !a.acknowledged);
    let mut status = if alarm.active {
        let mut text = "active".to_owned();
        if let Some(ms) = alarm.since_ms {
            text.push_str(&format!(" {}", look.clock.since(ms)));
        }
        if alarm.acknowledged {
            text.push_str(", acknowledged");
        }
        text
    } else if waiting {
        "over, not acknowledged".to_owned()
    } else if alarm.condition {
        "holds, its delay runs".to_owned()
    } else {
        "quiet".to_owned()
    };
    if alarm.held {
        status.push_str(", held by bad data");
    }
    let advice = [("Cause", &rule.cause), ("Consequence", &rule.consequence), ("Response", &rule.response)]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(heading, text)| (heading, text.clone()))
        .collect();
    Some(RuleView {
        alarm: alarm.alarm,
        mark: Mark {
            severity: if alarm.active { rule.priority } else { Severity::Normal },
            quality: if alarm.held { Quality::Bad } else { Quality::Good },
        },
        priority: rule.priority,
        condition: condition_text(look.site(), rule),
        settings: rule_settings(rule),
        status,
        active: alarm.active,
        acknowledge: waiting && !alarm.acknowledged,
        advice,
        error: alarm.error.clone(),
    })
}

/// How the part moves on screen, and from what.
fn motions(look: &Look<'_>, part: &Part) -> Vec<String> {
    part.motions
        .iter()
        .map(|motion| {
            let verb = match motion.kind {
                MotionKind::Spin => "Spins with",
                MotionKind::Turn => "Turns to",
                MotionKind::Slide => "Slides to",
                MotionKind::Flow(_) => "Flows with",
            };
            let current = look.signal_status(motion.signal).is_some_and(|s| s.quality <= Quality::Uncertain);
            format!(
                "{verb} {}{}{}",
                look.signal_name(motion.signal),
                if motion.derived { ", which is derived, not measured" } else { "" },
                if current { "" } else { "; stands still, because that is not current" }
            )
        })
        .collect()
}

fn below(look: &Look<'_>, row: PartRow) -> Option<String> {
    let children = look.site().parts.iter().any(|part| part.parent == Some(row));
    if !children {
        return None;
    }
    let status = look.status(row);
    let mut parts: Vec<String> = Severity::ALL
        .iter()
        .rev()
        .filter_map(|severity| {
            let n = status.below.by_state.get(*severity as usize).copied().filter(|n| *n > 0)?;
            Some(format!("{n} {}", if *severity == Severity::Normal { "ok" } else { severity.word() }))
        })
        .collect();
    for (n, quality) in [
        (status.below.stale, Quality::Stale),
        (status.below.bad, Quality::Bad),
        (status.below.no_data, Quality::NoData),
    ] {
        if n > 0 {
            parts.push(format!("{n} {}", quality_word(quality)));
        }
    }
    Some(parts.join(" · "))
}

fn fault_view(look: &Look<'_>, row: PartRow) -> Option<FaultView> {
    let part = look.part(row)?;
    let asset = look.asset(part.asset)?;
    let simulated = look.site().sources.get(asset.source.index()).is_some_and(|source| source.simulated);
    let fault = FaultKind::of(asset.simulator.filter(|_| simulated)?).find(|fault| fault.part() == part.id)?;
    Some(FaultView {
        title: fault.title(),
        inject: Command::InjectFault { asset: part.asset, fault: fault.name().to_owned(), rate: FAULT_RATE },
        clear: Command::ClearFault { asset: part.asset, fault: fault.name().to_owned() },
        read_only: look.scene.read_only,
    })
}

impl PartView {
    /// Labels under the name that are not the state.
    #[must_use]
    pub fn badges(&self) -> Vec<Badge> {
        let mut badges = Vec::new();
        if let Some(stand_in) = &self.stand_in {
            badges.push(Badge { text: "stand-in model".to_owned(), warn: false, tooltip: stand_in.clone() });
        }
        if self.hidden {
            badges.push(Badge { text: "hidden".to_owned(), warn: false, tooltip: "not drawn in the view".to_owned() });
        }
        badges
    }
}
