//! What the machine stands in: a sky dome over a soft landscape, or a studio, made in code so that nothing has to be loaded.

use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::primitives::Aabb;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;
use twinscope_twin::site::{Site, Stage};

use super::camera::SceneCamera;
use super::contact::Contact;
use super::daylight::{Daylight, Light};
use super::material::{Lighting, PartMaterial, StageMaterial, StageStyle};
use super::models::{self, PartOf, Parts};
use super::quality::Quality;
use super::trees;

/// Spawns sky and land.
pub struct StagePlugin;

impl Plugin for StagePlugin {
    fn build(&self, app: &mut App) {
        app.add_systems(Startup, spawn_stage)
            .add_systems(Update, (lay_land, touch_floor, light_stage).chain().in_set(StageSet))
            .add_systems(PostUpdate, carry_sky.before(TransformSystems::Propagate));
    }
}

/// The systems that lay out and light the stage.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub struct StageSet;

/// Around the camera, wherever it goes.
#[derive(Component)]
struct Sky;

/// Below the machines.
#[derive(Component)]
struct Land;

/// Beside them; left out where the processor draws.
#[derive(Component)]
struct Trees;

/// How far the land reaches from its middle, m. The haze has swallowed it before.
const LAND_RADIUS: f32 = 6_000.0;
/// Radius of the sky around the camera, m: beyond the land, from wherever the camera may be.
const SKY_RADIUS: f32 = 20_000.0;
/// Machines that the land is laid for; further ones stand on its hills.
const MOST_PLACES: usize = 1_000;
/// Machines with fine ground of their own: 1,153 vertices each.
const MOST_DISCS: usize = 64;
/// Land is flat within this radius, m, so that what stands on it stands on it.
const FLAT_RADIUS: f32 = 120.0;
/// Distance at which haze takes two thirds, m: a clear day, and far hills still stand behind each other.
const HAZE_M: f32 = 3_400.0;
/// A studio's floor ends here, in sizes of what stands on it; its light has long gone over into the wall's.
const FLOOR_SIZES: f32 = 14.0;

/// Sky and land of a stage; what lies on the floor is kept by those who know it.
fn style(light: &Light) -> StageStyle {
    StageStyle {
        zenith: light.zenith.extend(1.0),
        horizon: light.horizon.extend(1.0),
        towards: light.towards.extend(0.0),
        key: light.key.extend(1.0),
        sky: light.sky.extend(1.0),
        ground: light.ground.extend(1.0),
        params: Vec4::new(1.0, HAZE_M, 0.0, 0.0),
        contact: Vec4::new(0.0, 0.0, 1.0, 1.0),
    }
}

fn spawn_stage(mut commands: Commands, mut meshes: ResMut<Assets<Mesh>>, mut materials: ResMut<Assets<StageMaterial>>) {
    let style = style(&Light::of(Daylight::default()));
    let mut material = |land| {
        let material = StageMaterial { style, contact: None, land, lighting: Lighting::default() };
        MeshMaterial3d(materials.add(material))
    };
    commands.spawn((
        Sky,
        Name::new("Sky"),
        Mesh3d(meshes.add(Sphere::new(SKY_RADIUS).mesh().uv(24, 16))),
        material(false),
        NoFrustumCulling,
    ));
    let ground = material(true);
    commands.spawn((
        Land,
        Name::new("Land"),
        Mesh3d(meshes.add(land(&[Vec3::ZERO]))),
        ground.clone(),
        NoFrustumCulling,
    ));
    commands.spawn((Trees, Name::new("Trees"), ground, Visibility::Hidden, NoFrustumCulling));
}

fn places(site: &Site) -> Vec<Vec3> {
    site.standing().take(MOST_PLACES).map(|(_, asset)| Vec3::from_array(asset.position.map(|m| m as f32))).collect()
}

