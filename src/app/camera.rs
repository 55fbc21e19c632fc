//! Orbit, pan, zoom to the cursor, fly to a part, fit all. What the camera does now is [`Orbit`].

use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::prelude::*;

use crate::view::history::Gaze;

/// Moves the camera.
pub struct CameraPlugin;

impl Plugin for CameraPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Orbit>().add_systems(PostUpdate, place_camera.before(TransformSystems::Propagate));
    }
}

/// Marks the camera that sees the scene.
#[derive(Component)]
pub struct SceneCamera;

/// What stands on a table is looked at from further above, m: radius of the largest such thing.
const TABLE_M: f32 = 0.6;

/// From where the whole of a machine is shown: yaw and pitch in degrees.
pub fn first_look(radius: f32) -> (f32, f32) {
    if radius < TABLE_M { (-40.0, 27.0) } else { (-40.0, 6.0) }
}

/// How much is shown around a part of this radius: also what it belongs to, as far as there is so much.
pub fn with_surroundings(radius: f32, whole: f32) -> f32 {
    (radius * 1.7).max((whole * 0.3).min(0.8))
}

/// A flight takes this long, s.
const FLIGHT_S: f32 = 0.6;
/// Height of the grass, m.
const GRASS_M: f32 = 0.6;
/// The eye stays above the ground by this share of its distance.
const LOWEST_VIEW: f32 = 0.08;
/// Nearest and farthest distance from the target, m: a finger, at which a crack of a millimetre is seen, and a wind farm of five kilometres seen whole.
const DISTANCE: [f32; 2] = [0.04, 16_000.0];
/// How far a pan may lead from the middle of the site, m.
const PAN_M: f32 = 20_000.0;
/// Vertical field of view, radians.
pub const FOV: f32 = 0.70;

/// Where the camera looks from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// What it looks at, m.
    pub target: Vec3,
    /// Direction from target to camera, degrees: 0 from +z, 90 from +x.
    pub yaw_deg: f32,
    /// Height over the horizon, degrees.
    pub pitch_deg: f32,
    /// From the target, m.
    pub distance: f32,
}

impl Pose {
    /// The camera's place and direction.
    pub fn transform(&self) -> Transform {
        let rotation =
            Quat::from_rotation_y(self.yaw_deg.to_radians()) * Quat::from_rotation_x(-self.pitch_deg.to_radians());
        let mut eye = self.target + rotation * Vec3::Z * self.distance;
        // Never below the grass, and close to what stands on a table beside it.
        eye.y = eye.y.max((LOWEST_VIEW * self.distance).min(GRASS_M));
        Transform::from_translation(eye).looking_at(self.target, Vec3::Y)
    }

    fn bounded(mut self) -> Self {
        self.pitch_deg = self.pitch_deg.clamp(-85.0, 89.0);
        self.distance = self.distance.clamp(DISTANCE[0], DISTANCE[1]);
        self.yaw_deg = (self.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
        self
    }

    /// A share of the way to another pose.
    pub(super) fn towards(&self, to: &Self, t: f32) -> Self {
        let turn = (to.yaw_deg - self.yaw_deg + 180.0).rem_euclid(360.0) - 180.0;
        Self {
            target: self.target.lerp(to.target, t),
            yaw_deg: self.yaw_deg + turn * t,
            pitch_deg: self.pitch_deg + (to.pitch_deg - self.pitch_deg) * t,
            // In proportion, so that a flight from far to near is even to the eye.
            distance: (self.distance.ln() + (to.distance.ln() - self.distance.ln()) * t).exp(),
        }
    }
}

impl From<Pose> for Gaze {
    fn from(Pose { target, yaw_deg, pitch_deg, distance }: Pose) -> Self {
        Self { target: target.to_array(), yaw_deg, pitch_deg, distance }
    }
}

impl From<Gaze> for Pose {
    fn from(Gaze { target, yaw_deg, pitch_deg, distance }: Gaze) -> Self {
        Self { target: Vec3::from_array(target), yaw_deg, pitch_deg, distance }
    }
}

/// The camera now, and its flight if it is on one.
#[derive(Resource)]
pub struct Orbit {
    /// Where it is.
    pub pose: Pose,
    flight: Option<(Pose, Pose, f32)>,
    /// A flight that was asked for: from where, and to where.
    gone: Option<[Gaze; 2]>,
}

impl Default for Orbit {
    fn default() -> Self {
        Self {
            pose: Pose { target: Vec3::new(0.0, 60.0, 0.0), yaw_deg: -35.0, pitch_deg: 8.0, distance: 260.0 },
            flight: None,
            gone: None,
        }
    }
}

impl Orbit {
    /// Flies to a pose.
    pub fn fly(&mut self, to: Pose) {
        self.flight = Some((self.pose, to.bounded(), 0.0));
    }

