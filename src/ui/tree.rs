//! The tree of assets and parts, and the rail of marks that it becomes in a small window. Only rows on screen are drawn.

use std::collections::BTreeSet;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;
use twinscope_twin::quality::Quality;
use twinscope_twin::site::PartRow;

use super::paint::{icon_button, icon_button_at, mark, middle, row_ground, text, wrapped};
use super::spread::{Belief, spread_bar};
use super::style::{Kit, bold, font, icons};
use crate::view::lives::LifeView;
use crate::view::theme::Mark;
use crate::view::tree::{TreeRow, TreeView};
use crate::view::{TreeFilter, TreeKey, UiAction, UiState, words};

/// Height of a row.
const ROW: f32 = 26.0;

/// Height of a row of the rail.
const RAIL_ROW: f32 = 24.0;

/// The tree with its heading and filters.
pub fn tree_ui(
    ui: &mut Ui,
    kit: &Kit,
    tree: &TreeView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let rect = ui.max_rect();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 44.0));
    heading(ui, kit, tree, head, state);
    let mut top = head.bottom();
    if tree.matches.is_some_and(|matches| matches > 0) {
        let row = Rect::from_min_size(head.left_bottom(), vec2(rect.width(), 32.0));
        sets(ui, kit, tree, row, state, actions);
        top = row.bottom();
    }
    let body = Rect::from_min_max(pos2(rect.left(), top), rect.max);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(body));
    ui.set_clip_rect(body);
    if tree.rows.is_empty() {
        empty(&ui, kit, tree, body, state);
        return;
    }
    let hovered = state.hovered.and_then(|part| tree.row_of(part));
    let scroll_to = scroll_target(tree, state).or_else(|| follow_target(hovered, state));
    let mut area = ScrollArea::vertical().id_salt("tree rows").auto_shrink(false);
    if let Some(index) = scroll_to {
        // Into the middle, so that what is around the part is seen too.
        area = area.vertical_scroll_offset((index as f32 * ROW - body.height() / 2.0 + ROW).max(0.0));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    area.show_rows(&mut ui, ROW, tree.rows.len(), |ui, range| {
        let first = range.start;
        for (at, row) in tree.rows.get(range).unwrap_or(&[]).iter().enumerate() {
            let marked = hovered.filter(|(row, _)| *row == first + at);
            row_ui(ui, kit, tree, row, marked.map(|(_, own)| own), state, actions, hover);
        }
    });
}

/// What is done with the parts that were found: the selection becomes them, grows by them, loses them, or keeps them only.
fn sets(ui: &mut Ui, kit: &Kit, tree: &TreeView, row: Rect, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let said = row.left_center() + vec2(16.0, 0.0);
    text(ui.painter(), said, Align2::LEFT_CENTER, "Selection", font(12.0), kit.quiet(), 90.0);
    let selected = tree.selected_part();
    let mut right = row.right() - 10.0;
    let ways: [(&str, &str, SetWay); 4] = [
        (icon::INTERSECT, "Keep only the matches selected", |have, found| have.intersection(&found).copied().collect()),
        (icon::SUBTRACT, "Take the matches out of the selection", |have, found| &have - &found),
        (icon::UNITE, "Add the matches to the selection", |have, found| &have | &found),
        (icon::SELECTION_ALL, "Select the matches", |_, found| found),
    ];
    for (sign, tooltip, way) in ways {
        let rect = Rect::from_center_size(pos2(right - 14.0, row.center().y), vec2(28.0, 26.0));
        let response = ui.interact(rect, ui.id().with(("set", tooltip)), Sense::click());
        if icon_button_at(ui, kit, rect, response, sign, tooltip, false).clicked() {
            let parts = way(state.sight.subjects(selected), tree.found());
            let next = state.choose_all(parts, selected);
            state.scrolled = next;
            actions.push(UiAction::Command(Command::Select(next)));
        }
        right -= 30.0;
    }
}

/// What a selection becomes with the parts that were found.
type SetWay = fn(BTreeSet<PartRow>, BTreeSet<PartRow>) -> BTreeSet<PartRow>;

