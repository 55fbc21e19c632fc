//! Fields on the surfaces of a type's assets: the keys of `[[field]]`, what can be wrong with them, and what they say.

use std::collections::BTreeSet;

use super::check_site::{did_you_mean, unique};
use super::file::{TypeFile, join};
use super::node::Node;
use super::problem::{Problem, ProblemSeverity, Problems, Spanned};
use super::rule::Rule;
use super::shape::{Default, Kind, Shape, bound};
use super::shape_type::{FILE, ID, NAME, PROSE, default, key, required};
use super::tables::TypeTables;

/// Most fields of a type.
pub(super) const MOST: usize = 64;

const COLUMN: Kind = Kind::Text { rule: Rule::Line, max: bound::NAME };
/// Factor to metres of each unit of length.
const LENGTHS: [(&str, f64); 5] = [("m", 1.0), ("mm", 1e-3), ("cm", 1e-2), ("um", 1e-6), ("in", 0.0254)];

/// `[[field]]`.
pub(super) static FIELD: Shape = Shape {
    name: "a field",
    definition: "field",
    doc: "Values on surfaces: a result of a computation or a measurement.",
    keys: &[
        required("id", ID, "Id within the type."),
        key("name", NAME, "Name for people; the id with spaces if absent."),
        default("unit", Kind::Text { rule: Rule::Prose, max: 32 }, Default::Text(""), "Unit, as UCUM: K, MPa, mm."),
        key("source", PROSE, "Where the values come from: the computation, the report."),
        key(
            "attribute",
            Kind::Text { rule: Rule::Line, max: bound::NAME },
            "Scalar attribute of the model that holds the values: _TEMPERATURE.",
        ),
        key("file", FILE, "CSV file of points with values, relative to this file."),
        key("columns", Kind::Table(&COLUMNS), "Which columns of the file hold what."),
        default(
            "length_unit",
            Kind::OneOf(&["m", "mm", "cm", "um", "in"]),
            Default::Text("m"),
            "Unit of the places in the file.",
        ),
        key(
            "max_distance",
            Kind::Number { min: 1e-6, max: 1e6 },
            "Distance from the nearest point, m, beyond which nothing is known.",
        ),
        key(
            "parts",
            Kind::Texts { rule: Rule::PartId, max: bound::ID, most: 1_000 },
            "The parts that the file is about.",
        ),
        key("range", Kind::Range, "Limits of the colours; from the values if absent."),
        key(
            "scale",
            Kind::OneOf(&["cividis", "viridis", "diverging"]),
            "Colours; diverging has zero in the middle, for residuals. What the person likes if absent.",
        ),
    ],
    exactly_one_of: &["attribute", "file"],
    refused: &[],
};

static COLUMNS: Shape = Shape {
    name: "columns",
    definition: "columns",
    doc: "Columns of a file of points, by their names in its first row.",
    keys: &[
        key("x", COLUMN, "The model's x, y and z; the one that is left out is the axis along which the values hold."),
        key("y", COLUMN, "See x."),
        key("z", COLUMN, "See x."),
        required("value", COLUMN, "The values; empty where nothing is known."),
    ],
    exactly_one_of: &[],
    refused: &[],
};

/// A field on the surfaces of a type's assets.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The type.
    pub type_id: String,
    /// Id within the type.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// UCUM unit; may be empty.
    pub unit: String,
    /// Where the values come from; may be empty.
    pub source: String,
    /// Where they are.
    pub values: FieldValues,
    /// Limits of the colours.
    pub range: Option<[f64; 2]>,
    /// Colours.
    pub colours: Option<FieldColours>,
}

/// Where the values of a field are.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValues {
    /// A scalar attribute of the model, with its underscore.
    Attribute(String),
    /// Points in a file.
    Points(FieldPoints),
}

/// A file of points with values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldPoints {
    /// CSV file, relative to the folder of the site file.
    pub file: String,
    /// Columns of the model's x, y and z; at most one is missing.
    pub axes: [Option<String>; 3],
    /// Column of the values.
    pub value: String,
    /// Unit of the places, m.
    pub unit_m: f64,
    /// Distance beyond which nothing is known, m.
    pub max_distance_m: f64,
    /// Ids of the parts; empty: all.
    pub parts: Vec<String>,
}

/// Colours that a field asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum FieldColours {
    Cividis,
    Viridis,
    /// Zero in the middle.
    Diverging,
}

/// A field as its file has it, with the place of what can be wrong later.
#[derive(Clone, Debug)]
pub(crate) struct FieldFile {
    field: Field,
    /// Value of `file` or `attribute`.
    span: std::ops::Range<usize>,
}

