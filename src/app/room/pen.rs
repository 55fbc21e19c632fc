//! The pen: a drag on a part draws on it. What is drawn lies in the frame of the part's node, and so goes with it.

use bevy::picking::mesh_picking::ray_cast::{MeshRayCast, MeshRayCastSettings, RayCastVisibility};
use bevy::prelude::*;
use twinscope_twin::site::PartRow;

use super::Room;
use crate::app::camera::SceneCamera;
use crate::app::interact::Pointer;
use crate::app::material::PartMaterial;
use crate::app::models::{PartOf, Parts, Skin};
use crate::app::panels::Panels;
use crate::view::room::name_of;

/// Points lie at least this far apart, logical pixels.
const STEP_PX: f32 = 3.0;
/// Rays of one frame: on a slow screen a frame hears a long way of the pointer.
const RAYS: usize = 8;
/// Off the surface by this share of the distance, at most so much, m: the surface must not cut through the line.
const LIFT: (f32, f32) = (0.002, 0.02);

/// What is being drawn.
#[derive(Default)]
pub(super) struct Pen {
    on: Option<PartRow>,
    last: Option<Vec2>,
    down: bool,
}

impl Pen {
    pub(super) fn drawing(&self) -> bool {
        self.down
    }
}

/// At most `RAYS` of the places, evenly, with the last.
fn thinned(trail: &[Vec2]) -> impl Iterator<Item = Vec2> {
    let each = trail.len().div_ceil(RAYS).max(1);
    let last = trail.len().saturating_sub(1);
    trail.iter().copied().enumerate().filter(move |(n, _)| (last - n).is_multiple_of(each)).map(|(_, at)| at)
}

/// Draws while the button is held.
pub(super) fn draw(
    mut room: ResMut<Room>,
    mut panels: ResMut<Panels>,
    pointer: Res<Pointer>,
    parts: Res<Parts>,
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    part_of: Query<&PartOf>,
    skins: Query<(&Skin, &MeshMaterial3d<PartMaterial>)>,
    places: Query<&GlobalTransform>,
    mut cast: MeshRayCast,
) {
    let Room { link, pen, .. } = &mut *room;
    let Some(link) = link.as_ref() else { return };
    if !pointer.draws() {
        if pen.down {
            *pen = Pen::default();
            link.end_stroke();
        }
        return;
    }
    pen.down = true;
    let (camera, eye) = *camera;
    let glass = |entity: Entity| skins.get(entity).is_ok_and(|(skin, worn)| worn.0 == skin.glass);
    for at in thinned(pointer.trail()) {
        if pen.last.is_some_and(|last| last.distance(at) < STEP_PX) || !panels.in_scene(at) {
            continue;
        }
        let Ok(ray) = camera.viewport_to_world(eye, at) else { continue };
        let mut hit = |through_glass: bool| {
            let filter = |entity: Entity| part_of.contains(entity) && !(through_glass && glass(entity));
            let settings =
                MeshRayCastSettings::default().with_visibility(RayCastVisibility::VisibleInView).with_filter(&filter);
            let (entity, hit) = cast.cast_ray(ray, &settings).first()?;
            Some((part_of.get(*entity).ok()?.0, hit.point, hit.normal))
        };
        pen.last = Some(at);
        let Some((part, point, normal)) = hit(true).or_else(|| hit(false)) else {
            // Beside the machine the stroke ends; back on it the next one begins.
            if pen.on.take().is_some() {
                link.end_stroke();
            }
            continue;
        };
        let node = parts.node(part).and_then(|node| places.get(node).ok());
        let name = parts.site.as_ref().and_then(|site| name_of(site, part));
        let (Some(node), Some(name)) = (node, name) else { continue };
        let away = (eye.translation() - point).normalize_or_zero();
        let normal = normal.normalize_or(away);
        let outward = if normal.dot(away) < 0.0 { -normal } else { normal };
        let lift = (LIFT.0 * eye.translation().distance(point)).min(LIFT.1);
        let local = node.affine().inverse().transform_point3(point + outward * lift).to_array();
        if pen.on == Some(part) && link.draw(local) {
            continue;
        }
        pen.on = match link.begin_stroke(name, local) {
            Ok(()) => Some(part),
            Err(reason) => {
                panels.ui.room.said = Some(reason.to_string());
                None
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_way_is_thinned_and_keeps_its_end() {
        let trail: Vec<Vec2> = (0_u8..100).map(|x| Vec2::new(f32::from(x), 0.0)).collect();
        let thin: Vec<Vec2> = thinned(&trail).collect();
        assert!(thin.len() <= RAYS && thin.last() == trail.last(), "{thin:?}");
        assert_eq!(thinned(&trail[..3]).count(), 3);
        assert_eq!(thinned(&[]).count(), 0);
    }
}
