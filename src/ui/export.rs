//! The menu of pictures and clips in the bar, and their keys; values to the clipboard.

use egui::{Context, Event, Key, Modifiers, Popup, PopupCloseBehavior, Ui};
use egui_phosphor::regular as icon;

use super::field::row;
use super::fields::text_field;
use super::paint::icon_button;
use super::style::{Kit, font};
use crate::view::export::{ExportAction, Frame, TableForm, values_table};
use crate::view::inspector::InspectorView;
use crate::view::{AppView, UiAction, UiState};

/// Width of the menu.
const WIDTH: f32 = 320.0;

/// The button and its menu.
pub fn menu_ui(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let exports = &view.exports;
    let (sign, tooltip) = match (exports.recording_s, exports.writing) {
        (Some(s), _) => (icon::RECORD, format!("A clip runs for {s:.0} s (Shift F12 ends it)")),
        (None, true) => (icon::CAMERA, "A clip is being written".to_owned()),
        (None, false) => (icon::CAMERA, "Pictures and clips (F12)".to_owned()),
    };
    let button = icon_button(ui, kit, sign, &tooltip, exports.recording_s.is_some());
    let mut ask = |action: ExportAction| actions.push(UiAction::Export(action));
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut done = false;
        let clip = if exports.recording_s.is_some() { "End the clip" } else { "Record a clip of the scene" };
        for (name, tooltip, action) in [
            (
                "Picture of the scene",
                "F12: with its labels and legend, and a caption",
                ExportAction::Save(Frame::Scene),
            ),
            ("Picture of the window", "With all panels, and a caption", ExportAction::Save(Frame::Window)),
            ("Copy a picture of the scene", "Ctrl Shift C: to the clipboard", ExportAction::Copy),
            (clip, "Shift F12: up to 8 s, as an animated PNG", ExportAction::Clip),
        ] {
            if row(ui, kit, name, tooltip, false) {
                ask(action);
                done = true;
            }
        }
        if let InspectorView::Part(part) = &view.inspector {
            ui.add_space(6.0);
            ui.painter().hline(ui.max_rect().x_range(), ui.cursor().top(), kit.hairline());
            ui.add_space(6.0);
            for (name, tooltip, form) in [
                ("Copy the part's values", "Ctrl C: as a table for a spreadsheet", TableForm::Tabs),
                ("Copy them as Markdown", "As a table for a report", TableForm::Markdown),
            ] {
                if row(ui, kit, name, tooltip, false) {
                    ui.ctx().copy_text(values_table(part, &view.moment, form));
                    ask(ExportAction::Copied);
                    done = true;
                }
            }
        }
        ui.add_space(8.0);
        ui.add(egui::Label::new(egui::RichText::new("Pictures and clips go to").font(font(12.0)).color(kit.quiet())));
        ui.add_space(4.0);
        text_field(ui, kit, "Folder for pictures", &exports.folder, &mut state.export_folder, WIDTH);
        if done {
            ui.close();
        }
    });
}

/// `F12` and `Shift F12`; copying, while no text is selected in a field.
pub fn keys(ctx: &Context, view: &AppView, actions: &mut Vec<UiAction>) {
    let mut ask = |action: ExportAction| actions.push(UiAction::Export(action));
    let pressed = |modifiers: Modifiers| ctx.input_mut(|input| input.consume_key(modifiers, Key::F12));
    // Shift first: egui takes a key without modifiers for one with Shift too.
    if pressed(Modifiers::SHIFT) {
        ask(ExportAction::Clip);
    } else if pressed(Modifiers::NONE) {
        ask(ExportAction::Save(Frame::Scene));
    }
    if !ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Copy))) {
        return;
    }
    if ctx.input(|input| input.modifiers.shift) {
        ask(ExportAction::Copy);
    } else if let InspectorView::Part(part) = &view.inspector {
        ctx.copy_text(values_table(part, &view.moment, TableForm::Tabs));
        ask(ExportAction::Copied);
    }
}
