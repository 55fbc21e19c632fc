//! What a storey looks like from above: the walls that a level cut shows, and the floors that are about as high.

use std::collections::HashMap;

use glam::{Vec2, Vec3};

use crate::geometry::{Bounds, crossing};
use crate::shape::Kind;
use crate::world::World;

/// The cut is so far above the feet, m: above benches and rails' knees, below lamps.
const CUT: f32 = 1.1;
/// Floors that are so much higher or lower than the feet are of this storey, m.
const STOREY: f32 = 0.4;
/// Detail that is left out, m.
const FINE: f32 = 0.02;
/// Most corners of outlines and of floors: more is left out.
const MOST: usize = 60_000;

/// A storey from above: x and z in the world, m.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// Height of the feet for which it was made, m.
    pub height: f32,
    /// What the cut shows: walls, cabinets, machines.
    pub outlines: Vec<Vec<Vec2>>,
    /// Floors, as triangles.
    pub floors: Vec<[Vec2; 3]>,
    /// The middles of ladders that reach this storey.
    pub ladders: Vec<Vec2>,
}

impl Plan {
    /// The storey of somebody with the feet at a place, as far as `reach` (m) around it.
    #[must_use]
    pub fn of(world: &World, feet: Vec3, reach: f32) -> Self {
        let mut plan = Self { height: feet.y, ..Self::default() };
        if !feet.is_finite() || !reach.is_finite() {
            return plan;
        }
        let level = feet.y + CUT;
        let around = |low: f32, high: f32| Bounds {
            low: Vec3::new(feet.x - reach, low, feet.z - reach),
            high: Vec3::new(feet.x + reach, high, feet.z + reach),
        };
        let mut segments = Vec::new();
        for solid in world.solids() {
            let (shape, frame) = (&solid.shape, solid.frame);
            let place = frame.placing();
            let stands = |body| matches!(shape.kind(body), Kind::Solid);
            shape.bvh.within(&frame.bounds_to_shape(&around(level, level)), |triangle, body| {
                let crossing = crossing(triangle.map(&place), level);
                if stands(body) && segments.len() < MOST {
                    segments.extend(crossing);
                }
            });
            let storey = around(feet.y - STOREY, feet.y + STOREY);
            shape.bvh.within(&frame.bounds_to_shape(&storey), |triangle, body| {
                let [a, b, c] = triangle.map(&place);
                let normal = (b - a).cross(c - a).normalize_or_zero();
                let inside = [a, b, c].iter().all(|corner| (corner.y - feet.y).abs() < STOREY);
                let floors = matches!(shape.kind(body), Kind::Solid | Kind::Hatch);
                if normal.y.abs() > 0.7 && inside && floors && plan.floors.len() < MOST {
                    plan.floors.push([a, b, c].map(|corner| Vec2::new(corner.x, corner.z)));
                }
            });
            for ladder in &shape.ladders {
                let local = frame.to_shape(feet);
                let [bottom, top] = ladder.ends();
                let (at, to) = ladder.hold(local);
                let at = frame.to_world(at + to * crate::ladder::HOLD);
                let near = Vec2::new(at.x - feet.x, at.z - feet.z).abs().max_element() <= reach;
                if near && bottom < local.y + 1.0 && top > local.y - 1.0 {
                    plan.ladders.push(Vec2::new(at.x, at.z));
                }
            }
        }
        plan.outlines = joined(segments).into_iter().map(|line| simple(&line)).collect();
        plan
    }
}

/// Segments whose ends meet, as lines.
fn joined(segments: Vec<[Vec2; 2]>) -> Vec<Vec<Vec2>> {
    // Ends within a millimetre are one.
    let key = |p: Vec2| ((p.x * 1e3).round() as i64, (p.y * 1e3).round() as i64);
    let mut at: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    for (index, segment) in segments.iter().enumerate() {
        for end in segment {
            at.entry(key(*end)).or_default().push(index);
        }
    }
    let mut used = vec![false; segments.len()];
    let mut lines = Vec::new();
    for first in 0..segments.len() {
        if std::mem::replace(&mut used[first], true) {
            continue;
        }
        let mut line = std::collections::VecDeque::from(segments[first]);
        for backwards in [false, true] {
            loop {
                let end = if backwards { line.front() } else { line.back() };
                let Some(&end) = end else { break };
                let free = at.get(&key(end)).into_iter().flatten().copied().find(|&next| !used[next]);
                let Some(next) = free else { break };
                used[next] = true;
                let [a, b] = segments[next];
                let on = if key(a) == key(end) { b } else { a };
                if backwards {
                    line.push_front(on);
                } else {
                    line.push_back(on);
                }
            }
        }
        lines.push(line.into());
    }
    lines
}

/// A line without the points that lie on it (Douglas and Peucker 1973).
fn simple(line: &[Vec2]) -> Vec<Vec2> {
    let mut keep = vec![false; line.len()];
    let mut open = vec![(0, line.len().saturating_sub(1))];
    for end in [0, line.len().saturating_sub(1)] {
        if let Some(keep) = keep.get_mut(end) {
            *keep = true;
        }
    }
    while let Some((from, to)) = open.pop() {
        let (a, b) = (line[from], line[to]);
        let along = b - a;
        let off = |p: Vec2| {
            let length = along.length();
            if length < 1e-6 { p.distance(a) } else { (p - a).perp_dot(along).abs() / length }
        };
        let furthest = (from + 1..to).map(|k| (k, off(line[k]))).max_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((k, distance)) = furthest
            && distance > FINE
        {
            keep[k] = true;
            open.extend([(from, k), (k, to)]);
        }
    }
    line.iter().zip(keep).filter(|(_, keep)| *keep).map(|(p, _)| *p).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::tests::{block, solid, world};

    #[test]
    fn a_room_has_its_walls_as_closed_lines_of_four_corners_and_its_floor() {
        let floor = solid(block([-4.0, -0.1, -3.0], [4.0, 0.0, 3.0]));
        let cabinet = solid(block([1.0, 0.0, 1.0], [2.0, 2.0, 1.5]));
        let plan = Plan::of(&world(vec![floor, cabinet]), Vec3::new(0.0, 0.0, 0.0), 10.0);
        assert_eq!(plan.outlines.len(), 1);
        let line = &plan.outlines[0];
        assert_eq!((line.len(), line.first()), (5, line.last()), "{line:?}");
        let bounds = line.iter().fold((Vec2::MAX, Vec2::MIN), |(low, high), p| (low.min(*p), high.max(*p)));
        assert!(bounds.0.distance(Vec2::new(1.0, 1.0)) < 1e-4 && bounds.1.distance(Vec2::new(2.0, 1.5)) < 1e-4);
        let area: f32 = plan.floors.iter().map(|[a, b, c]| 0.5 * (*b - *a).perp_dot(*c - *a).abs()).sum();
        // The floor's upper and lower face, and the foot of the cabinet.
        assert!((area - 96.5).abs() < 1e-3, "{area}");
    }

    #[test]
    fn what_is_above_the_head_and_what_is_out_of_reach_is_not_drawn() {
        let beam = solid(block([-4.0, 2.5, -0.1], [4.0, 2.6, 0.1]));
        let far = solid(block([50.0, 0.0, 0.0], [51.0, 3.0, 1.0]));
        let plan = Plan::of(&world(vec![beam, far]), Vec3::ZERO, 10.0);
        assert!(plan.outlines.is_empty() && plan.floors.is_empty(), "{plan:?}");
    }
}
