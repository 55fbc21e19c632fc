//! The story of a part's state, from message to state, along one line.

use egui::{Align2, Sense, Stroke, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::paint::{mark, raw_box, text, wrapped};
use super::style::{Kit, font};
use crate::view::why::WhyStep;

/// Where the line runs, from the left.
const SPINE: f32 = 7.0;

/// Where the words start.
const INDENT: f32 = 24.0;

/// The steps, top to bottom.
pub fn why_ui(ui: &mut Ui, kit: &Kit, steps: &[WhyStep]) {
    let left = ui.max_rect().left();
    let mut last_node: Option<f32> = None;
    for step in steps {
        let width = ui.available_width() - INDENT;
        let top = ui.cursor().top();
        let painter = ui.painter().clone();
        let word = step.link.word();
        let age_width = step.age.as_ref().map_or(0.0, |age| {
            let at = pos2(left + INDENT + width, top + 7.0);
            text(&painter, at, Align2::RIGHT_CENTER, age, font(12.0), kit.quiet(), width * 0.6).width()
        });
        text(
            &painter,
            pos2(left + INDENT, top + 7.0),
            Align2::LEFT_CENTER,
            word,
            font(12.0),
            kit.faint(),
            width - age_width - 8.0,
        );
        let fact = wrapped(&painter, &step.fact, font(14.0), kit.text(), width);
        let fact_at = pos2(left + INDENT, top + 16.0);
        let mut height = 16.0 + fact.size().y;
        painter.galley(fact_at, fact, kit.text());
        if let Some(detail) = &step.detail {
            let galley = wrapped(&painter, detail, font(12.0), kit.quiet(), width);
            let size = galley.size().y;
            painter.galley(pos2(left + INDENT, top + height + 1.0), galley, kit.quiet());
            height += size + 1.0;
        }
        let (_, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{word}: {}", step.fact)));
        if let Some(raw) = &step.raw {
            ui.add_space(-1.0);
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 0.0;
                ui.add_space(INDENT);
                raw_box(ui, kit, raw);
            });
        }
        ui.add_space(5.0);

        let node = pos2(left + SPINE, top + 25.0);
        if let Some(before) = last_node {
            painter
                .line_segment([pos2(node.x, before + 9.0), pos2(node.x, node.y - 9.0)], Stroke::new(1.0, kit.line()));
        }
        match step.mark {
            Some(sign) => mark(&painter, kit, node, 6.0, sign),
            None => {
                painter.circle_filled(node, 2.5, kit.faint());
            }
        }
        last_node = Some(node.y);
    }
}