/// The land carries the machines of the site; a studio's floor lies below the lowest of them.
fn lay_land(
    mut commands: Commands,
    parts: Res<Parts>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut lands: Query<&mut Mesh3d, With<Land>>,
    trees: Query<Entity, With<Trees>>,
    mut laid: Local<Option<Arc<Site>>>,
) {
    let Some(site) = &parts.site else { return };
    if laid.as_ref().is_some_and(|laid| Arc::ptr_eq(laid, site)) {
        return;
    }
    *laid = Some(Arc::clone(site));
    let places = places(site);
    if places.is_empty() || site.stage == Stage::Studio {
        return;
    }
    for mut mesh in &mut lands {
        mesh.0 = meshes.add(land(&places));
    }
    for entity in &trees {
        let wood = trees::wood(&places, |x, z| height(&places, x, z), |x, z| clearance(&places, x, z));
        commands.entity(entity).insert(Mesh3d(meshes.add(wood)));
    }
}

/// Lays a studio's floor under the machines, with what lies in their shade.
fn touch_floor(
    parts: Res<Parts>,
    daylight: Res<Daylight>,
    drawn: Query<(&Mesh3d, &GlobalTransform), With<PartOf>>,
    bounds: Query<(&Aabb, &GlobalTransform)>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut images: ResMut<Assets<Image>>,
    mut materials: ResMut<Assets<StageMaterial>>,
    mut lands: Query<(&mut Mesh3d, &MeshMaterial3d<StageMaterial>), (With<Land>, Without<PartOf>)>,
    mut touched: Local<u32>,
) {
    if daylight.stage != Stage::Studio || parts.pending > 0 || *touched == parts.generation {
        return;
    }
    let all: Vec<Entity> = parts.primitives.iter().flatten().copied().collect();
    if all.is_empty() {
        // The last machine was taken out, and its shade goes with it.
        for (_, material) in &lands {
            if materials.get(&material.0).is_some_and(|material| material.contact.is_some())
                && let Some(mut material) = materials.get_mut(&material.0)
            {
                material.contact = None;
            }
        }
        return;
    }
    // Bounds come a frame after the meshes.
    let Some((centre, radius)) = models::bounds(&all, &bounds) else { return };
    *touched = parts.generation;
    let floor = models::lowest(&all, &bounds).unwrap_or(centre.y - radius);
    let mut contact = Contact::new(Vec2::new(centre.x, centre.z), radius * 1.5);
    for &entity in &all {
        if let Ok((mesh, place)) = drawn.get(entity)
            && let Some(mesh) = meshes.get(&mesh.0)
        {
            contact.mesh(mesh, place.affine(), floor);
        }
    }
    let picture = images.add(contact.image());
    for (mut mesh, material) in &mut lands {
        let disc = Circle::new(radius * FLOOR_SIZES).mesh().resolution(64).build();
        let flat = Quat::from_rotation_x(-std::f32::consts::FRAC_PI_2);
        // A hair below, so that what lies on it is seen.
        let place = Transform::from_xyz(centre.x, floor - radius * 2e-3, centre.z).with_rotation(flat);
        mesh.0 = meshes.add(disc.transformed_by(place));
        if let Some(mut material) = materials.get_mut(&material.0) {
            material.contact = Some(picture.clone());
            material.style.contact = Vec4::new(centre.x, centre.z, radius * 1.5, radius * 1.5);
            material.style.params.x = radius;
        }
    }
}

/// Gives everything the light of the hour, worked out as far as the preset allows.
fn light_stage(
    parts: Res<Parts>,
    daylight: Res<Daylight>,
    quality: Res<Quality>,
    mut stage: ResMut<Assets<StageMaterial>>,
    mut part: ResMut<Assets<PartMaterial>>,
    mut trees: Query<&mut Visibility, With<Trees>>,
    mut done: Local<Option<(Lighting, u32)>>,
) {
    let lighting = Lighting::of(&quality, &daylight);
    let want = Some((lighting, parts.generation));
    if !daylight.is_changed() && *done == want {
        return;
    }
    *done = want;
    let light = style(&Light::of(*daylight));
    let first = parts.site.as_ref().and_then(|site| site.assets.first()).map_or([0.0; 3], |asset| asset.position);
    for (_, material) in stage.iter_mut() {
        let params = Vec4::new(material.style.params.x, light.params.y, first[0] as f32, first[2] as f32);
        material.style = StageStyle { params, contact: material.style.contact, ..light };
        material.lighting = lighting;
    }
    let behind: Vec<_> = part.iter().filter(|(_, material)| material.lighting != lighting).map(|(id, _)| id).collect();
    for id in behind {
        if let Some(mut material) = part.get_mut(id) {
            material.lighting = lighting;
        }
    }
    let wooded = lighting.full && !lighting.studio;
    for mut visibility in &mut trees {
        visibility.set_if_neq(if wooded { Visibility::Inherited } else { Visibility::Hidden });
    }
}

