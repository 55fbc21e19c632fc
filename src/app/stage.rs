//! What the machine stands in: a sky dome and a soft landscape, made in code so that nothing has to be loaded.

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

use super::material::{StageMaterial, StageStyle};

/// Spawns sky and land.
pub struct StagePlugin;

impl Plugin for StagePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Startup, spawn_stage);
    }
}

/// How far the land reaches from its middle, m. The haze has swallowed it before.
const LAND_RADIUS: f32 = 6_000.0;
/// Land is flat within this radius, m, so that what stands on it stands on it.
const FLAT_RADIUS: f32 = 120.0;

fn spawn_stage(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StageMaterial>>) {
    // Linear rgb. A bright overcast day, far from every state colour, and grey enough to keep them the only colours.
    let style = |kind: f32| StageStyle {
        zenith: Vec4::new(0.105, 0.150, 0.205, 1.0),
        horizon: Vec4::new(0.420, 0.465, 0.500, 1.0),
        params: Vec4::new(kind, 1_900.0, 0.0, 0.0),
    };
    commands.spawn((
        Name::new("Sky"),
        Mesh3d(meshes.add(Sphere::new(LAND_RADIUS * 1.5).mesh().uv(24, 16))),
        MeshMaterial3d(materials.add(StageMaterial { style: style(0.0) })),
        NoFrustumCulling,
    ));
    commands.spawn((
        Name::new("Land"),
        Mesh3d(meshes.add(land())),
        MeshMaterial3d(materials.add(StageMaterial { style: style(1.0) })),
        NoFrustumCulling,
    ));
}

/// Height of the land, m, at a place in m.
fn height(x: f32, z: f32) -> f32 {
    let distance = x.hypot(z);
    let rise = ((distance - FLAT_RADIUS) / 900.0).clamp(0.0, 1.0);
    let waves = 26.0 * (x / 610.0 + 0.6).sin() * (z / 540.0 - 0.3).cos()
        + 11.0 * (x / 233.0 - z / 310.0).sin()
        + 4.0 * (x / 97.0 + z / 121.0).sin();
    let ridge = ((distance - 2_200.0) / 2_600.0).clamp(0.0, 1.0);
    rise * rise * waves + ridge * ridge * 170.0 * (0.65 + 0.35 * (x / 900.0).sin() * (z / 1_100.0).cos()) - 0.05
}

/// A polar grid, dense in the middle.
fn land() -> Mesh {
    const RINGS: u32 = 56;
    const SPOKES: u32 = 96;
    let mut positions = vec![[0.0, height(0.0, 0.0), 0.0]];
    for ring in 1..=RINGS {
        let t = ring as f32 / RINGS as f32;
        let radius = 6.0 * t + (LAND_RADIUS - 6.0) * t.powf(2.6);
        for spoke in 0..SPOKES {
            let angle = std::f32::consts::TAU * spoke as f32 / SPOKES as f32;
            let (x, z) = (radius * angle.cos(), radius * angle.sin());
            positions.push([x, height(x, z), z]);
        }
    }
    let at = |ring: u32, spoke: u32| if ring == 0 { 0 } else { 1 + (ring - 1) * SPOKES + spoke % SPOKES };
    let mut indices = Vec::new();
    for ring in 0..RINGS {
        for spoke in 0..SPOKES {
            let (a, b) = (at(ring, spoke), at(ring, spoke + 1));
            let (c, d) = (at(ring + 1, spoke), at(ring + 1, spoke + 1));
            if ring > 0 {
                indices.extend([a, b, c]);
            }
            indices.extend([b, d, c]);
        }
    }
    let normals: Vec<[f32; 3]> = positions
        .iter()
        .map(|&[x, _, z]| {
            let step = 4.0;
            let slope_x = (height(x + step, z) - height(x - step, z)) / (2.0 * step);
            let slope_z = (height(x, z + step) - height(x, z - step)) / (2.0 * step);
            Vec3::new(-slope_x, 1.0, -slope_z).normalize().to_array()
        })
        .collect();
    let colours: Vec<[f32; 4]> = positions
        .iter()
        .map(|&[x, y, z]| {
            // Meadows and dry grass in large soft patches, rock where it rises; gravel where the machine stands.
            let patch = 0.5 + 0.5 * (x / 173.0 + 1.3 * (z / 259.0).sin()).sin() * (z / 211.0 - x / 402.0).cos();
            let meadow = Vec3::new(0.105, 0.128, 0.078).lerp(Vec3::new(0.168, 0.160, 0.105), patch);
            let land = meadow.lerp(Vec3::new(0.135, 0.140, 0.142), (y / 140.0).clamp(0.0, 1.0));
            let gravel = 1.0 - ((x.hypot(z) - 14.0) / 10.0).clamp(0.0, 1.0);
            // Contact: the foot of the tower darkens the ground around it.
            let contact = 1.0 - 0.45 * (-(x.hypot(z) / 7.0).powi(2)).exp();
            (land.lerp(Vec3::new(0.205, 0.200, 0.190), gravel * 0.85) * contact).extend(1.0).to_array()
        })
        .collect();
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colours)
        .with_inserted_indices(Indices::U32(indices))
}
