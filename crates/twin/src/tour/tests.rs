use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::site::{Problem, ProblemSeverity, Site, SourceRow, parse_site, parse_type, resolve};
use crate::snapshot::Snapshot;
use crate::state::{LinkEvent, Options, RawMessage, TwinState};
use crate::time::Now;

const NOW: Now = Now { wall_ms: 1_795_356_131_000, mono_ms: 1_000_000 };

/// Two pumps of one simulated source: a motor with a temperature and an alarm above 80, and a bearing below it.
fn site_from(url: &str) -> Site {
    let site = format!(
        "schema = 1\n[site]\nid = \"s\"\nname = \"North\"\n[[source]]\nid = \"a\"\nurl = \"{url}\"\n\
         [[asset]]\nid = \"p-1\"\nname = \"Pump 1\"\ntype = \"pump\"\n[[asset]]\nid = \"p-2\"\ntype = \"pump\"\n\
         [[viewpoint]]\nid = \"crane\"\n[[viewpoint]]\nid = \"inside\"\nasset = \"p-1\"\npart = \"bearing\"\n"
    );
    let kind = "schema = 1\nid = \"pump\"\nmodel = \"m.glb\"\n\
        [[part]]\nid = \"motor\"\nname = \"Motor\"\nnode = \"Motor\"\n\
        [[part.signal]]\nid = \"temperature\"\ntopic = \"{asset}/t\"\nunit = \"degC\"\nrange = [0.0, 200.0]\n\
        [[part.alarm]]\nid = \"hot\"\nsignal = \"temperature\"\nhigh = 80.0\npriority = \"high\"\n\
        [[part]]\nid = \"bearing\"\nname = \"Bearing\"\nnode = \"Bearing\"\nparent = \"motor\"\n";
    let types = BTreeMap::from([("pump".to_owned(), parse_type(kind, "pump.toml").0)]);
    resolve(&parse_site(&site, "site.toml").0, &types, &BTreeMap::new()).0
}

fn site() -> Site {
    site_from("sim:")
}

fn read(text: &str) -> (Tour, Vec<Problem>) {
    parse_tour(&format!("schema = 1\n{text}"), "tour.toml", &site())
}

/// The one problem of a tour: its line and what it says.
#[track_caller]
fn problem(text: &str) -> (usize, String) {
    let (_, problems) = read(text);
    assert_eq!(problems.len(), 1, "{problems:?}");
    (problems[0].line, format!("{} {}", problems[0].message, problems[0].hint.clone().unwrap_or_default()))
}

const STOP: &str = "[[stop]]\nid = \"a\"\ntitle = \"All is well\"\n";

/// A twin that has heard this temperature of the first pump.
fn heard(celsius: &str) -> TwinState {
    let mut twin = TwinState::new(Arc::new(site()), Options::default());
    twin.link(SourceRow(0), LinkEvent::Live, NOW);
    let message = RawMessage { topic: b"p-1/t", payload: celsius.as_bytes(), received: NOW, retained: false };
    twin.messages(SourceRow(0), [message], NOW);
    twin.tick(NOW.plus_ms(100));
    twin
}

fn condition(source: &str) -> Condition {
    let site = site();
    Condition::parse(source, &crate::expression::Language::default(), &|name| Figure::of(name, &site, AssetRow(0)))
        .unwrap()
}

#[track_caller]
fn holds(source: &str, snapshot: &Snapshot, expected: Option<bool>) {
    assert_eq!(condition(source).holds(snapshot), expected, "{source}");
}

