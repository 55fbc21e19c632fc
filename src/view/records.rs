//! Evidence about the selected part: the form for what a model can use, and what was found, done and planned.

use twinscope_twin::command::Command;
use twinscope_twin::record::{Record, What};
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::PartDetail;

use super::look::Look;
use super::spread::short_number;
use super::words;

/// Most kinds of evidence that the form offers.
const MOST_OFFERS: usize = 24;

/// What is known and can be told about the part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordsView {
    /// What the form offers.
    pub offers: Vec<OfferView>,
    /// Newest first.
    pub records: Vec<RecordView>,
    /// Why nothing can be recorded.
    pub refused: Option<&'static str>,
}

/// A kind of evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferView {
    /// In messages.
    pub id: String,
    /// For people.
    pub title: String,
    /// Unit (UCUM) of the number, for messages.
    pub ucum: String,
    /// The unit, for people.
    pub unit: String,
    /// Lowest and highest number that is possible; `None`: work that was done.
    pub number: Option<(f64, f64)>,
    /// "Nothing found" is an answer.
    pub nothing: bool,
}

impl OfferView {
    /// What the number must be, in words.
    #[must_use]
    pub fn bounds(&self) -> String {
        self.number.map_or_else(String::new, |(low, high)| {
            format!("{} to {}", short_number(low), words::join_unit(&short_number(high), &self.unit))
        })
    }
}

/// Something that was found, done or planned.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordView {
    /// `Inspection`, `Maintenance`, `Work order`.
    pub kind: &'static str,
    /// `Crack found by borescope: 1.8 ± 0.3 mm`.
    pub what: String,
    /// `14:02:11 UTC · N. N.`
    pub when: String,
    /// What somebody wrote.
    pub note: String,
}

/// What the form holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// The part that it is about; it is emptied for another.
    pub part: Option<PartRow>,
    /// It is unfolded.
    pub open: bool,
    /// The chosen kind.
    pub chosen: Option<String>,
    /// Somebody looked and found nothing.
    pub nothing: bool,
    /// The number, as typed.
    pub value: String,
    /// Its standard deviation, as typed; may be empty.
    pub deviation: String,
    /// Who; kept from one entry to the next.
    pub by: String,
    /// Anything else.
    pub note: String,
    /// What was recorded last.
    pub said: Option<String>,
}

impl Form {
    /// Makes it about a part.
    pub fn about(&mut self, part: PartRow) {
        if self.part != Some(part) {
            *self = Self { part: Some(part), by: std::mem::take(&mut self.by), ..Self::default() };
        }
    }

    /// What the form says, as a command.
    ///
    /// # Errors
    /// What is missing or not possible, in words.
    pub fn command(&self, part: PartRow, offer: &OfferView) -> Result<Command, String> {
        let (by, note) = (self.by.trim().to_owned(), self.note.trim().to_owned());
        let Some((low, high)) = offer.number else {
            return Ok(Command::Maintain { part, action: offer.id.clone(), by, note });
        };
        let (value, deviation) = if self.nothing && offer.nothing {
            (None, None)
        } else {
            let value = number(&self.value).ok_or_else(|| format!("Enter a number, {}.", offer.bounds()))?;
            if !(low..=high).contains(&value) {
                return Err(format!("It must lie between {}.", offer.bounds().replace(" to ", " and ")));
            }
            let deviation = match self.deviation.trim() {
                "" => None,
                typed => Some(
                    number(typed)
                        .filter(|spread| *spread > 0.0 && *spread <= high - low)
                        .ok_or("The deviation must be a number above 0, or empty for the usual one.")?,
                ),
            };
            (Some(value), deviation)
        };
        Ok(Command::Inspect { part, quantity: offer.id.clone(), value, deviation, unit: offer.ucum.clone(), by, note })
    }
}

/// A number as people type it.
fn number(typed: &str) -> Option<f64> {
    let typed = typed.trim().replace(',', ".").replace('−', "-");
    typed.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// What is known and can be told about the selected part.
#[must_use]
pub fn records_view(look: &Look<'_>, detail: &PartDetail) -> RecordsView {
    let mut offers: Vec<OfferView> = Vec::new();
    for accepted in detail.predictions.iter().flat_map(|(_, issue, _)| &issue.body.accepts) {
        if accepted.id.is_empty() || offers.len() >= MOST_OFFERS || offers.iter().any(|offer| offer.id == accepted.id) {
            continue;
        }
        let title = if accepted.title.is_empty() { &accepted.id } else { &accepted.title };
        offers.push(OfferView {
            id: accepted.id.clone(),
            title: words::cut(title, 64).replace('_', " "),
            ucum: accepted.unit.clone(),
            unit: words::unit(&accepted.unit).into_owned(),
            number: accepted.number().filter(|(low, high)| low.is_finite() && high.is_finite() && low < high),
            nothing: accepted.nothing,
        });
    }
    RecordsView {
        records: detail.records.iter().map(|record| record_view(look, record, &offers)).collect(),
        offers,
        refused: look.scene.read_only.then_some("Read only: nothing is recorded."),
    }
}

fn record_view(look: &Look<'_>, record: &Record, offers: &[OfferView]) -> RecordView {
    let title = |id: &str| {
        offers.iter().find(|offer| offer.id == id).map_or_else(
            || super::why::capital(&words::cut(id, 48).replace(['_', '-'], " ")),
            |offer| offer.title.clone(),
        )
    };
    let (kind, what) = match &record.what {
        What::Found(found) => {
            let figure = match (found.value.filter(|value| value.is_finite()), found.deviation) {
                (None, _) => "nothing found".to_owned(),
                (Some(value), Some(spread)) => {
                    let figure = format!("{} ± {}", short_number(value), short_number(spread));
                    words::join_unit(&figure, &words::unit(&found.unit))
                }
                (Some(value), None) => words::join_unit(&short_number(value), &words::unit(&found.unit)),
            };
            ("Inspection", format!("{}: {figure}", title(&found.quantity)))
        }
        What::Done { action } => ("Maintenance", title(action)),
        What::Planned(order) => {
            let name =
                if order.title.is_empty() { title(&order.action) } else { words::cut(&order.title, 120).into_owned() };
            let mut text = name;
            if let Some(due) = order.due_at {
                text.push_str(&format!(", due {}", look.clock.time(due)));
            }
            if !order.state.is_empty() {
                text.push_str(&format!(" · {}", words::cut(&order.state, 24)));
            }
            ("Work order", text)
        }
    };
    let mut when = look.clock.time(record.at);
    if !record.by.is_empty() {
        when.push_str(&format!(" · {}", words::cut(&record.by, 40)));
    }
    RecordView { kind, what, when, note: words::cut(&record.note, 240).into_owned() }
}
