//! What labels on everything cost: the camera turns as fast as frames come, with them and without by turns, in one window.
//! For benchmarks.

use std::time::{Duration, Instant};

use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use bevy::window::{PresentMode, PrimaryWindow};
use bevy::winit::{UpdateMode, WinitSettings};

use super::camera::{Orbit, Pose};
use super::models::{self, Parts};
use super::panels::Panels;
use super::tags::Tagged;
use crate::view::tags::Scope;

/// Measures frames with and without labels, prints one line of JSON, and ends the program.
pub struct LabelBenchPlugin {
    /// How long, with and without together.
    pub length: Duration,
}

impl Plugin for LabelBenchPlugin {
    fn build(&self, app: &mut App) {
        let now = Instant::now();
        app.insert_resource(Bench {
            length: self.length,
            start: None,
            last: now,
            frame: 0,
            pose: None,
            with: Vec::new(),
            without: Vec::new(),
            used: [0.0; 2],
            used_before: 0.0,
            parts: 0,
            labels: Vec::new(),
        })
        .add_systems(Startup, present_at_once)
        .add_systems(Update, turn)
        .add_systems(Last, draw_on.after(super::pace));
    }
}

/// So many frames with labels, so many without: whatever else the machine does falls on both. The first of each do not
/// count: labels come softly, and the renderer may be a frame behind.
const BLOCK: u32 = 16;
const UNCOUNTED: u32 = 8;
/// The camera's turn between two frames, degrees; and its height over the horizon.
const STEP_DEG: f32 = 0.15;
const PITCH_DEG: f32 = 3.0;

/// The whole window is the scene's.
const NO_PANELS: crate::view::Panels = crate::view::Panels { tree: false, inspector: false, alarms: false, bar: false };

#[derive(Resource)]
struct Bench {
    length: Duration,
    start: Option<Instant>,
    last: Instant,
    frame: u32,
    pose: Option<Pose>,
    with: Vec<f64>,
    without: Vec<f64>,
    /// Processor time of the program, with labels and without, ms: what other programs do does not count in it.
    used: [f64; 2],
    used_before: f64,
    parts: usize,
    labels: Vec<f64>,
}

impl Bench {
    fn labelled(&self) -> bool {
        !(self.frame / BLOCK).is_multiple_of(2)
    }
}

/// Processor time of the program, all threads, ms; in ticks of 10 ms (Linux). NaN where it cannot be told.
fn processor_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace().collect();
    let ticks = |field: usize| fields.get(field).and_then(|ticks| ticks.parse::<f64>().ok());
    ticks(11).zip(ticks(12)).map_or(f64::NAN, |(user, system)| (user + system) * 10.0)
}

/// A frame is shown when it is drawn, not when a screen is ready for it.
fn present_at_once(mut window: Single<&mut Window, With<PrimaryWindow>>) {
    window.present_mode = PresentMode::AutoNoVsync;
}

fn draw_on(mut settings: ResMut<WinitSettings>) {
    settings.focused_mode = UpdateMode::Continuous;
    settings.unfocused_mode = UpdateMode::Continuous;
}

fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

fn turn(
    mut bench: ResMut<Bench>,
    mut orbit: ResMut<Orbit>,
    mut panels: ResMut<Panels>,
    tagged: Res<Tagged>,
    parts: Res<Parts>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
    window: Single<&Window, With<PrimaryWindow>>,
    mut exit: MessageWriter<AppExit>,
) {
    let bench = &mut *bench;
    let now = Instant::now();
    let ms = (now - bench.last).as_secs_f64() * 1_000.0;
    bench.last = now;
    let Some(start) = bench.start else {
        let everything = parts.primitives.iter().flatten().copied().collect::<Vec<_>>();
        let there = panels.progress.is_none() && parts.pending == 0 && !everything.is_empty();
        if let Some((target, radius)) = models::bounds(&everything, &bounds).filter(|_| there) {
            // All of it, large.
            bench.pose = Some(Pose { target, yaw_deg: 0.0, pitch_deg: PITCH_DEG, distance: radius * 1.5 });
            bench.parts = parts.primitives.iter().filter(|of| !of.is_empty()).count();
            bench.start = Some(now);
        }
        return;
    };
    let used = processor_ms();
    let spent = used - std::mem::replace(&mut bench.used_before, used);
    if bench.frame % BLOCK >= UNCOUNTED {
        let place = usize::from(!bench.labelled());
        if let Some(sum) = bench.used.get_mut(place) {
            *sum += spent;
        }
        if bench.labelled() {
            bench.with.push(ms);
            bench.labels.push(tagged.tags.tags.len() as f64);
        } else {
            bench.without.push(ms);
        }
    }
    bench.frame += 1;
    panels.ui.labels.behind = true;
    panels.ui.panels = NO_PANELS;
    panels.ui.labels.scope = if bench.labelled() { Scope::All } else { Scope::Matter };
    if let Some(pose) = bench.pose {
        // To and fro, so that all stays in view.
        let swing = (bench.frame as f32 * STEP_DEG).to_radians().sin() * 12.0;
        orbit.jump(Pose { yaw_deg: pose.yaw_deg + swing, ..pose });
    }
    if start.elapsed() > bench.length && bench.frame.is_multiple_of(2 * BLOCK) {
        let (with, without) = (median(&bench.with), median(&bench.without));
        println!(
            "{{\"parts\":{},\"window\":[{},{}],\"frames\":[{},{}],\"labels\":{},\"with_ms\":{with:.2},\"without_ms\":{without:.2},\"ratio\":{:.3},\"processor_ratio\":{:.3}}}",
            bench.parts,
            window.physical_width(),
            window.physical_height(),
            bench.with.len(),
            bench.without.len(),
            median(&bench.labels),
            with / without,
            bench.used[0] / bench.with.len() as f64 / (bench.used[1] / bench.without.len() as f64),
        );
        exit.write(AppExit::Success);
    }
}
