//! The signals of the selected part: rows of figures, and the chart of one.

use egui::{Align2, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;
use egui_plot::{AxisHints, GridMark, HLine, Line, LineStyle, Plot, PlotPoint, PlotPoints, Text, VLine};

use super::paint::{dashed_rect, icon_button_at, mark, raw_box, row_ground, text};
use super::style::{Kit, bold, colour, font};
use crate::view::UiState;
use crate::view::signals::{SignalView, TrendView};
use crate::view::words;

/// Height of a row.
const ROW: f32 = 42.0;

/// Height of the chart.
const CHART: f32 = 168.0;

/// Rows of figures; a click charts a signal.
pub fn signals_ui(ui: &mut Ui, kit: &Kit, signals: &[SignalView], state: &mut UiState) {
    ui.spacing_mut().item_spacing.y = 0.0;
    // One column for units, as wide as the widest, so that figures end at one edge.
    let painter = ui.painter().clone();
    let units = signals
        .iter()
        .map(|s| super::paint::line(&painter, &s.unit, font(12.0), kit.quiet(), 64.0).size().x)
        .fold(0.0_f32, f32::max);
    for signal in signals {
        signal_ui(ui, kit, signal, units, state);
        let open = state.payload_open.contains(&signal.signal);
        if let Some(error) = &signal.error {
            super::paint::paragraph(ui, error, font(12.0), kit.quiet());
            ui.add_space(4.0);
        }
        if open && let Some((topic, payload)) = &signal.raw {
            raw_box(ui, kit, &format!("{topic}\n{payload}"));
            ui.add_space(6.0);
        }
    }
    ui.spacing_mut().item_spacing.y = 6.0;
}

fn signal_ui(ui: &mut Ui, kit: &Kit, signal: &SignalView, units: f32, state: &mut UiState) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(
            WidgetType::SelectableLabel,
            true,
            signal.charted,
            format!("{} {} {}", signal.name, signal.figure, signal.unit),
        )
    });
    // The ground reaches over the margin of the panel: text stays on the panel's edge.
    let ground = rect.expand2(vec2(8.0, 0.0));
    if signal.charted {
        ui.painter().rect_filled(ground, 6, kit.raised().gamma_multiply(0.8));
    } else {
        row_ground(ui, kit, ground, response.hovered(), false);
    }
    let painter = ui.painter();
    let right = rect.right();
    let (upper, lower) = (rect.center().y - 8.0, rect.center().y + 9.5);

    // Figure and unit.
    let tint = if signal.usable { kit.text() } else { kit.faint() };
    let unit = pos2(right - units, upper + 1.0);
    text(painter, unit, Align2::LEFT_CENTER, &signal.unit, font(12.0), kit.quiet(), units + 2.0);
    let gap = if units > 0.0 { 5.0 } else { 0.0 };
    let figure = pos2(right - units - gap, upper);
    let figure = text(painter, figure, Align2::RIGHT_CENTER, &signal.figure, bold(16.0), tint, width * 0.42);

    if signal.predicted {
        // Not yet true: a soft ground and a dashed outline around the figure.
        let halo = figure.expand2(vec2(5.0, 1.0));
        painter.rect_filled(halo, 6, tint.gamma_multiply(0.08));
        dashed_rect(painter, halo, Stroke::new(1.0, tint.gamma_multiply(0.6)));
    }

    // Small curve, under the figure's left.
    let spark = Rect::from_min_max(
        pos2(right - (units + gap + 76.0).max(112.0) - 66.0, rect.top() + 10.0),
        pos2(right - (units + gap + 76.0).max(112.0) - 6.0, rect.bottom() - 10.0),
    );
    // A name that would be cut matters more than the curve.
    let name = super::paint::line(painter, &signal.name, font(14.0), kit.text(), f32::INFINITY).size().x + 24.0;
    let curved = spark.right() < figure.left() - 4.0 && spark.left() > rect.left() + name.max(96.0);
    if curved {
        let line = if signal.usable { kit.quiet() } else { kit.faint() };
        for piece in &signal.spark {
            let points: Vec<Pos2> = piece
                .iter()
                .map(|[x, y]| pos2(spark.left() + x * spark.width(), spark.bottom() - y * spark.height()))
                .collect();
            if points.len() > 1 {
                painter.line(points, Stroke::new(1.2, line.gamma_multiply(0.8)));
            }
        }
    }

    // Name and provenance.
    let mut x = rect.left();
    let sign = match (signal.mark, signal.severity) {
        (Some(mark), _) => Some(mark),
        (None, twinscope_twin::severity::Severity::Normal) => None,
        (None, severity) => Some(crate::view::theme::Mark::state(severity)),
    };
    if let Some(sign) = sign {
        mark(painter, kit, pos2(x + 6.0, upper + 0.5), 5.0, sign);
        x += 18.0;
    }
    let room = (figure.left() - x - 8.0)
        .min(if signal.spark.is_empty() || !curved { f32::MAX } else { spark.left() - x - 6.0 })
        .max(60.0);
    text(painter, pos2(x, upper), Align2::LEFT_CENTER, &signal.name, font(14.0), kit.text(), room);
    let quality = signal.mark.map_or(String::new(), |mark| format!("{} · ", mark.words()));
    let below = match signal.provenance {
        "" => format!("{quality}{}", signal.age),
        provenance => format!("{quality}{provenance} · {}", signal.age),
    };
    text(painter, pos2(rect.left(), lower), Align2::LEFT_CENTER, &below, font(12.0), kit.quiet(), width - 40.0);

    // The raw message, on demand.
    if signal.raw.is_some() && (response.hovered() || state.payload_open.contains(&signal.signal)) {
        let button = Rect::from_center_size(pos2(right - 10.0, lower), vec2(22.0, 18.0));
        let open = state.payload_open.contains(&signal.signal);
        let press = ui.interact(button, ui.id().with(("raw", signal.signal)), Sense::click());
        if icon_button_at(ui, kit, button, press, icon::CODE, "Raw message", open).clicked()
            && !state.payload_open.remove(&signal.signal)
        {
            state.payload_open.insert(signal.signal);
        }
    }
    if response.clicked() && signal.numeric {
        state.trend = Some(signal.signal);
    }
    response.on_hover_text(&signal.tooltip);
}

