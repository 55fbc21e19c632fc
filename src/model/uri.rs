//! URIs inside a model: embedded data, or a file beside the model. Everything else is refused.
//!
//! The loader decodes them with `unwrap` and follows `..`; it never sees one, because the check replaces them all.

use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

use percent_encoding::percent_decode_str;

use super::error::{ErrorKind, ModelError, printable};
use super::files::{Budget, read_inside};

/// Where a model's own files are, and how much may still be read of them.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// The model's folder, canonical; `None` for bytes that come from no folder.
    pub folder: Option<&'a Path>,
    /// Shared by everything that the model names.
    pub budget: Budget,
}

impl Source<'_> {
    /// The bytes behind `uri`.
    pub(super) fn fetch(&mut self, uri: &str, place: &str) -> Result<Vec<u8>, ModelError> {
        if let Some(rest) = strip_scheme(uri, "data:") {
            let bytes = decode_data(rest, place)?;
            self.budget.take(bytes.len() as u64, place)?;
            return Ok(bytes);
        }
        let relative = relative_path(uri, place)?;
        let Some(folder) = self.folder else {
            return Err(bad(ErrorKind::Uri, place, format!("{} is a file of its own", printable(uri)))
                .with_remedy("export the model as one .glb"));
        };
        read_inside(folder, &folder.join(&relative), &mut self.budget, place)
            .map_err(|e| e.in_file(&relative.to_string_lossy()))
    }
}

fn bad(kind: ErrorKind, place: &str, what: impl Into<String>) -> ModelError {
    ModelError::new(kind, place, what)
}

/// Cuts a scheme off, whatever its case.
fn strip_scheme<'a>(uri: &'a str, scheme: &str) -> Option<&'a str> {
    let (head, rest) = uri.split_at_checked(scheme.len())?;
    head.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// A relative URI as a path that stays in its folder.
pub(super) fn relative_path(uri: &str, place: &str) -> Result<PathBuf, ModelError> {
    let decoded: Cow<'_, str> = percent_decode_str(uri).decode_utf8().map_err(|_| {
        bad(ErrorKind::Uri, place, format!("the file name {} does not decode to UTF-8", printable(uri)))
            .with_remedy("rename the file with plain letters and export again")
    })?;
    let outside = |what: &str| {
        Err(bad(ErrorKind::Outside, place, format!("{} {what}", printable(uri)))
            .with_remedy("put the file beside the model and name it without a path, or export one .glb"))
    };
    if decoded.is_empty() {
        return Err(bad(ErrorKind::Uri, place, "the file name is empty").with_remedy("export the model again"));
    }
    if decoded.contains('\0') {
        return Err(bad(ErrorKind::Uri, place, "the file name holds a zero byte").with_remedy("rename the file"));
    }
    if has_scheme(&decoded) {
        return outside("is not a file beside the model");
    }
    // A backslash is a separator on one system and a letter on another: what is checked must be what is opened.
    if decoded.contains('\\') {
        return outside("holds a backslash");
    }
    let path = Path::new(decoded.as_ref());
    let mut depth = 0usize;
    for part in path.components() {
        match part {
            Component::Normal(_) => depth += 1,
            Component::CurDir => {}
            Component::ParentDir => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return outside("climbs out of the model's folder"),
            },
            Component::RootDir | Component::Prefix(_) => return outside("is an absolute path"),
        }
    }
    Ok(path.to_path_buf())
}

