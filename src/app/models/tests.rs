//! Models through the check and Bevy's own loader into a scene without a renderer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bevy::app::TaskPoolPlugin;
use bevy::gltf::GltfPlugin;
use bevy::mesh::MeshPlugin;
use bevy::world_serialization::WorldSerializationPlugin;
use serde_json::{Value, json};

use super::*;
use crate::model::testing::{document, glb, png, triangle};
use crate::model::{Checked, Limits, check_bytes};
use crate::view::tests::fixture::SiteBuilder;

/// A turbine whose parts have these nodes, shown as far as it goes.
pub(in crate::app) struct Scene {
    pub app: App,
    checked: Checked,
}

impl Scene {
    fn new(document: &Value, bin: &[u8], nodes: &[&str]) -> Self {
        Self::of(check_bytes("m.glb", glb(document, bin), None, &Limits::default()).unwrap(), nodes)
    }

    fn of(checked: Checked, nodes: &[&str]) -> Self {
        Self::with(checked, nodes, |_| {})
    }

    /// With what else its parts have.
    pub fn with(checked: Checked, nodes: &[&str], more: impl FnOnce(&mut Site)) -> Self {
        let mut b = SiteBuilder::new();
        let asset = b.asset("wt-01", "Turbine 1");
        for (n, node) in nodes.iter().enumerate() {
            let part = b.part(&format!("part{n}"), "", "", None);
            b.site.parts[part.index()].node = (*node).to_owned();
        }
        more(&mut b.site);
        let mut app = App::new();
        app.add_plugins((
            ModelSourcePlugin,
            TaskPoolPlugin::default(),
            AssetPlugin::default(),
            WorldSerializationPlugin,
            MeshPlugin,
            GltfPlugin::default(),
            ModelsPlugin,
        ))
        .insert_resource(PartRows::without_gpu())
        .init_asset::<Image>()
        .init_asset::<StandardMaterial>()
        .init_asset::<PartMaterial>();
        app.finish();
        app.cleanup();
        app.world_mut().resource_mut::<Parts>().set_site(Arc::new(b.site));
        let model = ModelFiles {
            key: "m.glb".to_owned(),
            assets: vec![asset],
            scene: checked.index.scene,
            index: None,
            fields: checked.index.fields.clone(),
            points: Vec::new(),
            files: Ok(checked.files.clone()),
        };
        app.world_mut().run_system_cached_with(spawn, model).unwrap();
        let start = Instant::now();
        while app.world().resource::<Parts>().pending > 0 {
            assert!(start.elapsed() < Duration::from_secs(60), "the model does not come up");
            app.update();
            std::thread::sleep(Duration::from_millis(1));
        }
        Self { app, checked }
    }

    fn parts(&self) -> &Parts {
        self.app.world().resource()
    }

    /// The names from the top of the model to an entity.
    fn path(&self, entity: Entity) -> String {
        let world = self.app.world();
        let mut names = Vec::new();
        let mut at = entity;
        while let Some(parent) = world.get::<ChildOf>(at).map(ChildOf::parent) {
            names.push(world.get::<Name>(at).unwrap().as_str());
            at = parent;
        }
        // The last is the scene.
        names.pop();
        names.reverse();
        names.join("/")
    }

    fn node(&self, part: usize) -> Option<String> {
        self.parts().nodes[part].map(|entity| self.path(entity))
    }

    fn drawn(&self, part: usize) -> Vec<String> {
        self.parts().primitives[part].iter().map(|&entity| self.path(entity)).collect()
    }
}

fn spawn(In(model): In<ModelFiles>, mut store: ResMut<ModelStore>, mut parts: ResMut<Parts>, server: Res<AssetServer>) {
    crate::app::spawn_models(&[model], &mut store, &server, &mut parts);
}

#[test]
fn compressed_quantized_and_instanced_models_come_through_the_loader_with_their_parts() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/gltf");
    for (file, node, drawn) in [
        ("CookieFactoryWaterTank.plain.glb", "WaterTank/WaterTankModel/Arrow", 21),
        ("CookieFactoryWaterTank.draco.glb", "WaterTank/WaterTankModel/Arrow", 21),
        ("CookieFactoryWaterTank.quantized.glb", "WaterTank/WaterTankModel/Arrow", 21),
        ("gen1000shared.meshopt.glb", "root/A0", 1_000),
        ("gen1000shared.instanced.glb", "GltfNode0/kind0#1", 1_000),
    ] {
        let checked = crate::model::check(&folder.join(file), &Limits::default()).unwrap();
        let scene = Scene::of(checked, &[node]);
        assert_eq!(scene.parts().problems, [], "{file}");
        assert_eq!(scene.node(0).as_deref(), Some(node), "{file}");
        let mut app = scene.app;
        assert_eq!(app.world_mut().query::<&Mesh3d>().iter(app.world()).count(), drawn, "{file}");
    }
}

