//! What is moved and typed into, in the look of the program: sliders, switches, text fields, and sections that fold.

use egui::{
    Align, Align2, Key, Modifiers, Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo,
    WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::paint::{focus_ring, text};
use super::style::{Kit, bold, colour, font, icons};
use crate::view::UiState;
use crate::view::what_if::LeverView;

/// A slider of the width that is there; where nothing is changed has a notch. The new place, if it was moved.
pub fn slider(ui: &mut Ui, kit: &Kit, lever: &LeverView, label: &str, value: f64, enabled: bool) -> Option<f64> {
    let width = ui.available_width();
    let sense = if enabled { Sense::click_and_drag() } else { Sense::hover() };
    let (rect, mut response) = ui.allocate_exact_size(vec2(width, 22.0), sense);
    let track = Rect::from_min_max(
        pos2(rect.left() + 7.0, rect.center().y - 2.0),
        pos2(rect.right() - 7.0, rect.center().y + 2.0),
    );
    let span = lever.high - lever.low;
    let x = |value: f64| track.left() + ((value - lever.low) / span) as f32 * track.width();
    let mut moved = None;
    if let Some(at) = response
        .interact_pointer_pos()
        .filter(|_| enabled && (response.dragged() || response.clicked() || response.is_pointer_button_down_on()))
    {
        let t = f64::from(((at.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0));
        moved = Some(lever.snap(lever.low + t * span));
    }
    if enabled && response.has_focus() {
        // The arrows move the slider, not the focus.
        let filter = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let step = f64::from(u8::from(pressed(Key::ArrowRight))) - f64::from(u8::from(pressed(Key::ArrowLeft)));
        if step != 0.0 {
            moved = Some(lever.snap(value + step * lever.step));
        }
    }
    let shown = moved.unwrap_or(value);
    let moved = moved.filter(|moved| *moved != value);
    if moved.is_some() {
        response.mark_changed();
    }
    response.widget_info(|| WidgetInfo::slider(enabled, shown, label));
    let painter = ui.painter();
    painter.rect_filled(track, 2, kit.line());
    let (from, to) = (x(lever.neutral), x(shown));
    let changed = Rect::from_min_max(pos2(from.min(to), track.top()), pos2(from.max(to), track.bottom()));
    painter.rect_filled(changed, 2, if enabled { kit.accent().gamma_multiply(0.8) } else { kit.faint() });
    painter.vline(x(lever.neutral), rect.center().y - 5.0..=rect.center().y + 5.0, Stroke::new(1.0, kit.faint()));
    let hover = enabled && (response.hovered() || response.dragged() || response.has_focus());
    let knob = pos2(to, rect.center().y);
    painter.circle(
        knob,
        6.5,
        if enabled { kit.text() } else { kit.faint() },
        Stroke::new(2.0, if hover { kit.accent() } else { kit.panel() }),
    );
    moved
}

/// A switch. Whether it was changed.
pub fn switch(ui: &mut Ui, kit: &Kit, label: &str, on: bool, enabled: bool) -> bool {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(36.0, 22.0), sense);
    response.widget_info(|| WidgetInfo::selected(WidgetType::Checkbox, enabled, on, label));
    let pill = Rect::from_center_size(rect.center(), vec2(30.0, 16.0));
    let ground = match (on, enabled) {
        (true, true) => kit.accent().gamma_multiply(0.8),
        _ => kit.line(),
    };
    ui.painter().rect_filled(pill, 8, ground);
    let x = if on { pill.right() - 8.0 } else { pill.left() + 8.0 };
    ui.painter().circle_filled(pos2(x, pill.center().y), 6.0, if enabled { kit.text() } else { kit.faint() });
    focus_ring(ui, kit, rect, &response);
    response.clicked()
}

/// A field for a line of text.
pub fn text_field(ui: &mut Ui, kit: &Kit, label: &str, hint: &str, typed: &mut String, width: f32) -> Response {
    any_field(ui, kit, label, hint, typed, width, false)
}

/// A field for what must not be read on the screen.
pub fn secret_field(ui: &mut Ui, kit: &Kit, label: &str, hint: &str, typed: &mut String, width: f32) -> Response {
    any_field(ui, kit, label, hint, typed, width, true)
}

fn any_field(
    ui: &mut Ui,
    kit: &Kit,
    label: &str,
    hint: &str,
    typed: &mut String,
    width: f32,
    secret: bool,
) -> Response {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    let id = ui.id().with(("field", label));
    let focused = ui.memory(|memory| memory.has_focus(id));
    let edge = if focused { Stroke::new(1.0, kit.accent()) } else { kit.hairline() };
    ui.painter().rect(rect, 6, colour(kit.theme.bg), edge, StrokeKind::Inside);
    let field = rect.shrink2(vec2(9.0, 0.0));
    let edit = TextEdit::singleline(typed)
        .id(id)
        .frame(egui::Frame::NONE)
        .font(font(13.0))
        .text_color(kit.text())
        .vertical_align(Align::Center)
        .hint_text(egui::RichText::new(hint).color(kit.faint()).font(font(13.0)))
        .password(secret)
        // The longest is an invitation to a room, or a line said in it.
        .char_limit(500)
        .desired_width(field.width());
    let response = ui.new_child(UiBuilder::new().max_rect(field)).put(field, edit);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::TextEdit, true, label));
    response
}

