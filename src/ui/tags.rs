//! Labels on demand, painted: a plate with a name, a mark and a line that leads to the part, hundreds of them in three
//! shapes. Where they stand is decided in [`crate::view::tags`].
//!
//! Names are laid out once, and kept as long as egui keeps its fonts; marks are painted once into a picture, because a
//! dotted one has hundreds of triangles. Only the label under the pointer is a widget.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use egui::epaint::{ClippedShape, TextShape, Vertex, WHITE_UV};
use egui::text::{LayoutJob, TextFormat};
use egui::{
    Area, Color32, ColorImage, Context, Galley, Id, LayerId, Mesh, Order, Painter, Popup, PopupCloseBehavior, Pos2,
    Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;
use twinscope_twin::command::Command;
use twinscope_twin::site::{PartRow, Site};

use super::field::row;
use super::paint::{icon_button, line, mark_shapes, middle};
use super::style::{Kit, font};
use crate::view::labels::Box2;
use crate::view::tags::Scope;
use crate::view::tags::gather::Tag;
use crate::view::tags::layout::{Label, Layout, Placed};
use crate::view::tags::outline::{Outline, What};
use crate::view::theme::{Mark, ThemeName};
use crate::view::viewpoints::ViewpointAction;
use crate::view::{AppView, UiAction, UiState, words};

/// Height of a label.
const HEIGHT: f32 = 19.0;
/// From the left edge to the middle of the mark, and to the name.
const MARK: f32 = 10.0;
const NAME: f32 = 19.0;
/// Radius of the mark.
const RADIUS: f32 = 4.2;
/// Half a side of its picture: its soft edge is within.
const HALF: f32 = 6.0;

/// What is kept from frame to frame.
#[derive(Default)]
struct Kept {
    layout: Layout,
    /// Names by what they depend on: node, members, parts.
    names: HashMap<(u32, u32, u32), Arc<Galley>>,
    /// What the names refer to, and how they were laid out.
    of: Option<(Arc<Outline>, ThemeName, f32)>,
    /// Laid out anew by egui when it lays out everything anew.
    canary: Option<Arc<Galley>>,
    marks: Marks,
}

/// Marks side by side in one picture.
#[derive(Default)]
struct Marks {
    have: Vec<(Mark, Vec<Color32>)>,
    picture: Option<TextureHandle>,
    /// Pixels of a side of a mark, and pixels a point.
    side: usize,
    scale: f32,
}

impl Marks {
    /// Which mark of the picture it is, from the left.
    fn place(&mut self, ctx: &Context, kit: &Kit, mark: Mark) -> usize {
        if let Some(at) = self.have.iter().position(|(have, _)| *have == mark) {
            return at;
        }
        self.scale = ctx.pixels_per_point();
        self.side = (2.0 * HALF * self.scale).ceil() as usize;
        let shapes = mark_shapes(kit, Pos2::ZERO + Vec2::splat(HALF), RADIUS, mark.shape(), mark.fill(), mark.colour());
        let shapes = shapes.into_iter().map(|shape| ClippedShape { clip_rect: Rect::EVERYTHING, shape });
        let mut pixels = vec![Color32::TRANSPARENT; self.side * self.side];
        for made in ctx.tessellate(shapes.collect(), self.scale) {
            if let egui::epaint::Primitive::Mesh(mesh) = made.primitive {
                draw(&mesh, self.scale, self.side, &mut pixels);
            }
        }
        self.have.push((mark, pixels));
        let count = self.have.len();
        let mut image = ColorImage::filled([self.side * count, self.side], Color32::TRANSPARENT);
        for (at, (_, pixels)) in self.have.iter().enumerate() {
            for (row, from) in pixels.chunks_exact(self.side).enumerate() {
                let start = row * self.side * count + at * self.side;
                if let Some(to) = image.pixels.get_mut(start..start + self.side) {
                    to.copy_from_slice(from);
                }
            }
        }
        self.picture = Some(ctx.load_texture("marks of labels", image, TextureOptions::LINEAR));
        count - 1
    }
}

/// Draws the triangles of a mesh into square pixels, one over the other. Their soft edges are triangles too.
fn draw(mesh: &Mesh, scale: f32, side: usize, pixels: &mut [Color32]) {
    let at = |index: u32| mesh.vertices.get(index as usize).map(|v| (v.pos.to_vec2() * scale, v.color));
    for three in mesh.indices.chunks_exact(3) {
        let &[a, b, c] = three else { continue };
        let (Some((a, of_a)), Some((b, of_b)), Some((c, of_c))) = (at(a), at(b), at(c)) else { continue };
        let twice = |a: Vec2, b: Vec2, c: Vec2| (b - a).x * (c - a).y - (b - a).y * (c - a).x;
        let area = twice(a, b, c);
        if area.abs() < 1e-9 {
            continue;
        }
        for (index, pixel) in pixels.iter_mut().enumerate() {
            let p = vec2((index % side) as f32 + 0.5, (index / side) as f32 + 0.5);
            let shares = [twice(b, c, p) / area, twice(c, a, p) / area, twice(a, b, p) / area];
            if shares.iter().all(|share| *share >= 0.0) {
                let mixed = |channel: usize| {
                    let [x, y, z] = [of_a, of_b, of_c].map(|of| f32::from(of.to_array()[channel]));
                    (shares[0] * x + shares[1] * y + shares[2] * z).round() as u8
                };
                *pixel = pixel.blend(Color32::from_rgba_premultiplied(mixed(0), mixed(1), mixed(2), mixed(3)));
            }
        }
    }
}

impl Kept {
    /// Forgets what does not hold any more.
    fn check(&mut self, painter: &Painter, kit: &Kit, outline: &Arc<Outline>) {
        let canary = line(painter, "twinscope labels", font(12.0), kit.text(), 400.0);
        let of = (Arc::clone(outline), kit.theme.name, painter.pixels_per_point());
        let same = self.of.as_ref().is_some_and(|have| Arc::ptr_eq(&have.0, &of.0) && (have.1, have.2) == (of.1, of.2))
            && self.canary.as_ref().is_some_and(|have| Arc::ptr_eq(have, &canary));
        if !same {
            self.names.clear();
            self.marks = Marks::default();
            if self.of.as_ref().is_none_or(|have| !Arc::ptr_eq(&have.0, outline)) {
                self.layout = Layout::default();
            }
            (self.of, self.canary) = (Some(of), Some(canary));
        }
    }

    /// The name on a label.
    fn name(&mut self, painter: &Painter, kit: &Kit, site: &Site, outline: &Outline, tag: &Tag) -> Arc<Galley> {
        /// More are kept only while the counts of many nodes change: then all are laid out anew.
        const MOST: usize = 20_000;
        if self.names.len() > MOST {
            self.names.clear();
        }
        let key = (tag.node, tag.members, tag.parts);
        let lay = || {
            let (name, more) = outline.words(site, tag.node, tag.members, tag.parts);
            let mut job = LayoutJob::default();
            job.append(&name, 0.0, TextFormat::simple(font(12.0), kit.text()));
            if !more.is_empty() {
                job.append(&more, 5.0, TextFormat::simple(font(12.0), kit.quiet()));
            }
            painter.layout_job(job)
        };
        Arc::clone(self.names.entry(key).or_insert_with(lay))
    }
}

/// Paints the labels on demand, clear of `obstacles`; says what the pointer is over.
pub fn tags_ui(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    free: Rect,
    obstacles: &[Rect],
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let id = Id::new("twinscope tags");
    // The label under the pointer stays: its card must not take it away from there.
    let hovered_tag = std::mem::take(&mut state.tag_hovered);
    if view.tags.tags.is_empty() {
        return;
    }
    let kept = ctx.data_mut(|data| Arc::clone(data.get_temp_mut_or_default::<Arc<Mutex<Kept>>>(id)));
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, id), free);
    let outline = &view.tags.outline;
    kept.check(&painter, kit, outline);
    // A part that has a label with more to say needs no second one.
    let told = |tag: &Tag| {
        let says = |part: PartRow| view.overlay.labels.iter().any(|label| label.part == part);
        let card = view.card.as_ref().map(|card| card.place.part);
        tag.part.is_some_and(|part| says(part) || (card == Some(part) && !hovered_tag))
    };
    let tags: Vec<&Tag> = view.tags.tags.iter().filter(|tag| !told(tag)).collect();
    let names: Vec<Arc<Galley>> = tags.iter().map(|tag| kept.name(&painter, kit, &view.site, outline, tag)).collect();
    let labels: Vec<Label> = tags
        .iter()
        .zip(&names)
        .map(|(tag, name)| Label {
            key: tag.node,
            anchor: tag.pos,
            size: [NAME + name.size().x + 8.0, HEIGHT],
            importance: tag.mark.severity as u8,
            depth: tag.depth,
        })
        .collect();
    let taken = obstacles;
    let obstacles: Vec<Box2> = taken.iter().map(|rect| super::labels::to_box(*rect)).collect();
    let bounds = super::labels::to_box(free.shrink(6.0));
    let (placed, moving) = kept.layout.place(&labels, bounds, &obstacles, view.tags.dt);
    if moving {
        ctx.request_repaint();
    }
    let over = pointed(ctx, &placed, id);
    paint(ctx, &painter, kit, &mut kept, &tags, &names, &placed, over.map(|placed| placed.index));
    let unplaced = tags.len() - placed.len();
    drop(kept);
    if let Some((placed, tag)) = over.and_then(|placed| Some((placed, *tags.get(placed.index)?))) {
        let (name, more) = outline.words(&view.site, tag.node, tag.members, tag.parts);
        let area = Area::new(id.with("pointed")).fixed_pos(pos2(placed.at.left, placed.at.top));
        area.order(Order::Middle).constrain(false).movable(false).fade_in(false).show(ctx, |ui| {
            let response = ui.allocate_rect(to_rect(&placed.at), Sense::click());
            response.widget_info(|| {
                WidgetInfo::labeled(WidgetType::Button, true, format!("{name} {more} {}", tag.mark.words()))
            });
            if let Some(part) = tag.part {
                state.tag_hovered = true;
                *hover = Some(part);
            }
            if response.clicked() {
                actions.push(clicked(view, tag));
            }
            if response.double_clicked()
                && let Some(part) = tag.part
            {
                actions.push(UiAction::FlyTo(part));
            }
        });
    }
    if unplaced > 0 {
        let said = format!("{} without room: zoom in", words::plural(unplaced as u64, "label", "labels"));
        let galley = line(&painter, &said, font(12.0), kit.quiet(), free.width());
        // Below whatever lies at the upper edge.
        let size = galley.size() + vec2(20.0, 8.0);
        let at = |row: i32| pos2(free.center().x - size.x / 2.0, free.top() + 14.0 + 12.0 * row as f32);
        let clear = |rect: &Rect| !taken.iter().any(|other| other.intersects(*rect));
        let rect = (0..24).map(|row| Rect::from_min_size(at(row), size)).find(clear);
        let rect = rect.unwrap_or(Rect::from_min_size(at(0), size));
        painter.rect_filled(rect, 6, kit.glass());
        painter.galley(rect.min + vec2(10.0, 4.0), galley, kit.quiet());
    }
}

