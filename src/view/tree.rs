//! The tree of assets and parts: which rows are there, with their marks and roll-ups. A row is a small value; names are
//! read from the site for the rows on screen only, so that thousands of parts cost little.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AssetRow, PartRow, Site};
use twinscope_twin::snapshot::{Life, RollUp};

use super::lives::{LifeView, life_view};
use super::look::{self, Look};
use super::search::{Keep, find_ignoring_case, keep, missing};
use super::state::{TreeFilter, TreeKey};
use super::theme::Mark;

/// Sites with at most this many rows start with everything open: they fit into a few screens.
const START_OPEN: usize = 120;

/// The deepest row; what lies deeper is drawn at this depth.
const DEEPEST: u8 = 12;

/// The tree.
#[derive(Clone, Debug)]
pub struct TreeView {
    site: Arc<Site>,
    needle: String,
    lives: Vec<Life>,
    /// The rows to draw, in order.
    pub rows: Vec<TreeRow>,
    /// Index of the selected part's row, if it is among them.
    pub selected: Option<usize>,
    /// Parts that match the search; `None` without a search.
    pub matches: Option<usize>,
    /// Why the question in the search field is none.
    pub problem: Option<String>,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// What it stands for.
    pub key: TreeKey,
    /// 0 for assets.
    pub depth: u8,
    /// Own state and quality; for an asset, and for a part that is measured only below, the roll-up.
    pub mark: Mark,
    /// Worst state below, where it is worse than the own.
    pub worst_below: Option<Severity>,
    /// Measured parts below whose state is not known. Parts that nothing measures do not count.
    pub unknown: u32,
    /// It has children.
    pub parent: bool,
    /// Its children are shown.
    pub open: bool,
    /// Shown only because something below it matches.
    pub context: bool,
    /// Not drawn in the scene.
    pub hidden: bool,
    /// An asset that a person may take out of the site.
    pub removable: bool,
}

/// The words of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeLabel<'a> {
    /// Name.
    pub name: &'a str,
    /// Kind of the part, or type of the asset.
    pub kind: &'a str,
    /// Bytes of the name that match the search.
    pub highlight: Option<Range<usize>>,
}

impl TreeView {
    /// The part that a search means: of those that match, the first whose name is what was typed, else whose name begins
    /// with it, has a word that does, or has it anywhere; an id or a kind come last.
    #[must_use]
    pub fn best(&self) -> Option<PartRow> {
        let matches = self.rows.iter().filter_map(|row| match row.key {
            TreeKey::Part(part) if !row.context => Some((part, self.label(row))),
            _ => None,
        });
        let rank = |label: &TreeLabel<'_>| match &label.highlight {
            Some(found) if *found == (0..label.name.len()) => 0,
            Some(found) if found.start == 0 => 1,
            Some(found) if !label.name[..found.start].ends_with(char::is_alphanumeric) => 2,
            Some(_) => 3,
            None => 4,
        };
        matches.min_by_key(|(_, label)| rank(label)).map(|(part, _)| part)
    }

    /// The words of a row.
    #[must_use]
    pub fn label(&self, row: &TreeRow) -> TreeLabel<'_> {
        let (name, kind) = match row.key {
            TreeKey::Asset(asset) => self
                .site
                .assets
                .get(asset.index())
                .map_or(("?", ""), |asset| (look::asset_name(asset), asset.type_id.as_str())),
            TreeKey::Part(part) => {
                self.site.parts.get(part.index()).map_or(("?", ""), |part| (look::part_name(part), part.kind.as_str()))
            }
        };
        TreeLabel { name, kind, highlight: find_ignoring_case(name, &self.needle) }
    }

    /// The remaining life of a part's row.
    #[must_use]
    pub fn life(&self, row: &TreeRow) -> Option<LifeView> {
        let TreeKey::Part(part) = row.key else { return None };
        let at = self.lives.binary_search_by_key(&part, |life| life.part).ok()?;
        self.lives.get(at).map(life_view)
    }

    /// In a sentence, for a tooltip and for screen readers.
    #[must_use]
    pub fn describe(&self, row: &TreeRow) -> String {
        let label = self.label(row);
        let mut text = format!("{}: {}", label.name, row.mark.words());
        if let Some(worst) = row.worst_below {
            text.push_str(&format!("\nbelow it: {}", worst.word()));
        }
        if row.unknown > 0 {
            text.push_str(&format!(
                "\n{} below it not known",
                super::words::plural(row.unknown.into(), "part", "parts")
            ));
        }
        if let Some(life) = self.life(row) {
            text.push_str(&format!("\nremaining life {}", life.text));
            if !life.caveat.is_empty() {
                text.push_str(&format!(" · {}", life.caveat));
            }
        }
        if row.hidden {
            text.push_str("\nhidden in the view");
        }
        text
    }

    /// Where a part is in the rows: its own, or that of the nearest part above it or machine whose branch is closed; and
    /// whether it is its own.
    #[must_use]
    pub fn row_of(&self, part: PartRow) -> Option<(usize, bool)> {
        let at = |key: TreeKey| self.rows.iter().position(|row| row.key == key);
        let own = at(TreeKey::Part(part)).map(|row| (row, true));
        own.or_else(|| ancestors(&self.site, part).into_iter().find_map(at).map(|row| (row, false)))
    }

    /// The selected part, if its row is among them.
    #[must_use]
    pub fn selected_part(&self) -> Option<PartRow> {
        match self.rows.get(self.selected?)?.key {
            TreeKey::Part(part) => Some(part),
            TreeKey::Asset(_) => None,
        }
    }

    /// The parts that match the search.
    #[must_use]
    pub fn found(&self) -> BTreeSet<PartRow> {
        let matching = self.rows.iter().filter(|row| !row.context);
        let parts = matching.filter_map(|row| match row.key {
            TreeKey::Part(part) => Some(part),
            TreeKey::Asset(_) => None,
        });
        parts.collect()
    }

    /// The row `by` further down (or up), clamped.
    #[must_use]
    pub fn neighbour(&self, by: isize) -> Option<TreeKey> {
        if self.rows.is_empty() {
            return None;
        }
        let index = match self.selected {
            Some(selected) => selected.saturating_add_signed(by).min(self.rows.len() - 1),
            None => 0,
        };
        // Only parts can be selected: an asset's row is stepped over.
        let step: isize = if by < 0 { -1 } else { 1 };
        let mut at = index;
        loop {
            match self.rows.get(at).map(|row| row.key) {
                Some(TreeKey::Asset(_)) => at = at.checked_add_signed(step)?,
                key => return key,
            }
        }
    }
}

