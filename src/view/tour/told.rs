//! What a stop says, with its figures filled in. What is old, doubtful or not known says so in the same breath.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{PartRow, SignalRow};
use twinscope_twin::snapshot::{AlarmStatus, LinkState};
use twinscope_twin::tour::{Figure, OfPart, Piece, Text};

use super::super::advice::money;
use super::super::alarms::condition_text;
use super::super::lives::{life_of, life_view};
use super::super::look::{self, Look};
use super::super::spread::{Said, hours};
use super::super::theme::Mark;
use super::super::words;
use super::screen::Show;

/// What the screen tells in one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct TourView {
    /// What this screen shows.
    pub show: Show,
    /// The headline.
    pub title: Vec<Told>,
    /// What is told.
    pub caption: Vec<Told>,
    /// Key figures.
    pub figures: Vec<KeyFigure>,
    /// Stops in all, the one that is told, and how far, 0 to 1.
    pub progress: Option<(usize, usize, f32)>,
    /// The state of the site.
    pub mark: Mark,
    /// In words: `2 alarms`.
    pub state: String,
    /// Name of the site.
    pub site: String,
    /// `14:02 UTC`.
    pub clock: String,
    /// Why what is shown is not what is, if a source is lost.
    pub lost: Option<String>,
    /// A simulator stands in for the machines.
    pub simulated: bool,
    /// The parts that it is about.
    pub highlight: Vec<PartRow>,
    /// The screen is dark: only the clock and the state, at this place of it.
    pub night: Option<[f32; 2]>,
    /// Colours.
    pub light: bool,
    /// Where the picture is, pixels from its middle.
    pub shift: [i32; 2],
}

/// A piece of what is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its words.
    pub text: String,
    /// A figure, and no word of the tour.
    pub live: bool,
    /// It may be relied on.
    pub sure: bool,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyFigure {
    /// What it is.
    pub label: String,
    /// `78.4 °C`.
    pub value: String,
    /// Its spread, or why it is not to be relied on; may be empty.
    pub note: String,
    /// The worst alarm on it.
    pub severity: Severity,
    /// It may be relied on.
    pub sure: bool,
}

/// What the screen tells; `None`: a person has taken over.
#[must_use]
pub fn tour_view(look: &Look<'_>) -> Option<TourView> {
    let playing = look.scene.playing.as_ref().filter(|playing| playing.plays())?;
    let active = look.snapshot.alarms.iter().filter(|alarm| alarm.active);
    let worst = active.map(|alarm| alarm.severity).max().unwrap_or_default();
    let stop = playing.stop();
    let text = |text: &Text| told(look, text);
    Some(TourView {
        show: playing.show,
        title: stop.map(|stop| text(&stop.title)).unwrap_or_default(),
        caption: stop.and_then(|stop| stop.captions.get(playing.caption())).map(text).unwrap_or_default(),
        figures: stop.iter().flat_map(|stop| &stop.figures).map(|figure| key_figure(look, *figure)).collect(),
        progress: playing.tour.as_ref().zip(playing.at()).map(|(tour, at)| (tour.stops.len(), at, playing.fraction())),
        mark: Mark::state(worst),
        state: words_of(look, Figure::Alarms).0,
        site: words::cut(if look.site().name.is_empty() { &look.site().id } else { &look.site().name }, 40)
            .into_owned(),
        clock: format!("{} {}", look.clock.time_of_day(playing.now().wall_ms, false), words::ZONE),
        lost: lost(look),
        simulated: look.scene.simulated,
        highlight: stop.map(|stop| stop.highlight.clone()).unwrap_or_default(),
        night: playing.night().then(|| super::screen::wander(playing.now().mono_ms)),
        light: playing.tour.as_ref().is_some_and(|tour| tour.light),
        shift: super::screen::shift(playing.now().mono_ms),
    })
}

/// A text with its figures filled in.
fn told(look: &Look<'_>, text: &Text) -> Vec<Told> {
    text.0
        .iter()
        .map(|piece| match piece {
            Piece::Plain(text) => Told { text: text.clone(), live: false, sure: true },
            Piece::Live(figure) => {
                let (text, sure) = words_of(look, *figure);
                Told { text, live: true, sure }
            }
        })
        .collect()
}

