//! What people have drawn on parts: lines in their colour with a dark edge, as wide on every screen, children of the parts'
//! nodes.

use std::collections::BTreeMap;
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use twinscope_twin::room::{Stroke, ViewerId};

use super::Room;
use crate::app::far::FarMachines;
use crate::app::material::{OutlineMaterial, OutlineStyle};
use crate::app::models::Parts;
use crate::app::paint::Look;
use crate::app::panels::Panels;
use crate::view::room::row_of;
use crate::view::sight::Shown;
use crate::view::theme::person_colour;

/// Half the width of a line, and of what stands out below it as its edge, logical pixels.
const HALF_WIDTH: f32 = 2.2;
const EDGE: f32 = HALF_WIDTH + 1.3;
/// A line of one point is a cross of this size, in the part's frame: something was marked there.
const DOT: f32 = 0.004;

/// The lines in the scene.
#[derive(Resource, Default)]
pub(super) struct Drawn {
    lines: BTreeMap<(ViewerId, u32), Line>,
    /// Of the edge, and of each colour.
    materials: BTreeMap<Option<u8>, Handle<OutlineMaterial>>,
    generation: u32,
}

struct Line {
    stroke: Arc<Stroke>,
    colour: u8,
    entity: Entity,
}

/// Brings the scene to what the room shows.
pub(super) fn show(
    mut commands: Commands,
    room: Res<Room>,
    look: Res<Look>,
    parts: Res<Parts>,
    far: Option<Res<FarMachines>>,
    panels: Res<Panels>,
    window: Query<&Window, With<PrimaryWindow>>,
    mut drawn: ResMut<Drawn>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
) {
    let drawn = drawn.bypass_change_detection();
    if drawn.generation != parts.generation {
        // Machines came or went, and their nodes with them.
        drawn.generation = parts.generation;
        std::mem::take(&mut drawn.lines).into_values().for_each(|line| commands.entity(line.entity).try_despawn());
    }
    if room.picture.is_none() && drawn.lines.is_empty() {
        return;
    }
    let place = |stroke: &Stroke| {
        let site = parts.site.as_ref()?;
        let row = row_of(site, &stroke.part)?;
        let away = far.as_ref().zip(site.parts.get(row.index())).is_some_and(|(far, part)| far.is_far(part.asset));
        let node = parts.node(row)?;
        (!look.bare && !away && look.drawn(row) != Shown::Hidden).then_some(node)
    };
    let mut want = BTreeMap::new();
    if let Some(picture) = &room.picture {
        let mine = picture.strokes.iter().map(|stroke| (picture.me, picture.colour, stroke));
        let theirs =
            picture.peers.iter().flat_map(|peer| peer.strokes.iter().map(|stroke| (peer.id, peer.colour, stroke)));
        for (viewer, colour, stroke) in mine.chain(theirs) {
            if let Some(node) = place(stroke) {
                want.insert((viewer, stroke.id), (colour, stroke, node));
            }
        }
    }
    drawn.lines.retain(|key, line| {
        let stays = want
            .get(key)
            .is_some_and(|(colour, stroke, _)| *colour == line.colour && Arc::ptr_eq(stroke, &line.stroke));
        if !stays {
            commands.entity(line.entity).try_despawn();
        }
        stays
    });
    let scale = window.single().map_or(1.0, Window::scale_factor) * panels.ui.scale;
    for (key, (colour, stroke, node)) in want {
        if drawn.lines.contains_key(&key) {
            continue;
        }
        let [line, edge] = [Some(colour), None].map(|of| {
            let material = drawn.materials.entry(of).or_insert_with(|| {
                let colour = of.map_or(Color::srgb_u8(11, 14, 18), |of| {
                    let [r, g, b, _] = person_colour(of);
                    Color::srgb_u8(r, g, b)
                });
                // Before its edge, from which only the width tells it.
                let nearer = if of.is_some() { 0.002 } else { 0.0 };
                let params = Vec4::new(half_width(of) * scale, 0.0, nearer, 0.0);
                let style = OutlineStyle { colour: colour.to_linear().to_vec4(), params, ..default() };
                outlines.add(OutlineMaterial { style, hull: true, xray: false, dotted: false, section: false })
            });
            MeshMaterial3d(material.clone())
        });
        let mesh = Mesh3d(meshes.add(band(&stroke.points)));
        let entity = commands.spawn((mesh.clone(), line, NoFrustumCulling, ChildOf(node))).id();
        commands.spawn((mesh, edge, NoFrustumCulling, ChildOf(entity)));
        drawn.lines.insert(key, Line { stroke: Arc::clone(stroke), colour, entity });
    }
    for (of, handle) in &drawn.materials {
        let width = half_width(*of) * scale;
        if outlines.get(handle).is_some_and(|line| line.style.params.x != width)
            && let Some(mut line) = outlines.get_mut(handle)
        {
            line.style.params.x = width;
        }
    }
}

