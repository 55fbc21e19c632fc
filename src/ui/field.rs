//! The menu of fields in the bar, the legend of the one that is shown, and its value beside the pointer.

use egui::{
    Align2, Color32, Painter, Popup, PopupCloseBehavior, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::paint::{glass, icon_button, line, middle, wrapped};
use super::style::{Kit, bold, font, icons};
use crate::view::UiState;
use crate::view::field::{FieldLegend, FieldView};
use crate::view::scale::Scale;

/// Width of a row of the menu.
const ROW: f32 = 320.0;
/// Width of the bar of colours.
const BAR: f32 = 16.0;
/// Heights that it may have: what a small window leaves, and what is enough.
const HEIGHTS: std::ops::RangeInclusive<f32> = 72.0..=176.0;

/// The button in the bar, where there is something to choose.
pub fn menu_ui(ui: &mut Ui, kit: &Kit, view: &FieldView, state: &mut UiState) {
    if view.choices.is_empty() {
        return;
    }
    let button = icon_button(ui, kit, icon::THERMOMETER_SIMPLE, "Fields on surfaces", state.field.is_some());
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        if row(ui, kit, "None", "States only", state.field.is_none()) {
            state.field = None;
        }
        for (id, name, tooltip) in &view.choices {
            if row(ui, kit, name, tooltip, state.field.as_ref() == Some(id)) {
                state.field = Some(id.clone());
            }
        }
        ui.add_space(6.0);
        ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), kit.hairline());
        ui.add_space(6.0);
        for scale in [Scale::Cividis, Scale::Viridis] {
            let tooltip = "Colours; what is signed and a residual by its name has its own";
            if row(ui, kit, &format!("Colours: {}", scale.name()), tooltip, state.field_scale == scale) {
                state.field_scale = scale;
            }
        }
        if row(ui, kit, "Lines of equal value", "At each figure of the legend", state.field_lines) {
            state.field_lines = !state.field_lines;
        }
    });
}

