//! Predictions in words: a band names its level, a bare value says so, an expired one looks stale.

use twinscope_twin::prediction::{Body, FuturePath, Issue};
use twinscope_twin::snapshot::Snapshot;

use super::fixture::{self, NOW};
use crate::view::inspector::InspectorView;
use crate::view::life::PredictionView;
use crate::view::{Scene, UiState, app_view};

fn shown(snapshot: &Snapshot) -> Vec<PredictionView> {
    match app_view(snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).inspector {
        InspectorView::Part(part) => part.predictions,
        InspectorView::Site(_) => Vec::new(),
    }
}

/// The view of one issue.
fn of_issue(issue: Issue) -> PredictionView {
    let mut snapshot = fixture::turbine();
    if let Some(selected) = &mut snapshot.selected {
        selected.predictions.truncate(1);
        selected.predictions[0].1 = issue;
    }
    shown(&snapshot).remove(0)
}

/// The view of one body.
fn of(body: Body) -> PredictionView {
    of_issue(Issue { body, received: NOW, retained: false })
}

fn quantiles(pairs: &[(&str, f64)]) -> Body {
    Body { unit: "h".into(), quantiles: pairs.iter().map(|(p, v)| ((*p).to_owned(), *v)).collect(), ..Body::default() }
}

#[track_caller]
fn check(body: Body, figure: Option<&str>, band: &str) {
    let view = of(body);
    assert_eq!((view.figure.as_deref(), view.band.as_str()), (figure, band));
}

#[test]
fn a_band_names_its_level_and_shares_the_unit_of_the_median() {
    check(quantiles(&[("0.05", 430.0), ("0.5", 1010.0), ("0.95", 2290.0)]), Some("42 d"), "5–95 %: 18 to 95 d");
    check(quantiles(&[("0.1", 1.0), ("0.5", 4.0), ("0.9", 9.0)]), Some("4.0 h"), "10–90 %: 1.0 to 9.0 h");
    check(quantiles(&[("0.025", 10.0), ("0.975", 50.0)]), None, "2.5–97.5 %: 10 to 50 h");
    check(quantiles(&[("0.2", 1.0e5), ("0.5", 2.0e5), ("0.9", 3.0e5)]), Some("23 years"), "20–90 %: 11 to 34 years");
}

#[test]
fn a_bare_value_says_that_it_has_no_spread() {
    check(Body { unit: "h".into(), value: Some(300.0), ..Body::default() }, Some("12 d"), "without a spread");
    check(quantiles(&[("0.5", 300.0)]), Some("12 d"), "without a spread");
    check(Body { unit: "%".into(), value: Some(81.25), ..Body::default() }, Some("81.2 %"), "without a spread");
}

#[test]
fn nonsense_gives_no_figure() {
    check(Body::default(), None, "no usable figure");
    check(Body { value: Some(f64::NAN), ..Body::default() }, None, "no usable figure");
    check(quantiles(&[("x", 1.0), ("7", 2.0), ("0.5", f64::INFINITY)]), None, "no usable figure");
    let path = FuturePath { quantity: "health".into(), ..FuturePath::default() };
    check(Body { path: Some(path), ..Body::default() }, None, "as a course, below");
}

#[test]
fn an_expired_prediction_looks_stale_and_says_since_when() {
    let expired = of(Body { valid_until: Some(NOW.wall_ms - 1000), ..quantiles(&[("0.5", 1.0)]) });
    assert!(expired.expired);
    assert!(expired.badges.iter().any(|b| b.text == "expired" && b.warn && b.tooltip.contains("14:02:10")));
    assert!(!of(Body { valid_until: Some(NOW.wall_ms + 1), ..Body::default() }).expired);
    assert!(!of(Body::default()).expired);
}

#[test]
fn a_generic_prior_and_an_input_out_of_range_are_labelled() {
    let view = of(Body { prior: Some("generic".into()), in_range: Some(false), ..Body::default() });
    let warned: Vec<_> = view.badges.iter().filter(|b| b.warn).map(|b| b.text.as_str()).collect();
    assert_eq!(warned, ["generic prior", "outside its range"]);
}

