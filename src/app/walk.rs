//! Walking through the site: the camera in the head of somebody who walks, and back to where it was before.
//!
//! What is in the way is built beside the frames (`gather`); how one goes is `twinscope_walk`'s. The head is the camera's
//! pose with the target just before the eyes, so that compass, labels and levels of detail need no second camera.

mod gather;
mod pad;

use std::collections::BTreeSet;
use std::sync::Arc;

use bevy::camera::primitives::Aabb;
use bevy::input::ButtonInput;
use bevy::prelude::*;
use bevy::tasks::{AsyncComputeTaskPool, Task, block_on, poll_once};
use twinscope_twin::site::{PartRow, Site, Start};
use twinscope_walk::{Intent, Plan, Walker, World as Walked};

use super::camera::{FOV, Orbit, Pose, SceneCamera};
use super::explode::{self, Apart};
use super::interact::{InteractSet, Pointer};
use super::models::{self, Parts};
use super::panels::{self, Panels};
use crate::view::walk::{Place, Storey, WalkAction, WalkScene};
use gather::{Reading, frame};
use pad::{Held, Pad};

/// Walks.
pub struct WalkPlugin;

impl Plugin for WalkPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Walk>()
            .add_systems(
                Update,
                (begin.before(explode::take_apart), step).chain().after(panels::act).after(InteractSet),
            )
            .add_systems(PostUpdate, see.before(super::camera::place_camera));
    }
}

/// The target of the camera is so far before the eyes, m: what is as near is still drawn.
const AHEAD: f32 = 0.2;
/// A drag over so many pixels turns by a radian.
const PIXELS: f32 = 260.0;
/// The arrows and the stick turn so fast, rad/s, or by such steps, rad.
const TURN: f32 = 1.7;
const STEP: f32 = std::f32::consts::FRAC_PI_6;
/// The map is made anew after so many metres, up and along.
const NEW_STOREY: [f32; 2] = [0.5, 5.0];
/// So far around the walker the map is made, m.
const MAP_M: f32 = 16.0;
/// Far enough from a machine that has no start to see it, as a share of its radius, and at least, m.
const BEFORE: (f32, f32) = (0.6, 2.5);

/// The walk.
#[derive(Resource, Default)]
pub struct Walk {
    /// What was asked for and is not done yet.
    pub wanted: Vec<WalkAction>,
    /// What the view is told.
    pub told: WalkScene,
    building: Option<Building>,
    walking: Option<Walking>,
    pad: Pad,
}

struct Building {
    task: Task<Walked>,
    turning: Vec<(usize, Entity)>,
    /// Where to, and the look: radians.
    to: (Vec3, f32),
}

struct Walking {
    world: Walked,
    walker: Walker,
    turning: Vec<(usize, Entity)>,
    /// Where the camera was before.
    before: Pose,
    /// The map that is being made, and the feet for which the last one was.
    map: Option<Task<Plan>>,
    mapped: Option<Vec3>,
}

/// A start in the world: where, and the look in radians to the left of −z.
fn resolve(start: &Start, parts: &Parts, reading: &Reading) -> Option<(Vec3, f32)> {
    let position = Vec3::from_array(start.position.map(|m| m as f32));
    let place = match (start.part, start.asset) {
        (Some(part), _) => *reading.places.get(parts.nodes.get(part.index()).copied().flatten()?).ok()?,
        (None, Some(asset)) => reading.root(asset)?,
        (None, None) => GlobalTransform::IDENTITY,
    };
    let (sin, cos) = (start.yaw_deg as f32).to_radians().sin_cos();
    let way = place.rotation() * Vec3::new(sin, 0.0, -cos);
    Some((place.transform_point(position), (-way.x).atan2(-way.z)))
}

/// Where one begins that has no start: before the first machine, looking at it.
fn before_machine(site: &Site, parts: &Parts, bounds: &Query<(&Aabb, &GlobalTransform)>) -> Option<(Vec3, f32)> {
    let (_, asset) = site.standing().next()?;
    let rows = asset.parts.clone().filter_map(|row| parts.primitives.get(row as usize));
    let all: Vec<Entity> = rows.flatten().copied().collect();
    let (centre, radius) = models::bounds(&all, bounds)?;
    let lowest = models::lowest(&all, bounds)?;
    Some((Vec3::new(centre.x, lowest, centre.z + (radius * BEFORE.0).max(BEFORE.1)), 0.0))
}

