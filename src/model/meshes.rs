//! Meshes: that the loader and the renderer can take them without a panic, and how large they are.

use gltf::json::accessor::{ComponentType, Type};
use gltf::json::mesh::{Mode, Primitive, Semantic};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Root};

use super::data::{Elements, missing_index};
use super::error::{ErrorKind, ModelError};
use super::limits::Limits;

/// Morph targets and joints that the renderer has room for (`MAX_MORPH_WEIGHTS`, `MAX_JOINTS` of Bevy 0.19).
pub(super) const MOST_TARGETS: usize = 256;

/// What is known of a mesh after its check.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct MeshInfo {
    /// Number of primitives: each becomes one drawn entity.
    pub primitives: usize,
    /// Triangles of all its primitives.
    pub triangles: u64,
    /// Vertices of all its primitives.
    pub vertices: u64,
    /// Smallest and largest corner, in the mesh's own space.
    pub bounds: Option<[[f64; 3]; 2]>,
    /// It has joints: it may only be drawn with a skin.
    pub skinned: bool,
}

/// Checks all meshes.
pub(super) fn check(
    root: &Root,
    elements: &[Elements<'_>],
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Result<Vec<MeshInfo>, ModelError> {
    let mut checker = Checker {
        root,
        elements,
        limits,
        extents: vec![None; elements.len()],
        largest: vec![None; elements.len()],
        flat: 0,
        flat_morphs: 0,
        uneven: 0,
        other_formats: 0,
        loose_bounds: 0,
        vertices: 0,
        triangles: 0,
    };
    let mut out = Vec::with_capacity(root.meshes.len());
    for (m, mesh) in root.meshes.iter().enumerate() {
        let mut info = MeshInfo::default();
        if mesh.primitives.is_empty() {
            warnings.push(format!("meshes[{m}] has no primitives: nothing of it is drawn"));
        }
        if mesh.weights.as_ref().is_some_and(|w| w.len() > MOST_TARGETS) {
            return Err(too_many_targets(format!("meshes[{m}].weights")));
        }
        for (p, primitive) in mesh.primitives.iter().enumerate() {
            checker.primitive(primitive, &format!("meshes[{m}].primitives[{p}]"), &mut info)?;
        }
        out.push(info);
    }
    checker.report(warnings);
    Ok(out)
}

fn too_many_targets(place: String) -> ModelError {
    ModelError::new(ErrorKind::Limit, place, format!("more than {MOST_TARGETS} morph targets"))
        .with_remedy("export without shape keys (morph targets)")
}

fn bad(place: &str, what: impl Into<String>) -> ModelError {
    ModelError::new(ErrorKind::Data, place, what)
        .with_remedy("export the model again; `npx gltf-validator` shows every such mistake")
}

struct Checker<'a> {
    root: &'a Root,
    elements: &'a [Elements<'a>],
    limits: &'a Limits,
    /// Extent of positions by accessor: many primitives may share one.
    extents: Vec<Option<[[f64; 3]; 2]>>,
    /// Largest index by accessor.
    largest: Vec<Option<u32>>,
    flat: usize,
    flat_morphs: usize,
    uneven: usize,
    other_formats: usize,
    loose_bounds: usize,
    vertices: u64,
    triangles: u64,
}

