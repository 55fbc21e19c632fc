//! The camera turns as fast as frames come, and then all parts change their colour: what other viewers are measured by on
//! the same model (`benches/peers`). For benchmarks.

use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use bevy::window::{PresentMode, PrimaryWindow};
use bevy::winit::{UpdateMode, WinitSettings};
use bevy_egui::EguiPostUpdateSet;

use super::camera::{FOV, Orbit, Pose};
use super::material::{PartRows, Row, upload_rows};
use super::models::{self, Parts};
use super::paint::{Look, PaintSet};
use super::panels::{self, Panels};
use super::view_scale::{self, ViewScale};

/// Measures turning and recolouring, prints one line of JSON, and ends the program.
pub struct TurntablePlugin {
    /// How long each phase is measured, after a quarter of it for warming up.
    pub length: Duration,
}

impl Plugin for TurntablePlugin {
    fn build(&self, app: &mut App) {
        app.insert_resource(Turntable::new(self.length))
            .add_systems(Startup, present_at_once)
            .add_systems(Update, turn)
            .add_systems(
                PostUpdate,
                (
                    whole_window.after(EguiPostUpdateSet::EndPass).before(panels::frame_scene),
                    every_pixel.after(view_scale::choose),
                    begin.before(PaintSet::Rows),
                    recolour.after(PaintSet::Rows).before(PaintSet::Meshes),
                    end.after(upload_rows),
                ),
            )
            .add_systems(Last, draw_on.after(super::pace));
    }
}

/// The camera's turn between two frames, degrees; its height over the horizon, and where it starts.
const STEP_DEG: f32 = 0.5;
const PITCH_DEG: f32 = 20.0;
const YAW_DEG: f32 = -40.0;
/// So many frames with a recolouring, so many without: whatever else the machine does falls on both.
const BLOCK: u32 = 4;
/// A phase has at least so many frames, however long they take.
const FRAMES: usize = 6;

/// What is measured, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The model is not there yet.
    Loading,
    /// Turning, as a person sees it: coarser while the camera moves where the processor draws, beside the panels.
    Turning,
    /// Turning, every pixel of the whole window, the panels drawn over it.
    Whole,
    /// The camera rests; every pixel of the whole window; all parts change their colour in every second block of frames.
    Recolouring,
}

#[derive(Resource)]
struct Turntable {
    length: Duration,
    phase: Phase,
    since: Instant,
    last: Instant,
    frame: u32,
    pose: Option<Pose>,
    turning: Vec<f64>,
    whole: Vec<f64>,
    rest: Vec<f64>,
    recoloured: Vec<f64>,
    /// When the work on this frame's colours began.
    began: Option<Instant>,
    /// Main thread: from a changed picture of the twin to the rows in the renderer's buffer, ms.
    work: Vec<f64>,
    /// What the scene covered and how small it was drawn while turning, as a person sees it.
    drawn: (Vec2, f32),
}

impl Turntable {
    fn new(length: Duration) -> Self {
        let now = Instant::now();
        Self {
            length,
            phase: Phase::Loading,
            since: now,
            last: now,
            frame: 0,
            pose: None,
            turning: Vec::new(),
            whole: Vec::new(),
            rest: Vec::new(),
            recoloured: Vec::new(),
            began: None,
            work: Vec::new(),
            drawn: (Vec2::ZERO, 1.0),
        }
    }

    fn is_whole(&self) -> bool {
        matches!(self.phase, Phase::Whole | Phase::Recolouring)
    }

    /// Whether this frame changes the colours.
    fn recolours(&self) -> bool {
        self.phase == Phase::Recolouring && !(self.frame / BLOCK).is_multiple_of(2)
    }

    /// Takes the time of the frame that has just ended.
    fn take(&mut self) {
        let now = Instant::now();
        let ms = (now - self.last).as_secs_f64() * 1_000.0;
        self.last = now;
        let warm = self.since.elapsed() > self.length / 4;
        if warm {
            match self.phase {
                Phase::Loading => {}
                Phase::Turning => self.turning.push(ms),
                Phase::Whole => self.whole.push(ms),
                // The renderer may be a frame behind: the first of a block pays for the last of the block before.
                Phase::Recolouring if self.frame.is_multiple_of(BLOCK) => {}
                Phase::Recolouring if self.recolours() => self.recoloured.push(ms),
                Phase::Recolouring => self.rest.push(ms),
            }
        }
        self.frame += 1;
    }

