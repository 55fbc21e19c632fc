//! On a ladder: taking hold of it, up, down, through hatches, and off it again.
//!
//! Forwards at a ladder is up, and down for who looks down. Backwards is off it where there is a floor, else down. Hatches
//! open for a climber and are shut under who has come through.

use glam::Vec3;

use crate::ladder::{CLIMBER, HOLD, Ladder};
use crate::near::{Near, Passes, Stance};
use crate::walker::{CLIMBING, Intent, Mode, STEP, Walker, around, on_foot};
use crate::world::{Frame, World};

/// Speeds, m/s: steady, and in a hurry. Long ladders are climbed at a third of a metre a second by people who carry tools;
/// nobody wants to watch that for five minutes.
const SPEED: [f32; 2] = [0.9, 2.0];
/// Sideways to where a climber holds on, m/s.
const SIDEWAYS: f32 = 1.5;
/// A ladder is taken hold of from so far, m.
const REACH: f32 = 0.6;
/// Who looks lower than this wants down, radians.
const DOWN: f32 = -0.6;
/// Hands are so far above the feet, m: where a ladder ends, they hold its end.
const HANDS: f32 = 1.0;
/// So far from the ladder somebody gets off it, m.
const OFF: f32 = 0.45;

/// Which ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climb {
    solid: usize,
    ladder: usize,
    /// The highest that feet get on it, m, in the shape's frame.
    highest: f32,
}

/// The body of a climber who is so tall: from the knees up too, because feet are on rungs.
const fn on_ladder(height: f32) -> Stance {
    Stance { lift: STEP, height, radius: CLIMBER }
}

fn level(v: Vec3) -> Vec3 {
    Vec3::new(v.x, 0.0, v.z)
}

impl Walker {
    /// The ladder that somebody who goes where `wish` says means to climb.
    pub(crate) fn takes_hold(&mut self, world: &World, intent: &Intent, wish: Vec3) -> Option<Climb> {
        if wish.length_squared() < 0.1 {
            return None;
        }
        let down = self.pitch < DOWN && intent.go.y > 0.3;
        let mut best: Option<(f32, usize, usize)> = None;
        for (index, solid) in world.solids().iter().enumerate() {
            let frame = solid.frame;
            let feet = frame.to_shape(self.feet);
            for (number, ladder) in solid.shape.ladders.iter().enumerate() {
                if !ladder.in_reach(feet, REACH + HOLD) {
                    continue;
                }
                let [bottom, top] = ladder.ends();
                let (at, to) = ladder.hold(feet);
                let (at, to) = (frame.to_world(at), frame.direction(to));
                let away = level(at - self.feet).length();
                let wanted = if down {
                    bottom < feet.y - 0.5 && feet.y < top + 0.5
                } else {
                    wish.dot(to) > 0.5 && self.ahead().dot(to) > 0.5 && bottom < feet.y + STEP && top > feet.y + 0.5
                };
                if wanted && away <= REACH && best.is_none_or(|(before, ..)| away < before) {
                    let chest = Vec3::Y * (0.6 * self.height);
                    let between = world.first(self.feet + chest, level(at - self.feet), Passes::Climb);
                    if between.is_none() {
                        best = Some((away, index, number));
                    }
                }
            }
        }
        let (_, solid, ladder) = best?;
        let found = world.solids().get(solid)?;
        let highest = self.highest(world, found.frame, found.shape.ladders.get(ladder)?, self.height);
        let feet = found.frame.to_shape(self.feet).y;
        if !down && highest < feet + 0.3 {
            return None;
        }
        self.on = Some((solid, found.frame));
        Some(Climb { solid, ladder, highest })
    }

    /// How high feet get on a ladder: to the floor at its end, or until the hands have its end.
    fn highest(&self, world: &World, frame: Frame, ladder: &Ladder, tall: f32) -> f32 {
        let [_, top] = ladder.ends();
        let (end, _) = ladder.hold(frame.to_shape(self.feet).with_y(top));
        let end = frame.to_world(end);
        let mut near = Near::default();
        world.near(&around(end, CLIMBING, HANDS + 0.4, tall), &mut near);
        let mut highest = top - HANDS;
        for aside in [Vec3::ZERO, Vec3::X, Vec3::NEG_X, Vec3::Z, Vec3::NEG_Z] {
            let place = end + aside * OFF;
            let Some(support) = near.support(world, place, STEP, HANDS + 0.4, Passes::Foot) else { continue };
            let floor = Vec3::new(place.x, support.height, place.z);
            let stance = Stance { radius: CLIMBER, ..on_foot(tall) };
            if near.depth(floor, &stance, Passes::Foot) <= crate::GRAZE {
                highest = highest.max(support.height - frame.origin.y + 0.02);
            }
        }
        highest
    }

