use super::*;
use twinscope_twin::severity::Severity;

fn part(state: Severity, quality: Quality) -> PartStatus {
    PartStatus { state, quality, ..PartStatus::default() }
}

#[track_caller]
fn wears(parts: &[PartStatus], state: Severity, quality: Quality) {
    let status = worst(&together(parts.iter()));
    assert_eq!((status.state, status.quality), (state, quality));
}

#[test]
fn a_body_wears_the_worst_state_of_its_parts() {
    let (calm, high) = (part(Severity::Normal, Quality::Good), part(Severity::High, Quality::Good));
    wears(&[calm, high, part(Severity::Low, Quality::Good)], Severity::High, Quality::Good);
    wears(&[calm, calm], Severity::Normal, Quality::Good);
}

#[test]
fn what_is_not_known_any_more_does_not_hide_behind_good() {
    let calm = part(Severity::Normal, Quality::Good);
    wears(&[calm, part(Severity::Normal, Quality::Stale)], Severity::Normal, Quality::Stale);
    wears(&[calm, part(Severity::High, Quality::Bad)], Severity::High, Quality::Bad);
}

#[test]
fn parts_that_nothing_measures_say_nothing() {
    let silent = part(Severity::Normal, Quality::NoData);
    wears(&[silent, part(Severity::Normal, Quality::Good)], Severity::Normal, Quality::Good);
    wears(&[silent, silent], Severity::Normal, Quality::NoData);
}
