//! The panels over the scene: hands the view what the window knows, draws it, and carries out what was asked for.
//!
//! Two cameras share one picture: the scene's, which covers only the free rectangle, and one without a scene that the
//! panels are drawn with. Only the second writes to the window, so that the picture is copied once.

mod input;
mod told;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bevy::asset::load_internal_asset;
use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, CameraUpdateSystems, ClearColorConfig, SubCameraView, Viewport};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw, WindowMode};
use bevy_egui::render::EGUI_SHADER_HANDLE;
use bevy_egui::{EguiContexts, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass, PrimaryEguiContext};
use twinscope_twin::command::Command;

pub use self::input::QuietInput;
use self::told::Told;
use super::camera::{FOV, Orbit, Pose, SceneCamera, with_surroundings};
use super::crack::Cracks;
use super::export::Exports;
use super::field::{Fields, Wanted};
use super::interact::Pointer;
use super::models::{self, Parts};
use super::paint::Look;
use super::papers::{self, Papers};
use super::quality::Quality;
use super::section;
use super::twin::Twin;
use super::viewpoints::Viewpoints;
use super::walk::Walk;
use crate::view::quality::Preset;
use crate::view::tools::ToolAction;
use crate::view::{self, Progress, Side, UiAction, UiState};

/// Draws the panels.
pub struct PanelsPlugin;

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, EGUI_SHADER_HANDLE, "../../shaders/panels.wgsl", Shader::from_wgsl);
        app.init_resource::<Panels>()
            .add_systems(Startup, spawn_cameras)
            .add_systems(
                PreUpdate,
                input::quiet_input
                    .in_set(QuietInput)
                    .after(EguiPreUpdateSet::ProcessInput)
                    .before(EguiPreUpdateSet::BeginPass),
            )
            .add_systems(Update, act.after(super::interact::InteractSet))
            .add_systems(EguiPrimaryContextPass, draw)
            .add_systems(
                PostUpdate,
                frame_scene
                    .after(EguiPostUpdateSet::EndPass)
                    .before(CameraUpdateSystems)
                    .before(super::camera::place_camera),
            );
    }
}

/// What the panels remember, and what they leave free.
#[derive(Resource, Default)]
pub struct Panels {
    /// What the view remembers.
    pub ui: UiState,
    /// The free rectangle, logical pixels.
    pub free: Rect,
    /// What was asked for and is not carried out yet.
    pub actions: Vec<UiAction>,
    /// What is still being loaded.
    pub progress: Option<Progress>,
    /// Short sentences for the corner of the scene.
    pub notices: Vec<String>,
    /// Where other clients reach the embedded broker.
    pub broker_url: Option<String>,
    /// Commands that leave the process are refused.
    pub read_only: bool,
    /// A tour plays: a click in this frame is for nothing but to take over.
    pub held: bool,
    /// Folder that documents are relative to.
    pub base_dir: PathBuf,
    ctx: Option<egui::Context>,
    repaint: Arc<Mutex<Option<Instant>>>,
}

impl Panels {
    /// Whether a place in the window, logical pixels, is the scene's and no panel's.
    pub fn in_scene(&self, at: Vec2) -> bool {
        let Some(ctx) = self.ctx.as_ref().filter(|_| self.free.contains(at) && !self.held) else { return false };
        let at = at / self.ui.scale;
        let over = ctx.layer_id_at(egui::pos2(at.x, at.y));
        !ctx.egui_is_using_pointer()
            && !ctx.any_popup_open()
            && over.is_none_or(|layer| layer.order == egui::Order::Background)
    }

    /// The panels' egui, once it is there.
    pub fn context(&self) -> Option<&egui::Context> {
        self.ctx.as_ref()
    }

