//! Rotor, yaw and pitch move with their signals, and what flows moves along its pipe. Speeds are approached and integrated,
//! angles are approached; what is stale, bad or never heard does not move, and shows no flow. What would turn more than
//! 60° a frame is not drawn turning: a figure stands beside it. It turns on unseen, so that teeth are in their gaps again
//! when it has slowed; and in double precision, for the same reason after weeks.

use bevy::prelude::*;
use twinscope_twin::quality::Quality;
use twinscope_twin::site::{Medium, Motion, MotionKind, PartRow};
use twinscope_twin::snapshot::Snapshot;

use super::material::PartRows;
use super::models::Parts;

/// Moves what moves.
pub struct MotionPlugin;

impl Plugin for MotionPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Moving>()
            .add_systems(Update, find_moving)
            .add_systems(PostUpdate, show_flows.before(super::material::upload_rows));
    }
}

/// Most that is drawn of a turn, degrees a frame; above, a spoked wheel seems to stand or turn back.
const MOST_PER_FRAME_DEG: f64 = 60.0;
/// A speed, an angle or a way is approached with this time constant, s: smooth between samples at 1 Hz.
const APPROACH_S: f64 = 0.35;

/// The rotors of a farm do not turn in step: each machine has been turning for so much longer than the one before, s.
const LEAD_S: f64 = 1.3;
/// After so many metres the dashes of every flow are where they were: a multiple of all their distances.
const FLOW_REPEATS_M: f64 = 32.0;
/// Below this speed nobody sees a flow move, m/s.
const FLOW_STILL: f64 = 1e-3;

/// The distance of the dashes of a flow, m, and their share of it. Kinds differ by length, not by colour.
pub const fn dashes(medium: Medium) -> [f32; 2] {
    match medium {
        Medium::Oil => [0.32, 0.6],
        Medium::Coolant => [0.16, 0.5],
        Medium::Energy => [0.08, 0.35],
    }
}

/// Everything that moves, and whether anything does.
#[derive(Resource, Default)]
pub struct Moving {
    parts: Vec<MovingPart>,
    generation: u32,
    /// Time of a frame, smoothed, s: what turns too fast must not change with every irregular frame.
    frame_s: f64,
    /// Something moved in the last frame.
    pub active: bool,
    /// Parts that turn too fast to be drawn, with a figure.
    pub too_fast: Vec<(PartRow, String)>,
    /// How far what flows through parts has flowed, m; `None`: nobody knows whether it flows.
    flows: Vec<(PartRow, Option<f32>)>,
}

impl Moving {
    /// Where a node is at rest, if it is one that moves.
    pub fn rest_of(&self, node: Entity) -> Option<Transform> {
        self.parts.iter().find(|part| part.node == node).map(|part| part.rest)
    }
}

impl Moving {
    /// Moves a node away from its place, m in the frame of what is above it. `false`: it is none that moves.
    pub fn set_aside(&mut self, node: Entity, aside: Vec3) -> bool {
        let part = self.parts.iter_mut().find(|part| part.node == node);
        part.map(|part| part.aside = aside).is_some()
    }
}

struct MovingPart {
    part: PartRow,
    node: Entity,
    rest: Transform,
    /// How far it is moved away from its place, in the frame of what is above it, m.
    aside: Vec3,
    /// How long it has been turning when it is first seen, s.
    lead_s: f64,
    states: Vec<State>,
    /// Drawn as a figure instead of turning, at the angle where it was when it became too fast, degrees.
    frozen: Vec<Option<f64>>,
}

/// Where a motion is.
#[derive(Clone, Copy, Debug, PartialEq)]
struct State {
    /// An angle, degrees, or a way, m; not finite before the first value.
    at: f64,
    /// Of what turns or flows on: degrees/s or m/s; not finite while its speed is not known.
    speed: f64,
}

/// Nothing was heard yet.
const UNHEARD: State = State { at: f64::NAN, speed: f64::NAN };

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
                aside: Vec3::ZERO,
                lead_s: LEAD_S * part.asset.index() as f64,
                states: vec![UNHEARD; part.motions.len()],
                frozen: vec![None; part.motions.len()],
            });
        }
    }
}

/// A speed that approaches `told` from `speed`, after `dt_s`, and the way that it made. From rest, and after a silence, it
/// is the told one at once: nobody knows what was before.
fn eased(speed: f64, told: f64, dt_s: f64) -> (f64, f64) {
    if !speed.is_finite() {
        return (told, told * dt_s);
    }
    // The exponential approach, and its integral.
    let gone = 1.0 - (-dt_s / APPROACH_S).exp();
    (speed + (told - speed) * gone, told * dt_s + (speed - told) * APPROACH_S * gone)
}

