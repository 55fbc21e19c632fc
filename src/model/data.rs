//! Buffers, views and accessors: that each reads inside its data, and what it reads.
//!
//! All arithmetic is checked. After this, every slice that the loader takes exists.

use gltf::json::accessor::{ComponentType, Type};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Root};

use super::error::{ErrorKind, ModelError};

/// A range of bytes of one buffer.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Distance of elements, bytes.
    pub stride: Option<usize>,
}

/// The elements of an accessor, checked to lie inside their data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    /// Number of elements, at least 1.
    pub count: usize,
    /// Type of the components.
    pub component: ComponentType,
    /// Scalar, vector or matrix.
    pub shape: Type,
    /// Integers stand for fractions.
    pub normalized: bool,
    base: Option<Run<'a>>,
    sparse: Option<Sparse<'a>>,
}

/// Replaced elements.
#[derive(Clone, Copy, Debug)]
struct Sparse<'a> {
    /// Which, rising.
    indices: Run<'a>,
    kind: ComponentType,
    values: Run<'a>,
}

/// Equally spaced elements.
#[derive(Clone, Copy, Debug)]
struct Run<'a> {
    bytes: &'a [u8],
    stride: usize,
    size: usize,
    count: usize,
}

impl<'a> Run<'a> {
    /// `count` elements of `size` bytes at `offset` in `view`, or `None` if they are not all there.
    fn new(view: View<'a>, offset: u64, size: usize, count: u64) -> Option<Self> {
        let stride = view.stride.unwrap_or(size);
        if stride < size || size == 0 {
            return None;
        }
        let count = usize::try_from(count).ok()?;
        let last = count.checked_sub(1)?.checked_mul(stride)?;
        let end = usize::try_from(offset).ok()?.checked_add(last)?.checked_add(size)?;
        let bytes = view.bytes.get(usize::try_from(offset).ok()?..end)?;
        Some(Self { bytes, stride, size, count })
    }

    fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.count).filter_map(move |i| {
            let start = i.checked_mul(self.stride)?;
            self.bytes.get(start..start.checked_add(self.size)?)
        })
    }
}

fn bad(place: String, what: impl Into<String>) -> ModelError {
    ModelError::new(ErrorKind::Data, place, what)
        .with_remedy("export the model again; `npx gltf-validator` shows every such mistake")
}

/// The views, each checked against its buffer, but for those that are not there yet.
pub(super) fn views<'a>(
    root: &Root,
    buffers: &[&'a [u8]],
    later: impl Fn(usize) -> bool,
) -> Result<Vec<View<'a>>, ModelError> {
    let mut out = Vec::with_capacity(root.buffer_views.len());
    for (i, view) in root.buffer_views.iter().enumerate() {
        let place = || format!("bufferViews[{i}]");
        let Some(buffer) = buffers.get(view.buffer.value()) else {
            return Err(missing_index(format!("bufferViews[{i}].buffer"), "buffer", view.buffer.value()));
        };
        let stride = view.byte_stride.map(|s| s.0);
        if stride.is_some_and(|s| !(4..=252).contains(&s)) {
            return Err(bad(place(), "the stride is not between 4 and 252 bytes"));
        }
        if later(i) {
            out.push(View { bytes: &[], stride });
            continue;
        }
        let start = view.byte_offset.map_or(0, |o| o.0);
        let range =
            usize::try_from(start).ok().zip(start.checked_add(view.byte_length.0).and_then(|e| e.try_into().ok()));
        let Some(bytes) = range.and_then(|(start, end): (usize, usize)| buffer.get(start..end)) else {
            return Err(bad(
                place(),
                format!(
                    "{} bytes at {start} reach past the end of their buffer ({} bytes)",
                    view.byte_length.0,
                    buffer.len()
                ),
            ));
        };
        out.push(View { bytes, stride });
    }
    Ok(out)
}

/// The accessors, each checked against its views.
pub(super) fn accessors<'a>(root: &Root, views: &[View<'a>]) -> Result<Vec<Elements<'a>>, ModelError> {
    root.accessors.iter().enumerate().map(|(i, a)| accessor(a, i, |view| views.get(view).copied())).collect()
}

