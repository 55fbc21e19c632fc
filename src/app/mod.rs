//! The window: Bevy plugins, one a file, and the loop that draws only when there is something to draw.
//!
//! Invariants: a frame never waits for telemetry or for a disk; panels and parts show one and the same snapshot.

pub mod about;
pub mod camera;
pub mod contact;
pub mod crack;
pub mod daylight;
pub mod detail;
pub mod drop;
pub mod edges;
pub mod explode;
pub mod export;
pub mod far;
pub mod field;
pub mod interact;
pub mod kiosk;
pub mod label_bench;
pub mod material;
pub mod measure;
pub mod models;
pub mod monitors;
pub mod motion;
pub mod paint;
pub mod panels;
pub mod papers;
pub mod picture;
pub mod preflight;
pub mod quality;
pub mod room;
pub mod ruler;
pub mod scale;
pub mod section;
pub mod sight;
pub mod software;
pub mod stage;
pub mod sun;
pub mod tags;
pub mod trees;
pub mod turntable;
pub mod twin;
pub mod view_scale;
pub mod viewpoints;
pub mod walk;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bevy::asset::AssetPlugin;
use bevy::log::LogPlugin;
use bevy::prelude::*;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::renderer::RenderAdapterInfo;
use bevy::window::{PresentMode, WindowMode, WindowResolution};
use bevy::winit::{EventLoopProxyWrapper, UpdateMode, WinitSettings, WinitUserEvent};
use crossbeam_channel::Receiver;
use twinscope_twin::site::AssetRow;
use twinscope_twin::snapshot::Snapshot;

use crate::session::{ModelFiles, SessionEvent};
use crate::view::Progress;
use crate::view::quality::Preset;

/// What the window is opened with.
pub struct WindowOptions {
    /// Logical size; `None`: 1600×900, or what the screen allows.
    pub size: Option<(u32, u32)>,
    /// The whole screen, which tells a tour.
    pub kiosk: Option<kiosk::KioskOptions>,
    /// Refuse every command that leaves the process.
    pub read_only: bool,
    /// The room to join once the site is there.
    pub room: Option<room::Wanted>,
    /// What this person goes by in rooms.
    pub person: String,
    /// The site file, which saved viewpoints are written into; or why nothing is.
    pub site_file: Result<PathBuf, String>,
    /// Where pictures and clips go; `None`: the folder for pictures that the system has.
    pub pictures: Option<PathBuf>,
    /// Quality of the picture; `None`: what fits the adapter.
    pub quality: Option<Preset>,
    /// Measure for so long, print, and end.
    pub measure: Option<Duration>,
    /// Turn the camera with labels on everything and without, print what these cost, and end.
    pub label_bench: Option<Duration>,
    /// Turn the camera, recolour all parts, print what that costs, and end: each for so long.
    pub turntable: Option<Duration>,
}

/// Wakes the event loop from other threads; does nothing until the window is there.
#[derive(Clone, Default)]
pub struct Waker(Arc<OnceLock<bevy::winit::EventLoopProxy<WinitUserEvent>>>);

impl Waker {
    /// Asks for a frame.
    pub fn wake(&self) {
        if let Some(proxy) = self.0.get() {
            // An error means that the loop has ended: nobody is left to wake.
            let _ = proxy.send_event(WinitUserEvent::WakeUp);
        }
    }
}

/// Closes the window on Ctrl-C and on the system's wish to end. Bevy's own handler is left out where a shell has set these
/// signals aside (a program in the background), and wakes no window that rests.
///
/// # Errors
/// The system takes no handler.
pub fn end_on_signals(waker: Waker) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(move || end(&waker, true))
}

/// Ends the window. Bevy takes a second wish for impatience and ends at once: a signal that goes to parent and child alike
/// is one wish.
fn end(waker: &Waker, signal: bool) {
    static WISHED: AtomicBool = AtomicBool::new(false);
    let again = WISHED.swap(true, Ordering::Relaxed);
    if !again || (signal && !WATCHED.load(Ordering::Relaxed)) {
        bevy::app::TerminalCtrlCHandlerPlugin::gracefully_exit();
    }
    waker.wake();
}

