//! The bar: site, links, counts by state, rate; search and tools.

use egui::{
    Align, Align2, Layout, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, UiBuilder, WidgetInfo, WidgetType, pos2, vec2,
};
use egui_phosphor::regular as icon;

use super::paint::{icon_button, line, mark, middle, shape_mark, text};
use super::style::{Kit, bold, colour, font, icons};
use super::{export, field, keys, paint, tags, viewpoints, walk};
use crate::view::bar::{BarView, CountView, LinkSign, SourceView};
use crate::view::theme::{Fill, Shape, ThemeName, severity_colour};
use crate::view::{AppView, TreeFilter, UiAction, UiState};

/// The bar.
pub fn bar_ui(ui: &mut Ui, kit: &Kit, view: &AppView, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let rect = ui.max_rect();
    let compact = view.layout.compact;
    let mut right = ui.new_child(
        UiBuilder::new().max_rect(rect.shrink2(vec2(10.0, 0.0))).layout(Layout::right_to_left(Align::Center)),
    );
    tools(&mut right, kit, view, compact, state, actions);
    let end = right.min_rect().left() - 12.0;

    let left = Rect::from_min_max(rect.min + vec2(16.0, 0.0), pos2(end, rect.bottom()));
    let mut left_ui = ui.new_child(UiBuilder::new().max_rect(left).layout(Layout::left_to_right(Align::Center)));
    left_ui.set_clip_rect(left.intersect(ui.clip_rect()));
    left_ui.spacing_mut().item_spacing.x = 0.0;
    status(&mut left_ui, kit, &view.bar, compact, state);
}

fn status(ui: &mut Ui, kit: &Kit, bar: &BarView, compact: bool, state: &mut UiState) {
    let site = if compact { (ui.max_rect().width() * 0.3).min(130.0) } else { 240.0 };
    word(ui, &bar.site, bold(15.0), kit.text(), site, "");
    divider(ui, kit);
    // One link may say why it is lost; several share the room.
    let share = ui.max_rect().width() * 0.36 / bar.sources.len().max(1) as f32;
    for source in &bar.sources {
        source_ui(ui, kit, source, if compact { share.clamp(150.0, 360.0) } else { 320.0 });
        ui.add_space(14.0);
    }
    if bar.more_sources > 0 {
        word(ui, &format!("+{} more", bar.more_sources), font(12.0), kit.faint(), 80.0, "");
        ui.add_space(14.0);
    }
    if !bar.sources.is_empty() {
        ui.add_space(-14.0);
    }
    divider(ui, kit);
    for count in &bar.counts {
        count_ui(ui, kit, count, compact, state);
        ui.add_space(if compact { 10.0 } else { 16.0 });
    }
    ui.add_space(if compact { -10.0 } else { -16.0 });
    divider(ui, kit);
    word(ui, &bar.rate, font(13.0), kit.quiet(), 110.0, "messages per second over all sources");
    if let Some(dropped) = &bar.dropped {
        ui.add_space(12.0);
        let (rect, _) = ui.allocate_exact_size(vec2(16.0, 20.0), Sense::hover());
        let high = twinscope_twin::severity::Severity::High;
        shape_mark(ui.painter(), kit, rect.center(), 5.0, Shape::Triangle, Fill::Solid, severity_colour(high));
        let tint = colour(kit.theme.state_text(high));
        word(
            ui,
            dropped,
            font(13.0),
            tint,
            140.0,
            "messages that our own bounds let go: the signals concerned are uncertain",
        );
    }
}