fn carry_sky(
    cameras: Query<&Transform, (With<SceneCamera>, Without<Sky>)>,
    mut skies: Query<&mut Transform, With<Sky>>,
) {
    let Some(camera) = cameras.iter().next() else { return };
    for mut sky in &mut skies {
        if sky.translation != camera.translation {
            sky.translation = camera.translation;
        }
    }
}

/// The ground that somebody walks on.
pub struct Ground {
    /// The machines that the land is laid for; empty in a studio.
    places: Vec<Vec3>,
    /// A studio's floor, m.
    floor: f32,
}

impl Ground {
    /// Its height, m, at a place in m.
    pub fn height(&self, x: f32, z: f32) -> f32 {
        if self.places.is_empty() { self.floor } else { height(&self.places, x, z) }
    }
}

/// The ground of a site; `floor`: the lowest point of what stands in it, m.
pub fn ground(site: &Site, floor: Option<f32>) -> Ground {
    let places = if site.stage == Stage::Studio { Vec::new() } else { places(site) };
    Ground { places, floor: floor.unwrap_or(0.0) }
}

/// Distance from the nearest machine, m, at a place in m.
fn clearance(places: &[Vec3], x: f32, z: f32) -> f32 {
    places.iter().map(|place| (place.x - x).hypot(place.z - z)).fold(f32::MAX, f32::min)
}

/// Height of the land, m, at a place in m: that of each machine where it stands, hills between and around them.
fn height(places: &[Vec3], x: f32, z: f32) -> f32 {
    // Weighted by the inverse distance to the fourth power (Shepard 1968), so that each machine keeps its own height.
    let (sum, weights) = places.iter().fold((0.0, 0.0), |(sum, weights), place| {
        let distance_2 = (place.x - x).powi(2) + (place.z - z).powi(2);
        let weight = (distance_2 + 1.0).powi(-2);
        (sum + weight * place.y, weights + weight)
    });
    let base = if weights > 0.0 { sum / weights } else { 0.0 };
    let distance = clearance(places, x, z);
    let rise = ((distance - FLAT_RADIUS) / 900.0).clamp(0.0, 1.0);
    let waves = 26.0 * (x / 610.0 + 0.6).sin() * (z / 540.0 - 0.3).cos()
        + 11.0 * (x / 233.0 - z / 310.0).sin()
        + 4.0 * (x / 97.0 + z / 121.0).sin();
    let ridge = ((distance - 2_200.0) / 2_600.0).clamp(0.0, 1.0);
    base + rise * rise * waves + ridge * ridge * 170.0 * (0.65 + 0.35 * (x / 900.0).sin() * (z / 1_100.0).cos()) - 0.05
}

/// Colour of the land, and how much of it is field: none on the gravel around a machine.
fn colour(places: &[Vec3], [x, y, z]: [f32; 3]) -> [f32; 4] {
    let distance = clearance(places, x, z);
    // Meadows and dry grass in large soft patches, rock where it rises; gravel where a machine stands.
    let patch = 0.5 + 0.5 * (x / 173.0 + 1.3 * (z / 259.0).sin()).sin() * (z / 211.0 - x / 402.0).cos();
    let meadow = Vec3::new(0.105, 0.128, 0.078).lerp(Vec3::new(0.168, 0.160, 0.105), patch);
    let land = meadow.lerp(Vec3::new(0.135, 0.140, 0.142), (y / 140.0).clamp(0.0, 1.0));
    let gravel = 1.0 - ((distance - 17.0) / 3.0).clamp(0.0, 1.0);
    // Contact: the foot of the tower darkens the ground around it.
    let contact = 1.0 - 0.45 * (-(distance / 7.0).powi(2)).exp();
    let field = ((distance - 20.0) / 4.0).clamp(0.0, 1.0);
    (land.lerp(Vec3::new(0.225, 0.213, 0.192), gravel * 0.85) * contact)
        .extend(field * field * (3.0 - 2.0 * field))
        .to_array()
}