    /// When a panel wants to be drawn again (a tooltip that waits, a caret that blinks).
    pub fn repaint_at(&self) -> Option<Instant> {
        *self.repaint.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Scene camera and panel camera.
fn spawn_cameras(mut commands: Commands, mut settings: ResMut<bevy_egui::EguiGlobalSettings>) {
    settings.auto_create_primary_context = false;
    commands.spawn((
        SceneCamera,
        Camera3d::default(),
        Camera { order: 0, output_mode: CameraOutputMode::Skip, ..default() },
        Projection::Perspective(PerspectiveProjection { fov: FOV, near: 0.1, far: 30_000.0, ..default() }),
        Tonemapping::None,
        Msaa::Off,
        Transform::default(),
    ));
    commands.spawn((
        PrimaryEguiContext,
        Camera3d::default(),
        Camera { order: 1, clear_color: ClearColorConfig::None, ..default() },
        RenderLayers::none(),
        Tonemapping::None,
        Msaa::Off,
    ));
}

pub(super) fn draw(
    mut contexts: EguiContexts,
    mut panels: ResMut<Panels>,
    told: Told,
    pointer: Res<Pointer>,
    papers: Res<Papers>,
    waker: Res<super::WakerSlot>,
) -> Result {
    let ctx = contexts.ctx_mut()?.clone();
    let panels = &mut *panels;
    if panels.ctx.is_none() {
        panels.ctx = Some(ctx.clone());
        crate::ui::install(&ctx, panels.ui.theme);
        // bevy_egui hears only what is wanted at once.
        let (deadline, waker) = (Arc::clone(&panels.repaint), waker.0.clone());
        ctx.set_request_repaint_callback(move |wish| {
            if wish.delay.is_zero() {
                waker.wake();
            } else if let Some(at) = Instant::now().checked_add(wish.delay) {
                let mut deadline = deadline.lock().unwrap_or_else(PoisonError::into_inner);
                *deadline = Some(deadline.map_or(at, |have| have.min(at)));
            }
        });
        // Fonts are there from the next frame on.
        ctx.request_repaint();
        return Ok(());
    }
    if ctx.zoom_factor() != panels.ui.scale {
        ctx.set_zoom_factor(panels.ui.scale);
    }
    {
        let mut deadline = panels.repaint.lock().unwrap_or_else(PoisonError::into_inner);
        if deadline.is_some_and(|at| at <= Instant::now()) {
            *deadline = None;
        }
    }
    panels.ui.hovered = pointer.over.map(|(part, _)| part).or(panels.ui.panel_hover);
    let screen = ctx.viewport_rect();
    let free = match &told.twin.snapshot {
        Some(snapshot) => {
            let scene = told.scene(snapshot, panels, &pointer, &papers);
            let app_view = view::app_view(snapshot, &scene, &panels.ui, [screen.width(), screen.height()]);
            let free = crate::ui::show(&ctx, &app_view, &mut panels.ui, &mut panels.actions);
            papers.fetch(&ctx, &panels.base_dir, &waker.0);
            free
        }
        None => {
            let progress = panels.progress.clone().unwrap_or_default();
            crate::ui::progress_only(&ctx, &progress);
            screen
        }
    };
    let scale = panels.ui.scale;
    panels.free = Rect::new(free.min.x * scale, free.min.y * scale, free.max.x * scale, free.max.y * scale);
    Ok(())
}

/// The scene's camera covers the rectangle that the panels leave free.
pub(super) fn frame_scene(
    panels: Res<Panels>,
    quality: Res<Quality>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut camera: Single<&mut Camera, With<SceneCamera>>,
    mut redraw: MessageWriter<RequestRedraw>,
) {
    let scale = window.scale_factor();
    let whole = window.physical_size();
    let min = (panels.free.min * scale).round().max(Vec2::ZERO).as_uvec2().min(whole.saturating_sub(UVec2::ONE));
    let max = (panels.free.max * scale).round().max(Vec2::ZERO).as_uvec2().min(whole);
    let size = max.saturating_sub(min);
    // Nothing free (a tiny window, or before the first frame): the whole window, so that the camera stays valid.
    let want = if size.x < 16 || size.y < 16 { None } else { Some((min, size)) };
    let (viewport, sub_camera_view) = match want {
        // Occlusion of corners is worked out for whole pictures only: the camera then fills the window, and what the free
        // rectangle would have shown is seen in it all the same.
        Some((position, full_size)) if quality.preset == Preset::High => {
            (None, Some(SubCameraView { full_size, offset: -position.as_vec2(), size: whole }))
        }
        Some((physical_position, physical_size)) => {
            (Some(Viewport { physical_position, physical_size, ..default() }), None)
        }
        None => (None, None),
    };
    let place = |viewport: &Viewport| (viewport.physical_position, viewport.physical_size);
    if viewport.as_ref().map(place) != camera.viewport.as_ref().map(place) {
        redraw.write(RequestRedraw);
        camera.viewport = viewport;
    }
    if sub_camera_view != camera.sub_camera_view {
        redraw.write(RequestRedraw);
        camera.sub_camera_view = sub_camera_view;
    }
}

/// Where the camera looks from, yaw and pitch in degrees: models face west.
const fn side_angles(side: Side) -> (f32, f32) {
    match side {
        Side::Front => (-90.0, 4.0),
        Side::Back => (90.0, 4.0),
        Side::Left => (0.0, 4.0),
        Side::Right => (180.0, 4.0),
        Side::Top => (0.0, 88.0),
        Side::Iso => (-40.0, 18.0),
    }
}

/// Told when the core takes no more commands.
const TOO_MANY: &str = "Too many commands at once: the last one was not taken.";

/// Carries out what was asked for.
pub(super) fn act(
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    mut look: ResMut<Look>,
    mut twin: ResMut<Twin>,
    (mut fields, mut cut): (ResMut<Fields>, ResMut<section::Asked>),
    (papers, waker): (Res<Papers>, Res<super::WakerSlot>),
    (parts, cracks): (Res<Parts>, Res<Cracks>),
    (mut viewpoints, mut exports, mut walk): (ResMut<Viewpoints>, ResMut<Exports>, ResMut<Walk>),
    places: Query<&GlobalTransform>,
    bounds: Query<(&bevy::camera::primitives::Aabb, &GlobalTransform)>,
    mut window: Single<&mut Window, With<PrimaryWindow>>,
    mut exit: MessageWriter<AppExit>,
) {
    let everything = || parts.primitives.iter().flatten().copied().collect::<Vec<_>>();
    for action in std::mem::take(&mut panels.actions) {
        match action {
            UiAction::Command(command) => {
                if let Command::Select(part) = &command {
                    // Shown at once; the core confirms it with the next snapshot.
                    look.selected = *part;
                    twin.pending_select = Some((*part, Instant::now()));
                }
                if !twin.send(command) {
                    panels.notices.retain(|notice| notice != TOO_MANY);
                    panels.notices.push(TOO_MANY.to_owned());
                }
            }
            UiAction::FlyTo(part) => {
                let eye = orbit.pose.transform().translation;
                let node = cracks.tip(part).and_then(|(node, _)| places.get(node).ok());
                if let Some((centre, radius, side)) = node.and_then(|node| cracks.from_near(part, node, eye)) {
                    let pose = orbit.framing(centre, radius, Some(side));
                    orbit.go(pose);
                } else if let Some((centre, radius)) = models::bounds(&parts.primitives_of(part), &bounds) {
                    // Room around it, so that it is seen in its place.
                    let whole = models::bounds(&everything(), &bounds).map_or(0.0, |(_, radius)| radius);
                    let pose = orbit.framing(centre, with_surroundings(radius, whole), None);
                    orbit.go(pose);
                }
            }
            UiAction::FitAll => {
                if let Some((centre, radius)) = models::bounds(&everything(), &bounds) {
                    let pose = orbit.framing(centre, radius * 0.8, None);
                    orbit.go(pose);
                }
            }
            UiAction::LookFrom(side) => {
                let chosen = twin.selected().map(|part| parts.primitives_of(part)).filter(|chosen| !chosen.is_empty());
                if let Some((centre, radius)) = models::bounds(&chosen.unwrap_or_else(everything), &bounds) {
                    let pose = orbit.framing(centre, radius * 1.1, Some(side_angles(side)));
                    orbit.go(pose);
                }
            }
            UiAction::FlyBack(gaze) => orbit.fly(Pose::from(gaze)),
            UiAction::Tool(ToolAction::Cut(across)) => cut.0 = Some(across),
            UiAction::Viewpoint(action) => viewpoints.wanted.push(action),
            UiAction::Export(action) => exports.wanted.push(action),
            UiAction::Walk(action) => walk.wanted.push(action),
            UiAction::ToggleFullscreen => {
                window.mode = match window.mode {
                    WindowMode::Windowed => WindowMode::BorderlessFullscreen(MonitorSelection::Current),
                    _ => WindowMode::Windowed,
                };
            }
            UiAction::Hover(part) => panels.ui.panel_hover = part,
            UiAction::OpenDocument { part, file } => {
                let site = twin.snapshot.as_ref().map(|snapshot| &snapshot.site);
                let documents = site.and_then(|site| site.parts.get(part.index())).map(|part| &part.documents);
                let title = documents.into_iter().flatten().find(|(_, known)| *known == file);
                let title = title.map_or_else(|| file.clone(), |(title, _)| title.clone());
                papers.open(&mut panels, title, file, &waker.0);
            }
            UiAction::OpenWithSystem { file } => {
                if let Err(reason) = papers::open_with_system(&panels.base_dir, &file) {
                    panels.notices.retain(|notice| !notice.starts_with("Document"));
                    panels.notices.push(format!("Document {file} could not be opened: {reason}"));
                }
            }
            // Taken out by the room before.
            UiAction::Room(_) => {}
            UiAction::Quit => {
                exit.write(AppExit::Success);
            }
        }
    }
    panels.ui.history.follow(orbit.take_gone(), orbit.moving());
    let ui = &panels.ui;
    let field = Wanted { id: ui.field.clone(), scale: ui.field_scale, lines: ui.field_lines };
    if fields.want != field {
        fields.want = field;
    }
    let plan = twin.snapshot.as_ref().map_or_else(Vec::new, |snapshot| view::gain::colours(snapshot, &panels.ui));
    if look.plan != plan {
        look.plan = plan;
    }
    if look.chosen != panels.ui.sight.chosen {
        look.chosen = panels.ui.sight.chosen.clone();
    }
    if look.hovered != panels.ui.hovered {
        look.hovered = panels.ui.hovered;
    }
}
