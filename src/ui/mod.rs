//! The panels: [`crate::view`] on screen with egui. Painting and input only; what is shown is decided in the view.
//!
//! Each panel is an egui area with a rectangle from [`crate::view::Layout`], so that egui knows where the pointer is over
//! a panel and where over the scene, whatever backend runs it.

mod advice;
mod alarms;
mod bar;
mod card;
mod chart;
mod document;
mod export;
mod field;
mod fields;
mod fleet;
mod inspector;
mod keys;
mod labels;
mod life;
mod markdown;
mod model_data;
mod overlay;
mod paint;
mod picture;
mod procedure;
mod records;
mod room;
mod signals;
mod site;
mod spread;
mod style;
mod tags;
mod tools;
mod tour;
mod tree;
mod viewpoints;
mod walk;
mod what_if;
mod why;

#[cfg(test)]
mod tests;

use egui::{Align2, Color32, Id, Order, Rect, Sense, Ui, pos2, vec2};

use crate::view::theme::ThemeName;
use crate::view::{AppView, Progress, UiAction, UiState, tree as tree_view};
pub use markdown::{deliver as deliver_picture, wanted as wanted_pictures};
use style::Kit;

/// Loads the fonts and sets the style; call it once before the first frame. [`show`] follows later changes of the theme.
pub fn install(ctx: &egui::Context, theme: ThemeName) {
    ctx.set_fonts(style::fonts());
    style::apply(ctx, theme);
    ctx.data_mut(|data| data.insert_temp(theme_id(), theme));
}

fn theme_id() -> Id {
    Id::new("twinscope theme")
}

/// Draws all panels and overlays, handles their keys, and returns the free rectangle of the scene, in points.
pub fn show(ctx: &egui::Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) -> Rect {
    if ctx.data(|data| data.get_temp::<ThemeName>(theme_id())) != Some(state.theme) {
        style::apply(ctx, state.theme);
        ctx.data_mut(|data| data.insert_temp(theme_id(), state.theme));
    }
    if let Some(tour) = &view.tour {
        return tour::tour_ui(ctx, view, tour, state, actions);
    }
    let kit = Kit::new(state.theme);
    keys::handle(ctx, view, state, actions);
    reveal_selected(view, state);
    card::follow(ctx, view, state);
    // Whoever has selected a part, by whatever way, needs no hint how.
    state.hint_seen |= view.selected.is_some();

    let window = ctx.viewport_rect();
    let layout = view.layout;
    let bar = Rect::from_min_size(window.min, vec2(window.width(), layout.bar));
    let alarms = Rect::from_min_max(pos2(window.left(), window.bottom() - layout.alarms), window.max);
    let middle = Rect::from_min_max(bar.left_bottom(), alarms.right_top());
    let tree = Rect::from_min_size(middle.min, vec2(layout.tree, middle.height()));
    let inspector = Rect::from_min_max(pos2(middle.right() - layout.inspector, middle.top()), middle.max);
    // A procedure takes the place of the inspector, and makes room for itself where there is none.
    let mut inspector = inspector;
    if view.procedure.is_some() && layout.inspector <= 0.0 {
        inspector.min.x = middle.right() - 360.0_f32.min(middle.width() * 0.4);
    }
    let free = Rect::from_min_max(tree.right_top(), inspector.left_bottom());

    let mut hover = None;
    // The open tree lies over the scene: what else lies there gives way.
    let clear = Rect::from_min_max(pos2(free.left() + layout.tree_over, free.top()), free.max);
    let (mut free, mut clear) = (free, clear);
    if let Some(asked) = &view.what_if {
        let top = what_if::what_if_ui(ctx, &kit, asked, free, state, actions);
        (free.max.y, clear.max.y) = (top, top);
    }
    let roomy = clear.width() >= 320.0 && clear.height() >= 240.0;
    // A walk has its bar above: between the strip and who is here, and the cards of tools below it.
    let top = clear.top() + 14.0 + view.walk.as_ref().map_or(0.0, |_| walk::TOP + 8.0);
    let mut tools = if roomy { tools::tools_ui(ctx, &kit, view, clear, top, state, actions) } else { Vec::new() };
    if let Some(walk) = &view.walk {
        let left = tools.first().map_or(clear.left() + 14.0, |strip| strip.right() + 8.0);
        let right = overlay::column_left(clear) - 8.0 - room::discs_width(&view.room) - 8.0;
        tools.extend(walk::walk_ui(ctx, &kit, walk, clear, [left, right], state, actions));
    }
    overlay::show(ctx, &kit, view, clear, &tools, state, actions, &mut hover);
    if let Some(table) = &view.fleet {
        fleet::fleet_ui(ctx, &kit, table, clear, state, actions);
    }
    if layout.tree > 0.0 {
        panel(ctx, "tree", tree, Order::Middle, kit.panel(), |ui| {
            if layout.rail {
                tree::rail_ui(ui, &kit, &view.tree, state, actions, &mut hover);
            } else {
                tree::tree_ui(ui, &kit, &view.tree, state, actions, &mut hover);
            }
            ui.painter().vline(tree.right() - 0.5, tree.y_range(), kit.hairline());
        });
    }
    if layout.tree_over > 0.0 {
        let over = Rect::from_min_size(tree.right_top(), vec2(layout.tree_over, middle.height()));
        panel(ctx, "tree over", over, Order::Foreground, kit.panel(), |ui| {
            tree::tree_ui(ui, &kit, &view.tree, state, actions, &mut hover);
            ui.painter().vline(over.right() - 0.5, over.y_range(), kit.hairline());
        });
    }
    if let Some(lead) = view.lead.as_ref() {
        procedure::lead_ui(ctx, &kit, &lead.0, &lead.1, clear);
    }
    document::show(ctx, &kit, clear, state, actions);
    if let Some(procedure) = &view.procedure {
        panel(ctx, "procedure", inspector, Order::Middle, kit.panel(), |ui| {
            procedure::procedure_ui(ui, &kit, procedure, state, actions);
            ui.painter().vline(inspector.left() + 0.5, inspector.y_range(), kit.hairline());
        });
    } else if layout.inspector > 0.0 {
        panel(ctx, "inspector", inspector, Order::Middle, kit.panel(), |ui| {
            inspector::inspector_ui(ui, &kit, view, state, actions, &mut hover);
            ui.painter().vline(inspector.left() + 0.5, inspector.y_range(), kit.hairline());
        });
    }
    if layout.alarms > 0.0 {
        panel(ctx, "alarms", alarms, Order::Middle, kit.panel(), |ui| {
            alarms::alarms_ui(ui, &kit, &view.alarms, &layout, state, actions, &mut hover);
            ui.painter().hline(alarms.x_range(), alarms.top() + 0.5, kit.hairline());
        });
    }
    if layout.bar > 0.0 {
        panel(ctx, "bar", bar, Order::Middle, kit.panel(), |ui| {
            bar::bar_ui(ui, &kit, view, state, actions);
            ui.painter().hline(bar.x_range(), bar.bottom() - 0.5, kit.hairline());
        });
    }
    what_if::ask(ctx, state, actions);
    tools::settle(ctx, view, state);
    if hover != state.panel_hover {
        state.panel_hover = hover;
        actions.push(UiAction::Hover(hover));
    }
    free
}

