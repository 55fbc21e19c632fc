//! A room over the scene: who is here, whom one follows, where the others look and point, the panel to talk and draw.

use egui::{
    Align2, Color32, Context, CursorIcon, Event, Id, Key, LayerId, Modifiers, Order, Painter, Pos2, Rect, Sense,
    Stroke, StrokeKind, Ui, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::paint::{area, glass, icon_button, line, middle};
use super::style::{Kit, bold, colour, font};
use crate::view::room::{LineView, MarkView, PersonView, RoomAction, RoomView, next_to_follow};
use crate::view::theme::Rgba;
use crate::view::{AppView, UiAction, UiState};

mod panel;

/// Space between the edge of the scene and what lies over it.
const MARGIN: f32 = 14.0;
/// Radius of the disc with initials.
const DISC: f32 = 13.0;
/// Persons whose disc is shown; the panel has all.
const MOST_DISCS: usize = 6;

/// The button in the bar, with the lines that were not seen.
pub fn bar_button(ui: &mut Ui, kit: &Kit, view: &RoomView, state: &mut UiState) {
    let response = icon_button(ui, kit, icon::USERS_THREE, "Room: look at it together (R)", state.room.open);
    let at = response.rect.right_top() + vec2(-6.0, 7.0);
    if view.unseen > 0 {
        ui.painter().circle_filled(at, 7.0, kit.accent());
        let count = if view.unseen > 9 { "9+".to_owned() } else { view.unseen.to_string() };
        ui.painter().text(at, Align2::CENTER_CENTER, count, bold(10.0), colour(kit.theme.bg));
    } else if view.inside {
        ui.painter().circle_filled(at, 3.0, kit.accent());
    }
    if response.clicked() {
        state.room.open = !state.room.open;
    }
}

/// Keys of the room: R, Shift R, B.
pub fn keys(ctx: &Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    // On a slow screen one frame hears Shift go down and up: what the key wrote says that it was held.
    let capital = ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Text(text) if text == "R")));
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::SHIFT, Key::R) || (capital && pressed(Modifiers::NONE, Key::R)) {
        actions.push(UiAction::Room(RoomAction::Follow(next_to_follow(&view.room))));
    } else if pressed(Modifiers::NONE, Key::R) {
        state.room.open = !state.room.open;
    }
    if view.room.inside && pressed(Modifiers::NONE, Key::B) {
        state.room.pen = !state.room.pen && can_draw(&view.room);
    }
}

/// Guests draw nothing.
fn can_draw(view: &RoomView) -> bool {
    view.inside && !view.guest
}

/// Puts the pen away, or ends following; whether there was something to end.
pub fn escape(state: &mut UiState, actions: &mut Vec<UiAction>) -> bool {
    if state.room.pen {
        state.room.pen = false;
        true
    } else if state.room.follow.is_some() {
        actions.push(UiAction::Room(RoomAction::Follow(None)));
        true
    } else {
        false
    }
}

/// All of it; the places that it takes. `column`: what stands in the upper right corner, `legend` in the lower left.
pub fn room_ui(
    ctx: &Context,
    kit: &Kit,
    view: &RoomView,
    free: Rect,
    column: Rect,
    legend: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("room")), free);
    let mut taken = Vec::new();
    for mark in &view.marks {
        mark_ui(&painter, kit, mark);
    }
    let mut right = column.left() - 8.0;
    if !view.people.is_empty() {
        let rect = discs(ctx, kit, view, pos2(right, free.top() + MARGIN), actions);
        right = rect.left() - 8.0;
        taken.push(rect);
    }
    if let Some((said, tint)) = &view.banner {
        painter.rect_stroke(free, 0, Stroke::new(3.0, colour(*tint)), StrokeKind::Inside);
        taken.push(banner(&painter, kit, said, *tint, free, right));
    }
    if let Some(panel) = &view.panel {
        // Below the compass, above the ribbon.
        let top = column.bottom() + 8.0;
        let most = (free.bottom() - MARGIN - 38.0 - top).max(120.0);
        let width = panel::WIDTH.min(free.width() - 2.0 * MARGIN);
        let left = (free.right() - MARGIN - width).max(free.left() + MARGIN);
        taken.push(panel::panel_ui(ctx, kit, panel, view, pos2(left, top), vec2(width, most), state, actions));
        state.room.seen = view.newest;
    }
    taken.extend(recent(&painter, kit, &view.recent, pos2(free.left() + MARGIN, legend.top() - 8.0)));
    if state.room.pen {
        let pointer = ctx.pointer_latest_pos();
        if pointer
            .is_some_and(|at| free.contains(at) && ctx.layer_id_at(at).is_none_or(|l| l.order == Order::Background))
        {
            ctx.set_cursor_icon(CursorIcon::Crosshair);
        }
    }
    taken
}

