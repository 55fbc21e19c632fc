//! `twinscope render`: a picture without a window.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use twinscope_link::simulator::{Options as Simulation, StartFault};
use twinscope_prognosis::Fault;
use twinscope_twin::site::{PartRow, Site};

use super::{Failure, QualityArg, parse_duration, parse_fault, parse_size};
use crate::app::picture::{PictureLook, Shot, Studio, View};
use crate::app::preflight;
use crate::simulated::{Virtual, VirtualError};
use crate::{check, session};

#[derive(Debug, Args)]
pub struct RenderArgs {
    /// The site file
    site: PathBuf,
    /// Moment on the virtual clock, e.g. 12s, 5m
    #[arg(long, default_value = "12s", value_parser = parse_duration)]
    at: Duration,
    /// Size of the picture
    #[arg(long, default_value = "1920x1080", value_parser = parse_size)]
    size: (u32, u32),
    /// The PNG file to write
    #[arg(short, long)]
    out: PathBuf,
    /// Seed of the simulation
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Break something at the start: NAME, or NAME@MULTIPLE of the demo's rate of wear
    #[arg(long, value_name = "FAULT", value_parser = parse_fault)]
    fault: Option<Fault>,
    /// What the site's first broker would have sent: a recording (.mcap) or a table (.toml); time starts with it
    #[arg(long, value_name = "FILE")]
    recording: Option<PathBuf>,
    /// Select a part and look at it: ASSET/PART
    #[arg(long)]
    part: Option<String>,
    /// Look at the whole site
    #[arg(long, conflicts_with = "part")]
    all: bool,
    /// Look from a viewpoint of the site, by its id, at what is shown there
    #[arg(long, value_name = "ID", conflicts_with_all = ["part", "all"])]
    viewpoint: Option<String>,
    /// Show a field on the surfaces that carry it: the id of one of the type file's, or the name of an attribute
    #[arg(long, value_name = "NAME", conflicts_with = "flat")]
    field: Option<String>,
    /// Quality of the picture; auto takes what fits the graphics adapter
    #[arg(long, value_enum, default_value_t = QualityArg::Auto)]
    quality: QualityArg,
    /// Time of day in the scene, hours from midnight; otherwise the site's
    #[arg(long, value_parser = parse_hour)]
    hour: Option<f32>,
    /// Flat state colours, nothing lit, for checks
    #[arg(long)]
    flat: bool,
}

fn parse_hour(text: &str) -> Result<f32, String> {
    let hour = text.parse::<f32>().ok().filter(|hour| (0.0..=24.0).contains(hour));
    hour.ok_or_else(|| "write hours from midnight, 0 to 24, like 17.5".to_owned())
}

/// The row of `ASSET/PART`.
pub fn find_part(site: &Site, name: &str) -> Result<PartRow, Failure> {
    let (asset, part) =
        name.split_once('/').ok_or_else(|| Failure::new(format!("{name}: write it like wt-01/gearbox")))?;
    let asset = site.assets.iter().find(|candidate| candidate.id == asset).ok_or_else(|| {
        let known: Vec<_> = site.assets.iter().map(|asset| asset.id.as_str()).collect();
        Failure::new(format!("there is no asset {asset:?}; there is {}", known.join(", ")))
    })?;
    asset
        .parts
        .clone()
        .find(|&row| site.parts.get(row as usize).is_some_and(|candidate| candidate.id == part))
        .map(PartRow)
        .ok_or_else(|| Failure::new(format!("{} has no part {part:?}; `twinscope check` lists the site", asset.id)))
}

/// The place of a viewpoint in the list of its site.
fn find_viewpoint(site: &Site, id: &str) -> Result<usize, Failure> {
    site.viewpoints.iter().position(|view| view.id == id).ok_or_else(|| {
        let known: Vec<_> = site.viewpoints.iter().map(|view| view.id.as_str()).collect();
        let known =
            if known.is_empty() { "the site has none".to_owned() } else { format!("there is {}", known.join(", ")) };
        Failure::new(format!("there is no viewpoint {id:?}; {known}"))
    })
}

pub fn render(args: &RenderArgs) -> Result<(), Failure> {
    preflight::driver()?;
    let loaded = check::load(&args.site).map_err(|error| Failure::new(error.to_string()))?;
    session::sound(&loaded).map_err(Failure::new)?;
    let part = args.part.as_deref().map(|name| find_part(&loaded.site, name)).transpose()?;
    let simulation = Simulation {
        seed: args.seed,
        faults: args.fault.iter().map(|&fault| StartFault { asset: None, fault }).collect(),
        ..Simulation::default()
    };
    let failed = |error: VirtualError| Failure::new(error.to_string());
    let mut run =
        Virtual::new(&loaded.site, &loaded.base_dir, &simulation, args.recording.as_deref()).map_err(failed)?;
    run.select(part);
    run.advance_to(args.at.as_millis() as u64).map_err(failed)?;
    for why in run.cut_off() {
        eprintln!("twinscope: the recording ends early: {why}");
    }
    let viewpoint = args.viewpoint.as_deref().map(|id| find_viewpoint(&loaded.site, id)).transpose()?;
    let view = match part {
        Some(part) => View::Part(part),
        None if viewpoint.is_some() => viewpoint.map(View::Saved).unwrap_or_default(),
        None if args.all => View::All,
        None => View::Story,
    };
    let snapshot = run.snapshot();
    let models = session::model_files(&loaded);
    let look = PictureLook { quality: args.quality.preset(), hour: args.hour };
    let mut studio =
        Studio::new(snapshot, &models, args.size, args.at.as_secs_f64(), view, look).map_err(Failure::new)?;
    for problem in studio.problems() {
        eprintln!("twinscope: {problem}; the rest is drawn");
    }
    if let Some(field) = &args.field {
        let shown = studio.show_field(field).map_err(Failure::new)?;
        if let Some(limits) = shown.limits {
            super::print(&format!(
                "{field}: {} to {}, {} vertices not known\n",
                limits.low, limits.high, shown.unknown
            ));
        }
    }
    let shot = if args.flat { Shot::Flat } else { Shot::Lit };
    let picture = studio.shoot(&shot).map_err(Failure::new)?;
    picture.save(&args.out).map_err(Failure::new)
}
