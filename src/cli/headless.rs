//! The commands without a window: simulate, record, replay, and the embedded broker.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use clap::Args;
use twinscope_link::broker;
use twinscope_link::mqtt::{self, MqttLink};
use twinscope_link::record;
use twinscope_link::replay::{self, Input, Speed, TimePlaces, Times};
use twinscope_link::settings::Settings;
use twinscope_link::simulator::{self, Report, Simulator, StartFault, Target};
use twinscope_link::sink::{self, Item, Limits, Received};
use twinscope_prognosis::Fault;
use twinscope_twin::site::{Site, Source, SourceRow};
use twinscope_twin::state::{LinkEvent, Options as TwinOptions, TwinState};

use super::{Failure, parse_fault};
use crate::{check, session};

#[derive(Debug, Args)]
pub struct BrokerArgs {
    /// The port; 0: any free one
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// Where to publish: a URL, or the source of a site with its credentials and certificates.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct TargetArgs {
    /// The broker, e.g. mqtt://127.0.0.1:1883
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The broker of a site: its first source that is one, with its user and certificates
    #[arg(long, value_name = "SITE")]
    to_site: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// The site file
    site: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Messages a second on each topic, 1 to 10
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=10))]
    rate: u32,
    /// Break something from the start: NAME, or NAME@MULTIPLE of the demo's rate of wear
    #[arg(long, value_name = "FAULT", value_parser = parse_fault)]
    fault: Option<Fault>,
}

#[derive(Debug, Args)]
pub struct RecordArgs {
    /// The site file: what it subscribes to is recorded
    site: PathBuf,
    /// The MCAP file to write
    #[arg(short, long)]
    out: PathBuf,
    /// Which source, if the site has several
    #[arg(long)]
    source: Option<String>,
    /// Stop after so many messages
    #[arg(long)]
    messages: Option<u64>,
    /// Name of the session that the broker keeps for an hour, twinscope-recorder-SITE if not given: a recording begins
    /// with what has come since the last one of this name ended, dated now. Two recorders at a time need two names
    #[arg(long)]
    client_id: Option<String>,
}

#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// A recording (.mcap), or the mapping of a table (.toml)
    input: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
    /// How many times faster than it happened, 0.1 to 10000, or `max`
    #[arg(long, default_value = "1")]
    speed: Speed,
    /// Keep the original times. Without it each message happens when it is sent; with `--speed max` the last one happens
    /// now and the others as long before it as they did
    #[arg(long)]
    keep_times: bool,
    /// Where the payloads of a recording tell their time, and its unit (ms, s, us, ns, rfc3339), e.g. /t or /t:s;
    /// without, as the recorded site says
    #[arg(long, value_name = "POINTER[:UNIT]")]
    time_field: Option<TimePlaces>,
}

/// Set by Ctrl-C and by the system's wish to end.
pub(super) fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&stop);
    ctrlc::set_handler(move || set.store(true, Ordering::Release))
        .map_err(|error| Failure::new(format!("signals cannot be received: {error}")))?;
    Ok(stop)
}

pub fn embedded_broker(args: &BrokerArgs) -> Result<(), Failure> {
    broker::run_child(args.port).map_err(|error| Failure::new(error.to_string()))
}

pub(super) fn load(site: &std::path::Path) -> Result<check::Loaded, Failure> {
    let loaded = check::load(site).map_err(|error| Failure::new(error.to_string()))?;
    for notice in session::sound(&loaded).map_err(Failure::new)? {
        eprintln!("twinscope: {notice}");
    }
    Ok(loaded)
}

/// The first source that is a broker, or the one that is named.
fn broker_source<'a>(site: &'a Site, name: Option<&str>) -> Result<(SourceRow, &'a Source), Failure> {
    (0_u32..)
        .map(SourceRow)
        .zip(&site.sources)
        .find(|(_, source)| match name {
            Some(name) => source.id == name,
            None => source.url.starts_with("mqtt"),
        })
        .ok_or_else(|| match name {
            Some(name) => {
                let known: Vec<_> = site.sources.iter().map(|source| source.id.as_str()).collect();
                Failure::new(format!("the site has no source {name:?}; it has {}", known.join(", ")))
            }
            None => Failure::new("the site has no source that is a broker (mqtt:// or mqtts://)"),
        })
}

impl TargetArgs {
    fn settings(&self) -> Result<Settings, Failure> {
        let wrong = |error: twinscope_link::SettingsError| Failure::new(error.to_string());
        match (&self.to, &self.to_site) {
            (Some(url), _) => Settings::plain(url).map_err(wrong),
            (None, Some(site)) => {
                let loaded = load(site)?;
                let (_, source) = broker_source(&loaded.site, None)?;
                Settings::from_source(source, &loaded.base_dir).map_err(wrong)
            }
            (None, None) => Err(Failure::new("say where to publish: --to URL or --to-site SITE")),
        }
    }
}

/// One line for what a link tells; `None` for what needs no line.
pub(super) fn told(event: &LinkEvent) -> Option<String> {
    match event {
        LinkEvent::Live => Some("connected".to_owned()),
        LinkEvent::Lost { reason } => Some(format!("connection lost: {reason}; trying again")),
        LinkEvent::Refused { reason } => Some(format!("refused: {reason}")),
        LinkEvent::Trouble { message } => Some(message.clone()),
        LinkEvent::Dropped { messages } => Some(format!("{messages} messages dropped")),
        LinkEvent::Connecting | LinkEvent::Direct { .. } => None,
    }
}

