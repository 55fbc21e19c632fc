//! Cuts a surface where fields begin and end. glTF has no word for "not known": a number that is not one is forbidden,
//! and any other number would be shown.

use crate::mesh::Shaded;
use std::collections::BTreeMap;

/// The surface in pieces, each with the fields that are known at all corners of all its triangles. In the order of what
/// is known: a bit for each field, the first one lowest.
pub(super) fn split(whole: Shaded) -> Vec<Shaded> {
    if whole.values.is_empty() {
        return vec![whole];
    }
    let known = |corner: u32| {
        let bits = whole.values.iter().enumerate();
        bits.filter(|(_, (_, values))| values[corner as usize].is_finite()).fold(0_u32, |all, (bit, _)| all | 1 << bit)
    };
    let mut triangles: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for triangle in whole.indices.chunks_exact(3) {
        let common = triangle.iter().fold(u32::MAX, |all, &corner| all & known(corner));
        triangles.entry(common).or_default().extend(triangle);
    }
    triangles.into_iter().map(|(known, corners)| piece(&whole, known, &corners)).collect()
}

/// Some of the triangles, with the vertices that they use and the fields of these bits.
fn piece(whole: &Shaded, known: u32, corners: &[u32]) -> Shaded {
    let mut used: Vec<u32> = corners.to_vec();
    used.sort_unstable();
    used.dedup();
    fn take<T: Copy>(from: &[T], used: &[u32]) -> Vec<T> {
        used.iter().filter_map(|&i| from.get(i as usize).copied()).collect()
    }
    let fields = whole.values.iter().enumerate().filter(|(bit, _)| known & 1 << bit != 0);
    Shaded {
        positions: take(&whole.positions, &used),
        normals: take(&whole.normals, &used),
        texture: take(&whole.texture, &used),
        values: fields.map(|(_, (label, values))| (*label, take(values, &used))).collect(),
        indices: corners.iter().map(|i| used.partition_point(|u| u < i) as u32).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::FieldLabel;

    static HEAT: FieldLabel = FieldLabel { attribute: "_HEAT", name: "", unit: "", source: "" };

    #[test]
    fn a_triangle_with_one_unknown_corner_is_shown_without_the_field() {
        // Two triangles that share the edge 1-2; corner 3 has no value.
        let whole = Shaded {
            positions: vec![[0.0; 3], [1.0; 3], [2.0; 3], [3.0; 3]],
            normals: vec![[0.0; 3]; 4],
            texture: vec![],
            values: vec![(&HEAT, vec![10.0, 11.0, 12.0, f32::NAN])],
            indices: vec![0, 1, 2, 2, 1, 3],
        };
        let pieces = split(whole);
        assert_eq!(pieces.len(), 2);
        assert_eq!((pieces[0].values.len(), pieces[0].indices.clone()), (0, vec![1, 0, 2]));
        assert_eq!(pieces[0].positions, [[1.0; 3], [2.0; 3], [3.0; 3]]);
        assert_eq!(pieces[1].values, [(&HEAT, vec![10.0, 11.0, 12.0])]);
        assert_eq!(pieces[1].indices, [0, 1, 2]);
    }
}
