//! The keys of a tour.

use super::rule::Rule;
use super::shape::{Default, Kind, Shape, bound};
use super::shape_type::{ID, NAME, default, key, required};

/// Most stops: a round of an hour has fewer.
const STOPS: usize = 200;
/// A name with a dot, and what is known of it.
const FIGURE: usize = 2 * bound::ID + 1;
/// Text with figures in braces.
const TEXT: Kind = Kind::Text { rule: Rule::Line, max: bound::PROSE };
const CONDITION: Kind = Kind::Text { rule: Rule::Expression, max: bound::EXPRESSION };
const PART: Kind = Kind::Text { rule: Rule::SignalId, max: bound::ID };
const DEGREES: Kind = Kind::Number { min: -360.0, max: 360.0 };

/// `tour.toml`.
pub(crate) static TOUR_FILE: Shape = Shape {
    name: "a tour",
    definition: "tour_file",
    doc: "A tour: what a screen shows and tells by itself, stop by stop.",
    keys: &[
        required("schema", Kind::Version(1), "Version of the format."),
        key("asset", ID, "Whose parts are meant where a stop names none; the first of the site if absent."),
        default(
            "idle",
            Kind::Duration { min_ms: 1_000, max_ms: 86_400_000 },
            Default::Text("60s"),
            "Untouched for so long, the tour begins again.",
        ),
        default(
            "viewing_distance",
            Kind::Number { min: 0.3, max: 100.0 },
            Default::Number(5.0),
            "How far away the readers stand, m: decides the sizes of the type.",
        ),
        key(
            "screen_height",
            Kind::Number { min: 0.05, max: 50.0 },
            "Height of the picture on the screen, m; what the screen says of itself if absent.",
        ),
        default("theme", Kind::OneOf(&["dark", "light"]), Default::Text("dark"), "Colours of the captions."),
        key("night", Kind::Table(&NIGHT), "When the screen is dark and shows the time and the state only."),
        required("stop", Kind::Tables { shape: &STOP, most: STOPS }, "The stops, in their order."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static NIGHT: Shape = Shape {
    name: "[night]",
    definition: "night",
    doc: "When the screen is dark and shows the time and the state only.",
    keys: &[
        required("from", Kind::Text { rule: Rule::TimeOfDay, max: 5 }, "First minute of the night, UTC: \"21:00\"."),
        required("to", Kind::Text { rule: Rule::TimeOfDay, max: 5 }, "First minute of the day, UTC: \"05:30\"."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static STOP: Shape = Shape {
    name: "a stop",
    definition: "stop",
    doc: "One stop of a tour.",
    keys: &[
        required("id", ID, "Id, unique in the tour."),
        key("asset", ID, "Whose parts are meant here; the tour's if absent."),
        required("title", TEXT, "The headline. Figures stand in braces: {gearbox.oil_temperature}, {site.alarms}."),
        key(
            "captions",
            Kind::Texts { rule: Rule::Line, max: bound::PROSE, most: 12 },
            "What is told, one after another, each for its share of the stop.",
        ),
        key(
            "figures",
            Kind::Texts { rule: Rule::Line, max: FIGURE, most: 2 },
            "Key figures beside the captions: names as in braces, without them.",
        ),
        key("view", Kind::Table(&VIEW), "Where the camera looks from; the whole machine if absent."),
        key(
            "highlight",
            Kind::Texts { rule: Rule::SignalId, max: bound::ID, most: 32 },
            "Parts that it is about; the first is outlined.",
        ),
        key("ghost", Kind::Bool, "Housings are drawn as glass; as at its viewpoint if absent, and else true."),
        default(
            "stay",
            Kind::Duration { min_ms: 1_000, max_ms: 86_400_000 },
            Default::Text("12s"),
            "How long it is told, once the camera is there.",
        ),
        default(
            "travel",
            Kind::Duration { min_ms: 0, max_ms: 60_000 },
            Default::Text("4s"),
            "How long the camera takes to get there.",
        ),
        key("when", CONDITION, "Told only if this holds when its turn comes (CEL); what is not known does not hold."),
        key("until", CONDITION, "Goes on for longer, until this holds (CEL)."),
        key(
            "at_most",
            Kind::Duration { min_ms: 1_000, max_ms: 86_400_000 },
            "With `until`: how long it may take in all. What is told after it says for itself whether it applies.",
        ),
        key("breaks", Kind::Table(&BREAKS), "A fault of a simulated machine begins."),
        key("mends", Kind::Table(&MENDS), "A simulated machine is mended."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static VIEW: Shape = Shape {
    name: "a view",
    definition: "view",
    doc: "Where the camera looks from. Sides and angles are those of the machine, however it stands and has turned.",
    keys: &[
        key(
            "viewpoint",
            ID,
            "A viewpoint of the site: where it looks from, and what is shown there, instead of all below.",
        ),
        key("part", PART, "What it looks at; all of the machine if absent."),
        key(
            "place",
            Kind::Numbers { len: 3, min: -1e5, max: 1e5 },
            "A place to look at instead, m: x east, y up, z south.",
        ),
        key("distance", Kind::Number { min: 0.04, max: 16_000.0 }, "From a `place`, m."),
        default(
            "side",
            Kind::OneOf(&["front", "back", "left", "right", "top", "aslant"]),
            Default::Text("left"),
            "The side that it looks from.",
        ),
        default("turn_deg", DEGREES, Default::Number(0.0), "Further round, degrees, anticlockwise seen from above."),
        key(
            "pitch_deg",
            Kind::Number { min: -20.0, max: 89.0 },
            "Height over the horizon, degrees; the side's own if absent.",
        ),
        default(
            "room",
            Kind::Number { min: 0.3, max: 100.0 },
            Default::Number(1.6),
            "How much is shown around a part or a machine: multiples of its radius.",
        ),
        default(
            "drift",
            Kind::Number { min: -10.0, max: 10.0 },
            Default::Number(0.6),
            "How fast the camera goes on round it, degrees per second.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static BREAKS: Shape = Shape {
    name: "breaks",
    definition: "breaks",
    doc: "A fault of a simulated machine begins.",
    keys: &[
        required("fault", NAME, "Its name, such as \"high-speed-bearing-wear\"."),
        default(
            "rate",
            Kind::Number { min: 0.01, max: 100.0 },
            Default::Number(1.0),
            "Multiple of the demo's rate of wear.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static MENDS: Shape = Shape {
    name: "mends",
    definition: "mends",
    doc: "A simulated machine is mended.",
    keys: &[
        required("fault", NAME, "The fault that ends."),
        key("part", PART, "The part whose models are told that work was done."),
        key("record", ID, "The work, as a prediction's `accepts` names it: \"replaced\"."),
    ],
    exactly_one_of: &[],
    refused: &[],
};