/// The button in the bar and its menu.
pub fn menu_ui(ui: &mut Ui, kit: &Kit, state: &mut UiState) {
    let labels = &mut state.labels;
    let button = icon_button(ui, kit, icon::TAG, "Labels (L)", labels.scope != Scope::Matter);
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (scope, name, tooltip) in [
            (Scope::Matter, "What matters", "Alarms, the shortest lives, what is selected and under the pointer"),
            (Scope::All, "All parts", "Those that the search and the filter of the tree find, if there are any"),
            (Scope::Below, "Selected part", "And what is below it"),
        ] {
            if row(ui, kit, name, tooltip, labels.scope == scope) {
                labels.scope = scope;
            }
        }
        ui.add_space(6.0);
        ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), kit.hairline());
        ui.add_space(6.0);
        if row(ui, kit, "Also of what is behind", "Labels of parts that are hidden by others", labels.behind) {
            labels.behind = !labels.behind;
        }
        if row(
            ui,
            kit,
            "Card at the part",
            "Of the part that the pointer rests on, or of the selected one",
            state.card.on,
        ) {
            state.card.on = !state.card.on;
        }
    });
}

/// What a click on a label does: a part alone is selected; to what several belong to the camera flies.
fn clicked(view: &AppView, tag: &Tag) -> UiAction {
    if let Some(part) = tag.part {
        return UiAction::Command(Command::Select(Some(part)));
    }
    let nodes = &view.tags.outline.nodes;
    let mut node = nodes.get(tag.node as usize);
    while let Some(at) = node {
        match at.what {
            What::Asset(row) => return UiAction::Viewpoint(ViewpointAction::Asset(row)),
            What::Part(part) => return UiAction::FlyTo(part),
            // What they belong to.
            What::Alike(_) => node = at.above.and_then(|above| nodes.get(above as usize)),
        }
    }
    UiAction::FitAll
}

