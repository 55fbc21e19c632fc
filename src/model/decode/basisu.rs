//! KTX2 with Basis Universal (`KHR_texture_basisu`): ETC1S and UASTC, the largest picture of each file.
//!
//! Source: Khronos, KTX File Format Specification 2.0 (header and level index, sections 3 and 4; ETC1S global data,
//! annex 1) and Khronos Data Format Specification 1.4 (colour models 163 and 166).
//!
//! Not here: pictures that glTF does not use (volumes, arrays, cubes, video) and codings that it does not know
//! (high dynamic range, plain ASTC).
//!
//! Invariant: the decoder sees a file whose lengths and sizes were checked here. What it makes goes by the number of
//! pixels, never by another field of the file.

use basisu::{DecodeFlags, TargetFormat, Transcoder};
use image::ExtendedColorType;

use super::textures::{Picture, too_many};
use crate::model::limits::Limits;

const IDENTIFIER: [u8; 12] = *b"\xabKTX 20\xbb\r\n\x1a\n";
/// Bytes of the header, and of an entry of the index after it.
const HEADER: usize = 80;
const ENTRY: usize = 24;
/// Bytes of a block of 4 × 4 pixels in UASTC.
const BLOCK: u64 = 16;

/// How the pixels are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// With BasisLZ.
    Etc1s,
    Uastc,
    /// Packed with Zstandard.
    PackedUastc,
}

/// What the header says of the largest picture.
#[derive(Debug)]
struct Header<'a> {
    coding: Coding,
    width: u32,
    height: u32,
    /// Its bytes.
    level: &'a [u8],
    /// The data format descriptor.
    format: &'a [u8],
}

/// A KTX2 file as pixels of four channels, at most `most` bytes of them; the error is a few words.
pub(super) fn decode(bytes: &[u8], limits: &Limits, most: u64) -> Result<Picture, String> {
    let header = header(bytes)?;
    let pixels = u64::from(header.width) * u64::from(header.height);
    if header.width > limits.image_side || header.height > limits.image_side || pixels.saturating_mul(4) > most {
        return Err(too_many(header.width, header.height));
    }
    let unpacked;
    let file = match header.coding {
        Coding::Etc1s | Coding::Uastc => bytes,
        Coding::PackedUastc => {
            unpacked = unpack(bytes, &header)?;
            &unpacked
        }
    };
    let damaged = |e| format!("it is damaged: {e:?}");
    let transcoder = Transcoder::new(file).map_err(damaged)?;
    let pixels = transcoder.transcode(0, TargetFormat::Rgba32, DecodeFlags::NONE).map_err(damaged)?;
    Ok((pixels, header.width, header.height, ExtendedColorType::Rgba8))
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The bytes that two words of 64 bits at `at` name.
fn named(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let long = |at: usize| -> Option<usize> {
        usize::try_from(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?)).ok()
    };
    let start = long(at)?;
    bytes.get(start..start.checked_add(long(at + 8)?)?)
}

/// Blocks of a UASTC picture, in bytes.
fn blocks(width: u32, height: u32) -> u64 {
    u64::from(width.div_ceil(4)) * u64::from(height.div_ceil(4)) * BLOCK
}

fn header(bytes: &[u8]) -> Result<Header<'_>, String> {
    if !bytes.starts_with(&IDENTIFIER) {
        return Err("it is no KTX2 file".to_owned());
    }
    let short = || "it is cut off".to_owned();
    let field = |at: usize| word(bytes, at).ok_or_else(short);
    let (width, height) = (field(20)?, field(24)?);
    let (depth, layers, faces) = (field(28)?, field(32)?, field(36)?);
    if width == 0 || height == 0 || depth > 0 || layers > 1 || faces != 1 {
        return Err("it is no plain picture: a line, a volume, an array or a cube".to_owned());
    }
    let start = field(48)? as usize;
    let end = start.checked_add(field(52)? as usize).ok_or_else(short)?;
    let format = bytes.get(start..end).ok_or_else(short)?;
    let model = word(format, 12).ok_or_else(short)? & 0xff;
    let level = named(bytes, HEADER).ok_or_else(short)?;
    let (plain, packed) = (level.len() as u64, u64::from(field(HEADER + 16)?) | u64::from(field(HEADER + 20)?) << 32);
    let coding = match (field(12)?, model, field(44)?) {
        (0, 163, 1) => {
            // The codebooks.
            named(bytes, 64).ok_or_else(short)?;
            Coding::Etc1s
        }
        (0, 166, 0) if plain == blocks(width, height) => Coding::Uastc,
        (0, 166, 2) if packed == blocks(width, height) => Coding::PackedUastc,
        (0, 166, 0 | 2) => return Err("it has another length than its size asks for".to_owned()),
        (vulkan, model, packing) => {
            return Err(format!(
                "it is neither ETC1S nor UASTC (format {vulkan}, colour model {model}, supercompression {packing})"
            ));
        }
    };
    Ok(Header { coding, width, height, level, format })
}

/// The same picture without Zstandard, alone in its file.
///
/// The decoder has a Zstandard of its own, which knows no bound on what a block becomes: two bytes ask it for 128 KiB.
/// This one writes into a buffer of the size that the picture has.
fn unpack(bytes: &[u8], header: &Header<'_>) -> Result<Vec<u8>, String> {
    let size = blocks(header.width, header.height);
    let at = HEADER + ENTRY;
    let start = at + header.format.len();
    let mut out = bytes.get(..HEADER).unwrap_or_default().to_vec();
    let mut put = |at: usize, word: u32| {
        if let Some(field) = out.get_mut(at..at + 4) {
            field.copy_from_slice(&word.to_le_bytes());
        }
    };
    // One level, not supercompressed; the descriptor follows the index; no keys and values, no global data.
    put(40, 1);
    put(44, 0);
    put(48, at as u32);
    for nothing in (56..HEADER).step_by(4) {
        put(nothing, 0);
    }
    for number in [start as u64, size, size] {
        out.extend_from_slice(&number.to_le_bytes());
    }
    out.extend_from_slice(header.format);
    out.resize(start + usize::try_from(size).unwrap_or(usize::MAX), 0);
    let room = out.get_mut(start..).unwrap_or_default();
    let written = zstd::bulk::decompress_to_buffer(header.level, room).map_err(|e| format!("it is damaged: {e}"))?;
    if written == room.len() { Ok(out) } else { Err("it is cut off".to_owned()) }
}
