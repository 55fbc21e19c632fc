//! Tours: a file read against its site, and what only the whole program knows: which faults a machine can have.

use std::path::{Path, PathBuf};

use twinscope_prognosis::FaultKind;
use twinscope_prognosis::faults::known_to;
use twinscope_twin::site::{AssetRow, Problem, ProblemSeverity};
use twinscope_twin::tour::{Tour, parse_tour};

use super::{LoadError, Loaded, read_text, shown};

/// A tour with everything that is wrong with it.
#[derive(Debug)]
pub struct LoadedTour {
    /// The tour, as far as it could be read.
    pub tour: Tour,
    /// The name that problems give its file.
    pub name: String,
    /// Its text.
    pub text: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// The tour of a site that nobody named: `tour.toml` beside the site file.
#[must_use]
pub fn usual_tour(base_dir: &Path) -> Option<PathBuf> {
    Some(base_dir.join("tour.toml")).filter(|path| path.is_file())
}

/// Reads a tour of a site.
///
/// # Errors
/// When the file cannot be read.
pub fn load_tour(loaded: &Loaded, path: &Path) -> Result<LoadedTour, LoadError> {
    let name = shown(path);
    let text =
        read_text(path).map_err(|fault| LoadError { file: name.clone(), what: fault.what, remedy: fault.remedy })?;
    let site = &loaded.site;
    let (tour, mut problems) = parse_tour(&text, &name, site);
    let of_faults = tour.stops.iter().flat_map(|stop| {
        let breaks = stop.breaks.iter().map(|(fault, _)| fault);
        let mends = stop.mends.iter().map(|mend| &mend.fault);
        breaks.chain(mends).filter_map(|fault| Some((stop.id.as_str(), wrong_fault(loaded, stop.asset, fault)?)))
    });
    problems.extend(of_faults.map(|(stop, (message, hint))| {
        let line = line_of(&text, stop);
        let message = format!("stop \"{stop}\": {message}");
        Problem {
            severity: ProblemSeverity::Error,
            file: name.clone(),
            span: None,
            line,
            column: 0,
            message,
            hint: Some(hint),
        }
    }));
    problems.sort_by_key(|problem| problem.line);
    Ok(LoadedTour { tour, name, text, problems })
}

/// Why a machine cannot have a fault, and which it can have.
fn wrong_fault(loaded: &Loaded, asset: AssetRow, fault: &str) -> Option<(String, String)> {
    let machine = loaded.site.assets.get(asset.index())?;
    let Some(simulator) = machine.simulator else {
        let hint = "its type file names none: simulator = \"wind-turbine\"".to_owned();
        return Some((format!("no simulator stands in for {}", machine.id), hint));
    };
    let known = fault.parse::<FaultKind>().is_ok_and(|kind| kind.concerns(simulator));
    (!known).then(|| (format!("{} has no fault \"{fault}\"", machine.id), format!("there is {}", known_to(simulator))))
}

/// The line of the stop with this id, from 1; 0 if it is not found.
fn line_of(text: &str, stop: &str) -> usize {
    let written = |line: &str| {
        let (key, value) = line.split_once('=')?;
        let value = value.split('#').next().unwrap_or_default().trim();
        Some(key.trim() == "id" && value.trim_matches(['"', '\'']) == stop)
    };
    text.lines().position(|line| written(line) == Some(true)).map_or(0, |at| at + 1)
}
