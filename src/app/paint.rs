//! What a part looks like: its state from the snapshot, the pointer, the selection, glass. Rows are written, materials
//! are not touched; only a part that changes its kind of drawing (solid, glass, outline only) changes its material.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use bevy::asset::RenderAssetUsages;
use bevy::camera::visibility::NoFrustumCulling;
use bevy::mesh::{Indices, PrimitiveTopology, VertexAttributeValues};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use twinscope_twin::quality::Quality;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use super::detail::{Detail, Levels};
use super::far::FarMachines;
use super::field::OnField;
use super::material::{OutlineMaterial, OutlineStyle, PartMaterial, PartRows, Row};
use super::models::{PartOf, Parts, Skin};
use crate::view::sight::Shown;
use crate::view::theme::{self, PartLook, Pattern};

/// Paints parts.
pub struct PaintPlugin;

impl Plugin for PaintPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Look>().init_resource::<Hulls>().add_systems(Update, scale_lines).add_systems(
            PostUpdate,
            (paint.in_set(PaintSet::Rows), (dress, outline).chain().in_set(PaintSet::Meshes))
                .chain()
                .before(super::material::upload_rows),
        );
    }
}

/// The painter's work on a frame, in this order.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum PaintSet {
    /// The rows of the parts.
    Rows,
    /// Which meshes are drawn, and how.
    Meshes,
}

/// What is asked of the painter. Set by whoever owns the pointer, the panels, or the picture.
#[derive(Resource, Default)]
pub struct Look {
    /// The twin to paint.
    pub snapshot: Option<Arc<Snapshot>>,
    /// How each part is drawn; those beyond the list are solid.
    pub drawn: Arc<Vec<Shown>>,
    /// How is drawn what belongs to no part.
    pub elsewhere: Shown,
    /// The part under the pointer.
    pub hovered: Option<PartRow>,
    /// The selected part.
    pub selected: Option<PartRow>,
    /// Parts that are selected together with it.
    pub chosen: BTreeSet<PartRow>,
    /// Colours of a plan on parts, sRGB, in place of their state.
    pub plan: Vec<(PartRow, [u8; 3])>,
    /// Draw no outlines and no hover (for check pictures).
    pub bare: bool,
}

impl Look {
    /// How a part is drawn.
    pub fn drawn(&self, part: PartRow) -> Shown {
        self.drawn.get(part.index()).copied().unwrap_or_default()
    }
}

/// The look of each part. A part without a sensor of its own wears the look of the nearest part above that has one,
/// unless a part between them says that nothing measures it: then nobody speaks for it, and it is drawn as not measured.
pub fn looks(snapshot: &Snapshot) -> Vec<PartLook> {
    let part = |row: usize| snapshot.site.parts.get(row);
    let status = |row: usize| snapshot.parts.get(row);
    let speaks = |row: usize| {
        part(row).is_some_and(|part| !part.signals.is_empty() || !part.alarms.is_empty())
            || status(row).is_some_and(|status| status.quality != Quality::NoData)
    };
    (0..snapshot.parts.len())
        .map(|row| {
            let mut at = row;
            // Bounded by the number of parts: parents cannot form a cycle, but nothing here depends on it.
            for _ in 0..snapshot.parts.len() {
                if speaks(at) {
                    break;
                }
                match part(at).filter(|part| at == row || part.note.is_none()).and_then(|part| part.parent) {
                    Some(parent) => at = parent.index(),
                    None => {
                        at = row;
                        break;
                    }
                }
            }
            theme::part_colour(&status(at).copied().unwrap_or_default())
        })
        .collect()
}