impl Checker<'_> {
    fn primitive(&mut self, primitive: &Primitive, place: &str, info: &mut MeshInfo) -> Result<(), ModelError> {
        let mode = match &primitive.mode {
            Checked::Valid(Mode::LineLoop) => return Err(unsupported(place, "a line loop")),
            Checked::Valid(Mode::TriangleFan) => return Err(unsupported(place, "a triangle fan")),
            Checked::Valid(mode) => *mode,
            Checked::Invalid => return Err(bad(place, "the mode is none of glTF's")),
        };
        let (count, bounds) = self.positions(primitive, place)?;
        let mut has_normals = false;
        for (semantic, index) in &primitive.attributes {
            let Checked::Valid(semantic) = semantic else {
                return Err(bad(place, "an attribute has a name that is none of glTF's")
                    .with_remedy("names of one's own must start with an underscore"));
            };
            let place = || format!("{place}.attributes.{}", semantic.to_string());
            let Some(data) = self.elements.get(index.value()) else {
                return Err(missing_index(place(), "accessor", index.value()));
            };
            if data.count != count {
                return Err(bad(&place(), format!("{} values for {count} vertices", data.count)));
            }
            info.skinned |= *semantic == Semantic::Joints(0);
            let usual = match semantic {
                Semantic::Normals => data.is(ComponentType::F32, Type::Vec3),
                Semantic::Tangents => data.is(ComponentType::F32, Type::Vec4),
                Semantic::TexCoords(0 | 1) => data.shape == Type::Vec2,
                _ => true,
            };
            has_normals |= usual && *semantic == Semantic::Normals;
            self.other_formats += usize::from(!usual);
        }
        let drawn = match primitive.indices {
            Some(index) => self.indices(index.value(), count, place)?,
            None => count,
        };
        self.targets(primitive, count, place)?;

        let flat = !has_normals && mode == Mode::Triangles;
        self.flat += usize::from(flat);
        self.flat_morphs += usize::from(flat && primitive.targets.as_ref().is_some_and(|t| !t.is_empty()));
        let triangles = match mode {
            Mode::Triangles => {
                self.uneven += usize::from(drawn % 3 != 0);
                drawn / 3
            }
            Mode::TriangleStrip => drawn.saturating_sub(2),
            _ => 0,
        } as u64;
        // Without normals the loader gives every corner its own vertex.
        let vertices = if flat { drawn.max(count) } else { count } as u64;
        self.vertices = self.vertices.saturating_add(vertices);
        self.triangles = self.triangles.saturating_add(triangles);
        // Indices take memory as well, whatever they draw.
        self.within(self.vertices.max(drawn as u64), self.limits.vertices, "vertices")?;
        self.within(self.triangles, self.limits.triangles, "triangles")?;

        info.primitives += 1;
        info.triangles += triangles;
        info.vertices += vertices;
        info.bounds = Some(info.bounds.map_or(bounds, |b| union(b, bounds)));
        Ok(())
    }

    fn within(&self, n: u64, most: u64, what: &str) -> Result<(), ModelError> {
        if n <= most {
            return Ok(());
        }
        Err(ModelError::new(ErrorKind::Limit, "meshes", format!("more than {most} {what}"))
            .with_remedy("simplify the model before it is exported (Blender: Decimate)"))
    }

    fn positions(&mut self, primitive: &Primitive, place: &str) -> Result<(usize, [[f64; 3]; 2]), ModelError> {
        let Some(index) = primitive.attributes.get(&Checked::Valid(Semantic::Positions)) else {
            return Err(bad(place, "it has no POSITION attribute").with_remedy(
                "export the mesh with its vertices; compressed models must be decoded before they are loaded",
            ));
        };
        let index = index.value();
        let place = format!("{place}.attributes.POSITION");
        let (Some(data), Some(accessor)) = (self.elements.get(index), self.root.accessors.get(index)) else {
            return Err(missing_index(place, "accessor", index));
        };
        if !data.is(ComponentType::F32, Type::Vec3) {
            return Err(bad(&place, "positions are not float vectors (quantized?)").with_remedy(
                "export without quantization, or run `npx @gltf-transform/cli dequantize in.glb out.glb`",
            ));
        }
        let (declared, place) = (declared_bounds(accessor, index)?, format!("accessors[{index}]"));
        let extent = match self.extents.get(index).copied().flatten() {
            Some(extent) => extent,
            None => {
                let extent = data.extent().map_err(|n| {
                    ModelError::new(ErrorKind::Number, place.as_str(), format!("{n} of its positions are not finite"))
                        .with_remedy(
                            "remove broken vertices (Blender: Mesh > Clean Up > Delete Loose) and export again",
                        )
                })?;
                // The loader culls by the declared bounds: smaller ones make parts vanish at the screen's edge.
                let size = (0..3).map(|k| corner(extent[1], k) - corner(extent[0], k)).fold(0.0, f64::max);
                let slack = (size * 1e-3).max(1e-4);
                let outside = (0..3).any(|k| {
                    corner(extent[0], k) < corner(declared[0], k) - slack
                        || corner(extent[1], k) > corner(declared[1], k) + slack
                });
                self.loose_bounds += usize::from(outside);
                if let Some(memo) = self.extents.get_mut(index) {
                    *memo = Some(extent);
                }
                extent
            }
        };
        for bounds in [declared, extent] {
            if bounds.iter().flatten().any(|x| x.abs() > self.limits.coordinate) {
                return Err(ModelError::new(
                    ErrorKind::Number,
                    place,
                    format!("positions beyond {:e} m", self.limits.coordinate),
                )
                .with_remedy("move the model to its origin and export in metres"));
            }
        }
        Ok((data.count, extent))
    }

    fn indices(&mut self, index: usize, vertices: usize, place: &str) -> Result<usize, ModelError> {
        let place = format!("{place}.indices");
        let Some(data) = self.elements.get(index) else {
            return Err(missing_index(place, "accessor", index));
        };
        let unsigned = matches!(data.component, ComponentType::U8 | ComponentType::U16 | ComponentType::U32);
        if !unsigned || data.shape != Type::Scalar || data.normalized {
            return Err(bad(&place, "indices are not unsigned scalars"));
        }
        let largest = match self.largest.get(index).copied().flatten() {
            Some(largest) => largest,
            None => {
                let largest = data.largest().unwrap_or(0);
                if let Some(memo) = self.largest.get_mut(index) {
                    *memo = Some(largest);
                }
                largest
            }
        };
        if largest as usize >= vertices {
            return Err(bad(&place, format!("index {largest} of {vertices} vertices")));
        }
        Ok(data.count)
    }

    fn targets(&mut self, primitive: &Primitive, vertices: usize, place: &str) -> Result<(), ModelError> {
        let targets = primitive.targets.as_deref().unwrap_or_default();
        if targets.len() > MOST_TARGETS {
            return Err(too_many_targets(format!("{place}.targets")));
        }
        for (t, target) in targets.iter().enumerate() {
            // It would take up a number and no room: all later targets would be read from the wrong place.
            if target.positions.is_none() && target.normals.is_none() && target.tangents.is_none() {
                return Err(bad(
                    &format!("{place}.targets[{t}]"),
                    "a morph target without positions, normals or tangents",
                ));
            }
            for index in [&target.positions, &target.normals, &target.tangents].into_iter().flatten() {
                let place = format!("{place}.targets[{t}]");
                let Some(data) = self.elements.get(index.value()) else {
                    return Err(missing_index(place, "accessor", index.value()));
                };
                if !data.is(ComponentType::F32, Type::Vec3) || data.count != vertices {
                    return Err(bad(&place, format!("a morph target is not {vertices} float vectors")));
                }
                self.vertices = self.vertices.saturating_add(vertices as u64);
            }
        }
        Ok(())
    }

    fn report(&self, warnings: &mut Vec<String>) {
        let mut say = |n: usize, what: &str| {
            if n > 0 {
                warnings.push(format!("{n} {} {what}", if n == 1 { "primitive" } else { "primitives" }));
            }
        };
        say(self.flat, "without normals: drawn with flat faces, with up to three times the vertices");
        say(self.flat_morphs, "with morph targets and without normals: they change shape wrongly");
        say(self.uneven, "with a number of corners that is no multiple of three: the last ones are not drawn");
        say(self.other_formats, "with normals, tangents or texture coordinates in a format that is not read");
        say(self.loose_bounds, "larger than its bounds say: it may vanish at the edge of the screen");
    }
}

