//! Tests of the painter: a scene without a renderer, one frame at a time.

use super::*;
use crate::app::material::Lighting;
use crate::view::sight::{Sight, drawn, elsewhere};
use crate::view::tests::fixture::{self, SiteBuilder};
use twinscope_twin::quality::QualityReason;
use twinscope_twin::severity::Severity;

#[test]
fn a_hull_has_one_normal_where_hard_edges_meet() {
    let cube = Cuboid::from_length(2.0).mesh().build();
    let hull = smooth_hull(&cube).unwrap();
    let VertexAttributeValues::Float32x3(positions) = hull.attribute(Mesh::ATTRIBUTE_POSITION).unwrap() else {
        panic!("positions")
    };
    let VertexAttributeValues::Float32x3(normals) = hull.attribute(Mesh::ATTRIBUTE_NORMAL).unwrap() else {
        panic!("normals")
    };
    for (position, normal) in positions.iter().zip(normals) {
        let outward = Vec3::from_array(*position).normalize();
        assert!(Vec3::from_array(*normal).dot(outward) > 0.999, "{position:?} {normal:?}");
    }
}

#[test]
fn a_calm_part_keeps_its_own_material() {
    let look = PartLook { rgb: [1, 2, 3], pattern: Pattern::Plain, coloured: false, unmeasured: false };
    assert_eq!(row(look, false).colour[3], 0.0);
}

const HOUSING: PartRow = PartRow(0);
const GEARBOX: PartRow = PartRow(1);
const WHEEL: PartRow = PartRow(2);

/// The painter without a renderer: a housing, a gearbox with a sensor, and a wheel below it with one of its own;
/// one primitive each.
struct Scene {
    app: App,
    snapshot: Snapshot,
    primitives: [Entity; 3],
    skin: Skin,
}

/// A machine whose housings are solid.
fn solid() -> Sight {
    Sight { ghost_housings: false, ..Sight::default() }
}

impl Scene {
    fn new() -> Self {
        Self::of(Cuboid::from_length(1.0).mesh().build())
    }

    /// The scene with another body for its parts.
    fn of(mesh: Mesh) -> Self {
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        for (id, kind, parent) in
            [("cover", "housing", None), ("gearbox", "gearbox", None), ("wheel", "gear", Some(GEARBOX))]
        {
            b.part(id, id, kind, parent);
            b.signal("Temperature", "degC", 1);
        }
        let mut snapshot = fixture::silent(b.site);
        for part in [HOUSING, GEARBOX, WHEEL] {
            fixture::set(&mut snapshot, part, Severity::Normal, Quality::Good, QualityReason::None);
        }
        let mut app = App::new();
        app.insert_resource(PartRows::without_gpu())
            .init_resource::<Assets<Mesh>>()
            .init_resource::<Assets<PartMaterial>>()
            .init_resource::<Assets<OutlineMaterial>>()
            .add_plugins(PaintPlugin);
        let mesh = app.world_mut().resource_mut::<Assets<Mesh>>().add(mesh);
        let mut parts = Parts::default();
        parts.set_site(Arc::clone(&snapshot.site));
        let mut materials = app.world_mut().resource_mut::<Assets<PartMaterial>>();
        let material = PartMaterial {
            surface: crate::app::material::Surface::default(),
            texture: None,
            rows: Handle::default(),
            lighting: Lighting::default(),
            over_glass: false,
            ghost: false,
            flow: false,
            section: false,
            edges: false,
            cull: None,
        };
        let glass = materials.add(PartMaterial { ghost: true, ..material.clone() });
        let told = materials.add(PartMaterial { over_glass: true, ..material.clone() });
        let skin = Skin { solid: materials.add(material), glass, told };
        let primitives = [HOUSING, GEARBOX, WHEEL].map(|part| {
            let bundle = (PartOf(part), skin.clone(), Mesh3d(mesh.clone()), Visibility::default());
            let entity = app.world_mut().spawn(bundle).id();
            parts.primitives[part.index()].push(entity);
            entity
        });
        app.insert_resource(parts);
        let mut scene = Self { app, snapshot, primitives, skin };
        scene.show(|_| {});
        scene
    }