/// A panel: an area with a ground.
fn panel(ctx: &egui::Context, id: &str, rect: Rect, order: Order, fill: Color32, add: impl FnOnce(&mut Ui)) {
    if rect.width() <= 0.0 || rect.height() <= 0.0 {
        return;
    }
    paint::area(ctx, id, rect, order, |ui| {
        ui.painter().rect_filled(rect, 0, fill);
        add(ui);
    });
}

/// Opens the branches above a part that was selected elsewhere; the tree then scrolls to it.
fn reveal_selected(view: &AppView, state: &mut UiState) {
    if view.selected == state.revealed {
        return;
    }
    match view.selected {
        Some(part) => {
            // The rows of this frame were made before: scrolled to in the next one, when the row is there.
            let opened = tree_view::reveal(&view.site, part, &mut state.toggled);
            if !opened {
                state.revealed = Some(part);
            }
        }
        None => {
            state.revealed = None;
            state.scrolled = None;
        }
    }
}

/// Draws the window before the first snapshot.
pub fn progress_only(ctx: &egui::Context, progress: &Progress) {
    let kit = Kit::new(ctx.data(|data| data.get_temp(theme_id())).unwrap_or_default());
    let window = ctx.viewport_rect();
    panel(ctx, "progress", window, Order::Middle, style::colour(kit.theme.bg), |ui| {
        let at = window.center();
        ui.painter().text(at - vec2(0.0, 44.0), Align2::CENTER_CENTER, "twinscope", style::bold(28.0), kit.text());
        overlay::progress_bar(ui.painter(), &kit, at, 280.0, progress);
        ui.allocate_rect(window, Sense::hover());
    });
}