    /// Flies to a pose that somebody asked for: a step that can be undone.
    pub fn go(&mut self, to: Pose) {
        let from = self.gone.map_or_else(|| self.destination().into(), |[from, _]| from);
        self.gone = Some([from, to.bounded().into()]);
        self.fly(to);
    }

    /// The flight that was asked for since this was asked last.
    pub fn take_gone(&mut self) -> Option<[Gaze; 2]> {
        self.gone.take()
    }

    /// Is there at once.
    pub fn jump(&mut self, to: Pose) {
        self.pose = to.bounded();
        self.flight = None;
    }

    /// Where it is, or where its flight leads.
    pub fn destination(&self) -> Pose {
        self.flight.map_or(self.pose, |(_, to, _)| to)
    }

    /// Whether it is on a flight.
    pub fn moving(&self) -> bool {
        self.flight.is_some()
    }

    /// A pose that shows a sphere, from where the camera looks now or from `side` (yaw, pitch in degrees).
    pub fn framing(&self, centre: Vec3, radius: f32, side: Option<(f32, f32)>) -> Pose {
        let (yaw_deg, pitch_deg) = side.unwrap_or((self.pose.yaw_deg, self.pose.pitch_deg));
        Pose { target: centre, yaw_deg, pitch_deg, distance: (radius.max(0.012) / (FOV * 0.5).sin() * 1.12) }.bounded()
    }

    /// Turns by a drag of so many logical pixels.
    pub fn turn(&mut self, pixels: Vec2) {
        self.flight = None;
        self.pose.yaw_deg -= pixels.x * 0.28;
        self.pose.pitch_deg += pixels.y * 0.28;
        self.pose = self.pose.bounded();
    }

    /// Pans by a drag of so many logical pixels in a view `height` pixels high: what is under the cursor stays there.
    pub fn pan(&mut self, pixels: Vec2, height: f32) {
        self.flight = None;
        let per_pixel = 2.0 * self.pose.distance * (FOV * 0.5).tan() / height.max(1.0);
        let rotation = self.pose.transform().rotation;
        self.pose.target += rotation * Vec3::new(-pixels.x, pixels.y, 0.0) * per_pixel;
        self.pose.target = self.pose.target.clamp(Vec3::splat(-PAN_M), Vec3::splat(PAN_M));
    }

