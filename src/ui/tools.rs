//! The tools that look into a machine: a strip of buttons at the left edge of the scene, a card for each tool that is on,
//! and what they draw over the scene.

use egui::{
    Align2, Area, Context, Id, Key, LayerId, Modifiers, Order, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind,
    Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;
use twinscope_twin::command::Command;

use super::paint::{glass, icon_button_at, line, middle, text, word_button};
use super::style::{Kit, bold, font, icons};
use crate::view::sight::{Explode, Feature};
use crate::view::tools::{Across, Span, ToolAction, ToolsView};
use crate::view::{AppView, UiAction, UiState};

/// Width of the strip.
pub const STRIP: f32 = 40.0;
const ROW: f32 = 32.0;
/// Width of a tool's card.
const CARD: f32 = 268.0;

/// One button of the strip.
struct Tool {
    sign: &'static str,
    tooltip: String,
    on: bool,
    enabled: bool,
    act: fn(&AppView, &mut UiState, &mut Vec<UiAction>),
    /// A gap before it.
    gap: bool,
}

fn strip(view: &AppView, state: &UiState) -> Vec<Tool> {
    let sight = &state.sight;
    let tools = &view.tools;
    let what = if tools.subject.is_empty() { "the selection" } else { tools.subject.as_str() };
    let some = !tools.subjects.is_empty();
    let all = |set: &std::collections::BTreeSet<_>| some && tools.subjects.is_subset(set);
    let tool = |sign, tooltip: String, on, enabled, gap, act| Tool { sign, tooltip, on, enabled, act, gap };
    let isolated = sight.isolated.is_some();
    vec![
        tool(
            icon::SELECTION_FOREGROUND,
            if isolated { "Show the others again (I)".into() } else { format!("Isolate {what} (I; Shift I: alone)") },
            isolated,
            some || isolated,
            false,
            |view, state, _| isolate(view, state, false),
        ),
        tool(icon::EYE_SLASH, format!("Hide {what} (H)"), all(&sight.hidden), some, false, |view, state, _| {
            state.sight.toggle_hidden(&view.tools.subjects);
        }),
        tool(icon::GHOST, format!("Ghost {what} (Shift G)"), all(&sight.ghosted), some, false, |view, state, _| {
            state.sight.toggle_ghosted(&view.tools.subjects);
        }),
        tool(
            icon::FLASHLIGHT,
            "Look through what stands before the selection (X)".into(),
            sight.xray,
            true,
            false,
            |_, state, _| state.sight.xray = !state.sight.xray,
        ),
        tool(icon::EYE, "Show all (Shift H)".into(), false, !sight.plain(), false, |_, state, _| {
            state.sight.show_all();
        }),
        tool(icon::KNIFE, "Section plane (C)".into(), sight.section.is_some(), true, true, |_, state, actions| {
            section(state, actions);
        }),
        tool(
            icon::ARROWS_OUT_CARDINAL,
            format!("Take {} apart (E)", if some { what } else { "the machine" }),
            sight.explode.is_some(),
            true,
            false,
            |view, state, _| explode(view, state),
        ),
        tool(icon::RULER, "Measure (M)".into(), state.tools.ruler, true, false, |_, state, _| ruler(state)),
        tool(icon::LINE_SEGMENTS, "Draw edges (D)".into(), sight.edges, true, false, |_, state, _| {
            state.sight.edges = !state.sight.edges;
        }),
        tool(
            icon::STACK,
            "Layers".into(),
            state.tools.layers_open || !sight.layers_off.is_empty(),
            true,
            false,
            |_, state, _| state.tools.layers_open = !state.tools.layers_open,
        ),
        tool(icon::ARROW_U_UP_LEFT, "Undo (Ctrl Z)".into(), false, tools.can[0], true, |_, state, actions| {
            undo(state, actions, false);
        }),
        tool(icon::ARROW_U_UP_RIGHT, "Redo (Ctrl Shift Z)".into(), false, tools.can[1], false, |_, state, actions| {
            undo(state, actions, true);
        }),
    ]
}

fn isolate(view: &AppView, state: &mut UiState, alone: bool) {
    let parts = view.tools.subjects.clone();
    let again = state.sight.isolated.as_ref().is_some_and(|now| now.parts == parts && now.alone == alone);
    if again || parts.is_empty() {
        state.sight.isolated = None;
    } else {
        state.sight.isolate(&view.site, parts, alone);
    }
}

fn section(state: &mut UiState, actions: &mut Vec<UiAction>) {
    if state.sight.section.take().is_none() {
        actions.push(UiAction::Tool(ToolAction::Cut(Across::Width)));
    }
}

fn explode(view: &AppView, state: &mut UiState) {
    state.sight.explode = match state.sight.explode {
        Some(_) => None,
        None => Some(Explode { of: view.tools.assembly, amount: 1.0 }),
    };
}

fn ruler(state: &mut UiState) {
    state.tools.ruler = !state.tools.ruler;
    state.tools.from = None;
}

fn undo(state: &mut UiState, actions: &mut Vec<UiAction>, again: bool) {
    let moment = if again { state.history.redo() } else { state.history.undo() };
    if let Some(moment) = moment {
        state.sight = moment.sight;
        actions.push(UiAction::Command(Command::Select(moment.selected)));
    }
}

/// Keys of the tools; only while no field has the focus.
pub fn keys(ctx: &Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    // With Shift first: a pattern without it is met with it too.
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
        undo(state, actions, true);
    } else if pressed(Modifiers::COMMAND, Key::Z) {
        undo(state, actions, false);
    }
    if pressed(Modifiers::SHIFT, Key::I) {
        isolate(view, state, true);
    } else if pressed(Modifiers::NONE, Key::I) {
        isolate(view, state, false);
    }
    if pressed(Modifiers::SHIFT, Key::G) {
        state.sight.toggle_ghosted(&view.tools.subjects);
    } else if pressed(Modifiers::NONE, Key::G) {
        state.sight.ghost_housings = !state.sight.ghost_housings;
    }
    if pressed(Modifiers::SHIFT, Key::H) {
        state.sight.show_all();
    } else if pressed(Modifiers::NONE, Key::H) {
        state.sight.toggle_hidden(&view.tools.subjects);
    }
    if pressed(Modifiers::NONE, Key::X) {
        state.sight.xray = !state.sight.xray;
    }
    if pressed(Modifiers::NONE, Key::C) {
        section(state, actions);
    }
    if pressed(Modifiers::NONE, Key::E) {
        explode(view, state);
    }
    if pressed(Modifiers::NONE, Key::M) {
        ruler(state);
    }
    if pressed(Modifiers::NONE, Key::D) {
        state.sight.edges = !state.sight.edges;
    }
}

