//! Textures: their format and size from the header, before a decoder without limits sees them.

use gltf::json::Root;

use super::data::{View, missing_index};
use super::error::{ErrorKind, ModelError};
use super::files::mebibytes;
use super::limits::Limits;
use super::uri::{self, Source};

/// Formats that this build decodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
}

impl Format {
    /// Media type.
    pub(super) const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }

    /// File extension.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
        }
    }
}

/// What becomes of one image of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is in a view, as it says.
    Keep,
    /// It is in a view, and is of another type than it says.
    Retype(Format),
    /// It becomes a file of its own.
    File(Format, Vec<u8>),
    /// No texture uses it; it is not read.
    Unused,
}

/// Checks all images that textures use.
pub(super) fn check(
    root: &Root,
    views: &[View<'_>],
    source: &mut Source<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Result<Vec<Fate>, ModelError> {
    // The loader decodes an embedded image once for each texture that shows it.
    let mut uses = vec![0u64; root.images.len()];
    for (t, texture) in root.textures.iter().enumerate() {
        let i = texture.source.value();
        match uses.get_mut(i) {
            Some(n) => *n += 1,
            None => return Err(missing_index(format!("textures[{t}].source"), "image", i)),
        }
    }
    let mut decoded = 0u64;
    let mut out = Vec::with_capacity(root.images.len());
    for (i, (image, &uses)) in root.images.iter().zip(&uses).enumerate() {
        let place = format!("images[{i}]");
        if let Some(text) = image.uri.as_deref()
            && text.get(..5).is_none_or(|head| !head.eq_ignore_ascii_case("data:"))
        {
            // Also of images that nothing shows: a file that climbs out of its folder is not to be trusted.
            uri::relative_path(text, &place)?;
        }
        if uses == 0 {
            out.push(Fate::Unused);
            continue;
        }
        let (header, fate) = match (&image.buffer_view, image.uri.as_deref()) {
            (Some(view), _) => {
                let Some(view) = views.get(view.value()) else {
                    return Err(missing_index(format!("{place}.bufferView"), "bufferView", view.value()));
                };
                let header = header(view.bytes, &place)?;
                let said = image.mime_type.as_ref().map(|m| m.0.as_str());
                if said == Some(header.format.mime()) {
                    (header, Fate::Keep)
                } else {
                    if let Some(said) = said {
                        warnings.push(format!("{place} says {said:?} and is {}", header.format.mime()));
                    }
                    (header, Fate::Retype(header.format))
                }
            }
            (None, Some(text)) => {
                let bytes = source.fetch(text, &place)?;
                let header = header(&bytes, &place)?;
                (header, Fate::File(header.format, bytes))
            }
            (None, None) => {
                return Err(ModelError::new(ErrorKind::Image, place, "the image has neither data nor a file")
                    .with_remedy("export the model again with its textures"));
            }
        };
        if header.width > limits.image_side || header.height > limits.image_side {
            let what = format!(
                "the texture is {} × {} pixels, {} is the most",
                header.width, header.height, limits.image_side
            );
            return Err(ModelError::new(ErrorKind::Limit, place, what).with_remedy("export smaller textures"));
        }
        // Side data without a say in its size once it is unpacked: a few hundred kilobytes can become a gigabyte.
        const MOST_PACKED: usize = 256 << 10;
        if header.packed > MOST_PACKED {
            return Err(ModelError::new(
                ErrorKind::Image,
                place,
                "the PNG holds too much packed text or colour profile",
            )
            .with_remedy("save the texture without metadata (`pngcrush -rem alla`, or any image editor)"));
        }
        decoded = decoded.saturating_add(header.decoded().saturating_mul(uses));
        if decoded > limits.image_bytes {
            let what = format!("the textures take more than {} once decoded", mebibytes(limits.image_bytes));
            return Err(ModelError::new(ErrorKind::Limit, place, what).with_remedy("export fewer or smaller textures"));
        }
        out.push(fate);
    }
    Ok(out)
}

/// What the header of an image says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    format: Format,
    width: u32,
    height: u32,
    /// More than eight bits a channel.
    wide: bool,
    /// Bytes of packed side data.
    packed: usize,
}

impl Header {
    /// Bytes once decoded to four channels.
    fn decoded(self) -> u64 {
        u64::from(self.width) * u64::from(self.height) * if self.wide { 8 } else { 4 }
    }
}

fn header(bytes: &[u8], place: &str) -> Result<Header, ModelError> {
    let found = if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        png(bytes)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        jpeg(bytes)
    } else {
        let what = match bytes {
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "WebP",
            [0xab, b'K', b'T', b'X', ..] => "KTX2",
            [b'D', b'D', b'S', b' ', ..] => "DDS",
            [b'G', b'I', b'F', b'8', ..] => "GIF",
            [b'B', b'M', ..] => "BMP",
            [b's', b'B', ..] => "Basis Universal",
            _ => "of no known format",
        };
        return Err(ModelError::new(ErrorKind::Image, place, format!("the texture is {what}; PNG and JPEG are read"))
            .with_remedy("convert the textures: `npx @gltf-transform/cli png in.glb out.glb`"));
    };
    match found {
        Some(header) if header.width > 0 && header.height > 0 => Ok(header),
        _ => Err(ModelError::new(ErrorKind::Image, place, "the texture is damaged or cut off")
            .with_remedy("export the model again with its textures")),
    }
}

