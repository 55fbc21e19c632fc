//! What lies over the scene: labels, legend, compass, hint, ribbon, cards, keys, progress.

use egui::{
    Align2, Context, Id, LayerId, Order, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;
use twinscope_twin::site::PartRow;

use super::paint::{area, glass, icon_button_at, line, mark, middle, text, wrapped};
use super::style::{Kit, bold, font, icons};
use super::{card, field, labels, tags};
use crate::view::overlay::{OverlayView, SIDES};
use crate::view::theme::{Fill, Shape as MarkShape, severity_colour};
use crate::view::{AppView, Progress, UiAction, UiState};

/// Space between the edge of the scene and what lies over it.
const MARGIN: f32 = 14.0;

/// All overlays of the free rectangle.
/// `tools`: the places that the tools of looking take, their strip first, and those of a walk.
pub fn show(
    ctx: &Context,
    kit: &Kit,
    view: &AppView,
    free: Rect,
    tools: &[Rect],
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let overlay = &view.overlay;
    if free.width() >= 220.0 && free.height() >= 160.0 {
        let painter = Painter::new(ctx.clone(), LayerId::new(Order::Background, Id::new("scene overlay")), free);
        let mut taken = tools.to_vec();
        let legend = legend(&painter, kit, overlay, free, view.layout.compact);
        taken.push(legend);
        let compass = compass(ctx, kit, overlay, free, actions);
        taken.push(compass);
        let mut column = compass;
        if let Some(legend) = view.field.legend.as_ref().or(view.field.plan.as_ref()) {
            let legend = field::legend(&painter, kit, legend, compass.right_bottom() + vec2(0.0, 8.0));
            taken.push(legend);
            column = column.union(legend);
        }
        // Beside the strip, below the cards of tools and what stands above a walk.
        let left = tools.first().map_or(free.left(), |strip| strip.right() + 8.0 - MARGIN);
        let over = |card: &&Rect| card.bottom() < free.center().y && card.left() < left + MARGIN + NOTICE;
        let above = tools.iter().skip(1).filter(over);
        let top = above.map(|card| card.bottom() + 8.0 - MARGIN).fold(free.top(), f32::max);
        taken.extend(cards(&painter, kit, overlay, Rect::from_min_max(pos2(left, top), free.max)));
        taken.extend(footer(&painter, kit, overlay, free, legend));
        taken.extend(super::room::room_ui(ctx, kit, &view.room, free, column, legend, state, actions));
        taken.extend(view.card.as_ref().and_then(|card| card::card_ui(ctx, kit, card, free, &taken)));
        taken.extend(labels::labels_ui(ctx, kit, &overlay.labels, free, (&taken, 2), actions));
        tags::tags_ui(ctx, kit, view, free, &taken, state, actions, hover);
        if let Some((at, told)) = &view.field.probe {
            field::probe(&painter, kit, *at, told, free);
        }
    }
    if let Some(progress) = &overlay.progress {
        let painter = Painter::new(ctx.clone(), LayerId::new(Order::Middle, Id::new("scene progress")), free);
        progress_bar(&painter, kit, free.center(), 280.0_f32.min(free.width() - 40.0), progress);
    }
    if let Some(groups) = &overlay.help {
        help(ctx, kit, groups, state);
    }
}

fn legend(painter: &Painter, kit: &Kit, overlay: &OverlayView, free: Rect, compact: bool) -> Rect {
    const ROW: f32 = 20.0;
    let wide = compact;
    let words: Vec<_> =
        overlay.legend.iter().map(|(_, word)| line(painter, word, font(12.0), kit.quiet(), 90.0)).collect();
    let rect = if wide {
        // A small window: one line along the edge.
        let width: f32 = words.iter().map(|w| w.size().x + 32.0).sum::<f32>() + 12.0;
        let left = free.left() + MARGIN;
        Rect::from_min_max(
            pos2(left, free.bottom() - MARGIN - 28.0),
            pos2((left + width).min(free.right() - MARGIN), free.bottom() - MARGIN),
        )
    } else {
        let width = words.iter().map(|w| w.size().x).fold(0.0, f32::max) + 48.0;
        let height = ROW * words.len() as f32 + 14.0;
        Rect::from_min_max(
            pos2(free.left() + MARGIN, free.bottom() - MARGIN - height),
            pos2(free.left() + MARGIN + width, free.bottom() - MARGIN),
        )
    };
    glass(painter, kit, rect);
    let mut at = if wide { pos2(rect.left() + 18.0, rect.center().y) } else { rect.min + vec2(19.0, 17.0) };
    for ((sign, _), word) in overlay.legend.iter().zip(words) {
        mark(painter, kit, at, 5.2, *sign);
        let size = word.size();
        painter.galley(pos2(at.x + 13.0, at.y - size.y / 2.0), word, kit.quiet());
        if wide {
            at.x += size.x + 32.0;
        } else {
            at.y += ROW;
        }
    }
    rect
}

/// The most that a notice is wide.
const NOTICE: f32 = 360.0;
/// Size of the compass.
const COMPASS: Vec2 = vec2(116.0, 148.0);

/// Where the column in the upper right corner begins.
pub fn column_left(free: Rect) -> f32 {
    free.right() - MARGIN - COMPASS.x
}

/// The compass with its side buttons, upper right.
fn compass(ctx: &Context, kit: &Kit, overlay: &OverlayView, free: Rect, actions: &mut Vec<UiAction>) -> Rect {
    let rect = Rect::from_min_size(pos2(column_left(free), free.top() + MARGIN), COMPASS);
    area(ctx, "compass", rect, Order::Middle, |ui| {
        glass(ui.painter(), kit, rect);
        rose(ui.painter(), kit, pos2(rect.center().x, rect.top() + 46.0), 30.0, overlay.yaw_deg);
        let columns = 3;
        for (index, (side, short, name)) in SIDES.iter().enumerate() {
            let (column, row) = (index % columns, index / columns);
            let cell = Rect::from_min_size(
                pos2(rect.left() + 8.0 + column as f32 * 34.0, rect.top() + 91.0 + row as f32 * 26.0),
                vec2(32.0, 24.0),
            );
            let response = ui.interact(cell, ui.id().with(("side", name)), Sense::click());
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, *name));
            let hover = response.hovered() || response.has_focus();
            if hover {
                ui.painter().rect_filled(cell, 5, kit.line());
            }
            let tint = if hover { kit.text() } else { kit.quiet() };
            ui.painter().text(cell.center(), Align2::CENTER_CENTER, short, font(12.0), tint);
            if response.clicked() {
                actions.push(UiAction::LookFrom(*side));
            }
            response.on_hover_text(*name);
        }
    });
    rect
}

