//! Advice in words: what could be done, cheapest first, with its cost and the spread of that, when, why, and what would
//! change it; the figures that it was reckoned with; and the work order that accepting it publishes.

use std::collections::BTreeMap;

use twinscope_twin::advice::{Action, Advice, Advised, Economic};
use twinscope_twin::command::Command;
use twinscope_twin::record::{Record, What, WorkOrder};
use twinscope_twin::site::{AssetRow, PartRow};
use twinscope_twin::snapshot::PartDetail;

use super::life::{Badge, lapse_words};
use super::look::Look;
use super::spread::{Axis, Bar, hours, short_number};
use super::words;

/// Most actions and inputs that are shown.
const MOST: usize = 12;

/// The advice of one model on the selected part.
#[derive(Clone, Debug, PartialEq)]
pub struct AdviceView {
    /// The part.
    pub part: PartRow,
    /// Its asset.
    pub asset: AssetRow,
    /// Whose advice.
    pub model: String,
    /// `made 2 min ago · costs over 365 d in EUR`.
    pub age: String,
    /// Must not be used any more.
    pub expired: bool,
    /// Short labels: `simulated asset`, time lapse.
    pub badges: Vec<Badge>,
    /// Cheapest first.
    pub actions: Vec<ActionView>,
    /// Actions beyond those.
    pub more: usize,
    /// What it was reckoned with.
    pub inputs: Vec<InputView>,
}

/// Something that could be done.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionView {
    /// In messages.
    pub id: String,
    /// For people.
    pub title: String,
    /// Place in the ranking.
    pub rank: String,
    /// When: `6 Dec 14:02 UTC · in 14 d`.
    pub due: Option<String>,
    /// Between when it is about as good.
    pub window: Option<String>,
    /// Expected cost: `EUR 41 000`.
    pub cost: Option<String>,
    /// `5–95 %: 36 000 to 92 000`, or that there is no spread.
    pub cost_band: String,
    /// The cost on the axis that all actions share; its middle is the mean.
    pub bar: Option<Bar>,
    /// What the cost is made of: title, figure, share of the largest cost.
    pub parts: Vec<(String, String, f32)>,
    /// `fails before that: 4 %`.
    pub failure_before: Option<String>,
    /// `saves EUR 57 000 against waiting`.
    pub saves: Option<String>,
    /// Where levers stand meanwhile.
    pub setting: Option<String>,
    /// Why.
    pub why: String,
    /// What would change it.
    pub would_change: String,
    /// The order that accepting it publishes; `None`: nothing is to be done.
    pub order: Option<Box<WorkOrder>>,
    /// Why it cannot be accepted.
    pub refused: Option<&'static str>,
    /// An order for it is there already.
    pub ordered: Option<String>,
}

/// A figure of the operator.
#[derive(Clone, Debug, PartialEq)]
pub struct InputView {
    /// In messages.
    pub id: String,
    /// For people.
    pub title: String,
    /// Its unit.
    pub unit: String,
    /// What it stands at: as edited, else as the advice was reckoned.
    pub value: f64,
    /// Lowest that is possible.
    pub low: f64,
    /// Highest that is possible.
    pub high: f64,
    /// Where it comes from.
    pub source: String,
    /// It was changed, and the advice is not of it yet.
    pub waiting: bool,
}

/// Figures that were changed and are not in an advice yet.
pub type Edits = BTreeMap<(AssetRow, String), BTreeMap<String, f64>>;

/// All advice on the selected part.
#[must_use]
pub fn advice_views(look: &Look<'_>, detail: &PartDetail) -> Vec<AdviceView> {
    let Some(part) = look.part(detail.part) else { return Vec::new() };
    detail.advice.iter().map(|advised| advice_view(look, part.asset, advised, detail)).collect()
}

fn advice_view(look: &Look<'_>, asset: AssetRow, advised: &Advised, detail: &PartDetail) -> AdviceView {
    let body = &advised.body;
    let expired = advised.is_expired(look.clock.now);
    let made = if advised.is_dated() {
        format!("made {}", words::ago(look.clock.wall_age_ms(advised.issued_ms())))
    } else {
        format!("made before {}", look.clock.time(advised.issued_ms()))
    };
    let over =
        body.horizon_h.filter(|h| h.is_finite()).map(|h| format!(" · costs over {}", hours(h))).unwrap_or_default();
    let top = body.actions.iter().filter_map(largest).fold(0.0, f64::max);
    let edits = look.ui.economics.get(&(asset, advised.model.clone()));
    AdviceView {
        part: advised.part,
        asset,
        model: advised.model.clone(),
        age: format!("{made}{over}"),
        expired,
        badges: badges(look, body, expired),
        actions: body
            .actions
            .iter()
            .take(MOST)
            .enumerate()
            .map(|(at, action)| action_view(look, advised, action, at, top, &detail.records))
            .collect(),
        more: body.actions.len().saturating_sub(MOST),
        inputs: body.economics.iter().take(2 * MOST).filter_map(|e| input_view(e, edits)).collect(),
    }
}