#[test]
fn a_tour_is_read_whole() {
    let (tour, problems) = read(
        "idle = \"30s\"\nviewing_distance = 7.5\nscreen_height = 0.7\ntheme = \"light\"\n\
         night = { from = \"21:00\", to = \"05:30\" }\n\
         [[stop]]\nid = \"a\"\ntitle = \"{motor.name}: {motor.temperature}\"\ncaptions = [\"one\", \"{{two}}\"]\n\
         figures = [\"motor.temperature\", \"bearing.life\"]\nhighlight = [\"bearing\"]\nghost = false\nstay = \"20s\"\n\
         travel = \"2s\"\nwhen = \"site.alarms > 0\"\nuntil = \"motor.temperature > 80\"\nat_most = \"90s\"\n\
         view = { part = \"bearing\", side = \"back\", turn_deg = 10.0, room = 3.0, drift = -1.0 }\n\
         breaks = { fault = \"wear\", rate = 2.0 }\n\
         [[stop]]\nid = \"b\"\nasset = \"p-2\"\ntitle = \"{motor.temperature}\"\n\
         view = { viewpoint = \"inside\", drift = 2.0 }\n\
         mends = { fault = \"wear\", part = \"bearing\", record = \"replaced\" }\n",
    );
    assert_eq!(problems, []);
    assert_eq!((tour.idle_ms, tour.viewing_distance_m, tour.screen_height_m), (30_000, 7.5, Some(0.7)));
    assert!(tour.light);
    assert_eq!(tour.night, Some(Night { from_min: 1_260, to_min: 330 }));
    let [a, b] = tour.stops.as_slice() else { panic!("{}", tour.stops.len()) };
    let temperature = Figure::Signal(crate::site::SignalRow(0));
    let colon = Piece::Plain(": ".to_owned());
    assert_eq!(a.title.0, [Piece::Live(Figure::Part(PartRow(0), OfPart::Name)), colon, Piece::Live(temperature)]);
    assert_eq!(a.captions[1].0, [Piece::Plain("{two}".to_owned())]);
    assert_eq!(a.figures, [temperature, Figure::Part(PartRow(1), OfPart::Life)]);
    assert_eq!(
        (a.ghost, a.stay_ms, a.travel_ms, a.highlight.as_slice()),
        (Some(false), 20_000, 2_000, &[PartRow(1)][..])
    );
    assert_eq!(a.view.of, Subject::Part { part: PartRow(1), room: 3.0 });
    assert_eq!((a.view.yaw_deg, a.view.pitch_deg, a.view.drift_deg_per_s), (100.0, 6.0, -1.0));
    assert_eq!(a.until.as_ref().map(|(_, at_most)| *at_most), Some(90_000));
    assert_eq!(a.breaks, Some(("wear".to_owned(), 2.0)));
    assert_eq!(
        (b.asset, b.title.0.as_slice()),
        (AssetRow(1), &[Piece::Live(Figure::Signal(crate::site::SignalRow(1)))][..])
    );
    assert_eq!((b.view.of, b.view.drift_deg_per_s, b.ghost), (Subject::Viewpoint(1), 2.0, None));
    assert_eq!(b.mends, Some(Mend { fault: "wear".to_owned(), record: Some((PartRow(3), "replaced".to_owned())) }));
}

#[test]
fn mistakes_have_their_line_and_say_what_was_meant() {
    for (text, line, says) in [
        (format!("{STOP}captions = [\"{{motor.temprature}}\"]"), 5, "did you mean \"temperature\"?"),
        (format!("{STOP}captions = [\"ok\",\n\"{{motr.temperature}}\"]"), 6, "did you mean \"motor\"?"),
        (format!("{STOP}captions = [\"{{motor.temperature\"]"), 5, "without its }"),
        (format!("{STOP}captions = [\"a }} b\"]"), 5, "without its {"),
        (format!("{STOP}figures = [\"temperature\"]"), 5, "part.signal"),
        (format!("{STOP}figures = [\"site.alarm\"]"), 5, "a site has alarms, unknown and name"),
        (format!("{STOP}highlight = [\"rotor\"]"), 5, "p-1 has no part \"rotor\""),
        (format!("{STOP}asset = \"p-3\""), 5, "did you mean \"p-1\"?"),
        (format!("{STOP}when = \"site.alarms >\""), 5, "not a CEL expression"),
        (format!("{STOP}when = \"1 + 1\""), 5, "true or false"),
        (format!("{STOP}until = \"site.alarms > 0\""), 5, "at_most"),
        (format!("{STOP}at_most = \"9s\""), 5, "without `until`"),
        (format!("{STOP}until = \"site.alarms > 0\"\nat_most = \"5s\""), 6, "shorter than `stay`"),
        (format!("{STOP}view = {{ place = [0.0, 0.0, 0.0] }}"), 5, "from how far?"),
        (format!("{STOP}view = {{ part = \"motor\", distance = 3.0 }}"), 5, "goes with `place`"),
        (format!("{STOP}view = {{ viewpoint = \"insde\" }}"), 5, "no viewpoint \"insde\"; did you mean \"inside\"?"),
        (format!("{STOP}view = {{ viewpoint = \"inside\", room = 2.0 }}"), 5, "`viewpoint` or `room`, not both"),
        (format!("{STOP}mends = {{ fault = \"wear\", record = \"replaced\" }}"), 5, "go together"),
        (format!("{STOP}{STOP}"), 6, "a stop \"a\" already"),
        (format!("night = {{ from = \"21:00\", to = \"25:00\" }}\n{STOP}"), 2, "25:00"),
        (format!("idel = \"60s\"\n{STOP}"), 2, "did you mean `idle`?"),
        ("stop = []".to_owned(), 2, "at least one stop"),
    ] {
        let (at, said) = problem(&text);
        assert!(said.contains(says), "{text}\n{said}");
        assert_eq!(at, line, "{text}\n{said}");
    }
}

