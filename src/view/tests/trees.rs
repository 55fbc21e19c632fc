//! The tree: rows, marks, search.

use twinscope_twin::quality::Quality;
use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;
use twinscope_twin::snapshot::Snapshot;

use super::fixture::{self, SiteBuilder, silent};
use crate::view::search::find_ignoring_case;
use crate::view::tree::{TreeView, ancestors, reveal, starts_open};
use crate::view::{Scene, TreeFilter, TreeKey, UiState, app_view};

fn tree(snapshot: &Snapshot, ui: &UiState) -> TreeView {
    app_view(snapshot, &Scene::default(), ui, [1920.0, 1080.0]).tree
}

fn names(tree: &TreeView) -> Vec<String> {
    tree.rows.iter().map(|row| format!("{}{}", "  ".repeat(row.depth.into()), tree.label(row).name)).collect()
}

/// `a` with children `b`, `c`; `c` with child `d`. The parents come after their children on purpose.
fn small() -> Snapshot {
    let mut b = SiteBuilder::new();
    b.asset("wt", "Turbine");
    b.part("d", "Delta bearing", "", Some(PartRow(1)));
    b.part("c", "Charlie", "", Some(PartRow(2)));
    b.part("a", "Alpha", "", None);
    b.part("b", "Bravo", "seal", Some(PartRow(2)));
    silent(b.site)
}

#[test]
fn rows_follow_the_hierarchy_whatever_the_order_of_the_file() {
    let tree = tree(&small(), &UiState::default());
    assert_eq!(names(&tree), ["Turbine", "  Alpha", "    Charlie", "      Delta bearing", "    Bravo"]);
}

#[test]
fn a_closed_branch_hides_what_is_below() {
    let mut ui = UiState::default();
    ui.toggled.insert(TreeKey::Part(PartRow(1)));
    let tree = tree(&small(), &ui);
    assert_eq!(names(&tree), ["Turbine", "  Alpha", "    Charlie", "    Bravo"]);
}

#[test]
fn a_search_keeps_matches_and_the_way_to_them() {
    let ui = UiState { search: " BEARING ".into(), ..UiState::default() };
    let tree = tree(&small(), &ui);
    assert_eq!(names(&tree), ["Turbine", "  Alpha", "    Charlie", "      Delta bearing"]);
    assert_eq!(tree.rows.iter().map(|r| r.context).collect::<Vec<_>>(), [true, true, true, false]);
    assert_eq!(tree.matches, Some(1));
    assert_eq!(tree.label(&tree.rows[3]).highlight, Some(6..13));
}

#[test]
fn a_search_finds_kinds_and_ids_too() {
    for needle in ["seal", "b"] {
        let ui = UiState { search: needle.into(), ..UiState::default() };
        assert!(names(&tree(&small(), &ui)).iter().any(|n| n.trim() == "Bravo"), "{needle}");
    }
    let ui = UiState { search: "zzz".into(), ..UiState::default() };
    assert!(tree(&small(), &ui).rows.is_empty());
}

#[test]
fn the_search_ignores_case_and_points_at_whole_characters() {
    #[track_caller]
    fn check(text: &str, needle: &str, expected: Option<&str>) {
        assert_eq!(find_ignoring_case(text, needle).map(|r| &text[r]), expected, "{text} / {needle}");
    }
    check("Gearbox", "box", Some("box"));
    check("Gearbox", "GEAR", None); // the needle is given in lower case
    check("Öl-Kühler", "kühl", Some("Kühl"));
    check("Öl-Kühler", "öl", Some("Öl"));
    check("ΔT", "δt", Some("ΔT"));
    check("abc", "", None);
    check("", "a", None);
    check("aab", "ab", Some("ab"));
    check("İx", "x", Some("x"));
}

