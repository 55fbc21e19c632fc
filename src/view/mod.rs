//! The twin as plain display values: strings, colours, series, labels. No egui and no Bevy in here, so that what a
//! person reads can be tested without a window.
//!
//! [`app_view`] is called once per frame. It makes strings only for what is on screen: long lists (tree, alarms) give
//! small copyable entries, and words on request.

pub mod advice;
pub mod alarms;
pub mod bar;
pub mod card;
pub mod checks;
pub mod crack;
pub mod document;
pub mod export;
pub mod fan;
pub mod field;
pub mod fleet;
pub mod gain;
pub mod history;
pub mod inspector;
pub mod labels;
pub mod layout;
pub mod life;
pub mod lives;
pub mod look;
pub mod markdown;
pub mod model_data;
pub mod overlay;
pub mod procedure;
pub mod quality;
pub mod records;
pub mod room;
pub mod scale;
pub mod search;
pub mod sight;
pub mod signals;
pub mod spread;
pub mod state;
pub mod tags;
pub mod theme;
pub mod tools;
pub mod tour;
pub mod tree;
pub mod viewpoints;
pub mod walk;
pub mod what_if;
pub mod why;
pub mod words;

#[cfg(test)]
pub mod tests;

use std::sync::Arc;

use twinscope_twin::site::{PartRow, Site};
use twinscope_twin::snapshot::Snapshot;

pub use layout::Layout;
pub use state::{Anchor, Panels, Progress, Scene, Side, TreeFilter, TreeKey, UiAction, UiState};

/// Everything that the window shows in one frame.
#[derive(Clone, Debug)]
pub struct AppView {
    /// The site that rows refer to.
    pub site: Arc<Site>,
    /// The selected part.
    pub selected: Option<PartRow>,
    /// Sizes of the panels.
    pub layout: Layout,
    /// The bar.
    pub bar: bar::BarView,
    /// The tree.
    pub tree: tree::TreeView,
    /// The inspector.
    pub inspector: inspector::InspectorView,
    /// The alarm list.
    pub alarms: alarms::AlarmsView,
    /// What lies over the scene.
    pub overlay: overlay::OverlayView,
    /// The field on the surfaces.
    pub field: field::FieldView,
    /// Pictures and clips.
    pub exports: export::Exports,
    /// The moment, for what is copied.
    pub moment: String,
    /// The card at a part.
    pub card: Option<card::CardView>,
    /// Labels on demand.
    pub tags: tags::Tags,
    /// Saved viewpoints.
    pub viewpoints: viewpoints::Viewpoints,
    /// The what-if panel, while it is open.
    pub what_if: Option<what_if::WhatIfView>,
    /// The procedure panel, while it is open.
    pub procedure: Option<procedure::ProcedureView>,
    /// The way to the part of the step at hand, and its name.
    pub lead: Option<(procedure::Lead, String)>,
    /// What the screen tells by itself, unless a person has taken over.
    pub tour: Option<tour::TourView>,
    /// The fleet, while it is open.
    pub fleet: Option<fleet::FleetView>,
    /// The room that this viewer is in, or its form.
    pub room: room::RoomView,
    /// The walk, while somebody walks.
    pub walk: Option<walk::WalkView>,
    /// The tools that look into the machine.
    pub tools: tools::ToolsView,
}

/// The window's content for one frame. `size` is the window in egui points.
#[must_use]
pub fn app_view(snapshot: &Snapshot, scene: &Scene, ui: &UiState, size: [f32; 2]) -> AppView {
    let look = look::Look::new(snapshot, scene, ui);
    AppView {
        site: Arc::clone(&snapshot.site),
        selected: snapshot.selected.as_ref().map(|selected| selected.part),
        layout: Layout::of(size, ui),
        bar: bar::bar_view(&look),
        tree: tree::tree_view(&look),
        inspector: inspector::inspector_view(&look),
        alarms: alarms::alarms_view(&look),
        overlay: overlay::overlay_view(&look),
        field: field::FieldView { plan: gain::legend(&look), ..field::field_view(&look) },
        exports: scene.exports.clone(),
        moment: export::moment(&look),
        card: card::card_view(&look),
        tags: scene.tags.clone(),
        viewpoints: scene.viewpoints.clone(),
        what_if: what_if::what_if_view(&look),
        procedure: procedure::procedure_view(&look),
        lead: scene.lead.map(|lead| (lead, look.part_name(lead.part).to_owned())),
        tour: tour::tour_view(&look),
        fleet: ui.fleet_open.then(|| fleet::fleet_view(&look)),
        room: room::room_view(&look),
        walk: walk::walk_view(&look),
        tools: tools::tools_view(&look),
    }
}