const fn half_width(of: Option<u8>) -> f32 {
    if of.is_some() { HALF_WIDTH } else { EDGE }
}

/// A line as two bands that cross along it: corners in one place with normals to both sides, which the hull's shader moves
/// apart by a width in pixels. One of the two is seen from any side.
fn band(points: &[[f32; 3]]) -> Mesh {
    let points: Vec<Vec3> = points.iter().copied().map(Vec3::from_array).collect();
    let lines: Vec<Vec<Vec3>> = match points.as_slice() {
        [] => Vec::new(),
        [only] => [Vec3::X, Vec3::Y, Vec3::Z].map(|axis| vec![*only - axis * DOT, *only + axis * DOT]).into(),
        _ => vec![points],
    };
    let (mut positions, mut normals, mut indices) = (Vec::new(), Vec::new(), Vec::<u32>::new());
    for line in &lines {
        let sides = sides(line);
        for which in 0..2 {
            for (n, (point, pair)) in line.iter().zip(&sides).enumerate() {
                if let Some(first) = u32::try_from(positions.len()).ok().filter(|_| n > 0) {
                    let [a, b, c, d] = [first - 2, first - 1, first, first + 1];
                    // Seen from both sides.
                    indices.extend([a, b, c, c, b, d, a, c, b, c, d, b]);
                }
                let across = pair[which];
                positions.extend([point.to_array(); 2]);
                normals.extend([across.to_array(), (-across).to_array()]);
            }
        }
    }
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_indices(Indices::U32(indices))
}

/// Two directions across a line at each of its points, carried along so that a band does not twist.
fn sides(line: &[Vec3]) -> Vec<[Vec3; 2]> {
    let mut across = Vec3::ZERO;
    let mut all = Vec::with_capacity(line.len());
    for n in 0..line.len() {
        let at = |n: usize| line.get(n).copied().unwrap_or_default();
        let along = at((n + 1).min(line.len() - 1)) - at(n.saturating_sub(1));
        let along = along.normalize_or(Vec3::Y);
        across = (across - along * across.dot(along)).normalize_or(along.any_orthonormal_vector());
        all.push([across, along.cross(across)]);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_two_bands_and_a_point_three_crossed_lines() {
        // Two corners a point and band; four triangles a piece.
        let mesh = band(&[[0.0; 3], [1.0, 0.0, 0.0], [1.0, 1.0, 0.0]]);
        assert_eq!((mesh.count_vertices(), mesh.indices().map(Indices::len)), (12, Some(2 * 2 * 4 * 3)));
        let mesh = band(&[[0.0; 3]]);
        assert_eq!((mesh.count_vertices(), mesh.indices().map(Indices::len)), (24, Some(3 * 2 * 4 * 3)));
        assert_eq!(band(&[]).count_vertices(), 0);
    }

    #[test]
    fn bands_lie_across_their_line_and_across_each_other() {
        let line: Vec<Vec3> =
            (0_u8..30).map(|n| Vec2::from_angle(f32::from(n) * 0.3).extend(f32::from(n) * 0.1)).collect();
        for (n, [a, b]) in sides(&line).into_iter().enumerate().skip(1).take(28) {
            let along = (line[n + 1] - line[n - 1]).normalize();
            assert!(a.dot(along).abs() < 1e-4 && b.dot(along).abs() < 1e-4 && a.dot(b).abs() < 1e-4);
            assert!((a.length() - 1.0).abs() < 1e-4 && (b.length() - 1.0).abs() < 1e-4);
        }
        // Two points in one place have no direction; any will do.
        assert!(sides(&[Vec3::ONE, Vec3::ONE]).iter().flatten().all(|side| side.is_finite()));
    }
}
