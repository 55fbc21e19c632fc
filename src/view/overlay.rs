//! What lies over the scene: legend, hint, compass, ribbon, notices, problems, keys.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{PartRow, Site};

use super::labels::{LabelView, label_views};
use super::look::{self, Look};
use super::sight::Shown;
use super::state::{Progress, Side};
use super::theme::Mark;
use super::words;

/// What lies over the scene.
#[derive(Clone, Debug, Default)]
pub struct OverlayView {
    /// Marks and their words.
    pub legend: Vec<(Mark, &'static str)>,
    /// How to move, until the scene was touched once.
    pub hint: Option<&'static str>,
    /// Where the camera looks, degrees clockwise from north.
    pub yaw_deg: f32,
    /// What parts wear, if it is not their state.
    pub banner: Option<String>,
    /// On the corner ribbon.
    pub ribbon: Option<&'static str>,
    /// Why models are not the machines: asset, why.
    pub stand_ins: Vec<(String, String)>,
    /// Short sentences.
    pub notices: Vec<String>,
    /// Models that could not be loaded: heading, reason.
    pub problems: Vec<(String, String)>,
    /// Problems beyond the list.
    pub more_problems: usize,
    /// Something is being loaded.
    pub progress: Option<Progress>,
    /// Labels, most important first.
    pub labels: Vec<LabelView>,
    /// Parts that turn too fast to be drawn and have no label.
    pub too_fast: Vec<(PartRow, String)>,
    /// Parts that are hidden.
    pub hidden: usize,
    /// The sheet of keys.
    pub help: Option<KeySheet>,
}

/// The legend: every mark that a part can have.
pub const LEGEND: [(Mark, &str); 9] = [
    (Mark::state(Severity::Critical), "critical"),
    (Mark::state(Severity::High), "high"),
    (Mark::state(Severity::Medium), "medium"),
    (Mark::state(Severity::Low), "low"),
    (Mark::state(Severity::Normal), "normal"),
    (Mark::quality(Quality::Uncertain), "uncertain"),
    (Mark::quality(Quality::Stale), "stale"),
    (Mark::quality(Quality::Bad), "bad"),
    (Mark::quality(Quality::NoData), "no data"),
];

/// The sides that the compass offers.
pub const SIDES: [(Side, &str, &str); 6] = [
    (Side::Front, "F", "Front"),
    (Side::Back, "B", "Back"),
    (Side::Left, "L", "Left"),
    (Side::Right, "R", "Right"),
    (Side::Top, "T", "Top"),
    (Side::Iso, "3D", "From above, aslant"),
];

/// Longest list of problems and notices: the scene is for the scene.
const MOST_CARDS: usize = 4;

/// The overlays of one frame.
#[must_use]
pub fn overlay_view(look: &Look<'_>) -> OverlayView {
    let site = look.site();
    let labels = label_views(look);
    let too_fast = look
        .scene
        .too_fast
        .iter()
        .filter(|(part, _)| !labels.iter().any(|label| label.part == *part))
        .take(MOST_CARDS)
        .map(|(part, text)| (*part, words::cut(text, 60).into_owned()))
        .collect();
    OverlayView {
        legend: LEGEND.to_vec(),
        hint: (!look.ui.hint_seen && look.scene.progress.is_none())
            .then_some("Click a part.  Drag to turn, right-drag to pan, wheel to zoom."),
        yaw_deg: if look.scene.camera_yaw_deg.is_finite() { look.scene.camera_yaw_deg } else { 0.0 },
        banner: super::gain::banner(look),
        ribbon: look.scene.simulated.then_some("SIMULATED"),
        stand_ins: stand_ins(site),
        notices: look.scene.notices.iter().rev().take(MOST_CARDS).rev().cloned().collect(),
        problems: look
            .scene
            .model_problems
            .iter()
            .take(MOST_CARDS)
            .map(|(row, reason)| {
                let (name, model) = look.asset(*row).map_or(("?", "the model"), |asset| {
                    let file = asset.model.rsplit(['/', '\\']).next().unwrap_or(&asset.model);
                    (look::asset_name(asset), file)
                });
                let file = if model.is_empty() { "the model" } else { model };
                (
                    format!("{} could not be loaded", words::cut(file, 60)),
                    format!("{}\n{} has no model; the rest goes on.", words::cut(reason, 300), words::cut(name, 40)),
                )
            })
            .collect(),
        more_problems: look.scene.model_problems.len().saturating_sub(MOST_CARDS),
        progress: look.scene.progress.clone(),
        labels,
        too_fast,
        hidden: look.scene.drawn.iter().filter(|drawn| **drawn == Shown::Hidden).count(),
        help: look.ui.help_open.then(help),
    }
}

/// Why models and motions are not those of the machines; assets with the same reason share a line.
fn stand_ins(site: &Site) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    let mut tell = |name: &str, reason: &str| {
        let room = told.len() < MOST_CARDS;
        match told.iter_mut().find(|(_, r)| r == reason) {
            // Hundreds of machines of one type would fill the scene.
            Some((names, _)) if names.len() < 60 => {
                names.push_str(", ");
                names.push_str(&words::cut(name, 30));
            }
            Some((names, _)) if names.ends_with('…') => {}
            Some((names, _)) => names.push('…'),
            None if room => told.push((words::cut(name, 30).into_owned(), reason.to_owned())),
            None => {}
        }
    };
    for asset in &site.assets {
        let name = look::asset_name(asset);
        if let Some(reason) = &asset.stand_in {
            tell(name, &words::cut(reason, 160));
        }
        let parts = site.parts.get(asset.parts.start as usize..asset.parts.end as usize).unwrap_or(&[]);
        let mut derived = parts.iter().filter(|part| part.motions.iter().any(|motion| motion.derived));
        if let Some(first) = derived.next() {
            let what = words::cut(look::part_name(first), 30).to_lowercase();
            tell(
                name,
                &match derived.count() {
                    0 => format!("the motion of the {what} is derived, not measured"),
                    more => format!("the motions of the {what} and {more} more are derived, not measured"),
                },
            );
        }
    }
    told
}

