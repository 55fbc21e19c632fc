//! The section plane: hands it to the materials, puts it where a person asks for it, and says where it is on screen.

use bevy::camera::primitives::Aabb;
use bevy::prelude::*;
use twinscope_twin::site::Site;

use super::camera::{Orbit, SceneCamera};
use super::field::material::FieldMaterial;
use super::material::{OutlineMaterial, PartMaterial, PartRows};
use super::models::Parts;
use super::panels::Panels;
use super::sight::extent;
use super::twin::Twin;
use crate::view::sight::Section;
use crate::view::tools::{Across, PlaneScene};

/// Cuts.
pub struct SectionPlugin;

impl Plugin for SectionPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Asked>()
            .add_systems(Update, place.after(super::panels::act))
            .add_systems(PostUpdate, hand_over.before(super::material::upload_rows));
    }
}

/// A cut that was asked for and is not made yet.
#[derive(Resource, Default)]
pub struct Asked(pub Option<Across>);

/// Hands the plane to the materials. Those that are not cut are other pipelines: a plane costs nothing while there is none.
fn hand_over(
    panels: Res<Panels>,
    mut rows: ResMut<PartRows>,
    mut bodies: ResMut<Assets<PartMaterial>>,
    mut fields: ResMut<Assets<FieldMaterial>>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
) {
    let section = panels.ui.sight.section;
    let on = section.is_some();
    let plane = section.map_or(Vec4::ZERO, |section| Vec3::from_array(section.normal).extend(section.distance()));
    rows.set_section(plane);
    // Also of what came into the scene a moment ago.
    change(&mut bodies, |body| body.section != on, |body| body.section = on);
    change(
        &mut fields,
        |field| field.section != on || field.style.plane != plane,
        |field| (field.section, field.style.plane) = (on, plane),
    );
    // The outline of the selection is drawn through everything, and so whole.
    change(
        &mut outlines,
        |line| !line.xray && (line.section != on || line.style.plane != plane),
        |line| (line.section, line.style.plane) = (on, plane),
    );
}

/// Changes those assets that need it: to take one for changing is to make it anew on the graphics card.
fn change<A: Asset>(assets: &mut Assets<A>, needs: impl Fn(&A) -> bool, set: impl Fn(&mut A)) {
    let wrong: Vec<AssetId<A>> = assets.iter().filter(|(_, asset)| needs(asset)).map(|(id, _)| id).collect();
    for id in wrong {
        if let Some(mut asset) = assets.get_mut(id) {
            set(&mut asset);
        }
    }
}

/// Directions of a machine in the scene: its length, its height, its width.
fn directions(site: &Site, asset: Option<usize>) -> [Vec3; 3] {
    let heading = asset.or(Some(0)).and_then(|asset| site.assets.get(asset)).map_or(270.0, |asset| asset.heading_deg);
    // A model faces west (−x) as it is: heading 270.
    let turn = Quat::from_rotation_y(-(heading - 270.0).to_radians() as f32);
    [turn * Vec3::X, Vec3::Y, turn * Vec3::Z]
}

/// A cut in the axes of a part's node as one of the scene.
pub fn placed(section: Section, node: &GlobalTransform) -> Option<Section> {
    let normal = (node.rotation() * Vec3::from_array(section.normal)).try_normalize()?;
    Some(Section { at: node.transform_point(Vec3::from_array(section.at)).to_array(), normal: normal.to_array() })
}

/// The plane through a point, cutting off the side of the eye.
fn through(at: Vec3, normal: Vec3, eye: Vec3) -> Section {
    let normal = if normal.dot(eye - at) < 0.0 { -normal } else { normal };
    Section { at: at.to_array(), normal: normal.to_array() }
}

fn place(
    mut asked: ResMut<Asked>,
    mut panels: ResMut<Panels>,
    parts: Res<Parts>,
    twin: Res<Twin>,
    orbit: Res<Orbit>,
    camera: Single<&GlobalTransform, With<SceneCamera>>,
    boxes: Query<(&Aabb, &GlobalTransform)>,
) {
    if asked.0.is_none() {
        return;
    }
    let Some(across) = asked.0.take() else { return };
    let Some(site) = &parts.site else { return };
    let subjects = panels.ui.sight.subjects(twin.selected());
    let chosen = subjects.first().and_then(|part| site.parts.get(part.index()));
    let [length, height, width] = directions(site, chosen.map(|part| part.asset.index()));
    let Some((low, high)) = extent(&parts, &subjects, &boxes) else { return };
    let normal = match across {
        Across::Length => length,
        Across::Height => height,
        Across::Width => width,
        Across::Sight => -*camera.forward(),
    };
    let all = (low + high) * 0.5;
    // With nothing selected, where a person looks, so far as something is there.
    let at = if subjects.is_empty() { orbit.pose.target.clamp(low, high) } else { all };
    panels.ui.sight.section = Some(through(at, normal, camera.translation()));
}

