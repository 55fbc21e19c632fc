//! Models for the engine, as type files name them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::check_site::did_you_mean;
use super::node::Node;
use super::problem::{Problems, Spanned};
use super::tables::TypeTables;
use super::{AssetRow, PartRow, SignalRow};

/// A kind of model that the engine runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EstimatorKind {
    /// A geared turbine's gearbox and high-speed bearing.
    Gearbox,
    /// The battery of an electric car.
    Battery,
    /// A cooled blade of a gas turbine.
    Blade,
    /// Any machine: unusual signals, trends to a threshold.
    Machine,
}

impl EstimatorKind {
    const NAMES: [(Self, &'static str); 4] =
        [(Self::Gearbox, "gearbox"), (Self::Battery, "battery"), (Self::Blade, "blade"), (Self::Machine, "machine")];

    /// The names, for the reader and the schema.
    pub(crate) const WORDS: [&'static str; Self::NAMES.len()] = {
        let mut words = [""; Self::NAMES.len()];
        let mut row = 0;
        while row < words.len() {
            words[row] = Self::NAMES[row].1;
            row += 1;
        }
        words
    };

    /// The name in type files.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMES.into_iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// The kind of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(_, known)| *known == name).map(|(kind, _)| kind)
    }
}

/// A model of one asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimator {
    /// The asset.
    pub asset: AssetRow,
    /// Which model.
    pub kind: EstimatorKind,
    /// Its name in topics.
    pub id: String,
    /// The part of each role.
    pub parts: BTreeMap<String, PartRow>,
    /// The signal of each input.
    pub inputs: BTreeMap<String, SignalRow>,
    /// What the model is told of the type: known to the model only. Null: nothing.
    pub settings: serde_json::Value,
    /// The folder of the type file, relative to that of the site file: paths in the settings begin there.
    pub folder_from_site: String,
    /// Where the type file names it.
    pub span: Range<usize>,
}

/// The estimators of a type, with the rows of parts and signals that they name; each is named once.
pub(super) fn read(nodes: &[Node], tables: &TypeTables, problems: &mut Problems) -> Vec<Estimator> {
    let parts: BTreeMap<&str, u32> =
        tables.parts.iter().zip(0..).map(|(part, row)| (part.part.id.as_str(), row)).collect();
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for node in nodes {
        let kind = node.plain("kind").as_deref().and_then(EstimatorKind::from_name);
        let Some(kind) = kind else { continue };
        let id = node.text("id").unwrap_or_else(|| Spanned::new(kind.name().to_owned(), node.span.clone()));
        if !taken.insert(id.value.clone()) {
            problems.error(&id.span, format!("there are two estimators \"{}\": give each an id of its own", id.value));
        }
        let mut estimator = Estimator {
            asset: AssetRow(0),
            kind,
            id: id.value,
            parts: BTreeMap::new(),
            inputs: BTreeMap::new(),
            settings: node.free("settings"),
            folder_from_site: String::new(),
            span: node.span.clone(),
        };
        for (role, part) in node.names("parts") {
            match parts.get(part.value.as_str()) {
                Some(row) => {
                    estimator.parts.insert(role, PartRow(*row));
                }
                None => {
                    let meant = did_you_mean(&part.value, parts.keys().copied());
                    problems.error(&part.span, format!("there is no part \"{}\"{meant}", part.value));
                }
            }
        }
        for (input, name) in node.names("inputs") {
            match signal_of(&name.value, &parts, tables) {
                Ok(row) => {
                    estimator.inputs.insert(input, SignalRow(row));
                }
                Err(message) => problems.error(&name.span, message),
            }
        }
        all.push(estimator);
    }
    all
}

/// The row of `part.signal`.
fn signal_of(name: &str, parts: &BTreeMap<&str, u32>, tables: &TypeTables) -> Result<u32, String> {
    let (part, signal) = name.split_once('.').ok_or_else(|| format!("\"{name}\" is not part.signal"))?;
    let Some(owner) = parts.get(part).and_then(|row| tables.parts.get(*row as usize)) else {
        return Err(format!("there is no part \"{part}\"{}", did_you_mean(part, parts.keys().copied())));
    };
    let signals = || owner.part.signals.clone().zip(tables.signals_of(&owner.part));
    signals().find(|(_, known)| known.signal.id == signal).map(|(row, _)| row).ok_or_else(|| {
        let meant = did_you_mean(signal, signals().map(|(_, known)| known.signal.id.as_str()));
        format!("part \"{part}\" has no signal \"{signal}\"{meant}")
    })
}
