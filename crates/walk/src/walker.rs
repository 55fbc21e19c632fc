//! Somebody who walks: gravity, walls that one slides along, steps, slopes, low ceilings, and floors that carry one away.
//!
//! The body is a capsule from the knees up; the legs are felt for (`World::support`), so that steps, kick plates and slopes
//! need no rules of their own. Ladders are in `climb`.

use glam::{Vec2, Vec3};

use crate::climb::Climb;
use crate::geometry::Bounds;
use crate::near::{Near, Passes, Stance, Support};
use crate::shape::Kind;
use crate::world::{Frame, World};

/// Highest step, m: two risers of a stair (EN ISO 14122-3 allows 0.25 m each), less than a bench.
pub(crate) const STEP: f32 = 0.35;
/// Half the width of a person, m. EN ISO 14122-2 leaves 0.6 m to walk, 0.5 m where it is short.
pub(crate) const RADIUS: f32 = 0.25;
/// From the eyes to the top of the helmet, m.
const ABOVE_EYES: f32 = 0.12;
/// Heights of somebody who stoops and who crouches, m.
const STOOPED: [f32; 2] = [1.40, 1.00];
/// Speeds on foot, m/s: a walk, and a hurry.
const SPEED: [f32; 2] = [1.4, 3.2];
/// A stooped person is slower.
const STOOPED_SPEED: f32 = 0.6;
/// m/s².
const GRAVITY: f32 = 9.81;
/// Fastest fall, m/s: above it nothing would be felt for in time.
const FASTEST: f32 = 12.0;
/// So far around somebody something may matter before the next stride, m: half a person, a stride and a push; and what a
/// climber may get off onto.
const WALKING: f32 = 0.45;
pub(crate) const CLIMBING: f32 = 0.95;
/// Who is put somewhere may be put so much lower, m.
const DROP: f32 = 2.0;
/// Ways along an edge that are tried, radians from where one wants to go.
const ALONG: [f32; 6] = [0.5, -0.5, 1.0, -1.0, 1.45, -1.45];
/// Longest time of one step, s. A longer pause is not made up for.
const LONGEST: f32 = 0.25;
/// Longest way between two looks at what is in the way, m: less than half a person.
const STRIDE: f32 = 0.08;
/// The eyes follow a step with this time constant, s.
const EASE: f32 = 0.07;
/// Heights of eyes, m: of the smallest and the tallest grown-ups.
const EYES: [f32; 2] = [1.4, 2.0];

/// What somebody wants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Intent {
    /// To the right and forward, each −1 to 1.
    pub go: Vec2,
    /// In a hurry.
    pub run: bool,
    /// Stooped, also where there is room.
    pub crouch: bool,
}

/// How somebody is on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mode {
    Foot,
    Air,
    Climb(Climb),
}

/// Somebody who walks.
#[derive(Clone, Debug)]
pub struct Walker {
    /// Where the feet are, m.
    pub(crate) feet: Vec3,
    /// Direction of the look, radians: 0 along −z, growing to the left.
    pub yaw: f32,
    /// Radians, up is positive.
    pub pitch: f32,
    /// Height of the eyes of this person when standing, m.
    eyes: f32,
    /// How tall it stands now, m.
    pub(crate) height: f32,
    /// Height of the eyes in the world, which follows, m.
    eye_y: f32,
    /// Upwards, m/s.
    speed_y: f32,
    pub(crate) mode: Mode,
    /// What it stands on or holds, and where that was then.
    pub(crate) on: Option<(usize, Frame)>,
    /// Where it last stood well, m.
    safe: Vec3,
    /// What is around it; kept for its memory.
    near: Near,
}

impl Walker {
    /// Somebody near a place, who looks along `yaw` and stands on what is there. `None`: there is no room within two
    /// metres.
    #[must_use]
    pub fn new(world: &World, near: Vec3, yaw: f32, eyes: f32) -> Option<Self> {
        let mut walker = Self {
            feet: near,
            yaw: if yaw.is_finite() { yaw } else { 0.0 },
            pitch: 0.0,
            eyes: 1.65,
            height: 0.0,
            eye_y: 0.0,
            speed_y: 0.0,
            mode: Mode::Foot,
            on: None,
            safe: near,
            near: Near::default(),
        };
        walker.set_eyes(eyes);
        walker.go_to(world, near).then_some(walker)
    }

    /// Puts it down near a place, if there is room within two metres. Otherwise it stays where it is.
    pub fn go_to(&mut self, world: &World, near: Vec3) -> bool {
        if !near.is_finite() {
            return false;
        }
        let near = world.bounded(near);
        // A model may be of sheets that are seen from behind everywhere: then being inside says nothing.
        self.put_near(world, near, true) || self.put_near(world, near, false)
    }