/// What follows from this frame: parts that were selected together are forgotten when another is selected without them,
/// and what changed and came to rest is a step.
pub fn settle(ctx: &Context, view: &AppView, state: &mut UiState) {
    if state.tools.awaited == Some(view.selected) {
        state.tools.awaited = None;
    }
    let chosen = &mut state.sight.chosen;
    if state.tools.awaited.is_none() && !view.selected.is_some_and(|part| chosen.contains(&part)) {
        chosen.clear();
    }
    let resting = !ctx.input(|input| input.pointer.any_down());
    let selected = state.tools.awaited.unwrap_or(view.selected);
    let UiState { history, sight, .. } = state;
    history.note(sight, selected, resting);
}

/// Escape: puts one tool away. Whether there was one.
pub fn escape(state: &mut UiState) -> bool {
    if state.tools.from.take().is_some() {
        return true;
    }
    if std::mem::take(&mut state.tools.ruler) || std::mem::take(&mut state.tools.layers_open) {
        return true;
    }
    false
}

/// The strip, the cards and the drawings; gives the places that they take.
pub fn tools_ui(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    free: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("tool drawings")), free);
    plane(ctx, &painter, kit, view, free, state);
    spans(&painter, kit, &view.tools);
    let mut taken = vec![strip_ui(ctx, kit, view, free, state, actions)];
    let mut at = pos2(free.left() + STRIP + 22.0, free.top() + 14.0);
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

type Card = fn(&mut Ui, &Kit, &AppView, &mut UiState, &mut Vec<UiAction>);

fn strip_ui(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    free: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Rect {
    let tools = strip(view, state);
    let gaps = tools.iter().filter(|tool| tool.gap).count() as f32;
    // A low window gives up height of the buttons before it gives up buttons.
    let room = (free.height() - 28.0 - 60.0).max(120.0);
    let row = ((room - gaps * 9.0 - 8.0) / tools.len() as f32).clamp(18.0, ROW);
    let size = vec2(STRIP, tools.len() as f32 * row + gaps * 9.0 + 8.0);
    let rect = Rect::from_min_size(free.min + vec2(14.0, 14.0), size);
    area(ctx, "tool strip", rect, |ui| {
        glass(ui.painter(), kit, rect);
        let mut y = rect.top() + 4.0;
        for (index, tool) in tools.iter().enumerate() {
            if tool.gap {
                ui.painter().hline(rect.shrink2(vec2(8.0, 0.0)).x_range(), y + 4.0, kit.hairline());
                y += 9.0;
            }
            let cell = Rect::from_min_size(pos2(rect.left() + 4.0, y), vec2(STRIP - 8.0, row));
            y += row;
            ui.add_enabled_ui(tool.enabled, |ui| {
                let response = ui.interact(cell, ui.id().with(("tool", index)), Sense::click());
                if !tool.enabled {
                    let at = cell.center();
                    ui.painter().text(at, Align2::CENTER_CENTER, tool.sign, icons(17.0), kit.quiet());
                    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, false, &tool.tooltip));
                    response.on_disabled_hover_text(&tool.tooltip);
                } else if icon_button_at(ui, kit, cell, response, tool.sign, &tool.tooltip, tool.on).clicked() {
                    (tool.act)(view, state, actions);
                }
            });
        }
    });
    rect
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
            shift(section, distance - before);
        }
    }
    if word_button(ui, kit, icon::FLIP_HORIZONTAL, "Other side", true).clicked() {
        section.normal = section.normal.map(|v| -v);
    }
}

