//! The card at a part in the scene: what it is doing, in the few lines that fit beside it. Of the part that the pointer
//! rests on, or else of the selected one.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{Part, PartRow, SignalRow};
use twinscope_twin::snapshot::SignalStatus;
use twinscope_twin::value::Value;

use super::alarms::condition_text;
use super::inspector::head;
use super::lives::{LifeView, life_of, life_view};
use super::look::{self, Look};
use super::theme::Mark;
use super::words;

/// How long the pointer rests on a part before its card comes, s: who only passes by is not held up.
const REST_S: f64 = 0.5;
/// Values on a card: the inspector has them all.
const MOST_VALUES: usize = 3;
/// Alarms on a card.
const MOST_ALARMS: usize = 2;

/// Which part has a card.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardState {
    /// Cards are wanted.
    pub on: bool,
    /// The part whose card is shown.
    pub part: Option<PartRow>,
    /// The part whose card was closed; it comes again for another one.
    closed: Option<PartRow>,
    /// What the pointer is over, and since when, s.
    rests: Option<(PartRow, f64)>,
}

impl Default for CardState {
    fn default() -> Self {
        Self { on: true, part: None, closed: None, rests: None }
    }
}

impl CardState {
    /// Follows pointer and selection; `now_s` is any clock. How long until it is to be asked again, s.
    pub fn follow(&mut self, hovered: Option<PartRow>, selected: Option<PartRow>, now_s: f64) -> Option<f64> {
        self.rests = match (hovered, self.rests) {
            (Some(part), Some((before, since))) if part == before => Some((part, since)),
            (Some(part), _) => Some((part, now_s)),
            (None, _) => None,
        };
        if self.closed.is_some_and(|closed| Some(closed) != hovered && Some(closed) != selected) {
            self.closed = None;
        }
        let rested = self.rests.filter(|(_, since)| now_s - since >= REST_S).map(|(part, _)| part);
        let wanted = rested.or(selected).filter(|part| self.on && self.closed != Some(*part));
        self.part = wanted;
        self.rests.filter(|_| rested.is_none() && self.on).map(|(_, since)| (REST_S - (now_s - since)).max(0.0))
    }

    /// Puts the card away.
    pub fn close(&mut self) {
        self.closed = self.part.take();
    }
}

/// Where the part of the card is on screen. The window tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CardPlace {
    /// The part.
    pub part: PartRow,
    /// Its middle, points.
    pub pos: [f32; 2],
    /// What it covers, as far as it is in view, points: left, top, right, bottom.
    pub covers: [f32; 4],
}

/// The card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardView {
    /// Where its part is.
    pub place: CardPlace,
    /// Name of the part.
    pub name: String,
    /// State and quality.
    pub mark: Mark,
    /// The same in words, and of which machine.
    pub words: String,
    /// The values that matter most.
    pub values: Vec<CardValue>,
    /// Signals that are not on it.
    pub more: usize,
    /// Its remaining life.
    pub life: Option<LifeView>,
    /// Alarms that stand, worst first.
    pub alarms: Vec<(Severity, String)>,
    /// Why nothing measures it.
    pub note: Option<String>,
}

/// A value on the card.
#[derive(Clone, Debug, PartialEq)]
pub struct CardValue {
    /// Name of the signal.
    pub name: String,
    /// The figure, without its unit.
    pub figure: String,
    /// Its unit.
    pub unit: String,
    /// How old it is, or that it was never heard.
    pub age: String,
    /// It may be used; otherwise it is drawn grey.
    pub usable: bool,
    /// Its quality, unless good.
    pub mark: Option<Mark>,
    /// Worst alarm that stands on it.
    pub severity: Severity,
}

