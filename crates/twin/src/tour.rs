//! A tour: a story that a screen tells by itself, stop by stop, with figures that are live.
//!
//! Made by [`parse_tour`] from a text file and the site that it is about; never edited afterwards. Not who moves the
//! camera, keeps the time or writes the words: that is the viewer's.
//!
//! Invariants: a tour has only rows of its site, and at least one stop if its file had no problems. What is not known
//! holds no condition.

mod condition;
mod figure;
mod read;
#[cfg(test)]
mod tests;

pub use condition::Condition;
pub use figure::{Figure, OfPart, Piece, Text};
pub use read::parse_tour;

use crate::site::{AssetRow, PartRow};
use crate::time::WallMs;

/// A whole tour.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tour {
    /// Untouched for so long, ms, it begins again.
    pub idle_ms: u64,
    /// How far away the readers stand, m.
    pub viewing_distance_m: f64,
    /// Height of the picture on the screen, m; `None`: as the screen says.
    pub screen_height_m: Option<f64>,
    /// Its captions are dark on light.
    pub light: bool,
    /// When the screen is dark.
    pub night: Option<Night>,
    /// The stops, in their order.
    pub stops: Vec<Stop>,
}

/// A span of the day, UTC; over midnight if it ends before it begins, and empty if both are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Night {
    /// First minute, since midnight.
    pub from_min: u16,
    /// The first minute that is day again, since midnight.
    pub to_min: u16,
}

impl Night {
    /// Whether a moment lies in it.
    #[must_use]
    pub const fn holds(self, wall_ms: WallMs) -> bool {
        let minute = wall_ms.div_euclid(60_000).rem_euclid(24 * 60);
        let (from, to) = (self.from_min as i64, self.to_min as i64);
        if from <= to { from <= minute && minute < to } else { from <= minute || minute < to }
    }
}

/// One stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    /// Id, unique in the tour.
    pub id: String,
    /// The machine that it is about.
    pub asset: AssetRow,
    /// The headline.
    pub title: Text,
    /// What is told, one after another.
    pub captions: Vec<Text>,
    /// Key figures.
    pub figures: Vec<Figure>,
    /// Where the camera looks from.
    pub view: View,
    /// The parts that it is about, the most important first.
    pub highlight: Vec<PartRow>,
    /// Housings are drawn as glass; `None`: as its viewpoint has it, and else they are.
    pub ghost: Option<bool>,
    /// How long it is told, ms.
    pub stay_ms: u64,
    /// How long the camera takes to get there, ms.
    pub travel_ms: u64,
    /// Told only if this holds when its turn comes.
    pub when: Option<Condition>,
    /// Goes on until this holds, and for how long at most, ms, `stay_ms` included.
    pub until: Option<(Condition, u64)>,
    /// A fault of the simulated machine that begins with it: its name, and its multiple of the demo's rate of wear.
    pub breaks: Option<(String, f64)>,
    /// The simulated machine is mended with it.
    pub mends: Option<Mend>,
}

/// A repair of a simulated machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mend {
    /// The fault that ends.
    pub fault: String,
    /// The part whose models are told, and the work, as a prediction's `accepts` names it.
    pub record: Option<(PartRow, String)>,
}

/// Where the camera looks from. Angles are those of the machine, however it stands and has turned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// What it looks at.
    pub of: Subject,
    /// Round the subject, degrees anticlockwise seen from above; 0: from the left of a machine that faces away.
    pub yaw_deg: f64,
    /// Height over the horizon, degrees.
    pub pitch_deg: f64,
    /// Further round while it is told, degrees per second.
    pub drift_deg_per_s: f64,
}

/// What the camera looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject {
    /// All of the stop's machine.
    Machine {
        /// Radii that are shown around it.
        room: f64,
    },
    /// A part with all below it.
    Part {
        /// Which.
        part: PartRow,
        /// Radii that are shown around it.
        room: f64,
    },
    /// What a viewpoint of the site looks at, from where that looks, by its place in the site's list. The view's own angles
    /// are not used.
    Viewpoint(usize),
    /// A place of the scene, m, from this far, m. Angles count from north then.
    Place {
        /// Where.
        at: [f64; 3],
        /// From how far.
        distance: f64,
    },
}
