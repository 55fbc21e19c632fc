//! What `inspect` says of a model: as text, as JSON, and as a type file to start from.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::Checked;
use super::error::{ModelError, printable};
use super::fields::ModelField;
use super::files::mebibytes;
use super::index::{Node, PartIndex};

/// Lines of the node list that a person still reads; the JSON has them all.
const MOST_LINES: usize = 2_000;
/// Longest node address that goes into a type file.
const LONGEST_ADDRESS: usize = 500;
/// Parts of a starter type file.
const MOST_PARTS: usize = 500;

/// The report for people.
#[must_use]
pub fn inspect_text(result: Result<&Checked, &ModelError>) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match result {
        Ok(checked) => write_checked(&mut out, checked),
        Err(e) => write_error(&mut out, e),
    };
    out
}

fn write_error(out: &mut String, e: &ModelError) -> std::fmt::Result {
    writeln!(out, "{e}")?;
    if !e.remedy.is_empty() {
        writeln!(out, "  what to do: {}", printable(&e.remedy))?;
    }
    Ok(())
}

fn write_checked(out: &mut String, checked: &Checked) -> std::fmt::Result {
    let PartIndex { totals: t, nodes, .. } = &checked.index;
    if let Some(generator) = &checked.index.generator {
        writeln!(out, "made by {}", printable(generator))?;
    }
    writeln!(
        out,
        "{} nodes ({} with part_id, {} without name), {} meshes, {} drawn primitives, {} triangles, {} vertices",
        t.nodes, t.part_ids, checked.index.unnamed, t.meshes, t.primitives, t.triangles, t.vertices
    )?;
    writeln!(
        out,
        "{} materials, {} textures, {} animations, {} in {} file{}",
        t.materials,
        t.textures,
        t.animations,
        mebibytes(t.bytes),
        checked.files.len(),
        if checked.files.len() == 1 { "" } else { "s" }
    )?;
    if let Some([min, max]) = t.bounds {
        let size: Vec<String> = min.iter().zip(max).map(|(a, b)| metres(b - a)).collect();
        let from: Vec<String> = min.iter().map(|&a| metres(a)).collect();
        writeln!(out, "size {} m (x, y up, z), from {} m", size.join(" × "), from.join(", "))?;
    }
    if !checked.index.extensions.is_empty() {
        let names: Vec<String> = checked.index.extensions.iter().map(|n| printable(n)).collect();
        writeln!(out, "extensions: {}", names.join(", "))?;
    }
    if !checked.index.variants.is_empty() {
        let names: Vec<String> = checked.index.variants.iter().map(|n| format!("\"{}\"", printable(n))).collect();
        writeln!(out, "variants (`variant` of a type file): {}", names.join(", "))?;
    }
    if !checked.index.decoded.is_empty() {
        writeln!(out, "decoded: {}", checked.index.decoded.join(", "))?;
    }
    if !checked.index.fields.is_empty() {
        writeln!(out, "\nfields")?;
        for field in &checked.index.fields {
            writeln!(out, "  {}", field_line(field))?;
        }
    }
    if !checked.warnings.is_empty() {
        writeln!(out, "\nwarnings")?;
        for warning in &checked.warnings {
            writeln!(out, "  - {}", printable(warning))?;
        }
    }
    writeln!(out, "\n{:>9}  {:>20}  node", "triangles", "size, m")?;
    for node in nodes.iter().take(MOST_LINES) {
        let triangles = if node.mesh.is_some() { node.triangles.to_string() } else { String::new() };
        write!(out, "{triangles:>9}  {:>20}  {}", size(node), "  ".repeat(node.depth.min(40)))?;
        write!(out, "{}", printable(&node.entity_name()))?;
        if let Some(id) = &node.part_id {
            write!(out, "  [{}]", printable(id))?;
        }
        writeln!(out)?;
    }
    if let Some(more) = nodes.len().checked_sub(MOST_LINES).filter(|&n| n > 0) {
        writeln!(out, "… and {more} more nodes (--format json lists them all)")?;
    }
    Ok(())
}

/// `_T  Wall temperature, 310 to 620 K, 1,200 of 1,300 vertices (run 4311)`.
fn field_line(field: &ModelField) -> String {
    let mut out = printable(&field.attribute).to_string();
    if let Some(name) = &field.name {
        out.push_str(&format!("  {}", printable(name)));
    }
    match field.range {
        Some([low, high]) => out.push_str(&format!(", {low} to {high}")),
        None => out.push_str(", no value is known"),
    }
    if let Some(unit) = &field.unit {
        out.push_str(&format!(" {}", printable(unit)));
    }
    out.push_str(&format!(", {} of {} vertices", field.known, field.values));
    if let Some(source) = &field.source {
        out.push_str(&format!(" ({})", printable(source)));
    }
    out
}

