//! Predictions: what is not yet true is drawn with a dashed outline, its band as a fan, its model and age beside it.

use egui::{Align2, Rect, Sense, Shape, Stroke, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2};

use super::paint::{badge, dashed_rect, line, middle, text};
use super::style::{Kit, bold, font};
use crate::view::life::{FanView, PredictionView, hours};
use crate::view::words;

/// All predictions of a part.
pub fn predictions_ui(ui: &mut Ui, kit: &Kit, predictions: &[PredictionView]) {
    for prediction in predictions {
        prediction_ui(ui, kit, prediction);
        ui.add_space(8.0);
    }
}

fn prediction_ui(ui: &mut Ui, kit: &Kit, view: &PredictionView) {
    let outer = ui.available_rect_before_wrap();
    let inner = Rect::from_min_max(outer.min + vec2(12.0, 10.0), pos2(outer.right() - 12.0, outer.bottom()));
    let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(("prediction", &view.id)));
    child.spacing_mut().item_spacing = vec2(6.0, 4.0);
    content(&mut child, kit, view);
    let height = child.min_rect().bottom() - outer.top() + 12.0;
    let (rect, _) = ui.allocate_exact_size(vec2(outer.width(), height), Sense::hover());
    let tint = if view.expired { kit.faint() } else { kit.quiet() };
    dashed_rect(ui.painter(), rect.shrink(0.5), Stroke::new(1.0, tint));
}

fn content(ui: &mut Ui, kit: &Kit, view: &PredictionView) {
    let strong = if view.expired { kit.faint() } else { kit.text() };
    let width = ui.available_width();

    let (rect, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    let kept =
        text(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, &view.kept, font(12.0), kit.faint(), 110.0);
    let room = kept.left() - rect.left() - 8.0;
    text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, &view.title, bold(13.0), strong, room);
    if let Some(mode) = &view.failure_mode {
        super::paint::paragraph(ui, mode, font(12.0), kit.quiet());
    }

    if let Some(figure) = &view.figure {
        ui.add_space(2.0);
        let galley = line(ui.painter(), figure, bold(28.0), strong, width);
        let (rect, response) = ui.allocate_exact_size(vec2(width, 32.0), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(WidgetType::Label, true, format!("{} {figure}, {}", view.title, view.band))
        });
        let end = rect.left() + galley.size().x;
        ui.painter().galley(pos2(rect.left(), middle(rect.center().y, &galley)), galley, strong);
        if view.spread {
            let at = pos2(end + 10.0, rect.center().y + 3.0);
            text(ui.painter(), at, Align2::LEFT_CENTER, "median", font(12.0), kit.quiet(), rect.right() - at.x);
        }
    }
    super::paint::paragraph(ui, &view.band, font(13.0), if view.expired { kit.faint() } else { kit.quiet() });

    if !view.badges.is_empty() || view.coverage.is_some() {
        ui.add_space(2.0);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(5.0, 5.0);
            for b in view.badges.iter().chain(&view.coverage) {
                badge(ui, kit, &b.text, b.warn, &b.tooltip);
            }
        });
    }
    if let Some(fan) = &view.fan {
        ui.add_space(4.0);
        fan_ui(ui, kit, fan, view.expired);
    }
    if !view.pof.is_empty() {
        ui.add_space(4.0);
        label(ui, kit, "Probability of failure");
        for (within, share, p) in &view.pof {
            probability(ui, kit, within, share, *p, view.expired);
        }
    }
    if !view.parameters.is_empty() {
        ui.add_space(4.0);
        label(ui, kit, "What the model learned");
        for (name, value, rest) in &view.parameters {
            parameter(ui, kit, name, value, rest);
        }
    }
    ui.add_space(4.0);
    if let Some(threshold) = &view.threshold {
        super::paint::paragraph(ui, threshold, font(12.0), kit.quiet());
    }
    super::paint::paragraph(ui, &format!("predicted by {}", view.model), font(12.0), kit.quiet());
    super::paint::paragraph(ui, &view.age, font(12.0), kit.quiet());
}

