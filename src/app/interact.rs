//! The mouse in the scene: hover and click select, drags turn and pan, the wheel zooms to the cursor.
//! What panels want of the pointer comes first; a click is a press and a release without a drag between.
//!
//! Drags follow the cursor, not the device: what is under the cursor stays there, whatever the acceleration of the
//! mouse, and on tablets and remote screens that only know positions.

mod heard;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bevy::input::mouse::MouseWheel;
use bevy::math::Affine3A;
use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use bevy::window::{PrimaryWindow, RequestRedraw, WindowEvent};
use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use self::heard::Heard;
use super::camera::{self, Orbit, SceneCamera};
use super::material::PartMaterial;
use super::models::{PartOf, Parts, Skin};
use super::motion::Moving;
use super::panels::Panels;
use super::ruler;
use super::twin::Twin;
use crate::view::sight::Sight;
use crate::view::{UiAction, UiState};

/// Reads the mouse.
pub struct InteractPlugin;

impl Plugin for InteractPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Pointer>()
            .init_resource::<ruler::Ruler>()
            .add_systems(Update, (track, point, ruler::snap, drag).chain().in_set(InteractSet));
    }
}

/// The systems that read the mouse.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct InteractSet;

/// A press moves at most this far, logical pixels, to be a click.
const CLICK_PX: f32 = 4.0;
/// Two clicks within this time are one double click.
const DOUBLE: Duration = Duration::from_millis(400);
/// How often a turning machine is asked again what of it is under a pointer that rests.
const RECAST: Duration = Duration::from_millis(200);

/// What the pointer does in the scene.
#[derive(Resource, Default)]
pub struct Pointer {
    /// The part under it, and where it is hit, m.
    pub over: Option<(PartRow, Vec3)>,
    /// The triangle under it.
    pub on: Option<Touched>,
    /// Where it is, logical pixels of the window; outside of it while a button is held.
    at: Option<Vec2>,
    /// How far it went since the last frame, or since a press in this one.
    went: Vec2,
    /// What was dragged while somebody walks, logical pixels; whoever turns the head takes it.
    pub looked: Vec2,
    /// What was heard and is for the frames to come.
    heard: VecDeque<Heard>,
    /// Fingers on the screen, and where.
    fingers: Vec<(u64, Vec2)>,
    /// What was heard last is a finger, and no mouse.
    touches: bool,
    /// How far two fingers have moved apart since the last frame, in notches of a wheel.
    pinched: f32,
    /// The button that went down in this frame, and where; the buttons that are down at its end.
    pressed: Option<(MouseButton, Option<Vec2>)>,
    down: Vec<MouseButton>,
    /// The places of this frame.
    trail: Vec<Vec2>,
    /// A drag that drew has ended in this frame: on a slow screen it may also have begun in it.
    drew: bool,
    asked: Option<Asked>,
    press: Option<Press>,
    last_click: Option<(Instant, Option<PartRow>)>,
}

/// The triangle of a primitive that the pointer is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Touched {
    /// The primitive.
    pub entity: Entity,
    /// Its number in the mesh.
    pub triangle: usize,
    /// Its corners when it was hit, m.
    pub corners: [Vec3; 3],
    /// Where it was hit, m.
    pub point: Vec3,
}

impl Pointer {
    /// Where it is, logical pixels of the window.
    pub const fn at(&self) -> Option<Vec2> {
        self.at
    }

    /// A drag draws instead of turning the view.
    pub fn draws(&self) -> bool {
        self.drew || self.press.as_ref().is_some_and(|press| press.draws)
    }

    /// Where it was in this frame, in order, while the button is held; logical pixels of the window.
    pub fn trail(&self) -> &[Vec2] {
        &self.trail
    }
}

/// What the last ray was cast for; the answer holds until one of these changes.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    cursor: Vec2,
    camera: Affine3A,
    generation: u32,
    sight: Sight,
}

impl Asked {
    fn new(cursor: Vec2, camera: Affine3A, generation: u32, ui: &UiState) -> Self {
        Self { cursor, camera, generation, sight: ui.sight.clone() }
    }
}

struct Press {
    start: Vec2,
    button: MouseButton,
    dragged: bool,
    /// It began on a part with the pen in hand.
    draws: bool,
}

/// Follows the cursor, also where it leaves the window with a button held.
fn track(
    mut events: MessageReader<WindowEvent>,
    mut pointer: ResMut<Pointer>,
    mut another_frame: MessageWriter<RequestRedraw>,
) {
    for event in events.read() {
        pointer.hear(event);
    }
    pointer.follow();
    if !pointer.heard.is_empty() {
        another_frame.write(RequestRedraw);
    }
}