/// Another process watches over this one, and ends it if it takes too long.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// Closes the window when standard input closes: with the process that started it and watches over it.
///
/// # Errors
/// The system gives no thread.
pub fn end_with_input(waker: Waker) -> std::io::Result<()> {
    let read = move || {
        // Whatever arrives is thrown away; an error means the same as the end.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        end(&waker, false);
    };
    WATCHED.store(true, Ordering::Relaxed);
    std::thread::Builder::new().name("kiosk parent".to_owned()).spawn(read).map(drop)
}

/// The waker, for whatever in the app must be able to ask for a frame.
#[derive(Resource)]
pub struct WakerSlot(Waker);

/// Why the window ended, if it was not closed by a person.
#[derive(Resource, Default)]
struct Failure(Arc<std::sync::Mutex<Option<String>>>);

/// Opens the window and runs until it is closed. The error says why the session could not start.
///
/// # Errors
/// What the loader thread reports as fatal.
pub fn run(options: &WindowOptions, waker: Waker, events: Receiver<SessionEvent>) -> Result<(), String> {
    let display = if options.kiosk.is_some() { monitors::display() } else { monitors::Display::default() };
    let screen = kiosk_screen(options.kiosk, &display.screens)?;
    // Without a window manager nobody makes a window fill its screen: it is made so large from the start.
    let whole = screen.filter(|_| !display.managed && options.size.is_none()).map(|screen| screen.size);
    let (width, height) = options.size.or(whole.map(|[width, height]| (width, height))).unwrap_or((1600, 900));
    let mut app = App::new();
    app.add_plugins(models::ModelSourcePlugin);
    app.add_plugins(
        DefaultPlugins
            .set(WindowPlugin {
                primary_window: Some(Window {
                    title: "twinscope".to_owned(),
                    name: Some("twinscope".to_owned()),
                    resolution: WindowResolution::new(width, height),
                    present_mode: PresentMode::AutoVsync,
                    mode: match options.kiosk {
                        Some(kiosk) if options.size.is_none() && whole.is_none() => {
                            let monitor = kiosk.screen.map(|number| MonitorSelection::Index(number.saturating_sub(1)));
                            WindowMode::BorderlessFullscreen(monitor.unwrap_or(MonitorSelection::Primary))
                        }
                        _ => WindowMode::Windowed,
                    },
                    position: match screen {
                        Some(screen) if options.size.is_none() => WindowPosition::At(screen.at.into()),
                        _ => WindowPosition::Automatic,
                    },
                    ..default()
                }),
                ..default()
            })
            .set(AssetPlugin { file_path: "assets".to_owned(), ..default() })
            .set(preflight::render_plugin(false))
            .set(field::loader())
            .set(log_plugin())
            // A frame less between a message and the screen; the main thread has little to do meanwhile.
            .disable::<PipelinedRenderingPlugin>()
            .add_after::<bevy::render::RenderPlugin>(software::SoftwarePlugin),
    );
    // Bindless, egui's shader chooses among 16 textures for every pixel; we have two.
    app.add_plugins(bevy_egui::EguiPlugin { bindless_mode_array_size: None });
    app.insert_resource(ClearColor(Color::srgb_u8(0x12, 0x16, 0x1B)))
        .insert_resource(quality::Quality::wanted(options.quality));
    add_scene(&mut app);
    app.add_plugins((
        interact::InteractPlugin,
        panels::PanelsPlugin,
        room::RoomPlugin,
        papers::PapersPlugin,
        view_scale::ViewScalePlugin,
        drop::DropPlugin,
        viewpoints::ViewpointsPlugin { file: options.site_file.clone() },
        walk::WalkPlugin,
    ));
    let folder = options.pictures.clone();
    app.add_plugins((tags::TagsPlugin, about::AboutPlugin, export::ExportPlugin { folder }));
    let failure = Failure::default();
    let failed = Arc::clone(&failure.0);
    app.insert_resource(twin::Incoming(events))
        .insert_resource(failure)
        .insert_resource(WakerSlot(waker))
        .insert_resource(WinitSettings::desktop_app())
        .add_systems(Startup, (connect_waker, first_progress))
        .add_systems(First, (receive_session, receive_snapshot).chain())
        .add_systems(Update, (move_parts, open_story, fit_window(options.size.is_none() && options.kiosk.is_none())))
        .add_systems(Last, pace);
    {
        let mut panels = app.world_mut().resource_mut::<panels::Panels>();
        panels.read_only = options.read_only;
        panels.ui.room.form.name.clone_from(&options.person);
    }
    if let Some(options) = options.kiosk {
        app.add_plugins(kiosk::KioskPlugin { options, pixel_m: screen.and_then(|screen| screen.pixel_m()) });
    }
    if let Some(wanted) = options.room.clone() {
        app.world_mut().resource_mut::<room::Room>().want(wanted);
    }
    if let Some(length) = options.measure {
        app.add_plugins(measure::MeasurePlugin { length });
    }
    if let Some(length) = options.label_bench {
        app.add_plugins(label_bench::LabelBenchPlugin { length });
    }
    if let Some(length) = options.turntable {
        app.add_plugins(turntable::TurntablePlugin { length });
    }
    let ended = app.run();
    let reason = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    match (reason, ended) {
        (Some(reason), _) => Err(reason),
        // Ctrl-C, and the system's wish to end: as good a way to close a window as any (Bevy's exit code for both).
        (None, AppExit::Error(code)) if code.get() == 130 => Ok(()),
        (None, AppExit::Error(code)) => Err(format!("the window ended with code {code}; the lines above say why")),
        (None, AppExit::Success) => Ok(()),
    }
}