/// The state of one motion after `dt_s`.
fn step(motion: &Motion, state: State, value: f64, dt_s: f64) -> State {
    let told = value * motion.scale;
    let target = told + motion.offset;
    let gone = 1.0 - (-dt_s / APPROACH_S).exp();
    match motion.kind {
        MotionKind::Spin => {
            let from = if state.at.is_finite() { state.at } else { motion.offset };
            // rpm to degrees a second: 360 / 60.
            let (speed, way) = eased(state.speed, told * 6.0, dt_s);
            State { at: (from + way).rem_euclid(360.0), speed }
        }
        MotionKind::Flow(medium) => {
            let from = if state.at.is_finite() { state.at } else { 0.0 };
            let (speed, way) = eased(state.speed, told, dt_s);
            // Faster, dashes would seem to stand or to go back.
            let distance = f64::from(dashes(medium)[0]);
            let way = way.clamp(-0.3 * distance, 0.3 * distance);
            State { at: (from + way).rem_euclid(FLOW_REPEATS_M), speed }
        }
        MotionKind::Turn if state.at.is_finite() => {
            let way = (target - state.at + 180.0).rem_euclid(360.0) - 180.0;
            State { at: state.at + way * gone, ..state }
        }
        MotionKind::Slide if state.at.is_finite() => State { at: state.at + (target - state.at) * gone, ..state },
        MotionKind::Turn | MotionKind::Slide => State { at: target, ..state },
    }
}

/// Moves everything by `dt_s` seconds as the snapshot tells.
pub fn advance(moving: &mut Moving, snapshot: &Snapshot, dt_s: f32, transforms: &mut Query<&mut Transform>) {
    let dt_s = f64::from(dt_s);
    let smooth = if moving.frame_s > 0.0 { 0.1 } else { 1.0 };
    moving.frame_s += (dt_s - moving.frame_s) * smooth;
    let frame_s = moving.frame_s;
    let mut active = false;
    let mut too_fast = Vec::new();
    let mut flows = Vec::new();
    for part in &mut moving.parts {
        let Some(description) = snapshot.site.parts.get(part.part.index()) else { continue };
        let mut placed = part.rest;
        for ((motion, state), frozen) in description.motions.iter().zip(&mut part.states).zip(&mut part.frozen) {
            let signal = snapshot.signals.get(motion.signal.index());
            let live = signal.filter(|signal| signal.quality <= Quality::Uncertain);
            let value = live.and_then(|signal| signal.value.as_ref()).and_then(|value| value.as_number());
            let value = value.filter(|value| value.is_finite());
            if value.is_none() {
                state.speed = f64::NAN;
            }
            if let Some(value) = value {
                let per_frame = (value * motion.scale * 6.0 * frame_s).abs();
                // A quarter less to turn again, so that it does not change to and fro at the limit.
                let limit = if frozen.is_some() { 0.75 * MOST_PER_FRAME_DEG } else { MOST_PER_FRAME_DEG };
                let fast = motion.kind == MotionKind::Spin && per_frame > limit;
                let lead_s = if state.at.is_finite() { 0.0 } else { part.lead_s };
                let next = step(motion, *state, value, dt_s + lead_s);
                *frozen = fast.then(|| frozen.unwrap_or(if state.at.is_finite() { state.at } else { motion.offset }));
                if fast {
                    // One figure for all that turn together.
                    let figure = format!("{:.0} rpm", (value * motion.scale).abs());
                    if !too_fast.iter().any(|(_, told)| *told == figure) {
                        too_fast.push((part.part, figure));
                    }
                } else {
                    // A tenth of a degree or a tenth of a millimetre is nothing that a person sees.
                    let still = if motion.kind == MotionKind::Slide { 1e-4 } else { 0.01 };
                    active |= match motion.kind {
                        MotionKind::Flow(_) => next.speed.abs() > FLOW_STILL,
                        _ => !state.at.is_finite() || (next.at - state.at).abs() > still,
                    };
                }
                *state = next;
            }
            if motion.medium().is_some() {
                flows.push((part.part, value.map(|_| state.at as f32)));
            } else if state.at.is_finite() {
                let axis = [Vec3::X, Vec3::Y, Vec3::Z].get(usize::from(motion.axis)).copied().unwrap_or(Vec3::Y);
                let at = frozen.unwrap_or(state.at);
                match motion.kind {
                    MotionKind::Slide => placed.translation += placed.rotation * axis * at as f32,
                    _ => placed.rotation *= Quat::from_axis_angle(axis, at.to_radians() as f32),
                }
            }
        }
        placed.translation += part.aside;
        if let Ok(mut transform) = transforms.get_mut(part.node) {
            transform.set_if_neq(placed);
        }
    }
    moving.active = active;
    moving.too_fast = too_fast;
    moving.flows = flows;
}

