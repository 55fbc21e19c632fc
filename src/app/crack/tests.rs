//! The crack of the shipped blade, on its shipped model.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use twinscope_twin::prediction::Issue;
use twinscope_twin::site::{Crack, parse_site, parse_type, resolve};
use twinscope_twin::snapshot::CrackLength;

use super::*;
use crate::app::models::tests::Scene;
use crate::model::Limits;
use crate::view::tests::fixture::{NOW, silent};
use crate::view::tests::living::body;

fn assets() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets")
}

/// The crack as the type file of the blade has it.
fn shipped() -> Crack {
    let text = |file: &str| std::fs::read_to_string(assets().join(file)).unwrap();
    let (site, problems) = parse_site(&text("sites/blade/site.toml"), "site.toml");
    assert!(problems.is_empty(), "{problems:?}");
    let (kind, problems) = parse_type(&text("types/gas-turbine-blade.toml"), "gas-turbine-blade.toml");
    assert!(problems.is_empty(), "{problems:?}");
    let (site, _) = resolve(&site, &BTreeMap::from([(kind.id.value.clone(), kind)]), &BTreeMap::new());
    site.parts.into_iter().find(|part| part.id == "trailing_edge").and_then(|part| part.crack).unwrap()
}

/// The trailing edge of the shipped model.
fn blade() -> App {
    let checked = crate::model::check(&assets().join("models/turbine_blade.glb"), &Limits::default()).unwrap();
    let scene = Scene::with(checked, &["id:trailing_edge"], |site| site.parts[0].crack = Some(shipped()));
    let mut app = scene.app;
    app.init_resource::<Cracks>().init_resource::<Look>().init_asset::<OutlineMaterial>();
    app
}

/// Draws a crack of these quantiles, mm; `None`: nothing is said.
fn show(app: &mut App, said: Option<([f64; 3], bool)>) {
    let site = app.world().resource::<Parts>().site.clone().unwrap();
    let mut snapshot = silent((*site).clone());
    snapshot.cracks.extend(said.map(|(mm, expired)| {
        let [p05, p50, p95] = mm.map(|mm| Some(mm / 1000.0));
        let body = body(json!({ "unit": "mm", "quantiles": { "0.05": mm[0], "0.5": mm[1], "0.95": mm[2] } }));
        let issue = Arc::new(Issue { body, received: NOW, retained: false });
        CrackLength { part: PartRow(0), issue, p05_m: p05, p50_m: p50, p95_m: p95, expired }
    }));
    app.world_mut().resource_mut::<Look>().snapshot = Some(Arc::new(snapshot));
    app.world_mut().run_system_cached(draw).unwrap();
}

fn drawn(app: &App) -> Option<&Drawn> {
    app.world().resource::<Cracks>().drawn.get(&PartRow(0))
}

#[test]
fn the_crack_of_the_blade_begins_on_the_surface_of_its_model_and_stays_in_the_wall() {
    let mut app = blade();
    show(&mut app, Some(([0.6, 1.2, 2.1], false)));
    let section = &app.world().resource::<Cracks>().sections[&PartRow(0)];
    assert!(section.off_surface() < 0.001, "{} m off", section.off_surface());
    // As long as a crack may be that stays in service.
    let lines = section.lines(0.0, 0.003, 0.0);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    let (first, last) = (line.first().unwrap(), line.last().unwrap());
    let depth = |p: &Vec3| (*p - section.inside(0.0)).dot(section.along());
    assert!((depth(first) - 0.003).abs() < 1e-5 && (depth(last) - 0.003).abs() < 1e-5);
    // The wall is 3.9 mm thick there (the section of the model, measured by hand).
    assert!((0.0035..0.0043).contains(&first.distance(*last)), "{}", first.distance(*last));
}

#[test]
fn a_crack_ends_where_its_median_does() {
    let mut app = blade();
    show(&mut app, Some(([0.6, 1.2, 2.1], false)));
    let from = Vec3::from_array(shipped().from.map(|v| v as f32));
    let (_, tip) = app.world().resource::<Cracks>().tip(PartRow(0)).unwrap();
    assert!((tip.distance(from) - 0.0012).abs() < 1e-6);
    assert_eq!(drawn(&app).unwrap().entities.len(), 3, "a line, what goes on from it, ticks");
}

#[test]
fn a_crack_that_is_no_longer_said_is_no_longer_drawn() {
    let mut app = blade();
    show(&mut app, Some(([0.6, 1.2, 2.1], false)));
    let lines = drawn(&app).unwrap().entities.clone();
    show(&mut app, None);
    assert!(drawn(&app).is_none());
    assert!(lines.iter().all(|&line| app.world().get_entity(line).is_err()));
}

#[test]
fn an_expired_crack_is_fainter_than_one_that_is_believed() {
    let mut app = blade();
    let cover = |app: &App| {
        let material = app.world().get::<MeshMaterial3d<OutlineMaterial>>(drawn(app).unwrap().entities[0]).unwrap();
        app.world().resource::<Assets<OutlineMaterial>>().get(&material.0).unwrap().style.colour.w
    };
    show(&mut app, Some(([0.6, 1.2, 2.1], false)));
    let believed = cover(&app);
    show(&mut app, Some(([0.6, 1.2, 2.1], true)));
    assert!(cover(&app) < 0.5 * believed);
}

#[test]
fn a_picture_of_states_alone_has_no_crack() {
    let mut app = blade();
    app.world_mut().resource_mut::<Look>().bare = true;
    show(&mut app, Some(([0.6, 1.2, 2.1], false)));
    assert!(drawn(&app).is_none());
}
