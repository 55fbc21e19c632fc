//! Commands, what they publish, and their log.

use std::sync::Arc;

use super::fixture::{START_MS, Twin, asset, site, source};
use crate::command::{Addition, Command, Outgoing};
use crate::site::{AssetRow, PartRow, SourceRow};
use crate::state::{LOGGED_COMMANDS, Options};

fn farm(options: Options) -> Twin {
    site()
        .edit(|site| {
            site.sources.push(source("real", false));
            site.assets.push(asset("wt-02", SourceRow(1)));
        })
        .part("gearbox")
        .twin_with(options)
}

fn inject(asset: u32, fault: &str, rate: f64) -> Command {
    Command::InjectFault { asset: AssetRow(asset), fault: fault.to_owned(), rate }
}

fn refusal(twin: &Twin) -> Option<String> {
    twin.state.log().last().and_then(|entry| entry.refused.clone())
}

#[test]
fn faults_are_published_to_the_simulator() {
    let mut twin = farm(Options::default());
    let outgoing = twin.command(inject(0, "high-speed-bearing-wear", 2.5)).outgoing;
    let expected = Outgoing {
        source: SourceRow(0),
        topic: "twinscope/v1/north-ridge/wt-01/command/inject-fault".to_owned(),
        payload: br#"{"fault":"high-speed-bearing-wear","rate":2.5}"#.to_vec(),
        retain: false,
    };
    assert_eq!(outgoing, [expected]);
    let clear = Command::ClearFault { asset: AssetRow(0), fault: "high-speed-bearing-wear".to_owned() };
    let outgoing = twin.command(clear).outgoing;
    assert_eq!(outgoing[0].topic, "twinscope/v1/north-ridge/wt-01/command/clear-fault");
    assert_eq!(outgoing[0].payload, br#"{"fault":"high-speed-bearing-wear"}"#);
    assert_eq!(refusal(&twin), None);
}

#[test]
fn what_is_refused_publishes_nothing_and_says_why() {
    for (command, expected) in [
        (inject(1, "wear", 1.0), "only a simulated asset takes faults and has switches"),
        (inject(7, "wear", 1.0), "no such asset"),
        (inject(0, "", 1.0), "the name of a fault or a switch has 1 to 64 letters, digits, - or _"),
        (inject(0, "a/b", 1.0), "the name of a fault or a switch has 1 to 64 letters, digits, - or _"),
        (inject(0, "wear", 0.0), "the rate must be above 0 and at most 100"),
        (inject(0, "wear", f64::NAN), "the rate must be above 0 and at most 100"),
        (inject(0, "wear", 101.0), "the rate must be above 0 and at most 100"),
        (Command::Select(Some(PartRow(5))), "no such part"),
    ] {
        let mut twin = farm(Options::default());
        let changes = twin.command(command.clone());
        assert!(changes.outgoing.is_empty() && changes.visible, "{command:?}");
        assert_eq!(refusal(&twin).as_deref(), Some(expected), "{command:?}");
    }
}

#[test]
fn read_only_refuses_what_leaves_the_process_and_nothing_else() {
    let mut twin = farm(Options { read_only: true, ..Options::default() });
    assert!(twin.command(inject(0, "wear", 1.0)).outgoing.is_empty());
    assert_eq!(refusal(&twin).as_deref(), Some("read-only: nothing is sent"));
    twin.command(Command::Select(Some(PartRow(0))));
    assert_eq!(refusal(&twin), None);
    assert_eq!(twin.snapshot().selected.map(|detail| detail.part), Some(PartRow(0)));
}

#[test]
fn the_log_is_kept_in_order_and_bounded() {
    let mut twin = farm(Options::default());
    for _ in 0..LOGGED_COMMANDS + 10 {
        twin.command(Command::Select(None));
    }
    twin.wait(1000);
    twin.command(Command::Select(Some(PartRow(0))));
    assert_eq!(twin.state.log().count(), LOGGED_COMMANDS);
    let shown = twin.snapshot().commands;
    assert_eq!(shown.len(), 64);
    assert_eq!(
        shown.last().map(|entry| (entry.at_ms, entry.command.clone())),
        Some((START_MS + 1000, Command::Select(Some(PartRow(0)))))
    );
}

/// A machine of two parts, the second below the first.
fn addition(id: &str) -> Command {
    let mut parts = site().part("housing").part("shaft").site.parts;
    parts[1].parent = Some(PartRow(0));
    Command::Add(Arc::new(Addition { asset: asset(id, SourceRow(u32::MAX)), parts }))
}

#[test]
fn an_added_machine_stands_behind_the_others_and_nothing_is_known_of_it() {
    let mut twin = farm(Options::default());
    let before = twin.snapshot();
    twin.command(addition("pump"));
    assert_eq!(refusal(&twin), None);
    let after = twin.snapshot();
    let site = &after.site;
    assert_eq!(site.assets[..2], before.site.assets[..]);
    assert_eq!(site.parts[..1], before.site.parts[..]);
    assert_eq!(site.assets[2].parts, 1..3);
    assert_eq!((site.parts[2].asset, site.parts[2].parent), (AssetRow(2), Some(PartRow(1))));
    assert_eq!(after.parts.len(), 3);
    assert_eq!(after.parts[2].quality, crate::quality::Quality::NoData);
    twin.command(Command::Select(Some(PartRow(2))));
    assert_eq!(twin.snapshot().selected.map(|detail| detail.part), Some(PartRow(2)));
}

#[test]
fn a_removed_machine_is_gone_and_all_rows_stay_what_they_were() {
    let mut twin = farm(Options::default());
    twin.command(addition("pump"));
    twin.command(addition("fan"));
    let before = twin.snapshot();
    twin.command(Command::Select(Some(PartRow(2))));
    twin.command(Command::Remove(AssetRow(2)));
    assert_eq!(refusal(&twin), None);
    let after = twin.snapshot();
    assert_eq!((&after.site.assets, &after.site.parts), (&before.site.assets, &before.site.parts));
    let standing: Vec<_> = after.site.standing().map(|(_, asset)| asset.id.as_str()).collect();
    assert_eq!(standing, ["wt-01", "wt-02", "fan"]);
    // What was selected on it is not any more, and cannot be again.
    assert!(after.selected.is_none());
    twin.command(Command::Select(Some(PartRow(2))));
    assert_eq!(refusal(&twin).as_deref(), Some("no such part"));
    // Its name is free again.
    twin.command(addition("pump"));
    assert_eq!(refusal(&twin), None);
    assert_eq!(twin.snapshot().site.standing().map(|(row, _)| row.0).collect::<Vec<_>>(), [0, 1, 3, 4]);
}

#[test]
fn only_what_nothing_feeds_is_removed_and_only_once() {
    let mut twin = farm(Options::default());
    twin.command(addition("pump"));
    for (asset, says) in [(0, "wt-01 is in the site's file"), (9, "no such asset")] {
        twin.command(Command::Remove(AssetRow(asset)));
        assert!(refusal(&twin).is_some_and(|reason| reason.starts_with(says)), "{says}");
    }
    twin.command(Command::Remove(AssetRow(2)));
    assert_eq!(refusal(&twin), None);
    twin.command(Command::Remove(AssetRow(2)));
    assert_eq!(refusal(&twin).as_deref(), Some("no such asset"));
}

#[test]
fn what_cannot_be_added_is_refused() {
    let mut twin = farm(Options::default());
    twin.command(addition("wt-01"));
    assert_eq!(refusal(&twin).as_deref(), Some("there is an asset wt-01 already"));
    let Command::Add(measured) = addition("pump") else { unreachable!() };
    let mut measured = Addition::clone(&measured);
    measured.parts[0].health = Some("1.0".to_owned());
    twin.command(Command::Add(Arc::new(measured)));
    assert!(refusal(&twin).is_some_and(|reason| reason.contains("no signals")));
    assert_eq!(twin.snapshot().site.assets.len(), 2);
}
