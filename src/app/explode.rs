//! Takes a machine apart: parts move away from each other along their assembly, and back.

pub mod plan;

use std::collections::HashMap;

use bevy::camera::primitives::Aabb;
use bevy::ecs::system::SystemParam;
use bevy::math::Affine3A;
use bevy::prelude::*;
use twinscope_twin::site::PartRow;

use super::models::{self, ModelOf, Parts};
use super::motion::Moving;
use super::panels::Panels;
use crate::view::sight::Explode;
use plan::{Piece, plan};

/// Takes machines apart.
pub struct ExplodePlugin;

impl Plugin for ExplodePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Apart>().add_systems(Update, (take_apart, move_aside).chain());
    }
}

/// How far things are apart, and what stands where.
#[derive(Resource, Default)]
pub struct Apart {
    /// What is taken apart: the amount is that of now.
    now: Option<Explode>,
    /// The nodes that move: how far each goes in the frame of what is above it, m, and where it was.
    nodes: Vec<(Entity, Vec3, Vec3)>,
    generation: u32,
    /// Parts are on their way.
    pub moving: bool,
}

impl Apart {
    /// Nothing is apart, and nothing on its way.
    pub const fn together(&self) -> bool {
        self.now.is_none()
    }

    /// How far a node is from where it stands otherwise, in the frame of what is above it, m.
    fn offset(&self, node: Entity) -> Option<Vec3> {
        let amount = self.now.map(|now| eased(now.amount)).filter(|amount| *amount > 0.0)?;
        self.nodes.iter().find(|(entity, ..)| *entity == node).map(|(_, offset, _)| *offset * amount)
    }
}

/// What stands where while nothing is apart: what is looked at next is measured there.
#[derive(SystemParam)]
pub struct AtRest<'w, 's> {
    apart: Res<'w, Apart>,
    /// The boxes, as they are now.
    pub boxes: Query<'w, 's, (&'static Aabb, &'static GlobalTransform)>,
    /// The places, as they are now.
    pub places: Query<'w, 's, &'static GlobalTransform>,
    above: Query<'w, 's, &'static ChildOf>,
}

impl AtRest<'_, '_> {
    /// How far something is from where it stands otherwise, m.
    fn away(&self, of: Entity) -> Vec3 {
        let (mut away, mut next) = (Vec3::ZERO, Some(of));
        while let Some(node) = next {
            next = self.above.get(node).ok().map(ChildOf::parent);
            if let Some(offset) = self.apart.offset(node) {
                let frame = next.and_then(|above| self.places.get(above).ok());
                away += frame.map_or(offset, |frame| frame.affine().transform_vector3(offset));
            }
        }
        away
    }

    /// Where a node stands.
    pub fn place(&self, node: Entity) -> Option<GlobalTransform> {
        let place = self.places.get(node).ok()?;
        Some(GlobalTransform::from_translation(-self.away(node)) * *place)
    }

    /// Middle and radius of primitives, m.
    pub fn bounds(&self, primitives: &[Entity]) -> Option<(Vec3, f32)> {
        let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
        for primitive in primitives {
            let Some((lowest, highest)) = models::box_of(&[*primitive], &self.boxes) else { continue };
            let away = self.away(*primitive);
            (low, high) = (low.min(lowest - away), high.max(highest - away));
        }
        (low.x <= high.x).then(|| ((low + high) * 0.5, (high - low).length() * 0.5))
    }
}

fn eased(amount: f32) -> f32 {
    amount * amount * (3.0 - 2.0 * amount)
}

/// All the way takes this long, s.
const WAY_S: f32 = 0.6;

/// Begins, goes on, and ends.
pub fn take_apart(
    panels: Res<Panels>,
    parts: Res<Parts>,
    time: Res<Time>,
    models: Query<(Entity, &ModelOf)>,
    places: Query<&GlobalTransform>,
    above: Query<&ChildOf>,
    transforms: Query<&Transform>,
    boxes: Query<(&Aabb, &GlobalTransform)>,
    mut moving: ResMut<Moving>,
    mut apart: ResMut<Apart>,
    mut commands: Commands,
) {
    let want = panels.ui.sight.explode;
    if want.is_none() && apart.now.is_none() {
        return;
    }
    let other = want.map(|want| want.of) != apart.now.map(|now| now.of);
    // What is apart comes together before something else is taken apart.
    let target = if other { 0.0 } else { want.map_or(0.0, |want| want.amount.clamp(0.0, 1.0)) };
    if let Some(now) = apart.now {
        let step = time.delta_secs().min(0.1) / WAY_S;
        let amount = now.amount + (target - now.amount).clamp(-step, step);
        apart.moving = amount != target;
        apart.now = Some(Explode { amount, ..now });
        if other && amount == 0.0 || apart.generation != parts.generation {
            for (node, _, rest) in std::mem::take(&mut apart.nodes) {
                put(node, Vec3::ZERO, rest, &mut moving, &transforms, &mut commands);
            }
            apart.now = None;
        }
        return;
    }
    let Some(want) = want else { return };
    apart.generation = parts.generation;
    apart.nodes = offsets(&parts, want.of, &models, &places, &above, &boxes)
        .into_iter()
        .filter_map(|(node, offset)| Some((node, offset, transforms.get(node).ok()?.translation)))
        .collect();
    apart.now = Some(Explode { amount: 0.0, ..want });
    apart.moving = true;
}

