//! Fields on surfaces, in pixels: four balls that carry values, drawn without a window.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use twinscope::app::picture::{Picture, PictureLook, Shot, Studio, View};
use twinscope::check;
use twinscope::session::model_files;
use twinscope::view::quality::Preset;
use twinscope::view::scale::Scale;
use twinscope_twin::site::PartRow;
use twinscope_twin::state::{Options, TwinState};
use twinscope_twin::time::Now;

use crate::cam02::delta_e;
use crate::support::{ball, glb, run, twinscope};

const SIZE: (u32, u32) = (480, 320);
/// The balls: id, and their value. The second is a quarter up from the first to the third.
const BALLS: [(&str, f32); 4] = [("low", 300.0), ("quarter", 325.0), ("high", 400.0), ("unknown", f32::NAN)];

/// A GLB with the balls, 3 m apart along x, each with its value as `_T` at every vertex.
fn balls() -> Vec<u8> {
    let (positions, indices) = ball();
    let mut bin: Vec<u8> = positions.iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    let corners = bin.len();
    bin.extend(indices.iter().flat_map(|i| i.to_le_bytes()));
    bin.resize(bin.len().next_multiple_of(4), 0);
    let mut views = vec![json!({ "buffer": 0, "byteLength": corners })];
    views.push(json!({ "buffer": 0, "byteOffset": corners, "byteLength": indices.len() * 2 }));
    let count = positions.len();
    let mut accessors = vec![
        json!({ "bufferView": 0, "componentType": 5126, "count": count, "type": "VEC3", "min": [-1, -1, -1], "max": [1, 1, 1] }),
        json!({ "bufferView": 1, "componentType": 5123, "count": indices.len(), "type": "SCALAR" }),
    ];
    let (mut nodes, mut meshes): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    for (n, (id, value)) in BALLS.into_iter().enumerate() {
        views.push(json!({ "buffer": 0, "byteOffset": bin.len(), "byteLength": count * 4 }));
        bin.extend(std::iter::repeat_n(value.to_le_bytes(), count).flatten());
        accessors.push(json!({ "bufferView": n + 2, "componentType": 5126, "count": count, "type": "SCALAR" }));
        let attributes = json!({ "POSITION": 0, "NORMAL": 0, "_T": n + 2 });
        let fields = json!({ "_T": { "name": "Temperature", "unit": "K" } });
        meshes.push(
            json!({ "primitives": [{ "attributes": attributes, "indices": 1 }], "extras": { "fields": fields } }),
        );
        nodes.push(json!({ "name": id, "mesh": n, "translation": [3.0 * n as f32, 2.0, 0.0] }));
    }
    let document = json!({
        "asset": { "version": "2.0" }, "scene": 0, "scenes": [{ "nodes": [0, 1, 2, 3] }], "nodes": nodes,
        "meshes": meshes, "accessors": accessors, "bufferViews": views, "buffers": [{ "byteLength": bin.len() }]
    });
    glb(&document, &bin)
}

/// A site with the balls; `more` is the end of its type file.
fn site(more: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let parts: Vec<_> = BALLS.iter().map(|(id, _)| format!("[[part]]\nid = \"{id}\"\nnode = \"{id}\"\n")).collect();
    let kind = format!("schema = 1\nid = \"balls\"\nmodel = \"balls.glb\"\n{}{more}", parts.join(""));
    let site = "schema = 1\n[site]\nid = \"s\"\n[[source]]\nid = \"p\"\nurl = \"mqtt://localhost\"\n\
        [[asset]]\nid = \"a\"\ntype = \"balls\"\nheading_deg = 270\n";
    std::fs::create_dir(dir.path().join("types")).unwrap();
    for (file, bytes) in
        [("site.toml", site.as_bytes()), ("types/balls.toml", kind.as_bytes()), ("types/balls.glb", &balls())]
    {
        std::fs::write(dir.path().join(file), bytes).unwrap();
    }
    dir
}

struct Balls {
    studio: Studio,
    loaded: check::Loaded,
}

impl Balls {
    fn new(dir: &Path, look_at: &str) -> Self {
        Self::in_quality(dir, look_at, Preset::Low)
    }

