//! What panels are painted with: marks, text that is cut to its width, rows, small buttons, headings, badges.
//!
//! A mark is painted, not a glyph: its shape tells the severity, its fill the quality, its colour both.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Area, Color32, Context, CornerRadius, FontId, Galley, Id, Order, Painter, Pos2, Rect, Response, Sense,
    Shape as Paint, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};

use super::style::{Kit, bold, colour, font, icons};
use crate::view::theme::{Fill, Mark, Rgba, Shape, ThemeName};

/// One line of text, cut with an ellipsis at `width`.
#[must_use]
pub fn line(painter: &Painter, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(text.to_owned(), TextFormat::simple(font, colour));
    job.wrap = TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    painter.layout_job(job)
}

/// Text that wraps at `width`.
#[must_use]
pub fn wrapped(painter: &Painter, text: &str, font: FontId, colour: Color32, width: f32) -> Arc<Galley> {
    painter.layout(text.to_owned(), font, colour, width.max(1.0))
}

/// Paints one line of text aligned at `pos` and cut at `width`; returns its rectangle.
pub fn text(
    painter: &Painter,
    pos: Pos2,
    align: Align2,
    text: &str,
    font: FontId,
    colour: Color32,
    width: f32,
) -> Rect {
    let galley = line(painter, text, font, colour, width);
    let rect = align.anchor_size(pos, galley.size());
    let rect = rect.translate(vec2(0.0, rect.min.y.floor() - rect.min.y));
    painter.galley(rect.min, galley, colour);
    rect
}

/// The top of a line whose middle is at `y`. On a whole point, and rather above than below: small letters then stand
/// level with the marks beside them.
#[must_use]
pub fn middle(y: f32, galley: &Galley) -> f32 {
    (y - galley.size().y / 2.0).floor()
}

/// A paragraph in the flow of a panel.
pub fn paragraph(ui: &mut Ui, text: &str, font: FontId, colour: Color32) -> Response {
    let width = ui.available_width();
    let galley = wrapped(ui.painter(), text, font, colour, width);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, text));
    ui.painter().galley(rect.min, galley, colour);
    response
}

/// The corners of a shape of radius `r`.
fn outline(shape: Shape, at: Pos2, r: f32) -> Vec<Pos2> {
    match shape {
        Shape::Square => {
            let h = r * 0.84;
            vec![at + vec2(-h, -h), at + vec2(h, -h), at + vec2(h, h), at + vec2(-h, h)]
        }
        Shape::Triangle => {
            vec![at + vec2(0.0, -r * 1.02), at + vec2(r * 1.06, r * 0.84), at + vec2(-r * 1.06, r * 0.84)]
        }
        Shape::Diamond => {
            let d = r * 1.16;
            vec![at + vec2(0.0, -d), at + vec2(d, 0.0), at + vec2(0.0, d), at + vec2(-d, 0.0)]
        }
        Shape::Disc => circle(at, r * 0.92),
        Shape::SmallDot => circle(at, r * 0.5),
    }
}

fn circle(at: Pos2, r: f32) -> Vec<Pos2> {
    (0..24).map(|i| at + Vec2::angled(i as f32 * std::f32::consts::TAU / 24.0) * r).collect()
}

/// The part of the line `at + t·along` that lies inside a convex outline.
fn inside(corners: &[Pos2], at: Pos2, along: Vec2) -> Option<[Pos2; 2]> {
    let mut cuts: Vec<f32> = Vec::with_capacity(2);
    for (i, a) in corners.iter().enumerate() {
        let b = corners.get((i + 1) % corners.len())?;
        let edge = *b - *a;
        let cross = along.x * edge.y - along.y * edge.x;
        if cross.abs() < 1e-6 {
            continue;
        }
        let to = *a - at;
        let t = (to.x * edge.y - to.y * edge.x) / cross;
        let u = (to.x * along.y - to.y * along.x) / cross;
        if (0.0..=1.0).contains(&u) {
            cuts.push(t);
        }
    }
    let low = cuts.iter().copied().fold(f32::INFINITY, f32::min);
    let high = cuts.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    (high > low).then(|| [at + along * low, at + along * high])
}

/// A mark of radius `r`.
pub fn mark(painter: &Painter, kit: &Kit, at: Pos2, r: f32, mark: Mark) {
    shape_mark(painter, kit, at, r, mark.shape(), mark.fill(), mark.colour());
}

/// A mark from its shape, fill and colour.
pub fn shape_mark(painter: &Painter, kit: &Kit, at: Pos2, r: f32, shape: Shape, fill: Fill, rgba: Rgba) {
    painter.extend(mark_shapes(kit, at, r, shape, fill, rgba));
}

