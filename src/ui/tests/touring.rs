//! A screen without a presenter: captions that fit, whatever the screen; nothing of the panels.

use std::sync::Arc;

use egui::{Rect, pos2, vec2};
use twinscope_twin::snapshot::{LinkState, Snapshot};
use twinscope_twin::tour::parse_tour;

use super::Window;
use crate::view::Scene;
use crate::view::tests::fixture::NOW;
use crate::view::tests::living;
use crate::view::tour::Playing;
use crate::view::tour::screen::{MARGIN, SHIFT_PX, Show};

/// A stop with as much as a stop may say.
fn scene(snapshot: &Snapshot, show: Show, night: bool) -> Scene {
    let night = if night { "night = { from = \"00:00\", to = \"23:59\" }\n" } else { "" };
    let text = format!(
        "schema = 1\n{night}[[stop]]\nid = \"a\"\ntitle = \"How long will it last? {{high_speed_bearing.life}}\"\n\
         captions = [\"A model of this machine learns from every reading, and says how sure it is: of twenty such bearings, \
         eighteen fail within the band. {{high_speed_bearing.response}}\"]\n\
         figures = [\"high_speed_bearing.life\", \"high_speed_bearing.temperature\", \"high_speed_bearing.saves\"]\n\
         highlight = [\"high_speed_bearing\"]\n"
    );
    let (tour, problems) = parse_tour(&text, "tour.toml", &snapshot.site);
    assert_eq!(problems, []);
    let mut playing = Playing::new(Some(Arc::new(tour)), show, 0);
    playing.step(NOW, snapshot);
    Scene { playing: Some(playing), simulated: true, ..Scene::default() }
}

/// Points of a wide screen, a very wide one, an upright one and a square one, at the scale of five metres.
const SIZES: [[f32; 2]; 5] = [[486.0, 274.0], [648.0, 274.0], [267.0, 474.0], [274.0, 274.0], [1280.0, 720.0]];

fn told<'a>(window: &'a Window, part: &str) -> &'a (String, Rect) {
    window.told.iter().find(|(said, _)| said.contains(part)).unwrap_or_else(|| panic!("{part}: {:?}", window.told))
}

#[test]
fn captions_keep_within_the_margins_of_every_screen() {
    let snapshot = living::turbine();
    for size in SIZES {
        let mut window = Window::new(size);
        window.settle(&snapshot, &scene(&snapshot, Show::Scene, false));
        let margin = MARGIN * size[0].min(size[1]) - 1.0;
        let safe = Rect::from_min_size(pos2(0.0, 0.0), vec2(size[0], size[1])).shrink(margin - SHIFT_PX as f32);
        for part in ["How long will it last?", "A model of this machine", "94.6 °C", "42 d", "3 alarms", "14:02 UTC"] {
            let (said, rect) = told(&window, part);
            assert!(safe.contains_rect(*rect), "{size:?} {said}: {rect:?} in {safe:?}");
        }
    }
}

#[test]
fn captions_cover_less_than_half_of_the_picture_and_nothing_covers_them() {
    let snapshot = living::turbine();
    for size in SIZES {
        let mut window = Window::new(size);
        window.settle(&snapshot, &scene(&snapshot, Show::Scene, false));
        let title = told(&window, "How long will it last?").1;
        let caption = told(&window, "A model of this machine").1;
        assert!(title.bottom() <= caption.top() + 0.5, "{size:?}: {title:?} {caption:?}");
        assert!(title.top().min(told(&window, "94.6 °C").1.top()) > size[1] * 0.36, "{size:?}: {title:?}");
    }
}

#[test]
fn the_scene_has_the_whole_picture_but_for_the_border_of_its_shift() {
    let snapshot = living::turbine();
    let mut window = Window::new([486.0, 274.0]);
    window.settle(&snapshot, &scene(&snapshot, Show::Scene, false));
    assert!((window.free.width() - (486.0 - 2.0 * SHIFT_PX as f32)).abs() < 1.0, "{:?}", window.free);
}

#[test]
fn a_lost_connection_is_told_on_every_part_of_the_layout() {
    let mut snapshot = living::turbine();
    snapshot.sources[0].link = LinkState::Lost { since: NOW, reason: "gone".into() };
    let mut window = Window::new([486.0, 274.0]);
    window.settle(&snapshot, &scene(&snapshot, Show::Scene, false));
    told(&window, "No connection for");
}

#[test]
fn the_other_screens_have_their_part_of_the_layout_and_the_state() {
    let snapshot = living::turbine();
    for (show, part) in [(Show::Alarms, "Temperature above"), (Show::Inspector, "High-speed bearing")] {
        let mut window = Window::new([640.0, 360.0]);
        window.settle(&snapshot, &scene(&snapshot, show, false));
        told(&window, part);
        told(&window, "3 alarms");
    }
}

#[test]
fn at_night_there_is_the_time_and_the_state_and_nothing_else() {
    let snapshot = living::turbine();
    for size in SIZES {
        let mut window = Window::new(size);
        window.settle(&snapshot, &scene(&snapshot, Show::Scene, true));
        told(&window, "14:02 UTC");
        told(&window, "3 alarms");
        assert!(window.told.iter().all(|(said, _)| !said.contains("How long")), "{size:?}");
    }
}
