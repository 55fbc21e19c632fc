//! What a person or an operator's client does, as values. One reducer applies them; the log of commands is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::procedure::Unfinished;
use crate::record::WorkOrder;
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
    /// Ask the models of an asset what would be if its levers stood elsewhere.
    WhatIf {
        /// The asset.
        asset: AssetRow,
        /// Which model is asked.
        model: String,
        /// The scenario of the answer: an id, not `baseline`.
        scenario: String,
        /// Where the levers stand, by id; `None` withdraws the scenario.
        setting: Option<BTreeMap<String, f64>>,
    },
    /// Change figures that the advice is reckoned with.
    Economics {
        /// The asset.
        asset: AssetRow,
        /// Whose advice.
        model: String,
        /// The changed figures, by id.
        values: BTreeMap<String, f64>,
    },
    /// Record what an inspection found.
    Inspect {
        /// Which part was looked at.
        part: PartRow,
        /// Looked for: an id of the prediction's `accepts`.
        quantity: String,
        /// What was measured; `None`: nothing was found.
        value: Option<f64>,
        /// Standard deviation of the measurement, above 0, in the unit of the value; `None`: the usual one.
        deviation: Option<f64>,
        /// Unit (UCUM) of the value.
        unit: String,
        /// Who; may be empty.
        by: String,
        /// Anything else; may be empty.
        note: String,
    },
    /// Record work that was done.
    Maintain {
        /// On which part.
        part: PartRow,
        /// Which: an id of the prediction's `accepts`.
        action: String,
        /// Who; may be empty.
        by: String,
        /// Anything else; may be empty.
        note: String,
    },
    /// Turn a switch of a simulated machine: what a technician does at a real one by hand.
    Operate {
        /// The asset.
        asset: AssetRow,
        /// Name of the switch, e.g. `oil-pump`.
        switch: String,
        /// Where to.
        on: bool,
    },
    /// Work through a procedure.
    Procedure(ProcedureCommand),
    /// Publish a work order.
    Order {
        /// For which part.
        part: PartRow,
        /// Who; may be empty.
        by: String,
        /// What is to be done.
        order: Box<WorkOrder>,
    },
}

/// What a person does with a procedure. `by` is who, at most 256 bytes, and must be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProcedureCommand {
    /// Begin; refused while another one is open.
    Start {
        /// At which asset.
        asset: AssetRow,
        /// Id of the procedure.
        procedure: String,
        /// Who.
        by: String,
    },
    /// Go on with one that was broken off; refused while another one is open, and if its text is another one now.
    Resume {
        /// Which.
        unfinished: Arc<Unfinished>,
        /// Who.
        by: String,
    },
    /// The step is done.
    Confirm {
        /// Index of the step that the person saw; refused if another one is at hand.
        step: usize,
        /// Who.
        by: String,
        /// Anything else; may be empty.
        note: String,
    },
    /// Leave the step out.
    Skip {
        /// Index of the step that the person saw.
        step: usize,
        /// Who.
        by: String,
        /// Why; must be said.
        reason: String,
    },
    /// End it before it is finished.
    Stop {
        /// Who.
        by: String,
        /// Why; must be said.
        reason: String,
    },
}

impl Command {
    /// Whether the command leaves the process (refused when read-only).
    #[must_use]
    pub const fn leaves_process(&self) -> bool {
        match self {
            Self::Select(_) | Self::Acknowledge(_) | Self::Add(_) | Self::Remove(_) => false,
            Self::InjectFault { .. }
            | Self::ClearFault { .. }
            | Self::WhatIf { .. }
            | Self::Economics { .. }
            | Self::Inspect { .. }
            | Self::Maintain { .. }
            | Self::Operate { .. }
            | Self::Procedure(_)
            | Self::Order { .. } => true,
        }
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
    /// The broker is to keep it for those who connect later.
    pub retain: bool,
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