#[test]
fn a_parent_shows_what_is_worse_below_and_how_much_is_unknown() {
    let snapshot = fixture::turbine();
    let tree = tree(&snapshot, &UiState::default());
    let row = |name: &str| tree.rows.iter().find(|r| tree.label(r).name == name).copied().expect(name);
    let gearbox = row("Gearbox");
    assert_eq!((gearbox.mark.severity, gearbox.worst_below), (Severity::Medium, Some(Severity::High)));
    // The nacelle is not measured itself: its mark is that of what is below it.
    assert_eq!(row("Nacelle").mark.severity, Severity::High);
    assert_eq!(row("Nacelle").mark.quality, Quality::Good);
    // Drive-end bearing stale, transformer bad, brake never heard; what nothing measures does not count.
    assert_eq!(row("Nacelle").unknown, 3);
    assert_eq!(row("Generator").unknown, 1);
    assert_eq!(row("Brake").mark.quality, Quality::NoData);
}

#[test]
fn filters_keep_only_what_they_name() {
    let snapshot = fixture::turbine();
    let only = |filter| {
        let tree = tree(&snapshot, &UiState { filter, ..UiState::default() });
        tree.rows.iter().filter(|r| !r.context).map(|r| tree.label(r).name.to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(only(TreeFilter::Alarms), ["Gearbox", "High-speed bearing"]);
    assert_eq!(only(TreeFilter::Unknown), ["Brake", "Bearing, drive end", "Transformer"]);
}

#[test]
fn revealing_a_part_opens_every_branch_above_it() {
    let snapshot = small();
    let mut ui = UiState::default();
    ui.toggled.extend([TreeKey::Part(PartRow(1)), TreeKey::Part(PartRow(2))]);
    assert_eq!(ancestors(&snapshot.site, PartRow(0)).len(), 3);
    assert!(reveal(&snapshot.site, PartRow(0), &mut ui.toggled));
    assert!(!reveal(&snapshot.site, PartRow(0), &mut ui.toggled), "the second time nothing is left to open");
    assert_eq!(tree(&snapshot, &ui).rows.len(), 5);
}

#[test]
fn a_large_site_starts_closed() {
    let mut b = SiteBuilder::new();
    for asset in 0..50 {
        b.asset(&format!("wt-{asset}"), "T");
        for part in 0..100 {
            b.part(&format!("p{part}"), "P", "", None);
        }
    }
    let snapshot = silent(b.site);
    assert!(!starts_open(&snapshot.site, TreeKey::Asset(twinscope_twin::site::AssetRow(0))));
    assert_eq!(tree(&snapshot, &UiState::default()).rows.len(), 50);
}

#[test]
fn a_cycle_of_parents_ends() {
    let mut b = SiteBuilder::new();
    b.asset("wt", "T");
    b.part("a", "A", "", Some(PartRow(1)));
    b.part("b", "B", "", Some(PartRow(0)));
    b.part("c", "C", "", None);
    let snapshot = silent(b.site);
    assert_eq!(names(&tree(&snapshot, &UiState::default())), ["T", "  C"]);
    assert!(ancestors(&snapshot.site, PartRow(0)).len() < 100);
    let ui = UiState { search: "a".into(), ..UiState::default() };
    let _ = tree(&snapshot, &ui);
}

#[test]
fn arrows_step_over_assets_and_stop_at_the_ends() {
    let mut snapshot = small();
    fixture::select(&mut snapshot, PartRow(2));
    let tree = tree(&snapshot, &UiState::default());
    assert_eq!(tree.neighbour(1), Some(TreeKey::Part(PartRow(1))));
    assert_eq!(tree.neighbour(-1), None, "above the first part is only its asset");
    assert_eq!(tree.neighbour(100), Some(TreeKey::Part(PartRow(3))));
}

#[test]
fn a_part_in_a_closed_branch_is_found_at_the_part_above_it() {
    let snapshot = fixture::turbine();
    let mut ui = UiState::default();
    let row = |id: &str| PartRow(snapshot.site.parts.iter().position(|part| part.id == id).unwrap() as u32);
    let (door, tower) = (row("tower_door"), TreeKey::Part(row("tower")));
    let found = |ui: &UiState| {
        let tree = tree(&snapshot, ui);
        tree.row_of(door).map(|(at, own)| (tree.rows[at].key, own))
    };
    assert_eq!(found(&ui), Some((TreeKey::Part(door), true)));
    ui.toggled.insert(tower);
    assert_eq!(found(&ui), Some((tower, false)));
}