/// Groups of keys: heading, then key and meaning.
pub type KeySheet = Vec<(&'static str, Vec<(&'static str, &'static str)>)>;

/// The sheet of keys.
#[must_use]
pub fn help() -> KeySheet {
    vec![
        (
            "Scene",
            vec![
                ("Click", "select a part"),
                ("Double-click", "fly to a part"),
                ("Drag", "turn"),
                ("Right-drag", "pan"),
                ("Wheel", "zoom to the pointer"),
                ("F", "fly to the selected part"),
                ("Home", "fit everything"),
                ("L", "label all, or the matches"),
                ("V  Shift V", "next, previous viewpoint"),
                ("W", "walk: WASD, Shift, Ctrl"),
                ("Gamepad", "walk: sticks, A, B, Start"),
            ],
        ),
        (
            "Look into it",
            vec![
                ("I", "isolate the selection"),
                ("Shift I", "the same, alone"),
                ("H", "hide the selection"),
                ("Shift G", "ghost the selection"),
                ("G", "ghost the housings"),
                ("Shift H", "show all"),
                ("X", "look through to it"),
                ("C", "section plane"),
                ("E", "take apart"),
                ("M", "measure"),
                ("D", "draw edges"),
                ("Ctrl click", "select one more"),
                ("Ctrl Z", "undo"),
                ("Ctrl Shift Z", "redo"),
            ],
        ),
        (
            "Find and move",
            vec![
                ("/  or  Ctrl K", "search"),
                ("↑ ↓", "next part in the tree"),
                ("← →", "close or open a branch"),
                ("Enter", "fly to it"),
                ("A", "acknowledge its alarms"),
                ("Esc", "close; select nothing"),
            ],
        ),
        (
            "With others",
            vec![("R", "room: who, talk, draw"), ("Shift R", "follow the next person"), ("B", "brush, in a room")],
        ),
        (
            "Panels",
            vec![
                ("1", "tree"),
                ("2", "inspector"),
                ("3", "alarms"),
                ("4", "bar"),
                ("5", "fleet by risk"),
                ("P", "procedures"),
                ("F12  Shift F12", "picture, clip"),
                ("Ctrl C", "copy the part's values"),
                ("Ctrl Shift C", "copy a picture"),
                ("F11", "full screen"),
                ("?", "this sheet"),
                ("Ctrl Q", "quit"),
            ],
        ),
    ]
}
