//! The procedure panel, in the place of the inspector: what can be begun, the step at hand, and the arrow that leads to
//! its part.

use egui::{
    Align2, Id, LayerId, Order, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo,
    WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use twinscope_twin::command::{Command, ProcedureCommand};
use twinscope_twin::site::AssetRow;

use super::document::scroll;
use super::fields::text_field;
use super::markdown::markdown_ui;
use super::paint::{heading, icon_button_at, line, mark, middle, paragraph, row_ground, rule, text, word_button};
use super::style::{Kit, bold, colour, font, icons, mono};
use crate::view::procedure::{
    Asking, BeforeView, ConditionView, Lead, Page, ProcedureView, RunView, Stand, StepLine, StepView, reasoned, resume,
    start,
};
use crate::view::theme::severity_colour;
use crate::view::{UiAction, UiState, words};

/// Space between the panel's edge and its words.
const MARGIN: f32 = 16.0;

/// The panel.
pub fn procedure_ui(ui: &mut Ui, kit: &Kit, view: &ProcedureView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let rect = ui.max_rect();
    let (title, summary) = match &view.page {
        Page::List(_) => ("Procedures", String::new()),
        Page::Before(before) => (before.title.as_str(), before.summary.clone()),
        Page::Run(run) => (run.title.as_str(), run.summary.clone()),
    };
    let top = head(ui, kit, (title, &summary), rect, state);
    match &view.page {
        Page::List(offers) => {
            let body = Rect::from_min_max(pos2(rect.left(), top), rect.max);
            scroll(ui, body, MARGIN, "procedures", |ui| list_ui(ui, kit, offers, state));
        }
        Page::Before(before) => {
            let foot = rect.bottom() - 132.0;
            let body = Rect::from_min_max(pos2(rect.left(), top), pos2(rect.right(), foot));
            scroll(ui, body, MARGIN, &before.id, |ui| before_ui(ui, kit, before));
            let foot = Rect::from_min_max(pos2(rect.left(), foot), rect.max);
            foot_of_before(ui, kit, view, before, foot, state, actions);
        }
        Page::Run(run) => {
            run_ui(ui, kit, view, run, Rect::from_min_max(pos2(rect.left(), top), rect.max), state, actions)
        }
    }
}

/// Title and summary; stays on top. Returns its lower edge.
fn head(ui: &mut Ui, kit: &Kit, (title, summary): (&str, &str), rect: Rect, state: &mut UiState) -> f32 {
    let close = Rect::from_center_size(pos2(rect.right() - 24.0, rect.top() + 26.0), vec2(30.0, 28.0));
    let press = ui.interact(close, ui.id().with("close procedure"), Sense::click());
    if icon_button_at(ui, kit, close, press, icon::X, "Back to the inspector (P)", false).clicked() {
        state.procedure.open = false;
    }
    let left = rect.left() + MARGIN;
    let room = close.left() - left - 8.0;
    let full = line(ui.painter(), title, bold(20.0), kit.text(), f32::INFINITY).size().x;
    let size = if full <= room { 20.0 } else { 16.0 };
    let at = pos2(left, rect.top() + 26.0);
    let name = text(ui.painter(), at, Align2::LEFT_CENTER, title, bold(size), kit.text(), room);
    ui.interact(name, ui.id().with("title"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, title));
    let at = pos2(left, rect.top() + 49.0);
    let said =
        text(ui.painter(), at, Align2::LEFT_CENTER, summary, font(12.0), kit.quiet(), rect.width() - 2.0 * MARGIN);
    ui.interact(said, ui.id().with("summary"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, summary));
    rect.top() + 64.0
}

fn list_ui(ui: &mut Ui, kit: &Kit, offers: &[(AssetRow, String, String, String)], state: &mut UiState) {
    if offers.is_empty() {
        paragraph(ui, "The types of this site name no procedures.", font(13.0), kit.quiet());
        return;
    }
    offers_ui(ui, kit, offers, state);
}

/// What can be begun, one row each; the inspector has them too.
pub fn offers_ui(ui: &mut Ui, kit: &Kit, offers: &[(AssetRow, String, String, String)], state: &mut UiState) {
    for (asset, id, title, summary) in offers {
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 42.0), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, title));
        row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered() || response.has_focus(), false);
        let at = pos2(rect.left() + 8.0, rect.center().y);
        ui.painter().text(at, Align2::CENTER_CENTER, icon::LIST_CHECKS, icons(17.0), kit.quiet());
        let room = rect.width() - 28.0;
        let left = rect.left() + 26.0;
        let upper = pos2(left, rect.center().y - 9.0);
        text(ui.painter(), upper, Align2::LEFT_CENTER, title, font(14.0), kit.accent(), room);
        let lower = pos2(left, rect.center().y + 9.0);
        text(ui.painter(), lower, Align2::LEFT_CENTER, summary, font(12.0), kit.quiet(), room);
        if response.clicked() {
            state.procedure.open = true;
            state.procedure.chosen = Some((*asset, id.clone()));
        }
    }
}

