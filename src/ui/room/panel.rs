//! The panel of a room: the form that joins one; who is here, what was said, the pen.

use egui::{
    Align2, Context, Key, Order, Pos2, Rect, ScrollArea, Sense, Ui, UiBuilder, Vec2, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::super::fields::{secret_field, text_field};
use super::super::paint::{
    area, glass, icon_button, icon_button_at, line, middle, paragraph, text, word_button, wrapped,
};
use super::super::style::{Kit, bold, colour, font};
use super::{DISC, disc};
use crate::view::room::{Inside, LineView, PanelView, PersonView, RoomAction, RoomView};
use crate::view::{UiAction, UiState};

/// Width of the panel.
pub const WIDTH: f32 = 316.0;
const PAD: f32 = 14.0;
/// Height of a person's row with what is between rows.
const ROW: f32 = 36.0;
/// Height of the tools, the conversation at its least, and the field below it.
const BELOW: f32 = 142.0;

/// The panel at its place; what it takes. `most`: its width, and its greatest height.
pub fn panel_ui(
    ctx: &Context,
    kit: &Kit,
    panel: &PanelView,
    view: &RoomView,
    at: Pos2,
    most: Vec2,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Rect {
    let height = match panel {
        PanelView::Form(_) => 312.0,
        // It grows with what there is to show: the scene is for the scene.
        PanelView::Room(inside) => {
            let people = ROW * (1 + view.people.len().min(4)) as f32;
            226.0 + people + 44.0 * inside.lines.len().min(6) as f32
        }
    };
    let rect = Rect::from_min_size(at, vec2(most.x, most.y.min(height)));
    area(ctx, "room panel", rect, Order::Middle, |ui| {
        // What is below hears nothing of a click on the panel.
        ui.interact(rect, ui.id().with("ground"), Sense::click_and_drag());
        // Nothing shines through what is read.
        ui.painter().rect_filled(rect, 8, kit.panel());
        glass(ui.painter(), kit, rect);
        let (title, below) = match panel {
            PanelView::Form(_) => ("Look at it together", ""),
            PanelView::Room(inside) => (inside.room.as_str(), inside.status.as_str()),
        };
        let close = Rect::from_center_size(rect.right_top() + vec2(-22.0, 22.0), vec2(28.0, 26.0));
        let press = ui.interact(close, ui.id().with("close"), Sense::click());
        if icon_button_at(ui, kit, close, press, icon::X, "Close the room's panel (R)", false).clicked() {
            state.room.open = false;
        }
        let place = pos2(rect.left() + PAD, rect.top() + 22.0);
        text(ui.painter(), place, Align2::LEFT_CENTER, title, bold(16.0), kit.text(), rect.width() - PAD - 50.0);
        let inner = Rect::from_min_max(rect.min + vec2(PAD, 40.0), rect.max - vec2(PAD, 12.0));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(inner));
        ui.set_clip_rect(inner.expand(2.0));
        ui.spacing_mut().item_spacing.y = 6.0;
        if !below.is_empty() {
            let tint =
                if matches!(panel, PanelView::Room(inside) if inside.trouble) { kit.text() } else { kit.quiet() };
            paragraph(&mut ui, below, font(12.0), tint);
        }
        match panel {
            PanelView::Form(missing) => form_ui(&mut ui, kit, *missing, state, actions),
            PanelView::Room(inside) => inside_ui(&mut ui, kit, inside, view, state, actions),
        }
    });
    rect
}

fn form_ui(ui: &mut Ui, kit: &Kit, missing: Option<&'static str>, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let about = "Whoever joins the same room sees where you look, what you point at, select, draw and write. \
                 It never touches the machine.";
    paragraph(ui, about, font(12.0), kit.quiet());
    let width = ui.available_width();
    let form = &mut state.room.form;
    text_field(ui, kit, "Room", "Room", &mut form.room, width);
    secret_field(ui, kit, "Passphrase or invitation", "Passphrase or invitation", &mut form.secret.0, width);
    let last = text_field(ui, kit, "Your name", "Your name", &mut form.name, width);
    let entered = last.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let clicked = word_button(ui, kit, icon::SIGN_IN, "Join", missing.is_none()).clicked();
    if missing.is_none() && (clicked || entered) {
        actions.push(UiAction::Room(RoomAction::Join));
    }
    // Why not is told once something is typed.
    if let Some(missing) = missing.filter(|_| !state.room.form.room.is_empty()) {
        paragraph(ui, missing, font(12.0), kit.quiet());
    }
    if let Some(said) = &state.room.said {
        paragraph(ui, said, font(12.0), kit.text());
    }
}

fn inside_ui(
    ui: &mut Ui,
    kit: &Kit,
    inside: &Inside,
    view: &RoomView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let rows = (ui.available_height() - BELOW).clamp(2.0 * ROW, 5.0 * ROW);
    ScrollArea::vertical().id_salt("people").max_height(rows).auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        person_ui(ui, kit, &inside.me, None);
        for person in &view.people {
            person_ui(ui, kit, person, Some(actions));
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if !inside.guest {
            if icon_button(ui, kit, icon::PENCIL_SIMPLE, "Draw on a part (B)", state.room.pen).clicked() {
                state.room.pen = !state.room.pen;
            }
            if inside.drawn && icon_button(ui, kit, icon::ERASER, "Take away what you drew", false).clicked() {
                actions.push(UiAction::Room(RoomAction::Clear));
            }
        }
        if let Some(invitation) = &inside.invitation
            && icon_button(ui, kit, icon::TICKET, "Copy an invitation for guests: they see, and show nothing", false)
                .clicked()
        {
            ui.ctx().copy_text(invitation.to_string());
            state.room.said = Some("An invitation is on the clipboard. Whoever has it can read along.".to_owned());
        }
        if icon_button(ui, kit, icon::SIGN_OUT, "Leave the room", false).clicked() {
            actions.push(UiAction::Room(RoomAction::Leave));
        }
    });
    if let Some(refused) = &inside.refused {
        paragraph(ui, refused, font(11.0), kit.faint());
    }
    if let Some(said) = &state.room.said {
        paragraph(ui, said, font(12.0), kit.quiet());
    }
    let foot = if inside.guest { 34.0 } else { 36.0 };
    let height = (ui.available_height() - foot).max(40.0);
    ScrollArea::vertical()
        .id_salt("lines")
        .max_height(height)
        .min_scrolled_height(height)
        .auto_shrink([false, false])
        .stick_to_bottom(true)
        .show(ui, |ui| {
            if inside.lines.is_empty() {
                paragraph(ui, "Nothing was said yet.", font(12.0), kit.faint());
            }
            for line in &inside.lines {
                line_ui(ui, kit, line);
            }
        });
    if inside.guest {
        paragraph(ui, "You are a guest: you see what the others show.", font(12.0), kit.faint());
        return;
    }
    let width = ui.available_width();
    let response = text_field(ui, kit, "Say something", "Say something", &mut state.room.line, width);
    if response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) {
        // What is not taken comes back into the field with the reason.
        let said = std::mem::take(&mut state.room.line);
        if !said.trim().is_empty() {
            actions.push(UiAction::Room(RoomAction::Say(said)));
        }
        response.request_focus();
    }
}

