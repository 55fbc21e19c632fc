//! How old is what the window shows: from the time in a message to the frame that presents it; and when the first frame
//! and the first frame with a scene were presented. For benchmarks; the publisher must read the same clock.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bevy::prelude::*;
use bevy::render::extract_resource::{ExtractResource, ExtractResourcePlugin};
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy::window::PrimaryWindow;
use twinscope_twin::snapshot::Snapshot;

use super::detail::Detail;
use super::panels::Panels;
use super::twin::Twin;

/// Measures for a while, prints one line of JSON, and ends the program.
pub struct MeasurePlugin {
    /// How long, after a quarter of it for warming up.
    pub length: Duration,
}

impl Plugin for MeasurePlugin {
    fn build(&self, app: &mut App) {
        let start = Instant::now();
        let seen = Seen(Arc::default());
        app.insert_resource(Measure { start, length: self.length, before: None, frames: Vec::new(), last: start })
            .insert_resource(seen.clone())
            .init_resource::<Shown>()
            .add_plugins(ExtractResourcePlugin::<Shown>::default())
            .add_systems(Update, collect)
            .add_systems(Last, report);
        if let Some(render) = app.get_sub_app_mut(RenderApp) {
            render.insert_resource(seen).add_systems(Render, presented.in_set(RenderSystems::PostCleanup));
        }
    }
}

#[derive(Resource)]
struct Measure {
    start: Instant,
    length: Duration,
    before: Option<Arc<Snapshot>>,
    frames: Vec<f64>,
    last: Instant,
}

/// What this frame shows for the first time.
#[derive(Resource, ExtractResource, Clone, Default)]
struct Shown {
    frame: u64,
    /// The scene is there, and no progress view.
    scene: bool,
    /// Source times of new samples, ms.
    source_ms: Vec<i64>,
}

/// What was presented.
#[derive(Resource, Clone)]
struct Seen(Arc<std::sync::Mutex<Presented>>);

#[derive(Default)]
struct Presented {
    frame: u64,
    /// When the first frame was, ms since the epoch.
    first_ms: Option<f64>,
    /// When the first frame with a scene was, ms since the epoch.
    scene_ms: Option<f64>,
    /// Ages of samples when they were presented, ms.
    ages: Vec<f64>,
}

impl Seen {
    fn get(&self) -> std::sync::MutexGuard<'_, Presented> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn collect(twin: Res<Twin>, panels: Res<Panels>, mut measure: ResMut<Measure>, mut shown: ResMut<Shown>) {
    let now = Instant::now();
    let frame = now - measure.last;
    measure.last = now;
    if measure.start.elapsed() > measure.length / 4 {
        measure.frames.push(frame.as_secs_f64() * 1_000.0);
    }
    shown.frame += 1;
    shown.source_ms.clear();
    let Some(snapshot) = &twin.snapshot else { return };
    shown.scene = panels.progress.is_none();
    if measure.before.as_ref().is_some_and(|before| Arc::ptr_eq(before, snapshot)) {
        return;
    }
    if let Some(before) = &measure.before {
        let fresh = snapshot.signals.iter().zip(&before.signals).filter(|(now, then)| now.source_ms > then.source_ms);
        shown.source_ms.extend(fresh.map(|(now, _)| now.source_ms));
    }
    measure.before = Some(Arc::clone(snapshot));
}

/// After the frame was handed to the display.
fn presented(shown: Res<Shown>, seen: Res<Seen>) {
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64() * 1_000.0);
    let mut seen = seen.get();
    if seen.frame == shown.frame {
        return;
    }
    seen.frame = shown.frame;
    seen.first_ms.get_or_insert(now_ms);
    if shown.scene {
        seen.scene_ms.get_or_insert(now_ms);
    }
    seen.ages.extend(shown.source_ms.iter().map(|&source_ms| now_ms - source_ms as f64));
}

/// The value below which a share of the sorted values lies.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn report(
    mut measure: ResMut<Measure>,
    seen: Res<Seen>,
    window: Single<&Window, With<PrimaryWindow>>,
    drawn: Query<(&Mesh3d, &ViewVisibility, &Detail)>,
    meshes: Res<Assets<Mesh>>,
    mut warm: Local<bool>,
    mut exit: MessageWriter<AppExit>,
) {
    if !*warm && measure.start.elapsed() > measure.length / 4 {
        *warm = true;
        seen.get().ages.clear();
    }
    if measure.start.elapsed() < measure.length {
        return;
    }
    let Presented { first_ms, scene_ms, mut ages, .. } = std::mem::take(&mut *seen.get());
    ages.sort_by(f64::total_cmp);
    measure.frames.sort_by(f64::total_cmp);
    let triangles = |mesh: Option<&Handle<Mesh>>| {
        let mesh = mesh.and_then(|mesh| meshes.get(mesh));
        mesh.map_or(0, |mesh| mesh.indices().map_or(mesh.count_vertices(), |indices| indices.len()) / 3)
    };
    let seen = || drawn.iter().filter(|(_, visible, _)| visible.get());
    let shown: usize = seen().map(|(mesh, ..)| triangles(Some(&mesh.0))).sum();
    let whole: usize = seen().map(|(.., detail)| triangles(detail.whole())).sum();
    println!(
        "{{\"triangles\":{shown},\"triangles_whole\":{whole},\"samples\":{},\"latency_ms\":{{\"p50\":{:.1},\"p99\":{:.1}}},\"frames\":{},\"frame_ms\":{{\"p50\":{:.1},\"p99\":{:.1}}},\"window\":[{},{}],\"first_frame_at_ms\":{:.0},\"scene_at_ms\":{:.0}}}",
        ages.len(),
        quantile(&ages, 0.5),
        quantile(&ages, 0.99),
        measure.frames.len(),
        quantile(&measure.frames, 0.5),
        quantile(&measure.frames, 0.99),
        window.physical_width(),
        window.physical_height(),
        first_ms.unwrap_or(f64::NAN),
        scene_ms.unwrap_or(f64::NAN),
    );
    exit.write(AppExit::Success);
}
