//! Tours: what is told when, what takes over, and how large it is written.

use std::sync::Arc;

use twinscope_twin::command::Command;
use twinscope_twin::quality::{Quality, QualityReason};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::{AssetRow, SignalRow};
use twinscope_twin::snapshot::{LinkState, Snapshot};
use twinscope_twin::time::Now;
use twinscope_twin::tour::{Tour, parse_tour};

use super::fixture::{self, NOW, heard};
use super::living;
use crate::view::theme::{DARK, LIGHT};
use crate::view::tour::screen::{self, SHIFT_PX, Show};
use crate::view::tour::{Phase, Playing, TourView, commands, tour_view};
use crate::view::{Scene, UiState, look::Look};

/// Three stops: the second waits for a hot bearing, the third is told of alarms only.
const STOPS: &str = "idle = \"30s\"\nnight = { from = \"21:00\", to = \"05:00\" }\n\
    [[stop]]\nid = \"a\"\ntitle = \"A\"\ncaptions = [\"one\", \"two\"]\nstay = \"10s\"\ntravel = \"2s\"\n\
    [[stop]]\nid = \"b\"\ntitle = \"B\"\nstay = \"5s\"\ntravel = \"1s\"\nuntil = \"high_speed_bearing.temperature > 90.0\"\nat_most = \"60s\"\n\
    [[stop]]\nid = \"c\"\ntitle = \"C\"\nstay = \"5s\"\ntravel = \"1s\"\nwhen = \"site.alarms > 0\"\n";

fn tour(text: &str, snapshot: &Snapshot) -> Arc<Tour> {
    let (tour, problems) = parse_tour(&format!("schema = 1\n{text}"), "tour.toml", &snapshot.site);
    assert_eq!(problems, []);
    Arc::new(tour)
}

/// The bearing's temperature.
fn temperature(snapshot: &Snapshot) -> SignalRow {
    SignalRow(snapshot.site.parts[living::bearing(snapshot).index()].signals.start)
}

/// A machine that is well: no alarms, a cool bearing.
fn well() -> Snapshot {
    let mut snapshot = living::turbine();
    snapshot.alarms.clear();
    let row = temperature(&snapshot);
    heard(&mut snapshot, row, 60.0, Quality::Good, QualityReason::None, 100);
    snapshot
}

/// A tour that plays, and its clock.
struct Play {
    playing: Playing,
    now: Now,
}

impl Play {
    fn new(text: &str, snapshot: &Snapshot) -> Self {
        Self { playing: Playing::new(Some(tour(text, snapshot)), Show::Scene, 0), now: NOW }
    }

    /// Lets so many seconds pass, a tenth at a time; the stops that began.
    fn run(&mut self, seconds: u64, snapshot: &Snapshot) -> String {
        let mut began = String::new();
        for _ in 0..seconds * 10 {
            if self.playing.step(self.now, snapshot) {
                began.push_str(&self.playing.stop().unwrap().id);
            }
            self.now = self.now.plus_ms(100);
        }
        began
    }

    fn id(&self) -> &str {
        &self.playing.stop().unwrap().id
    }
}

#[test]
fn each_stop_is_travelled_to_and_told_for_its_time() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    assert_eq!(play.run(1, &snapshot), "a");
    assert_eq!(play.playing.phase(), Phase::Travelling);
    play.run(2, &snapshot);
    assert_eq!((play.playing.phase(), play.playing.caption()), (Phase::Telling, 0));
    play.run(5, &snapshot);
    assert_eq!(play.playing.caption(), 1);
    assert_eq!(play.run(4, &snapshot), "", "still the first, after 11.9 s of 12");
    assert_eq!(play.run(1, &snapshot), "b");
}

#[test]
fn a_stop_waits_for_what_it_tells_of() {
    let mut snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.run(13, &snapshot);
    assert_eq!(play.run(30, &snapshot), "", "the bearing is cool");
    let row = temperature(&snapshot);
    heard(&mut snapshot, row, 91.0, Quality::Good, QualityReason::None, 100);
    assert_eq!(play.run(1, &snapshot), "a", "and c is left out: there is no alarm");
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.run(13, &snapshot);
    assert_eq!(play.run(60, &snapshot), "");
    assert_eq!(play.run(2, &snapshot), "a");
}

#[test]
fn what_is_not_known_is_not_waited_for_longer_and_not_told() {
    let mut snapshot = well();
    let row = temperature(&snapshot);
    heard(&mut snapshot, row, 95.0, Quality::Stale, QualityReason::TooOld, 60_000);
    let mut play = Play::new(STOPS, &snapshot);
    play.run(13, &snapshot);
    assert_eq!(play.run(40, &snapshot), "", "an old 95 °C is no hot bearing");
}

