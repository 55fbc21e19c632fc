//! What people found and did, and what is planned: inspections, maintenance and work orders, as they arrive on
//! `twinscope/v1/{site}/{asset}/{part}/{inspection|maintenance|work-order}/{id}`.
//!
//! Anyone may publish one. The same id again replaces what was said under it (an order is done, a value was corrected);
//! an empty payload takes it back.

mod body;
mod store;

pub(crate) use body::check_order;
pub use body::{Refusal, parse_body};
pub use store::{MOST_OF_A_PART, MOST_RECORDS, Records};

use serde::{Deserialize, Serialize};

use crate::prediction::lenient;
use crate::routing::levels_after_site;
use crate::site::PartRow;
use crate::time::{Now, WallMs};

/// What kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// Somebody looked.
    Inspection,
    /// Work was done.
    Maintenance,
    /// Work is planned.
    WorkOrder,
}

impl RecordKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Inspection, Self::Maintenance, Self::WorkOrder];

    /// Its level of a topic.
    #[must_use]
    pub const fn level(self) -> &'static str {
        match self {
            Self::Inspection => "inspection",
            Self::Maintenance => "maintenance",
            Self::WorkOrder => "work-order",
        }
    }
}

/// Something that was found, done or planned.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// On which part.
    pub part: PartRow,
    /// Tells it from others of its kind and part.
    pub id: String,
    /// When, as it says, else when it was received; ms since the epoch.
    pub at: WallMs,
    /// Who; empty if it was not said.
    pub by: String,
    /// What somebody wrote; empty if nothing.
    pub note: String,
    /// What.
    pub what: What,
    /// When it was received.
    pub received: Now,
}

impl Record {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        match self.what {
            What::Found(_) => RecordKind::Inspection,
            What::Done { .. } => RecordKind::Maintenance,
            What::Planned(_) => RecordKind::WorkOrder,
        }
    }
}

/// What was found, done or planned.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// An inspection.
    Found(Inspection),
    /// Maintenance.
    Done {
        /// Which: an id of the prediction's `accepts`.
        action: String,
    },
    /// A work order.
    Planned(Box<WorkOrder>),
}

/// What an inspection found.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Looked for: an id of the prediction's `accepts`.
    pub quantity: String,
    /// What was measured; `None`: somebody looked and found nothing.
    pub value: Option<f64>,
    /// Unit (UCUM) of the value.
    pub unit: String,
    /// Standard deviation of the measurement, above 0; `None`: the usual one.
    pub deviation: Option<f64>,
}

/// Work that is planned. Costs are in `currency`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkOrder {
    /// What is to be done: the id of an action of an advice.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub action: String,
    /// For people; empty: the action must do.
    #[serde(deserialize_with = "lenient::null_is_absent")]
    pub title: String,
    /// When, ms since the epoch.
    #[serde(deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    pub due_at: Option<WallMs>,
    /// Whose advice it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Expected cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// ISO 4217 code of the cost; empty if it was not said.
    #[serde(deserialize_with = "lenient::null_is_absent", skip_serializing_if = "String::is_empty")]
    pub currency: String,
    /// Why, in words.
    #[serde(deserialize_with = "lenient::null_is_absent", skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// `planned`, `done`, …; empty if it was not said.
    #[serde(deserialize_with = "lenient::null_is_absent", skip_serializing_if = "String::is_empty")]
    pub state: String,
}

/// The levels of a record's topic that tell one from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TopicParts<'a> {
    /// Id of the asset.
    pub asset: &'a str,
    /// Id of the part.
    pub part: &'a str,
    /// What kind of record.
    pub kind: RecordKind,
    /// Its id.
    pub id: &'a str,
}

/// The filter that all records of a kind and a site match.
#[must_use]
pub fn filter(site: &str, kind: RecordKind) -> String {
    format!("twinscope/v1/{site}/+/+/{}/+", kind.level())
}

/// Splits a topic that a [`filter`] matched. `None` if a level is empty, longer than 128 bytes, no UTF-8, or holds
/// control characters.
#[must_use]
pub fn parse_topic(topic: &[u8]) -> Option<TopicParts<'_>> {
    let [asset, part, word, id] = levels_after_site(topic)?;
    let kind = RecordKind::ALL.into_iter().find(|kind| kind.level() == word)?;
    Some(TopicParts { asset, part, kind, id })
}
