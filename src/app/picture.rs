//! Pictures without a window: the same scene, drawn to an image.
//!
//! No clock decides what is drawn: it is a snapshot, and the machine is turned as far as its signals say.
//! Pipelines are compiled before they are needed and frames are drawn one after the other, so that a picture depends on
//! the snapshot, the size and the driver only.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bevy::app::{PluginGroup, TaskPoolPlugin};
use bevy::camera::RenderTarget;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::view::screenshot::{Screenshot, ScreenshotCaptured};
use bevy::window::ExitCondition;
use bevy::winit::WinitPlugin;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use super::camera::{FOV, Orbit, SceneCamera, first_look, with_surroundings};
use super::detail::Levels;
use super::edges::Edges;
use super::explode::Apart;
use super::far::FarMachines;
use super::field::Fields;
use super::material::{PartRows, Row};
use super::models::{self, Parts};
use super::motion::{self, Moving};
use super::paint::Look;
use super::panels::Panels;
use super::quality::Quality;
use super::section;
use super::sight::Before;
use super::viewpoints;
use crate::session::ModelFiles;
use crate::view::field::ShownField;
use crate::view::quality::Preset;
use crate::view::sight::Sight;
use crate::view::viewpoints::sight_of;

/// RGB, 8 bits a channel, rows from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `3 × width × height` bytes, sRGB.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The colour of a pixel; black outside.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let start = 3 * (y as usize * self.width as usize + x as usize);
        match self.rgb.get(start..start + 3) {
            Some(&[r, g, b]) if x < self.width => [r, g, b],
            _ => [0; 3],
        }
    }

    /// Writes a PNG.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save(&self, path: &std::path::Path) -> Result<(), String> {
        let image = image::RgbImage::from_raw(self.width, self.height, self.rgb.clone())
            .ok_or_else(|| "the picture is not whole".to_owned())?;
        image
            .save_with_format(path, image::ImageFormat::Png)
            .map_err(|error| format!("{}: {error}; is the folder there, and writable?", path.display()))
    }
}

/// What to draw.
#[derive(Clone, Debug, PartialEq)]
pub enum Shot {
    /// As in the window.
    Lit,
    /// Flat state colours, nothing lit, no glass: for checks.
    Flat,
    /// One part (with what is below it) white, everything else black: which of its pixels are seen.
    Mask(PartRow),
}

/// Where to look from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum View {
    /// Where the window opens.
    #[default]
    Story,
    /// The whole site.
    All,
    /// One part.
    Part(PartRow),
    /// A viewpoint of the site, by its place in the list; what is shown there is shown.
    Saved(usize),
}

/// What the picture looks like, where it is not as the site and the adapter would have it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PictureLook {
    /// Quality; `None`: what fits the adapter.
    pub quality: Option<Preset>,
    /// Time of day, hours; `None`: the site's.
    pub hour: Option<f32>,
}

/// A scene without a window.
pub struct Studio {
    app: App,
    camera: Handle<Image>,
    size: (u32, u32),
    /// Pixels drawn for each pixel of the picture, a side.
    fine: u32,
}

/// Largest picture, pixels a side: what every driver can draw.
pub const MOST_PIXELS: u32 = 8_192;

/// Frames until everything that was asked for is on the GPU.
const SETTLE_FRAMES: u32 = 3;
/// How long loading or a picture may take. Not counted in frames: a software renderer draws some a second, a card
/// hundreds.
const PATIENCE: Duration = Duration::from_secs(120);

/// The scene's plugins without a window.
///
/// # Errors
/// The size is out of bounds.
pub fn windowless(size: (u32, u32)) -> Result<App, String> {
    let (width, height) = size;
    if width == 0 || height == 0 || width > MOST_PIXELS || height > MOST_PIXELS {
        return Err(format!("the size {width}x{height} is out of bounds: 1 to {MOST_PIXELS} pixels a side"));
    }
    let mut app = App::new();
    app.add_plugins(models::ModelSourcePlugin);
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin { primary_window: None, exit_condition: ExitCondition::DontExit, ..default() })
            .set(super::preflight::render_plugin(true))
            .set(super::field::loader())
            .set(TaskPoolPlugin::default())
            .disable::<LogPlugin>()
            .disable::<WinitPlugin>()
            .disable::<PipelinedRenderingPlugin>()
            .add_after::<bevy::render::RenderPlugin>(super::software::SoftwarePlugin),
    );
    super::add_scene(&mut app);
    app.finish();
    app.cleanup();
    Ok(app)
}

