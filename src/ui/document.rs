//! A document over the scene, and the question whether the system's viewer may open one.

use egui::{Align2, Color32, Id, Order, Rect, ScrollArea, Sense, StrokeKind, Ui, UiBuilder, pos2, vec2};
use egui_phosphor::regular as icon;

use super::markdown::markdown_ui;
use super::paint::{icon_button_at, paragraph, text, word_button};
use super::style::{Kit, bold, font};
use crate::view::document::{Paper, file_name};
use crate::view::{UiAction, UiState};

/// Widest that a text is set: a line of more characters is hard to read.
const WIDEST: f32 = 760.0;

/// What is open of both, in the free rectangle.
pub fn show(ctx: &egui::Context, kit: &Kit, free: Rect, state: &mut UiState, actions: &mut Vec<UiAction>) {
    if let Some(paper) = &state.papers.open
        && paper_ui(ctx, kit, paper, free)
    {
        state.papers.open = None;
    }
    if let Some(file) = &state.papers.ask {
        match question(ctx, kit, file) {
            Some(true) => {
                actions.push(UiAction::OpenWithSystem { file: file.clone() });
                state.papers.ask = None;
            }
            Some(false) => state.papers.ask = None,
            None => {}
        }
    }
}

/// Whether it is closed.
fn paper_ui(ctx: &egui::Context, kit: &Kit, paper: &Paper, free: Rect) -> bool {
    let size = vec2((free.width() - 28.0).min(WIDEST), free.height() - 28.0);
    if size.x < 160.0 || size.y < 120.0 {
        return false;
    }
    let rect = Rect::from_min_size(pos2(free.center().x - size.x / 2.0, free.top() + 14.0), size);
    let mut closed = false;
    super::panel(ctx, "document", rect, Order::Foreground, Color32::TRANSPARENT, |ui| {
        ui.painter().rect(rect, 8, kit.panel(), kit.hairline(), StrokeKind::Inside);
        let y = rect.top() + 26.0;
        let close = Rect::from_center_size(pos2(rect.right() - 26.0, y), vec2(28.0, 26.0));
        let press = ui.interact(close, ui.id().with("close document"), Sense::click());
        closed = icon_button_at(ui, kit, close, press, icon::X, "Close the document (Esc)", false).clicked();
        let room = close.left() - rect.left() - 40.0;
        let at = pos2(rect.left() + 24.0, y);
        let title = text(ui.painter(), at, Align2::LEFT_CENTER, &paper.title, bold(16.0), kit.text(), room);
        let at = pos2(title.right() + 12.0, y + 1.0);
        let name = file_name(&paper.file);
        text(ui.painter(), at, Align2::LEFT_CENTER, name, font(12.0), kit.faint(), close.left() - at.x - 12.0);
        ui.painter().hline(rect.x_range(), rect.top() + 50.0, kit.hairline());
        let body = Rect::from_min_max(rect.min + vec2(0.0, 51.0), rect.max - vec2(1.0, 1.0));
        scroll(ui, body, 24.0, &paper.file, |ui| match &paper.body {
            None => {
                paragraph(ui, "Reading the document", font(13.0), kit.faint());
            }
            Some(Err(why)) => {
                paragraph(ui, &format!("The document cannot be read: {why}"), font(14.0), kit.text());
            }
            Some(Ok(markdown)) => markdown_ui(ui, kit, markdown, &paper.file),
        });
    });
    closed
}

/// A body that scrolls, with margins at its sides.
pub fn scroll(ui: &mut Ui, body: Rect, margin: f32, id: &str, add: impl FnOnce(&mut Ui)) {
    let mut outer = ui.new_child(UiBuilder::new().max_rect(body));
    outer.set_clip_rect(body.intersect(ui.clip_rect()));
    ScrollArea::vertical().id_salt(("text", id)).auto_shrink(false).show(&mut outer, |ui| {
        let inner = ui.available_rect_before_wrap();
        let inner = Rect::from_min_max(
            pos2(inner.left() + margin, inner.top() + 12.0),
            pos2(inner.left() + body.width() - margin, inner.bottom()),
        );
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner));
        child.set_width(inner.width());
        add(&mut child);
        child.add_space(24.0);
        let used = child.min_rect();
        ui.advance_cursor_after_rect(Rect::from_min_max(used.min, pos2(inner.right(), used.bottom())));
    });
}

/// The answer, once there is one.
fn question(ctx: &egui::Context, kit: &Kit, file: &str) -> Option<bool> {
    let mut answer = None;
    let window = ctx.viewport_rect();
    let size = vec2(440.0_f32.min(window.width() - 24.0), 132.0);
    let rect = Rect::from_center_size(window.center(), size);
    super::panel(ctx, "ask for the system's viewer", rect, Order::Foreground, Color32::TRANSPARENT, |ui| {
        ui.painter().rect(rect, 8, kit.raised(), kit.hairline(), StrokeKind::Inside);
        let inner = rect.shrink(20.0);
        let mut child = ui.new_child(UiBuilder::new().max_rect(inner).id_salt(Id::new("system's viewer")));
        let asked = format!("Open {} with the system's viewer?", file_name(file));
        paragraph(&mut child, &asked, bold(14.0), kit.text());
        paragraph(&mut child, "Another program shows it. It comes from the site's files.", font(12.0), kit.quiet());
        child.add_space(8.0);
        child.horizontal(|ui| {
            if word_button(ui, kit, icon::ARROW_SQUARE_OUT, "Open", true).clicked() {
                answer = Some(true);
            }
            if word_button(ui, kit, "", "Not now", true).clicked() {
                answer = Some(false);
            }
        });
    });
    answer
}