/// The row to scroll to: the selected part, once, when it was selected elsewhere or with the keys.
fn scroll_target(tree: &TreeView, state: &mut UiState) -> Option<usize> {
    if std::mem::replace(&mut state.searched, tree.matches.is_some()) && tree.matches.is_none() {
        // The rows are others than those that it scrolled to.
        state.scrolled = None;
    }
    let index = tree.selected?;
    let TreeKey::Part(part) = tree.rows.get(index)?.key else { return None };
    if state.scrolled == Some(part) {
        return None;
    }
    state.scrolled = Some(part);
    Some(index)
}

/// The row to scroll to for the pointer in the scene, where that is wanted: once for each part.
fn follow_target(hovered: Option<(usize, bool)>, state: &mut UiState) -> Option<usize> {
    let in_scene = state.hovered.filter(|_| state.tree_follows && state.panel_hover.is_none());
    if in_scene == state.followed || in_scene.is_none() {
        return None;
    }
    state.followed = in_scene;
    hovered.map(|(row, _)| row)
}

fn heading(ui: &mut Ui, kit: &Kit, tree: &TreeView, head: Rect, state: &mut UiState) {
    let title = match tree.matches {
        Some(n) => words::plural(n as u64, "match", "matches"),
        None => "Parts".to_owned(),
    };
    text(
        ui.painter(),
        head.left_center() + vec2(16.0, 1.0),
        Align2::LEFT_CENTER,
        &title,
        bold(13.0),
        kit.text(),
        120.0,
    );
    let mut right = pos2(head.right() - 10.0, head.center().y + 1.0);
    let tooltip_all = "Show all parts";
    for (filter, sign, tooltip) in [
        (TreeFilter::Unknown, icon::QUESTION, "Only parts whose data is stale, bad or missing"),
        (TreeFilter::Alarms, icon::BELL, "Only parts with an alarm"),
    ] {
        let on = state.filter == filter;
        let rect = Rect::from_center_size(right - vec2(14.0, 0.0), vec2(28.0, 26.0));
        let response = ui.interact(rect, ui.id().with(("filter", tooltip)), Sense::click());
        let said = if on { tooltip_all } else { tooltip };
        if icon_button_at(ui, kit, rect, response, sign, said, on).clicked() {
            state.filter = if on { TreeFilter::All } else { filter };
        }
        right.x -= 30.0;
    }
    let rect = Rect::from_center_size(right - vec2(14.0, 0.0), vec2(28.0, 26.0));
    let response = ui.interact(rect, ui.id().with("follow"), Sense::click());
    let tooltip = "Scroll to what the pointer is over in the scene";
    if icon_button_at(ui, kit, rect, response, icon::CURSOR, tooltip, state.tree_follows).clicked() {
        state.tree_follows = !state.tree_follows;
    }
}

fn empty(ui: &Ui, kit: &Kit, tree: &TreeView, body: Rect, state: &UiState) {
    let said = match (state.search.is_empty(), state.filter) {
        (false, _) => "No part has this name",
        (true, TreeFilter::Alarms) => "No part has an alarm",
        (true, TreeFilter::Unknown) => "Everything measured is known",
        (true, TreeFilter::All) => "This site has no parts",
    };
    let said = tree.problem.as_deref().unwrap_or(said);
    let galley = wrapped(ui.painter(), said, font(13.0), kit.quiet(), body.width() - 32.0);
    ui.painter().galley(body.min + vec2(16.0, 14.0), galley, kit.quiet());
}

