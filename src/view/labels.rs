//! Labels of parts in the scene: which ones, in which order, and where, so that none covers another.
//!
//! Pure: [`label_views`] chooses, [`place`] lays out boxes of given sizes. The panels measure text and paint.

use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::value::Value;

use super::crack::{CrackView, crack_of, crack_view};
use super::lives::{LifeView, life_of, life_view, shown_plan};
use super::look::Look;
use super::theme::Mark;
use super::words;

/// Most labels at a time: more is read by nobody.
pub const MOST_LABELS: usize = 12;

/// A label to be placed.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelView {
    /// The part.
    pub part: PartRow,
    /// Its name.
    pub name: String,
    /// The figure that matters now, and its unit.
    pub figure: String,
    /// The figure is the one under the alarm: it takes the alarm's colour.
    pub alarmed: bool,
    /// State and quality.
    pub mark: Mark,
    /// Where the part is, points.
    pub pos: [f32; 2],
    /// Its remaining life; under the plan of this name, if one is shown on the parts.
    pub life: Option<(Option<String>, LifeView)>,
    /// Its crack, at whose end the line to the label begins.
    pub crack: Option<CrackView>,
    /// It is selected.
    pub selected: bool,
    /// It is hovered.
    pub hovered: bool,
}

/// The labels of one frame, most important first: hovered, selected, then by severity, then the nearest.
#[must_use]
pub fn label_views(look: &Look<'_>) -> Vec<LabelView> {
    let selected = look.snapshot.selected.as_ref().map(|s| s.part);
    let hovered = look.ui.hovered.filter(|_| !look.ui.tag_hovered);
    let with_life = told_of_themselves(look.snapshot);
    let mut wanted: Vec<(PartRow, [f32; 2], f32, Severity)> = look
        .scene
        .anchors
        .iter()
        .filter(|anchor| anchor.visible && anchor.pos.iter().all(|v| v.is_finite()))
        .filter_map(|anchor| {
            let state = look.status(anchor.part).state;
            let chosen = Some(anchor.part) == selected || Some(anchor.part) == hovered;
            let turning = look.scene.too_fast.iter().any(|(part, _)| *part == anchor.part);
            let shown = chosen || state > Severity::Normal || turning || with_life.contains(&anchor.part);
            // The card says more.
            let carded =
                look.scene.card.is_some_and(|card| card.part == anchor.part && look.ui.card.part == Some(card.part));
            (shown && !carded && !look.is_hidden(anchor.part)).then_some((anchor.part, anchor.pos, anchor.depth, state))
        })
        .collect();
    let rank = |part: PartRow| match () {
        () if Some(part) == hovered => 0,
        () if Some(part) == selected => 1,
        () => 2,
    };
    wanted.sort_by(|a, b| rank(a.0).cmp(&rank(b.0)).then(b.3.cmp(&a.3)).then(a.2.total_cmp(&b.2)).then(a.0.cmp(&b.0)));
    wanted.dedup_by_key(|w| w.0);
    wanted.truncate(MOST_LABELS);
    wanted
        .into_iter()
        .map(|(part, pos, ..)| {
            let (figure, alarmed) = figure(look, part);
            LabelView {
                part,
                name: words::cut(look.part_name(part), 40).into_owned(),
                figure,
                alarmed,
                mark: Mark::of(&look.status(part)),
                life: label_life(look, part),
                crack: crack_of(look.snapshot, part).map(|crack| crack_view(crack, look.clock.now)),
                pos,
                selected: Some(part) == selected,
                hovered: Some(part) == hovered,
            }
        })
        .collect()
}

/// The parts that get a label for what is believed of them: the shortest lives, and cracks.
#[must_use]
pub fn told_of_themselves(snapshot: &Snapshot) -> Vec<PartRow> {
    let usable = snapshot.cracks.iter().filter(|crack| !crack.expired && crack.p50_m.is_some());
    let mut parts: Vec<PartRow> = usable.map(|crack| crack.part).take(MOST_CRACKS).collect();
    let others: Vec<PartRow> = shortest_lives(snapshot).into_iter().filter(|part| !parts.contains(part)).collect();
    parts.extend(others);
    parts
}

/// Most parts that get a label for their crack alone.
const MOST_CRACKS: usize = 6;

/// Most parts that get a label for their life alone.
const MOST_LIVES: usize = 3;

/// The parts of the machine that is looked at with the shortest usable lives: of the selected asset, or of the only one.
#[must_use]
pub fn shortest_lives(snapshot: &Snapshot) -> Vec<PartRow> {
    let part = snapshot.selected.as_ref().and_then(|detail| snapshot.site.parts.get(detail.part.index()));
    let selected = part.map(|part| part.asset);
    let mut standing = snapshot.site.standing().map(|(row, _)| row);
    let Some(asset) = selected.or_else(|| standing.next().filter(|_| standing.next().is_none())) else {
        return Vec::new();
    };
    let mut lives: Vec<_> = snapshot
        .lives
        .iter()
        .filter(|life| life.asset == asset && !life.expired)
        .filter_map(|life| Some((life.p05_h.or(life.p50_h).filter(|h| h.is_finite())?, life.part)))
        .collect();
    lives.sort_by(|a, b| a.0.total_cmp(&b.0));
    lives.into_iter().take(MOST_LIVES).map(|(_, part)| part).collect()
}

/// The life on a label: under the plan that is shown on the parts, else as it is believed.
fn label_life(look: &Look<'_>, part: PartRow) -> Option<(Option<String>, LifeView)> {
    if let Some((plan, life)) = shown_plan(look, part) {
        return Some((Some(plan), life));
    }
    life_of(look.snapshot, part).map(|life| (None, life_view(life)))
}

