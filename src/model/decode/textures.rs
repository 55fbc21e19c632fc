//! Textures in formats that the loader does not read: WebP becomes PNG; of the others the plain texture that the file
//! gives beside them is shown, or a neutral one and a warning.
//!
//! Not here: Basis Universal (`KHR_texture_basisu`). Its decoders in Rust need libclang to build, or know no KTX2.

use std::collections::BTreeSet;
use std::io::Cursor;
use std::panic::AssertUnwindSafe;

use gltf::json::image::MimeType;
use gltf::json::{Image, Index, Root, Texture};
use image::ExtendedColorType;
use image::ImageEncoder as _;

use super::{Work, bad, index};
use crate::model::data::missing_index;
use crate::model::error::ModelError;
use crate::model::limits::Limits;
use crate::model::uri::Source;

/// WebP, which is read.
pub(super) const WEBP: &str = "EXT_texture_webp";
/// What is not, and what to do about each.
pub(super) const UNREAD: [(&str, &str); 3] = [
    ("KHR_texture_basisu", "export with PNG, JPEG or WebP textures (gltfpack without -tc)"),
    ("EXT_texture_avif", "convert the textures: `npx @gltf-transform/cli png in.glb out.glb`"),
    ("MSFT_texture_dds", "convert the textures: `npx @gltf-transform/cli png in.glb out.glb`"),
];
/// What the glTF library reads for a missing index.
const MISSING: usize = u32::MAX as usize;

/// The image that an extension gives a texture.
fn source_of(texture: &Texture, name: &str) -> Option<usize> {
    let value = texture.extensions.as_ref()?.others.get(name)?.get("source")?.as_u64()?;
    usize::try_from(value).ok()
}

fn is_webp(image: &Image) -> bool {
    image.mime_type.as_ref().is_some_and(|mime| mime.0 == "image/webp")
}

/// Some texture is in such a format.
pub(super) fn found(root: &Root) -> bool {
    let names = || UNREAD.iter().map(|(name, _)| *name).chain([WEBP]);
    root.images.iter().any(is_webp)
        || root.textures.iter().any(|texture| names().any(|name| source_of(texture, name).is_some()))
}

/// Converts what can be, and puts neutral textures in the place of the rest.
pub(super) fn run(work: &mut Work<'_>, files: &mut Source<'_>) -> Result<(), ModelError> {
    let mut webp: BTreeSet<usize> =
        work.root.images.iter().enumerate().filter(|(_, image)| is_webp(image)).map(|(i, _)| i).collect();
    let mut textures = std::mem::take(&mut work.root.textures);
    for (t, texture) in textures.iter_mut().enumerate() {
        let plain = texture.source.value() != MISSING;
        if let Some(image) = source_of(texture, WEBP).filter(|_| !plain) {
            if image >= work.root.images.len() {
                return Err(missing_index(format!("textures[{t}].extensions.{WEBP}.source"), "image", image));
            }
            texture.source = index(image)?;
            webp.insert(image);
        }
        for (name, remedy) in UNREAD {
            if source_of(texture, name).is_none() {
                continue;
            }
            let instead = if texture.source.value() == MISSING {
                texture.source = neutral(work, t)?;
                "a neutral one is shown"
            } else {
                "the plain one beside it is shown"
            };
            work.warnings.push(format!("textures[{t}] is a {name}, which is not read: {instead}; {remedy}"));
        }
        if let Some(extensions) = &mut texture.extensions {
            extensions.others.retain(|name, _| name != WEBP && UNREAD.iter().all(|(unread, _)| name != unread));
        }
    }
    let shown: BTreeSet<usize> = textures.iter().map(|texture| texture.source.value()).collect();
    work.root.textures = textures;
    let mut done = 0;
    for i in webp {
        if !shown.contains(&i) {
            continue;
        }
        let place = format!("images[{i}]");
        let converted = match encoded(work, files, i, &place)? {
            Some(bytes) => png_of_webp(&bytes, work.limits),
            None => return Err(bad(place, "the image has neither data nor a file")),
        };
        let png = match converted {
            Ok(png) => {
                done += 1;
                png
            }
            Err(reason) => {
                work.warnings.push(format!("{place} cannot be read as WebP ({reason}): a neutral texture is shown"));
                dot([255; 4]).unwrap_or_default()
            }
        };
        work.budget.take(png.len() as u64, &place)?;
        let view = work.add_view(png)?;
        if let Some(image) = work.root.images.get_mut(i) {
            (image.uri, image.buffer_view) = (None, Some(view));
            image.mime_type = Some(MimeType("image/png".to_owned()));
        }
    }
    work.tell(done, "WebP texture", "as PNG");
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

/// A WebP picture as a PNG; the error is a few words.
fn png_of_webp(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, String> {
    // The decoder returns errors; should it have a defect, a model from outside must not take the program along.
    let decoded = std::panic::catch_unwind(AssertUnwindSafe(|| decode(bytes, limits)));
    let (pixels, width, height, color) = decoded.unwrap_or_else(|_| Err("it makes the decoder fail".to_owned()))?;
    png(&pixels, width, height, color)
}

type Picture = (Vec<u8>, u32, u32, ExtendedColorType);

fn decode(bytes: &[u8], limits: &Limits) -> Result<Picture, String> {
    let mut decoder = image_webp::WebPDecoder::new(Cursor::new(bytes)).map_err(|e| e.to_string())?;
    let (width, height) = decoder.dimensions();
    let size = decoder.output_buffer_size().unwrap_or(usize::MAX);
    if width > limits.image_side || height > limits.image_side || size as u64 > limits.image_bytes {
        return Err(format!("{width} × {height} pixels are too many"));
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

/// An image that changes nothing of the material that shows it: white, no glow, no bumps.
fn neutral(work: &mut Work<'_>, texture: usize) -> Result<Index<Image>, ModelError> {
    let materials = &work.root.materials;
    let bumps = |m: &gltf::json::Material| m.normal_texture.as_ref().is_some_and(|t| t.index.value() == texture);
    let glow = |m: &gltf::json::Material| m.emissive_texture.as_ref().is_some_and(|t| t.index.value() == texture);
    let color = if materials.iter().any(bumps) {
        [128, 128, 255, 255]
    } else if materials.iter().any(glow) {
        [0, 0, 0, 255]
    } else {
        [255; 4]
    };
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