/// The chart: values over time, gaps left open, limits as lines with their names.
pub fn trend_ui(ui: &mut Ui, kit: &Kit, trend: &TrendView) {
    let clock = trend.clock;
    let now_ms = clock.now.wall_ms;
    let long = trend.x[1] - trend.x[0] > 900.0;
    let decimals = trend.decimals;
    let unit = trend.unit.clone();
    let name = trend.title.clone();
    let x_axis = AxisHints::new_x()
        .formatter(move |mark: GridMark, _| {
            clock.time_of_day(now_ms.saturating_add((mark.value * 1000.0) as i64), !long)
        })
        .tick_label_color(kit.faint());
    let y_axis = AxisHints::new_y()
        .formatter(move |mark: GridMark, _| {
            let digits = if mark.step_size >= 1.0 { 0 } else { (-mark.step_size.log10()).ceil().clamp(0.0, 6.0) as u8 };
            words::number(mark.value, digits)
        })
        .min_thickness(34.0)
        .tick_label_color(kit.faint());
    let style = ui.style_mut();
    style.text_styles.insert(egui::TextStyle::Body, font(11.0));
    style.visuals.widgets.noninteractive.bg_stroke.color = kit.line();
    let (x0, x1) = (trend.x[0], trend.x[1]);
    let [y0, y1] = trend.y;
    Plot::new(("trend", trend.signal))
        .height(CHART)
        .show_background(false)
        .show_axes([true, true])
        .show_grid([false, true])
        .grid_color(kit.line())
        .grid_fade(0.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_crosshair(true)
        .cursor_color(kit.faint())
        .set_margin_fraction(vec2(0.0, 0.0))
        .custom_x_axes(vec![x_axis])
        .custom_y_axes(vec![y_axis])
        .x_grid_spacer(move |input| time_marks(input.bounds, now_ms))
        .y_grid_spacer(|input| value_marks(input.bounds))
        .label_formatter(move |position| {
            let (x, y) = match position {
                egui_plot::HoverPosition::NearDataPoint { position, .. } => (position.x, position.y),
                egui_plot::HoverPosition::Elsewhere { .. } => return None,
            };
            Some(format!(
                "{name}\n{}\n{}",
                words::join_unit(&words::number(y, decimals), &unit),
                clock.time(now_ms.saturating_add((x * 1000.0) as i64))
            ))
        })
        .show(ui, |plot| {
            plot.set_plot_bounds_x(x0..=x1);
            plot.set_plot_bounds_y(y0..=y1);
            for limit in &trend.limits {
                if limit.y < y0 || limit.y > y1 {
                    continue;
                }
                let tint = colour(kit.theme.state_text(limit.severity));
                plot.hline(
                    HLine::new("", limit.y)
                        .color(tint.gamma_multiply(0.75))
                        .width(1.0)
                        .style(LineStyle::Dashed { length: 5.0 })
                        .allow_hover(false),
                );
                let text = egui::RichText::new(&limit.text).font(font(11.0)).color(tint);
                let anchor = if limit.y > f64::midpoint(y0, y1) { Align2::LEFT_TOP } else { Align2::LEFT_BOTTOM };
                plot.text(
                    Text::new("", PlotPoint::new(x0 + (x1 - x0) * 0.02, limit.y), text)
                        .anchor(anchor)
                        .allow_hover(false),
                );
            }
            let line = if trend.mark.is_some() { kit.faint() } else { kit.text() };
            for piece in &trend.pieces {
                plot.line(Line::new("", PlotPoints::new(piece.clone())).color(line).width(1.5).allow_hover(true));
            }
            if trend.mark.is_some() {
                let end = trend.pieces.iter().flatten().map(|p| p[0]).fold(f64::NEG_INFINITY, f64::max);
                if end.is_finite() {
                    plot.vline(
                        VLine::new("", end)
                            .color(kit.faint())
                            .style(LineStyle::Dotted { spacing: 4.0 })
                            .allow_hover(false),
                    );
                }
            }
        });
}

/// Three to five round values: each line has its figure.
fn value_marks((from, to): (f64, f64)) -> Vec<GridMark> {
    let span = to - from;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    let power = 10.0_f64.powf((span / 4.0).log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| span / s <= 5.0).unwrap_or(span);
    let first = (from / step).ceil() * step;
    (0..8)
        .map(|i| first + f64::from(i) * step)
        .filter(|y| *y <= to)
        .map(|value| GridMark { value, step_size: step })
        .collect()
}

/// Marks of the time axis on whole minutes or seconds of the clock.
fn time_marks((from, to): (f64, f64), now_ms: i64) -> Vec<GridMark> {
    let span = to - from;
    if !span.is_finite() || span <= 0.0 {
        return Vec::new();
    }
    const STEPS: [f64; 15] =
        [5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21_600.0, 43_200.0, 86_400.0];
    // Four labels fit side by side.
    let step = STEPS.iter().copied().find(|s| span / s <= 4.0).unwrap_or(span / 4.0);
    let now_s = now_ms as f64 / 1000.0;
    let first = ((now_s + from) / step).ceil() * step - now_s;
    (0..8)
        .map(|i| first + f64::from(i) * step)
        .filter(|x| *x <= to)
        .map(|value| GridMark { value, step_size: step })
        .collect()
}
