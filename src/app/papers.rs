//! Documents and their pictures: read and decoded beside the frames, handed to the panels when they are there. And the
//! records of procedures: where they are kept, and which way the part of the step at hand is.
//!
//! What is opened lies below the folders of the site (`document_path`); a text has at most `MOST_TEXT`
//! bytes, a picture `MOST_PICTURE` bytes and `MOST_SIDE` pixels a side.

use std::io::Read as _;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bevy::prelude::*;
use bevy::tasks::IoTaskPool;
use crossbeam_channel::{Receiver, Sender};
use twinscope_link::keeper::Keeper;
use twinscope_twin::command::Command;
use twinscope_twin::site::{PartRow, SiteFile};

use super::panels::Panels;
use super::twin::Twin;
use crate::view::UiAction;
use crate::view::document::{Paper, is_markdown};
use crate::view::markdown::{Markdown, markdown};
use crate::view::procedure::{Lead, RecordPlace};

/// Largest document, bytes.
const MOST_TEXT: u64 = 1 << 20;
/// Largest picture as a file, bytes.
const MOST_PICTURE: u64 = 16 << 20;
/// Most pixels of a side before it is decoded.
const MOST_SIDE: u32 = 8_192;
/// Most bytes that decoding may take.
const MOST_ALLOCATED: u64 = 128 << 20;
/// Most pixels of a side on the graphics card: a panel is no wider.
const SHOWN_SIDE: u32 = 1_600;

/// Reads documents and pictures.
pub struct PapersPlugin;

impl Plugin for PapersPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Papers>().add_systems(Update, (receive, lead_on));
    }
}

/// What became of a file.
enum Done {
    Text(String, Result<Arc<Markdown>, String>),
    Picture(String, Result<egui::ColorImage, String>),
}

/// Files on their way, and who keeps records.
#[derive(Resource)]
pub struct Papers {
    said: (Sender<Done>, Receiver<Done>),
    /// Who keeps the records of procedures.
    pub keeper: Option<Arc<Keeper>>,
}

impl Default for Papers {
    fn default() -> Self {
        Self { said: crossbeam_channel::unbounded(), keeper: None }
    }
}

impl Papers {
    /// Where records are kept.
    pub fn records(&self) -> RecordPlace {
        let Some(keeper) = &self.keeper else { return RecordPlace::default() };
        let last = keeper.last().map(|written| (written.file, written.result));
        RecordPlace { folder: keeper.folder().to_owned(), last, unfinished: keeper.unfinished() }
    }

    /// Opens a document: Markdown over the scene, another one after a question.
    pub fn open(&self, panels: &mut Panels, title: String, file: String, waker: &super::Waker) {
        if !is_markdown(&file) {
            panels.ui.papers.ask = Some(file);
            return;
        }
        panels.ui.papers.open = Some(Paper { title, file: file.clone(), body: None });
        let base = panels.base_dir.clone();
        self.work(waker, move || {
            let text = read(&base, &file, MOST_TEXT)
                .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()));
            Done::Text(file, text.map(|text| Arc::new(markdown(&text))))
        });
    }

    /// Decodes what the panels ask for.
    pub fn fetch(&self, ctx: &egui::Context, base: &Path, waker: &super::Waker) {
        for file in crate::ui::wanted_pictures(ctx) {
            let base = base.to_owned();
            self.work(waker, move || {
                let picture = read(&base, &file, MOST_PICTURE).and_then(|bytes| decode(&bytes));
                Done::Picture(file, picture)
            });
        }
    }

    /// Does something beside the frames. A panic in a decoder is told like any other failure.
    fn work(&self, waker: &super::Waker, job: impl FnOnce() -> Done + Send + 'static) {
        let (say, waker) = (self.said.0.clone(), waker.clone());
        IoTaskPool::get()
            .spawn(async move {
                if let Ok(done) = std::panic::catch_unwind(AssertUnwindSafe(job)) {
                    // An error means that the window is gone.
                    let _ = say.send(done);
                }
                waker.wake();
            })
            .detach();
    }
}

fn read(base: &Path, file: &str, most: u64) -> std::result::Result<Vec<u8>, String> {
    let path = document_path(base, file)?;
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(&path).map_err(|error| error.to_string())?;
    opened.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > most {
        return Err(format!("it has more than {} MiB", most >> 20));
    }
    Ok(bytes)
}

