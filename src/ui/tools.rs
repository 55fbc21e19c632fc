//! The tools that look into a machine: a strip of buttons at the left edge of the scene, a card for each tool that is on,
//! and what they draw over the scene.

mod cards;
mod draw;

use egui::{
    Align2, Context, Id, Key, LayerId, Modifiers, Order, Painter, Rect, Sense, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;
use twinscope_twin::command::Command;

use super::paint::{area, glass, icon_button_at};
use super::style::{Kit, icons};
use crate::view::sight::Explode;
use crate::view::tools::{Across, Awaited, ToolAction};
use crate::view::{AppView, UiAction, UiState};

/// Width of the strip.
pub const STRIP: f32 = 40.0;
const ROW: f32 = 32.0;

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
            !state.walk.on,
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
        tool(icon::ARROW_U_UP_LEFT, "Undo (Ctrl Z)".into(), false, tools.can[0], true, |view, state, actions| {
            undo(view, state, actions, false);
        }),
        tool(
            icon::ARROW_U_UP_RIGHT,
            "Redo (Ctrl Shift Z)".into(),
            false,
            tools.can[1],
            false,
            |view, state, actions| {
                undo(view, state, actions, true);
            },
        ),
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

fn undo(view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>, again: bool) {
    let selected = state.tools.awaited.map_or(view.selected, |awaited| awaited.wanted);
    // What is still on its way is a step too.
    state.history.note(&state.sight, selected, true);
    let moment = if again { state.history.redo() } else { state.history.undo() };
    if let Some((moment, gaze)) = moment {
        state.sight = moment.sight;
        actions.extend(gaze.map(UiAction::FlyBack));
        state.tools.awaited = Some(Awaited { wanted: moment.selected, before: view.selected });
        actions.push(UiAction::Command(Command::Select(moment.selected)));
    }
}

/// Keys of the tools; only while no field has the focus.
pub fn keys(ctx: &Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    // With Shift first: a pattern without it is met with it too.
    if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z) || pressed(Modifiers::COMMAND, Key::Y) {
        undo(view, state, actions, true);
    } else if pressed(Modifiers::COMMAND, Key::Z) {
        undo(view, state, actions, false);
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
    // What was asked for has come, or something else has come between.
    if state.tools.awaited.is_some_and(|awaited| view.selected == awaited.wanted || view.selected != awaited.before) {
        state.tools.awaited = None;
    }
    let chosen = &mut state.sight.chosen;
    if state.tools.awaited.is_none() && !view.selected.is_some_and(|part| chosen.contains(&part)) {
        chosen.clear();
    }
    let resting = !ctx.input(|input| input.pointer.any_down()) && !state.history.on_the_way();
    let selected = state.tools.awaited.map_or(view.selected, |awaited| awaited.wanted);
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

/// The strip, the cards from `top` downwards, and the drawings; gives the places that they take, that of the strip first.
pub fn tools_ui(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    free: Rect,
    top: f32,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> Vec<Rect> {
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("tool drawings")), free);
    draw::plane(ctx, &painter, kit, view, free, state);
    draw::spans(&painter, kit, &view.tools);
    let mut taken = vec![strip_ui(ctx, kit, view, free, state, actions)];
    taken.extend(cards::cards(ctx, kit, view, pos2(free.left() + STRIP + 22.0, top), free, state, actions));
    taken
}

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
    area(ctx, "tool strip", rect, Order::Middle, |ui| {
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
