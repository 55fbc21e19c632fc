//! The model as the loader gets it: every file that it names has a name of ours, beside it, in memory.
//!
//! Nothing else of the model changes. A file that needs no change is handed on as it came.

use std::collections::BTreeMap;

use serde_json::Value;

use super::container::{Parts, join_glb};
use super::error::{ErrorKind, ModelError};
use super::head::json_error;

/// Changes to make in the JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rewrite {
    /// New names of buffers.
    pub buffers: BTreeMap<usize, String>,
    /// New names of images.
    pub images: BTreeMap<usize, String>,
    /// New media types of images in views.
    pub types: BTreeMap<usize, &'static str>,
    /// Names to take out of `extensionsRequired`.
    pub dropped: Vec<String>,
}

impl Rewrite {
    /// Nothing to do.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The model with the changes made.
    pub(super) fn apply(&self, parts: &Parts<'_>) -> Result<Vec<u8>, ModelError> {
        let json = if self.is_empty() { parts.json.to_vec() } else { self.json(parts.json)? };
        if !parts.binary {
            return Ok(json);
        }
        join_glb(&json, parts.bin).ok_or_else(|| {
            ModelError::new(ErrorKind::Limit, "", "the model is larger than a GLB can be (4 GiB)")
                .with_remedy("split the model")
        })
    }

    fn json(&self, json: &[u8]) -> Result<Vec<u8>, ModelError> {
        let mut root: Value = serde_json::from_slice(json).map_err(|e| json_error(&e))?;
        for (list, names) in [("buffers", &self.buffers), ("images", &self.images)] {
            for (&i, name) in names {
                set(&mut root, list, i, "uri", name);
            }
        }
        for (&i, mime) in &self.types {
            set(&mut root, "images", i, "mimeType", mime);
        }
        if let Some(required) = root.get_mut("extensionsRequired").and_then(Value::as_array_mut) {
            required.retain(|name| name.as_str().is_none_or(|name| !self.dropped.iter().any(|d| d == name)));
            if required.is_empty()
                && let Some(root) = root.as_object_mut()
            {
                // An empty list is not allowed in glTF.
                root.remove("extensionsRequired");
            }
        }
        serde_json::to_vec(&root).map_err(|e| json_error(&e))
    }
}

fn set(root: &mut Value, list: &str, i: usize, key: &str, value: &str) {
    let item = root.get_mut(list).and_then(|list| list.get_mut(i)).and_then(Value::as_object_mut);
    if let Some(item) = item {
        item.insert(key.to_owned(), Value::String(value.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::container::split;

    fn plan() -> Rewrite {
        Rewrite {
            buffers: BTreeMap::from([(0, "buffer0.bin".into())]),
            images: BTreeMap::from([(1, "image1.png".into())]),
            types: BTreeMap::from([(0, "image/png")]),
            dropped: vec!["A".into()],
        }
    }

    #[test]
    fn names_types_and_requirements_change_and_nothing_else() {
        let before = br#"{"asset":{"version":"2.0"},"buffers":[{"uri":"../x","byteLength":3}],
            "images":[{"bufferView":0,"mimeType":"image/x"},{"uri":"a%20b.png","name":"n"}],
            "extensionsRequired":["A","B"],"extras":{"uri":"../y"}}"#;
        let after = plan().apply(&split(before).unwrap()).unwrap();
        let want = br#"{"asset":{"version":"2.0"},"buffers":[{"uri":"buffer0.bin","byteLength":3}],
            "images":[{"bufferView":0,"mimeType":"image/png"},{"uri":"image1.png","name":"n"}],
            "extensionsRequired":["B"],"extras":{"uri":"../y"}}"#;
        let value = |b: &[u8]| serde_json::from_slice::<Value>(b).unwrap();
        assert_eq!(value(&after), value(want));
    }

    #[test]
    fn an_empty_list_of_requirements_is_taken_out() {
        let after = plan().apply(&split(br#"{"extensionsRequired":["A"]}"#).unwrap()).unwrap();
        assert_eq!(after, b"{}");
    }

    #[test]
    fn a_glb_stays_a_glb_with_its_data() {
        let glb = join_glb(br#"{"extensionsRequired":["A"]}"#, Some(b"data")).unwrap();
        let after = plan().apply(&split(&glb).unwrap()).unwrap();
        let parts = split(&after).unwrap();
        assert_eq!((parts.json, parts.bin), (&b"{}  "[..], Some(&b"data"[..])));
    }
}