impl Studio {
    /// Builds the scene of a snapshot's site. `seconds`: how long the machine has turned.
    ///
    /// # Errors
    /// The size is out of bounds, or a model does not come up.
    pub fn new(
        snapshot: Arc<Snapshot>,
        models: &[ModelFiles],
        size: (u32, u32),
        seconds: f64,
        view: View,
        picture: PictureLook,
    ) -> Result<Self, String> {
        let mut app = windowless(size)?;
        app.insert_resource(Quality::wanted(picture.quality));
        let hour = picture.hour.unwrap_or(snapshot.site.hour as f32);
        app.world_mut().resource_mut::<Panels>().ui.hour = hour;
        let fine = finer(picture.quality, size);
        let (width, height) = (size.0 * fine, size.1 * fine);
        app.insert_resource(ClearColor(Color::BLACK));
        let mut target = Image::new_target_texture(width, height, TextureFormat::Rgba8UnormSrgb, None);
        target.texture_descriptor.usage |= TextureUsages::COPY_SRC;
        let camera = app.world_mut().resource_mut::<Assets<Image>>().add(target);
        app.world_mut().spawn((
            SceneCamera,
            Camera3d::default(),
            RenderTarget::Image(camera.clone().into()),
            Projection::Perspective(PerspectiveProjection { fov: FOV, near: 0.1, far: 30_000.0, ..default() }),
            Tonemapping::None,
            Msaa::Off,
            Transform::default(),
        ));
        {
            let mut look = app.world_mut().resource_mut::<Look>();
            look.selected = snapshot.selected.as_ref().map(|detail| detail.part);
            look.snapshot = Some(Arc::clone(&snapshot));
        }
        let mut studio = Self { app, camera, size, fine };
        studio.load(&snapshot, models)?;
        studio.turn(&snapshot, seconds);
        // What turned is somewhere else now.
        studio.app.update();
        studio.place(view);
        studio.show(view, &snapshot)?;
        Ok(studio)
    }

    /// Hides, cuts and takes apart as it is kept with a viewpoint.
    fn show(&mut self, view: View, snapshot: &Arc<Snapshot>) -> Result<(), String> {
        let View::Saved(place) = view else { return Ok(()) };
        let Some(show) = snapshot.site.viewpoints.get(place).and_then(|view| view.show.as_ref()) else { return Ok(()) };
        let world = self.app.world_mut();
        let placed =
            |part, cut| section::placed(cut, world.get::<GlobalTransform>(world.resource::<Parts>().node(part)?)?);
        let sight = sight_of(show, &Sight::default(), placed);
        world.resource_mut::<Panels>().ui.sight = sight;
        let done = |app: &App| {
            let world = app.world();
            let (apart, edges, before) =
                (world.resource::<Apart>(), world.resource::<Edges>(), world.resource::<Before>());
            (!apart.moving && !edges.busy() && !before.busy()).then_some(())
        };
        draw_until(&mut self.app, PATIENCE, done)
            .ok_or_else(|| format!("what the viewpoint shows was not there within {} s", PATIENCE.as_secs()))?;
        // What turns goes aside with its motion.
        self.turn(snapshot, 0.0);
        for _ in 0..SETTLE_FRAMES {
            self.app.update();
        }
        Ok(())
    }

    fn load(&mut self, snapshot: &Snapshot, models: &[ModelFiles]) -> Result<(), String> {
        let site = Arc::clone(&snapshot.site);
        self.app.world_mut().resource_mut::<Parts>().set_site(site);
        let models = models.to_vec();
        self.app
            .world_mut()
            .run_system_cached_with(spawn_by, models)
            .map_err(|error| format!("the scene could not be built: {error}"))?;
        // A picture does not depend on how fast levels of detail are made.
        let loaded = |app: &App| {
            let world = app.world();
            let idle = world.resource::<Levels>().idle() && world.resource::<FarMachines>().idle();
            (world.resource::<Parts>().pending == 0 && idle).then_some(())
        };
        draw_until(&mut self.app, PATIENCE, loaded)
            .ok_or_else(|| format!("a model did not come up within {} s", PATIENCE.as_secs()))?;
        for _ in 0..SETTLE_FRAMES {
            self.app.update();
        }
        Ok(())
    }

