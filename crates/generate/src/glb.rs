//! The binary glTF file.
//!
//! One buffer with up to six views (positions, normals, texture coordinates, fields, 16-bit and 32-bit indices), one
//! primitive for each material of a part. A field is a scalar attribute `_NAME`; where it is not known on a part of a
//! surface, that part is a primitive of its own without the attribute. No textures, no extensions: every viewer reads it.

mod known;

use crate::mesh::{FieldLabel, Shaded, shade};
use crate::scene::{Material, Node, Part, Scene};
use serde::Serialize;
use std::collections::BTreeMap;

const ARRAY_BUFFER: u32 = 34962;
const ELEMENT_ARRAY_BUFFER: u32 = 34963;
const FLOAT: u32 = 5126;
const U16: u32 = 5123;
const U32: u32 = 5125;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    asset: Asset,
    scene: usize,
    scenes: Vec<SceneJson>,
    nodes: Vec<NodeJson>,
    meshes: Vec<MeshJson>,
    materials: Vec<MaterialJson>,
    accessors: Vec<Accessor>,
    buffer_views: Vec<View>,
    buffers: Vec<BufferJson>,
}

#[derive(Serialize)]
struct Asset {
    version: &'static str,
    generator: &'static str,
    copyright: &'static str,
}

#[derive(Serialize)]
struct SceneJson {
    name: &'static str,
    nodes: Vec<usize>,
}

