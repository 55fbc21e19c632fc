//! The outermost layer: GLB chunks, or plain JSON.
//!
//! Stricter than the loader, which subtracts before it compares and reads a header of any length.

use super::error::{ErrorKind, ModelError};

/// `glTF`, the first bytes of a GLB.
pub(super) const MAGIC: &[u8; 4] = b"glTF";
const HEADER: usize = 12;
const CHUNK_HEADER: usize = 8;

/// The parts of a model file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    /// The JSON text.
    pub json: &'a [u8],
    /// The binary chunk of a GLB.
    pub bin: Option<&'a [u8]>,
    /// It is a GLB.
    pub binary: bool,
    /// Nothing stands after the last chunk: the loader ignores the header's length and would read it as one more.
    pub tidy: bool,
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(u32::from_le_bytes(four))
}

fn damaged(what: impl Into<String>) -> ModelError {
    ModelError::new(ErrorKind::Container, "", what)
        .with_remedy("export or copy the file again; it is damaged or cut off")
}

/// Splits a model file.
pub(super) fn split(bytes: &[u8]) -> Result<Parts<'_>, ModelError> {
    if bytes.is_empty() {
        return Err(damaged("the file is empty"));
    }
    if bytes.starts_with(MAGIC) {
        return split_glb(bytes);
    }
    let first = bytes.iter().find(|b| !b.is_ascii_whitespace());
    if first == Some(&b'{') {
        return Ok(Parts { json: bytes, bin: None, binary: false, tidy: true });
    }
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(ModelError::new(ErrorKind::Container, "", "the file starts with a byte order mark")
            .with_remedy("save it as UTF-8 without a byte order mark"));
    }
    if bytes.starts_with(b"version https://git-lfs") || bytes.starts_with(b"/annex/") {
        return Err(ModelError::new(ErrorKind::Container, "", "this is a pointer to a large file, not the file")
            .with_remedy("fetch it: `git lfs pull` or `git annex get`"));
    }
    Err(ModelError::new(ErrorKind::Container, "", "this is neither a GLB nor a glTF file")
        .with_remedy("export the model as glTF 2.0 (.glb)"))
}

fn split_glb(bytes: &[u8]) -> Result<Parts<'_>, ModelError> {
    let (Some(version), Some(length)) = (word(bytes, 4), word(bytes, 8)) else {
        return Err(damaged(format!("the GLB ends after {} bytes, inside its header", bytes.len())));
    };
    if version != 2 {
        return Err(ModelError::new(ErrorKind::Container, "", format!("GLB version {version}, only 2 is read"))
            .with_remedy("export the model as glTF 2.0"));
    }
    let length = length as usize;
    if length < HEADER + CHUNK_HEADER {
        return Err(damaged(format!("the GLB header says that the file is {length} bytes long")));
    }
    let Some(body) = bytes.get(HEADER..length) else {
        return Err(damaged(format!("the GLB header says {length} bytes, the file has {}", bytes.len())));
    };
    let (json, rest) = chunk(body, *b"JSON", "JSON")?;
    if json.is_empty() {
        return Err(damaged("the JSON chunk of the GLB is empty"));
    }
    // Fewer than a chunk header's bytes are padding.
    let bin = if rest.len() < CHUNK_HEADER { None } else { Some(chunk(rest, *b"BIN\0", "BIN")?.0) };
    let tidy = bytes.len() == length && (rest.is_empty() || bin.is_some());
    Ok(Parts { json, bin, binary: true, tidy })
}

fn chunk<'a>(body: &'a [u8], kind: [u8; 4], name: &str) -> Result<(&'a [u8], &'a [u8]), ModelError> {
    let (Some(length), Some(found)) = (word(body, 0), body.get(4..8)) else {
        return Err(damaged(format!("the GLB ends inside the header of its {name} chunk")));
    };
    if found != kind {
        return Err(damaged(format!("the GLB has a chunk {} where {name} belongs", found.escape_ascii())));
    }
    let rest = body.get(CHUNK_HEADER..).unwrap_or_default();
    match rest.split_at_checked(length as usize) {
        Some(parts) => Ok(parts),
        None => Err(damaged(format!("the {name} chunk says {length} bytes, {} are left", rest.len()))),
    }
}