/// The screen of a kiosk; `None` if the display does not say.
fn kiosk_screen(
    kiosk: Option<kiosk::KioskOptions>,
    screens: &[monitors::Screen],
) -> Result<Option<monitors::Screen>, String> {
    let Some(number) = kiosk.map(|kiosk| kiosk.screen.unwrap_or(1)) else { return Ok(None) };
    match screens.get(number.wrapping_sub(1)) {
        Some(screen) => Ok(Some(*screen)),
        None if screens.is_empty() => Ok(None),
        None => Err(format!("there is no screen {number}; the display has {}", screens.len())),
    }
}

/// The scene itself, with or without a window.
pub fn add_scene(app: &mut App) {
    app.init_resource::<twin::Twin>().init_resource::<panels::Panels>().add_plugins((
        quality::QualityPlugin,
        material::MaterialsPlugin,
        daylight::DaylightPlugin,
        stage::StagePlugin,
        sun::SunPlugin,
        models::ModelsPlugin,
        detail::DetailPlugin,
        far::FarPlugin,
        paint::PaintPlugin,
        crack::CrackPlugin,
        field::FieldPlugin,
        motion::MotionPlugin,
        camera::CameraPlugin,
    ));
    app.add_plugins((sight::SightPlugin, section::SectionPlugin, explode::ExplodePlugin, edges::EdgesPlugin));
}

/// Warnings of ours, errors of everybody: a person who starts a viewer is not debugging its renderer.
pub fn log_plugin() -> LogPlugin {
    LogPlugin { filter: "error,twinscope=warn,twinscope_link=warn".to_owned(), ..default() }
}

/// A window that was given no size fits its screen.
fn fit_window(
    wanted: bool,
) -> impl FnMut(Query<&bevy::window::Monitor>, Query<&mut Window, With<bevy::window::PrimaryWindow>>, Local<bool>) {
    move |monitors, mut windows, mut done| {
        let (Some(monitor), Ok(mut window)) = (monitors.iter().next(), windows.single_mut()) else { return };
        if *done || !wanted {
            return;
        }
        *done = true;
        let scale = window.scale_factor();
        let most = Vec2::new(monitor.physical_width as f32, monitor.physical_height as f32) * 0.94 / scale;
        let have = Vec2::new(window.width(), window.height());
        let fits = have.min(most.max(Vec2::splat(320.0)));
        if fits != have {
            window.resolution.set(fits.x, fits.y);
        }
    }
}

fn connect_waker(slot: Res<WakerSlot>, proxy: Res<EventLoopProxyWrapper>) {
    // Set once; a second start of the loop does not happen.
    let _ = slot.0.0.set((**proxy).clone());
}

