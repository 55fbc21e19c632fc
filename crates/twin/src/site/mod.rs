//! A site as it runs: the site file and its type files, expanded and flattened into tables.
//!
//! Made by [`resolve`] from parsed files; never edited afterwards. Rows are stable for the life of a `Site`.

mod bind;
mod check_expression;
mod check_site;
mod crack;
mod estimator;
mod expand;
mod field;
pub(crate) mod file;
pub(crate) mod node;
mod operations;
pub(crate) mod problem;
mod procedure;
mod read;
mod read_value;
mod references;
mod resolve;
mod rule;
pub mod schema;
mod shape;
mod shape_costs;
mod shape_site;
pub(crate) mod shape_tour;
mod shape_type;
mod showing;
mod simulator;
mod start;
pub(crate) mod suggest;
mod tables;
mod template;
#[cfg(test)]
mod tests;
mod units;
mod url;
mod viewpoint;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

pub use crack::Crack;
pub use estimator::{Estimator, EstimatorKind};
pub use field::{Field, FieldColours, FieldPoints, FieldValues};
pub use file::{AssetFile, SiteFile, SourceFile, TypeFile, parse_site, parse_type};
pub use operations::Operations;
pub use problem::{MAX_PROBLEMS, Problem, ProblemSeverity, Spanned};
pub use resolve::resolve;
pub(crate) use rule::minutes_of_day;
pub use showing::{Cut, Showing};
pub use simulator::SimulatorKind;
pub use start::{Start, StartFile};
pub(crate) use units::duration_ms;
pub use url::{Address, Scheme};
pub use viewpoint::{Aim, MOST_VIEWPOINTS, Viewpoint, append_viewpoint, viewpoint_id};

use crate::procedure::Procedure;
use crate::severity::Severity;

macro_rules! row {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);
        impl $name {
            /// The row as an index.
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}
row!(
    /// Index into [`Site::sources`].
    SourceRow
);
row!(
    /// Index into [`Site::assets`].
    AssetRow
);
row!(
    /// Index into [`Site::parts`]: the run-time key of one (asset, part).
    PartRow
);
row!(
    /// Index into [`Site::signals`].
    SignalRow
);
row!(
    /// Index into [`Site::alarms`].
    AlarmRow
);

/// A whole site, flattened.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Id, as used in topics.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// ISO 4217 code of costs.
    pub currency: String,
    /// What the machines stand in.
    pub stage: Stage,
    /// Time of day in the scene at start, hours from midnight.
    pub hour: f64,
    /// What advice counts with, by key of `[economics]`; what the file leaves out is not here.
    pub economics: BTreeMap<String, f64>,
    /// Who can work on the machines, and when.
    pub operations: Operations,
    /// Where telemetry comes from.
    pub sources: Vec<Source>,
    /// The assets, in the order of the file.
    pub assets: Vec<Asset>,
    /// The parts of all assets; those of one asset are contiguous.
    pub parts: Vec<Part>,
    /// The signals of all parts; those of one part are contiguous.
    pub signals: Vec<Signal>,
    /// The alarm rules of all parts; those of one part are contiguous.
    pub alarms: Vec<AlarmRule>,
    /// The fields of all types that assets are of.
    pub fields: Vec<Field>,
    /// Places from which it is walked, in the order of the file.
    pub starts: Vec<Start>,
    /// Models for the engine, one row an asset and model.
    pub estimators: Vec<Estimator>,
    /// Saved viewpoints, in the order of the file.
    pub viewpoints: Vec<Viewpoint>,
    /// What technicians do at an asset, step by step: one row an asset and procedure, in the order of the files.
    pub procedures: Vec<(AssetRow, Arc<Procedure>)>,
    /// Assets that were taken out. Their rows stay, and those of their parts: every row means what it meant.
    pub removed: BTreeSet<AssetRow>,
}

