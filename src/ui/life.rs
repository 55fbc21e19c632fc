//! Predictions: what is not yet true is drawn with a dashed outline, its spread as a bar and as a fan, its model and age
//! beside it. The first is open; of the others a line is read until they are unfolded.

use egui::{Align2, Rect, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::severity::Severity;

use super::paint::{badge, dashed_rect, line, middle, paragraph, shape_mark, text, word_button, wrapped};
use super::style::{Kit, bold, font};
use super::{chart, fields, spread};
use crate::view::UiState;
use crate::view::inspector::PartView;
use crate::view::life::{ParameterView, PredictionView};
use crate::view::lives::LifeView;
use crate::view::theme::{Fill, Shape, severity_colour};
use crate::view::what_if::Asked;

/// The remaining life in one line, with its bar: what the inspector begins with.
pub fn strip_ui(ui: &mut Ui, kit: &Kit, life: &LifeView) {
    ui.add_space(12.0);
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 17.0), Sense::hover());
    let dim = !life.usable();
    let tint = if dim { kit.faint() } else { kit.text() };
    let said = if life.caveat.is_empty() { life.text.clone() } else { format!("{} · {}", life.text, life.caveat) };
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("Remaining life {said}")));
    let title = text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, "Life", font(12.0), kit.faint(), 60.0);
    let room = rect.right() - title.right() - 10.0;
    let at = pos2(title.right() + 10.0, rect.center().y);
    text(ui.painter(), at, Align2::LEFT_CENTER, &life.text, bold(13.0), tint, room);
    if let Some(bar) = &life.bar {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 12.0), Sense::hover());
        let line = Rect::from_min_max(rect.min, pos2(rect.right() - 6.0, rect.bottom()));
        spread::spread_bar(ui.painter(), kit, line, bar, spread::Belief::of(life));
    }
    if !life.caveat.is_empty() {
        paragraph(ui, &life.caveat, font(12.0), kit.quiet());
    }
}

/// All predictions of a part.
pub fn predictions_ui(ui: &mut Ui, kit: &Kit, part: &PartView, state: &mut UiState) {
    for (at, prediction) in part.predictions.iter().enumerate() {
        prediction_ui(ui, kit, part, prediction, at == 0, state);
        ui.add_space(8.0);
    }
}

fn prediction_ui(ui: &mut Ui, kit: &Kit, part: &PartView, view: &PredictionView, first: bool, state: &mut UiState) {
    let outer = ui.available_rect_before_wrap();
    let inner = Rect::from_min_max(outer.min + vec2(12.0, 8.0), pos2(outer.right() - 12.0, outer.bottom()));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(("prediction", &view.id)));
    child.spacing_mut().item_spacing = vec2(6.0, 4.0);
    let open = fields::section(&mut child, kit, state, &view.id, &view.title, &view.kept, first);
    if open {
        content(&mut child, kit, part, view, state);
    } else {
        let said = match &view.figure {
            Some(figure) => format!("{figure}, {}", view.band),
            None => view.band.clone(),
        };
        let tint = if view.expired { kit.faint() } else { kit.quiet() };
        paragraph(&mut child, &said, font(12.0), tint);
        paragraph(&mut child, &view.model, font(12.0), kit.faint());
    }
    let height = child.min_rect().bottom() - outer.top() + 10.0;
    let (rect, _) = ui.allocate_exact_size(vec2(outer.width(), height), Sense::hover());
    // What is now is drawn as what is: its outline is whole.
    let tint = if view.expired { kit.faint() } else { kit.quiet() };
    if view.is_virtual {
        ui.painter().rect_stroke(rect.shrink(0.5), 6, kit.hairline(), StrokeKind::Inside);
    } else {
        dashed_rect(ui.painter(), rect.shrink(0.5), Stroke::new(1.0, tint));
    }
}