fn metres(x: f64) -> String {
    let x = if x.abs() < 0.0005 { 0.0 } else { x };
    if x.abs() >= 100.0 {
        format!("{x:.0}")
    } else {
        format!("{x:.3}").trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

fn size(node: &Node) -> String {
    let Some([min, max]) = node.bounds else { return String::new() };
    let size: Vec<String> = min.iter().zip(max).map(|(a, b)| metres(b - a)).collect();
    size.join(" × ")
}

/// The report for programs.
#[must_use]
pub fn inspect_json(result: Result<&Checked, &ModelError>) -> Value {
    let checked = match result {
        Ok(checked) => checked,
        Err(e) => {
            return json!({ "ok": false, "error": {
                "kind": e.kind.word(), "file": e.file, "place": e.place, "message": e.what, "hint": e.remedy } });
        }
    };
    let t = &checked.index.totals;
    let nodes: Vec<Value> = checked
        .index
        .nodes
        .iter()
        .map(|n| {
            json!({ "index": n.gltf, "path": n.path, "name": n.name, "part_id": n.part_id, "parent": n.parent,
                "mesh": n.mesh, "primitives": n.primitives, "triangles": n.triangles, "bounds_m": n.bounds })
        })
        .collect();
    let fields: Vec<Value> = checked
        .index
        .fields
        .iter()
        .map(|f| {
            json!({ "attribute": f.attribute, "name": f.name, "unit": f.unit, "source": f.source,
                "values": f.values, "known": f.known, "range": f.range })
        })
        .collect();
    json!({
        "ok": true,
        "generator": checked.index.generator,
        "extensions": checked.index.extensions,
        "variants": checked.index.variants,
        "decoded": checked.index.decoded,
        "scene": checked.index.scene,
        "totals": {
            "nodes": t.nodes, "part_ids": t.part_ids, "unnamed": checked.index.unnamed, "with_mesh": t.with_mesh,
            "meshes": t.meshes, "primitives": t.primitives, "triangles": t.triangles, "vertices": t.vertices,
            "materials": t.materials, "textures": t.textures, "images": t.images, "animations": t.animations,
            "skins": t.skins, "cameras": t.cameras, "scenes": t.scenes, "bytes": t.bytes, "bounds_m": t.bounds,
        },
        "duplicate_paths": checked.index.duplicate_paths,
        "duplicate_part_ids": checked.index.duplicate_part_ids,
        "warnings": checked.warnings,
        "fields": fields,
        "nodes": nodes,
    })
}

/// A type file to start from: a part for each node with a `part_id`, or for each named node if there are none.
///
/// Type files name models relative to their own folder: a path that is not of that kind becomes one in `../models`.
#[must_use]
pub fn template_toml(index: &PartIndex, model_path: &str) -> String {
    let by_id = index.totals.part_ids > 0;
    let chosen = index.nodes.iter().filter(|n| if by_id { n.part_id.is_some() } else { n.name.is_some() });
    let path = model_path.replace('\\', "/");
    let file = path.rsplit('/').next().unwrap_or_default();
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let path = if path.starts_with("../") { path.clone() } else { format!("../models/{file}") };
    let mut out = String::new();
    let _ = writeln!(out, "schema = 1");
    let _ = writeln!(out, "id = {}  # the file is called so, with .toml", quoted(&slug(stem, '-')));
    let _ = writeln!(out, "model = {}  # from the folder of this file", quoted(&path));
    let mut ids = BTreeSet::new();
    let mut nodes = BTreeSet::new();
    for node in chosen.take(MOST_PARTS) {
        let address =
            node.part_id.as_ref().filter(|_| by_id).map_or_else(|| node.path.clone(), |id| format!("id:{id}"));
        // What a type file cannot say is left out; such a node is bound once it has a plain name.
        let sayable =
            address.len() <= LONGEST_ADDRESS && !address.contains(|c: char| c.is_control() || "{}".contains(c));
        if !sayable || !nodes.insert(address.clone()) {
            continue;
        }
        let name = node.entity_name();
        let base = part_id(node.part_id.as_deref().unwrap_or(&name));
        let mut id = base.clone();
        let mut n = 2u32;
        while !ids.insert(id.clone()) {
            id = format!("{base}_{n}");
            n += 1;
        }
        let _ = writeln!(
            out,
            "\n[[part]]\nid = {}\nname = {}\nnode = {}",
            quoted(&id),
            quoted(&title(&name)),
            quoted(&address)
        );
        if ids.len() == 1 {
            let _ = writeln!(
                out,
                "# kind = \"housing\"  # drawn as glass, so that what is inside shows\n\n# [[part.signal]]\n# id = \"temperature\"\n# topic = \"{{site}}/{{asset}}/{id}\"\n# path = \"/temperature\"\n# unit = \"degC\""
            );
        }
    }
    if index.nodes.len() > MOST_PARTS {
        let _ = writeln!(out, "\n# Further nodes are left out: {} are in the model.", index.nodes.len());
    }
    out
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A part id: a name that expressions can use.
fn part_id(name: &str) -> String {
    /// What CEL keeps for itself (language definition, section Syntax), and the names of its types and of `math`.
    const KEPT: [&str; 27] = [
        "as",
        "break",
        "const",
        "continue",
        "double",
        "dyn",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "int",
        "let",
        "loop",
        "math",
        "namespace",
        "null",
        "package",
        "return",
        "string",
        "true",
        "type",
        "uint",
        "var",
        "void",
    ];
    let id = slug(name, '_');
    if KEPT.contains(&id.as_str()) || id.starts_with(|c: char| c.is_ascii_digit()) { format!("part_{id}") } else { id }
}

/// An id: lower case letters, digits and `joint`; `HighSpeedShaft2` becomes `high_speed_shaft2`.
pub(super) fn slug(name: &str, joint: char) -> String {
    let mut out = String::new();
    let mut low = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            if c.is_ascii_uppercase() && low {
                out.push(joint);
            }
            low = !c.is_ascii_uppercase();
            out.push(c.to_ascii_lowercase());
        } else {
            low = false;
            if !out.is_empty() && !out.ends_with(joint) {
                out.push(joint);
            }
        }
    }
    let out = out.trim_end_matches(joint).to_owned();
    if out.is_empty() { "part".to_owned() } else { out }
}

/// A name for people: `HighSpeedShaft` becomes `High speed shaft`.
fn title(name: &str) -> String {
    let words = slug(name, ' ');
    let mut chars = words.chars();
    chars.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + chars.as_str())
}