/// A PNG or JPEG file as pixels of a size that is shown.
fn decode(bytes: &[u8]) -> std::result::Result<egui::ColorImage, String> {
    let mut reader = image::ImageReader::new(std::io::Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|error| error.to_string())?;
    if !matches!(reader.format(), Some(image::ImageFormat::Png | image::ImageFormat::Jpeg)) {
        return Err("it is neither a PNG nor a JPEG file".to_owned());
    }
    let mut limits = image::Limits::default();
    limits.max_image_width = Some(MOST_SIDE);
    limits.max_image_height = Some(MOST_SIDE);
    limits.max_alloc = Some(MOST_ALLOCATED);
    reader.limits(limits);
    let mut picture = reader.decode().map_err(|error| error.to_string())?;
    if picture.width() > SHOWN_SIDE || picture.height() > SHOWN_SIDE {
        picture = picture.thumbnail(SHOWN_SIDE, SHOWN_SIDE);
    }
    let pixels = picture.to_rgba8();
    let size = [pixels.width() as usize, pixels.height() as usize];
    Ok(egui::ColorImage::from_rgba_unmultiplied(size, pixels.as_raw()))
}

/// Hands over what is done.
fn receive(papers: Res<Papers>, mut panels: ResMut<Panels>) {
    while let Ok(done) = papers.said.1.try_recv() {
        match done {
            Done::Text(file, body) => {
                // Another one may be open by now.
                if let Some(paper) = panels.ui.papers.open.as_mut().filter(|paper| paper.file == file) {
                    paper.body = Some(body);
                }
            }
            Done::Picture(file, picture) => {
                if let Some(ctx) = panels.context() {
                    crate::ui::deliver_picture(ctx, &file, picture);
                }
            }
        }
    }
}

/// A step that comes to hand selects its part, and the camera goes there.
fn lead_on(twin: Res<Twin>, mut panels: ResMut<Panels>) {
    let Some(snapshot) = &twin.snapshot else { return };
    if snapshot.run.as_ref().is_none_or(|run| run.end.is_some()) {
        return;
    }
    // Looked at without a change first: a changed resource would draw the panels in every frame.
    let mut procedure = panels.bypass_change_detection().ui.procedure.clone();
    let Some(part) = procedure.lead_to(snapshot) else { return };
    panels.ui.procedure = procedure;
    panels.actions.push(UiAction::Command(Command::Select(Some(part))));
    panels.actions.push(UiAction::FlyTo(part));
}

/// Which way a part is for a camera that sees the rectangle `view` (logical pixels): in sight, or to which side.
/// `local`: its place as the camera sees it, m: right, up, and towards the viewer. `seen`: on screen, logical pixels, where
/// it is before the camera. `scale`: logical pixels a point.
pub fn lead(part: PartRow, local: Vec3, seen: Option<Vec2>, view: Rect, scale: f32) -> Lead {
    let at = seen.filter(|at| local.z < 0.0 && view.contains(*at)).map(|at| [at.x / scale, at.y / scale]);
    let towards = Vec2::new(local.x, -local.y);
    // Straight ahead or behind, it is behind: turn round by the right.
    let towards = towards.try_normalize().unwrap_or(Vec2::X);
    Lead { part, seen: at, towards: towards.into(), distance_m: local.length() }
}

/// Opens a file with the system's program.
pub fn open_with_system(base: &Path, file: &str) -> std::result::Result<(), String> {
    let path: PathBuf = document_path(base, file)?;
    std::process::Command::new("xdg-open")
        .arg(&path)
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .map(|mut child| {
            // Reaped by a thread of its own, so that no zombie stays for a week.
            std::thread::spawn(move || child.wait());
        })
        .map_err(|error| format!("xdg-open: {error}"))
}