/// Letters on a colour: dark on light, light on dark.
pub(super) fn ink([r, g, b, _]: Rgba) -> Color32 {
    let luma = 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b);
    if luma > 130.0 { Color32::from_rgb(0x12, 0x16, 0x1B) } else { Color32::WHITE }
}

/// A disc with initials.
pub(super) fn disc(painter: &Painter, at: Pos2, radius: f32, initials: &str, tint: Rgba) {
    painter.circle(at, radius, colour(tint), Stroke::new(1.5, Color32::from_black_alpha(120)));
    painter.text(at, Align2::CENTER_CENTER, initials, bold(radius * 0.85), ink(tint));
}

/// From one disc to the next.
const STEP: f32 = 2.0 * DISC + 6.0;

/// Width of the discs of who is here.
pub fn discs_width(view: &RoomView) -> f32 {
    match view.people.len().min(MOST_DISCS + 1) {
        0 => 0.0,
        places => STEP * places as f32 + 8.0,
    }
}

/// Who is here, as discs: a click follows.
fn discs(ctx: &Context, kit: &Kit, view: &RoomView, right_top: Pos2, actions: &mut Vec<UiAction>) -> Rect {
    let shown = view.people.len().min(MOST_DISCS);
    let more = view.people.len() - shown;
    let width = discs_width(view);
    let rect = Rect::from_min_size(right_top - vec2(width, 0.0), vec2(width, 2.0 * DISC + 12.0));
    area(ctx, "room discs", rect, Order::Middle, |ui| {
        glass(ui.painter(), kit, rect);
        let mut at = pos2(rect.left() + 7.0 + DISC, rect.center().y);
        for person in view.people.iter().take(shown) {
            let place = Rect::from_center_size(at, vec2(2.0 * DISC, 2.0 * DISC));
            let sense = if person.can_follow { Sense::click() } else { Sense::hover() };
            let response = ui.interact(place, ui.id().with(person.id), sense);
            let says = follow_words(person);
            response
                .widget_info(|| WidgetInfo::selected(WidgetType::Button, person.can_follow, person.followed, &says));
            disc(ui.painter(), at, DISC, &person.initials, person.colour);
            if person.followed || response.hovered() || response.has_focus() {
                ui.painter().circle_stroke(at, DISC + 2.0, Stroke::new(1.5, kit.text()));
            }
            if person.follows_me {
                ui.painter().circle_filled(at + vec2(9.0, 9.0), 5.5, kit.panel());
                ui.painter().text(
                    at + vec2(9.0, 9.0),
                    Align2::CENTER_CENTER,
                    icon::EYE,
                    super::style::icons(9.0),
                    kit.text(),
                );
            }
            if response.clicked() {
                actions.push(UiAction::Room(RoomAction::Follow((!person.followed).then_some(person.id))));
            }
            response.on_hover_text(says);
            at.x += STEP;
        }
        if more > 0 {
            ui.painter().text(at, Align2::CENTER_CENTER, format!("+{more}"), font(12.0), kit.quiet());
        }
    });
    rect
}

fn follow_words(person: &PersonView) -> String {
    let does = match (person.followed, person.can_follow) {
        (true, _) => "click to stop following",
        (false, true) => "click to follow",
        (false, false) => "has shown no view yet",
    };
    if person.doing.is_empty() {
        format!("{}: {does}", person.name)
    } else {
        format!("{} ({}): {does}", person.name, person.doing)
    }
}

