//! The inspector: the selected part from top to bottom, or the site when nothing is selected.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use super::paint::{badge, heading, icon_button, line, mark, middle, paragraph, row_ground, rule, text, word_button};
use super::style::{Kit, bold, colour, font, mono};
use super::{advice, life, procedure, records, signals, site, why};
use crate::view::inspector::{FaultView, HealthView, InspectorView, PartView, RuleView};
use crate::view::theme::Mark;
use crate::view::{AppView, UiAction, UiState};

/// Space between the panel's edge and its words.
const MARGIN: f32 = 16.0;

/// The inspector.
pub fn inspector_ui(
    ui: &mut Ui,
    kit: &Kit,
    view: &AppView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let rect = ui.max_rect();
    match &view.inspector {
        InspectorView::Part(part) => {
            let head = part_head(ui, kit, part, rect, state, actions);
            let body = Rect::from_min_max(pos2(rect.left(), head), rect.max);
            scroll(ui, body, ("part", part.part), |ui| part_ui(ui, kit, part, state, actions));
        }
        InspectorView::Site(site) => {
            scroll(ui, rect, ("site", PartRow(0)), |ui| site::site_ui(ui, kit, site, state, actions, hover))
        }
    }
}

/// A scrolled body with margins.
fn scroll(ui: &mut Ui, body: Rect, id: (&str, PartRow), add: impl FnOnce(&mut Ui)) {
    let mut outer = ui.new_child(UiBuilder::new().max_rect(body));
    outer.set_clip_rect(body);
    ScrollArea::vertical().id_salt(id).auto_shrink(false).show(&mut outer, |ui| {
        let inner = ui.available_rect_before_wrap();
        let inner = Rect::from_min_max(
            pos2(inner.left() + MARGIN, inner.top()),
            pos2(inner.left() + body.width() - MARGIN, inner.bottom()),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
        child.set_width(inner.width());
        add(&mut child);
        child.add_space(20.0);
        let used = child.min_rect();
        ui.advance_cursor_after_rect(Rect::from_min_max(used.min, pos2(inner.right(), used.bottom())));
    });
}

/// Name, place, state; stays on top. Returns its lower edge.
fn part_head(
    ui: &mut Ui,
    kit: &Kit,
    part: &PartView,
    rect: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) -> f32 {
    let left = rect.left() + MARGIN;
    let tools =
        Rect::from_min_max(pos2(rect.right() - 106.0, rect.top() + 11.0), pos2(rect.right() - 8.0, rect.top() + 41.0));
    let mut row =
        ui.new_child(UiBuilder::new().max_rect(tools).layout(egui::Layout::right_to_left(egui::Align::Center)));
    row.spacing_mut().item_spacing.x = 2.0;
    if icon_button(&mut row, kit, icon::X, "Close (Esc)", false).clicked() {
        actions.push(UiAction::Command(Command::Select(None)));
    }
    let (sign, tooltip) =
        if part.hidden { (icon::EYE_SLASH, "Show the part (H)") } else { (icon::EYE, "Hide the part (H)") };
    if icon_button(&mut row, kit, sign, tooltip, part.hidden).clicked() {
        state.sight.toggle_hidden(&std::collections::BTreeSet::from([part.part]));
    }
    if icon_button(&mut row, kit, icon::CROSSHAIR_SIMPLE, "Fly to the part (F)", false).clicked() {
        actions.push(UiAction::FlyTo(part.part));
    }

    let painter = ui.painter().clone();
    let top = rect.top();
    let name_room = tools.left() - left - 4.0;
    // A long name is set smaller before it is cut.
    let full = line(&painter, &part.name, bold(20.0), kit.text(), f32::INFINITY).size().x;
    let size = if full <= name_room { 20.0 } else { 16.0 };
    let name =
        text(&painter, pos2(left, top + 26.0), Align2::LEFT_CENTER, &part.name, bold(size), kit.text(), name_room);
    let sense = ui.interact(name, ui.id().with("name"), Sense::hover());
    sense.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &part.name));
    sense.on_hover_text(&part.name);
    let width = rect.width() - 2.0 * MARGIN;
    text(&painter, pos2(left, top + 49.0), Align2::LEFT_CENTER, &part.place, font(12.0), kit.quiet(), width);

    // State, in its colour, on a ground of its own.
    let strip = Rect::from_min_max(pos2(left, top + 64.0), pos2(left + width, top + 98.0));
    let tint = colour(kit.theme.state_text(part.mark.severity));
    let attention = part.mark.severity > twinscope_twin::severity::Severity::Normal;
    let ground = if attention { colour(part.mark.colour()).gamma_multiply(0.14) } else { kit.raised() };
    painter.rect_filled(strip, 6, ground);
    mark(&painter, kit, pos2(strip.left() + 18.0, strip.center().y), 7.0, part.mark);
    let word_at = pos2(strip.left() + 34.0, strip.center().y);
    let word = text(
        &painter,
        word_at,
        Align2::LEFT_CENTER,
        &part.words,
        bold(14.0),
        if attention { tint } else { kit.text() },
        width - 150.0,
    );
    let sense = ui.interact(strip, ui.id().with("state"), Sense::hover());
    sense.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &part.words));
    if let Some(since) = &part.since {
        let room = strip.right() - word.right() - 24.0;
        text(
            &painter,
            pos2(strip.right() - 12.0, strip.center().y),
            Align2::RIGHT_CENTER,
            since,
            font(12.0),
            kit.quiet(),
            room,
        );
    }
    let bottom = top + 110.0;
    painter.hline(rect.x_range(), bottom - 0.5, kit.hairline());
    bottom
}

