//! Trees along the hedges of the landscape: something of a known size beside a machine of an unknown one.
//! One mesh for all of them; the same places every time.

use bevy::asset::RenderAssetUsages;
use bevy::mesh::{Indices, PrimitiveTopology};
use bevy::prelude::*;

/// At most so many trees: some 60 triangles each.
const MOST: usize = 1_400;
/// Nearest to a machine, m: clear of its pad and of its crane.
const CLEAR_M: f32 = 75.0;
/// Farthest from the first machine, m.
const FAR_M: f32 = 1_500.0;

/// Numbers from a seed, evenly between 0 and 1 (PCG output function, O'Neill 2014).
struct Dice(u32);

impl Dice {
    fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        let word = ((self.0 >> ((self.0 >> 28) + 4)) ^ self.0).wrapping_mul(277_803_737);
        ((word >> 22) ^ word) as f32 / u32::MAX as f32
    }
}

/// Distance from the nearest hedge, m; the fields of the stage's shader.
fn hedge(x: f32, z: f32) -> f32 {
    let turned = Vec2::new(0.86 * x - 0.51 * z, 0.51 * x + 0.86 * z);
    let bent = turned + 9.0 * Vec2::new((turned.y / 83.0).sin(), (turned.x / 83.0).sin());
    let size = Vec2::new(210.0, 128.0);
    let grid = bent / size + Vec2::new(0.37, 0.61);
    let inside = grid - grid.floor();
    (inside.min(Vec2::ONE - inside) * size).min_element()
}

/// All trees around the machines at `places`.
pub fn wood(places: &[Vec3], height: impl Fn(f32, f32) -> f32, clearance: impl Fn(f32, f32) -> f32) -> Mesh {
    let middle = places.first().copied().unwrap_or_default();
    let mut dice = Dice(20_261);
    let mut wood = Wood::default();
    let mut trees = 0;
    for _ in 0..60_000 {
        if trees == MOST {
            break;
        }
        let (away, angle) = (FAR_M * dice.roll().sqrt(), dice.roll() * std::f32::consts::TAU);
        let (x, z) = (middle.x + away * angle.cos(), middle.z + away * angle.sin());
        // Along hedges, and here and there a grove.
        let grove = (x / 140.0).sin() * (z / 170.0 + 1.0).cos() > 0.93 && (x / 57.0 + z / 71.0).sin() > 0.2;
        if clearance(x, z) < CLEAR_M || !(hedge(x, z) < 2.2 || grove) {
            continue;
        }
        wood.tree(Vec3::new(x, height(x, z) - 0.15, z), &mut dice);
        trees += 1;
    }
    wood.mesh()
}

#[derive(Default)]
struct Wood {
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    colours: Vec<[f32; 4]>,
    indices: Vec<u32>,
}

impl Wood {
    /// A trunk, and a crown of two or three lobes.
    fn tree(&mut self, foot: Vec3, dice: &mut Dice) {
        let tall = 5.5 + 7.5 * dice.roll() * dice.roll() + 1.5 * dice.roll();
        let wide = tall * (0.26 + 0.10 * dice.roll());
        let green = Vec3::new(0.055, 0.078, 0.040).lerp(Vec3::new(0.098, 0.105, 0.052), dice.roll());
        self.lobe(
            foot + Vec3::Y * tall * 0.16,
            Vec3::new(0.03 * tall, tall * 0.2, 0.03 * tall),
            Vec3::new(0.07, 0.06, 0.05),
            4,
            dice,
        );
        let lobes = if dice.roll() > 0.45 { 3 } else { 2 };
        for lobe in 0..lobes {
            let up = tall * (0.45 + 0.19 * lobe as f32);
            let size = wide * (1.0 - 0.20 * lobe as f32);
            let aside = Vec3::new(dice.roll() - 0.5, 0.0, dice.roll() - 0.5) * wide * 0.7;
            let lit = green * (0.85 + 0.22 * lobe as f32);
            self.lobe(foot + aside + Vec3::Y * up, Vec3::new(size, size * 0.86, size), lit, 7, dice);
        }
    }

