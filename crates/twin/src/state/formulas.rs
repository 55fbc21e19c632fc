//! All expressions of a site: compiled once, with their inputs as rows, in an order in which inputs come first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::lists::Lists;
use crate::expression::{Expression, Language};
use crate::site::{AlarmRow, AssetRow, Condition, PartRow, SignalInput, SignalRow, Site};

/// Most expressions of a site that are kept apart; beyond, the rest says so instead of a result.
const MOST: usize = 1_000_000;

/// What an expression decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Signal(SignalRow),
    Health(PartRow),
    Alarm(AlarmRow),
}

/// One expression.
#[derive(Debug)]
pub(super) struct Formula {
    pub target: Target,
    /// Why it cannot be evaluated at all, or the expression with its inputs in the order of its names.
    pub program: Result<(Expression, Vec<SignalRow>), String>,
    /// Must see every sample, because an alarm depends on it; the others see the last of each batch.
    pub exact: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Formulas {
    pub language: Language,
    /// Inputs before what depends on them.
    pub list: Vec<Formula>,
    /// The formulas that read each signal.
    pub of_signal: Lists,
    /// Signals that an exact formula reads, directly or through others.
    pub exact_signals: Vec<bool>,
}

impl Formulas {
    /// The signals that a derived one is made of; none of a measured one.
    pub fn inputs_of(&self, signal: SignalRow) -> &[SignalRow] {
        let formula = self.list.iter().find(|formula| formula.target == Target::Signal(signal));
        formula.and_then(|formula| formula.program.as_ref().ok()).map_or(&[], |(_, inputs)| inputs)
    }

    pub fn new(site: &Site) -> Self {
        let language = Language::default();
        let names = Names::new(site);
        let mut list: Vec<Formula> = sources(site)
            .take(MOST)
            .map(|(target, part, text)| Formula {
                target,
                program: compile(&language, &names, site, part, text),
                exact: matches!(target, Target::Alarm(_)),
            })
            .collect();
        sort(&mut list, site);
        let exact_signals = mark_exact(&mut list, site);
        let mut pairs = Vec::new();
        for (formula, row) in list.iter().zip(0_u32..) {
            if let Ok((_, inputs)) = &formula.program {
                let unique: BTreeSet<usize> = inputs.iter().map(|input| input.index()).collect();
                pairs.extend(unique.into_iter().map(|input| (input, row)));
            }
        }
        Self { language, of_signal: Lists::new(site.signals.len(), &pairs), list, exact_signals }
    }
}

/// Every expression of a site with its target and the part in which its names are looked up.
fn sources(site: &Site) -> impl Iterator<Item = (Target, PartRow, &str)> {
    let signals = site.signals.iter().zip(0..).filter_map(|(signal, row)| match &signal.input {
        SignalInput::Expression(text) => Some((Target::Signal(SignalRow(row)), signal.part, text.as_str())),
        SignalInput::Topic(_) => None,
    });
    let health = site.parts.iter().zip(0..).filter_map(|(part, row)| {
        part.health.as_deref().map(|text| (Target::Health(PartRow(row)), PartRow(row), text))
    });
    let alarms = site.alarms.iter().zip(0..).filter_map(|(alarm, row)| match &alarm.condition {
        Condition::When(text) => Some((Target::Alarm(AlarmRow(row)), alarm.part, text.as_str())),
        _ => None,
    });
    signals.chain(health).chain(alarms)
}

/// Names to rows.
struct Names<'a> {
    signals: HashMap<(PartRow, &'a str), SignalRow>,
    parts: HashMap<(AssetRow, &'a str), PartRow>,
}

impl<'a> Names<'a> {
    fn new(site: &'a Site) -> Self {
        Self {
            signals: site
                .signals
                .iter()
                .zip(0..)
                .map(|(signal, row)| ((signal.part, signal.id.as_str()), SignalRow(row)))
                .collect(),
            parts: site
                .parts
                .iter()
                .zip(0..)
                .map(|(part, row)| ((part.asset, part.id.as_str()), PartRow(row)))
                .collect(),
        }
    }

    /// `x` is a signal of `part`, `p.x` one of the part `p` of the same asset.
    fn find(&self, site: &Site, part: PartRow, name: &str) -> Result<SignalRow, String> {
        let Some((other, signal)) = name.split_once('.') else {
            let found = self.signals.get(&(part, name)).copied();
            return found.ok_or_else(|| format!("this part has no signal `{name}`"));
        };
        let asset = site.parts.get(part.index()).map(|part| part.asset);
        let other_row = asset.and_then(|asset| self.parts.get(&(asset, other)));
        let other_row = *other_row.ok_or_else(|| format!("this asset has no part `{other}`"))?;
        let found = self.signals.get(&(other_row, signal)).copied();
        found.ok_or_else(|| format!("part `{other}` has no signal `{signal}`"))
    }
}

fn compile(
    language: &Language,
    names: &Names<'_>,
    site: &Site,
    part: PartRow,
    text: &str,
) -> Result<(Expression, Vec<SignalRow>), String> {
    let expression = language.compile(text).map_err(|error| error.to_string())?;
    let inputs = expression.inputs().iter().map(|name| names.find(site, part, name)).collect::<Result<_, _>>()?;
    Ok((expression, inputs))
}

/// Sorts formulas so that inputs come first (Kahn, "Topological sorting of large networks", 1962). What depends on
/// itself gets an error instead of its program; health and alarms come last, since nothing depends on them.
fn sort(list: &mut Vec<Formula>, site: &Site) {
    let by_signal: BTreeMap<SignalRow, usize> = list
        .iter()
        .enumerate()
        .filter_map(|(row, formula)| match formula.target {
            Target::Signal(signal) => Some((signal, row)),
            _ => None,
        })
        .collect();
    let needs: Vec<BTreeSet<usize>> = list
        .iter()
        .map(|formula| match &formula.program {
            Ok((_, inputs)) => inputs.iter().filter_map(|input| by_signal.get(input).copied()).collect(),
            Err(_) => BTreeSet::new(),
        })
        .collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); list.len()];
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    for (row, needs) in needs.iter().enumerate() {
        for need in needs {
            if let Some(list) = needed_by.get_mut(*need) {
                list.push(row);
            }
        }
    }
    let mut order: Vec<usize> = (0..list.len()).filter(|row| open.get(*row) == Some(&0)).collect();
    let mut at = 0;
    while let Some(row) = order.get(at).copied() {
        at += 1;
        for next in needed_by.get(row).into_iter().flatten() {
            if let Some(count) = open.get_mut(*next) {
                *count -= 1;
                if *count == 0 {
                    order.push(*next);
                }
            }
        }
    }
    let sorted: BTreeSet<usize> = order.iter().copied().collect();
    for row in (0..list.len()).filter(|row| !sorted.contains(row)) {
        let circle = circle(row, &needs, &sorted);
        let names: Vec<String> = circle.iter().filter_map(|row| list.get(*row)).map(|f| name(f, site)).collect();
        if let Some(formula) = list.get_mut(row) {
            formula.program = Err(format!("it depends on itself: {}", names.join(" → ")));
        }
        order.push(row);
    }
    let mut slots: Vec<Option<Formula>> = std::mem::take(list).into_iter().map(Some).collect();
    list.extend(order.into_iter().filter_map(|row| slots.get_mut(row).and_then(Option::take)));
}

