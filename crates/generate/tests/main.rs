//! What the models promise to those who use them: what every one does, and what each does beyond that.

#![expect(clippy::unwrap_used, reason = "the helpers of a test fail by panicking, as the test itself does")]

mod every;
mod vane;
mod wind;

use std::collections::BTreeMap;
use twinscope_generate::math::{Place, V3};
use twinscope_generate::mesh::Shape;
use twinscope_generate::scene::{Node, Scene};
use twinscope_generate::{glb, models};

fn model(name: &str) -> Scene {
    models().unwrap().into_iter().find(|scene| scene.name == name).unwrap()
}

/// The JSON chunk of a model's file.
fn json(scene: &Scene) -> serde_json::Value {
    let bytes = glb::write(scene).unwrap();
    assert_eq!(&bytes[..4], b"glTF");
    assert_eq!(bytes.len(), u32::from_le_bytes(bytes[8..12].try_into().unwrap()) as usize);
    let length = u32::from_le_bytes(bytes[12..16].try_into().unwrap()) as usize;
    serde_json::from_slice(&bytes[20..20 + length]).unwrap()
}

fn find<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    if node.name == name { Some(node) } else { node.children.iter().find_map(|child| find(child, name)) }
}

/// All points of the solids that a node and its children show, in the world.
fn world_points(scene: &Scene, name: &str) -> Vec<V3> {
    let wanted = find(&scene.root, name).unwrap();
    let mut inside = vec![];
    let mut names = vec![];
    fn collect(node: &Node, names: &mut Vec<String>) {
        names.push(node.name.clone());
        node.children.iter().for_each(|child| collect(child, names));
    }
    collect(wanted, &mut names);
    scene.walk(&mut |node, place| {
        if names.contains(&node.name)
            && let Some(part) = scene.part_of(node)
        {
            inside.extend(part.solids.iter().flat_map(|(_, shape)| shape.points.iter().map(|p| place.point(*p))));
        }
    });
    inside
}

fn origin_of(scene: &Scene, name: &str) -> Place {
    let mut found = None;
    scene.walk(&mut |node, place| {
        if node.name == name {
            found = Some(*place);
        }
    });
    found.unwrap()
}

/// How often each directed edge occurs, with corners welded by position.
fn edges<'a>(shapes: impl Iterator<Item = &'a Shape>) -> BTreeMap<([i64; 3], [i64; 3]), u32> {
    let mut edges = BTreeMap::new();
    for shape in shapes {
        let key = |i: u32| {
            let p = shape.at(i);
            [p.x, p.y, p.z].map(|c| (c * 1e6).round() as i64)
        };
        for &[a, b, c] in &shape.faces {
            for (from, to) in [(a, b), (b, c), (c, a)] {
                *edges.entry((key(from), key(to))).or_insert(0) += 1;
            }
        }
    }
    edges
}

fn is_closed(edges: &BTreeMap<([i64; 3], [i64; 3]), u32>) -> bool {
    edges.iter().all(|(&(a, b), &count)| count == 1 && edges.get(&(b, a)) == Some(&1))
}
