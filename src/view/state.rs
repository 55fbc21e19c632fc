//! What the view remembers between frames ([`UiState`]), what a person does in it ([`UiAction`]), and what the window
//! knows beside the snapshot ([`Scene`]). Plain values: cloned, compared, replayed.

use std::collections::BTreeSet;
use std::sync::Arc;

use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, PartRow, SignalRow};

use super::advice::Edits;
use super::card::{CardPlace, CardState};
use super::document::Papers;
use super::export::{ExportAction, Exports};
use super::field::{FieldChoice, Probe, ShownField};
use super::history::{Gaze, History};
use super::model_data::ModelData;
use super::procedure::{Lead, ProcedureUi, RecordPlace};
use super::quality::Preset;
use super::records::Form;
use super::room::{RoomAction, RoomScene, RoomState};
use super::scale::Scale;
use super::sight::{Shown, Sight};
use super::tags::{Choice, Tags};
use super::theme::ThemeName;
use super::tools::{Awaited, ToolAction, ToolScene, Tools};
use super::tour::Playing;
use super::viewpoints::{ViewpointAction, Viewpoints};
use super::walk::{WalkAction, WalkScene, WalkUi};
use super::what_if::Asked;

/// What the view remembers between frames. Nothing of the twin is in here.
#[derive(Clone, Debug, PartialEq)]
pub struct UiState {
    /// Text of the search field.
    pub search: String,
    /// Which rows the tree shows beside the search.
    pub filter: TreeFilter,
    /// Rows of the tree that are open although they start closed, or closed although they start open.
    pub toggled: BTreeSet<TreeKey>,
    /// Which panels are shown (keys 1 to 4).
    pub panels: Panels,
    /// At a small size the tree is a rail of marks; this opens it over the scene.
    pub tree_over: bool,
    /// The alarm list is open; otherwise it is one line.
    pub alarms_open: bool,
    /// The same at a small size, where it starts as one line.
    pub alarms_over: bool,
    /// Colours.
    pub theme: ThemeName,
    /// Quality of the picture.
    pub quality: Preset,
    /// Time of day in the scene, hours from midnight: where the sun stands.
    pub hour: f32,
    /// What of the machines is seen, and how.
    pub sight: Sight,
    /// The steps that led there.
    pub history: History,
    /// What the tools of looking remember.
    pub tools: Tools,
    /// The field on the surfaces, by its id.
    pub field: Option<String>,
    /// Colours of fields that ask for none of their own.
    pub field_scale: Scale,
    /// Lines of equal value are drawn on the field.
    pub field_lines: bool,
    /// The hint of the first start was seen: the scene was touched.
    pub hint_seen: bool,
    /// The sheet of keys is open.
    pub help_open: bool,
    /// Signals whose raw payload is unfolded.
    pub payload_open: BTreeSet<SignalRow>,
    /// Signals whose chart is drawn; the first numeric one if there is none.
    pub trend: Option<SignalRow>,
    /// Sections of predictions and advice that are open although they start closed, or the other way round.
    pub sections: BTreeSet<String>,
    /// The what-if panel.
    pub what_if: Option<Asked>,
    /// A what-if that is to be opened with this frame.
    pub ask: Option<Asked>,
    /// Plans that were closed in this frame: what withdraws them.
    pub withdrawn: Vec<Command>,
    /// Figures of the advice that were changed and are not in an advice yet.
    pub economics: Edits,
    /// The form for evidence.
    pub evidence: Form,
    /// The procedure panel (key P).
    pub procedure: ProcedureUi,
    /// Documents over the scene.
    pub papers: Papers,
    /// The fleet lies over the scene (key 5).
    pub fleet_open: bool,
    /// The card at a part.
    pub card: CardState,
    /// Which parts have a label.
    pub labels: Choice,
    /// What is hovered is a label on demand: it needs no second one.
    pub tag_hovered: bool,
    /// Where pictures go, if it is not where the system has them.
    pub export_folder: String,
    /// The room.
    pub room: RoomState,
    /// Walking (key W).
    pub walk: WalkUi,
    /// The name that is typed for a viewpoint.
    pub view_name: String,
    /// The part under the pointer, in the scene or in a panel. The window sets it.
    pub hovered: Option<PartRow>,
    /// The part that a panel last reported as hovered.
    pub panel_hover: Option<PartRow>,
    /// The selected part whose branches the tree has opened.
    pub revealed: Option<PartRow>,
    /// The tree scrolls to what the pointer is over in the scene.
    pub tree_follows: bool,
    /// What it scrolled to last for that.
    pub followed: Option<PartRow>,
    /// The selected part that the tree has scrolled to.
    pub scrolled: Option<PartRow>,
    /// The tree showed what a search found.
    pub searched: bool,
    /// Factor on all sizes (1.8 for a kiosk). The window hands it to the egui backend as its scale factor; panels count
    /// in points and know nothing of it.
    pub scale: f32,
}