/// A figure in the middle of a sentence, and whether it may be relied on.
fn words_of(look: &Look<'_>, figure: Figure) -> (String, bool) {
    match figure {
        Figure::Signal(row) => signal(look, row),
        Figure::Alarms => match look.snapshot.alarms.iter().filter(|alarm| alarm.active).count() {
            0 => ("no alarm".to_owned(), true),
            n => (words::plural(n as u64, "alarm", "alarms"), true),
        },
        Figure::Unknown => match look.snapshot.whole.stale + look.snapshot.whole.bad {
            0 => ("nothing is silent".to_owned(), true),
            n => (format!("{} not known", words::plural(u64::from(n), "part is", "parts are")), true),
        },
        Figure::SiteName => (words::cut(&look.site().name, 60).into_owned(), true),
        Figure::AssetName(row) => (look.asset(row).map_or("?", look::asset_name).to_owned(), true),
        Figure::Part(row, of) => part(look, row, of),
    }
}

fn signal(look: &Look<'_>, row: SignalRow) -> (String, bool) {
    let (Some(signal), Some(status)) = (look.signal(row), look.signal_status(row)) else {
        return ("not known".to_owned(), false);
    };
    let Some(value) = &status.value else { return ("not known".to_owned(), false) };
    let figure = match value {
        twinscope_twin::value::Value::Number(number) => words::with_unit(*number, signal.decimals, &signal.unit),
        other => words::value(other, signal.decimals),
    };
    match status.quality {
        Quality::Good => (figure, true),
        Quality::Uncertain => (format!("{figure} (uncertain)"), false),
        Quality::Stale => {
            let age = look.signal_age_ms(status).map_or_else(|| "before".to_owned(), words::ago);
            (format!("{figure} ({age})"), false)
        }
        Quality::Bad => ("not known (the sensor is bad)".to_owned(), false),
        Quality::NoData => ("not known".to_owned(), false),
    }
}

fn part(look: &Look<'_>, row: PartRow, of: OfPart) -> (String, bool) {
    let status = look.status(row);
    let heard = status.quality <= Quality::Uncertain;
    let life = life_of(look.snapshot, row);
    let current = life.filter(|life| !life.expired);
    match of {
        OfPart::Name => (look.part_name(row).to_owned(), true),
        OfPart::State if heard || status.state > Severity::Normal => (status.state.word().to_owned(), true),
        OfPart::State => ("not known".to_owned(), false),
        OfPart::Health => match status.health.filter(|health| heard && health.is_finite()) {
            Some(health) => (words::percent(f64::from(health.clamp(0.0, 1.0))), true),
            None => ("not known".to_owned(), false),
        },
        OfPart::Life => match life.map(life_view) {
            None => ("not predicted yet".to_owned(), false),
            Some(life) if life.expired => ("not known any more: the prediction has expired".to_owned(), false),
            Some(life) if life.doubtful => (format!("{}, which the model doubts itself", life.text), false),
            Some(life) if life.generic => (format!("{}, for a machine of its kind", life.text), true),
            Some(life) => (life.text, true),
        },
        OfPart::Alarms => match worst_alarm(look, row) {
            Some(alarm) => (alarm_text(look, alarm), true),
            None => ("no alarm".to_owned(), true),
        },
        OfPart::Response => {
            let rule = worst_alarm(look, row).and_then(|alarm| look.site().alarms.get(alarm.alarm.index()));
            match rule.map(|rule| rule.response.as_str()).filter(|response| !response.is_empty()) {
                Some(response) => (words::cut(response, 240).into_owned(), true),
                None => ("nothing to do".to_owned(), true),
            }
        }
        OfPart::Advice | OfPart::Saves | OfPart::Cost => {
            let Some(advised) = current.and_then(|life| life.advice.as_ref()) else {
                return ("not known yet".to_owned(), false);
            };
            let currency = &advised.body.currency;
            let amount = |amount: Option<f64>| match amount.filter(|amount| amount.is_finite()) {
                Some(amount) => (money(amount, currency), true),
                None => ("not known".to_owned(), false),
            };
            match (current.and_then(|life| life.advised()), of) {
                (None, OfPart::Advice) => ("wait: nothing pays yet".to_owned(), true),
                (None, _) => (money(0.0, currency), true),
                (Some((_, action)), OfPart::Saves) => amount(action.saves),
                (Some((_, action)), OfPart::Cost) => amount(action.cost.map(|cost| cost.mean)),
                (Some((_, action)), _) => {
                    let title = if action.title.is_empty() { &action.id } else { &action.title };
                    let title = words::cut(title, 120);
                    match action.due_in_h.filter(|h| h.is_finite() && *h >= 24.0) {
                        Some(due) => (format!("{title}, in {}", hours(due)), true),
                        None => (format!("{title}, now"), true),
                    }
                }
            }
        }
    }
}

