//! Small charts of predictions: the fan to its threshold, short forecasts against what came, lives as they were said.

use egui::{Align2, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::paint::{paragraph, text};
use super::style::{Kit, font};
use crate::view::checks::{CheckView, ChecksView, PastView};
use crate::view::fan::FanView;
use crate::view::spread::hours;
use crate::view::words;

/// Lines of what-ifs: dash and gap, so that they are told apart without colour.
const DASHES: [(f32, f32); 3] = [(7.0, 2.0), (3.0, 2.0), (1.5, 2.5)];

/// A fan: the median as a dashed line, the 5–95 % band as a soft area, the threshold with its value and source, now as a
/// line, and the medians of what-ifs with their names.
pub fn fan_ui(ui: &mut Ui, kit: &Kit, fan: &FanView, dim: bool, height: f32) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| {
        let threshold = fan.threshold.as_ref().map(|(_, said)| format!(", failed at {said}")).unwrap_or_default();
        WidgetInfo::labeled(WidgetType::Other, true, format!("{} ahead{threshold}", fan.quantity))
    });
    let (Some(first), Some(last)) = (fan.points.first(), fan.points.last()) else { return };
    let (h0, h1) = (first[0], last[0]);
    let threshold = fan.threshold.as_ref().map(|(value, _)| *value);
    let ahead = |h: &f64| (h0..=h1).contains(h);
    let lines = || fan.others.iter().flat_map(|(_, line)| line).filter(|p| ahead(&p[0])).map(|p| p[1]);
    let values = fan.points.iter().flat_map(|p| [p[1], p[3]]).chain(threshold).chain(lines());
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    if h1 <= h0 || !(h1 - h0).is_finite() || low > high || !(high - low).is_finite() {
        return;
    }
    let span = (high - low).max(1e-9);
    let digits = match span {
        s if s >= 20.0 => 0,
        s if s >= 2.0 => 1,
        _ => 2,
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let plot = Rect::from_min_max(rect.min + vec2(36.0, 22.0), rect.max - vec2(6.0, 16.0));
    let x = |h: f64| plot.left() + ((h - h0) / (h1 - h0)) as f32 * plot.width();
    let y = |v: f64| plot.bottom() - ((v - low) / span) as f32 * plot.height();
    let named = words::join_unit(&fan.quantity, &fan.unit);
    text(&painter, rect.left_top(), Align2::LEFT_TOP, &format!("{named}  5–95 %"), font(12.0), kit.faint(), width);
    for v in [low, high] {
        painter.hline(plot.x_range(), y(v), Stroke::new(1.0, kit.line().gamma_multiply(0.7)));
        let at = pos2(plot.left() - 6.0, y(v));
        text(&painter, at, Align2::RIGHT_CENTER, &words::number(v, digits), font(11.0), kit.faint(), 34.0);
    }
    let tint = if dim { kit.faint() } else { kit.text() };
    for pair in fan.points.windows(2) {
        let [a, b] = pair else { continue };
        let corners =
            vec![pos2(x(a[0]), y(a[1])), pos2(x(b[0]), y(b[1])), pos2(x(b[0]), y(b[3])), pos2(x(a[0]), y(a[3]))];
        painter.add(Shape::convex_polygon(corners, tint.gamma_multiply(0.14), Stroke::NONE));
    }
    for edge in [|p: &[f64; 4]| p[1], |p: &[f64; 4]| p[3]] {
        let line: Vec<_> = fan.points.iter().map(|p| pos2(x(p[0]), y(edge(p)))).collect();
        painter.line(line, Stroke::new(1.0, tint.gamma_multiply(0.35)));
    }
    let median: Vec<_> = fan.points.iter().map(|p| pos2(x(p[0]), y(p[2]))).collect();
    painter.extend(Shape::dashed_line(&median, Stroke::new(1.6, tint), 5.0, 3.0));
    for ((name, line), (dash, gap)) in fan.others.iter().zip(DASHES) {
        let line: Vec<Pos2> = line.iter().filter(|p| ahead(&p[0])).map(|p| pos2(x(p[0]), y(p[1]))).collect();
        let Some(end) = line.last().copied() else { continue };
        painter.extend(Shape::dashed_line(&line, Stroke::new(1.6, kit.accent()), dash, gap));
        let at = pos2(end.x.min(plot.right() - 2.0), end.y - 3.0);
        text(&painter, at, Align2::RIGHT_BOTTOM, name, font(11.0), kit.accent(), 80.0);
    }
    if let Some((value, said)) = &fan.threshold {
        let at = y(*value);
        painter.extend(Shape::dotted_line(&[pos2(plot.left(), at), pos2(plot.right(), at)], kit.quiet(), 4.0, 0.9));
        // Above the line where there is room, else below.
        let (align, dy) = if at - plot.top() > 16.0 { (Align2::LEFT_BOTTOM, -2.0) } else { (Align2::LEFT_TOP, 3.0) };
        let at = pos2(plot.left() + 4.0, at + dy);
        text(&painter, at, align, &format!("failed at {said}"), font(11.0), kit.quiet(), plot.width() - 8.0);
    }
    if fan.now_h > h0 && fan.now_h < h1 {
        painter.vline(x(fan.now_h), plot.y_range(), Stroke::new(1.0, kit.accent().gamma_multiply(0.7)));
    }
    let base = plot.bottom() + 9.0;
    text(&painter, pos2(plot.left(), base), Align2::LEFT_CENTER, "issued", font(11.0), kit.faint(), 60.0);
    let end = format!("+{}", hours(h1 - h0));
    text(&painter, pos2(plot.right(), base), Align2::RIGHT_CENTER, &end, font(11.0), kit.faint(), 80.0);
}

