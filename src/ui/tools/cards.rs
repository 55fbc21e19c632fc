//! The cards of the tools that are on: the settings of each, one below the other.

use egui::{
    Align2, Area, Context, Id, Order, Pos2, Rect, Sense, Shape, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType,
    pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::super::paint::{icon_button_at, line, middle, text, word_button};
use super::super::style::{Kit, bold, font, icons};
use crate::view::tools::{Across, ToolAction};
use crate::view::{AppView, UiAction, UiState};

/// Width of a card.
const CARD: f32 = 268.0;

/// What is on a card.
type Card = fn(&mut Ui, &Kit, &AppView, &mut UiState, &mut Vec<UiAction>);

/// The cards from a corner downwards; the places that they take.
pub fn cards(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    mut at: Pos2,
    free: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let mut taken = Vec::new();
    let cards: [(bool, Card); 4] = [
        (view.tools.section.is_some(), section_card),
        (view.tools.explode.is_some(), explode_card),
        (state.tools.ruler || !view.tools.spans.is_empty(), ruler_card),
        (state.tools.layers_open, layers_card),
    ];
    for (index, (open, add)) in cards.into_iter().enumerate() {
        if open && at.y < free.bottom() - 90.0 {
            let rect = card(ctx, kit, ("tool card", index), at, free.bottom() - at.y - 12.0, |ui| {
                add(ui, kit, view, state, actions);
            });
            at.y = rect.bottom() + 8.0;
            taken.push(rect);
        }
    }
    taken
}

/// A card with a tool's settings; as high as what is in it.
fn card(ctx: &Context, kit: &Kit, id: (&str, usize), at: Pos2, most: f32, add: impl FnOnce(&mut Ui)) -> Rect {
    let response = Area::new(Id::new(("twinscope", id)))
        .fixed_pos(at)
        .order(Order::Middle)
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            let ground = ui.painter().add(Shape::Noop);
            let mut child = ui.new_child(
                UiBuilder::new()
                    .max_rect(Rect::from_min_size(at + vec2(14.0, 10.0), vec2(CARD - 28.0, (most - 20.0).max(40.0)))),
            );
            child.spacing_mut().item_spacing = vec2(6.0, 8.0);
            add(&mut child);
            let rect = Rect::from_min_max(at, pos2(at.x + CARD, child.min_rect().bottom() + 12.0));
            ui.painter()
                .set(ground, egui::epaint::RectShape::new(rect, 6, kit.panel(), kit.hairline(), StrokeKind::Inside));
            ui.advance_cursor_after_rect(rect);
            ui.interact(rect, ui.id().with("ground"), Sense::hover());
            rect
        });
    response.inner
}

/// The heading of a card, with a cross. Whether the cross was clicked.
fn head(ui: &mut Ui, kit: &Kit, title: &str, more: &str) -> bool {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    let title = line(ui.painter(), title, bold(13.0), kit.text(), width - 30.0);
    let more = line(ui.painter(), more, font(12.0), kit.quiet(), (width - title.size().x - 44.0).max(0.0));
    let end = rect.left() + title.size().x + 8.0;
    ui.painter().galley(pos2(rect.left(), middle(rect.center().y, &title)), title, kit.text());
    ui.painter().galley(pos2(end, middle(rect.center().y, &more)), more, kit.quiet());
    let cross = Rect::from_center_size(pos2(rect.right() - 8.0, rect.center().y), vec2(22.0, 22.0));
    let response = ui.interact(cross, ui.id().with(("close", rect.top() as i32)), Sense::click());
    icon_button_at(ui, kit, cross, response, icon::X, "Close", false).clicked()
}

/// A slider over the width of the card. Whether it is being moved.
fn slider(ui: &mut Ui, value: &mut f32, range: std::ops::RangeInclusive<f32>, name: &str) {
    ui.spacing_mut().slider_width = ui.available_width();
    let (low, high) = (*range.start(), *range.end());
    let response = ui.add(egui::Slider::new(value, range).show_value(false));
    response.widget_info(|| WidgetInfo::slider(true, f64::from(*value), name));
    // A click that begins and ends within one slow frame is no drag.
    let clicked = response.hovered() && ui.input(|input| input.pointer.primary_clicked());
    if let Some(at) = ui.input(|input| input.pointer.interact_pos()).filter(|_| clicked) {
        let share = ((at.x - response.rect.left()) / response.rect.width()).clamp(0.0, 1.0);
        *value = low + share * (high - low);
    }
}