/// What a mark is painted with.
#[must_use]
pub fn mark_shapes(kit: &Kit, at: Pos2, r: f32, shape: Shape, fill: Fill, rgba: Rgba) -> Vec<Paint> {
    let tint = colour(rgba);
    let corners = outline(shape, at, r);
    let thin = Stroke::new((r * 0.2).clamp(1.0, 2.0), tint);
    // On a light ground a pale fill needs an edge.
    let edge = if kit.theme.name == ThemeName::Light { Stroke::new(1.0, kit.quiet()) } else { Stroke::NONE };
    let lines = |step: f32, along: Vec2, stroke: Stroke| {
        inside(&corners, at + vec2(step * r, step * r), along).map(|segment| Paint::line_segment(segment, stroke))
    };
    match fill {
        Fill::Solid => vec![Paint::convex_polygon(corners, tint, edge)],
        Fill::Cored => {
            let core = outline(shape, at, r * 0.45);
            vec![Paint::closed_line(corners, thin), Paint::convex_polygon(core, tint, Stroke::NONE)]
        }
        Fill::Hatched => {
            let hatch = Stroke::new((r * 0.16).clamp(0.9, 1.5), tint);
            let hatches = [-0.62, 0.0, 0.62].into_iter().filter_map(|step| lines(step, vec2(1.0, -1.0), hatch));
            let mut shapes: Vec<Paint> = hatches.collect();
            shapes.push(Paint::closed_line(corners, thin));
            shapes
        }
        Fill::Crossed => {
            let crosses = [vec2(1.0, 1.0), vec2(1.0, -1.0)].into_iter().filter_map(|along| lines(0.0, along, thin));
            let mut shapes: Vec<Paint> = crosses.collect();
            shapes.push(Paint::closed_line(corners, thin));
            shapes
        }
        Fill::Dotted => {
            let mut path = corners;
            path.extend(path.first().copied());
            let dash = (r * 0.34).max(1.4);
            Paint::dashed_line(&path, Stroke::new(1.2, tint), dash, dash)
        }
    }
}

/// A small square button with an icon. `on` is the state of a switch.
pub fn icon_button(ui: &mut Ui, kit: &Kit, icon: &str, tooltip: &str, on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(30.0, 28.0), Sense::click());
    icon_button_at(ui, kit, rect, response, icon, tooltip, on)
}

/// A button with an icon in a rectangle of the caller's.
pub fn icon_button_at(
    ui: &Ui,
    kit: &Kit,
    rect: Rect,
    response: Response,
    icon: &str,
    tooltip: &str,
    on: bool,
) -> Response {
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, ui.is_enabled(), on, tooltip));
    let hover = response.hovered() || response.has_focus();
    if on || hover {
        let fill = if on { kit.accent().gamma_multiply(0.18) } else { kit.raised() };
        ui.painter().rect_filled(rect, 6, fill);
    }
    let tint = match (on, hover) {
        (true, _) => kit.accent(),
        (false, true) => kit.text(),
        (false, false) => kit.quiet(),
    };
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, icons(17.0), tint);
    focus_ring(ui, kit, rect, &response);
    response.on_hover_text(tooltip)
}

/// A flat button with a word, and an icon before it.
pub fn word_button(ui: &mut Ui, kit: &Kit, icon: &str, word: &str, enabled: bool) -> Response {
    let tint = if enabled { kit.text() } else { kit.faint() };
    let galley = line(ui.painter(), word, font(13.0), tint, 240.0);
    let icon_width = if icon.is_empty() { 0.0 } else { 20.0 };
    let size = vec2(galley.size().x + icon_width + 22.0, 28.0);
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, enabled, word));
    let hover = enabled && (response.hovered() || response.has_focus());
    let fill = if hover { kit.line() } else { kit.raised() };
    ui.painter().rect(rect, 6, fill, kit.hairline(), StrokeKind::Inside);
    if !icon.is_empty() {
        let at = pos2(rect.left() + 19.0, rect.center().y);
        ui.painter().text(
            at,
            Align2::CENTER_CENTER,
            icon,
            icons(15.0),
            if enabled { kit.quiet() } else { kit.faint() },
        );
    }
    let at = pos2(rect.left() + 11.0 + icon_width, middle(rect.center().y, &galley));
    ui.painter().galley(at, galley, tint);
    focus_ring(ui, kit, rect, &response);
    response
}