fn rose(painter: &Painter, kit: &Kit, at: Pos2, r: f32, yaw_deg: f32) {
    painter.circle_stroke(at, r, Stroke::new(1.0, kit.line()));
    // North turns against the camera.
    let turn = |deg: f32| Vec2::angled((deg - yaw_deg - 90.0).to_radians());
    for step in 0..24 {
        let direction = turn(step as f32 * 15.0);
        let inner = if step % 6 == 0 { r - 6.0 } else { r - 3.0 };
        painter.line_segment([at + direction * inner, at + direction * r], Stroke::new(1.0, kit.faint()));
    }
    for (deg, name) in [(0.0, "N"), (90.0, "E"), (180.0, "S"), (270.0, "W")] {
        let north = deg == 0.0;
        let tint = if north { kit.text() } else { kit.faint() };
        let font = if north { bold(12.0) } else { font(11.0) };
        painter.text(at + turn(deg) * (r - 13.0), Align2::CENTER_CENTER, name, font, tint);
    }
    let tip = at - vec2(0.0, r + 6.0);
    let needle = vec![tip, tip + vec2(-4.0, -6.0), tip + vec2(4.0, -6.0)];
    painter.add(Shape::convex_polygon(needle, kit.quiet(), Stroke::NONE));
}

/// Problems, notices and stand-ins, upper left.
fn cards(painter: &Painter, kit: &Kit, overlay: &OverlayView, free: Rect) -> Vec<Rect> {
    let mut taken = Vec::new();
    let width = NOTICE.min(free.width() - 116.0 - 3.0 * MARGIN);
    if width < 120.0 {
        return taken;
    }
    let mut top = free.top() + MARGIN;
    let left = free.left() + MARGIN;
    if let Some(banner) = &overlay.banner {
        let said = wrapped(painter, banner, bold(14.0), kit.text(), width - 32.0);
        let rect = Rect::from_min_size(pos2(left, top), said.size() + vec2(32.0, 18.0));
        glass(painter, kit, rect);
        painter.rect_stroke(rect, 6, Stroke::new(1.5, kit.accent()), StrokeKind::Inside);
        painter.galley(pos2(rect.left() + 16.0, rect.top() + 9.0), said, kit.text());
        taken.push(rect);
        top = rect.bottom() + 8.0;
    }
    for (title, reason) in &overlay.problems {
        let heading = wrapped(painter, title, bold(14.0), kit.text(), width - 52.0);
        let body = wrapped(painter, reason, font(13.0), kit.quiet(), width - 52.0);
        let height = heading.size().y + body.size().y + 27.0;
        let rect = Rect::from_min_size(pos2(left, top), vec2(width, height));
        glass(painter, kit, rect);
        let high = severity_colour(twinscope_twin::severity::Severity::High);
        let sign = pos2(rect.left() + 22.0, rect.top() + 21.0);
        super::paint::shape_mark(painter, kit, sign, 6.5, MarkShape::Triangle, Fill::Solid, high);
        let below = rect.top() + 12.0 + heading.size().y + 4.0;
        painter.galley(pos2(rect.left() + 40.0, rect.top() + 12.0), heading, kit.text());
        painter.galley(pos2(rect.left() + 40.0, below), body, kit.quiet());
        taken.push(rect);
        top = rect.bottom() + 8.0;
    }
    let mut note = |said: &str, sign: &str| {
        let body = wrapped(painter, said, font(13.0), kit.quiet(), width - 48.0);
        let size = vec2(body.size().x + 48.0, body.size().y + 14.0);
        let rect = Rect::from_min_size(pos2(left, top), size);
        if rect.bottom() > free.bottom() - 220.0 {
            return;
        }
        glass(painter, kit, rect);
        painter.text(
            pos2(rect.left() + 19.0, rect.top() + 15.0),
            Align2::CENTER_CENTER,
            sign,
            icons(15.0),
            kit.quiet(),
        );
        painter.galley(pos2(rect.left() + 36.0, rect.top() + 7.0), body, kit.quiet());
        top = rect.bottom() + 8.0;
        taken.push(rect);
    };
    if overlay.more_problems > 0 {
        note(&format!("{} more models could not be loaded", overlay.more_problems), icon::WARNING);
    }
    for (name, why) in &overlay.stand_ins {
        note(&format!("{name}: {why}"), icon::CUBE);
    }
    for notice in &overlay.notices {
        note(notice, icon::INFO);
    }
    for (_, figure) in &overlay.too_fast {
        note(&format!("{figure}: too fast to draw"), icon::SPINNER);
    }
    if overlay.hidden > 0 {
        note(
            &format!(
                "{} hidden (Shift H shows all)",
                crate::view::words::plural(overlay.hidden as u64, "part", "parts")
            ),
            icon::EYE_SLASH,
        );
    }
    taken
}