/// The parts above a part and its asset, nearest first.
#[must_use]
pub fn ancestors(site: &Site, part: PartRow) -> Vec<TreeKey> {
    let Some(first) = site.parts.get(part.index()) else { return Vec::new() };
    site.lineage(part).skip(1).map(TreeKey::Part).chain([TreeKey::Asset(first.asset)]).collect()
}

/// Whether a row starts open.
#[must_use]
pub fn starts_open(site: &Site, key: TreeKey) -> bool {
    let rows = site.parts.len() + site.assets.len();
    match key {
        TreeKey::Asset(_) => rows <= START_OPEN || site.assets.len() <= 3,
        TreeKey::Part(_) => rows <= START_OPEN,
    }
}

/// Opens everything above a part. Returns whether anything changed.
pub fn reveal(site: &Site, part: PartRow, toggled: &mut BTreeSet<TreeKey>) -> bool {
    let mut changed = false;
    for key in ancestors(site, part) {
        let open = starts_open(site, key) != toggled.contains(&key);
        if !open {
            changed = true;
            if !toggled.remove(&key) {
                toggled.insert(key);
            }
        }
    }
    changed
}

/// The children of each part, and the roots of each asset, without a hash map: two passes of counting.
pub(super) struct Children {
    first: Vec<u32>,
    order: Vec<u32>,
}

impl Children {
    /// Slot 0..parts: children of that part; parts..parts+assets: roots of that asset.
    pub(super) fn of(site: &Site) -> Self {
        let parts = site.parts.len();
        let slots = parts + site.assets.len();
        let slot = |part: &twinscope_twin::site::Part| match part.parent {
            Some(parent) if parent.index() < parts => parent.index(),
            _ => (parts + part.asset.index()).min(slots.saturating_sub(1)),
        };
        let mut first = vec![0_u32; slots + 1];
        for part in &site.parts {
            if let Some(n) = first.get_mut(slot(part) + 1) {
                *n += 1;
            }
        }
        for i in 1..first.len() {
            if let Some(before) = first.get(i - 1).copied()
                && let Some(n) = first.get_mut(i)
            {
                *n += before;
            }
        }
        let mut next = first.clone();
        let mut order = vec![0_u32; parts];
        for (row, part) in site.parts.iter().enumerate() {
            if let Some(at) = next.get_mut(slot(part)) {
                if let Some(place) = order.get_mut(*at as usize) {
                    *place = row as u32;
                }
                *at += 1;
            }
        }
        Self { first, order }
    }

    pub(super) fn get(&self, slot: usize) -> &[u32] {
        let from = self.first.get(slot).copied().unwrap_or(0) as usize;
        let to = self.first.get(slot + 1).copied().unwrap_or(0) as usize;
        self.order.get(from..to).unwrap_or(&[])
    }
}