/// The card of one frame.
#[must_use]
pub fn card_view(look: &Look<'_>) -> Option<CardView> {
    let place = look.scene.card.filter(|place| Some(place.part) == look.ui.card.part)?;
    let part = look.part(place.part)?;
    let status = look.status(place.part);
    let (mark, state) = head(&status);
    let machine = words::cut(look.asset_name_of(place.part), 40);
    let ranked = ranked(look, place.part, part);
    let more = ranked.len().saturating_sub(MOST_VALUES);
    let values = ranked.into_iter().take(MOST_VALUES).filter_map(|(severity, row)| value(look, row, severity));
    let active = look.snapshot.alarms.iter().filter(|alarm| alarm.part == place.part && alarm.active);
    let alarms = active.filter_map(|alarm| {
        let rule = look.site().alarms.get(alarm.alarm.index())?;
        Some((alarm.severity, words::cut(&condition_text(look.site(), rule), 60).into_owned()))
    });
    let unmeasured = part.signals.is_empty().then_some(part.note.as_deref()).flatten();
    Some(CardView {
        place,
        name: words::cut(look::part_name(part), 60).into_owned(),
        mark,
        words: format!("{state}  ·  {machine}"),
        values: values.collect(),
        more,
        life: life_of(look.snapshot, place.part).map(life_view),
        alarms: alarms.take(MOST_ALARMS).collect(),
        note: unmeasured.map(|note| words::cut(note, 160).into_owned()),
    })
}

/// The signals of a part, those that matter most first: with an alarm that stands, then watched by an alarm, then numbers,
/// in the order of the file.
fn ranked(look: &Look<'_>, row: PartRow, part: &Part) -> Vec<(Severity, SignalRow)> {
    let rules = || part.alarms.clone().filter_map(|alarm| look.site().alarms.get(alarm as usize));
    let watched = |signal: SignalRow| rules().any(|rule| rule.condition.signal() == Some(signal));
    let standing = |signal: SignalRow| {
        let alarms = look.snapshot.alarms.iter().filter(|alarm| alarm.part == row && alarm.active);
        let on = alarms.filter(|alarm| {
            let rule = look.site().alarms.get(alarm.alarm.index());
            rule.is_some_and(|rule| rule.condition.signal() == Some(signal))
        });
        on.map(|alarm| alarm.severity).max().unwrap_or_default()
    };
    let number = |signal: SignalRow| {
        look.signal_status(signal).is_some_and(|status| matches!(status.value, Some(Value::Number(_))))
    };
    let mut rows: Vec<_> = part.signals.clone().map(SignalRow).map(|signal| (standing(signal), signal)).collect();
    rows.sort_by_key(|&(severity, signal)| (std::cmp::Reverse(severity), !watched(signal), !number(signal), signal));
    rows
}