/// A row of a menu, with a check where it is chosen. Whether it was clicked.
pub fn row(ui: &mut Ui, kit: &Kit, name: &str, tooltip: &str, on: bool) -> bool {
    let (rect, response) = ui.allocate_exact_size(vec2(ROW, 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(WidgetType::Button, true, on, name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, 5, kit.line());
    }
    if on {
        let at = pos2(rect.left() + 13.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, icon::CHECK, icons(14.0), kit.accent());
    }
    let galley = line(ui.painter(), name, font(14.0), kit.text(), ROW - 34.0);
    let at = pos2(rect.left() + 28.0, middle(rect.center().y, &galley));
    ui.painter().galley(at, galley, kit.text());
    response.on_hover_text(tooltip).clicked()
}

/// The legend, with its upper right corner at `corner`; gives the place that it takes.
pub fn legend(painter: &Painter, kit: &Kit, legend: &FieldLegend, corner: Pos2) -> Rect {
    const WIDTH: f32 = 150.0;
    const PAD: f32 = 12.0;
    let title = wrapped(painter, &legend.title, bold(13.0), kit.text(), WIDTH - 2.0 * PAD);
    let unit = line(painter, &legend.unit, font(12.0), kit.quiet(), WIDTH - 2.0 * PAD);
    let mut height = PAD + title.size().y + 2.0;
    if !legend.unit.is_empty() {
        height += unit.size().y;
    }
    let top = height + 10.0;
    let said = legend.message.as_ref().map(|said| wrapped(painter, said, font(12.0), kit.quiet(), WIDTH - 2.0 * PAD));
    let below = PAD + if legend.unknown { 24.0 } else { 0.0 };
    let room = painter.clip_rect().bottom() - corner.y - top - below - PAD;
    let bar = vec2(BAR, room.clamp(*HEIGHTS.start(), *HEIGHTS.end()));
    height = match &said {
        Some(said) => top + said.size().y + PAD,
        None => top + bar.y + below,
    };
    let rect = Rect::from_min_size(corner - vec2(WIDTH, 0.0), vec2(WIDTH, height));
    glass(painter, kit, rect);
    let left = rect.left() + PAD;
    painter.galley(pos2(left, rect.top() + PAD), title.clone(), kit.text());
    painter.galley(pos2(left, rect.top() + PAD + title.size().y + 2.0), unit, kit.quiet());
    if let Some(said) = said {
        painter.galley(pos2(left, rect.top() + top), said, kit.quiet());
        return rect;
    }
    let bar = Rect::from_min_size(pos2(left, rect.top() + top), bar);
    colours(painter, legend, bar);
    painter.rect_stroke(bar, 0, Stroke::new(1.0, kit.line()), StrokeKind::Outside);
    for (place, text) in &legend.ticks {
        let y = bar.bottom() - place * bar.height();
        painter.hline(bar.right()..=bar.right() + 4.0, y, Stroke::new(1.0, kit.quiet()));
        let figure = line(painter, text, font(12.0), kit.text(), rect.right() - bar.right() - 14.0);
        painter.galley(pos2(bar.right() + 8.0, middle(y, &figure)), figure, kit.text());
    }
    let [low, high] = &legend.ends;
    for (text, y) in [(low, bar.bottom()), (high, bar.top())] {
        let figure = line(painter, text, font(12.0), kit.quiet(), rect.right() - bar.right() - 14.0);
        painter.galley(pos2(bar.right() + 8.0, middle(y, &figure)), figure, kit.quiet());
    }
    if legend.unknown {
        let sample = Rect::from_min_size(pos2(left, bar.bottom() + 12.0), vec2(BAR, 12.0));
        hatched(painter, sample);
        let words = line(painter, "not known", font(12.0), kit.quiet(), 100.0);
        painter.galley(pos2(bar.right() + 8.0, middle(sample.center().y, &words)), words, kit.quiet());
    }
    rect
}

/// The colours from the highest value down; tips where values lie beyond the ends.
fn colours(painter: &Painter, legend: &FieldLegend, bar: Rect) {
    let tint = |t: f32| {
        let [r, g, b] = legend.scale.colour(t);
        Color32::from_rgb(r, g, b)
    };
    let mut mesh = egui::Mesh::default();
    const STEPS: u32 = 64;
    for step in 0..=STEPS {
        let t = step as f32 / STEPS as f32;
        let y = bar.bottom() - t * bar.height();
        mesh.colored_vertex(pos2(bar.left(), y), tint(t));
        mesh.colored_vertex(pos2(bar.right(), y), tint(t));
        if step > 0 {
            let at = step * 2;
            mesh.add_triangle(at - 2, at - 1, at);
            mesh.add_triangle(at - 1, at + 1, at);
        }
    }
    painter.add(mesh);
    let [below, above] = legend.beyond;
    let tip = |beyond: bool, y: f32, to: f32, t: f32| {
        if beyond {
            let points = vec![pos2(bar.left(), y), pos2(bar.right(), y), pos2(bar.center().x, to)];
            painter.add(egui::Shape::convex_polygon(points, tint(t), Stroke::NONE));
        }
    };
    tip(below, bar.bottom(), bar.bottom() + 8.0, 0.0);
    tip(above, bar.top(), bar.top() - 8.0, 1.0);
}

/// As the shader draws what is not known.
fn hatched(painter: &Painter, rect: Rect) {
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    painter.rect_filled(rect, 0, Color32::from_gray(0x7C));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let ends = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
        painter.line_segment(ends, Stroke::new(2.5, Color32::from_gray(0x59)));
        x += 7.0;
    }
}

/// The value beside the pointer.
pub fn probe(painter: &Painter, kit: &Kit, at: [f32; 2], told: &str, free: Rect) {
    let galley = line(painter, told, bold(13.0), kit.text(), 200.0);
    let size = galley.size() + vec2(18.0, 10.0);
    let mut corner = pos2(at[0] + 16.0, at[1] + 18.0);
    if corner.x + size.x > free.right() {
        corner.x = at[0] - 10.0 - size.x;
    }
    if corner.y + size.y > free.bottom() {
        corner.y = at[1] - 10.0 - size.y;
    }
    let rect = Rect::from_min_size(corner, size);
    if rect.is_finite() {
        glass(painter, kit, rect);
        painter.galley(rect.min + vec2(9.0, 5.0), galley, kit.text());
    }
}