fn first_progress(mut panels: ResMut<panels::Panels>) {
    panels.progress = Some(Progress { text: "Starting".to_owned(), fraction: None });
}

/// Models whose bytes wait for the site's assets to be spawned.
fn spawn_models(
    models: &[ModelFiles],
    store: &mut models::ModelStore,
    server: &AssetServer,
    parts: &mut models::Parts,
) {
    for model in models {
        for &asset in &model.assets {
            models::spawn_model(store, server, parts, asset, model);
        }
    }
}

fn receive_session(
    incoming: Res<twin::Incoming>,
    mut twin: ResMut<twin::Twin>,
    mut panels: ResMut<panels::Panels>,
    mut papers: ResMut<papers::Papers>,
    mut store: ResMut<models::ModelStore>,
    mut parts: ResMut<models::Parts>,
    server: Res<AssetServer>,
    failure: Res<Failure>,
    mut kiosk: Option<ResMut<kiosk::Kiosk>>,
    mut exit: MessageWriter<AppExit>,
) {
    while let Ok(event) = incoming.0.try_recv() {
        match event {
            SessionEvent::Progress(text) => panels.progress = Some(Progress { text, fraction: None }),
            SessionEvent::Notice(text) => panels.notices.push(text),
            SessionEvent::Ready(ready) => {
                parts.set_site(Arc::clone(&ready.site));
                twin.core = Some(Arc::clone(&ready.core));
                panels.base_dir = ready.base_dir.clone();
                papers.keeper = ready.keeper.clone();
                if let Some(kiosk) = &mut kiosk {
                    kiosk.begin(ready.tour.clone());
                }
                panels.ui.hour = ready.site.hour as f32;
                panels.notices.extend(ready.notices.iter().cloned());
                spawn_models(&ready.models, &mut store, &server, &mut parts);
                panels.progress = Some(Progress { text: "Loading models".to_owned(), fraction: None });
            }
            SessionEvent::Broker { url } => panels.broker_url = Some(url),
            SessionEvent::Failed(reason) => {
                *failure.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(reason);
                exit.write(AppExit::error());
            }
        }
    }
}

fn receive_snapshot(mut twin: ResMut<twin::Twin>, mut look: ResMut<paint::Look>) {
    let Some(latest) = twin.core.as_ref().and_then(|core| core.latest()) else { return };
    if twin.snapshot.as_ref().is_some_and(|have| Arc::ptr_eq(have, &latest)) {
        return;
    }
    let selected = latest.selected.as_ref().map(|detail| detail.part);
    // A snapshot from before a click must not take the outline back; after half a second the core is right.
    match twin.pending_select {
        Some((wanted, since)) if wanted != selected && since.elapsed() < Duration::from_millis(500) => {}
        _ => {
            twin.pending_select = None;
            look.selected = selected;
        }
    }
    if twin.snapshot.as_ref().is_none_or(|have| has_news(have, &latest)) {
        twin.last_news = Some(Instant::now());
    }
    look.snapshot = Some(Arc::clone(&latest));
    twin.snapshot = Some(latest);
}

/// Whether something happened between two snapshots that an age on screen counts from.
fn has_news(before: &Snapshot, now: &Snapshot) -> bool {
    let links = |snapshot: &Snapshot| snapshot.sources.iter().map(|source| source.link.clone()).collect::<Vec<_>>();
    before.counters != now.counters
        || before.parts != now.parts
        || before.alarms.len() != now.alarms.len()
        || before.commands.last() != now.commands.last()
        || links(before) != links(now)
}

fn move_parts(
    twin: Res<twin::Twin>,
    mut moving: ResMut<motion::Moving>,
    time: Res<Time>,
    mut transforms: Query<&mut Transform>,
) {
    if let Some(snapshot) = &twin.snapshot {
        // After a pause the machine goes on from where it stood; it does not jump.
        motion::advance(&mut moving, snapshot, time.delta_secs().min(0.25), &mut transforms);
    }
}

/// So many machines are seen as a farm.
const FARM: usize = 6;

