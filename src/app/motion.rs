//! Rotor, yaw and pitch move with their signals. Speeds are integrated, angles are approached; what is stale, bad or
//! never heard does not move. What would turn more than 60° a frame is not drawn turning: a figure stands beside it.

use bevy::prelude::*;
use twinscope_twin::quality::Quality;
use twinscope_twin::site::{Motion, MotionKind, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::models::Parts;

/// Moves what moves.
pub struct MotionPlugin;

impl Plugin for MotionPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Moving>().add_systems(Update, find_moving);
    }
}

/// Most that is drawn of a turn, degrees a frame; above, a spoked wheel seems to stand or turn back.
const MOST_PER_FRAME_DEG: f32 = 60.0;
/// An angle or a way is approached with this time constant, s: smooth between samples at 1 Hz.
const APPROACH_S: f32 = 0.35;

/// Everything that moves, and whether anything does.
#[derive(Resource, Default)]
pub struct Moving {
    parts: Vec<MovingPart>,
    generation: u32,
    /// Time of a frame, smoothed, s: what turns too fast must not change with every irregular frame.
    frame_s: f32,
    /// Something moved in the last frame.
    pub active: bool,
    /// Parts that turn too fast to be drawn, with a figure.
    pub too_fast: Vec<(PartRow, String)>,
}

impl Moving {
    /// Where a node is at rest, if it is one that moves.
    pub fn rest_of(&self, node: Entity) -> Option<Transform> {
        self.parts.iter().find(|part| part.node == node).map(|part| part.rest)
    }
}

struct MovingPart {
    part: PartRow,
    node: Entity,
    rest: Transform,
    states: Vec<f32>,
    /// Drawn as a figure instead of turning.
    fast: Vec<bool>,
}

fn find_moving(parts: Res<Parts>, mut moving: ResMut<Moving>, transforms: Query<&Transform>) {
    if moving.generation == parts.generation {
        return;
    }
    moving.generation = parts.generation;
    let Some(site) = &parts.site else { return };
    for (row, part) in (0_u32..).zip(&site.parts) {
        let part_row = PartRow(row);
        if part.motions.is_empty() || moving.parts.iter().any(|moving| moving.part == part_row) {
            continue;
        }
        if let Some(node) = parts.nodes.get(row as usize).copied().flatten()
            && let Ok(&rest) = transforms.get(node)
        {
            moving.parts.push(MovingPart {
                part: part_row,
                node,
                rest,
                states: vec![f32::NAN; part.motions.len()],
                fast: vec![false; part.motions.len()],
            });
        }
    }
}

/// The state of one motion after `dt_s`: an angle in degrees or a way in m. `None`: it does not move now.
fn step(motion: &Motion, state: f32, value: f32, dt_s: f32) -> f32 {
    let told = value * motion.scale as f32;
    match motion.kind {
        MotionKind::Spin => {
            let state = if state.is_finite() { state } else { motion.offset as f32 };
            // rpm to degrees a second: 360 / 60.
            (state + told * 6.0 * dt_s).rem_euclid(360.0)
        }
        MotionKind::Turn => {
            let target = told + motion.offset as f32;
            if !state.is_finite() {
                return target;
            }
            let way = (target - state + 180.0).rem_euclid(360.0) - 180.0;
            state + way * (1.0 - (-dt_s / APPROACH_S).exp())
        }
        MotionKind::Slide => {
            let target = told + motion.offset as f32;
            if state.is_finite() { state + (target - state) * (1.0 - (-dt_s / APPROACH_S).exp()) } else { target }
        }
    }
}

