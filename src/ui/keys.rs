//! Keys of the whole window. Text fields keep theirs: nothing happens here while one has the focus, except Escape and the
//! keys that lead to the search.

use egui::{Context, Event, Id, Key, Modifiers, Popup};

use twinscope_twin::command::Command;

use crate::view::inspector::InspectorView;
use crate::view::walk::WalkAction;
use crate::view::{AppView, TreeKey, UiAction, UiState};

/// The search field.
pub fn search_id() -> Id {
    Id::new("twinscope search")
}

/// Acts on the keys of this frame.
pub fn handle(ctx: &Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    // Layouts differ in where `/` and `?` lie: the text that a key makes is what counts. On a slow screen one frame hears
    // several keys: what follows a `/` is for the search field and is put aside.
    let slash = |event: &Event| matches!(event, Event::Text(text) if text == "/");
    let free = !ctx.egui_wants_keyboard_input();
    let for_search = ctx.input_mut(|input| {
        let at = input.events.iter().position(slash).filter(|_| free)?;
        let rest = input.events.split_off(at + 1);
        input.events.pop();
        Some(rest)
    });
    // Good for this frame only: later it would be for something else.
    let waited = ctx.data_mut(|data| data.remove_temp::<bool>(waiting_enter())).is_some();
    if pressed(Modifiers::COMMAND, Key::K) {
        state.panels.bar = true;
        ctx.memory_mut(|memory| memory.request_focus(search_id()));
    }
    if pressed(Modifiers::COMMAND, Key::Q) {
        actions.push(UiAction::Quit);
    }
    if pressed(Modifiers::NONE, Key::F11) {
        actions.push(UiAction::ToggleFullscreen);
    }
    if pressed(Modifiers::NONE, Key::F1) {
        state.help_open = !state.help_open;
    }
    let searching = ctx.memory(|memory| memory.has_focus(search_id()));
    // Whether a field had the focus in the last frame: egui takes it away before Escape is heard here.
    let typing = ctx.egui_wants_keyboard_input();
    let typed = ctx.data_mut(|data| {
        let id = Id::new("twinscope typing");
        let before = data.get_temp(id).unwrap_or(false);
        data.insert_temp(id, typing);
        before
    });
    let open = Popup::is_any_open(ctx);
    if pressed(Modifiers::NONE, Key::Escape) {
        if open {
            return Popup::close_all(ctx);
        }
        escape(ctx, view, state, actions, searching, typed);
    }
    // While somebody walks, letters and arrows are for that.
    let walks = state.walk.on && !searching;
    // The arrows and Enter work from the search field too: type, go down, enter.
    if !walks && (searching || !ctx.egui_wants_keyboard_input()) {
        tree_keys(ctx, view, state, actions, searching, waited);
    }
    if !walks && !ctx.egui_wants_keyboard_input() {
        shortcuts(ctx, view, state, actions);
    }
    if let Some(mut rest) = for_search {
        state.panels.bar = true;
        let before = rest.len();
        rest.retain(|event| !matches!(event, Event::Key { key: Key::Enter, pressed: true, .. }));
        if rest.len() < before {
            enter_later(ctx);
        }
        ctx.memory_mut(|memory| memory.request_focus(search_id()));
        ctx.input_mut(|input| {
            input.events.retain(|event| !matches!(event, Event::Text(_)));
            input.events.extend(rest);
        });
    }
}

