//! What if: up to three plans, each a place of every lever of a model, asked of whoever answers, side by side with the
//! baseline.
//!
//! The panel keeps where the sliders stand ([`Asked`]); answers come with the snapshot. An answer counts for a plan only if
//! its setting is the plan's: until then the plan waits, and what is drawn says that it is of an older setting.

use std::collections::BTreeMap;

use twinscope_twin::command::Command;
use twinscope_twin::prediction::{Body, Issue, Lever};
use twinscope_twin::site::{AssetRow, PartRow};

use super::fan::{FanView, fan_view};
use super::life::{BASELINE, gain_words, quantity_title};
use super::look::Look;
use super::spread::{Axis, Bar, Said, axis_of, hours};
use super::words;

/// Plans side by side.
pub const PLANS: usize = 3;

/// Scenarios and names of the plans.
const NAMES: [(&str, &str); PLANS] = [("plan-a", "A"), ("plan-b", "B"), ("plan-c", "C")];

/// Shortest time between two questions while a slider moves, s.
const PAUSE_S: f64 = 0.05;

/// Most levers that are shown.
const MOST_LEVERS: usize = 12;

/// The scenario of a plan.
#[must_use]
pub fn plan_id(plan: usize) -> Option<&'static str> {
    NAMES.get(plan).map(|(id, _)| *id)
}

/// Whether a scenario is one of the panel's.
#[must_use]
pub fn is_plan(scenario: &str) -> bool {
    NAMES.iter().any(|(id, _)| *id == scenario)
}

/// The name of a scenario on screen.
#[must_use]
pub fn plan_name(scenario: &str) -> String {
    NAMES.iter().find(|(id, _)| *id == scenario).map_or_else(
        || super::why::capital(&words::cut(scenario, 24).replace(['_', '-'], " ")),
        |(_, name)| (*name).to_owned(),
    )
}

/// What the panel remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// The part whose card opened it.
    pub part: PartRow,
    /// Its asset.
    pub asset: AssetRow,
    /// Who is asked.
    pub model: String,
    /// The plans.
    pub plans: [Option<Plan>; PLANS],
    /// The plan whose lives are shown on the parts.
    pub shown: Option<usize>,
}

/// One plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Where levers stand that are not neutral.
    pub setting: BTreeMap<String, f64>,
    /// What was asked last, and when by the clock of the window, s.
    pub sent: Option<(BTreeMap<String, f64>, f64)>,
}

/// Whether a plan has to be asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Due {
    /// The newest setting was asked.
    No,
    /// Now.
    Now,
    /// After so many seconds.
    In(f64),
}

impl Plan {
    /// Whether to ask at `now_s`: at most every 50 ms, and always for the last setting.
    #[must_use]
    pub fn due(&self, now_s: f64) -> Due {
        match &self.sent {
            None => Due::Now,
            Some((sent, _)) if *sent == self.setting => Due::No,
            Some((_, at)) => {
                let wait = at + PAUSE_S - now_s;
                // A clock that was set back must not silence the panel.
                if wait <= 0.0 || wait > PAUSE_S { Due::Now } else { Due::In(wait) }
            }
        }
    }
}

impl Asked {
    /// A new question about a model: plan A is there, everything neutral.
    #[must_use]
    pub fn new(part: PartRow, asset: AssetRow, model: String) -> Self {
        Self { part, asset, model, plans: [Some(Plan::default()), None, None], shown: None }
    }

    /// Whether a scenario is one of the open plans, or of somebody else.
    #[must_use]
    pub fn has(&self, scenario: &str) -> bool {
        let own = NAMES.iter().position(|(id, _)| *id == scenario);
        own.is_none_or(|at| self.plans.get(at).is_some_and(Option::is_some))
    }