    fn in_quality(dir: &Path, look_at: &str, preset: Preset) -> Self {
        let loaded = check::load(&dir.join("site.toml")).unwrap();
        assert_eq!(loaded.problems, []);
        let now = Now { wall_ms: 1_767_225_600_000, mono_ms: 10_000 };
        let snapshot = TwinState::new(Arc::clone(&loaded.site), Options::default()).snapshot(now);
        let view = View::Part(part(&loaded, look_at));
        let look = PictureLook { quality: Some(preset), ..PictureLook::default() };
        let studio = Studio::new(Arc::new(snapshot), &model_files(&loaded), SIZE, 0.0, view, look).unwrap();
        assert_eq!(studio.problems(), Vec::<String>::new());
        Self { studio, loaded }
    }

    /// The colours of a ball, those of its silhouette left out.
    fn colours(&mut self, id: &str) -> Vec<[u8; 3]> {
        let lit = self.studio.shoot(&Shot::Lit).unwrap();
        let mask = self.studio.shoot(&Shot::Mask(part(&self.loaded, id))).unwrap();
        let white = |x: u32, y: u32| mask.at(x, y) == [255; 3];
        let inside =
            |x: u32, y: u32| [(0, 0), (2, 0), (0, 2), (4, 2), (2, 4)].iter().all(|(i, j)| white(x + i - 2, y + j - 2));
        let pixels = (4..SIZE.1 - 4).flat_map(|y| (4..SIZE.0 - 4).map(move |x| (x, y)));
        let colours: Vec<_> = pixels.filter(|&(x, y)| inside(x, y)).map(|(x, y)| at(&lit, x, y)).collect();
        assert!(colours.len() > 500, "{id} must be in view: {} pixels", colours.len());
        colours
    }
}

fn at(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    picture.at(x, y)
}

fn part(loaded: &check::Loaded, id: &str) -> PartRow {
    PartRow(loaded.site.parts.iter().position(|part| part.id == id).unwrap() as u32)
}

/// Largest and mean difference to a colour, CAM02-UCS.
fn differences(colours: &[[u8; 3]], wanted: [u8; 3]) -> (f64, f64) {
    let all: Vec<f64> = colours.iter().map(|&colour| delta_e(colour, wanted)).collect();
    (all.iter().copied().fold(0.0, f64::max), all.iter().sum::<f64>() / all.len() as f64)
}

#[test]
fn a_known_value_has_the_colour_of_the_legend() {
    let dir = site("");
    let presets = [("low", 0.0, Preset::Low), ("quarter", 0.25, Preset::Low), ("high", 1.0, Preset::Low)];
    for (id, place, preset) in
        presets.into_iter().chain([("high", 1.0, Preset::Medium), ("quarter", 0.25, Preset::High)])
    {
        let mut balls = Balls::in_quality(dir.path(), id, preset);
        let shown = balls.studio.show_field("_T").unwrap();
        let limits = shown.limits.unwrap();
        assert_eq!((limits.low, limits.high), (300.0, 400.0));
        let (most, mean) = differences(&balls.colours(id), Scale::Cividis.colour(place));
        println!("{id}, {preset:?}: {mean:.2} on average, {most:.2} at most");
        assert!(most <= 6.0 && mean <= 2.0, "{id}, {preset:?}: {mean:.2} on average, {most:.2} at most");
    }
}

#[test]
fn a_surface_without_values_is_grey_and_hatched() {
    let dir = site("");
    let mut balls = Balls::new(dir.path(), "unknown");
    balls.studio.show_field("_T").unwrap();
    let colours = balls.colours("unknown");
    for [r, g, b] in &colours {
        assert!(r.abs_diff(*g) <= 2 && g.abs_diff(*b) <= 2, "not grey: {:?}", [r, g, b]);
    }
    let (low, high) = colours.iter().fold((255, 0), |(low, high), &[r, ..]| (low.min(r), high.max(r)));
    assert!(high - low > 30, "no hatching: {low} to {high}");
}

#[test]
fn render_shows_a_field_and_tells_its_limits() {
    let dir = site("");
    let out = dir.path().join("field.png");
    let render = |field: &str| {
        let mut command = twinscope();
        command.args(["render", "--size", "64x64", "--field", field, "-o"]).arg(&out).arg(dir.path().join("site.toml"));
        run(command.args(["--recording"]).arg(dir.path().join("silent.toml")))
    };
    std::fs::write(dir.path().join("t.csv"), "t,x\n1767225600000,1\n").unwrap();
    let table = "schema = 1\nsite = \"s\"\n[time]\ncolumn = \"t\"\nformat = \"ms\"\n[[file]]\npath = \"t.csv\"\n\
        asset = \"a\"\n[[message]]\ntopic = \"x\"\nfields = { x = \"x\" }\n";
    std::fs::write(dir.path().join("silent.toml"), table).unwrap();
    let shown = render("_T");
    assert_eq!((shown.code, shown.out.contains("300 to 400")), (Some(0), true), "{}{}", shown.out, shown.err);
    assert!(out.is_file());
    let missing = render("_P");
    assert!(missing.code != Some(0) && missing.err.contains("there is _T"), "{}", missing.err);
}