fn tools(ui: &mut Ui, kit: &Kit, view: &AppView, compact: bool, state: &mut UiState, actions: &mut Vec<UiAction>) {
    let bar = &view.bar;
    ui.spacing_mut().item_spacing.x = 2.0;
    if icon_button(ui, kit, icon::QUESTION, "Keys (?)", state.help_open).clicked() {
        state.help_open = !state.help_open;
    }
    super::picture::picture_button(ui, kit, bar.outdoors, state);
    let (sign, name, next) = match state.theme {
        ThemeName::Dark => (icon::SUN, "Light theme", ThemeName::Light),
        ThemeName::Light => (icon::MOON, "Dark theme", ThemeName::Dark),
    };
    if icon_button(ui, kit, sign, name, false).clicked() {
        state.theme = next;
    }
    if icon_button(ui, kit, icon::CORNERS_OUT, "Full screen (F11)", false).clicked() {
        actions.push(UiAction::ToggleFullscreen);
    }
    let ghost = state.sight.ghost_housings;
    if icon_button(ui, kit, icon::CUBE_TRANSPARENT, "Ghost the housings (G)", ghost).clicked() {
        state.sight.ghost_housings = !ghost;
    }
    export::menu_ui(ui, kit, view, state, actions);
    tags::menu_ui(ui, kit, state);
    walk::menu_ui(ui, kit, view, state, actions);
    viewpoints::menu_ui(ui, kit, view, state, actions);
    field::menu_ui(ui, kit, &view.field, state);
    super::room::bar_button(ui, kit, &view.room, state);
    if icon_button(ui, kit, icon::LIST_NUMBERS, "Fleet by risk (5)", state.fleet_open).clicked() {
        state.fleet_open = !state.fleet_open;
    }
    if icon_button(ui, kit, icon::FRAME_CORNERS, "Fit everything (Home)", false).clicked() {
        actions.push(UiAction::FitAll);
    }
    ui.add_space(8.0);
    // A narrow window gives up the search's width before the state of the links.
    let window = ui.max_rect().width();
    let field = match compact {
        false => 240.0,
        true if window >= 900.0 => 180.0,
        true => (window * 0.2).clamp(76.0, 150.0),
    };
    search(ui, kit, field, state);
    ui.add_space(10.0);
    // The scene's ribbon says it too.
    if bar.simulated && window >= 720.0 {
        pill(ui, kit, "SIMULATED", "A simulator stands in for the machines: nothing here is real");
        ui.add_space(4.0);
    }
    if bar.read_only {
        pill(ui, kit, "READ ONLY", "Commands that leave this program are refused");
        ui.add_space(4.0);
    }
}

fn search(ui: &mut Ui, kit: &Kit, width: f32, state: &mut UiState) {
    let (rect, _) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    let id = keys::search_id();
    let focused = ui.memory(|memory| memory.has_focus(id));
    let edge = if focused { Stroke::new(1.0, kit.accent()) } else { kit.hairline() };
    ui.painter().rect(rect, 6, colour(kit.theme.bg), edge, StrokeKind::Inside);
    let glass = pos2(rect.left() + 15.0, rect.center().y);
    ui.painter().text(glass, Align2::CENTER_CENTER, icon::MAGNIFYING_GLASS, icons(14.0), kit.faint());
    let field = Rect::from_min_max(rect.min + vec2(28.0, 0.0), rect.max - vec2(30.0, 0.0));
    let hint = if field.width() < 160.0 { "Search or ask" } else { "Search, or health < 0.6" };
    let hint = egui::RichText::new(hint).color(kit.faint()).font(font(13.0));
    let edit = TextEdit::singleline(&mut state.search)
        .id(id)
        .frame(egui::Frame::NONE)
        .font(font(13.0))
        .text_color(kit.text())
        .vertical_align(Align::Center)
        .hint_text(hint)
        .char_limit(300)
        .desired_width(field.width());
    // In a child: a widget that is put anywhere moves the cursor of the row.
    ui.new_child(UiBuilder::new().max_rect(field)).put(field, edit);
    let end = pos2(rect.right() - 9.0, rect.center().y);
    if state.search.is_empty() {
        if !focused {
            text(ui.painter(), end, Align2::RIGHT_CENTER, "/", font(12.0), kit.faint(), 20.0);
        }
    } else {
        let cross = Rect::from_center_size(pos2(rect.right() - 15.0, rect.center().y), vec2(22.0, 22.0));
        let response = ui.interact(cross, id.with("clear"), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, "Clear the search"));
        let tint = if response.hovered() { kit.text() } else { kit.quiet() };
        ui.painter().text(cross.center(), Align2::CENTER_CENTER, icon::X, icons(13.0), tint);
        if response.clicked() {
            state.search.clear();
        }
    }
}

