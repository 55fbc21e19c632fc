//! A first look at the JSON: depth, counts and extensions, before anything is built from it.
//!
//! Two passes over the bytes, neither of which allocates by the size of the file. After them the JSON can be parsed
//! without filling the stack or the memory.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::error::{ErrorKind, ModelError};
use super::files::mebibytes;
use super::limits::Limits;
use super::scan;

/// What the first look tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// `asset.version`.
    pub version: Option<String>,
    /// `asset.generator`.
    pub generator: Option<String>,
    /// `asset.copyright`.
    pub copyright: Option<String>,
    /// `extensionsUsed`.
    pub used: Vec<String>,
    /// `extensionsRequired`.
    pub required: Vec<String>,
}

/// More extensions than exist mean nothing good.
const MOST_EXTENSIONS: usize = 1_000;

/// Looks at JSON that nobody trusts.
pub(super) fn read(json: &[u8], limits: &Limits) -> Result<Head, ModelError> {
    if json.len() > limits.json_bytes {
        let what = format!("the JSON is larger than {}", mebibytes(limits.json_bytes as u64));
        return Err(ModelError::new(ErrorKind::Limit, "", what)
            .with_remedy("take large extras out of the model, or split it, before it is exported"));
    }
    scan::check(json, limits)?;
    let look = Look { limits, head: RefCell::default(), over: RefCell::default() };
    let mut de = serde_json::Deserializer::from_slice(json);
    let result = (&look).deserialize(&mut de).and_then(|()| de.end());
    if let Some(over) = look.over.into_inner() {
        return Err(over);
    }
    result.map_err(|e| json_error(&e))?;
    let head = look.head.into_inner();
    match head.version.as_deref() {
        Some("2.0") => Ok(head),
        Some(v) if v.starts_with("2.") => Ok(head),
        Some(v) => Err(ModelError::new(ErrorKind::Json, "asset.version", format!("glTF {v}, only 2.0 is read"))
            .with_remedy("export the model as glTF 2.0")),
        None => Err(ModelError::new(ErrorKind::Json, "asset.version", "no glTF version is given")
            .with_remedy("export the model as glTF 2.0; other JSON is not a model")),
    }
}

/// An error of serde_json, with its line and column.
pub(super) fn json_error(e: &serde_json::Error) -> ModelError {
    ModelError::new(ErrorKind::Json, "", format!("the JSON is not that of a glTF model: {e}"))
        .with_remedy("export the model again, and see what `npx gltf-validator` says about it")
}

pub(super) fn too_many(place: &str, what: &str, most: usize) -> ModelError {
    ModelError::new(ErrorKind::Limit, place, format!("more than {most} {what}"))
        .with_remedy("split the model, or simplify it before it is exported")
}

struct Look<'a> {
    limits: &'a Limits,
    head: RefCell<Head>,
    /// Why the parse was given up, if it was a limit.
    over: RefCell<Option<ModelError>>,
}

impl Look<'_> {
    fn most(&self, key: &str) -> Option<usize> {
        let l = self.limits;
        Some(match key {
            "nodes" => l.nodes,
            "meshes" => l.meshes,
            "accessors" | "bufferViews" => l.accessors,
            "buffers" => l.buffers,
            "materials" => l.materials,
            "textures" | "images" | "samplers" => l.textures,
            "animations" | "cameras" | "skins" | "scenes" => l.others,
            _ => return None,
        })
    }
}

/// The whole document.
impl<'de> DeserializeSeed<'de> for &Look<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &Look<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a glTF document")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "asset" => {
                    let asset: Asset = map.next_value()?;
                    let mut head = self.head.borrow_mut();
                    (head.version, head.generator) = (asset.version, asset.generator);
                    head.copyright = asset.copyright;
                }
                "extensionsUsed" => {
                    let names = map.next_value_seed(Names(self, "extensionsUsed"))?;
                    self.head.borrow_mut().used = names;
                }
                "extensionsRequired" => {
                    let names = map.next_value_seed(Names(self, "extensionsRequired"))?;
                    self.head.borrow_mut().required = names;
                }
                "meshes" => map.next_value_seed(Meshes(self))?,
                key => match self.most(key) {
                    Some(most) => map.next_value_seed(Counted { look: self, key, most })?,
                    None => {
                        map.next_value::<IgnoredAny>()?;
                    }
                },
            }
        }
        Ok(())
    }
}

#[derive(serde::Deserialize)]
struct Asset {
    version: Option<String>,
    generator: Option<String>,
    copyright: Option<String>,
}

