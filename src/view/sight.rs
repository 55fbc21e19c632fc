//! What of the machines is seen, and how: isolated, hidden, ghosted, cut, taken apart, measured. One value, so that every
//! change of it is a step that can be undone ([`super::history`]).

use std::collections::{BTreeMap, BTreeSet};

use twinscope_twin::site::{PartRow, Site};

/// What of the machines is seen, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    /// Housings are drawn as ghosts.
    pub ghost_housings: bool,
    /// Parts that are not drawn, each with all below it.
    pub hidden: BTreeSet<PartRow>,
    /// Parts that are drawn as ghosts, each with all below it.
    pub ghosted: BTreeSet<PartRow>,
    /// Parts that alone are drawn as they are.
    pub isolated: Option<Isolation>,
    /// What stands before the selection is drawn as a ghost.
    pub xray: bool,
    /// Layers that are not drawn.
    pub layers_off: BTreeSet<String>,
    /// Parts that are selected together with the one in the inspector.
    pub chosen: BTreeSet<PartRow>,
    /// The section plane.
    pub section: Option<Section>,
    /// The machine is taken apart.
    pub explode: Option<Explode>,
    /// Edges are drawn.
    pub edges: bool,
    /// Distances that were measured.
    pub measures: Vec<Measure>,
}

impl Default for Sight {
    fn default() -> Self {
        Self {
            ghost_housings: true,
            hidden: BTreeSet::new(),
            ghosted: BTreeSet::new(),
            isolated: None,
            xray: false,
            layers_off: BTreeSet::new(),
            chosen: BTreeSet::new(),
            section: None,
            explode: None,
            edges: false,
            measures: Vec::new(),
        }
    }
}

/// Parts that alone are drawn as they are, each with all below it.
#[derive(Clone, Debug, PartialEq)]
pub struct Isolation {
    /// Which.
    pub parts: BTreeSet<PartRow>,
    /// The others are not drawn at all; else they are ghosts.
    pub alone: bool,
}

/// A plane: what lies on the side that its normal points to is cut away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Section {
    /// A point of the plane, m: where its handle is.
    pub at: [f32; 3],
    /// Unit vector.
    pub normal: [f32; 3],
}

impl Section {
    /// Moves the plane along its normal, m.
    pub fn shift(&mut self, by: f32) {
        for (at, normal) in self.at.iter_mut().zip(self.normal) {
            *at += normal * by;
        }
    }

    /// The plane as `normal · x = distance`, m.
    #[must_use]
    pub fn distance(&self) -> f32 {
        self.at.iter().zip(self.normal).map(|(a, n)| a * n).sum()
    }
}

/// Parts moved apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explode {
    /// What is taken apart; `None`: each machine.
    pub of: Option<PartRow>,
    /// How far: 0 together, 1 apart.
    pub amount: f32,
}

/// The distance between two points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// From.
    pub from: Spot,
    /// To.
    pub to: Spot,
}

/// A point on a part; it moves with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The part.
    pub part: PartRow,
    /// In the frame of the part's node, m.
    pub at: [f32; 3],
    /// What of the part it is.
    pub on: Feature,
}

/// What of a surface a point is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Feature {
    /// Any point of it.
    #[default]
    Face,
    /// On an edge.
    Edge,
    /// A corner.
    Corner,
}

/// Most distances that are kept: more is read by nobody.
pub const MOST_MEASURES: usize = 24;

impl Sight {
    /// The parts that a tool works on: the chosen ones and the selected.
    #[must_use]
    pub fn subjects(&self, selected: Option<PartRow>) -> BTreeSet<PartRow> {
        self.chosen.iter().copied().chain(selected).collect()
    }

    /// Whether everything is drawn as it is at the start, apart from the choice of parts and what was measured.
    #[must_use]
    pub fn plain(&self) -> bool {
        let start = Self { chosen: self.chosen.clone(), measures: self.measures.clone(), ..Self::default() };
        Self { ghost_housings: true, ..self.clone() } == start
    }

    /// Draws everything again. What is selected and what was measured stays.
    pub fn show_all(&mut self) {
        *self = Self {
            ghost_housings: self.ghost_housings,
            chosen: std::mem::take(&mut self.chosen),
            measures: std::mem::take(&mut self.measures),
            edges: self.edges,
            ..Self::default()
        };
    }