/// A document of a site, as the file that it is. It lies below the folder of the site, or below one that holds a folder of
/// types, because types name theirs `../docs/…`: a site from elsewhere opens no other file of whoever looks at it.
fn document_path(base: &Path, file: &str) -> std::result::Result<PathBuf, String> {
    let path = base.join(file).canonicalize().map_err(|error| error.to_string())?;
    let types = SiteFile::TYPE_FOLDERS.map(|folder| base.join(folder));
    let with_types = types.iter().filter(|types| types.is_dir()).filter_map(|types| types.parent());
    let mut roots = std::iter::once(base).chain(with_types).filter_map(|root| root.canonicalize().ok());
    if !roots.any(|root| path.starts_with(root)) {
        return Err("it is outside of the folders of the site and of its types; copy it there".to_owned());
    }
    if !path.is_file() {
        return Err("it is not a file".to_owned());
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = std::io::Cursor::new(Vec::new());
        image::RgbaImage::new(width, height).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_picture_is_decoded_to_a_size_that_is_shown() {
        assert_eq!(decode(&png(64, 48)).unwrap().size, [64, 48]);
        let large = decode(&png(4_000, 1_000)).unwrap().size;
        assert_eq!(large, [1_600, 400]);
    }

    #[test]
    fn what_is_no_picture_or_too_large_says_so() {
        assert_eq!(decode(b"GIF89a").unwrap_err(), "it is neither a PNG nor a JPEG file");
        assert_eq!(decode(b"<svg/>").unwrap_err(), "it is neither a PNG nor a JPEG file");
        // A header that claims more than is decoded, without the pixels.
        let mut bomb = png(1, 1);
        bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        assert!(decode(&bomb).is_err());
        assert!(decode(&png(16, 16)[..40]).is_err());
    }

    #[test]
    fn a_file_that_is_too_large_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.md"), "x".repeat(2_000)).unwrap();
        assert_eq!(read(dir.path(), "a.md", 2_000).map(|bytes| bytes.len()), Ok(2_000));
        assert!(read(dir.path(), "a.md", 1_999).unwrap_err().contains("more than"));
        assert!(read(dir.path(), "../../etc/passwd", 1_999).is_err());
    }

    #[test]
    fn the_arrow_points_to_the_side_where_the_part_is() {
        let view = Rect::new(0.0, 0.0, 800.0, 600.0);
        let to = |x: f32, y: f32, z: f32, seen| lead(PartRow(0), Vec3::new(x, y, z), seen, view, 2.0);
        let ahead = to(0.0, 0.0, -10.0, Some(Vec2::new(400.0, 300.0)));
        assert_eq!((ahead.seen, ahead.distance_m), (Some([200.0, 150.0]), 10.0));
        assert_eq!(to(5.0, 0.0, -1.0, Some(Vec2::new(4_000.0, 300.0))).towards, [1.0, 0.0]);
        // Above is up on screen, which counts down.
        assert_eq!(to(0.0, 5.0, -1.0, None).towards, [0.0, -1.0]);
        // Behind, a projection would show it in the middle.
        let behind = to(-3.0, 0.0, 10.0, Some(Vec2::new(400.0, 300.0)));
        assert_eq!((behind.seen, behind.towards), (None, [-1.0, 0.0]));
        assert_eq!(to(0.0, 0.0, 10.0, None).towards, [1.0, 0.0]);
    }

    /// A site in `assets/sites/ridge` with types in `assets/types`, and documents in and out of its folders.
    fn tree() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for file in ["secret.txt", "assets/docs/oil.md", "assets/types/t.toml", "assets/sites/ridge/docs/plan.md"] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        dir
    }

    #[test]
    fn documents_of_the_site_and_of_its_types_are_opened() {
        let dir = tree();
        let base = dir.path().join("assets/sites/ridge");
        for (file, at) in
            [("docs/plan.md", "assets/sites/ridge/docs/plan.md"), ("../../docs/oil.md", "assets/docs/oil.md")]
        {
            let want = dir.path().join(at).canonicalize().unwrap();
            assert_eq!(document_path(&base, file), Ok(want));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_document_outside_of_the_folders_is_refused() {
        let dir = tree();
        let base = dir.path().join("assets/sites/ridge");
        std::os::unix::fs::symlink(dir.path().join("secret.txt"), base.join("docs/link.md")).unwrap();
        let absolute = dir.path().join("secret.txt");
        for file in ["/etc/passwd", absolute.to_str().unwrap(), "../../../secret.txt", "docs/link.md"] {
            let reason = document_path(&base, file).unwrap_err();
            assert!(reason.contains("outside"), "{file}: {reason}");
        }
    }

    #[test]
    fn without_types_above_it_a_site_has_its_own_folder_only() {
        let dir = tree();
        fs::remove_dir_all(dir.path().join("assets/types")).unwrap();
        let base = dir.path().join("assets/sites/ridge");
        assert!(document_path(&base, "docs/plan.md").is_ok());
        assert!(document_path(&base, "../../docs/oil.md").unwrap_err().contains("outside"));
    }

    #[test]
    fn a_folder_is_no_document() {
        let dir = tree();
        let reason = document_path(&dir.path().join("assets/sites/ridge"), "docs").unwrap_err();
        assert!(reason.contains("not a file"), "{reason}");
    }
}
