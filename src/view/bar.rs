//! The bar at the top: is it live, is anything wrong.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{Signal, SignalInput, Stage};
use twinscope_twin::snapshot::{LinkState, SourceStatus};

use super::look::Look;
use super::state::TreeFilter;
use super::theme::Mark;
use super::words;

/// The bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarView {
    /// Name of the site.
    pub site: String,
    /// One per source, worst first, at most [`BarView::MOST_SOURCES`].
    pub sources: Vec<SourceView>,
    /// Sources that are not listed.
    pub more_sources: usize,
    /// Parts by state and quality; zero counts are left out, except normal.
    pub counts: Vec<CountView>,
    /// Messages per second over all sources.
    pub rate: String,
    /// Messages that our own bounds dropped, if any.
    pub dropped: Option<String>,
    /// A simulator stands in for the machines.
    pub simulated: bool,
    /// Commands that leave the process are refused.
    pub read_only: bool,
    /// The machines stand on land under a sky.
    pub outdoors: bool,
}

impl BarView {
    /// More do not fit beside the rest at 1280 points.
    pub const MOST_SOURCES: usize = 3;
}

/// Where a link stands, as a sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkSign {
    /// Will not be tried again.
    Refused,
    /// Being tried again.
    Lost,
    /// Not started.
    Idle,
    /// Being tried.
    Connecting,
    /// Without a broker.
    Direct,
    /// Connected.
    Live,
}

impl LinkSign {
    /// How much attention it wants.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Refused | Self::Lost => Severity::High,
            _ => Severity::Normal,
        }
    }
}

/// A source in the bar.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceView {
    /// Its sign.
    pub sign: LinkSign,
    /// `live`, `lost`, …: read first.
    pub word: &'static str,
    /// What follows the word: delay, since when, why.
    pub detail: String,
    /// Everything about it.
    pub tooltip: String,
}

/// Parts of one state or quality.
#[derive(Clone, Debug, PartialEq)]
pub struct CountView {
    /// Its mark.
    pub mark: Mark,
    /// How many.
    pub count: String,
    /// The word, where the mark alone does not say it.
    pub word: &'static str,
    /// In a sentence.
    pub tooltip: String,
    /// The filter that shows them in the tree.
    pub filter: TreeFilter,
}

/// The bar of one frame.
#[must_use]
pub fn bar_view(look: &Look<'_>) -> BarView {
    let site = look.site();
    let mut sources: Vec<SourceView> =
        look.snapshot.sources.iter().enumerate().map(|(i, status)| source_view(look, i, status)).collect();
    sources.sort_by_key(|source| source.sign);
    let more_sources = sources.len().saturating_sub(BarView::MOST_SOURCES);
    sources.truncate(BarView::MOST_SOURCES);
    let rate: f32 = look.snapshot.sources.iter().map(|s| s.rate_per_s).filter(|r| r.is_finite()).sum();
    let dropped = look.snapshot.sources.iter().fold(look.snapshot.counters.dropped, |most, s| most.max(s.dropped));
    BarView {
        site: words::cut(if site.name.is_empty() { &site.id } else { &site.name }, 40).into_owned(),
        sources,
        more_sources,
        counts: counts(look),
        rate: format!("{} msg/s", words::rate(rate)),
        dropped: (dropped > 0).then(|| format!("{} dropped", words::count(dropped))),
        simulated: look.scene.simulated,
        read_only: look.scene.read_only,
        outdoors: look.snapshot.site.stage == Stage::Landscape,
    }
}

