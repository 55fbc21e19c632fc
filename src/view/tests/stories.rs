//! Why a part has its colour: every state and quality has its story.

use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{PartRow, SignalInput};
use twinscope_twin::snapshot::Snapshot;

use super::fixture::{self, SiteBuilder, heard, select, set, silent};
use crate::view::inspector::InspectorView;
use crate::view::why::{Link, WhyStep};
use crate::view::{Scene, UiState, app_view};

fn story(snapshot: &Snapshot) -> Vec<WhyStep> {
    match app_view(snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).inspector {
        InspectorView::Part(part) => part.why,
        InspectorView::Site(_) => Vec::new(),
    }
}

fn part(snapshot: &Snapshot, id: &str) -> PartRow {
    PartRow(snapshot.site.parts.iter().position(|p| p.id == id).expect("the fixture has it") as u32)
}

/// The story of a part of the turbine, one line per step: link, fact, detail.
fn lines(snapshot: &Snapshot) -> Vec<String> {
    story(snapshot)
        .iter()
        .map(|step| format!("{}: {} | {}", step.link.word(), step.fact, step.detail.as_deref().unwrap_or("")))
        .collect()
}

#[track_caller]
fn check(id: &str, expected: &[&str]) {
    let mut snapshot = fixture::turbine();
    let row = part(&snapshot, id);
    select(&mut snapshot, row);
    assert_eq!(lines(&snapshot), expected);
}

#[test]
fn an_alarm_is_told_from_message_to_state() {
    check(
        "high_speed_bearing",
        &[
            "Message: From plant | field /temperature · its time 14:02:10 UTC",
            "Value: Temperature 94.6 °C | heard in time and in range",
            "Rule: Temperature above 92.0 °C | high · deadband\u{A0}2 · on\u{A0}after\u{A0}10\u{A0}s · off\u{A0}after\u{A0}30\u{A0}s",
            "State: High | The bearing seizes within weeks; the gearbox goes with it.",
        ],
    );
}

#[test]
fn a_stale_value_tells_since_when_and_by_which_limit() {
    check(
        "generator_bearing_de",
        &[
            "Message: From plant | field /temperature · its time 13:59:06 UTC",
            "Value: Temperature: last readable 61.3 °C | stale: none came for longer than 5 s",
            "Rule: No alarm rule | nothing here can raise its state",
            "State: Stale | what it is now is not known",
        ],
    );
    let mut snapshot = fixture::turbine();
    let row = part(&snapshot, "generator_bearing_de");
    select(&mut snapshot, row);
    let value = &story(&snapshot)[1];
    assert_eq!(value.age.as_deref(), Some("since 13:59:07 UTC"));
}

#[test]
fn a_bad_value_shows_the_payload_and_the_range() {
    check(
        "transformer",
        &[
            "Message: From plant | field /temperature · its time 14:02:10 UTC",
            "Value: Temperature: last readable 431.0 °C | bad: outside the range of the sensor, −40.0 to 200.0 °C",
            "Rule: No alarm rule | nothing here can raise its state",
            "State: Bad | the data cannot be used: its state is not known",
        ],
    );
    let mut snapshot = fixture::turbine();
    let row = part(&snapshot, "transformer");
    select(&mut snapshot, row);
    assert!(story(&snapshot)[0].raw.as_deref().is_some_and(|raw| raw.contains("\"vibration\":5.83")));
}

#[test]
fn silence_tells_which_topic_is_waited_for() {
    check(
        "brake",
        &[
            "Message: No message has arrived yet | waiting on this topic",
            "Value: Pad: no value | no data: no message has arrived yet",
            "Rule: No alarm rule | nothing here can raise its state",
            "State: Not known | never shown as healthy",
        ],
    );
}

