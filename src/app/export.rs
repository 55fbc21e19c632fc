//! Pictures and clips of the window, with a caption: captured by the renderer without a wait, written by threads.
//!
//! Invariants: one picture and one clip at a time; a clip has bounds in time, frames and pixels; what becomes of a file is
//! said, with its path.

mod caption;
mod encode;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bevy::prelude::*;
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::{PrimaryWindow, RequestRedraw};
use bevy_egui::PrimaryEguiContext;
use crossbeam_channel::{Receiver, Sender, TrySendError};

use caption::{Strip, strip};
use encode::{Crop, Shot, cropped, new_file, write_clip, write_picture};

use super::panels::{self, Panels};
use super::twin::Twin;
use super::view_scale::{self, ViewScale};
use crate::view::export::{self, Caption, ExportAction, Exports as Told, Frame};
use crate::view::look::Look;
use crate::view::{Scene, words};

/// Takes pictures and clips.
pub struct ExportPlugin {
    /// Where files go; `None`: the folder for pictures that the system has.
    pub folder: Option<PathBuf>,
}

impl Plugin for ExportPlugin {
    fn build(&self, app: &mut App) {
        let folder = self.folder.clone().unwrap_or_else(pictures_folder);
        let folder = folder.to_string_lossy().into_owned();
        app.insert_resource(Exports {
            told: Told { folder, ..Told::default() },
            wanted: Vec::new(),
            picture: None,
            clip: None,
            said: crossbeam_channel::unbounded(),
            notice: None,
        })
        .add_systems(Update, (hear, start).chain().after(panels::act))
        .add_systems(PostUpdate, whole.after(view_scale::choose))
        .add_systems(Last, shoot.before(super::pace));
    }
}

/// Longest clip.
const CLIP: Duration = Duration::from_secs(8);
/// Between two frames of a clip.
const STEP: Duration = Duration::from_millis(80);
/// Widest frame of a clip, pixels.
const CLIP_WIDTH: usize = 960;
/// Frames that wait for the thread that makes them smaller: one more is left out, and the one before is shown longer.
const WAITING: usize = 4;
/// A driver that has given no picture for so long gives none.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(15);

/// Pictures and clips on their way.
#[derive(Resource)]
pub struct Exports {
    /// What the view is told.
    pub told: Told,
    /// What was asked for and is not begun yet.
    pub wanted: Vec<ExportAction>,
    picture: Option<Picture>,
    clip: Option<Clip>,
    said: (Sender<Said>, Receiver<Said>),
    /// What was said last, and when.
    notice: Option<(Instant, String)>,
}

/// A picture that is being taken.
struct Picture {
    action: ExportAction,
    since: Instant,
    /// The renderer was asked for it.
    asked: bool,
}

/// A clip that is being taken.
struct Clip {
    since: Instant,
    next: Instant,
    frames: Sender<Taken>,
}

/// A captured frame for the thread of a clip.
struct Taken {
    image: Image,
    crop: Crop,
    strip: Strip,
    at: Instant,
}

/// What threads say.
enum Said {
    /// A picture is done, or failed.
    Picture(String),
    /// A clip is done, or failed.
    Clip(String),
}

/// The folder for pictures: as the system says, `~/Pictures`, or the home.
fn pictures_folder() -> PathBuf {
    let home = std::env::home_dir().filter(|home| home.is_absolute());
    let config =
        std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
    let text =
        config.and_then(|config| std::fs::read_to_string(config.join("user-dirs.dirs")).ok()).unwrap_or_default();
    if let Some(folder) = home.as_ref().and_then(|home| user_dir(&text, home)).filter(|folder| folder.is_dir()) {
        return folder;
    }
    let Some(home) = home else { return PathBuf::from(".") };
    let pictures = home.join("Pictures");
    if pictures.is_dir() { pictures } else { home }
}

/// `XDG_PICTURES_DIR` of a file `user-dirs.dirs` (xdg-user-dirs: a path that is absolute or begins with `$HOME/`).
fn user_dir(text: &str, home: &Path) -> Option<PathBuf> {
    let line = text.lines().find_map(|line| line.trim().strip_prefix("XDG_PICTURES_DIR="))?;
    let path = line.trim().trim_matches('"');
    match path.strip_prefix("$HOME/") {
        Some(below) => Some(home.join(below)),
        None => Some(PathBuf::from(path)).filter(|path| path.is_absolute()),
    }
}

