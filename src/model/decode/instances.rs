//! `EXT_mesh_gpu_instancing`: one node that stands for many, made into a node for each, all with the same mesh.

use gltf::json::accessor::Type;
use gltf::json::scene::UnitQuaternion;
use gltf::json::{Index, Node, Root, Value};
use serde_json::value::RawValue;

use super::{Work, bad, index};
use crate::model::data::missing_index;
use crate::model::error::{ErrorKind, ModelError};
use crate::model::head::too_many;

pub(super) const NAME: &str = "EXT_mesh_gpu_instancing";

/// Some node stands for many.
pub(super) fn found(root: &Root) -> bool {
    root.nodes.iter().any(|node| node.extensions.as_ref().is_some_and(|e| e.others.contains_key(NAME)))
}

/// Gives each of them its own node: a child of the one that stood for them, called as it with a number (`Bolt#1`).
pub(super) fn run(work: &mut Work<'_>) -> Result<(), ModelError> {
    let (mut groups, mut made) = (0, 0);
    for i in 0..work.root.nodes.len() {
        let Some(node) = work.root.nodes.get_mut(i) else { continue };
        let Some(extension) = node.extensions.as_mut().and_then(|e| e.others.remove(NAME)) else { continue };
        // Without a mesh there is nothing to repeat.
        let Some(mesh) = node.mesh else { continue };
        let place = format!("nodes[{i}].extensions.{NAME}");
        let instances = Instances::read(work, &extension, &place)?;
        if work.root.nodes.len().saturating_add(instances.count) > work.limits.nodes {
            return Err(too_many(&place, "nodes, with all instances", work.limits.nodes));
        }
        // Names, and what the JSON takes of each.
        work.charge(instances.count, 256, &place)?;
        let Some(node) = work.root.nodes.get(i) else { continue };
        let mesh_name = work.root.meshes.get(mesh.value()).and_then(|mesh| mesh.name.clone());
        let name = node.name.clone().or(mesh_name).unwrap_or_else(|| format!("GltfNode{i}"));
        let (skin, weights) = (node.skin, node.weights.clone());
        let first = work.root.nodes.len();
        for n in 0..instances.count {
            work.root.nodes.push(Node {
                mesh: Some(mesh),
                skin,
                weights: weights.clone(),
                name: Some(format!("{name}#{}", n + 1)),
                ..instances.node(n)
            });
        }
        let children = (first..first + instances.count).map(index).collect::<Result<Vec<Index<Node>>, _>>()?;
        if let Some(node) = work.root.nodes.get_mut(i) {
            (node.mesh, node.skin, node.weights) = (None, None, None);
            node.children.get_or_insert_default().extend(children);
        }
        groups += 1;
        made += instances.count;
    }
    if groups > 0 {
        work.done.push(format!("{made} instances of {groups} node{}", if groups == 1 { "" } else { "s" }));
    }
    Ok(())
}

/// Where the instances of a node stand.
#[derive(Default)]
struct Instances {
    count: usize,
    translation: Option<Vec<f32>>,
    rotation: Option<Vec<f32>>,
    scale: Option<Vec<f32>>,
    /// Values of one's own, one for each instance, by name.
    values: Vec<(String, Vec<f32>)>,
}

impl Instances {
    fn read(work: &mut Work<'_>, extension: &Value, place: &str) -> Result<Self, ModelError> {
        let attributes = extension.get("attributes").and_then(Value::as_object);
        let attributes = attributes.ok_or_else(|| bad(place, "attributes are missing"))?;
        let mut out = Self::default();
        for (name, value) in attributes {
            let place = format!("{place}.attributes.{name}");
            let accessor = value.as_u64().and_then(|n| usize::try_from(n).ok());
            let accessor = accessor.ok_or_else(|| bad(place.as_str(), "it is no number of an accessor"))?;
            if accessor >= work.root.accessors.len() {
                return Err(missing_index(place, "accessor", accessor));
            }
            let elements = work.elements(accessor, &place)?;
            let (count, shape) = (elements.count, elements.shape);
            if out.count != 0 && out.count != count {
                return Err(bad(place, format!("{count} values for {} instances", out.count)));
            }
            if count > work.limits.nodes {
                return Err(too_many(&place, "instances", work.limits.nodes));
            }
            out.count = count;
            let fits = match name.as_str() {
                "TRANSLATION" | "SCALE" => shape == Type::Vec3,
                "ROTATION" => shape == Type::Vec4,
                // Vectors of one's own have no place in the extras of a part.
                _ if shape != Type::Scalar => continue,
                _ => true,
            };
            if !fits {
                return Err(bad(place, "it is of the wrong type"));
            }
            work.charge(count, 4 * shape.multiplicity(), &place)?;
            let values = work.elements(accessor, &place)?.floats();
            if !values.iter().all(|x| x.is_finite()) {
                return Err(ModelError::new(ErrorKind::Number, place, "a number is not finite")
                    .with_remedy("export the model again"));
            }
            match name.as_str() {
                "TRANSLATION" => out.translation = Some(values),
                "ROTATION" => out.rotation = Some(values),
                "SCALE" => out.scale = Some(values),
                _ => out.values.push((name.clone(), values)),
            }
        }
        if out.count == 0 {
            return Err(bad(place, "it has no instances"));
        }
        Ok(out)
    }

    fn node(&self, n: usize) -> Node {
        fn row<const N: usize>(values: Option<&Vec<f32>>, n: usize) -> Option<[f32; N]> {
            values?.get(n * N..n * N + N)?.try_into().ok()
        }
        let extras: serde_json::Map<String, Value> = self
            .values
            .iter()
            .filter_map(|(name, values)| Some((name.clone(), Value::from(*values.get(n)?))))
            .collect();
        Node {
            translation: row(self.translation.as_ref(), n),
            rotation: row(self.rotation.as_ref(), n).map(|q: [f32; 4]| UnitQuaternion(unit(q))),
            scale: row(self.scale.as_ref(), n),
            extras: (!extras.is_empty()).then(|| RawValue::from_string(Value::from(extras).to_string()).ok()).flatten(),
            ..Node::default()
        }
    }
}

/// A quaternion of length 1: those of few bits are a little off. What is no rotation at all is left to the check.
fn unit(q: [f32; 4]) -> [f32; 4] {
    let length = q.iter().map(|x| x * x).sum::<f32>().sqrt();
    if (0.5..=2.0).contains(&length) { q.map(|x| x / length) } else { q }
}
