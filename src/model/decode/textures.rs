//! Textures in formats that the loader does not read: WebP and Basis Universal become PNG; of the others the plain
//! texture that the file gives beside them is shown, or a neutral one and a warning.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::panic::AssertUnwindSafe;

use gltf::json::image::MimeType;
use gltf::json::{Image, Index, Root, Texture};
use image::ExtendedColorType;
use image::ImageEncoder as _;

use super::{Work, bad, basisu, index};
use crate::model::data::missing_index;
use crate::model::error::ModelError;
use crate::model::limits::Limits;
use crate::model::uri::Source;

/// A format that becomes PNG.
pub(super) struct Read {
    /// The extension that gives it to a texture.
    pub extension: &'static str,
    mime: &'static str,
    name: &'static str,
    /// At most so many bytes of pixels; the error is a few words.
    decode: fn(&[u8], &Limits, u64) -> Result<Picture, String>,
}

/// What is read.
pub(super) const READ: [Read; 2] = [
    Read { extension: "EXT_texture_webp", mime: "image/webp", name: "WebP", decode: webp },
    Read { extension: "KHR_texture_basisu", mime: "image/ktx2", name: "Basis Universal", decode: basisu::decode },
];
/// What is not.
pub(super) const UNREAD: [&str; 2] = ["EXT_texture_avif", "MSFT_texture_dds"];
/// What to do about those.
const CONVERT: &str = "convert the textures: `npx @gltf-transform/cli png in.glb out.glb`";
/// What to do about one that is damaged, too large, or of a kind that glTF does not know.
const EXPORT: &str = "export the model with PNG or JPEG textures";
/// What the glTF library reads for a missing index.
const MISSING: usize = u32::MAX as usize;

/// The image that an extension gives a texture.
fn source_of(texture: &Texture, name: &str) -> Option<usize> {
    let value = texture.extensions.as_ref()?.others.get(name)?.get("source")?.as_u64()?;
    usize::try_from(value).ok()
}

/// How an image says that it is to be read.
fn read_by_type(image: &Image) -> Option<&'static Read> {
    let mime = &image.mime_type.as_ref()?.0;
    READ.iter().find(|read| read.mime == mime)
}

/// Some texture is in such a format.
pub(super) fn found(root: &Root) -> bool {
    let names = || READ.iter().map(|read| read.extension).chain(UNREAD);
    root.images.iter().any(|image| read_by_type(image).is_some())
        || root.textures.iter().any(|texture| names().any(|name| source_of(texture, name).is_some()))
}

/// Converts what can be, and puts neutral textures in the place of the rest.
pub(super) fn run(work: &mut Work<'_>, files: &mut Source<'_>) -> Result<(), ModelError> {
    let typed = work.root.images.iter().enumerate().filter_map(|(i, image)| Some((i, read_by_type(image)?)));
    let mut coded: BTreeMap<usize, &Read> = typed.collect();
    let mut textures = std::mem::take(&mut work.root.textures);
    for (t, texture) in textures.iter_mut().enumerate() {
        for read in &READ {
            let plain = texture.source.value() != MISSING;
            let Some(image) = source_of(texture, read.extension).filter(|_| !plain) else { continue };
            if image >= work.root.images.len() {
                let place = format!("textures[{t}].extensions.{}.source", read.extension);
                return Err(missing_index(place, "image", image));
            }
            texture.source = index(image)?;
            coded.insert(image, read);
        }
        for name in UNREAD {
            if source_of(texture, name).is_none() {
                continue;
            }
            let instead = if texture.source.value() == MISSING {
                texture.source = neutral(work, t)?;
                "a neutral one is shown"
            } else {
                "the plain one beside it is shown"
            };
            work.warnings.push(format!("textures[{t}] is a {name}, which is not read: {instead}; {CONVERT}"));
        }
        if let Some(extensions) = &mut texture.extensions {
            let known = |name: &str| UNREAD.contains(&name) || READ.iter().any(|read| read.extension == name);
            extensions.others.retain(|name, _| !known(name));
        }
    }
    let shown: BTreeSet<usize> = textures.iter().map(|texture| texture.source.value()).collect();
    work.root.textures = textures;
    let mut done = [0; READ.len()];
    // A few bytes can say that they are many pixels, and many images that they are the same bytes.
    let mut room = work.limits.image_bytes;
    for (i, read) in coded {
        if !shown.contains(&i) {
            continue;
        }
        let place = format!("images[{i}]");
        let converted = match encoded(work, files, i, &place)? {
            Some(bytes) => png_of(read, &bytes, work.limits, &mut room),
            None => return Err(bad(place, "the image has neither data nor a file")),
        };
        let png = match converted {
            Ok(png) => {
                for (done, other) in done.iter_mut().zip(&READ) {
                    *done += usize::from(other.extension == read.extension);
                }
                png
            }
            Err(reason) => {
                let name = read.name;
                let instead = "a neutral texture is shown";
                work.warnings.push(format!("{place} cannot be read as {name} ({reason}): {instead}; {EXPORT}"));
                let shows = |t: usize| work.root.textures.get(t).is_some_and(|texture| texture.source.value() == i);
                dot(neutral_color(&work.root, shows)).unwrap_or_default()
            }
        };
        work.budget.take(png.len() as u64, &place)?;
        let view = work.add_view(png)?;
        if let Some(image) = work.root.images.get_mut(i) {
            (image.uri, image.buffer_view) = (None, Some(view));
            image.mime_type = Some(MimeType("image/png".to_owned()));
        }
    }
    for (done, read) in done.into_iter().zip(&READ) {
        work.tell(done, &format!("{} texture", read.name), "as PNG");
    }
    Ok(())
}