#[test]
fn a_part_that_nothing_measures_says_why_if_the_type_file_does() {
    let mut b = SiteBuilder::new();
    b.asset("a", "A");
    let row = b.part("gearbox", "Gearbox", "gearbox", None);
    b.site.parts[0].note = Some("no drivetrain sensors in this data".into());
    let mut snapshot = silent(b.site);
    select(&mut snapshot, row);
    assert_eq!(
        lines(&snapshot),
        [
            "Message: Nothing measures this part | no drivetrain sensors in this data",
            "Rule: No alarm rule | nothing here can raise its state",
            "State: Not known | never shown as healthy",
        ]
    );
}

#[test]
fn a_group_tells_what_is_known_below_it() {
    let mut snapshot = fixture::turbine();
    let row = part(&snapshot, "nacelle");
    select(&mut snapshot, row);
    let last = story(&snapshot).pop().expect("a state");
    assert_eq!((last.link, last.fact.as_str()), (Link::State, "Not known"));
    assert_eq!(last.detail.as_deref(), Some("of the parts below, 10 known, worst high"));
}

#[test]
fn an_expression_is_shown_as_it_stands() {
    let mut b = SiteBuilder::new();
    b.asset("a", "A");
    let row = b.part("gearbox", "Gearbox", "gearbox", None);
    let rise = b.signal("Oil rise", "K", 1);
    b.site.signals[0].input = SignalInput::Expression("oil - ambient".into());
    let mut snapshot = silent(b.site);
    heard(&mut snapshot, rise, 12.0, Quality::Uncertain, QualityReason::Input, 100);
    set(&mut snapshot, row, Severity::Normal, Quality::Uncertain, QualityReason::Input);
    select(&mut snapshot, row);
    let steps = story(&snapshot);
    assert_eq!(steps[0].raw.as_deref(), Some("oil - ambient"));
    assert_eq!(steps[1].detail.as_deref(), Some("uncertain: an input of its expression is not good"));
    assert_eq!(steps[3].detail.as_deref(), Some("the state holds, its data is doubtful"));
}

#[test]
fn no_state_and_no_quality_is_left_without_a_reason() {
    for state in Severity::ALL {
        for quality in [Quality::Good, Quality::Uncertain, Quality::Stale, Quality::Bad, Quality::NoData] {
            let mut snapshot = fixture::turbine();
            let row = part(&snapshot, "gearbox");
            set(&mut snapshot, row, state, quality, QualityReason::SourceBad);
            select(&mut snapshot, row);
            let steps = story(&snapshot);
            assert_eq!(steps.last().map(|s| s.link), Some(Link::State), "{state:?} {quality:?}");
            assert!(steps.iter().all(|step| !step.fact.is_empty()), "{state:?} {quality:?}");
        }
    }
}

#[test]
fn a_value_that_is_not_good_is_never_shown_as_usable() {
    for (quality, usable) in [
        (Quality::Good, true),
        (Quality::Uncertain, true),
        (Quality::Stale, false),
        (Quality::Bad, false),
        (Quality::NoData, false),
    ] {
        let mut snapshot = fixture::turbine();
        let row = part(&snapshot, "gearbox");
        let signal = twinscope_twin::site::SignalRow(snapshot.site.parts[row.index()].signals.start);
        heard(&mut snapshot, signal, 60.0, quality, QualityReason::SourceBad, 400);
        select(&mut snapshot, row);
        let view = app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]);
        let InspectorView::Part(part) = view.inspector else { panic!("a part is selected") };
        assert_eq!(part.signals[0].usable, usable, "{quality:?}");
        assert_eq!(part.signals[0].mark.is_none(), quality == Quality::Good, "{quality:?}");
    }
}

#[test]
fn a_gap_in_the_history_is_a_gap_in_the_chart() {
    let snapshot = fixture::turbine();
    let view = app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]);
    let InspectorView::Part(part) = view.inspector else { panic!("a part is selected") };
    let trend = part.trend.expect("the bearing has numbers");
    assert_eq!(trend.pieces.iter().map(Vec::len).collect::<Vec<_>>(), [240, 340]);
    assert_eq!(trend.limits.len(), 2, "limits of this signal only");
    assert!(trend.x[1] >= 0.0, "a chart reaches to now");
}