fn part_ui(ui: &mut Ui, kit: &Kit, part: &PartView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let badges = part.badges();
    if !badges.is_empty() {
        ui.add_space(10.0);
        ui.horizontal_wrapped(|ui| {
            for b in &badges {
                badge(ui, kit, &b.text, b.warn, &b.tooltip);
            }
        });
    }
    if let Some(view) = &part.life {
        life::strip_ui(ui, kit, view);
    }
    heading(ui, kit, "Why", "");
    why::why_ui(ui, kit, &part.why);
    if let Some(below) = &part.below {
        heading(ui, kit, "With the parts below", "");
        paragraph(ui, below, font(13.0), kit.quiet());
    }
    if let Some(fault) = &part.fault {
        fault_ui(ui, kit, fault, actions);
    }
    if !part.predictions.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Predictions", "not yet true");
        life::predictions_ui(ui, kit, part, state);
    }
    if !part.advice.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "What to do", "cheapest first");
        advice::advice_ui(ui, kit, &part.advice, state, actions);
    }
    if !part.records.offers.is_empty() || !part.records.records.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Findings and work", "");
        records::records_ui(ui, kit, part.part, &part.records, state, actions);
    }
    if let Some(health) = &part.health {
        health_ui(ui, kit, health);
    }
    if !part.signals.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Values", "");
        signals::signals_ui(ui, kit, &part.signals, state);
    }
    if let Some(trend) = &part.trend {
        let right = crate::view::words::join_unit("", &trend.unit);
        heading(ui, kit, &trend.title, &format!("{}  ·  {}", right.trim(), crate::view::words::ZONE));
        ui.scope(|ui| signals::trend_ui(ui, kit, trend));
    }
    if !part.alarms.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Alarm rules", "");
        for alarm in &part.alarms {
            rule_ui(ui, kit, alarm, actions);
        }
    }
    if !part.motions.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Motion on screen", "");
        for motion in &part.motions {
            paragraph(ui, motion, font(13.0), kit.quiet());
        }
    }
    if let Some(stand_in) = &part.stand_in {
        rule(ui, kit);
        heading(ui, kit, "Stand-in model", "");
        paragraph(ui, stand_in, font(13.0), kit.quiet());
    }
    if !part.procedures.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Procedures", "");
        procedure::offers_ui(ui, kit, &part.procedures, state);
    }
    if !part.documents.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Documents", "");
        for (title, file) in &part.documents {
            if document_ui(ui, kit, title, file) {
                actions.push(UiAction::OpenDocument { part: part.part, file: file.clone() });
            }
        }
    }
}

