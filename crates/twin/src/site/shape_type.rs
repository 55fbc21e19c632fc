//! The keys of a type file.

use super::rule::Rule;
use super::shape::{Default, Key, Kind, Shape, bound};
use super::{EstimatorKind, SimulatorKind};

pub(super) const fn key(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: false, default: None }
}

pub(super) const fn required(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, required: true, default: None }
}

pub(super) const fn default(name: &'static str, kind: Kind, default: Default, doc: &'static str) -> Key {
    Key { name, kind, doc, required: false, default: Some(default) }
}

pub(super) const ID: Kind = Kind::Text { rule: Rule::Id, max: bound::ID };
const PART_ID: Kind = Kind::Text { rule: Rule::PartId, max: bound::ID };
const SIGNAL_REF: Kind = Kind::Text { rule: Rule::SignalRef, max: 2 * bound::ID };
pub(super) const NAME: Kind = Kind::Text { rule: Rule::Line, max: bound::NAME };
pub(super) const PROSE: Kind = Kind::Text { rule: Rule::Prose, max: bound::PROSE };
pub(super) const FILE: Kind = Kind::Text { rule: Rule::File, max: bound::PATH };
const POINTER: Kind = Kind::Text { rule: Rule::Pointer, max: bound::PATH };
const EXPRESSION: Kind = Kind::Text { rule: Rule::Expression, max: bound::EXPRESSION };
const NUMBER: Kind = Kind::Number { min: -bound::NUMBER, max: bound::NUMBER };
const DELAY: Kind = Kind::Duration { min_ms: 0, max_ms: 7 * 86_400_000 };
const WORDS: Kind = Kind::Scalars { most: 64 };

