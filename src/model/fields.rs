//! Fields: the scalar attributes `_NAME` of a model, such as the temperatures of a computation.
//!
//! The loader must know a name before it reads a file. So the names of a model are replaced by those of a few slots,
//! which the viewer has registered; [`ModelField`] keeps what they were, and what the extras say about them:
//! `extras.fields = { "_NAME": { "name": "…", "unit": "K", "source": "…" } }` of a primitive or of its mesh.

use std::collections::{BTreeMap, BTreeSet};

use gltf::json::Root;
use gltf::json::accessor::{ComponentType, Type};
use gltf::json::mesh::Semantic;
use gltf::json::validation::Checked;
use serde_json::value::RawValue;

use super::data::Elements;
use super::error::printable;
use super::rewrite::{member, walk};

/// Most fields of one model: slots in the loader.
pub const MOST_FIELDS: usize = 16;
/// Longest name, unit or source that is read, characters.
const MOST_TEXT: usize = 120;
/// What the slots are called in the file, without the underscore that custom attributes start with.
const SLOT: &str = "TWINSCOPE_FIELD_";

/// A field that a model carries. Its place in the list is its slot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelField {
    /// The attribute, with its underscore.
    pub attribute: String,
    /// Name for people, if the model tells one.
    pub name: Option<String>,
    /// Unit, if the model tells one.
    pub unit: Option<String>,
    /// Where the values come from, if the model tells it.
    pub source: Option<String>,
    /// Vertices that carry it.
    pub values: u64,
    /// Those of them that are finite numbers.
    pub known: u64,
    /// Smallest and largest finite value.
    pub range: Option<[f32; 2]>,
}

/// The name by which the loader knows a slot: a custom attribute without its underscore.
#[must_use]
pub fn slot_name(slot: usize) -> String {
    format!("{SLOT}{slot}")
}

/// The fields of a checked document, sorted by their attributes.
pub(super) fn find(root: &Root, elements: &[Elements<'_>], warnings: &mut Vec<String>) -> Vec<ModelField> {
    let mut found: BTreeMap<&str, ModelField> = BTreeMap::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for mesh in &root.meshes {
        for primitive in &mesh.primitives {
            let mut told: Option<[BTreeMap<String, Told>; 2]> = None;
            for (semantic, index) in &primitive.attributes {
                let Checked::Valid(Semantic::Extras(name)) = semantic else { continue };
                let Some(data) = elements.get(index.value()) else { continue };
                if data.shape != Type::Scalar {
                    continue;
                }
                if !data.is(ComponentType::F32, Type::Scalar) {
                    *others.entry(name).or_default() += 1;
                    continue;
                }
                let field = found.entry(name).or_default();
                let told = told.get_or_insert_with(|| {
                    [primitive.extras.as_deref(), mesh.extras.as_deref()]
                        .map(|extras| extras.map_or_else(BTreeMap::new, told_by))
                });
                let told = told.iter().find_map(|told| told.get(&format!("_{name}")));
                if let Some(told) = told {
                    for (slot, text) in [
                        (&mut field.name, &told.name),
                        (&mut field.unit, &told.unit),
                        (&mut field.source, &told.source),
                    ] {
                        if slot.is_none() {
                            *slot = text.as_deref().map(cut).filter(|text| !text.is_empty());
                        }
                    }
                }
                // Shared by many primitives: counted once.
                if seen.insert((name, index.value())) {
                    field.count(data);
                }
            }
        }
    }
    for (name, primitives) in others {
        warnings.push(format!(
            "_{} holds no floats in {primitives} primitives: it is not offered as a field; export it as floats",
            printable(name)
        ));
    }
    let more = found.len().saturating_sub(MOST_FIELDS);
    if more > 0 {
        warnings.push(format!("{} attributes could be fields: the first {MOST_FIELDS} by name are", found.len()));
    }
    let named = found.into_iter().map(|(name, field)| ModelField { attribute: format!("_{name}"), ..field });
    named.take(MOST_FIELDS).collect()
}

impl ModelField {
    fn count(&mut self, data: &Elements<'_>) {
        for value in data.floats() {
            self.values += 1;
            if value.is_finite() {
                self.known += 1;
                let [low, high] = self.range.unwrap_or([value, value]);
                self.range = Some([low.min(value), high.max(value)]);
            }
        }
    }
}

/// What the extras say of one field.
#[derive(serde::Deserialize)]
struct Told {
    name: Option<String>,
    unit: Option<String>,
    source: Option<String>,
}

/// What extras say of fields. What is not of this form says nothing.
fn told_by(extras: &RawValue) -> BTreeMap<String, Told> {
    #[derive(serde::Deserialize)]
    struct Extras<'a> {
        #[serde(borrow)]
        fields: Option<BTreeMap<String, &'a RawValue>>,
    }
    let fields = serde_json::from_str::<Extras<'_>>(extras.get()).ok().and_then(|extras| extras.fields);
    let fields = fields.into_iter().flatten().take(MOST_FIELDS);
    fields.filter_map(|(name, raw)| Some((name, serde_json::from_str(raw.get()).ok()?))).collect()
}

fn cut(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MOST_TEXT).collect()
}

