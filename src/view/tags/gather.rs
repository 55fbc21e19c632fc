//! Which labels there are for hundreds of parts: each part by its name where there is room for it, and otherwise together
//! with those that it belongs to, under the name of the part above them or as a count (`12 cells`).
//!
//! A node of the outline is opened when the labels of what is directly below it fit around where these are on screen, and
//! is closed again only when they clearly do not: a label does not come and go while the camera moves a little.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::PartStatus;

use super::super::theme::Mark;
use super::outline::Outline;

/// A part in view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// The part.
    pub part: PartRow,
    /// Where it is, points.
    pub pos: [f32; 2],
    /// Distance from the camera, m.
    pub depth: f32,
}

/// A machine in view that is too far away for its parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FarSpot {
    /// Its node of the outline.
    pub node: u32,
    /// Where it is, points.
    pub pos: [f32; 2],
    /// Distance from the camera, m.
    pub depth: f32,
    /// How many parts it has.
    pub parts: u32,
    /// State and quality of the machine.
    pub mark: Mark,
}

/// A label that is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tag {
    /// What it stands for: a node of the outline.
    pub node: u32,
    /// The part, if it is one alone.
    pub part: Option<PartRow>,
    /// Where its line leads, points.
    pub pos: [f32; 2],
    /// Distance from the camera of the nearest part, m.
    pub depth: f32,
    /// State and quality: of several parts the worst state, and no quality as long as something is known.
    pub mark: Mark,
    /// Nodes directly below with something in view.
    pub members: u32,
    /// Parts in view that it stands for.
    pub parts: u32,
}

/// Room that a label takes with what is left free around it, points².
const ROOM: f32 = 118.0 * 34.0;
/// Labels stand around what they name too: so much is added to its width and height, points.
const AROUND: [f32; 2] = [170.0, 84.0];
/// What is open stays so until its labels need this much more than there is.
const STAYS: f32 = 1.4;
/// Most parts with an alarm that get labels of their own.
const MOST_ALARMED: usize = 100;

/// What is in view of a node and below it.
#[derive(Clone, Copy, Debug)]
struct Sum {
    parts: u32,
    members: u32,
    low: [f32; 2],
    high: [f32; 2],
    sum: [f32; 2],
    depth: f32,
    worst: Severity,
    known: bool,
    quality: Quality,
}

const NOTHING: Sum = Sum {
    parts: 0,
    members: 0,
    low: [f32::INFINITY; 2],
    high: [f32::NEG_INFINITY; 2],
    sum: [0.0; 2],
    depth: f32::INFINITY,
    worst: Severity::Normal,
    known: false,
    quality: Quality::Good,
};

impl Sum {
    fn add(&mut self, other: &Self) {
        let both = |f: fn(f32, f32) -> f32, a: [f32; 2], b: [f32; 2]| [f(a[0], b[0]), f(a[1], b[1])];
        self.low = both(f32::min, self.low, other.low);
        self.high = both(f32::max, self.high, other.high);
        self.sum = both(|a, b| a + b, self.sum, other.sum);
        self.parts += other.parts;
        self.depth = self.depth.min(other.depth);
        self.worst = self.worst.max(other.worst);
        self.known |= other.known;
        self.quality = self.quality.max(other.quality);
    }

    /// What `labels` need by what there is.
    fn crowding(&self, labels: u32) -> f32 {
        let [left, top] = self.low;
        let [right, bottom] = self.high;
        labels as f32 * ROOM / ((right - left + AROUND[0]) * (bottom - top + AROUND[1])).max(1.0)
    }

    fn mark(&self) -> Mark {
        // As everywhere for several parts: what is not known is told only where nothing is.
        Mark { severity: self.worst, quality: if self.known { Quality::Good } else { self.quality } }
    }

    fn middle(&self) -> [f32; 2] {
        self.sum.map(|v| v / self.parts.max(1) as f32)
    }
}

/// Gathers labels, and remembers what is open.
#[derive(Clone, Debug, Default)]
pub struct Gathering {
    open: Vec<bool>,
    sums: Vec<Sum>,
    own: Vec<Option<Spot>>,
    told: Vec<bool>,
}