/// The figure on a label: the value under its worst alarm, else the speed that cannot be drawn, else its first number.
/// And whether it is the first of these.
fn figure(look: &Look<'_>, part: PartRow) -> (String, bool) {
    let site = look.site();
    let alarmed = look.snapshot.alarms.iter().filter(|a| a.part == part && a.active).find_map(|a| {
        let signal = site.alarms.get(a.alarm.index())?.condition.signal()?;
        signal_figure(look, signal)
    });
    if let Some(figure) = alarmed {
        return (figure, true);
    }
    let turning =
        look.scene.too_fast.iter().find(|(row, _)| *row == part).map(|(_, text)| words::cut(text, 40).into_owned());
    let other = turning.or_else(|| {
        let signals = site.parts.get(part.index())?.signals.clone();
        signals.map(twinscope_twin::site::SignalRow).find_map(|signal| signal_figure(look, signal))
    });
    (other.unwrap_or_default(), false)
}

/// A signal's value with its unit; with its age where it must not be taken for what is now.
fn signal_figure(look: &Look<'_>, row: twinscope_twin::site::SignalRow) -> Option<String> {
    let signal = look.signal(row)?;
    let status = look.signal_status(row)?;
    let value = status.value.as_ref().filter(|v| matches!(v, Value::Number(_)))?;
    let figure = words::join_unit(&words::value(value, signal.decimals), &words::unit(&signal.unit));
    let usable = status.quality <= twinscope_twin::quality::Quality::Uncertain;
    match look.signal_age_ms(status) {
        Some(age) if !usable => Some(format!("{figure}, {}", words::ago(age))),
        _ => Some(figure),
    }
}

/// A rectangle: left, top, right, bottom.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Box2 {
    pub left: f32,
    pub top: f32,
    pub right: f32,
    pub bottom: f32,
}

impl Box2 {
    pub(super) fn at(left: f32, top: f32, size: [f32; 2]) -> Self {
        Self { left, top, right: left + size[0], bottom: top + size[1] }
    }

    fn overlaps(&self, other: &Self, gap: f32) -> bool {
        self.left < other.right + gap
            && other.left < self.right + gap
            && self.top < other.bottom + gap
            && other.top < self.bottom + gap
    }

    pub(super) fn inside(&self, bounds: &Self) -> bool {
        self.left >= bounds.left && self.right <= bounds.right && self.top >= bounds.top && self.bottom <= bounds.bottom
    }

    fn contains(&self, [x, y]: [f32; 2], gap: f32) -> bool {
        x > self.left - gap && x < self.right + gap && y > self.top - gap && y < self.bottom + gap
    }
}

/// Distance of a label from its part, points, best first: far enough that neither the part nor its neighbours are
/// covered, near only where there is no room.
const DISTANCES: [f32; 5] = [96.0, 132.0, 64.0, 176.0, 40.0];

/// Directions that are tried, best first: up to a side as on a drawing, so that a row of parts stays free; straight down
/// last.
const DIRECTIONS: [[f32; 2]; 8] =
    [[0.5, -0.86], [-0.5, -0.86], [0.86, -0.5], [-0.86, -0.5], [0.0, -1.0], [0.86, 0.5], [-0.86, 0.5], [0.0, 1.0]];

/// Places boxes beside their anchors, in order of importance: none overlaps another, covers an anchor, leaves `bounds`
/// or lies on an obstacle. A box that finds no place is left out (`None`), except where there are no more than `kept` in
/// all (hovered, selected): they are put inside the bounds in any case.
#[must_use]
pub fn place(boxes: &[([f32; 2], [f32; 2])], bounds: Box2, obstacles: &[Box2], kept: usize) -> Vec<Option<Box2>> {
    const GAP: f32 = 6.0;
    let mut placed: Vec<Box2> = Vec::with_capacity(boxes.len());
    let mut out = Vec::with_capacity(boxes.len());
    for (anchor, size) in boxes {
        let free = |candidate: &Box2| {
            candidate.inside(&bounds)
                && !placed.iter().chain(obstacles).any(|other| candidate.overlaps(other, GAP))
                && !boxes.iter().any(|(other, _)| candidate.contains(*other, GAP))
        };
        let found = DISTANCES
            .iter()
            .flat_map(|distance| DIRECTIONS.iter().map(move |direction| (distance, direction)))
            .map(|(distance, [dx, dy])| {
                let (x, y) = (anchor[0] + dx * distance, anchor[1] + dy * distance);
                // The side of the box that looks at the anchor lies at the distance.
                let left = if *dx > 0.1 {
                    x
                } else if *dx < -0.1 {
                    x - size[0]
                } else {
                    x - size[0] / 2.0
                };
                let top = if *dy > 0.6 {
                    y
                } else if *dy < -0.6 {
                    y - size[1]
                } else {
                    y - size[1] / 2.0
                };
                Box2::at(left, top, *size)
            })
            .find(free);
        let found = found.or_else(|| {
            // Too small a view for any place: still better seen than not.
            (boxes.len() <= kept).then(|| {
                let left = (anchor[0] + 44.0).min(bounds.right - size[0]).max(bounds.left);
                let top = (anchor[1] - 44.0).min(bounds.bottom - size[1]).max(bounds.top);
                Box2::at(left, top, *size)
            })
        });
        placed.extend(found);
        out.push(found);
    }
    out
}