fn pill(ui: &mut Ui, kit: &Kit, word: &str, tooltip: &str) {
    let galley = line(ui.painter(), word, bold(11.0), kit.quiet(), 120.0);
    let (rect, response) = ui.allocate_exact_size(galley.size() + vec2(16.0, 8.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, word));
    ui.painter().rect_stroke(rect, 10, Stroke::new(1.0, kit.faint()), StrokeKind::Inside);
    ui.painter().galley(rect.min + vec2(8.0, 4.0), galley, kit.quiet());
    response.on_hover_text(tooltip);
}

fn word(ui: &mut Ui, word: &str, font: egui::FontId, tint: egui::Color32, width: f32, tooltip: &str) {
    let galley = line(ui.painter(), word, font, tint, width);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x, 28.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, word));
    let at = pos2(rect.left(), middle(rect.center().y, &galley));
    ui.painter().galley(at, galley, tint);
    if !tooltip.is_empty() {
        response.on_hover_text(tooltip);
    }
}

fn divider(ui: &mut Ui, kit: &Kit) {
    let (rect, _) = ui.allocate_exact_size(vec2(33.0, 20.0), Sense::hover());
    ui.painter().vline(rect.center().x, rect.y_range(), kit.hairline());
}

fn source_ui(ui: &mut Ui, kit: &Kit, source: &SourceView, width: f32) {
    let strong = line(ui.painter(), source.word, font(13.0), kit.text(), 90.0);
    let detail = line(ui.painter(), &source.detail, font(13.0), kit.quiet(), width - strong.size().x);
    let gap = if source.detail.is_empty() { 0.0 } else { 6.0 };
    let size = vec2(18.0 + strong.size().x + gap + detail.size().x, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{} {}", source.word, source.detail)));
    link_sign(ui.painter(), kit, pos2(rect.left() + 6.0, rect.center().y), source.sign);
    let mut at = pos2(rect.left() + 18.0, middle(rect.center().y, &strong));
    let step = strong.size().x + gap;
    ui.painter().galley(at, strong, kit.text());
    at.x += step;
    ui.painter().galley(at, detail, kit.quiet());
    response.on_hover_text(&source.tooltip);
}

/// The sign of a link: full when live, open when not.
pub fn link_sign(painter: &egui::Painter, kit: &Kit, at: egui::Pos2, sign: LinkSign) {
    let calm = kit.theme.text;
    let alarm = severity_colour(sign.severity());
    match sign {
        LinkSign::Live => shape_mark(painter, kit, at, 4.8, Shape::Disc, Fill::Solid, calm),
        LinkSign::Direct => shape_mark(painter, kit, at, 5.0, Shape::Disc, Fill::Cored, calm),
        LinkSign::Connecting | LinkSign::Idle => {
            shape_mark(painter, kit, at, 5.0, Shape::Disc, Fill::Dotted, kit.theme.quiet);
        }
        LinkSign::Lost => shape_mark(painter, kit, at, 6.0, Shape::Triangle, Fill::Hatched, alarm),
        LinkSign::Refused => shape_mark(painter, kit, at, 6.0, Shape::Triangle, Fill::Solid, alarm),
    }
}

fn count_ui(ui: &mut Ui, kit: &Kit, count: &CountView, compact: bool, state: &mut UiState) {
    let figure = line(ui.painter(), &count.count, font(14.0), kit.text(), 70.0);
    let word = if compact { "" } else { count.word };
    let word = line(ui.painter(), word, font(13.0), kit.quiet(), 70.0);
    let gap = if word.size().x > 0.0 { 5.0 } else { 0.0 };
    let size = vec2(17.0 + figure.size().x + gap + word.size().x, 28.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, &count.tooltip));
    if response.hovered() {
        ui.painter().rect_filled(rect.expand2(vec2(5.0, -2.0)), 6, kit.raised());
    }
    mark(ui.painter(), kit, pos2(rect.left() + 6.0, rect.center().y), 5.4, count.mark);
    let mut at = pos2(rect.left() + 17.0, middle(rect.center().y, &figure));
    let step = figure.size().x + gap;
    ui.painter().galley(at, figure, kit.text());
    at.x += step;
    at.y = middle(rect.center().y, &word);
    ui.painter().galley(at, word, kit.quiet());
    paint::focus_ring(ui, kit, rect.expand(3.0), &response);
    if response.clicked() {
        state.filter = if state.filter == count.filter { TreeFilter::All } else { count.filter };
        state.panels.tree = true;
    }
    response.on_hover_text(&count.tooltip);
}
