//! Saved viewpoints of a site: `[[viewpoint]]`, what the camera looks at, from where, and what is shown there.
//!
//! Not how the camera gets there: the window flies it. What is looked at is named, not measured, wherever it can be: a
//! part that turns or a machine that is moved is still found.

use std::collections::BTreeSet;

use super::check_site::{did_you_mean, unique};
use super::file::SiteFile;
use super::node::Node;
use super::problem::{Problems, Spanned};
use super::rule::Rule;
use super::shape::{Default as Written, Kind, Shape, bound};
use super::shape_type::{ID, NAME, default, key, required};
use super::showing::{self, Names, SHOW, Showing, ShowingFile};
use super::{AssetRow, PartRow, Site};

/// Most viewpoints of a site: more are found by nobody in a menu.
pub const MOST_VIEWPOINTS: usize = 256;

const PLACE: Kind = Kind::Numbers { len: 3, min: -1e7, max: 1e7 };

/// `[[viewpoint]]`.
pub(super) static VIEWPOINT: Shape = Shape {
    name: "a viewpoint",
    definition: "viewpoint",
    doc: "What the camera looks at, and from where; of everything if nothing is named.",
    keys: &[
        required("id", ID, "Id, unique in the site: tours and links name it."),
        key("name", NAME, "Name for people; the id if absent."),
        key("asset", ID, "The machine that is looked at; may be left out when there is one."),
        key(
            "part",
            Kind::Text { rule: Rule::SignalId, max: bound::ID },
            "The part of the machine that is looked at; the whole machine if absent.",
        ),
        key("target", PLACE, "A place that is looked at instead, m: x east, y up, z south."),
        key("eye", PLACE, "Where the camera is, m, instead of yaw_deg, pitch_deg and distance; needs target."),
        default(
            "yaw_deg",
            Kind::Number { min: -360.0, max: 360.0 },
            Written::Number(-40.0),
            "From which side, degrees: 0 from the south, 90 from the east.",
        ),
        default(
            "pitch_deg",
            Kind::Number { min: -85.0, max: 89.0 },
            Written::Number(18.0),
            "From how high above the horizon, degrees.",
        ),
        key(
            "distance",
            Kind::Number { min: 0.04, max: 16_000.0 },
            "How far the camera is from what it looks at, m; so that it is seen whole if absent.",
        ),
        key("show", Kind::Table(&SHOW), "What is drawn there, and how; as it is on arriving if absent."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// A saved viewpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Viewpoint {
    /// Id, unique in the site.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What is looked at.
    pub aim: Aim,
    /// Direction from what is looked at to the camera, degrees: 0 to the south (+z), 90 to the east (+x).
    pub yaw_deg: f64,
    /// Height of the camera over the horizon of what is looked at, degrees, -90 to 90.
    pub pitch_deg: f64,
    /// From the camera to what is looked at, m; `None`: so that it is seen whole.
    pub distance: Option<f64>,
    /// What is drawn there, and how; `None`: as it is on arriving.
    pub show: Option<Showing>,
}

/// What a viewpoint looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aim {
    /// All machines.
    Everything,
    /// A machine.
    Asset(AssetRow),
    /// A part.
    Part(PartRow),
    /// A place, m.
    Place([f64; 3]),
}

/// One `[[viewpoint]]`.
#[derive(Clone, Debug, Default)]
pub(super) struct ViewpointFile {
    pub id: Spanned<String>,
    name: Option<String>,
    asset: Option<Spanned<String>>,
    part: Option<Spanned<String>>,
    target: Option<Spanned<[f64; 3]>>,
    eye: Option<Spanned<[f64; 3]>>,
    /// Yaw, pitch and distance as the file has them, or their defaults.
    yaw_deg: f64,
    pitch_deg: f64,
    distance: Option<f64>,
    show: Option<ShowingFile>,
    /// Where the file has one of yaw, pitch and distance.
    from: Option<std::ops::Range<usize>>,
    span: std::ops::Range<usize>,
}

/// A viewpoint as it is written.
pub(super) fn read(node: &Node) -> ViewpointFile {
    let number = |key: &str| node.number(key).map(|number| number.value);
    ViewpointFile {
        id: node.text("id").unwrap_or_default(),
        name: node.plain("name"),
        asset: node.text("asset"),
        part: node.text("part"),
        target: node.numbers("target"),
        eye: node.numbers("eye"),
        yaw_deg: number("yaw_deg").unwrap_or_default(),
        pitch_deg: number("pitch_deg").unwrap_or_default(),
        distance: number("distance"),
        show: node.table("show").map(showing::read),
        from: ["yaw_deg", "pitch_deg", "distance"].iter().find_map(|key| node.span_of(key)),
        span: node.span.clone(),
    }
}

/// Reports what the site file alone can show.
pub(super) fn check(site: &SiteFile, problems: &mut Problems) {
    unique("viewpoint", site.viewpoints.iter().map(|view| &view.id), problems);
    let assets = || site.assets.iter().map(|asset| asset.id.value.as_str());
    let known: BTreeSet<&str> = assets().collect();
    for view in &site.viewpoints {
        if let Some(show) = &view.show {
            showing::check(show, &known, named(view, site), problems);
        }
        if let (Some(target), Some(_)) = (&view.target, view.asset.as_ref().or(view.part.as_ref())) {
            problems.error(&target.span, "a viewpoint has `target`, or `asset` and `part`, not both");
        }
        match (&view.eye, &view.target) {
            (Some(eye), None) => problems.error(&eye.span, "`eye` needs `target` too"),
            (Some(eye), Some(target)) if from_eye(eye.value, target.value).is_none() => {
                problems.error(&eye.span, "`eye` and `target` are the same place: it has no direction");
            }
            (None, Some(target)) if view.distance.is_none() => {
                let hint = "a place has no size that could be seen whole";
                problems.error_with(&target.span, "`target` needs `distance`, or `eye`", hint);
            }
            _ => {}
        }
        if let (Some(_), Some(from)) = (&view.eye, &view.from) {
            problems.error(from, "a viewpoint has `eye`, or `yaw_deg`, `pitch_deg` and `distance`, not both");
        }
        match &view.asset {
            Some(id) if !assets().any(|known| known == id.value) => {
                let meant = did_you_mean(&id.value, assets());
                problems.error(&id.span, format!("there is no asset \"{}\"{meant}", id.value));
            }
            None if view.part.is_some() && site.assets.len() > 1 => {
                problems.error_with(
                    &view.span,
                    "the site has several assets: a part of which one is looked at?",
                    "name it with `asset`",
                );
            }
            _ => {}
        }
    }
}

/// The viewpoints of a site whose assets are resolved. What looks at a machine that is not there (its type file is
/// missing, which is reported by itself) is left out.
pub(super) fn resolve(file: &SiteFile, site: &Site, problems: &mut Problems) -> Vec<Viewpoint> {
    let mut views = Vec::with_capacity(file.viewpoints.len());
    if file.viewpoints.is_empty() {
        return views;
    }
    let mut names = Names::new(site);
    for view in &file.viewpoints {
        let aim = match (&view.target, &view.asset, &view.part) {
            (Some(target), ..) => Some(Aim::Place(target.value)),
            (None, None, None) => Some(Aim::Everything),
            (None, asset, part) => find(&mut names, asset.as_ref(), part.as_ref(), problems),
        };
        let Some(aim) = aim else { continue };
        let seen = view.eye.as_ref().zip(view.target.as_ref());
        let (yaw_deg, pitch_deg, distance) = seen
            .and_then(|(eye, target)| from_eye(eye.value, target.value))
            .map_or((view.yaw_deg, view.pitch_deg, view.distance), |(yaw, pitch, far)| (yaw, pitch, Some(far)));
        let of = machine(&names, view.asset.as_ref()).filter(|_| named(view, file));
        let show = view.show.as_ref().map(|show| showing::resolve(show, &mut names, of, problems));
        let id = view.id.value.clone();
        let name = view.name.clone().unwrap_or_else(|| id.clone());
        views.push(Viewpoint { id, name, aim, yaw_deg, pitch_deg, distance, show });
    }
    views
}

/// The asset or its part; reports a part that is not there.
fn find(
    names: &mut Names<'_>,
    asset: Option<&Spanned<String>>,
    part: Option<&Spanned<String>>,
    problems: &mut Problems,
) -> Option<Aim> {
    let asset = machine(names, asset)?;
    match part {
        None => Some(Aim::Asset(asset)),
        Some(part) => names.part(asset, &part.value, &part.span, problems).map(Aim::Part),
    }
}

/// Whether it is clear whose parts a viewpoint means.
const fn named(view: &ViewpointFile, site: &SiteFile) -> bool {
    view.asset.is_some() || site.assets.len() == 1
}

/// The machine of this id, or the first.
fn machine(names: &Names<'_>, id: Option<&Spanned<String>>) -> Option<AssetRow> {
    id.map_or_else(|| names.first(), |id| names.asset(&id.value))
}

/// Yaw and pitch, degrees, and distance, m, of an eye that looks at a target; `None`: they are the same place.
fn from_eye(eye: [f64; 3], target: [f64; 3]) -> Option<(f64, f64, f64)> {
    let [x, y, z] = [eye[0] - target[0], eye[1] - target[1], eye[2] - target[2]];
    let distance = (x * x + y * y + z * z).sqrt();
    (distance > 1e-6).then(|| (x.atan2(z).to_degrees(), (y / distance).asin().to_degrees(), distance))
}

/// An id for a viewpoint of this name that is not taken: `gearbox-from-the-crane`, `gearbox-from-the-crane-2`.
#[must_use]
pub fn viewpoint_id(name: &str, taken: &BTreeSet<&str>) -> String {
    let mut id = String::new();
    for c in name.chars().take(40) {
        if c.is_ascii_alphanumeric() || c == '_' {
            id.push(c.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_end_matches('-');
    let id = if id.is_empty() { "view" } else { id };
    let numbered = (2..).map(|n: usize| format!("{id}-{n}"));
    std::iter::once(id.to_owned()).chain(numbered).find(|id| !taken.contains(id.as_str())).unwrap_or_default()
}

/// A site file with one more viewpoint at its end; whatever was in it stays as it is, comments and all. `site` is what
/// the rows of its aim refer to.
///
/// # Errors
/// Why the file would not be a good one, in words, with what to do.
pub fn append_viewpoint(text: &str, site: &Site, view: &Viewpoint) -> Result<String, String> {
    let (before, _) = super::parse_site(text, "");
    if before.viewpoints.len() >= MOST_VIEWPOINTS {
        return Err(format!("the site has {MOST_VIEWPOINTS} viewpoints already; delete some in the file"));
    }
    let line = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut table = toml_edit::Table::new();
    let mut put = |key: &str, value: toml_edit::Value| {
        table.insert(key, toml_edit::Item::Value(value));
    };
    put("id", view.id.as_str().into());
    put("name", view.name.as_str().into());
    match view.aim {
        Aim::Everything => {}
        Aim::Asset(row) => put("asset", asset_id(site, row)?.into()),
        Aim::Part(row) => {
            let part = site.parts.get(row.index()).ok_or("the part is not in the site any more")?;
            put("asset", asset_id(site, part.asset)?.into());
            put("part", part.id.as_str().into());
        }
        Aim::Place(place) => put("target", place.iter().map(|&m| rounded(m, 1e3)).collect::<toml_edit::Array>().into()),
    }
    put("yaw_deg", rounded(view.yaw_deg, 10.0).into());
    put("pitch_deg", rounded(view.pitch_deg, 10.0).into());
    if let Some(distance) = view.distance {
        put("distance", rounded(distance, 1e3).into());
    }
    let mut out = text.to_owned();
    if !out.is_empty() {
        out.push_str(if out.ends_with('\n') {
            line
        } else if line == "\n" {
            "\n\n"
        } else {
            "\r\n\r\n"
        });
    }
    let shown = match &view.show {
        Some(show) => format!("[viewpoint.show]\n{}", showing::write(show, site)?),
        None => String::new(),
    };
    out.push_str(&format!("[[viewpoint]]\n{table}{shown}").replace('\n', line));
    let (after, problems) = super::parse_site(&out, "");
    if after.viewpoints.len() == before.viewpoints.len() + 1 {
        // What was wrong with the file before is not made worse by one more viewpoint.
        let added = problems.iter().find(|p| p.span.as_ref().is_some_and(|at| at.start >= text.len()));
        return added.map_or(Ok(out), |problem| Err(problem.message.clone()));
    }
    let why = problems.first().map_or_else(|| "it is no list of [[viewpoint]]".to_owned(), |p| p.message.clone());
    Err(format!("the file takes no further [[viewpoint]] at its end: {why}"))
}

fn asset_id(site: &Site, row: AssetRow) -> Result<&str, String> {
    let asset = site.assets.get(row.index()).ok_or("the machine is not in the site any more")?;
    Ok(&asset.id)
}

/// A number with so many parts in one: what a person reads in a file.
pub(super) fn rounded(value: f64, parts: f64) -> f64 {
    // Zero has no sign.
    (value * parts).round() / parts + 0.0
}