impl Gathering {
    /// The labels for what is in view, and one for each machine that is far away.
    pub fn gather(&mut self, outline: &Outline, spots: &[Spot], far: &[FarSpot], statuses: &[PartStatus]) -> Vec<Tag> {
        let count = outline.nodes.len();
        self.open.resize(count, false);
        self.sums.clear();
        self.sums.resize(count, NOTHING);
        self.own.clear();
        self.own.resize(count, None);
        self.told.clear();
        self.told.resize(count, false);
        let status = |part: PartRow| statuses.get(part.index()).copied().unwrap_or_default();
        for spot in spots {
            let Some(node) = outline.node(spot.part) else { continue };
            let status = status(spot.part);
            let known = status.quality <= Quality::Uncertain;
            let one = Sum {
                parts: 1,
                members: 0,
                low: spot.pos,
                high: spot.pos,
                sum: spot.pos,
                depth: spot.depth,
                worst: status.state,
                known,
                quality: status.quality,
            };
            if let (Some(sum), Some(own)) = (self.sums.get_mut(node as usize), self.own.get_mut(node as usize)) {
                sum.add(&one);
                *own = Some(*spot);
            }
        }
        // Whatever is below a node comes after it.
        for at in (0..count).rev() {
            let Some(sum) = self.sums.get(at).copied().filter(|sum| sum.parts > 0) else { continue };
            let above = outline.nodes.get(at).and_then(|node| node.above);
            if let Some(above) = above.and_then(|above| self.sums.get_mut(above as usize)) {
                above.add(&sum);
                above.members += 1;
            }
        }
        let mut tags = Vec::new();
        let mut at = 0;
        while let Some(node) = outline.nodes.get(at) {
            let Some(sum) = self.sums.get(at).copied().filter(|sum| sum.parts > 0) else {
                at = node.end.max(at as u32 + 1) as usize;
                continue;
            };
            let own = self.own.get(at).copied().flatten();
            let labels = sum.members + u32::from(own.is_some());
            let was = self.open.get(at).copied().unwrap_or_default();
            // One label for one label: the lower one says more.
            let open = labels <= 1 || sum.crowding(labels) <= if was { STAYS } else { 1.0 };
            if let (Some(is_open), Some(told)) = (self.open.get_mut(at), self.told.get_mut(at)) {
                *is_open = open;
                *told = !open || own.is_some();
            }
            let mut tag = |sum: &Sum, part, pos, members, parts| {
                let (depth, mark) = (sum.depth, sum.mark());
                tags.push(Tag { node: at as u32, part, pos, depth, mark, members, parts });
            };
            if !open {
                tag(&sum, None, own.map_or_else(|| sum.middle(), |own| own.pos), sum.members, sum.parts);
                at = node.end.max(at as u32 + 1) as usize;
                continue;
            }
            if let Some(own) = own {
                let status = status(own.part);
                let mark = Mark::of(&status);
                let part = Some(own.part);
                tags.push(Tag { node: at as u32, part, pos: own.pos, depth: own.depth, mark, members: 0, parts: 1 });
            }
            at += 1;
        }
        let alarmed = spots.iter().filter(|spot| status(spot.part).state > Severity::Normal).take(MOST_ALARMED);
        for spot in alarmed {
            let Some(node) = outline.node(spot.part) else { continue };
            if self.told.get(node as usize) != Some(&true) {
                let mark = Mark::of(&status(spot.part));
                let part = Some(spot.part);
                tags.push(Tag { node, part, pos: spot.pos, depth: spot.depth, mark, members: 0, parts: 1 });
            }
        }
        tags.extend(far.iter().map(|&FarSpot { node, pos, depth, parts, mark }| Tag {
            node,
            part: None,
            pos,
            depth,
            mark,
            members: 0,
            parts,
        }));
        tags
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tags::outline::What;
    use crate::view::tests::fixture::SiteBuilder;
    use twinscope_twin::site::Site;

    /// A machine with a lid and a pack of 40 cells.
    fn site() -> Site {
        let mut b = SiteBuilder::new();
        b.asset("car", "Car");
        b.part("lid", "Lid", "", None);
        let pack = b.part("pack", "Pack", "battery", None);
        for cell in 0..40 {
            b.part(&format!("cell_{cell}"), &format!("Cell {cell}"), "cell", Some(pack));
        }
        b.site
    }

    fn statuses(site: &Site) -> Vec<PartStatus> {
        vec![PartStatus { quality: Quality::Good, ..PartStatus::default() }; site.parts.len()]
    }

    /// Lid and cells in a grid of eight columns, so many points apart.
    fn spots(apart: f32) -> Vec<Spot> {
        let cell = |n: u32| [500.0 + (n % 8) as f32 * apart, 300.0 + (n / 8) as f32 * apart];
        let cells = (0..40).map(|n| Spot { part: PartRow(n + 2), pos: cell(n), depth: 5.0 });
        std::iter::once(Spot { part: PartRow(0), pos: [200.0, 200.0], depth: 6.0 }).chain(cells).collect()
    }

    fn said(site: &Site, tags: &[Tag]) -> Vec<String> {
        let outline = Outline::of(site);
        tags.iter().map(|tag| outline.words(site, tag.node, tag.members, tag.parts).0).collect()
    }

    #[test]
    fn what_does_not_fit_is_gathered_under_a_count() {
        let site = site();
        let tags = Gathering::default().gather(&Outline::of(&site), &spots(6.0), &[], &statuses(&site));
        assert_eq!(said(&site, &tags), ["Lid", "40 cells"]);
        // In the middle of what it stands for: columns 0 to 7, rows 0 to 4.
        assert_eq!((tags[1].pos, tags[1].parts, tags[1].part), ([521.0, 312.0], 40, None));
    }

    #[test]
    fn what_fits_has_a_label_each() {
        let site = site();
        let tags = Gathering::default().gather(&Outline::of(&site), &spots(120.0), &[], &statuses(&site));
        assert_eq!(tags.len(), 41);
        assert!(tags.iter().all(|tag| tag.part.is_some() && tag.parts == 1));
    }

    #[test]
    fn a_camera_that_moves_a_little_opens_and_closes_nothing() {
        let site = site();
        let outline = Outline::of(&site);
        // Where it just opens when it comes nearer, a tenth further away it is still open; from afar it is closed.
        let opens = (1..200).find(|apart| {
            Gathering::default().gather(&outline, &spots(*apart as f32), &[], &statuses(&site)).len() > 2
        });
        let opens = opens.unwrap() as f32;
        let mut gathering = Gathering::default();
        let mut count = |apart: f32| gathering.gather(&outline, &spots(apart), &[], &statuses(&site)).len();
        assert_eq!([count(opens * 0.9), count(opens), count(opens * 0.9), count(opens * 0.3)], [2, 41, 41, 2]);
    }

    #[test]
    fn a_part_with_an_alarm_keeps_its_own_label_and_colours_that_of_the_others() {
        let site = site();
        let mut states = statuses(&site);
        states[7].state = Severity::High;
        let tags = Gathering::default().gather(&Outline::of(&site), &spots(6.0), &[], &states);
        assert_eq!(said(&site, &tags), ["Lid", "40 cells", "Cell 5"]);
        assert_eq!((tags[1].mark.severity, tags[2].mark.severity), (Severity::High, Severity::High));
    }

    #[test]
    fn of_parts_that_are_not_known_the_label_says_so_only_where_nothing_is() {
        let site = site();
        let mut states = statuses(&site);
        for status in &mut states {
            status.quality = Quality::Stale;
        }
        let of = |states: &[PartStatus]| {
            Gathering::default().gather(&Outline::of(&site), &spots(6.0), &[], states)[1].mark.quality
        };
        assert_eq!(of(&states), Quality::Stale);
        states[9].quality = Quality::Good;
        assert_eq!(of(&states), Quality::Good);
    }

    #[test]
    fn what_is_not_in_view_has_no_label_and_is_not_counted() {
        let site = site();
        let outline = Outline::of(&site);
        let few = &spots(6.0)[1..13];
        let tags = Gathering::default().gather(&outline, few, &[], &statuses(&site));
        assert_eq!(said(&site, &tags), ["12 cells"]);
        assert!(Gathering::default().gather(&outline, &[], &[], &statuses(&site)).is_empty());
        // The snapshot may be of a site with fewer parts.
        let unknown = Gathering::default().gather(&outline, few, &[], &[]);
        assert_eq!(unknown[0].mark.quality, Quality::NoData);
    }

    #[test]
    fn a_machine_far_away_has_one_label() {
        let site = site();
        let outline = Outline::of(&site);
        let node = outline.asset_node(twinscope_twin::site::AssetRow(0)).unwrap();
        let mark = Mark::state(Severity::Low);
        let far = [FarSpot { node, pos: [10.0, 20.0], depth: 900.0, parts: 42, mark }];
        let tags = Gathering::default().gather(&outline, &[], &far, &statuses(&site));
        assert_eq!((said(&site, &tags), tags[0].mark), (vec!["Car".to_owned()], mark));
        assert!(matches!(outline.nodes[node as usize].what, What::Asset(_)));
    }
}