    fn put_near(&mut self, world: &World, place: Vec3, outside: bool) -> bool {
        let mut near = Near::default();
        for ring in 0..10_u8 {
            let count: u8 = if ring == 0 { 1 } else { 8 };
            for k in 0..count {
                let angle = std::f32::consts::FRAC_PI_4 * f32::from(k) + 0.3 * f32::from(ring);
                let at = place + Vec3::new(angle.cos(), 0.0, angle.sin()) * (0.2 * f32::from(ring));
                let tall = self.eyes + ABOVE_EYES;
                world.near(&around(at, WALKING, DROP, tall), &mut near);
                // Below what one was told to stand on, as far as one would fall; above it, as far as one would step.
                let Some(support) = near.support(world, at, STEP, DROP, Passes::Foot) else { continue };
                let feet = Vec3::new(at.x, support.height, at.z);
                // Nobody is put where one can only crouch: there may be no way out.
                for height in [tall, STOOPED[0]] {
                    let chest = feet + Vec3::Y * (0.6 * height);
                    if near.depth(feet, &on_foot(height), Passes::Foot) <= 0.0 && !(outside && world.inside(chest)) {
                        self.feet = feet;
                        self.height = height;
                        self.eye_y = feet.y + height - ABOVE_EYES;
                        self.speed_y = 0.0;
                        self.mode = Mode::Foot;
                        self.stand_on(world, support);
                        self.safe = feet;
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Height of the eyes when standing, m: 1.4 to 2.0.
    pub fn set_eyes(&mut self, eyes: f32) {
        if eyes.is_finite() {
            self.eyes = eyes.clamp(EYES[0], EYES[1]);
        }
    }

    /// Where the feet are, m.
    #[must_use]
    pub const fn feet(&self) -> Vec3 {
        self.feet
    }

    /// Where the eyes are, m.
    #[must_use]
    pub const fn eye(&self) -> Vec3 {
        Vec3::new(self.feet.x, self.eye_y, self.feet.z)
    }

    /// How tall it stands now, m: less than its height where it stoops.
    #[must_use]
    pub const fn height(&self) -> f32 {
        self.height
    }

    /// Whether it is on a ladder.
    #[must_use]
    pub const fn climbs(&self) -> bool {
        matches!(self.mode, Mode::Climb(_))
    }

    /// Whether the eyes are still on the way to where they belong, or the feet fall.
    #[must_use]
    pub fn settling(&self) -> bool {
        self.mode == Mode::Air || (self.eye_y - self.wanted_eye()).abs() > 1e-3
    }

    /// The hatches and doors that stand open for it now, by solid and name.
    #[must_use]
    pub fn opens(&self, world: &World) -> Vec<(usize, String)> {
        let body = Bounds::of([self.feet, self.feet + Vec3::Y * self.height]).grown(RADIUS);
        let mut open = world.openings(&body.grown(0.5), Kind::Door);
        if self.climbs() {
            open.extend(world.openings(&body.grown(0.15), Kind::Hatch));
        }
        open
    }

    /// Turns the look, radians: to the left, and up. It never turns over.
    pub fn look(&mut self, left: f32, up: f32) {
        let (left, up) = if left.is_finite() && up.is_finite() { (left, up) } else { (0.0, 0.0) };
        self.yaw = (self.yaw + left).rem_euclid(std::f32::consts::TAU);
        self.pitch = (self.pitch + up).clamp(-1.45, 1.45);
    }

    /// Ahead, level.
    pub(crate) fn ahead(&self) -> Vec3 {
        Vec3::new(-self.yaw.sin(), 0.0, -self.yaw.cos())
    }

    /// Where it wants to go, level, of length 0 to 1.
    pub(crate) fn wish(&self, intent: &Intent) -> Vec3 {
        let go = if intent.go.is_finite() { intent.go.clamp_length_max(1.0) } else { Vec2::ZERO };
        let ahead = self.ahead();
        ahead * go.y + Vec3::new(-ahead.z, 0.0, ahead.x) * go.x
    }

    /// Goes on by `dt` seconds, of which at most a quarter counts.
    pub fn step(&mut self, world: &World, intent: &Intent, dt: f32) {
        let dt = if dt.is_finite() { dt.clamp(0.0, LONGEST) } else { 0.0 };
        self.carry(world);
        let mut near = std::mem::take(&mut self.near);
        self.make_room(world, &mut near);
        let fastest =
            SPEED[1].max(if self.mode == Mode::Air { -self.speed_y + GRAVITY * dt } else { 0.0 }).min(FASTEST);
        let count = (fastest * dt / STRIDE).ceil().max(1.0);
        for _ in 0..count as u32 {
            let reach = if self.climbs() { CLIMBING } else { WALKING };
            world.near(&around(self.feet, reach, STEP, self.eyes + ABOVE_EYES), &mut near);
            match self.mode {
                Mode::Climb(climb) => self.climb(world, &mut near, intent, climb, dt / count),
                Mode::Foot | Mode::Air => self.walk(world, &mut near, intent, dt / count),
            }
        }
        self.near = near;
        self.keep_safe(world);
        let wanted = self.wanted_eye();
        let gone = 1.0 - (-dt / EASE).exp();
        self.eye_y = if (wanted - self.eye_y).abs() < 1.0 { self.eye_y + (wanted - self.eye_y) * gone } else { wanted };
    }

    fn wanted_eye(&self) -> f32 {
        self.feet.y + self.height - ABOVE_EYES
    }

    /// Heights that may be tried, the tallest first.
    fn heights(&self, crouch: bool) -> impl Iterator<Item = f32> + use<> {
        let tall = self.eyes + ABOVE_EYES;
        std::iter::once(tall).chain(STOOPED).skip(usize::from(crouch))
    }

    /// Goes with what it stands on.
    fn carry(&mut self, world: &World) {
        let Some((index, before)) = self.on else { return };
        let Some(now) = world.solids().get(index).map(|solid| solid.frame) else {
            self.on = None;
            return;
        };
        if now != before {
            let feet = now.to_world(before.to_shape(self.feet));
            self.eye_y += feet.y - self.feet.y;
            self.feet = feet;
            self.safe = now.to_world(before.to_shape(self.safe));
            self.yaw = (self.yaw + now.yaw - before.yaw).rem_euclid(std::f32::consts::TAU);
            self.on = Some((index, now));
        }
    }

    /// Gives way to what came into its place.
    fn make_room(&mut self, world: &World, near: &mut Near) {
        if self.climbs() || !self.feet.is_finite() {
            return;
        }
        let stance = on_foot(self.height);
        world.near(&around(self.feet, 2.0 * WALKING, STEP, self.height), near);
        if near.depth(self.feet, &stance, Passes::Foot) <= crate::GRAZE {
            return;
        }
        match near.push_out(self.feet, &stance, Passes::Foot, 0.4) {
            Some(feet) => self.feet = feet,
            None => {
                // Between two walls that close: to where there is room.
                let (feet, safe) = (self.feet, self.safe);
                let _ = self.go_to(world, feet) || self.go_to(world, safe);
            }
        }
    }

    pub(crate) fn stand_on(&mut self, world: &World, support: Support) {
        self.on = support.solid.and_then(|index| Some((index, world.solids().get(index)?.frame)));
    }

    fn walk(&mut self, world: &World, near: &mut Near, intent: &Intent, dt: f32) {
        let wish = self.wish(intent);
        if let Some(climb) = self.takes_hold(world, intent, wish) {
            self.mode = Mode::Climb(climb);
            return;
        }
        let stooped = if self.height < self.eyes { STOOPED_SPEED } else { 1.0 };
        let way = world.bounded(self.feet + wish * (SPEED[usize::from(intent.run)] * stooped * dt)) - self.feet;
        let way = Vec3::new(way.x, 0.0, way.z);
        let mut moved = self.moved(world, near, way, intent.crouch);
        if moved.is_none() && near.support(world, self.feet + way, STEP, STEP, Passes::Foot).is_none() {
            // At the edge of a floor one goes along it.
            moved = ALONG.iter().find_map(|turn| {
                let (sin, cos) = turn.sin_cos();
                let turned = Vec3::new(cos * way.x + sin * way.z, 0.0, cos * way.z - sin * way.x) * cos;
                self.moved(world, near, turned, intent.crouch)
            });
        }
        if let Some((feet, height, support)) = moved {
            self.feet = feet;
            self.height = height;
            if let Some(support) = support {
                self.stand_on(world, support);
            }
        }
        match self.mode {
            Mode::Air => self.fall(world, near, dt),
            _ if moved.is_none() && near.support(world, self.feet, STEP, STEP, Passes::Foot).is_none() => {
                // The floor went away.
                self.mode = Mode::Air;
                self.speed_y = 0.0;
            }
            _ => {}
        }
    }

    /// Does not fall yet.
    pub(crate) const fn speed_stops(&mut self) {
        self.speed_y = 0.0;
    }

    fn fall(&mut self, world: &World, near: &Near, dt: f32) {
        self.speed_y = (self.speed_y - GRAVITY * dt).max(-FASTEST);
        let way = self.speed_y * dt;
        if let Some(support) = near.support(world, self.feet, STEP, -way, Passes::Foot) {
            let feet = Vec3::new(self.feet.x, support.height, self.feet.z);
            for height in self.heights(false) {
                if near.depth(feet, &on_foot(height), Passes::Foot) <= crate::GRAZE {
                    (self.feet, self.height, self.mode, self.speed_y) = (feet, height, Mode::Foot, 0.0);
                    self.stand_on(world, support);
                    return;
                }
            }
        }
        let feet = self.feet + Vec3::Y * way;
        if near.depth(feet, &on_foot(self.height), Passes::Foot) <= crate::GRAZE {
            self.feet = feet;
        } else {
            // It hangs on something narrow, and may walk off it.
            self.speed_y = 0.0;
        }
    }

    /// Where a level way leads, how tall one is there, and on what one stands. `None`: nowhere.
    fn moved(&self, world: &World, near: &mut Near, way: Vec3, crouch: bool) -> Option<(Vec3, f32, Option<Support>)> {
        let mut best: Option<(Vec3, f32, Option<Support>)> = None;
        let wanted = way.length();
        let gone = |feet: Vec3, start: Vec3| if wanted > 0.0 { (feet - start).dot(way) / wanted } else { 0.0 };
        for height in self.heights(crouch) {
            let tried = self.tried(world, near, way, height);
            let far = tried.map_or(f32::MIN, |(feet, _)| gone(feet, self.feet));
            // Only who gets on by it stoops.
            if let Some((feet, support)) = tried
                && best.is_none_or(|(before, ..)| far > 1.5 * gone(before, self.feet).max(0.0) + 0.005)
            {
                best = Some((feet, height, support));
            }
            // To stoop is of use only where less is in the way lower down.
            let there = self.feet + way;
            let in_the_way = |height| near.depth(there, &on_foot(height), Passes::Foot);
            if far >= 0.5 * wanted || in_the_way(STOOPED[1]) > in_the_way(height) - 0.01 {
                break;
            }
        }
        best
    }

    fn tried(&self, world: &World, near: &mut Near, way: Vec3, height: f32) -> Option<(Vec3, Option<Support>)> {
        let stance = on_foot(height);
        let on_foot = self.mode == Mode::Foot;
        let down = if on_foot { STEP } else { 0.0 };
        let mut feet = self.feet + way;
        let mut support = near.support(world, feet, STEP, down, Passes::Foot);
        if let Some(support) = support {
            feet.y = support.height;
        }
        let pushed = near.push_out(feet, &stance, Passes::Foot, way.length() + 0.03)?;
        if pushed.distance_squared(feet) > 1e-8 {
            feet = Vec3::new(pushed.x, self.feet.y, pushed.z);
            support = near.support(world, feet, STEP, down, Passes::Foot);
            feet.y = support.map_or(self.feet.y, |support| support.height);
            if feet.y != pushed.y && near.depth(feet, &stance, Passes::Foot) > 0.01 {
                return None;
            }
        }
        if on_foot && support.is_none() {
            return None;
        }
        // The body's axis has come through nothing.
        let ((low, high), (from_low, from_high)) = (stance.axis(feet), stance.axis(self.feet));
        let top = high.y.min(self.feet.y + self.height - RADIUS).max(low.y);
        let middle = (from_low.midpoint(from_high), low.midpoint(high));
        let head = (Vec3::new(self.feet.x, top, self.feet.z), Vec3::new(feet.x, top, feet.z));
        let through = |(from, to): (Vec3, Vec3)| near.passed(from, to);
        (feet == self.feet || ![(from_low, low), middle, head].into_iter().any(through)).then_some((feet, support))
    }

    /// Remembers where it stood well, and goes back there when it is nowhere.
    fn keep_safe(&mut self, world: &World) {
        let [low, high] = world.limits();
        let ground = world.ground(self.feet.x, self.feet.z);
        let lost = !self.feet.is_finite()
            || self.feet.y < low.y.min(ground - STEP)
            || self.feet.y > high.y
            || !self.eye_y.is_finite();
        if lost {
            let safe = self.safe;
            self.mode = Mode::Foot;
            self.speed_y = 0.0;
            if !self.go_to(world, safe) {
                self.feet = safe;
                self.eye_y = self.wanted_eye();
            }
        } else if self.mode == Mode::Foot {
            self.safe = self.feet;
        }
    }
}

/// What matters to somebody for a short while: so far around, from below the feet to above the head, m.
pub(crate) fn around(feet: Vec3, reach: f32, below: f32, tall: f32) -> Bounds {
    let low = Vec3::new(feet.x - reach, feet.y - below - 0.1, feet.z - reach);
    Bounds { low, high: Vec3::new(feet.x + reach, feet.y + tall + STEP, feet.z + reach) }
}

/// The body of somebody on foot who is so tall.
pub(crate) const fn on_foot(height: f32) -> Stance {
    Stance { lift: STEP, height, radius: RADIUS }
}

#[cfg(test)]
mod tests;