fn paint(
    look: Res<Look>,
    parts: Res<Parts>,
    far: Option<Res<FarMachines>>,
    mut rows: ResMut<PartRows>,
    mut seen: Local<Option<(usize, u32, u32)>>,
) {
    let Some(snapshot) = &look.snapshot else { return };
    let stamp = (Arc::as_ptr(snapshot) as usize, parts.generation, far.as_ref().map_or(0, |far| far.generation));
    if !look.is_changed() && *seen == Some(stamp) {
        return;
    }
    *seen = Some(stamp);
    rows.reserve(snapshot.parts.len());
    let hovered: BTreeSet<PartRow> = match look.hovered {
        Some(part) if !look.bare => parts.family(part).into_iter().collect(),
        _ => BTreeSet::new(),
    };
    let planned: HashMap<PartRow, [u8; 3]> = look.plan.iter().filter(|_| !look.bare).copied().collect();
    for (index, part_look) in looks(snapshot).into_iter().enumerate() {
        let part = PartRow(index as u32);
        let plan = |&rgb: &[u8; 3]| PartLook { rgb, pattern: Pattern::Plain, coloured: true, unmeasured: false };
        rows.set(index, row(planned.get(&part).map_or(part_look, plan), hovered.contains(&part)));
    }
    for (index, status) in far.iter().flat_map(|far| far.statuses(snapshot)) {
        rows.set(index, row(theme::part_colour(&status), false));
    }
}

/// How much of a part's own colour the colour of a state replaces: all of it, so that it is the legend's.
const TOLD: f32 = 1.0;

/// The row of a look.
pub fn row(look: PartLook, hovered: bool) -> Row {
    let [r, g, b] = look.rgb;
    let linear = Color::srgb_u8(r, g, b).to_linear();
    let pattern = match look.pattern {
        Pattern::Plain => 0.0,
        Pattern::Hatched => 1.0,
        // What should be heard and is not is an outline; what nothing measures keeps its body, dotted: a machine of
        // which a tenth is measured must still be recognised.
        Pattern::Outline if look.unmeasured => 4.0,
        Pattern::Outline => 2.0,
        Pattern::HatchedCross => 3.0,
    };
    // Grey is normal: a calm part keeps its own material. What is not known loses most of it.
    let told = if look.coloured {
        TOLD
    } else if pattern > 3.5 {
        0.30
    } else if pattern > 0.0 {
        0.55
    } else {
        0.0
    };
    Row {
        colour: [linear.red, linear.green, linear.blue, told],
        pattern,
        hover: f32::from(u8::from(hovered)),
        ..default()
    }
}

/// How a primitive is drawn.
#[derive(Component, Clone, Copy, Debug, PartialEq, Eq)]
enum Dress {
    Solid,
    Glass,
    /// In the colour of a state, or isolated, behind glass.
    Told,
    OutlineOnly,
    /// Nothing: a surface with a field is drawn in its place.
    Field,
}

/// The dotted hull of a primitive that is drawn as an outline only.
#[derive(Component)]
struct DottedHull(Entity);

/// Shared meshes and materials of outlines.
#[derive(Resource, Default)]
struct Hulls {
    meshes: HashMap<AssetId<Mesh>, Option<Handle<Mesh>>>,
    mask: Option<Handle<OutlineMaterial>>,
    line: Option<Handle<OutlineMaterial>>,
    hover: Option<Handle<OutlineMaterial>>,
    missing: Option<Handle<OutlineMaterial>>,
    missing_line: Option<Handle<OutlineMaterial>>,
}

fn linear(rgba: [u8; 4], alpha: f32) -> Vec4 {
    let [r, g, b, _] = rgba;
    Color::srgb_u8(r, g, b).to_linear().with_alpha(alpha).to_vec4()
}

impl Hulls {
    fn material(
        slot: &mut Option<Handle<OutlineMaterial>>,
        materials: &mut Assets<OutlineMaterial>,
        make: impl FnOnce() -> OutlineMaterial,
    ) -> Handle<OutlineMaterial> {
        slot.get_or_insert_with(|| materials.add(make())).clone()
    }

    /// `None`: lines and points have no hull.
    fn smooth(&mut self, mesh: &Handle<Mesh>, meshes: &mut Assets<Mesh>) -> Option<Handle<Mesh>> {
        if let Some(smooth) = self.meshes.get(&mesh.id()) {
            return smooth.clone();
        }
        let smooth = meshes.get(mesh).and_then(smooth_hull).map(|hull| meshes.add(hull));
        self.meshes.insert(mesh.id(), smooth.clone());
        smooth
    }
}