    /// Whether this phase has lasted long enough.
    fn over(&self) -> bool {
        let frames = match self.phase {
            Phase::Loading => return false,
            Phase::Turning => self.turning.len(),
            Phase::Whole => self.whole.len(),
            Phase::Recolouring => self.recoloured.len().min(self.rest.len()),
        };
        self.since.elapsed() > self.length + self.length / 4 && frames >= FRAMES
    }

    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
        self.frame = 0;
    }

    fn report(&self, window: &Window, parts: usize) -> String {
        let pose = self.pose.unwrap_or_else(|| Orbit::default().pose);
        let frames = |times: &[f64]| {
            let mean = times.iter().sum::<f64>() / times.len() as f64;
            format!("{{\"frames\":{},\"mean\":{mean:.2},\"p50\":{:.2}}}", times.len(), median(times))
        };
        format!(
            "{{\"parts\":{parts},\"window\":[{},{}],\"camera\":{{\"target\":[{},{},{}],\"yaw_deg\":{YAW_DEG},\"pitch_deg\":{PITCH_DEG},\"step_deg\":{STEP_DEG},\"distance\":{},\"fov_deg\":{}}},\
             \"turning\":{},\"turning_scene\":[{},{}],\"turning_scale\":{},\"whole\":{},\"rest\":{},\"recoloured\":{},\"recolour_work\":{}}}",
            window.physical_width(),
            window.physical_height(),
            pose.target.x,
            pose.target.y,
            pose.target.z,
            pose.distance,
            FOV.to_degrees(),
            frames(&self.turning),
            self.drawn.0.x,
            self.drawn.0.y,
            self.drawn.1,
            frames(&self.whole),
            frames(&self.rest),
            frames(&self.recoloured),
            frames(&self.work),
        )
    }
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A frame is shown when it is drawn, not when a screen is ready for it.
fn present_at_once(mut window: Single<&mut Window, With<PrimaryWindow>>) {
    window.present_mode = PresentMode::AutoNoVsync;
}

fn draw_on(mut settings: ResMut<WinitSettings>) {
    settings.focused_mode = UpdateMode::Continuous;
    settings.unfocused_mode = UpdateMode::Continuous;
}

fn turn(
    mut table: ResMut<Turntable>,
    mut orbit: ResMut<Orbit>,
    panels: Res<Panels>,
    parts: Res<Parts>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut exit: MessageWriter<AppExit>,
) {
    let table = &mut *table;
    table.take();
    if table.phase == Phase::Loading {
        let everything = parts.primitives.iter().flatten().copied().collect::<Vec<_>>();
        let there = panels.progress.is_none() && parts.pending == 0 && !everything.is_empty();
        if let Some((centre, radius)) = models::bounds(&everything, &bounds).filter(|_| there) {
            // The sphere around everything touches the edges of the window above and below.
            let distance = radius / (FOV * 0.5).sin();
            table.pose = Some(Pose { target: centre, yaw_deg: YAW_DEG, pitch_deg: PITCH_DEG, distance });
            table.enter(Phase::Turning);
        }
        return;
    }
    if table.over() {
        match table.phase {
            Phase::Loading => {}
            Phase::Turning => table.enter(Phase::Whole),
            Phase::Whole => table.enter(Phase::Recolouring),
            Phase::Recolouring => {
                println!("{}", table.report(&window, parts.primitives.iter().filter(|of| !of.is_empty()).count()));
                exit.write(AppExit::Success);
            }
        }
    }
    let turns = if table.phase == Phase::Recolouring { 0.0 } else { table.frame as f32 };
    if let Some(pose) = table.pose {
        orbit.jump(Pose { yaw_deg: pose.yaw_deg + turns * STEP_DEG, ..pose });
    }
}

fn whole_window(table: Res<Turntable>, mut panels: ResMut<Panels>, window: Single<&Window, With<PrimaryWindow>>) {
    if table.is_whole() {
        panels.free = Rect::new(0.0, 0.0, window.width(), window.height());
    }
}

fn every_pixel(mut table: ResMut<Turntable>, panels: Res<Panels>, mut view: ResMut<ViewScale>) {
    if table.is_whole() {
        view.set_if_neq(ViewScale::default());
    } else {
        table.drawn = (panels.free.size(), view.now);
    }
}

/// As if a new picture of the twin had come: all parts are looked at.
fn begin(mut table: ResMut<Turntable>, mut look: ResMut<Look>) {
    if table.recolours() {
        table.began = Some(Instant::now());
        look.set_changed();
    }
}

fn recolour(table: Res<Turntable>, parts: Res<Parts>, mut rows: ResMut<PartRows>) {
    if table.began.is_none() {
        return;
    }
    for part in 0..parts.primitives.len() {
        // From green to blue: no part of the model has such a colour of its own.
        let shade = ((part as u32).wrapping_mul(7).wrapping_add(table.frame) % 64) as f32 / 64.0;
        rows.set(part, Row { colour: [0.05, 1.0 - shade, shade, 0.94], ..default() });
    }
}

fn end(mut table: ResMut<Turntable>) {
    if let Some(began) = table.began.take() {
        table.work.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
}