fn label(ui: &mut Ui, kit: &Kit, said: &str) {
    super::paint::paragraph(ui, said, font(12.0), kit.faint());
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

fn parameter(ui: &mut Ui, kit: &Kit, name: &str, value: &str, rest: &str) {
    let width = ui.available_width();
    let height = if rest.is_empty() { 18.0 } else { 33.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{name} {value} {rest}")));
    let y = rect.top() + 9.0;
    let figure =
        text(ui.painter(), pos2(rect.right(), y), Align2::RIGHT_CENTER, value, font(12.0), kit.text(), width * 0.4);
    let room = figure.left() - rect.left() - 8.0;
    text(ui.painter(), pos2(rect.left(), y), Align2::LEFT_CENTER, name, font(12.0), kit.quiet(), room);
    text(ui.painter(), pos2(rect.right(), y + 15.0), Align2::RIGHT_CENTER, rest, font(12.0), kit.faint(), width);
}

/// A fan: the median as a dashed line, the 5–95 % band as a soft area, now as a line.
fn fan_ui(ui: &mut Ui, kit: &Kit, fan: &FanView, dim: bool) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 112.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, format!("{} ahead", fan.quantity)));
    let (Some(first), Some(last)) = (fan.points.first(), fan.points.last()) else { return };
    let (h0, h1) = (first[0], last[0]);
    let values = fan.points.iter().flat_map(|p| [p[1], p[3]]).chain(fan.threshold);
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if h1 <= h0 || !low.is_finite() || !high.is_finite() {
        return;
    }
    let span = (high - low).max(1e-9);
    let digits = if span >= 20.0 {
        0
    } else if span >= 2.0 {
        1
    } else {
        2
    };
    let painter = ui.painter();
    let plot = Rect::from_min_max(rect.min + vec2(34.0, 26.0), rect.max - vec2(4.0, 16.0));
    let x = |h: f64| plot.left() + ((h - h0) / (h1 - h0)) as f32 * plot.width();
    let y = |v: f64| plot.bottom() - ((v - low) / span) as f32 * plot.height();
    text(
        painter,
        rect.left_top(),
        Align2::LEFT_TOP,
        &format!("{}  5–95 %", fan.quantity),
        font(12.0),
        kit.faint(),
        width,
    );
    for v in [low, high] {
        painter.hline(plot.x_range(), y(v), Stroke::new(1.0, kit.line().gamma_multiply(0.7)));
        let at = pos2(plot.left() - 6.0, y(v));
        text(painter, at, Align2::RIGHT_CENTER, &words::number(v, digits), font(11.0), kit.faint(), 30.0);
    }
    let tint = if dim { kit.faint() } else { kit.text() };
    for pair in fan.points.windows(2) {
        let [a, b] = pair else { continue };
        let corners =
            vec![pos2(x(a[0]), y(a[1])), pos2(x(b[0]), y(b[1])), pos2(x(b[0]), y(b[3])), pos2(x(a[0]), y(a[3]))];
        painter.add(Shape::convex_polygon(corners, tint.gamma_multiply(0.14), Stroke::NONE));
    }
    for index in [1, 3] {
        let edge: Vec<_> = fan.points.iter().map(|p| pos2(x(p[0]), y(p.get(index).copied().unwrap_or(p[2])))).collect();
        painter.line(edge, Stroke::new(1.0, tint.gamma_multiply(0.35)));
    }
    let median: Vec<_> = fan.points.iter().map(|p| pos2(x(p[0]), y(p[2]))).collect();
    painter.extend(Shape::dashed_line(&median, Stroke::new(1.6, tint), 5.0, 3.0));
    if let Some(threshold) = fan.threshold {
        painter.extend(Shape::dotted_line(
            &[pos2(plot.left(), y(threshold)), pos2(plot.right(), y(threshold))],
            kit.quiet(),
            4.0,
            0.8,
        ));
    }
    if fan.now_h > h0 && fan.now_h < h1 {
        painter.vline(x(fan.now_h), plot.y_range(), Stroke::new(1.0, kit.accent().gamma_multiply(0.7)));
    }
    let base = plot.bottom() + 9.0;
    text(painter, pos2(plot.left(), base), Align2::LEFT_CENTER, "issued", font(11.0), kit.faint(), 60.0);
    let end = format!("+{}", hours(h1 - h0));
    text(painter, pos2(plot.right(), base), Align2::RIGHT_CENTER, &end, font(11.0), kit.faint(), 80.0);
}