fn value(look: &Look<'_>, row: SignalRow, severity: Severity) -> Option<CardValue> {
    let signal = look.signal(row)?;
    let empty = SignalStatus::default();
    let status = look.signal_status(row).unwrap_or(&empty);
    let figure = status.value.as_ref().map_or_else(|| words::NONE.to_owned(), |v| words::value(v, signal.decimals));
    Some(CardValue {
        name: words::cut(look::signal_name(signal), 40).into_owned(),
        figure: words::cut(&figure, 24).into_owned(),
        unit: match status.value {
            Some(Value::Number(_)) => words::unit(&signal.unit).into_owned(),
            _ => String::new(),
        },
        age: look.signal_age_ms(status).map_or_else(|| "never heard".to_owned(), words::age),
        usable: status.quality <= Quality::Uncertain && status.value.is_some(),
        mark: (status.quality != Quality::Good).then(|| Mark::quality(status.quality)),
        severity,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture;
    use crate::view::{Scene, UiState};

    const A: PartRow = PartRow(1);
    const B: PartRow = PartRow(2);

    #[test]
    fn a_card_comes_when_the_pointer_rests_and_goes_with_it() {
        let mut card = CardState::default();
        assert_eq!(card.follow(Some(A), None, 10.0), Some(REST_S));
        assert_eq!(card.part, None);
        let wait = card.follow(Some(A), None, 10.2).unwrap();
        assert!((wait - 0.3).abs() < 1e-9 && card.part.is_none());
        assert_eq!((card.follow(Some(A), None, 10.5), card.part), (None, Some(A)));
        // Another part has to be rested on anew.
        card.follow(Some(B), None, 10.6);
        assert_eq!(card.part, None);
        card.follow(Some(B), None, 11.2);
        assert_eq!(card.part, Some(B));
        card.follow(None, None, 11.3);
        assert_eq!(card.part, None);
    }

    #[test]
    fn the_selected_part_has_a_card_until_the_pointer_rests_elsewhere() {
        let mut card = CardState::default();
        card.follow(None, Some(A), 0.0);
        assert_eq!(card.part, Some(A));
        card.follow(Some(B), Some(A), 1.0);
        assert_eq!(card.part, Some(A));
        card.follow(Some(B), Some(A), 2.0);
        assert_eq!(card.part, Some(B));
    }

    #[test]
    fn a_card_that_was_closed_stays_so_until_the_pointer_was_elsewhere() {
        let mut card = CardState::default();
        card.follow(Some(A), None, 0.0);
        card.follow(Some(A), None, 1.0);
        card.close();
        card.follow(Some(A), None, 2.0);
        assert_eq!(card.part, None);
        card.follow(None, None, 3.0);
        card.follow(Some(A), None, 4.0);
        card.follow(Some(A), None, 5.0);
        assert_eq!(card.part, Some(A));
    }

    #[test]
    fn without_cards_none_comes_and_nothing_waits() {
        let mut card = CardState { on: false, ..CardState::default() };
        assert_eq!((card.follow(Some(A), Some(B), 0.0), card.part), (None, None));
        assert_eq!((card.follow(Some(A), Some(B), 9.0), card.part), (None, None));
    }

    /// The card of a part of the fixture.
    fn of(id: &str) -> CardView {
        let mut snapshot = fixture::turbine();
        let row = snapshot.site.parts.iter().position(|part| part.id == id).unwrap();
        let part = PartRow(row as u32);
        snapshot.selected = None;
        let mut ui = UiState::default();
        ui.card.part = Some(part);
        let place = CardPlace { part, pos: [700.0, 400.0], covers: [650.0, 350.0, 750.0, 450.0] };
        let scene = Scene { card: Some(place), ..Scene::default() };
        card_view(&Look::new(&snapshot, &scene, &ui)).unwrap()
    }

    #[test]
    fn the_value_under_an_alarm_comes_first_with_its_unit_and_age() {
        let snapshot = fixture::turbine();
        let alarm = snapshot.alarms.iter().find(|alarm| alarm.active).unwrap();
        let rule = &snapshot.site.alarms[alarm.alarm.index()];
        let signal = &snapshot.site.signals[rule.condition.signal().unwrap().index()];
        let card = of(&snapshot.site.parts[alarm.part.index()].id);
        let first = &card.values[0];
        assert_eq!((first.name.as_str(), first.severity), (signal.name.as_str(), alarm.severity));
        assert_eq!(first.unit, words::unit(&signal.unit));
        assert!(!first.age.is_empty());
        assert_eq!(card.alarms[0].0, alarm.severity);
        assert!(card.values.len() <= MOST_VALUES);
    }

    #[test]
    fn what_nothing_measures_says_so_and_never_looks_healthy() {
        let card = of("foundation");
        assert!(card.values.is_empty() && card.words.starts_with("Not measured"), "{card:?}");
        assert_eq!(card.mark.quality, Quality::NoData);
    }

    #[test]
    fn a_part_that_is_not_in_view_has_no_card() {
        let snapshot = fixture::turbine();
        let mut ui = UiState::default();
        ui.card.part = Some(A);
        assert_eq!(card_view(&Look::new(&snapshot, &Scene::default(), &ui)), None);
    }
}
