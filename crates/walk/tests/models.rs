//! The shipped models as worlds: what a turbine's yaw turns is a solid of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use glam::{Mat4, Vec3};
use twinscope_walk::{Body, Frame, Kind, Shape, Solid, World};

fn path(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../assets").join(file)
}

/// What a node's extras say of it.
fn extra(node: &gltf::Node<'_>, key: &str) -> Option<String> {
    let extras: serde_json::Value = serde_json::from_str(node.extras().as_ref()?.get()).unwrap();
    Some(extras.get(key)?.as_str()?.to_owned())
}

struct Reading<'a> {
    buffer: &'a [u8],
    /// The part whose node and everything below it is a solid of its own.
    apart: &'a str,
    still: Vec<Body>,
    turning: Vec<Body>,
    turning_at: Vec3,
}

impl Reading<'_> {
    fn node(&mut self, node: &gltf::Node<'_>, above: Mat4, part: &str, turns: bool) {
        let place = above * Mat4::from_cols_array_2d(&node.transform().matrix());
        let part = extra(node, "part_id").unwrap_or_else(|| part.to_owned());
        let turns = turns || part == self.apart;
        if part == self.apart && self.turning.is_empty() {
            self.turning_at = place.w_axis.truncate();
        }
        if let Some(mesh) = node.mesh() {
            let mut triangles = Vec::new();
            for primitive in mesh.primitives() {
                let reader = primitive.reader(|_| Some(self.buffer));
                let points: Vec<Vec3> =
                    reader.read_positions().unwrap().map(|p| place.transform_point3(p.into())).collect();
                let indices: Vec<u32> = reader.read_indices().unwrap().into_u32().collect();
                triangles.extend(indices.chunks_exact(3).map(|t| [0, 1, 2].map(|k| points[t[k] as usize])));
            }
            let kind = Kind::of(&extra(node, "kind").unwrap_or_default());
            let body = Body { name: part.clone(), kind, triangles };
            if turns { self.turning.push(body) } else { self.still.push(body) }
        }
        for child in node.children() {
            self.node(&child, place, &part, turns);
        }
    }
}

/// Every triangle of a world where it is, with what it is: for checks that use none of the walker's own questions.
pub struct Soup(pub Vec<(Kind, [Vec3; 3])>);

/// A model over level ground at 0; what is below the part `apart` is the second solid, turned to the left by `yaw`.
pub fn world(model: &str, apart: &str, yaw: f32) -> (World, Soup) {
    let bytes = std::fs::read(path("models").join(model)).unwrap();
    let gltf = gltf::Gltf::from_slice(&bytes).unwrap();
    let buffer = gltf.blob.clone().unwrap();
    let mut reading = Reading { buffer: &buffer, apart, still: vec![], turning: vec![], turning_at: Vec3::ZERO };
    for node in gltf.scenes().next().unwrap().nodes() {
        reading.node(&node, Mat4::IDENTITY, "", false);
    }
    let mut soup = Vec::new();
    let origin = reading.turning_at;
    let frame = Frame { origin, yaw };
    let mut pour = |body: &Body, place: &dyn Fn(Vec3) -> Vec3| {
        soup.extend(body.triangles.iter().map(|triangle| (body.kind, triangle.map(place))));
    };
    for body in &reading.still {
        pour(body, &|corner| corner);
    }
    let mut solids = vec![Solid { shape: Arc::new(Shape::new(reading.still)), frame: Frame::default() }];
    if !reading.turning.is_empty() {
        for body in &mut reading.turning {
            let turn = Mat4::from_translation(origin) * Mat4::from_rotation_y(yaw) * Mat4::from_translation(-origin);
            pour(body, &|corner| turn.transform_point3(corner));
            for corner in body.triangles.iter_mut().flatten() {
                *corner -= origin;
            }
        }
        solids.push(Solid { shape: Arc::new(Shape::new(reading.turning)), frame });
    }
    (World::new(solids, |_, _| 0.0), Soup(soup))
}

/// The turbine of the demo, its nacelle turned to the left by `yaw`.
pub fn turbine(yaw: f32) -> (World, Soup) {
    world("wind_turbine.glb", "yaw_system", yaw)
}