    /// Draws these parts alone. They are seen whatever was hidden before.
    pub fn isolate(&mut self, site: &Site, parts: BTreeSet<PartRow>, alone: bool) {
        for &part in &parts {
            for above in site.lineage(part) {
                self.hidden.remove(&above);
                self.ghosted.remove(&above);
                if let Some(layer) = site.parts.get(above.index()).and_then(|part| part.layer.as_ref()) {
                    self.layers_off.remove(layer);
                }
            }
        }
        self.isolated = (!parts.is_empty()).then_some(Isolation { parts, alone });
    }

    /// Hides parts, or shows them again if all of them are hidden.
    pub fn toggle_hidden(&mut self, parts: &BTreeSet<PartRow>) {
        toggle(&mut self.hidden, parts);
    }

    /// Ghosts parts, or makes them solid again if all of them are ghosts.
    pub fn toggle_ghosted(&mut self, parts: &BTreeSet<PartRow>) {
        toggle(&mut self.ghosted, parts);
    }
}

fn toggle(set: &mut BTreeSet<PartRow>, parts: &BTreeSet<PartRow>) {
    if parts.iter().all(|part| set.contains(part)) {
        set.retain(|part| !parts.contains(part));
    } else {
        set.extend(parts);
    }
}

/// How a part is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// As it is.
    #[default]
    Solid,
    /// As glass.
    Ghost,
    /// Not at all.
    Hidden,
}

/// How every part is drawn; `before`: the parts that stand before the selection, and doors that are open. Parts beyond the site's are
/// [`elsewhere`].
#[must_use]
pub fn drawn(site: &Site, sight: &Sight, before: &BTreeSet<PartRow>) -> Vec<Shown> {
    (0..site.parts.len() as u32).map(|row| drawn_one(site, sight, before, PartRow(row))).collect()
}

/// How is drawn what belongs to no part.
#[must_use]
pub fn elsewhere(sight: &Sight) -> Shown {
    match &sight.isolated {
        None => Shown::Solid,
        Some(isolation) if isolation.alone => Shown::Hidden,
        Some(_) => Shown::Ghost,
    }
}

fn drawn_one(site: &Site, sight: &Sight, before: &BTreeSet<PartRow>, part: PartRow) -> Shown {
    let line: Vec<PartRow> = site.lineage(part).collect();
    let any = |set: &BTreeSet<PartRow>| !set.is_empty() && line.iter().any(|row| set.contains(row));
    let isolated = sight.isolated.as_ref().map(|isolation| any(&isolation.parts));
    let off = !sight.layers_off.is_empty() && site.layer_of(part).is_some_and(|layer| sight.layers_off.contains(layer));
    if any(&sight.hidden) || off {
        return Shown::Hidden;
    }
    if isolated == Some(false) {
        return elsewhere(sight);
    }
    let own = sight.isolated.as_ref().is_some_and(|isolation| isolation.parts.contains(&part));
    let housing =
        sight.ghost_housings && !own && site.parts.get(part.index()).is_some_and(|part| part.kind == "housing");
    if housing || any(&sight.ghosted) || before.contains(&part) { Shown::Ghost } else { Shown::Solid }
}

