//! What the loader does not read, made into what it does: a pre-pass over the bytes of a model.
//!
//! Compressed, quantized, sparse, instanced: all of it becomes plain glTF in one GLB with one new binary buffer. The
//! result goes through the whole check again, like a file that came so; nothing here has to be trusted.
//!
//! Invariants: what is made is charged to one budget before it is allocated; an extension is taken out of the model's
//! lists when nothing of it is left; a model that needs nothing is not touched.

mod basisu;
mod draco;
mod emit;
mod instances;
mod meshopt;
mod modes;
mod plain;
mod textures;
mod variants;

use std::borrow::Cow;
use std::collections::BTreeSet;

use gltf::json::accessor::{ComponentType, GenericComponentType, Type};
use gltf::json::buffer::View as JsonView;
use gltf::json::validation::{Checked, USize64};
use gltf::json::{Accessor, Buffer, Index, Root, Value};

use super::data::{self, Elements, View, missing_index};
use super::error::{ErrorKind, ModelError};
use super::files::Budget;
use super::limits::Limits;
use super::uri::Source;

pub(super) use variants::names as variants;

/// Extensions that are decoded here: the loader sees none of them.
pub(super) const HANDLED: &[&str] = &[
    draco::NAME,
    "EXT_meshopt_compression",
    "KHR_meshopt_compression",
    "KHR_mesh_quantization",
    instances::NAME,
    textures::READ[0].extension,
    textures::READ[1].extension,
    textures::UNREAD[0],
    textures::UNREAD[1],
];

/// A model made plain.
pub(super) struct Decoded {
    /// A GLB.
    pub bytes: Vec<u8>,
    /// What was done, one phrase each.
    pub done: Vec<String>,
    /// What was lost.
    pub warnings: Vec<String>,
}

/// Something in the model is not as the loader wants it.
pub(super) fn needed(root: &Root) -> bool {
    meshopt::found(root)
        || draco::found(root)
        || instances::found(root)
        || modes::found(root)
        || plain::found(root)
        || textures::found(root)
}

/// A buffer without data of its own, in the place of compressed views.
pub(super) fn stands_in(buffer: &Buffer) -> bool {
    meshopt::of_buffer(buffer).is_some()
}

/// Makes a model plain. `data` are its buffers; those that only stand in for compressed ones are empty.
pub(super) fn run(
    json: &[u8],
    root: Root,
    data: &[&[u8]],
    files: &mut Source<'_>,
    variant: Option<&str>,
    limits: &Limits,
) -> Result<Decoded, ModelError> {
    let mut work = Work::new(root, limits);
    work.views(data)?;
    if let Some(variant) = variant {
        variants::run(&mut work, variant)?;
    }
    draco::run(&mut work)?;
    plain::sparse(&mut work)?;
    modes::run(&mut work)?;
    plain::attributes(&mut work)?;
    instances::run(&mut work)?;
    textures::run(&mut work, files)?;
    emit::run(json, work)
}

/// A model while it is made plain.
struct Work<'a> {
    root: Root,
    /// The bytes of each view of `root`, in its order.
    held: Vec<Held<'a>>,
    /// Bytes that may still be made.
    budget: Budget,
    limits: &'a Limits,
    done: Vec<String>,
    warnings: Vec<String>,
}

/// A view: of the file, or made here.
struct Held<'a> {
    bytes: Cow<'a, [u8]>,
    stride: Option<usize>,
}

impl<'a> Work<'a> {
    fn new(root: Root, limits: &'a Limits) -> Self {
        let budget = Budget::new(limits.decoded_bytes);
        Self { root, held: Vec::new(), budget, limits, done: Vec::new(), warnings: Vec::new() }
    }

    /// Fills in the bytes of all views, decoding those that are compressed.
    fn views(&mut self, data: &[&'a [u8]]) -> Result<(), ModelError> {
        let plain = data::views(&self.root, data, |i| meshopt::of_view(&self.root, i).is_some())?;
        let mut held: Vec<Held<'a>> =
            plain.into_iter().map(|view| Held { bytes: Cow::Borrowed(view.bytes), stride: view.stride }).collect();
        let mut decoded = 0usize;
        for (i, held) in held.iter_mut().enumerate() {
            let Some((name, extension)) = meshopt::of_view(&self.root, i) else { continue };
            held.bytes = Cow::Owned(meshopt::decode(extension, name, i, data, &mut self.budget)?);
            decoded += 1;
        }
        self.held = held;
        self.tell(decoded, "buffer view", "of meshopt compression");
        Ok(())
    }

    /// Notes what was done, if it was.
    fn tell(&mut self, n: usize, what: &str, how: &str) {
        if n > 0 {
            self.done.push(format!("{n} {what}{} {how}", if n == 1 { "" } else { "s" }));
        }
    }

    /// The elements of an accessor, which `place` asks for.
    fn elements(&self, accessor: usize, place: &str) -> Result<Elements<'_>, ModelError> {
        let Some(found) = self.root.accessors.get(accessor) else {
            return Err(missing_index(place.to_owned(), "accessor", accessor));
        };
        data::accessor(found, accessor, |view| {
            self.held.get(view).map(|held| View { bytes: held.bytes.as_ref(), stride: held.stride })
        })
    }