    /// What has to be asked at `now_s`, and how long until the next, s.
    pub fn questions(&mut self, now_s: f64) -> (Vec<Command>, Option<f64>) {
        let (mut commands, mut wait) = (Vec::new(), None::<f64>);
        for (plan, (scenario, _)) in self.plans.iter_mut().zip(NAMES) {
            let Some(plan) = plan else { continue };
            match plan.due(now_s) {
                Due::No => {}
                Due::In(s) => wait = Some(wait.map_or(s, |have| have.min(s))),
                Due::Now => {
                    plan.sent = Some((plan.setting.clone(), now_s));
                    commands.push(question(self.asset, &self.model, scenario, Some(plan.setting.clone())));
                }
            }
        }
        (commands, wait)
    }

    /// Closes a plan: the command that withdraws it.
    pub fn close(&mut self, plan: usize) -> Option<Command> {
        self.plans.get_mut(plan)?.take()?;
        if self.shown == Some(plan) {
            self.shown = None;
        }
        Some(question(self.asset, &self.model, plan_id(plan)?, None))
    }

    /// Closes all plans.
    pub fn close_all(&mut self) -> Vec<Command> {
        (0..PLANS).filter_map(|plan| self.close(plan)).collect()
    }

    /// Opens the first plan that is not there, standing where the one before it stands.
    pub fn add(&mut self) {
        let before = self.plans.iter().flatten().next_back().map(|plan| plan.setting.clone()).unwrap_or_default();
        if let Some(place) = self.plans.iter_mut().find(|plan| plan.is_none()) {
            *place = Some(Plan { setting: before, sent: None });
        }
    }

    /// Puts a lever somewhere. Neutral is left out of the setting.
    pub fn put(&mut self, plan: usize, lever: &LeverView, value: f64) {
        let Some(Some(plan)) = self.plans.get_mut(plan) else { return };
        let value = lever.snap(value);
        if value == lever.neutral {
            plan.setting.remove(&lever.id);
        } else {
            plan.setting.insert(lever.id.clone(), value);
        }
    }
}

fn question(asset: AssetRow, model: &str, scenario: &str, setting: Option<BTreeMap<String, f64>>) -> Command {
    Command::WhatIf { asset, model: model.to_owned(), scenario: scenario.to_owned(), setting }
}

/// The panel.
#[derive(Clone, Debug, PartialEq)]
pub struct WhatIfView {
    /// Whose life is asked about: `High-speed bearing · Turbine 1`.
    pub title: String,
    /// Who is asked.
    pub model: String,
    /// The levers.
    pub levers: Vec<LeverView>,
    /// Levers beyond those.
    pub more_levers: usize,
    /// The baseline, then a column per plan.
    pub columns: Vec<ColumnView>,
    /// Figures along the common axis: place and words.
    pub ticks: Vec<(f32, String)>,
    /// The future of the quantity that fails, with a line per plan.
    pub fan: Option<FanView>,
    /// Why nothing can be asked.
    pub refused: Option<&'static str>,
    /// Another plan can be opened.
    pub can_add: bool,
}

/// A slider or a switch.
#[derive(Clone, Debug, PartialEq)]
pub struct LeverView {
    /// In messages.
    pub id: String,
    /// For people.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// Lowest, highest, step, and where nothing is changed.
    pub low: f64,
    /// Highest.
    pub high: f64,
    /// From one place to the next.
    pub step: f64,
    /// Where nothing is changed.
    pub neutral: f64,
    /// On or off.
    pub switch: bool,
    decimals: u8,
}

impl LeverView {
    fn of(lever: &Lever) -> Option<Self> {
        let sound = [lever.low, lever.high, lever.step, lever.neutral].iter().all(|v| v.is_finite());
        if !sound
            || !(lever.high - lever.low).is_finite()
            || lever.high <= lever.low
            || lever.step <= 0.0
            || lever.id.is_empty()
        {
            return None;
        }
        let title = if lever.title.is_empty() { &lever.id } else { &lever.title };
        Some(Self {
            id: lever.id.clone(),
            title: words::cut(title, 48).replace('_', " "),
            unit: words::unit(&lever.unit).into_owned(),
            low: lever.low,
            high: lever.high,
            step: lever.step.max((lever.high - lever.low) / 10_000.0),
            neutral: lever.neutral.clamp(lever.low, lever.high),
            switch: lever.is_switch(),
            decimals: (0..6).find(|d| (lever.step * 10_f64.powi(*d)).fract().abs() < 1e-6).unwrap_or(6) as u8,
        })
    }