/// Shows which widget the keyboard acts on.
pub fn focus_ring(ui: &Ui, kit: &Kit, rect: Rect, response: &Response) {
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 6, Stroke::new(1.5, kit.accent()), StrokeKind::Inside);
    }
}

/// The ground of a row: hovered or selected.
pub fn row_ground(ui: &Ui, kit: &Kit, rect: Rect, hovered: bool, selected: bool) {
    if selected {
        ui.painter().rect_filled(rect, 0, kit.selected());
        let bar = Rect::from_min_size(rect.min, vec2(2.0, rect.height()));
        ui.painter().rect_filled(bar, 0, kit.accent());
    } else if hovered {
        ui.painter().rect_filled(rect, 0, kit.raised().gamma_multiply(0.75));
    }
}

/// The heading of a section, with something quiet at its right end.
pub fn heading(ui: &mut Ui, kit: &Kit, title: &str, right: &str) {
    ui.add_space(14.0);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, title));
    let left = text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, title, bold(13.0), kit.text(), width);
    if !right.is_empty() {
        let room = width - left.width() - 12.0;
        text(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, right, font(12.0), kit.faint(), room);
    }
    ui.add_space(2.0);
}

/// A hairline across the panel.
pub fn rule(ui: &mut Ui, kit: &Kit) {
    ui.add_space(14.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 1.0), Sense::hover());
    ui.painter().hline(rect.x_range(), rect.center().y, kit.hairline());
}

/// A small label with a ground. `warn` gives it an outline that is noticed.
pub fn badge(ui: &mut Ui, kit: &Kit, word: &str, warn: bool, tooltip: &str) -> Response {
    let tint = if warn { kit.text() } else { kit.quiet() };
    let galley = line(ui.painter(), word, font(12.0), tint, 220.0);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(14.0, 6.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, word));
    let edge = if warn { Stroke::new(1.0, kit.quiet()) } else { Stroke::NONE };
    ui.painter().rect(rect, 9, kit.raised(), edge, StrokeKind::Inside);
    ui.painter().galley(rect.min + vec2(7.0, 3.0), galley, tint);
    if tooltip.is_empty() { response } else { response.on_hover_text(tooltip) }
}

/// A box of raw text in the monospaced font.
pub fn raw_box(ui: &mut Ui, kit: &Kit, raw: &str) -> Response {
    let width = ui.available_width();
    let mut job = LayoutJob::single_section(raw.to_owned(), TextFormat::simple(super::style::mono(11.0), kit.quiet()));
    job.wrap =
        TextWrapping { max_width: (width - 16.0).max(1.0), max_rows: 8, break_anywhere: true, ..Default::default() };
    let galley = ui.painter().layout_job(job);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y + 10.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, raw));
    ui.painter().rect_filled(rect, 5, colour(kit.theme.bg));
    ui.painter().galley(rect.min + vec2(8.0, 5.0), galley, kit.quiet());
    if response.clicked() {
        ui.ctx().copy_text(raw.to_owned());
    }
    response.on_hover_text("Click to copy")
}

/// A dashed outline with round corners: what is not yet true.
pub fn dashed_rect(painter: &Painter, rect: Rect, stroke: Stroke) {
    let r = 6.0;
    let mut path = Vec::with_capacity(40);
    for (corner, start) in [
        (pos2(rect.right() - r, rect.top() + r), -0.25),
        (pos2(rect.right() - r, rect.bottom() - r), 0.0),
        (pos2(rect.left() + r, rect.bottom() - r), 0.25),
        (pos2(rect.left() + r, rect.top() + r), 0.5),
    ] {
        for step in 0..=6 {
            let turn = start + step as f32 / 24.0;
            path.push(corner + Vec2::angled(turn * std::f32::consts::TAU) * r);
        }
    }
    path.extend(path.first().copied());
    painter.extend(Paint::dashed_line(&path, stroke, 4.0, 3.0));
}

/// An area of fixed place and size; what is too large for it is clipped.
pub fn area(ctx: &Context, id: &str, rect: Rect, order: Order, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::new(("twinscope area", id)))
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .order(order)
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_clip_rect(rect);
            let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
            child.set_clip_rect(rect);
            add(&mut child);
            ui.advance_cursor_after_rect(rect);
        });
}

/// A panel that lies over the scene: ground and edge.
pub fn glass(painter: &Painter, kit: &Kit, rect: Rect) {
    painter.rect(
        rect,
        CornerRadius::same(8),
        kit.glass(),
        Stroke::new(1.0, kit.line().gamma_multiply(0.7)),
        StrokeKind::Inside,
    );
}