/// `types/NAME.toml`.
pub(crate) static TYPE_FILE: Shape = Shape {
    name: "a type file",
    definition: "type_file",
    doc: "A kind of asset: its model, parts, signals and alarms.",
    keys: &[
        required("schema", Kind::Version(1), "Version of the format."),
        required("id", ID, "Id of the type; the file is <id>.toml."),
        key("name", NAME, "Name for people; the id if absent."),
        required("model", FILE, "glTF model (.glb or .gltf), relative to this file."),
        key("variant", NAME, "The look of the model, by name, if it offers several (KHR_materials_variants)."),
        key(
            "simulator",
            Kind::OneOf(&SimulatorKind::WORDS),
            "The machine that the simulator runs for assets of this type; none if absent.",
        ),
        key("part", Kind::Tables { shape: &PART, most: bound::PARTS }, "The parts."),
        key(
            "field",
            Kind::Tables { shape: &super::field::FIELD, most: super::field::MOST },
            "Values on surfaces: results of computations and measurements.",
        ),
        key(
            "estimator",
            Kind::Tables { shape: &ESTIMATOR, most: 16 },
            "Models that the engine runs on assets of this type.",
        ),
        key(
            "procedure",
            Kind::Tables { shape: &super::procedure::PROCEDURE, most: super::procedure::MOST },
            "What technicians do at assets of this type, step by step.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static PART: Shape = Shape {
    name: "a part",
    definition: "part",
    doc: "A part of the asset, bound to a node of the model.",
    keys: &[
        required("id", PART_ID, "Id within the asset; {n} counts repeats."),
        key("name", NAME, "Name for people; the id with spaces if absent."),
        required(
            "node",
            Kind::Text { rule: Rule::Node, max: bound::PATH },
            "glTF node: a path of names (Nacelle/Drivetrain/Gearbox), or id:gearbox for extras.part_id.",
        ),
        key(
            "kind",
            Kind::Text { rule: Rule::Id, max: bound::ID },
            "bearing, gear, blade, … for search and for rules; a housing is drawn as glass.",
        ),
        key(
            "layer",
            Kind::Text { rule: Rule::Id, max: bound::ID },
            "drivetrain, electrical, hydraulic, structure, … what it is shown or hidden with; that of the part above if \
             absent.",
        ),
        key("parent", PART_ID, "The part it rolls up to; the nearest bound ancestor in the model if absent."),
        key(
            "count",
            Kind::Integer { min: 1, max: bound::COUNT },
            "Repeats the part with {n} = 1, 2, … in id, name, node, parent, topics, paths and expressions.",
        ),
        key("health", EXPRESSION, "Health index from 0 (failed) to 1 (new), as a CEL expression; clamped."),
        key("note", PROSE, "What the inspector says about it, e.g. why nothing measures it."),
        key("signal", Kind::Tables { shape: &SIGNAL, most: bound::PER_PART }, "What is measured or derived."),
        key("alarm", Kind::Tables { shape: &ALARM, most: bound::PER_PART }, "When it wants attention."),
        key("motion", Kind::Tables { shape: &MOTION, most: 8 }, "How its node moves."),
        key("crack", Kind::Table(&super::crack::CRACK), "Where a crack is drawn that a model believes in."),
        key("document", Kind::Tables { shape: &DOCUMENT, most: 64 }, "What a technician reads."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static SIGNAL: Shape = Shape {
    name: "a signal",
    definition: "signal",
    doc: "A value of the part: read from a topic, or derived from other signals.",
    keys: &[
        required(
            "id",
            Kind::Text { rule: Rule::SignalId, max: bound::ID },
            "Id within the part; expressions use it as `id` in the part, as `part.id` elsewhere.",
        ),
        key("name", NAME, "Name for people; the id with spaces if absent."),
        key(
            "topic",
            Kind::Text { rule: Rule::Topic, max: bound::TOPIC },
            "MQTT topic filter; {site}, {asset}, {part}, {n} and the asset's vars are filled in.",
        ),
        key("expr", EXPRESSION, "CEL expression over signals of the same part (`x`) and of others (`part.x`)."),
        key("path", POINTER, "JSON Pointer of the value; {n} is filled in; the whole payload if absent."),
        key("time", Kind::Table(&TIME), "Where the payload says when it was measured; time of receipt if absent."),
        key("quality", Kind::Table(&QUALITY), "Where the payload says how good it is."),
        default("scale", NUMBER, Default::Number(1.0), "Factor on numbers."),
        default("offset", NUMBER, Default::Number(0.0), "Added after the factor."),
        default("unit", Kind::Text { rule: Rule::Prose, max: 32 }, Default::Text(""), "Unit, as UCUM: degC, mm/s, kW."),
        default("decimals", Kind::Integer { min: 0, max: 9 }, Default::Integer(1), "Digits after the point on screen."),
        key("range", Kind::Range, "Plausible values after scale and offset: outside, the value is bad."),
        key(
            "stale_after",
            Kind::Duration { min_ms: 100, max_ms: 366 * 86_400_000 },
            "Age at which the value is stale; three times the usual interval if absent.",
        ),
    ],
    exactly_one_of: &["topic", "expr"],
    refused: &[],
};

static TIME: Shape = Shape {
    name: "time",
    definition: "time",
    doc: "Where the payload says when it was measured.",
    keys: &[
        required("path", POINTER, "JSON Pointer of the time."),
        default(
            "unit",
            Kind::OneOf(&["ms", "s", "us", "ns", "rfc3339"]),
            Default::Text("ms"),
            "Unit of the number since 1970, or rfc3339 for a text.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static QUALITY: Shape = Shape {
    name: "quality",
    definition: "quality",
    doc: "Where the payload says how good the value is.",
    keys: &[
        required("path", POINTER, "JSON Pointer of the quality."),
        key("good", WORDS, "Values that mean good; anything that is in no list is then uncertain."),
        key("uncertain", WORDS, "Values that mean uncertain."),
        key("bad", WORDS, "Values that mean bad."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static ALARM: Shape = Shape {
    name: "an alarm",
    definition: "alarm",
    doc: "A rule that gives the part its state, and what to do about it.",
    keys: &[
        required("id", ID, "Id within the part."),
        key("signal", SIGNAL_REF, "The signal it looks at: `x` of this part, or `part.x`."),
        key("high", NUMBER, "Active above this value."),
        key("low", NUMBER, "Active below this value."),
        key(
            "rate",
            Kind::Number { min: 0.0, max: bound::NUMBER },
            "Active when the value changes faster than this, per second.",
        ),
        key("stale", Kind::True, "Active when the signal is stale, bad or was never heard."),
        key("when", EXPRESSION, "Active while this CEL expression is true."),
        default(
            "deadband",
            Kind::Number { min: 0.0, max: bound::NUMBER },
            Default::Number(0.0),
            "How far the value must come back before the alarm is over.",
        ),
        default("on_delay", DELAY, Default::Text("0s"), "How long the condition must hold."),
        default("off_delay", DELAY, Default::Text("0s"), "How long the condition must be over."),
        required(
            "priority",
            Kind::OneOf(&["critical", "high", "medium", "low"]),
            "How urgent it is: the state of the part.",
        ),
        default("cause", PROSE, Default::Text(""), "Why it happens."),
        default("consequence", PROSE, Default::Text(""), "What follows if nothing is done."),
        default("response", PROSE, Default::Text(""), "What the technician does."),
    ],
    exactly_one_of: &["high", "low", "rate", "stale", "when"],
    refused: &[],
};

static MOTION: Shape = Shape {
    name: "a motion",
    definition: "motion",
    doc: "How the part's node moves with a signal.",
    keys: &[
        required(
            "kind",
            Kind::OneOf(&["spin", "turn", "slide", "flow"]),
            "spin: on and on, signal in rpm; turn: to an angle, degrees; slide: to a place, metres; flow: dashes move along \
             a pipe, m/s.",
        ),
        default("axis", Kind::OneOf(&["x", "y", "z"]), Default::Text("x"), "Axis of the node; a flow has none."),
        key(
            "medium",
            Kind::OneOf(&["oil", "coolant", "energy"]),
            "What flows: long, shorter, short dashes. oil if absent.",
        ),
        required("signal", SIGNAL_REF, "The signal: `x` of this part, or `part.x`."),
        default("scale", NUMBER, Default::Number(1.0), "Factor on the signal; -1 turns or flows the other way."),
        default("offset", NUMBER, Default::Number(0.0), "Added after the factor, degrees or metres."),
        key("derived", Kind::Bool, "The motion is derived, not measured; shown beside it. false if absent."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static DOCUMENT: Shape = Shape {
    name: "a document",
    definition: "document",
    doc: "Something a technician reads.",
    keys: &[required("title", NAME, "Title."), required("file", FILE, "File, relative to this file.")],
    exactly_one_of: &[],
    refused: &[],
};

static ESTIMATOR: Shape = Shape {
    name: "an estimator",
    definition: "estimator",
    doc: "A model that the engine runs on every asset of this type.",
    keys: &[
        required(
            "kind",
            Kind::OneOf(&EstimatorKind::WORDS),
            "Which model: of a gearbox, a battery, a turbine blade, or of any machine.",
        ),
        key("id", ID, "Its name in the topics of its predictions; the kind if absent."),
        required("parts", Kind::Names { most: 16 }, "The part of each role of the model, by id."),
        required("inputs", Kind::Names { most: 64 }, "The signal of each input of the model, as part.signal."),
        key("settings", Kind::Free, "What the model is told of this type, such as rated_power_kw; its own if absent."),
    ],
    exactly_one_of: &[],
    refused: &[],
};
