//! What of the machines a saved viewpoint shows, and how: `[viewpoint.show]`. A view that was saved cut open is cut open
//! again.

use std::collections::{BTreeMap, BTreeSet};

use super::check_site::did_you_mean;
use super::node::Node;
use super::problem::{Problems, Spanned};
use super::rule::Rule;
use super::shape::{Default as Written, Kind, Shape, bound};
use super::shape_type::{default, key, required};
use super::viewpoint::rounded;
use super::{AssetRow, PartRow, Site};

/// An asset, a stroke and a part.
const PART: usize = 2 * bound::ID + 1;
/// Most parts that are named: more are a layer.
const PARTS: Kind = Kind::Texts { rule: Rule::PartRef, max: PART, most: 1_000 };

/// `[viewpoint.show]`.
pub(super) static SHOW: Shape = Shape {
    name: "[viewpoint.show]",
    definition: "show",
    doc: "What is drawn there, and how; with it, all that it does not name is drawn as at the start. Without it, flying \
          there changes nothing of what is drawn.",
    keys: &[
        key("isolate", PARTS, "Parts that alone are drawn as they are, the others as glass: \"wt-01/gearbox\"."),
        key("only", PARTS, "Parts that alone are drawn at all, instead of isolate."),
        key("hide", PARTS, "Parts that are not drawn, each with all below it."),
        key("ghost", PARTS, "Parts that are drawn as glass, each with all below it."),
        key(
            "layers_off",
            Kind::Texts { rule: Rule::Id, max: bound::ID, most: 256 },
            "Layers of the type files that are not drawn.",
        ),
        key("housings", Kind::OneOf(&["glass", "solid"]), "How housings are drawn; as glass if absent."),
        key("xray", Kind::Bool, "What stands before the selection is glass."),
        key("edges", Kind::Bool, "Edges are drawn."),
        key("section", Kind::Table(&SECTION), "A plane that the machines are cut at."),
        key("explode", Kind::Table(&EXPLODE), "What is taken apart."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static SECTION: Shape = Shape {
    name: "a section",
    definition: "section",
    doc: "A plane that the machines are cut at.",
    keys: &[
        key(
            "part",
            Kind::Text { rule: Rule::PartRef, max: PART },
            "In the axes of the node of this part, as it stands when one comes there; in those of the scene if absent.",
        ),
        required(
            "at",
            Kind::Numbers { len: 3, min: -1e5, max: 1e5 },
            "A point of it, m; of the scene x east, y up, z south.",
        ),
        required(
            "normal",
            Kind::Numbers { len: 3, min: -1e3, max: 1e3 },
            "Direction, of any length, to the side that is cut away.",
        ),
    ],
    exactly_one_of: &[],
    refused: &[],
};

static EXPLODE: Shape = Shape {
    name: "explode",
    definition: "explode",
    doc: "What is taken apart.",
    keys: &[
        key("part", Kind::Text { rule: Rule::PartRef, max: PART }, "What is taken apart; each machine if absent."),
        default("amount", Kind::Number { min: 0.0, max: 1.0 }, Written::Number(1.0), "How far: 0 together, 1 apart."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// What of the machines a viewpoint shows, and how.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Showing {
    /// Parts that alone are drawn as they are, each with all below it; empty: no part stands out.
    pub isolate: BTreeSet<PartRow>,
    /// The parts beside those that stand out are not drawn at all; else they are glass.
    pub alone: bool,
    /// Parts that are not drawn.
    pub hide: BTreeSet<PartRow>,
    /// Parts that are drawn as glass.
    pub ghost: BTreeSet<PartRow>,
    /// Layers that are not drawn.
    pub layers_off: BTreeSet<String>,
    /// Housings are drawn as they are, not as glass.
    pub solid_housings: bool,
    /// What stands before the selection is glass.
    pub xray: bool,
    /// Edges are drawn.
    pub edges: bool,
    /// Where it is cut.
    pub section: Option<Cut>,
    /// What is taken apart (`None`: each machine), and how far, 0 to 1.
    pub explode: Option<(Option<PartRow>, f64)>,
}

/// A plane that machines are cut at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// In the axes of this part's node; `None`: in those of the scene.
    pub part: Option<PartRow>,
    /// A point of it, m.
    pub at: [f64; 3],
    /// Unit vector to the side that is cut away.
    pub normal: [f64; 3],
}

/// `[viewpoint.show]` as it is written.
#[derive(Clone, Debug, Default)]
pub(super) struct ShowingFile {
    isolate: Vec<Spanned<String>>,
    only: Vec<Spanned<String>>,
    hide: Vec<Spanned<String>>,
    ghost: Vec<Spanned<String>>,
    layers_off: Vec<Spanned<String>>,
    solid_housings: bool,
    xray: bool,
    edges: bool,
    section: Option<(Option<Spanned<String>>, [f64; 3], Spanned<[f64; 3]>)>,
    explode: Option<(Option<Spanned<String>>, f64)>,
}

/// One as it is written.
pub(super) fn read(node: &Node) -> ShowingFile {
    let flag = |key: &str| node.flag(key).is_some_and(|flag| flag.value);
    ShowingFile {
        isolate: node.texts("isolate"),
        only: node.texts("only"),
        hide: node.texts("hide"),
        ghost: node.texts("ghost"),
        layers_off: node.texts("layers_off"),
        solid_housings: node.plain("housings").as_deref() == Some("solid"),
        xray: flag("xray"),
        edges: flag("edges"),
        section: node
            .table("section")
            .and_then(|cut| Some((cut.text("part"), cut.numbers("at")?.value, cut.numbers("normal")?))),
        explode: node
            .table("explode")
            .map(|explode| (explode.text("part"), explode.number("amount").map_or(1.0, |amount| amount.value))),
    }
}

impl ShowingFile {
    /// All parts that it names.
    fn parts(&self) -> impl Iterator<Item = &Spanned<String>> {
        let apart = self.explode.iter().filter_map(|(part, _)| part.as_ref());
        let cut = self.section.iter().filter_map(|(part, ..)| part.as_ref());
        [&self.isolate, &self.only, &self.hide, &self.ghost].into_iter().flatten().chain(apart).chain(cut)
    }
}

/// Reports what the site file alone can show, which has these assets. `named`: whose parts are meant is clear.
pub(super) fn check(show: &ShowingFile, assets: &BTreeSet<&str>, named: bool, problems: &mut Problems) {
    for part in show.parts() {
        match part.value.split_once('/') {
            Some((asset, _)) if !assets.contains(asset) => {
                let meant = meant(asset, assets.iter().copied(), problems);
                problems.error(&part.span, format!("there is no asset \"{asset}\"{meant}"));
            }
            None if !named => {
                let hint = "write it as \"asset/part\"";
                problems.error_with(&part.span, format!("\"{}\" is a part of which asset?", part.value), hint);
            }
            _ => {}
        }
    }
    if let (Some(_), Some(only)) = (show.isolate.first(), show.only.first()) {
        problems.error(&only.span, "a viewpoint has `isolate` or `only`, not both");
    }
    if let Some((.., normal)) = &show.section
        && unit(normal.value).is_none()
    {
        problems.error(&normal.span, "`normal` has no direction");
    }
}

/// What it shows of the machines of a site by their names. A part without the name of its asset is one of `of`. Reports parts
/// and layers that are not there.
pub(super) fn resolve(
    show: &ShowingFile,
    names: &mut Names<'_>,
    of: Option<AssetRow>,
    problems: &mut Problems,
) -> Showing {
    let mut rows = |parts: &[Spanned<String>]| -> BTreeSet<PartRow> {
        parts.iter().filter_map(|name| names.find(of, name, problems)).collect()
    };
    let alone = !show.only.is_empty();
    let (isolate, hide, ghost) =
        (rows(if alone { &show.only } else { &show.isolate }), rows(&show.hide), rows(&show.ghost));
    for layer in show.layers_off.iter().filter(|layer| !names.layers.contains(layer.value.as_str())) {
        let meant = meant(&layer.value, names.layers.iter().copied(), problems);
        let hint = "`layer` of a part in its type file says what it is shown or hidden with";
        problems.warning_with(&layer.span, format!("no part has the layer \"{}\"{meant}", layer.value), hint);
    }
    let explode = match &show.explode {
        None => None,
        Some((None, amount)) => Some((None, *amount)),
        Some((Some(name), amount)) => names.find(of, name, problems).map(|part| (Some(part), *amount)),
    };
    let section = show.section.as_ref().and_then(|(name, at, normal)| {
        let part = match name {
            Some(name) => Some(names.find(of, name, problems)?),
            None => None,
        };
        Some(Cut { part, at: *at, normal: unit(normal.value)? })
    });
    Showing {
        isolate,
        alone,
        hide,
        ghost,
        layers_off: show.layers_off.iter().map(|layer| layer.value.clone()).collect(),
        solid_housings: show.solid_housings,
        xray: show.xray,
        edges: show.edges,
        section,
        explode,
    }
}

/// Machines, parts and layers of a site by their names, looked up once: a file may name half a million.
pub(super) struct Names<'a> {
    site: &'a Site,
    assets: BTreeMap<&'a str, AssetRow>,
    layers: BTreeSet<&'a str>,
    /// Of the machines that were asked for.
    parts: BTreeMap<u32, BTreeMap<&'a str, PartRow>>,
}

impl<'a> Names<'a> {
    pub fn new(site: &'a Site) -> Self {
        Self {
            site,
            assets: (0..).zip(&site.assets).map(|(row, asset)| (asset.id.as_str(), AssetRow(row))).collect(),
            layers: site.parts.iter().filter_map(|part| part.layer.as_deref()).collect(),
            parts: BTreeMap::new(),
        }
    }

    /// The first machine, if there is one.
    pub fn first(&self) -> Option<AssetRow> {
        (!self.assets.is_empty()).then_some(AssetRow(0))
    }

    /// The machine of this id.
    pub fn asset(&self, id: &str) -> Option<AssetRow> {
        self.assets.get(id).copied()
    }

    /// The part `asset/part`, or the part of that name of the machine `of`; what is of a machine that is not there is left out.
    fn find(&mut self, of: Option<AssetRow>, name: &Spanned<String>, problems: &mut Problems) -> Option<PartRow> {
        let (asset, id) = match name.value.split_once('/') {
            Some((asset, id)) => (self.asset(asset), id),
            None => (of, name.value.as_str()),
        };
        self.part(asset?, id, &name.span, problems)
    }

    /// The part of a machine, by its id; reports one that is not there.
    pub fn part(
        &mut self,
        asset: AssetRow,
        id: &str,
        span: &std::ops::Range<usize>,
        problems: &mut Problems,
    ) -> Option<PartRow> {
        let (site, of) = (self.site, self.site.assets.get(asset.index())?);
        let parts = self.parts.entry(asset.0).or_insert_with(|| {
            let parts =
                of.parts.clone().filter_map(|row| Some((site.parts.get(row as usize)?.id.as_str(), PartRow(row))));
            parts.collect()
        });
        let row = parts.get(id).copied();
        if row.is_none() {
            let meant = meant(id, parts.keys().copied(), problems);
            problems.error(span, format!("asset \"{}\" has no part \"{id}\"{meant}", of.id));
        }
        row
    }
}

/// What may have been meant, while somebody will read it.
fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>, problems: &Problems) -> String {
    if problems.is_full() { String::new() } else { did_you_mean(word, known) }
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = v.iter().map(|n| n * n).sum::<f64>().sqrt();
    (length > 1e-6).then(|| v.map(|n| n / length))
}

/// `[viewpoint.show]` as a file has it, without its head.
///
/// # Errors
/// A part is not in the site any more.
pub(super) fn write(show: &Showing, site: &Site) -> Result<String, String> {
    let name = |row: PartRow| -> Result<String, String> {
        let part = site.parts.get(row.index()).ok_or("a part is not in the site any more")?;
        let asset = site.assets.get(part.asset.index()).ok_or("a machine is not in the site any more")?;
        Ok(format!("{}/{}", asset.id, part.id))
    };
    let mut table = toml_edit::Table::new();
    let mut put = |key: &str, value: toml_edit::Value| {
        table.insert(key, toml_edit::Item::Value(value));
    };
    let isolate = if show.alone { "only" } else { "isolate" };
    for (key, rows) in [(isolate, &show.isolate), ("hide", &show.hide), ("ghost", &show.ghost)] {
        if !rows.is_empty() {
            put(key, rows.iter().map(|row| name(*row)).collect::<Result<toml_edit::Array, _>>()?.into());
        }
    }
    if !show.layers_off.is_empty() {
        put("layers_off", show.layers_off.iter().map(String::as_str).collect::<toml_edit::Array>().into());
    }
    if show.solid_housings {
        put("housings", "solid".into());
    }
    for (key, on) in [("xray", show.xray), ("edges", show.edges)] {
        if on {
            put(key, true.into());
        }
    }
    if let Some(Cut { part, at, normal }) = show.section {
        let mut section = toml_edit::InlineTable::new();
        if let Some(part) = part {
            section.insert("part", name(part)?.into());
        }
        let numbers = |v: [f64; 3], parts: f64| v.map(|n| rounded(n, parts)).into_iter().collect::<toml_edit::Array>();
        section.insert("at", numbers(at, 1e3).into());
        section.insert("normal", numbers(normal, 1e4).into());
        put("section", section.into());
    }
    if let Some((of, amount)) = show.explode {
        let mut explode = toml_edit::InlineTable::new();
        if let Some(of) = of {
            explode.insert("part", name(of)?.into());
        }
        explode.insert("amount", rounded(amount, 100.0).into());
        put("explode", explode.into());
    }
    Ok(table.to_string())
}