fn section_card(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    if head(ui, kit, "Section", "drag the handle, or") {
        state.sight.section = None;
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        for (across, word, tooltip) in Across::ALL {
            if word_button(ui, kit, "", word, true).on_hover_text(tooltip).clicked() {
                actions.push(UiAction::Tool(ToolAction::Cut(across)));
            }
        }
    });
    let Some(section) = state.sight.section.as_mut() else { return };
    if let Some((_, Some(plane))) = &view.tools.section {
        let before = section.distance();
        let mut distance = before;
        slider(ui, &mut distance, plane.range[0]..=plane.range[1], "Place of the section, m");
        if distance != before {
            section.shift(distance - before);
        }
    }
    if word_button(ui, kit, icon::FLIP_HORIZONTAL, "Other side", true).clicked() {
        section.normal = section.normal.map(|v| -v);
    }
}

fn explode_card(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, _: &mut Vec<UiAction>) {
    let of = view.tools.explode.as_ref().map_or("", |(of, _)| of.as_str());
    if head(ui, kit, "Apart", of) {
        state.sight.explode = None;
    } else if let Some(explode) = state.sight.explode.as_mut() {
        slider(ui, &mut explode.amount, 0.0..=1.0, "How far apart");
    }
}

fn ruler_card(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, _: &mut Vec<UiAction>) {
    if head(ui, kit, "Distances", "") {
        state.tools.ruler = false;
        state.tools.from = None;
        state.sight.measures.clear();
        return;
    }
    let width = ui.available_width();
    let mut removed = None;
    let done = view.tools.spans.len() - usize::from(view.tools.measuring && !view.tools.spans.is_empty());
    for (index, (_, length, way)) in view.tools.spans.iter().take(done).enumerate() {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 34.0), Sense::hover());
        text(
            ui.painter(),
            rect.left_top() + vec2(0.0, 9.0),
            Align2::LEFT_CENTER,
            length,
            bold(14.0),
            kit.text(),
            width,
        );
        text(ui.painter(), rect.left_top() + vec2(0.0, 26.0), Align2::LEFT_CENTER, way, font(11.0), kit.quiet(), width);
        let bin = Rect::from_center_size(pos2(rect.right() - 8.0, rect.top() + 9.0), vec2(22.0, 20.0));
        let response = ui.interact(bin, ui.id().with(("measure", index)), Sense::click());
        if icon_button_at(ui, kit, bin, response, icon::TRASH, "Remove", false).clicked() {
            removed = Some(index);
        }
    }
    if let Some(index) = removed.filter(|index| *index < state.sight.measures.len()) {
        state.sight.measures.remove(index);
    }
    if state.tools.ruler {
        let said = if state.tools.from.is_some() { "Click the other end." } else { "Click where it begins." };
        let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
        text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, said, font(12.0), kit.quiet(), width);
    }
}

fn layers_card(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, _: &mut Vec<UiAction>) {
    if head(ui, kit, "Layers", "") {
        state.tools.layers_open = false;
    }
    let width = ui.available_width();
    if view.tools.layers.is_empty() {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
        let said = "The type files of this site name none.";
        text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, said, font(12.0), kit.quiet(), width);
    }
    ui.spacing_mut().item_spacing.y = 2.0;
    for (name, parts, shown) in &view.tools.layers {
        let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::click());
        response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, true, *shown, format!("Layer {name}")));
        if response.hovered() || response.has_focus() {
            ui.painter().rect_filled(rect.expand2(vec2(6.0, 0.0)), 5, kit.raised());
        }
        let sign = if *shown { icon::EYE } else { icon::EYE_SLASH };
        let tint = if *shown { kit.text() } else { kit.faint() };
        let at = pos2(rect.left() + 8.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, sign, icons(15.0), tint);
        let shown_name = capitalised(name);
        let at = pos2(rect.left() + 24.0, rect.center().y);
        text(ui.painter(), at, Align2::LEFT_CENTER, &shown_name, font(14.0), tint, width - 70.0);
        let figure = parts.to_string();
        text(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, &figure, font(12.0), kit.quiet(), 40.0);
        if response.clicked() && !state.sight.layers_off.remove(name) {
            state.sight.layers_off.insert(name.clone());
        }
    }
}

fn capitalised(id: &str) -> String {
    let words = id.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
