//! Labels on demand for hundreds of parts: which ones ([`gather`]), and where they stand ([`layout`]).
//!
//! The few labels that matter by themselves (alarms, lives, the selected part) are in [`super::labels`] and have more to
//! say; these here have a name, and a count where they stand for several.

pub mod gather;
pub mod layout;
pub mod outline;

use std::sync::Arc;

use twinscope_twin::site::PartRow;

use super::look::Look;
use super::search::{Keep, keep};
use super::state::TreeFilter;
use gather::Tag;
use outline::Outline;

/// Which parts have a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Those with an alarm, the shortest lives, the selected and the hovered part.
    #[default]
    Matter,
    /// All, or those that the search and the filter of the tree find.
    All,
    /// The selected part and what is below it.
    Below,
}

/// What a person wants of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Which parts have one.
    pub scope: Scope,
    /// Parts that are behind others have one too.
    pub behind: bool,
}

impl Choice {
    /// Labels on everything, or again on what matters.
    pub fn toggle(&mut self) {
        self.scope = if self.scope == Scope::Matter { Scope::All } else { Scope::Matter };
    }
}

/// The labels on demand of one frame.
#[derive(Clone, Debug, Default)]
pub struct Tags {
    /// What they stand for.
    pub outline: Arc<Outline>,
    /// The labels.
    pub tags: Vec<Tag>,
    /// Time since the last frame, s.
    pub dt: f32,
}

impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.outline, &other.outline) && self.tags == other.tags && self.dt == other.dt
    }
}

/// Whether each part is to have a label, by its row; nothing for what matters by itself.
#[must_use]
pub fn wanted(look: &Look<'_>) -> Vec<bool> {
    let site = look.site();
    match look.ui.labels.scope {
        Scope::Matter => Vec::new(),
        Scope::All => {
            let needle = look.ui.search.trim().to_lowercase();
            let found = keep(look, &needle);
            found.iter().map(|keep| *keep == Keep::Match).collect()
        }
        Scope::Below => {
            let Some(selected) = look.snapshot.selected.as_ref().map(|selected| selected.part) else {
                return Vec::new();
            };
            let mut below = vec![false; site.parts.len()];
            for (row, place) in (0..).zip(&mut below) {
                *place = site.lineage(PartRow(row)).any(|part| part == selected);
            }
            below
        }
    }
}

/// Whether what is wanted changes with every picture of the twin: only where the filter looks at states.
#[must_use]
pub fn follows_states(filter: TreeFilter) -> bool {
    filter != TreeFilter::All
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture;
    use crate::view::{Scene, UiState};

    fn found(ui: &UiState, snapshot: &twinscope_twin::snapshot::Snapshot) -> Vec<String> {
        let scene = Scene::default();
        let look = Look::new(snapshot, &scene, ui);
        let wanted = wanted(&look);
        let parts = snapshot.site.parts.iter().zip(wanted);
        parts.filter(|(_, wanted)| *wanted).map(|(part, _)| part.id.clone()).collect()
    }

    #[test]
    fn on_demand_all_parts_have_a_label_or_those_that_are_searched() {
        let snapshot = fixture::turbine();
        let mut ui = UiState::default();
        assert!(found(&ui, &snapshot).is_empty());
        ui.labels.toggle();
        assert_eq!(found(&ui, &snapshot).len(), snapshot.site.parts.len());
        "bearing".clone_into(&mut ui.search);
        let bearings = found(&ui, &snapshot);
        assert!(!bearings.is_empty() && bearings.iter().all(|id| id.contains("bearing")), "{bearings:?}");
        ui.labels.toggle();
        assert!(found(&ui, &snapshot).is_empty());
    }

    #[test]
    fn of_the_selected_part_what_is_below_it_has_a_label() {
        let mut snapshot = fixture::turbine();
        let mut ui = UiState::default();
        ui.labels.scope = Scope::Below;
        snapshot.selected = None;
        assert!(found(&ui, &snapshot).is_empty());
        let (row, _) = snapshot.site.parts.iter().enumerate().find(|(_, part)| part.id == "gearbox").unwrap();
        fixture::select(&mut snapshot, PartRow(row as u32));
        let below = found(&ui, &snapshot);
        let children = snapshot.site.parts.iter().filter(|part| part.parent == Some(PartRow(row as u32))).count();
        assert!(below.contains(&"gearbox".to_owned()) && below.len() > children.min(1), "{below:?}");
    }
}
