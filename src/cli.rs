//! What was typed → what was meant, and who does it.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use twinscope_prognosis::{Fault, FaultError, FaultKind};

use twinscope_twin::site::{ProblemSeverity, SimulatorKind};

use crate::app::kiosk::KioskOptions;
use crate::app::{self, WindowOptions, preflight};
use crate::session::{self, SessionOptions};
use crate::view::quality::Preset;
use crate::view::tour::Show;

mod engine;
mod evaluate;
mod headless;
mod kiosk;
mod pictures;
mod train;

/// A 3D viewer for digital twins: MQTT telemetry and predictions on the parts of a glTF model.
///
/// Without a command: the demo, a simulated wind turbine that needs nothing else.
#[derive(Debug, Parser)]
#[command(name = "twinscope", version, about, long_about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A simulated wind turbine, live over an embedded broker; works offline, nothing to configure
    Demo(DemoArgs),
    /// A site on its real brokers, or a model by itself
    View(ViewArgs),
    /// Publish the simulated assets of a site to a broker
    Simulate(headless::SimulateArgs),
    /// Record the telemetry of a site to an MCAP file
    Record(headless::RecordArgs),
    /// Publish a recording (MCAP) or a table (CSV, mapped by a TOML file) to a broker
    Replay(headless::ReplayArgs),
    /// Draw a simulated or recorded site to a PNG, without a window and on a clock of its own
    Render(pictures::RenderArgs),
    /// Report every problem of a site at once, with file, line and a hint
    Check(CheckArgs),
    /// List the parts of a model and what cannot be read
    Inspect(InspectArgs),
    /// Write the JSON Schemas of site files, type files and tours into a folder
    Schema {
        /// The folder
        dir: PathBuf,
    },
    /// Run the living models of a site: learn from its telemetry, publish predictions and advice
    Engine(engine::EngineArgs),
    /// Train a model from tables, and store it
    Train(train::TrainArgs),
    /// Judge a prognosis model on tables that it has not seen, with the spread of every figure
    Evaluate(evaluate::EvaluateArgs),
    /// The broker of the demo, in a process of its own
    #[command(hide = true)]
    EmbeddedBroker(headless::BrokerArgs),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// What to show
    #[arg(long, value_enum, default_value_t = DemoAsset::Wind)]
    asset: DemoAsset,
    #[command(flatten)]
    window: WindowArgs,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages a second on each topic, 1 to 10
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10))]
    rate: u32,
    /// What breaks from the start: NAME, NAME@MULTIPLE of the demo's rate of wear, or none [default: the asset's story]
    #[arg(long, value_name = "FAULT", value_parser = parse_demo_fault)]
    fault: Option<DemoFault>,
    /// Feed the viewer directly instead of over a broker
    #[arg(long)]
    no_broker: bool,
}

/// What the demo can show: the name, its site below `assets/sites`, and the machine whose first fault is its story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DemoAsset {
    /// A geared wind turbine
    Wind,
    /// A wind farm of 24 such turbines on hills
    Farm,
    /// A cooled blade of a gas turbine, with what was measured on it
    Blade,
    /// An electric car that drives, charges and ages
    Ev,
}

impl DemoAsset {
    /// One line each.
    const fn site(self) -> (&'static str, SimulatorKind) {
        match self {
            Self::Wind => ("demo", SimulatorKind::WindTurbine),
            Self::Farm => ("farm", SimulatorKind::WindTurbine),
            Self::Blade => ("blade", SimulatorKind::TurbineBlade),
            Self::Ev => ("ev", SimulatorKind::ElectricVehicle),
        }
    }

    /// What breaks if nothing else was asked for: the demo tells a story, its first alarms come within two minutes.
    fn story(self) -> Option<Fault> {
        FaultKind::of(self.site().1).next().map(|kind| Fault { kind, rate: 1.0 })
    }

