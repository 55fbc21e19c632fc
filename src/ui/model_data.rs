//! What the model file says of the selected part: a section of the inspector that folds. A click on a value copies it.

use egui::{Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};

use super::fields::section;
use super::paint::{line, row_ground, rule, wrapped};
use super::style::{Kit, font};
use crate::view::UiState;
use crate::view::model_data::Rows;

/// Share of the width for names.
const NAMES: f32 = 0.36;

/// The section.
pub fn model_ui(ui: &mut Ui, kit: &Kit, rows: &(Rows, Rows), state: &mut UiState) {
    rule(ui, kit);
    ui.add_space(10.0);
    if !section(ui, kit, state, "model data", "Model data", "from the glTF file", false) {
        return;
    }
    rows_ui(ui, kit, &rows.0);
    ui.add_space(6.0);
    let galley = line(ui.painter(), "The file", font(12.0), kit.faint(), 200.0);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 18.0), Sense::hover());
    ui.painter().galley(rect.min, galley, kit.faint());
    rows_ui(ui, kit, &rows.1);
}

fn rows_ui(ui: &mut Ui, kit: &Kit, rows: &Rows) {
    let width = ui.available_width();
    for (name, value) in rows {
        let said = wrapped(ui.painter(), value, font(13.0), kit.text(), width * (1.0 - NAMES));
        let (rect, response) = ui.allocate_exact_size(vec2(width, said.size().y.max(17.0) + 3.0), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{name}: {value}")));
        row_ground(ui, kit, rect.expand2(vec2(6.0, 0.0)), response.hovered(), false);
        let name = line(ui.painter(), name, font(12.0), kit.quiet(), width * NAMES - 8.0);
        ui.painter().galley(rect.min + vec2(0.0, 2.0), name, kit.quiet());
        ui.painter().galley(pos2(rect.left() + width * NAMES, rect.top() + 1.0), said, kit.text());
        if response.clicked() {
            ui.ctx().copy_text(value.clone());
        }
        response.on_hover_text("Click to copy");
    }
}
