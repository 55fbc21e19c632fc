//! A running engine: a thread of its own, and a link to each source.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use twinscope_twin::site::{Estimator, Site, SourceRow};
use twinscope_twin::state::LinkEvent;

use super::{Engine, EngineError, Store};
use crate::clock::Clock;
use crate::mqtt::{self, MqttLink};
use crate::settings::{Session, Settings, SettingsError};
use crate::sink::{self, Item, Limits, Received, Receiver, Sink};

/// The engine looks at its rows so often.
const TICK: Duration = Duration::from_millis(100);
/// State is written so often.
const SAVED_EVERY: Duration = Duration::from_secs(60);
/// Most items that are taken before time passes.
const MOST_ITEMS: usize = 256;
/// How long a broker keeps what the engine misses, s.
const SESSION_S: u32 = 3_600;

/// How an engine runs.
#[derive(Debug, Default)]
pub struct EngineOptions {
    /// Seed of everything random.
    pub seed: u64,
    /// Where its models live on; none: they begin anew at each start.
    pub store: Option<Store>,
}

/// What an engine tells whoever started it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// How a connection is doing.
    Link(SourceRow, LinkEvent),
    /// Something that a person should know: what was said to a model and not understood, state that cannot be written.
    Trouble(String),
    /// So many messages were published since the last report.
    Published(u64),
    /// It has ended by a defect: nothing is predicted any more.
    Failed(String),
}

/// Why an engine could not be started.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// Nothing to estimate, or a model cannot be made.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A link could not be started.
    #[error(transparent)]
    Link(#[from] mqtt::SpawnError),
    /// The system gives no thread.
    #[error("the engine's thread could not be started: {0}; the system is out of threads or memory")]
    Thread(#[from] std::io::Error),
}

/// A running engine. Dropping it ends the thread, and writes the state.
#[derive(Debug)]
pub struct EngineHandle {
    inbox: Sink,
    stop: Arc<AtomicBool>,
    size: (usize, usize),
    thread: Option<JoinHandle<()>>,
}

/// Why the sources of a site do not make an engine.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A source cannot be used.
    #[error("source \"{source_id}\": {error}")]
    Settings {
        /// The source.
        source_id: String,
        /// Why.
        error: SettingsError,
    },
    /// A source is no broker.
    #[error("source \"{0}\" is no broker: say which one with --to URL")]
    NoBroker(String),
}

/// The sources that feed an asset with a model.
pub fn sources(site: &Site) -> impl Iterator<Item = SourceRow> {
    let of = |estimator: &Estimator| Some(site.assets.get(estimator.asset.index())?.source);
    site.estimators.iter().filter_map(of).collect::<BTreeSet<_>>().into_iter()
}

/// Settings of a worker: the broker keeps what it misses, under a name of its own.
#[must_use]
pub fn as_worker(mut settings: Settings, name: &str) -> Settings {
    let client_id = format!("twinscope-engine-{name}");
    settings.session = Session::Persistent { client_id, expiry_s: SESSION_S, manual_acks: false };
    settings.qos = 1;
    settings
}

/// The connections of a headless engine: to every broker that feeds an asset with a model.
///
/// # Errors
/// A source cannot be used, or is no broker.
pub fn connections(site: &Site, base_dir: &Path) -> Result<Vec<(SourceRow, Settings)>, ConnectError> {
    let connect = |row: SourceRow| {
        let source = site.sources.get(row.index());
        let source = source.ok_or_else(|| ConnectError::NoBroker(row.0.to_string()))?;
        if source.url.starts_with("sim:") || source.url.starts_with("file:") {
            return Err(ConnectError::NoBroker(source.id.clone()));
        }
        let settings = Settings::from_source(source, base_dir)
            .map_err(|error| ConnectError::Settings { source_id: source.id.clone(), error })?;
        Ok((row, as_worker(settings, &format!("{}-{}", site.id, row.0))))
    };
    sources(site).map(connect).collect()
}

