//! The panels over the scene: hands the view what the window knows, draws it, and carries out what was asked for.
//!
//! Two cameras share one picture: the scene's, which covers only the free rectangle, and one without a scene that the
//! panels are drawn with. Only the second writes to the window, so that the picture is copied once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use bevy::asset::load_internal_asset;
use bevy::camera::visibility::RenderLayers;
use bevy::camera::{CameraOutputMode, CameraUpdateSystems, ClearColorConfig, SubCameraView, Viewport};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::math::Vec3A;
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw, WindowMode};
use bevy_egui::render::EGUI_SHADER_HANDLE;
use bevy_egui::{
    EguiContexts, EguiInput, EguiPostUpdateSet, EguiPreUpdateSet, EguiPrimaryContextPass, PrimaryEguiContext,
};
use twinscope_twin::command::Command;
use twinscope_twin::site::{PartRow, SiteFile};

use super::about::OfSelected;
use super::camera::{FOV, Orbit, SceneCamera, with_surroundings};
use super::crack::Cracks;
use super::export::Exports;
use super::far::FarMachines;
use super::field::{Fields, OnField, Wanted, lay};
use super::interact::Pointer;
use super::kiosk::Kiosk;
use super::models::{self, Parts};
use super::motion::Moving;
use super::paint::Look;
use super::papers::{self, Papers};
use super::quality::Quality;
use super::room::{Eye, Room};
use super::sight::{Question, extent};
use super::tags::Tagged;
use super::twin::Twin;
use super::viewpoints::Viewpoints;
use super::walk::Walk;
use super::{ruler, section};
use crate::view::card::CardPlace;
use crate::view::field::Probe;
use crate::view::quality::Preset;
use crate::view::room::RoomScene;
use crate::view::sight::Spot;
use crate::view::tools::{ToolAction, ToolScene};
use crate::view::{self, Anchor, Progress, Scene, Side, UiAction, UiState};

/// Draws the panels.
pub struct PanelsPlugin;