/// The label under the pointer, where no panel is.
fn pointed<'a>(ctx: &Context, placed: &'a [Placed], id: Id) -> Option<&'a Placed> {
    let at = ctx.input(|input| input.pointer.hover_pos())?;
    let over = placed.iter().find(|placed| placed.opacity > 0.5 && to_rect(&placed.at).contains(at))?;
    let layer = ctx.layer_id_at(at);
    layer.is_none_or(|layer| layer.order == Order::Background || layer.id == id.with("pointed")).then_some(over)
}

fn to_rect(at: &Box2) -> Rect {
    Rect::from_min_max(pos2(at.left, at.top), pos2(at.right, at.bottom))
}

fn paint(
    ctx: &Context,
    painter: &Painter,
    kit: &Kit,
    kept: &mut Kept,
    tags: &[&Tag],
    names: &[Arc<Galley>],
    placed: &[Placed],
    over: Option<usize>,
) {
    let mut lines = Mesh::default();
    let mut plates = Mesh::default();
    let mut texts = Vec::with_capacity(placed.len());
    let mut marks = Vec::with_capacity(placed.len());
    for Placed { index, at, opacity } in placed {
        let (Some(tag), Some(name)) = (tags.get(*index), names.get(*index)) else { continue };
        // On whole points: letters and edges stay sharp while the label goes with its part.
        let rect = to_rect(at).translate(vec2(at.left.round() - at.left, at.top.round() - at.top));
        let tint = if over == Some(*index) { kit.accent() } else { kit.text().gamma_multiply(0.7) };
        leader(&mut lines, tag.pos, rect, tint.gamma_multiply(*opacity));
        let ground = if over == Some(*index) { kit.raised() } else { kit.glass() };
        framed(&mut plates, rect, kit.line().gamma_multiply(*opacity), ground.gamma_multiply(*opacity));
        let mark = kept.marks.place(ctx, kit, tag.mark);
        marks.push((mark, pos2(rect.left() + MARK, rect.center().y), Color32::WHITE.gamma_multiply(*opacity)));
        let place = pos2(rect.left() + NAME, middle(rect.center().y, name));
        let text = TextShape::new(place, Arc::clone(name), kit.text());
        texts.push(egui::Shape::Text(TextShape { opacity_factor: *opacity, ..text }));
    }
    painter.add(lines);
    painter.add(plates);
    if let Some(picture) = &kept.marks.picture {
        let mut mesh = Mesh::with_texture(picture.id());
        let count = kept.marks.have.len() as f32;
        let half = Vec2::splat(kept.marks.side as f32 / kept.marks.scale / 2.0);
        for (mark, at, tint) in marks {
            let uv = Rect::from_min_max(pos2(mark as f32 / count, 0.0), pos2((mark + 1) as f32 / count, 1.0));
            // On whole pixels, as it was painted.
            let min = ((at - half).to_vec2() * kept.marks.scale).round() / kept.marks.scale;
            mesh.add_rect_with_uv(Rect::from_min_size(min.to_pos2(), 2.0 * half), uv, tint);
        }
        painter.add(mesh);
    }
    painter.extend(texts);
    if let Some(Placed { at, .. }) = placed.iter().find(|placed| Some(placed.index) == over) {
        painter.rect_stroke(to_rect(at), 2, Stroke::new(1.0, kit.accent()), StrokeKind::Outside);
    }
}

