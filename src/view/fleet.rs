//! The fleet as a table by risk: of every asset the part that is most likely to fail within 30 days, with its remaining
//! life, what it costs to wait, and how far all that can be believed. What is not known stands at the end, never left out.

use std::sync::Arc;

use twinscope_twin::quality::Quality;
use twinscope_twin::site::{AssetRow, PartRow, Site};
use twinscope_twin::snapshot::Life;

use super::lives::{LifeView, failure_within, life_view};
use super::look::{self, Look};
use super::spread::LIVES;
use super::theme::Mark;
use super::tree::roll_up_mark;
use super::words;

/// The horizon of the ranking, hours: 30 days.
pub const HORIZON_H: f64 = 720.0;

/// The table; rows are made into words on request.
#[derive(Clone, Debug)]
pub struct FleetView {
    site: Arc<Site>,
    entries: Vec<Entry>,
    /// Assets whose life is known.
    pub known: usize,
    /// Figures along the axis of lives: place and words.
    pub ticks: Vec<(f32, String)>,
    /// The asset of the selected part.
    pub selected: Option<AssetRow>,
}

#[derive(Clone, Debug)]
struct Entry {
    asset: AssetRow,
    mark: Mark,
    life: Option<Life>,
}

/// A row in words.
#[derive(Clone, Debug, PartialEq)]
pub struct FleetRow {
    /// The asset.
    pub asset: AssetRow,
    /// The part that a click selects: that of the life, else the first of the asset.
    pub part: Option<PartRow>,
    /// State and quality of the asset.
    pub mark: Mark,
    /// Name of the asset.
    pub name: String,
    /// Name of the part.
    pub part_name: String,
    /// Its life; `None`: not known.
    pub life: Option<LifeView>,
    /// Probability of failure within 30 days.
    pub failure: String,
    /// Expected cost of waiting.
    pub waiting: String,
    /// `calibrated`, `generic prior`, …
    pub belief: String,
}

impl FleetView {
    /// Rows of the table.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no asset.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A row in words.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<FleetRow> {
        let entry = self.entries.get(index)?;
        let asset = self.site.assets.get(entry.asset.index());
        let first = asset.map(|asset| asset.parts.start).filter(|_| asset.is_some_and(|a| !a.parts.is_empty()));
        let part = entry.life.as_ref().map(|life| life.part).or_else(|| first.map(PartRow));
        let life = entry.life.as_ref();
        let body = life.map(|life| &life.issue.body);
        let none = || words::NONE.to_owned();
        Some(FleetRow {
            asset: entry.asset,
            part,
            mark: entry.mark,
            name: words::cut(asset.map_or("?", look::asset_name), 48).into_owned(),
            part_name: life
                .and_then(|life| self.site.parts.get(life.part.index()))
                .map_or_else(none, |part| words::cut(look::part_name(part), 48).into_owned()),
            failure: life.and_then(|life| failure_within(life, HORIZON_H)).map_or_else(none, |(said, _)| said),
            waiting: life.and_then(Life::waiting).filter(|(w, _)| w.mean.is_finite()).map_or_else(
                none,
                |(w, currency)| {
                    let figure = words::number(w.mean, 0);
                    if currency.is_empty() { figure } else { format!("{} {figure}", words::cut(currency, 8)) }
                },
            ),
            belief: match (life, body.and_then(|body| body.prior.as_deref())) {
                (None, _) => String::new(),
                (Some(life), _) if life.expired => "expired".to_owned(),
                (Some(life), _) if life.issue.body.explained == Some(false) => "not explained".to_owned(),
                (Some(life), _) if life.issue.body.in_range == Some(false) => "out of range".to_owned(),
                (_, Some("generic")) => "generic prior".to_owned(),
                (_, Some(prior)) => words::cut(prior, 16).into_owned(),
                (_, None) => "prior not said".to_owned(),
            },
            life: life.map(life_view),
        })
    }
}

/// The table of one frame.
#[must_use]
pub fn fleet_view(look: &Look<'_>) -> FleetView {
    let site = look.site();
    let mut worst: Vec<Option<(&Life, f64)>> = vec![None; site.assets.len()];
    for life in &look.snapshot.lives {
        let risk = risk(life);
        if let Some(place) = worst.get_mut(life.asset.index())
            && place.is_none_or(|(have, at)| (have.expired, at) > (life.expired, risk))
        {
            *place = Some((life, risk));
        }
    }
    let mut rows: Vec<(AssetRow, Option<(&Life, f64)>)> =
        site.standing().map(|(row, _)| (row, worst.get(row.index()).copied().flatten())).collect();
    rows.sort_by(|(a, x), (b, y)| {
        let key =
            |life: &Option<(&Life, f64)>| life.map_or((true, true, 0.0), |(life, risk)| (false, life.expired, risk));
        let (x, y) = (key(x), key(y));
        (x.0, x.1).cmp(&(y.0, y.1)).then(x.2.total_cmp(&y.2)).then(a.cmp(b))
    });
    let mark =
        |asset: AssetRow| look.snapshot.assets.get(asset.index()).map_or(Mark::quality(Quality::NoData), roll_up_mark);
    FleetView {
        site: Arc::clone(&look.snapshot.site),
        known: rows.iter().filter(|(_, life)| life.is_some()).count(),
        entries: rows
            .into_iter()
            .map(|(asset, life)| Entry { asset, mark: mark(asset), life: life.map(|(life, _)| life.clone()) })
            .collect(),
        ticks: LIVES.ticks(),
        selected: look.snapshot.selected.as_ref().and_then(|detail| look.part(detail.part)).map(|part| part.asset),
    }
}

/// What lives are ranked by, riskiest first: minus the probability of failure within 30 days; among those that are as
/// good as sure of the next 30 days, the sooner one.
fn risk(life: &Life) -> f64 {
    let p = failure_within(life, HORIZON_H).map_or(0.0, |(_, p)| p);
    let soonest = life.p05_h.or(life.p50_h).filter(|h| h.is_finite()).unwrap_or(1e9).max(0.0);
    // The second term stays below a thousandth of a per cent.
    -p + 1e-5 * (soonest / (soonest + HORIZON_H))
}
