//! Where ladders are, found from their triangles: stations up the middle of each, and the side from which it is climbed.
//!
//! A ladder is what its model calls one. Rails that run through show in every cut; brackets that hold it to a wall only in
//! some, which is why the narrowest of a few cuts counts.

use glam::{Vec2, Vec3};

use crate::geometry::{Bounds, Triangle, crossing, nearest_on_triangle};
use crate::shape::{Kind, Shape};

/// Distance of stations, m.
const SPACING: f32 = 0.25;
/// Cuts of a station, m above it: no rung and no bracket is as high as both ways between them.
const CUTS: [f32; 3] = [0.0, 0.06, 0.12];
/// Narrowest and widest ladder, m: narrower is a pole, wider is a rack.
const WIDTH: [f32; 2] = [0.18, 1.5];
/// Points of a cut that are further apart belong to two ladders, m.
const APART: f32 = 0.7;
/// A climber's middle is so far from the ladder's, m.
pub const HOLD: f32 = 0.22;
/// Half as wide as a climber between hatch and ladder is deep, m: a hatch is 0.5 m wide or more.
pub const CLIMBER: f32 = 0.20;

/// The middle of a ladder at one height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// m.
    pub at: Vec3,
    /// Along its rungs, x and z, of length 1.
    pub across: Vec2,
}

/// One ladder from bottom to top.
#[derive(Clone, Debug, PartialEq)]
pub struct Ladder {
    /// From the lowest to the highest; never empty.
    stations: Vec<Station>,
    bounds: Bounds,
    /// On which side of it a climber is: 1 towards [`normal`], −1 away from it; `None`: on whichever.
    side: Option<f32>,
}

/// Level and at right angles to the rungs.
fn normal(across: Vec2) -> Vec3 {
    Vec3::new(-across.y, 0.0, across.x)
}

impl Ladder {
    /// Height of its lower and its upper end, m.
    pub fn ends(&self) -> [f32; 2] {
        [self.bounds.low.y, self.bounds.high.y]
    }

    /// Whether somebody with the feet at `feet` is near enough to hold it: m in the frame of the shape.
    pub fn in_reach(&self, feet: Vec3, reach: f32) -> bool {
        self.bounds.grown(reach).holds(feet)
    }

    /// Where a climber is whose feet are at a height, and the way from there to the ladder. `feet` says from which side,
    /// where both will do.
    pub fn hold(&self, feet: Vec3) -> (Vec3, Vec3) {
        let next = self.stations.partition_point(|station| station.at.y < feet.y);
        let low = self.stations.get(next.saturating_sub(1)).or(self.stations.first());
        let high = self.stations.get(next).or(self.stations.last());
        let (Some(low), Some(high)) = (low, high) else { return (feet, Vec3::ZERO) };
        let span = high.at.y - low.at.y;
        let share = if span > 1e-4 { ((feet.y - low.at.y) / span).clamp(0.0, 1.0) } else { 0.0 };
        let at = low.at.lerp(high.at, share);
        let normal = normal(low.across);
        let side = self.side.unwrap_or_else(|| if (feet - at).dot(normal) < 0.0 { -1.0 } else { 1.0 });
        let middle = at + normal * (side * HOLD);
        (Vec3::new(middle.x, feet.y, middle.z), normal * -side)
    }

    /// Finds the side that has room from bottom to top.
    pub fn find_side(&mut self, shape: &Shape) {
        let blocked = |side: f32| {
            let full = |station: &&Station| {
                let middle = station.at + normal(station.across) * (side * (HOLD + 0.02));
                let mut met = false;
                shape.bvh.within(&Bounds::of([middle]).grown(CLIMBER), |triangle, body| {
                    met |= shape.kind(body) == Kind::Solid
                        && nearest_on_triangle(middle, triangle).distance(middle) < CLIMBER;
                });
                met
            };
            self.stations.iter().filter(full).count()
        };
        let (towards, away) = (blocked(1.0), blocked(-1.0));
        self.side = match towards.cmp(&away) {
            std::cmp::Ordering::Less => Some(1.0),
            std::cmp::Ordering::Greater => Some(-1.0),
            std::cmp::Ordering::Equal => None,
        };
    }
}

/// The lines in which triangles meet a level, x and z.
fn cut(triangles: &[Triangle], level: f32) -> Vec<[Vec2; 2]> {
    triangles.iter().filter_map(|triangle| crossing(*triangle, level)).collect()
}

