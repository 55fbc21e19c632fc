//! What a person or an operator's client does, as values. One reducer applies them; the log of commands is kept.

use std::sync::Arc;

use crate::site::{AlarmRow, Asset, AssetRow, Part, PartRow};

/// A machine that is not in the site's files, to be looked at beside those that are: nothing measures it.
#[derive(Clone, Debug, PartialEq)]
pub struct Addition {
    /// The machine. Its rows are filled in when it is added.
    pub asset: Asset,
    /// Its parts; a parent is the index of an earlier one of them. They have no signals, alarms, motions and health.
    pub parts: Vec<Part>,
}

/// One command to the twin.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Select a part, or nothing.
    Select(Option<PartRow>),
    /// A person has seen an alarm.
    Acknowledge(AlarmRow),
    /// Ask the simulator of an asset to break something.
    InjectFault {
        /// The asset.
        asset: AssetRow,
        /// Name of the fault, e.g. `high-speed-bearing-wear`.
        fault: String,
        /// Multiple of the demo's rate of wear, above 0, at most 100.
        rate: f64,
    },
    /// Put one more machine beside those of the site.
    Add(Arc<Addition>),
    /// Take a machine out that nothing measures. Adding it again, under a new row, undoes that.
    Remove(AssetRow),
    /// Ask the simulator of an asset to mend it.
    ClearFault {
        /// The asset.
        asset: AssetRow,
        /// Name of the fault.
        fault: String,
    },
}

impl Command {
    /// Whether the command leaves the process (refused when read-only).
    #[must_use]
    pub const fn leaves_process(&self) -> bool {
        matches!(self, Self::InjectFault { .. } | Self::ClearFault { .. })
    }
}

/// A message that a command makes us publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Index of the source to publish to.
    pub source: crate::site::SourceRow,
    /// Topic.
    pub topic: String,
    /// Payload.
    pub payload: Vec<u8>,
}

/// One line of the log of commands.
#[derive(Clone, Debug, PartialEq)]
pub struct LoggedCommand {
    /// When, ms since the epoch.
    pub at_ms: i64,
    /// What.
    pub command: Command,
    /// Why it was refused, if it was.
    pub refused: Option<String>,
}
