//! The engine: living models of a site's assets, fed by their telemetry and by what people find, that publish what they
//! believe and predict.
//!
//! [`Engine`] has no clock and no network: it is told messages and moments, and gives messages to publish. It reads
//! telemetry through a [`TwinState`] of its own, so that an input of a model is what the viewer shows: the same bindings,
//! ranges, qualities. [`EngineHandle`] gives it a thread and links.
//!
//! Invariants:
//! - A value that is stale, bad or uncertain is no value: the model is told that nothing is known.
//! - Predictions never take more than 30 % of the time: with many assets each is predicted less often, and
//!   says when.
//! - One tick makes at most one issue, so that messages are never kept waiting for long.

mod body;
mod mailbox;
mod run;
mod running;
mod store;
mod trained;

pub use run::{ConnectError, EngineHandle, EngineOptions, Report, SpawnError, as_worker, connections, sources};
pub use store::Store;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use twinscope_prognosis::living::population::Population;
use twinscope_twin::command::Outgoing;
use twinscope_twin::site::{EstimatorKind, Site, SourceRow};
use twinscope_twin::state::{LinkEvent, Options, RawMessage, TwinState};
use twinscope_twin::time::Now;

use running::Running;

/// Share of the time that predictions may take.
const SHARE: f64 = 0.3;
/// Most history that the engine's own twin keeps, samples: it asks for the latest only.
const HISTORY: usize = 1;

/// The living models of a site.
pub struct Engine {
    twin: TwinState,
    models: Vec<Running>,
    populations: BTreeMap<(String, EstimatorKind), Population>,
    /// Which model's turn it is.
    turn: usize,
    /// Until when no prediction is made, ms of the monotonic clock: the others have their time.
    rests_until_ms: u64,
    out: Vec<Outgoing>,
}

/// Why there is no engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No type has an estimator.
    #[error("site \"{0}\" has nothing to estimate: none of its types has an [[estimator]]")]
    Nothing(String),
    /// A model cannot be made.
    #[error("asset \"{asset}\", estimator \"{model}\": {reason}")]
    Model {
        /// The asset.
        asset: String,
        /// The estimator.
        model: String,
        /// Why not.
        reason: String,
    },
}

impl Engine {
    /// Models before any data, or as they were stored; files that type files name lie below `base_dir`, the folder of the
    /// site file. Each asset has a seed of its own, made of its name and `seed`.
    ///
    /// # Errors
    /// Nothing to estimate, or a model cannot be made.
    pub fn new(site: &Arc<Site>, base_dir: &Path, seed: u64, store: Option<&mut Store>) -> Result<Self, EngineError> {
        let mut models = Vec::new();
        for estimator in &site.estimators {
            models.push(Running::new(site, estimator, base_dir, seed)?);
        }
        if models.is_empty() {
            return Err(EngineError::Nothing(site.id.clone()));
        }
        let mut populations: BTreeMap<_, Population> = BTreeMap::new();
        if let Some(store) = store {
            for running in &mut models {
                running.restore(store.read(&running.asset, &running.model_id));
                running.tell(populations.entry(running.population()).or_default());
            }
        }
        // What is new to us starts from what its kind is like here.
        for running in models.iter_mut().filter(|running| running.is_new()) {
            running.start_from(populations.entry(running.population()).or_default());
        }
        let options = Options { read_only: true, history_samples: HISTORY };
        let twin = TwinState::new(Arc::clone(site), options);
        Ok(Self { twin, models, populations, turn: 0, rests_until_ms: 0, out: Vec::new() })
    }

    /// The subscriptions that a source needs: telemetry, and what is said to models.
    #[must_use]
    pub fn filters(&self, source: SourceRow) -> Vec<String> {
        let site = &self.twin.site().id;
        let own = format!("twinscope/v1/{site}/+/+/");
        let heard = self.twin.filters(source).into_iter().filter(|filter| {
            let tail = filter.strip_prefix(&own).unwrap_or_default();
            // What it says itself it need not hear.
            !(tail.starts_with("prediction/") || tail.starts_with("advice/"))
        });
        heard.chain(mailbox::filters(site)).collect()
    }

    /// How many models it runs, and of how many assets.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let assets: std::collections::BTreeSet<_> = self.models.iter().map(|running| &running.asset).collect();
        (self.models.len(), assets.len())
    }

    /// Takes messages of one source. What was said to a model and is not understood comes back in words.
    pub fn messages<'m>(
        &mut self,
        source: SourceRow,
        messages: impl IntoIterator<Item = RawMessage<'m>>,
        now: Now,
    ) -> Vec<String> {
        let mut refused = Vec::new();
        let site = Arc::clone(self.twin.site());
        let mut telemetry = Vec::new();
        for message in messages {
            match mailbox::read(&site, &message) {
                None => telemetry.push(message),
                Some(Ok(said)) => refused.extend(self.hear(said, now)),
                Some(Err(reason)) => refused.push(reason),
            }
        }
        self.twin.messages(source, telemetry, now);
        refused
    }

    /// Takes what a link tells of itself: without it, values become stale.
    pub fn link(&mut self, source: SourceRow, event: LinkEvent, now: Now) {
        self.twin.link(source, event, now);
    }

    fn hear(&mut self, said: mailbox::Said, now: Now) -> Vec<String> {
        let mut refused = Vec::new();
        let mut known = false;
        for running in self.models.iter_mut().filter(|running| running.concerns(&said)) {
            known = true;
            if let Err(reason) = running.hear(&said, now) {
                refused.push(reason);
            }
        }
        if !known && let Some(reason) = said.not_known() {
            refused.push(reason);
        }
        refused
    }

    /// Lets time pass, at least four times a second: rows are closed, and what is due is published. `spent` is asked for
    /// the time, in seconds, that a prediction took.
    pub fn tick(&mut self, now: Now, spent: &mut dyn FnMut() -> f64) -> Vec<Outgoing> {
        self.twin.tick(now);
        for running in &mut self.models {
            running.sample(&self.twin, now);
        }
        // What somebody waits for comes first, and does not rest.
        let asked = self.models.iter().position(Running::is_asked);
        let rested = now.mono_ms >= self.rests_until_ms;
        let count = self.models.len();
        let due =
            || (0..count).map(|i| (self.turn + i) % count).find(|i| self.models.get(*i).is_some_and(|m| m.is_due(now)));
        let chosen = asked.or_else(|| if rested { due() } else { None });
        if let Some(chosen) = chosen
            && let Some(running) = self.models.get_mut(chosen)
        {
            spent();
            let population = self.populations.entry(running.population()).or_default();
            running.issue(&self.twin, population, now, &mut self.out);
            let took_s = spent().clamp(0.0, 60.0);
            self.rests_until_ms = now.mono_ms.saturating_add((took_s * 1e3 * (1.0 / SHARE - 1.0)) as u64);
            if asked.is_none() {
                self.turn = (chosen + 1) % count;
            }
        }
        std::mem::take(&mut self.out)
    }

    /// Writes what has changed since it was written last.
    pub fn save(&mut self, store: &mut Store) -> Vec<String> {
        let mut troubles = Vec::new();
        for running in &mut self.models {
            troubles.extend(running.save(store).err());
        }
        troubles
    }
}

#[cfg(test)]
mod tests;
