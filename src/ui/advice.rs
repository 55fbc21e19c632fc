//! Advice: ranked cards with cost, spread, date, reasons; the figures that it was reckoned with, which can be changed; and
//! the button that makes a work order of it.

use egui::{Align2, DragValue, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;

use super::paint::{badge, line, paragraph, text, word_button};
use super::style::{Kit, bold, font};
use super::{fields, spread};
use crate::view::advice::{ActionView, AdviceView, InputView, edit};
use crate::view::{UiAction, UiState};

/// All advice on a part.
pub fn advice_ui(ui: &mut Ui, kit: &Kit, all: &[AdviceView], state: &mut UiState, actions: &mut Vec<UiAction>) {
    for advice in all {
        let said = format!("{} · by {}", advice.age, crate::view::words::cut(&advice.model, 32));
        paragraph(ui, &said, font(12.0), kit.quiet());
        if !advice.badges.is_empty() {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
                for b in &advice.badges {
                    badge(ui, kit, &b.text, b.warn, &b.tooltip);
                }
            });
        }
        for action in &advice.actions {
            ui.add_space(4.0);
            action_ui(ui, kit, advice, action, state, actions);
        }
        if advice.more > 0 {
            paragraph(ui, &format!("and {} more that cost more", advice.more), font(12.0), kit.faint());
        }
        inputs_ui(ui, kit, advice, state, actions);
        ui.add_space(8.0);
    }
}

fn action_ui(
    ui: &mut Ui,
    kit: &Kit,
    advice: &AdviceView,
    action: &ActionView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let outer = ui.available_rect_before_wrap();
    let inner = Rect::from_min_max(outer.min + vec2(12.0, 8.0), pos2(outer.right() - 12.0, outer.bottom()));
    let ground = ui.painter().add(egui::Shape::Noop);
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(("action", &advice.model, &action.id)));
    child.spacing_mut().item_spacing = vec2(6.0, 3.0);
    let best = action.rank == "1";
    let id = format!("advice/{}/{}", advice.model, action.id);
    let right = action.cost.clone().unwrap_or_default();
    let title = format!("{}  {}", action.rank, action.title);
    if fields::section(&mut child, kit, state, &id, &title, &right, best) {
        content(&mut child, kit, advice, action, state, actions);
    } else if let Some(due) = &action.due {
        paragraph(&mut child, due, font(12.0), kit.faint());
    }
    let height = child.min_rect().bottom() - outer.top() + 9.0;
    let (rect, _) = ui.allocate_exact_size(vec2(outer.width(), height), Sense::hover());
    let edge = if best && !advice.expired { Stroke::new(1.0, kit.quiet()) } else { kit.hairline() };
    ui.painter().set(
        ground,
        egui::Shape::Rect(egui::epaint::RectShape::new(rect.shrink(0.5), 6, kit.panel(), edge, StrokeKind::Inside)),
    );
}

fn content(
    ui: &mut Ui,
    kit: &Kit,
    advice: &AdviceView,
    action: &ActionView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let strong = if advice.expired { kit.faint() } else { kit.text() };
    if let Some(due) = &action.due {
        paragraph(ui, due, bold(13.0), strong);
    }
    if let Some(window) = &action.window {
        paragraph(ui, window, font(12.0), kit.quiet());
    }
    if let Some(cost) = &action.cost {
        let width = ui.available_width();
        let galley = line(ui.painter(), cost, bold(20.0), strong, width);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 26.0), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(
                WidgetType::Label,
                true,
                format!("{}: {cost} expected, {}", action.title, action.cost_band),
            )
        });
        let end = rect.left() + galley.size().x;
        ui.painter().galley(pos2(rect.left(), super::paint::middle(rect.center().y, &galley)), galley, strong);
        let at = pos2(end + 8.0, rect.center().y + 2.0);
        text(ui.painter(), at, Align2::LEFT_CENTER, "expected", font(12.0), kit.quiet(), rect.right() - at.x);
    }
    paragraph(ui, &action.cost_band, font(12.0), kit.quiet());
    if let Some(bar) = &action.bar {
        let belief = if advice.expired { spread::Belief::Doubtful } else { spread::Belief::Own };
        spread::spread_ui(ui, kit, bar, belief, &action.cost_band);
    }
    parts_ui(ui, kit, action);
    for said in [&action.failure_before, &action.saves, &action.setting].into_iter().flatten() {
        paragraph(ui, said, font(12.0), kit.quiet());
    }
    for (heading, said) in [("Why", &action.why), ("What would change it", &action.would_change)] {
        if !said.is_empty() {
            ui.add_space(2.0);
            paragraph(ui, heading, font(12.0), kit.faint());
            paragraph(ui, said, font(13.0), kit.text());
        }
    }
    let Some(order) = &action.order else { return };
    ui.add_space(4.0);
    if let Some(ordered) = &action.ordered {
        paragraph(ui, ordered, font(12.0), kit.text());
        return;
    }
    let allowed = action.refused.is_none();
    if word_button(ui, kit, icon::CHECK, "Accept: create work order", allowed).clicked() && allowed {
        let by = state.evidence.by.trim().to_owned();
        actions.push(UiAction::Command(Command::Order { part: advice.part, by, order: order.clone() }));
    }
    if let Some(refused) = action.refused {
        paragraph(ui, refused, font(12.0), kit.faint());
    }
}