/// The name of a file: site and moment, `north-ridge-20261122-140211`.
fn file_name(site: &str, wall_ms: i64) -> String {
    let stamp = words::stamp(wall_ms);
    let moment: String = stamp.chars().take(19).filter(|c| c.is_ascii_digit() || *c == ' ').collect();
    let site: String = site.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).take(40).collect();
    format!("{}-{}", if site.is_empty() { "twinscope" } else { &site }, moment.replace(' ', "-"))
}

/// The caption of now, for pictures.
fn caption_of(twin: &Twin, panels: &Panels) -> Caption {
    let Some(snapshot) = &twin.snapshot else { return Caption::default() };
    export::caption(&Look::new(snapshot, &Scene::default(), &panels.ui))
}

fn say(exports: &mut Exports, panels: &mut Panels, said: String) {
    if let Some((_, before)) = exports.notice.take() {
        panels.notices.retain(|notice| *notice != before);
    }
    if !said.is_empty() {
        panels.notices.push(said.clone());
        exports.notice = Some((Instant::now(), said));
    }
}

/// What became of files; notices that have stood long enough go.
fn hear(mut exports: ResMut<Exports>, mut panels: ResMut<Panels>) {
    let exports = exports.bypass_change_detection();
    while let Ok(said) = exports.said.1.try_recv() {
        let told = match said {
            Said::Picture(told) => {
                exports.picture = None;
                told
            }
            Said::Clip(told) => {
                exports.told.writing = false;
                exports.clip = None;
                told
            }
        };
        say(exports, &mut panels, told);
    }
    if exports.notice.as_ref().is_some_and(|(since, _)| since.elapsed() > NOTICE) {
        say(exports, &mut panels, String::new());
    }
    if exports.picture.as_ref().is_some_and(|picture| picture.since.elapsed() > PATIENCE) {
        exports.picture = None;
        say(exports, &mut panels, "Picture not taken: the graphics driver gave none".to_owned());
    }
    exports.told.recording_s = exports.clip.as_ref().map(|clip| clip.since.elapsed().as_secs_f32());
}

/// Begins what was asked for.
fn start(mut exports: ResMut<Exports>, mut panels: ResMut<Panels>, twin: Res<Twin>, waker: Res<super::WakerSlot>) {
    if exports.wanted.is_empty() {
        return;
    }
    let exports = &mut *exports;
    for action in std::mem::take(&mut exports.wanted) {
        // A notice of the last one is no part of the next.
        say(exports, &mut panels, String::new());
        let now = Instant::now();
        match action {
            ExportAction::Save(_) | ExportAction::Copy => {
                if exports.picture.is_none() {
                    exports.picture = Some(Picture { action, since: now, asked: false });
                }
            }
            ExportAction::Copied => say(exports, &mut panels, "Values copied".to_owned()),
            // The thread goes on with what it has.
            ExportAction::Clip if exports.clip.is_some() => {
                exports.clip = None;
                exports.told.writing = true;
            }
            ExportAction::Clip if exports.told.writing => {
                say(
                    exports,
                    &mut panels,
                    "Clip: the last one is still being written; try again in a moment".to_owned(),
                );
            }
            ExportAction::Clip => {
                let (frames, taken) = crossbeam_channel::bounded(WAITING);
                let job = ClipJob {
                    taken,
                    folder: folder_of(&exports.told, &panels),
                    name: name_of(&twin),
                    caption: caption_of(&twin, &panels).one_line(),
                };
                let (say_to, waker) = (exports.said.0.clone(), waker.0.clone());
                let started = std::thread::Builder::new().name("clip".to_owned()).spawn(move || {
                    // An error means that the window is gone.
                    let _ = say_to.send(Said::Clip(job.run()));
                    waker.wake();
                });
                match started {
                    Ok(_) => exports.clip = Some(Clip { since: now, next: now, frames }),
                    Err(error) => say(exports, &mut panels, format!("Clip not taken: {error}")),
                }
            }
        }
    }
}

/// Where files go: what was typed, else where the system has pictures.
fn folder_of(told: &Told, panels: &Panels) -> PathBuf {
    match panels.ui.export_folder.trim() {
        "" => PathBuf::from(&told.folder),
        typed => match (typed.strip_prefix("~/"), std::env::home_dir()) {
            (Some(below), Some(home)) => home.join(below),
            _ => PathBuf::from(typed),
        },
    }
}

