//! The site, in the inspector's place when nothing is selected: what wants attention, links, counters.

use egui::{Align2, Rect, Sense, Ui, WidgetInfo, WidgetType, pos2, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::command::Command;
use twinscope_twin::site::PartRow;

use super::bar::link_sign;
use super::paint::{heading, mark, paragraph, raw_box, row_ground, rule, text, word_button};
use super::spread::{Belief, spread_bar};
use super::style::{Kit, bold, font, mono};
use crate::view::bar::LinkSign;
use crate::view::inspector::SiteView;
use crate::view::lives::LifeView;
use crate::view::theme::Mark;
use crate::view::{UiAction, UiState};

/// The site.
pub fn site_ui(
    ui: &mut Ui,
    kit: &Kit,
    site: &SiteView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    ui.add_space(14.0);
    paragraph(ui, &site.name, bold(20.0), kit.text());
    paragraph(ui, &site.summary, font(12.0), kit.quiet());

    heading(ui, kit, "Wants attention", "");
    if site.attention.is_empty() {
        paragraph(ui, site.calm, font(13.0), kit.quiet());
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (part, sign, name, asset) in &site.attention {
            attention_ui(ui, kit, *part, *sign, name, asset, actions, hover);
        }
    });
    if site.more > 0 {
        paragraph(ui, &format!("and {} more in the tree", site.more), font(12.0), kit.faint());
    }

    if !site.lives.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Shortest lives", "");
        for (part, name, asset, life) in &site.lives {
            life_ui(ui, kit, (*part, name, asset), life, actions, hover);
        }
        ui.add_space(4.0);
        if word_button(ui, kit, icon::LIST_NUMBERS, "Fleet by risk", true).clicked() {
            state.fleet_open = true;
        }
    }

    rule(ui, kit);
    heading(ui, kit, "Sources", "");
    for (id, url, source) in &site.sources {
        let width = ui.available_width();
        let (rect, response) = ui.allocate_exact_size(vec2(width, 36.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{id}: {}", source.word)));
        let painter = ui.painter();
        link_sign(painter, kit, pos2(rect.left() + 6.0, rect.top() + 10.0), source.sign);
        let at = pos2(rect.left() + 22.0, rect.top() + 10.0);
        let name = text(painter, at, Align2::LEFT_CENTER, id, font(14.0), kit.text(), width * 0.4);
        // Why a link is not there needs lines of its own.
        let reason = matches!(source.sign, LinkSign::Lost | LinkSign::Refused) && !source.detail.is_empty();
        let said = if source.detail.is_empty() || reason {
            source.word.to_owned()
        } else {
            format!("{} {}", source.word, source.detail)
        };
        let room = rect.right() - name.right() - 12.0;
        text(
            painter,
            pos2(rect.right(), rect.top() + 10.0),
            Align2::RIGHT_CENTER,
            &said,
            font(12.0),
            kit.quiet(),
            room,
        );
        let below = pos2(rect.left() + 22.0, rect.top() + 27.0);
        text(painter, below, Align2::LEFT_CENTER, url, mono(11.0), kit.faint(), width - 22.0);
        response.on_hover_text(&source.tooltip);
        if reason {
            paragraph(ui, &source.detail, font(12.0), kit.quiet());
        }
    }
    if let Some(url) = &site.broker_url {
        ui.add_space(4.0);
        paragraph(ui, "Other clients reach the same broker at", font(12.0), kit.faint());
        raw_box(ui, kit, url);
    }
    if !site.trouble.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Counted since the start", "");
        for (what, n) in &site.trouble {
            let width = ui.available_width();
            let (rect, response) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, format!("{n} {what}")));
            text(ui.painter(), rect.left_center(), Align2::LEFT_CENTER, what, font(13.0), kit.quiet(), width - 80.0);
            text(ui.painter(), rect.right_center(), Align2::RIGHT_CENTER, n, font(13.0), kit.text(), 80.0);
        }
    }
    if !site.stand_ins.is_empty() {
        rule(ui, kit);
        heading(ui, kit, "Stand-in models", "");
        for (name, why) in &site.stand_ins {
            paragraph(ui, &format!("{name}: {why}"), font(12.0), kit.quiet());
        }
    }
}

/// A life: part and asset, the life in words, its bar.
fn life_ui(
    ui: &mut Ui,
    kit: &Kit,
    (part, name, asset): (PartRow, &str, &str),
    life: &LifeView,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 52.0), Sense::click());
    response.widget_info(|| {
        WidgetInfo::labeled(WidgetType::Button, true, format!("{name}: {} {}", life.text, life.caveat))
    });
    row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered(), false);
    let painter = ui.painter();
    let y = rect.top() + 11.0;
    let right =
        text(painter, pos2(rect.right(), y), Align2::RIGHT_CENTER, asset, font(12.0), kit.faint(), width * 0.34);
    text(
        painter,
        pos2(rect.left(), y),
        Align2::LEFT_CENTER,
        name,
        font(14.0),
        kit.text(),
        right.left() - rect.left() - 8.0,
    );
    let tint = if life.usable() { kit.quiet() } else { kit.faint() };
    let at = pos2(rect.left(), y + 18.0);
    let said = if life.caveat.is_empty() { life.text.clone() } else { format!("{} · {}", life.text, life.caveat) };
    text(painter, at, Align2::LEFT_CENTER, &said, font(12.0), tint, width);
    if let Some(bar) = &life.bar {
        let line = Rect::from_min_max(pos2(rect.left(), y + 28.0), pos2(rect.right() - 6.0, y + 38.0));
        spread_bar(painter, kit, line, bar, Belief::of(life));
    }
    if response.hovered() {
        *hover = Some(part);
    }
    if response.clicked() {
        actions.push(UiAction::Command(Command::Select(Some(part))));
    }
    if response.double_clicked() {
        actions.push(UiAction::FlyTo(part));
    }
}

fn attention_ui(
    ui: &mut Ui,
    kit: &Kit,
    part: PartRow,
    sign: Mark,
    name: &str,
    asset: &str,
    actions: &mut Vec<UiAction>,
    hover: &mut Option<PartRow>,
) {
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Button, true, format!("{name}: {}", sign.words())));
    row_ground(ui, kit, rect.expand2(vec2(8.0, 0.0)), response.hovered(), false);
    let painter = ui.painter();
    mark(painter, kit, pos2(rect.left() + 6.0, rect.center().y), 5.2, sign);
    let right = text(painter, rect.right_center(), Align2::RIGHT_CENTER, asset, font(12.0), kit.faint(), width * 0.34);
    let room = right.left() - rect.left() - 32.0;
    text(painter, pos2(rect.left() + 22.0, rect.center().y), Align2::LEFT_CENTER, name, font(14.0), kit.text(), room);
    if response.hovered() {
        *hover = Some(part);
    }
    if response.clicked() {
        actions.push(UiAction::Command(Command::Select(Some(part))));
    }
    if response.double_clicked() {
        actions.push(UiAction::FlyTo(part));
    }
}