fn before_ui(ui: &mut Ui, kit: &Kit, before: &BeforeView) {
    markdown_ui(ui, kit, &before.intro, &before.file);
    if !before.notes.blocks.is_empty() {
        rule(ui, kit);
        markdown_ui(ui, kit, &before.notes, &before.file);
    }
}

/// Who, and the button that begins.
fn foot_of_before(
    ui: &mut Ui,
    kit: &Kit,
    view: &ProcedureView,
    before: &BeforeView,
    rect: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, kit.hairline());
    let mut child = ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(MARGIN, 12.0))));
    let ui = &mut child;
    if let Some(refused) = view.refused {
        paragraph(ui, refused, font(13.0), kit.text());
        return;
    }
    let width = ui.available_width();
    text_field(ui, kit, "Your name", "Your name", &mut state.procedure.by, width);
    ui.horizontal(|ui| {
        let ready = !state.procedure.by.trim().is_empty();
        if let Some((unfinished, _)) = &before.unfinished
            && word_button(ui, kit, icon::PLAY, "Go on", ready).clicked()
            && ready
        {
            actions.push(UiAction::Command(resume(unfinished, &state.procedure)));
        }
        let (sign, begin) = if before.unfinished.is_some() { ("", "Begin anew") } else { (icon::PLAY, "Begin") };
        if word_button(ui, kit, sign, begin, ready).clicked() && ready {
            actions.push(UiAction::Command(start(before, &state.procedure)));
        }
        if word_button(ui, kit, "", "Back", true).clicked() {
            state.procedure.chosen = None;
            state.procedure.open = false;
        }
    });
    let told = before.unfinished.as_ref().map_or(before.kept.as_str(), |(_, said)| said);
    let said = view.last_refusal.as_deref().unwrap_or(told);
    let matters = view.last_refusal.is_some() || before.unfinished.is_some();
    paragraph(ui, said, font(12.0), if matters { kit.text() } else { kit.faint() });
}