/// A row: disc, name, what they do; a click follows.
fn person_ui(ui: &mut Ui, kit: &Kit, person: &PersonView, actions: Option<&mut Vec<UiAction>>) {
    let width = ui.available_width();
    let can = person.can_follow && actions.is_some();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 34.0), if can { Sense::click() } else { Sense::hover() });
    response.widget_info(|| {
        let words = format!("{} {}", person.name, person.doing);
        WidgetInfo::selected(WidgetType::Button, can, person.followed, words)
    });
    if can && (response.hovered() || response.has_focus()) {
        ui.painter().rect_filled(rect, 6, kit.raised());
    }
    disc(ui.painter(), pos2(rect.left() + DISC + 3.0, rect.center().y), DISC, &person.initials, person.colour);
    let left = rect.left() + 2.0 * DISC + 14.0;
    let right = if can { 76.0 } else { 0.0 };
    let room = rect.right() - left - right;
    let name = line(ui.painter(), &person.name, bold(13.0), kit.text(), room);
    if person.doing.is_empty() {
        ui.painter().galley(pos2(left, middle(rect.center().y, &name)), name, kit.text());
    } else {
        ui.painter().galley(pos2(left, rect.top() + 2.0), name, kit.text());
        let doing = pos2(left, rect.top() + 25.0);
        text(ui.painter(), doing, Align2::LEFT_CENTER, &person.doing, font(12.0), kit.quiet(), room);
    }
    let Some(actions) = actions.filter(|_| can) else { return };
    let (word, tint) = if person.followed { ("Following", kit.accent()) } else { ("Follow", kit.quiet()) };
    let at = pos2(rect.right() - 8.0, rect.center().y);
    text(ui.painter(), at, Align2::RIGHT_CENTER, word, font(12.0), tint, 70.0);
    if response.clicked() {
        actions.push(UiAction::Room(RoomAction::Follow((!person.followed).then_some(person.id))));
    }
}

fn line_ui(ui: &mut Ui, kit: &Kit, said: &LineView) {
    let width = ui.available_width();
    let words = wrapped(ui.painter(), &said.text, font(13.0), kit.text(), width - 14.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, words.size().y + 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{}: {}", said.name, said.text)));
    let bar = Rect::from_min_size(rect.min + vec2(0.0, 3.0), vec2(3.0, rect.height() - 6.0));
    ui.painter().rect_filled(bar, 1, colour(said.colour));
    let at = pos2(rect.left() + 10.0, rect.top() + 9.0);
    let name = text(ui.painter(), at, Align2::LEFT_CENTER, &said.name, bold(12.0), kit.quiet(), width - 70.0);
    text(ui.painter(), pos2(name.right() + 8.0, at.y), Align2::LEFT_CENTER, &said.at, font(11.0), kit.faint(), 50.0);
    ui.painter().galley(pos2(rect.left() + 10.0, rect.top() + 18.0), words, kit.text());
}
