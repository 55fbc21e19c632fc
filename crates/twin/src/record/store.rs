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
const MOST_BYTES: usize = 64 << 20;

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
        let surplus = list.get(MOST_OF_A_PART).map(|record| self::place(record));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Now;

    fn done(part: u32, id: &str, at: i64) -> Record {
        Record {
            part: PartRow(part),
            id: id.to_owned(),
            at,
            by: String::new(),
            note: String::new(),
            what: What::Done { action: "replaced".to_owned() },
            received: Now::default(),
        }
    }

    fn ids(records: &Records, part: u32) -> Vec<String> {
        records.of_part(PartRow(part)).iter().map(|record| record.id.clone()).collect()
    }

    /// The three ways to find a record agree.
    #[track_caller]
    fn agree(records: &Records) {
        let kept: Vec<_> = records.by_part.values().flatten().collect();
        assert_eq!(kept.len(), records.len());
        assert!(kept.iter().all(|record| records.by_age.contains(&place(record))));
        assert_eq!(kept.iter().map(|record| weight(record)).sum::<usize>(), records.bytes);
    }

    #[test]
    fn the_newest_comes_first_whatever_the_order_of_arrival() {
        let mut records = Records::default();
        for (part, id, at) in [(1, "b", 20), (1, "a", 10), (2, "x", 5), (1, "c", 30)] {
            assert_eq!(records.insert(done(part, id, at)), Ok(true));
        }
        assert_eq!((ids(&records, 1), ids(&records, 2)), (vec!["c".into(), "b".into(), "a".into()], vec!["x".into()]));
        agree(&records);
    }

    #[test]
    fn the_same_again_is_no_news_and_another_text_under_the_same_id_replaces_it() {
        let mut records = Records::default();
        assert_eq!(records.insert(done(1, "a", 10)), Ok(true));
        assert_eq!(records.insert(Record { received: Now { wall_ms: 9, mono_ms: 9 }, ..done(1, "a", 10) }), Ok(false));
        let corrected = Record { note: "serial 4712".to_owned(), ..done(1, "a", 10) };
        assert_eq!(records.insert(corrected), Ok(true));
        assert_eq!(
            records.of_part(PartRow(1)).iter().map(|kept| kept.note.as_str()).collect::<Vec<_>>(),
            ["serial 4712"]
        );
        agree(&records);
    }

    #[test]
    fn a_record_is_taken_back_once_and_only_that_of_its_kind() {
        let mut records = Records::default();
        records.insert(done(1, "a", 10)).unwrap();
        assert!(!records.remove(PartRow(1), RecordKind::Inspection, "a"));
        assert!(!records.remove(PartRow(2), RecordKind::Maintenance, "a"));
        assert!(records.remove(PartRow(1), RecordKind::Maintenance, "a"));
        assert!(!records.remove(PartRow(1), RecordKind::Maintenance, "a"));
        assert_eq!((records.is_empty(), records.bytes), (true, 0));
    }

    #[test]
    fn of_a_part_the_newest_are_kept() {
        let mut records = Records::default();
        for at in 0..300 {
            assert_eq!(records.insert(done(1, &at.to_string(), at)), Ok(true));
        }
        let kept = ids(&records, 1);
        assert_eq!((kept.len(), kept[0].as_str(), kept[255].as_str()), (MOST_OF_A_PART, "299", "44"));
        assert_eq!(records.insert(done(1, "late", 3)), Err(Refusal::Full));
        agree(&records);
    }

    #[test]
    fn in_all_the_newest_are_kept() {
        let mut records = Records::default();
        let most = i64::try_from(MOST_RECORDS).unwrap();
        for at in 0..most + 10 {
            let part = u32::try_from(at % 1000).unwrap();
            assert_eq!(records.insert(done(part, &at.to_string(), at)), Ok(true));
        }
        assert_eq!(records.len(), MOST_RECORDS);
        assert_eq!(records.by_age.first().map(|(at, ..)| *at), Some(10));
        assert_eq!(records.insert(done(1, "old", 3)), Err(Refusal::Full));
        agree(&records);
    }

    #[test]
    fn memory_is_bounded() {
        let mut records = Records::default();
        for at in 0..20_000 {
            let record =
                Record { note: "n".repeat(4096), ..done(u32::try_from(at % 100).unwrap(), &at.to_string(), at) };
            records.insert(record).unwrap();
            assert!(records.bytes <= MOST_BYTES);
        }
        assert!(records.bytes > MOST_BYTES - 10_000, "it is used up");
        agree(&records);
    }
}