/// The worst active alarm of a part and of what is below it.
fn worst_alarm<'a>(look: &Look<'a>, row: PartRow) -> Option<&'a AlarmStatus> {
    look.snapshot.alarms_below(row).filter(|alarm| alarm.active).max_by_key(|alarm| alarm.severity)
}

fn alarm_text(look: &Look<'_>, alarm: &AlarmStatus) -> String {
    let rule = look.site().alarms.get(alarm.alarm.index());
    rule.map_or_else(|| "an alarm".to_owned(), |rule| condition_text(look.site(), rule))
}

fn key_figure(look: &Look<'_>, figure: Figure) -> KeyFigure {
    let (mut value, sure) = words_of(look, figure);
    let mut note = String::new();
    let mut severity = Severity::Normal;
    let label = match figure {
        Figure::Signal(row) => {
            let on_it = |alarm: &&AlarmStatus| {
                alarm.active
                    && look.site().alarms.get(alarm.alarm.index()).and_then(|rule| rule.condition.signal()) == Some(row)
            };
            severity = look.snapshot.alarms.iter().filter(on_it).map(|alarm| alarm.severity).max().unwrap_or_default();
            look.signal_name(row).to_owned()
        }
        Figure::Alarms => "Alarms".to_owned(),
        Figure::Unknown => "Not known".to_owned(),
        Figure::SiteName => "Site".to_owned(),
        Figure::AssetName(_) => "Machine".to_owned(),
        Figure::Part(row, of) => {
            severity = if of == OfPart::State { look.status(row).state } else { severity };
            match of {
                OfPart::Name => "Part".to_owned(),
                OfPart::State => "State".to_owned(),
                OfPart::Health => "Health".to_owned(),
                OfPart::Life => "Remaining life".to_owned(),
                OfPart::Alarms => "Alarm".to_owned(),
                OfPart::Response => "Response".to_owned(),
                OfPart::Advice => "Advice".to_owned(),
                OfPart::Saves => "Saves".to_owned(),
                OfPart::Cost => "Costs".to_owned(),
            }
        }
    };
    // A life in large figures, and its band below: never the median alone.
    if let Figure::Part(row, OfPart::Life) = figure
        && let Some(life) = life_of(look.snapshot, row).filter(|_| sure)
    {
        let said = Said::of(&life.issue.body);
        note = said.band_text();
        if let Some(figure) = said.figure {
            value = figure;
        } else {
            (value, note) = (note, String::new());
        }
    }
    if !sure && let Some((figure, why)) = value.clone().split_once(" (") {
        (value, note) = (figure.to_owned(), why.trim_end_matches(')').to_owned());
    }
    KeyFigure { label, value, note, severity, sure }
}

/// A source that is lost, in a sentence.
fn lost(look: &Look<'_>) -> Option<String> {
    look.snapshot.sources.iter().find_map(|source| match &source.link {
        LinkState::Lost { since, .. } => {
            let age = words::age(look.clock.now.since_ms(*since));
            Some(format!("No connection for {age}: nothing here is newer than {}", look.clock.time(since.wall_ms)))
        }
        LinkState::Refused { .. } => Some("No connection: the broker refuses this screen".to_owned()),
        _ => None,
    })
}
