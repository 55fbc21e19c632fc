//! The light of the scene: where the sun stands at an hour, and what it and the sky give. A studio has lamps instead.
//!
//! One day of early summer in the middle latitudes, chosen for its look: sunrise at five, noon at one, sunset at nine.
//! Linear rgb in the units of the picture (1 is white). Nothing here is measured; it only has to look like daylight.

use bevy::prelude::*;
use twinscope_twin::site::Stage;

use super::material::PartRows;
use super::models::Parts;
use super::panels::Panels;

/// Sets the light.
pub struct DaylightPlugin;

impl Plugin for DaylightPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Daylight>()
            .add_systems(Update, (follow_view, light_parts).chain().before(super::stage::StageSet));
    }
}

/// What the light depends on.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct Daylight {
    /// Hours from midnight.
    pub hour: f32,
    /// Sky or lamps.
    pub stage: Stage,
}

impl Default for Daylight {
    fn default() -> Self {
        Self { hour: 15.0, stage: Stage::Landscape }
    }
}

/// The light that everything is drawn in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Unit vector to the sun, the moon, or the main lamp.
    pub towards: Vec3,
    /// What comes from there.
    pub key: Vec3,
    /// What comes from above, all around.
    pub sky: Vec3,
    /// What comes from below.
    pub ground: Vec3,
    /// The sky straight up.
    pub zenith: Vec3,
    /// The sky at the horizon.
    pub horizon: Vec3,
}

/// Height of the sun over the horizon, degrees, and its direction from south towards west, degrees.
fn sun(hour: f32) -> (f32, f32) {
    let day = (hour - 5.0) / 16.0;
    let elevation = if (0.0..=1.0).contains(&day) {
        49.0 * (day * std::f32::consts::PI).sin()
    } else {
        // Below the horizon, deepest at one at night.
        let night = if hour < 5.0 { (5.0 - hour) / 4.0 } else { (hour - 21.0) / 4.0 };
        -18.0 * night.clamp(0.0, 1.0)
    };
    (elevation, (hour - 13.0) * 18.0)
}

fn smooth(from: f32, to: f32, x: f32) -> f32 {
    let t = ((x - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

fn direction(elevation_deg: f32, west_of_south_deg: f32) -> Vec3 {
    let (up, away) = (elevation_deg.to_radians(), west_of_south_deg.to_radians());
    Vec3::new(-away.sin() * up.cos(), up.sin(), away.cos() * up.cos())
}

impl Light {
    /// The light of a stage at an hour.
    #[must_use]
    pub fn of(daylight: Daylight) -> Self {
        match daylight.stage {
            Stage::Landscape => Self::outdoors(daylight.hour),
            Stage::Studio => Self::studio(),
        }
    }

    fn outdoors(hour: f32) -> Self {
        let (elevation, west) = sun(hour.rem_euclid(24.0));
        let day = smooth(-5.0, 12.0, elevation);
        let gold = smooth(26.0, 3.0, elevation) * smooth(-9.0, 1.0, elevation);
        let mix = |night: Vec3, noon: Vec3, golden: Vec3| night.lerp(noon, day).lerp(golden, gold);
        // The moon takes over where the sun is gone, so that the machine is still modelled.
        let towards =
            direction(elevation.max(6.0), west).lerp(direction(38.0, 40.0), smooth(2.0, -12.0, elevation)).normalize();
        Self {
            towards,
            key: mix(Vec3::new(0.13, 0.15, 0.20), Vec3::new(0.98, 0.94, 0.87), Vec3::new(0.94, 0.69, 0.45)),
            sky: mix(Vec3::new(0.085, 0.105, 0.145), Vec3::new(0.335, 0.385, 0.445), Vec3::new(0.27, 0.30, 0.38)),
            ground: mix(Vec3::new(0.045, 0.05, 0.06), Vec3::new(0.145, 0.14, 0.13), Vec3::new(0.14, 0.115, 0.095)),
            zenith: mix(Vec3::new(0.010, 0.016, 0.030), Vec3::new(0.062, 0.132, 0.250), Vec3::new(0.075, 0.120, 0.215)),
            horizon: mix(Vec3::new(0.035, 0.045, 0.065), Vec3::new(0.470, 0.535, 0.590), Vec3::new(0.60, 0.46, 0.35)),
        }
    }

    fn studio() -> Self {
        Self {
            towards: Vec3::new(-0.46, 0.74, 0.49).normalize(),
            key: Vec3::new(0.72, 0.71, 0.69),
            sky: Vec3::new(0.46, 0.47, 0.48),
            ground: Vec3::new(0.150, 0.152, 0.156),
            zenith: Vec3::new(0.060, 0.066, 0.074),
            horizon: Vec3::new(0.165, 0.176, 0.190),
        }
    }
}

/// The site says what the machines stand in, and the view which hour it is.
fn follow_view(panels: Res<Panels>, parts: Res<Parts>, mut daylight: ResMut<Daylight>) {
    let stage = parts.site.as_ref().map_or(daylight.stage, |site| site.stage);
    let hour = panels.ui.hour;
    daylight.set_if_neq(Daylight { hour, stage });
}

fn light_parts(daylight: Res<Daylight>, mut rows: ResMut<PartRows>) {
    if daylight.is_changed() {
        rows.set_light(&Light::of(*daylight));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: f32) -> Light {
        Light::of(Daylight { hour, stage: Stage::Landscape })
    }

    fn luma(c: Vec3) -> f32 {
        c.dot(Vec3::new(0.2126, 0.7152, 0.0722))
    }

    #[test]
    fn the_sun_rises_in_the_east_stands_in_the_south_and_sets_in_the_west() {
        assert!(at(7.0).towards.x > 0.5, "{}", at(7.0).towards);
        assert!(at(13.0).towards.z > 0.5 && at(13.0).towards.x.abs() < 1e-3, "{}", at(13.0).towards);
        assert!(at(19.0).towards.x < -0.5, "{}", at(19.0).towards);
    }

    #[test]
    fn the_light_never_comes_from_below_and_is_a_unit_vector() {
        for quarter in 0..=96 {
            let towards = at(quarter as f32 / 4.0).towards;
            assert!(towards.y > 0.05 && (towards.length() - 1.0).abs() < 1e-4, "{quarter}: {towards}");
        }
    }

    #[test]
    fn noon_is_brighter_than_evening_and_evening_than_night() {
        let brightness = [13.0, 20.5, 1.0].map(|hour| luma(at(hour).key + at(hour).sky));
        assert!(brightness[0] > brightness[1] && brightness[1] > 2.0 * brightness[2], "{brightness:?}");
    }

    #[test]
    fn the_evening_sun_is_warmer_than_that_of_noon() {
        let warmth = |hour| at(hour).key.x / at(hour).key.z;
        assert!(warmth(20.0) > 1.5 * warmth(13.0), "{} {}", warmth(20.0), warmth(13.0));
    }

    #[test]
    fn a_machine_is_still_seen_at_night() {
        let night = at(1.0);
        assert!(luma(night.sky) > 0.05 && luma(night.horizon) > 0.02);
    }

    #[test]
    fn the_hours_go_over_into_each_other() {
        let mut before = at(0.0);
        for minute in 1..=1_440 {
            let now = at(minute as f32 / 60.0);
            let jump = (now.key - before.key).length() + (now.towards - before.towards).length();
            assert!(jump < 0.05, "{minute}: {jump}");
            before = now;
        }
    }
}