/// Short forecasts as bands, with what came as dots: full where the band held, a cross where it missed, none where it is
/// not due.
pub fn checks_ui(ui: &mut Ui, kit: &Kit, checks: &ChecksView) {
    let said = format!("{}: {}{}", checks.title, checks.summary, checks.waiting);
    paragraph(ui, &said, font(12.0), kit.quiet());
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 84.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Other, true, &said));
    let painter = ui.painter();
    let left = ends(painter, kit, rect, &checks.ends);
    let plot = Rect::from_min_max(pos2(left, rect.top() + 8.0), pos2(rect.right() - 6.0, rect.bottom() - 20.0));
    let room = plot.shrink2(vec2(6.0, 0.0));
    let x = |check: &CheckView| room.left() + check.at * room.width();
    let y = |place: f32| plot.bottom() - place * plot.height();
    let half = (room.width() / checks.made.len().max(1) as f32 * 0.3).clamp(1.5, 6.0);
    for check in &checks.made {
        let x = x(check);
        let band = Rect::from_min_max(
            pos2(x - half, y(check.band[1])),
            pos2(x + half, y(check.band[0]).max(y(check.band[1]) + 2.0)),
        );
        painter.rect_filled(band, 1, kit.quiet().gamma_multiply(0.30));
        painter.hline(x - half..=x + half, y(check.mid), Stroke::new(1.0, kit.quiet().gamma_multiply(0.7)));
        let Some(came) = check.came else { continue };
        let at = pos2(x, y(came));
        if check.held {
            painter.circle_filled(at, 2.6, kit.text());
        } else {
            for (dx, dy) in [(3.5, 3.5), (3.5, -3.5)] {
                painter.line_segment([at - vec2(dx, dy), at + vec2(dx, dy)], Stroke::new(1.8, kit.text()));
            }
        }
    }
    span(painter, kit, plot, &checks.span);
    key(ui, kit);
    let near = response
        .hover_pos()
        .and_then(|at| checks.made.iter().min_by(|a, b| (x(a) - at.x).abs().total_cmp(&(x(b) - at.x).abs())));
    if let Some(check) = near {
        response.on_hover_text(&check.said);
    }
}