fn name_of(twin: &Twin) -> String {
    twin.snapshot
        .as_ref()
        .map_or_else(|| "twinscope".to_owned(), |snapshot| file_name(&snapshot.site.id, snapshot.now.wall_ms))
}

/// A picture shows every pixel, also where the processor draws.
fn whole(exports: Res<Exports>, mut view: ResMut<ViewScale>) {
    if exports.picture.as_ref().is_some_and(|picture| !picture.asked) {
        view.set_if_neq(ViewScale::default());
    }
}

/// Asks the renderer for the frame that is about to be drawn: the panels of this frame are laid out.
fn shoot(
    mut commands: Commands,
    mut exports: ResMut<Exports>,
    panels: Res<Panels>,
    twin: Res<Twin>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut contexts: Query<&mut bevy_egui::EguiContext, With<PrimaryEguiContext>>,
    waker: Res<super::WakerSlot>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    if exports.picture.is_none() && exports.clip.is_none() {
        return;
    }
    let Ok(mut context) = contexts.single_mut() else { return };
    let ctx = context.get_mut().clone();
    let exports = exports.bypass_change_detection();
    redraw.write(RequestRedraw);
    if let Some(picture) = exports.picture.as_mut().filter(|picture| !picture.asked) {
        picture.asked = true;
        let action = picture.action;
        let crop = crop(&window, &panels, action == ExportAction::Save(Frame::Window));
        let caption = caption_of(&twin, &panels);
        let strip = strip(&ctx, &caption, crop[2]);
        let (folder, name) = (folder_of(&exports.told, &panels), name_of(&twin));
        let (say_to, waker) = (exports.said.0.clone(), waker.0.clone());
        commands.spawn(Screenshot::primary_window()).observe(move |mut captured: On<ScreenshotCaptured>| {
            let image = std::mem::take(&mut captured.event_mut().image);
            let (say_to, waker) = (say_to.clone(), waker.clone());
            let (strip, caption) = (strip.clone(), caption.one_line());
            let (folder, name) = (folder.clone(), name.clone());
            let again = say_to.clone();
            let work = move || {
                let shot = cropped(image, crop).map(|shot| shot.captioned(&strip));
                let done = shot.and_then(|shot| finish(action, &shot, &caption, &folder, &name, &say_to));
                let told = done.unwrap_or_else(|why| format!("Picture not taken: {why}"));
                if !told.is_empty() {
                    // An error means that the window is gone.
                    let _ = say_to.send(Said::Picture(told));
                }
                waker.wake();
            };
            if let Err(error) = std::thread::Builder::new().name("picture".to_owned()).spawn(work) {
                let _ = again.send(Said::Picture(format!("Picture not taken: {error}")));
            }
        });
        // Two captures of one window in one frame are one too many.
        return;
    }
    let Some(clip) = exports.clip.as_mut() else { return };
    let now = Instant::now();
    if now - clip.since > CLIP {
        // The thread goes on with what it has.
        exports.clip = None;
        exports.told.writing = true;
        return;
    }
    if now < clip.next {
        return;
    }
    clip.next = now + STEP;
    let frames = clip.frames.clone();
    let crop = crop(&window, &panels, false);
    let width = crop[2] / crop[2].div_ceil(CLIP_WIDTH).max(1);
    let strip = strip(&ctx, &caption_of(&twin, &panels), width);
    commands.spawn(Screenshot::primary_window()).observe(move |mut captured: On<ScreenshotCaptured>| {
        let image = std::mem::take(&mut captured.event_mut().image);
        // A frame too many is left out; the one before it is shown longer.
        let (Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_))) =
            frames.try_send(Taken { image, crop, strip: strip.clone(), at: now });
    });
}

/// The scene or the whole window, pixels.
fn crop(window: &Window, panels: &Panels, all: bool) -> Crop {
    let size = window.physical_size();
    let whole = [0, 0, size.x as usize, size.y as usize];
    if all {
        return whole;
    }
    let scale = window.scale_factor();
    let [left, top, right, bottom] = [panels.free.min.x, panels.free.min.y, panels.free.max.x, panels.free.max.y]
        .map(|at| (at * scale).round().max(0.0) as usize);
    let [_, _, width, height] = whole;
    let (right, bottom) = (right.min(width), bottom.min(height));
    if right <= left || bottom <= top { whole } else { [left, top, right - left, bottom - top] }
}