    /// A fault that was asked for, if its machine can have it.
    fn checked(self, fault: Fault) -> Result<Fault, Failure> {
        let machine = self.site().1;
        if fault.kind.concerns(machine) {
            return Ok(fault);
        }
        let error = FaultError::NotOfThisMachine { fault: fault.kind, machine };
        Err(Failure { message: format!("--fault {}: {error}", fault.kind), code: 2 })
    }
}

/// What breaks in the demo, if anything does.
#[derive(Clone, Copy, Debug, PartialEq)]
struct DemoFault(Option<Fault>);

#[derive(Debug, Args)]
struct ViewArgs {
    /// The site file; or a model (.glb, .gltf), whose named nodes become parts that nothing measures
    site: PathBuf,
    #[command(flatten)]
    window: WindowArgs,
}

#[derive(Debug, Args)]
struct WindowArgs {
    /// The whole screen tells a tour by itself: TOUR, or the tour.toml beside the site file; any touch or key takes over
    #[arg(long, value_name = "TOUR", num_args = 0..=1)]
    kiosk: Option<Option<PathBuf>>,
    /// With --kiosk: on which screen, counted from 1, the primary one
    #[arg(long, value_name = "N", requires = "kiosk", value_parser = clap::value_parser!(u16).range(1..=64))]
    screen: Option<u16>,
    /// With --kiosk: the part of the layout that this screen has
    #[arg(long, value_enum, default_value_t = ShowArg::Scene, requires = "kiosk")]
    show: ShowArg,
    /// The stop that the tour goes on with, and that another process watches over this one
    #[arg(long, hide = true, requires = "kiosk")]
    tour_from: Option<usize>,
    /// Refuse every command that leaves the program
    #[arg(long)]
    read_only: bool,
    /// Size of the window, e.g. 1280x720
    #[arg(long, value_parser = parse_size)]
    size: Option<(u32, u32)>,
    /// Quality of the picture; auto takes what fits the graphics adapter
    #[arg(long, value_enum, default_value_t = QualityArg::Auto)]
    quality: QualityArg,
    /// Measure latency and frames for so long, print, and end
    #[arg(long, hide = true, value_parser = parse_duration)]
    measure: Option<Duration>,
    /// Turn the camera and recolour all parts, each for so long, print the times, and end
    #[arg(long, hide = true, value_parser = parse_duration)]
    turntable: Option<Duration>,
}

/// A part of the layout, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShowArg {
    /// The scene, with the tour
    Scene,
    /// The list of alarms
    Alarms,
    /// The inspector of the part that wants attention most
    Inspector,
    /// The fleet by risk
    Fleet,
}

impl ShowArg {
    const fn show(self) -> Show {
        match self {
            Self::Scene => Show::Scene,
            Self::Alarms => Show::Alarms,
            Self::Inspector => Show::Inspector,
            Self::Fleet => Show::Fleet,
        }
    }
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The site file
    site: PathBuf,
    /// A tour of it; the tour.toml beside it, if there is one, is checked anyway
    #[arg(long)]
    tour: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Args)]
struct InspectArgs {
    /// The model: .glb or .gltf
    model: PathBuf,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print a starter type file instead
    #[arg(long)]
    template: bool,
}

/// Quality of the picture, as it is typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum QualityArg {
    Auto,
    Low,
    Medium,
    High,
}