/// Ribbon and hint, along the lower edge.
fn footer(painter: &Painter, kit: &Kit, overlay: &OverlayView, free: Rect, legend: Rect) -> Vec<Rect> {
    let mut taken = Vec::new();
    let mut bottom = free.bottom() - MARGIN;
    if let Some(ribbon) = overlay.ribbon {
        let galley = line(painter, ribbon, bold(11.0), kit.quiet(), 160.0);
        let size = galley.size() + vec2(26.0, 12.0);
        let mut rect = Rect::from_min_size(pos2(free.right() - MARGIN - size.x, bottom - size.y), size);
        if rect.left() < legend.right() + 8.0 {
            rect = rect.translate(vec2(0.0, legend.top() - 8.0 - rect.bottom()));
        }
        painter.rect(rect, 5, kit.glass(), Stroke::new(1.0, kit.faint()), StrokeKind::Inside);
        painter.galley(rect.min + vec2(13.0, 6.0), galley, kit.quiet());
        taken.push(rect);
    }
    if let Some(hint) = overlay.hint {
        let galley = line(painter, hint, font(14.0), kit.text(), free.width() - 2.0 * MARGIN);
        let size = galley.size() + vec2(32.0, 16.0);
        let left = free.center().x - size.x / 2.0;
        if left < legend.right() + 8.0 {
            // Above the legend, and above the ribbon that may have gone there.
            bottom = taken.iter().map(|rect| rect.top()).fold(legend.top(), f32::min) - 8.0;
        }
        let rect = Rect::from_min_size(pos2(left, bottom - size.y), size);
        glass(painter, kit, rect);
        painter.galley(rect.min + vec2(16.0, 8.0), galley, kit.text());
        taken.push(rect);
    }
    taken
}