#[test]
fn with_an_alarm_the_story_of_the_alarm_is_told() {
    let mut snapshot = living::turbine();
    let row = temperature(&snapshot);
    heard(&mut snapshot, row, 94.0, Quality::Good, QualityReason::None, 100);
    let mut play = Play::new(STOPS, &snapshot);
    assert_eq!(play.run(60, &snapshot), "abcabca");
}

#[test]
fn a_tour_with_nothing_to_tell_waits_until_there_is() {
    let only = "[[stop]]\nid = \"c\"\ntitle = \"C\"\nwhen = \"site.alarms > 0\"\n[[stop]]\nid = \"d\"\ntitle = \"D\"\nwhen = \"site.alarms > 1\"\n";
    let snapshot = well();
    let (parsed, problems) = parse_tour(&format!("schema = 1\n{only}"), "t", &snapshot.site);
    assert_eq!(problems.len(), 1, "the warning");
    let mut play = Play { playing: Playing::new(Some(Arc::new(parsed)), Show::Scene, 0), now: NOW };
    assert_eq!(play.run(20, &snapshot), "");
    assert_eq!(play.run(1, &living::turbine()), "c");
}

#[test]
fn a_touch_takes_over_and_idleness_begins_again() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.run(20, &snapshot);
    assert_eq!(play.id(), "b");
    play.playing.touched(play.now);
    assert!(!play.playing.plays());
    assert_eq!(play.run(20, &snapshot), "");
    play.playing.touched(play.now);
    assert_eq!(play.run(29, &snapshot), "", "29 s after the last touch");
    assert_eq!(play.run(2, &snapshot), "a");
    assert!(play.playing.plays());
}

#[test]
fn a_tour_goes_on_where_it_was_cut_off() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.playing = Playing::new(play.playing.tour.clone(), Show::Scene, 1);
    assert_eq!(play.run(1, &snapshot), "b");
    // The tour has become shorter meanwhile.
    play.playing = Playing::new(play.playing.tour.clone(), Show::Scene, 77);
    assert_eq!(play.run(1, &snapshot).len(), 1);
}

#[test]
fn a_wall_clock_that_jumps_skips_nothing_and_holds_nothing() {
    for jump_ms in [-86_400_000_i64 * 400, -3_600_000, 3_600_000, 86_400_000 * 400] {
        let snapshot = well();
        let mut play = Play::new(STOPS, &snapshot);
        play.run(6, &snapshot);
        play.now.wall_ms += jump_ms;
        assert_eq!(play.run(5, &snapshot), "", "{jump_ms}: after 11 s of 12");
        assert_eq!(play.id(), "a");
        assert_eq!(play.run(2, &snapshot), "b", "{jump_ms}");
        play.playing.touched(play.now);
        play.now.wall_ms -= jump_ms;
        assert_eq!(play.run(29, &snapshot), "", "{jump_ms}: idle");
        assert_eq!(play.run(2, &snapshot), "a", "{jump_ms}: idle");
    }
}

#[test]
fn after_a_sleep_the_tour_takes_one_step() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.run(5, &snapshot);
    play.now = play.now.plus_ms(8 * 3_600_000);
    assert!(play.playing.step(play.now, &snapshot));
    assert_eq!((play.id(), play.playing.phase()), ("b", Phase::Travelling));
}

#[test]
fn a_week_is_a_week_of_stops() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    let mut began = 0_u32;
    for _ in 0..7 * 86_400 {
        began += u32::from(play.playing.step(play.now, &snapshot));
        play.now = play.now.plus_ms(1_000);
        assert!(play.playing.plays() && play.playing.stop().is_some());
        assert!((0.0..=1.0).contains(&play.playing.fraction()));
    }
    // A round of the first two: 2 + 10, and 1 + 60 because the bearing stays cool; a step of a second adds at most one to each.
    let rounds = 7.0 * 86_400.0 / 73.0;
    assert!((f64::from(began) / 2.0 - rounds).abs() < 0.06 * rounds, "{began}");
}

#[test]
fn the_night_is_dark_until_somebody_comes() {
    let snapshot = well();
    let mut play = Play::new(STOPS, &snapshot);
    play.run(1, &snapshot);
    assert!(!play.playing.night(), "14:02 UTC");
    play.now.wall_ms += 8 * 3_600_000;
    play.run(1, &snapshot);
    assert!(play.playing.night(), "22:02 UTC");
    play.playing.touched(play.now);
    assert!(!play.playing.night());
}

/// What is told at the first stop.
fn view(stop: &str, snapshot: &Snapshot) -> TourView {
    let mut playing = Playing::new(Some(tour(&format!("[[stop]]\nid = \"x\"\n{stop}"), snapshot)), Show::Scene, 0);
    playing.step(NOW, snapshot);
    let scene = Scene { playing: Some(playing), simulated: true, ..Scene::default() };
    tour_view(&Look::new(snapshot, &scene, &UiState::default())).expect("it plays")
}

