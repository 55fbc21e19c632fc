//! What runs behind the window: the site, the core, its links, and for the demo a broker and a simulator.
//!
//! Started on a thread of its own, so that the window is there at once; says over a channel how far it is.

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crossbeam_channel::Sender;
use twinscope_link::broker::Supervisor;
use twinscope_link::core::{Core, CoreHandle};
use twinscope_link::engine::{self, EngineHandle, EngineOptions};
use twinscope_link::keeper::{Keeper, state_home};
use twinscope_link::mqtt::{self, MqttLink};
use twinscope_link::replay::{self, Input, TimePlaces};
use twinscope_link::settings::Settings;
use twinscope_link::simulator::{self, Report, Simulator, StartFault, Target};
use twinscope_link::sink::Sink;
use twinscope_prognosis::Fault;
use twinscope_twin::site::{AssetRow, Estimator, ProblemSeverity, Site, SourceRow};
use twinscope_twin::state::{LinkEvent, Options};
use twinscope_twin::tour::Tour;

use crate::check;
use crate::field::Cloud;
use crate::model::ModelField;
use crate::model::PartIndex;

/// One model file of a site and the assets that use it.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    /// The model as the site names it.
    pub key: String,
    /// The assets that use it.
    pub assets: Vec<AssetRow>,
    /// Index of the scene in the file that is shown.
    pub scene: usize,
    /// What is in it; nothing if there are no files.
    pub index: Option<Arc<PartIndex>>,
    /// The fields that it carries.
    pub fields: Vec<ModelField>,
    /// Points of fields of the types that use it: type, field, points.
    pub points: Vec<(String, String, Arc<Cloud>)>,
    /// The checked files, the model first; or why there are none.
    pub files: Result<Vec<(String, Vec<u8>)>, String>,
}

/// What is there once a site is loaded.
pub struct Ready {
    /// The site.
    pub site: Arc<Site>,
    /// Its core.
    pub core: Arc<CoreHandle>,
    /// Its models.
    pub models: Vec<ModelFiles>,
    /// Folder of the site file.
    pub base_dir: PathBuf,
    /// Who keeps the records of procedures, if there is a folder for them.
    pub keeper: Option<Arc<Keeper>>,
    /// What a person should know.
    pub notices: Vec<String>,
    /// What a screen without a presenter tells.
    pub tour: Option<Arc<Tour>>,
}

/// How far the session is.
pub enum SessionEvent {
    /// Something is being done.
    Progress(String),
    /// Something a person should know.
    Notice(String),
    /// The site is loaded; links come up on their own.
    Ready(Box<Ready>),
    /// The embedded broker listens.
    Broker {
        /// For other clients.
        url: String,
    },
    /// The session cannot start.
    Failed(String),
}

/// What to run.
#[derive(Clone, Debug)]
pub struct SessionOptions {
    /// The site file.
    pub site: PathBuf,
    /// Refuse every command that leaves the process.
    pub read_only: bool,
    /// Seed of the simulation.
    pub seed: u64,
    /// Messages a second of the simulation, Hz.
    pub rate_hz: u32,
    /// A fault from the start, and its rate.
    pub fault: Option<Fault>,
    /// Feed the core directly instead of over a broker.
    pub no_broker: bool,
    /// The tour of a screen without a presenter.
    pub tour: Option<PathBuf>,
}

/// What must live as long as the window. Dropped in this order: producers before the broker.
#[derive(Default)]
struct Running {
    engines: Vec<EngineHandle>,
    simulators: Vec<Simulator>,
    links: Vec<MqttLink>,
    tapes: Vec<Tape>,
    brokers: Vec<Supervisor>,
}