impl Default for UiState {
    fn default() -> Self {
        Self {
            search: String::new(),
            filter: TreeFilter::All,
            toggled: BTreeSet::new(),
            panels: Panels::default(),
            tree_over: false,
            alarms_open: true,
            alarms_over: false,
            theme: ThemeName::Dark,
            quality: Preset::default(),
            hour: 15.0,
            sight: Sight::default(),
            history: History::default(),
            tools: Tools::default(),
            field: None,
            field_scale: Scale::Cividis,
            field_lines: false,
            hint_seen: false,
            help_open: false,
            payload_open: BTreeSet::new(),
            trend: None,
            sections: BTreeSet::new(),
            what_if: None,
            ask: None,
            withdrawn: Vec::new(),
            economics: Edits::new(),
            evidence: Form::default(),
            procedure: ProcedureUi::default(),
            papers: Papers::default(),
            fleet_open: false,
            card: CardState::default(),
            labels: Choice::default(),
            tag_hovered: false,
            export_folder: String::new(),
            room: RoomState::default(),
            walk: WalkUi::default(),
            view_name: String::new(),
            hovered: None,
            panel_hover: None,
            tree_follows: false,
            followed: None,
            revealed: None,
            scrolled: None,
            searched: false,
            scale: 1.0,
        }
    }
}

impl UiState {
    /// A part is clicked on while `selected` is: alone, or with those before it (`more`), or, if it is among them, taken
    /// out. What is to be selected then.
    pub fn choose(&mut self, part: PartRow, selected: Option<PartRow>, more: bool) -> Option<PartRow> {
        let chosen = &mut self.sight.chosen;
        let before: BTreeSet<PartRow> = chosen.iter().copied().chain(selected).collect();
        let next = if !more || before.is_empty() {
            chosen.clear();
            Some(part)
        } else if before.contains(&part) {
            *chosen = before;
            chosen.remove(&part);
            selected.filter(|selected| *selected != part).or_else(|| chosen.last().copied())
        } else {
            *chosen = before;
            chosen.insert(part);
            Some(part)
        };
        self.tools.awaited = Some(Awaited { wanted: next, before: selected });
        next
    }

    /// Several parts are to be selected at once. The one for the inspector.
    pub fn choose_all(&mut self, parts: BTreeSet<PartRow>, selected: Option<PartRow>) -> Option<PartRow> {
        let next = selected.filter(|part| parts.contains(part)).or_else(|| parts.first().copied());
        self.sight.chosen = parts;
        self.tools.awaited = Some(Awaited { wanted: next, before: selected });
        next
    }
}

/// Which panels are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panels {
    /// Key 1.
    pub tree: bool,
    /// Key 2.
    pub inspector: bool,
    /// Key 3.
    pub alarms: bool,
    /// Key 4.
    pub bar: bool,
}

impl Default for Panels {
    fn default() -> Self {
        Self { tree: true, inspector: true, alarms: true, bar: true }
    }
}

/// Which rows the tree shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TreeFilter {
    /// All.
    #[default]
    All,
    /// Those with an alarm, on themselves or below.
    Alarms,
    /// Those whose state is not known, on themselves or below.
    Unknown,
}