/// The source with this row in words.
#[must_use]
pub fn source_view(look: &Look<'_>, row: usize, status: &SourceStatus) -> SourceView {
    let (id, url) = look.site().sources.get(row).map_or(("source", ""), |s| (s.id.as_str(), s.url.as_str()));
    let (sign, word, detail) = match &status.link {
        LinkState::Idle => (LinkSign::Idle, "idle", String::new()),
        LinkState::Connecting => (LinkSign::Connecting, "connecting", String::new()),
        LinkState::Live => {
            let said = silent_ms(look, row, status).map(|age| format!("silent for {}", words::age(age)));
            (LinkSign::Live, "live", said.or_else(|| status.delay_ms.map(delay)).unwrap_or_default())
        }
        LinkState::Lost { since, reason } => (
            LinkSign::Lost,
            "lost",
            format!("since {}: {}", words::age(look.clock.now.since_ms(*since)), words::cut(reason, 80)),
        ),
        LinkState::Refused { reason } => (LinkSign::Refused, "refused", words::cut(reason, 80).into_owned()),
        LinkState::Direct { .. } => (LinkSign::Direct, "direct", "no broker".to_owned()),
    };
    let mut tooltip = format!("{id}  {url}\n{word}");
    match &status.link {
        LinkState::Direct { reason } | LinkState::Refused { reason } => tooltip.push_str(&format!(": {reason}")),
        LinkState::Lost { since, reason } => {
            let age = words::age(look.clock.now.since_ms(*since));
            tooltip.push_str(&format!(" since {age} ({}), trying again\n{reason}", look.clock.time(since.wall_ms)));
        }
        _ => {}
    }
    tooltip.push_str(&format!(
        "\n{} messages, {} per second, {} dropped",
        words::count(status.messages),
        words::rate(status.rate_per_s),
        words::count(status.dropped)
    ));
    match status.delay_ms {
        Some(ms) => tooltip.push_str(&format!("\nreceived {} after their source time (median)", delay(ms))),
        None => tooltip.push_str("\nthe messages do not tell their source time"),
    }
    if let Some(trouble) = &status.trouble {
        tooltip.push_str(&format!("\nlast trouble: {trouble}"));
    }
    SourceView { sign, word, detail, tooltip }
}

/// How long a source that is connected and has spoken says nothing, ms: its delay would tell of what is over. `None`
/// while the first of its signals may still be silent.
fn silent_ms(look: &Look<'_>, row: usize, status: &SourceStatus) -> Option<u64> {
    /// For a source none of whose signals says how old it may become.
    const QUIET_MS: u64 = 5_000;
    if status.messages == 0 || status.rate_per_s >= 0.05 {
        return None;
    }
    let site = look.site();
    let of_source = |signal: &Signal| {
        let asset = site.parts.get(signal.part.index()).and_then(|part| site.assets.get(part.asset.index()));
        matches!(signal.input, SignalInput::Topic(_)) && asset.is_some_and(|asset| asset.source.index() == row)
    };
    let of_source = || site.signals.iter().zip(&look.snapshot.signals).filter(|(signal, _)| of_source(signal));
    let patience = of_source().filter_map(|(signal, _)| signal.stale_after_ms).min().unwrap_or(QUIET_MS);
    of_source().filter_map(|(_, status)| look.signal_age_ms(status)).min().filter(|&age| age > patience)
}

/// A delay in words. Below zero the source's clock is ahead of ours.
#[must_use]
pub fn delay(ms: f32) -> String {
    let ms = f64::from(ms);
    if ms.abs() < 1000.0 {
        format!("{} ms", words::number(ms, 0))
    } else if ms > 0.0 {
        words::age(ms as u64)
    } else {
        format!("−{}", words::age(-ms as u64))
    }
}

fn counts(look: &Look<'_>) -> Vec<CountView> {
    let whole = &look.snapshot.whole;
    let mut counts = Vec::with_capacity(8);
    for severity in Severity::ALL.iter().rev() {
        let n = whole.by_state.get(*severity as usize).copied().unwrap_or(0);
        let calm = *severity == Severity::Normal;
        if n == 0 && !calm {
            continue;
        }
        counts.push(CountView {
            mark: Mark::state(*severity),
            count: words::count(u64::from(n)),
            word: if calm { "ok" } else { "" },
            tooltip: format!("{}: {}", words::plural(n.into(), "part", "parts"), severity.word()),
            filter: if calm { TreeFilter::All } else { TreeFilter::Alarms },
        });
    }
    for (n, quality, word, why) in [
        (whole.stale, Quality::Stale, "stale", "not heard within its time"),
        (whole.bad, Quality::Bad, "bad", "the value cannot be used"),
        (whole.no_data, Quality::NoData, "no data", "nothing was heard, or nothing measures it"),
    ] {
        if n > 0 {
            counts.push(CountView {
                mark: Mark::quality(quality),
                count: words::count(u64::from(n)),
                word,
                tooltip: format!("{} {word}: {why}", words::plural(n.into(), "part", "parts")),
                filter: TreeFilter::Unknown,
            });
        }
    }
    counts
}
