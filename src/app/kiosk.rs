//! A screen without a presenter: plays the tour, hands over to whoever touches it, and takes back when they have gone.
//! What is told and when is decided in [`crate::view::tour`]; this moves the camera, hides the cursor, and says to the
//! process that watches over this one that frames are still drawn.

mod shot;

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::ecs::system::SystemParam;
use bevy::prelude::*;
use bevy::window::{CursorOptions, PrimaryWindow, WindowEvent};
use twinscope_link::clock::Clock;
use twinscope_twin::command::Command;
use twinscope_twin::site::{AssetRow, MotionKind, PartRow, Site};
use twinscope_twin::snapshot::Snapshot;
use twinscope_twin::tour::{Stop, Subject, Tour, View};

use super::camera::{FOV, Orbit, Pose, SceneCamera};
use super::explode::AtRest;
use super::models::{PartOf, Parts};
use super::panels::Panels;
use super::section;
use super::twin::Twin;
use super::viewpoints;
use crate::view::UiAction;
use crate::view::theme::ThemeName;
use crate::view::tour::screen::{self, Show};
use crate::view::tour::{Phase, Playing, commands, tidied};
use crate::view::viewpoints::sight_at;
use shot::{Shot, Solid};

/// Plays the tour.
pub struct KioskPlugin {
    /// What it plays on.
    pub options: KioskOptions,
    /// Height of a pixel of the screen, m, if it says so.
    pub pixel_m: Option<f32>,
}

/// How a screen without a presenter was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KioskOptions {
    /// What it shows.
    pub show: Show,
    /// On which screen, from 1.
    pub screen: Option<usize>,
    /// The stop that it begins with, where it was before it was started again; `None`: nobody watches over this process.
    pub from: Option<usize>,
}

impl Plugin for KioskPlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Kiosk {
            options: self.options,
            pixel_m: self.pixel_m,
            playing: None,
            swallow: true,
            crept: 0.0,
            shot: None,
            theme: ThemeName::default(),
            beat: None,
        })
        .add_systems(PreUpdate, hear.before(super::panels::QuietInput))
        .add_systems(Update, (play, dress).chain().before(super::interact::InteractSet));
        if self.options.from.is_some() {
            app.add_systems(Last, beat);
        }
    }
}

/// The tour as it plays.
#[derive(Resource)]
pub struct Kiosk {
    options: KioskOptions,
    pixel_m: Option<f32>,
    playing: Option<Playing>,
    /// What is heard in this frame is not for the panels.
    swallow: bool,
    /// How far the mouse has crept while the tour plays, logical pixels: a table that is bumped is no person.
    crept: f32,
    shot: Option<Shot>,
    /// The panels' colours, which the tour gives back.
    theme: ThemeName,
    beat: Option<Instant>,
}

/// The mouse has to move so far to take over, logical pixels.
const CREEP_PX: f32 = 24.0;
/// Frames are reported so often.
const BEAT: Duration = Duration::from_secs(2);
/// What a report begins with; the number of the stop follows.
pub const BEAT_PREFIX: &str = "twinscope-kiosk stop ";

impl Kiosk {
    /// The site is there, and its tour.
    pub fn begin(&mut self, tour: Option<Arc<Tour>>) {
        self.playing = Some(Playing::new(tour, self.options.show, self.options.from.unwrap_or(0)));
    }

    /// The tour, for the view.
    pub const fn playing(&self) -> Option<&Playing> {
        self.playing.as_ref()
    }

    /// Whether what is heard in this frame takes over, or is kept from the panels.
    pub const fn swallows(&self) -> bool {
        self.swallow
    }

    /// Whether the scene is moved by the tour: frames are wanted steadily.
    pub fn moves(&self) -> bool {
        self.playing.as_ref().is_some_and(|playing| playing.plays() && !playing.night() && playing.show == Show::Scene)
    }
}

/// Hears whether a person is there.
fn hear(mut events: MessageReader<WindowEvent>, mut kiosk: ResMut<Kiosk>, mut last: Local<Option<Vec2>>) {
    let (mut touched, mut moved) = (false, 0.0);
    for event in events.read() {
        match event {
            WindowEvent::KeyboardInput(key) => touched |= key.state.is_pressed(),
            WindowEvent::MouseButtonInput(_) | WindowEvent::MouseWheel(_) | WindowEvent::TouchInput(_) => {
                touched = true
            }
            WindowEvent::CursorMoved(to) => {
                moved += last.replace(to.position).map_or(0.0, |from| from.distance(to.position));
            }
            _ => {}
        }
    }
    let kiosk = &mut *kiosk;
    let plays = kiosk.playing.as_ref().is_none_or(Playing::plays);
    kiosk.swallow = plays;
    kiosk.crept = if plays { kiosk.crept + moved } else { 0.0 };
    let here = touched || kiosk.crept > CREEP_PX || (!plays && moved > 0.0);
    if let Some(playing) = kiosk.playing.as_mut().filter(|_| here) {
        playing.touched(Clock::new().now());
    }
}