    /// Charges for elements that are about to be made: `each` bytes for every one of `count`.
    fn charge(&mut self, count: usize, each: usize, place: &str) -> Result<(), ModelError> {
        self.budget.take((count as u64).saturating_mul(each as u64), place)
    }

    /// One more view, whose bytes were charged before.
    fn add_view(&mut self, bytes: Vec<u8>) -> Result<Index<JsonView>, ModelError> {
        let index = index(self.root.buffer_views.len())?;
        self.root.buffer_views.push(JsonView {
            buffer: Index::new(0),
            byte_length: USize64(bytes.len() as u64),
            byte_offset: None,
            byte_stride: None,
            name: None,
            target: None,
            extensions: None,
            extras: None,
        });
        self.held.push(Held { bytes: Cow::Owned(bytes), stride: None });
        Ok(index)
    }

    /// One more accessor over a view of its own, whose bytes were charged before.
    fn add_accessor(&mut self, new: New) -> Result<Index<Accessor>, ModelError> {
        let (min, max) = match new.component {
            ComponentType::F32 if new.shape == Type::Vec3 => bounds(&new.bytes),
            _ => (None, None),
        };
        let count = new.bytes.len() / (new.component.size() * new.shape.multiplicity()).max(1);
        let view = self.add_view(new.bytes)?;
        let index = index(self.root.accessors.len())?;
        self.root.accessors.push(Accessor {
            buffer_view: Some(view),
            byte_offset: None,
            count: USize64(count as u64),
            component_type: Checked::Valid(GenericComponentType(new.component)),
            extensions: None,
            extras: None,
            type_: Checked::Valid(new.shape),
            min,
            max,
            name: None,
            normalized: new.normalized,
            sparse: None,
        });
        Ok(index)
    }
}

/// The contents of a new accessor.
struct New {
    bytes: Vec<u8>,
    component: ComponentType,
    shape: Type,
    normalized: bool,
}

impl New {
    fn floats(values: &[f32], shape: Type) -> Self {
        let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { bytes, component: ComponentType::F32, shape, normalized: false }
    }

    /// Indices, in 16 bits if they fit (65,535 restarts a strip).
    fn indices(values: &[u32]) -> Self {
        let short = values.iter().all(|&i| i < 0xffff);
        let (bytes, component) = if short {
            (values.iter().flat_map(|&i| (i as u16).to_le_bytes()).collect(), ComponentType::U16)
        } else {
            (values.iter().flat_map(|&i| i.to_le_bytes()).collect(), ComponentType::U32)
        };
        Self { bytes, component, shape: Type::Scalar, normalized: false }
    }
}

/// Smallest and largest of float 3-vectors, component by component. What is not finite is left to the check.
fn bounds(bytes: &[u8]) -> (Option<Value>, Option<Value>) {
    let (mut min, mut max) = ([f32::INFINITY; 3], [f32::NEG_INFINITY; 3]);
    for vector in bytes.chunks_exact(12) {
        for ((part, min), max) in vector.chunks_exact(4).zip(&mut min).zip(&mut max) {
            let x = f32::from_le_bytes(part.try_into().unwrap_or_default());
            (*min, *max) = (min.min(x), max.max(x));
        }
    }
    let value = |corner: [f32; 3]| Some(Value::from(corner.to_vec()));
    (value(min), value(max))
}

fn index<T>(n: usize) -> Result<Index<T>, ModelError> {
    u32::try_from(n).map(Index::new).map_err(|_| {
        ModelError::new(ErrorKind::Limit, "", "more objects than a glTF can hold").with_remedy("split the model")
    })
}

/// Something in an extension is not as it should be.
fn bad(place: impl Into<String>, what: impl Into<String>) -> ModelError {
    ModelError::new(ErrorKind::Data, place, what)
        .with_remedy("compress the model again from its source, or export it without compression")
}

/// The names of `list` without those handled here.
fn unhandled(list: &[String]) -> Vec<String> {
    let handled: BTreeSet<&str> = HANDLED.iter().copied().collect();
    list.iter().filter(|name| !handled.contains(name.as_str())).cloned().collect()
}