    /// Goes on on a ladder for `dt` seconds.
    pub(crate) fn climb(&mut self, world: &World, near: &mut Near, intent: &Intent, climb: Climb, dt: f32) {
        let Some((frame, ladder)) = world.solids().get(climb.solid).and_then(|solid| {
            let ladder = solid.shape.ladders.get(climb.ladder)?;
            Some((solid.frame, ladder))
        }) else {
            self.mode = Mode::Air;
            self.on = None;
            return;
        };
        let local = frame.to_shape(self.feet);
        let (at, to) = ladder.hold(local);
        let (at, to) = (frame.to_world(at), frame.direction(to));
        let wish = self.wish(intent);
        let along = wish.dot(to);
        let rise = if self.pitch < DOWN && intent.go.y > 0.1 {
            -intent.go.y.min(1.0)
        } else if along > 0.3 {
            along
        } else if along < -0.3 {
            if self.gets_off(world, near, Vec3::ZERO) {
                return;
            }
            along
        } else {
            if wish.length() > 0.3 && self.gets_off(world, near, wish * OFF) {
                return;
            }
            0.0
        };
        let aside = level(at - self.feet);
        let slow = if aside.length() > 0.12 { 0.3 } else { 1.0 };
        let [bottom, _] = ladder.ends();
        let (lowest, highest) = (frame.origin.y + bottom - 0.05, frame.origin.y + climb.highest);
        let wanted = self.feet.y + rise * slow * SPEED[usize::from(intent.run)] * dt;
        let rise_m = wanted.clamp(lowest.min(self.feet.y), highest.max(self.feet.y)) - self.feet.y;
        let aside = aside.clamp_length_max(SIDEWAYS * dt);
        let ways = [aside + Vec3::Y * rise_m, Vec3::Y * rise_m, aside];
        let got = ways.iter().any(|way| self.climbs_by(near, *way));
        if rise > 0.0 && (self.feet.y >= highest - 1e-3 || !got) {
            let around = [Vec3::ZERO, to * OFF, wish * OFF, -to * OFF];
            let _ = around.iter().any(|around| self.gets_off(world, near, *around));
        } else if rise < 0.0 {
            // A floor that is no lid ends the way down.
            let floor = near.support(world, self.feet, 0.1, 0.05, Passes::Climb).is_some();
            if floor || self.feet.y <= lowest + 1e-3 {
                let off = self.gets_off(world, near, Vec3::ZERO);
                if !off && !floor {
                    self.mode = Mode::Air;
                    self.speed_stops();
                }
            }
        }
    }

    fn climbs_by(&mut self, near: &mut Near, way: Vec3) -> bool {
        let stance = on_ladder(self.height);
        let place = self.feet + way;
        let limit = level(way).length() + 0.03;
        let Some(feet) = near.push_out(place, &stance, Passes::Climb, limit) else { return false };
        let ((low, high), (from_low, from_high)) = (stance.axis(feet), stance.axis(self.feet));
        if near.passed(from_low, low) || near.passed(from_high, high) {
            return false;
        }
        let moved = feet.distance_squared(self.feet) > 1e-10;
        self.feet = feet;
        moved
    }

    /// Gets off onto a floor beside the ladder, or onto the hatch that is shut below. Whether there is one with room.
    fn gets_off(&mut self, world: &World, near: &mut Near, aside: Vec3) -> bool {
        let place = self.feet + aside;
        let Some(support) = near.support(world, place, STEP, STEP, Passes::Foot) else { return false };
        let floor = Vec3::new(place.x, support.height, place.z);
        let stance = on_foot(self.height);
        let Some(feet) = near.push_out(floor, &stance, Passes::Foot, 0.2) else { return false };
        // Pushed aside it may stand over something else.
        let Some(support) = near.support(world, feet, STEP, STEP, Passes::Foot) else { return false };
        let feet = Vec3::new(feet.x, support.height, feet.z);
        if near.depth(feet, &stance, Passes::Foot) > crate::GRAZE {
            return false;
        }
        let chest = Vec3::Y * (0.6 * self.height);
        if near.hits(self.feet + chest, feet + chest, Passes::Climb) {
            return false;
        }
        self.feet = feet;
        self.mode = Mode::Foot;
        self.stand_on(world, support);
        true
    }
}
