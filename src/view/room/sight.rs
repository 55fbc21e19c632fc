//! What somebody's view shows beside where it looks (isolated, hidden, cut, taken apart …), as the bytes that a room
//! carries, and back. Parts go by their ids, because two viewers need not count their rows alike; what this site does not
//! have is left out. What was measured and chosen is each person's own.

use serde::{Deserialize, Serialize};
use twinscope_twin::room::{INSPECTION_BYTES, PartName};
use twinscope_twin::site::{PartRow, Site};

use super::{name_of, row_of};
use crate::view::sight::{Explode, Isolation, Section, Sight};

/// A part: asset, part.
type Name = (String, String);

/// The bytes, as JSON with short names.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
struct Told {
    #[serde(rename = "g")]
    ghost_housings: bool,
    #[serde(rename = "h", skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<Name>,
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    ghosted: Vec<Name>,
    #[serde(rename = "i", skip_serializing_if = "Option::is_none")]
    isolated: Option<(Vec<Name>, bool)>,
    #[serde(rename = "x")]
    xray: bool,
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    layers_off: Vec<String>,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    section: Option<([f32; 3], [f32; 3])>,
    #[serde(rename = "e", skip_serializing_if = "Option::is_none")]
    explode: Option<(Option<Name>, f32)>,
    #[serde(rename = "d")]
    edges: bool,
}

/// What the others are told; `None`: it is more than a room takes (some sixty parts by name).
#[must_use]
pub fn told(sight: &Sight, site: &Site) -> Option<Vec<u8>> {
    let name = |row: PartRow| name_of(site, row).map(|name| (name.asset, name.part));
    let names = |rows: &std::collections::BTreeSet<PartRow>| rows.iter().filter_map(|row| name(*row)).collect();
    let told = Told {
        ghost_housings: sight.ghost_housings,
        hidden: names(&sight.hidden),
        ghosted: names(&sight.ghosted),
        isolated: sight.isolated.as_ref().map(|isolated| (names(&isolated.parts), isolated.alone)),
        xray: sight.xray,
        layers_off: sight.layers_off.iter().cloned().collect(),
        section: sight.section.map(|section| (section.at, section.normal)),
        explode: sight.explode.map(|explode| (explode.of.and_then(name), explode.amount)),
        edges: sight.edges,
    };
    serde_json::to_vec(&told).ok().filter(|bytes| bytes.len() <= INSPECTION_BYTES)
}

/// The sight that somebody tells of, with what is this person's own; `None`: it is none.
#[must_use]
pub fn heard(bytes: &[u8], site: &Site, own: &Sight) -> Option<Sight> {
    // A list would be read as a table of which everything is left out.
    let told: Told = serde_json::from_slice(bytes).ok().filter(|_| bytes.trim_ascii_start().starts_with(b"{"))?;
    let row = |(asset, part): &Name| row_of(site, &PartName { asset: asset.clone(), part: part.clone() });
    let rows = |names: &[Name]| names.iter().filter_map(row).collect();
    Some(Sight {
        ghost_housings: told.ghost_housings,
        hidden: rows(&told.hidden),
        ghosted: rows(&told.ghosted),
        isolated: told
            .isolated
            .map(|(names, alone)| Isolation { parts: rows(&names), alone })
            // Nothing of it is here: to isolate nothing would hide everything.
            .filter(|isolated| !isolated.parts.is_empty()),
        xray: told.xray,
        layers_off: told.layers_off.into_iter().collect(),
        section: told.section.and_then(|(at, normal)| section(at, normal)),
        explode: told.explode.and_then(|(of, amount)| {
            // Of a part that is not here nothing can be taken apart.
            let of = of.map(|name| row(&name).ok_or(())).transpose().ok()?;
            amount.is_finite().then(|| Explode { of, amount: amount.clamp(0.0, 1.0) })
        }),
        edges: told.edges,
        chosen: own.chosen.clone(),
        measures: own.measures.clone(),
    })
}

/// A plane, if it is one.
fn section(at: [f32; 3], normal: [f32; 3]) -> Option<Section> {
    let length = normal.iter().map(|n| n * n).sum::<f32>().sqrt();
    let sound = at.iter().all(|m| m.abs() < 1e6) && (0.5..2.0).contains(&length);
    sound.then(|| Section { at, normal: normal.map(|n| n / length) })
}
