//! What can be done about a model: actions as settings of its levers, with the work that they need.

use std::borrow::Cow;

use crate::living::{Lever, Setting};

/// Kind of model, as far as advice tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The gearbox of a wind turbine.
    Gearbox,
    /// The battery of a car.
    Battery,
    /// The blades of a gas turbine.
    Blade,
    /// Any other machine.
    Machine,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Gearbox, Self::Battery, Self::Blade, Self::Machine];

    /// In messages and type files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gearbox => "gearbox",
            Self::Battery => "battery",
            Self::Blade => "blade",
            Self::Machine => "machine",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that can be done. Made by [`actions`].
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// In messages: `replace`.
    pub id: &'static str,
    /// For people.
    pub title: Cow<'static, str>,
    /// The levers that it means; the model predicts the life of the action under it.
    pub setting: Setting,
    /// What happens, and when.
    pub(super) does: Does,
    /// The work that it needs.
    pub(super) work: Option<Work>,
    /// The lever that says when the part is replaced, d.
    pub(super) date_lever: Option<Lever>,
    /// Power is limited to this share of the rated one.
    pub(super) limit: f64,
    /// The input that says what a day under the setting costs.
    pub(super) per_day: Option<&'static str>,
}

/// What an action does to the part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    /// Nothing but its setting, from now on.
    Nothing,
    /// Work that improves it, as soon as work is possible.
    Improve,
    /// Work that puts a new part in its place, at a date to be chosen.
    Replace {
        /// Or never, if that is cheaper.
        or_never: bool,
    },
    /// A look at it at a date to be chosen, and a replacement if something is found.
    Inspect,
}

/// Work, by the ids of its inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Work {
    /// Crew hours.
    pub work: &'static str,
    /// Money.
    pub parts: &'static str,
    /// Hours; none: the machine stands while it is worked on.
    pub downtime: Option<&'static str>,
}

impl Work {
    const fn new(work: &'static str, parts: &'static str, downtime: Option<&'static str>) -> Self {
        Self { work, parts, downtime }
    }
}

/// The work that replaces the part of a kind of model as planned.
pub(super) const fn replacement(kind: Kind) -> Work {
    match kind {
        Kind::Gearbox => Work::new("bearing_work", "bearing_parts", Some("bearing_downtime")),
        Kind::Battery => Work::new("pack_work", "pack_parts", Some("pack_downtime")),
        Kind::Blade => Work::new("blade_work", "blade_parts", Some("blade_downtime")),
        Kind::Machine => Work::new("machine_work", "machine_parts", Some("machine_downtime")),
    }
}

/// To what power is limited, % of the rated one.
const DERATED: f64 = 80.0;
/// To what a battery is charged, %: what makers of cars recommend from day to day.
const CHARGED: f64 = 80.0;

/// What can be done about a model of this kind with these levers; first of all nothing (`wait`). An action whose lever
/// is not there is not offered.
#[must_use]
pub fn actions(kind: Kind, levers: &[Lever]) -> Vec<Action> {
    let lever = |id: &str| levers.iter().find(|lever| lever.id == id).copied();
    let plain = |id, title| Action {
        id,
        title: Cow::Borrowed(title),
        setting: Setting::default(),
        does: Does::Nothing,
        work: None,
        date_lever: None,
        limit: 1.0,
        per_day: None,
    };
    let replace = |title| Action {
        does: Does::Replace { or_never: false },
        work: Some(replacement(kind)),
        date_lever: lever("replace_in"),
        ..plain("replace", title)
    };
    let improve = |id, title, switch: &str, work| {
        let setting = pull(&lever(switch)?, 1.0)?;
        Some(Action { setting, does: Does::Improve, work: Some(work), ..plain(id, title) })
    };
    let habit = |id, title, setting: Option<Setting>, cost| {
        Some(Action { setting: setting?, per_day: Some(cost), ..plain(id, title) })
    };
    let mut all = vec![Some(plain("wait", "Wait"))];
    match kind {
        Kind::Gearbox => all.extend([
            Some(replace("Replace the high-speed bearing")),
            improve(
                "oil_change",
                "Change the oil",
                "oil_change",
                Work::new("oil_change_work", "oil_change_parts", None),
            ),
            improve(
                "realign",
                "Align the high-speed shaft",
                "realign",
                Work::new("realign_work", "realign_parts", None),
            ),
            derate(lever("derate"), &replace("")),
            improve(
                "clean_cooler",
                "Clean the oil cooler",
                "clean_cooler",
                Work::new("cooler_work", "cooler_parts", None),
            ),
        ]),
        Kind::Battery => all.extend([
            habit(
                "limit_charging",
                "Charge to 80 % only",
                lever("charge_limit").and_then(|lever| pull(&lever, CHARGED)),
                "charge_limit_cost",
            ),
            Some(replace("Replace the pack, or part with the car")),
        ]),
        Kind::Blade => all.extend([
            Some(Action {
                does: Does::Inspect,
                work: Some(Work::new("inspection_work", "inspection_parts", Some("inspection_downtime"))),
                ..plain("inspect", "Inspect the blades by borescope")
            }),
            Some(replace("Replace the blades")),
            habit(
                "fewer_starts",
                "Run at base load, with fewer starts",
                lever("base_load").and_then(|lever| pull(&lever, 1.0)),
                "fewer_starts_cost",
            ),
        ]),
        Kind::Machine => all.push(Some(Action { id: "service", ..replace("Service the machine") })),
    }
    all.into_iter().flatten().collect()
}

/// The setting of one lever; none where it cannot be moved from its neutral place towards the value.
fn pull(lever: &Lever, value: f64) -> Option<Setting> {
    let value = value.clamp(lever.low.min(lever.high), lever.high.max(lever.low));
    let moved = value.is_finite() && (value - lever.neutral).abs() > f64::EPSILON;
    moved.then(|| Setting([(lever.id.to_owned(), value)].into()))
}

fn derate(lever: Option<Lever>, replace: &Action) -> Option<Action> {
    let lever = lever?;
    let setting = pull(&lever, DERATED)?;
    let value = setting.get(&lever);
    Some(Action {
        id: "derate",
        title: Cow::Owned(format!("Limit power to {value:.0} % until the bearing is replaced")),
        limit: value / lever.neutral,
        setting,
        does: Does::Replace { or_never: true },
        ..replace.clone()
    })
}