/// One accessor, checked against its views.
pub(super) fn accessor<'a>(
    a: &Accessor,
    i: usize,
    views: impl Fn(usize) -> Option<View<'a>>,
) -> Result<Elements<'a>, ModelError> {
    let place = || format!("accessors[{i}]");
    let (Checked::Valid(component), Checked::Valid(shape)) = (&a.component_type, &a.type_) else {
        return Err(bad(place(), "the type or component type is none of glTF's"));
    };
    let (component, shape) = (component.0, *shape);
    let size = component.size() * shape.multiplicity();
    let count = usize::try_from(a.count.0).unwrap_or(usize::MAX);
    if count == 0 {
        return Err(
            bad(place(), "it is empty (count 0)").with_remedy("remove empty meshes before the model is exported")
        );
    }
    let view = |index: usize, key: &str| {
        views(index).ok_or_else(|| missing_index(format!("accessors[{i}].{key}"), "bufferView", index))
    };
    let base = match a.buffer_view {
        Some(index) => {
            let view = view(index.value(), "bufferView")?;
            let offset = a.byte_offset.map_or(0, |o| o.0);
            Some(Run::new(view, offset, size, a.count.0).ok_or_else(|| {
                bad(
                    place(),
                    format!(
                        "{count} elements of {size} bytes at {offset} do not fit their view ({} bytes)",
                        view.bytes.len()
                    ),
                )
            })?)
        }
        None => None,
    };
    let sparse = match &a.sparse {
        Some(sparse) => {
            let place = || format!("accessors[{i}].sparse");
            let Checked::Valid(kind) = &sparse.indices.component_type else {
                return Err(bad(place(), "the type of the indices is none of glTF's"));
            };
            let at = view(sparse.indices.buffer_view.value(), "sparse.indices.bufferView")?;
            let values = view(sparse.values.buffer_view.value(), "sparse.values.bufferView")?;
            let n = sparse.count.0;
            let indices = Run::new(at, sparse.indices.byte_offset.0, kind.0.size(), n);
            let values = Run::new(values, sparse.values.byte_offset.0, size, n);
            let (Some(indices), Some(values)) = (indices, values) else {
                return Err(bad(place(), format!("{n} replaced elements do not fit their views")));
            };
            let mut before = None;
            for index in indices.iter().filter_map(|b| unsigned(b, kind.0)) {
                if index as usize >= count || before.is_some_and(|b| index <= b) {
                    return Err(bad(place(), "the indices do not rise, or lie past the end"));
                }
                before = Some(index);
            }
            Some(Sparse { indices, kind: kind.0, values })
        }
        None => None,
    };
    // The specification reads such an accessor as zeros; the loader's glTF library refuses it.
    if base.is_none() && sparse.is_none() {
        return Err(bad(place(), "it has no data (neither a bufferView nor sparse values)")
            .with_remedy("export again with the data written out; compressed models must be decoded first"));
    }
    Ok(Elements { count, component, shape, normalized: a.normalized, base, sparse })
}

/// The index `index` of a `what` at `place` points at nothing.
pub(super) fn missing_index(place: String, what: &str, index: usize) -> ModelError {
    ModelError::new(ErrorKind::Index, place, format!("there is no {what} {index}"))
        .with_remedy("export the model again; `npx gltf-validator` shows every such mistake")
}

fn unsigned(bytes: &[u8], kind: ComponentType) -> Option<u32> {
    Some(match kind {
        ComponentType::U8 => u32::from(*bytes.first()?),
        ComponentType::U16 => u32::from(u16::from_le_bytes(bytes.get(..2)?.try_into().ok()?)),
        ComponentType::U32 => u32::from_le_bytes(bytes.get(..4)?.try_into().ok()?),
        _ => return None,
    })
}

