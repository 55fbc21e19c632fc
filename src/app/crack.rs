//! Cracks on the surfaces of parts, where they are believed to be and as long as they are believed to be: a dark line to the
//! median, a thin one on to the 95 % quantile, ticks at 5 % and 95 %. What has expired or is doubted is faint.
//!
//! Lengths are true to scale. Widths are not: how wide a crack gapes nobody says, and a line that is thinner than a pixel
//! would not be seen.

mod course;

use std::collections::{BTreeMap, HashMap};

use bevy::camera::visibility::NoFrustumCulling;
use bevy::math::Affine3A;
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use self::course::{Section, ribbon};
use super::detail::Detail;
use super::far::FarMachines;
use super::material::{OutlineMaterial, OutlineStyle};
use super::models::Parts;
use super::paint::Look;
use crate::view::crack::doubtful;
use crate::view::sight::Shown;

/// Draws cracks.
pub struct CrackPlugin;

impl Plugin for CrackPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Cracks>().add_systems(Update, (draw, scale_lines));
    }
}

/// Half the width of the line to the median, of what goes on from there, and of ticks; pixels.
const HALF_WIDTHS: [f32; 3] = [1.6, 0.8, 0.9];
/// Near black: no state has it.
const COLOUR: Vec3 = Vec3::new(0.006, 0.006, 0.008);
/// How much of each covers what is below it, as it is believed, and once it is not any more.
const COVER: [[f32; 3]; 2] = [[1.0, 0.62, 0.9], [0.35, 0.2, 0.3]];

/// What is drawn of a crack: quantiles (m) and whether it is faint.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Length {
    p05: Option<f32>,
    p50: f32,
    p95: Option<f32>,
    faint: bool,
}

/// A crack in the scene.
struct Drawn {
    length: Length,
    node: Entity,
    /// Its end, in the frame of the node.
    tip: Vec3,
    entities: Vec<Entity>,
}

/// The cracks in the scene.
#[derive(Resource, Default)]
pub struct Cracks {
    materials: Option<[[Handle<OutlineMaterial>; 3]; 2]>,
    sections: HashMap<PartRow, Section>,
    drawn: BTreeMap<PartRow, Drawn>,
    generation: u32,
}

impl Cracks {
    /// The node of a part with a crack, and where the crack is believed to end, in the frame of the node, m.
    pub fn tip(&self, part: PartRow) -> Option<(Entity, Vec3)> {
        self.drawn.get(&part).map(|drawn| (drawn.node, drawn.tip))
    }
}

/// So much is shown around a crack from near, in times of its 95 % quantile, and at least, m.
const AROUND: (f32, f32) = (8.0, 0.015);

impl Cracks {
    /// From where the crack of a part is looked at: what of its place is shown (middle and radius, m), and from where, yaw
    /// and pitch in degrees: over its edge, from the side on which the eye is already.
    pub fn from_near(&self, part: PartRow, node: &GlobalTransform, eye: Vec3) -> Option<(Vec3, f32, (f32, f32))> {
        let (drawn, section) = (self.drawn.get(&part)?, self.sections.get(&part)?);
        let tip = node.transform_point(drawn.tip);
        let [along, across] = [section.along(), section.across()].map(|v| node.affine().transform_vector3(v));
        let side = if across.dot(eye - tip) < 0.0 { -across } else { across };
        let towards = side - 0.8 * along;
        let length = drawn.length.p95.unwrap_or(drawn.length.p50);
        let yaw_deg = towards.x.atan2(towards.z).to_degrees();
        Some((tip, (AROUND.0 * length).max(AROUND.1), (yaw_deg, 12.0)))
    }
}

/// The cracks of a snapshot that can be drawn.
fn lengths(snapshot: &Snapshot) -> BTreeMap<PartRow, Length> {
    let metres = |value: Option<f64>| value.map(|m| m as f32).filter(|m| m.is_finite() && *m > 0.0);
    let of = |crack: &twinscope_twin::snapshot::CrackLength| {
        let faint = crack.expired || doubtful(&crack.issue.body);
        Some(Length { p05: metres(crack.p05_m), p50: metres(crack.p50_m)?, p95: metres(crack.p95_m), faint })
    };
    snapshot.cracks.iter().filter_map(|crack| Some((crack.part, of(crack)?))).collect()
}

fn materials(have: &mut Option<[[Handle<OutlineMaterial>; 3]; 2]>, all: &mut Assets<OutlineMaterial>) {
    have.get_or_insert_with(|| {
        COVER.map(|covers| {
            let mut widths = HALF_WIDTHS.into_iter();
            covers.map(|cover| {
                let params = Vec4::new(widths.next().unwrap_or_default(), 0.0, 0.0, 0.0);
                let style = OutlineStyle { colour: COLOUR.extend(cover), params, ..default() };
                all.add(OutlineMaterial { style, hull: true, xray: false, dotted: false, section: false })
            })
        })
    });
}

