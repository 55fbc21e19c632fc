//! Where the pieces of a machine go when it is taken apart: what lies on the axis of its assembly goes along it until
//! nothing overlaps, what lies beside the axis goes outward.

use std::collections::HashMap;

use bevy::math::Vec3;

/// A piece of a machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// What it belongs to: an index among the pieces.
    pub parent: Option<usize>,
    /// Lowest and highest corner of the box around it and all that belongs to it, m; `None`: it has no body.
    pub extent: Option<[Vec3; 2]>,
}

/// Gap between neighbours, as a share of the mean length of those beside each other.
const GAP: f32 = 0.25;
/// An assembly grows to so many times its length at most.
const LONGEST: f32 = 3.0;
/// Below the first level pieces go less far, so that an assembly is still seen as one.
const DEEPER: f32 = 0.7;
/// A piece whose middle is farther from the axis than this share of its own half width lies beside it.
const BESIDE: f32 = 0.45;

/// How far each piece goes from where it is, m. `of`: only what belongs to this piece moves; `None`: all of it.
#[must_use]
pub fn plan(pieces: &[Piece], of: Option<usize>) -> Vec<Vec3> {
    let mut ways = vec![Vec3::ZERO; pieces.len()];
    let mut children_of: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (at, piece) in pieces.iter().enumerate() {
        children_of.entry(piece.parent).or_default().push(at);
    }
    let mut open = vec![(of, Vec3::ZERO, 1.0_f32)];
    let mut visited = 0;
    while let Some((parent, carried, share)) = open.pop() {
        // Parents form no cycle; the bound holds even so.
        visited += 1;
        if visited > pieces.len() + 1 {
            break;
        }
        let children = children_of.get(&parent).map_or(&[][..], Vec::as_slice);
        let extents: Vec<Option<[Vec3; 2]>> =
            children.iter().map(|&at| pieces.get(at).and_then(|piece| piece.extent)).collect();
        for (&child, own) in children.iter().zip(apart(&extents)) {
            let way = carried + own * share;
            if let Some(place) = ways.get_mut(child) {
                *place = way;
            }
            open.push((Some(child), way, share * DEEPER));
        }
    }
    ways
}