/// A recording that is played. Dropping it ends its thread.
struct Tape {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tape {
    /// Plays on a thread of its own; what ends it by a defect is told as the end of the source.
    fn start(
        sink: Sink,
        row: SourceRow,
        play: impl FnOnce(&Sink, &AtomicBool) + Send + 'static,
    ) -> std::io::Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("replay".to_owned()).spawn(move || {
            if std::panic::catch_unwind(AssertUnwindSafe(|| play(&sink, &stopped))).is_err() {
                let reason = "the replay failed inside; this is a defect, please report it".to_owned();
                sink.event(row, LinkEvent::Lost { reason });
            }
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Tape {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            // A panic in it was told when it happened.
            let _ = thread.join();
        }
    }
}

/// A running session. Dropping it ends its threads and its broker.
pub struct Session {
    thread: Option<JoinHandle<()>>,
    stop: Option<Sender<()>>,
}

impl Drop for Session {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it was reported by its own thread.
            let _ = thread.join();
        }
    }
}

/// Starts a session. `wake` asks the window for a frame.
///
/// # Errors
/// The system gives no thread.
pub fn start(
    options: SessionOptions,
    events: Sender<SessionEvent>,
    wake: impl Fn() + Clone + Send + Sync + 'static,
) -> std::io::Result<Session> {
    let (stop, stopped) = crossbeam_channel::bounded::<()>(0);
    let thread = std::thread::Builder::new().name("session".to_owned()).spawn(move || {
        let say = |event: SessionEvent| {
            // An error means that the window is gone: the session ends with it.
            let _ = events.send(event);
            wake();
        };
        // A defect here must not leave a window that waits for ever.
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| run(&options, &say, wake.clone())));
        match outcome.unwrap_or_else(|_| Err("the session failed; please report the lines above".to_owned())) {
            Ok(running) => {
                // Until the window is closed.
                let _ = stopped.recv();
                drop(running);
            }
            Err(reason) => say(SessionEvent::Failed(reason)),
        }
    })?;
    Ok(Session { thread: Some(thread), stop: Some(stop) })
}

/// The models of a loaded site, for the scene.
#[must_use]
pub fn model_files(loaded: &check::Loaded) -> Vec<ModelFiles> {
    loaded
        .models
        .iter()
        .map(|(key, checked)| ModelFiles {
            key: key.clone(),
            assets: crate::app::assets_of(&loaded.site, key),
            scene: checked.as_ref().map_or(0, |checked| checked.index.scene),
            index: checked.as_ref().ok().map(|checked| Arc::new(checked.index.clone())),
            fields: checked.as_ref().map(|checked| checked.index.fields.clone()).unwrap_or_default(),
            points: loaded
                .points
                .iter()
                .filter(|table| {
                    loaded.site.assets.iter().any(|asset| asset.model == *key && asset.type_id == table.type_id)
                })
                .map(|table| (table.type_id.clone(), table.field.clone(), Arc::new(Cloud::new(&table.points))))
                .collect(),
            files: checked
                .as_ref()
                .map(|checked| checked.files.clone())
                .map_err(|error| format!("{error}. {}", error.remedy)),
        })
        .collect()
}

/// Goes on with what is sound of a site: what is not is printed whole, and told in the window.
///
/// # Errors
/// Nothing is left to show.
pub fn sound(loaded: &check::Loaded) -> Result<Vec<String>, String> {
    let errors = loaded.count(ProblemSeverity::Error);
    if errors == 0 {
        return Ok(Vec::new());
    }
    let report = check::report_text(&loaded.problems, &loaded.sources, check::Ink::of_stderr());
    if loaded.site.assets.is_empty() || loaded.site.sources.is_empty() {
        return Err(format!("the site cannot be shown\n{report}"));
    }
    eprint!("{report}");
    let those = if errors == 1 { "1 problem".to_owned() } else { format!("{errors} problems") };
    Ok(vec![format!("The site has {those}; what is sound is shown. `twinscope check` lists them.")])
}

/// A tour without errors: a screen that is left alone has nobody who reads them.
fn sound_tour(loaded: &check::Loaded, path: &Path) -> Result<Tour, String> {
    let read = check::load_tour(loaded, path).map_err(|error| error.to_string())?;
    let sources = std::iter::once((read.name, read.text)).collect();
    if read.problems.iter().any(|problem| problem.severity == ProblemSeverity::Error) {
        let report = check::report_text(&read.problems, &sources, check::Ink::of_stderr());
        return Err(format!("the tour cannot be told\n{report}"));
    }
    Ok(read.tour)
}