    /// The nearest place of the lever; its neutral place is one too.
    #[must_use]
    pub fn snap(&self, value: f64) -> f64 {
        if !value.is_finite() {
            return self.neutral;
        }
        let value = value.clamp(self.low, self.high);
        let stepped = (self.low + ((value - self.low) / self.step).round() * self.step).min(self.high);
        if (value - self.neutral).abs() <= (value - stepped).abs() { self.neutral } else { stepped }
    }

    /// A place in words.
    #[must_use]
    pub fn said(&self, value: f64) -> String {
        match self.switch {
            true if value >= 0.5 => "yes".to_owned(),
            true => "no".to_owned(),
            false => words::join_unit(&words::number(value, self.decimals), &self.unit),
        }
    }
}

/// A column: the baseline or a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnView {
    /// `Baseline`, `A`, …
    pub name: String,
    /// Which plan; `None`: the baseline.
    pub plan: Option<usize>,
    /// Where its levers stand, in their order.
    pub places: Vec<f64>,
    /// `42 d (5–95 %: 18 to 95)`.
    pub text: String,
    /// The spread on the common axis.
    pub bar: Option<Bar>,
    /// `+410 d (5–95 %: +20 to +1900), better in 97 %`.
    pub gain: Option<String>,
    /// Probability of failure within the first horizon that is told.
    pub pof: Option<String>,
    /// Where the answer stands.
    pub answer: Answer,
    /// Its lives are on the parts.
    pub shown: bool,
}

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is of the setting: how old it is.
    Here(String),
    /// It is not there yet, or of an older setting.
    Waiting,
    /// It must not be used any more.
    Expired(String),
}

/// The panel of one frame: `None` while nothing is asked, or another asset is selected.
#[must_use]
pub fn what_if_view(look: &Look<'_>) -> Option<WhatIfView> {
    let asked = look.ui.what_if.as_ref()?;
    let selected = look.snapshot.selected.as_ref()?;
    if look.part(selected.part)?.asset != asked.asset {
        return None;
    }
    let base = baseline(look, asked);
    let all = base.map_or(&[][..], |(_, issue)| &issue.body.levers);
    let levers: Vec<LeverView> = all.iter().filter_map(LeverView::of).take(MOST_LEVERS).collect();
    let quantity = base.map_or("rul", |(quantity, _)| quantity);
    let answer = |scenario: &str| {
        let found = look.snapshot.scenarios.iter().find(|(key, _)| {
            key.part == asked.part && key.quantity == quantity && key.model == asked.model && key.scenario == scenario
        });
        found.map(|(_, issue)| issue.as_ref())
    };
    let answers = NAMES.map(|(scenario, _)| answer(scenario));
    let axis =
        axis_of(base.iter().map(|(_, issue)| *issue).chain(answers.into_iter().flatten()).map(|issue| &issue.body));
    let mut columns = vec![column(look, "Baseline", base.map(|(_, issue)| issue), &levers, None, axis)];
    for (at, ((plan, (_, name)), answer)) in asked.plans.iter().zip(NAMES).zip(answers).enumerate() {
        let Some(plan) = plan else { continue };
        let mut column = column(look, name, answer, &levers, Some(&plan.setting), axis);
        column.plan = Some(at);
        column.shown = asked.shown == Some(at);
        columns.push(column);
    }
    let fan = base.and_then(|(quantity, issue)| {
        let key = twinscope_twin::prediction::PredictionKey {
            part: asked.part,
            quantity: quantity.to_owned(),
            model: asked.model.clone(),
            scenario: BASELINE.to_owned(),
        };
        issue.is_dated().then(|| fan_view(look, &key, &issue.body, issue.issued_ms())).flatten()
    });
    let refused = match (base, look.scene.read_only) {
        (_, true) => Some("Read only: nobody is asked anything."),
        (None, _) => Some("The model's own prediction is not there any more."),
        (Some(_), _) if levers.is_empty() => Some("The model has no levers that can be moved."),
        _ => None,
    };
    Some(WhatIfView {
        title: format!(
            "{} of {} · {}",
            quantity_title(quantity),
            words::cut(look.part_name(asked.part), 40),
            words::cut(look.asset_name_of(asked.part), 40)
        ),
        model: words::cut(&asked.model, 32).into_owned(),
        more_levers: all.len().saturating_sub(levers.len()),
        ticks: axis.map(|axis| axis.ticks()).unwrap_or_default(),
        levers,
        columns,
        fan,
        refused,
        can_add: asked.plans.iter().any(Option::is_none),
    })
}