impl Site {
    /// The assets that were not taken out.
    pub fn standing(&self) -> impl Iterator<Item = (AssetRow, &Asset)> {
        let rows = (0..).map(AssetRow).zip(&self.assets);
        rows.filter(|(row, _)| !self.removed.contains(row))
    }

    /// The procedures of an asset.
    pub fn procedures_of(&self, asset: AssetRow) -> impl Iterator<Item = &Arc<Procedure>> {
        self.procedures.iter().filter(move |(of, _)| *of == asset).map(|(_, procedure)| procedure)
    }

    /// A part and those above it, nearest first.
    pub fn lineage(&self, part: PartRow) -> impl Iterator<Item = PartRow> {
        // Parents form no cycle in a resolved site; the bound holds even so.
        let above = |row: &PartRow| self.parts.get(row.index()).and_then(|part| part.parent);
        std::iter::successors(Some(part), above).take(64)
    }

    /// The layer of a part: its own, or that of the nearest part above that has one.
    #[must_use]
    pub fn layer_of(&self, part: PartRow) -> Option<&str> {
        self.lineage(part).find_map(|row| self.parts.get(row.index())?.layer.as_deref())
    }

    /// Whether a person may take the asset out: nothing feeds it, because it is a model that was opened by itself.
    #[must_use]
    pub fn removable(&self, asset: AssetRow) -> bool {
        let fed = |asset: &Asset| self.sources.get(asset.source.index()).is_some();
        self.assets.get(asset.index()).is_some_and(|found| !fed(found)) && !self.removed.contains(&asset)
    }
}

/// What the machines of a site stand in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Land under a sky.
    #[default]
    Landscape,
    /// A photographer's studio.
    Studio,
}

/// One broker, simulation or recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Id in the site file.
    pub id: String,
    /// `mqtt://`, `mqtts://`, `sim:`, `file:` …, as written.
    pub url: String,
    /// Protocol versions to try.
    pub protocol: Protocol,
    /// Quality of service of subscriptions: 0 or 1.
    pub qos: u8,
    /// Keep-alive, seconds, 5 to 3600.
    pub keep_alive_s: u16,
    /// User name.
    pub username: Option<String>,
    /// File with the password, relative to the site file.
    pub password_file: Option<String>,
    /// Environment variable with the password.
    pub password_env: Option<String>,
    /// PEM file with the certificate authority, relative to the site file.
    pub ca_file: Option<String>,
    /// PEM file with the client's certificate chain, relative to the site file.
    pub client_cert: Option<String>,
    /// PEM file with the client's key, relative to the site file.
    pub client_key: Option<String>,
    /// TLS application protocols.
    pub alpn: Vec<String>,
    /// Largest packet, bytes.
    pub max_packet: u32,
    /// Most topics that are told apart.
    pub max_topics: u32,
    /// Deepest JSON that is read.
    pub max_json_depth: u16,
    /// The source is a simulation: everything from it says so.
    pub simulated: bool,
}

/// Which MQTT versions a link tries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// 5, then 3.1.1.
    #[default]
    Auto,
    /// 3.1.1 only.
    V311,
    /// 5 only.
    V5,
}

/// One machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// Id, as used in topics.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Id of its type.
    pub type_id: String,
    /// The machine that the simulator runs for it, if its type names one.
    pub simulator: Option<SimulatorKind>,
    /// Its source.
    pub source: SourceRow,
    /// Position, m, y up.
    pub position: [f64; 3],
    /// Heading, degrees clockwise from north.
    pub heading_deg: f64,
    /// Model file, relative to the folder of the site file (or absolute), with `/`; behind a `#` its look, if the type
    /// asks for one ([`TypeFile::model_key`]).
    pub model: String,
    /// Why the model is not this machine ("stand-in: …"), if it is not. Shown on screen.
    pub stand_in: Option<String>,
    /// How many times faster than the clock it ages: 1, but for a simulated one, up to 1e6.
    pub time_lapse: f64,
    /// Its rows in [`Site::parts`].
    pub parts: Range<u32>,
}