/// The bytes of an image as they are in the file.
fn encoded(work: &Work<'_>, files: &mut Source<'_>, image: usize, place: &str) -> Result<Option<Vec<u8>>, ModelError> {
    let Some(image) = work.root.images.get(image) else { return Ok(None) };
    Ok(match (image.buffer_view, image.uri.as_deref()) {
        (Some(view), _) => match work.held.get(view.value()) {
            Some(held) => Some(held.bytes.to_vec()),
            None => return Err(missing_index(format!("{place}.bufferView"), "bufferView", view.value())),
        },
        (None, Some(uri)) => Some(files.fetch(uri, place)?),
        (None, None) => None,
    })
}

/// A picture as a PNG, its pixels taken from `room`; the error is a few words.
fn png_of(read: &Read, bytes: &[u8], limits: &Limits, room: &mut u64) -> Result<Vec<u8>, String> {
    // The decoders return errors; should one have a defect, a model from outside must not take the program along.
    let decoded = std::panic::catch_unwind(AssertUnwindSafe(|| (read.decode)(bytes, limits, *room)));
    let (pixels, width, height, color) = decoded.unwrap_or_else(|_| Err("it makes the decoder fail".to_owned()))?;
    *room = room.saturating_sub(pixels.len() as u64);
    png(&pixels, width, height, color)
}

/// Pixels, width, height, channels.
pub(super) type Picture = (Vec<u8>, u32, u32, ExtendedColorType);

/// What is said of a picture past the limits.
pub(super) fn too_many(width: u32, height: u32) -> String {
    format!("{width} × {height} pixels are too many")
}

fn webp(bytes: &[u8], limits: &Limits, most: u64) -> Result<Picture, String> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let (width, height) = decoder.dimensions();
    let size = decoder.output_buffer_size().unwrap_or(usize::MAX);
    if width > limits.image_side || height > limits.image_side || size as u64 > most {
        return Err(too_many(width, height));
    }
    // Pictures that move, and colour profiles, may hold more than their first picture.
    decoder.set_memory_limit(size.saturating_mul(2).saturating_add(1 << 20));
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(|e| e.to_string())?;
    Ok((pixels, width, height, if decoder.has_alpha() { ExtendedColorType::Rgba8 } else { ExtendedColorType::Rgb8 }))
}

fn png(pixels: &[u8], width: u32, height: u32, color: ExtendedColorType) -> Result<Vec<u8>, String> {
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    let mut out = Vec::new();
    // It is unpacked again at once.
    PngEncoder::new_with_quality(&mut out, CompressionType::Fast, FilterType::Sub)
        .write_image(pixels, width, height, color)
        .map_err(|e| e.to_string())?;
    Ok(out)
}

fn dot(color: [u8; 4]) -> Result<Vec<u8>, String> {
    png(&color, 1, 1, ExtendedColorType::Rgba8)
}

/// The colour that changes nothing of the materials that show it: white, no glow, no bumps.
fn neutral_color(root: &Root, shows: impl Fn(usize) -> bool) -> [u8; 4] {
    let bumps = |m: &gltf::json::Material| m.normal_texture.as_ref().is_some_and(|t| shows(t.index.value()));
    let glow = |m: &gltf::json::Material| m.emissive_texture.as_ref().is_some_and(|t| shows(t.index.value()));
    if root.materials.iter().any(bumps) {
        [128, 128, 255, 255]
    } else if root.materials.iter().any(glow) {
        [0, 0, 0, 255]
    } else {
        [255; 4]
    }
}

/// An image of the neutral colour.
fn neutral(work: &mut Work<'_>, texture: usize) -> Result<Index<Image>, ModelError> {
    let color = neutral_color(&work.root, |t| t == texture);
    let view = work.add_view(dot(color).unwrap_or_default())?;
    let image = index(work.root.images.len())?;
    work.root.images.push(Image {
        buffer_view: Some(view),
        mime_type: Some(MimeType("image/png".to_owned())),
        name: None,
        uri: None,
        extensions: None,
        extras: None,
    });
    Ok(image)
}
