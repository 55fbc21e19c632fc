//! What the scene shows, in pixels: drawn without a window on a virtual clock.

use std::path::Path;

use twinscope::app::picture::{Picture, Shot, Studio, View};
use twinscope::check;
use twinscope::session::model_files;
use twinscope::simulated::Virtual;
use twinscope::view::theme;
use twinscope_link::simulator::{Options as Simulation, StartFault};
use twinscope_prognosis::wind_turbine::{Fault, FaultKind};
use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;

use crate::cam02::delta_e;

const SIZE: (u32, u32) = (960, 540);

fn demo() -> check::Loaded {
    check::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sites/demo/site.toml")).unwrap()
}

fn part(loaded: &check::Loaded, id: &str) -> PartRow {
    PartRow(loaded.site.parts.iter().position(|part| part.id == id).unwrap() as u32)
}

fn virtual_run(loaded: &check::Loaded, seed: u64, worn: bool) -> Virtual {
    let fault = Fault::new(FaultKind::HighSpeedBearingWear, 1.0).unwrap();
    let faults = if worn { vec![StartFault { asset: None, fault }] } else { Vec::new() };
    let simulation = Simulation { seed, faults, ..Simulation::default() };
    Virtual::new(&loaded.site, &loaded.base_dir, &simulation, None).unwrap()
}

/// Pixels of `part` that are seen, as (x, y).
fn seen(studio: &mut Studio, part: PartRow) -> Vec<(u32, u32)> {
    let mask = studio.shoot(&Shot::Mask(part)).unwrap();
    let pixels: Vec<_> = (0..mask.height)
        .flat_map(|y| (0..mask.width).map(move |x| (x, y)))
        .filter(|&(x, y)| mask.at(x, y) == [255; 3])
        .collect();
    assert!(pixels.len() > 200, "the part must be in view: {} pixels", pixels.len());
    pixels
}

#[test]
fn the_worn_bearing_has_the_colour_of_its_alarm() {
    let loaded = demo();
    let bearing = part(&loaded, "high_speed_bearing");
    let mut run = virtual_run(&loaded, 1, true);
    let state = |run: &Virtual| run.snapshot().parts[bearing.index()].state;
    while state(&run) < Severity::High {
        run.advance_to(run.at_ms() + 5_000).unwrap();
        assert!(run.at_ms() < 900_000, "the alarms must catch the wear within a quarter of an hour");
    }
    let alarm = theme::severity_colour(state(&run));
    let mut studio = Studio::new(run.snapshot(), &model_files(&loaded), SIZE, 12.0, View::Part(bearing)).unwrap();
    assert_eq!(studio.problems(), Vec::<String>::new());
    let pixels = seen(&mut studio, bearing);
    let flat = studio.shoot(&Shot::Flat).unwrap();
    let close = pixels.iter().filter(|&&(x, y)| delta_e(flat.at(x, y), [alarm[0], alarm[1], alarm[2]]) <= 3.0).count();
    assert!(close * 10 >= pixels.len() * 9, "{close} of {} pixels have the colour of the alarm", pixels.len());
}

/// Share of the part's pixels that are at least a third darker than its brightest.
fn dark_share(picture: &Picture, pixels: &[(u32, u32)]) -> f64 {
    let light = |&(x, y): &(u32, u32)| picture.at(x, y).iter().map(|&c| u32::from(c)).sum::<u32>();
    let brightest = pixels.iter().map(light).max().unwrap_or(0);
    let dark = pixels.iter().filter(|pixel| light(pixel) * 3 <= brightest * 2).count();
    dark as f64 / pixels.len() as f64
}

#[test]
fn a_stale_part_shows_its_hatching() {
    let loaded = demo();
    let generator = part(&loaded, "generator");
    let mut run = virtual_run(&loaded, 1, false);
    run.advance_to(12_000).unwrap();
    let view = View::Part(generator);
    let models = model_files(&loaded);
    let mut live = Studio::new(run.snapshot(), &models, SIZE, 0.0, view).unwrap();
    let pixels = seen(&mut live, generator);
    let plain = dark_share(&live.shoot(&Shot::Flat).unwrap(), &pixels);
    run.silent_from_ms = Some(12_000);
    run.advance_to(3_600_000).unwrap();
    assert_eq!(run.snapshot().parts[generator.index()].quality, Quality::Stale);
    let mut stale = Studio::new(run.snapshot(), &models, SIZE, 0.0, view).unwrap();
    let pixels = seen(&mut stale, generator);
    let hatched = dark_share(&stale.shoot(&Shot::Flat).unwrap(), &pixels);
    // 36 % of a hatched surface is stripe.
    assert!(plain < 0.05, "a live part is even: {plain}");
    assert!((0.25..0.50).contains(&hatched), "a stale part is striped: {hatched}");
}

#[test]
fn a_part_without_data_shows_its_outline_only() {
    let loaded = demo();
    let generator = part(&loaded, "generator");
    let mut run = virtual_run(&loaded, 1, false);
    run.muted = vec!["demo/wt-01/generator".to_owned()];
    run.advance_to(12_000).unwrap();
    assert_eq!(run.snapshot().parts[generator.index()].quality, Quality::NoData);
    let mut studio = Studio::new(run.snapshot(), &model_files(&loaded), SIZE, 0.0, View::Part(generator)).unwrap();
    let pixels = seen(&mut studio, generator);
    let lit = studio.shoot(&Shot::Lit).unwrap();
    let dots = theme::DARK.quiet;
    let dotted = (0..lit.height)
        .flat_map(|y| (0..lit.width).map(move |x| (x, y)))
        .filter(|&(x, y)| delta_e(lit.at(x, y), [dots[0], dots[1], dots[2]]) <= 3.0)
        .filter(|&(x, y)| pixels.iter().any(|&(px, py)| px.abs_diff(x) <= 3 && py.abs_diff(y) <= 3))
        .count();
    assert!(dotted > 100, "the outline is drawn in dots: {dotted} pixels");
}

#[test]
fn a_picture_is_the_same_for_the_same_seed() {
    let loaded = demo();
    let draw = |seed| {
        let mut run = virtual_run(&loaded, seed, false);
        run.advance_to(12_000).unwrap();
        let mut studio = Studio::new(run.snapshot(), &model_files(&loaded), (480, 270), 12.0, View::All).unwrap();
        studio.shoot(&Shot::Lit).unwrap()
    };
    let first = draw(7);
    assert_eq!(first, draw(7));
    assert_ne!(first, draw(8));
}