/// Over a farm, m: from beside and above its first machine, along its rows.
fn farm_pose(places: &[[f64; 3]]) -> camera::Pose {
    let at = |place: &[f64; 3]| Vec3::from_array(place.map(|m| m as f32));
    let first = places.first().map(at).unwrap_or_default();
    let middle = places.iter().map(at).sum::<Vec3>() / places.len().max(1) as f32;
    let reach = places.iter().map(|place| at(place).distance(middle)).fold(0.0, f32::max);
    let away = Vec3::new(first.x - middle.x, 0.0, first.z - middle.z);
    let yaw_deg = away.x.atan2(away.z).to_degrees() + 24.0;
    camera::Pose { target: first.lerp(middle, 0.12) + Vec3::Y * 75.0, yaw_deg, pitch_deg: 6.0, distance: 0.30 * reach }
}

/// Where the camera is when everything is loaded: on the drivetrain if there is one, else on everything.
pub fn story_pose(
    orbit: &camera::Orbit,
    parts: &models::Parts,
    bounds: &Query<(&bevy::camera::primitives::Aabb, &GlobalTransform)>,
) -> Option<camera::Pose> {
    let site = parts.site.as_ref()?;
    let first = site.assets.first()?;
    let story = first
        .parts
        .clone()
        .find(|&row| site.parts.get(row as usize).is_some_and(|part| part.id == "gearbox"))
        .map(|row| parts.primitives_of(twinscope_twin::site::PartRow(row)))
        .filter(|primitives| !primitives.is_empty() && site.assets.len() == 1);
    match story {
        Some(primitives) => {
            let (centre, radius) = models::bounds(&primitives, bounds)?;
            Some(orbit.framing(centre + Vec3::new(radius * 0.35, 0.0, 0.0), radius * 2.3, Some((28.0, 13.0))))
        }
        None => {
            if site.assets.len() >= FARM {
                return Some(farm_pose(&site.assets.iter().map(|asset| asset.position).collect::<Vec<_>>()));
            }
            let of = |asset: &twinscope_twin::site::Asset| {
                let rows = asset.parts.clone().filter_map(|row| parts.primitives.get(row as usize));
                models::bounds(&rows.flatten().copied().collect::<Vec<_>>(), bounds)
            };
            let mut machines = site.assets.iter().filter_map(of);
            let (centre, radius) = machines.next()?;
            let (sum, others) = machines.fold((Vec3::ZERO, 0), |(sum, n), (centre, _)| (sum + centre, n + 1));
            if others == 0 {
                return Some(orbit.framing(centre, radius * 0.8, Some(camera::first_look(radius))));
            }
            // Of several, the first in front and the others behind it, none hidden by another. `Home` shows all.
            let from_others = centre - sum / others as f32;
            let yaw_deg = from_others.x.atan2(from_others.z).to_degrees() + 16.0;
            Some(orbit.framing(centre, radius * 0.85, Some((yaw_deg, 5.0))))
        }
    }
}

/// Ends the progress view when the models are there, and puts the camera on the story.
fn open_story(
    mut panels: ResMut<panels::Panels>,
    mut orbit: ResMut<camera::Orbit>,
    parts: Res<models::Parts>,
    twin: Res<twin::Twin>,
    bounds: Query<(&bevy::camera::primitives::Aabb, &GlobalTransform)>,
    mut placed: Local<bool>,
    mut since: Local<Option<Instant>>,
) {
    if *placed || parts.site.is_none() || parts.pending > 0 {
        return;
    }
    // The machine turns to where its first signals say before the camera looks at it; it does not wait for them long.
    let heard = twin.snapshot.as_ref().is_some_and(|snapshot| snapshot.counters.samples > 0);
    let started = *since.get_or_insert_with(Instant::now);
    if !heard && started.elapsed() < Duration::from_secs(1) {
        return;
    }
    let bound = parts.primitives.iter().any(|primitives| !primitives.is_empty());
    match story_pose(&orbit, &parts, &bounds) {
        Some(pose) => orbit.jump(pose),
        // Bounds come a frame after the meshes.
        None if bound => return,
        None => {}
    }
    *placed = true;
    panels.progress = None;
}