    /// Zooms by wheel notches, keeping `anchor` (the point under the cursor) where it is on screen.
    pub fn zoom(&mut self, notches: f32, anchor: Option<Vec3>) {
        self.flight = None;
        let factor = 0.86_f32.powf(notches.clamp(-10.0, 10.0));
        let before = self.pose.distance;
        self.pose.distance = (before * factor).clamp(DISTANCE[0], DISTANCE[1]);
        let real = self.pose.distance / before;
        if let Some(anchor) = anchor {
            self.pose.target = anchor + (self.pose.target - anchor) * real;
        }
    }
}

/// Wheel movement in notches.
pub fn notches(wheel: &MouseWheel) -> f32 {
    match wheel.unit {
        MouseScrollUnit::Line => wheel.y,
        MouseScrollUnit::Pixel => wheel.y / 60.0,
    }
}

/// Nearest that is drawn, m: what is looked at from a finger's length must not be cut off.
fn near(distance: f32) -> f32 {
    (distance * 0.25).clamp(0.01, 0.1)
}

/// Puts the camera where the orbit is.
pub fn place_camera(
    mut orbit: ResMut<Orbit>,
    time: Res<Time>,
    mut cameras: Query<(&mut Transform, &mut Projection), With<SceneCamera>>,
) {
    if let Some((from, to, t)) = orbit.flight {
        let t = (t + time.delta_secs().min(0.1) / FLIGHT_S).min(1.0);
        let eased = t * t * (3.0 - 2.0 * t);
        orbit.pose = from.towards(&to, eased).bounded();
        orbit.flight = (t < 1.0).then_some((from, to, t));
    }
    let placed = orbit.pose.transform();
    let near = near(orbit.pose.distance);
    for (mut transform, mut projection) in &mut cameras {
        if *transform != placed {
            *transform = placed;
        }
        if matches!(&*projection, Projection::Perspective(now) if now.near != near)
            && let Projection::Perspective(now) = &mut *projection
        {
            now.near = near;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orbit() -> Orbit {
        let mut orbit = Orbit::default();
        orbit.jump(Pose { target: Vec3::new(0.0, 100.0, 0.0), yaw_deg: 20.0, pitch_deg: 10.0, distance: 50.0 });
        orbit
    }

    /// Where a point is on the screen, in units of the view's height.
    fn seen(pose: &Pose, point: Vec3) -> Vec2 {
        let p = pose.transform().to_matrix().inverse().transform_point3(point);
        Vec2::new(p.x, p.y) / -p.z
    }

    #[test]
    fn zoom_keeps_the_point_under_the_cursor() {
        let mut orbit = orbit();
        let anchor = Vec3::new(4.0, 103.0, -2.0);
        let before = seen(&orbit.pose, anchor);
        orbit.zoom(3.0, Some(anchor));
        assert!((seen(&orbit.pose, anchor) - before).length() < 1e-4);
        assert!(orbit.pose.distance < 50.0);
    }

    #[test]
    fn pan_moves_the_target_with_the_cursor() {
        let mut orbit = orbit();
        let point = orbit.pose.target;
        orbit.pan(Vec2::new(72.0, -36.0), 720.0);
        let moved = seen(&orbit.pose, point) / (2.0 * (FOV * 0.5).tan());
        assert!((moved - Vec2::new(0.1, 0.05)).length() < 1e-3, "{moved}");
    }

    #[test]
    fn the_camera_never_turns_over() {
        let mut orbit = orbit();
        orbit.turn(Vec2::new(0.0, 100_000.0));
        assert!(orbit.pose.pitch_deg <= 89.0);
        orbit.turn(Vec2::new(0.0, -100_000.0));
        assert!(orbit.pose.pitch_deg >= -85.0);
    }

    #[test]
    fn distance_stays_within_bounds() {
        let mut orbit = orbit();
        for _ in 0..1_000 {
            orbit.zoom(10.0, None);
        }
        assert!(orbit.pose.distance >= DISTANCE[0]);
    }

    #[test]
    fn what_is_looked_at_is_never_cut_off() {
        for distance in [DISTANCE[0], 0.1, 0.5, 100.0, DISTANCE[1]] {
            assert!(near(distance) < 0.5 * distance, "{distance}");
        }
    }

    #[test]
    fn what_is_small_is_seen_from_beside_and_what_is_large_from_above_the_grass() {
        let blade = Pose { target: Vec3::new(0.0, 0.07, 0.0), yaw_deg: 0.0, pitch_deg: 5.0, distance: 0.4 };
        let eye = blade.transform().translation;
        assert!((eye.y - 0.07 - 0.4 * 5.0_f32.to_radians().sin()).abs() < 1e-4, "{eye}");
        let tower = Pose { target: Vec3::ZERO, pitch_deg: -20.0, distance: 50.0, ..blade };
        assert!((tower.transform().translation.y - 0.6).abs() < 1e-4);
    }

    #[test]
    fn a_small_part_is_shown_with_what_is_around_it_but_not_with_more_than_there_is() {
        assert_eq!(with_surroundings(0.05, 80.0), 0.8);
        assert_eq!(with_surroundings(2.0, 80.0), 3.4);
        assert!(with_surroundings(0.003, 0.12) < 0.05);
    }

    #[test]
    fn a_flight_takes_the_short_way_round() {
        let from = Pose { yaw_deg: 170.0, ..orbit().pose };
        let to = Pose { yaw_deg: -170.0, ..from };
        let half = from.towards(&to, 0.5).bounded();
        assert!((half.yaw_deg.abs() - 180.0).abs() < 1e-3, "{}", half.yaw_deg);
    }
}