/// What the cost is made of: one bar of pieces, and their words.
fn parts_ui(ui: &mut Ui, kit: &Kit, action: &ActionView) {
    if action.parts.is_empty() {
        return;
    }
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 10.0), Sense::hover());
    let line = Rect::from_min_max(pos2(rect.left(), rect.top() + 1.0), pos2(rect.right() - 6.0, rect.bottom() - 1.0));
    // Greys, since no piece is a state; neighbours differ.
    let tint = |at: usize| kit.text().gamma_multiply([0.62, 0.38, 0.22, 0.50][at % 4]);
    let mut x = line.left();
    for (at, (.., share)) in action.parts.iter().enumerate() {
        let end = (x + share * line.width()).min(line.right());
        ui.painter().rect_filled(
            Rect::from_min_max(pos2(x, line.top()), pos2((end - 1.0).max(x + 1.0), line.bottom())),
            1,
            tint(at),
        );
        x = end;
    }
    for (at, (title, figure, _)) in action.parts.iter().enumerate() {
        let (rect, response) = ui.allocate_exact_size(vec2(width, 16.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{title} {figure}")));
        let painter = ui.painter();
        let sample = Rect::from_center_size(pos2(rect.left() + 4.0, rect.center().y), vec2(8.0, 8.0));
        painter.rect_filled(sample, 1, tint(at));
        let right = text(painter, rect.right_center(), Align2::RIGHT_CENTER, figure, font(12.0), kit.text(), 90.0);
        let room = right.left() - rect.left() - 22.0;
        text(
            painter,
            pos2(rect.left() + 14.0, rect.center().y),
            Align2::LEFT_CENTER,
            title,
            font(12.0),
            kit.quiet(),
            room,
        );
    }
}

/// The figures of the operator, which can be changed here.
fn inputs_ui(ui: &mut Ui, kit: &Kit, advice: &AdviceView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    if advice.inputs.is_empty() {
        return;
    }
    ui.add_space(4.0);
    let id = format!("advice/{}/inputs", advice.model);
    let waiting = advice.inputs.iter().any(|input| input.waiting);
    let right =
        if waiting { "changed, waiting for the advice …".to_owned() } else { advice.inputs.len().to_string() };
    if fields::section(ui, kit, state, &id, "Reckoned with", &right, false) {
        let read_only =
            advice.actions.iter().any(|action| action.refused.is_some_and(|why| why.starts_with("Read only")));
        for input in &advice.inputs {
            input_ui(ui, kit, advice, input, read_only, state, actions);
        }
        if read_only {
            paragraph(ui, "Read only: these cannot be changed.", font(12.0), kit.faint());
        }
    }
    // What the advice is of by now needs no memory here.
    if let Some(edits) = state.economics.get_mut(&(advice.asset, advice.model.clone())) {
        edits.retain(|id, _| {
            advice.inputs.iter().any(|input| input.id == *id && input.waiting)
                || !advice.inputs.iter().any(|input| input.id == *id)
        });
    }
}

fn input_ui(
    ui: &mut Ui,
    kit: &Kit,
    advice: &AdviceView,
    input: &InputView,
    read_only: bool,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, 30.0), Sense::hover());
    let drag =
        Rect::from_min_max(pos2(rect.right() - 128.0, rect.top() + 3.0), pos2(rect.right(), rect.bottom() - 3.0));
    let room = drag.left() - rect.left() - 8.0;
    text(
        ui.painter(),
        pos2(rect.left(), rect.center().y),
        Align2::LEFT_CENTER,
        &input.title,
        font(12.0),
        kit.quiet(),
        room,
    );
    let drag_id = ui.id().with(("input", &advice.model, &input.id));
    // What is being dragged or typed stays here until it is let go: the advice is asked for once.
    let held: Option<f64> = ui.data(|data| data.get_temp(drag_id));
    let mut value = held.unwrap_or(input.value);
    let speed = (input.value.abs() * 0.005).max((input.high - input.low).min(1e6) * 1e-4).max(1e-4);
    let mut child = ui.new_child(UiBuilder::new().max_rect(drag).id_salt(("drag", &input.id)));
    if read_only {
        child.disable();
    }
    let suffix = if input.unit.is_empty() { String::new() } else { format!(" {}", input.unit) };
    let response = child.put(
        drag,
        DragValue::new(&mut value)
            .range(input.low..=input.high.max(input.low))
            .speed(speed)
            .max_decimals(3)
            .suffix(suffix),
    );
    response.widget_info(|| WidgetInfo::labeled(WidgetType::DragValue, !read_only, &input.title));
    let done = response.drag_stopped() || response.lost_focus();
    if response.changed() && !done {
        ui.data_mut(|data| data.insert_temp(drag_id, value));
    } else if done || (held.is_some() && !response.dragged() && !response.has_focus()) {
        ui.data_mut(|data| data.remove::<f64>(drag_id));
        if (value - input.value).abs() > 1e-12
            && let Some(command) = edit(&mut state.economics, advice, &input.id, value)
        {
            actions.push(UiAction::Command(command));
        }
    }
    let mut said = if input.source.is_empty() { "source not said".to_owned() } else { input.source.clone() };
    if input.high < 1e12 {
        said.push_str(&format!(
            " · {} to {}",
            crate::view::spread::short_number(input.low),
            crate::view::spread::short_number(input.high)
        ));
    }
    if input.waiting {
        said.push_str(" · changed");
    }
    paragraph(ui, &said, font(11.0), kit.faint());
}
