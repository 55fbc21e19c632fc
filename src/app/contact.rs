//! What lies in the shade of a machine on a studio's floor: a small picture seen from above, made once from its triangles.
//! It holds the machine to the ground also where no shadows are drawn.

use bevy::asset::RenderAssetUsages;
use bevy::image::{Image, ImageSampler};
use bevy::math::Affine3A;
use bevy::mesh::{Mesh, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureDimension, TextureFormat};

/// Texels a side.
const SIDE: usize = 192;

/// Occlusion of the floor below some triangles.
pub struct Contact {
    middle: Vec2,
    half: f32,
    /// Height over the floor above which nothing is shaded, m.
    reach: f32,
    near: Vec<f32>,
}

impl Contact {
    /// A floor around a machine: its middle (x, z) and half its size, m.
    pub fn new(middle: Vec2, half: f32) -> Self {
        Self { middle, half: half.max(1e-3), reach: half.max(1e-3) * 0.40, near: vec![0.0; SIDE * SIDE] }
    }

    fn texel(&self, p: Vec3) -> Vec2 {
        (Vec2::new(p.x, p.z) - self.middle) / (2.0 * self.half) * SIDE as f32 + SIDE as f32 * 0.5
    }

    /// Adds a triangle, m over the floor.
    pub fn triangle(&mut self, [a, b, c]: [Vec3; 3]) {
        let low = a.y.min(b.y).min(c.y);
        if low >= self.reach || !(a.is_finite() && b.is_finite() && c.is_finite()) {
            return;
        }
        let shade = (1.0 - low.max(0.0) / self.reach).powi(2);
        let (p, q, r) = (self.texel(a), self.texel(b), self.texel(c));
        let area = (q - p).perp_dot(r - p);
        let clamp = |v: f32| v.clamp(0.0, (SIDE - 1) as f32) as usize;
        let (left, right) = (clamp(p.x.min(q.x).min(r.x)), clamp(p.x.max(q.x).max(r.x)));
        let (top, bottom) = (clamp(p.y.min(q.y).min(r.y)), clamp(p.y.max(q.y).max(r.y)));
        let small = right - left <= 1 && bottom - top <= 1;
        for y in top..=bottom {
            for x in left..=right {
                let at = Vec2::new(x as f32 + 0.5, y as f32 + 0.5);
                let (u, v) = ((r - p).perp_dot(at - p) / -area, (q - p).perp_dot(at - p) / area);
                let inside = small || (area.abs() > 1e-9 && u >= 0.0 && v >= 0.0 && u + v <= 1.0);
                if let Some(texel) = self.near.get_mut(y * SIDE + x).filter(|_| inside) {
                    *texel = texel.max(shade);
                }
            }
        }
    }

    /// Adds a mesh where it stands; `floor`: height of the floor, m.
    pub fn mesh(&mut self, mesh: &Mesh, place: Affine3A, floor: f32) {
        let Some(VertexAttributeValues::Float32x3(points)) = mesh.attribute(Mesh::ATTRIBUTE_POSITION) else { return };
        if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
            return;
        }
        let corner = |index: usize| {
            let point = Vec3::from_array(*points.get(index)?);
            Some(place.transform_point3(point) - Vec3::Y * floor)
        };
        let mut put = |a: usize, b: usize, c: usize| {
            if let (Some(a), Some(b), Some(c)) = (corner(a), corner(b), corner(c)) {
                self.triangle([a, b, c]);
            }
        };
        match mesh.indices() {
            Some(indices) => {
                let indices: Vec<usize> = indices.iter().collect();
                for triangle in indices.chunks_exact(3) {
                    if let &[a, b, c] = triangle {
                        put(a, b, c);
                    }
                }
            }
            None => (0..points.len() / 3).for_each(|n| put(3 * n, 3 * n + 1, 3 * n + 2)),
        }
    }

    /// Where the light comes through: 1 open, less in the shade; blurred as a large lamp would.
    fn open(&self) -> Vec<u8> {
        let close = blurred(&self.near, SIDE / 64);
        let wide = blurred(&self.near, SIDE / 16);
        let shade = |(close, wide): (&f32, &f32)| (1.0 - 0.50 * close) * (1.0 - 0.52 * wide);
        close.iter().zip(&wide).map(shade).map(|open| (open.clamp(0.0, 1.0) * 255.0).round() as u8).collect()
    }

    /// The picture.
    pub fn image(&self) -> Image {
        let size = Extent3d { width: SIDE as u32, height: SIDE as u32, depth_or_array_layers: 1 };
        let usage = RenderAssetUsages::RENDER_WORLD;
        let mut image = Image::new(size, TextureDimension::D2, self.open(), TextureFormat::R8Unorm, usage);
        image.sampler = ImageSampler::linear();
        image
    }
}

/// Three box blurs, which come close to a Gaussian (Wells 1986).
fn blurred(from: &[f32], radius: usize) -> Vec<f32> {
    let mut now = from.to_vec();
    for _ in 0..3 {
        for along_x in [true, false] {
            let mut next = vec![0.0; now.len()];
            for line in 0..SIDE {
                let at = |n: usize| if along_x { line * SIDE + n } else { n * SIDE + line };
                let mut sum = 0.0;
                for n in 0..SIDE + radius {
                    sum += if n < SIDE { now.get(at(n)).copied().unwrap_or(0.0) } else { 0.0 };
                    if n > 2 * radius {
                        sum -= now.get(at(n - 2 * radius - 1)).copied().unwrap_or(0.0);
                    }
                    if let Some(out) = n.checked_sub(radius).and_then(|n| next.get_mut(at(n))) {
                        *out = sum / (2 * radius + 1) as f32;
                    }
                }
            }
            now = next;
        }
    }
    now
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_at(contact: &Contact, x: f32, z: f32) -> f32 {
        let at = contact.texel(Vec3::new(x, 0.0, z));
        f32::from(contact.open()[at.y as usize * SIDE + at.x as usize]) / 255.0
    }

    fn plate(contact: &mut Contact, height: f32) {
        let corner = |x: f32, z: f32| Vec3::new(x, height, z);
        contact.triangle([corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0)]);
        contact.triangle([corner(-1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)]);
    }

    #[test]
    fn the_floor_is_dark_below_a_plate_and_light_away_from_it() {
        let mut contact = Contact::new(Vec2::ZERO, 4.0);
        plate(&mut contact, 0.1);
        let (below, away) = (open_at(&contact, 0.0, 0.0), open_at(&contact, 3.5, 3.5));
        assert!(below < 0.35 && away > 0.95, "{below} {away}");
    }

    #[test]
    fn a_plate_high_over_the_floor_shades_it_less() {
        let shade = |height| {
            let mut contact = Contact::new(Vec2::ZERO, 4.0);
            plate(&mut contact, height);
            open_at(&contact, 0.0, 0.0)
        };
        assert!(shade(0.1) < shade(0.8) && shade(0.8) < shade(2.0), "{} {} {}", shade(0.1), shade(0.8), shade(2.0));
    }

    #[test]
    fn places_that_are_no_numbers_shade_nothing() {
        let mut contact = Contact::new(Vec2::ZERO, 4.0);
        contact.triangle([Vec3::NAN, Vec3::X, Vec3::Z]);
        contact.triangle([Vec3::INFINITY, Vec3::X, Vec3::Z]);
        assert!(contact.open().iter().all(|&open| open == 255));
    }
}
