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