#[test]
fn model_version_scenario_age_and_issues_are_told() {
    let view = shown(&fixture::turbine()).remove(0);
    assert_eq!(view.title, "Remaining life");
    assert_eq!(view.model, "predicted by bearing-life 1.3.0 · baseline");
    assert_eq!(view.age, "made 3 min ago from data until 13:58:51 UTC");
    assert_eq!(view.kept, "12 issues kept");
    assert_eq!(view.threshold.as_deref(), Some("failed at spall size 4 mm · ISO 15243"));
    assert_eq!(
        view.pof.iter().map(|p| (p.0.as_str(), p.1.as_str())).collect::<Vec<_>>(),
        [("within 30 d", "12 %"), ("within 90 d", "71 %")]
    );
    let told: Vec<_> = view.parameters.iter().map(|p| [p.name.as_str(), &p.value, &p.rest]).collect();
    assert_eq!(told, [["bearing wear", "0.21", "5–95 %: 0.16 to 0.27 · prior 0.05"]]);
    assert_eq!(view.coverage.map(|b| (b.text, b.warn)), Some(("90 % band held 37 of 40".into(), false)));
}

#[test]
fn what_the_broker_had_kept_without_a_time_of_issue_is_not_called_new() {
    let mut full = fixture::turbine().selected.unwrap().predictions.remove(0).1;
    full.body.data_until = None;
    full.retained = true;
    assert_eq!(of_issue(full.clone()).age, "made 3 min ago");
    full.body.issued_at = None;
    let undated = of_issue(full);
    assert_eq!((undated.age.as_str(), undated.fan), ("made before 14:02:11 UTC", None));
}

#[test]
fn predictions_that_are_not_shown_are_counted() {
    let mut snapshot = fixture::turbine();
    snapshot.selected.as_mut().unwrap().more_predictions = 36;
    assert_eq!(shown(&snapshot).last().unwrap().kept, "1 issue kept · 36 predictions are not shown");
}

#[test]
fn a_band_that_held_too_seldom_warns() {
    let coverage = twinscope_twin::prediction::Coverage { level: 0.9, held: 20, of: 40 };
    let view = of(Body { coverage: Some(coverage), ..Body::default() });
    assert!(view.coverage.is_some_and(|b| b.warn));
}

#[test]
fn a_course_of_uneven_vectors_is_cut_to_the_shortest() {
    let path = FuturePath {
        quantity: "health".into(),
        unit: String::new(),
        in_h: vec![0.0, 1.0, 2.0, 3.0],
        p05: vec![0.1, 0.1, 0.1],
        p50: vec![0.2, 0.2, 0.2, 0.2],
        p95: vec![0.3, f64::NAN, 0.3, 0.3],
    };
    let view = of(Body { path: Some(path), ..Body::default() });
    assert_eq!(view.fan.map(|f| f.points.len()), Some(2));
}

#[test]
fn the_tree_tells_the_life_of_a_part_and_that_it_has_expired() {
    let mut snapshot = super::living::turbine();
    let told = |snapshot: &Snapshot| {
        let view = app_view(snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).tree;
        let row = view.rows.iter().find(|row| view.label(row).name == "High-speed bearing").expect("in the fixture");
        (view.life(row).map(|life| life.brief), view.describe(row))
    };
    let (brief, described) = told(&snapshot);
    assert_eq!(brief.as_deref(), Some("18–95 d"));
    assert!(described.contains("remaining life 42 d (5–95 %: 18 to 95) · simulated"), "{described}");
    snapshot.lives[0].expired = true;
    assert!(told(&snapshot).1.contains("· expired · simulated"));
}

#[test]
fn a_life_without_a_spread_is_never_a_bare_number() {
    let mut snapshot = super::living::turbine();
    let body = Body { unit: "h".into(), value: Some(300.0), ..Body::default() };
    let part = super::living::bearing(&snapshot);
    snapshot.lives = vec![super::living::life(part, twinscope_twin::site::AssetRow(0), body)];
    let view = match app_view(&snapshot, &Scene::default(), &UiState::default(), [1920.0, 1080.0]).inspector {
        InspectorView::Part(part) => part.life.expect("a life"),
        InspectorView::Site(_) => panic!("a part is selected"),
    };
    assert_eq!((view.text.as_str(), view.brief.as_str()), ("12 d (without a spread)", "12 d, no spread"));
    assert!(view.bar.is_none());
}
