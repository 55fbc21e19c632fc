//! `twinscope engine`: the living models of a site, over its brokers.

use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use twinscope_link::engine::{self, EngineHandle, EngineOptions, Report, Store};
use twinscope_link::keeper::state_home;
use twinscope_link::settings::Settings;
use twinscope_twin::site::SourceRow;
use twinscope_twin::state::LinkEvent;

use super::Failure;
use super::headless::{load, stop_flag, told, wait};

#[derive(Debug, Args)]
pub struct EngineArgs {
    /// The site file; its types name the models in [[estimator]]
    site: PathBuf,
    /// A broker that takes the place of the site's sources, e.g. mqtt://127.0.0.1:1883
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// Folder in which the models live on [default: twinscope/engine/SITE in the user's state folder]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Let the models begin anew at each start
    #[arg(long, conflicts_with = "state")]
    forget: bool,
    /// Seed of everything random
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub fn engine(args: &EngineArgs) -> Result<(), Failure> {
    let loaded = load(&args.site)?;
    let site = &loaded.site;
    let connections = match &args.to {
        Some(url) => {
            let settings = Settings::plain(url).map_err(|error| Failure::new(error.to_string()))?;
            let settings =
                |row: SourceRow| (row, engine::as_worker(settings.clone(), &format!("{}-{}", site.id, row.0)));
            engine::sources(site).map(settings).collect()
        }
        None => engine::connections(site, &loaded.base_dir).map_err(|error| Failure::new(error.to_string()))?,
    };
    let store = if args.forget {
        None
    } else {
        let folder = args.state.clone().or_else(|| Some(state_home()?.join("twinscope/engine").join(&site.id)));
        let folder =
            folder.ok_or_else(|| Failure::new("there is no home folder for state: say --state DIR or --forget"))?;
        let store = Store::open(&folder).map_err(|error| {
            Failure::new(format!("{}: the state cannot be kept there: {error}; say --state DIR", folder.display()))
        })?;
        eprintln!("state in {}", folder.display());
        Some(store)
    };
    let stop = stop_flag()?;
    let failed: Arc<Mutex<Option<String>>> = Arc::default();
    let (end, why) = (Arc::clone(&stop), Arc::clone(&failed));
    let several = site.sources.len() > 1;
    let names: Vec<String> = site.sources.iter().map(|source| source.id.clone()).collect();
    let name = move |row: SourceRow| match names.get(row.index()) {
        Some(name) if several => format!("{name}: "),
        _ => String::new(),
    };
    let mut silent = true;
    let report = move |report| match report {
        Report::Link(row, event) => {
            if let Some(line) = told(&event) {
                eprintln!("{}{line}", name(row));
            }
            if let LinkEvent::Refused { reason } = event {
                *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
                end.store(true, Ordering::Release);
            }
        }
        Report::Trouble(line) => eprintln!("{line}"),
        Report::Published(_) => {
            if std::mem::take(&mut silent) {
                eprintln!("first predictions published");
            }
        }
        Report::Failed(reason) => {
            *why.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
            end.store(true, Ordering::Release);
        }
    };
    let options = EngineOptions { seed: args.seed, store };
    let running = EngineHandle::spawn(site, &loaded.base_dir, connections, options, report)
        .map_err(|error| Failure::new(error.to_string()))?;
    let (models, assets) = running.size();
    eprintln!("{models} models of {assets} assets; Ctrl-C ends");
    wait(&stop, || false);
    drop(running);
    let failed = failed.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), |reason| Err(Failure::new(reason)))
}
