//! Files dropped onto an app without a window, through the real core and Bevy's own loader.

use std::time::{Duration, Instant};

use bevy::app::TaskPoolPlugin;
use bevy::gltf::GltfPlugin;
use bevy::mesh::MeshPlugin;
use bevy::world_serialization::WorldSerializationPlugin;
use twinscope_link::core::Core;
use twinscope_twin::state::Options;

use super::*;
use crate::app::material::{PartMaterial, PartRows};
use crate::app::models::{ModelSourcePlugin, ModelsPlugin};
use crate::model::test_glb;
use crate::view::tests::fixture::SiteBuilder;

/// A site of one machine with one part, and files to drop.
struct Window {
    app: App,
    dir: tempfile::TempDir,
}

impl Window {
    fn new() -> Self {
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        b.part("gearbox", "Gearbox", "", None);
        let site = Arc::new(b.site);
        let core = Core::spawn(Arc::clone(&site), Options::default(), Box::new(|| ())).unwrap();
        let mut app = App::new();
        app.add_plugins((
            ModelSourcePlugin,
            TaskPoolPlugin::default(),
            TransformPlugin,
            AssetPlugin::default(),
            WorldSerializationPlugin,
            MeshPlugin,
            GltfPlugin::default(),
            ModelsPlugin,
            DropPlugin,
        ))
        .insert_resource(PartRows::without_gpu())
        .init_resource::<FarMachines>()
        .init_resource::<Panels>()
        .init_resource::<Orbit>()
        .insert_resource(Twin { core: Some(Arc::new(core)), ..Twin::default() })
        .init_asset::<Image>()
        .init_asset::<StandardMaterial>()
        .init_asset::<PartMaterial>();
        app.finish();
        app.cleanup();
        app.world_mut().resource_mut::<Parts>().set_site(site);
        Self { app, dir: tempfile::tempdir().unwrap() }
    }

    fn drop(&mut self, name: &str, bytes: &[u8]) {
        let path_buf = self.dir.path().join(name);
        std::fs::write(&path_buf, bytes).unwrap();
        self.app.world_mut().write_message(FileDragAndDrop::DroppedFile { window: Entity::PLACEHOLDER, path_buf });
    }