fn run_ui(
    ui: &mut Ui,
    kit: &Kit,
    view: &ProcedureView,
    run: &RunView,
    rect: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let strip = Rect::from_min_size(pos2(rect.left() + MARGIN, rect.top()), vec2(rect.width() - 2.0 * MARGIN, 14.0));
    steps_strip(ui, kit, run, strip, actions);
    let top = rect.top() + 22.0;
    ui.painter().hline(rect.x_range(), top, kit.hairline());
    let asking = state.procedure.asking.is_some();
    let foot_height = match (&run.step, asking) {
        (None, _) => 52.0,
        (Some(_), true) => 146.0,
        (Some(step), false) => 62.0 + if step.confirm.is_some() { 36.0 } else { 0.0 } + 22.0,
    };
    let foot = Rect::from_min_max(pos2(rect.left(), rect.bottom() - foot_height), rect.max);
    let body = Rect::from_min_max(pos2(rect.left(), top + 1.0), pos2(rect.right(), foot.top()));
    // Each step begins at its top.
    let id = format!("{} {}", run.run, run.step.as_ref().map_or(usize::MAX, |step| step.index));
    scroll(ui, body, MARGIN, &id, |ui| {
        match (&run.step, &run.end) {
            (Some(step), _) => step_ui(ui, kit, step, &run.file, actions),
            (None, Some((heading, said))) => {
                paragraph(ui, heading, bold(16.0), kit.text());
                paragraph(ui, said, font(13.0), kit.quiet());
            }
            (None, None) => {}
        }
        rule(ui, kit);
        heading(ui, kit, "All steps", "");
        for step in &run.steps {
            line_ui(ui, kit, step, actions);
        }
        ui.add_space(8.0);
        let tint = if run.record_failed {
            colour(kit.theme.state_text(twinscope_twin::severity::Severity::High))
        } else {
            kit.faint()
        };
        paragraph(ui, &run.record, font(12.0), tint);
    });
    ui.painter().hline(rect.x_range(), foot.top() + 0.5, kit.hairline());
    let mut child = ui.new_child(UiBuilder::new().max_rect(foot.shrink2(vec2(MARGIN, 11.0))));
    match &run.step {
        Some(step) => foot_ui(&mut child, kit, view, step, state, actions),
        None => {
            child.horizontal(|ui| {
                if word_button(ui, kit, icon::CHECK, "Put away", true).clicked() {
                    state.procedure.put_away = Some(run.run.clone());
                    state.procedure.chosen = None;
                    state.procedure.open = false;
                }
            });
        }
    }
}

/// A short bar for each step: what is done, what is at hand, what is to come.
fn steps_strip(ui: &mut Ui, kit: &Kit, run: &RunView, rect: Rect, actions: &mut Vec<UiAction>) {
    let gap = 3.0;
    let width = (rect.width() + gap) / run.steps.len().max(1) as f32 - gap;
    for (index, step) in run.steps.iter().enumerate() {
        let left = rect.left() + index as f32 * (width + gap);
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let bar = Rect::from_center_size(place.center(), vec2(width, 5.0));
        let response = ui.interact(place, ui.id().with(("step", index)), Sense::click());
        let tint = match step.stand {
            Stand::Done => kit.quiet(),
            Stand::Ahead => kit.line(),
            Stand::Skipped => kit.faint(),
            Stand::Offered | Stand::Waiting => kit.accent(),
            Stand::Withdrawn => colour(severity_colour(twinscope_twin::severity::Severity::High)),
        };
        if step.stand == Stand::Skipped {
            ui.painter().rect_stroke(bar, 2, Stroke::new(1.0, tint), StrokeKind::Inside);
        } else {
            ui.painter().rect_filled(bar, 2, tint);
        }
        if response.clicked() {
            actions.push(UiAction::FlyTo(step.part));
        }
        response.on_hover_text(format!("{}. {}", step.number, step.title));
    }
}

fn line_ui(ui: &mut Ui, kit: &Kit, step: &StepLine, actions: &mut Vec<UiAction>) {
    let height = if step.said.is_empty() { 24.0 } else { 40.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, format!("{}. {}", step.number, step.title)));
    let at_hand = matches!(step.stand, Stand::Offered | Stand::Waiting | Stand::Withdrawn);
    row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered(), at_hand);
    let (sign, tint) = match step.stand {
        Stand::Done => (icon::CHECK, kit.quiet()),
        Stand::Skipped => (icon::ARROW_BEND_DOWN_RIGHT, kit.faint()),
        Stand::Withdrawn => (icon::WARNING, colour(severity_colour(twinscope_twin::severity::Severity::High))),
        Stand::Offered | Stand::Waiting => (icon::CARET_RIGHT, kit.accent()),
        Stand::Ahead => ("", kit.faint()),
    };
    let y = rect.top() + 12.0;
    ui.painter().text(pos2(rect.left() + 7.0, y), Align2::CENTER_CENTER, sign, icons(14.0), tint);
    let number = step.number.to_string();
    ui.painter().text(pos2(rect.left() + 36.0, y), Align2::RIGHT_CENTER, number, font(13.0), kit.faint());
    let words = if step.stand == Stand::Ahead { kit.quiet() } else { kit.text() };
    let room = rect.width() - 46.0;
    text(ui.painter(), pos2(rect.left() + 44.0, y), Align2::LEFT_CENTER, &step.title, font(13.0), words, room);
    if !step.said.is_empty() {
        let at = pos2(rect.left() + 44.0, y + 17.0);
        text(ui.painter(), at, Align2::LEFT_CENTER, &step.said, font(12.0), kit.faint(), room);
    }
    if response.clicked() {
        actions.push(UiAction::Command(Command::Select(Some(step.part))));
        actions.push(UiAction::FlyTo(step.part));
    }
}