/// A ground with a line around it, of a point: what lies below is covered once.
fn framed(mesh: &mut Mesh, rect: Rect, edge: Color32, ground: Color32) {
    let outer = rect.expand(1.0);
    mesh.add_colored_rect(rect, ground);
    for (min, max) in [
        (outer.min, pos2(outer.right(), rect.top())),
        (pos2(outer.left(), rect.bottom()), outer.max),
        (pos2(outer.left(), rect.top()), rect.left_bottom()),
        (rect.right_top(), pos2(outer.right(), rect.bottom())),
    ] {
        mesh.add_colored_rect(Rect::from_min_max(min, max), edge);
    }
}

/// A line from the nearest place of a label's edge to its part, with a dot there. Soft at its sides.
fn leader(mesh: &mut Mesh, [x, y]: [f32; 2], rect: Rect, tint: Color32) {
    const HALF: f32 = 1.1;
    let part = pos2(x, y);
    let from = rect.clamp(part);
    let across = (part - from).normalized().rot90() * HALF;
    let first = mesh.vertices.len() as u32;
    let vertex = |pos: Pos2, color: Color32| Vertex { pos, uv: WHITE_UV, color };
    let clear = Color32::TRANSPARENT;
    for end in [from, part] {
        mesh.vertices.extend([vertex(end - across, clear), vertex(end, tint), vertex(end + across, clear)]);
    }
    for [a, b, c] in [[0, 1, 3], [1, 4, 3], [1, 2, 4], [2, 5, 4]] {
        mesh.indices.extend([first + a, first + b, first + c]);
    }
    let centre = mesh.vertices.len() as u32;
    mesh.vertices.push(vertex(part, tint));
    const CORNERS: u32 = 8;
    for corner in 0..CORNERS {
        let around = Vec2::angled(corner as f32 * std::f32::consts::TAU / CORNERS as f32);
        mesh.vertices.push(vertex(part + around * 2.6, tint.gamma_multiply(0.6)));
        mesh.indices.extend([centre, centre + 1 + corner, centre + 1 + (corner + 1) % CORNERS]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mesh_is_drawn_where_it_is_and_nowhere_else() {
        let mut mesh = Mesh::default();
        mesh.add_colored_rect(Rect::from_min_max(pos2(1.0, 1.0), pos2(3.0, 2.0)), Color32::RED);
        let mut pixels = vec![Color32::TRANSPARENT; 64];
        draw(&mesh, 2.0, 8, &mut pixels);
        let red: Vec<usize> = (0..64).filter(|at| pixels[*at] == Color32::RED).collect();
        // Columns 2 to 5 of rows 2 and 3.
        assert_eq!(red, [18, 19, 20, 21, 26, 27, 28, 29]);
        assert_eq!(pixels.iter().filter(|pixel| **pixel != Color32::TRANSPARENT).count(), red.len());
    }
}
