//! The what-if panel: levers down the left, the baseline and up to three plans side by side, their lives on one axis, and
//! their lines in one chart. It takes the lower part of the scene, so that the machine stays in sight.

use egui::{Align2, Color32, Id, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use super::paint::{icon_button_at, line, paragraph, text, word_button};
use super::style::{Kit, bold, font};
use super::{chart, fields, spread};
use crate::view::what_if::{Answer, ColumnView, LeverView, WhatIfView};
use crate::view::{UiAction, UiState};

/// Height of the panel in a window that has room.
const HEIGHT: f32 = 306.0;

/// Width of a lever's place in words.
const SAID: f32 = 50.0;

/// Narrowest column beside which the chart still stands.
const NARROW: f32 = 150.0;

/// Width of the column of levers.
const NAMES: f32 = 132.0;

/// The panel at the lower edge of the free rectangle; its upper edge.
pub fn what_if_ui(
    ctx: &egui::Context,
    kit: &Kit,
    view: &WhatIfView,
    free: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> f32 {
    // The machine keeps at least as much room.
    let height = HEIGHT.min(free.height() * 0.55);
    let rect = Rect::from_min_max(pos2(free.left(), free.bottom() - height), free.max);
    if rect.width() < 200.0 || rect.height() < 120.0 {
        return free.bottom();
    }
    super::panel(ctx, "what if", rect, egui::Order::Middle, kit.panel(), |ui| {
        ui.painter().hline(rect.x_range(), rect.top() + 0.5, kit.hairline());
        head(ui, kit, view, rect, state, actions);
        let body = Rect::from_min_max(rect.min + vec2(16.0, 46.0), rect.max - vec2(16.0, 12.0));
        let wanted = (body.width() * 0.32).min(420.0);
        let columns = view.columns.len().max(1) as f32;
        let room = (body.width() - wanted - 20.0 - NAMES) / columns;
        let chart_width = if view.fan.is_some() && room > NARROW { wanted } else { 0.0 };
        let table = Rect::from_min_max(
            body.min,
            pos2(body.right() - chart_width - if chart_width > 0.0 { 20.0 } else { 0.0 }, body.bottom()),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(table));
        child.set_clip_rect(table.intersect(ui.clip_rect()));
        ScrollArea::vertical().id_salt("what if rows").auto_shrink(false).show(&mut child, |ui| {
            table_ui(ui, kit, view, state);
        });
        if let Some(fan) = view.fan.as_ref().filter(|_| chart_width > 0.0) {
            let place = Rect::from_min_max(pos2(body.right() - chart_width, body.top()), body.max);
            let mut child = ui.new_child(UiBuilder::new().max_rect(place));
            chart::fan_ui(&mut child, kit, fan, false, place.height());
        }
    });
    rect.top()
}

fn head(ui: &mut Ui, kit: &Kit, view: &WhatIfView, rect: Rect, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let y = rect.top() + 24.0;
    let close = Rect::from_center_size(pos2(rect.right() - 26.0, y), vec2(28.0, 26.0));
    let press = ui.interact(close, ui.id().with("close what if"), Sense::click());
    if icon_button_at(ui, kit, close, press, icon::X, "Close what if, and withdraw its plans", false).clicked() {
        close_all(state, actions);
    }
    let title =
        text(ui.painter(), pos2(rect.left() + 16.0, y), Align2::LEFT_CENTER, "What if", bold(16.0), kit.text(), 90.0);
    let said = format!("{} · asks {}", view.title, view.model);
    let add = Rect::from_min_max(pos2(close.left() - 140.0, y - 14.0), pos2(close.left() - 8.0, y + 14.0));
    let room = add.left() - title.right() - 24.0;
    text(ui.painter(), pos2(title.right() + 12.0, y + 1.0), Align2::LEFT_CENTER, &said, font(12.0), kit.quiet(), room);
    if view.can_add && view.refused.is_none() {
        let mut child =
            ui.new_child(UiBuilder::new().max_rect(add).layout(egui::Layout::right_to_left(egui::Align::Center)));
        if word_button(&mut child, kit, icon::PLUS, "Add a plan", true).clicked()
            && let Some(asked) = &mut state.what_if
        {
            asked.add();
        }
    }
}

/// Closes the panel and withdraws its plans.
pub fn close_all(state: &mut UiState, actions: &mut Vec<UiAction>) {
    if let Some(mut asked) = state.what_if.take() {
        actions.extend(asked.close_all().into_iter().map(UiAction::Command));
    }
}

fn table_ui(ui: &mut Ui, kit: &Kit, view: &WhatIfView, state: &mut UiState) {
    if let Some(refused) = view.refused {
        paragraph(ui, refused, font(13.0), kit.text());
        ui.add_space(4.0);
    }
    let enabled = view.refused.is_none();
    ui.spacing_mut().item_spacing.y = 2.0;
    let width = ui.available_width();
    let columns = view.columns.len().max(1) as f32;
    let column = ((width - NAMES) / columns).max(96.0);
    let start = ui.max_rect().left();
    let at = |index: usize, top: f32, height: f32| {
        let left = start + NAMES + index as f32 * column;
        Rect::from_min_size(pos2(left + 8.0, top), vec2(column - 16.0, height))
    };
    // Names of the columns.
    let row = next_row(ui, 26.0);
    for (index, view) in view.columns.iter().enumerate() {
        column_head(ui, kit, view, at(index, row.top(), row.height()), state);
    }
    for (index, lever) in view.levers.iter().enumerate() {
        let row = next_row(ui, 26.0);
        let name = if lever.unit.is_empty() { lever.title.clone() } else { format!("{}, {}", lever.title, lever.unit) };
        let galley = super::paint::wrapped(ui.painter(), &name, font(12.0), kit.quiet(), NAMES - 8.0);
        ui.painter().galley(pos2(row.left(), row.center().y - galley.size().y / 2.0), galley, kit.quiet());
        for (at_column, column) in view.columns.iter().enumerate() {
            let place = column.places.get(index).copied().unwrap_or(lever.neutral);
            lever_ui(ui, kit, lever, column, place, at(at_column, row.top(), row.height()), enabled, state);
        }
    }
    if view.more_levers > 0 {
        paragraph(ui, &format!("{} more levers are not shown", view.more_levers), font(12.0), kit.faint());
    }
    // What comes of it.
    ui.add_space(6.0);
    let row = next_row(ui, if column < 190.0 { 156.0 } else { 124.0 });
    text(
        ui.painter(),
        row.min + vec2(0.0, 8.0),
        Align2::LEFT_TOP,
        "Remaining life",
        font(12.0),
        kit.quiet(),
        NAMES - 8.0,
    );
    for (index, column) in view.columns.iter().enumerate() {
        outcome(ui, kit, column, &view.ticks, at(index, row.top(), row.height()));
    }
}

fn next_row(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover()).0
}

fn column_head(ui: &mut Ui, kit: &Kit, column: &ColumnView, rect: Rect, state: &mut UiState) {
    text(
        ui.painter(),
        rect.left_center(),
        Align2::LEFT_CENTER,
        &column.name,
        bold(13.0),
        kit.text(),
        rect.width() - 60.0,
    );
    let Some(plan) = column.plan else { return };
    let mut right = rect.right() - 13.0;
    let close = Rect::from_center_size(pos2(right, rect.center().y), vec2(24.0, 22.0));
    let press = ui.interact(close, Id::new(("close plan", plan)), Sense::click());
    let tooltip = format!("Withdraw plan {}", column.name);
    if icon_button_at(ui, kit, close, press, icon::X, &tooltip, false).clicked()
        && let Some(asked) = &mut state.what_if
        && let Some(command) = asked.close(plan)
    {
        state.withdrawn.push(command);
    }
    right -= 26.0;
    let show = Rect::from_center_size(pos2(right, rect.center().y), vec2(24.0, 22.0));
    let press = ui.interact(show, Id::new(("show plan", plan)), Sense::click());
    let tooltip = format!("Show the lives of plan {} on the parts", column.name);
    if icon_button_at(ui, kit, show, press, icon::EYE, &tooltip, column.shown).clicked()
        && let Some(asked) = &mut state.what_if
    {
        asked.shown = if column.shown { None } else { Some(plan) };
    }
}

fn lever_ui(
    ui: &mut Ui,
    kit: &Kit,
    lever: &LeverView,
    column: &ColumnView,
    place: f64,
    rect: Rect,
    enabled: bool,
    state: &mut UiState,
) {
    let changed = place != lever.neutral;
    let Some(plan) = column.plan else {
        text(
            ui.painter(),
            rect.left_center(),
            Align2::LEFT_CENTER,
            &lever.said(place),
            font(12.0),
            kit.faint(),
            rect.width(),
        );
        return;
    };
    let label = format!("{}, plan {}", lever.title, column.name);
    let said = lever.said(place);
    let tint = if changed { kit.text() } else { kit.quiet() };
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect).id_salt(("lever", &lever.id, plan)));
    child.spacing_mut().item_spacing = vec2(6.0, 0.0);
    let value = if lever.switch {
        let mut put = None;
        child.horizontal_centered(|ui| {
            if fields::switch(ui, kit, &label, place >= 0.5, enabled) {
                put = Some(if place >= 0.5 { 0.0 } else { 1.0 });
            }
            let galley = line(ui.painter(), &said, font(12.0), tint, 60.0);
            let (rect, _) = ui.allocate_exact_size(galley.size(), Sense::hover());
            ui.painter().galley(rect.min, galley, tint);
        });
        put
    } else {
        let room = rect.width().min(SAID);
        text(child.painter(), rect.left_center(), Align2::LEFT_CENTER, &said, font(12.0), tint, room);
        let place_of = Rect::from_min_max(pos2(rect.left() + room, rect.top() + 2.0), rect.max);
        let mut child = child.new_child(UiBuilder::new().max_rect(place_of));
        fields::slider(&mut child, kit, lever, &label, place, enabled)
    };
    if let (Some(value), Some(asked)) = (value, &mut state.what_if) {
        asked.put(plan, lever, value);
    }
}

