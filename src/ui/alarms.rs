//! The list of alarms: one line, or four rows that scroll.

use egui::{Align2, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use super::paint::{icon_button_at, mark, row_ground, text};
use super::style::{Kit, bold, colour, font, icons};
use crate::view::alarms::{AlarmRowView, AlarmsView};
use crate::view::layout::{ALARM_LINE, ALARM_ROW};
use crate::view::theme::Mark;
use crate::view::{Layout, UiAction, UiState, words};

/// The list, or its one line.
pub fn alarms_ui(
    ui: &mut Ui,
    kit: &Kit,
    view: &AlarmsView,
    layout: &Layout,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let rect = ui.max_rect();
    let one_line = layout.alarms_line;
    let head = Rect::from_min_size(rect.min, vec2(rect.width(), ALARM_LINE.min(rect.height())));
    let end = heading(ui, kit, view, layout, head, state);
    if one_line {
        if let Some(row) = view.row(0) {
            let line =
                Rect::from_min_max(pos2(end + 14.0, head.top() + 3.0), pos2(head.right() - 52.0, head.bottom() - 3.0));
            row_ui(ui, kit, &row, line, view.selected == Some(row.part), actions, hover);
        }
        return;
    }
    let body = Rect::from_min_max(head.left_bottom(), rect.max);
    if view.is_empty() {
        text(
            ui.painter(),
            body.min + vec2(16.0, 12.0),
            Align2::LEFT_TOP,
            "No alarm is active.",
            font(13.0),
            kit.faint(),
            400.0,
        );
        return;
    }
    let mut list = ui.new_child(UiBuilder::new().max_rect(body));
    list.set_clip_rect(body);
    list.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().id_salt("alarm rows").auto_shrink(false).show_rows(
        &mut list,
        ALARM_ROW,
        view.len(),
        |ui, range| {
            for index in range {
                let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ALARM_ROW), Sense::hover());
                if let Some(row) = view.row(index) {
                    row_ui(ui, kit, &row, rect, view.selected == Some(row.part), actions, hover);
                }
            }
        },
    );
}

/// The heading with its counts; returns where they end.
fn heading(ui: &mut Ui, kit: &Kit, view: &AlarmsView, layout: &Layout, head: Rect, state: &mut UiState) -> f32 {
    let one_line = layout.alarms_line;
    let painter = ui.painter().clone();
    let y = head.center().y;
    let title =
        text(&painter, pos2(head.left() + 16.0, y), Align2::LEFT_CENTER, "Alarms", bold(13.0), kit.text(), 80.0);
    let mut x = title.right() + 16.0;
    for (severity, n) in &view.counts {
        mark(&painter, kit, pos2(x + 5.0, y), 5.0, Mark::state(*severity));
        let figure =
            text(&painter, pos2(x + 15.0, y), Align2::LEFT_CENTER, &n.to_string(), font(13.0), kit.text(), 50.0);
        x = figure.right() + 12.0;
    }
    if view.counts.is_empty() {
        let said = if view.is_empty() { "none" } else { "none active" };
        x = text(&painter, pos2(x - 4.0, y), Align2::LEFT_CENTER, said, font(13.0), kit.faint(), 90.0).right() + 12.0;
    }
    if view.unacknowledged > 0 && !one_line {
        let said = format!("{} to acknowledge", words::count(view.unacknowledged as u64));
        x = text(&painter, pos2(x + 4.0, y), Align2::LEFT_CENTER, &said, font(12.0), kit.quiet(), 160.0).right();
    }
    let toggle = Rect::from_center_size(pos2(head.right() - 27.0, y), vec2(30.0, 26.0));
    let response = ui.interact(toggle, ui.id().with("toggle"), Sense::click());
    let (sign, tooltip) =
        if one_line { (icon::CARET_UP, "Open the list") } else { (icon::CARET_DOWN, "Fold the list") };
    if icon_button_at(ui, kit, toggle, response, sign, tooltip, false).clicked() {
        let open = if layout.compact { &mut state.alarms_over } else { &mut state.alarms_open };
        *open = one_line;
    }
    x
}

