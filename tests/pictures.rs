//! What the scene shows, in pixels: drawn without a window on a virtual clock.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use twinscope::app::picture::{Picture, PictureLook, Shot, Studio, View};
use twinscope::check;
use twinscope::session::model_files;
use twinscope::simulated::Virtual;
use twinscope::view::quality::Preset;
use twinscope::view::theme;
use twinscope_link::record::Recorder;
use twinscope_link::simulator::{Options as Simulation, StartFault};
use twinscope_link::sink::Message;
use twinscope_prognosis::{Fault, FaultKind};
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{PartRow, SignalInput};
use twinscope_twin::time::Now;

use crate::cam02::delta_e;
use crate::support::demo_copy;

const SIZE: (u32, u32) = (960, 540);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn demo() -> check::Loaded {
    check::load(&root().join("assets/sites/demo/site.toml")).unwrap()
}

/// A GLB whose node with `id`, and all below it, draw nothing.
fn without_meshes(glb: &[u8], id: &str) -> Vec<u8> {
    // Header of 12 bytes, then the JSON chunk: length, "JSON", text; then the rest (glTF 2.0, section 4).
    let length = u32::from_le_bytes(glb[12..16].try_into().unwrap()) as usize;
    let (text, rest) = glb[20..].split_at(length);
    let mut json: serde_json::Value = serde_json::from_slice(text).unwrap();
    let nodes = json["nodes"].as_array_mut().unwrap();
    let mut open = vec![nodes.iter().position(|node| node["extras"]["part_id"] == id).unwrap()];
    while let Some(node) = open.pop() {
        let node = nodes[node].as_object_mut().unwrap();
        node.remove("mesh");
        let children = node.get("children").and_then(|children| children.as_array()).into_iter().flatten();
        open.extend(children.map(|child| child.as_u64().unwrap() as usize));
    }
    let mut text = json.to_string().into_bytes();
    text.resize(text.len().next_multiple_of(4), b' ');
    let total = (20 + text.len() + rest.len()) as u32;
    let head = [&glb[..8], &total.to_le_bytes(), &(text.len() as u32).to_le_bytes(), b"JSON"].concat();
    [&head[..], &text, rest].concat()
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
    let mut studio =
        Studio::new(run.snapshot(), &model_files(&loaded), SIZE, 12.0, View::Part(bearing), PictureLook::default())
            .unwrap();
    assert_eq!(studio.problems(), Vec::<String>::new());
    let pixels = seen(&mut studio, bearing);
    let flat = studio.shoot(&Shot::Flat).unwrap();
    let close = pixels.iter().filter(|&&(x, y)| delta_e(flat.at(x, y), [alarm[0], alarm[1], alarm[2]]) <= 3.0).count();
    assert!(close * 10 >= pixels.len() * 9, "{close} of {} pixels have the colour of the alarm", pixels.len());
}

/// Pixels all of whose neighbours are in the list too: nothing of an edge is in them.
fn inside(pixels: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let all: HashSet<_> = pixels.iter().copied().collect();
    let whole = |&&(x, y): &&(u32, u32)| {
        (0..25_u32).all(|n| all.contains(&((x + n % 5).wrapping_sub(2), (y + n / 5).wrapping_sub(2))))
    };
    pixels.iter().filter(whole).copied().collect()
}

/// Difference (CAM02-UCS) between a state in the lit picture and in the legend that 99 of 100 pixels keep to, the largest
/// over four parts of which each has another state.
fn farthest_from_the_legend(preset: Preset) -> f64 {
    let loaded = demo();
    let mut run = virtual_run(&loaded, 1, false);
    run.advance_to(12_000).unwrap();
    let mut snapshot = (*run.snapshot()).clone();
    let states = [
        ("generator", Severity::Low),
        ("main_bearing", Severity::Medium),
        ("transformer", Severity::High),
        ("converter", Severity::Critical),
    ];
    for (id, state) in states {
        snapshot.parts[part(&loaded, id).index()].state = state;
    }
    let look = PictureLook { quality: Some(preset), hour: None };
    let mut studio = Studio::new(Arc::new(snapshot), &model_files(&loaded), SIZE, 12.0, View::Story, look).unwrap();
    let lit = studio.shoot(&Shot::Lit).unwrap();
    let mut farthest: f64 = 0.0;
    for (id, state) in states {
        let pixels = inside(&seen(&mut studio, part(&loaded, id)));
        assert!(pixels.len() > 60, "{id}: {} pixels", pixels.len());
        let [r, g, b, _] = theme::severity_colour(state);
        let mut away: Vec<f64> = pixels.iter().map(|&(x, y)| delta_e(lit.at(x, y), [r, g, b])).collect();
        away.sort_by(f64::total_cmp);
        // A rail before the part that is thinner than a pixel is drawn in one picture and not in the other.
        farthest = farthest.max(away[away.len() * 99 / 100]);
    }
    farthest
}

