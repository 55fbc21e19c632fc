//! Measuring: what of a surface the pointer would take, the clicks that take it, and where the distances are on screen.
//! Its system is one of those that read the mouse.

use bevy::prelude::*;

use super::camera::SceneCamera;
use super::interact::{Pointer, Touched};
use super::models::Parts;
use super::panels::Panels;
use crate::view::UiState;
use crate::view::sight::{Feature, MOST_MEASURES, Measure, Spot};
use crate::view::tools::Span;

/// What the pointer would take now.
#[derive(Resource, Default)]
pub struct Ruler {
    /// The point on a part, and where it is in the scene, m.
    pub over: Option<(Spot, Vec3)>,
}

/// A corner is taken within so many logical pixels, and an edge within fewer.
const CORNER_PX: f32 = 12.0;
const EDGE_PX: f32 = 7.0;

/// The point that is meant by one on a triangle: a corner or an edge that is near it on screen, else itself.
fn meant(on: &Touched, project: impl Fn(Vec3) -> Option<Vec2>) -> (Vec3, Feature) {
    let Some(at) = project(on.point) else { return (on.point, Feature::Face) };
    let away = |point: Vec3| project(point).map_or(f32::INFINITY, |seen| seen.distance(at));
    let nearest = |points: &[Vec3]| {
        points.iter().map(|&point| (point, away(point))).min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((on.point, 0.0))
    };
    let (corner, px) = nearest(&on.corners);
    if px < CORNER_PX {
        return (corner, Feature::Corner);
    }
    let [a, b, c] = on.corners;
    let (edge, px) = nearest(&[(a, b), (b, c), (c, a)].map(|(from, to)| foot(on.point, from, to)));
    if px < EDGE_PX { (edge, Feature::Edge) } else { (on.point, Feature::Face) }
}

/// The point between two that is nearest to a third.
fn foot(of: Vec3, from: Vec3, to: Vec3) -> Vec3 {
    let way = to - from;
    let share = (of - from).dot(way) / way.length_squared().max(1e-12);
    from + way * share.clamp(0.0, 1.0)
}

/// Looks what the pointer would take; after it was found what it is over.
pub fn snap(
    panels: Res<Panels>,
    pointer: Res<Pointer>,
    parts: Res<Parts>,
    camera: Single<(&Camera, &GlobalTransform), With<SceneCamera>>,
    places: Query<&GlobalTransform>,
    mut ruler: ResMut<Ruler>,
) {
    let over = || {
        let (on, (part, _)) = (pointer.on?, pointer.over?);
        let (camera, place) = *camera;
        let (point, on) = meant(&on, |point| camera.world_to_viewport(place, point).ok());
        let node = places.get(parts.nodes.get(part.index()).copied().flatten()?).ok()?;
        let at = node.affine().inverse().transform_point3(point);
        at.is_finite().then_some((Spot { part, at: at.to_array(), on }, point))
    };
    let over = panels.ui.tools.ruler.then(over).flatten();
    if ruler.over != over {
        ruler.over = over;
    }
}

/// A click while distances are measured: the beginning of one, or its end.
pub fn click(ruler: &Ruler, ui: &mut UiState) {
    let Some((spot, _)) = ruler.over else { return };
    match ui.tools.from.take() {
        None => ui.tools.from = Some(spot),
        Some(from) => {
            let measures = &mut ui.sight.measures;
            measures.push(Measure { from, to: spot });
            if measures.len() > MOST_MEASURES {
                measures.remove(0);
            }
        }
    }
}

/// The distances on screen; the one that is being measured last. `world`: where a point of a part is.
pub fn spans(
    ui: &UiState,
    ruler: &Ruler,
    world: impl Fn(&Spot) -> Option<Vec3>,
    project: impl Fn(Vec3) -> Option<Vec2>,
) -> Vec<Span> {
    let seen = |point: Vec3| project(point).map(|place| place.to_array());
    let whole = |from: Vec3, to: Vec3| Span { ends: [seen(from), seen(to)], way: (to - from).to_array() };
    let measured = ui.sight.measures.iter();
    // What left the scene has no place any more; the list keeps its length all the same.
    let lost = Span { ends: [None, None], way: [f32::NAN; 3] };
    let mut spans: Vec<Span> = measured
        .map(|measure| world(&measure.from).zip(world(&measure.to)).map_or(lost, |(from, to)| whole(from, to)))
        .collect();
    if let Some(from) = ui.tools.from.as_ref().and_then(&world) {
        let to = ruler.over.map_or(from, |(_, point)| point);
        spans.push(whole(from, to));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A triangle in the plane of the screen, a metre 100 pixels.
    fn touched(x: f32, y: f32) -> Touched {
        let corners = [Vec3::ZERO, Vec3::X, Vec3::Y];
        Touched { entity: Entity::PLACEHOLDER, triangle: 0, corners, point: Vec3::new(x, y, 0.0) }
    }

    fn flat(point: Vec3) -> Option<Vec2> {
        Some(point.truncate() * 100.0)
    }

    #[test]
    fn near_a_corner_the_corner_is_meant() {
        assert_eq!(meant(&touched(0.9, 0.05), flat), (Vec3::X, Feature::Corner));
    }

    #[test]
    fn near_an_edge_its_nearest_point_is_meant() {
        assert_eq!(meant(&touched(0.4, 0.05), flat), (Vec3::new(0.4, 0.0, 0.0), Feature::Edge));
    }

    #[test]
    fn elsewhere_the_point_itself_is_meant() {
        let point = Vec3::new(0.3, 0.3, 0.0);
        assert_eq!(meant(&touched(0.3, 0.3), flat), (point, Feature::Face));
    }

    #[test]
    fn two_clicks_make_a_distance_and_a_third_begins_another() {
        let spot = |x: f32| Spot { part: twinscope_twin::site::PartRow(0), at: [x, 0.0, 0.0], on: Feature::Face };
        let mut ui = UiState::default();
        for x in [0.0, 2.0, 5.0] {
            click(&Ruler { over: Some((spot(x), Vec3::ZERO)) }, &mut ui);
        }
        assert_eq!(ui.sight.measures, [Measure { from: spot(0.0), to: spot(2.0) }]);
        assert_eq!(ui.tools.from, Some(spot(5.0)));
    }

    #[test]
    fn a_click_beside_the_machine_takes_nothing() {
        let mut ui = UiState::default();
        click(&Ruler::default(), &mut ui);
        assert_eq!(ui, UiState::default());
    }

    #[test]
    fn a_distance_is_told_in_the_scene_and_on_screen() {
        let spot = |x: f32| Spot { part: twinscope_twin::site::PartRow(0), at: [x, 0.0, 0.0], on: Feature::Face };
        let mut ui = UiState::default();
        ui.sight.measures.push(Measure { from: spot(1.0), to: spot(4.0) });
        let spans = spans(&ui, &Ruler::default(), |spot| Some(Vec3::from_array(spot.at)), flat);
        assert_eq!(spans, [Span { ends: [Some([100.0, 0.0]), Some([400.0, 0.0])], way: [3.0, 0.0, 0.0] }]);
    }
}
