//! What the tools draw over the scene: the plane with its handle, distances, and what the pointer would take.

use egui::{Context, Order, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Vec2, WidgetInfo, WidgetType, vec2};

use super::super::paint::{area, line};
use super::super::style::{Kit, bold};
use crate::view::sight::Feature;
use crate::view::tools::{Span, ToolsView};
use crate::view::{AppView, UiState};

/// The section plane: its outline, and the handle that moves it.
pub fn plane(ctx: &Context, painter: &Painter, kit: &Kit, view: &AppView, free: Rect, state: &mut UiState) {
    let Some((_, Some(plane))) = &view.tools.section else { return };
    let corners: Vec<Pos2> = plane.corners.iter().map(|corner| Pos2::from(*corner)).collect();
    if corners.len() > 2 {
        let edge = Stroke::new(1.2, kit.accent().gamma_multiply(0.8));
        painter.add(Shape::closed_line(corners, edge));
    }
    let Some(handle) = plane.handle.map(Pos2::from).filter(|at| free.contains(*at)) else { return };
    let along = Vec2::from(plane.per_metre);
    // A normal that points at the eye has no direction on screen: then up moves the plane towards the eye.
    let direction = if along.length() > 1.0 { along.normalized() } else { vec2(0.0, -1.0) };
    let scale = along.length().max(20.0);
    for sign in [-1.0, 1.0] {
        let (from, to) = (handle + direction * 11.0 * sign, handle + direction * 34.0 * sign);
        painter.line_segment([from, to], Stroke::new(2.0, kit.accent()));
        let side = direction.rot90() * 6.0;
        let tip = to + direction * 9.0 * sign;
        painter.add(Shape::convex_polygon(vec![tip, to + side, to - side], kit.accent(), Stroke::NONE));
    }
    let grip = Rect::from_center_size(handle, vec2(44.0, 44.0));
    area(ctx, "section handle", grip, Order::Middle, |ui| {
        let response = ui.interact(grip, ui.id().with("grip"), Sense::drag());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Slider, true, "Handle of the section plane"));
        let tint = if response.hovered() || response.dragged() { kit.text() } else { kit.accent() };
        ui.painter().circle(handle, 9.0, kit.panel(), Stroke::new(2.0, tint));
        if response.dragged()
            && let Some(section) = state.sight.section.as_mut()
        {
            let metres = response.drag_delta().dot(direction) / scale;
            let now = section.distance();
            section.shift((now + metres).clamp(plane.range[0], plane.range[1]) - now);
        }
    });
}

/// The distances, and what the pointer would take.
pub fn spans(painter: &Painter, kit: &Kit, tools: &ToolsView) {
    let shadow = egui::Color32::from_black_alpha(120);
    for (Span { ends, .. }, length, _) in &tools.spans {
        for end in ends.iter().flatten() {
            painter.circle(Pos2::from(*end), 3.5, kit.panel(), Stroke::new(1.5, kit.text()));
        }
        let [Some(from), Some(to)] = *ends else { continue };
        let (from, to) = (Pos2::from(from), Pos2::from(to));
        painter.line_segment([from, to], Stroke::new(4.0, shadow));
        painter.line_segment([from, to], Stroke::new(1.6, kit.text()));
        let galley = line(painter, length, bold(13.0), kit.text(), 160.0);
        let at = from.lerp(to, 0.5);
        let ground = Rect::from_center_size(at, galley.size() + vec2(14.0, 8.0));
        painter.rect(ground, 5, kit.glass(), kit.hairline(), StrokeKind::Inside);
        painter.galley(ground.min + vec2(7.0, 4.0), galley, kit.text());
    }
    let Some((at, feature)) = tools.snap else { return };
    let at = Pos2::from(at);
    let stroke = Stroke::new(2.0, kit.accent());
    match feature {
        Feature::Corner => {
            painter.rect_stroke(Rect::from_center_size(at, vec2(11.0, 11.0)), 0, stroke, StrokeKind::Middle);
        }
        Feature::Edge => {
            let (up, side) = (vec2(0.0, 7.0), vec2(7.0, 5.0));
            painter.add(Shape::closed_line(vec![at - up, at + side, at + vec2(-7.0, 5.0)], stroke));
        }
        Feature::Face => {
            painter.circle_stroke(at, 5.0, stroke);
        }
    }
}