fn badges(look: &Look<'_>, body: &Advice, expired: bool) -> Vec<Badge> {
    let mut badges = Vec::new();
    if let Some(until) = body.valid_until.filter(|_| expired) {
        badges.push(Badge::new("expired", true, format!("must not be used since {}", look.clock.time(until))));
    }
    if body.from_simulation == Some(true) {
        badges.push(Badge::new("simulated asset", false, "advice for a machine that a simulator stands in for"));
    }
    if let Some(lapse) = lapse_words(body.time_lapse) {
        badges.push(Badge::new(
            lapse,
            false,
            "the simulated machine ages faster than the clock: hours here are its own",
        ));
    }
    badges
}

/// The largest figure of an action, for the common axis.
fn largest(action: &Action) -> Option<f64> {
    let cost = action.cost?;
    [Some(cost.mean), cost.p95].into_iter().flatten().filter(|v| v.is_finite()).reduce(f64::max)
}

/// An amount: `EUR 41 000`; to the hundred above 100,000, since nobody knows it better.
pub fn money(amount: f64, currency: &str) -> String {
    let rounded = if amount.abs() >= 100_000.0 { (amount / 100.0).round() * 100.0 } else { amount };
    let figure = words::number(rounded, 0);
    let currency = words::cut(currency, 8);
    if currency.is_empty() { figure } else { format!("{currency} {figure}") }
}

fn action_view(
    look: &Look<'_>,
    advised: &Advised,
    action: &Action,
    at: usize,
    top: f64,
    records: &[std::sync::Arc<Record>],
) -> ActionView {
    let body = &advised.body;
    let waits = action.id == "wait";
    let title = if action.title.is_empty() { &action.id } else { &action.title };
    let cost = action.cost.filter(|cost| cost.mean.is_finite());
    let axis = Axis::Linear(0.0, top.max(1e-9));
    let band = cost.and_then(|cost| {
        let finite = |value: Option<f64>| value.filter(|value| value.is_finite());
        Some((finite(cost.p05)?, finite(cost.p95)?))
    });
    let due_at = action.due_in_h.filter(|_| !waits).and_then(|h| moment(advised, h));
    let mean = cost.map(|cost| cost.mean);
    let order = (!waits && !action.id.is_empty()).then(|| {
        Box::new(WorkOrder {
            action: action.id.clone(),
            title: words::cut(title, 120).into_owned(),
            due_at,
            model: Some(advised.model.clone()),
            cost: mean,
            currency: body.currency.clone(),
            why: action.why.clone(),
            state: "planned".to_owned(),
        })
    });
    let ordered = records.iter().find_map(|record| match &record.what {
        What::Planned(order) if order.action == action.id && order.state != "done" => {
            let state = if order.state.is_empty() { "ordered" } else { &order.state };
            Some(format!("work order {}, {}", words::cut(state, 24), words::ago(look.clock.wall_age_ms(record.at))))
        }
        _ => None,
    });
    ActionView {
        id: action.id.clone(),
        title: words::cut(title, 120).into_owned(),
        rank: (at + 1).to_string(),
        due: action.due_in_h.filter(|h| h.is_finite() && !waits).map(|h| when(look, advised, h)),
        window: action.window_h.filter(|w| w.iter().all(|h| h.is_finite())).and_then(|[from, to]| {
            let times = (moment(advised, from)?, moment(advised, to)?);
            Some(format!("as good from {} to {}", look.clock.time(times.0), look.clock.time(times.1)))
        }),
        cost: mean.map(|mean| money(mean, &body.currency)),
        cost_band: match band {
            Some((low, high)) => format!("5–95 %: {} to {}", money(low, ""), money(high, "")),
            None if cost.is_some() => "expected, without a spread".to_owned(),
            None => "its cost is not known".to_owned(),
        },
        bar: cost.zip(band).map(|(cost, (low, high))| Bar {
            low: axis.place(low),
            mid: Some(axis.place(cost.mean)),
            high: axis.place(high),
            raw: None,
            open: false,
            ticks: vec![(0.0, "0".to_owned()), (1.0, money(top, &body.currency))],
        }),
        parts: action
            .parts
            .iter()
            .filter(|part| part.mean.is_finite())
            .take(MOST)
            .map(|part| (words::cut(&part.title, 48).into_owned(), money(part.mean, ""), axis.place(part.mean)))
            .collect(),
        failure_before: action.failure_before.filter(|p| p.is_finite()).map(|p| {
            let what = if waits { "fails meanwhile" } else { "fails before that" };
            format!("{what}: {}", words::percent(p.clamp(0.0, 1.0)))
        }),
        saves: action.saves.filter(|saves| saves.is_finite() && !waits).map(|saves| match saves < 0.0 {
            true => format!("costs {} more than waiting", money(-saves, &body.currency)),
            false => format!("saves {} against waiting", money(saves, &body.currency)),
        }),
        setting: setting_words(action),
        why: words::cut(&action.why, 600).into_owned(),
        would_change: words::cut(&action.would_change, 600).into_owned(),
        refused: match () {
            () if look.scene.read_only => Some("Read only: no work order is published."),
            () if advised.is_expired(look.clock.now) => Some("The advice has expired."),
            () => None,
        },
        order,
        ordered,
    }
}