/// The tree of one frame.
#[must_use]
pub fn tree_view(look: &Look<'_>) -> TreeView {
    let site = look.site();
    let children = Children::of(site);
    let needle = look.ui.search.trim().to_lowercase();
    let mut walk = Walk {
        look,
        children: &children,
        keep: keep(look, &needle),
        filtered: !needle.is_empty() || look.ui.filter != TreeFilter::All,
        rows: Vec::with_capacity(site.parts.len() + site.assets.len()),
    };
    for (asset, _) in site.standing() {
        walk.asset(asset);
    }
    let rows = walk.rows;
    let matches = (!needle.is_empty()).then(|| walk.keep.iter().filter(|k| **k == Keep::Match).count());
    let selected = look.snapshot.selected.as_ref().map(|s| TreeKey::Part(s.part));
    let selected = selected.and_then(|key| rows.iter().position(|row| row.key == key));
    let lives = look.snapshot.lives.clone();
    let problem = look.scene.found.as_ref().and_then(|found| found.as_ref().err().cloned());
    TreeView { site: Arc::clone(&look.snapshot.site), needle, lives, rows, selected, matches, problem }
}

struct Walk<'a> {
    look: &'a Look<'a>,
    children: &'a Children,
    keep: Vec<Keep>,
    filtered: bool,
    rows: Vec<TreeRow>,
}

impl Walk<'_> {
    fn open(&self, key: TreeKey) -> bool {
        // What a search found is shown, whatever was closed before.
        self.filtered || starts_open(self.look.site(), key) != self.look.ui.toggled.contains(&key)
    }

    fn asset(&mut self, asset: AssetRow) {
        let roots = self.children.get(self.look.site().parts.len() + asset.index());
        let kept = roots.iter().any(|row| self.keep.get(*row as usize).is_some_and(|k| *k != Keep::No));
        if self.filtered && !kept {
            return;
        }
        let key = TreeKey::Asset(asset);
        let roll_up = self.look.snapshot.assets.get(asset.index()).copied().unwrap_or_default();
        let open = self.open(key);
        self.rows.push(TreeRow {
            key,
            depth: 0,
            mark: roll_up_mark(&roll_up),
            worst_below: None,
            unknown: 0,
            parent: !roots.is_empty(),
            open,
            context: self.filtered,
            hidden: false,
            removable: self.look.site().removable(asset),
        });
        if open {
            self.parts(roots, 1);
        }
        if let Some(unknown) = self.unknown_of_asset(asset)
            && let Some(row) = self.rows.iter_mut().rev().find(|row| row.key == key)
        {
            row.unknown = unknown;
        }
    }

    fn unknown_of_asset(&self, asset: AssetRow) -> Option<u32> {
        let range = self.look.asset(asset)?.parts.clone();
        let rows = self.look.snapshot.parts.get(range.start as usize..range.end as usize)?;
        Some(rows.iter().filter(|status| missing(status.quality, status.reason)).count() as u32)
    }

    fn parts(&mut self, rows: &[u32], depth: u8) {
        let children = self.children;
        for row in rows {
            let keep = self.keep.get(*row as usize).copied().unwrap_or(Keep::No);
            // As deep as a thread's stack allows with room to spare; a resolved site is never this deep.
            if keep == Keep::No || depth >= 100 {
                continue;
            }
            let part = PartRow(*row);
            let status = self.look.status(part);
            let below = children.get(part.index());
            let key = TreeKey::Part(part);
            let open = !below.is_empty() && self.open(key);
            let own = Mark::of(&status);
            let only_below =
                status.reason == QualityReason::NotMeasured && !below.is_empty() && look::known(&status.below) > 0;
            let mark = if only_below { roll_up_mark(&status.below) } else { own };
            self.rows.push(TreeRow {
                key,
                depth: depth.min(DEEPEST),
                mark,
                worst_below: (status.below.worst > mark.severity).then_some(status.below.worst),
                unknown: if below.is_empty() { 0 } else { self.unknown_below(below, 0) },
                parent: !below.is_empty(),
                open,
                context: keep == Keep::Context,
                hidden: self.look.is_hidden(part),
                removable: false,
            });
            if open {
                self.parts(below, depth + 1);
            }
        }
    }

    fn unknown_below(&self, rows: &[u32], depth: u8) -> u32 {
        if depth >= 100 {
            return 0;
        }
        rows.iter()
            .map(|row| {
                let status = self.look.status(PartRow(*row));
                u32::from(missing(status.quality, status.reason))
                    + self.unknown_below(self.children.get(*row as usize), depth + 1)
            })
            .fold(0, u32::saturating_add)
    }
}

/// The mark of several parts: their worst known state; where none is known, why.
#[must_use]
pub fn roll_up_mark(roll_up: &RollUp) -> Mark {
    if look::known(roll_up) > 0 {
        Mark::state(roll_up.worst)
    } else if roll_up.bad > 0 {
        Mark { severity: roll_up.worst, quality: Quality::Bad }
    } else if roll_up.stale > 0 {
        Mark { severity: roll_up.worst, quality: Quality::Stale }
    } else {
        Mark::quality(Quality::NoData)
    }
}