fn be_word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The header of a PNG (ISO/IEC 15948, 11.2.2), and the lengths of its packed chunks.
fn png(bytes: &[u8]) -> Option<Header> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let mut header = Header {
        format: Format::Png,
        width: be_word(bytes, 16)?,
        height: be_word(bytes, 20)?,
        wide: *bytes.get(24)? > 8,
        packed: 0,
    };
    let mut at = 8usize;
    while let (Some(length), Some(kind)) = (be_word(bytes, at), bytes.get(at + 4..at + 8)) {
        if matches!(kind, b"zTXt" | b"iTXt" | b"iCCP") {
            header.packed = header.packed.saturating_add(length as usize);
        }
        let Some(next) = at.checked_add(12).and_then(|at| at.checked_add(length as usize)) else { break };
        at = next;
    }
    Some(header)
}

/// The frame header of a JPEG (ITU-T T.81, B.2.2).
fn jpeg(bytes: &[u8]) -> Option<Header> {
    let mut at = 2usize;
    loop {
        // Any number of fill bytes may stand before a marker.
        while *bytes.get(at)? == 0xff {
            at += 1;
        }
        let marker = *bytes.get(at)?;
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 1..at + 3)?.try_into().ok()?));
        match marker {
            // Frames of all processes; C4, C8 and CC are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [h1, h0, w1, w0]: [u8; 4] = bytes.get(at + 4..at + 8)?.try_into().ok()?;
                return Some(Header {
                    format: Format::Jpeg,
                    width: u32::from(u16::from_be_bytes([w1, w0])),
                    height: u32::from(u16::from_be_bytes([h1, h0])),
                    wide: *bytes.get(at + 3)? > 8,
                    packed: 0,
                });
            }
            // The picture before its frame, or a segment shorter than its own length field.
            0xda | 0xd9 => return None,
            _ if length < 2 => return None,
            _ => at = at.checked_add(1)?.checked_add(length)?,
        }
        if *bytes.get(at)? != 0xff {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::{jpeg as make_jpeg, png as make_png};

    #[test]
    fn sizes_are_read_from_headers() {
        let h = header(&make_png(3, 70_000), "").unwrap();
        assert_eq!((h.format, h.width, h.height, h.wide, h.packed), (Format::Png, 3, 70_000, false, 0));
        let h = header(&make_jpeg(640, 480), "").unwrap();
        assert_eq!((h.format, h.width, h.height, h.decoded()), (Format::Jpeg, 640, 480, 640 * 480 * 4));
    }

    #[test]
    fn packed_side_data_is_counted() {
        let mut bytes = make_png(1, 1);
        bytes.extend_from_slice(&70_000u32.to_be_bytes());
        bytes.extend_from_slice(b"zTXt");
        assert_eq!(header(&bytes, "").unwrap().packed, 70_000);
    }

    #[test]
    fn every_truncation_is_an_error_or_the_same_header() {
        for whole in [make_png(3, 4), make_jpeg(3, 4)] {
            let full = header(&whole, "").unwrap();
            for n in 0..whole.len() {
                if let Ok(h) = header(&whole[..n], "") {
                    assert_eq!(h, full);
                }
            }
        }
    }

    #[test]
    fn other_formats_are_named() {
        for (bytes, name) in [
            (&b"RIFF\0\0\0\0WEBPVP8 "[..], "WebP"),
            (b"\xabKTX 20\xbb", "KTX2"),
            (b"DDS |", "DDS"),
            (b"GIF89a", "GIF"),
            (b"BM", "BMP"),
            (b"hello", "no known"),
            (b"", "no known"),
        ] {
            let e = header(bytes, "images[0]").unwrap_err();
            assert!(e.kind == ErrorKind::Image && e.what.contains(name), "{e}");
        }
    }

    #[test]
    fn a_picture_without_size_is_damaged() {
        assert_eq!(header(&make_png(0, 4), "").unwrap_err().kind, ErrorKind::Image);
        assert_eq!(header(b"\xff\xd8\xff\xda\0\x04", "").unwrap_err().kind, ErrorKind::Image);
    }
}