/// Vertices and triangles of the land.
#[derive(Default)]
struct Grid {
    positions: Vec<[f32; 3]>,
    indices: Vec<u32>,
}

impl Grid {
    /// Rings of growing radius around a place, lifted by `lift`, m. `radius` of a ring from 0 to 1.
    fn rings(&mut self, places: &[Vec3], middle: Vec3, rings: u32, lift: f32, radius: impl Fn(f32) -> f32) {
        const SPOKES: u32 = 96;
        let first = self.positions.len() as u32;
        let mut put = |x: f32, z: f32| self.positions.push([x, height(places, x, z) + lift, z]);
        put(middle.x, middle.z);
        for ring in 1..=rings {
            let radius = radius(ring as f32 / rings as f32);
            for spoke in 0..SPOKES {
                let angle = std::f32::consts::TAU * spoke as f32 / SPOKES as f32;
                put(middle.x + radius * angle.cos(), middle.z + radius * angle.sin());
            }
        }
        let at = |ring: u32, spoke: u32| first + if ring == 0 { 0 } else { 1 + (ring - 1) * SPOKES + spoke % SPOKES };
        for ring in 0..rings {
            for spoke in 0..SPOKES {
                let (a, b) = (at(ring, spoke), at(ring, spoke + 1));
                let (c, d) = (at(ring + 1, spoke), at(ring + 1, spoke + 1));
                if ring > 0 {
                    self.indices.extend([a, b, c]);
                }
                self.indices.extend([b, d, c]);
            }
        }
    }
}

/// A polar grid around the first machine, dense in the middle, and a dense disc under each of the others.
fn land(places: &[Vec3]) -> Mesh {
    let mut grid = Grid::default();
    let middle = places.first().copied().unwrap_or_default();
    grid.rings(places, middle, 56, 0.0, |t| 6.0 * t + (LAND_RADIUS - 6.0) * t.powf(2.6));
    for &place in places.iter().skip(1).take(MOST_DISCS) {
        // A hand above the coarse grid, which has no room for a circle there.
        grid.rings(places, place, 12, 0.03, |t| 60.0 * t);
    }
    let Grid { positions, indices } = grid;
    let normals: Vec<[f32; 3]> = positions
        .iter()
        .map(|&[x, _, z]| {
            let step = 4.0;
            let slope_x = (height(places, x + step, z) - height(places, x - step, z)) / (2.0 * step);
            let slope_z = (height(places, x, z + step) - height(places, x, z - step)) / (2.0 * step);
            Vec3::new(-slope_x, 1.0, -slope_z).normalize().to_array()
        })
        .collect();
    let colours: Vec<[f32; 4]> = positions.iter().map(|&position| colour(places, position)).collect();
    Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
        .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions)
        .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
        .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, colours)
        .with_inserted_indices(Indices::U32(indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_machine_stands_on_the_land_at_its_own_height() {
        let places = [Vec3::ZERO, Vec3::new(577.0, 0.0, 1201.0), Vec3::new(-800.0, 35.0, 300.0)];
        for place in places {
            // Its foundation reaches ten metres from its middle.
            for (x, z) in [(0.0, 0.0), (10.0, 0.0), (-7.0, 7.0)] {
                let gap = height(&places, place.x + x, place.z + z) - place.y;
                assert!((-0.1..=0.0).contains(&gap), "{place}: {gap} m");
            }
        }
    }

    #[test]
    fn the_land_has_hills_between_the_machines() {
        let places = [Vec3::ZERO, Vec3::new(3_000.0, 0.0, 0.0)];
        let along: Vec<f32> = (0..30).map(|i| height(&places, i as f32 * 100.0, 0.0)).collect();
        let (low, high) = along.iter().fold((f32::MAX, f32::MIN), |(low, high), &y| (low.min(y), high.max(y)));
        assert!(high - low > 5.0, "{low} to {high} m");
    }

    #[test]
    fn gravel_lies_around_every_machine_and_fields_beyond() {
        let places = [Vec3::ZERO, Vec3::new(577.0, 0.0, 1201.0)];
        for place in places {
            assert_eq!(colour(&places, [place.x + 12.0, 0.0, place.z])[3], 0.0);
            assert_eq!(colour(&places, [place.x + 60.0, 0.0, place.z])[3], 1.0);
        }
    }
}