#[test]
fn a_tour_that_could_fall_silent_is_warned_of() {
    let (_, problems) = read(&format!("{STOP}when = \"site.alarms > 0\""));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, ProblemSeverity::Warning);
}

#[test]
fn a_real_machine_is_not_broken_for_a_show() {
    let text = format!("schema = 1\n{STOP}breaks = {{ fault = \"wear\" }}\n");
    let (_, problems) = parse_tour(&text, "tour.toml", &site_from("mqtt://127.0.0.1"));
    assert!(problems[0].message.contains("simulated machines only"), "{problems:?}");
}

#[test]
fn conditions_read_signals_alarms_and_states() {
    let twin = heard("91.5");
    let snapshot = twin.snapshot(NOW.plus_ms(100));
    holds("motor.temperature > 91 && motor.temperature < 92", &snapshot, Some(true));
    holds("site.alarms == 1", &snapshot, Some(true));
    holds("motor.alarms > 0", &snapshot, Some(true));
    holds("bearing.alarms > 0", &snapshot, Some(false));
    holds("motor.state == 'high'", &snapshot, Some(true));
    holds("asset.name == 'Pump 1' && site.name == 'North'", &snapshot, Some(true));
}

#[test]
fn what_is_not_known_holds_no_condition() {
    let twin = heard("20.0");
    let snapshot = twin.snapshot(NOW);
    holds("motor.temperature < 80", &snapshot, Some(true));
    holds("bearing.life < 1000", &snapshot, None);
    holds("bearing.state == 'normal'", &snapshot, None);
    let mut twin = twin;
    twin.link(SourceRow(0), LinkEvent::Lost { reason: "gone".to_owned() }, NOW.plus_ms(1));
    let snapshot = twin.snapshot(NOW.plus_ms(1));
    holds("motor.temperature < 80", &snapshot, None);
    holds("motor.state == 'normal'", &snapshot, None);
}

#[test]
fn a_night_goes_over_midnight() {
    let at = |hour: i64, minute: i64| (hour * 60 + minute) * 60_000 + 86_400_000 * 20_000;
    let night = Night { from_min: 21 * 60, to_min: 5 * 60 + 30 };
    for (hour, minute, dark) in
        [(20, 59, false), (21, 0, true), (0, 0, true), (5, 29, true), (5, 30, false), (12, 0, false)]
    {
        assert_eq!(night.holds(at(hour, minute)), dark, "{hour}:{minute}");
    }
    let noon = Night { from_min: 12 * 60, to_min: 13 * 60 };
    assert!(noon.holds(at(12, 30)) && !noon.holds(at(13, 0)) && !noon.holds(at(0, 0)));
    let never = Night { from_min: 600, to_min: 600 };
    assert!(!never.holds(at(10, 0)));
}

#[test]
fn no_text_makes_the_reader_panic() {
    let whole = format!("{STOP}captions = [\"{{motor.temperature}} {{{{x}}}}\"]\nwhen = \"site.alarms > 0\"\n");
    for end in 0..whole.len() {
        let _ = read(&whole[..end]);
    }
    for text in ["{", "}", "{}", "{{{}", "}}}", "{é.ü}", "{motor.}", "{.}", "{ motor.temperature }"] {
        let _ = read(&format!("{STOP}captions = ['{text}']"));
    }
}
