//! The parts of a site as an outline: machines, their parts, and what is below these, with alike parts under one heading.
//!
//! Made once for a site. A node and everything below it lie side by side, parents before what is below them.

use std::collections::BTreeMap;

use twinscope_twin::site::{AssetRow, PartRow, Site};

use super::super::look::{asset_name, part_name};
use super::super::tree::Children;
use super::super::words;

/// So many parts of one kind below one part are gathered under a heading of their own.
const ALIKE: usize = 3;

/// Deepest that is followed: a resolved site is never this deep.
const DEEPEST: u32 = 100;

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A machine.
    Asset(AssetRow),
    /// A part.
    Part(PartRow),
    /// The parts of one kind below one part or machine; this is the first of them.
    Alike(PartRow),
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// What it stands for.
    pub what: What,
    /// The node above it.
    pub above: Option<u32>,
    /// The node after the last one below it.
    pub end: u32,
}

/// The outline of a site.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The nodes.
    pub nodes: Vec<Node>,
    /// The node of each part; of machines that were taken out there are none.
    of_part: Vec<Option<u32>>,
    /// The node of each machine.
    of_asset: Vec<Option<u32>>,
}

impl Outline {
    /// The outline of a site.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let children = Children::of(site);
        let mut outline = Self {
            nodes: Vec::with_capacity(site.parts.len() + site.assets.len()),
            of_part: vec![None; site.parts.len()],
            of_asset: vec![None; site.assets.len()],
        };
        for (asset, _) in site.standing() {
            let node = outline.open(What::Asset(asset), None);
            if let Some(place) = outline.of_asset.get_mut(asset.index()) {
                *place = Some(node);
            }
            outline.below(site, &children, children.get(site.parts.len() + asset.index()), node, 0);
            outline.close(node);
        }
        outline
    }

    /// The node of a part.
    #[must_use]
    pub fn node(&self, part: PartRow) -> Option<u32> {
        self.of_part.get(part.index()).copied().flatten()
    }

    /// The node of a machine.
    #[must_use]
    pub fn asset_node(&self, asset: AssetRow) -> Option<u32> {
        self.of_asset.get(asset.index()).copied().flatten()
    }

    fn open(&mut self, what: What, above: Option<u32>) -> u32 {
        let node = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node { what, above, end: node });
        node
    }

    fn close(&mut self, node: u32) {
        let end = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(node as usize) {
            node.end = end;
        }
    }

    fn below(&mut self, site: &Site, children: &Children, rows: &[u32], above: u32, depth: u32) {
        if depth > DEEPEST {
            return;
        }
        let kind = |row: u32| site.parts.get(row as usize).map_or("", |part| part.kind.as_str());
        let mut kinds: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for &row in rows {
            kinds.entry(kind(row)).or_default().push(row);
        }
        for &row in rows {
            let alike = kinds.get(kind(row)).filter(|alike| !kind(row).is_empty() && alike.len() >= ALIKE);
            match alike {
                None => self.part(site, children, row, above, depth),
                // The first of them opens the heading for all.
                Some(alike) if alike.first() == Some(&row) => {
                    let node = self.open(What::Alike(PartRow(row)), Some(above));
                    for &row in alike {
                        self.part(site, children, row, node, depth);
                    }
                    self.close(node);
                }
                Some(_) => {}
            }
        }
    }

    fn part(&mut self, site: &Site, children: &Children, row: u32, above: u32, depth: u32) {
        let node = self.open(What::Part(PartRow(row)), Some(above));
        if let Some(place) = self.of_part.get_mut(row as usize) {
            *place = Some(node);
        }
        self.below(site, children, children.get(row as usize), node, depth + 1);
        self.close(node);
    }

    /// The words of a label: a name or a count, and what is added to it in a quieter tone. `members`: nodes directly below
    /// that have something in view; `parts`: all parts that it stands for.
    #[must_use]
    pub fn words(&self, site: &Site, node: u32, members: u32, parts: u32) -> (String, String) {
        let more = |name: &str, more: u32| {
            let more = if more == 0 { String::new() } else { format!("+{}", words::count(more.into())) };
            (words::cut(name, 32).into_owned(), more)
        };
        match self.nodes.get(node as usize).map(|node| node.what) {
            Some(What::Asset(row)) => more(site.assets.get(row.index()).map_or("?", asset_name), parts),
            Some(What::Part(row)) => more(site.parts.get(row.index()).map_or("?", part_name), parts.saturating_sub(1)),
            Some(What::Alike(row)) => {
                let kind = site.parts.get(row.index()).map_or("part", |part| part.kind.as_str());
                let name = if members == 1 { kind.replace(['-', '_'], " ") } else { plural(kind) };
                (format!("{} {}", words::count(members.into()), words::cut(&name, 32)), String::new())
            }
            None => ("?".to_owned(), String::new()),
        }
    }
}

