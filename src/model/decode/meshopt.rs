//! `EXT_meshopt_compression` and its successor `KHR_meshopt_compression`: buffer views that the meshopt library packed.

use gltf::json::{Buffer, Root, Value};
use serde_json::Map;

use super::bad;
use crate::model::error::{ErrorKind, ModelError};
use crate::model::files::Budget;

const NAMES: [&str; 2] = ["EXT_meshopt_compression", "KHR_meshopt_compression"];

fn named(others: &Map<String, Value>) -> Option<(&'static str, &Value)> {
    NAMES.iter().find_map(|&name| Some((name, others.get(name)?)))
}

/// Something in the model is packed so.
pub(super) fn found(root: &Root) -> bool {
    (0..root.buffer_views.len()).any(|i| of_view(root, i).is_some())
        || root.buffers.iter().any(|buffer| of_buffer(buffer).is_some())
}

/// The extension of a buffer.
pub(super) fn of_buffer(buffer: &Buffer) -> Option<&Value> {
    named(&buffer.extensions.as_ref()?.others).map(|(_, value)| value)
}

/// The extension of a view, and which of the two it is.
pub(super) fn of_view(root: &Root, view: usize) -> Option<(&'static str, &Value)> {
    named(&root.buffer_views.get(view)?.extensions.as_ref()?.others)
}

/// What the extension says of a view.
struct Packed<'a> {
    bytes: &'a [u8],
    stride: usize,
    count: usize,
    mode: &'a str,
    filter: &'a str,
}

impl<'a> Packed<'a> {
    fn read(extension: &'a Value, place: &str, data: &[&'a [u8]]) -> Result<Self, ModelError> {
        let number = |key: &str| match extension.get(key) {
            Some(value) => value.as_u64().and_then(|n| usize::try_from(n).ok()),
            None => None,
        };
        let need = |key: &str| number(key).ok_or_else(|| bad(place, format!("{key} is no number")));
        let text = |key: &str, default: &'static str| match extension.get(key) {
            Some(value) => value.as_str().ok_or_else(|| bad(place, format!("{key} is no text"))),
            None => Ok(default),
        };
        let buffer = need("buffer")?;
        let start = if extension.get("byteOffset").is_some() { need("byteOffset")? } else { 0 };
        let length = need("byteLength")?;
        let all = data.get(buffer).ok_or_else(|| bad(place, format!("there is no buffer {buffer}")))?;
        let bytes = start
            .checked_add(length)
            .and_then(|end| all.get(start..end))
            .ok_or_else(|| bad(place, format!("{length} bytes at {start} reach past the end of their buffer")))?;
        Ok(Self {
            bytes,
            stride: need("byteStride")?,
            count: need("count")?,
            mode: text("mode", "")?,
            filter: text("filter", "NONE")?,
        })
    }
}