fn outcome(ui: &mut Ui, kit: &Kit, column: &ColumnView, ticks: &[(f32, String)], rect: Rect) {
    let waiting = matches!(column.answer, Answer::Waiting);
    let dim = waiting || matches!(column.answer, Answer::Expired(_));
    let tint = if dim { kit.faint() } else { kit.text() };
    let painter = ui.painter().clone();
    let (figure, band) =
        column.text.split_once(" (").map_or((column.text.as_str(), ""), |(f, b)| (f, b.trim_end_matches(')')));
    let mut y = rect.top() + 4.0;
    let figure = text(&painter, pos2(rect.left(), y), Align2::LEFT_TOP, figure, bold(16.0), tint, rect.width());
    if !band.is_empty() {
        let room = rect.right() - figure.right() - 8.0;
        // Beside the figure where there is room for it whole, else below.
        let wide = line(&painter, band, font(12.0), tint, f32::INFINITY).size().x <= room;
        let at = if wide {
            pos2(figure.right() + 8.0, figure.bottom() - 2.0)
        } else {
            pos2(rect.left(), figure.bottom() + 14.0)
        };
        text(
            &painter,
            at,
            Align2::LEFT_BOTTOM,
            band,
            font(12.0),
            if dim { kit.faint() } else { kit.quiet() },
            rect.width(),
        );
        y = if wide { figure.bottom() } else { figure.bottom() + 14.0 };
    } else {
        y = figure.bottom().max(y);
    }
    if let Some(bar) = &column.bar {
        let line = Rect::from_min_max(pos2(rect.left(), y + 4.0), pos2(rect.right() - 6.0, y + 16.0));
        spread::spread_bar(&painter, kit, line, bar, if dim { spread::Belief::Doubtful } else { spread::Belief::Own });
        spread::axis(&painter, kit, line, &thinned(ticks, line.width()));
    }
    y += if column.bar.is_some() { 34.0 } else { 8.0 };
    let said = match &column.answer {
        Answer::Waiting if column.plan.is_none() => "not there".to_owned(),
        Answer::Waiting => "waiting for the answer …".to_owned(),
        Answer::Here(age) => age.clone(),
        Answer::Expired(age) => format!("expired, {age}"),
    };
    let mut lines: Vec<(&str, Color32)> = Vec::new();
    if let Some(gain) = column.gain.as_deref().filter(|_| !waiting) {
        lines.push((gain, kit.text()));
    }
    if let Some(pof) = column.pof.as_deref().filter(|_| !waiting) {
        lines.push((pof, kit.quiet()));
    }
    lines.push((&said, kit.faint()));
    for (said, tint) in lines {
        let galley = super::paint::wrapped(&painter, said, font(12.0), tint, rect.width());
        let height = galley.size().y;
        painter.galley(pos2(rect.left(), y), galley, tint);
        y += height + 2.0;
    }
    let response = ui.interact(rect, Id::new(("outcome", &column.name)), Sense::hover());
    response.widget_info(|| {
        let gain = column.gain.as_deref().filter(|_| !waiting).unwrap_or_default();
        WidgetInfo::labeled(WidgetType::Label, true, format!("{}: {} {gain} {said}", column.name, column.text))
    });
}

/// Every other figure of an axis, where it is narrow.
fn thinned(ticks: &[(f32, String)], width: f32) -> Vec<(f32, String)> {
    let step = if width < 170.0 { 2 } else { 1 };
    ticks.iter().step_by(step).cloned().collect()
}

/// Sends what has to be asked, and wakes the window for the rest.
pub fn ask(ctx: &egui::Context, state: &mut UiState, actions: &mut Vec<UiAction>) {
    if let Some(asked) = state.ask.take() {
        close_all(state, actions);
        state.what_if = Some(asked);
    }
    actions.extend(std::mem::take(&mut state.withdrawn).into_iter().map(UiAction::Command));
    let now_s = ctx.input(|input| input.time);
    let Some(asked) = &mut state.what_if else { return };
    let (commands, wait) = asked.questions(now_s);
    actions.extend(commands.into_iter().map(UiAction::Command));
    if let Some(wait) = wait {
        ctx.request_repaint_after(std::time::Duration::from_secs_f64(wait.clamp(0.001, 1.0)));
    }
}