fn row_ui(
    ui: &mut Ui,
    kit: &Kit,
    tree: &TreeView,
    row: &TreeRow,
    marked: Option<bool>,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    let (part, asset) = match row.key {
        TreeKey::Part(part) => (Some(part), None),
        TreeKey::Asset(asset) => (None, Some(asset)),
    };
    let selected = part.is_some() && tree.selected.and_then(|i| tree.rows.get(i)).is_some_and(|r| r.key == row.key);
    let label = tree.label(row);
    response.widget_info(|| WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, label.name));
    // What the pointer is over in the scene; a dashed line where it is in this closed branch.
    row_ground(ui, kit, rect, response.hovered() || marked == Some(true), selected);
    if marked == Some(false) {
        let line = [rect.left_bottom() + vec2(8.0, -1.5), rect.right_bottom() + vec2(-8.0, -1.5)];
        ui.painter().extend(egui::Shape::dashed_line(&line, Stroke::new(1.0, kit.quiet()), 3.0, 3.0));
    }

    let painter = ui.painter();
    let mut x = rect.left() + 10.0 + f32::from(row.depth) * 14.0;
    let caret = Rect::from_center_size(pos2(x + 5.0, rect.center().y), vec2(18.0, ROW));
    if row.parent {
        let sign = if row.open { icon::CARET_DOWN } else { icon::CARET_RIGHT };
        painter.text(caret.center(), Align2::CENTER_CENTER, sign, icons(11.0), kit.faint());
    }
    x += 20.0;
    mark(painter, kit, pos2(x, rect.center().y), 5.0, row.mark);
    x += 13.0;

    let mut right = rect.right() - 14.0;
    if let Some(asset) = asset.filter(|_| row.removable) {
        let button = Rect::from_center_size(pos2(right - 5.0, rect.center().y), vec2(24.0, ROW - 2.0));
        let sense = ui.interact(button, ui.id().with(("remove", asset)), Sense::click());
        let tooltip = "Remove the model (drop its file to have it back)";
        if icon_button_at(ui, kit, button, sense, icon::TRASH, tooltip, false).clicked() {
            actions.push(UiAction::Command(Command::Remove(asset)));
        }
        right -= 24.0;
    }
    if row.hidden {
        painter.text(
            pos2(right - 6.0, rect.center().y),
            Align2::CENTER_CENTER,
            icon::EYE_SLASH,
            icons(13.0),
            kit.faint(),
        );
        right -= 20.0;
    }
    if row.unknown > 0 {
        let figure = pos2(right, rect.center().y);
        let box_ = text(painter, figure, Align2::RIGHT_CENTER, &row.unknown.to_string(), font(12.0), kit.faint(), 40.0);
        mark(painter, kit, pos2(box_.left() - 8.0, rect.center().y), 4.0, Mark::quality(Quality::NoData));
        right = box_.left() - 18.0;
    }
    if let Some(worst) = row.worst_below {
        mark(painter, kit, pos2(right - 5.0, rect.center().y), 4.2, Mark::state(worst));
        right -= 16.0;
    }
    let room = right - x;
    if let Some(life) = tree.life(row).filter(|_| room > 110.0) {
        right = life_ui(painter, kit, &life, pos2(right, rect.center().y), room > 170.0) - 8.0;
    }
    let tint = match (part.is_none(), row.context || row.hidden) {
        (_, true) => kit.faint(),
        (true, false) => kit.text(),
        (false, false) if selected => kit.text(),
        (false, false) => kit.text().gamma_multiply(0.88),
    };
    let font_id = if part.is_none() { bold(13.0) } else { font(14.0) };
    let mut job = LayoutJob::default();
    let plain = TextFormat::simple(font_id.clone(), tint);
    match label
        .highlight
        .and_then(|r| Some((label.name.get(..r.start)?, label.name.get(r.clone())?, label.name.get(r.end..)?)))
    {
        Some((before, found, after)) => {
            let mut marked = TextFormat::simple(font_id, kit.text());
            marked.background = kit.accent().gamma_multiply(0.30);
            job.append(before, 0.0, plain.clone());
            job.append(found, 0.0, marked);
            job.append(after, 0.0, plain);
        }
        None => job.append(label.name, 0.0, plain),
    }
    job.wrap =
        TextWrapping { max_width: (right - x).max(10.0), max_rows: 1, break_anywhere: true, ..Default::default() };
    let galley = painter.layout_job(job);
    painter.galley(pos2(x, middle(rect.center().y, &galley)), galley, tint);

    if let Some(part) = part
        && response.hovered()
    {
        *hover = Some(part);
    }
    if response.clicked() {
        let on_caret = row.parent && response.interact_pointer_pos().is_some_and(|p| caret.expand(2.0).contains(p));
        match part {
            Some(part) if !on_caret => {
                state.scrolled = Some(part);
                let more = ui.input(|input| input.modifiers.command);
                let selected = state.choose(part, tree.selected_part(), more);
                actions.push(UiAction::Command(Command::Select(selected)));
            }
            _ => {
                if !state.toggled.remove(&row.key) {
                    state.toggled.insert(row.key);
                }
            }
        }
    }
    if response.double_clicked()
        && let Some(part) = part
    {
        actions.push(UiAction::FlyTo(part));
    }
    if response.hovered() {
        response.on_hover_text(tree.describe(row));
    }
}