/// How far each of these goes from the others, m.
fn apart(extents: &[Option<[Vec3; 2]>]) -> Vec<Vec3> {
    let known = || extents.iter().flatten();
    let (mut low, mut high) = (Vec3::INFINITY, Vec3::NEG_INFINITY);
    for [l, h] in known() {
        (low, high) = (low.min(*l), high.max(*h));
    }
    if known().count() < 2 {
        return vec![Vec3::ZERO; extents.len()];
    }
    let (middle, size) = ((low + high) * 0.5, high - low);
    let along = if size.x >= size.y && size.x >= size.z {
        Vec3::X
    } else if size.z >= size.y {
        Vec3::Z
    } else {
        Vec3::Y
    };
    let across = Vec3::ONE - along;
    let width = (size * across).length() * 0.5;
    let centre = |[l, h]: &[Vec3; 2]| (*l + *h) * 0.5;
    let aside = |extent: &[Vec3; 2]| (centre(extent) - middle) * across;
    let half = |[l, h]: &[Vec3; 2]| ((*h - *l) * across).length() * 0.5;
    let beside = |extent: &[Vec3; 2]| aside(extent).length() > BESIDE * half(extent);
    // On the axis: one after the other, with gaps, around the middle.
    let mut row: Vec<(usize, f32, f32)> = extents
        .iter()
        .enumerate()
        .filter_map(|(at, extent)| {
            let extent = extent.as_ref().filter(|extent| !beside(extent))?;
            Some((at, centre(extent).dot(along), (extent[1] - extent[0]).dot(along)))
        })
        .collect();
    row.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mean = row.iter().map(|(.., length)| length).sum::<f32>() / row.len().max(1) as f32;
    let whole = row.iter().map(|(.., length)| length).sum::<f32>() + GAP * mean * row.len().saturating_sub(1) as f32;
    let most = size.dot(along) * LONGEST;
    let scale = if whole > most { most / whole } else { 1.0 };
    let mut ways = vec![Vec3::ZERO; extents.len()];
    let mut at = middle.dot(along) - whole * 0.5;
    for (index, centre, length) in row {
        let to = at + length * 0.5;
        at += length + GAP * mean;
        if let Some(way) = ways.get_mut(index) {
            *way = along * (to - centre) * scale;
        }
    }
    for (way, extent) in ways.iter_mut().zip(extents) {
        if let Some(extent) = extent.as_ref().filter(|extent| beside(extent)) {
            // Outward by the width of the assembly, and a little along it, as far as it is from the middle.
            let outward = aside(extent).normalize_or_zero() * width;
            *way = outward + along * (centre(extent) - middle).dot(along) * 0.5;
        }
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(parent: Option<usize>, low: [f32; 3], high: [f32; 3]) -> Piece {
        Piece { parent, extent: Some([Vec3::from_array(low), Vec3::from_array(high)]) }
    }

    /// A housing and two wheels on an axis along x, which overlap; a bolt beside it.
    fn gearbox() -> Vec<Piece> {
        vec![
            piece(None, [-2.0, -1.0, -1.0], [2.0, 1.0, 1.0]),
            piece(Some(0), [-2.0, -1.0, -1.0], [1.0, 1.0, 1.0]),
            piece(Some(0), [-0.5, -0.8, -0.8], [0.5, 0.8, 0.8]),
            piece(Some(0), [0.0, -0.7, -0.7], [2.0, 0.7, 0.7]),
            piece(Some(0), [0.4, 0.9, -0.1], [0.6, 1.0, 0.1]),
        ]
    }

    /// From where to where a piece is along x after its way.
    fn on_x(piece: &Piece, way: Vec3) -> [f32; 2] {
        let [low, high] = piece.extent.unwrap();
        [low.x + way.x, high.x + way.x]
    }

    #[test]
    fn what_lies_on_the_axis_overlaps_no_more_and_keeps_its_order() {
        let pieces = gearbox();
        let ways = plan(&pieces, Some(0));
        let [housing, pinion, wheel] = [1, 2, 3].map(|at| on_x(&pieces[at], ways[at]));
        assert!(housing[1] < pinion[0] && pinion[1] < wheel[0], "{housing:?} {pinion:?} {wheel:?}");
        assert!([1, 2, 3].iter().all(|&at: &usize| ways[at].y == 0.0 && ways[at].z == 0.0), "{ways:?}");
    }

    #[test]
    fn what_lies_beside_the_axis_goes_outward() {
        let ways = plan(&gearbox(), Some(0));
        assert!(ways[4].y > 0.5 && ways[4].z.abs() < 1e-6, "{ways:?}");
    }

    #[test]
    fn what_is_not_part_of_it_stays() {
        let mut pieces = gearbox();
        pieces.push(piece(None, [5.0, 0.0, 0.0], [6.0, 1.0, 1.0]));
        let ways = plan(&pieces, Some(0));
        assert_eq!((ways[0], ways[5]), (Vec3::ZERO, Vec3::ZERO));
    }

    #[test]
    fn what_belongs_to_a_piece_goes_with_it() {
        let mut pieces = gearbox();
        // One thing alone below the wheel has nothing to part from.
        pieces.push(piece(Some(3), [1.0, -0.1, -0.1], [1.2, 0.1, 0.1]));
        let ways = plan(&pieces, Some(0));
        assert_eq!(ways[5], ways[3]);
    }

    #[test]
    fn a_machine_of_many_pieces_stays_within_three_times_its_length() {
        let mut pieces = vec![piece(None, [0.0, -1.0, -1.0], [10.0, 1.0, 1.0])];
        pieces.extend((0..100).map(|_| piece(Some(0), [0.0, -1.0, -1.0], [10.0, 1.0, 1.0])));
        let ways = plan(&pieces, Some(0));
        let reach = ways.iter().map(|way| way.x.abs()).fold(0.0, f32::max);
        assert!(reach <= 15.0, "{reach}");
    }

    #[test]
    fn pieces_without_a_body_and_cycles_are_survived() {
        let odd = [Piece { parent: Some(1), extent: None }, Piece { parent: Some(0), extent: None }];
        assert_eq!(plan(&odd, None), [Vec3::ZERO; 2]);
        assert_eq!(plan(&odd, Some(0)), [Vec3::ZERO; 2]);
        assert_eq!(plan(&[], None), []);
    }
}