fn setting_words(action: &Action) -> Option<String> {
    let told: Vec<String> = action
        .setting
        .iter()
        .filter(|(_, value)| value.is_finite())
        .take(4)
        .map(|(id, value)| format!("{} {}", words::cut(id, 32).replace('_', " "), short_number(*value)))
        .collect();
    (!told.is_empty()).then(|| format!("meanwhile {}", told.join(", ")))
}

/// The moment by the clock of what lies some hours of the asset after the issue.
fn moment(advised: &Advised, in_h: f64) -> Option<i64> {
    let lapse = advised.body.time_lapse.filter(|lapse| lapse.is_finite() && *lapse >= 1.0).unwrap_or(1.0);
    let ms = in_h * 3_600_000.0 / lapse;
    // Beyond a thousand years is no date.
    (ms.abs() < 3.2e13).then(|| advised.issued_ms().saturating_add(ms as i64))
}

/// `6 Dec 14:02 UTC · in 14 d`; where the asset ages faster than the clock, in both.
fn when(look: &Look<'_>, advised: &Advised, in_h: f64) -> String {
    let Some(at) = moment(advised, in_h) else { return format!("in {}", hours(in_h)) };
    let left_ms = at.saturating_sub(look.clock.now.wall_ms);
    let lapse = advised.body.time_lapse.filter(|lapse| lapse.is_finite() && *lapse > 1.0);
    let left_h = left_ms as f64 / 3_600_000.0;
    let relative = match (left_ms <= 0, lapse) {
        (true, _) => "due now".to_owned(),
        (false, None) => format!("in {}", hours(left_h)),
        (false, Some(lapse)) => {
            format!("in {} of the machine, {} by the clock", hours(left_h * lapse), hours(left_h))
        }
    };
    format!("{} · {relative}", look.clock.time(at))
}

fn input_view(economic: &Economic, edits: Option<&BTreeMap<String, f64>>) -> Option<InputView> {
    if economic.id.is_empty() || !economic.value.is_finite() {
        return None;
    }
    let edited = edits.and_then(|edits| edits.get(&economic.id)).copied().filter(|value| value.is_finite());
    let title = if economic.title.is_empty() { &economic.id } else { &economic.title };
    let bound = |value: Option<f64>, else_: f64| value.filter(|value| value.is_finite()).unwrap_or(else_);
    Some(InputView {
        id: economic.id.clone(),
        title: words::cut(title, 64).replace('_', " "),
        unit: words::unit(&economic.unit).into_owned(),
        value: edited.unwrap_or(economic.value),
        low: bound(economic.low, 0.0),
        high: bound(economic.high, 1e12),
        source: words::cut(&economic.source, 80).into_owned(),
        waiting: edited.is_some_and(|edited| (edited - economic.value).abs() > 1e-9 * economic.value.abs().max(1.0)),
    })
}

/// Puts an input somewhere; the command that says so.
pub fn edit(edits: &mut Edits, advice: &AdviceView, id: &str, value: f64) -> Option<Command> {
    let input = advice.inputs.iter().find(|input| input.id == id)?;
    if !value.is_finite() || input.low > input.high {
        return None;
    }
    let value = value.clamp(input.low, input.high);
    edits.entry((advice.asset, advice.model.clone())).or_default().insert(id.to_owned(), value);
    Some(Command::Economics {
        asset: advice.asset,
        model: advice.model.clone(),
        values: BTreeMap::from([(id.to_owned(), value)]),
    })
}