/// The layers of a site by name, and of how many parts each is.
#[must_use]
pub fn layers(site: &Site) -> BTreeMap<&str, usize> {
    let mut layers = BTreeMap::new();
    for row in 0..site.parts.len() as u32 {
        if let Some(layer) = site.layer_of(PartRow(row)) {
            *layers.entry(layer).or_default() += 1;
        }
    }
    layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture::SiteBuilder;

    const GEARBOX: PartRow = PartRow(0);
    const HOUSING: PartRow = PartRow(1);
    const WHEEL: PartRow = PartRow(2);
    const BEARING: PartRow = PartRow(3);
    const TOWER: PartRow = PartRow(4);

    /// A gearbox (layer drivetrain) with housing, wheel and, at the wheel, a bearing (layer bearings); a tower.
    fn site() -> Site {
        let mut b = SiteBuilder::new();
        b.asset("wt-01", "Turbine 1");
        b.part("gearbox", "Gearbox", "gearbox", None);
        b.part("housing", "Housing", "housing", Some(GEARBOX));
        b.part("wheel", "Wheel", "gear", Some(GEARBOX));
        b.part("bearing", "Bearing", "bearing", Some(WHEEL));
        b.part("tower", "Tower", "structure", None);
        b.site.parts[0].layer = Some("drivetrain".into());
        b.site.parts[3].layer = Some("bearings".into());
        b.site
    }

    fn set<const N: usize>(parts: [PartRow; N]) -> BTreeSet<PartRow> {
        parts.into()
    }

    /// How gearbox, housing, wheel, bearing and tower are drawn: `s`olid, `g`host, hidden `-`.
    fn look(change: impl FnOnce(&Site, &mut Sight)) -> String {
        let site = site();
        let mut sight = Sight { ghost_housings: false, ..Sight::default() };
        change(&site, &mut sight);
        let sign = |drawn| match drawn {
            Shown::Solid => 's',
            Shown::Ghost => 'g',
            Shown::Hidden => '-',
        };
        drawn(&site, &sight, &BTreeSet::new()).into_iter().map(sign).collect()
    }

    #[test]
    fn a_hidden_part_takes_all_below_it() {
        assert_eq!(look(|_, sight| sight.toggle_hidden(&set([WHEEL]))), "ss--s");
    }

    #[test]
    fn a_part_hidden_twice_is_shown() {
        let twice = |_: &Site, sight: &mut Sight| {
            sight.toggle_hidden(&set([WHEEL]));
            sight.toggle_hidden(&set([WHEEL]));
        };
        assert_eq!(look(twice), "sssss");
    }

    #[test]
    fn some_hidden_and_some_not_are_all_hidden_first() {
        let both = |_: &Site, sight: &mut Sight| {
            sight.toggle_hidden(&set([WHEEL]));
            sight.toggle_hidden(&set([WHEEL, TOWER]));
        };
        assert_eq!(look(both), "ss---");
    }

    #[test]
    fn a_ghosted_part_takes_all_below_it() {
        assert_eq!(look(|_, sight| sight.toggle_ghosted(&set([GEARBOX]))), "ggggs");
    }

    #[test]
    fn what_is_isolated_is_solid_and_the_rest_is_glass() {
        assert_eq!(look(|site, sight| sight.isolate(site, set([WHEEL]), false)), "ggssg");
    }

    #[test]
    fn what_is_isolated_alone_is_all_that_is_drawn() {
        assert_eq!(look(|site, sight| sight.isolate(site, set([BEARING]), true)), "---s-");
    }

    #[test]
    fn a_part_is_isolated_although_what_it_belongs_to_was_hidden() {
        let hidden_before = |site: &Site, sight: &mut Sight| {
            sight.toggle_hidden(&set([GEARBOX]));
            sight.isolate(site, set([BEARING]), true);
        };
        assert_eq!(look(hidden_before), "---s-");
    }

    #[test]
    fn a_part_is_isolated_although_its_layer_was_off() {
        let off_before = |site: &Site, sight: &mut Sight| {
            sight.layers_off.insert("bearings".into());
            sight.isolate(site, set([BEARING]), false);
        };
        assert_eq!(look(off_before), "gggsg");
    }

    #[test]
    fn nothing_isolated_is_everything_shown() {
        assert_eq!(look(|site, sight| sight.isolate(site, set([]), true)), "sssss");
    }

    #[test]
    fn housings_are_glass_but_for_one_that_is_isolated_itself() {
        assert_eq!(look(|_, sight| sight.ghost_housings = true), "sgsss");
        let isolated = |site: &Site, sight: &mut Sight| {
            sight.ghost_housings = true;
            sight.isolate(site, set([HOUSING]), true);
        };
        assert_eq!(look(isolated), "-s---");
    }

    #[test]
    fn a_layer_reaches_down_to_the_next_layer() {
        assert_eq!(look(|_, sight| _ = sight.layers_off.insert("drivetrain".into())), "---ss");
        assert_eq!(look(|_, sight| _ = sight.layers_off.insert("bearings".into())), "sss-s");
    }

    #[test]
    fn layers_are_counted_by_the_parts_that_they_reach() {
        let site = site();
        assert_eq!(layers(&site), BTreeMap::from([("bearings", 1), ("drivetrain", 3)]));
    }

    #[test]
    fn what_stands_before_the_selection_is_glass() {
        let drawn = drawn(&site(), &Sight::default(), &set([TOWER]));
        assert_eq!(drawn.get(TOWER.index()), Some(&Shown::Ghost));
    }

    #[test]
    fn show_all_keeps_the_selection_and_the_housings_as_they_are() {
        let mut sight = Sight { ghost_housings: false, chosen: set([TOWER]), xray: true, ..Sight::default() };
        sight.toggle_hidden(&set([WHEEL]));
        assert!(!sight.plain());
        sight.show_all();
        assert!(sight.plain());
        assert_eq!((sight.ghost_housings, sight.chosen), (false, set([TOWER])));
    }

    #[test]
    fn the_distance_of_a_plane_is_along_its_normal() {
        let section = Section { at: [3.0, 4.0, 5.0], normal: [0.0, -1.0, 0.0] };
        assert_eq!(section.distance(), -4.0);
    }
}