    /// What could not be shown of the models.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let parts = self.app.world().resource::<Parts>();
        parts.problems.iter().map(|(_, reason)| reason).chain(&parts.lost).cloned().collect()
    }

    /// Shows a field, by its id, in the colours of the window's start.
    ///
    /// # Errors
    /// There is no such field, or it is on no surface.
    pub fn show_field(&mut self, id: &str) -> Result<ShownField, String> {
        self.app.world_mut().resource_mut::<Fields>().want.id = Some(id.to_owned());
        self.app.update();
        let fields = self.app.world().resource::<Fields>();
        if fields.shown.is_none() {
            let known: Vec<&str> = fields.choices.iter().map(|choice| choice.id.as_str()).collect();
            let known =
                if known.is_empty() { "no model has one".to_owned() } else { format!("there is {}", known.join(", ")) };
            return Err(format!("there is no field {id:?}; {known}"));
        }
        let laid = |app: &App| app.world().resource::<Fields>().shown.clone().filter(|shown| !shown.pending);
        let shown = draw_until(&mut self.app, PATIENCE, laid)
            .ok_or_else(|| format!("the field {id:?} was not there within {} s", PATIENCE.as_secs()))?;
        for _ in 0..SETTLE_FRAMES {
            self.app.update();
        }
        if shown.limits.is_none() {
            return Err(format!("no value of the field {id:?} is known on what is shown"));
        }
        Ok(shown)
    }

    fn turn(&mut self, snapshot: &Arc<Snapshot>, seconds: f64) {
        let snapshot = Arc::clone(snapshot);
        // In small steps, so that a rotor is drawn turned; at most a minute: an angle repeats.
        let steps = (seconds.clamp(0.0, 60.0) * 20.0) as u32;
        let turned = self.app.world_mut().run_system_cached_with(turn_by, (snapshot, steps));
        if turned.is_err() {
            tracing::warn!("the machine is drawn at rest: its motion could not be run");
        }
    }

    fn place(&mut self, view: View) {
        if self.app.world_mut().run_system_cached_with(place_by, view).is_err() {
            tracing::warn!("the camera stays where it is: it could not be placed");
        }
    }

    /// Draws one picture.
    ///
    /// # Errors
    /// The driver gives no picture.
    pub fn shoot(&mut self, shot: &Shot) -> Result<Picture, String> {
        let flat = !matches!(shot, Shot::Lit);
        self.app.world_mut().resource_mut::<Look>().bare = flat;
        self.app.world_mut().resource_mut::<PartRows>().set_flat(flat);
        for _ in 0..SETTLE_FRAMES {
            self.app.update();
        }
        if let Shot::Mask(part) = *shot {
            let parts = self.app.world().resource::<Parts>();
            let family = parts.family(part);
            let count = parts.primitives.len();
            let mut rows = self.app.world_mut().resource_mut::<PartRows>();
            for row in 0..count {
                let white = if family.contains(&PartRow(row as u32)) { 1.0 } else { 0.0 };
                rows.set(row, Row { colour: [white, white, white, 1.0], ..default() });
            }
            for _ in 0..SETTLE_FRAMES {
                self.app.update();
            }
        }
        let result: Arc<Mutex<Option<Image>>> = Arc::default();
        let slot = Arc::clone(&result);
        self.app.world_mut().spawn(Screenshot::image(self.camera.clone())).observe(
            move |captured: On<ScreenshotCaptured>| {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(captured.image.clone());
            },
        );
        let image =
            draw_until(&mut self.app, PATIENCE, |_| result.lock().unwrap_or_else(PoisonError::into_inner).take())
                .ok_or_else(|| format!("the graphics driver gave no picture within {} s", PATIENCE.as_secs()))?;
        self.picture(&image)
    }

    fn picture(&self, image: &Image) -> Result<Picture, String> {
        let (width, height) = self.size;
        let rgba = image.data.as_ref().ok_or_else(|| "the picture came without pixels".to_owned())?;
        let fine = self.fine as usize;
        let row = width as usize * fine * 4;
        if rgba.len() != row * height as usize * fine {
            return Err(format!("the picture has {} bytes instead of {width}x{height} pixels", rgba.len()));
        }
        let mut rgb = Vec::with_capacity(3 * width as usize * height as usize);
        for rows in rgba.chunks_exact(row * fine) {
            for x in 0..width as usize {
                for channel in 0..3 {
                    let at = |n: usize| rows.get(n / fine * row + (x * fine + n % fine) * 4 + channel);
                    let sum: u32 = (0..fine * fine).filter_map(at).map(|&value| u32::from(value)).sum();
                    rgb.push((sum as f32 / (fine * fine) as f32).round() as u8);
                }
            }
        }
        Ok(Picture { width, height, rgb })
    }
}

