//! Saved viewpoints: what the menu lists, what is shown there, and what a person does with it. Where the camera then stands
//! is the window's.

use std::collections::BTreeSet;
use std::sync::Arc;

use twinscope_twin::site::{Aim, AssetRow, Cut, PartRow, Showing, Site, Viewpoint, viewpoint_id};
use twinscope_twin::tour::{Stop, Subject};

use super::look::{asset_name, part_name};
use super::sight::{Explode, Isolation, Section, Sight};
use super::words;

/// What a person does with viewpoints.
#[derive(Clone, Debug, PartialEq)]
pub enum ViewpointAction {
    /// Fly to the one at this place of the list.
    Fly(usize),
    /// Fly to a machine.
    Asset(AssetRow),
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

/// What a viewpoint keeps of what is seen. What was chosen and measured is the moment's.
#[must_use]
pub fn showing(sight: &Sight) -> Showing {
    let (isolate, alone) =
        sight.isolated.as_ref().map_or_else(Default::default, |isolated| (isolated.parts.clone(), isolated.alone));
    Showing {
        isolate,
        alone,
        hide: sight.hidden.clone(),
        ghost: sight.ghosted.clone(),
        layers_off: sight.layers_off.clone(),
        solid_housings: !sight.ghost_housings,
        xray: sight.xray,
        edges: sight.edges,
        section: sight.section.map(|section| Cut {
            part: None,
            at: section.at.map(f64::from),
            normal: section.normal.map(f64::from),
        }),
        explode: sight.explode.map(|explode| (explode.of, explode.amount.into())),
    }
}

/// What is seen at a viewpoint, with what is the moment's own. `placed`: a cut in the axes of a part as one of the scene;
/// `None`: the part is not there, and nothing is cut.
#[must_use]
pub fn sight_of(show: &Showing, own: &Sight, placed: impl Fn(PartRow, Section) -> Option<Section>) -> Sight {
    let single = |v: [f64; 3]| v.map(|n| n as f32);
    let section = |cut: Cut| {
        let section = Section { at: single(cut.at), normal: single(cut.normal) };
        cut.part.map_or(Some(section), |part| placed(part, section))
    };
    let isolated = Isolation { parts: show.isolate.clone(), alone: show.alone };
    Sight {
        ghost_housings: !show.solid_housings,
        hidden: show.hide.clone(),
        ghosted: show.ghost.clone(),
        isolated: Some(isolated).filter(|isolated| !isolated.parts.is_empty()),
        xray: show.xray,
        layers_off: show.layers_off.clone(),
        section: show.section.and_then(section),
        explode: show.explode.map(|(of, amount)| Explode { of, amount: amount as f32 }),
        edges: show.edges,
        chosen: own.chosen.clone(),
        measures: own.measures.clone(),
    }
}

/// What is seen at a stop of a tour.
#[must_use]
pub fn sight_at(stop: &Stop, site: &Site, placed: impl Fn(PartRow, Section) -> Option<Section>) -> Sight {
    let viewpoint = match stop.view.of {
        Subject::Viewpoint(place) => site.viewpoints.get(place),
        _ => None,
    };
    let shown = viewpoint.and_then(|viewpoint| viewpoint.show.as_ref());
    let sight = shown.map_or_else(Sight::default, |show| sight_of(show, &Sight::default(), placed));
    Sight { ghost_housings: stop.ghost.unwrap_or(sight.ghost_housings), ..sight }
}

/// What is shown at a viewpoint, in words, for its tooltip; empty: nothing but what is always shown.
#[must_use]
pub fn show_words(show: &Showing) -> String {
    let parts = |count: usize, what: &str| {
        let of = if count == 1 { "part" } else { "parts" };
        (count > 0).then(|| format!("{count} {of} {what}"))
    };
    let said = [
        parts(show.isolate.len(), if show.alone { "alone" } else { "standing out" }),
        parts(show.hide.len(), "hidden"),
        parts(show.ghost.len(), "of glass"),
        (!show.layers_off.is_empty()).then(|| {
            let layers: Vec<&str> = show.layers_off.iter().map(String::as_str).collect();
            format!("without {}", words::cut(&layers.join(", "), 60))
        }),
        show.section.map(|_| "cut open".to_owned()),
        show.explode.filter(|(_, amount)| *amount > 0.0).map(|_| "taken apart".to_owned()),
        show.solid_housings.then(|| "housings solid".to_owned()),
        show.edges.then(|| "with edges".to_owned()),
        show.xray.then(|| "with X-ray".to_owned()),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a viewpoint looks at, in words, for its tooltip.
#[must_use]
pub fn aim_words(site: &Site, view: &Viewpoint) -> String {
    let asset = |row: AssetRow| site.assets.get(row.index()).map_or("?", asset_name);
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
    use twinscope_twin::tour::parse_tour;

    use super::*;
    use crate::view::tests::fixture::SiteBuilder;

    fn views(names: &[&str]) -> Viewpoints {
        let view = |name: &&str| Viewpoint {
            id: viewpoint_id(name, &BTreeSet::new()),
            name: (*name).to_owned(),
            aim: Aim::Everything,
            yaw_deg: 0.0,
            pitch_deg: 0.0,
            distance: None,
            show: None,
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

    #[test]
    fn what_is_kept_of_a_sight_is_shown_again() {
        let mut sight = Sight {
            ghost_housings: false,
            isolated: Some(Isolation { parts: [PartRow(3)].into(), alone: true }),
            xray: true,
            section: Some(Section { at: [1.0, 2.0, 3.0], normal: [0.0, 0.0, 1.0] }),
            explode: Some(Explode { of: Some(PartRow(1)), amount: 0.5 }),
            edges: true,
            ..Sight::default()
        };
        sight.hidden.insert(PartRow(4));
        sight.ghosted.insert(PartRow(5));
        sight.layers_off.insert("structure".to_owned());
        assert_eq!(sight_of(&showing(&sight), &Sight::default(), |_, _| None), sight);
        assert_eq!(sight_of(&Showing::default(), &Sight::default(), |_, _| None), Sight::default());
    }

    #[test]
    fn a_cut_in_the_axes_of_a_part_goes_where_that_stands() {
        let cut = Cut { part: Some(PartRow(2)), at: [1.0, 0.0, 0.0], normal: [0.0, 0.0, 1.0] };
        let show = Showing { section: Some(cut), ..Showing::default() };
        let up = |part: PartRow, mut section: Section| {
            section.at[1] += part.0 as f32 * 10.0;
            Some(section)
        };
        let placed = sight_of(&show, &Sight::default(), up).section.map(|section| section.at);
        assert_eq!(placed, Some([1.0, 20.0, 0.0]));
        assert_eq!(sight_of(&show, &Sight::default(), |_, _| None).section, None, "it is not there");
    }

    #[test]
    fn what_a_person_has_chosen_and_measured_is_kept() {
        let own = Sight { chosen: [PartRow(7)].into(), xray: true, ..Sight::default() };
        let seen = sight_of(&Showing::default(), &own, |_, _| None);
        assert_eq!((seen.chosen, seen.xray), ([PartRow(7)].into(), false));
    }

    #[test]
    fn what_is_shown_is_said() {
        assert_eq!(show_words(&Showing::default()), "");
        let show = Showing {
            isolate: [PartRow(1)].into(),
            hide: [PartRow(2), PartRow(3)].into(),
            layers_off: ["structure".to_owned()].into(),
            section: Some(Cut { part: None, at: [0.0; 3], normal: [0.0, 1.0, 0.0] }),
            ..Showing::default()
        };
        assert_eq!(show_words(&show), "1 part standing out, 2 parts hidden, without structure, cut open");
    }

    #[test]
    fn a_stop_at_a_viewpoint_shows_what_is_shown_there() {
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        b.part("gearbox", "Gearbox", "gearbox", None);
        let mut site = b.site;
        let show = Showing { xray: true, solid_housings: true, ..Showing::default() };
        let list = views(&["Cut"]).list;
        site.viewpoints = list.iter().map(|view| Viewpoint { show: Some(show.clone()), ..view.clone() }).collect();
        let at = |keys: &str| {
            let text = format!("schema = 1\n[[stop]]\nid = \"a\"\ntitle = \"A\"\n{keys}");
            let (tour, problems) = parse_tour(&text, "tour.toml", &site);
            assert_eq!(problems, [], "{keys}");
            let sight = sight_at(&tour.stops[0], &site, |_, _| None);
            (sight.xray, sight.ghost_housings)
        };
        assert_eq!(at("view = { viewpoint = \"cut\" }"), (true, false));
        assert_eq!(at("view = { viewpoint = \"cut\" }\nghost = true"), (true, true));
        assert_eq!(at("view = { part = \"gearbox\" }"), (false, true));
    }
}