#[test]
fn states_have_the_colours_of_the_legend_in_light_and_behind_glass() {
    for preset in Preset::ALL {
        let farthest = farthest_from_the_legend(preset);
        println!("{preset:?}: {farthest:.2}");
        assert!(farthest <= 6.0, "{preset:?}: {farthest:.2}");
    }
}

/// The generator of the demo after 12 s, when everything is heard: what the others are held against.
struct Healthy {
    pixels: Vec<(u32, u32)>,
    lit: Picture,
    flat: Picture,
}

fn healthy() -> &'static Healthy {
    static HEALTHY: OnceLock<Healthy> = OnceLock::new();
    HEALTHY.get_or_init(|| {
        let loaded = demo();
        let mut run = virtual_run(&loaded, 1, false);
        run.advance_to(12_000).unwrap();
        let (pixels, lit, flat) = shoot(&loaded, &run, "generator");
        Healthy { pixels, lit, flat }
    })
}

/// Looks at a part: its pixels, the picture as in the window, and the check picture.
fn shoot(loaded: &check::Loaded, run: &Virtual, id: &str) -> (Vec<(u32, u32)>, Picture, Picture) {
    let row = part(loaded, id);
    let mut studio =
        Studio::new(run.snapshot(), &model_files(loaded), SIZE, 0.0, View::Part(row), PictureLook::default()).unwrap();
    assert_eq!(studio.problems(), Vec::<String>::new());
    let lit = studio.shoot(&Shot::Lit).unwrap();
    let flat = studio.shoot(&Shot::Flat).unwrap();
    (seen(&mut studio, row), lit, flat)
}

/// How much the mean light of the pixels differs between the phases of a pattern, as a share of the brightest
/// phase. A surface without that pattern has the same mean in all of them, whatever its light.
fn contrast(picture: &Picture, pixels: &[(u32, u32)], phases: u32, phase: impl Fn(u32, u32) -> u32) -> f64 {
    let mut sums = vec![(0.0, 0_u32); phases as usize];
    for &(x, y) in pixels {
        let (sum, count) = &mut sums[phase(x, y) as usize];
        *sum += picture.at(x, y).iter().map(|&c| (f64::from(c) / 255.0).powf(2.2)).sum::<f64>();
        *count += 1;
    }
    assert!(sums.iter().all(|&(_, count)| count > 20), "every phase of the pattern is seen: {sums:?}");
    let means = sums.iter().map(|&(sum, count)| sum / f64::from(count));
    let (low, high) = means.fold((f64::MAX, 0.0_f64), |(low, high), mean| (low.min(mean), high.max(mean)));
    (high - low) / high
}

/// The hatching is 10 pixels from stripe to stripe, at 45 degrees: (falling, rising).
fn hatching(picture: &Picture, pixels: &[(u32, u32)]) -> (f64, f64) {
    let falling = contrast(picture, pixels, 10, |x, y| (x + y) % 10);
    let rising = contrast(picture, pixels, 10, |x, y| (x + 10 * picture.height - y) % 10);
    (falling, rising)
}

/// Dots in rows of 8 pixels, every second row shifted by half: the middle of the cells against the rest.
fn dots(picture: &Picture, pixels: &[(u32, u32)]) -> f64 {
    contrast(picture, pixels, 2, |x, y| {
        let (x, y) = ((x + 4 * (y / 8)) % 8, y % 8);
        u32::from((3..5).contains(&x) && (3..5).contains(&y))
    })
}

/// A stripe takes half of the light; hatched both ways, a third of the rest is dark as well, and the glass of the housing
/// lies before it. What has no stripes varies by chance and by its shape.
const STRIPED: f64 = 0.2;
const EVEN: f64 = 0.05;