/// What is being loaded, and how far.
pub fn progress_bar(painter: &Painter, kit: &Kit, at: Pos2, width: f32, progress: &Progress) {
    let card = Rect::from_center_size(at, vec2(width + 40.0, 66.0));
    glass(painter, kit, card);
    text(painter, at - vec2(0.0, 12.0), Align2::CENTER_CENTER, &progress.text, font(14.0), kit.text(), width);
    let track = Rect::from_center_size(at + vec2(0.0, 14.0), vec2(width, 4.0));
    painter.rect_filled(track, 2, kit.line());
    let fraction = progress.fraction.filter(|f| f.is_finite()).map(|f| f.clamp(0.0, 1.0));
    let filled = match fraction {
        Some(fraction) => Rect::from_min_size(track.min, vec2(track.width() * fraction, 4.0)),
        None => {
            // Not known how far: a piece that moves shows that something is going on.
            painter.ctx().request_repaint_after(std::time::Duration::from_millis(33));
            let t = painter.ctx().input(|input| input.time) as f32;
            let phase = (t * 0.6).rem_euclid(1.0);
            let centre = track.left() + phase * track.width();
            let (from, to) = ((centre - 40.0).max(track.left()), (centre + 40.0).min(track.right()));
            Rect::from_min_max(pos2(from, track.top()), pos2(to, track.bottom()))
        }
    };
    painter.rect_filled(filled, 2, kit.accent());
}

/// The sheet of keys, in the middle of the window.
fn help(ctx: &Context, kit: &Kit, groups: &[(&str, Vec<(&str, &str)>)], state: &mut UiState) {
    let window = ctx.viewport_rect();
    let most = groups.iter().map(|(_, keys)| keys.len()).max().unwrap_or(0);
    // Short groups share a column: where each stands, column and row.
    let mut places = Vec::with_capacity(groups.len());
    let (mut column, mut used) = (0_usize, 0_usize);
    for (_, keys) in groups {
        if used > 0 && used + 2 + keys.len() > most {
            (column, used) = (column + 1, 0);
        }
        let row = if used > 0 { used + 2 } else { 0 };
        places.push((column, row));
        used = row + keys.len();
    }
    let (rows, columns) = (most as f32, (column + 1) as f32);
    let size =
        vec2((columns * 316.0 + 48.0).min(window.width() - 24.0), (rows * 26.0 + 132.0).min(window.height() - 24.0));
    let rect = Rect::from_center_size(window.center(), size);
    area(ctx, "keys ground", window, Order::Foreground, |ui| {
        ui.painter().rect_filled(window, 0, egui::Color32::from_black_alpha(110));
        let outside = ui.interact(window, ui.id().with("outside"), Sense::click());
        ui.painter().rect(rect, 10, kit.panel(), kit.hairline(), StrokeKind::Inside);
        let title = rect.min + vec2(28.0, 34.0);
        text(ui.painter(), title, Align2::LEFT_CENTER, "Keys", bold(20.0), kit.text(), 200.0);
        let close = Rect::from_center_size(pos2(rect.right() - 32.0, rect.top() + 34.0), vec2(30.0, 28.0));
        let press = ui.interact(close, ui.id().with("close"), Sense::click());
        if icon_button_at(ui, kit, close, press, icon::X, "Close (Esc)", false).clicked() {
            state.help_open = false;
        }
        let width = (rect.width() - 56.0) / columns;
        for ((column, row), (heading, keys)) in places.into_iter().zip(groups) {
            let left = rect.left() + 28.0 + column as f32 * width;
            let top = rect.top() + 78.0 + row as f32 * 26.0;
            text(ui.painter(), pos2(left, top), Align2::LEFT_CENTER, heading, bold(13.0), kit.quiet(), width);
            for (row, (key, meaning)) in keys.iter().enumerate() {
                let y = top + 28.0 + row as f32 * 26.0;
                key_cap(ui, kit, pos2(left, y), key);
                text(
                    ui.painter(),
                    pos2(left + 112.0, y),
                    Align2::LEFT_CENTER,
                    meaning,
                    font(14.0),
                    kit.text(),
                    width - 118.0,
                );
            }
        }
        let outside_card = outside.interact_pointer_pos().is_some_and(|p| !rect.contains(p));
        if outside.clicked() && outside_card {
            state.help_open = false;
        }
    });
}

fn key_cap(ui: &Ui, kit: &Kit, at: Pos2, key: &str) {
    let galley = line(ui.painter(), key, font(12.0), kit.text(), 96.0);
    let rect = Rect::from_min_size(pos2(at.x, at.y - 10.0), vec2(galley.size().x + 14.0, 20.0));
    ui.painter().rect(rect, 4, kit.raised(), kit.hairline(), StrokeKind::Inside);
    ui.painter().galley(pos2(rect.left() + 7.0, middle(rect.center().y, &galley)), galley, kit.text());
}