/// Takes what was asked for, and begins when the world is built.
fn begin(
    mut walk: ResMut<Walk>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    parts: Res<Parts>,
    reading: Reading,
    apart: Res<Apart>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
    waker: Res<super::WakerSlot>,
    mut before: Local<bool>,
) {
    let walk = &mut *walk;
    // What turns is put where it stands a frame after the rest.
    let together = std::mem::replace(&mut *before, apart.together()) && apart.together();
    // Whoever has the camera fly has it fly from outside.
    if walk.walking.is_some() && orbit.moving() {
        leave(walk, &mut panels, None);
    }
    let begins = walk.wanted.iter().any(|action| matches!(action, WalkAction::Enter(_)));
    if (begins || walk.building.is_some() || walk.walking.is_some()) && panels.ui.sight.explode.take().is_some() {
        note(&mut panels, "Walk: what was apart is together again. One bumps into walls where they stand.");
    }
    for action in std::mem::take(&mut walk.wanted) {
        match action {
            WalkAction::Leave => {
                walk.wanted.clear();
                leave(walk, &mut panels, Some(&mut orbit));
            }
            WalkAction::Teleport([x, z]) => {
                if let Some(Walking { world, walker, .. }) = &mut walk.walking {
                    let place = walker.feet().with_x(x).with_z(z);
                    if !walker.go_to(world, place) {
                        note(&mut panels, "Walk: there is no floor with room for somebody at that place.");
                    }
                }
            }
            WalkAction::Enter(_) if !together => {
                walk.wanted.push(action);
                walk.told.preparing = true;
                panels.ui.walk.moves = true;
            }
            WalkAction::Enter(start) => {
                walk.pad.listen(waker.0.clone());
                let Some(site) = parts.site.clone().filter(|_| parts.pending == 0) else { continue };
                let chosen = site.starts.get(start.unwrap_or(0));
                let to = chosen.and_then(|start| resolve(start, &parts, &reading));
                let Some(to) = to.or_else(|| before_machine(&site, &parts, &bounds)) else {
                    note(&mut panels, "Walk: nothing stands here yet.");
                    continue;
                };
                let all: Vec<Entity> = parts.primitives.iter().flatten().copied().collect();
                let gathered = reading.gather(&site, &parts, to.0, models::lowest(&all, &bounds));
                let turning = gathered.turning.clone();
                let task = AsyncComputeTaskPool::get().spawn(async move { gathered.build() });
                walk.building = Some(Building { task, turning, to });
                walk.told.preparing = true;
                // Frames go on until it is built.
                panels.ui.walk.moves = true;
                walk.told.starts = site
                    .starts
                    .iter()
                    .filter_map(|start| Some((start.name.clone(), resolve(start, &parts, &reading)?.0)))
                    .map(|(name, at)| (name, [at.x, at.z]))
                    .collect();
            }
        }
    }
    let Some(mut building) = walk.building.take() else { return };
    let Some(world) = block_on(poll_once(&mut building.task)) else {
        walk.building = Some(building);
        return;
    };
    walk.told.preparing = false;
    panels.ui.walk.moves = false;
    let (place, yaw) = building.to;
    let Some(walker) = Walker::new(&world, place, yaw, panels.ui.walk.eyes_m) else {
        note(&mut panels, "Walk: at this start there is no floor with room for somebody. Choose another one.");
        return;
    };
    let before = walk.walking.as_ref().map_or(orbit.destination(), |walking| walking.before);
    let pose = orbit.pose;
    orbit.jump(pose);
    panels.ui.walk.on = true;
    panels.ui.hint_seen = true;
    let turning = building.turning;
    walk.walking = Some(Walking { world, walker, turning, before, map: None, mapped: None });
}

fn note(panels: &mut Panels, text: &str) {
    panels.notices.retain(|notice| !notice.starts_with("Walk:"));
    panels.notices.push(text.to_owned());
}