fn content(ui: &mut Ui, kit: &Kit, part: &PartView, view: &PredictionView, state: &mut UiState) {
    let strong = if view.expired { kit.faint() } else { kit.text() };
    let width = ui.available_width();
    if let Some(mode) = &view.failure_mode {
        paragraph(ui, mode, font(12.0), kit.quiet());
    }
    if let Some(figure) = &view.figure {
        let galley = line(ui.painter(), figure, bold(28.0), strong, width);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(WidgetType::Label, true, format!("{} {figure}, {}", view.title, view.band))
        });
        let end = rect.left() + galley.size().x;
        ui.painter().galley(pos2(rect.left(), middle(rect.center().y, &galley)), galley, strong);
        if view.bar.is_some() {
            let at = pos2(end + 10.0, rect.center().y + 3.0);
            text(ui.painter(), at, Align2::LEFT_CENTER, "median", font(12.0), kit.quiet(), rect.right() - at.x);
        }
    }
    paragraph(ui, &view.band, font(13.0), if view.expired { kit.faint() } else { kit.quiet() });
    if let Some(bar) = &view.bar {
        let generic = view.badges.iter().any(|badge| badge.text == "generic prior");
        let belief = match (view.expired || view.warning.is_some(), generic) {
            (true, _) => spread::Belief::Doubtful,
            (false, true) => spread::Belief::Generic,
            (false, false) => spread::Belief::Own,
        };
        spread::spread_ui(ui, kit, bar, belief, &view.band);
    }
    if let Some(warning) = &view.warning {
        warning_ui(ui, kit, warning);
    }
    if !view.badges.is_empty() || view.coverage.is_some() {
        ui.add_space(2.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
            for b in view.badges.iter().chain(&view.coverage) {
                badge(ui, kit, &b.text, b.warn, &b.tooltip);
            }
        });
    }
    if let Some(model) = &view.asks {
        ui.add_space(4.0);
        let asked = state.what_if.as_ref().is_some_and(|asked| asked.part == part.part && asked.model == *model);
        if word_button(ui, kit, icon::GIT_BRANCH, "What if …", !asked).clicked() && !asked {
            state.ask = Some(Asked::new(part.part, part.asset, model.clone()));
        }
    }
    if let Some(fan) = &view.fan {
        ui.add_space(4.0);
        chart::fan_ui(ui, kit, fan, view.expired, 124.0);
    }
    // The chart says it too, where it is of the same quantity.
    let drawn = view.fan.as_ref().is_some_and(|fan| fan.threshold.is_some());
    if let Some(threshold) = view.threshold.as_ref().filter(|_| !drawn) {
        paragraph(ui, threshold, font(12.0), kit.quiet());
    }
    if !view.pof.is_empty() {
        ui.add_space(4.0);
        paragraph(ui, "Probability of failure", font(12.0), kit.faint());
        for (within, share, p) in &view.pof {
            probability(ui, kit, within, share, *p, view.expired);
        }
    }
    details(ui, kit, view, state);
    ui.add_space(4.0);
    paragraph(ui, &view.model, font(12.0), kit.quiet());
    paragraph(ui, &view.age, font(12.0), kit.quiet());
    if let Some(learned) = &view.learned {
        paragraph(ui, learned, font(12.0), kit.quiet());
    }
}

/// What is read by those who want to know how good it is.
fn details(ui: &mut Ui, kit: &Kit, view: &PredictionView, state: &mut UiState) {
    if !view.parameters.is_empty() {
        ui.add_space(4.0);
        let id = format!("{}/parameters", view.id);
        let count = (view.parameters.len() + view.more_parameters).to_string();
        if fields::section(ui, kit, state, &id, "What the model learned", &count, false) {
            for parameter in &view.parameters {
                parameter_ui(ui, kit, parameter);
            }
            if view.more_parameters > 0 {
                paragraph(ui, &format!("and {} more", view.more_parameters), font(12.0), kit.faint());
            }
            parameter_key(ui, kit);
        }
    }
    if view.checks.is_some() || view.past.is_some() {
        let id = format!("{}/past", view.id);
        let right = view.checks.as_ref().map_or("", |checks| checks.summary.as_str());
        if fields::section(ui, kit, state, &id, "Said before and what came", right, false) {
            if let Some(checks) = &view.checks {
                chart::checks_ui(ui, kit, checks);
                ui.add_space(4.0);
            }
            if let Some(past) = &view.past {
                chart::past_ui(ui, kit, past);
            }
        }
    }
}

/// What must be read before the figure is believed.
fn warning_ui(ui: &mut Ui, kit: &Kit, warning: &str) {
    let width = ui.available_width();
    let galley = wrapped(ui.painter(), warning, font(13.0), kit.text(), width - 42.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, galley.size().y + 14.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, warning));
    let tint = severity_colour(Severity::Medium);
    ui.painter().rect_filled(rect, 6, super::style::colour(tint).gamma_multiply(0.10));
    shape_mark(ui.painter(), kit, pos2(rect.left() + 16.0, rect.top() + 15.0), 5.5, Shape::Disc, Fill::Solid, tint);
    ui.painter().galley(rect.min + vec2(32.0, 7.0), galley, kit.text());
}