/// What a shot is made of.
#[derive(SystemParam)]
struct Stage<'w, 's> {
    parts: Res<'w, Parts>,
    rest: AtRest<'w, 's>,
    solids: Query<'w, 's, (&'static Aabb, &'static GlobalTransform), With<PartOf>>,
}

impl Stage<'_, '_> {
    /// The pose of a view, in a picture of this aspect of which these shares are covered: on the right, and below.
    fn pose(&self, view: &View, asset: AssetRow, orbit: &Orbit, aspect: f32, covered: Vec2) -> Option<Pose> {
        let site = self.parts.site.as_ref()?;
        let side = |heading_deg: f32| (view.yaw_deg as f32 + heading_deg, view.pitch_deg as f32);
        // The view's angle is its height's; a narrow picture, and what is covered of it, need more.
        let farther = (aspect * (1.0 - covered.x)).min(1.0 - covered.y);
        let framed = |entities: &[Entity], room: f64, heading_deg: f32| {
            let (centre, radius) = self.rest.bounds(entities)?;
            let mut pose = orbit.framing(centre, radius * room as f32, Some(side(heading_deg)));
            pose.distance /= farther;
            Some(pose)
        };
        let mut pose = match view.of {
            Subject::Place { at, distance } => {
                let (yaw_deg, pitch_deg) = side(0.0);
                let target = Vec3::from_array(at.map(|m| m as f32));
                Pose { target, yaw_deg, pitch_deg, distance: distance as f32 }
            }
            Subject::Viewpoint(place) => {
                let pose = viewpoints::pose_of(site.viewpoints.get(place)?, orbit, &self.parts, |primitives| {
                    self.rest.bounds(primitives)
                })?;
                Pose { distance: pose.distance / farther, ..pose }
            }
            Subject::Part { part, room } => framed(&self.parts.primitives_of(part), room, self.heading(site, part))?,
            Subject::Machine { room } => {
                let machine = site.assets.get(asset.index())?;
                let rows = machine.parts.clone().map(PartRow);
                let all: Vec<Entity> =
                    rows.filter_map(|row| self.parts.primitives.get(row.index())).flatten().copied().collect();
                framed(&all, room, self.heading(site, PartRow(machine.parts.start)))?
            }
        };
        // What is looked at stands in the middle of what is not covered.
        let rotation = pose.transform().rotation;
        let half = pose.distance * (FOV * 0.5).tan();
        pose.target += rotation * Vec3::new(covered.x * aspect, -covered.y, 0.0) * half;
        Some(pose)
    }

    /// How far a part has turned about the vertical, degrees: the nacelle it is in, not the wheel that it is.
    fn heading(&self, site: &Site, part: PartRow) -> f32 {
        let part_of = |row: PartRow| site.parts.get(row.index());
        let mut steady = part;
        let mut at = Some(part);
        // Parents cannot form a cycle, but nothing here depends on it.
        for _ in 0..=site.parts.len() {
            let Some(found) = at.and_then(part_of) else { break };
            at = found.parent;
            if found.motions.iter().any(|motion| motion.kind == MotionKind::Spin) {
                steady = at.unwrap_or(steady);
            }
        }
        let node = self.parts.node(steady);
        let Some(place) = node.and_then(|node| self.rest.places.get(node).ok()) else { return 0.0 };
        let east = place.rotation() * Vec3::X;
        if Vec2::new(east.x, east.z).length() < 0.3 { 0.0 } else { (-east.z).atan2(east.x).to_degrees() }
    }

    /// The boxes of all primitives.
    fn solids(&self) -> Vec<Solid> {
        self.solids
            .iter()
            .map(|(aabb, place)| {
                let centre = place.transform_point(Vec3::from(aabb.center));
                let rows = place.affine().matrix3;
                let half = Vec3::from(aabb.half_extents);
                let reach = rows.x_axis.abs() * half.x + rows.y_axis.abs() * half.y + rows.z_axis.abs() * half.z;
                (centre - Vec3::from(reach), centre + Vec3::from(reach))
            })
            .collect()
    }
}

/// Shares of the picture that captions and figures cover: on the right, and below.
fn covered(stop: &Stop, aspect: f32) -> Vec2 {
    let beside = if stop.figures.is_empty() || aspect < 1.15 { 0.0 } else { 0.22 };
    Vec2::new(beside, if aspect < 1.15 { 0.42 } else { 0.33 })
}