/// One component as a number.
fn number(bytes: &[u8], kind: ComponentType, normalized: bool) -> f32 {
    let array = |n: usize| {
        let mut out = [0; 4];
        out.iter_mut().zip(bytes.iter().take(n)).for_each(|(to, &from)| *to = from);
        out
    };
    let [a, b, ..] = array(2);
    let (value, whole) = match kind {
        ComponentType::I8 => (f32::from(a as i8), f32::from(i8::MAX)),
        ComponentType::U8 => (f32::from(a), f32::from(u8::MAX)),
        ComponentType::I16 => (f32::from(i16::from_le_bytes([a, b])), f32::from(i16::MAX)),
        ComponentType::U16 => (f32::from(u16::from_le_bytes([a, b])), f32::from(u16::MAX)),
        ComponentType::U32 => (u32::from_le_bytes(array(4)) as f32, u32::MAX as f32),
        ComponentType::F32 => return f32::from_le_bytes(array(4)),
    };
    if normalized { (value / whole).max(-1.0) } else { value }
}

impl<'a> Elements<'a> {
    /// Elements of exactly this type, not normalized.
    pub(super) fn is(&self, component: ComponentType, shape: Type) -> bool {
        self.component == component && self.shape == shape && !self.normalized
    }

    /// Base and replaced elements, in no order of meaning.
    fn all(&self) -> impl Iterator<Item = &'a [u8]> {
        self.base.into_iter().chain(self.sparse.map(|sparse| sparse.values)).flat_map(Run::iter)
    }

    /// Bytes of all elements, packed; `None` if that is no number.
    pub(super) fn packed_size(&self) -> Option<usize> {
        self.count.checked_mul(self.component.size() * self.shape.multiplicity())
    }

    /// The elements one after the other, replacements in their places. The caller has asked for
    /// [`packed_size`](Self::packed_size) and can afford it.
    pub(super) fn packed(&self) -> Vec<u8> {
        let size = self.component.size() * self.shape.multiplicity();
        let mut out = match self.base {
            Some(base) if base.stride == size => base.bytes.to_vec(),
            Some(base) => {
                let mut out = Vec::with_capacity(self.count * size);
                base.iter().for_each(|element| out.extend_from_slice(element));
                out
            }
            None => vec![0; self.count * size],
        };
        if let Some(Sparse { indices, kind, values }) = self.sparse {
            for (index, value) in indices.iter().zip(values.iter()) {
                let at = unsigned(index, kind).map_or(usize::MAX, |index| index as usize).saturating_mul(size);
                if let Some(place) = at.checked_add(size).and_then(|end| out.get_mut(at..end)) {
                    place.copy_from_slice(value);
                }
            }
        }
        out
    }

    /// The numbers of all elements one after the other; integers that stand for fractions as those fractions
    /// (glTF 2.0, section 3.11).
    pub(super) fn floats(&self) -> Vec<f32> {
        let (kind, normalized) = (self.component, self.normalized);
        self.packed().chunks_exact(kind.size().max(1)).map(|bytes| number(bytes, kind, normalized)).collect()
    }

    /// Unsigned scalars.
    pub(super) fn unsigned(&self) -> Vec<u32> {
        let kind = self.component;
        self.packed().chunks_exact(kind.size().max(1)).map(|bytes| unsigned(bytes, kind).unwrap_or(0)).collect()
    }

    /// The largest of unsigned scalars. Replaced values count as well: a few too many rather than one too few.
    pub(super) fn largest(&self) -> Option<u32> {
        let kind = self.component;
        self.all().filter_map(|bytes| unsigned(bytes, kind)).max()
    }

    /// The extent of `f32` 3-vectors, or how many of them are not finite.
    pub(super) fn extent(&self) -> Result<[[f64; 3]; 2], usize> {
        let (mut min, mut max, mut broken) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3], 0usize);
        for bytes in self.all() {
            let mut finite = true;
            for ((part, min), max) in bytes.chunks_exact(4).zip(&mut min).zip(&mut max) {
                let x = f64::from(f32::from_le_bytes(part.try_into().unwrap_or_default()));
                finite &= x.is_finite();
                (*min, *max) = (min.min(x), max.max(x));
            }
            broken += usize::from(!finite);
        }
        if self.base.is_none() {
            // Elements without a base are zero.
            (min, max) = (min.map(|x| x.min(0.0)), max.map(|x| x.max(0.0)));
        }
        if broken == 0 { Ok([min, max]) } else { Err(broken) }
    }
}