/// Ends the walk; the camera goes back to where it was, if it is not on its way elsewhere.
fn leave(walk: &mut Walk, panels: &mut Panels, orbit: Option<&mut Orbit>) {
    walk.building = None;
    walk.told = WalkScene::default();
    panels.ui.walk.on = false;
    panels.ui.walk.moves = false;
    panels.ui.walk.open.clear();
    panels.notices.retain(|notice| !notice.starts_with("Walk:"));
    if let (Some(walking), Some(orbit)) = (walk.walking.take(), orbit) {
        orbit.jump(walking.before);
    }
}

/// What the keys, the stick, the gamepad and the drag say: to go, and to turn (rad to the left, and up).
fn wishes(keys: &ButtonInput<KeyCode>, panels: &Panels, pad: &Held, dragged: Vec2, dt: f32) -> (Intent, Vec2) {
    let ui = &panels.ui.walk;
    let typing = panels.context().is_some_and(egui::Context::egui_wants_keyboard_input);
    let held = |codes: [KeyCode; 2]| f32::from(u8::from(!typing && keys.any_pressed(codes)));
    let struck = |code: KeyCode| f32::from(u8::from(!typing && keys.just_pressed(code)));
    let forward = held([KeyCode::KeyW, KeyCode::ArrowUp]) - held([KeyCode::KeyS, KeyCode::ArrowDown]);
    let right = held([KeyCode::KeyD, KeyCode::KeyD]) - held([KeyCode::KeyA, KeyCode::KeyA]);
    let left = if ui.snap {
        (struck(KeyCode::ArrowLeft) - struck(KeyCode::ArrowRight)) * STEP
    } else {
        let arrows = held([KeyCode::ArrowLeft, KeyCode::ArrowLeft]) - held([KeyCode::ArrowRight, KeyCode::ArrowRight]);
        arrows * TURN * dt
    };
    let [aside, ahead] = ui.stick;
    let intent = Intent {
        go: (Vec2::new(right, forward + ahead) + pad.go).clamp(-Vec2::ONE, Vec2::ONE),
        run: pad.run || held([KeyCode::ShiftLeft, KeyCode::ShiftRight]) > 0.0,
        crouch: pad.crouch || held([KeyCode::ControlLeft, KeyCode::KeyC]) > 0.0,
    };
    let looks = pad.look * TURN * dt;
    // The scene goes with the hand, as it does from outside.
    (intent, Vec2::new(left - aside * TURN * dt - looks.x + dragged.x / PIXELS, looks.y + dragged.y / PIXELS))
}

/// Goes on by one frame.
fn step(
    mut walk: ResMut<Walk>,
    mut panels: ResMut<Panels>,
    mut pointer: ResMut<Pointer>,
    mut orbit: ResMut<Orbit>,
    keys: Res<ButtonInput<KeyCode>>,
    time: Res<Time>,
    places: Query<&GlobalTransform>,
) {
    let dragged = std::mem::take(&mut pointer.looked);
    let walk = &mut *walk;
    let pad = walk.pad.held();
    if pad.leave && walk.walking.is_some() {
        return leave(walk, &mut panels, Some(&mut orbit));
    }
    let Some(Walking { world, walker, turning, map, mapped, .. }) = &mut walk.walking else { return };
    for (solid, node) in turning.iter() {
        if let Ok(place) = places.get(*node) {
            world.set_frame(*solid, frame(place));
        }
    }
    let dt = time.delta_secs();
    let (intent, turn) = wishes(&keys, &panels, &pad, dragged, dt);
    let (feet, yaw, pitch) = (walker.feet(), walker.yaw, walker.pitch);
    walker.set_eyes(panels.ui.walk.eyes_m);
    walker.look(turn.x, turn.y);
    walker.step(world, &intent, dt);
    let moved = walker.feet().distance(feet) > 1e-5 || walker.yaw != yaw || walker.pitch != pitch;
    let moves = moved || walker.settling() || intent.go != Vec2::ZERO || pad.look != Vec2::ZERO;
    if map.as_mut().is_some_and(|task| match block_on(poll_once(task)) {
        Some(plan) => {
            walk.told.storey = Arc::new(storey(plan));
            true
        }
        None => false,
    }) {
        *map = None;
    }
    let feet = walker.feet();
    let left_storey = |at: Vec3| (at.y - feet.y).abs() > NEW_STOREY[0] || at.distance(feet) > NEW_STOREY[1];
    if map.is_none() && mapped.is_none_or(left_storey) {
        *mapped = Some(feet);
        let world = world.clone();
        *map = Some(AsyncComputeTaskPool::get().spawn(async move { Plan::of(&world, feet, MAP_M) }));
    }
    let eye = walker.eye();
    walk.told.at = Some(Place {
        feet: feet.to_array(),
        above_m: feet.y - world.ground(feet.x, feet.z),
        heading_deg: (-walker.yaw.to_degrees()).rem_euclid(360.0),
        climbs: walker.climbs(),
        moves: moved,
        ahead: pointer.over.map(|(part, at)| (part, at.distance(eye))),
    });
    let open = walker.opens(world).into_iter().filter_map(|(_, row)| Some(PartRow(row.parse().ok()?)));
    let open: BTreeSet<PartRow> = open.collect();
    if panels.ui.walk.open != open {
        panels.ui.walk.open = open;
    }
    let busy = moves || map.is_some();
    if panels.ui.walk.moves != busy {
        panels.ui.walk.moves = busy;
    }
    let pose = head(walker);
    if orbit.pose != pose {
        orbit.pose = pose;
    }
}