impl QualityArg {
    const fn preset(self) -> Option<Preset> {
        match self {
            Self::Auto => None,
            Self::Low => Some(Preset::Low),
            Self::Medium => Some(Preset::Medium),
            Self::High => Some(Preset::High),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// Why the program ends with an error.
#[derive(Debug)]
pub struct Failure {
    message: String,
    /// Exit code: 1 failed, 2 not possible here.
    pub code: u8,
}

impl Failure {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: 1 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<preflight::Missing> for Failure {
    fn from(missing: preflight::Missing) -> Self {
        Self { message: missing.to_string(), code: 2 }
    }
}

/// Writes to standard output. Whoever closes it early (`… | head`) has read enough: that is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Does what the command line asks for.
///
/// # Errors
/// With a message for the person who typed it.
pub fn run() -> Result<(), Failure> {
    let cli = Cli::parse();
    match cli.command {
        None => demo(&DemoArgs {
            asset: DemoAsset::Wind,
            window: WindowArgs {
                kiosk: None,
                screen: None,
                show: ShowArg::Scene,
                tour_from: None,
                read_only: false,
                size: None,
                quality: QualityArg::Auto,
                measure: None,
                turntable: None,
            },
            seed: 1,
            rate: 4,
            fault: None,
            no_broker: false,
        }),
        Some(Command::Demo(args)) => demo(&args),
        Some(Command::View(args)) => window(
            &args.window,
            Ok(&args.site),
            SessionOptions {
                site: args.site.clone(),
                read_only: args.window.read_only,
                seed: 1,
                rate_hz: 4,
                fault: None,
                no_broker: false,
                tour: None,
            },
        ),
        Some(Command::Simulate(args)) => headless::simulate(&args),
        Some(Command::Record(args)) => headless::record(&args),
        Some(Command::Replay(args)) => headless::replay(&args),
        Some(Command::Render(args)) => pictures::render(&args),
        Some(Command::Check(args)) => check(&args),
        Some(Command::Inspect(args)) => inspect(&args),
        Some(Command::Schema { dir }) => schema(&dir),
        Some(Command::Engine(args)) => engine::engine(&args),
        Some(Command::Train(args)) => train::train(&args),
        Some(Command::Evaluate(args)) => evaluate::evaluate(&args),
        Some(Command::EmbeddedBroker(args)) => headless::embedded_broker(&args),
    }
}

fn demo(args: &DemoArgs) -> Result<(), Failure> {
    let fault = match args.fault {
        // A tour breaks the machine itself, when it is time.
        None if args.window.kiosk.is_some() => None,
        None => args.asset.story(),
        Some(DemoFault(fault)) => fault.map(|fault| args.asset.checked(fault)).transpose()?,
    };
    window(
        &args.window,
        Err("the site of a demo belongs to the program; copy its file, and open that with `twinscope view`"),
        SessionOptions {
            site: demo_site(args.asset)?,
            read_only: args.window.read_only,
            seed: args.seed,
            rate_hz: args.rate,
            fault,
            no_broker: args.no_broker,
            tour: None,
        },
    )
}

/// The demo's site file.
fn demo_site(asset: DemoAsset) -> Result<PathBuf, Failure> {
    let (site, _) = asset.site();
    app::assets_dir().map(|assets| assets.join("sites").join(site).join("site.toml")).ok_or_else(|| {
        Failure::new("the folder `assets` was not found beside the program or here; run twinscope from its own folder")
    })
}

/// `site_file`: what a person's viewpoints are written into, or why they are not.
fn window(args: &WindowArgs, site_file: Result<&Path, &str>, mut session: SessionOptions) -> Result<(), Failure> {
    preflight::display()?;
    preflight::driver()?;
    if !session.site.is_file() {
        return Err(Failure::new(format!("{} is not a site file: there is no such file", session.site.display())));
    }
    session.tour = tour(args, &session.site)?;
    if args.kiosk.is_some() && args.tour_from.is_none() && args.measure.is_none() && args.turntable.is_none() {
        return kiosk::supervise(&std::env::args_os().skip(1).collect::<Vec<_>>());
    }
    let (events, incoming) = crossbeam_channel::unbounded();
    let waker = app::Waker::default();
    app::end_on_signals(waker.clone()).map_err(|error| Failure::new(format!("signals cannot be received: {error}")))?;
    if args.tour_from.is_some() {
        app::end_with_input(waker.clone()).map_err(|error| Failure::new(format!("no thread: {error}")))?;
    }
    let wake = waker.clone();
    let running = session::start(session, events, move || wake.wake())
        .map_err(|error| Failure::new(format!("the session could not be started: {error}")))?;
    let options = WindowOptions {
        size: args.size,
        kiosk: args.kiosk.is_some().then(|| KioskOptions {
            show: args.show.show(),
            screen: args.screen.map(usize::from),
            from: args.tour_from.unwrap_or(0),
        }),
        read_only: args.read_only,
        site_file: match site_file {
            Ok(_) if args.read_only => Err("nothing is written with --read-only".to_owned()),
            Ok(file) if file.extension().is_some_and(|end| end == "glb" || end == "gltf") => {
                Err("a model that is opened by itself has no site file".to_owned())
            }
            Ok(file) => Ok(file.to_owned()),
            Err(why) => Err(why.to_owned()),
        },
        quality: args.quality.preset(),
        measure: args.measure,
        turntable: args.turntable,
    };
    let ended = app::run(&options, waker, incoming);
    drop(running);
    ended.map_err(Failure::new)
}

/// The tour that was asked for.
fn tour(args: &WindowArgs, site: &Path) -> Result<Option<PathBuf>, Failure> {
    let Some(kiosk) = &args.kiosk else { return Ok(None) };
    let folder = if site.is_dir() { site } else { site.parent().unwrap_or(Path::new("")) };
    match kiosk.clone().or_else(|| crate::check::usual_tour(folder)) {
        Some(tour) if tour.is_file() => Ok(Some(tour)),
        Some(tour) => Err(Failure::new(format!("{} is not a tour: there is no such file", tour.display()))),
        None if matches!(args.show, ShowArg::Scene) => Err(Failure::new(format!(
            "there is no tour.toml beside {}: write one (docs/tours.md), or name one with --kiosk TOUR",
            site.display()
        ))),
        None => Ok(None),
    }
}

fn check(args: &CheckArgs) -> Result<(), Failure> {
    let mut loaded = crate::check::load(&args.site).map_err(|error| {
        if matches!(args.format, Format::Json) {
            print(&format!("{:#}\n", crate::check::report_json(&[error.problem()])));
        }
        Failure::new(error.to_string())
    })?;
    for path in args.tour.iter().cloned().chain(crate::check::usual_tour(&loaded.base_dir)) {
        let tour = crate::check::load_tour(&loaded, &path).map_err(|error| Failure::new(error.to_string()))?;
        loaded.problems.extend(tour.problems);
        loaded.sources.insert(tour.name, tour.text);
    }
    match args.format {
        Format::Text => {
            print(&crate::check::report_text(&loaded.problems, &loaded.sources, crate::check::Ink::of_stdout()));
        }
        Format::Json => print(&format!("{:#}\n", crate::check::report_json(&loaded.problems))),
    }
    if loaded.count(ProblemSeverity::Error) > 0 {
        Err(Failure::new(format!("{} has problems", args.site.display())))
    } else {
        Ok(())
    }
}

fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    let checked = crate::model::check(&args.model, &crate::model::Limits::default());
    match (&checked, args.format) {
        (Ok(checked), _) if args.template => {
            print(&crate::model::template_toml(&checked.index, &args.model.display().to_string()));
        }
        (checked, Format::Text) => print(&crate::model::inspect_text(checked.as_ref())),
        (checked, Format::Json) => print(&format!("{:#}\n", crate::model::inspect_json(checked.as_ref()))),
    }
    match checked {
        Ok(_) => Ok(()),
        Err(_) => Err(Failure::new(format!("{} cannot be shown", args.model.display()))),
    }
}

fn schema(dir: &Path) -> Result<(), Failure> {
    use twinscope_twin::site::schema;
    let failed = |path: &Path, error: &std::io::Error| Failure::new(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(dir).map_err(|error| failed(dir, &error))?;
    let schemas = [("site", schema::site_schema()), ("type", schema::type_schema()), ("tour", schema::tour_schema())];
    for (name, value) in schemas {
        let path = dir.join(format!("{name}.schema.json"));
        std::fs::write(&path, format!("{value:#}\n")).map_err(|error| failed(&path, &error))?;
        print(&format!("{}\n", path.display()));
    }
    Ok(())
}

/// `1280x720`.
fn parse_size(text: &str) -> Result<(u32, u32), String> {
    let most = app::picture::MOST_PIXELS;
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .filter(|&(width, height)| (1..=most).contains(&width) && (1..=most).contains(&height))
        .ok_or_else(|| format!("write it like 1280x720, 1 to {most} pixels a side"))
}

/// A fault as [`parse_fault`] takes it, or `none`.
fn parse_demo_fault(text: &str) -> Result<DemoFault, String> {
    if text == "none" { Ok(DemoFault(None)) } else { parse_fault(text).map(|fault| DemoFault(Some(fault))) }
}

/// `high-speed-bearing-wear` or `high-speed-bearing-wear@2.5`.
fn parse_fault(text: &str) -> Result<Fault, String> {
    let (name, rate) = text.split_once('@').unwrap_or((text, "1"));
    let kind: FaultKind = name.parse().map_err(|_| {
        let known: Vec<_> = FaultKind::all().map(FaultKind::name).collect();
        format!("there is no fault {name:?}; there is {}", known.join(", "))
    })?;
    let rate: f64 = rate.parse().map_err(|_| format!("the rate {rate:?} after @ is not a number"))?;
    Fault::new(kind, rate).map_err(|error| error.to_string())
}

/// `12s`, `500ms`, `2m`, `1h`; a bare number counts seconds.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match text.get(digits.len()..).unwrap_or_default() {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err("write it like 12s, 500ms, 2m or 1h".to_owned()),
    };
    digits
        .parse::<f64>()
        .ok()
        .map(|number| number * factor)
        .filter(|seconds| (0.0..=1_000_000.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| "write it like 12s, 500ms, 2m or 1h".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units() {
        for (text, ms) in [("12s", 12_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), ("3", 3_000)] {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in ["", "s", "1d", "-3s", "1e99h", "NaN"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        assert_eq!(parse_size("1280x720"), Ok((1280, 720)));
        for text in ["1280", "0x720", "99999x1", "axb", "1280X720"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_demo_has_a_fault_unless_it_is_told_not_to() {
        let fault = |args: &[&str]| match Cli::try_parse_from(args).map(|cli| cli.command) {
            Ok(Some(Command::Demo(demo))) => {
                demo.fault.map_or_else(|| demo.asset.story(), |fault| fault.0).map(|fault| fault.rate)
            }
            other => panic!("{other:?}"),
        };
        assert_eq!(fault(&["twinscope", "demo"]), Some(1.0));
        assert_eq!(fault(&["twinscope", "demo", "--fault", "none"]), None);
        assert_eq!(fault(&["twinscope", "demo", "--fault", "high-speed-bearing-wear@3"]), Some(3.0));
    }

    #[test]
    fn every_asset_of_the_demo_ships_and_its_machine_can_have_its_story() {
        let sites = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sites");
        for asset in DemoAsset::value_variants() {
            let loaded = crate::check::load(&sites.join(asset.site().0).join("site.toml")).expect("a site");
            let machine = loaded.site.assets.first().and_then(|asset| asset.simulator);
            assert_eq!(machine, Some(asset.site().1), "{asset:?}");
            assert!(asset.story().is_some_and(|fault| asset.checked(fault).is_ok()), "{asset:?}");
        }
    }

    #[test]
    fn an_unknown_fault_names_the_known_ones() {
        assert!(parse_fault("gremlins").unwrap_err().contains("high-speed-bearing-wear"));
        assert_eq!(parse_fault("high-speed-bearing-wear@2").map(|fault| fault.rate), Ok(2.0));
        assert!(parse_fault("high-speed-bearing-wear@-1").is_err());
    }
}