/// A caption in words.
#[track_caller]
fn says(caption: &str, snapshot: &Snapshot, expected: &str, sure: bool) {
    let told = view(&format!("title = \"T\"\ncaptions = ['{caption}']"), snapshot).caption;
    assert_eq!(told.iter().map(|piece| piece.text.as_str()).collect::<String>(), expected, "{caption}");
    assert_eq!(told.iter().all(|piece| piece.sure), sure, "{caption}");
}

#[test]
fn figures_are_live_and_have_their_units() {
    let snapshot = living::turbine();
    says("It is {high_speed_bearing.temperature}.", &snapshot, "It is 94.6 °C.", true);
    says("{asset.name}: {high_speed_bearing.state}, {site.alarms}", &snapshot, "Turbine 1: high, 3 alarms", true);
    says("{high_speed_bearing.life}", &snapshot, "42 d (5–95 %: 18 to 95)", true);
    says("{high_speed_bearing.alarms}", &snapshot, "Temperature above 92.0 °C", true);
    says("{high_speed_bearing.advice}", &snapshot, "Replace the high-speed bearing, in 14 d", true);
    says(
        "{high_speed_bearing.cost}, {high_speed_bearing.saves}",
        &snapshot,
        "EUR 41\u{202F}000, EUR 57\u{202F}000",
        true,
    );
    says("{{literally}}", &snapshot, "{literally}", true);
}

#[test]
fn what_is_old_doubtful_or_not_known_says_so() {
    let mut snapshot = living::turbine();
    let row = temperature(&snapshot);
    says("{brake.pad}", &snapshot, "not known", false);
    says("{transformer.temperature}", &snapshot, "not known (the sensor is bad)", false);
    says("{generator_bearing_de.temperature}", &snapshot, "61.3 °C (3 min ago)", false);
    heard(&mut snapshot, row, 94.6, Quality::Uncertain, QualityReason::Retained, 100);
    says("{high_speed_bearing.temperature}", &snapshot, "94.6 °C (uncertain)", false);
    says("{gearbox.life}, {gearbox.saves}", &snapshot, "not predicted yet, not known yet", false);
    says("{brake.state}", &snapshot, "not known", false);
    snapshot.lives[0].expired = true;
    says("{high_speed_bearing.life}", &snapshot, "not known any more: the prediction has expired", false);
    says("{high_speed_bearing.advice}", &snapshot, "not known yet", false);
}

#[test]
fn a_key_figure_of_a_life_has_its_band_and_one_under_an_alarm_its_severity() {
    let snapshot = living::turbine();
    let figures =
        view("title = \"T\"\nfigures = [\"high_speed_bearing.life\", \"high_speed_bearing.temperature\"]", &snapshot)
            .figures;
    assert_eq!((figures[0].value.as_str(), figures[0].note.as_str()), ("42 d", "5–95 %: 18 to 95 d"));
    assert_eq!((figures[1].value.as_str(), figures[1].severity), ("94.6 °C", Severity::High));
}

#[test]
fn a_lost_broker_is_told_above_everything_that_is_old() {
    let mut snapshot = living::turbine();
    assert_eq!(view("title = \"T\"", &snapshot).lost, None);
    let since = Now { wall_ms: NOW.wall_ms - 180_000, mono_ms: NOW.mono_ms - 180_000 };
    snapshot.sources[0].link = LinkState::Lost { since, reason: "gone".into() };
    let lost = view("title = \"T\"", &snapshot).lost.expect("it is lost");
    assert_eq!(lost, "No connection for 3 min: nothing here is newer than 13:59:11 UTC");
    // By the monotonic clock: a wall clock that was set forward makes nothing older.
    snapshot.now.wall_ms += 7_200_000;
    assert!(view("title = \"T\"", &snapshot).lost.is_some_and(|lost| lost.contains("for 3 min")));
}

#[test]
fn a_stop_mends_before_it_breaks_and_selects_what_it_is_about() {
    let snapshot = living::turbine();
    let tour = tour(
        "[[stop]]\nid = \"x\"\ntitle = \"T\"\nhighlight = [\"high_speed_bearing\"]\n\
         mends = { fault = \"wear\", part = \"high_speed_bearing\", record = \"replaced\" }\nbreaks = { fault = \"wear\", rate = 2.0 }\n",
        &snapshot,
    );
    let part = living::bearing(&snapshot);
    let sent = commands(&tour.stops[0]);
    let expected = [
        Command::Select(Some(part)),
        Command::ClearFault { asset: AssetRow(0), fault: "wear".into() },
        Command::Maintain { part, action: "replaced".into(), by: "tour".into(), note: String::new() },
        Command::InjectFault { asset: AssetRow(0), fault: "wear".into(), rate: 2.0 },
    ];
    assert_eq!(sent, expected);
}