impl Plugin for PanelsPlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, EGUI_SHADER_HANDLE, "../../shaders/panels.wgsl", Shader::from_wgsl);
        app.init_resource::<Panels>()
            .add_systems(Startup, spawn_cameras)
            .add_systems(
                PreUpdate,
                quiet_input
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

/// What is heard is told to the panels, or kept from them.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct QuietInput;

/// bevy_egui 0.42 tells egui the modifier keys in every frame, and egui answers every event with another frame: nothing
/// would ever come to rest.
fn quiet_input(
    mut inputs: Query<&mut EguiInput>,
    kiosk: Option<Res<Kiosk>>,
    mut panels: ResMut<Panels>,
    mut last: Local<egui::Modifiers>,
) {
    let held = kiosk.is_some_and(|kiosk| kiosk.swallows());
    if panels.held != held {
        panels.held = held;
    }
    for mut input in &mut inputs {
        if held {
            input.events.clear();
        }
        only_news(&mut input.events, &mut last);
    }
}

/// Leaves out what the modifier keys are where they are as before.
fn only_news(events: &mut Vec<egui::Event>, last: &mut egui::Modifiers) {
    events.retain(|event| match event {
        egui::Event::ModifiersChanged(now) => std::mem::replace(last, *now) != *now,
        _ => true,
    });
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

/// Speeds that are written beside what turns too fast to be drawn.
const MOST_FIGURES: usize = 2;

/// What the view is told about the scene.
#[derive(bevy::ecs::system::SystemParam)]
pub(super) struct Told<'w, 's> {
    twin: Res<'w, Twin>,
    parts: Res<'w, Parts>,
    moving: Res<'w, Moving>,
    far: Res<'w, FarMachines>,
    orbit: Res<'w, Orbit>,
    camera: Single<'w, 's, (&'static Camera, &'static GlobalTransform), With<SceneCamera>>,
    bounds: Query<'w, 's, (&'static bevy::camera::primitives::Aabb, &'static GlobalTransform)>,
    places: Query<'w, 's, &'static GlobalTransform>,
    cracks: Res<'w, Cracks>,
    fields: Res<'w, Fields>,
    room: Res<'w, Room>,
    look: Res<'w, Look>,
    ruler: Res<'w, ruler::Ruler>,
    question: Res<'w, Question>,
    fielded: Query<'w, 's, (&'static OnField, &'static Mesh3d)>,
    meshes: Res<'w, Assets<Mesh>>,
    viewpoints: Res<'w, Viewpoints>,
    tagged: Res<'w, Tagged>,
    about: Res<'w, OfSelected>,
    exports: Res<'w, Exports>,
    walk: Option<Res<'w, Walk>>,
    kiosk: Option<Res<'w, Kiosk>>,
}

impl Told<'_, '_> {
    /// What turns too fast to be drawn, and is near enough to be seen: the fastest, because a gearbox has a dozen.
    fn too_fast(&self) -> Vec<&(PartRow, String)> {
        let asset = |part: PartRow| self.parts.site.as_ref()?.parts.get(part.index()).map(|part| part.asset);
        let near = |part: PartRow| asset(part).is_none_or(|asset| !self.far.is_far(asset));
        let speed = |figure: &str| figure.split(' ').next().and_then(|rpm| rpm.parse::<f32>().ok()).unwrap_or(0.0);
        let mut fast: Vec<_> = self.moving.too_fast.iter().filter(|(part, _)| near(*part)).collect();
        fast.sort_by(|(_, a), (_, b)| speed(b).total_cmp(&speed(a)));
        fast.truncate(MOST_FIGURES);
        fast
    }

    /// What the tools of looking show.
    fn tools(&self, ui: &UiState, pointer: &Pointer) -> ToolScene {
        let (camera, place) = *self.camera;
        let project = |point: Vec3| Some(camera.world_to_viewport(place, point).ok()? / ui.scale);
        let world = |spot: &Spot| {
            let node = self.parts.nodes.get(spot.part.index()).copied().flatten()?;
            Some(self.places.get(node).ok()?.transform_point(Vec3::from_array(spot.at)))
        };
        let plane = ui.sight.section.as_ref().and_then(|section| {
            let bounds = extent(&self.parts, &BTreeSet::new(), &self.bounds)?;
            Some(section::on_screen(section, bounds, project, self.orbit.pose.distance * 0.22))
        });
        let snap = self.ruler.over.filter(|_| pointer.over.is_some());
        ToolScene {
            plane,
            spans: ruler::spans(ui, &self.ruler, world, project),
            snap: snap.and_then(|(spot, point)| Some((project(point)?.to_array(), spot.on))),
        }
    }

    /// The value of the field under the pointer; `None`: it is over nothing that has one.
    fn probe(&self, pointer: &Pointer, scale: f32) -> Option<Probe> {
        let (on, at) = (pointer.on?, pointer.at()?);
        let (OnField(values), mesh) = self.fielded.get(on.entity).ok()?;
        let mesh = self.meshes.get(&mesh.0)?;
        let corners = lay::corners(mesh.indices(), mesh.primitive_topology(), on.triangle)?;
        let values = corners.map(|corner| values.get(corner).copied().unwrap_or(f32::NAN));
        let value = lay::interpolated(on.corners, values, on.point);
        Some(Probe { pos: [at.x / scale, at.y / scale], value })
    }

    /// Where the part of the card is on screen, and what it covers there of `view`, the free rectangle, logical pixels.
    fn card(&self, ui: &UiState, view: Rect) -> Option<CardPlace> {
        let part = ui.card.part?;
        let primitives = self.parts.primitives_of(part);
        let (camera, place) = *self.camera;
        let mut covers = Rect::EMPTY;
        for (aabb, at) in primitives.iter().filter_map(|&entity| self.bounds.get(entity).ok()) {
            for corner in 0..8_u8 {
                let side = |bit: u8| if corner & bit == 0 { -1.0 } else { 1.0 };
                let corner = aabb.center + aabb.half_extents * Vec3A::new(side(1), side(2), side(4));
                if let Ok(seen) = camera.world_to_viewport(place, at.transform_point(corner.into())) {
                    covers = covers.union_point(seen);
                }
            }
        }
        let covers = covers.intersect(view);
        let middle = camera.world_to_viewport(place, models::bounds(&primitives, &self.bounds)?.0).ok()?;
        let inside = !covers.is_empty() && view.contains(middle);
        let [left, top, right, bottom] =
            [covers.min.x, covers.min.y, covers.max.x, covers.max.y].map(|pixels| pixels / ui.scale);
        inside.then_some(CardPlace { part, pos: (middle / ui.scale).to_array(), covers: [left, top, right, bottom] })
    }

    /// What the others in the room show.
    fn room(&self, scale: f32) -> RoomScene {
        let (camera, place) = *self.camera;
        self.room.scene(&Eye { camera, place, scale }, &self.parts, &self.places, &self.bounds)
    }

    /// Which way the part of the procedure's step at hand is.
    fn lead(&self, ui: &UiState, view: Rect) -> Option<view::procedure::Lead> {
        let part = view::procedure::part_at_hand(self.twin.snapshot.as_ref()?)?;
        let centre = models::bounds(&self.parts.primitives_of(part), &self.bounds)?.0;
        let (camera, place) = *self.camera;
        let local = place.affine().inverse().transform_point3(centre);
        Some(papers::lead(part, local, camera.world_to_viewport(place, centre).ok(), view, ui.scale))
    }

    /// Where the parts are on screen that may get a label: the selected, the hovered, those with an alarm, what turns too
    /// fast, and the shortest lives.
    /// `view`: the free rectangle, logical pixels.
    fn anchors(&self, ui: &UiState, view: Rect) -> Vec<Anchor> {
        let Some(snapshot) = &self.twin.snapshot else { return Vec::new() };
        let mut wanted: Vec<PartRow> = self.twin.selected().into_iter().chain(ui.hovered).collect();
        for alarm in snapshot.alarms.iter().take(32) {
            if !wanted.contains(&alarm.part) {
                wanted.push(alarm.part);
            }
        }
        let lives = view::labels::told_of_themselves(snapshot);
        for part in self.too_fast().into_iter().map(|(part, _)| *part).chain(lives) {
            if !wanted.contains(&part) {
                wanted.push(part);
            }
        }
        let (camera, place) = *self.camera;
        wanted
            .into_iter()
            .filter_map(|part| {
                let tip = self
                    .cracks
                    .tip(part)
                    .and_then(|(node, tip)| Some(self.places.get(node).ok()?.transform_point(tip)));
                let centre = match tip {
                    Some(tip) => tip,
                    None => models::bounds(&self.parts.primitives_of(part), &self.bounds)?.0,
                };
                let depth = place.translation().distance(centre);
                let seen = camera.world_to_viewport(place, centre).ok();
                let pos = seen.unwrap_or_default();
                let visible = seen.is_some_and(|pos| view.contains(pos));
                Some(Anchor { part, pos: [pos.x / ui.scale, pos.y / ui.scale], depth, visible })
            })
            .collect()
    }
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
            let scene = Scene {
                progress: panels.progress.clone(),
                model_problems: told.parts.problems.clone(),
                simulated: snapshot.site.sources.iter().any(|source| source.simulated),
                read_only: panels.read_only,
                camera_yaw_deg: -told.orbit.pose.yaw_deg,
                notices: panels.notices.iter().chain(&told.parts.lost).cloned().collect(),
                broker_url: panels.broker_url.clone(),
                too_fast: told.too_fast().into_iter().cloned().collect(),
                anchors: told.anchors(&panels.ui, panels.free),
                fields: told.fields.choices.clone(),
                field: told.fields.shown.clone(),
                probe: told.probe(&pointer, panels.ui.scale),
                room: told.room(panels.ui.scale),
                drawn: Arc::clone(&told.look.drawn),
                found: told.question.found.clone(),
                tools: told.tools(&panels.ui, &pointer),
                viewpoints: told.viewpoints.told.clone(),
                tags: told.tagged.tags.clone(),
                exports: told.exports.told.clone(),
                model: told.about.told.clone(),
                card: told.card(&panels.ui, panels.free),
                walk: told.walk.as_ref().map(|walk| walk.told.clone()).unwrap_or_default(),
                records: papers.records(),
                lead: told.lead(&panels.ui, panels.free),
                playing: told.kiosk.as_ref().and_then(|kiosk| kiosk.playing().cloned()),
            };
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
                    orbit.fly(pose);
                } else if let Some((centre, radius)) = models::bounds(&parts.primitives_of(part), &bounds) {
                    // Room around it, so that it is seen in its place.
                    let whole = models::bounds(&everything(), &bounds).map_or(0.0, |(_, radius)| radius);
                    let pose = orbit.framing(centre, with_surroundings(radius, whole), None);
                    orbit.fly(pose);
                }
            }
            UiAction::FitAll => {
                if let Some((centre, radius)) = models::bounds(&everything(), &bounds) {
                    let pose = orbit.framing(centre, radius * 0.8, None);
                    orbit.fly(pose);
                }
            }
            UiAction::LookFrom(side) => {
                let chosen = twin.selected().map(|part| parts.primitives_of(part)).filter(|chosen| !chosen.is_empty());
                if let Some((centre, radius)) = models::bounds(&chosen.unwrap_or_else(everything), &bounds) {
                    let pose = orbit.framing(centre, radius * 1.1, Some(side_angles(side)));
                    orbit.fly(pose);
                }
            }
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

/// A document of a site, as the file that it is. It lies below the folder of the site, or below one that holds a folder of
/// types, because types name theirs `../docs/…`: a site from elsewhere opens no other file of whoever looks at it.
pub(super) fn document_path(base: &Path, file: &str) -> std::result::Result<PathBuf, String> {
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
    use super::*;
    use egui::{Event, Modifiers, RawInput};
    use std::fs;

    #[test]
    fn what_stays_as_it_was_asks_for_no_further_frame() {
        let (ctx, mut last) = (egui::Context::default(), Modifiers::NONE);
        for frame in 0..10 {
            let mut events = vec![Event::ModifiersChanged(Modifiers::NONE)];
            only_news(&mut events, &mut last);
            let output = ctx.run_ui(RawInput { events, ..RawInput::default() }, |_| {});
            let wish = output.viewport_output.values().map(|viewport| viewport.repaint_delay).min();
            output.drop_without_applying_deltas();
            // The first frames load fonts.
            assert!(frame < 5 || wish.is_some_and(|wish| !wish.is_zero()), "frame {frame}: {wish:?}");
        }
    }

    #[test]
    fn a_modifier_key_that_changes_is_told_once() {
        let (shift, mut last) = (Modifiers::SHIFT, Modifiers::NONE);
        let mut told = |now| {
            let mut events = vec![Event::ModifiersChanged(now), Event::PointerGone];
            only_news(&mut events, &mut last);
            events.len() == 2
        };
        assert_eq!([shift, shift, Modifiers::NONE, Modifiers::NONE].map(&mut told), [true, false, true, false]);
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