/// Pixels drawn for each pixel of a picture, a side: the best pictures are drawn larger and taken together, as far as the
/// driver can.
fn finer(quality: Option<Preset>, (width, height): (u32, u32)) -> u32 {
    if quality == Some(Preset::High) && width.max(height) * 2 <= MOST_PIXELS { 2 } else { 1 }
}

/// Draws frames until there is something, for at most `patience` and the frame that it ends in.
fn draw_until<T>(app: &mut App, patience: Duration, mut ready: impl FnMut(&App) -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        app.update();
        let found = ready(app);
        if found.is_some() || start.elapsed() >= patience {
            return found;
        }
        // The loader has threads of its own.
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn turn_by(
    In((snapshot, steps)): In<(Arc<Snapshot>, u32)>,
    mut moving: ResMut<Moving>,
    mut transforms: Query<&mut Transform>,
) {
    for _ in 0..steps.max(1) {
        motion::advance(&mut moving, &snapshot, 0.05, &mut transforms);
    }
}

fn place_by(
    In(view): In<View>,
    mut orbit: ResMut<Orbit>,
    parts: Res<Parts>,
    bounds: Query<(&bevy::camera::primitives::Aabb, &GlobalTransform)>,
) {
    let all: Vec<Entity> = parts.primitives.iter().flatten().copied().collect();
    let whole = models::bounds(&all, &bounds).map_or(0.0, |(_, radius)| radius);
    let pose = match view {
        View::Story => super::story_pose(&orbit, &parts, &bounds),
        View::All => models::bounds(&all, &bounds)
            .map(|(centre, radius)| orbit.framing(centre, radius * 0.8, Some(first_look(radius)))),
        View::Part(part) => models::bounds(&parts.primitives_of(part), &bounds)
            .map(|(centre, radius)| orbit.framing(centre, with_surroundings(radius, whole), Some((28.0, 13.0)))),
        View::Saved(place) => {
            let view = parts.site.as_ref().and_then(|site| site.viewpoints.get(place));
            view.and_then(|view| viewpoints::pose_of(view, &orbit, &parts, |all| models::bounds(all, &bounds)))
        }
    };
    if let Some(pose) = pose {
        orbit.jump(pose);
    }
}

fn spawn_by(
    In(models): In<Vec<ModelFiles>>,
    mut store: ResMut<models::ModelStore>,
    mut parts: ResMut<Parts>,
    server: Res<AssetServer>,
) {
    super::spawn_models(&models, &mut store, &server, &mut parts);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_ends_by_the_clock_however_slow_the_frames_are() {
        let mut app = App::new();
        app.add_systems(Update, || std::thread::sleep(Duration::from_millis(20)));
        let mut frames = 0;
        let found = draw_until(&mut app, Duration::from_millis(100), |_| {
            frames += 1;
            None::<()>
        });
        assert!(found.is_none() && (1..=5).contains(&frames), "{frames} frames");
    }

    #[test]
    fn a_wait_ends_with_what_it_waited_for() {
        let mut left = 3;
        let found = draw_until(&mut App::new(), PATIENCE, |_| {
            left -= 1;
            (left == 0).then_some("there")
        });
        assert_eq!(found, Some("there"));
    }
}
