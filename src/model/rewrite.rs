//! The model as the loader gets it: every file that it names has a name of ours, beside it, in memory.
//!
//! Nothing else of the model changes. A file that needs no change is handed on as it came.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer as _, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

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
        let json = if self.is_empty() {
            parts.json.to_vec()
        } else {
            self.json(parts.json).map_err(|e| json_error(&e))?.into_bytes()
        };
        if !parts.binary {
            return Ok(json);
        }
        join_glb(&json, parts.bin).ok_or_else(|| {
            ModelError::new(ErrorKind::Limit, "", "the model is larger than a GLB can be (4 GiB)")
                .with_remedy("split the model")
        })
    }

    /// Values that stay are copied as text: a tree of them would take thirty times the bytes.
    fn json(&self, json: &[u8]) -> serde_json::Result<String> {
        let root: &RawValue = serde_json::from_slice(json)?;
        let mut out = String::with_capacity(json.len());
        out.push('{');
        walk(root, |key, value| {
            let made = match key {
                "buffers" => list(value, |i| vec![("uri", self.buffers.get(&i).map(String::as_str))])?,
                "images" => list(value, |i| {
                    let name = self.images.get(&i).map(String::as_str);
                    vec![("uri", name), ("mimeType", self.types.get(&i).copied())]
                })?,
                "extensionsRequired" => {
                    let mut names: Vec<String> = serde_json::from_str(value.get())?;
                    names.retain(|name| !self.dropped.contains(name));
                    if names.is_empty() {
                        // An empty list is not allowed in glTF.
                        return Ok(());
                    }
                    serde_json::to_string(&names)?
                }
                _ => return member(&mut out, key, value.get()),
            };
            member(&mut out, key, &made)
        })?;
        out.push('}');
        Ok(out)
    }
}

/// A list of objects, in each of which some keys get a new value (`None`: they stay as they are).
fn list<'a>(
    list: &RawValue,
    change: impl Fn(usize) -> Vec<(&'static str, Option<&'a str>)>,
) -> serde_json::Result<String> {
    let mut out = String::from("[");
    let mut i = 0;
    walk(list, |_, item| {
        let new: Vec<_> = change(i).into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        out.push_str(if i > 0 { ",{" } else { "{" });
        i += 1;
        walk(item, |key, value| {
            if new.iter().any(|(changed, _)| *changed == key) { Ok(()) } else { member(&mut out, key, value.get()) }
        })?;
        for (key, value) in &new {
            member(&mut out, key, &serde_json::to_string(value)?)?;
        }
        out.push('}');
        Ok(())
    })?;
    out.push(']');
    Ok(out)
}

/// Writes one more member of the object that is open.
pub(super) fn member(out: &mut String, key: &str, value: &str) -> serde_json::Result<()> {
    if !out.ends_with('{') {
        out.push(',');
    }
    out.push_str(&serde_json::to_string(key)?);
    out.push(':');
    out.push_str(value);
    Ok(())
}

/// Calls `each` with the members of an object, or of a list (then without a key), one after the other.
pub(super) fn walk(
    value: &RawValue,
    each: impl FnMut(&str, &RawValue) -> serde_json::Result<()>,
) -> serde_json::Result<()> {
    struct Walk<F>(F);
    impl<'de, F: FnMut(&str, &RawValue) -> serde_json::Result<()>> Visitor<'de> for Walk<F> {
        type Value = ();
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or a list")
        }
        fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
            while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                (self.0)(&key, value).map_err(A::Error::custom)?;
            }
            Ok(())
        }
        fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
            while let Some(value) = seq.next_element::<&RawValue>()? {
                (self.0)("", value).map_err(A::Error::custom)?;
            }
            Ok(())
        }
    }
    serde_json::Deserializer::from_str(value.get()).deserialize_any(Walk(each))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::container::split;
    use serde_json::Value;

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
    fn what_stays_is_copied_as_text() {
        // A tree of values would write these numbers in its own way.
        let before = r#"{"extras":[ 0, 1.50 ],"buffers":[{"extras":{ "n":1E2 },"uri":"x"},{"uri":"y" }],"x":"\u0041"}"#;
        let after = plan().apply(&split(before.as_bytes()).unwrap()).unwrap();
        let want =
            r#"{"extras":[ 0, 1.50 ],"buffers":[{"extras":{ "n":1E2 },"uri":"buffer0.bin"},{"uri":"y"}],"x":"\u0041"}"#;
        assert_eq!(String::from_utf8(after).unwrap(), want);
    }

    #[test]
    fn a_key_that_is_spelt_with_escapes_is_changed_all_the_same() {
        let after = plan().apply(&split(br#"{"\u0062uffers":[{"ur\u0069":"../x"}]}"#).unwrap()).unwrap();
        assert_eq!(after, br#"{"buffers":[{"uri":"buffer0.bin"}]}"#);
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