fn probability(ui: &mut Ui, kit: &Kit, within: &str, share: &str, p: f32, dim: bool) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{share} {within}")));
    let painter = ui.painter();
    text(painter, rect.left_center(), Align2::LEFT_CENTER, within, font(12.0), kit.quiet(), 104.0);
    let tint = if dim { kit.faint() } else { kit.text() };
    text(painter, rect.right_center(), Align2::RIGHT_CENTER, share, font(12.0), tint, 54.0);
    let track = Rect::from_min_max(
        pos2(rect.left() + 108.0, rect.center().y - 2.5),
        pos2((rect.right() - 54.0).max(rect.left() + 109.0), rect.center().y + 2.5),
    );
    painter.rect_filled(track, 3, kit.raised());
    let part = Rect::from_min_size(track.min, vec2((track.width() * p).max(2.0), track.height()));
    painter.rect_filled(part, 3, if dim { kit.faint() } else { kit.quiet() });
}

/// A parameter: the band now, full, before the band of the prior, hollow.
fn parameter_ui(ui: &mut Ui, kit: &Kit, parameter: &ParameterView) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let said = format!("{} {} {}", parameter.name, parameter.value, parameter.rest);
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &said));
    let value = text(
        ui.painter(),
        rect.right_center(),
        Align2::RIGHT_CENTER,
        &parameter.value,
        font(12.0),
        kit.text(),
        width * 0.4,
    );
    let room = value.left() - rect.left() - 8.0;
    text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, &parameter.name, font(12.0), kit.quiet(), room);
    if parameter.now.is_some() || parameter.prior.is_some() {
        let (rect, _) = ui.allocate_exact_size(vec2(width, 14.0), Sense::hover());
        interval(ui.painter(), kit, rect.shrink2(vec2(2.0, 1.0)), parameter.now, parameter.prior);
    }
    paragraph(ui, &parameter.rest, font(12.0), kit.faint());
    ui.add_space(2.0);
}

fn interval(painter: &egui::Painter, kit: &Kit, rect: Rect, now: Option<[f32; 3]>, prior: Option<[f32; 3]>) {
    let x = |place: f32| rect.left() + place * rect.width();
    let y = rect.center().y;
    painter.hline(rect.x_range(), y, kit.hairline());
    let band = |[low, _, high]: [f32; 3], half: f32| {
        Rect::from_min_max(pos2(x(low), y - half), pos2(x(high).max(x(low) + 2.0), y + half))
    };
    if let Some(prior) = prior {
        let rect = band(prior, 6.0);
        painter.rect(rect, 3, kit.panel(), Stroke::new(1.0, kit.faint()), StrokeKind::Inside);
        painter.vline(x(prior[1]), rect.y_range(), Stroke::new(1.0, kit.faint()));
    }
    if let Some(now) = now {
        painter.rect_filled(band(now, 3.0), 3, kit.quiet().gamma_multiply(0.8));
        painter.rect_filled(Rect::from_center_size(pos2(x(now[1]), y), vec2(2.0, 10.0)), 1, kit.text());
    }
}

/// What the two bands mean.
fn parameter_key(ui: &mut Ui, kit: &Kit) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 15.0), Sense::hover());
    let (painter, y) = (ui.painter(), rect.center().y);
    let sample = |left: f32, half: f32| Rect::from_min_max(pos2(left, y - half), pos2(left + 18.0, y + half));
    painter.rect_filled(sample(rect.left() + 2.0, 3.0), 3, kit.quiet().gamma_multiply(0.8));
    let now = text(painter, pos2(rect.left() + 26.0, y), Align2::LEFT_CENTER, "now", font(11.0), kit.faint(), 60.0);
    let left = now.right() + 14.0;
    painter.rect_stroke(sample(left, 5.0), 3, Stroke::new(1.0, kit.faint()), StrokeKind::Inside);
    text(painter, pos2(left + 24.0, y), Align2::LEFT_CENTER, "before its data", font(11.0), kit.faint(), 120.0);
}