fn step_ui(ui: &mut Ui, kit: &Kit, step: &StepView, file: &str, actions: &mut Vec<UiAction>) {
    paragraph(ui, &format!("{}. {}", step.index + 1, step.title), bold(16.0), kit.text());
    part_link(ui, kit, step, actions);
    ui.add_space(4.0);
    stand_ui(ui, kit, step);
    ui.add_space(6.0);
    markdown_ui(ui, kit, &step.text, file);
    if !step.values.is_empty() {
        heading(ui, kit, "Values", "");
        for (name, value) in &step.values {
            pair(ui, kit, (name, value), bold(14.0), kit.text(), None);
        }
    }
    for condition in &step.conditions {
        heading(ui, kit, condition.what, "");
        condition_ui(ui, kit, condition);
    }
    if !step.signals.is_empty() {
        heading(ui, kit, "Measured now", "");
        for (name, value, age, sign) in &step.signals {
            let usable = sign.is_none();
            pair(ui, kit, (name, value), font(14.0), if usable { kit.text() } else { kit.faint() }, Some((age, *sign)));
        }
    }
}

fn part_link(ui: &mut Ui, kit: &Kit, step: &StepView, actions: &mut Vec<UiAction>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Link, true, format!("At {}", step.part.1)));
    ui.painter().text(
        pos2(rect.left() + 8.0, rect.center().y),
        Align2::CENTER_CENTER,
        icon::CROSSHAIR_SIMPLE,
        icons(15.0),
        kit.accent(),
    );
    let at = pos2(rect.left() + 22.0, rect.center().y);
    text(ui.painter(), at, Align2::LEFT_CENTER, &step.part.1, font(13.0), kit.accent(), rect.width() - 24.0);
    if response.clicked() {
        actions.push(UiAction::Command(Command::Select(Some(step.part.0))));
        actions.push(UiAction::FlyTo(step.part.0));
    }
    response.on_hover_text("Fly to the part");
}

/// Offered, waiting or withdrawn: a strip that nobody overlooks.
fn stand_ui(ui: &mut Ui, kit: &Kit, step: &StepView) {
    let (word, said) = &step.said;
    let high = twinscope_twin::severity::Severity::High;
    let (ground, sign, tint) = match step.stand {
        Stand::Withdrawn => {
            (colour(severity_colour(high)).gamma_multiply(0.16), icon::WARNING, colour(kit.theme.state_text(high)))
        }
        Stand::Offered => (kit.selected(), icon::CHECK_CIRCLE, kit.text()),
        _ => (kit.raised(), icon::HOURGLASS, kit.quiet()),
    };
    let width = ui.available_width();
    let body = super::paint::wrapped(ui.painter(), said, font(13.0), kit.text(), width - 46.0);
    let height = 34.0 + if said.is_empty() { 0.0 } else { body.size().y };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{word}: {said}")));
    ui.painter().rect_filled(rect, 6, ground);
    let y = rect.top() + 17.0;
    ui.painter().text(pos2(rect.left() + 18.0, y), Align2::CENTER_CENTER, sign, icons(17.0), tint);
    ui.painter().text(pos2(rect.left() + 34.0, y), Align2::LEFT_CENTER, word, bold(14.0), tint);
    if !said.is_empty() {
        ui.painter().galley(pos2(rect.left() + 34.0, rect.top() + 27.0), body, kit.text());
    }
}