/// The prediction that the plans are compared with: of the part, of the model, under the baseline, with levers.
fn baseline<'a>(look: &Look<'a>, asked: &Asked) -> Option<(&'a str, &'a Issue)> {
    let life = super::lives::life_of(look.snapshot, asked.part).filter(|life| life.key.model == asked.model);
    if let Some(life) = life {
        return Some((life.key.quantity.as_str(), life.issue.as_ref()));
    }
    let selected = look.snapshot.selected.as_ref().filter(|detail| detail.part == asked.part)?;
    let of = |(key, issue, _): &&(twinscope_twin::prediction::PredictionKey, Issue, usize)| {
        key.model == asked.model && key.scenario == BASELINE && !issue.body.levers.is_empty()
    };
    selected.predictions.iter().find(of).map(|(key, issue, _)| (key.quantity.as_str(), issue))
}

fn column(
    look: &Look<'_>,
    name: &str,
    issue: Option<&Issue>,
    levers: &[LeverView],
    setting: Option<&BTreeMap<String, f64>>,
    axis: Option<Axis>,
) -> ColumnView {
    let body = issue.map(|issue| &issue.body);
    let place =
        |lever: &LeverView| setting.and_then(|setting| setting.get(&lever.id)).copied().unwrap_or(lever.neutral);
    let answer = match issue {
        None => Answer::Waiting,
        Some(issue) if setting.is_some_and(|setting| !same(levers, setting, &issue.body.setting)) => Answer::Waiting,
        Some(issue) => {
            let age = super::life::age_words(look, issue);
            let age = age.split(" from data").next().unwrap_or(&age).to_owned();
            if issue.is_expired(look.clock.now) { Answer::Expired(age) } else { Answer::Here(age) }
        }
    };
    ColumnView {
        name: name.to_owned(),
        plan: None,
        places: levers.iter().map(place).collect(),
        text: body.map_or_else(|| words::NONE.to_owned(), |body| Said::of(body).one_line()),
        bar: body.zip(axis).and_then(|(body, axis)| Bar::on(body, axis)),
        gain: body.and_then(|body| body.against.as_ref()).and_then(gain_words),
        pof: body.and_then(first_pof),
        answer,
        shown: false,
    }
}

fn first_pof(body: &Body) -> Option<String> {
    let first =
        body.pof.iter().filter(|p| p.p.is_finite() && p.in_h.is_finite()).min_by(|a, b| a.in_h.total_cmp(&b.in_h))?;
    Some(format!("fails within {}: {}", hours(first.in_h), words::percent(first.p)))
}

/// Whether an answer is of the setting where a plan stands now, for a model with these levers.
#[must_use]
pub fn is_of(plan: &Plan, answer: &Body, levers: &[Lever]) -> bool {
    let levers: Vec<LeverView> = levers.iter().filter_map(LeverView::of).collect();
    same(&levers, &plan.setting, &answer.setting)
}

/// Whether two settings put every lever at the same place; what is left out is neutral.
fn same(levers: &[LeverView], a: &BTreeMap<String, f64>, b: &BTreeMap<String, f64>) -> bool {
    levers.iter().all(|lever| {
        let at = |setting: &BTreeMap<String, f64>| setting.get(&lever.id).copied().unwrap_or(lever.neutral);
        (at(a) - at(b)).abs() <= lever.step * 1e-3
    })
}
