//! Nodes and scenes: that they are trees of bounded depth, and where each node stands in the world.

use gltf::json::{Node, Root};

use super::data::{Elements, missing_index};
use super::error::{ErrorKind, ModelError, printable};
use super::limits::Limits;
use super::meshes::{MOST_TARGETS, MeshInfo};
use gltf::json::accessor::{ComponentType, Type};

/// Column-major 4×4 matrix.
pub(super) type Matrix = [f64; 16];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

/// A node in the order of the scene: parents before children, children in the order of the file.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    /// Index in the file.
    pub gltf: usize,
    /// Row of the parent in this order.
    pub parent: Option<usize>,
    /// Levels below the root of the scene.
    pub depth: usize,
    /// Node space to world space.
    pub world: Matrix,
}

/// The scene that is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// Index of the scene.
    pub scene: usize,
    /// Its nodes.
    pub nodes: Vec<Placed>,
}

fn bad(place: String, what: impl Into<String>) -> ModelError {
    ModelError::new(ErrorKind::Tree, place, what)
        .with_remedy("export the model again; every node must have one parent, up to a root of the scene")
}

fn name(node: Option<&Node>, index: usize) -> String {
    match node.and_then(|n| n.name.as_deref()) {
        Some(name) => format!("\"{}\"", printable(name)),
        None => format!("node {index}"),
    }
}