/// The way from a primitive to a node above it, with everything as it stands on its way.
fn place_below(mut at: Entity, node: Entity, places: &Query<(&Transform, Option<&ChildOf>)>) -> Option<Affine3A> {
    let mut place = Affine3A::IDENTITY;
    // Bounded: the depth of a model is.
    for _ in 0..10_000 {
        if at == node {
            return Some(place);
        }
        let (transform, parent) = places.get(at).ok()?;
        place = transform.compute_affine() * place;
        at = parent?.parent();
    }
    None
}

fn draw(
    mut commands: Commands,
    look: Res<Look>,
    parts: Res<Parts>,
    far: Option<Res<FarMachines>>,
    primitives: Query<(&Mesh3d, Option<&Detail>)>,
    places: Query<(&Transform, Option<&ChildOf>)>,
    mut cracks: ResMut<Cracks>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
) {
    let (Some(snapshot), Some(site)) = (&look.snapshot, &parts.site) else { return };
    if snapshot.cracks.is_empty() && cracks.drawn.is_empty() {
        return;
    }
    let cracks = cracks.bypass_change_detection();
    if cracks.generation != parts.generation {
        // Machines came or went, and their entities with them.
        cracks.generation = parts.generation;
        cracks.sections.clear();
        let gone = std::mem::take(&mut cracks.drawn).into_values().flat_map(|drawn| drawn.entities);
        gone.for_each(|entity| commands.entity(entity).try_despawn());
    }
    let seen = |part: PartRow| {
        let asset = site.parts.get(part.index()).map(|part| part.asset);
        let away = far.as_ref().zip(asset).is_some_and(|(far, asset)| far.is_far(asset));
        !look.bare && !away && look.drawn(part) != Shown::Hidden
    };
    let mut want = lengths(snapshot);
    want.retain(|part, _| seen(*part));
    cracks.drawn.retain(|part, drawn| {
        let stays = want.get(part) == Some(&drawn.length);
        if !stays {
            drawn.entities.iter().for_each(|&entity| commands.entity(entity).try_despawn());
        }
        stays
    });
    for (part, length) in want {
        let node = parts.node(part);
        let crack = site.parts.get(part.index()).and_then(|part| part.crack.as_ref());
        let (Some(node), Some(crack)) = (node.filter(|_| !cracks.drawn.contains_key(&part)), crack) else { continue };
        let section = cracks.sections.entry(part).or_insert_with(|| {
            let mut section = Section::new(crack);
            for &entity in parts.primitives.get(part.index()).into_iter().flatten() {
                let Ok((mesh, detail)) = primitives.get(entity) else { continue };
                let whole = meshes.get(detail.and_then(Detail::whole).unwrap_or(&mesh.0));
                if let (Some(whole), Some(place)) = (whole, place_below(entity, node, &places)) {
                    section.mesh(whole, place);
                }
            }
            section
        });
        materials(&mut cracks.materials, &mut outlines);
        let styles = cracks.materials.as_ref().and_then(|all| all.get(usize::from(length.faint)));
        let Some([line, beyond, tick]) = styles else { continue };
        let mut entities = Vec::new();
        for ((lines, across), material) in strokes(section, length).into_iter().zip([line, beyond, tick]) {
            if !lines.is_empty() {
                let mesh = Mesh3d(meshes.add(ribbon(&lines, across)));
                let drawing = (mesh, MeshMaterial3d(material.clone()), NoFrustumCulling, ChildOf(node));
                entities.push(commands.spawn(drawing).id());
            }
        }
        let tip = section.inside(length.p50);
        cracks.drawn.insert(part, Drawn { length, node, tip, entities });
    }
}

/// The lines of a crack with what lies across them: to the median, on to the 95 % quantile, ticks.
fn strokes(section: &Section, length: Length) -> [(Vec<Vec<Vec3>>, Vec3); 3] {
    let longest = length.p95.unwrap_or(length.p50).max(length.p50);
    // Off the surface by a little of its size, so that the surface does not cut through it.
    let lift = (0.02 * longest).max(5e-5);
    let beyond = if longest > length.p50 { section.lines(length.p50, longest, lift) } else { Vec::new() };
    let ticks = [length.p05, length.p95].into_iter().flatten().flat_map(|m| section.ticks(m, 0.3 * longest, lift));
    [
        (section.lines(0.0, length.p50, lift), section.normal()),
        (beyond, section.normal()),
        (ticks.collect(), section.along()),
    ]
}

/// Lines are as wide on every screen.
fn scale_lines(
    window: Query<&Window, With<PrimaryWindow>>,
    panels: Option<Res<super::panels::Panels>>,
    cracks: Res<Cracks>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
) {
    let scale = window.single().map_or(1.0, Window::scale_factor) * panels.map_or(1.0, |panels| panels.ui.scale);
    for (handle, width) in cracks.materials.iter().flatten().flat_map(|three| three.iter().zip(HALF_WIDTHS)) {
        if outlines.get(handle).is_some_and(|line| line.style.params.x != width * scale)
            && let Some(mut line) = outlines.get_mut(handle)
        {
            line.style.params.x = width * scale;
        }
    }
}

#[cfg(test)]
mod tests;