pub fn simulate(args: &SimulateArgs) -> Result<(), Failure> {
    let loaded = load(&args.site)?;
    let options = simulator::Options {
        seed: args.seed,
        rate_hz: args.rate,
        faults: args.fault.iter().map(|&fault| StartFault { asset: None, fault }).collect(),
        ..simulator::Options::default()
    };
    let stop = stop_flag()?;
    let refused = Arc::new(std::sync::Mutex::new(None));
    let (end, why) = (Arc::clone(&stop), Arc::clone(&refused));
    let report = move |report| match report {
        Report::Link(event) => {
            if let Some(line) = told(&event) {
                eprintln!("{line}");
            }
            if let LinkEvent::Refused { reason } = event {
                *why.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(reason);
                end.store(true, Ordering::Release);
            }
        }
        Report::Done(line) => eprintln!("{line}"),
        Report::Refused(line) => eprintln!("command refused: {line}"),
        Report::Failed(reason) => {
            *why.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(reason);
            end.store(true, Ordering::Release);
        }
    };
    let target = Target::Broker(Box::new(args.target.settings()?));
    let running =
        Simulator::spawn(target, &loaded.site, &options, report).map_err(|error| Failure::new(error.to_string()))?;
    wait(&stop, || false);
    drop(running);
    let refused = refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    refused.map_or(Ok(()), |reason| Err(Failure::new(reason)))
}

/// Until told to stop, or `done`.
pub(super) fn wait(stop: &AtomicBool, mut done: impl FnMut() -> bool) {
    while !stop.load(Ordering::Acquire) && !done() {
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn record(args: &RecordArgs) -> Result<(), Failure> {
    let loaded = load(&args.site)?;
    let (row, source) = broker_source(&loaded.site, args.source.as_deref())?;
    let settings = Settings::from_source(source, &loaded.base_dir).map_err(|error| Failure::new(error.to_string()))?;
    let own = || format!("twinscope-recorder-{}", loaded.site.id);
    let settings = record::recorder_settings(settings, &args.client_id.clone().unwrap_or_else(own));
    let wanted = record::Wanted {
        filters: TwinState::new(Arc::clone(&loaded.site), TwinOptions::default()).filters(row),
        times: TimePlaces::of_source(&loaded.site, row),
        most: args.messages,
    };
    let stop = stop_flag()?;
    let mut refused = None;
    let mut said = None;
    let progress = record::record(settings, wanted, &args.out, &stop, |progress| {
        if progress.link != said {
            if let Some(line) = progress.link.as_ref().and_then(told) {
                eprintln!("{line}");
            }
            said = progress.link.clone();
        }
        if let Some(LinkEvent::Refused { reason }) = &progress.link {
            refused = Some(reason.clone());
            stop.store(true, Ordering::Release);
        }
    })
    .map_err(|error| Failure::new(error.to_string()))?;
    if let (Some(reason), 0) = (&refused, progress.messages) {
        return Err(Failure::new(reason.clone()));
    }
    println!(
        "{}: {} messages on {} topics, {} bytes",
        args.out.display(),
        progress.messages,
        progress.topics,
        progress.bytes
    );
    if progress.dropped + progress.skipped > 0 {
        eprintln!("{} messages came too fast, {} could not be recorded", progress.dropped, progress.skipped);
    }
    if progress.foreign > 0 {
        eprintln!("{} messages are left out: another recording of this client id had asked for them", progress.foreign);
    }
    refused.map_or(Ok(()), |reason| Err(Failure::new(reason)))
}

/// Waits until a link is live.
fn connected(receiver: &sink::Receiver, stop: &AtomicBool) -> Result<(), Failure> {
    let deadline = Instant::now() + Duration::from_secs(30);
    while Instant::now() < deadline && !stop.load(Ordering::Acquire) {
        if let Received::Item(Item::Link { event, .. }) = receiver.recv(Duration::from_millis(100)) {
            if let Some(line) = told(&event) {
                eprintln!("{line}");
            }
            match event {
                LinkEvent::Live => return Ok(()),
                LinkEvent::Refused { reason } => return Err(Failure::new(reason)),
                _ => {}
            }
        }
    }
    Err(Failure::new(if stop.load(Ordering::Acquire) {
        "stopped before the broker was reached; nothing was published"
    } else {
        "the broker could not be reached within 30 s; is it running, and is the address right?"
    }))
}

pub fn replay(args: &ReplayArgs) -> Result<(), Failure> {
    let input = Input::open(&args.input, args.time_field.clone()).map_err(|error| Failure::new(error.to_string()))?;
    let stop = stop_flag()?;
    let (sink, receiver) = sink::channel(Limits::default());
    let link: MqttLink = mqtt::spawn(args.target.settings()?, Vec::new(), sink, SourceRow(0))
        .map_err(|error| Failure::new(error.to_string()))?;
    connected(&receiver, &stop)?;
    let options =
        replay::Options { speed: args.speed, times: if args.keep_times { Times::Keep } else { Times::Shift } };
    let progress = replay::to_broker(input, &link, options, &stop, |_| {
        while let Received::Item(Item::Link { event, .. }) = receiver.recv(Duration::ZERO) {
            if let Some(line) = told(&event) {
                eprintln!("{line}");
            }
        }
    })
    .map_err(|error| Failure::new(error.to_string()))?;
    println!("{} messages published", progress.messages);
    let failed = (progress.failed > 0).then(|| format!("{} messages could not be published", progress.failed));
    let cut_off = progress.cut_off.map(|why| format!("{} ends early: {why}", args.input.display()));
    let problems: Vec<String> = failed.into_iter().chain(cut_off).collect();
    if problems.is_empty() { Ok(()) } else { Err(Failure::new(problems.join("; "))) }
}