/// A list of extension names.
struct Names<'a, 'l>(&'a Look<'l>, &'static str);

impl<'de> DeserializeSeed<'de> for Names<'_, '_> {
    type Value = Vec<String>;
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Self::Value, D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Names<'_, '_> {
    type Value = Vec<String>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of extension names")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut out = Vec::new();
        while let Some(name) = seq.next_element::<String>()? {
            if out.len() == MOST_EXTENSIONS {
                self.0.over.replace(Some(too_many(self.1, "extensions", MOST_EXTENSIONS)));
                return Err(A::Error::custom("limit"));
            }
            out.push(name);
        }
        Ok(out)
    }
}

/// An array of which only the length matters.
struct Counted<'a, 'l> {
    look: &'a Look<'l>,
    key: &'a str,
    most: usize,
}

impl<'de> DeserializeSeed<'de> for Counted<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Counted<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an array of {}", self.key)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut n = 0usize;
        while seq.next_element::<IgnoredAny>()?.is_some() {
            n += 1;
            if n > self.most {
                self.look.over.replace(Some(too_many(self.key, self.key, self.most)));
                return Err(A::Error::custom("limit"));
            }
        }
        Ok(())
    }
}

/// The meshes, counted with their primitives.
struct Meshes<'a, 'l>(&'a Look<'l>);

impl<'de> DeserializeSeed<'de> for Meshes<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Meshes<'_, '_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of meshes")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let (mut meshes, mut primitives) = (0usize, 0usize);
        while let Some(n) = seq.next_element::<MeshHead>()? {
            meshes += 1;
            primitives = primitives.saturating_add(n.0);
            let limits = self.0.limits;
            if meshes > limits.meshes {
                self.0.over.replace(Some(too_many("meshes", "meshes", limits.meshes)));
                return Err(A::Error::custom("limit"));
            }
            if primitives > limits.primitives {
                self.0.over.replace(Some(too_many("meshes", "primitives", limits.primitives)));
                return Err(A::Error::custom("limit"));
            }
        }
        Ok(())
    }
}

/// One mesh: the number of its primitives. A `primitives` of another type is left to the real parse.
struct MeshHead(usize);

impl<'de> serde::Deserialize<'de> for MeshHead {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = MeshHead;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mesh")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MeshHead, A::Error> {
                let mut n = 0usize;
                while let Some(key) = map.next_key::<String>()? {
                    if key == "primitives" {
                        n = n.saturating_add(map.next_value::<Length>()?.0);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(MeshHead(n))
            }
        }
        d.deserialize_map(V)
    }
}

/// The length of an array. Bounded by the number of objects, which was counted before.
struct Length(usize);

impl<'de> serde::Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Length;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Length, A::Error> {
                let mut n = 0usize;
                while seq.next_element::<IgnoredAny>()?.is_some() {
                    n = n.saturating_add(1);
                }
                Ok(Length(n))
            }
        }
        d.deserialize_seq(V)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Limits {
        Limits { json_bytes: 10_000, nodes: 3, meshes: 3, primitives: 4, ..Limits::default() }
    }

    #[track_caller]
    fn refused(json: &str, kind: ErrorKind, says: &str) {
        let e = read(json.as_bytes(), &small()).unwrap_err();
        assert_eq!(e.kind, kind, "{e}");
        assert!(e.to_string().contains(says), "{e}");
        assert!(!e.remedy.is_empty());
    }

    #[test]
    fn version_generator_copyright_and_extensions_are_read() {
        let head = read(
            br#"{"asset":{"version":"2.0","generator":"g","copyright":"c","x":[1]},"extensionsUsed":["A","B"],"extensionsRequired":["A"]}"#,
            &small(),
        )
        .unwrap();
        assert_eq!(
            head,
            Head {
                version: Some("2.0".into()),
                generator: Some("g".into()),
                copyright: Some("c".into()),
                used: vec!["A".into(), "B".into()],
                required: vec!["A".into()]
            }
        );
    }

    #[test]
    fn another_version_is_refused() {
        refused(r#"{"asset":{"version":"1.0"}}"#, ErrorKind::Json, "glTF 1.0");
        refused(r#"{"asset":{}}"#, ErrorKind::Json, "no glTF version");
        refused("{}", ErrorKind::Json, "no glTF version");
    }

    #[test]
    fn counts_are_bounded() {
        refused(r#"{"nodes":[{},{},{},{}]}"#, ErrorKind::Limit, "more than 3 nodes");
        refused(r#"{"meshes":[{},{},{},{}]}"#, ErrorKind::Limit, "more than 3 meshes");
        let prims = r#"{"meshes":[{"primitives":[{},{},{}]},{"primitives":[{},{}]}]}"#;
        refused(prims, ErrorKind::Limit, "more than 4 primitives");
        let long = format!(r#"{{"asset":{{"version":"2.0"}},"extras":"{}"}}"#, "x".repeat(20_000));
        refused(&long, ErrorKind::Limit, "larger than 10 KiB");
        let names = vec!["\"A\""; 1_100].join(",");
        refused(&format!(r#"{{"extensionsUsed":[{names}]}}"#), ErrorKind::Limit, "extensions");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in ["{", "{\"a\":}", "[]", "{} x", "{\"a\":1e999}", "{\"nodes\":{}}", "{\"extensionsUsed\":[1]}"] {
            let e = read(text.as_bytes(), &small()).unwrap_err();
            assert_eq!(e.kind, ErrorKind::Json, "{text}");
        }
        assert_eq!(read(b"{\"\xff\":1}", &small()).unwrap_err().kind, ErrorKind::Json);
    }
}