/// Does with a picture what was asked for; what to say.
fn finish(
    action: ExportAction,
    shot: &Shot,
    caption: &str,
    folder: &Path,
    name: &str,
    say_to: &Sender<Said>,
) -> Result<String, String> {
    if action == ExportAction::Copy {
        return copy(shot, say_to);
    }
    let (path, file) = new_file(folder, name)?;
    write_picture(shot, caption, file).map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(format!("Picture saved: {}", path.display()))
}

/// Puts a picture on the clipboard. On X11 and Wayland whoever copies answers for it until another does: this thread waits.
fn copy(shot: &Shot, say_to: &Sender<Said>) -> Result<String, String> {
    #[cfg(target_os = "linux")]
    use arboard::SetExtLinux as _;
    let failed = |error: arboard::Error| format!("the clipboard: {error}");
    let mut clipboard = arboard::Clipboard::new().map_err(failed)?;
    let image = arboard::ImageData { width: shot.width, height: shot.height, bytes: shot.rgba().into() };
    #[cfg(target_os = "linux")]
    {
        // Said before the wait, which may last as long as the program.
        let _ = say_to.send(Said::Picture("Picture copied".to_owned()));
        clipboard.set().wait().image(image).map_err(failed)?;
        // Another copy took its place: nothing more to say, and nothing that is said now is taken away.
        Ok(String::new())
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = say_to;
        clipboard.set_image(image).map_err(failed)?;
        Ok("Picture copied".to_owned())
    }
}

/// What the thread of a clip does.
struct ClipJob {
    taken: Receiver<Taken>,
    folder: PathBuf,
    name: String,
    caption: String,
}

impl ClipJob {
    fn run(self) -> String {
        self.write().unwrap_or_else(|why| format!("Clip not taken: {why}"))
    }

    /// Takes frames until no more come, and writes them.
    fn write(&self) -> Result<String, String> {
        let mut shots: Vec<(Shot, Instant)> = Vec::new();
        for Taken { image, crop, strip, at } in &self.taken {
            let shot = cropped(image, crop)?.at_most(CLIP_WIDTH).captioned(&strip);
            // A window that changes its size ends the clip: the frames of a file have one size.
            if shots.first().is_some_and(|(first, _)| (first.width, first.height) != (shot.width, shot.height)) {
                break;
            }
            shots.push((shot, at));
        }
        let end = shots.last().map(|(_, at)| *at + STEP);
        let ends: Vec<Instant> = shots.iter().skip(1).map(|(_, at)| *at).chain(end).collect();
        let frames: Vec<(Shot, u16)> = shots
            .into_iter()
            .zip(ends)
            .map(|((shot, at), end)| (shot, u16::try_from((end - at).as_millis()).unwrap_or(u16::MAX)))
            .collect();
        let (path, file) = new_file(&self.folder, &format!("{}-clip", self.name))?;
        let seconds: f64 = frames.iter().map(|(_, ms)| f64::from(*ms) / 1_000.0).sum();
        match write_clip(&frames, &self.caption, file) {
            Ok(()) => Ok(format!(
                "Clip saved: {} ({} s, {})",
                path.display(),
                words::number(seconds, 1),
                words::plural(frames.len() as u64, "frame", "frames")
            )),
            Err(why) => {
                // An empty file helps nobody; that it cannot be removed either changes nothing.
                let _ = std::fs::remove_file(&path);
                Err(why)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_for_pictures_is_what_the_system_says() {
        let home = Path::new("/home/a");
        for (text, expected) in [
            ("XDG_PICTURES_DIR=\"$HOME/Bilder\"\n", Some("/home/a/Bilder")),
            ("# x\nXDG_MUSIC_DIR=\"/m\"\nXDG_PICTURES_DIR=\"/data/pictures\"\n", Some("/data/pictures")),
            ("XDG_PICTURES_DIR=\"relative\"\n", None),
            ("", None),
        ] {
            assert_eq!(user_dir(text, home), expected.map(PathBuf::from), "{text}");
        }
    }

    #[test]
    fn a_file_is_named_by_its_site_and_moment() {
        assert_eq!(file_name("north-ridge", 1_795_356_131_000), "north-ridge-20261122-140211");
        assert_eq!(file_name("../etc/x", 0), "etcx-19700101-000000");
        assert_eq!(file_name("", 0), "twinscope-19700101-000000");
    }
}