fn run(
    options: &SessionOptions,
    say: &dyn Fn(SessionEvent),
    wake: impl Fn() + Send + Sync + 'static,
) -> Result<Running, String> {
    say(SessionEvent::Progress(format!("Reading {}", options.site.display())));
    let loaded = check::load(&options.site).map_err(|error| error.to_string())?;
    let mut notices = sound(&loaded)?;
    let tour = options.tour.as_deref().map(|path| sound_tour(&loaded, path)).transpose()?;
    let core = Core::spawn(
        Arc::clone(&loaded.site),
        Options { read_only: options.read_only, ..Options::default() },
        Box::new(wake),
    )
    .map_err(|error| error.to_string())?;
    let core = Arc::new(core);
    let keeper = match keep_records(&core, &loaded.site.id) {
        Ok(keeper) => Some(keeper),
        Err(reason) => {
            notices.push(format!("Records of procedures are not kept as files: {reason}."));
            None
        }
    };
    notices.extend(
        loaded
            .models
            .values()
            .filter_map(|checked| checked.as_ref().ok())
            .flat_map(|checked| checked.warnings.iter().cloned()),
    );
    say(SessionEvent::Ready(Box::new(Ready {
        site: Arc::clone(&loaded.site),
        core: Arc::clone(&core),
        models: model_files(&loaded),
        base_dir: loaded.base_dir.clone(),
        keeper,
        notices,
        tour: tour.map(Arc::new),
    })));
    let mut running = Running::default();
    for (row, source) in (0_u32..).map(SourceRow).zip(&loaded.site.sources) {
        let started = if source.url.starts_with("sim:") {
            simulate(options, &loaded.site, &loaded.base_dir, row, &core, say, &mut running)
        } else if let Some(file) = source.url.strip_prefix("file:") {
            play(&loaded.base_dir.join(file.trim_start_matches("//")), &loaded.site, row, &core, &mut running)
        } else {
            Settings::from_source(source, &loaded.base_dir)
                .map_err(|error| error.to_string())
                .and_then(|settings| connect(settings, row, &core, &mut running))
        };
        // One source that cannot be used does not keep the others from being seen.
        if let Err(reason) = started {
            core.ingest().event(row, LinkEvent::Refused { reason });
        }
    }
    Ok(running)
}

/// Keeps the records of procedures in the user's state folder.
fn keep_records(core: &CoreHandle, site: &str) -> Result<Arc<Keeper>, String> {
    let home = state_home().ok_or("there is no home folder; set XDG_STATE_HOME")?;
    let folder = home.join("twinscope/procedures");
    let keeper = Keeper::spawn(folder, site, core.ingest()).map_err(|error| error.to_string())?;
    let keeper = Arc::new(keeper);
    let kept = Arc::clone(&keeper);
    core.on_record(Box::new(move |record| kept.keep(record)));
    Ok(keeper)
}

/// Plays a recording in its own pace, its times shifted to now: also those in the payloads, where this site reads them.
fn play(path: &Path, site: &Site, row: SourceRow, core: &CoreHandle, running: &mut Running) -> Result<(), String> {
    let input = Input::open(path, Some(TimePlaces::of_source(site, row))).map_err(|error| error.to_string())?;
    let tape = Tape::start(core.ingest(), row, move |sink, stop| {
        // How it ended is told through the sink.
        let _ = replay::to_sink(input, sink, row, "a recording is played", replay::Options::default(), stop);
    });
    running.tapes.push(tape.map_err(|error| error.to_string())?);
    Ok(())
}

fn connect(settings: Settings, row: SourceRow, core: &CoreHandle, running: &mut Running) -> Result<(), String> {
    let link = mqtt::spawn(settings, core.filters(row), core.ingest(), row).map_err(|error| error.to_string())?;
    core.on_outgoing(row, link.publisher().route());
    running.links.push(link);
    Ok(())
}