fn row_ui(
    ui: &mut Ui,
    kit: &Kit,
    row: &AlarmRowView,
    rect: Rect,
    selected: bool,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let response = ui.interact(rect, ui.id().with(("alarm", row.alarm)), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(
            WidgetType::SelectableLabel,
            true,
            selected,
            format!("{} {}: {}", row.mark.severity.word(), row.part_name, row.what),
        )
    });
    row_ground(ui, kit, rect, response.hovered(), selected);
    let painter = ui.painter().clone();
    let y = rect.center().y;
    let width = rect.width();
    let over = !row.active;
    let strong = if over { kit.faint() } else { kit.text() };
    let quiet = if over { kit.faint() } else { kit.quiet() };
    let mut x = rect.left() + 16.0;
    mark(&painter, kit, pos2(x + 6.0, y), 5.4, row.mark);
    x += 24.0;
    // Columns give way from the right as the row gets narrower.
    let wide = width > 1500.0;
    let severity = if over { "over" } else { row.mark.severity.word() };
    let tint = if over { kit.faint() } else { colour(kit.theme.state_text(row.mark.severity)) };
    let mut column = |said: &str, w: f32, font: egui::FontId, tint: egui::Color32| {
        text(&painter, pos2(x, y), Align2::LEFT_CENTER, said, font, tint, w - 12.0);
        x += w;
    };
    column(severity, 66.0, font(13.0), tint);
    column(&row.since, 104.0, font(13.0), quiet);
    column(&row.age, 62.0, font(12.0), quiet);
    let part = (width * 0.15).clamp(130.0, 260.0);
    column(&row.part_name, part, font(14.0), strong);
    if width > 900.0 {
        column(&row.asset_name, (width * 0.09).clamp(70.0, 160.0), font(12.0), quiet);
    }
    let what = (width * 0.22).clamp(180.0, 380.0);
    column(&row.what, what, font(13.0), strong);
    let value_end = x + 76.0;
    text(&painter, pos2(value_end, y), Align2::RIGHT_CENTER, &row.value, bold(13.0), strong, 84.0);
    x = value_end + 28.0;

    let button = Rect::from_min_max(
        pos2(rect.right() - 132.0, rect.top() + 2.0),
        pos2(rect.right() - 14.0, rect.bottom() - 2.0),
    );
    if wide || button.left() - x > 160.0 {
        text(
            &painter,
            pos2(x, y),
            Align2::LEFT_CENTER,
            &row.response,
            font(12.0),
            kit.quiet(),
            button.left() - x - 16.0,
        );
    }
    if row.acknowledged {
        let at = pos2(button.right() - 12.0, y);
        text(&painter, at, Align2::RIGHT_CENTER, "acknowledged", font(12.0), kit.faint(), 110.0);
    } else {
        acknowledge(ui, kit, row, button, actions);
    }
    if response.hovered() {
        *hover = Some(row.part);
    }
    if response.clicked() {
        actions.push(UiAction::Command(Command::Select(Some(row.part))));
        actions.push(UiAction::FlyTo(row.part));
    }
    if response.hovered() && !row.response.is_empty() {
        response.on_hover_text_at_pointer(&row.response);
    }
}

fn acknowledge(ui: &mut Ui, kit: &Kit, row: &AlarmRowView, rect: Rect, actions: &mut Vec<UiAction>) {
    let press = ui.interact(rect, ui.id().with(("acknowledge", row.alarm)), Sense::click());
    press.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("Acknowledge {}", row.part_name)));
    let hover = press.hovered() || press.has_focus();
    let fill = if hover { kit.line() } else { kit.raised() };
    ui.painter().rect(rect, 6, fill, Stroke::new(1.0, kit.line()), egui::StrokeKind::Inside);
    let tint = if hover { kit.text() } else { kit.quiet() };
    ui.painter().text(pos2(rect.left() + 16.0, rect.center().y), Align2::CENTER_CENTER, icon::CHECK, icons(13.0), tint);
    text(
        ui.painter(),
        pos2(rect.left() + 27.0, rect.center().y),
        Align2::LEFT_CENTER,
        "Acknowledge",
        font(13.0),
        tint,
        100.0,
    );
    if press.clicked() {
        actions.push(UiAction::Command(Command::Acknowledge(row.alarm)));
    }
}