/// Reads the fields of a type; what is broken is reported and left out.
pub(super) fn fields(nodes: &[Node], tables: &TypeTables, problems: &mut Problems) -> Vec<FieldFile> {
    let ids: Vec<Spanned<String>> = nodes.iter().filter_map(|node| node.text("id")).collect();
    unique("field", ids.iter(), problems);
    nodes.iter().filter_map(|node| field(node, tables, problems)).collect()
}

fn field(node: &Node, tables: &TypeTables, problems: &mut Problems) -> Option<FieldFile> {
    let id = node.plain("id")?;
    let (values, span) = match node.text("attribute") {
        Some(attribute) => {
            for key in ["columns", "length_unit", "max_distance", "parts"] {
                if let Some(span) = node.span_of(key) {
                    problems.error(&span, format!("`{key}` is for a `file`: it has no effect on `attribute`"));
                }
            }
            if !attribute.starts_with('_') {
                let hint = format!("attributes of one's own start with an underscore: \"_{}\"", attribute.value);
                problems.error_with(&attribute.span, format!("`{}` is not a field", attribute.value), hint);
            }
            (FieldValues::Attribute(attribute.value), attribute.span)
        }
        None => {
            let file = node.text("file")?;
            (FieldValues::Points(points(node, &file, tables, problems)?), file.span)
        }
    };
    let field = Field {
        type_id: String::new(),
        name: node.plain("name").unwrap_or_else(|| super::expand::spaced(&id)),
        id,
        unit: node.plain("unit").unwrap_or_default(),
        source: node.plain("source").unwrap_or_default(),
        values,
        range: node.numbers::<2>("range").map(|range| range.value),
        colours: match node.plain("scale").as_deref() {
            Some("cividis") => Some(FieldColours::Cividis),
            Some("viridis") => Some(FieldColours::Viridis),
            Some(_) => Some(FieldColours::Diverging),
            None => None,
        },
    };
    Some(FieldFile { field, span })
}

fn points(node: &Node, file: &Spanned<String>, tables: &TypeTables, problems: &mut Problems) -> Option<FieldPoints> {
    let parts = node.texts("parts");
    let known: BTreeSet<&str> = tables.parts.iter().map(|part| part.part.id.as_str()).collect();
    for part in parts.iter().filter(|part| !known.contains(part.value.as_str())) {
        let meant = did_you_mean(&part.value, known.iter().copied());
        problems.error(&part.span, format!("there is no part \"{}\"{meant}", part.value));
    }
    let Some(columns) = node.table("columns") else {
        let hint = "columns = { x = \"x\", y = \"y\", z = \"z\", value = \"temperature\" }";
        problems.error_with(&file.span, "a file of points needs `columns`", hint);
        return None;
    };
    let axes = ["x", "y", "z"].map(|axis| columns.plain(axis));
    if axes.iter().flatten().count() < 2 {
        let hint = "name the columns of two axes of the model for a section, of three for points in space";
        problems.error_with(&columns.span, "`columns` needs two of x, y and z at least", hint);
        return None;
    }
    let Some(most) = node.number("max_distance") else {
        let hint = "twice the distance of neighbouring points, such as max_distance = 0.002";
        problems.error_with(&file.span, "a file of points needs `max_distance`, m", hint);
        return None;
    };
    let unit = node.plain("length_unit").unwrap_or_default();
    Some(FieldPoints {
        file: file.value.clone(),
        axes,
        value: columns.plain("value")?,
        unit_m: LENGTHS.iter().find(|(name, _)| *name == unit).map_or(1.0, |(_, metres)| *metres),
        max_distance_m: most.value,
        parts: parts.into_iter().map(|part| part.value).collect(),
    })
}

impl TypeFile {
    /// The fields, with files relative to the folder of the site file.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let field = |file: &FieldFile| {
            let mut field = Field { type_id: self.id.value.clone(), ..file.field.clone() };
            if let FieldValues::Points(points) = &mut field.values {
                points.file = join(&self.folder_from_site, &points.file);
            }
            field
        };
        self.fields.iter().map(field).collect()
    }

    /// A problem of the field with this id, at its `file` or `attribute`.
    #[must_use]
    pub fn field_problem(&self, id: &str, severity: ProblemSeverity, message: &str, hint: Option<&str>) -> Problem {
        let span = self.fields.iter().find(|file| file.field.id == id).map(|file| file.span.clone());
        self.text.problem(severity, &span.unwrap_or_default(), message.to_owned(), hint.map(str::to_owned))
    }
}