/// The same triangles with one normal a position, so that a hull grown along them does not tear at hard edges.
fn smooth_hull(mesh: &Mesh) -> Option<Mesh> {
    if mesh.primitive_topology() != PrimitiveTopology::TriangleList {
        return None;
    }
    let VertexAttributeValues::Float32x3(positions) = mesh.attribute(Mesh::ATTRIBUTE_POSITION)? else { return None };
    let indices: Vec<u32> = match mesh.indices() {
        Some(indices) => indices.iter().map(|index| index as u32).collect(),
        None => (0..positions.len() as u32).collect(),
    };
    let key = |p: &[f32; 3]| p.map(|v| (v * 4_096.0).round() as i64);
    let mut sums: HashMap<[i64; 3], Vec3> = HashMap::new();
    for triangle in indices.chunks_exact(3) {
        let corner = |n: usize| triangle.get(n).and_then(|&i| positions.get(i as usize));
        let (Some(a), Some(b), Some(c)) = (corner(0), corner(1), corner(2)) else { return None };
        let [pa, pb, pc] = [a, b, c].map(|p| Vec3::from_array(*p));
        let face = (pb - pa).cross(pc - pa).normalize_or_zero();
        for (corner, to, other) in [(a, pb - pa, pc - pa), (b, pc - pb, pa - pb), (c, pa - pc, pb - pc)] {
            // Weighted by the angle, so that how a face is cut into triangles does not matter.
            *sums.entry(key(corner)).or_default() += face * to.angle_between(other);
        }
    }
    let normals: Vec<[f32; 3]> = positions
        .iter()
        .map(|p| sums.get(&key(p)).copied().unwrap_or_default().normalize_or(Vec3::Y).to_array())
        .collect();
    Some(
        Mesh::new(PrimitiveTopology::TriangleList, RenderAssetUsages::RENDER_WORLD)
            .with_inserted_attribute(Mesh::ATTRIBUTE_POSITION, positions.clone())
            .with_inserted_attribute(Mesh::ATTRIBUTE_NORMAL, normals)
            .with_inserted_indices(Indices::U32(indices)),
    )
}

/// What decides how a primitive is drawn.
type Undressed<'a> = (
    &'a Skin,
    &'a Mesh3d,
    Option<&'a Detail>,
    Option<&'a Dress>,
    Option<&'a DottedHull>,
    Has<OnField>,
    &'a mut Visibility,
);

/// As what is above it, or not at all.
const fn shown(shown: bool) -> Visibility {
    if shown { Visibility::Inherited } else { Visibility::Hidden }
}