/// The pose of a camera that is in the head.
fn head(walker: &Walker) -> Pose {
    let (sin, cos) = walker.pitch.sin_cos();
    let ahead = Vec3::new(-walker.yaw.sin() * cos, sin, -walker.yaw.cos() * cos);
    Pose {
        target: walker.eye() + ahead * AHEAD,
        yaw_deg: walker.yaw.to_degrees(),
        pitch_deg: -walker.pitch.to_degrees(),
        distance: AHEAD,
    }
}

fn storey(plan: Plan) -> Storey {
    Storey {
        outlines: plan.outlines.into_iter().map(|line| line.iter().map(|point| point.to_array()).collect()).collect(),
        floors: plan.floors.into_iter().map(|triangle| triangle.map(|corner| corner.to_array())).collect(),
        ladders: plan.ladders.into_iter().map(|at| at.to_array()).collect(),
    }
}

/// The field of view of whoever walks, and the plain one from outside.
fn see(panels: Res<Panels>, mut cameras: Query<&mut Projection, With<SceneCamera>>) {
    let walk = &panels.ui.walk;
    let fov = if walk.on { walk.fov_deg.clamp(40.0, 90.0).to_radians() } else { FOV };
    for mut projection in &mut cameras {
        if matches!(&*projection, Projection::Perspective(now) if now.fov != fov)
            && let Projection::Perspective(now) = &mut *projection
        {
            now.fov = fov;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_camera_is_where_the_eyes_are_and_looks_where_they_look() {
        let world = Walked::new(Vec::new(), |_, _| 0.0);
        for (yaw, pitch) in [(0.0_f32, 0.0_f32), (1.2, 0.4), (4.0, -1.2)] {
            let mut walker = Walker::new(&world, Vec3::new(3.0, 0.0, -2.0), yaw, 1.65).unwrap();
            walker.look(0.0, pitch);
            let camera = head(&walker).transform();
            assert!(camera.translation.distance(walker.eye()) < 1e-4, "{camera:?}");
            let ahead = Quat::from_rotation_y(yaw) * Quat::from_rotation_x(pitch) * Vec3::NEG_Z;
            assert!((*camera.forward()).distance(ahead) < 1e-3, "{yaw} {pitch}: {:?}", camera.forward());
        }
    }

    #[test]
    fn a_frame_is_where_its_node_is_and_turned_as_it_is() {
        let turned = Transform::from_xyz(1.0, 2.0, 3.0).with_rotation(Quat::from_rotation_y(0.7));
        let (place, p) = (GlobalTransform::from(turned), Vec3::new(4.0, 5.0, 6.0));
        assert!(frame(&place).to_world(p).distance(place.transform_point(p)) < 1e-4);
    }
}
