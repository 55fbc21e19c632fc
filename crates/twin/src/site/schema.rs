//! The JSON Schema (draft 2020-12) of site files, type files and tours, made from the table that the reader works from.

use serde_json::{Map, Value, json};

use super::shape::{Default, Kind, Shape};
use super::{shape_site, shape_tour, shape_type};

/// The schema of `site.toml`.
#[must_use]
pub fn site_schema() -> Value {
    root(&shape_site::SITE_FILE, "twinscope site")
}

/// The schema of a type file.
#[must_use]
pub fn type_schema() -> Value {
    root(&shape_type::TYPE_FILE, "twinscope asset type")
}

/// The schema of a tour.
#[must_use]
pub fn tour_schema() -> Value {
    root(&shape_tour::TOUR_FILE, "twinscope tour")
}

fn root(shape: &Shape, title: &str) -> Value {
    let mut definitions = Map::new();
    let mut schema = table(shape, &mut definitions);
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(title));
    schema.insert("$defs".to_owned(), Value::Object(definitions));
    Value::Object(schema)
}

fn table(shape: &Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let mut properties = Map::new();
    for key in shape.keys {
        let mut property = value(&key.kind, definitions);
        property.insert("description".to_owned(), json!(key.doc));
        if let Some(default) = key.default {
            let default = match default {
                Default::Text(text) => json!(text),
                Default::Integer(number) => json!(number),
                Default::Number(number) => json!(number),
            };
            property.insert("default".to_owned(), default);
        }
        properties.insert(key.name.to_owned(), Value::Object(property));
    }
    let required: Vec<_> = shape.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("description".to_owned(), json!(shape.doc));
    schema.insert("properties".to_owned(), Value::Object(properties));
    schema.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    if !shape.exactly_one_of.is_empty() {
        let one: Vec<_> = shape.exactly_one_of.iter().map(|key| json!({ "required": [key] })).collect();
        schema.insert("oneOf".to_owned(), json!(one));
    }
    schema
}

fn value(kind: &Kind, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let text = |rule: super::rule::Rule, max: usize| {
        let mut schema = json!({ "type": "string", "maxLength": max });
        if let (Some(pattern), Some(object)) = (rule.pattern(), schema.as_object_mut()) {
            object.insert("pattern".to_owned(), json!(pattern));
        }
        schema
    };
    let schema = match kind {
        Kind::Version(version) => json!({ "const": version }),
        Kind::Text { rule, max } => text(*rule, *max),
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Integer { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Number { min, max } => json!({ "type": "number", "minimum": min, "maximum": max }),
        Kind::Duration { .. } => json!({ "type": "string", "pattern": "^[0-9]+ ?(ms|s|m|h|d)$" }),
        Kind::Size { min, max } => json!({ "oneOf": [
            { "type": "string", "pattern": "^[0-9]+ ?(B|kB|KiB|MB|MiB|GB|GiB)?$" },
            { "type": "integer", "minimum": min, "maximum": max },
        ] }),
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Numbers { len, min, max } => json!({
            "type": "array", "minItems": len, "maxItems": len,
            "items": { "type": "number", "minimum": min, "maximum": max },
        }),
        Kind::Range => json!({ "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "number" } }),
        Kind::Texts { rule, max, most } => json!({ "type": "array", "maxItems": most, "items": text(*rule, *max) }),
        Kind::Scalars { most } => {
            json!({ "type": "array", "maxItems": most, "items": { "type": ["string", "integer", "boolean"] } })
        }
        Kind::Vars { most } => json!({
            "type": "object", "maxProperties": most,
            "propertyNames": { "pattern": super::rule::Rule::Id.pattern() },
            "additionalProperties": { "type": "string", "minLength": 1, "pattern": "^[^+#{}]*$" },
        }),
        Kind::Names { most } => json!({
            "type": "object", "maxProperties": most, "additionalProperties": { "type": "string", "minLength": 1 },
        }),
        Kind::Free => json!({ "type": "object" }),
        Kind::Table(shape) => reference(shape, definitions),
        Kind::Tables { shape, most } => {
            json!({ "type": "array", "maxItems": most, "items": reference(shape, definitions) })
        }
    };
    match schema {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn reference(shape: &Shape, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(shape.definition) {
        let schema = table(shape, definitions);
        definitions.insert(shape.definition.to_owned(), Value::Object(schema));
    }
    json!({ "$ref": format!("#/$defs/{}", shape.definition) })
}