impl EngineHandle {
    /// Starts an engine on these sources. `report` is called from its thread.
    ///
    /// # Errors
    /// Nothing to estimate, a model that cannot be made, a link that cannot be started, or no thread.
    pub fn spawn(
        site: &Arc<Site>,
        base_dir: &Path,
        sources: Vec<(SourceRow, Settings)>,
        mut options: EngineOptions,
        mut report: impl FnMut(Report) + Send + 'static,
    ) -> Result<Self, SpawnError> {
        let engine = Engine::new(site, base_dir, options.seed, options.store.as_mut())?;
        let (inbox, receiver) = sink::channel(Limits { batches: 1_024, bytes: 32 << 20, commands: 0 });
        let mut links = Vec::new();
        for (row, settings) in sources {
            links.push((row, mqtt::spawn(settings, engine.filters(row), inbox.clone(), row)?));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let size = engine.size();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
            let work = AssertUnwindSafe(|| run(engine, &links, &receiver, &mut options, &stopped, &mut report));
            if std::panic::catch_unwind(work).is_err() {
                tracing::error!("the engine failed and has ended; please report this");
                report(Report::Failed("the engine failed inside; this is a defect, please report it".to_owned()));
            }
        })?;
        Ok(Self { inbox, stop, size, thread: Some(thread) })
    }

    /// How many models it runs, and of how many assets.
    #[must_use]
    pub const fn size(&self) -> (usize, usize) {
        self.size
    }
}

impl Drop for EngineHandle {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.inbox.close();
        if let Some(thread) = self.thread.take() {
            // A panic in it has been reported.
            let _ = thread.join();
        }
    }
}

fn run(
    mut engine: Engine,
    links: &[(SourceRow, MqttLink)],
    inbox: &Receiver,
    options: &mut EngineOptions,
    stop: &AtomicBool,
    report: &mut impl FnMut(Report),
) {
    let clock = Clock::new();
    let publishers: Vec<_> = links.iter().map(|(row, link)| (*row, link.publisher())).collect();
    for trouble in options.store.iter_mut().flat_map(Store::take_troubles) {
        report(Report::Trouble(trouble));
    }
    let mut saved = Instant::now();
    let mut mark = Instant::now();
    let mut next = Instant::now();
    while !stop.load(Ordering::Acquire) {
        let mut items = 0;
        loop {
            let wait = if items == 0 { next.saturating_duration_since(Instant::now()) } else { Duration::ZERO };
            match inbox.recv(wait) {
                Received::Nothing => break,
                Received::Closed => {
                    stop.store(true, Ordering::Release);
                    break;
                }
                Received::Item(Item::Messages { source, messages, receipt }) => {
                    let now = clock.now();
                    let refused = engine.messages(source, messages.iter().map(sink::Message::as_raw), now);
                    refused.into_iter().for_each(|reason| report(Report::Trouble(reason)));
                    if let Some(receipt) = receipt {
                        receipt.confirm();
                    }
                }
                Received::Item(Item::Link { source, event }) => {
                    engine.link(source, event.clone(), clock.now());
                    report(Report::Link(source, event));
                }
                Received::Item(Item::Command(_)) => {}
            }
            items += 1;
            if items >= MOST_ITEMS {
                break;
            }
        }
        next = Instant::now() + TICK;
        let mut spent = || {
            let took = mark.elapsed().as_secs_f64();
            mark = Instant::now();
            took
        };
        let outgoing = engine.tick(clock.now(), &mut spent);
        let mut published = 0;
        for message in outgoing {
            if let Some((_, publisher)) = publishers.iter().find(|(row, _)| *row == message.source) {
                // Without a connection it is lost, and counted by the link; the next issue replaces it.
                published += u64::from(publisher.publish_now(&message.topic, message.payload, message.retain).is_ok());
            }
        }
        if published > 0 {
            report(Report::Published(published));
        }
        if saved.elapsed() >= SAVED_EVERY {
            saved = Instant::now();
            save(&mut engine, options, report);
        }
    }
    save(&mut engine, options, report);
}

fn save(engine: &mut Engine, options: &mut EngineOptions, report: &mut impl FnMut(Report)) {
    if let Some(store) = &mut options.store {
        engine.save(store).into_iter().for_each(|trouble| report(Report::Trouble(trouble)));
    }
}