/// How long a frame may wait in which nothing but ages changes, when the last news is so long ago: as long as their words
/// stay true. From two minutes on they count minutes. Where the processor draws, a frame costs it a fifth of a second, and
/// 2 % of a core is what a resting window may use.
fn age_wait(quiet: Duration, software: bool) -> Duration {
    Duration::from_secs(match (quiet.as_secs(), software) {
        (120.., _) => 60,
        (30.., true) => 15,
        (_, true) => 5,
        (_, false) => 1,
    })
}

/// Draws steadily while something moves, and otherwise when something happens, when a panel wants it, or for the ages.
fn pace(
    mut settings: ResMut<WinitSettings>,
    moving: Res<motion::Moving>,
    orbit: Res<camera::Orbit>,
    parts: Res<models::Parts>,
    panels: Res<panels::Panels>,
    fields: Res<field::Fields>,
    twin: Res<twin::Twin>,
    view: Res<view_scale::ViewScale>,
    (room, apart): (Res<room::Room>, Res<explode::Apart>),
    (edges, before, question): (Res<edges::Edges>, Res<sight::Before>, Res<sight::Question>),
    kiosk: Option<Res<kiosk::Kiosk>>,
    adapter: Option<Res<RenderAdapterInfo>>,
) {
    let software = adapter.is_some_and(|adapter| adapter.device_type == wgpu::DeviceType::Cpu);
    let loading = panels.progress.is_some() || parts.pending > 0 || fields.busy();
    let answering = edges.busy() || before.busy() || question.busy();
    let walks = panels.ui.walk.moves;
    let toured = kiosk.as_ref().is_some_and(|kiosk| kiosk.moves());
    let moves = orbit.moving() || room.moving() || moving.active || apart.moving || toured || walks;
    let wait = if moves || loading || answering || view.settling {
        // A processor that draws has other things to do as well.
        Duration::from_millis(if software { 33 } else { 16 })
    } else {
        let ages = age_wait(twin.last_news.map(|at| at.elapsed()).unwrap_or_default(), software);
        let panels = panels.repaint_at().map(|at| at.saturating_duration_since(Instant::now()));
        // The time of a tour goes on in steps of frames.
        let ages = if kiosk.is_some() { ages.min(Duration::from_millis(500)) } else { ages };
        panels.map_or(ages, |wish| wish.min(ages).max(Duration::from_millis(16)))
    };
    let want = UpdateMode::reactive(wait);
    if settings.focused_mode != want {
        settings.focused_mode = want;
        settings.unfocused_mode = want;
    }
}

/// Rows of the assets that use a model, by its key, for [`ModelFiles`].
pub fn assets_of(site: &twinscope_twin::site::Site, model: &str) -> Vec<AssetRow> {
    (0_u32..).zip(&site.assets).filter(|(_, asset)| asset.model == model).map(|(row, _)| AssetRow(row)).collect()
}

/// The folder with the sites, types and models that come with the program.
pub fn assets_dir() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok().and_then(|exe| {
        exe.ancestors()
            .skip(1)
            .take(4)
            .flat_map(|dir| [dir.join("assets"), dir.join("share/twinscope/assets")])
            .find(|dir| dir.join("sites/demo/site.toml").is_file())
    });
    let here = PathBuf::from("assets");
    let built = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets"));
    [Some(here), beside, Some(built)].into_iter().flatten().find(|dir| dir.join("sites/demo/site.toml").is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture;

    #[test]
    fn ages_are_drawn_as_often_as_their_words_change_and_the_processor_allows() {
        for (quiet_s, software, wait_s) in [
            (0, false, 1),
            (119, false, 1),
            (120, false, 60),
            (0, true, 5),
            (30, true, 15),
            (119, true, 15),
            (600, true, 60),
        ] {
            let wait = age_wait(Duration::from_secs(quiet_s), software);
            assert_eq!(wait, Duration::from_secs(wait_s), "{quiet_s} s, software {software}");
        }
    }

    #[test]
    fn time_alone_is_no_news() {
        let before = fixture::turbine();
        let mut later = before.clone();
        later.now.wall_ms += 1_000;
        later.now.mono_ms += 1_000;
        assert!(!has_news(&before, &later));
        later.counters.messages += 1;
        assert!(has_news(&before, &later));
    }
}