/// The plain bytes of a view.
pub(super) fn decode(
    extension: &Value,
    name: &str,
    view: usize,
    data: &[&[u8]],
    budget: &mut Budget,
) -> Result<Vec<u8>, ModelError> {
    let place = format!("bufferViews[{view}].extensions.{name}");
    let packed = Packed::read(extension, &place, data)?;
    let Packed { bytes, stride, count, mode, filter } = packed;
    let is_index = matches!(stride, 2 | 4);
    let fits = match mode {
        "ATTRIBUTES" => stride % 4 == 0 && (4..=256).contains(&stride),
        "TRIANGLES" => is_index && count % 3 == 0,
        "INDICES" => is_index,
        other => {
            return Err(ModelError::new(ErrorKind::Extension, place, format!("the mode {other:?} is not known"))
                .with_remedy("export without meshopt compression, or with one of ATTRIBUTES, TRIANGLES and INDICES"));
        }
    };
    let known = match filter {
        "NONE" | "EXPONENTIAL" => true,
        "OCTAHEDRAL" | "COLOR" => matches!(stride, 4 | 8),
        "QUATERNION" => stride == 8,
        _ => false,
    };
    if !known {
        let what = format!("the filter {filter:?} is not known, or not for elements of {stride} bytes");
        return Err(ModelError::new(ErrorKind::Extension, place, what)
            .with_remedy("export without filters, or without meshopt compression"));
    }
    if !fits || count == 0 {
        return Err(bad(place, format!("{count} elements of {stride} bytes cannot be {mode}")));
    }
    budget.take((count as u64).saturating_mul(stride as u64), &place)?;
    let broken = |_| bad(place.as_str(), "the compressed data is damaged");
    let mut out = match mode {
        "ATTRIBUTES" => vertices(bytes, count, stride).map_err(broken)?,
        "TRIANGLES" if stride == 2 => bytes_of(meshopt::decode_index_buffer::<u16>(bytes, count).map_err(broken)?),
        "TRIANGLES" => bytes_of(meshopt::decode_index_buffer::<u32>(bytes, count).map_err(broken)?),
        _ if stride == 2 => bytes_of(meshopt::decode_index_sequence::<u16>(bytes, count).map_err(broken)?),
        _ => bytes_of(meshopt::decode_index_sequence::<u32>(bytes, count).map_err(broken)?),
    };
    match (filter, stride) {
        ("OCTAHEDRAL", 4) => filtered::<i8, 4>(&mut out, meshopt::decode_filter_oct),
        ("OCTAHEDRAL", 8) => filtered::<i16, 4>(&mut out, meshopt::decode_filter_oct),
        ("QUATERNION", 8) => filtered::<i16, 4>(&mut out, meshopt::decode_filter_quat),
        // Each word on its own, whatever the stride.
        ("EXPONENTIAL", _) => filtered::<u32, 1>(&mut out, meshopt::decode_filter_exp),
        ("COLOR", 4) => filtered::<u8, 4>(&mut out, meshopt::decode_filter_color),
        ("COLOR", 8) => filtered::<u16, 4>(&mut out, meshopt::decode_filter_color),
        // Asked before.
        _ => {}
    }
    Ok(out)
}

/// Undoes a filter in place.
fn filtered<C: bytemuck::Pod, const N: usize>(bytes: &mut Vec<u8>, undo: impl FnOnce(&mut [[C; N]]))
where
    [C; N]: bytemuck::Pod,
{
    let mut typed: Vec<[C; N]> = bytes.chunks_exact(size_of::<[C; N]>()).map(bytemuck::pod_read_unaligned).collect();
    undo(&mut typed);
    *bytes = bytes_of(typed);
}

fn bytes_of<T: bytemuck::Pod>(values: Vec<T>) -> Vec<u8> {
    bytemuck::cast_slice(&values).to_vec()
}

/// One element of a stride that is known when this is compiled: the library's safe interface takes no other.
#[derive(Clone, Copy)]
struct Element<const N: usize>([u8; N]);

impl<const N: usize> Default for Element<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

/// Decodes vertices of `stride` bytes.
fn vertices(bytes: &[u8], count: usize, stride: usize) -> meshopt::Result<Vec<u8>> {
    fn of<const N: usize>(bytes: &[u8], count: usize) -> meshopt::Result<Vec<u8>> {
        let elements = meshopt::decode_vertex_buffer::<Element<N>>(bytes, count)?;
        let mut out = Vec::with_capacity(count * N);
        elements.iter().for_each(|element| out.extend_from_slice(&element.0));
        Ok(out)
    }
    macro_rules! strides {
        ($($n:literal)*) => {
            match stride {
                $($n => of::<$n>(bytes, count),)*
                // Asked before.
                _ => Ok(Vec::new()),
            }
        };
    }
    strides!(
        4 8 12 16 20 24 28 32 36 40 44 48 52 56 60 64 68 72 76 80 84 88 92 96 100 104 108 112 116 120 124 128
        132 136 140 144 148 152 156 160 164 168 172 176 180 184 188 192 196 200 204 208 212 216 220 224 228 232
        236 240 244 248 252 256
    )
}