/// A file of points along x, one a ball's middle, and the field of the type file that reads it.
fn along_x(most: f32) -> tempfile::TempDir {
    let more = format!(
        "[[field]]\nid = \"load\"\nunit = \"MPa\"\nfile = \"load.csv\"\nlength_unit = \"mm\"\nmax_distance = {most}\n\
         columns = {{ x = \"x\", y = \"y\", value = \"v\" }}\nparts = [\"quarter\", \"high\"]\n"
    );
    let dir = site(&more);
    std::fs::write(dir.path().join("types/load.csv"), "x;y;v\n3000;2000;10\n6000;2000;20\n").unwrap();
    dir
}

#[test]
fn points_of_a_csv_file_are_laid_on_the_parts_that_it_names() {
    // Each ball is nearer to its own point by far: 0.25 m against 4 m is a weight of 256 to 1 at least.
    let dir = along_x(2.0);
    let mut balls = Balls::new(dir.path(), "high");
    let limits = balls.studio.show_field("load").unwrap().limits.unwrap();
    assert!((10.0..12.0).contains(&limits.low) && (18.0..=20.0).contains(&limits.high), "{limits:?}");
    let (most, mean) = differences(&balls.colours("high"), Scale::Cividis.colour(1.0));
    assert!(mean <= 6.0, "{mean:.2} on average, {most:.2} at most");
}

#[test]
fn beyond_the_distance_of_its_points_nothing_is_known() {
    // The section holds along z, so that only a stripe of each ball is within 0.5 m of its middle.
    let dir = along_x(0.5);
    let mut balls = Balls::new(dir.path(), "high");
    let shown = balls.studio.show_field("load").unwrap();
    assert!(shown.unknown > 100, "{shown:?}");
    let colours = balls.colours("high");
    let grey = colours.iter().filter(|[r, g, b]| r.abs_diff(*g) <= 2 && g.abs_diff(*b) <= 2).count();
    assert!(grey > 100 && grey < colours.len() - 100, "{grey} of {} pixels are grey", colours.len());
}

#[test]
fn check_tells_the_line_of_a_value_that_is_no_number() {
    let dir = along_x(2.0);
    std::fs::write(dir.path().join("types/load.csv"), "x;y;v\n3000;2000;10\n6000;2000;hot\n").unwrap();
    let checked = run(twinscope().arg("check").arg(dir.path().join("site.toml")));
    let told = format!("{}{}", checked.out, checked.err);
    assert!(checked.code != Some(0), "{told}");
    for said in ["types/load.csv: line 3: \"hot\" in column \"v\" is not a number", "balls.toml"] {
        assert!(told.contains(said), "{said} is not in:\n{told}");
    }
}

#[cfg(unix)]
#[test]
fn points_outside_of_the_sites_folders_are_not_read() {
    let dir = along_x(2.0);
    let elsewhere = tempfile::tempdir().unwrap();
    let secret = elsewhere.path().join("secret.csv");
    std::fs::write(&secret, "x;y;v\n1;2;3\n").unwrap();
    std::fs::remove_file(dir.path().join("types/load.csv")).unwrap();
    std::os::unix::fs::symlink(&secret, dir.path().join("types/load.csv")).unwrap();
    let loaded = check::load(&dir.path().join("site.toml")).unwrap();
    assert!(loaded.points.is_empty());
    assert!(loaded.problems.iter().any(|problem| problem.message.contains("outside")), "{:?}", loaded.problems);
}

#[test]
fn an_attribute_that_the_model_lacks_is_told_with_what_it_has() {
    let dir = site("[[field]]\nid = \"t\"\nattribute = \"_TT\"\n");
    let loaded = check::load(&dir.path().join("site.toml")).unwrap();
    let problem = loaded.problems.iter().find(|problem| problem.message.contains("_TT")).unwrap();
    assert!(problem.hint.as_ref().is_some_and(|hint| hint.contains("the model has _T;")), "{problem:?}");
}