/// The ends of lines in groups that are apart.
fn groups(lines: Vec<[Vec2; 2]>) -> Vec<Vec<Vec2>> {
    let mut groups: Vec<Vec<Vec2>> = Vec::new();
    for line in lines {
        let near = |group: &Vec<Vec2>| group.iter().any(|point| line.iter().any(|end| end.distance(*point) < APART));
        // One line may join two groups.
        let (mut met, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(near);
        met.push(line.to_vec());
        groups = apart;
        groups.push(met.concat());
    }
    groups
}

/// How a group lies.
#[derive(Clone, Copy)]
struct Lie {
    middle: Vec2,
    /// The direction in which it is widest.
    across: Vec2,
    /// So wide in that direction, and at right angles to it, m.
    size: Vec2,
}

impl Lie {
    fn of(group: &[Vec2]) -> Self {
        let mean = group.iter().sum::<Vec2>() / group.len().max(1) as f32;
        let (mut xx, mut xz, mut zz) = (0.0, 0.0, 0.0);
        for point in group {
            let d = *point - mean;
            (xx, xz, zz) = (xx + d.x * d.x, xz + d.x * d.y, zz + d.y * d.y);
        }
        // The principal axis of a covariance of two dimensions.
        let across = Vec2::from_angle(0.5 * (2.0 * xz).atan2(xx - zz));
        let along = |point: &Vec2| (*point - mean).dot(across);
        let aside = |point: &Vec2| (*point - mean).dot(across.perp());
        let ends = |at: &dyn Fn(&Vec2) -> f32| {
            group.iter().map(at).fold((f32::MAX, f32::MIN), |(low, high), at| (low.min(at), high.max(at)))
        };
        let (wide, deep) = (ends(&along), ends(&aside));
        let middle = mean + across * (0.5 * (wide.0 + wide.1)) + across.perp() * (0.5 * (deep.0 + deep.1));
        Self { middle, across, size: Vec2::new(wide.1 - wide.0, deep.1 - deep.0) }
    }

    /// Whether it is as wide as a ladder.
    fn fits(&self) -> bool {
        (WIDTH[0]..=WIDTH[1]).contains(&self.size.x)
    }
}

/// The stations of one ladder's triangles, from below.
pub fn stations(triangles: &[Triangle]) -> Vec<Station> {
    /// Higher than any ladder, m: a mast has 700.
    const MOST: f32 = 1_000.0;
    let bounds = Bounds::of(triangles.iter().flatten().copied());
    let height = (bounds.high.y - bounds.low.y).clamp(0.0, MOST);
    let count = (height / SPACING).ceil() as usize;
    let mut stations = Vec::new();
    for k in 0..=count {
        let level = bounds.low.y + height * k as f32 / count.max(1) as f32;
        let mut found: Vec<Lie> = Vec::new();
        for up in CUTS {
            let inside = (level + up).clamp(bounds.low.y + 1e-3, bounds.high.y - 1e-3 - up * 0.1);
            for lie in groups(cut(triangles, inside)).iter().map(|group| Lie::of(group)).filter(Lie::fits) {
                match found.iter_mut().find(|other| other.middle.distance(lie.middle) < APART) {
                    Some(other) if lie.size.length() < other.size.length() => *other = lie,
                    Some(_) => {}
                    None => found.push(lie),
                }
            }
        }
        stations.extend(found.iter().map(|Lie { middle, across, .. }| Station {
            at: Vec3::new(middle.x, level, middle.y),
            // One of the two ways along the rungs, always the same, so that a ladder has one side.
            across: if across.x < -1e-3 || (across.x.abs() <= 1e-3 && across.y < 0.0) { -*across } else { *across },
        }));
    }
    stations
}

/// Stations that follow each other, as ladders. Pieces of one ladder become one.
pub fn chains(mut stations: Vec<Station>) -> Vec<Ladder> {
    /// Between the ends of two pieces of one ladder, m: upwards, and to the side.
    const GAP: [f32; 2] = [0.6, 0.4];
    stations.sort_by(|a, b| {
        let key = |station: &Station| [station.at.y, station.at.x, station.at.z];
        let (a, b) = (key(a), key(b));
        a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2]))
    });
    let mut ladders: Vec<Ladder> = Vec::new();
    for station in stations {
        let follows = |ladder: &&mut Ladder| {
            ladder.stations.last().is_some_and(|last| {
                let way = station.at - last.at;
                way.y <= GAP[0] && Vec2::new(way.x, way.z).length() <= GAP[1]
            })
        };
        match ladders.iter_mut().find(follows) {
            Some(ladder) => {
                ladder.bounds = ladder.bounds.with(station.at);
                ladder.stations.push(station);
            }
            None => ladders.push(Ladder { stations: vec![station], bounds: Bounds::of([station.at]), side: None }),
        }
    }
    ladders.retain(|ladder| ladder.stations.len() > 1);
    ladders
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Body;
    use crate::world::tests::block;

    /// A ladder at x, z, rungs along z, from `low` to `high`, with a bracket to the wall at −x.
    fn ladder(x: f32, z: f32, low: f32, high: f32) -> Vec<Triangle> {
        let mut triangles = Vec::new();
        for side in [-0.2, 0.2] {
            triangles.extend(block([x - 0.02, low, z + side - 0.02], [x + 0.02, high, z + side + 0.02]));
        }
        let mut y = low + 0.14;
        while y < high {
            triangles.extend(block([x - 0.01, y - 0.01, z - 0.2], [x + 0.01, y + 0.01, z + 0.2]));
            y += 0.28;
        }
        triangles.extend(block([x - 0.3, low + 0.49, z - 0.2], [x, low + 0.53, z - 0.16]));
        triangles
    }

    #[test]
    fn a_ladder_has_its_middle_and_its_ends_where_its_rails_have_them() {
        let ladders = chains(stations(&ladder(3.0, 1.0, 0.5, 4.5)));
        assert_eq!(ladders.len(), 1);
        assert!((ladders[0].ends()[0] - 0.5).abs() < 0.05 && (ladders[0].ends()[1] - 4.5).abs() < 0.05);
        for station in &ladders[0].stations {
            assert!((station.at.x - 3.0).abs() < 0.03 && (station.at.z - 1.0).abs() < 0.03, "{station:?}");
            assert!(station.across.y.abs() > 0.99, "{station:?}");
        }
    }

    #[test]
    fn pieces_become_one_ladder_and_two_ladders_stay_two() {
        let mut all = stations(&ladder(0.0, 0.0, 0.0, 4.0));
        all.extend(stations(&ladder(0.1, 0.0, 4.0, 8.0)));
        all.extend(stations(&ladder(0.0, 3.0, 0.0, 8.0)));
        let mut ends: Vec<_> = chains(all).iter().map(|ladder| ladder.ends().map(f32::round)).collect();
        ends.sort_by(|a, b| a[1].total_cmp(&b[1]));
        assert_eq!(ends, [[0.0, 8.0], [0.0, 8.0]]);
    }

    #[test]
    fn a_ladder_on_a_wall_is_climbed_from_the_other_side() {
        let wall = Body { triangles: block([-0.6, 0.0, -2.0], [-0.3, 5.0, 2.0]), ..Body::default() };
        let rungs = Body { kind: Kind::Ladder, triangles: ladder(0.0, 0.0, 0.0, 5.0), ..Body::default() };
        let shape = Shape::new(vec![wall, rungs]);
        let (at, to) = shape.ladders[0].hold(Vec3::new(-0.2, 2.0, 0.0));
        assert!((at.x - HOLD).abs() < 0.05, "{at}");
        assert!(to.x < -0.99, "{to}");
    }

    #[test]
    fn a_free_ladder_is_climbed_from_where_one_stands() {
        let rungs = Body { kind: Kind::Ladder, triangles: ladder(0.0, 0.0, 0.0, 5.0), ..Body::default() };
        let shape = Shape::new(vec![rungs]);
        for x in [-0.5, 0.5] {
            let (at, to) = shape.ladders[0].hold(Vec3::new(x, 2.0, 0.0));
            assert!(at.x * x > 0.0 && to.x * x < 0.0, "{at} {to}");
        }
    }

    #[test]
    fn a_pole_and_a_rack_are_no_ladders() {
        assert!(chains(stations(&block([0.0, 0.0, 0.0], [0.1, 4.0, 0.1]))).is_empty());
        assert!(chains(stations(&block([0.0, 0.0, 0.0], [0.1, 4.0, 3.0]))).is_empty());
    }
}
