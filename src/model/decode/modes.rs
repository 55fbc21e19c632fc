//! Fans, strips and loops: made into single triangles, and lines.
//!
//! The loader refuses a whole file for a fan or a loop; strips it draws, but nothing can be picked on them.

use std::collections::HashMap;

use gltf::json::mesh::{Mode, Primitive, Semantic};
use gltf::json::validation::Checked;
use gltf::json::{Accessor, Index, Root};

use super::{New, Work};
use crate::model::error::ModelError;

fn mode_of(primitive: &Primitive) -> Option<Mode> {
    match &primitive.mode {
        Checked::Valid(mode @ (Mode::TriangleFan | Mode::TriangleStrip | Mode::LineLoop)) => Some(*mode),
        _ => None,
    }
}

/// Some primitive is drawn so.
pub(super) fn found(root: &Root) -> bool {
    root.meshes.iter().flat_map(|mesh| &mesh.primitives).any(|primitive| mode_of(primitive).is_some())
}

/// Makes triangles and lines of them.
pub(super) fn run(work: &mut Work<'_>) -> Result<(), ModelError> {
    // By the indices, or the number of vertices where there are none.
    let mut made: HashMap<(Mode2, Option<usize>, usize), Index<Accessor>> = HashMap::new();
    let mut meshes = std::mem::take(&mut work.root.meshes);
    let mut done = 0;
    for (m, mesh) in meshes.iter_mut().enumerate() {
        for (p, primitive) in mesh.primitives.iter_mut().enumerate() {
            let Some(mode) = mode_of(primitive) else { continue };
            let place = format!("meshes[{m}].primitives[{p}]");
            let list = primitive.indices.map(|index| index.value());
            // Without positions it is refused later, with its reason.
            let positions = primitive.attributes.get(&Checked::Valid(Semantic::Positions));
            let Some(positions) = positions.map(|index| index.value()) else { continue };
            let count = work.elements(list.unwrap_or(positions), &place)?.count;
            let key = (Mode2::from(mode), list, count);
            primitive.indices = Some(match made.get(&key) {
                Some(&known) => known,
                None => {
                    // What is made, and what it is made of on the way.
                    work.charge(count, 16, &place)?;
                    let corners = match list {
                        Some(list) => work.elements(list, &place)?.unsigned(),
                        None => (0..u32::try_from(count).unwrap_or(u32::MAX)).collect(),
                    };
                    let new = work.add_accessor(New::indices(&single(mode, &corners)))?;
                    made.insert(key, new);
                    new
                }
            });
            primitive.mode = Checked::Valid(if mode == Mode::LineLoop { Mode::LineStrip } else { Mode::Triangles });
            done += 1;
        }
    }
    work.root.meshes = meshes;
    work.tell(done, "fan, strip or loop", "as single triangles and lines");
    Ok(())
}

/// [`Mode`] as a key: it has no hash of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Mode2 {
    Fan,
    Strip,
    Loop,
}

impl From<Mode> for Mode2 {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::TriangleFan => Self::Fan,
            Mode::TriangleStrip => Self::Strip,
            _ => Self::Loop,
        }
    }
}

/// Corners of single triangles (glTF 2.0, section 3.7.2.1); for a loop, its corners and the first one again.
fn single(mode: Mode, corners: &[u32]) -> Vec<u32> {
    match (mode, corners) {
        (Mode::TriangleFan, [hub, rim @ ..]) => {
            rim.windows(2).filter_map(|pair| Some([*pair.first()?, *pair.get(1)?, *hub])).flatten().collect()
        }
        (Mode::TriangleStrip, _) => corners
            .windows(3)
            .enumerate()
            .filter_map(|(i, three)| match *three {
                [a, b, c] if i % 2 == 0 => Some([a, b, c]),
                [a, b, c] => Some([a, c, b]),
                _ => None,
            })
            .flatten()
            .collect(),
        (_, [first, ..]) => corners.iter().copied().chain([*first]).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fan_turns_around_its_first_corner() {
        assert_eq!(single(Mode::TriangleFan, &[9, 1, 2, 3]), [1, 2, 9, 2, 3, 9]);
        assert_eq!(single(Mode::TriangleFan, &[9, 1]).len(), 0);
    }

    #[test]
    fn every_second_triangle_of_a_strip_is_turned() {
        assert_eq!(single(Mode::TriangleStrip, &[0, 1, 2, 3, 4]), [0, 1, 2, 1, 3, 2, 2, 3, 4]);
        assert_eq!(single(Mode::TriangleStrip, &[0, 1]).len(), 0);
    }

    #[test]
    fn a_loop_ends_where_it_began() {
        assert_eq!(single(Mode::LineLoop, &[4, 5, 6]), [4, 5, 6, 4]);
        assert_eq!(single(Mode::LineLoop, &[]).len(), 0);
    }
}