/// Half a side of the plane that is drawn, as a share of the camera's distance from what it looks at.
const REACH: f32 = 0.22;

/// The plane on screen. `looks`: what the camera looks at, and from how far, m: the plane is moved over what is in view.
pub fn on_screen(
    section: &Section,
    bounds: (Vec3, Vec3),
    project: impl Fn(Vec3) -> Option<Vec2>,
    looks: (Vec3, f32),
) -> PlaneScene {
    let reach = REACH * looks.1;
    let (at, normal) = (Vec3::from_array(section.at), Vec3::from_array(section.normal));
    let (low, high) = bounds;
    let corner = |n: u8| {
        let pick = |bit: u8, low: f32, high: f32| if n & bit == 0 { low } else { high };
        Vec3::new(pick(1, low.x, high.x), pick(2, low.y, high.y), pick(4, low.z, high.z))
    };
    let along = (0..8).map(|n| corner(n).dot(normal));
    let [low, high] = along.fold([f32::INFINITY, f32::NEG_INFINITY], |[low, high], d| [low.min(d), high.max(d)]);
    let (seen, now) = (looks.0.dot(normal), section.distance());
    let range = [low.max(seen - looks.1).min(now), high.min(seen + looks.1).max(now)];
    let (side, up) = normal.any_orthonormal_pair();
    let corners = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)];
    let seen: Vec<[f32; 2]> = corners
        .iter()
        .filter_map(|(x, y)| project(at + (side * *x + up * *y) * reach))
        .map(|place| place.to_array())
        .collect();
    let handle = project(at);
    // Over a short way, because what is near the eye grows.
    let step = 0.05 * reach;
    let further = project(at + normal * step);
    let per_metre = handle.zip(further).map_or(Vec2::ZERO, |(from, to)| (to - from) / step);
    PlaneScene {
        corners: if seen.len() == corners.len() { seen } else { Vec::new() },
        handle: handle.map(|place| place.to_array()),
        per_metre: per_metre.to_array(),
        range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_of_the_eye_is_cut_off() {
        let section = through(Vec3::ZERO, Vec3::Z, Vec3::new(3.0, 0.0, -5.0));
        assert_eq!(section.normal, [0.0, 0.0, -1.0]);
    }

    #[test]
    fn a_machine_that_faces_north_has_its_length_north_and_south() {
        let mut b = crate::view::tests::fixture::SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        b.site.assets[0].heading_deg = 0.0;
        let [length, height, width] = directions(&b.site, None);
        // x east, y up, z south.
        assert!(length.z.abs() > 0.999 && height == Vec3::Y && width.x.abs() > 0.999, "{length} {width}");
    }

    #[test]
    fn a_plane_can_be_moved_from_one_end_of_the_machine_to_the_other() {
        let section = Section { at: [0.0; 3], normal: [0.0, 1.0, 0.0] };
        let flat = |point: Vec3| Some(Vec2::new(point.x, -point.y) * 100.0);
        let plane =
            on_screen(&section, (Vec3::new(-1.0, -2.0, -1.0), Vec3::new(1.0, 7.0, 1.0)), flat, (Vec3::ZERO, 20.0));
        assert_eq!(plane.range, [-2.0, 7.0]);
        // Up on screen, 100 points a metre.
        assert!((plane.per_metre[1] + 100.0).abs() < 1e-2, "{plane:?}");
    }

    #[test]
    fn from_near_a_plane_is_moved_over_what_is_in_view() {
        let section = Section { at: [0.0, 1.0, 0.0], normal: [0.0, 1.0, 0.0] };
        let tower = (Vec3::new(-1.0, 0.0, -1.0), Vec3::new(1.0, 150.0, 1.0));
        let plane = on_screen(&section, tower, |_| None, (Vec3::new(0.0, 2.0, 0.0), 3.0));
        assert_eq!(plane.range, [0.0, 5.0]);
    }

    #[test]
    fn a_plane_with_a_corner_behind_the_eye_has_no_outline() {
        let section = Section { at: [0.0; 3], normal: [0.0, 1.0, 0.0] };
        let some = |point: Vec3| (point.x > -0.5).then_some(Vec2::ZERO);
        assert!(on_screen(&section, (Vec3::NEG_ONE, Vec3::ONE), some, (Vec3::ZERO, 4.5)).corners.is_empty());
    }
}