/// A name at the left, a value at the right, and under it how old it is.
fn pair(
    ui: &mut Ui,
    kit: &Kit,
    (name, value): (&str, &str),
    weight: egui::FontId,
    tint: egui::Color32,
    age: Option<(&str, Option<crate::view::theme::Mark>)>,
) {
    let width = ui.available_width();
    let figure = line(ui.painter(), value, weight, tint, width * 0.55);
    let name = super::paint::wrapped(ui.painter(), name, font(13.0), kit.quiet(), width - figure.size().x - 14.0);
    let (rect, response) =
        ui.allocate_exact_size(vec2(width, name.size().y.max(figure.size().y) + 4.0), Sense::hover());
    let told = format!("{}: {value}", name.text());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &told));
    let right = pos2(rect.right() - figure.size().x, rect.top() + 1.0);
    if let Some((_, Some(sign))) = age {
        mark(ui.painter(), kit, pos2(right.x - 11.0, rect.top() + 10.0), 5.0, sign);
    }
    ui.painter().galley(right, figure, tint);
    ui.painter().galley(pos2(rect.left(), rect.top() + 2.0), name, kit.quiet());
    if let Some((age, _)) = age {
        response.on_hover_text(age);
    }
}

fn condition_ui(ui: &mut Ui, kit: &Kit, condition: &ConditionView) {
    let width = ui.available_width();
    let expression = super::paint::wrapped(ui.painter(), &condition.text, mono(12.0), kit.text(), width - 26.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, expression.size().y), Sense::hover());
    let told = format!("{}: {}", condition.text, condition.said);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &told));
    let (sign, tint) = match (condition.holds, condition.unknown) {
        (true, _) => (icon::CHECK, kit.text()),
        (false, true) => (icon::QUESTION, kit.quiet()),
        (false, false) => (icon::X, kit.quiet()),
    };
    ui.painter().text(pos2(rect.left() + 8.0, rect.top() + 8.0), Align2::CENTER_CENTER, sign, icons(14.0), tint);
    ui.painter().galley(pos2(rect.left() + 22.0, rect.top()), expression, kit.text());
    if let Some(fraction) = condition.fraction {
        let (track, _) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
        let track =
            Rect::from_min_max(pos2(track.left() + 22.0, track.top() + 1.0), pos2(track.right(), track.top() + 5.0));
        ui.painter().rect_filled(track, 2, kit.line());
        let filled = Rect::from_min_size(track.min, vec2(track.width() * fraction, track.height()));
        ui.painter().rect_filled(filled, 2, kit.text());
    }
    let said = super::paint::wrapped(ui.painter(), &condition.said, font(12.0), kit.quiet(), width - 26.0);
    let (rect, _) = ui.allocate_exact_size(vec2(width, said.size().y), Sense::hover());
    ui.painter().galley(pos2(rect.left() + 22.0, rect.top()), said, kit.quiet());
}

/// What a person says of the step at hand.
fn foot_ui(
    ui: &mut Ui,
    kit: &Kit,
    view: &ProcedureView,
    step: &StepView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let width = ui.available_width();
    if state.procedure.asking.is_some() {
        reason_ui(ui, kit, state, actions, width);
        return;
    }
    if step.confirm.is_some() {
        text_field(ui, kit, "Note", "Note for the record, if there is one", &mut state.procedure.note, width);
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if let Some(confirm) = step.confirm {
            let ready = confirm.is_ok() && view.refused.is_none();
            if word_button(ui, kit, icon::CHECK, "Done", ready).clicked() && ready {
                let (by, note) = (state.procedure.by.trim().to_owned(), state.procedure.note.trim().to_owned());
                let confirm = ProcedureCommand::Confirm { step: step.index, by, note };
                actions.push(UiAction::Command(Command::Procedure(confirm)));
            }
        }
        if let Some((said, command)) = &step.simulate
            && word_button(ui, kit, icon::FLASK, said, view.refused.is_none()).clicked()
            && view.refused.is_none()
        {
            actions.push(UiAction::Command(command.clone()));
        }
    });
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        if step.skip && word_button(ui, kit, "", "Skip…", true).clicked() {
            state.procedure.asking = Some(Asking { step: Some(step.index), reason: String::new() });
        }
        if word_button(ui, kit, "", "Stop…", true).clicked() {
            state.procedure.asking = Some(Asking { step: None, reason: String::new() });
        }
        if let Some(refusal) = &view.last_refusal {
            let said = words::cut(refusal, 160);
            let room = ui.available_width();
            let galley = line(ui.painter(), &said, font(12.0), kit.text(), room);
            let (rect, response) = ui.allocate_exact_size(vec2(room, 28.0), Sense::hover());
            ui.painter().galley(pos2(rect.left(), middle(rect.center().y, &galley)), galley, kit.text());
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, refusal));
            response.on_hover_text(refusal);
        }
    });
}

