//! Evidence: the form for what the models of a part can use, and what was found, done and planned.

use egui::{Sense, Ui, WidgetInfo, WidgetType, vec2};
use egui_phosphor::regular as icon;

use twinscope_twin::site::PartRow;

use super::fields::{chips, text_field};
use super::paint::{paragraph, word_button};
use super::style::{Kit, font};
use crate::view::records::{OfferView, RecordsView};
use crate::view::{UiAction, UiState};

/// Form and list.
pub fn records_ui(
    ui: &mut Ui,
    kit: &Kit,
    part: PartRow,
    view: &RecordsView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    state.evidence.about(part);
    if !view.offers.is_empty() {
        form_ui(ui, kit, part, view, state, actions);
    }
    if view.records.is_empty() {
        paragraph(ui, "Nothing is recorded yet.", font(12.0), kit.faint());
    }
    for record in &view.records {
        ui.add_space(2.0);
        paragraph(ui, &record.what, font(13.0), kit.text());
        paragraph(ui, &format!("{} · {}", record.kind, record.when), font(12.0), kit.faint());
        if !record.note.is_empty() {
            paragraph(ui, &record.note, font(12.0), kit.quiet());
        }
    }
}

fn form_ui(
    ui: &mut Ui,
    kit: &Kit,
    part: PartRow,
    view: &RecordsView,
    state: &mut UiState,
    actions: &mut Vec<UiAction>,
) {
    let form = &mut state.evidence;
    if let Some(refused) = view.refused {
        word_button(ui, kit, icon::PLUS, "Record a finding", false);
        paragraph(ui, refused, font(12.0), kit.faint());
        return;
    }
    if !form.open {
        if word_button(ui, kit, icon::PLUS, "Record a finding", true).clicked() {
            form.open = true;
        }
        if let Some(said) = &form.said {
            paragraph(ui, said, font(12.0), kit.quiet());
        }
        return;
    }
    let titles: Vec<&str> = view.offers.iter().map(|offer| offer.title.as_str()).collect();
    let chosen = view.offers.iter().position(|offer| form.chosen.as_ref() == Some(&offer.id));
    paragraph(ui, "What was found or done", font(12.0), kit.faint());
    if let Some(at) = chips(ui, kit, &titles, chosen)
        && let Some(offer) = view.offers.get(at)
    {
        form.chosen = Some(offer.id.clone());
        form.nothing = false;
    }
    let offer = chosen.and_then(|at| view.offers.get(at));
    let width = ui.available_width();
    if let Some(offer) = offer.filter(|offer| offer.number.is_some()) {
        measured_ui(ui, kit, offer, state, width);
    }
    let form = &mut state.evidence;
    text_field(ui, kit, "By", "By", &mut form.by, width);
    text_field(ui, kit, "Note", "Note", &mut form.note, width);
    let ready = offer.map(|offer| form.command(part, offer));
    if let Some(Err(missing)) = &ready
        && !(form.value.is_empty() && missing.starts_with("Enter"))
    {
        paragraph(ui, missing, font(12.0), kit.text());
    }
    ui.horizontal(|ui| {
        let command = ready.and_then(Result::ok);
        let form = &mut state.evidence;
        if word_button(ui, kit, icon::CHECK, "Record", command.is_some()).clicked()
            && let (Some(command), Some(offer)) = (command, offer)
        {
            actions.push(UiAction::Command(command));
            let by = std::mem::take(&mut form.by);
            *form = crate::view::records::Form {
                part: Some(part),
                by,
                said: Some(format!("Sent: {}. It is listed when the broker has it.", offer.title)),
                ..Default::default()
            };
        }
        if word_button(ui, kit, "", "Cancel", true).clicked() {
            form.open = false;
        }
    });
    ui.add_space(4.0);
}

/// The number, its deviation, or that nothing was found.
fn measured_ui(ui: &mut Ui, kit: &Kit, offer: &OfferView, state: &mut UiState, width: f32) {
    let form = &mut state.evidence;
    if offer.nothing
        && let Some(at) = chips(ui, kit, &["A value", "Nothing found"], Some(usize::from(form.nothing)))
    {
        form.nothing = at == 1;
    }
    if form.nothing && offer.nothing {
        return;
    }
    let half = (width - 8.0) / 2.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let unit = if offer.unit.is_empty() { "Value".to_owned() } else { format!("Value, {}", offer.unit) };
        text_field(ui, kit, "Value", &unit, &mut form.value, half);
        text_field(ui, kit, "Deviation", "± usual", &mut form.deviation, half);
    });
    let (rect, response) = ui.allocate_exact_size(vec2(width, 14.0), Sense::hover());
    let said = format!("{}; the deviation may stay empty", offer.bounds());
    response.widget_info(|| WidgetInfo::labeled(WidgetType::Label, true, &said));
    super::paint::text(
        ui.painter(),
        rect.left_center(),
        egui::Align2::LEFT_CENTER,
        &said,
        font(11.0),
        kit.faint(),
        width,
    );
}