/// Hands the flows to the parts' rows. A flow that nobody knows of has no dashes.
fn show_flows(moving: Res<Moving>, mut rows: ResMut<PartRows>) {
    if !moving.is_changed() || moving.flows.is_empty() {
        return;
    }
    // Whoever looks at the rows looks at colours: parts need not be dressed anew for a flow.
    let rows = rows.bypass_change_detection();
    for (part, flowed) in &moving.flows {
        rows.set_flow(part.index(), flowed.map_or([0.0; 2], |flowed| [flowed, 1.0]));
    }
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
        let state = step(&motion(MotionKind::Spin), State { at: 10.0, speed: 72.0 }, 12.0, 0.5);
        assert!((state.at - 46.0).abs() < 1e-4, "{state:?}");
    }

    /// Speeds of what is told 6 rpm, then 18 rpm from a quarter of a second on, at 60 frames a second.
    fn speeds(kind: MotionKind) -> Vec<f64> {
        let mut state = UNHEARD;
        (0..60)
            .map(|frame| {
                let told = if frame < 15 { 6.0 } else { 18.0 };
                state = step(&motion(kind), state, told, 1.0 / 60.0);
                state.speed
            })
            .collect()
    }

    #[test]
    fn a_speed_is_eased_from_one_sample_to_the_next() {
        let speeds = speeds(MotionKind::Spin);
        assert!(speeds[..15].iter().all(|&speed| speed == 36.0), "{speeds:?}");
        // From 36 to 108 degrees a second; at once it would be one step of 72.
        let most = speeds.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max);
        assert!(most < 4.0, "a step of {most} degrees a second");
        assert!(speeds.windows(2).all(|pair| pair[1] >= pair[0]), "{speeds:?}");
        assert!((98.0..108.0).contains(&speeds[59]), "{speeds:?}");
    }

    #[test]
    fn the_way_under_an_eased_speed_does_not_depend_on_the_frames() {
        let after = |frames: u32| {
            let mut state = State { at: 0.0, speed: 36.0 };
            for _ in 0..frames {
                state = step(&motion(MotionKind::Spin), state, 18.0, 0.5 / f64::from(frames));
            }
            state.at
        };
        assert!((after(1) - after(50)).abs() < 1e-2, "{} and {}", after(1), after(50));
    }

    #[test]
    fn a_flow_goes_as_far_as_its_speed_says_and_back_below_zero() {
        let flow = motion(MotionKind::Flow(Medium::Oil));
        let after = |speed: f64| (0..60).fold(UNHEARD, |state, _| step(&flow, state, speed, 1.0 / 60.0)).at;
        assert!((after(0.5) - 0.5).abs() < 1e-3, "{}", after(0.5));
        assert!((after(-0.5) - (FLOW_REPEATS_M - 0.5)).abs() < 1e-3, "{}", after(-0.5));
        assert_eq!(after(0.0), 0.0);
    }

    #[test]
    fn dashes_are_where_they_were_when_the_way_begins_anew() {
        for medium in [Medium::Oil, Medium::Coolant, Medium::Energy] {
            let [distance, share] = dashes(medium);
            let times = FLOW_REPEATS_M / f64::from(distance);
            assert!((times - times.round()).abs() < 1e-3 && share < 1.0, "{medium:?}");
        }
    }

    #[test]
    fn a_turn_goes_the_short_way_over_north() {
        let next = step(&motion(MotionKind::Turn), State { at: 350.0, ..UNHEARD }, 10.0, 0.1);
        assert!(next.at > 350.0, "{next:?}");
    }

    #[test]
    fn the_first_angle_is_there_at_once() {
        assert_eq!(step(&motion(MotionKind::Turn), UNHEARD, 42.0, 0.016).at, 42.0);
    }

    /// A rotor on the x axis that is told one speed after the other, a quarter of a second each: how far it is turned
    /// after each, degrees, and whether something moves.
    fn told(speeds: &[(f64, Quality)]) -> Vec<(f32, bool)> {
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
        app.init_resource::<Parts>().insert_resource(PartRows::without_gpu()).add_plugins(MotionPlugin);
        let rest = Transform::from_xyz(1.0, 2.0, 3.0).with_rotation(Quat::from_rotation_y(0.5));
        let node = app.world_mut().spawn(rest).id();
        let mut parts = app.world_mut().resource_mut::<Parts>();
        parts.set_site(Arc::clone(&snapshot.site));
        parts.nodes[0] = Some(node);
        app.update();
        let quarter_of = |&(rpm, quality): &(f64, Quality)| {
            fixture::heard(&mut snapshot, signal, rpm, quality, QualityReason::None, 0);
            app.world_mut().run_system_cached_with(quarter, snapshot.clone()).unwrap();
            let now = app.world().get::<Transform>(node).unwrap();
            assert_eq!(now.translation, rest.translation);
            let (axis, angle) = (rest.rotation.inverse() * now.rotation).to_axis_angle();
            assert!(angle == 0.0 || axis.abs().abs_diff_eq(Vec3::X, 1e-3), "{axis}");
            ((angle * axis.x.signum()).to_degrees().rem_euclid(360.0), app.world().resource::<Moving>().active)
        };
        speeds.iter().map(quarter_of).collect()
    }

    #[test]
    fn a_live_speed_turns_its_part() {
        for quality in [Quality::Good, Quality::Uncertain] {
            // 12 rpm are 72 degrees a second.
            for ((angle, active), want) in told(&[(12.0, quality); 3]).into_iter().zip([18.0, 36.0, 54.0]) {
                assert!((angle - want).abs() < 0.01 && active, "{quality:?}: {angle} instead of {want}, {active}");
            }
        }
    }

    #[test]
    fn what_is_not_live_stands_where_it_is() {
        for quality in [Quality::Stale, Quality::Bad, Quality::NoData] {
            let told = told(&[quality, Quality::Good, quality, quality, Quality::Good].map(|quality| (12.0, quality)));
            let active: Vec<_> = told.iter().map(|&(_, active)| active).collect();
            assert_eq!(active, [false, true, false, false, true], "{quality:?}");
            for (&(angle, _), want) in told.iter().zip([0.0, 18.0, 18.0, 18.0, 36.0]) {
                assert!((angle - want).abs() < 0.01, "{quality:?}: {angle} instead of {want}");
            }
        }
    }

    #[test]
    fn what_turned_too_fast_to_be_drawn_is_where_it_has_come_to_when_it_has_slowed() {
        // 60 rpm are 90 degrees in a quarter of a second, 12 rpm are 18.
        let angles: Vec<f32> = told(&[60.0, 60.0, 12.0].map(|rpm| (rpm, Quality::Good))).iter().map(|t| t.0).collect();
        // Two quarters of 90 degrees unseen; then from 360 to 72 degrees a second with a time constant of 0.35 s.
        let eased = 18.0 + (360.0 - 72.0) * 0.35 * (1.0 - (-0.25_f32 / 0.35).exp());
        for (angle, want) in angles.iter().zip([0.0, 0.0, 180.0 + eased]) {
            assert!((angle - want).abs() < 0.05, "{angle} instead of {want}");
        }
    }

    /// What the row of a pipe says of its flow after each quality, a quarter of a second each, at 0.4 m/s.
    fn flows(qualities: &[Quality]) -> Vec<[f32; 2]> {
        fn quarter(In(snapshot): In<Snapshot>, mut moving: ResMut<Moving>, mut transforms: Query<&mut Transform>) {
            for _ in 0..10 {
                advance(&mut moving, &snapshot, 0.025, &mut transforms);
            }
        }
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        let pipe = b.part("oil_line", "Oil line", "pipe", None);
        let signal = b.signal("Flow", "m/s", 1);
        b.site.parts[0].motions.push(Motion { signal, ..motion(MotionKind::Flow(Medium::Oil)) });
        let mut snapshot = fixture::silent(b.site);
        let mut app = App::new();
        app.init_resource::<Parts>().insert_resource(PartRows::without_gpu()).add_plugins(MotionPlugin);
        app.world_mut().resource_mut::<PartRows>().reserve(4);
        let node = app.world_mut().spawn(Transform::default()).id();
        let mut parts = app.world_mut().resource_mut::<Parts>();
        parts.set_site(Arc::clone(&snapshot.site));
        parts.nodes[0] = Some(node);
        app.update();
        let quarter_of = |&quality: &Quality| {
            fixture::heard(&mut snapshot, signal, 0.4, quality, QualityReason::None, 0);
            app.world_mut().run_system_cached_with(quarter, snapshot.clone()).unwrap();
            app.update();
            app.world().resource::<PartRows>().get(pipe.index()).unwrap().flow
        };
        qualities.iter().map(quarter_of).collect()
    }

    #[test]
    fn a_live_flow_moves_its_dashes() {
        for ([flowed, flows], want) in flows(&[Quality::Good; 3]).into_iter().zip([0.1, 0.2, 0.3]) {
            assert!((flowed - want).abs() < 1e-3 && flows == 1.0, "{flowed} m instead of {want}, {flows}");
        }
    }

    #[test]
    fn a_flow_that_is_not_live_has_no_dashes() {
        for quality in [Quality::Stale, Quality::Bad, Quality::NoData] {
            let shown: Vec<f32> = flows(&[quality, Quality::Good, quality]).iter().map(|flow| flow[1]).collect();
            assert_eq!(shown, [0.0, 1.0, 0.0], "{quality:?}");
        }
    }
}
