//! The advice that was heard: the latest of each part and model, up to bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Action, Advised, CostPart, Economic, Refusal};
use crate::site::PartRow;

/// Most advices that are kept.
pub const MOST_ADVICES: usize = 10_000;
/// Most memory of all, bytes.
const MOST_BYTES: usize = 32 << 20;

/// The kept advices.
#[derive(Clone, Debug, Default)]
pub struct Advices {
    by_part: BTreeMap<PartRow, Vec<Arc<Advised>>>,
    count: usize,
    bytes: usize,
}

impl Advices {
    /// Keeps an advice, in place of what the same model said earlier about the same part. Returns whether it is news: it
    /// is not if it is said again, or is older than what is kept.
    ///
    /// # Errors
    ///
    /// [`Refusal::Full`] if there is no room for it.
    pub fn insert(&mut self, advised: Advised) -> Result<bool, Refusal> {
        let bytes = weight(&advised);
        let kept = self.of_part(advised.part).iter().find(|kept| kept.model == advised.model);
        let freed = kept.map_or(0, |kept| weight(kept));
        if let Some(kept) = kept {
            if kept.rank() > advised.rank() || kept.body == advised.body {
                return Ok(false);
            }
        } else if self.count >= MOST_ADVICES {
            return Err(Refusal::Full);
        }
        if self.bytes - freed + bytes > MOST_BYTES {
            return Err(Refusal::Full);
        }
        self.remove(advised.part, &advised.model);
        self.bytes += bytes;
        self.count += 1;
        let list = self.by_part.entry(advised.part).or_default();
        let at = list.partition_point(|kept| kept.model < advised.model);
        list.insert(at, Arc::new(advised));
        Ok(true)
    }

    /// Takes an advice back. Returns whether it was there.
    pub fn remove(&mut self, part: PartRow, model: &str) -> bool {
        let Some(list) = self.by_part.get_mut(&part) else { return false };
        let Some(at) = list.iter().position(|kept| kept.model == model) else { return false };
        self.bytes = self.bytes.saturating_sub(weight(&list.remove(at)));
        self.count = self.count.saturating_sub(1);
        if list.is_empty() {
            self.by_part.remove(&part);
        }
        true
    }

    /// The advice on a part, by model.
    #[must_use]
    pub fn of_part(&self, part: PartRow) -> &[Arc<Advised>] {
        self.by_part.get(&part).map(Vec::as_slice).unwrap_or_default()
    }
}

/// About how much memory an advice takes, bytes.
fn weight(advised: &Advised) -> usize {
    /// What leads to it, and what allocations cost beside their bytes.
    const OVERHEAD: usize = 256;
    /// Entry of a map of levers, with its share of the node and its allocation.
    const LEVER: usize = 96;
    let body = &advised.body;
    let economics: usize = body
        .economics
        .iter()
        .map(|of| size_of::<Economic>() + of.id.len() + of.title.len() + of.unit.len() + of.source.len())
        .sum();
    let action = |action: &Action| {
        let parts: usize = action.parts.iter().map(|part| size_of::<CostPart>() + part.title.len()).sum();
        let levers: usize = action.setting.keys().map(|id| LEVER + id.len()).sum();
        let texts = action.id.len() + action.title.len() + action.why.len() + action.would_change.len();
        size_of::<Action>() + parts + levers + texts
    };
    let actions: usize = body.actions.iter().map(action).sum();
    size_of::<Advised>() + OVERHEAD + advised.model.len() + body.currency.len() + economics + actions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advice::Advice;
    use crate::time::Now;

    fn advised(part: u32, model: &str, issued_at: Option<i64>, currency: &str) -> Advised {
        let body = Advice { issued_at, currency: currency.to_owned(), ..Advice::default() };
        let received = Now { wall_ms: 50, mono_ms: 50 };
        Advised { part: PartRow(part), model: model.to_owned(), body, received, retained: false }
    }

    fn currencies(advices: &Advices, part: u32) -> Vec<(String, String)> {
        let of = |advised: &Arc<Advised>| (advised.model.clone(), advised.body.currency.clone());
        advices.of_part(PartRow(part)).iter().map(of).collect()
    }

    #[test]
    fn the_latest_of_each_part_and_model_is_kept() {
        let mut advices = Advices::default();
        for (part, model, at, currency, new) in [
            (1, "life", 20, "EUR", true),
            (1, "life", 10, "DKK", false),
            (1, "life", 20, "EUR", false),
            (1, "life", 30, "SEK", true),
            (1, "book", 5, "NOK", true),
            (2, "life", 5, "GBP", true),
        ] {
            assert_eq!(advices.insert(advised(part, model, Some(at), currency)), Ok(new), "{currency}");
        }
        let kept = [("book".to_owned(), "NOK".to_owned()), ("life".to_owned(), "SEK".to_owned())];
        assert_eq!(currencies(&advices, 1), kept);
        assert!(advices.remove(PartRow(1), "life") && !advices.remove(PartRow(1), "life"));
        assert_eq!((currencies(&advices, 1), advices.count), (kept[..1].to_vec(), 2));
    }

    #[test]
    fn what_may_be_of_any_age_does_not_take_the_place_of_what_is_dated() {
        let mut advices = Advices::default();
        advices.insert(advised(1, "life", Some(20), "EUR")).unwrap();
        let undated = Advised { retained: true, ..advised(1, "life", None, "DKK") };
        assert_eq!(advices.insert(undated), Ok(false));
    }

    #[test]
    fn their_number_is_bounded() {
        let mut advices = Advices::default();
        for part in 0..MOST_ADVICES {
            advices.insert(advised(u32::try_from(part).unwrap(), "life", Some(1), "EUR")).unwrap();
        }
        assert_eq!(advices.insert(advised(0, "other", Some(1), "EUR")), Err(Refusal::Full));
        assert_eq!(advices.insert(advised(0, "life", Some(2), "DKK")), Ok(true));
        assert!(advices.remove(PartRow(1), "life"));
        assert_eq!(advices.insert(advised(0, "other", Some(1), "EUR")), Ok(true));
    }

    #[test]
    fn their_memory_is_bounded_and_given_back() {
        let mut advices = Advices::default();
        let heavy = |part: u32, at: i64| {
            let mut heavy = advised(part, "life", Some(at), "EUR");
            let why = "w".repeat(4096);
            heavy.body.actions = vec![Action { id: "a".to_owned(), why, ..Action::default() }; 12];
            heavy
        };
        let taken = (0..1000).take_while(|part| advices.insert(heavy(*part, 1)).is_ok()).count();
        assert!((MOST_BYTES / 60_000..MOST_BYTES / 48_000).contains(&taken), "{taken}");
        for at in 2..100 {
            assert_eq!(advices.insert(heavy(0, at)), Ok(true), "it takes the place of its own");
        }
        for part in 0..u32::try_from(taken).unwrap() {
            advices.remove(PartRow(part), "life");
        }
        assert_eq!((advices.bytes, advices.count), (0, 0));
    }
}
