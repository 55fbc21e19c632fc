//! Places from which a site is walked: `[[start]]`.

use super::check_site::did_you_mean;
use super::file::SiteFile;
use super::node::Node;
use super::problem::{Problems, Spanned};
use super::shape::{Default, Kind, Shape};
use super::shape_site::{ID, NAME, default, key, required};
use super::{AssetRow, PartRow, Site};

/// `[[start]]`.
pub(super) static START: Shape = Shape {
    name: "a start",
    definition: "start",
    doc: "A place from which the site is walked.",
    keys: &[
        required("id", ID, "Id, unique in the site."),
        key("name", NAME, "Name for people; the id if absent."),
        key("asset", ID, "The machine it belongs to: the position is then in the axes of its model."),
        key("part", ID, "A part of that machine: the position is then in the axes of its node, and moves with it."),
        required(
            "position",
            Kind::Numbers { len: 3, min: -1e6, max: 1e6 },
            "Where the feet are, metres, y up. Somebody is put on the floor below, up to two metres down.",
        ),
        default(
            "yaw_deg",
            Kind::Number { min: -360.0, max: 360.0 },
            Default::Number(0.0),
            "Where the person looks, degrees clockwise from -z of those axes: north, if it belongs to no machine.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// One `[[start]]`, as it is written.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the keys of the file; `super::Start` has what they mean")]
pub struct StartFile {
    pub id: Spanned<String>,
    pub name: String,
    pub asset: Option<Spanned<String>>,
    pub part: Option<Spanned<String>>,
    pub position: [f64; 3],
    pub yaw_deg: f64,
}

/// A place from which a site is walked.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    /// Id in the site file.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The machine in the axes of whose model it is; `None`: in those of the site.
    pub asset: Option<AssetRow>,
    /// The part in the axes of whose node it is, and with which it moves.
    pub part: Option<PartRow>,
    /// Where the feet are, m, y up.
    pub position: [f64; 3],
    /// Where the person looks, degrees clockwise from −z of those axes.
    pub yaw_deg: f64,
}

/// Reads one.
pub(super) fn read(node: &Node) -> StartFile {
    let id = node.text("id").unwrap_or_default();
    StartFile {
        name: node.plain("name").unwrap_or_else(|| id.value.clone()),
        id,
        asset: node.text("asset"),
        part: node.text("part"),
        position: node.numbers("position").map_or([0.0; 3], |position| position.value),
        yaw_deg: node.number("yaw_deg").map_or(0.0, |yaw| yaw.value),
    }
}

/// Reports what the site file alone can show.
pub(super) fn check(site: &SiteFile, problems: &mut Problems) {
    super::check_site::unique("start", site.starts.iter().map(|start| &start.id), problems);
    for start in &site.starts {
        let known = || site.assets.iter().map(|asset| asset.id.value.as_str());
        match (&start.asset, &start.part) {
            (Some(asset), _) if !known().any(|known| known == asset.value) => {
                let meant = did_you_mean(&asset.value, known());
                problems.error(&asset.span, format!("there is no asset \"{}\"{meant}", asset.value));
            }
            (None, Some(part)) => {
                let message = format!("of which machine is the part \"{}\"?", part.value);
                problems.error_with(&part.span, message, "name it with `asset`");
            }
            _ => {}
        }
    }
}

/// The starts of a site whose assets and parts are known. One whose part is not there is reported and left out.
pub(super) fn resolve(file: &SiteFile, site: &Site, problems: &mut Problems) -> Vec<Start> {
    let mut starts = Vec::new();
    for start in &file.starts {
        let (mut row, mut part) = (None, None);
        if let Some(id) = &start.asset {
            // One whose type is missing is not there; that is reported by itself.
            let found = (0_u32..).zip(&site.assets).find(|(_, asset)| asset.id == id.value);
            let Some((number, asset)) = found else { continue };
            row = Some(AssetRow(number));
            if let Some(wanted) = &start.part {
                let parts = || asset.parts.clone().filter_map(|row| Some((row, site.parts.get(row as usize)?)));
                let Some((found, _)) = parts().find(|(_, part)| part.id == wanted.value) else {
                    let meant = did_you_mean(&wanted.value, parts().map(|(_, part)| part.id.as_str()));
                    let message = format!("asset \"{}\" has no part \"{}\"{meant}", asset.id, wanted.value);
                    problems.error(&wanted.span, message);
                    continue;
                };
                part = Some(PartRow(found));
            }
        }
        starts.push(Start {
            id: start.id.value.clone(),
            name: start.name.clone(),
            asset: row,
            part,
            position: start.position,
            yaw_deg: start.yaw_deg,
        });
    }
    starts
}
