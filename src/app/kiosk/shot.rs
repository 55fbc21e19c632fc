//! How the camera of a tour goes from one view to the next, and what it does there: eased, at an even pace to the eye, round
//! the machine and never through it.

use bevy::prelude::*;

use crate::app::camera::Pose;

/// The camera swings so far to each side while a stop is told, degrees.
const SWING_DEG: f32 = 14.0;
/// Factors by which the camera backs off on its way, tried in this order until the way is free.
const CLIMBS: [f32; 8] = [0.0, 0.25, 0.6, 1.0, 1.6, 2.5, 4.0, 7.0];
/// Places of the way that are looked at.
const SAMPLES: usize = 64;
/// The camera stays so far from what it passes, m.
const CLEARANCE_M: f32 = 0.25;

/// A box that the camera must not enter: lowest and highest corner, m.
pub type Solid = (Vec3, Vec3);

/// One way, and the view at its end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shot {
    from: Pose,
    to: Pose,
    climb: f32,
    drift_deg_per_s: f32,
}

impl Shot {
    /// The way from one pose to another, clear of what is in between. What the camera is inside of at one of its ends does
    /// not count: a person may have left it there, and a tour may want to look at a gear from within its housing.
    pub fn new(from: Pose, to: Pose, drift_deg_per_s: f32, solids: &[Solid]) -> Self {
        let way = |climb| Self { from, to, climb, drift_deg_per_s };
        let ends = [eye(&from), eye(&to)];
        let solids: Vec<Solid> =
            solids.iter().filter(|solid| !ends.iter().any(|end| within(solid, *end, 0.0))).copied().collect();
        let free = |shot: &Self| {
            (1..SAMPLES).all(|n| {
                let at = eye(&shot.travel(n as f32 / SAMPLES as f32));
                // Near its ends the camera may be nearer to what it looks at.
                let ways = ends.map(|end| end.distance(at) * 0.5);
                let clearance = CLEARANCE_M.min(ways[0]).min(ways[1]);
                !solids.iter().any(|solid| within(solid, at, clearance))
            })
        };
        let farthest = CLIMBS.last().copied().unwrap_or_default();
        CLIMBS.into_iter().map(way).find(free).unwrap_or_else(|| way(farthest))
    }

    /// Where the camera is at a share of the way.
    pub fn travel(&self, t: f32) -> Pose {
        let t = t.clamp(0.0, 1.0);
        // Ken Perlin's smootherstep (2002): neither start nor stop is felt.
        let eased = t * t * t * (t * (t * 6.0 - 15.0) + 10.0);
        let (from, to) = (self.from, self.to);
        let ratio = (to.distance / from.distance).ln();
        let distance = from.distance * (ratio * eased).exp();
        // On the way to something small, what the camera looks at moves as the distance does: the picture flows evenly.
        let left =
            if ratio.abs() > 0.2 { (distance - to.distance) / (from.distance - to.distance) } else { 1.0 - eased };
        let turn = (to.yaw_deg - from.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
        let aside = (std::f32::consts::PI * eased).sin();
        Pose {
            target: to.target.lerp(from.target, left.clamp(0.0, 1.0)),
            yaw_deg: from.yaw_deg + turn * eased,
            pitch_deg: from.pitch_deg + (to.pitch_deg - from.pitch_deg) * eased,
            distance: distance + self.climb * aside * aside * from.distance.max(to.distance).min(60.0),
        }
    }

    /// Where it is so many seconds after it has arrived: it swings to and fro.
    pub fn stay(&self, seconds: f32) -> Pose {
        let rate = self.drift_deg_per_s / SWING_DEG;
        // Sets off from rest.
        let eased = seconds * seconds / (seconds + 2.0);
        Pose { yaw_deg: self.to.yaw_deg + SWING_DEG * (rate * eased).sin(), ..self.to }
    }
}

fn eye(pose: &Pose) -> Vec3 {
    pose.transform().translation
}

fn within((low, high): &Solid, at: Vec3, clearance: f32) -> bool {
    at.cmpge(*low - clearance).all() && at.cmple(*high + clearance).all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(target: Vec3, yaw_deg: f32, distance: f32) -> Pose {
        Pose { target, yaw_deg, pitch_deg: 5.0, distance }
    }

    const BLOCK: Solid = (Vec3::new(-3.0, 0.0, -3.0), Vec3::new(3.0, 20.0, 3.0));

    #[test]
    fn a_way_begins_and_ends_where_it_should() {
        let (from, to) = (pose(Vec3::ZERO, 170.0, 200.0), pose(Vec3::new(5.0, 90.0, 0.0), -170.0, 3.0));
        let shot = Shot::new(from, to, 0.6, &[]);
        let near = |a: Pose, b: Pose| eye(&a).distance(eye(&b)) < 1e-2;
        assert!(near(shot.travel(0.0), from) && near(shot.travel(1.0), to));
        assert!(near(shot.stay(0.0), to));
        let half = shot.travel(0.5);
        assert!((half.yaw_deg.rem_euclid(360.0) - 180.0).abs() < 1.0, "the short way round: {}", half.yaw_deg);
    }

    #[test]
    fn the_camera_never_goes_through_the_machine() {
        // From one side of a block to the other, past its corner and close to it.
        for turn in [60.0, 120.0, 179.0] {
            let (from, to) = (pose(Vec3::Y * 10.0, 0.0, 4.5), pose(Vec3::Y * 10.0, turn, 4.5));
            let straight = Shot { from, to, climb: 0.0, drift_deg_per_s: 0.0 };
            let shot = Shot::new(from, to, 0.0, &[BLOCK]);
            let hits =
                |shot: &Shot| (0..=200).filter(|&n| within(&BLOCK, eye(&shot.travel(n as f32 / 200.0)), 0.0)).count();
            assert_eq!(hits(&shot), 0, "{turn}°: {shot:?}");
            if turn > 100.0 {
                assert!(shot.climb > 0.0 || hits(&straight) == 0);
            }
        }
    }

    #[test]
    fn a_way_is_even_and_has_no_jumps() {
        let (from, to) = (pose(Vec3::Y * 60.0, -35.0, 260.0), pose(Vec3::new(3.0, 110.0, 0.0), 40.0, 2.0));
        let shot = Shot::new(from, to, 0.6, &[]);
        let places: Vec<Pose> = (0..=400).map(|n| shot.travel(n as f32 / 400.0)).collect();
        for pair in places.windows(2) {
            let moved = eye(&pair[0]).distance(eye(&pair[1]));
            // As seen: by the distance to what is looked at.
            assert!(moved / pair[0].distance < 0.06, "{moved} m at {} m", pair[0].distance);
        }
    }

    #[test]
    fn the_swing_is_small_however_long_a_stop_takes() {
        let to = pose(Vec3::ZERO, 28.0, 10.0);
        let shot = Shot::new(to, to, 0.8, &[]);
        for second in 0..3_600 {
            assert!((shot.stay(second as f32).yaw_deg - 28.0).abs() <= SWING_DEG);
        }
    }
}