/// Puts the nodes where they are now.
fn move_aside(
    apart: Res<Apart>,
    mut moving: ResMut<Moving>,
    transforms: Query<&Transform>,
    mut commands: Commands,
    mut shown: Local<f32>,
) {
    let amount = apart.now.map_or(0.0, |now| now.amount);
    if *shown == amount {
        return;
    }
    *shown = amount;
    for &(node, offset, rest) in &apart.nodes {
        put(node, offset * eased(amount), rest, &mut moving, &transforms, &mut commands);
    }
}

fn put(
    node: Entity,
    aside: Vec3,
    rest: Vec3,
    moving: &mut Moving,
    transforms: &Query<&Transform>,
    commands: &mut Commands,
) {
    // Its motion puts a node that moves where it is in every frame.
    if moving.set_aside(node, aside) {
        return;
    }
    if let Ok(&transform) = transforms.get(node) {
        commands.entity(node).try_insert(Transform { translation: rest + aside, ..transform });
    }
}

/// How far each node goes, in the frame of what is above it, m.
fn offsets(
    parts: &Parts,
    of: Option<PartRow>,
    models: &Query<(Entity, &ModelOf)>,
    places: &Query<&GlobalTransform>,
    above: &Query<&ChildOf>,
    boxes: &Query<(&Aabb, &GlobalTransform)>,
) -> Vec<(Entity, Vec3)> {
    let Some(site) = &parts.site else { return Vec::new() };
    let mut offsets = Vec::new();
    for (root, model) in models {
        let (Ok(root), Some(asset)) = (places.get(root), site.assets.get(model.asset.index())) else { continue };
        let into_machine = root.affine().inverse();
        let rows = asset.parts.clone();
        let index = |part: PartRow| rows.contains(&part.0).then(|| (part.0 - rows.start) as usize);
        if of.is_some_and(|of| index(of).is_none()) {
            continue;
        }
        let pieces: Vec<Piece> = rows
            .clone()
            .map(|row| Piece {
                parent: site.parts.get(row as usize).and_then(|part| part.parent).and_then(index),
                extent: extent_in(parts, row, into_machine, boxes),
            })
            .collect();
        let ways = plan(&pieces, of.and_then(index));
        let nodes = rows.clone().map(|row| parts.nodes.get(row as usize).copied().flatten());
        let moved: Vec<(Entity, Vec3)> = nodes.zip(ways).filter_map(|(node, way)| Some((node?, way))).collect();
        let way_of: HashMap<Entity, Vec3> = moved.iter().copied().collect();
        for (node, way) in moved {
            // What is above it carries it along already.
            let mut carried = Vec3::ZERO;
            let mut frame = None;
            let mut next = above.get(node).ok().map(ChildOf::parent);
            while let Some(entity) = next {
                frame = frame.or(places.get(entity).ok());
                if let Some(&way) = way_of.get(&entity) {
                    carried = way;
                    break;
                }
                next = above.get(entity).ok().map(ChildOf::parent);
            }
            let own = root.affine().transform_vector3(way - carried);
            let local = frame.map_or(own, |frame| frame.affine().inverse().transform_vector3(own));
            if local.is_finite() && local.length_squared() > 1e-10 {
                offsets.push((node, local));
            }
        }
    }
    offsets
}

/// The box around a part and all below it, in the frame of its machine.
fn extent_in(
    parts: &Parts,
    row: u32,
    into_machine: Affine3A,
    boxes: &Query<(&Aabb, &GlobalTransform)>,
) -> Option<[Vec3; 2]> {
    let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    for primitive in parts.primitives_of(PartRow(row)) {
        let Ok((aabb, place)) = boxes.get(primitive) else { continue };
        let to_machine = into_machine * place.affine();
        let centre = to_machine.transform_point3(Vec3::from(aabb.center));
        let half = Vec3::from(aabb.half_extents);
        let m = to_machine.matrix3;
        let reach = Vec3::from(m.x_axis.abs()) * half.x
            + Vec3::from(m.y_axis.abs()) * half.y
            + Vec3::from(m.z_axis.abs()) * half.z;
        (low, high) = (low.min(centre - reach), high.max(centre + reach));
    }
    (low.x <= high.x).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use bevy::ecs::system::RunSystemOnce as _;

    use super::*;

    #[test]
    fn what_is_apart_is_measured_where_it_stands_otherwise() {
        let mut world = World::new();
        let turned = Transform::from_rotation(Quat::from_rotation_y(std::f32::consts::FRAC_PI_2));
        let machine = world.spawn(GlobalTransform::from(turned)).id();
        // Moved by two along the machine's x, which is the scene's -z, from (10, 0, 0); what is below it goes with it.
        let gear = world.spawn((GlobalTransform::from_xyz(10.0, 0.0, -2.0), ChildOf(machine))).id();
        let body = Aabb::from_min_max(Vec3::splat(-1.0), Vec3::ONE);
        let tooth = world.spawn((GlobalTransform::from_xyz(11.0, 0.0, -2.0), body, ChildOf(gear))).id();
        let now = Some(Explode { of: None, amount: 1.0 });
        world.insert_resource(Apart { now, nodes: vec![(gear, Vec3::X * 2.0, Vec3::ZERO)], ..Apart::default() });
        let (place, bounds) =
            world.run_system_once(move |rest: AtRest| (rest.place(gear), rest.bounds(&[tooth]))).unwrap();
        assert!(place.unwrap().translation().distance(Vec3::new(10.0, 0.0, 0.0)) < 1e-5, "{place:?}");
        let (middle, radius) = bounds.unwrap();
        assert!(middle.distance(Vec3::new(11.0, 0.0, 0.0)) < 1e-5, "{middle}");
        assert!((radius - 3.0_f32.sqrt()).abs() < 1e-5, "{radius}");
    }
}