/// Gives each primitive the material of its kind of drawing. Runs over all parts only when something that decides it
/// has changed.
fn dress(
    mut commands: Commands,
    look: Res<Look>,
    parts: Res<Parts>,
    rows: Res<PartRows>,
    mut primitives: Query<Undressed, With<PartOf>>,
    mut others: Query<(&Skin, &mut MeshMaterial3d<PartMaterial>, &mut Visibility), Without<PartOf>>,
    mut hulls: ResMut<Hulls>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
) {
    if look.snapshot.is_none() || (!look.is_changed() && !rows.is_changed() && !parts.is_changed()) {
        return;
    }
    let glazed = look.elsewhere == Shown::Ghost || look.drawn.contains(&Shown::Ghost);
    for (skin, mut material, mut visibility) in &mut others {
        visibility.set_if_neq(shown(look.elsewhere != Shown::Hidden));
        let want = if look.elsewhere == Shown::Ghost { &skin.glass } else { &skin.solid };
        if material.0 != *want {
            material.0 = want.clone();
        }
    }
    for (row, entities) in parts.primitives.iter().enumerate() {
        let outline_only = rows.get(row).is_some_and(|row| row.pattern == 2.0) && !look.bare;
        let drawn = look.drawn(PartRow(row as u32));
        let told = glazed
            && !look.bare
            && (look.elsewhere == Shown::Ghost || rows.get(row).is_some_and(|row| row.colour[3] >= TOLD));
        let want = match (outline_only, drawn == Shown::Ghost) {
            (_, true) => Dress::Glass,
            (true, false) => Dress::OutlineOnly,
            (false, false) if told => Dress::Told,
            (false, false) => Dress::Solid,
        };
        for &entity in entities {
            let Ok((skin, mesh, detail, have, hull, field, mut visibility)) = primitives.get_mut(entity) else {
                continue;
            };
            let whole = detail.and_then(Detail::whole).unwrap_or(&mesh.0);
            // A check picture looks through housings.
            visibility.set_if_neq(shown(drawn != Shown::Hidden && !(look.bare && want == Dress::Glass)));
            let want = if field && !look.bare { Dress::Field } else { want };
            // Lines and points have no hull, and normals seldom, without which nothing of an outline is drawn: they keep
            // their bodies, hatched.
            let smooth = if want == Dress::OutlineOnly { hulls.smooth(whole, &mut meshes) } else { None };
            let want = if want == Dress::OutlineOnly && smooth.is_none() { Dress::Solid } else { want };
            if have == Some(&want) {
                continue;
            }
            if let Some(&DottedHull(hull)) = hull {
                commands.entity(hull).despawn();
                commands.entity(entity).remove::<DottedHull>();
            }
            let mut edit = commands.entity(entity);
            edit.insert(want);
            match want {
                Dress::Field => {
                    edit.remove::<(MeshMaterial3d<OutlineMaterial>, MeshMaterial3d<PartMaterial>)>();
                }
                Dress::Solid => {
                    edit.remove::<MeshMaterial3d<OutlineMaterial>>().insert(MeshMaterial3d(skin.solid.clone()));
                }
                Dress::Told => {
                    edit.remove::<MeshMaterial3d<OutlineMaterial>>().insert(MeshMaterial3d(skin.told.clone()));
                }
                Dress::Glass => {
                    edit.remove::<MeshMaterial3d<OutlineMaterial>>().insert(MeshMaterial3d(skin.glass.clone()));
                }
                Dress::OutlineOnly => {
                    let Hulls { missing, missing_line, .. } = &mut *hulls;
                    let body = Hulls::material(missing, &mut outlines, || OutlineMaterial {
                        style: OutlineStyle {
                            colour: Vec4::new(0.25, 0.29, 0.34, 0.10),
                            params: Vec4::ZERO,
                            ..default()
                        },
                        hull: false,
                        xray: false,
                        dotted: false,
                        section: false,
                    });
                    let line = Hulls::material(missing_line, &mut outlines, || OutlineMaterial {
                        style: OutlineStyle {
                            colour: linear(theme::DARK.quiet, 1.0),
                            params: Vec4::new(1.6, 6.0, 0.0, 0.0),
                            ..default()
                        },
                        hull: true,
                        xray: false,
                        dotted: true,
                        section: false,
                    });
                    edit.remove::<MeshMaterial3d<PartMaterial>>().insert(MeshMaterial3d(body));
                    if let Some(smooth) = smooth {
                        let hull = commands.spawn((Mesh3d(smooth), MeshMaterial3d(line), ChildOf(entity))).id();
                        commands.entity(entity).insert(DottedHull(hull));
                    }
                }
            }
        }
    }
}

/// Lines, dots and hatches have the same size on every screen.
fn scale_lines(
    window: Query<&Window, With<PrimaryWindow>>,
    panels: Option<Res<super::panels::Panels>>,
    view: Option<Res<super::view_scale::ViewScale>>,
    mut rows: ResMut<PartRows>,
    hulls: Res<Hulls>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
    mut before: Local<f32>,
) {
    let window = window.single().map_or(1.0, Window::scale_factor);
    let scale = window * panels.map_or(1.0, |panels| panels.ui.scale);
    // Dots and hatches count the pixels that are drawn, widths those that are shown.
    let drawn = scale * view.map_or(1.0, |view| view.now);
    let lines = [(&hulls.line, 2.5, 0.0), (&hulls.hover, 1.5, 0.0), (&hulls.missing_line, 1.6, 6.0)];
    for (handle, width, dots) in lines {
        let Some(handle) = handle else { continue };
        let want = Vec4::new(width * scale, dots * drawn, 0.0, 0.0);
        if outlines.get(handle).is_some_and(|line| line.style.params != want)
            && let Some(mut line) = outlines.get_mut(handle)
        {
            line.style.params = want;
        }
    }
    if *before != drawn {
        *before = drawn;
        rows.set_period(10.0 * drawn);
    }
}