    fn until(&mut self, what: &str, done: impl Fn(&World) -> bool) {
        let start = Instant::now();
        loop {
            self.app.update();
            let world = self.app.world_mut();
            let latest = world.resource::<Twin>().core.as_ref().unwrap().latest();
            world.resource_mut::<Twin>().snapshot = latest;
            if done(world) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(60), "{what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn notices(&self) -> &[String] {
        &self.app.world().resource::<Panels>().notices
    }
}

/// Drawn primitives of the last asset, if there are as many assets.
fn drawn(world: &World, assets: usize) -> usize {
    let parts = world.resource::<Parts>();
    let Some(site) = parts.site.as_ref().filter(|site| site.assets.len() == assets) else { return 0 };
    site.assets[assets - 1].parts.clone().map(|row| parts.primitives[row as usize].len()).sum()
}

#[test]
fn a_dropped_model_comes_beside_the_machine_with_its_parts() {
    let mut window = Window::new();
    window.drop("My Pump.glb", &test_glb());
    // The node with a name, and the one without, which belongs to the part above it.
    window.until("the model does not come up", |world| drawn(world, 2) == 2);
    let snapshot = window.app.world().resource::<Twin>().snapshot.clone().unwrap();
    let asset = &snapshot.site.assets[1];
    assert_eq!((asset.id.as_str(), asset.name.as_str()), ("my-pump", "My Pump.glb"));
    let parts: Vec<_> = snapshot.site.parts[1..].iter().map(|p| (p.id.as_str(), p.parent.map(|row| row.0))).collect();
    assert_eq!(parts, [("root", None), ("gearbox", Some(1))]);
    // Each part has a status: nobody knows it.
    assert_eq!(snapshot.parts.len(), 3);
    // On the ground, which the lowest point of its box (10, 0, 0) to (12, 4, 0) touches already.
    assert_eq!(asset.position[1], 0.0);
}

#[test]
fn of_two_models_with_one_name_each_has_an_id_and_a_place_of_its_own() {
    let mut window = Window::new();
    window.drop("a.glb", &test_glb());
    window.until("the first", |world| drawn(world, 2) == 2);
    window.drop("a.glb", &test_glb());
    window.until("the second", |world| drawn(world, 3) == 2);
    let site = window.app.world().resource::<Parts>().site.clone().unwrap();
    assert_eq!([&site.assets[1].id, &site.assets[2].id], ["a", "a-2"]);
    let (first, second) = (site.assets[1].position[0], site.assets[2].position[0]);
    // The box is 2 m wide.
    assert!(second >= first + 2.0, "{first} {second}");
}

/// Commands the twin as the panels do.
fn send(window: &Window, command: Command) {
    assert!(window.app.world().resource::<Twin>().send(command));
}

/// Names of all entities.
fn named(window: &mut Window, name: &str) -> usize {
    let world = window.app.world_mut();
    world.query::<&Name>().iter(world).filter(|other| other.as_str() == name).count()
}

#[test]
fn a_removed_model_leaves_the_scene_and_the_others_keep_their_parts() {
    let mut window = Window::new();
    window.drop("a.glb", &test_glb());
    window.until("the first", |world| drawn(world, 2) == 2);
    window.drop("b.glb", &test_glb());
    window.until("the second", |world| drawn(world, 3) == 2);
    let before = window.app.world().resource::<Parts>().primitives.clone();
    assert_eq!((named(&mut window, "a"), named(&mut window, "b")), (1, 1));
    send(&window, Command::Remove(AssetRow(1)));
    window.until("the first stays", |world| world.resource::<Parts>().primitives[1..3].iter().all(Vec::is_empty));
    window.app.update();
    assert_eq!((named(&mut window, "a"), named(&mut window, "b")), (0, 1));
    let world = window.app.world();
    let parts = world.resource::<Parts>();
    assert_eq!((parts.primitives[3..].to_vec(), parts.pending), (before[3..].to_vec(), 0));
    assert!(parts.nodes[1..3].iter().all(Option::is_none));
    // Its row stays; the log says what was done.
    assert_eq!(parts.site.as_ref().unwrap().assets.len(), 3);
    let log = &world.resource::<Twin>().snapshot.as_ref().unwrap().commands;
    let last = log.last().unwrap();
    assert_eq!((&last.command, &last.refused), (&Command::Remove(AssetRow(1)), &None));
    // The same file again has the same name, in a row of its own.
    window.drop("a.glb", &test_glb());
    window.until("again", |world| drawn(world, 4) == 2);
    let site = window.app.world().resource::<Parts>().site.clone().unwrap();
    assert_eq!(site.standing().map(|(_, asset)| asset.id.as_str()).collect::<Vec<_>>(), ["wt-01", "b", "a"]);
}

#[test]
fn a_model_that_is_removed_before_it_is_drawn_is_not_waited_for() {
    let mut window = Window::new();
    window.drop("a.glb", &test_glb());
    window.until("not sent", |world| {
        world.resource::<Twin>().snapshot.as_ref().is_some_and(|s| s.site.assets.len() == 2)
    });
    send(&window, Command::Remove(AssetRow(1)));
    window.until("still there", |world| {
        let parts = world.resource::<Parts>();
        parts.site.as_ref().is_some_and(|site| site.removed.contains(&AssetRow(1))) && parts.pending == 0
    });
    for _ in 0..20 {
        window.app.update();
    }
    assert_eq!(named(&mut window, "a"), 0);
    assert!(window.app.world().resource::<Parts>().primitives[1..].iter().all(Vec::is_empty));
}

#[test]
fn a_dropped_file_that_is_no_model_is_told_with_its_remedy_and_the_site_stays() {
    let mut window = Window::new();
    window.drop("notes.txt", b"solid cube");
    window.until("nothing is said", |world| {
        world.resource::<Panels>().notices.iter().any(|notice| notice.contains("cannot be shown"))
    });
    assert!(matches!(window.notices(), [one] if one.contains("notes.txt") && one.contains("glTF 2.0 (.glb)")));
    window.drop("run.CSV", b"x,y,z,value\n0,0,0,300\n");
    window.until("nothing is said of the table", |world| {
        world.resource::<Panels>().notices.iter().any(|notice| notice.contains("run.CSV cannot be shown"))
    });
    assert!(window.notices()[1].contains("[[field]]") && window.notices()[1].contains("z = \"z\""));
    assert_eq!(window.app.world().resource::<Parts>().site.as_ref().unwrap().assets.len(), 1);
}
