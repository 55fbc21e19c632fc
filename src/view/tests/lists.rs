//! Bar, alarm list and site summary.

use twinscope_twin::site::{AlarmRow, AssetRow};
use twinscope_twin::snapshot::{LinkState, Snapshot, SourceStatus};
use twinscope_twin::time::Now;

use super::fixture::{self, NOW};
use crate::view::bar::LinkSign;
use crate::view::inspector::InspectorView;
use crate::view::{AppView, Layout, Scene, UiState, app_view};

fn view(snapshot: &Snapshot) -> AppView {
    app_view(snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0])
}

#[track_caller]
fn check_link(link: LinkState, delay_ms: Option<f32>, sign: LinkSign, word: &str, detail: &str) {
    let mut snapshot = fixture::turbine();
    snapshot.sources[0] = SourceStatus { link, delay_ms, ..SourceStatus::default() };
    let source = view(&snapshot).bar.sources.remove(0);
    assert_eq!((source.sign, source.word, source.detail.as_str()), (sign, word, detail));
    assert!(source.tooltip.contains(&snapshot.site.sources[0].url));
}

#[test]
fn each_state_of_a_link_has_its_words() {
    let since = Now { wall_ms: NOW.wall_ms - 12_000, mono_ms: NOW.mono_ms - 12_000 };
    let reason = || "no route to host".to_owned();
    check_link(LinkState::Idle, None, LinkSign::Idle, "idle", "");
    check_link(LinkState::Connecting, None, LinkSign::Connecting, "connecting", "");
    check_link(LinkState::Live, Some(12.4), LinkSign::Live, "live", "12 ms");
    check_link(LinkState::Live, Some(-3200.0), LinkSign::Live, "live", "−3 s");
    check_link(LinkState::Live, None, LinkSign::Live, "live", "");
    let lost = LinkState::Lost { since, reason: reason() };
    check_link(lost, None, LinkSign::Lost, "lost", "since 12 s: no route to host");
    check_link(LinkState::Refused { reason: reason() }, None, LinkSign::Refused, "refused", "no route to host");
    check_link(LinkState::Direct { reason: reason() }, None, LinkSign::Direct, "direct", "no broker");
}

#[test]
fn a_source_that_is_connected_and_says_nothing_is_told_as_silent() {
    let mut snapshot = fixture::turbine();
    let received = Now { wall_ms: NOW.wall_ms - 29_000, mono_ms: NOW.mono_ms - 29_000 };
    for signal in &mut snapshot.signals {
        signal.received = signal.received.map(|_| received);
    }
    let live = SourceStatus { link: LinkState::Live, messages: 9, delay_ms: Some(2.0), ..SourceStatus::default() };
    for (rate_per_s, detail) in [(0.0, "silent for 29 s"), (40.0, "2 ms")] {
        snapshot.sources[0] = SourceStatus { rate_per_s, ..live.clone() };
        let source = view(&snapshot).bar.sources.remove(0);
        assert_eq!((source.word, source.detail.as_str()), ("live", detail));
    }
}

#[test]
fn a_source_whose_signals_come_seldom_is_not_called_silent_between_them() {
    let mut snapshot = fixture::turbine();
    let mut site = (*snapshot.site).clone();
    for signal in &mut site.signals {
        signal.stale_after_ms = Some(600_000);
    }
    snapshot.site = std::sync::Arc::new(site);
    for (age_ms, detail) in [(420_000, "2 ms"), (960_000, "silent for 16 min")] {
        let received = Now { wall_ms: NOW.wall_ms - age_ms, mono_ms: NOW.mono_ms.saturating_sub(age_ms as u64) };
        for signal in &mut snapshot.signals {
            signal.received = signal.received.map(|_| received);
        }
        let live = SourceStatus { link: LinkState::Live, messages: 9, delay_ms: Some(2.0), ..SourceStatus::default() };
        snapshot.sources[0] = SourceStatus { rate_per_s: 0.0, ..live };
        assert_eq!(view(&snapshot).bar.sources.remove(0).detail, detail, "after {age_ms} ms");
    }
}

#[test]
fn where_nobody_knows_it_is_not_said_that_nothing_is_wrong() {
    let said = |snapshot: &Snapshot| match view(snapshot).inspector {
        InspectorView::Site(site) => site.calm,
        InspectorView::Part(_) => panic!("nothing is selected"),
    };
    let mut silent = fixture::silent(fixture::turbine().site.as_ref().clone());
    silent.sources[0].link = LinkState::Live;
    assert!(said(&silent).contains("no part has been heard"));
    silent.sources[0].link = LinkState::Connecting;
    assert!(said(&silent).contains("not every source is heard"));
    silent.sources[0].link = LinkState::Live;
    silent.whole.by_state[0] = 1;
    assert!(said(&silent).starts_with("Nothing. "));
}