/// A choice among a few words, as a row of chips that wraps. The chosen one, if it was changed.
pub fn chips(ui: &mut Ui, kit: &Kit, words: &[&str], chosen: Option<usize>) -> Option<usize> {
    let mut picked = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
        for (at, word) in words.iter().enumerate() {
            let on = chosen == Some(at);
            let tint = if on { kit.text() } else { kit.quiet() };
            let galley = super::paint::line(ui.painter(), word, font(12.0), tint, 260.0);
            let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(18.0, 9.0), Sense::click());
            response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, on, *word));
            let ground = match (on, response.hovered()) {
                (true, _) => kit.accent().gamma_multiply(0.22),
                (false, true) => kit.line(),
                (false, false) => kit.raised(),
            };
            let edge = if on { Stroke::new(1.0, kit.accent()) } else { Stroke::NONE };
            ui.painter().rect(rect, 11, ground, edge, StrokeKind::Inside);
            ui.painter().galley(rect.min + vec2(9.0, 4.5), galley, tint);
            focus_ring(ui, kit, rect, &response);
            if response.clicked() {
                picked = Some(at);
            }
        }
    });
    picked
}

/// The heading of a section that folds. Whether it is open.
pub fn section(
    ui: &mut Ui,
    kit: &Kit,
    state: &mut UiState,
    id: &str,
    title: &str,
    right: &str,
    starts_open: bool,
) -> bool {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 24.0), Sense::click());
    let mut open = starts_open != state.sections.contains(id);
    response.widget_info(|| WidgetInfo::selected(WidgetType::CollapsingHeader, true, open, title));
    if response.clicked() {
        open = !open;
        // Forgotten when it is back where it started; ids come from outside, so their number is bounded.
        if !state.sections.remove(id) && state.sections.len() < 512 {
            state.sections.insert(id.to_owned());
        }
    }
    let tint = if response.hovered() { kit.text() } else { kit.quiet() };
    let sign = if open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
    ui.painter().text(pos2(rect.left() + 5.0, rect.center().y), Align2::CENTER_CENTER, sign, icons(11.0), kit.faint());
    let at = pos2(rect.left() + 16.0, rect.center().y);
    let left = text(ui.painter(), at, Align2::LEFT_CENTER, title, bold(12.0), tint, width - 16.0);
    let room = rect.right() - left.right() - 10.0;
    text(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, right, font(12.0), kit.faint(), room);
    focus_ring(ui, kit, rect, &response);
    open
}