/// What can be asked of the simulator: near the top, because that is what a demo is for.
fn fault_ui(ui: &mut Ui, kit: &Kit, fault: &FaultView, actions: &mut Vec<UiAction>) {
    rule(ui, kit);
    heading(ui, kit, "Simulation", fault.title);
    ui.horizontal(|ui| {
        let enabled = !fault.read_only;
        let broke = word_button(ui, kit, icon::HAMMER, "Break it", enabled);
        if enabled && broke.clicked() {
            actions.push(UiAction::Command(fault.inject.clone()));
        }
        let mended = word_button(ui, kit, icon::WRENCH, "Mend it", enabled);
        if enabled && mended.clicked() {
            actions.push(UiAction::Command(fault.clear.clone()));
        }
    });
    let said = if fault.read_only {
        "Read only: the simulator is not asked for anything."
    } else {
        "Asks the simulator over MQTT. The damage grows slowly; the alarms then catch it."
    };
    paragraph(ui, said, font(12.0), kit.faint());
}

fn health_ui(ui: &mut Ui, kit: &Kit, health: &HealthView) {
    rule(ui, kit);
    heading(ui, kit, "Health index", "0 % failed  ·  100 % new");
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Health {}", health.figure)));
    let tint = if health.usable && health.value.is_some() { kit.text() } else { kit.faint() };
    let painter = ui.painter();
    let figure = text(painter, rect.right_center(), Align2::RIGHT_CENTER, &health.figure, bold(20.0), tint, 110.0);
    let track = Rect::from_min_max(
        pos2(rect.left(), rect.center().y - 3.0),
        pos2((figure.left().min(rect.right() - 64.0)) - 14.0, rect.center().y + 3.0),
    );
    painter.rect_filled(track, 3, kit.raised());
    if let Some(value) = health.value {
        let filled = Rect::from_min_size(track.min, vec2(track.width() * value, track.height()));
        painter.rect_filled(filled, 3, if health.usable { kit.quiet() } else { kit.faint() });
    }
    if let Some(error) = &health.error {
        paragraph(ui, error, font(12.0), kit.quiet());
    }
    if !health.usable && health.value.is_some() {
        paragraph(ui, "from data that is not good now", font(12.0), kit.faint());
    }
    if !health.from.is_empty() {
        paragraph(ui, &health.from, mono(12.0), kit.faint());
    }
}

fn rule_ui(ui: &mut Ui, kit: &Kit, rule: &RuleView, actions: &mut Vec<UiAction>) {
    let width = ui.available_width();
    let row = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover()).0;
    let painter = ui.painter().clone();
    mark(
        &painter,
        kit,
        pos2(row.left() + 6.0, row.center().y),
        5.2,
        Mark { severity: rule.mark.severity, ..rule.mark },
    );
    let tint = if rule.active { kit.text() } else { kit.quiet() };
    let galley = line(&painter, &rule.condition, font(14.0), tint, width - 22.0);
    painter.galley(pos2(row.left() + 22.0, middle(row.center().y, &galley)), galley, tint);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        indented(ui, |ui| {
            paragraph(ui, &format!("{} · {}", rule.status, rule.settings), font(12.0), kit.quiet());
            if let Some(error) = &rule.error {
                paragraph(ui, error, font(12.0), kit.quiet());
            }
            if rule.active || rule.acknowledge {
                for (heading, said) in &rule.advice {
                    ui.add_space(2.0);
                    paragraph(ui, heading, font(12.0), kit.faint());
                    paragraph(ui, said, font(13.0), kit.text());
                }
            }
            if rule.acknowledge {
                ui.add_space(4.0);
                if word_button(ui, kit, icon::CHECK, "Acknowledge", true).clicked() {
                    actions.push(UiAction::Command(Command::Acknowledge(rule.alarm)));
                }
            }
        });
    });
    ui.add_space(6.0);
}

fn indented(ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    let rect = ui.available_rect_before_wrap();
    let inner = Rect::from_min_max(pos2(rect.left() + 22.0, rect.top()), rect.max);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
    add(&mut child);
    let used = child.min_rect();
    ui.advance_cursor_after_rect(Rect::from_min_max(pos2(rect.left(), used.top()), used.max));
}

fn document_ui(ui: &mut Ui, kit: &Kit, title: &str, file: &str) -> bool {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, title));
    row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered(), false);
    let at = pos2(rect.left() + 8.0, rect.center().y);
    ui.painter().text(at, Align2::CENTER_CENTER, icon::FILE_TEXT, super::style::icons(16.0), kit.quiet());
    text(
        ui.painter(),
        pos2(rect.left() + 24.0, rect.center().y),
        Align2::LEFT_CENTER,
        title,
        font(14.0),
        kit.accent(),
        width - 24.0,
    );
    let clicked = response.clicked();
    response.on_hover_text(file);
    clicked
}