/// One part of one asset.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// The asset it belongs to.
    pub asset: AssetRow,
    /// Id within the asset.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// `bearing`, `gear`, `blade`, … for search and rules; may be empty.
    pub kind: String,
    /// `drivetrain`, `electrical`, … what it is shown or hidden with; `None`: that of the nearest part above with one.
    pub layer: Option<String>,
    /// The glTF node: a path of names, or `id:` and the `part_id` of node extras.
    pub node: String,
    /// The part it rolls up to; `None` rolls up to the asset.
    pub parent: Option<PartRow>,
    /// CEL expression of the health index, 0 (failed) to 1 (new).
    pub health: Option<String>,
    /// Why nothing measures it, for the inspector ("no drivetrain sensors in this data").
    pub note: Option<String>,
    /// Its rows in [`Site::signals`].
    pub signals: Range<u32>,
    /// Its rows in [`Site::alarms`].
    pub alarms: Range<u32>,
    /// What moves with its signals.
    pub motions: Vec<Motion>,
    /// Where its crack is drawn.
    pub crack: Option<Crack>,
    /// Documents: title, and file relative to the folder of the site file.
    pub documents: Vec<(String, String)>,
}

/// One signal of one part.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// The part it belongs to.
    pub part: PartRow,
    /// Id within the part.
    pub id: String,
    /// Name for people; the id with spaces if the file gives none.
    pub name: String,
    /// Where its values come from.
    pub input: SignalInput,
    /// UCUM unit; may be empty.
    pub unit: String,
    /// Digits after the decimal point on screen.
    pub decimals: u8,
    /// Plausible values; outside is bad.
    pub range: Option<[f64; 2]>,
    /// Age at which it is stale, ms; `None`: three times the learned median interval, 2 s to 1 h.
    pub stale_after_ms: Option<u64>,
}

/// Where a signal's values come from.
#[derive(Clone, Debug, PartialEq)]
pub enum SignalInput {
    /// A topic.
    Topic(TopicInput),
    /// A CEL expression over signals of the same part (`x`) and others of the asset (`part.x`).
    Expression(String),
}

/// How to read a signal from messages.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicInput {
    /// Topic filter, templates filled in; may hold `+` and `#`.
    pub filter: String,
    /// JSON Pointer (RFC 6901); `None`: the whole payload.
    pub path: Option<String>,
    /// Source time in the payload; `None`: time of receipt.
    pub time: Option<TimeInput>,
    /// Quality in the payload.
    pub quality: Option<QualityInput>,
    /// Factor on numbers.
    pub scale: f64,
    /// Added to numbers after the factor.
    pub offset: f64,
}

/// Where and how a payload tells its time.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeInput {
    /// JSON Pointer.
    pub path: String,
    /// Unit of the number, or a text.
    pub unit: TimeUnit,
}

/// Units of source times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimeUnit {
    Seconds,
    #[default]
    Milliseconds,
    Microseconds,
    Nanoseconds,
    /// RFC 3339 text.
    Rfc3339,
}

/// Where and how a payload tells its quality. Values are compared as JSON scalars in text form (`good`, `192`, `true`).
#[derive(Clone, Debug, PartialEq)]
pub struct QualityInput {
    /// JSON Pointer.
    pub path: String,
    /// Values that mean good; if not empty, anything else that is in no list is uncertain.
    pub good: Vec<String>,
    /// Values that mean uncertain.
    pub uncertain: Vec<String>,
    /// Values that mean bad.
    pub bad: Vec<String>,
}

