//! The keys of a site file.

use super::rule::Rule;
use super::shape::{Default, Key, Kind, Refused, Shape, bound};
use super::shape_costs::{ECONOMICS, OPERATIONS};
use super::start::START;
use super::viewpoint::{MOST_VIEWPOINTS, VIEWPOINT};

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
pub(super) const NAME: Kind = Kind::Text { rule: Rule::Line, max: bound::NAME };
const FILE: Kind = Kind::Text { rule: Rule::File, max: bound::PATH };

/// `site.toml`.
pub(crate) static SITE_FILE: Shape = Shape {
    name: "a site file",
    definition: "site_file",
    doc: "A site: its sources of telemetry and its assets.",
    keys: &[
        required("schema", Kind::Version(1), "Version of the format."),
        required("site", Kind::Table(&SITE), "The site itself."),
        key("source", Kind::Tables { shape: &SOURCE, most: 64 }, "Where telemetry comes from."),
        key("asset", Kind::Tables { shape: &ASSET, most: bound::ASSETS }, "The machines."),
        // More is no choice.
        key("start", Kind::Tables { shape: &START, most: 200 }, "Places from which the site is walked."),
        key("viewpoint", Kind::Tables { shape: &VIEWPOINT, most: MOST_VIEWPOINTS }, "Where the camera can go."),
        key("economics", Kind::Table(&ECONOMICS), "What advice counts with."),
        key("operations", Kind::Table(&OPERATIONS), "Who can work on the machines, and when."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static SITE: Shape = Shape {
    name: "[site]",
    definition: "site",
    doc: "The site itself.",
    keys: &[
        required("id", ID, "Id, as used in topics: {site}."),
        key("name", NAME, "Name for people; the id if absent."),
        default(
            "currency",
            Kind::Text { rule: Rule::Currency, max: 3 },
            Default::Text("EUR"),
            "Currency of costs, as an ISO 4217 code.",
        ),
        default(
            "stage",
            Kind::OneOf(&["landscape", "studio"]),
            Default::Text("landscape"),
            "What the machines stand in: land under a sky, or a studio.",
        ),
        default(
            "hour",
            Kind::Number { min: 0.0, max: 24.0 },
            Default::Number(15.0),
            "Time of day in the scene, hours: where the sun stands. It can be changed in the window.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

const NO_PASSWORD: &str = "a password does not belong into this file";
const PASSWORD_HINT: &str = "put it into a file and name that in `password_file`, or into an environment variable and name that in `password_env`";

static SOURCE: Shape = Shape {
    name: "a source",
    definition: "source",
    doc: "One broker, simulation or recording.",
    keys: &[
        required("id", ID, "Id, unique in the site."),
        required(
            "url",
            Kind::Text { rule: Rule::Url, max: bound::PATH },
            "Address: mqtt://host:1883, mqtts://host:8883, sim: for the simulator, or file:recording.mcap.",
        ),
        default(
            "protocol",
            Kind::OneOf(&["auto", "3.1.1", "5"]),
            Default::Text("auto"),
            "MQTT version; auto tries 5, then 3.1.1.",
        ),
        default("qos", Kind::Integer { min: 0, max: 1 }, Default::Integer(0), "Quality of service of subscriptions."),
        default(
            "keep_alive",
            Kind::Duration { min_ms: 5_000, max_ms: 3_600_000 },
            Default::Text("15s"),
            "Longest silence before the broker is asked whether it is still there.",
        ),
        key("username", NAME, "User name at the broker."),
        key("password_file", FILE, "File with the password, relative to this file; its first line counts."),
        key(
            "password_env",
            Kind::Text { rule: Rule::Variable, max: bound::NAME },
            "Environment variable with the password.",
        ),
        key("ca_file", FILE, "PEM file with the certificate authority of the broker; the system's own if absent."),
        key("client_cert", FILE, "PEM file with the client's certificate chain."),
        key("client_key", FILE, "PEM file with the client's private key."),
        key(
            "alpn",
            Kind::Texts { rule: Rule::Line, max: 255, most: 8 },
            "TLS application protocols, e.g. [\"x-amzn-mqtt-ca\"] for AWS IoT on port 443.",
        ),
        key(
            "simulated",
            Kind::Bool,
            "Everything from this source is simulated, and shown so; true for sim: sources, else false.",
        ),
        key("limits", Kind::Table(&LIMITS), "Bounds on what the source may send."),
    ],
    exactly_one_of: &[],
    refused: &[
        Refused { key: "password", message: NO_PASSWORD, hint: PASSWORD_HINT },
        Refused { key: "pass", message: NO_PASSWORD, hint: PASSWORD_HINT },
        Refused { key: "secret", message: NO_PASSWORD, hint: PASSWORD_HINT },
        Refused { key: "token", message: NO_PASSWORD, hint: PASSWORD_HINT },
    ],
};

pub(crate) static LIMITS: Shape = Shape {
    name: "limits",
    definition: "limits",
    doc: "Bounds on what the source may send.",
    keys: &[
        default(
            "packet",
            Kind::Size { min: 1 << 10, max: 256 << 20 },
            Default::Text("1MiB"),
            "Largest packet; a larger one is left out, and one of more than 8 MiB ends the connection.",
        ),
        default(
            "topics",
            Kind::Integer { min: 1, max: 10_000_000 },
            Default::Integer(250_000),
            "Most topics that are told apart.",
        ),
        default("json_depth", Kind::Integer { min: 1, max: 127 }, Default::Integer(32), "Deepest JSON that is read."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static ASSET: Shape = Shape {
    name: "an asset",
    definition: "asset",
    doc: "One machine.",
    keys: &[
        required("id", ID, "Id, as used in topics: {asset}."),
        key("name", NAME, "Name for people; the id if absent."),
        required("type", ID, "Id of its type: a file <id>.toml in ./types, ../types or ../../types."),
        key("source", ID, "Id of the source that feeds it; may be left out when there is one."),
        key(
            "position",
            Kind::Numbers { len: 3, min: -1e7, max: 1e7 },
            "Position in metres: x east, y up, z south. [0, 0, 0] if absent.",
        ),
        default(
            "heading_deg",
            Kind::Number { min: -360.0, max: 360.0 },
            Default::Number(0.0),
            "Heading, degrees clockwise from north.",
        ),
        key(
            "stand_in",
            Kind::Text { rule: Rule::Line, max: bound::PROSE },
            "Why the model is not this machine; shown on screen.",
        ),
        default(
            "time_lapse",
            Kind::Number { min: 1.0, max: 1e6 },
            Default::Number(1.0),
            "How many times faster than the clock a simulated machine ages; only for assets of a simulated source.",
        ),
        key("vars", Kind::Vars { most: 64 }, "Texts for {placeholders} in the topics of the type file."),
    ],
    exactly_one_of: &[],
    refused: &[],
};