/// What an outline depends on: the selected and the hovered part, those selected with it, and what shows them.
type Outlined = (Option<PartRow>, Option<PartRow>, BTreeSet<PartRow>, [u32; 3]);

/// Entities that draw the outline of the selection and of what the pointer is over.
#[derive(Default)]
struct Drawn {
    of: Option<Outlined>,
    entities: Vec<Entity>,
}

fn outline(
    mut commands: Commands,
    look: Res<Look>,
    parts: Res<Parts>,
    far: Option<Res<FarMachines>>,
    levels: Option<Res<Levels>>,
    primitives: Query<(&Mesh3d, Option<&Detail>), With<PartOf>>,
    mut hulls: ResMut<Hulls>,
    mut meshes: ResMut<Assets<Mesh>>,
    mut outlines: ResMut<Assets<OutlineMaterial>>,
    mut drawn: Local<Drawn>,
) {
    let hovered = look.hovered.filter(|_| !look.bare).filter(|&part| Some(part) != look.selected);
    let selected = look.selected.filter(|_| !look.bare);
    let chosen: BTreeSet<PartRow> = if look.bare { BTreeSet::new() } else { look.chosen.clone() };
    let shown = [
        parts.generation,
        far.as_ref().map_or(0, |far| far.generation),
        levels.as_ref().map_or(0, |levels| levels.generation),
    ];
    let nothing = selected.is_none() && hovered.is_none() && chosen.is_empty();
    let want = Some((selected, hovered, chosen, shown));
    if drawn.of == want || (nothing && drawn.entities.is_empty()) {
        return;
    }
    drawn.of = want;
    for entity in drawn.entities.drain(..) {
        commands.entity(entity).try_despawn();
    }
    let together = look.chosen.iter().copied().filter(|&part| !look.bare && Some(part) != selected);
    let Hulls { mask, line, hover, .. } = &mut *hulls;
    let mask = Hulls::material(mask, &mut outlines, || OutlineMaterial {
        style: OutlineStyle::default(),
        hull: false,
        xray: true,
        dotted: false,
        section: false,
    });
    let line = Hulls::material(line, &mut outlines, || OutlineMaterial {
        style: OutlineStyle {
            colour: linear(theme::DARK.accent, 1.0),
            params: Vec4::new(2.5, 0.0, 0.0, 0.0),
            ..default()
        },
        hull: true,
        xray: true,
        dotted: false,
        section: false,
    });
    let hover = Hulls::material(hover, &mut outlines, || OutlineMaterial {
        style: OutlineStyle {
            colour: linear(theme::DARK.text, 0.9),
            params: Vec4::new(1.5, 0.0, 0.0, 0.0),
            ..default()
        },
        hull: true,
        xray: true,
        dotted: false,
        section: false,
    });
    let outlined = together.chain(selected).map(|part| (part, &line)).chain(hovered.map(|part| (part, &hover)));
    for (part, material) in outlined {
        // Of a machine far away all of it is outlined: a part of it would be a dot.
        let asset = parts.site.as_ref().and_then(|site| site.parts.get(part.index())).map(|part| part.asset);
        let bodies = far.as_ref().zip(asset).and_then(|(far, asset)| far.shown(asset));
        for entity in bodies.unwrap_or_else(|| parts.primitives_of(part)) {
            let Ok((mesh, detail)) = primitives.get(entity) else { continue };
            // As fine as what is outlined; what is too small to be drawn still gets its line.
            let seen = detail.map_or(Some(&mesh.0), |detail| detail.mesh().or(detail.whole()));
            let Some(smooth) = seen.and_then(|seen| hulls.smooth(seen, &mut meshes)) else { continue };
            for drawing in [&mask, material] {
                let id = commands
                    .spawn((Mesh3d(smooth.clone()), MeshMaterial3d(drawing.clone()), NoFrustumCulling, ChildOf(entity)))
                    .id();
                drawn.entities.push(id);
            }
        }
    }
}

#[cfg(test)]
mod tests;