/// Whom one follows, in the middle of the upper edge; in a narrow view as far to the right as there is room.
fn banner(painter: &Painter, kit: &Kit, said: &str, tint: Rgba, free: Rect, right: f32) -> Rect {
    let galley = line(painter, said, bold(14.0), kit.text(), (right - free.left() - 2.0 * MARGIN - 44.0).min(420.0));
    let size = galley.size() + vec2(44.0, 16.0);
    let middle_left = free.center().x - size.x / 2.0;
    // What was told on the left stays to be read.
    let left = if free.width() < 1_240.0 { right - size.x } else { middle_left.min(right - size.x) };
    let rect = Rect::from_min_size(pos2(left, free.top() + MARGIN), size);
    glass(painter, kit, rect);
    painter.rect_stroke(rect, 8, Stroke::new(1.5, colour(tint)), StrokeKind::Inside);
    painter.circle_filled(pos2(rect.left() + 18.0, rect.center().y), 5.0, colour(tint));
    painter.galley(pos2(rect.left() + 32.0, middle(rect.center().y, &galley)), galley, kit.text());
    rect
}

/// The last lines, above the legend.
fn recent(painter: &Painter, kit: &Kit, lines: &[LineView], left_bottom: Pos2) -> Vec<Rect> {
    let mut taken = Vec::new();
    let mut bottom = left_bottom.y;
    for said in lines.iter().rev() {
        let name = line(painter, &said.name, bold(13.0), kit.text(), 120.0);
        let words = super::paint::wrapped(painter, &said.text, font(13.0), kit.text(), 300.0);
        let width = 20.0 + name.size().x.max(words.size().x) + 12.0;
        let height = name.size().y + words.size().y + 14.0;
        let rect = Rect::from_min_size(pos2(left_bottom.x, bottom - height), vec2(width, height));
        glass(painter, kit, rect);
        let bar = Rect::from_min_size(rect.min + vec2(6.0, 7.0), vec2(3.0, height - 14.0));
        painter.rect_filled(bar, 1, colour(said.colour));
        let below = rect.top() + 7.0 + name.size().y;
        painter.galley(pos2(rect.left() + 18.0, rect.top() + 6.0), name, kit.text());
        painter.galley(pos2(rect.left() + 18.0, below), words, kit.text());
        bottom = rect.top() - 6.0;
        taken.push(rect);
    }
    taken
}

/// Somebody's eye, ray, and selection.
fn mark_ui(painter: &Painter, kit: &Kit, mark: &MarkView) {
    let tint = colour(mark.colour);
    let shadow = Color32::from_black_alpha(110);
    if let Some([from, to]) = mark.at.ray {
        let ends = [Pos2::from(from), Pos2::from(to)];
        painter.line_segment(ends, Stroke::new(3.0, shadow));
        painter.line_segment(ends, Stroke::new(1.4, tint));
    }
    if let Some(at) = mark.at.dot {
        let at = Pos2::from(at);
        painter.circle(at, 6.0, tint, Stroke::new(2.0, Color32::from_black_alpha(160)));
        painter.circle_filled(at, 2.0, ink(mark.colour));
        chip(painter, kit, at + vec2(12.0, -20.0), &mark.name, mark.colour);
    }
    // Who follows has the same selected, with an outline of their own.
    for (_, at) in mark.at.selected.iter().filter(|_| !mark.followed) {
        let at = Pos2::from(*at);
        painter.circle_stroke(at, 11.0, Stroke::new(4.0, shadow));
        painter.circle_stroke(at, 11.0, Stroke::new(2.2, tint));
        // One name is enough where they point at what they have selected.
        if mark.at.dot.is_none_or(|dot| at.distance(Pos2::from(dot)) > 90.0) {
            chip(painter, kit, at + vec2(15.0, 6.0), &mark.name, mark.colour);
        }
    }
    // Who looks through the same eye needs no sign for it.
    if let Some(eye) = mark.at.eye.filter(|_| !mark.followed) {
        let eye = Pos2::from(eye);
        disc(painter, eye, 11.0, &mark.initials, mark.colour);
        painter.text(eye + vec2(0.0, 19.0), Align2::CENTER_CENTER, icon::VIDEO_CAMERA, super::style::icons(13.0), tint);
    }
}

/// A name on its colour.
fn chip(painter: &Painter, kit: &Kit, left_top: Pos2, name: &str, tint: Rgba) {
    let galley = line(painter, name, bold(12.0), kit.text(), 160.0);
    let rect = Rect::from_min_size(left_top, galley.size() + vec2(22.0, 6.0));
    painter.rect(rect, 9, kit.glass(), Stroke::new(1.2, colour(tint)), StrokeKind::Inside);
    painter.circle_filled(pos2(rect.left() + 9.0, rect.center().y), 3.5, colour(tint));
    painter.galley(pos2(rect.left() + 16.0, rect.top() + 3.0), galley, kit.text());
}