fn reason_ui(ui: &mut Ui, kit: &Kit, state: &mut UiState, actions: &mut Vec<UiAction>, width: f32) {
    let Some(asking) = &mut state.procedure.asking else { return };
    let (title, word) = match asking.step {
        Some(step) => (format!("Why is step {} left out?", step + 1), "Skip the step"),
        None => ("Why is the procedure stopped?".to_owned(), "Stop the procedure"),
    };
    paragraph(ui, &title, bold(14.0), kit.text());
    text_field(ui, kit, "Reason", "Reason, for the record", &mut asking.reason, width);
    let command = reasoned(&state.procedure);
    ui.horizontal(|ui| {
        if word_button(ui, kit, icon::CHECK, word, command.is_some()).clicked()
            && let Some(command) = command
        {
            actions.push(UiAction::Command(command));
            state.procedure.asking = None;
        }
        if word_button(ui, kit, "", "Go on", true).clicked() {
            state.procedure.asking = None;
        }
    });
}

/// Leads to the part of the step at hand: an arrow at the edge of the scene while it is out of sight, a ring where it is.
pub fn lead_ui(ctx: &egui::Context, kit: &Kit, lead: &Lead, name: &str, free: Rect) {
    if free.width() < 160.0 || free.height() < 120.0 {
        return;
    }
    let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("procedure lead")), free);
    let stroke = Stroke::new(2.5, kit.accent());
    if let Some(at) = lead.seen.map(Pos2::from).filter(|at| free.shrink(18.0).contains(*at)) {
        painter.circle_stroke(at, 15.0, stroke);
        painter.circle_filled(at, 3.0, kit.accent());
        return;
    }
    // Clear of the compass and of the legend.
    let clear = Rect::from_min_max(free.min, free.max - vec2(132.0, 48.0).min(free.size() * 0.4));
    let inner = clear.shrink(34.0);
    let direction = Vec2::from(lead.towards).normalized();
    let direction = if direction.is_finite() && direction != Vec2::ZERO { direction } else { vec2(0.0, 1.0) };
    // From the middle to the edge of the inner rectangle.
    let reach = |part: f32, half: f32| if part.abs() < 1e-4 { f32::INFINITY } else { half / part.abs() };
    let length = reach(direction.x, inner.width() / 2.0).min(reach(direction.y, inner.height() / 2.0));
    let tip = inner.center() + direction * length;
    let side = direction.rot90();
    let back = tip - direction * 20.0;
    painter.add(egui::Shape::convex_polygon(
        vec![tip, back + side * 10.0, back - side * 10.0],
        kit.accent(),
        Stroke::NONE,
    ));
    let said = format!("{}  {}", words::cut(name, 40), distance(lead.distance_m));
    let galley = line(&painter, &said, bold(13.0), kit.text(), 260.0);
    let centre = back - direction * (22.0 + galley.size().x / 2.0 * direction.x.abs());
    let room = Rect::from_center_size(centre, galley.size() + vec2(16.0, 8.0));
    // Kept inside of the scene.
    let shift = vec2(
        (free.left() + 6.0 - room.left()).max(0.0) - (room.right() - free.right() + 6.0).max(0.0),
        (free.top() + 6.0 - room.top()).max(0.0) - (room.bottom() - free.bottom() + 6.0).max(0.0),
    );
    let room = room.translate(shift);
    painter.rect(room, 6, kit.glass(), kit.hairline(), StrokeKind::Inside);
    painter.galley(room.min + vec2(8.0, 4.0), galley, kit.text());
}

fn distance(metres: f32) -> String {
    if !metres.is_finite() {
        return String::new();
    }
    words::with_unit(f64::from(metres), u8::from(metres < 10.0), "m")
}