/// What the signs of the checks mean.
fn key(ui: &mut Ui, kit: &Kit) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 15.0), Sense::hover());
    let painter = ui.painter();
    let y = rect.center().y;
    let mut x = rect.left() + 4.0;
    painter.rect_filled(Rect::from_center_size(pos2(x + 3.0, y), vec2(6.0, 11.0)), 1, kit.quiet().gamma_multiply(0.30));
    x = text(painter, pos2(x + 11.0, y), Align2::LEFT_CENTER, "said, 5–95 %", font(11.0), kit.faint(), 90.0).right()
        + 14.0;
    painter.circle_filled(pos2(x, y), 2.6, kit.text());
    x = text(painter, pos2(x + 8.0, y), Align2::LEFT_CENTER, "held", font(11.0), kit.faint(), 60.0).right() + 16.0;
    for (dx, dy) in [(3.5, 3.5), (3.5, -3.5)] {
        painter.line_segment([pos2(x - dx, y - dy), pos2(x + dx, y + dy)], Stroke::new(1.8, kit.text()));
    }
    text(painter, pos2(x + 8.0, y), Align2::LEFT_CENTER, "missed", font(11.0), kit.faint(), 60.0);
}

/// Remaining lives as they were said: bands over time on an axis by the logarithm.
pub fn past_ui(ui: &mut Ui, kit: &Kit, past: &PastView) {
    paragraph(ui, &past.said, font(12.0), kit.quiet());
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 92.0), Sense::hover());
    response.widget_info(|| {
        WidgetInfo::labeled(WidgetType::Other, true, format!("Remaining life as it was said: {}", past.said))
    });
    let painter = ui.painter();
    let plot = Rect::from_min_max(rect.min + vec2(44.0, 6.0), rect.max - vec2(6.0, 20.0));
    let x = |at: f32| plot.left() + at * plot.width();
    let y = |place: f32| plot.bottom() - place * plot.height();
    for (place, said) in &past.ticks {
        painter.hline(plot.x_range(), y(*place), Stroke::new(1.0, kit.line().gamma_multiply(0.7)));
        text(painter, pos2(plot.left() - 6.0, y(*place)), Align2::RIGHT_CENTER, said, font(11.0), kit.faint(), 44.0);
    }
    for pair in past.issues.windows(2) {
        let [(t0, Some(a0), _, Some(b0)), (t1, Some(a1), _, Some(b1))] = pair else { continue };
        let corners = vec![pos2(x(*t0), y(*a0)), pos2(x(*t1), y(*a1)), pos2(x(*t1), y(*b1)), pos2(x(*t0), y(*b0))];
        painter.add(Shape::convex_polygon(corners, kit.text().gamma_multiply(0.14), Stroke::NONE));
    }
    let median: Vec<Pos2> = past.issues.iter().filter_map(|(at, _, mid, _)| Some(pos2(x(*at), y((*mid)?)))).collect();
    for at in &median {
        painter.circle_filled(*at, 1.8, kit.text());
    }
    painter.line(median, Stroke::new(1.2, kit.text()));
    span(painter, kit, plot, &past.span);
}

/// Lowest and highest value at the left; where the plot begins.
fn ends(painter: &Painter, kit: &Kit, rect: Rect, ends: &[String; 2]) -> f32 {
    let mut left = rect.left();
    for (said, y) in ends.iter().zip([rect.bottom() - 20.0, rect.top() + 8.0]) {
        let at = text(painter, pos2(rect.left(), y), Align2::LEFT_CENTER, said, font(11.0), kit.faint(), 76.0);
        left = left.max(at.right());
    }
    left + 6.0
}

/// First and last moment below a plot.
fn span(painter: &Painter, kit: &Kit, plot: Rect, span: &[String; 2]) {
    let base = plot.bottom() + 11.0;
    let half = plot.width() / 2.0 - 4.0;
    text(painter, pos2(plot.left(), base), Align2::LEFT_CENTER, &span[0], font(11.0), kit.faint(), half);
    text(painter, pos2(plot.right(), base), Align2::RIGHT_CENTER, &span[1], font(11.0), kit.faint(), half);
}