/// Lets the tour go on.
fn play(
    mut kiosk: ResMut<Kiosk>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    twin: Res<Twin>,
    stage: Stage,
    window: Single<&Window, With<PrimaryWindow>>,
) {
    let kiosk = &mut *kiosk;
    let Some((playing, snapshot)) = kiosk.playing.as_mut().zip(twin.snapshot.as_ref()) else { return };
    // Nothing is told of a machine that is not there yet.
    if panels.progress.is_some() {
        return;
    }
    let began = playing.step(Clock::new().now(), snapshot);
    if playing.show != Show::Scene {
        attend(playing, snapshot, &twin, &mut panels);
        return;
    }
    if began && let Some(stop) = playing.stop() {
        // What a person has opened, hidden or asked is theirs.
        let (ui, withdrawn) = tidied(&panels.ui);
        panels.ui = ui;
        let placed = |part, cut| section::placed(cut, &stage.rest.place(stage.parts.node(part)?)?);
        panels.ui.sight = sight_at(stop, &snapshot.site, placed);
        panels.actions.extend(withdrawn.into_iter().chain(commands(stop)).map(UiAction::Command));
        let aspect = window.width() / window.height().max(1.0);
        let pose = stage.pose(&stop.view, stop.asset, &orbit, aspect, covered(stop, aspect));
        kiosk.shot = pose.map(|to| Shot::new(orbit.pose, to, stop.view.drift_deg_per_s as f32, &stage.solids()));
    }
    let Some((shot, stop)) = kiosk.shot.as_ref().zip(playing.stop()) else { return };
    let seconds = playing.elapsed_ms() as f32 / 1_000.0;
    match playing.phase() {
        Phase::Travelling if stop.travel_ms > 0 => {
            orbit.jump(shot.travel(seconds * 1_000.0 / stop.travel_ms as f32));
        }
        Phase::Travelling | Phase::Telling => orbit.jump(shot.stay(seconds)),
        Phase::Waiting | Phase::Taken => {}
    }
}

/// What a screen without the scene shows: the fleet, or the part that wants attention most.
fn attend(playing: &Playing, snapshot: &Snapshot, twin: &Twin, panels: &mut Panels) {
    panels.ui.fleet_open = playing.show == Show::Fleet;
    if playing.show != Show::Inspector || !playing.plays() {
        return;
    }
    let alarmed = snapshot.alarms.iter().filter(|alarm| alarm.active).map(|alarm| alarm.part).next();
    let shortest = snapshot
        .lives
        .iter()
        .filter(|life| !life.expired)
        .filter_map(|life| Some((life.p05_h.or(life.p50_h)?, life.part)))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, part)| part);
    let wanted = alarmed.or(shortest);
    if wanted.is_some() && wanted != twin.selected() && twin.pending_select.is_none() {
        panels.actions.push(UiAction::Command(Command::Select(wanted)));
    }
}

/// Sizes, colours and the cursor, for the tour or for a person.
fn dress(
    mut kiosk: ResMut<Kiosk>,
    mut panels: ResMut<Panels>,
    window: Single<(&Window, &mut CursorOptions), With<PrimaryWindow>>,
    mut cameras: Query<&mut Camera, With<SceneCamera>>,
    mut before: Local<Option<bool>>,
) {
    let (window, mut cursor) = window.into_inner();
    let kiosk = &mut *kiosk;
    let Some(playing) = &kiosk.playing else { return };
    let plays = playing.plays();
    if cursor.visible == plays {
        cursor.visible = !plays;
    }
    let seen = !plays || (playing.show == Show::Scene && !playing.night());
    for mut camera in &mut cameras {
        if camera.is_active != seen {
            camera.is_active = seen;
        }
    }
    let (distance_m, height_m) = playing
        .tour
        .as_ref()
        .map_or((5.0, None), |tour| (tour.viewing_distance_m as f32, tour.screen_height_m.map(|m| m as f32)));
    let pixels = [window.physical_width() as f32, window.physical_height() as f32];
    let height_m = height_m.or(kiosk.pixel_m.map(|pixel_m| pixel_m * pixels[1]));
    let sizes = screen::sizes(pixels, height_m, distance_m);
    let scale = if plays { sizes.told } else { sizes.used } / window.scale_factor();
    if panels.ui.scale != scale {
        panels.ui.scale = scale;
    }
    if *before != Some(plays) {
        let theme = match (&playing.tour, plays) {
            (Some(tour), true) => {
                kiosk.theme = panels.ui.theme;
                if tour.light { ThemeName::Light } else { ThemeName::Dark }
            }
            _ => kiosk.theme,
        };
        panels.ui.theme = theme;
        if before.is_none() && sizes.legible_m < 0.9 * distance_m {
            tracing::warn!(
                "the screen is small for {distance_m} m: it is written as large as captions have room, and legible from {:.1} m",
                sizes.legible_m
            );
        }
        *before = Some(plays);
    }
}

/// Says to the process that watches over this one that frames are drawn, and where the tour is.
fn beat(mut kiosk: ResMut<Kiosk>) {
    let now = Instant::now();
    if kiosk.playing.is_none() || kiosk.beat.is_some_and(|last| now - last < BEAT) {
        return;
    }
    kiosk.beat = Some(now);
    let at = kiosk.playing.as_ref().and_then(Playing::at).unwrap_or(0);
    // Whoever does not listen does not watch.
    let _ = writeln!(std::io::stdout().lock(), "{BEAT_PREFIX}{at}");
}