/// Checks the nodes and walks the scenes.
pub(super) fn check(
    root: &Root,
    meshes: &[MeshInfo],
    elements: &[Elements<'_>],
    limits: &Limits,
) -> Result<Tree, ModelError> {
    let parents = parents(root)?;
    find_cycle(root, &parents)?;
    for (i, node) in root.nodes.iter().enumerate() {
        check_node(root, node, i, meshes, limits)?;
    }
    check_skins(root, elements)?;
    let shown = root.scene.map_or(0, |s| s.value());
    if root.scenes.is_empty() {
        return Err(ModelError::new(ErrorKind::Empty, "scenes", "the file has no scene: there is nothing to show")
            .with_remedy("export a scene, not a library of meshes"));
    }
    if shown >= root.scenes.len() {
        return Err(missing_index("scene".into(), "scene", shown));
    }
    let mut on_skin = vec![false; meshes.len()];
    for mesh in root.nodes.iter().filter(|n| n.skin.is_some()).filter_map(|n| n.mesh) {
        if let Some(on) = on_skin.get_mut(mesh.value()) {
            *on = true;
        }
    }
    let mut walk = Walk { root, parents: &parents, meshes, on_skin, limits, visited: 0, drawn: 0, joints: 0 };
    let mut out = Tree { scene: shown, nodes: Vec::new() };
    for s in 0..root.scenes.len() {
        let nodes = walk.scene(s)?;
        if s == shown {
            out.nodes = nodes;
        }
    }
    if out.nodes.is_empty() {
        return Err(ModelError::new(ErrorKind::Empty, format!("scenes[{shown}]"), "the scene has no nodes")
            .with_remedy("export the objects of the scene, not an empty one"));
    }
    Ok(out)
}

/// The parent of each node; refuses a second one.
fn parents(root: &Root) -> Result<Vec<Option<usize>>, ModelError> {
    let mut parents: Vec<Option<usize>> = vec![None; root.nodes.len()];
    for (i, node) in root.nodes.iter().enumerate() {
        for child in node.children.iter().flatten() {
            let c = child.value();
            let Some(parent) = parents.get_mut(c) else {
                return Err(missing_index(format!("nodes[{i}].children"), "node", c));
            };
            if let Some(other) = *parent {
                let place = format!("nodes[{c}]");
                let (child, a, b) = (root.nodes.get(c), root.nodes.get(other), root.nodes.get(i));
                return Err(bad(
                    place,
                    format!("{} has two parents, {} and {}", name(child, c), name(a, other), name(b, i)),
                ));
            }
            *parent = Some(i);
        }
    }
    Ok(parents)
}

/// With one parent each, nodes that no root reaches are cycles.
fn find_cycle(root: &Root, parents: &[Option<usize>]) -> Result<(), ModelError> {
    // 0 not seen, 1 on the way up from here, 2 known to end at a root.
    let mut state = vec![0u8; parents.len()];
    for start in 0..parents.len() {
        let mut way = Vec::new();
        let mut at = Some(start);
        while let Some(i) = at {
            match state.get(i) {
                Some(0) => {
                    if let Some(s) = state.get_mut(i) {
                        *s = 1;
                    }
                    way.push(i);
                    at = parents.get(i).copied().flatten();
                }
                Some(1) => {
                    let from = way.iter().position(|&w| w == i).unwrap_or(0);
                    /// A few names tell which part of the file it is.
                    const NAMED: usize = 6;
                    let ring = way.get(from..).unwrap_or_default();
                    // Upwards as it was walked; told downwards, from the node itself.
                    let down = ring.iter().take(1).chain(ring.iter().skip(1).rev());
                    let mut names: Vec<_> = down.take(NAMED).map(|&n| name(root.nodes.get(n), n)).collect();
                    names.push(if ring.len() > NAMED { "…".into() } else { name(root.nodes.get(i), i) });
                    return Err(bad(format!("nodes[{i}]"), format!("nodes form a cycle: {}", names.join(" > "))));
                }
                _ => break,
            }
        }
        for i in way {
            if let Some(s) = state.get_mut(i) {
                *s = 2;
            }
        }
    }
    Ok(())
}

fn check_node(root: &Root, node: &Node, i: usize, meshes: &[MeshInfo], limits: &Limits) -> Result<(), ModelError> {
    let wild = |key: &str, numbers: &[f32]| {
        if numbers.iter().all(|x| x.is_finite() && f64::from(x.abs()) <= limits.coordinate) {
            return Ok(());
        }
        Err(ModelError::new(
            ErrorKind::Number,
            format!("nodes[{i}].{key}"),
            format!("{}: a number is not finite or beyond {:e}", name(Some(node), i), limits.coordinate),
        )
        .with_remedy("apply the transforms and export in metres, near the origin"))
    };
    wild("matrix", node.matrix.as_ref().map_or(&[], |m| m.as_slice()))?;
    wild("translation", node.translation.as_ref().map_or(&[], |m| m.as_slice()))?;
    wild("scale", node.scale.as_ref().map_or(&[], |m| m.as_slice()))?;
    if let Some(rotation) = &node.rotation {
        wild("rotation", &rotation.0)?;
        let length = rotation.0.iter().map(|x| x * x).sum::<f32>().sqrt();
        // Exporters round; what is further off than this is not a rotation.
        if !(0.5..=2.0).contains(&length) {
            let what = format!("{}: the rotation is no unit quaternion (length {length})", name(Some(node), i));
            return Err(ModelError::new(ErrorKind::Number, format!("nodes[{i}].rotation"), what)
                .with_remedy("export the model again"));
        }
    }
    if let Some(mesh) = node.mesh
        && mesh.value() >= meshes.len()
    {
        return Err(missing_index(format!("nodes[{i}].mesh"), "mesh", mesh.value()));
    }
    if let Some(skin) = node.skin
        && skin.value() >= root.skins.len()
    {
        return Err(missing_index(format!("nodes[{i}].skin"), "skin", skin.value()));
    }
    if node.weights.as_ref().is_some_and(|w| w.len() > MOST_TARGETS) {
        return Err(ModelError::new(ErrorKind::Limit, format!("nodes[{i}].weights"), "too many morph targets")
            .with_remedy("export without shape keys (morph targets)"));
    }
    Ok(())
}

fn check_skins(root: &Root, elements: &[Elements<'_>]) -> Result<(), ModelError> {
    let bad = |place: String, what: String| {
        ModelError::new(ErrorKind::Data, place, what)
            .with_remedy("export without skins (armatures): parts move as nodes")
    };
    for (s, skin) in root.skins.iter().enumerate() {
        if skin.joints.is_empty() || skin.joints.len() > MOST_TARGETS {
            let what = format!("{} joints, 1 to {MOST_TARGETS} can be drawn", skin.joints.len());
            return Err(bad(format!("skins[{s}].joints"), what));
        }
        for joint in &skin.joints {
            if joint.value() >= root.nodes.len() {
                return Err(missing_index(format!("skins[{s}].joints"), "node", joint.value()));
            }
        }
        if let Some(index) = skin.inverse_bind_matrices {
            let place = format!("skins[{s}].inverseBindMatrices");
            let Some(data) = elements.get(index.value()) else {
                return Err(missing_index(place, "accessor", index.value()));
            };
            if !data.is(ComponentType::F32, Type::Mat4) || data.count < skin.joints.len() {
                return Err(bad(place, format!("not {} float matrices", skin.joints.len())));
            }
        }
    }
    Ok(())
}

struct Walk<'a> {
    root: &'a Root,
    parents: &'a [Option<usize>],
    meshes: &'a [MeshInfo],
    /// Meshes that some node draws with a skin.
    on_skin: Vec<bool>,
    limits: &'a Limits,
    /// Over all scenes: the loader builds each of them.
    visited: usize,
    drawn: usize,
    joints: usize,
}

impl Walk<'_> {
    fn scene(&mut self, s: usize) -> Result<Vec<Placed>, ModelError> {
        let Some(scene) = self.root.scenes.get(s) else { return Ok(Vec::new()) };
        let mut out: Vec<Placed> = Vec::new();
        let mut row_of: Vec<Option<usize>> = vec![None; self.root.nodes.len()];
        // Last in, first out: pushed backwards, so that children come in the order of the file.
        let mut stack: Vec<(usize, Option<usize>)> = Vec::new();
        for index in scene.nodes.iter().rev() {
            let i = index.value();
            let Some(parent) = self.parents.get(i) else {
                return Err(missing_index(format!("scenes[{s}].nodes"), "node", i));
            };
            if let Some(p) = *parent {
                let (node, up) = (self.root.nodes.get(i), self.root.nodes.get(p));
                let what = format!("{} is a root of the scene and a child of {}", name(node, i), name(up, p));
                return Err(bad(format!("scenes[{s}].nodes"), what));
            }
            stack.push((i, None));
        }
        while let Some((i, parent)) = stack.pop() {
            let Some(node) = self.root.nodes.get(i) else { continue };
            let (depth, above) = parent.and_then(|p| out.get(p)).map_or((0, IDENTITY), |p| (p.depth + 1, p.world));
            if depth > self.limits.node_depth {
                return Err(ModelError::new(
                    ErrorKind::Limit,
                    format!("nodes[{i}]"),
                    format!("{} is more than {} levels deep", name(Some(node), i), self.limits.node_depth),
                )
                .with_remedy("flatten the assembly before it is exported"));
            }
            let world = multiply(&above, &local(node));
            if world.iter().any(|x| !x.is_finite() || x.abs() > self.limits.coordinate) {
                return Err(ModelError::new(
                    ErrorKind::Number,
                    format!("nodes[{i}]"),
                    format!("{} stands beyond {:e} m", name(Some(node), i), self.limits.coordinate),
                )
                .with_remedy("move the model to its origin and export in metres"));
            }
            self.count(node)?;
            let row = out.len();
            match row_of.get_mut(i) {
                Some(seen @ None) => *seen = Some(row),
                _ => {
                    return Err(bad(format!("scenes[{s}].nodes"), format!("{} is listed twice", name(Some(node), i))));
                }
            }
            out.push(Placed { gltf: i, parent, depth, world });
            for child in node.children.iter().flatten().rev() {
                stack.push((child.value(), Some(row)));
            }
        }
        self.skins(&out, &row_of, s)?;
        Ok(out)
    }

    fn count(&mut self, node: &Node) -> Result<(), ModelError> {
        self.visited += 1;
        let primitives = node.mesh.and_then(|m| self.meshes.get(m.value())).map_or(0, |m| m.primitives);
        self.drawn = self.drawn.saturating_add(primitives);
        let joints = node.skin.and_then(|s| self.root.skins.get(s.value())).map_or(0, |s| s.joints.len());
        self.joints = self.joints.saturating_add(joints.saturating_mul(primitives));
        /// Each drawn primitive holds a list of its joints.
        const MOST_JOINTS: usize = 10_000_000;
        for (n, most, what) in [
            (self.visited, self.limits.nodes, "nodes in all scenes together"),
            (self.drawn, self.limits.primitives, "drawn primitives"),
            (self.joints, MOST_JOINTS, "joints of drawn primitives"),
        ] {
            if n > most {
                return Err(ModelError::new(ErrorKind::Limit, "nodes", format!("more than {most} {what}"))
                    .with_remedy("split the model, or simplify it before it is exported"));
            }
        }
        Ok(())
    }

    /// The loader looks every joint up in the scene of its mesh, and panics if it is not there.
    fn skins(&self, nodes: &[Placed], row_of: &[Option<usize>], s: usize) -> Result<(), ModelError> {
        let mut checked = vec![false; self.root.skins.len()];
        for placed in nodes {
            let Some(node) = self.root.nodes.get(placed.gltf) else { continue };
            let Some(skin) = node.skin else {
                // A mesh with joints is drawn by another pipeline, which needs a skin on every node.
                let mesh = node.mesh.map_or(usize::MAX, |m| m.value());
                let with_joints = self.meshes.get(mesh).is_some_and(|m| m.skinned);
                if with_joints && self.on_skin.get(mesh) == Some(&true) {
                    let what = format!("the mesh of {} is used with and without a skin", name(Some(node), placed.gltf));
                    return Err(ModelError::new(ErrorKind::Data, format!("nodes[{}]", placed.gltf), what)
                        .with_remedy("export without skins (armatures), or give the node a mesh of its own"));
                }
                continue;
            };
            match checked.get_mut(skin.value()) {
                Some(done @ false) => *done = true,
                _ => continue,
            }
            let joints = self.root.skins.get(skin.value()).map_or(&[][..], |s| s.joints.as_slice());
            if let Some(lost) = joints.iter().find(|j| row_of.get(j.value()).copied().flatten().is_none()) {
                let what =
                    format!("joint {} is not in scene {s}", name(self.root.nodes.get(lost.value()), lost.value()));
                return Err(ModelError::new(ErrorKind::Data, format!("skins[{}].joints", skin.value()), what)
                    .with_remedy("export the armature with the mesh, or without skins"));
            }
        }
        Ok(())
    }
}