#[derive(Serialize)]
struct NodeJson {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    translation: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotation: Option<[f64; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mesh: Option<usize>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    children: Vec<usize>,
    extras: Extras,
}

#[derive(Serialize)]
struct Extras {
    #[serde(skip_serializing_if = "Option::is_none")]
    part_id: Option<String>,
    name: String,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    axis: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mass_kg: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    material: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
}

#[derive(Serialize)]
struct MeshJson {
    name: String,
    primitives: Vec<Primitive>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extras: Option<MeshExtras>,
}

#[derive(Serialize)]
struct MeshExtras {
    fields: BTreeMap<&'static str, FieldJson>,
}

#[derive(Serialize)]
struct FieldJson {
    name: &'static str,
    unit: &'static str,
    source: &'static str,
}

#[derive(Serialize)]
struct Primitive {
    attributes: Attributes,
    indices: usize,
    material: usize,
}

#[derive(Serialize)]
struct Attributes {
    #[serde(rename = "POSITION")]
    position: usize,
    #[serde(rename = "NORMAL")]
    normal: usize,
    #[serde(rename = "TEXCOORD_0", skip_serializing_if = "Option::is_none")]
    texture: Option<usize>,
    #[serde(flatten)]
    fields: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MaterialJson {
    name: &'static str,
    pbr_metallic_roughness: Pbr,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Pbr {
    base_color_factor: [f64; 4],
    metallic_factor: f64,
    roughness_factor: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Accessor {
    buffer_view: usize,
    byte_offset: usize,
    component_type: u32,
    count: usize,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    min: Option<[f64; 3]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max: Option<[f64; 3]>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    buffer: usize,
    byte_offset: usize,
    byte_length: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_stride: Option<u32>,
    target: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BufferJson {
    byte_length: usize,
}

/// The streams while they grow. View 0 holds positions, 1 normals, 2 long and 3 short indices, 4 texture coordinates,
/// 5 fields.
#[derive(Default)]
struct Streams {
    positions: Vec<u8>,
    normals: Vec<u8>,
    long: Vec<u8>,
    short: Vec<u8>,
    textures: Vec<u8>,
    fields: Vec<u8>,
    accessors: Vec<Accessor>,
}

impl Streams {
    /// The primitives of a part in one material: one, or several where its fields are not known everywhere.
    fn primitives(&mut self, part: &Part, material: Material, index: usize) -> Vec<Primitive> {
        let mut shaded = Shaded::default();
        for (_, shape) in part.solids.iter().filter(|(m, _)| *m == material) {
            shade(shape, &mut shaded);
        }
        known::split(shaded).iter().filter_map(|shaded| self.primitive(shaded, index)).collect()
    }

    fn primitive(&mut self, shaded: &Shaded, index: usize) -> Option<Primitive> {
        if shaded.indices.is_empty() {
            return None;
        }
        let position = self.vectors(&shaded.positions, true);
        let normal = self.vectors(&shaded.normals, false);
        let texture = (!shaded.texture.is_empty()).then(|| self.texture(&shaded.texture));
        let fields = shaded.values.iter().map(|(label, values)| (label.attribute, self.scalars(values))).collect();
        let indices = self.indices(shaded);
        Some(Primitive { attributes: Attributes { position, normal, texture, fields }, indices, material: index })
    }

    fn scalars(&mut self, values: &[f32]) -> usize {
        let byte_offset = self.fields.len();
        self.fields.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self.accessors.push(Accessor {
            buffer_view: 5,
            byte_offset,
            component_type: FLOAT,
            count: values.len(),
            r#type: "SCALAR",
            min: None,
            max: None,
        });
        self.accessors.len() - 1
    }

    fn vectors(&mut self, values: &[[f32; 3]], are_positions: bool) -> usize {
        let (stream, view) = if are_positions { (&mut self.positions, 0) } else { (&mut self.normals, 1) };
        let byte_offset = stream.len();
        let (mut min, mut max) = ([f64::MAX; 3], [f64::MIN; 3]);
        for value in values {
            for (axis, c) in value.iter().enumerate() {
                stream.extend_from_slice(&c.to_le_bytes());
                min[axis] = min[axis].min(f64::from(*c));
                max[axis] = max[axis].max(f64::from(*c));
            }
        }
        self.accessors.push(Accessor {
            buffer_view: view,
            byte_offset,
            component_type: FLOAT,
            count: values.len(),
            r#type: "VEC3",
            min: are_positions.then_some(min),
            max: are_positions.then_some(max),
        });
        self.accessors.len() - 1
    }

    fn texture(&mut self, values: &[[f32; 2]]) -> usize {
        let byte_offset = self.textures.len();
        self.textures.extend(values.iter().flatten().flat_map(|c| c.to_le_bytes()));
        self.accessors.push(Accessor {
            buffer_view: 4,
            byte_offset,
            component_type: FLOAT,
            count: values.len(),
            r#type: "VEC2",
            min: None,
            max: None,
        });
        self.accessors.len() - 1
    }

    fn indices(&mut self, shaded: &Shaded) -> usize {
        // 65,535 itself is the primitive restart value.
        let short = shaded.positions.len() <= 65_535;
        let (stream, view, component_type) = if short { (&mut self.short, 3, U16) } else { (&mut self.long, 2, U32) };
        let byte_offset = stream.len();
        for &i in &shaded.indices {
            if short {
                stream.extend_from_slice(&(i as u16).to_le_bytes());
            } else {
                stream.extend_from_slice(&i.to_le_bytes());
            }
        }
        self.accessors.push(Accessor {
            buffer_view: view,
            byte_offset,
            component_type,
            count: shaded.indices.len(),
            r#type: "SCALAR",
            min: None,
            max: None,
        });
        self.accessors.len() - 1
    }
}

/// A serial number that follows from the part's id (FNV-1a, Fowler, Noll and Vo 1991), recognisably made up.
fn serial(part: &str) -> String {
    let hash = part.bytes().fold(0x811c_9dc5_u32, |h, byte| (h ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("EX-{:06}", hash % 1_000_000)
}

/// Three significant figures: the solids do not say more.
fn rounded(mass: f64) -> f64 {
    let step = libm::pow(10.0, libm::floor(libm::log10(mass.max(1e-3))) - 2.0);
    // A whole number of steps, then without the dust that a factor of 0.1 leaves.
    (libm::round(mass / step) * step * 1e6).round() / 1e6
}

fn extras(node: &Node, scene: &Scene) -> Extras {
    let masses = node.meta.map(|_| scene.masses(node)).unwrap_or_default();
    let total: f64 = masses.iter().map(|(_, mass)| mass).sum();
    Extras {
        part_id: node.part_id.clone(),
        name: node.label.clone(),
        kind: node.kind,
        axis: node.axis.map(|a| [a.x, a.y, a.z]),
        mass_kg: node.meta.map(|meta| meta.mass_kg.unwrap_or_else(|| rounded(total))),
        material: node.meta.and_then(|meta| meta.material.or_else(|| masses.first().map(|(name, _)| *name))),
        supplier: node.meta.map(|meta| meta.supplier),
        serial: node.meta.map(|_| serial(node.part_id.as_deref().unwrap_or(&node.name))),
    }
}

fn flatten(node: &Node, scene: &Scene, nodes: &mut Vec<NodeJson>) -> usize {
    let t = node.translation;
    let index = nodes.len();
    nodes.push(NodeJson {
        name: node.name.clone(),
        translation: (t.length() > 0.0).then_some([t.x, t.y, t.z]),
        rotation: (node.rotation != [0.0, 0.0, 0.0, 1.0]).then_some(node.rotation),
        mesh: node.mesh,
        children: Vec::new(),
        extras: extras(node, scene),
    });
    let children = node.children.iter().map(|child| flatten(child, scene, nodes)).collect();
    if let Some(entry) = nodes.get_mut(index) {
        entry.children = children;
    }
    index
}

/// What the fields of a part are.
fn mesh_extras(part: &Part) -> Option<MeshExtras> {
    let labels = part.solids.iter().flat_map(|(_, shape)| shape.values.iter().map(|&(label, _)| label));
    let json = |&FieldLabel { attribute, name, unit, source }| (attribute, FieldJson { name, unit, source });
    let fields: BTreeMap<_, _> = labels.map(json).collect();
    (!fields.is_empty()).then_some(MeshExtras { fields })
}

fn pad(bytes: &mut Vec<u8>, with: u8) {
    while !bytes.len().is_multiple_of(4) {
        bytes.push(with);
    }
}

/// The file's bytes.
///
/// # Errors
/// When a number of the scene cannot be written as JSON (not finite).
pub fn write(scene: &Scene) -> Result<Vec<u8>, serde_json::Error> {
    let mut streams = Streams::default();
    let shows =
        |material: &Material| scene.meshes.iter().any(|(_, part)| part.solids.iter().any(|(m, _)| m == material));
    let materials: Vec<Material> = Material::ALL.into_iter().filter(shows).collect();
    let meshes = scene
        .meshes
        .iter()
        .map(|(name, part)| MeshJson {
            name: name.clone(),
            primitives: materials
                .iter()
                .enumerate()
                .flat_map(|(index, &material)| streams.primitives(part, material, index))
                .collect(),
            extras: mesh_extras(part),
        })
        .collect();
    let mut nodes = Vec::new();
    let root = flatten(&scene.root, scene, &mut nodes);

    let mut binary = Vec::new();
    let mut views = Vec::new();
    let mut accessors = streams.accessors;
    let parts = [
        (streams.positions, Some(12), ARRAY_BUFFER),
        (streams.normals, Some(12), ARRAY_BUFFER),
        (streams.long, None, ELEMENT_ARRAY_BUFFER),
        (streams.short, None, ELEMENT_ARRAY_BUFFER),
        (streams.textures, Some(8), ARRAY_BUFFER),
        (streams.fields, Some(4), ARRAY_BUFFER),
    ];
    for (view, (bytes, byte_stride, target)) in parts.into_iter().enumerate() {
        if bytes.is_empty() {
            continue;
        }
        for accessor in accessors.iter_mut().filter(|a| a.buffer_view == view) {
            // A stream that stayed empty has no view, so the later ones move up.
            accessor.buffer_view = views.len();
        }
        views.push(View { buffer: 0, byte_offset: binary.len(), byte_length: bytes.len(), byte_stride, target });
        binary.extend(bytes);
        pad(&mut binary, 0);
    }

    let document = Document {
        asset: Asset { version: "2.0", generator: "twinscope-generate", copyright: scene.credit },
        scene: 0,
        scenes: vec![SceneJson { name: scene.name, nodes: vec![root] }],
        nodes,
        meshes,
        materials: materials
            .iter()
            .map(|material| {
                let surface = material.surface();
                let [r, g, b] = surface.colour;
                MaterialJson {
                    name: surface.name,
                    pbr_metallic_roughness: Pbr {
                        base_color_factor: [r, g, b, 1.0],
                        metallic_factor: surface.metallic,
                        roughness_factor: surface.roughness,
                    },
                }
            })
            .collect(),
        accessors,
        buffer_views: views,
        buffers: vec![BufferJson { byte_length: binary.len() }],
    };
    let mut json = serde_json::to_vec(&document)?;
    pad(&mut json, b' ');

    let mut file = Vec::with_capacity(28 + json.len() + binary.len());
    let total = 12 + 8 + json.len() + 8 + binary.len();
    file.extend_from_slice(b"glTF");
    for word in [2, total as u32, json.len() as u32] {
        file.extend_from_slice(&word.to_le_bytes());
    }
    file.extend_from_slice(b"JSON");
    file.extend(json);
    file.extend_from_slice(&(binary.len() as u32).to_le_bytes());
    file.extend_from_slice(b"BIN\0");
    file.extend(binary);
    Ok(file)
}