/// A remaining life: its bar, below its band in words where there is room; the left edge.
fn life_ui(painter: &egui::Painter, kit: &Kit, life: &LifeView, right: egui::Pos2, words: bool) -> f32 {
    let mut left = right.x - 44.0;
    let mut y = right.y;
    if words {
        let tint = if life.usable() { kit.quiet() } else { kit.faint() };
        let said = if life.expired { format!("was {}", life.brief) } else { life.brief.clone() };
        let at = text(painter, right - vec2(0.0, 4.0), Align2::RIGHT_CENTER, &said, font(11.0), tint, 84.0);
        left = left.min(at.left());
        y += 7.0;
    }
    if let Some(bar) = &life.bar {
        let place = Rect::from_min_max(pos2(left, y - 4.0), pos2(right.x - 5.0, y + 4.0));
        spread_bar(painter, kit, place, bar, Belief::of(life));
    }
    left
}

/// The tree as a rail of marks, with a button that opens it over the scene.
pub fn rail_ui(
    ui: &mut Ui,
    kit: &Kit,
    tree: &TreeView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let rect = ui.max_rect();
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), 44.0));
    let mut top = ui.new_child(UiBuilder::new().max_rect(head.shrink2(vec2(9.0, 8.0))));
    if icon_button(&mut top, kit, icon::TREE_STRUCTURE, "Open the tree", state.tree_over).clicked() {
        state.tree_over = !state.tree_over;
    }
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    let mut ui = ui.new_child(UiBuilder::new().max_rect(body));
    ui.set_clip_rect(body);
    ui.spacing_mut().item_spacing.y = 0.0;
    let scroll_to = if state.tree_over { None } else { scroll_target(tree, state) };
    let mut area = ScrollArea::vertical().id_salt("rail rows").auto_shrink(false);
    if let Some(index) = scroll_to {
        area = area.vertical_scroll_offset((index as f32 * RAIL_ROW - body.height() / 2.0).max(0.0));
    }
    area.show_rows(&mut ui, RAIL_ROW, tree.rows.len(), |ui, range| {
        for (index, row) in tree.rows.iter().enumerate().take(range.end).skip(range.start) {
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), RAIL_ROW), Sense::click());
            let selected = tree.selected == Some(index);
            response.widget_info(|| {
                WidgetInfo::selected(WidgetType::SelectableLabel, true, selected, tree.label(row).name)
            });
            let part = match row.key {
                TreeKey::Part(part) => Some(part),
                TreeKey::Asset(_) => None,
            };
            row_ground(ui, kit, rect, response.hovered() || (part.is_some() && part == state.hovered), selected);
            if part.is_none() {
                let frame = Rect::from_center_size(rect.center(), vec2(18.0, 18.0));
                ui.painter().rect_stroke(frame, 4, Stroke::new(1.0, kit.faint()), StrokeKind::Inside);
            }
            mark(ui.painter(), kit, rect.center(), 4.6, row.mark);
            if let Some(part) = part {
                if response.hovered() {
                    *hover = Some(part);
                }
                if response.clicked() {
                    state.scrolled = Some(part);
                    actions.push(UiAction::Command(Command::Select(Some(part))));
                }
                if response.double_clicked() {
                    actions.push(UiAction::FlyTo(part));
                }
            }
            if response.hovered() {
                response.on_hover_text(tree.describe(row));
            }
        }
    });
}