/// Moves everything by `dt_s` seconds as the snapshot tells.
pub fn advance(moving: &mut Moving, snapshot: &Snapshot, dt_s: f32, transforms: &mut Query<&mut Transform>) {
    let smooth = if moving.frame_s > 0.0 { 0.1 } else { 1.0 };
    moving.frame_s += (dt_s - moving.frame_s) * smooth;
    let frame_s = moving.frame_s;
    let mut active = false;
    let mut too_fast = Vec::new();
    for part in &mut moving.parts {
        let Some(description) = snapshot.site.parts.get(part.part.index()) else { continue };
        let mut placed = part.rest;
        for ((motion, state), fast) in description.motions.iter().zip(&mut part.states).zip(&mut part.fast) {
            let signal = snapshot.signals.get(motion.signal.index());
            let live = signal.filter(|signal| signal.quality <= Quality::Uncertain);
            let value = live.and_then(|signal| signal.value.as_ref()).and_then(|value| value.as_number());
            if let Some(value) = value.map(|value| value as f32).filter(|value| value.is_finite()) {
                let per_frame = (value * motion.scale as f32 * 6.0 * frame_s).abs();
                // A quarter less to turn again, so that it does not change to and fro at the limit.
                let limit = if *fast { 0.75 * MOST_PER_FRAME_DEG } else { MOST_PER_FRAME_DEG };
                *fast = motion.kind == MotionKind::Spin && per_frame > limit;
                if *fast {
                    // One figure for all that turn together.
                    let figure = format!("{value:.0} rpm");
                    if !too_fast.iter().any(|(_, told)| *told == figure) {
                        too_fast.push((part.part, figure));
                    }
                } else {
                    let next = step(motion, *state, value, dt_s);
                    // A tenth of a degree or a tenth of a millimetre is nothing that a person sees.
                    let still = if motion.kind == MotionKind::Slide { 1e-4 } else { 0.01 };
                    active |= !state.is_finite() || (next - *state).abs() > still;
                    *state = next;
                }
            }
            if state.is_finite() {
                let axis = [Vec3::X, Vec3::Y, Vec3::Z].get(usize::from(motion.axis)).copied().unwrap_or(Vec3::Y);
                match motion.kind {
                    MotionKind::Spin | MotionKind::Turn => {
                        placed.rotation *= Quat::from_axis_angle(axis, state.to_radians());
                    }
                    MotionKind::Slide => placed.translation += placed.rotation * axis * *state,
                }
            }
        }
        if let Ok(mut transform) = transforms.get_mut(part.node) {
            transform.set_if_neq(placed);
        }
    }
    moving.active = active;
    moving.too_fast = too_fast;
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::view::tests::fixture::{self, SiteBuilder};
    use twinscope_twin::quality::QualityReason;
    use twinscope_twin::site::SignalRow;

    fn motion(kind: MotionKind) -> Motion {
        Motion { kind, axis: 0, signal: SignalRow(0), scale: 1.0, offset: 0.0, derived: false }
    }

    #[test]
    fn twelve_rpm_are_72_degrees_a_second() {
        assert!((step(&motion(MotionKind::Spin), 10.0, 12.0, 0.5) - 46.0).abs() < 1e-4);
    }

    #[test]
    fn a_turn_goes_the_short_way_over_north() {
        let next = step(&motion(MotionKind::Turn), 350.0, 10.0, 0.1);
        assert!(next > 350.0, "{next}");
    }

    #[test]
    fn the_first_angle_is_there_at_once() {
        assert_eq!(step(&motion(MotionKind::Turn), f32::NAN, 42.0, 0.016), 42.0);
    }

    /// A rotor on the x axis that is told 12 rpm with one quality after the other, a quarter of a second each: how far it
    /// is turned after each, degrees, and whether something moves.
    fn told(qualities: &[Quality]) -> Vec<(f32, bool)> {
        fn quarter(In(snapshot): In<Snapshot>, mut moving: ResMut<Moving>, mut transforms: Query<&mut Transform>) {
            advance(&mut moving, &snapshot, 0.25, &mut transforms);
        }
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        b.part("rotor", "Rotor", "rotor", None);
        let signal = b.signal("Speed", "rpm", 1);
        b.site.parts[0].motions.push(Motion { signal, ..motion(MotionKind::Spin) });
        let mut snapshot = fixture::silent(b.site);
        let mut app = App::new();
        app.init_resource::<Parts>().add_plugins(MotionPlugin);
        let rest = Transform::from_xyz(1.0, 2.0, 3.0).with_rotation(Quat::from_rotation_y(0.5));
        let node = app.world_mut().spawn(rest).id();
        let mut parts = app.world_mut().resource_mut::<Parts>();
        parts.set_site(Arc::clone(&snapshot.site));
        parts.nodes[0] = Some(node);
        app.update();
        let quarter_of = |&quality: &Quality| {
            fixture::heard(&mut snapshot, signal, 12.0, quality, QualityReason::None, 0);
            app.world_mut().run_system_cached_with(quarter, snapshot.clone()).unwrap();
            let now = app.world().get::<Transform>(node).unwrap();
            assert_eq!(now.translation, rest.translation);
            let (axis, angle) = (rest.rotation.inverse() * now.rotation).to_axis_angle();
            assert!(angle == 0.0 || axis.abs_diff_eq(Vec3::X, 1e-3), "{axis}");
            (angle.to_degrees(), app.world().resource::<Moving>().active)
        };
        qualities.iter().map(quarter_of).collect()
    }

    #[test]
    fn a_live_speed_turns_its_part() {
        for quality in [Quality::Good, Quality::Uncertain] {
            // 12 rpm are 72 degrees a second.
            for ((angle, active), want) in told(&[quality; 3]).into_iter().zip([18.0, 36.0, 54.0]) {
                assert!((angle - want).abs() < 0.01 && active, "{quality:?}: {angle} instead of {want}, {active}");
            }
        }
    }

    #[test]
    fn what_is_not_live_stands_where_it_is() {
        for quality in [Quality::Stale, Quality::Bad, Quality::NoData] {
            let told = told(&[quality, Quality::Good, quality, quality, Quality::Good]);
            let active: Vec<_> = told.iter().map(|&(_, active)| active).collect();
            assert_eq!(active, [false, true, false, false, true], "{quality:?}");
            for (&(angle, _), want) in told.iter().zip([0.0, 18.0, 18.0, 18.0, 36.0]) {
                assert!((angle - want).abs() < 0.01, "{quality:?}: {angle} instead of {want}");
            }
        }
    }
}
