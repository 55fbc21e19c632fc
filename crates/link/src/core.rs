//! The thread that owns the twin.
//!
//! It takes what the links deliver, applies it, lets time pass, and gives the screen at most one picture per 16 ms, only
//! when something visible has changed. When nothing happens it sleeps; it ticks four times a second, or when the twin says
//! that something is due.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use twinscope_twin::command::{Command, Outgoing};
use twinscope_twin::site::{Site, SourceRow};
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::state::{Changes, Kept, LinkEvent, Options, TwinState};

use crate::clock::Clock;
use crate::sink::{self, Item, Limits, Message, Received, Receiver, Sink};

/// One picture per frame of a 60 Hz screen.
const FRAME: Duration = Duration::from_millis(16);
/// How old a picture may become while nothing happens.
const AGES: Duration = Duration::from_secs(1);
/// The twin wants to know of time at least four times a second.
const TICK: Duration = Duration::from_millis(250);

/// Where a message goes that a command makes us publish. Must not block. The error says why it did not go out.
pub type Route = Box<dyn Fn(Outgoing) -> Result<(), String> + Send + Sync>;

/// Where the records of procedures go that are to be kept. Must not block.
pub type Records = Box<dyn Fn(Kept) + Send + Sync>;

/// The core thread could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the core thread could not be started: {0}; the system is out of threads or memory")]
pub struct SpawnError(#[from] std::io::Error);

/// Starts core threads.
#[derive(Debug)]
pub struct Core;

/// The handle of a running core. Dropping it ends the thread.
pub struct CoreHandle {
    ingest: Sink,
    shared: Arc<Shared>,
    filters: Vec<Vec<String>>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    latest: Mutex<Option<Arc<Snapshot>>>,
    routes: Mutex<BTreeMap<SourceRow, Route>>,
    records: Mutex<Option<Records>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

impl Core {
    /// Starts the thread. `wake` is called after each new picture, from the core thread: it must be quick.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn(
        site: Arc<Site>,
        options: Options,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Result<CoreHandle, SpawnError> {
        Self::spawn_with_limits(site, options, Limits::default(), wake)
    }

    /// Like [`Core::spawn`], with bounds of one's own on what may wait.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn spawn_with_limits(
        site: Arc<Site>,
        options: Options,
        limits: Limits,
        wake: Box<dyn Fn() + Send + Sync>,
    ) -> Result<CoreHandle, SpawnError> {
        let (ingest, receiver) = sink::channel(limits);
        let shared =
            Arc::new(Shared { latest: Mutex::default(), routes: Mutex::default(), records: Mutex::default(), wake });
        let state = TwinState::new(Arc::clone(&site), options.clone());
        let filters = (0..site.sources.len())
            .map(|row| state.filters(SourceRow(u32::try_from(row).unwrap_or(u32::MAX))))
            .collect();
        let thread = std::thread::Builder::new().name("core".to_owned()).spawn({
            let shared = Arc::clone(&shared);
            move || supervise(state, &site, &options, &receiver, &shared)
        })?;
        Ok(CoreHandle { ingest, shared, filters, thread: Some(thread) })
    }
}

impl CoreHandle {
    /// Where links, simulators and replays put their messages. Clone it.
    #[must_use]
    pub fn ingest(&self) -> Sink {
        self.ingest.clone()
    }

    /// Hands over a command. `false`: too many wait already, it is not taken.
    pub fn command(&self, command: Command) -> bool {
        self.ingest.command(command)
    }

    /// The newest picture; the same one again until something visible changes. `None` only before the first.
    #[must_use]
    pub fn latest(&self) -> Option<Arc<Snapshot>> {
        self.shared.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The subscriptions that a source needs.
    #[must_use]
    pub fn filters(&self, source: SourceRow) -> Vec<String> {
        self.filters.get(source.index()).cloned().unwrap_or_default()
    }

    /// Sets where messages to a source go: its link, or its simulator. Replaces an earlier route.
    pub fn on_outgoing(&self, source: SourceRow, route: Route) {
        self.shared.routes.lock().unwrap_or_else(PoisonError::into_inner).insert(source, route);
    }

    /// Sets where the records of procedures go. Without it, the twin says of each that nobody keeps it.
    pub fn on_record(&self, records: Records) {
        *self.shared.records.lock().unwrap_or_else(PoisonError::into_inner) = Some(records);
    }

    /// Ends the thread when it has applied what waits. Dropping the handle does the same.
    pub fn shutdown(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.ingest.close();
        if let Some(thread) = self.thread.take() {
            // A panic in it has been caught and reported already.
            let _ = thread.join();
        }
        // Routes may own links; they end with the core, not with the last clone of a sink.
        self.shared.routes.lock().unwrap_or_else(PoisonError::into_inner).clear();
        *self.shared.records.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for CoreHandle {
    fn drop(&mut self) {
        self.end();
    }
}

/// Where each link stood when it last said so. It says only what changes, and a twin that starts again must know the rest.
type Told = BTreeMap<SourceRow, LinkEvent>;

/// Runs the core; if the twin panics, starts again with an empty one. A viewer that says "no data" beats one that is gone.
fn supervise(first: TwinState, site: &Arc<Site>, options: &Options, receiver: &Receiver, shared: &Shared) {
    let mut state = first;
    let mut told = Told::new();
    loop {
        match std::panic::catch_unwind(AssertUnwindSafe(|| run(&mut state, &mut told, receiver, shared))) {
            Ok(()) => return,
            Err(_) => {
                tracing::error!("the core failed and starts again with an empty twin; please report this");
                state = TwinState::new(Arc::clone(site), options.clone());
                if std::panic::catch_unwind(AssertUnwindSafe(|| resume(&mut state, site, &told))).is_err() {
                    told.clear();
                    state = TwinState::new(Arc::clone(site), options.clone());
                }
                // Bounds a panic that comes back at once.
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }
}

/// Tells a new twin where the links stand, and whoever looks at it that the old one is gone.
fn resume(state: &mut TwinState, site: &Site, told: &Told) {
    let now = Clock::new().now();
    for (source, event) in told {
        state.link(*source, event.clone(), now);
    }
    for source in (0_u32..).map(SourceRow).take(site.sources.len()) {
        let message = "the core failed inside and started again without a past; this is a defect, please report it";
        state.link(source, LinkEvent::Trouble { message: message.to_owned() }, now);
    }
}

fn run(state: &mut TwinState, told: &mut Told, receiver: &Receiver, shared: &Shared) {
    let clock = Clock::new();
    let mut next_tick = Instant::now();
    let mut next_frame = Instant::now();
    // The first picture shows the site before anything was heard.
    let mut visible = true;
    loop {
        let now = Instant::now();
        if now >= next_tick {
            let moment = clock.now();
            let changes = state.tick(moment);
            next_tick = now + TICK;
            if let Some(due) = changes.next_due {
                // At least 1 ms, so that a due time in the past cannot make this loop spin.
                let wait = Duration::from_millis(due.saturating_sub(moment.mono_ms).max(1));
                next_tick = now + wait.min(TICK);
            }
            visible |= finish(state, changes, shared, &clock);
        }
        // Ages and rates change with time alone: once a second the picture is made anew, and the screen takes it when it
        // draws next. That wakes nobody.
        let aged = now >= next_frame + AGES;
        if (visible || aged) && now >= next_frame {
            let snapshot = Arc::new(state.snapshot(clock.now()));
            *shared.latest.lock().unwrap_or_else(PoisonError::into_inner) = Some(snapshot);
            if visible {
                (shared.wake)();
            }
            visible = false;
            next_frame = now + FRAME;
        }
        let until = if visible { next_tick.min(next_frame) } else { next_tick };
        match receiver.recv(until.saturating_duration_since(Instant::now())) {
            Received::Item(item) => {
                let moment = clock.now();
                let changes = match item {
                    Item::Messages { source, messages, receipt } => {
                        let changes = state.messages(source, messages.iter().map(Message::as_raw), moment);
                        if let Some(receipt) = receipt {
                            receipt.confirm();
                        }
                        changes
                    }
                    Item::Link { source, event } => {
                        let changes = state.link(source, event.clone(), moment);
                        if !matches!(event, LinkEvent::Trouble { .. } | LinkEvent::Dropped { .. }) {
                            told.insert(source, event);
                        }
                        changes
                    }
                    Item::Command(command) => state.command(command, moment),
                };
                if let Some(due) = changes.next_due {
                    let wait = Duration::from_millis(due.saturating_sub(moment.mono_ms).max(1));
                    next_tick = next_tick.min(Instant::now() + wait);
                }
                visible |= finish(state, changes, shared, &clock);
            }
            Received::Nothing => {}
            Received::Closed => return,
        }
    }
}

/// Sends what has to go out. Whether anything visible changed.
fn finish(state: &mut TwinState, changes: Changes, shared: &Shared, clock: &Clock) -> bool {
    let mut visible = changes.visible;
    if let Some(kept) = changes.kept {
        let source = kept.source;
        let records = shared.records.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = records.as_ref().map(|keep| keep(kept)).is_some();
        drop(records);
        if !taken {
            let message = "the record of the procedure is not kept as a file: nobody asked for it".to_owned();
            visible |= state.link(source, LinkEvent::Trouble { message }, clock.now()).visible;
        }
    }
    for outgoing in changes.outgoing {
        let (source, topic) = (outgoing.source, outgoing.topic.clone());
        let routes = shared.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = match routes.get(&source) {
            Some(route) => route(outgoing),
            None => Err("its source has no link yet".to_owned()),
        };
        drop(routes);
        if let Err(reason) = sent {
            let message = format!("{topic} was not published: {reason}");
            visible |= state.link(source, LinkEvent::Trouble { message }, clock.now()).visible;
        }
    }
    visible
}
