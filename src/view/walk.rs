//! Walking through the site: what is remembered of it, what a person asks for, and what is shown over the picture.
//!
//! Where the walker is and what is around it the window knows ([`WalkScene`]); how it goes, `twinscope_walk` does.

use std::collections::BTreeSet;
use std::sync::Arc;

use twinscope_twin::quality::Quality;
use twinscope_twin::site::{PartRow, SignalRow};

use super::look::Look;
use super::theme::Mark;
use super::words;

/// Most values on the card of the part ahead.
const MOST_VALUES: usize = 4;

/// What is remembered of walking.
#[derive(Clone, Debug, PartialEq)]
pub struct WalkUi {
    /// Somebody walks. The window sets it.
    pub on: bool,
    /// Something of it moves, or is being made. The window sets it.
    pub moves: bool,
    /// Doors and hatches that stand open. The window sets it.
    pub open: BTreeSet<PartRow>,
    /// Height of the eyes, m: 1.4 to 2.0.
    pub eyes_m: f32,
    /// Field of view from top to bottom, degrees.
    pub fov_deg: f32,
    /// The arrows turn by steps of 30° at once.
    pub snap: bool,
    /// The border of the picture is darkened while it moves.
    pub vignette: bool,
    /// The stick on the screen: to the right, and forward, −1 to 1.
    pub stick: [f32; 2],
    /// The sheet with the height and the comfort is open.
    pub sheet_open: bool,
}

impl Default for WalkUi {
    fn default() -> Self {
        Self {
            on: false,
            moves: false,
            open: BTreeSet::new(),
            eyes_m: 1.65,
            fov_deg: 65.0,
            snap: false,
            vignette: false,
            stick: [0.0; 2],
            sheet_open: false,
        }
    }
}

/// What a person asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WalkAction {
    /// Begin at the start of this place in the list, or go there. `None`: the first, or before the first machine.
    Enter(Option<usize>),
    /// To a place of the storey: x and z, m.
    Teleport([f32; 2]),
    /// Back to the view from outside.
    Leave,
}

/// A storey from above: x and z, m.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Storey {
    /// Walls, cabinets, machines.
    pub outlines: Vec<Vec<[f32; 2]>>,
    /// Floors, as triangles.
    pub floors: Vec<[[f32; 2]; 3]>,
    /// Ladders.
    pub ladders: Vec<[f32; 2]>,
}

/// What the window knows of the walk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WalkScene {
    /// What is in the way is still being found out.
    pub preparing: bool,
    /// Where the walker is, once it is somewhere.
    pub at: Option<Place>,
    /// The storey that it is on.
    pub storey: Arc<Storey>,
    /// The starts, in the order of the site: name, and x and z (m).
    pub starts: Vec<(String, [f32; 2])>,
}

/// Where a walker is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The feet, m.
    pub feet: [f32; 3],
    /// Height of the feet over the ground, m.
    pub above_m: f32,
    /// Where it looks, degrees clockwise from north.
    pub heading_deg: f32,
    /// On a ladder.
    pub climbs: bool,
    /// It moves.
    pub moves: bool,
    /// The part ahead, and how far away it is, m.
    pub ahead: Option<(PartRow, f32)>,
}

/// What is shown while somebody walks.
#[derive(Clone, Debug, PartialEq)]
pub struct WalkView {
    /// Where.
    pub place: Place,
    /// `108.5 m up`, `on the ground`.
    pub height: String,
    /// How to go on from here.
    pub hint: &'static str,
    /// The part ahead.
    pub card: Option<Card>,
    /// The storey.
    pub storey: Arc<Storey>,
    /// The starts: name, and x and z (m).
    pub starts: Vec<(String, [f32; 2])>,
}

/// The part that one looks at.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// The part.
    pub part: PartRow,
    /// Its name.
    pub name: String,
    /// The machine it belongs to.
    pub asset: String,
    /// State and quality.
    pub mark: Mark,
    /// The same in words, and how far away it is.
    pub told: String,
    /// Its values: name, figure with its unit, age.
    pub values: Vec<[String; 3]>,
    /// Values beyond the list.
    pub more: usize,
}

/// What to do on a ladder, and elsewhere.
const ON_LADDER: &str = "W up · look down and W down · S off the ladder · Esc leaves";
const ON_FOOT: &str = "WASD walk · Shift runs · drag looks · W at a ladder climbs · Esc leaves";

/// What is shown, if somebody walks.
#[must_use]
pub fn walk_view(look: &Look<'_>) -> Option<WalkView> {
    let scene = &look.scene.walk;
    let place = scene.at.filter(|_| look.ui.walk.on)?;
    Some(WalkView {
        place,
        height: if place.above_m < 0.3 { "on the ground".to_owned() } else { format!("{:.1} m up", place.above_m) },
        hint: if place.climbs { ON_LADDER } else { ON_FOOT },
        card: place.ahead.and_then(|(part, away_m)| card(look, part, away_m)),
        storey: Arc::clone(&scene.storey),
        starts: scene.starts.clone(),
    })
}

fn card(look: &Look<'_>, row: PartRow, away_m: f32) -> Option<Card> {
    let part = look.part(row)?;
    let status = look.status(row);
    let signals: Vec<SignalRow> = part.signals.clone().map(SignalRow).collect();
    let values = signals.iter().take(MOST_VALUES).filter_map(|&signal| {
        let about = look.signal(signal)?;
        let status = look.signal_status(signal);
        let figure = match status.and_then(|status| status.value.as_ref()) {
            Some(value) => words::join_unit(&words::value(value, about.decimals), &words::unit(&about.unit)),
            None => "no data".to_owned(),
        };
        let age = status.and_then(|status| look.signal_age_ms(status)).map(words::ago).unwrap_or_default();
        // What may not be used says so, beside how old it is.
        let age = match status.map(|status| status.quality) {
            Some(quality) if quality != Quality::Good && quality != Quality::NoData => {
                format!("{}, {age}", Mark::quality(quality).words())
            }
            _ => age,
        };
        Some([words::cut(look.signal_name(signal), 28).into_owned(), figure, age])
    });
    let mark = Mark::of(&status);
    Some(Card {
        part: row,
        name: words::cut(look.part_name(row), 40).into_owned(),
        asset: words::cut(look.asset_name_of(row), 40).into_owned(),
        mark,
        told: format!("{} · {away_m:.1} m", mark.words()),
        values: values.collect(),
        more: signals.len().saturating_sub(MOST_VALUES),
    })
}