/// The engine for the assets of a simulated source, if any has a model. What it learned ends with it, as the machines do.
fn predict(
    options: &SessionOptions,
    site: &Arc<Site>,
    base_dir: &Path,
    row: SourceRow,
    settings: Settings,
) -> Result<Option<EngineHandle>, String> {
    let has_model =
        |estimator: &Estimator| site.assets.get(estimator.asset.index()).is_some_and(|asset| asset.source == row);
    if !site.estimators.iter().any(has_model) {
        return Ok(None);
    }
    let report = |report| match report {
        engine::Report::Trouble(trouble) => tracing::warn!("engine: {trouble}"),
        engine::Report::Failed(reason) => tracing::error!("{reason}"),
        engine::Report::Link(..) | engine::Report::Published(_) => {}
    };
    let engine_options = EngineOptions { seed: options.seed, store: None };
    EngineHandle::spawn(site, base_dir, vec![(row, settings)], engine_options, report)
        .map(Some)
        .map_err(|error| error.to_string())
}

/// The simulator over the embedded broker; without a broker, straight into the core.
fn simulate(
    options: &SessionOptions,
    site: &Arc<Site>,
    base_dir: &Path,
    row: SourceRow,
    core: &Arc<CoreHandle>,
    say: &dyn Fn(SessionEvent),
    running: &mut Running,
) -> Result<(), String> {
    let simulation = simulator::Options {
        source: Some(row),
        seed: options.seed,
        rate_hz: options.rate_hz,
        faults: options.fault.iter().map(|&fault| StartFault { asset: None, fault }).collect(),
        ..simulator::Options::default()
    };
    let sink = core.ingest();
    let report = move |report| match report {
        // It may be ours, or that of another client of the broker.
        Report::Refused(reason) => {
            tracing::warn!("the simulator refused a command: {reason}");
            sink.event(row, LinkEvent::Trouble { message: format!("the simulator refused a command: {reason}") });
        }
        Report::Failed(reason) => sink.event(row, LinkEvent::Lost { reason }),
        Report::Done(_) | Report::Link(_) => {}
    };
    let broker = if options.no_broker {
        Err("it was not wanted (--no-broker)".to_owned())
    } else {
        std::env::current_exe().map_err(|error| error.to_string()).and_then(|exe| {
            Supervisor::spawn(exe, vec!["embedded-broker".to_owned()]).map_err(|error| error.to_string())
        })
    };
    let simulator = match broker {
        Ok(broker) => {
            let url = broker.url();
            let settings = || Settings::plain(&url).map_err(|error| format!("the embedded broker's address: {error}"));
            connect(settings()?, row, core, running)?;
            let target = Target::Broker(Box::new(settings()?));
            let simulator = Simulator::spawn(target, site, &simulation, report).map_err(|error| error.to_string())?;
            running.brokers.push(broker);
            // On the same broker, like any other client of it.
            match predict(options, site, base_dir, row, settings()?) {
                Ok(engine) => running.engines.extend(engine),
                Err(reason) => say(SessionEvent::Notice(format!("No predictions: {reason}"))),
            }
            // For whoever wants to listen in, and for scripts.
            crate::cli::print(&format!("broker {url}\n"));
            say(SessionEvent::Broker { url });
            simulator
        }
        Err(reason) => {
            say(SessionEvent::Notice(format!(
                "No embedded broker: {reason}. The simulator feeds the viewer directly, and nothing is predicted."
            )));
            let target = Target::Direct { sink: core.ingest(), source: row, reason };
            let simulator = Simulator::spawn(target, site, &simulation, report).map_err(|error| error.to_string())?;
            core.on_outgoing(row, simulator.route());
            simulator
        }
    };
    running.simulators.push(simulator);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use twinscope_link::sink::{self, Item, Limits, Received};

    use super::*;

    #[test]
    fn a_recording_whose_thread_panics_is_lost_and_says_so() {
        let (sink, receiver) = sink::channel(Limits::default());
        let _tape = Tape::start(sink, SourceRow(3), |_, _| panic!("asked for by a test")).expect("a thread");
        match receiver.recv(Duration::from_secs(30)) {
            Received::Item(Item::Link { source: SourceRow(3), event: LinkEvent::Lost { reason } }) => {
                assert!(reason.contains("defect"), "{reason}");
            }
            other => panic!("{other:?}"),
        }
    }
}