    /// One frame with the snapshot as it is, and what `ask` changes about the look.
    fn show(&mut self, ask: impl FnOnce(&mut Look)) {
        let mut look = self.app.world_mut().resource_mut::<Look>();
        look.snapshot = Some(Arc::new(self.snapshot.clone()));
        ask(&mut look);
        self.app.update();
    }

    /// One frame in which the machine is seen like this.
    fn see(&mut self, sight: &Sight) {
        let drawn = drawn(&self.snapshot.site, sight, &BTreeSet::new());
        self.show(|look| {
            look.drawn = Arc::new(drawn);
            look.elsewhere = elsewhere(sight);
        });
    }

    fn hear(&mut self, part: PartRow, quality: Quality, reason: QualityReason) {
        fixture::set(&mut self.snapshot, part, Severity::Normal, quality, reason);
        self.show(|_| {});
    }

    fn get<C: Component>(&self, part: PartRow) -> Option<&C> {
        self.app.world().get(self.primitives[part.index()])
    }

    fn solid(&self, part: PartRow) -> Option<&Handle<PartMaterial>> {
        self.get::<MeshMaterial3d<PartMaterial>>(part).map(|material| &material.0)
    }

    /// The styles of what is drawn as an outline: of the primitive itself, and of the entities below it.
    fn outlines(&self, part: PartRow) -> (Option<&OutlineMaterial>, Vec<&OutlineMaterial>) {
        let of = |entity: Entity| {
            let material = self.app.world().get::<MeshMaterial3d<OutlineMaterial>>(entity)?;
            self.app.world().resource::<Assets<OutlineMaterial>>().get(&material.0)
        };
        let below = self.get::<Children>(part).into_iter().flat_map(|children| children.iter());
        (of(self.primitives[part.index()]), below.filter_map(of).collect())
    }
}

#[test]
fn a_part_that_falls_silent_becomes_a_dotted_outline_and_comes_back() {
    let mut scene = Scene::new();
    assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid));
    assert!(matches!(scene.outlines(GEARBOX), (None, below) if below.is_empty()));
    for round in 0..2 {
        scene.hear(GEARBOX, Quality::NoData, QualityReason::NeverHeard);
        assert_eq!(scene.solid(GEARBOX), None, "round {round}: the body has lost its surface");
        let (body, below) = scene.outlines(GEARBOX);
        assert!(body.is_some_and(|body| !body.hull && body.style.colour.w < 0.5), "round {round}: {body:?}");
        assert!(matches!(below[..], [dots] if dots.hull && dots.style.params.y > 0.0), "round {round}: {below:?}");
        assert_eq!(scene.solid(WHEEL), Some(&scene.skin.solid), "round {round}: what is heard stays whole");

        scene.hear(GEARBOX, Quality::Good, QualityReason::None);
        assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid), "round {round}");
        assert!(matches!(scene.outlines(GEARBOX), (None, below) if below.is_empty()), "round {round}: hull gone");
    }
    let hulls = scene.app.world_mut().query::<&MeshMaterial3d<OutlineMaterial>>().iter(scene.app.world()).count();
    assert_eq!(hulls, 0, "no hull is left behind");
}

#[test]
fn only_what_should_be_heard_and_is_not_loses_its_body() {
    for (quality, reason, pattern) in [
        (Quality::Good, QualityReason::None, 0.0),
        (Quality::Uncertain, QualityReason::Retained, 0.0),
        (Quality::Stale, QualityReason::TooOld, 1.0),
        (Quality::NoData, QualityReason::NeverHeard, 2.0),
        (Quality::Bad, QualityReason::OutOfRange, 3.0),
        (Quality::NoData, QualityReason::NotMeasured, 4.0),
    ] {
        let mut scene = Scene::new();
        scene.hear(WHEEL, quality, reason);
        let rows = scene.app.world().resource::<PartRows>();
        assert_eq!(rows.get(WHEEL.index()).map(|row| row.pattern), Some(pattern), "{quality:?} {reason:?}");
        assert_eq!(scene.solid(WHEEL).is_some(), pattern != 2.0, "{quality:?} {reason:?}");
    }
}