#[test]
fn trouble_comes_first() {
    let mut snapshot = fixture::turbine();
    let mut site = (*snapshot.site).clone();
    site.sources.push(site.sources[0].clone());
    snapshot.site = site.into();
    snapshot
        .sources
        .push(SourceStatus { link: LinkState::Refused { reason: "wrong password".into() }, ..SourceStatus::default() });
    assert_eq!(view(&snapshot).bar.sources[0].sign, LinkSign::Refused);
}

#[test]
fn counts_are_those_of_the_roll_up() {
    let snapshot = fixture::turbine();
    let bar = view(&snapshot).bar;
    let counts: Vec<_> = bar.counts.iter().map(|c| format!("{} {}", c.count, c.mark.words())).collect();
    assert_eq!(counts, ["1 high", "1 medium", "10 normal", "1 stale", "1 bad", "17 no data"]);
}

#[test]
fn dropped_messages_are_told_only_when_there_are_some() {
    let mut snapshot = fixture::turbine();
    assert_eq!(view(&snapshot).bar.dropped, None);
    snapshot.sources[0].dropped = 12_400;
    assert_eq!(view(&snapshot).bar.dropped.as_deref(), Some("12\u{202F}400 dropped"));
}

#[test]
fn an_alarm_tells_part_condition_value_and_response() {
    let snapshot = fixture::turbine();
    let alarms = view(&snapshot).alarms;
    assert_eq!((alarms.len(), alarms.unacknowledged), (3, 2));
    let row = alarms.row(0).expect("three alarms");
    assert_eq!(
        (row.part_name.as_str(), row.what.as_str(), row.value.as_str(), row.since.as_str(), row.age.as_str()),
        ("High-speed bearing", "Temperature above 92.0 °C", "92.1 °C", "13:59:57 UTC", "2 min")
    );
    assert!(alarms.row(3).is_none());
}

#[test]
fn an_alarm_of_an_unknown_rule_does_not_stop_the_list() {
    let mut snapshot = fixture::turbine();
    snapshot.alarms[0].alarm = AlarmRow(9999);
    let row = view(&snapshot).alarms.row(0).expect("a row");
    assert_eq!(row.what, "unknown rule");
}

#[test]
fn without_a_selection_the_inspector_shows_the_site_and_what_wants_attention() {
    let mut snapshot = fixture::turbine();
    snapshot.selected = None;
    let InspectorView::Site(site) = view(&snapshot).inspector else { panic!("nothing is selected") };
    let names: Vec<_> = site.attention.iter().map(|(.., name, _)| name.as_str()).collect();
    assert_eq!(names, ["High-speed bearing", "Gearbox", "Transformer", "Bearing, drive end"]);
    assert!(site.trouble.iter().any(|(what, n)| *what == "samples that came late" && n == "3"));
}

#[test]
fn models_that_could_not_be_shown_are_counted_with_the_trouble() {
    let mut snapshot = fixture::turbine();
    snapshot.selected = None;
    let count = |problems: usize| {
        let problem = (AssetRow(0), "cut off".to_owned());
        let scene = Scene { model_problems: vec![problem; problems], ..Scene::default() };
        let view = app_view(&snapshot, &scene, &UiState::default(), [1600.0, 900.0]);
        let InspectorView::Site(site) = view.inspector else { panic!("nothing is selected") };
        site.trouble.into_iter().find(|(what, _)| what.contains("models")).map(|(_, n)| n)
    };
    assert_eq!(count(0), None);
    assert_eq!(count(3).as_deref(), Some("3"));
}

#[test]
fn the_scene_keeps_sixty_percent_of_the_width() {
    for size in [[1280.0, 720.0], [1366.0, 768.0], [1599.0, 900.0], [1600.0, 900.0], [1920.0, 1080.0], [3840.0, 2160.0]]
    {
        let layout = Layout::of(size, &UiState::default());
        let free = size[0] - layout.tree - layout.inspector;
        assert!(free >= 0.6 * size[0] - 0.01, "{size:?}: {free}");
    }
}

#[test]
fn a_small_window_has_a_rail_and_one_line_of_alarms() {
    let small = Layout::of([1280.0, 720.0], &UiState::default());
    assert!(small.rail && small.alarms_line);
    let large = Layout::of([1920.0, 1080.0], &UiState::default());
    assert!(!large.rail && !large.alarms_line);
}

#[test]
fn a_hidden_panel_takes_no_room() {
    let mut ui = UiState::default();
    ui.panels.tree = false;
    ui.panels.inspector = false;
    ui.panels.alarms = false;
    ui.panels.bar = false;
    let layout = Layout::of([1920.0, 1080.0], &ui);
    assert_eq!((layout.bar, layout.tree, layout.inspector, layout.alarms), (0.0, 0.0, 0.0, 0.0));
}
