//! What the picture may cost, and the time of day in it: a small sheet below a button of the bar.

use egui::{
    Frame, Margin, Popup, PopupCloseBehavior, RectAlign, Sense, Stroke, StrokeKind, Ui, WidgetInfo, WidgetType,
};
use egui::{pos2, vec2};
use egui_phosphor::regular as icon;

use super::paint::{self, icon_button, line, middle};
use super::style::{Kit, bold, font};
use crate::view::UiState;
use crate::view::quality::Preset;
use crate::view::words;

const WIDTH: f32 = 264.0;

/// The button and its sheet. `outdoors`: the scene has a sun whose place can be chosen.
pub fn picture_button(ui: &mut Ui, kit: &Kit, outdoors: bool, state: &mut UiState) {
    let open = Popup::is_id_open(ui.ctx(), ui.id().with("picture sheet"));
    let button = icon_button(ui, kit, icon::SLIDERS_HORIZONTAL, "Quality and time of day", open);
    let frame = Frame::NONE.fill(kit.panel()).stroke(kit.hairline()).corner_radius(8).inner_margin(Margin::same(14));
    Popup::from_toggle_button_response(&button)
        .id(ui.id().with("picture sheet"))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .align(RectAlign::BOTTOM_END)
        .frame(frame)
        .gap(8.0)
        .width(WIDTH)
        .show(|ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing = vec2(0.0, 8.0);
            heading(ui, kit, "Quality", "");
            presets(ui, kit, state);
            ui.label(egui::RichText::new(state.quality.about()).font(font(12.0)).color(kit.quiet()));
            if outdoors {
                ui.add_space(4.0);
                heading(ui, kit, "Time of day", &words::hour(state.hour));
                ui.spacing_mut().slider_width = WIDTH;
                let slider = ui.add(egui::Slider::new(&mut state.hour, 0.0..=24.0).step_by(0.25).show_value(false));
                slider.widget_info(|| WidgetInfo::slider(true, f64::from(state.hour), "Time of day, hours"));
                // A click that begins and ends within one slow frame is no drag.
                let clicked = slider.hovered() && ui.input(|input| input.pointer.primary_clicked());
                if let Some(at) = ui.input(|input| input.pointer.interact_pos()).filter(|_| clicked) {
                    let share = ((at.x - slider.rect.left()) / slider.rect.width()).clamp(0.0, 1.0);
                    state.hour = (share * 96.0).round() / 4.0;
                }
            }
        });
}

fn heading(ui: &mut Ui, kit: &Kit, title: &str, value: &str) {
    let (rect, _) = ui.allocate_exact_size(vec2(WIDTH, 18.0), Sense::hover());
    let left = line(ui.painter(), title, bold(13.0), kit.text(), WIDTH);
    let right = line(ui.painter(), value, font(13.0), kit.quiet(), WIDTH);
    let at = pos2(rect.right() - right.size().x, middle(rect.center().y, &right));
    ui.painter().galley(pos2(rect.left(), middle(rect.center().y, &left)), left, kit.text());
    ui.painter().galley(at, right, kit.quiet());
}

/// Three words in a row, one of them chosen.
fn presets(ui: &mut Ui, kit: &Kit, state: &mut UiState) {
    let (row, _) = ui.allocate_exact_size(vec2(WIDTH, 30.0), Sense::hover());
    ui.painter().rect(row, 6, kit.raised(), kit.hairline(), StrokeKind::Inside);
    let each = WIDTH / Preset::ALL.len() as f32;
    for (place, preset) in Preset::ALL.into_iter().enumerate() {
        let left = row.left() + each * place as f32;
        let rect = egui::Rect::from_min_size(pos2(left, row.top()), vec2(each, row.height()));
        let response = ui.interact(rect, ui.id().with(("preset", place)), Sense::click());
        let chosen = state.quality == preset;
        response.widget_info(|| WidgetInfo::selected(WidgetType::RadioButton, true, chosen, preset.word()));
        if chosen {
            let edge = Stroke::new(1.0, kit.accent());
            ui.painter().rect(rect.shrink(2.0), 5, kit.accent().gamma_multiply(0.18), edge, StrokeKind::Inside);
        }
        let tint = if chosen || response.hovered() { kit.text() } else { kit.quiet() };
        let word = line(ui.painter(), preset.word(), font(13.0), tint, each);
        let at = pos2(rect.center().x - word.size().x * 0.5, middle(rect.center().y, &word));
        ui.painter().galley(at, word, tint);
        paint::focus_ring(ui, kit, rect.shrink(2.0), &response);
        if response.clicked() {
            state.quality = preset;
        }
    }
}