#[test]
fn text_is_as_high_as_it_must_be_from_where_people_stand() {
    // 20 minutes of arc at 5 m: 2 × 5 m × tan(10′) = 29.09 mm, the capitals of a screen of 55 inches.
    let sizes = screen::sizes([1_920.0, 1_080.0], Some(0.685), 5.0);
    let capitals_mm = sizes.told * screen::TEXT_PT * 0.685e3 / 1_080.0 * 1_490.0 / 2_048.0;
    assert!((capitals_mm - 29.09).abs() < 0.4, "{capitals_mm}");
    assert!((sizes.legible_m - 5.0).abs() < 0.05, "{}", sizes.legible_m);
    // The same picture with four times the pixels.
    let fine = screen::sizes([3_840.0, 2_160.0], Some(0.685), 5.0);
    assert!((fine.told / sizes.told - 2.0).abs() < 0.02);
}

#[test]
fn a_screen_that_is_too_small_writes_as_large_as_it_can_and_knows_how_far_that_carries() {
    let sizes = screen::sizes([1_920.0, 1_080.0], Some(0.30), 5.0);
    assert!((sizes.told * screen::TEXT_PT - 0.06 * 1_080.0).abs() < 1.0, "{sizes:?}");
    // 64.8 px of 0.278 mm: 18.0 mm, of which capitals 13.1 mm: 20 minutes of arc at 2.25 m.
    assert!((sizes.legible_m - 2.25).abs() < 0.03, "{sizes:?}");
    for height_m in [None, Some(0.0), Some(f32::NAN), Some(-1.0), Some(1e9)] {
        let sizes = screen::sizes([1_080.0, 1_920.0], height_m, 5.0);
        assert!((0.5..8.0).contains(&sizes.told) && sizes.used >= 1.0, "{height_m:?}: {sizes:?}");
    }
    assert!(screen::sizes([0.0, 0.0], None, 0.0).told > 0.0);
}

#[test]
fn the_picture_moves_by_a_pixel_a_minute_and_stays_within_its_border() {
    let places: Vec<[i32; 2]> = (0..64).map(|minute| screen::shift(minute * 60_000)).collect();
    for (a, b) in places.iter().zip(places.iter().cycle().skip(1)) {
        let moved = (a[0] - b[0]).abs() + (a[1] - b[1]).abs();
        assert!(moved <= 1, "{a:?} to {b:?}");
        assert!(a.iter().all(|shift| shift.abs() <= SHIFT_PX));
    }
    let different: std::collections::BTreeSet<_> = places.iter().collect();
    assert_eq!(different.len(), 32, "a round takes 32 minutes");
    assert_eq!(screen::shift(59_999), screen::shift(0), "within a minute it rests");
    let _ = screen::shift(u64::MAX);
}

#[test]
fn the_clock_of_the_night_comes_everywhere() {
    let mut cells = std::collections::BTreeSet::new();
    for minute in 0..8 * 60 {
        let [x, y] = screen::wander(minute * 60_000);
        assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y));
        cells.insert(((x * 4.0).min(3.0) as u32, (y * 4.0).min(3.0) as u32));
    }
    assert_eq!(cells.len(), 16, "in a night of eight hours");
}

#[test]
fn captions_can_be_read_over_any_scene() {
    use super::colours::contrast;
    for theme in [&DARK, &LIGHT] {
        for behind in [[0, 0, 0, 255], [255, 255, 255, 255]] {
            let ground = super::colours::over(theme.glass, behind);
            for (what, colour) in [("text", theme.text), ("quiet", theme.quiet)] {
                let got = contrast(colour, ground);
                assert!(
                    got >= if what == "text" { 7.0 } else { 4.5 },
                    "{:?} {what} over {behind:?}: {got:.2}",
                    theme.name
                );
            }
            for severity in Severity::ALL.into_iter().skip(1) {
                let got = contrast(theme.state_text(severity), ground);
                assert!(got >= 4.5, "{:?} {severity:?} over {behind:?}: {got:.2}", theme.name);
            }
        }
    }
}

#[test]
fn a_person_who_has_taken_over_sees_the_panels() {
    let snapshot = living::turbine();
    let mut playing = Playing::new(Some(tour(STOPS, &snapshot)), Show::Scene, 0);
    playing.step(NOW, &snapshot);
    playing.touched(NOW);
    let scene = Scene { playing: Some(playing), ..Scene::default() };
    let state = UiState::default();
    assert!(tour_view(&Look::new(&snapshot, &scene, &state)).is_none());
    assert!(tour_view(&Look::new(&fixture::turbine(), &Scene::default(), &state)).is_none());
}