fn unsupported(place: &str, what: &str) -> ModelError {
    ModelError::new(ErrorKind::Primitive, place, format!("{what} is not drawn by this renderer"))
        .with_remedy("export the mesh as triangles, lines as line lists or strips")
}

fn corner(point: [f64; 3], axis: usize) -> f64 {
    point.get(axis).copied().unwrap_or(0.0)
}

/// `min` and `max` of a position accessor, which the loader unwraps.
fn declared_bounds(accessor: &Accessor, index: usize) -> Result<[[f64; 3]; 2], ModelError> {
    let read = |value: Option<&gltf::json::Value>, key: &str| -> Result<[f64; 3], ModelError> {
        let place = format!("accessors[{index}].{key}");
        let Some(value) = value else {
            return Err(bad(&place, "positions without bounds"));
        };
        let numbers: Option<Vec<f64>> = value.as_array().and_then(|a| a.iter().map(|x| x.as_f64()).collect());
        let point: Option<[f64; 3]> = numbers.and_then(|n| n.try_into().ok());
        match point {
            Some(point) if point.iter().all(|x| x.is_finite()) => Ok(point),
            _ => Err(bad(&place, "the bounds are not three numbers")),
        }
    };
    Ok([read(accessor.min.as_ref(), "min")?, read(accessor.max.as_ref(), "max")?])
}

/// The box around two boxes.
pub(super) fn union(a: [[f64; 3]; 2], b: [[f64; 3]; 2]) -> [[f64; 3]; 2] {
    let pick = |x: [f64; 3], y: [f64; 3], f: fn(f64, f64) -> f64| {
        let mut out = x;
        for (o, y) in out.iter_mut().zip(y) {
            *o = f(*o, y);
        }
        out
    };
    [pick(a[0], b[0], f64::min), pick(a[1], b[1], f64::max)]
}
