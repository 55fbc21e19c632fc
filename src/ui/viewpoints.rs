//! The menu of saved viewpoints in the bar, and their keys.

use egui::{Context, Key, Modifiers, Popup, PopupCloseBehavior, ScrollArea, Ui, vec2};
use egui_phosphor::regular as icon;

use super::field::row;
use super::fields::text_field;
use super::paint::{icon_button, word_button};
use super::style::{Kit, font};
use crate::view::viewpoints::{ViewpointAction, Viewpoints, aim_words, show_words};
use crate::view::{AppView, UiAction, UiState};

/// Width of the menu.
const WIDTH: f32 = 320.0;
/// Rows that are seen without scrolling.
const ROWS: f32 = 12.0;

/// The button and its menu.
pub fn menu_ui(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let Viewpoints { list, at, not_kept } = &view.viewpoints;
    let button = icon_button(ui, kit, icon::BOOKMARK_SIMPLE, "Viewpoints (V)", false);
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().max_height(ROWS * 28.0).auto_shrink([false, true]).show(ui, |ui| {
            for (place, saved) in list.iter().enumerate() {
                let shows = saved.show.as_ref().map(show_words).filter(|words| !words.is_empty());
                let shows = shows.map_or_else(String::new, |words| format!("\nShows {words}"));
                let tooltip = format!("Looks at {}{shows}\nTours name it {}", aim_words(&view.site, saved), saved.id);
                if row(ui, kit, &saved.name, &tooltip, *at == Some(place)) {
                    actions.push(UiAction::Viewpoint(ViewpointAction::Fly(place)));
                    ui.close();
                }
            }
        });
        ui.add_space(8.0);
        let mut save = false;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let typed = &mut state.view_name;
            let field = text_field(ui, kit, "Name of this view", "Name of this view", typed, WIDTH - 96.0);
            save |= field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            save |= word_button(ui, kit, icon::BOOKMARK_SIMPLE, "Save", true).clicked();
        });
        ui.add_space(6.0);
        let told = not_kept.as_ref().map_or_else(
            || "What the camera sees now goes into the site file: hidden parts, cuts and all.".to_owned(),
            |why| format!("A view is kept until this window closes: {why}"),
        );
        ui.add(egui::Label::new(egui::RichText::new(told).font(font(12.0)).color(kit.quiet())).wrap());
        ui.allocate_space(vec2(WIDTH, 0.0));
        if save {
            actions.push(UiAction::Viewpoint(ViewpointAction::Save(std::mem::take(&mut state.view_name))));
            ui.close();
        }
    });
}

/// `V` and `Shift V` go through them.
pub fn keys(ctx: &Context, actions: &mut Vec<UiAction>) {
    let pressed = |modifiers: Modifiers| ctx.input_mut(|input| input.consume_key(modifiers, Key::V));
    // Shift first: egui takes a key without modifiers for one with Shift too.
    if pressed(Modifiers::SHIFT) {
        actions.push(UiAction::Viewpoint(ViewpointAction::Step { back: true }));
    } else if pressed(Modifiers::NONE) {
        actions.push(UiAction::Viewpoint(ViewpointAction::Step { back: false }));
    }
}