#[test]
fn a_stale_part_shows_its_hatching() {
    let loaded = demo();
    let mut run = virtual_run(&loaded, 1, false);
    run.silent_from_ms = Some(12_000);
    run.advance_to(3_600_000).unwrap();
    assert_eq!(run.snapshot().parts[part(&loaded, "generator").index()].quality, Quality::Stale);
    let (pixels, lit, flat) = shoot(&loaded, &run, "generator");
    let live = healthy();
    for (name, stale, live_picture) in [("lit", &lit, &live.lit), ("flat", &flat, &live.flat)] {
        let (falling, rising) = hatching(stale, &pixels);
        assert!(falling > STRIPED && rising < EVEN, "{name}: striped one way: {falling} {rising}");
        let (falling, rising) = hatching(live_picture, &live.pixels);
        assert!(falling < EVEN && rising < EVEN, "{name}: a live part is even: {falling} {rising}");
    }
}

#[test]
fn a_bad_part_is_hatched_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let assets = demo_copy(dir.path());
    // No value of the generator is possible in this copy.
    let types = assets.join("types/wind-turbine.toml");
    let text = std::fs::read_to_string(&types).unwrap();
    let (before, rest) = text.split_once("\nid = \"generator\"\n").unwrap();
    let (own, after) = rest.split_once("\n[[part]]\n").unwrap();
    let own: Vec<_> =
        own.lines().map(|line| if line.starts_with("range = ") { "range = [1e6, 2e6]" } else { line }).collect();
    std::fs::write(&types, format!("{before}\nid = \"generator\"\n{}\n[[part]]\n{after}", own.join("\n"))).unwrap();
    let loaded = check::load(&assets.join("sites/demo/site.toml")).unwrap();
    let mut run = virtual_run(&loaded, 1, false);
    run.advance_to(12_000).unwrap();
    let status = run.snapshot().parts[part(&loaded, "generator").index()];
    assert_eq!((status.quality, status.reason), (Quality::Bad, QualityReason::OutOfRange));
    let (pixels, lit, flat) = shoot(&loaded, &run, "generator");
    for (name, picture) in [("lit", &lit), ("flat", &flat)] {
        let (falling, rising) = hatching(picture, &pixels);
        assert!(falling > STRIPED && rising > STRIPED, "{name}: {falling} {rising}");
    }
}

#[test]
fn a_part_without_data_shows_its_outline_only() {
    // The same scene without a generator: what is behind the outline.
    let dir = tempfile::tempdir().unwrap();
    let assets = demo_copy(dir.path());
    let model = assets.join("models/wind_turbine.glb");
    std::fs::write(&model, without_meshes(&std::fs::read(&model).unwrap(), "generator")).unwrap();
    let draw = |loaded: &check::Loaded, mute: bool| {
        let mut run = virtual_run(loaded, 1, false);
        run.muted.extend(mute.then(|| "demo/wt-01/generator".to_owned()));
        run.advance_to(12_000).unwrap();
        let generator = part(loaded, "generator");
        let heard = run.snapshot().parts[generator.index()].quality == Quality::Good;
        assert_eq!(heard, !mute);
        // The camera looks at what is the same in all three pictures.
        let view = View::Part(part(loaded, "transformer"));
        (Studio::new(run.snapshot(), &model_files(loaded), SIZE, 0.0, view, PictureLook::default()).unwrap(), generator)
    };
    let loaded = demo();
    let (mut studio, generator) = draw(&loaded, true);
    let silent = studio.shoot(&Shot::Lit).unwrap();
    let pixels = seen(&mut studio, generator);
    let live = draw(&loaded, false).0.shoot(&Shot::Lit).unwrap();
    let gone = check::load(&assets.join("sites/demo/site.toml")).unwrap();
    let behind = draw(&gone, true).0.shoot(&Shot::Lit).unwrap();

    // The line is drawn around the body, outside of it.
    let around = |&(x, y): &(u32, u32)| {
        (x.saturating_sub(3)..=x + 3).flat_map(move |x| (y.saturating_sub(3)..=y + 3).map(move |y| (x, y)))
    };
    let near: HashSet<_> = pixels.iter().flat_map(around).collect();
    let [r, g, b, _] = theme::DARK.quiet;
    let dots = |picture: &Picture| near.iter().filter(|&&(x, y)| delta_e(picture.at(x, y), [r, g, b]) <= 3.0).count();
    let (dotted, plain) = (dots(&silent), dots(&live));
    assert!(dotted > 100 && plain * 10 < dotted, "the outline is drawn in dots: {dotted} pixels, {plain} when heard");

    // Where the generator can be told from what is behind it, what is behind is seen, under a veil of a tenth.
    let differ = |a: &Picture, b: &Picture, &(x, y): &(u32, u32)| delta_e(a.at(x, y), b.at(x, y));
    let told: Vec<_> = pixels.iter().filter(|&pixel| differ(&live, &behind, pixel) > 12.0).collect();
    assert!(told.len() > 2_000, "the generator is seen when it is heard: {} pixels", told.len());
    let through = told.iter().filter(|&&pixel| differ(&silent, &behind, pixel) <= 8.0).count();
    assert!(through * 10 > told.len() * 7, "its body is empty: {through} of {} pixels", told.len());
}