#[test]
fn a_line_or_a_strip_without_data_keeps_its_body_and_is_hatched() {
    for topology in [PrimitiveTopology::LineList, PrimitiveTopology::PointList, PrimitiveTopology::TriangleStrip] {
        let mesh = Mesh::new(topology, RenderAssetUsages::default())
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]);
        let mut scene = Scene::of(mesh);
        scene.hear(GEARBOX, Quality::NoData, QualityReason::NeverHeard);
        assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid), "{topology:?}");
        assert!(matches!(scene.outlines(GEARBOX), (None, below) if below.is_empty()), "{topology:?}");
        let row = scene.app.world().resource::<PartRows>().get(GEARBOX.index());
        assert_eq!(row.map(|row| row.pattern), Some(2.0), "{topology:?}: it does not look healthy");
    }
}

#[test]
fn a_check_picture_has_bodies_instead_of_outlines() {
    let mut scene = Scene::new();
    scene.hear(GEARBOX, Quality::NoData, QualityReason::NeverHeard);
    scene.show(|look| look.bare = true);
    assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid));
    assert!(matches!(scene.outlines(GEARBOX), (None, below) if below.is_empty()));
}

#[test]
fn hiding_a_part_hides_what_is_below_it() {
    let mut scene = Scene::new();
    let seen = |scene: &Scene| [HOUSING, GEARBOX, WHEEL].map(|part| scene.get::<Visibility>(part).copied());
    let (shown, hidden) = (Some(Visibility::Inherited), Some(Visibility::Hidden));
    assert_eq!(seen(&scene), [shown, shown, shown]);
    scene.see(&Sight { hidden: [GEARBOX].into(), ..solid() });
    assert_eq!(seen(&scene), [shown, hidden, hidden]);
    scene.see(&Sight { hidden: [WHEEL].into(), ..solid() });
    assert_eq!(seen(&scene), [shown, shown, hidden]);
    scene.see(&solid());
    assert_eq!(seen(&scene), [shown, shown, shown]);
}

#[test]
fn only_a_housing_turns_to_glass_even_without_data() {
    let mut scene = Scene::new();
    scene.hear(HOUSING, Quality::NoData, QualityReason::NeverHeard);
    assert_eq!(scene.solid(HOUSING), None, "an opaque housing without data is an outline");
    scene.see(&Sight::default());
    assert_eq!(scene.solid(HOUSING), Some(&scene.skin.glass));
    assert!(matches!(scene.outlines(HOUSING), (None, below) if below.is_empty()));
    assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid));
    scene.show(|look| look.bare = true);
    assert_eq!(scene.get::<Visibility>(HOUSING), Some(&Visibility::Hidden), "a check picture looks through it");
}

#[test]
fn the_selection_is_outlined_with_what_is_below_it_and_let_go() {
    let mut scene = Scene::new();
    let drawn = |scene: &Scene| [HOUSING, GEARBOX, WHEEL].map(|part| scene.outlines(part).1.len());
    scene.show(|look| look.selected = Some(GEARBOX));
    // A mask and a line each.
    assert_eq!(drawn(&scene), [0, 2, 2]);
    scene.show(|look| look.selected = Some(WHEEL));
    assert_eq!(drawn(&scene), [0, 0, 2]);
    scene.show(|look| look.hovered = Some(HOUSING));
    assert_eq!(drawn(&scene), [2, 0, 2]);
    scene.show(|look| look.bare = true);
    assert_eq!(drawn(&scene), [0, 0, 0], "check pictures have no outlines");
}

#[test]
fn a_state_behind_glass_is_drawn_after_the_glass() {
    let mut scene = Scene::new();
    fixture::set(&mut scene.snapshot, GEARBOX, Severity::High, Quality::Good, QualityReason::None);
    scene.see(&Sight::default());
    assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.told));
    scene.see(&solid());
    assert_eq!(scene.solid(GEARBOX), Some(&scene.skin.solid), "without glass there is nothing to be drawn after");
}

#[test]
fn a_part_wears_the_colour_of_a_plan_until_the_plan_is_put_away() {
    let mut scene = Scene::new();
    let told = |scene: &Scene| scene.app.world().resource::<PartRows>().get(WHEEL.index()).unwrap().colour;
    scene.show(|look| look.plan = vec![(WHEEL, [0, 0, 255])]);
    assert_eq!(told(&scene), [0.0, 0.0, 1.0, TOLD]);
    scene.show(|look| look.plan.clear());
    assert_eq!(told(&scene)[3], 0.0, "its own material");
}
