//! The fleet by risk: a table over the scene.

use egui::{
    Align2, Color32, Order, Rect, ScrollArea, Sense, StrokeKind, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;

use super::paint::{icon_button_at, mark, row_ground, text};
use super::spread;
use super::style::{Kit, bold, font};
use crate::view::fleet::{FleetRow, FleetView};
use crate::view::{UiAction, UiState, words};

/// Height of a row.
const ROW: f32 = 30.0;

/// Share of the words in the column of lives; the rest is the bar.
const WORDS: f32 = 0.64;

/// Columns: heading, and share of the width.
const COLUMNS: [(&str, f32); 7] = [
    ("", 0.04),
    ("Asset", 0.12),
    ("Part at risk", 0.16),
    ("Remaining life", 0.35),
    ("Fails, 30 d", 0.10),
    ("Cost of waiting", 0.125),
    ("Model", 0.105),
];

/// Where the table is narrow (a big screen that is read from afar) names and lives come before the rest.
const NARROW: (f32, [f32; 7]) = (640.0, [0.06, 0.24, 0.0, 0.52, 0.18, 0.0, 0.0]);

/// The table in the free rectangle; the place that it takes.
pub fn fleet_ui(
    ctx: &egui::Context,
    kit: &Kit,
    view: &FleetView,
    free: Rect,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let wanted = 112.0 + view.len() as f32 * ROW;
    let size = vec2((free.width() - 28.0).min(1180.0), wanted.min(free.height() - 28.0));
    let rect = Rect::from_min_size(pos2(free.center().x - size.x / 2.0, free.top() + 14.0), size);
    if size.x < 200.0 || size.y < 80.0 {
        return;
    }
    super::panel(ctx, "fleet", rect, Order::Foreground, Color32::TRANSPARENT, |ui| {
        ui.painter().rect(rect, 8, kit.panel(), kit.hairline(), StrokeKind::Inside);
        let y = rect.top() + 26.0;
        let title = text(
            ui.painter(),
            pos2(rect.left() + 18.0, y),
            Align2::LEFT_CENTER,
            "Fleet by risk",
            bold(16.0),
            kit.text(),
            160.0,
        );
        let unknown = view.len() - view.known;
        let mut said = words::plural(view.len() as u64, "asset", "assets");
        if unknown > 0 {
            said.push_str(&format!(", remaining life of {unknown} not known"));
        }
        let room = rect.right() - title.right() - 70.0;
        text(
            ui.painter(),
            pos2(title.right() + 12.0, y + 1.0),
            Align2::LEFT_CENTER,
            &said,
            font(12.0),
            kit.quiet(),
            room,
        );
        let close = Rect::from_center_size(pos2(rect.right() - 26.0, y), vec2(28.0, 26.0));
        let press = ui.interact(close, ui.id().with("close fleet"), Sense::click());
        if icon_button_at(ui, kit, close, press, icon::X, "Close the fleet (5)", false).clicked() {
            state.fleet_open = false;
        }
        let inner = Rect::from_min_max(rect.min + vec2(18.0, 50.0), rect.max - vec2(18.0, 10.0));
        heading(ui, kit, view, inner);
        let body = Rect::from_min_max(inner.min + vec2(0.0, 42.0), inner.max);
        let mut child = ui.new_child(UiBuilder::new().max_rect(body));
        child.set_clip_rect(body.expand2(vec2(8.0, 0.0)));
        child.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("fleet rows").auto_shrink(false).show_rows(
            &mut child,
            ROW,
            view.len(),
            |ui, range| {
                for row in range.filter_map(|index| view.row(index)) {
                    row_ui(ui, kit, view, &row, inner, actions);
                }
            },
        );
    });
}

/// Where a column lies, and its width: none where it is left out.
fn column(inner: Rect, index: usize) -> (f32, f32) {
    let (narrow, few) = NARROW;
    let shares = if inner.width() < narrow { few } else { COLUMNS.map(|(_, share)| share) };
    let before: f32 = shares.iter().take(index).sum();
    let share = shares.get(index).copied().unwrap_or_default();
    (inner.left() + before * inner.width(), (share * inner.width() - 10.0).max(0.0))
}

fn heading(ui: &Ui, kit: &Kit, view: &FleetView, inner: Rect) {
    for (index, (title, _)) in COLUMNS.iter().enumerate() {
        let (x, width) = column(inner, index);
        if width <= 0.0 {
            continue;
        }
        text(ui.painter(), pos2(x, inner.top() + 8.0), Align2::LEFT_CENTER, title, font(12.0), kit.faint(), width);
    }
    let line = bar_place(inner, inner.top() + 12.0);
    spread::axis(ui.painter(), kit, line, &view.ticks);
    ui.painter().hline(inner.x_range(), inner.top() + 38.0, kit.hairline());
}

/// The bar of a row: the right part of the column of lives.
fn bar_place(inner: Rect, middle: f32) -> Rect {
    let (x, width) = column(inner, 3);
    Rect::from_min_max(pos2(x + width * WORDS, middle - 6.0), pos2(x + width - 10.0, middle + 6.0))
}

fn row_ui(ui: &mut Ui, kit: &Kit, view: &FleetView, row: &FleetRow, inner: Rect, actions: &mut Vec<UiAction>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let life = row.life.as_ref();
    let told = life.map_or("not known", |life| life.text.as_str());
    response.widget_info(|| {
        let said = format!("{}: {}, remaining life {told}, fails in 30 d {}", row.name, row.part_name, row.failure);
        WidgetInfo::selected(WidgetType::SelectableLabel, true, view.selected == Some(row.asset), said)
    });
    row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered(), view.selected == Some(row.asset));
    let painter = ui.painter();
    let y = rect.center().y;
    mark(painter, kit, pos2(column(inner, 0).0 + 10.0, y), 5.0, row.mark);
    let say = |index: usize, said: &str, strong: bool| {
        let (x, width) = column(inner, index);
        if width <= 0.0 {
            return;
        }
        let tint = if strong { kit.text() } else { kit.quiet() };
        text(painter, pos2(x, y), Align2::LEFT_CENTER, said, font(13.0), tint, width);
    };
    say(1, &row.name, true);
    say(2, &row.part_name, false);
    say(4, &row.failure, life.is_some_and(crate::view::lives::LifeView::usable));
    say(5, &row.waiting, true);
    say(6, &row.belief, false);
    let (x, width) = column(inner, 3);
    let tint = match life {
        Some(life) if life.usable() => kit.text(),
        _ => kit.faint(),
    };
    text(painter, pos2(x, y), Align2::LEFT_CENTER, told, font(13.0), tint, width * WORDS - 8.0);
    if let Some((life, bar)) = life.and_then(|life| Some((life, life.bar.as_ref()?))) {
        spread::spread_bar(painter, kit, bar_place(inner, y), bar, spread::Belief::of(life));
    }
    if let Some(part) = row.part {
        if response.clicked() {
            actions.push(UiAction::Command(Command::Select(Some(part))));
        }
        if response.double_clicked() {
            actions.push(UiAction::FlyTo(part));
        }
    }
    if let Some(life) = life.filter(|life| !life.caveat.is_empty()) {
        response.on_hover_text(format!("{} · {}", life.text, life.caveat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_table_leaves_out_columns_and_gives_their_room_to_names_and_lives() {
        let wide = |index, width| column(Rect::from_min_size(pos2(0.0, 0.0), vec2(width, 100.0)), index).1;
        assert_eq!([2, 5, 6].map(|index| wide(index, 600.0)), [0.0; 3]);
        assert!([1, 3].into_iter().all(|index| wide(index, 600.0) > wide(index, 700.0)));
        assert!((0..7).all(|index| wide(index, 700.0) > 0.0));
    }
}