/// The value of `meshes` with the attributes of the fields under the names of their slots.
pub(super) fn rename(meshes: &RawValue, fields: &[String]) -> serde_json::Result<String> {
    let mut out = String::with_capacity(meshes.get().len());
    each(&mut out, meshes, |out, key, mesh| {
        if key != "primitives" {
            return member(out, key, mesh.get());
        }
        let mut primitives = String::with_capacity(mesh.get().len());
        each(&mut primitives, mesh, |out, key, value| {
            if key != "attributes" {
                return member(out, key, value.get());
            }
            let mut attributes = String::from("{");
            walk(value, |name, index| {
                match fields.iter().position(|field| field == name) {
                    Some(slot) => member(&mut attributes, &format!("_{}", slot_name(slot)), index.get()),
                    // Called like a slot by chance or on purpose: nothing of ours.
                    None if name.strip_prefix('_').is_some_and(|name| name.starts_with(SLOT)) => Ok(()),
                    None => member(&mut attributes, name, index.get()),
                }
            })?;
            attributes.push('}');
            member(out, key, &attributes)
        })?;
        member(out, key, &primitives)
    })?;
    Ok(out)
}

/// Writes a list of objects anew, member by member.
fn each(
    out: &mut String,
    list: &RawValue,
    mut write: impl FnMut(&mut String, &str, &RawValue) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    out.push('[');
    walk(list, |_, item| {
        out.push_str(if out.ends_with('[') { "{" } else { ",{" });
        walk(item, |key, value| write(out, key, value))?;
        out.push('}');
        Ok(())
    })?;
    out.push(']');
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::testing::{document, glb, triangle};
    use crate::model::{Limits, check_bytes};

    /// The triangle with values `x` as `_T`, and extras.
    fn with_values(values: [f32; 3], extras: &Value) -> (Value, Vec<u8>) {
        let mut bin = triangle();
        bin.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        let mut document = document();
        document["buffers"][0]["byteLength"] = json!(bin.len());
        let views = document["bufferViews"].as_array_mut().unwrap();
        views.push(json!({ "buffer": 0, "byteOffset": 44, "byteLength": 12 }));
        let accessors = document["accessors"].as_array_mut().unwrap();
        accessors.push(json!({ "bufferView": 2, "componentType": 5126, "count": 3, "type": "SCALAR" }));
        document["meshes"][0]["extras"] = extras.clone();
        document["meshes"][0]["primitives"][0]["attributes"]["_T"] = json!(2);
        (document, bin)
    }

    fn checked(document: &Value, bin: &[u8]) -> crate::model::Checked {
        check_bytes("t.glb", glb(document, bin), None, &Limits::default()).unwrap()
    }

    #[test]
    fn a_scalar_attribute_is_a_field_with_what_the_extras_say() {
        let extras = json!({ "fields": { "_T": { "name": "Wall temperature", "unit": "K", "source": "run 4311" } } });
        let (document, bin) = with_values([300.0, 500.0, 400.0], &extras);
        let fields = checked(&document, &bin).index.fields;
        let want = ModelField {
            attribute: "_T".into(),
            name: Some("Wall temperature".into()),
            unit: Some("K".into()),
            source: Some("run 4311".into()),
            values: 3,
            known: 3,
            range: Some([300.0, 500.0]),
        };
        assert_eq!(fields, [want]);
    }

    #[test]
    fn what_is_not_a_number_is_counted_as_not_known() {
        let (document, bin) = with_values([f32::NAN, f32::INFINITY, 4.0], &json!({ "fields": 7 }));
        let field = checked(&document, &bin).index.fields.remove(0);
        assert_eq!((field.values, field.known, field.range, field.name), (3, 1, Some([4.0, 4.0]), None));
    }

    #[test]
    fn the_loader_gets_the_name_of_the_slot_and_the_rest_as_it_was() {
        let (document, bin) = with_values([0.0; 3], &json!({ "a": 1.50 }));
        let model = checked(&document, &bin).files.remove(0).1;
        let parts = crate::model::container::split(&model).unwrap();
        let after: Value = serde_json::from_slice(parts.json).unwrap();
        let mut want = document;
        want["meshes"][0]["primitives"][0]["attributes"] = json!({ "POSITION": 0, "_TWINSCOPE_FIELD_0": 2 });
        assert_eq!(after, want);
    }

    #[test]
    fn an_attribute_that_is_called_like_a_slot_takes_none_of_its_values() {
        let meshes = r#"[{"primitives":[{"attributes":{"_T":2,"_TWINSCOPE_FIELD_0":9,"_OTHER":3}}]}]"#;
        let raw: Box<RawValue> = serde_json::from_str(meshes).unwrap();
        let after = rename(&raw, &["_T".to_owned()]).unwrap();
        assert_eq!(after, r#"[{"primitives":[{"attributes":{"_TWINSCOPE_FIELD_0":2,"_OTHER":3}}]}]"#);
    }

    #[test]
    fn more_names_than_slots_are_told() {
        let (mut document, bin) = with_values([0.0; 3], &json!({}));
        for n in 0..20 {
            document["meshes"][0]["primitives"][0]["attributes"][format!("_F{n:02}")] = json!(2);
        }
        let checked = checked(&document, &bin);
        assert_eq!(checked.index.fields.len(), MOST_FIELDS);
        assert!(checked.warnings.iter().any(|warning| warning.contains("21 attributes")), "{:?}", checked.warnings);
    }

    #[test]
    fn whole_numbers_are_told_and_not_offered() {
        let (mut document, bin) = with_values([0.0; 3], &json!({}));
        document["accessors"][2]["componentType"] = json!(5125);
        let checked = checked(&document, &bin);
        assert!(checked.index.fields.is_empty());
        assert!(
            checked.warnings.iter().any(|warning| warning.contains("_T holds no floats")),
            "{:?}",
            checked.warnings
        );
    }
}
