//! The published JSON Schemas are those of the code.

use super::super::schema::{site_schema, type_schema};

#[track_caller]
fn check(name: &str, schema: &serde_json::Value) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets/schema").join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let published: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    assert!(
        published == *schema,
        "assets/schema/{name} is not what the code makes; remedy: cargo run -- schema assets/schema"
    );
}

#[test]
fn published_site_schema_is_current() {
    check("site.schema.json", &site_schema());
}

#[test]
fn published_type_schema_is_current() {
    check("type.schema.json", &type_schema());
}

#[test]
fn every_reference_in_a_schema_is_defined() {
    fn references(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(object) => {
                found.extend(object.get("$ref").and_then(|r| r.as_str()).map(str::to_owned));
                object.values().for_each(|value| references(value, found));
            }
            serde_json::Value::Array(array) => array.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    for schema in [site_schema(), type_schema()] {
        let mut found = Vec::new();
        references(&schema, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.trim_start_matches('#');
            assert!(schema.pointer(pointer).is_some(), "{reference}");
        }
    }
}