    /// A rough ball: rings of corners, pushed in and out.
    fn lobe(&mut self, centre: Vec3, half: Vec3, colour: Vec3, around: u32, dice: &mut Dice) {
        const RINGS: u32 = 3;
        let first = self.positions.len() as u32;
        let mut put = |direction: Vec3, dice: &mut Dice| {
            let rough = 0.82 + 0.36 * dice.roll();
            self.positions.push((centre + direction * half * rough).to_array());
            // Softer than the faces: leaves point everywhere.
            self.normals.push((direction + Vec3::Y * 0.35).normalize().to_array());
            let dark = 0.62 + 0.38 * (direction.y * 0.5 + 0.5);
            self.colours.push((colour * dark * (0.85 + 0.3 * dice.roll())).extend(0.0).to_array());
        };
        put(Vec3::NEG_Y, dice);
        let turn = dice.roll();
        for ring in 1..=RINGS {
            let up = (ring as f32 / (RINGS + 1) as f32 - 0.5) * std::f32::consts::PI;
            for corner in 0..around {
                let angle = (corner as f32 + turn + 0.5 * ring as f32) / around as f32 * std::f32::consts::TAU;
                put(Vec3::new(angle.cos() * up.cos(), up.sin(), angle.sin() * up.cos()), dice);
            }
        }
        put(Vec3::Y, dice);
        let top = first + 1 + RINGS * around;
        let at = |ring: u32, corner: u32| first + 1 + ring * around + corner % around;
        for corner in 0..around {
            self.indices.extend([first, at(0, corner), at(0, corner + 1)]);
            self.indices.extend([top, at(RINGS - 1, corner + 1), at(RINGS - 1, corner)]);
            for ring in 1..RINGS {
                let (a, b) = (at(ring - 1, corner), at(ring - 1, corner + 1));
                let (c, d) = (at(ring, corner), at(ring, corner + 1));
                self.indices.extend([a, c, b, b, c, d]);
            }
        }
    }

    fn mesh(self) -> Mesh {
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, self.positions)
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, self.normals)
            .with_inserted_attribute(Mesh::ATTRIBUTE_COLOR, self.colours)
            .with_inserted_indices(Indices::U32(self.indices))
    }
}

#[cfg(test)]
mod tests {
    use bevy::mesh::VertexAttributeValues;

    use super::*;

    fn points(places: &[Vec3]) -> Vec<Vec3> {
        let clearance = |x: f32, z: f32| places.iter().map(|p| (p.x - x).hypot(p.z - z)).fold(f32::MAX, f32::min);
        // Kept in the main world for the test: the real one is not.
        let mut mesh = wood(places, |_, _| 0.0, clearance);
        mesh.asset_usage = RenderAssetUsages::default();
        match mesh.attribute(Mesh::ATTRIBUTE_POSITION) {
            Some(VertexAttributeValues::Float32x3(points)) => points.iter().map(|p| Vec3::from_array(*p)).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn no_tree_stands_where_a_machine_stands() {
        let places = [Vec3::ZERO, Vec3::new(420.0, 0.0, 300.0)];
        let points = points(&places);
        assert!(points.len() > 1_000);
        for place in places {
            // A crown reaches six metres from its trunk.
            assert!(points.iter().all(|p| (p.x - place.x).hypot(p.z - place.z) > CLEAR_M - 8.0));
        }
    }

    #[test]
    fn trees_are_as_high_as_trees() {
        let tallest = points(&[Vec3::ZERO]).iter().map(|p| p.y).fold(0.0, f32::max);
        assert!((8.0..22.0).contains(&tallest), "{tallest} m");
    }

    #[test]
    fn the_same_wood_grows_every_time() {
        assert_eq!(points(&[Vec3::ZERO]), points(&[Vec3::ZERO]));
    }
}