/// Moves a plane along its normal, m.
fn shift(section: &mut crate::view::sight::Section, by: f32) {
    for (at, normal) in section.at.iter_mut().zip(section.normal) {
        *at += normal * by;
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

/// The section plane: its outline, and the handle that moves it.
fn plane(ctx: &Context, painter: &Painter, kit: &Kit, view: &AppView, free: Rect, state: &mut UiState) {
    let Some((_, Some(plane))) = &view.tools.section else { return };
    let corners: Vec<Pos2> = plane.corners.iter().map(|corner| Pos2::from(*corner)).collect();
    if corners.len() > 2 {
        let edge = Stroke::new(1.2, kit.accent().gamma_multiply(0.8));
        painter.add(Shape::closed_line(corners, edge));
    }
    let Some(handle) = plane.handle.map(Pos2::from).filter(|at| free.contains(*at)) else { return };
    let along = Vec2::from(plane.per_metre);
    // A normal that points at the eye has no direction on screen: then up moves the plane towards the eye.
    let direction = if along.length() > 1.0 { along.normalized() } else { vec2(0.0, -1.0) };
    let scale = along.length().max(20.0);
    for sign in [-1.0, 1.0] {
        let (from, to) = (handle + direction * 11.0 * sign, handle + direction * 34.0 * sign);
        painter.line_segment([from, to], Stroke::new(2.0, kit.accent()));
        let side = direction.rot90() * 6.0;
        let tip = to + direction * 9.0 * sign;
        painter.add(Shape::convex_polygon(vec![tip, to + side, to - side], kit.accent(), Stroke::NONE));
    }
    let grip = Rect::from_center_size(handle, vec2(44.0, 44.0));
    area(ctx, "section handle", grip, |ui| {
        let response = ui.interact(grip, ui.id().with("grip"), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Slider, true, "Handle of the section plane"));
        let tint = if response.hovered() || response.dragged() { kit.text() } else { kit.accent() };
        ui.painter().circle(handle, 9.0, kit.panel(), Stroke::new(2.0, tint));
        if response.dragged()
            && let Some(section) = state.sight.section.as_mut()
        {
            let metres = response.drag_delta().dot(direction) / scale;
            let now = section.distance();
            shift(section, (now + metres).clamp(plane.range[0], plane.range[1]) - now);
        }
    });
}

/// The distances, and what the pointer would take.
fn spans(painter: &Painter, kit: &Kit, tools: &ToolsView) {
    let shadow = egui::Color32::from_black_alpha(120);
    for (Span { ends, .. }, length, _) in &tools.spans {
        for end in ends.iter().flatten() {
            painter.circle(Pos2::from(*end), 3.5, kit.panel(), Stroke::new(1.5, kit.text()));
        }
        let [Some(from), Some(to)] = *ends else { continue };
        let (from, to) = (Pos2::from(from), Pos2::from(to));
        painter.line_segment([from, to], Stroke::new(4.0, shadow));
        painter.line_segment([from, to], Stroke::new(1.6, kit.text()));
        let galley = line(painter, length, bold(13.0), kit.text(), 160.0);
        let at = from.lerp(to, 0.5);
        let ground = Rect::from_center_size(at, galley.size() + vec2(14.0, 8.0));
        painter.rect(ground, 5, kit.glass(), kit.hairline(), StrokeKind::Inside);
        painter.galley(ground.min + vec2(7.0, 4.0), galley, kit.text());
    }
    let Some((at, feature)) = tools.snap else { return };
    let at = Pos2::from(at);
    let stroke = Stroke::new(2.0, kit.accent());
    match feature {
        Feature::Corner => {
            painter.rect_stroke(Rect::from_center_size(at, vec2(11.0, 11.0)), 0, stroke, StrokeKind::Middle);
        }
        Feature::Edge => {
            let (up, side) = (vec2(0.0, 7.0), vec2(7.0, 5.0));
            painter.add(Shape::closed_line(vec![at - up, at + side, at + vec2(-7.0, 5.0)], stroke));
        }
        Feature::Face => {
            painter.circle_stroke(at, 5.0, stroke);
        }
    }
}

fn area(ctx: &Context, id: &str, rect: Rect, add: impl FnOnce(&mut Ui)) {
    Area::new(Id::new(("twinscope tool", id)))
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .order(Order::Middle)
        .constrain(false)
        .movable(false)
        .fade_in(false)
        .show(ctx, |ui| {
            ui.set_clip_rect(rect);
            let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
            add(&mut child);
            ui.advance_cursor_after_rect(rect);
        });
}