/// Puts a GLB together; `None` when it would not fit its 32-bit lengths.
pub(super) fn join_glb(json: &[u8], bin: Option<&[u8]>) -> Option<Vec<u8>> {
    let padded = |n: usize| n.div_ceil(4) * 4;
    let mut length = HEADER + CHUNK_HEADER + padded(json.len());
    if let Some(bin) = bin {
        length = length.checked_add(CHUNK_HEADER)?.checked_add(padded(bin.len()))?;
    }
    let mut out = Vec::with_capacity(length);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&2u32.to_le_bytes());
    out.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    let mut push = |kind: &[u8; 4], bytes: &[u8], pad: u8| -> Option<()> {
        out.extend_from_slice(&u32::try_from(padded(bytes.len())).ok()?.to_le_bytes());
        out.extend_from_slice(kind);
        out.extend_from_slice(bytes);
        out.resize(out.len() + padded(bytes.len()) - bytes.len(), pad);
        Some(())
    };
    push(b"JSON", json, b' ')?;
    if let Some(bin) = bin {
        push(b"BIN\0", bin, 0)?;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(bytes: &[u8], says: &str) {
        let e = split(bytes).unwrap_err();
        assert_eq!(e.kind, ErrorKind::Container);
        assert!(e.what.contains(says), "{}", e.what);
        assert!(!e.remedy.is_empty());
    }

    fn glb() -> Vec<u8> {
        join_glb(b"{\"a\":1}", Some(b"abcde")).unwrap()
    }

    #[test]
    fn a_glb_comes_apart_as_it_was_joined() {
        let bytes = glb();
        let parts = split(&bytes).unwrap();
        assert_eq!(parts, Parts { json: b"{\"a\":1} ", bin: Some(b"abcde\0\0\0"), binary: true, tidy: true });
    }

    #[test]
    fn a_glb_may_have_no_binary_chunk() {
        let bytes = join_glb(b"{}", None).unwrap();
        assert_eq!(split(&bytes).unwrap().bin, None);
    }

    #[test]
    fn bytes_after_the_end_are_seen() {
        let mut bytes = join_glb(b"{}", None).unwrap();
        bytes.extend_from_slice(&[0; 9]);
        let parts = split(&bytes).unwrap();
        assert_eq!((parts.json, parts.tidy), (&b"{}  "[..], false));
    }

    #[test]
    fn json_is_taken_as_it_is() {
        assert_eq!(split(b" {}").unwrap(), Parts { json: b" {}", bin: None, binary: false, tidy: true });
    }

    #[test]
    fn an_empty_file_is_refused() {
        refused(b"", "empty");
    }

    #[test]
    fn something_else_is_refused() {
        refused(b"solid cube", "neither");
        refused(b"\xef\xbb\xbf{}", "byte order mark");
        refused(b"version https://git-lfs.github.com/spec/v1", "pointer");
    }

    #[test]
    fn every_truncation_is_refused() {
        let bytes = glb();
        for n in 0..bytes.len() {
            assert!(split(&bytes[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn a_length_that_lies_is_refused() {
        for length in [0u32, 4, 11, 12, 19, 1000, u32::MAX] {
            let mut bytes = glb();
            bytes[8..12].copy_from_slice(&length.to_le_bytes());
            refused(&bytes, "the GLB header says");
        }
    }

    #[test]
    fn a_chunk_length_that_lies_is_refused() {
        let mut bytes = glb();
        bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        refused(&bytes, "JSON chunk says");
        let mut bytes = glb();
        bytes[28..32].copy_from_slice(&9u32.to_le_bytes());
        refused(&bytes, "BIN chunk says");
    }

    #[test]
    fn chunks_in_the_wrong_order_are_refused() {
        let mut bytes = glb();
        bytes[16..20].copy_from_slice(b"BIN\0");
        refused(&bytes, "where JSON belongs");
    }

    #[test]
    fn another_version_is_refused() {
        let mut bytes = glb();
        bytes[4] = 1;
        refused(&bytes, "version 1");
    }
}