/// A row of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TreeKey {
    /// An asset.
    Asset(AssetRow),
    /// A part.
    Part(PartRow),
}

/// What a person did.
#[derive(Clone, Debug, PartialEq)]
pub enum UiAction {
    /// To the core.
    Command(Command),
    /// Move the camera to a part.
    FlyTo(PartRow),
    /// Move the camera so that everything is seen.
    FitAll,
    /// Look from a side.
    LookFrom(Side),
    /// Move the camera to where it was before a step, or after it.
    FlyBack(Gaze),
    /// What a tool of looking asks of the scene.
    Tool(ToolAction),
    /// Saved viewpoints.
    Viewpoint(ViewpointAction),
    /// Pictures and clips.
    Export(ExportAction),
    /// Walking.
    Walk(WalkAction),
    /// Switch between window and full screen.
    ToggleFullscreen,
    /// The pointer is over a part's row, or left it.
    Hover(Option<PartRow>),
    /// Open a document of a part: Markdown over the scene, others after a question. The file is relative to the site file.
    OpenDocument {
        /// The part.
        part: PartRow,
        /// The file.
        file: String,
    },
    /// In a room.
    Room(RoomAction),
    /// Open a file with the program that the system has for it: a person has said so. Relative to the site file.
    OpenWithSystem {
        /// The file.
        file: String,
    },
    /// End the program.
    Quit,
}

/// A side to look from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Side {
    Front,
    Back,
    Left,
    Right,
    Top,
    Iso,
}

/// What the window knows beside the snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// Something is still being loaded.
    pub progress: Option<Progress>,
    /// Models that could not be loaded, and why.
    pub model_problems: Vec<(AssetRow, String)>,
    /// A simulator stands in for the machines.
    pub simulated: bool,
    /// Commands that leave the process are refused.
    pub read_only: bool,
    /// Where the camera looks, degrees clockwise from north.
    pub camera_yaw_deg: f32,
    /// Short sentences for the corner of the scene.
    pub notices: Vec<String>,
    /// Where other clients reach the embedded broker.
    pub broker_url: Option<String>,
    /// Parts that turn too fast to be drawn, with a figure in words ("rotor 12.1 rpm").
    pub too_fast: Vec<(PartRow, String)>,
    /// Where parts are on screen.
    pub anchors: Vec<Anchor>,
    /// How each part is drawn; parts beyond the list are solid.
    pub drawn: Arc<Vec<Shown>>,
    /// What the tools of looking show.
    pub tools: ToolScene,
    /// The parts that the question in the search field means, or why it is none; `None`: it holds no question.
    pub found: Option<Result<Arc<BTreeSet<PartRow>>, String>>,
    /// Fields that can be shown on surfaces.
    pub fields: Vec<FieldChoice>,
    /// The one that is.
    pub field: Option<ShownField>,
    /// Its value under the pointer.
    pub probe: Option<Probe>,
    /// The room that this viewer is in.
    pub room: RoomScene,
    /// Saved viewpoints.
    pub viewpoints: Viewpoints,
    /// Labels on demand.
    pub tags: Tags,
    /// Pictures and clips.
    pub exports: Exports,
    /// What the model says of the selected part.
    pub model: Option<(PartRow, Arc<ModelData>)>,
    /// Where the part of the card is on screen.
    pub card: Option<CardPlace>,
    /// The walk.
    pub walk: WalkScene,
    /// Where the records of procedures are kept.
    pub records: RecordPlace,
    /// Where the part of the step at hand is.
    pub lead: Option<Lead>,
    /// The tour of a screen without a presenter.
    pub playing: Option<Playing>,
}

/// Something is being loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// What.
    pub text: String,
    /// How far, 0 to 1, if known.
    pub fraction: Option<f32>,
}

/// Where a part is on screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anchor {
    /// The part.
    pub part: PartRow,
    /// egui points, from the upper left of the window.
    pub pos: [f32; 2],
    /// Distance from the camera, m.
    pub depth: f32,
    /// In front of the camera and inside the view.
    pub visible: bool,
}
