//! The twin in the app: the latest snapshot, the commands to the core, and what the loader thread has to say.

use std::sync::Arc;
use std::time::Instant;

use bevy::prelude::*;
use crossbeam_channel::Receiver;
use twinscope_link::core::CoreHandle;
use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use crate::session::SessionEvent;

/// The latest of the twin. The frame never waits for it.
#[derive(Resource, Default)]
pub struct Twin {
    /// Latest picture of the twin.
    pub snapshot: Option<Arc<Snapshot>>,
    /// When something last happened to the twin, beside the passing of time.
    pub last_news: Option<Instant>,
    /// Where commands go.
    pub core: Option<Arc<CoreHandle>>,
    /// What was selected and is not in a snapshot yet, and when.
    pub pending_select: Option<(Option<PartRow>, Instant)>,
}

impl Twin {
    /// The selected part.
    pub fn selected(&self) -> Option<PartRow> {
        self.snapshot.as_ref()?.selected.as_ref().map(|detail| detail.part)
    }

    /// Sends a command to the core. `false`: there is none yet, or too many commands wait.
    pub fn send(&self, command: Command) -> bool {
        self.core.as_ref().is_some_and(|core| core.command(command))
    }
}

/// What the loader thread sends.
#[derive(Resource)]
pub struct Incoming(pub Receiver<SessionEvent>);