/// One alarm rule of one part.
#[derive(Clone, Debug, PartialEq)]
pub struct AlarmRule {
    /// The part it belongs to.
    pub part: PartRow,
    /// Id within the part.
    pub id: String,
    /// What is compared.
    pub condition: Condition,
    /// Hysteresis in the signal's unit.
    pub deadband: f64,
    /// The condition must hold this long, ms.
    pub on_delay_ms: u64,
    /// The condition must be over this long, ms.
    pub off_delay_ms: u64,
    /// Low to critical.
    pub priority: Severity,
    /// Why it happens.
    pub cause: String,
    /// What follows.
    pub consequence: String,
    /// What the technician does.
    pub response: String,
}

/// The condition of an alarm.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// Above the limit.
    High {
        /// The signal.
        signal: SignalRow,
        /// Limit in the signal's unit.
        limit: f64,
    },
    /// Below the limit.
    Low {
        /// The signal.
        signal: SignalRow,
        /// Limit in the signal's unit.
        limit: f64,
    },
    /// Absolute rate of change above the limit.
    Rate {
        /// The signal.
        signal: SignalRow,
        /// Limit in units per second.
        per_s: f64,
    },
    /// The signal is stale, bad or was never heard.
    Stale {
        /// The signal.
        signal: SignalRow,
    },
    /// A CEL expression is true.
    When(String),
}

impl Condition {
    /// The signal it looks at, if it is one.
    #[must_use]
    pub const fn signal(&self) -> Option<SignalRow> {
        match self {
            Self::High { signal, .. }
            | Self::Low { signal, .. }
            | Self::Rate { signal, .. }
            | Self::Stale { signal } => Some(*signal),
            Self::When(_) => None,
        }
    }
}

/// What a node does with a signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Motion {
    /// Spin, turn, slide or flow.
    pub kind: MotionKind,
    /// Local axis: 0 x, 1 y, 2 z. A flow has none.
    pub axis: u8,
    /// The signal: rpm for spin, degrees for turn, metres for slide, m/s for flow.
    pub signal: SignalRow,
    /// Factor on the signal (−1 turns the other way).
    pub scale: f64,
    /// Added after the factor: degrees or metres.
    pub offset: f64,
    /// The motion itself is derived, not measured (shown beside it).
    pub derived: bool,
}

impl Motion {
    /// What flows, if it is a flow.
    #[must_use]
    pub const fn medium(&self) -> Option<Medium> {
        match self.kind {
            MotionKind::Flow(medium) => Some(medium),
            _ => None,
        }
    }
}

/// Kinds of motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MotionKind {
    /// Turns on with the signal as speed, rpm.
    Spin,
    /// Turns to the signal, degrees.
    Turn,
    /// Slides to the signal, m.
    Slide,
    /// Something flows through it with the signal as speed, m/s: along the first texture coordinate of its meshes, which
    /// counts metres along a pipe; below zero the other way.
    Flow(Medium),
}

/// What flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Medium {
    /// Oil: long dashes.
    #[default]
    Oil,
    /// Coolant: dashes half as long.
    Coolant,
    /// Electric energy: short ones.
    Energy,
}

/// The node tree of a model, as far as the domain needs it: to find nodes and the nearest bound ancestor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelNodes {
    /// The nodes, parents before children.
    pub nodes: Vec<ModelNode>,
}

/// One node of a model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelNode {
    /// Path of names from the scene's root, joined with `/`.
    pub path: String,
    /// `part_id` of its extras.
    pub part_id: Option<String>,
    /// Index of its parent.
    pub parent: Option<usize>,
}

impl ModelNodes {
    /// The first node that `node` addresses: a whole path, the end of one (`Drivetrain/Gearbox`), or `id:part_id`.
    #[must_use]
    pub fn find(&self, node: &str) -> Option<usize> {
        if let Some(id) = node.strip_prefix("id:") {
            return self.nodes.iter().position(|n| n.part_id.as_deref() == Some(id));
        }
        self.nodes.iter().position(|n| n.path == node).or_else(|| {
            self.nodes.iter().position(|n| n.path.strip_suffix(node).is_some_and(|head| head.ends_with('/')))
        })
    }
}