/// Several of a kind: `cells`, `batteries`, `switches`.
fn plural(kind: &str) -> String {
    let kind = kind.replace(['-', '_'], " ");
    let ends = |ends: &[&str]| ends.iter().any(|end| kind.ends_with(end));
    if let Some(stem) = kind.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        format!("{stem}ies")
    } else if ends(&["s", "x", "ch", "sh"]) {
        format!("{kind}es")
    } else {
        format!("{kind}s")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::tests::fixture::SiteBuilder;

    /// A machine with a pack of two modules, of two and of three cells, and a lid.
    fn pack() -> Site {
        let mut b = SiteBuilder::new();
        b.asset("car", "Car");
        let pack = b.part("pack", "Pack", "battery", None);
        let one = b.part("m1", "Module 1", "module", Some(pack));
        let two = b.part("m2", "Module 2", "module", Some(pack));
        for (module, cells) in [(one, 2), (two, 3)] {
            for cell in 0..cells {
                b.part(&format!("c{}_{cell}", module.0), &format!("Cell {cell}"), "cell", Some(module));
            }
        }
        b.part("lid", "Lid", "", Some(pack));
        b.site
    }

    fn names(site: &Site, outline: &Outline) -> Vec<String> {
        let name = |node: u32| outline.words(site, node, 3, 1).0;
        (0..outline.nodes.len() as u32).map(name).collect()
    }

    #[test]
    fn three_of_a_kind_get_a_heading_and_two_do_not() {
        let site = pack();
        let outline = Outline::of(&site);
        assert_eq!(
            names(&site, &outline),
            ["Car", "Pack", "Module 1", "Cell 0", "Cell 1", "Module 2", "3 cells", "Cell 0", "Cell 1", "Cell 2", "Lid"]
        );
    }

    #[test]
    fn what_is_below_a_node_lies_between_it_and_its_end() {
        let site = pack();
        let outline = Outline::of(&site);
        let ends: Vec<u32> = outline.nodes.iter().map(|node| node.end).collect();
        assert_eq!(ends, [11, 11, 5, 4, 5, 10, 10, 8, 9, 10, 11]);
        for (at, node) in outline.nodes.iter().enumerate() {
            let above = node.above.and_then(|above| outline.nodes.get(above as usize));
            assert!(above.is_none_or(|above| above.end >= node.end), "{at}");
            assert!(node.above.is_none_or(|above| (above as usize) < at), "{at}");
        }
    }

    #[test]
    fn several_of_a_kind_have_a_plural() {
        for (kind, many) in [
            ("cell", "cells"),
            ("battery", "batteries"),
            ("switch", "switches"),
            ("bus", "buses"),
            ("relay", "relays"),
            ("brake_disc", "brake discs"),
        ] {
            assert_eq!(plural(kind), many);
        }
    }

    #[test]
    fn a_label_says_how_many_parts_it_stands_for() {
        let site = pack();
        let outline = Outline::of(&site);
        let said = |node, members, parts| outline.words(&site, node, members, parts);
        assert_eq!(said(0, 1, 9), ("Car".to_owned(), "+9".to_owned()));
        assert_eq!(said(1, 3, 9), ("Pack".to_owned(), "+8".to_owned()));
        assert_eq!(said(6, 3, 3), ("3 cells".to_owned(), String::new()));
        assert_eq!(said(3, 0, 1), ("Cell 0".to_owned(), String::new()));
    }
}