#[test]
fn a_part_that_nothing_measures_keeps_its_body_in_dots() {
    let loaded = check::load(&root().join("assets/sites/la-haute-borne/site.toml")).unwrap();
    let mut run = recorded(&loaded, &root().join("assets/tables/la-haute-borne.toml"));
    run.advance_to(60_000).unwrap();
    let status = run.snapshot().parts[part(&loaded, "generator").index()];
    assert_eq!((status.quality, status.reason), (Quality::NoData, QualityReason::NotMeasured));
    let (pixels, lit, flat) = shoot(&loaded, &run, "generator");
    let live = healthy();
    for (name, picture, measured) in [("lit", &lit, &live.lit), ("flat", &flat, &live.flat)] {
        let (dotted, even) = (dots(picture, &pixels), dots(measured, &live.pixels));
        assert!(dotted > STRIPED && even < EVEN, "{name}: {dotted}, {even} where it is measured");
    }
}

/// A value of a table, found by the table's own columns.
fn cell(asset: &str, time: &str, column: &str) -> f64 {
    let path = root().join(format!("assets/tables/la-haute-borne/{asset}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let place = lines.next().unwrap().split(',').position(|name| name == column).unwrap();
    let row = lines.find(|line| line.starts_with(time)).unwrap();
    row.split(',').nth(place).unwrap().parse().unwrap()
}

/// What the twin has for the field `pointer` of the messages of `asset`.
fn value(loaded: &check::Loaded, run: &Virtual, asset: &str, pointer: &str) -> Option<f64> {
    let site = &loaded.site;
    let signal = site.signals.iter().position(|signal| {
        let of_asset = site.assets[site.parts[signal.part.index()].asset.index()].id == asset;
        let SignalInput::Topic(input) = &signal.input else { return false };
        of_asset && input.path.as_deref() == Some(pointer)
    });
    let status = run.snapshot().signals[signal.unwrap()].clone();
    status.value.filter(|_| status.quality == Quality::Good).and_then(|value| value.as_number())
}

fn recorded(loaded: &check::Loaded, recording: &Path) -> Virtual {
    Virtual::new(&loaded.site, &loaded.base_dir, &Simulation::default(), Some(recording)).unwrap()
}

#[test]
fn a_table_is_played_on_the_virtual_clock() {
    let loaded = check::load(&root().join("assets/sites/la-haute-borne/site.toml")).unwrap();
    let mut run = recorded(&loaded, &root().join("assets/tables/la-haute-borne.toml"));
    // The table begins at midnight; a row holds until the next one.
    for (minute, time) in [(1, "2014-12-10T00:00"), (19, "2014-12-10T00:10"), (20, "2014-12-10T00:20")] {
        run.advance_to(minute * 60_000).unwrap();
        for asset in ["R80711", "R80736"] {
            for column in ["power_kw", "wind_speed_ms", "outdoor_temp_c", "nacelle_deg"] {
                let (have, want) = (value(&loaded, &run, asset, &format!("/{column}")), cell(asset, time, column));
                assert_eq!(have, Some(want), "{asset} {column} after {minute} min");
            }
        }
    }
}

#[test]
fn a_recording_is_played_on_the_virtual_clock() {
    let loaded = check::load(&root().join("assets/sites/la-haute-borne/site.toml")).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("evening.mcap");
    let begin = 1_700_000_000_000_i64;
    let mut recorder = Recorder::create(&path).unwrap();
    for (seconds, power) in [(0_i64, 100.5), (30, 200.25), (90, 300.75)] {
        let t = begin + seconds * 1_000;
        let message = Message {
            topic: "la-haute-borne/R80711/scada".into(),
            payload: format!("{{\"t\":{t},\"power_kw\":{power}}}").into(),
            received: Now { wall_ms: t, mono_ms: 0 },
            retained: false,
        };
        recorder.write(&message).unwrap();
    }
    recorder.finish().unwrap();
    let mut run = recorded(&loaded, &path);
    for (seconds, power) in [(1, 100.5), (29, 100.5), (30, 200.25), (60, 200.25), (91, 300.75)] {
        run.advance_to(seconds * 1_000).unwrap();
        assert_eq!(value(&loaded, &run, "R80711", "/power_kw"), Some(power), "after {seconds} s");
        assert_eq!(value(&loaded, &run, "R80736", "/power_kw"), None, "the other turbine is not in the recording");
    }
    // Fifteen minutes after the last row it is no longer called good.
    run.advance_to((90 + 15 * 60 + 1) * 1_000).unwrap();
    assert_eq!(value(&loaded, &run, "R80711", "/power_kw"), None, "too old");
}

#[test]
fn a_picture_is_the_same_for_the_same_seed() {
    let loaded = demo();
    let draw = |seed| {
        let mut run = virtual_run(&loaded, seed, false);
        run.advance_to(12_000).unwrap();
        let mut studio =
            Studio::new(run.snapshot(), &model_files(&loaded), (480, 270), 12.0, View::All, PictureLook::default())
                .unwrap();
        studio.shoot(&Shot::Lit).unwrap()
    };
    let first = draw(7);
    assert_eq!(first, draw(7));
    assert_ne!(first, draw(8));
}

#[test]
fn what_is_cut_is_seen_in_the_best_quality_too() {
    let loaded = demo();
    let run = virtual_run(&loaded, 7, false);
    let place = loaded.site.viewpoints.iter().position(|view| view.id == "drivetrain-cut").unwrap();
    let look = PictureLook { quality: Some(Preset::High), hour: Some(13.0) };
    let models = model_files(&loaded);
    let mut studio = Studio::new(run.snapshot(), &models, (240, 135), 0.0, View::Saved(place), look).unwrap();
    let rgb = studio.shoot(&Shot::Lit).unwrap().rgb;
    let black = rgb.chunks(3).filter(|pixel| pixel.iter().all(|&channel| channel < 6)).count();
    assert!(black < 240 * 135 / 50, "{black} pixels are black");
}

#[test]
fn what_is_cut_away_casts_no_shadow() {
    let dir = tempfile::tempdir().unwrap();
    let file = demo_copy(dir.path()).join("sites/demo/site.toml");
    let mut text = std::fs::read_to_string(&file).unwrap();
    // The roof keeps the sun from the gearbox: once it is cut away, once hidden.
    let shows = [
        "section = { part = \"gearbox\", at = [0.0, 1.6, 0.0], normal = [0.0, 1.0, 0.0] }",
        "hide = [\"nacelle_housing\", \"roof_rails\", \"roof_hatch_1\", \"roof_hatch_2\", \"roof_hatch_3\"]",
    ];
    for (n, show) in shows.iter().enumerate() {
        text.push_str(&format!(
            "[[viewpoint]]\nid = \"shown-{n}\"\npart = \"gearbox\"\nyaw_deg = 28.0\npitch_deg = 60.0\ndistance = 5.0\n\
             [viewpoint.show]\nhousings = \"solid\"\n{show}\n"
        ));
    }
    std::fs::write(&file, text).unwrap();
    let loaded = check::load(&file).unwrap();
    let run = virtual_run(&loaded, 7, false);
    let brightness = |n: usize| {
        let place = loaded.site.viewpoints.iter().position(|view| view.id == format!("shown-{n}")).unwrap();
        let look = PictureLook { quality: Some(Preset::Medium), hour: Some(13.0) };
        let models = model_files(&loaded);
        let mut studio = Studio::new(run.snapshot(), &models, (240, 135), 0.0, View::Saved(place), look).unwrap();
        let rgb = studio.shoot(&Shot::Lit).unwrap().rgb;
        // The gearbox, in the middle: from its surroundings the camera sees more where the housing is hidden.
        let gearbox = (18..98).flat_map(|y| (68..134).map(move |x| 240 * y + x));
        gearbox.flat_map(|at| &rgb[3 * at..3 * at + 3]).map(|&channel| f64::from(channel)).sum::<f64>()
            / f64::from(80 * 66 * 3)
    };
    let (cut, hidden) = (brightness(0), brightness(1));
    assert!((cut - hidden).abs() < 3.0, "{cut:.1} where the roof is cut away, {hidden:.1} where it is hidden");
}

#[test]
fn a_picture_has_the_hour_that_is_asked_for() {
    let loaded = demo();
    let run = virtual_run(&loaded, 7, false);
    let brightness = |hour| {
        let look = PictureLook { quality: Some(Preset::Low), hour: Some(hour) };
        let models = model_files(&loaded);
        let mut studio = Studio::new(run.snapshot(), &models, (240, 135), 0.0, View::All, look).unwrap();
        let rgb = studio.shoot(&Shot::Lit).unwrap().rgb;
        rgb.iter().map(|&channel| u64::from(channel)).sum::<u64>() / rgb.len() as u64
    };
    let (day, night) = (brightness(13.0), brightness(1.0));
    assert!(day > 2 * night, "{day} by day, {night} by night");
}

#[test]
fn a_picture_from_a_viewpoint_shows_what_is_shown_there() {
    let dir = tempfile::tempdir().unwrap();
    let file = demo_copy(dir.path()).join("sites/demo/site.toml");
    let shows = [
        "hide = [\"gearbox\"]",
        "section = { at = [0.0, 109.5, 0.0], normal = [0.0, 1.0, 0.0] }",
        "explode = { part = \"gearbox\" }",
    ];
    let mut text = std::fs::read_to_string(&file).unwrap();
    for (n, show) in std::iter::once(&"").chain(&shows).enumerate() {
        text.push_str(&format!(
            "[[viewpoint]]\nid = \"shown-{n}\"\npart = \"gearbox\"\nyaw_deg = 28.0\npitch_deg = 13.0\ndistance = 8.0\n\
             [viewpoint.show]\n{show}\n"
        ));
    }
    std::fs::write(&file, text).unwrap();
    let loaded = check::load(&file).unwrap();
    let mut run = virtual_run(&loaded, 7, false);
    run.advance_to(2_000).unwrap();
    let draw = |n: usize| {
        let place = loaded.site.viewpoints.iter().position(|view| view.id == format!("shown-{n}")).unwrap();
        let look = PictureLook { quality: Some(Preset::Low), hour: None };
        let models = model_files(&loaded);
        let mut studio = Studio::new(run.snapshot(), &models, (480, 270), 2.0, View::Saved(place), look).unwrap();
        studio.shoot(&Shot::Lit).unwrap()
    };
    let plain = draw(0);
    for (n, show) in shows.iter().enumerate() {
        let shown = draw(n + 1);
        let far = |(a, b): (&u8, &u8)| a.abs_diff(*b) > 32;
        let changed = plain.rgb.iter().zip(&shown.rgb).filter(|pair| far(*pair)).count() / 3;
        assert!(changed > 4_000, "{show}: {changed} of {} pixels", 480 * 270);
    }
}

#[test]
fn a_turbine_far_away_wears_its_worst_state() {
    let loaded = check::load(&root().join("assets/sites/farm/site.toml")).unwrap();
    let mut run = virtual_run(&loaded, 1, false);
    run.advance_to(12_000).unwrap();
    let calm = run.snapshot();
    // The last row of the farm; a bearing of it, hidden by its nacelle.
    let asset = loaded.site.assets.last().unwrap();
    let of = |id: &str| asset.parts.clone().find(|&row| loaded.site.parts[row as usize].id == id).unwrap();
    let mut worn = (*calm).clone();
    worn.parts[of("high_speed_bearing") as usize].state = Severity::High;
    worn.assets.last_mut().unwrap().worst = Severity::High;
    let files = model_files(&loaded);
    let shoot = |snapshot| {
        let look = PictureLook::default();
        Studio::new(snapshot, &files, SIZE, 12.0, View::Story, look).unwrap().shoot(&Shot::Lit).unwrap()
    };
    let (before, after) = (shoot(Arc::clone(&calm)), shoot(Arc::new(worn)));
    let [r, g, b, _] = theme::severity_colour(Severity::High);
    let all = (0..before.height).flat_map(|y| (0..before.width).map(move |x| (x, y)));
    let seen: Vec<_> = all.filter(|&(x, y)| before.at(x, y) != after.at(x, y)).collect();
    assert!(seen.len() >= 12, "the turbine must be in view: {} pixels", seen.len());
    let closer =
        |&&(x, y): &&(u32, u32)| delta_e(after.at(x, y), [r, g, b]) < 0.9 * delta_e(before.at(x, y), [r, g, b]);
    let told = seen.iter().filter(closer).count();
    assert!(told * 10 >= seen.len() * 8, "{told} of {} pixels came closer to the colour of the alarm", seen.len());
}
