//! The mouse in the scene: hover and click select, drags turn and pan, the wheel zooms to the cursor.
//! What panels want of the pointer comes first; a click is a press and a release without a drag between.

use bevy::input::mouse::{AccumulatedMouseMotion, MouseWheel};
use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use super::camera::{self, Orbit, SceneCamera};
use super::material::PartMaterial;
use super::models::{PartOf, Parts, Skin};
use super::panels::Panels;
use crate::view::UiAction;

/// Reads the mouse.
pub struct InteractPlugin;

impl Plugin for InteractPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Pointer>().add_systems(Update, (point, drag).chain().in_set(InteractSet));
    }
}

/// The systems that read the mouse.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct InteractSet;

/// A press moves at most this far, logical pixels, to be a click.
const CLICK_PX: f32 = 4.0;

/// What the pointer does in the scene.
#[derive(Resource, Default)]
pub struct Pointer {
    /// The part under it, and where it is hit, m.
    pub over: Option<(PartRow, Vec3)>,
    cast_at: Option<(Vec2, u32)>,
    pressed: Option<(Vec2, MouseButton)>,
    dragged: bool,
    last_click: Option<(f32, Option<PartRow>)>,
}

fn in_scene(panels: &Panels, cursor: Vec2) -> bool {
    panels.free.contains(cursor) && !panels.pointer_taken
}

/// Finds what is under the pointer: once for each place of the pointer and of the camera. Glass is looked through.
fn point(
    window: Single<&Window, With<PrimaryWindow>>,
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    panels: Res<Panels>,
    parts: Res<Parts>,
    part_of: Query<&PartOf>,
    skins: Query<(&Skin, &MeshMaterial3d<PartMaterial>)>,
    mut cast: MeshRayCast,
    mut pointer: ResMut<Pointer>,
) {
    let Some(cursor) = window.cursor_position().filter(|&cursor| in_scene(&panels, cursor)) else {
        if pointer.over.is_some() {
            pointer.over = None;
        }
        pointer.cast_at = None;
        return;
    };
    // While a button is down the scene moves under the pointer: what is under it is asked again after.
    if pointer.pressed.is_some() || pointer.cast_at == Some((cursor, parts.generation)) {
        return;
    }
    pointer.cast_at = Some((cursor, parts.generation));
    let (camera, place) = *camera;
    // In pixels of the window: Bevy takes the viewport's place off itself.
    let Ok(ray) = camera.viewport_to_world(place, cursor) else { return };
    let glass = |entity: Entity| skins.get(entity).is_ok_and(|(skin, worn)| worn.0 == skin.glass);
    let mut hit = |through_glass: bool| {
        let filter = |entity: Entity| part_of.contains(entity) && !(through_glass && glass(entity));
        let settings =
            MeshRayCastSettings::default().with_visibility(RayCastVisibility::VisibleInView).with_filter(&filter);
        cast.cast_ray(ray, &settings)
            .first()
            .and_then(|(entity, hit)| part_of.get(*entity).ok().map(|part| (part.0, hit.point)))
    };
    pointer.over = hit(true).or_else(|| hit(false));
}

fn drag(
    window: Single<&Window, With<PrimaryWindow>>,
    buttons: Res<ButtonInput<MouseButton>>,
    keys: Res<ButtonInput<KeyCode>>,
    motion: Res<AccumulatedMouseMotion>,
    mut wheel: MessageReader<MouseWheel>,
    time: Res<Time<Real>>,
    mut pointer: ResMut<Pointer>,
    mut panels: ResMut<Panels>,
    mut orbit: ResMut<Orbit>,
) {
    let notches: f32 = wheel.read().map(camera::notches).sum();
    let Some(cursor) = window.cursor_position() else { return };
    let inside = in_scene(&panels, cursor);
    if inside && notches != 0.0 {
        panels.ui.hint_seen = true;
        orbit.zoom(notches, pointer.over.map(|(_, point)| point));
        pointer.cast_at = None;
    }
    for button in [MouseButton::Left, MouseButton::Right, MouseButton::Middle] {
        if buttons.just_pressed(button) && inside && pointer.pressed.is_none() {
            pointer.pressed = Some((cursor, button));
            pointer.dragged = false;
        }
    }
    let Some((start, button)) = pointer.pressed else { return };
    if (cursor - start).length() > CLICK_PX {
        pointer.dragged = true;
    }
    if pointer.dragged && motion.delta != Vec2::ZERO {
        panels.ui.hint_seen = true;
        let pan = button != MouseButton::Left || keys.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
        if pan {
            orbit.pan(motion.delta, panels.free.height());
        } else {
            orbit.turn(motion.delta);
        }
    }
    if !buttons.pressed(button) {
        pointer.pressed = None;
        pointer.cast_at = None;
        if !pointer.dragged && button == MouseButton::Left {
            panels.ui.hint_seen = true;
            let part = pointer.over.map(|(part, _)| part);
            panels.actions.push(UiAction::Command(Command::Select(part)));
            let now = time.elapsed_secs();
            if let (Some(part), Some((then, before))) = (part, pointer.last_click)
                && before == Some(part)
                && now - then < 0.4
            {
                panels.actions.push(UiAction::FlyTo(part));
            }
            pointer.last_click = Some((now, part));
        }
    }
}
