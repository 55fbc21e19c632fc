//! Documents over the scene: the one that is open, and the question whether the system's viewer may open another.

use std::sync::Arc;

use super::markdown::Markdown;

/// What the window remembers of documents.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Papers {
    /// The document over the scene.
    pub open: Option<Paper>,
    /// A file that is no Markdown: opened with the system's viewer if a person says so. Relative to the site file.
    pub ask: Option<String>,
}

/// A document over the scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// Its title, as the type file has it.
    pub title: String,
    /// Its file, relative to the folder of the site file: pictures are found from there.
    pub file: String,
    /// What it says, or why it cannot be read; `None` while it is read.
    pub body: Option<Result<Arc<Markdown>, String>>,
}

impl Papers {
    /// Closes the topmost of both. Whether there was one.
    pub fn close_one(&mut self) -> bool {
        self.ask.take().is_some() || self.open.take().is_some()
    }
}

/// Whether a file is Markdown, by the end of its name.
#[must_use]
pub fn is_markdown(file: &str) -> bool {
    let end = file.rsplit_once('.').map_or("", |(_, end)| end);
    end.eq_ignore_ascii_case("md") || end.eq_ignore_ascii_case("markdown")
}

/// The name of a file without its folders.
#[must_use]
pub fn file_name(file: &str) -> &str {
    file.rsplit(['/', '\\']).next().unwrap_or(file)
}

/// A picture of a document, relative to the folder of the site file; `None` for what is no file beside it.
#[must_use]
pub fn picture_file(document: &str, picture: &str) -> Option<String> {
    if picture.contains("://") || picture.starts_with(['/', '\\', '#']) || picture.is_empty() || picture.len() > 1_024 {
        return None;
    }
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    Some(if folder.is_empty() { picture.to_owned() } else { format!("{folder}/{picture}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_beside_their_document() {
        #[track_caller]
        fn check(document: &str, picture: &str, expected: Option<&str>) {
            assert_eq!(picture_file(document, picture).as_deref(), expected, "{document} {picture}");
        }
        check("../../docs/oil.md", "pictures/a.png", Some("../../docs/pictures/a.png"));
        check("oil.md", "a.png", Some("a.png"));
        check("oil.md", "https://example.org/a.png", None);
        check("oil.md", "file:///etc/passwd", None);
        check("oil.md", "/etc/passwd", None);
        check("oil.md", "", None);
    }

    #[test]
    fn markdown_is_told_by_its_name() {
        let all = ["a.md", "b.MARKDOWN", "c.pdf", "md", "d.md.exe"].map(is_markdown);
        assert_eq!(all, [true, true, false, false, false]);
        assert_eq!(file_name("../docs/plan.pdf"), "plan.pdf");
    }
}