/// A walk from `row` through what it needs until something comes again, at most eight steps long.
fn circle(row: usize, needs: &[BTreeSet<usize>], sorted: &BTreeSet<usize>) -> Vec<usize> {
    let mut walk = vec![row];
    while walk.len() < 8 {
        let next = walk
            .last()
            .and_then(|last| needs.get(*last))
            .and_then(|needs| needs.iter().find(|need| !sorted.contains(need)));
        let Some(next) = next.copied() else { break };
        let again = walk.contains(&next);
        walk.push(next);
        if again {
            break;
        }
    }
    walk
}

fn name(formula: &Formula, site: &Site) -> String {
    let full =
        |part: PartRow, id: &str| format!("{}.{id}", site.parts.get(part.index()).map_or("?", |part| part.id.as_str()));
    match formula.target {
        Target::Signal(row) => site.signals.get(row.index()).map(|signal| full(signal.part, &signal.id)),
        Target::Health(row) => Some(full(row, "health")),
        Target::Alarm(row) => site.alarms.get(row.index()).map(|alarm| full(alarm.part, &alarm.id)),
    }
    .unwrap_or_default()
}

/// Marks the formulas whose result can raise an alarm, and the signals they read.
fn mark_exact(list: &mut [Formula], site: &Site) -> Vec<bool> {
    let mut signals = vec![false; site.signals.len()];
    for signal in site.alarms.iter().filter_map(|alarm| alarm.condition.signal()) {
        if let Some(mark) = signals.get_mut(signal.index()) {
            *mark = true;
        }
    }
    // From the back: what depends on a formula comes after it.
    let mut read = vec![false; site.signals.len()];
    for formula in list.iter_mut().rev() {
        if let Target::Signal(signal) = formula.target {
            formula.exact |= signals.get(signal.index()) == Some(&true) || read.get(signal.index()) == Some(&true);
        }
        if let (true, Ok((_, inputs))) = (formula.exact, &formula.program) {
            for input in inputs {
                if let Some(mark) = read.get_mut(input.index()) {
                    *mark = true;
                }
            }
        }
    }
    read
}
