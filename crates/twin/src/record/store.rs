//! The records that were heard: the newest of each part, up to bounds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Record, RecordKind, Refusal, What};
use crate::site::PartRow;
use crate::time::WallMs;

/// Most records kept of a part; beyond, its oldest goes.
pub const MOST_OF_A_PART: usize = 256;
/// Most records kept in all; beyond, the oldest of all goes.
pub const MOST_RECORDS: usize = 100_000;
/// Most memory of all, bytes; beyond, the oldest of all goes.
const MOST_BYTES: usize = 32 << 20;

/// The kept records.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// Of each part, newest first.
    by_part: BTreeMap<PartRow, Vec<Arc<Record>>>,
    /// All of them, oldest first.
    by_age: BTreeSet<Place>,
    bytes: usize,
}

/// Where a record is found.
type Place = (WallMs, PartRow, RecordKind, Arc<str>);

impl Records {
    /// Keeps a record. Returns whether it is news: a broker may send its retained messages as often as it likes. The
    /// same id again replaces what was said under it.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] if there is only room for newer ones.
    pub fn insert(&mut self, record: Record) -> Result<bool, Refusal> {
        let (part, kind) = (record.part, record.kind());
        if let Some(kept) = self.of_part(part).iter().find(|kept| kept.kind() == kind && kept.id == record.id) {
            // Without a time of its own, a record is from when it was heard first.
            if kept.what == record.what && kept.by == record.by && kept.note == record.note && kept.at == record.at {
                return Ok(false);
            }
            self.remove(part, kind, &record.id);
        }
        let place = place(&record);
        let list = self.by_part.entry(part).or_default();
        let at = list.partition_point(|kept| (kept.at, kept.received.mono_ms) > (record.at, record.received.mono_ms));
        if at >= MOST_OF_A_PART {
            return Err(Refusal::Full);
        }
        self.bytes += weight(&record);
        list.insert(at, Arc::new(record));
        let surplus = list.get(MOST_OF_A_PART).map(|record| super::store::place(record));
        self.by_age.insert(place.clone());
        if let Some((_, part, kind, id)) = surplus {
            self.remove(part, kind, &id);
        }
        while self.by_age.len() > MOST_RECORDS || self.bytes > MOST_BYTES {
            let Some((_, part, kind, id)) = self.by_age.first().cloned() else { break };
            self.remove(part, kind, &id);
        }
        if self.by_age.contains(&place) { Ok(true) } else { Err(Refusal::Full) }
    }

    /// Takes a record back. Returns whether it was there.
    pub fn remove(&mut self, part: PartRow, kind: RecordKind, id: &str) -> bool {
        let Some(list) = self.by_part.get_mut(&part) else { return false };
        let Some(at) = list.iter().position(|kept| kept.kind() == kind && kept.id == id) else { return false };
        let record = list.remove(at);
        if list.is_empty() {
            self.by_part.remove(&part);
        }
        self.by_age.remove(&place(&record));
        self.bytes = self.bytes.saturating_sub(weight(&record));
        true
    }

    /// The records of a part, newest first.
    #[must_use]
    pub fn of_part(&self, part: PartRow) -> &[Arc<Record>] {
        self.by_part.get(&part).map(Vec::as_slice).unwrap_or_default()
    }

    /// Number of records.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_age.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_age.is_empty()
    }
}

fn place(record: &Record) -> Place {
    (record.at, record.part, record.kind(), record.id.as_str().into())
}

/// About how much memory a record takes, bytes: its texts, and what leads to it.
fn weight(record: &Record) -> usize {
    /// The two places that it is found by, and what allocations cost beside their bytes.
    const OVERHEAD: usize = 256;
    let texts = match &record.what {
        What::Found(found) => found.quantity.len() + found.unit.len(),
        What::Done { action } => action.len(),
        What::Planned(order) => {
            let words = [&order.action, &order.title, &order.currency, &order.why, &order.state];
            let model = order.model.as_ref().map_or(0, String::len);
            size_of_val(&**order) + model + words.iter().map(|word| word.len()).sum::<usize>()
        }
    };
    size_of::<Record>() + OVERHEAD + texts + 2 * record.id.len() + record.by.len() + record.note.len()
}