/// Keys that are a letter or a digit: only while no field has the focus.
fn shortcuts(ctx: &Context, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let pressed = |modifiers: Modifiers, key: Key| ctx.input_mut(|input| input.consume_key(modifiers, key));
    if ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Text(text) if text == "?"))) {
        state.help_open = !state.help_open;
    }
    for (key, panel) in [
        (Key::Num1, &mut state.panels.tree),
        (Key::Num2, &mut state.panels.inspector),
        (Key::Num3, &mut state.panels.alarms),
        (Key::Num4, &mut state.panels.bar),
    ] {
        if pressed(Modifiers::NONE, key) {
            *panel = !*panel;
        }
    }
    if pressed(Modifiers::NONE, Key::Num5) {
        state.fleet_open = !state.fleet_open;
    }
    super::tools::keys(ctx, view, state, actions);
    super::export::keys(ctx, view, actions);
    super::viewpoints::keys(ctx, actions);
    if pressed(Modifiers::NONE, Key::L) {
        state.labels.toggle();
    }
    super::walk::keys(ctx, actions);
    if pressed(Modifiers::NONE, Key::P) {
        state.procedure.open = !state.procedure.open;
    }
    super::room::keys(ctx, view, state, actions);
    if pressed(Modifiers::NONE, Key::Home) {
        actions.push(UiAction::FitAll);
    }
    if pressed(Modifiers::NONE, Key::F) {
        actions.push(view.selected.map_or(UiAction::FitAll, UiAction::FlyTo));
    }
    if pressed(Modifiers::NONE, Key::A)
        && let InspectorView::Part(part) = &view.inspector
    {
        for rule in part.alarms.iter().filter(|rule| rule.acknowledge) {
            actions.push(UiAction::Command(Command::Acknowledge(rule.alarm)));
        }
    }
}

/// An Enter that came in one frame with the text before it: it is for what that text finds, which is known in the next.
fn enter_later(ctx: &Context) {
    ctx.data_mut(|data| data.insert_temp(waiting_enter(), true));
    ctx.request_repaint();
}

fn waiting_enter() -> Id {
    Id::new("twinscope enter")
}

/// Closes one thing, the topmost first; at last the selection. `typed`: a field had the focus.
fn escape(
    ctx: &Context,
    view: &AppView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    searching: bool,
    typed: bool,
) {
    if state.help_open {
        state.help_open = false;
    } else if searching || !state.search.is_empty() {
        state.search.clear();
        ctx.memory_mut(|memory| memory.surrender_focus(search_id()));
    } else if typed {
        // egui has let the field go: what is typed into a form stays there.
    } else if super::room::escape(state, actions) {
        // The pen is put away, or somebody is no longer followed.
    } else if state.papers.close_one() {
        // The document, or the question.
    } else if state.fleet_open {
        state.fleet_open = false;
    } else if state.walk.on {
        actions.push(UiAction::Walk(WalkAction::Leave));
    } else if super::tools::escape(state) {
        // One tool is put away.
    } else if state.tree_over && view.layout.rail {
        state.tree_over = false;
    } else if state.procedure.close_one() {
        // The question for a reason, or the panel.
    } else if state.card.part.is_some_and(|part| view.selected != Some(part)) {
        state.card.close();
    } else if view.selected.is_some() {
        actions.push(UiAction::Command(Command::Select(None)));
    }
}

/// `waited`: an Enter of the last frame is for what the search finds in this one.
fn tree_keys(
    ctx: &Context,
    view: &AppView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    searching: bool,
    waited: bool,
) {
    let pressed = |key: Key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let step = match (pressed(Key::ArrowDown), pressed(Key::ArrowUp)) {
        (true, false) => 1,
        (false, true) => -1,
        _ => 0,
    };
    if step != 0
        && let Some(TreeKey::Part(part)) = view.tree.neighbour(step)
    {
        actions.push(UiAction::Command(Command::Select(Some(part))));
    }
    let typing = ctx.input(|input| input.events.iter().any(|event| matches!(event, Event::Text(_))));
    let entered = pressed(Key::Enter) || (waited && searching);
    if entered && searching && typing {
        enter_later(ctx);
    } else if entered {
        // A row that a search keeps only because matches lie below it is no match: Enter then goes to the best one.
        let chosen = view.tree.selected.and_then(|index| view.tree.rows.get(index));
        match view.selected {
            Some(part) if chosen.is_some_and(|row| !row.context) => actions.push(UiAction::FlyTo(part)),
            _ => {
                if let Some(part) = view.tree.best().filter(|_| searching) {
                    actions.push(UiAction::Command(Command::Select(Some(part))));
                    actions.push(UiAction::FlyTo(part));
                }
            }
        }
    }
    if searching {
        return;
    }
    let row = view.tree.selected.and_then(|index| view.tree.rows.get(index));
    if let Some(row) = row.filter(|row| row.parent) {
        let toggle = (pressed(Key::ArrowLeft) && row.open) || (pressed(Key::ArrowRight) && !row.open);
        if toggle && !state.toggled.remove(&row.key) {
            state.toggled.insert(row.key);
        }
    }
}
