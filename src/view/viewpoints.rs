//! Saved viewpoints: what the menu lists, and what a person does with it. Where the camera then stands is the window's.

use std::collections::BTreeSet;
use std::sync::Arc;

use twinscope_twin::site::{Aim, Site, Viewpoint, viewpoint_id};

use super::look::{asset_name, part_name};
use super::words;

/// What a person does with viewpoints.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewpointAction {
    /// Fly to the one at this place of the list.
    Fly(usize),
    /// Fly to the next one, or the one before.
    Step {
        /// The one before.
        back: bool,
    },
    /// Save what the camera sees under this name; without one, under the next number.
    Save(String),
}

/// The viewpoints that there are. The window tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Viewpoints {
    /// Those of the site file, and what was saved since.
    pub list: Arc<Vec<Viewpoint>>,
    /// The one that the camera flew to last, while it is where that brought it.
    pub at: Option<usize>,
    /// Why a view that is saved lasts only until the window is closed.
    pub not_kept: Option<String>,
}

impl Viewpoints {
    /// The place in the list that is so many steps on.
    #[must_use]
    pub fn step(&self, back: bool) -> Option<usize> {
        let last = self.list.len().checked_sub(1)?;
        Some(match (self.at, back) {
            (Some(at), false) if at < last => at + 1,
            (Some(at), true) if at > 0 => at - 1,
            (_, false) => 0,
            (_, true) => last,
        })
    }
}

/// A name that was typed, or else `View 3`; and an id made of it that no viewpoint has.
#[must_use]
pub fn name_and_id(typed: &str, list: &[Viewpoint]) -> (String, String) {
    let typed = words::cut(typed.trim(), 60);
    let name = if typed.is_empty() {
        let taken = |name: &str| list.iter().any(|view| view.name == name);
        let numbered = (1..=list.len() + 1).map(|n| format!("View {n}"));
        numbered.into_iter().find(|name| !taken(name)).unwrap_or_default()
    } else {
        typed.into_owned()
    };
    let taken: BTreeSet<&str> = list.iter().map(|view| view.id.as_str()).collect();
    let id = viewpoint_id(&name, &taken);
    (name, id)
}

/// What a viewpoint looks at, in words, for its tooltip.
#[must_use]
pub fn aim_words(site: &Site, view: &Viewpoint) -> String {
    let asset = |row: twinscope_twin::site::AssetRow| site.assets.get(row.index()).map_or("?", asset_name);
    match view.aim {
        Aim::Everything => "everything".to_owned(),
        Aim::Asset(row) => words::cut(asset(row), 40).into_owned(),
        Aim::Part(row) => site.parts.get(row.index()).map_or_else(
            || "?".to_owned(),
            |part| format!("{}, {}", words::cut(part_name(part), 40), words::cut(asset(part.asset), 40)),
        ),
        Aim::Place([x, y, z]) => {
            format!("{}, {}, {} m", words::number(x, 1), words::number(y, 1), words::number(z, 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(names: &[&str]) -> Viewpoints {
        let view = |name: &&str| Viewpoint {
            id: viewpoint_id(name, &BTreeSet::new()),
            name: (*name).to_owned(),
            aim: Aim::Everything,
            yaw_deg: 0.0,
            pitch_deg: 0.0,
            distance: None,
        };
        Viewpoints { list: Arc::new(names.iter().map(view).collect()), ..Viewpoints::default() }
    }

    #[test]
    fn steps_go_round_and_start_at_the_ends() {
        let mut three = views(&["A", "B", "C"]);
        assert_eq!((three.step(false), three.step(true)), (Some(0), Some(2)));
        three.at = Some(2);
        assert_eq!((three.step(false), three.step(true)), (Some(0), Some(1)));
        three.at = Some(0);
        assert_eq!((three.step(false), three.step(true)), (Some(1), Some(2)));
        assert_eq!(views(&[]).step(false), None);
    }

    #[test]
    fn a_view_without_a_name_gets_the_next_free_number() {
        assert_eq!(name_and_id(" ", &views(&["View 1", "Crane"]).list), ("View 2".to_owned(), "view-2".to_owned()));
        assert_eq!(name_and_id("Crane", &views(&["Crane"]).list), ("Crane".to_owned(), "crane-2".to_owned()));
    }
}