/// Finds what is under the pointer. Glass is looked through first.
fn point(
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    mut wheel: MessageReader<MouseWheel>,
    panels: Res<Panels>,
    parts: Res<Parts>,
    moving: Res<Moving>,
    part_of: Query<&PartOf>,
    skins: Query<(&Skin, &MeshMaterial3d<PartMaterial>)>,
    mut cast: MeshRayCast,
    mut pointer: ResMut<Pointer>,
    mut last_cast: Local<Option<Instant>>,
) {
    let used = pointer.pressed.is_some() || wheel.read().count() > 0;
    // Who walks looks at what is in the middle, wherever the pointer is.
    let middle = panels.ui.walk.on.then(|| panels.free.center());
    let Some(cursor) = middle.or_else(|| pointer.at.filter(|&cursor| panels.in_scene(cursor))) else {
        if pointer.over.is_some() && pointer.press.is_none() {
            pointer.over = None;
        }
        if pointer.on.is_some() {
            pointer.on = None;
        }
        pointer.asked = None;
        return;
    };
    // While a button is held the scene moves under the pointer: what is under it is asked again after.
    if pointer.press.is_some() {
        return;
    }
    let (camera, place) = *camera;
    let asked = Asked::new(cursor, place.affine(), parts.generation, &panels.ui);
    let turned = moving.active && last_cast.is_none_or(|last| last.elapsed() > RECAST);
    if !used && !turned && pointer.asked.as_ref() == Some(&asked) {
        return;
    }
    pointer.asked = Some(asked);
    *last_cast = Some(Instant::now());
    // In pixels of the window: Bevy takes the viewport's place off itself.
    let Ok(ray) = camera.viewport_to_world(place, cursor) else { return };
    let glass = |entity: Entity| skins.get(entity).is_ok_and(|(skin, worn)| worn.0 == skin.glass);
    let mut hit = |through_glass: bool| {
        let filter = |entity: Entity| part_of.contains(entity) && !(through_glass && glass(entity));
        let settings =
            MeshRayCastSettings::default().with_visibility(RayCastVisibility::VisibleInView).with_filter(&filter);
        let (entity, hit) = cast.cast_ray(ray, &settings).first()?;
        let triangle = hit.triangle_index.zip(hit.triangle);
        let on = triangle.map(|(triangle, corners)| Touched { entity: *entity, triangle, corners, point: hit.point });
        Some(((part_of.get(*entity).ok()?.0, hit.point), on))
    };
    let (over, on) = hit(true).or_else(|| hit(false)).unzip();
    let on = on.flatten();
    if over != pointer.over {
        pointer.over = over;
    }
    if on != pointer.on {
        pointer.on = on;
    }
}

fn drag(
    window: Single<&Window, With<PrimaryWindow>>,
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    keys: Res<ButtonInput<KeyCode>>,
    mut wheel: MessageReader<MouseWheel>,
    mut pointer: ResMut<Pointer>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
    twin: Res<Twin>,
    ruler: Res<ruler::Ruler>,
) {
    let notches: f32 = wheel.read().map(camera::notches).sum::<f32>() + pointer.pinched;
    let Some(cursor) = pointer.at else { return };
    let inside = panels.in_scene(cursor);
    if inside && notches != 0.0 && !panels.ui.walk.on {
        panels.ui.hint_seen = true;
        // Over sky or ground: the point at the distance of what the camera looks at.
        let (camera, place) = *camera;
        let beside = || {
            let ray = camera.viewport_to_world(place, cursor).ok()?;
            let facing = InfinitePlane3d::new(place.forward());
            Some(ray.get_point(ray.intersect_plane(orbit.pose.target, facing)?))
        };
        let anchor = pointer.over.map(|(_, point)| point).or_else(beside);
        orbit.zoom(notches, anchor);
    }
    if let Some((button, start)) = pointer.pressed {
        let start = start.unwrap_or(cursor);
        let heeded = [MouseButton::Left, MouseButton::Right, MouseButton::Middle].contains(&button);
        if heeded && panels.in_scene(start) && pointer.press.is_none() {
            let draws = panels.ui.room.pen && button == MouseButton::Left && pointer.over.is_some();
            pointer.press = Some(Press { start, button, dragged: false, draws });
        }
    }
    let went = pointer.went;
    let Some(press) = pointer.press.as_mut() else { return };
    let button = press.button;
    press.dragged |= (cursor - press.start).length() > CLICK_PX;
    let (dragged, draws) = (press.dragged, press.draws);
    if !pointer.down.contains(&button) {
        pointer.press = None;
        pointer.asked = None;
        pointer.drew = draws;
        // Let go outside the window: neither a click nor a place to go on from.
        if window.cursor_position().is_none() && !pointer.touches {
            pointer.at = None;
        } else if draws {
            // What was drawn is drawn: neither a click nor a turn.
        } else if !dragged && button == MouseButton::Left {
            let more = keys.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
            if panels.ui.tools.ruler {
                ruler::click(&ruler, &mut panels.ui);
            } else {
                click(&mut pointer, &mut panels, twin.selected(), more);
            }
        }
    } else if dragged && !draws && went != Vec2::ZERO {
        panels.ui.hint_seen = true;
        if panels.ui.walk.on {
            pointer.looked += went;
            return;
        }
        let pan = button != MouseButton::Left || keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        if pan {
            orbit.pan(went, panels.free.height());
        } else {
            orbit.turn(went);
        }
    }
}

fn click(pointer: &mut Pointer, panels: &mut Panels, selected: Option<PartRow>, more: bool) {
    panels.ui.hint_seen = true;
    let part = pointer.over.map(|(part, _)| part);
    if part.is_none() && more {
        return;
    }
    let next = part.and_then(|part| panels.ui.choose(part, selected, more));
    panels.actions.push(UiAction::Command(Command::Select(next)));
    let now = Instant::now();
    if let (Some(part), Some((then, before))) = (part, pointer.last_click)
        && before == Some(part)
        && now - then < DOUBLE
    {
        panels.actions.push(UiAction::FlyTo(part));
    }
    pointer.last_click = Some((now, part));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_hidden_for_another_is_asked_again() {
        let asked = |part| {
            let mut ui = UiState::default();
            ui.sight.hidden.insert(PartRow(part));
            Asked::new(Vec2::ZERO, Affine3A::IDENTITY, 1, &ui)
        };
        assert_eq!(asked(3), asked(3));
        assert_ne!(asked(3), asked(4));
    }
}