/// `scheme:` as RFC 3986 has it; also catches `C:`.
fn has_scheme(uri: &str) -> bool {
    let Some((head, _)) = uri.split_once(':') else { return false };
    head.starts_with(|c: char| c.is_ascii_alphabetic())
        && head.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// The bytes of a data URI, after `data:`. The media type is not looked at: contents are.
fn decode_data(rest: &str, place: &str) -> Result<Vec<u8>, ModelError> {
    let broken = |what: &str| {
        bad(ErrorKind::Uri, place, format!("the embedded data {what}")).with_remedy("export the model again, as .glb")
    };
    let Some((head, data)) = rest.split_once(',') else { return Err(broken("has no comma")) };
    let data: Vec<u8> = percent_decode_str(data).collect();
    if head.len() >= 7 && head.get(head.len() - 7..).is_some_and(|end| end.eq_ignore_ascii_case(";base64")) {
        base64(&data).ok_or_else(|| broken("is not base64"))
    } else {
        Ok(data)
    }
}

/// Base64 (RFC 4648, section 4), padded or not.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut have) = (0u32, 0u32);
    for &c in text {
        let six = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(six);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
            bits &= (1 << have) - 1;
        }
    }
    // Six bits left over are a letter too many.
    (have < 6).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(uri: &str, kind: ErrorKind) {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().canonicalize().unwrap();
        let mut source = Source { folder: Some(&folder), budget: Budget::new(100) };
        let e = source.fetch(uri, "buffers[0]").unwrap_err();
        assert_eq!(e.kind, kind, "{uri}: {e}");
        assert_eq!(e.place, "buffers[0]");
        assert!(!e.remedy.is_empty());
    }

    #[test]
    fn what_climbs_out_is_refused() {
        for uri in [
            "../../../../etc/passwd",
            "..",
            "a/../../b.bin",
            "%2e%2e/b.bin",
            "..%2fb.bin",
            "/etc/passwd",
            "%2Fetc/passwd",
            "file:///etc/passwd",
            "FILE:/etc/passwd",
            "file%3A///etc/passwd",
            "http://example.org/a.bin",
            "C:/a.bin",
            "..\\b.bin",
            "//host/a.bin",
        ] {
            refused(uri, ErrorKind::Outside);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for uri in ["%FF%FE.bin", "", "a%00.bin", "data:", "data:x;base64,*", "data:;base64,A"] {
            refused(uri, ErrorKind::Uri);
        }
    }

    #[test]
    fn a_missing_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().canonicalize().unwrap();
        let mut source = Source { folder: Some(&folder), budget: Budget::new(100) };
        let e = source.fetch("my%20mesh.bin", "buffers[0]").unwrap_err();
        assert_eq!((e.kind, e.file.as_str()), (ErrorKind::Missing, "my mesh.bin"));
    }

    #[test]
    fn names_are_decoded_and_read_beside_the_model() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("d")).unwrap();
        std::fs::write(dir.path().join("d/ä b.bin"), b"hello").unwrap();
        let folder = dir.path().canonicalize().unwrap();
        let mut source = Source { folder: Some(&folder), budget: Budget::new(100) };
        assert_eq!(source.fetch("./d/x/../%C3%A4%20b.bin", "").unwrap_err().kind, ErrorKind::Missing);
        assert_eq!(source.fetch("d/%C3%A4%20b.bin", "").unwrap(), b"hello");
        assert_eq!(source.fetch("d/../d/ä b.bin", "").unwrap(), b"hello");
    }

    #[test]
    fn bytes_without_a_folder_name_no_files() {
        let mut source = Source { folder: None, budget: Budget::new(100) };
        assert_eq!(source.fetch("a.bin", "").unwrap_err().kind, ErrorKind::Uri);
    }

    #[test]
    fn embedded_data_is_decoded() {
        let mut source = Source { folder: None, budget: Budget::new(100) };
        for (uri, bytes) in [
            ("data:application/octet-stream;base64,AAECAwQ=", &[0u8, 1, 2, 3, 4][..]),
            ("data:;base64,AAECAw", &[0, 1, 2, 3]),
            ("DATA:application/gltf-buffer;BASE64,AAEC", &[0, 1, 2]),
            ("data:,a%20b", b"a b"),
            ("data:;base64,", b""),
        ] {
            assert_eq!(source.fetch(uri, "").unwrap(), bytes, "{uri}");
        }
    }

    #[test]
    fn embedded_data_counts_against_the_budget() {
        let mut source = Source { folder: None, budget: Budget::new(4) };
        assert_eq!(source.fetch("data:,12345", "").unwrap_err().kind, ErrorKind::Limit);
        source.fetch("data:,123", "").unwrap();
        assert_eq!(source.fetch("data:,12", "").unwrap_err().kind, ErrorKind::Limit);
    }
}