/// The node's own transform.
fn local(node: &Node) -> Matrix {
    if let Some(m) = node.matrix {
        return m.map(f64::from);
    }
    let [tx, ty, tz] = node.translation.unwrap_or_default().map(f64::from);
    let [sx, sy, sz] = node.scale.unwrap_or([1.0; 3]).map(f64::from);
    let [x, y, z, w] = node.rotation.unwrap_or_default().0.map(f64::from);
    [
        sx * (1.0 - 2.0 * (y * y + z * z)),
        sx * 2.0 * (x * y + z * w),
        sx * 2.0 * (x * z - y * w),
        0.0,
        sy * 2.0 * (x * y - z * w),
        sy * (1.0 - 2.0 * (x * x + z * z)),
        sy * 2.0 * (y * z + x * w),
        0.0,
        sz * 2.0 * (x * z + y * w),
        sz * 2.0 * (y * z - x * w),
        sz * (1.0 - 2.0 * (x * x + y * y)),
        0.0,
        tx,
        ty,
        tz,
        1.0,
    ]
}

fn multiply(a: &Matrix, b: &Matrix) -> Matrix {
    let mut out = [0.0; 16];
    for (column, b) in out.chunks_exact_mut(4).zip(b.chunks_exact(4)) {
        for (a, &b) in a.chunks_exact(4).zip(b) {
            for (out, &a) in column.iter_mut().zip(a) {
                *out += a * b;
            }
        }
    }
    out
}

/// The box around a transformed box.
pub(super) fn transform_bounds(world: &Matrix, bounds: [[f64; 3]; 2]) -> [[f64; 3]; 2] {
    let [m00, m10, m20, _, m01, m11, m21, _, m02, m12, m22, _, m03, m13, m23, _] = *world;
    let (mut min, mut max) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
    for corner in 0..8u8 {
        let [[x0, y0, z0], [x1, y1, z1]] = bounds;
        let x = if corner & 1 == 0 { x0 } else { x1 };
        let y = if corner & 2 == 0 { y0 } else { y1 };
        let z = if corner & 4 == 0 { z0 } else { z1 };
        let point =
            [m00 * x + m01 * y + m02 * z + m03, m10 * x + m11 * y + m12 * z + m13, m20 * x + m21 * y + m22 * z + m23];
        for ((min, max), p) in min.iter_mut().zip(&mut max).zip(point) {
            (*min, *max) = (min.min(p), max.max(p));
        }
    }
    [min, max]
}