/// Two gearboxes on different branches, one of them numbered; a node whose mesh is called as they are; one without name.
fn assembly() -> Value {
    let mut d = document();
    d["nodes"] = json!([
        { "name": "Root", "children": [1, 2, 3, 6] },
        { "name": "X", "mesh": 0 },
        { "name": "A", "children": [4] },
        { "name": "B", "children": [5] },
        { "name": "Gearbox", "extras": { "part_id": 12 } },
        { "name": "Gearbox", "mesh": 0, "extras": { "part_id": "second" } },
        { "mesh": 0 }
    ]);
    d["meshes"][0]["name"] = json!("Gearbox");
    d
}

#[test]
fn parts_are_bound_to_the_nodes_that_the_check_found() {
    let cases = [
        ("Root", Some("Root")),
        ("Root/B/Gearbox", Some("Root/B/Gearbox")),
        ("B/Gearbox", Some("Root/B/Gearbox")),
        // The first of two, and not the mesh of that name below X, which comes before them.
        ("Gearbox", Some("Root/A/Gearbox")),
        ("X/Gearbox", None),
        ("GltfNode6", Some("Root/GltfNode6")),
        ("id:second", Some("Root/B/Gearbox")),
        // A whole number is an id, too.
        ("id:12", Some("Root/A/Gearbox")),
        ("id:Gearbox", None),
        ("earbox", None),
        ("Scene0", None),
        ("", None),
    ];
    let scene = Scene::new(&assembly(), &triangle(), &cases.map(|(node, _)| node));
    let nodes = scene.checked.index.to_nodes();
    for (part, (node, want)) in cases.into_iter().enumerate() {
        assert_eq!(nodes.find(node).map(|at| nodes.nodes[at].path.as_str()), want, "the check, {node:?}");
        assert_eq!(scene.node(part).as_deref(), want, "the scene, {node:?}");
    }
}

#[test]
fn what_is_drawn_belongs_to_the_nearest_part_above_it() {
    let scene = Scene::new(&assembly(), &triangle(), &["Root", "B", "id:12"]);
    assert_eq!(scene.drawn(0), ["Root/X/Gearbox", "Root/GltfNode6/Gearbox"]);
    assert_eq!(scene.drawn(1), ["Root/B/Gearbox/Gearbox"]);
    assert_eq!(scene.drawn(2), Vec::<String>::new());
}

#[test]
fn the_scene_that_was_checked_is_the_one_that_is_shown() {
    let mut d = document();
    d["nodes"].as_array_mut().unwrap().push(json!({ "name": "Other", "mesh": 0 }));
    d["scenes"].as_array_mut().unwrap().push(json!({ "nodes": [3] }));
    d["scene"] = json!(1);
    let scene = Scene::new(&d, &triangle(), &["Other"]);
    assert_eq!(scene.checked.index.nodes.len(), 1);
    assert_eq!(scene.node(0).as_deref(), Some("Other"));
    assert_eq!(scene.drawn(0), ["Other/Mesh"]);
}

#[test]
fn a_node_that_is_not_there_is_told_and_the_rest_is_bound() {
    let scene = Scene::new(&document(), &triangle(), &["Nowhere", "Gearbox"]);
    assert_eq!(scene.node(1).as_deref(), Some("Root/Gearbox"));
    let told = &scene.parts().lost;
    assert!(matches!(&told[..], [line] if line.contains("part0 (Nowhere)") && !line.contains("part1")), "{told:?}");
    assert!(scene.parts().problems.is_empty(), "the model itself is shown");
}

#[test]
fn nodes_that_are_not_there_are_told_in_one_line() {
    let lost = |n: usize| tell_lost("../models/m.glb", &vec!["x (X)".to_owned(); n]);
    assert_eq!(lost(0), None);
    assert_eq!(lost(1).unwrap(), "m.glb has no node for x (X): their state is not drawn");
    assert_eq!(lost(5).unwrap(), "m.glb has no node for x (X), x (X), x (X) and 2 more: their state is not drawn");
}

#[test]
fn a_model_that_the_loader_gives_up_is_a_problem_and_nobody_waits_for_it() {
    let mut d = document();
    let mut bin = triangle();
    // A good header, and nothing behind it: the check reads no further.
    let picture = png(4, 4);
    d["bufferViews"].as_array_mut().unwrap().push(json!({
        "buffer": 0, "byteOffset": bin.len(), "byteLength": picture.len() }));
    bin.extend_from_slice(&picture);
    d["buffers"][0]["byteLength"] = json!(bin.len());
    d["images"] = json!([{ "bufferView": 2, "mimeType": "image/png" }]);
    d["textures"] = json!([{ "source": 0 }]);
    let mut scene = Scene::new(&d, &bin, &["Gearbox"]);
    let told = |scene: &Scene| scene.parts().problems.len();
    assert_eq!((told(&scene), scene.node(0)), (1, None));
    assert_eq!(scene.parts().problems[0].0, AssetRow(0));
    scene.app.update();
    assert_eq!(told(&scene), 1, "it is told once");
}
