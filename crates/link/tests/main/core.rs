//! The core thread: what the links deliver becomes a picture, and nothing is lost without a trace.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use twinscope_link::Message;
use twinscope_link::clock::Clock;
use twinscope_link::core::{Core, CoreHandle};
use twinscope_link::mqtt;
use twinscope_link::sink::Limits;
use twinscope_twin::command::{Command, ProcedureCommand};
use twinscope_twin::procedure::{Procedure, Step};
use twinscope_twin::site::{
    Asset, AssetRow, Part, PartRow, Protocol, Signal, SignalInput, SignalRow, Site, SourceRow, TopicInput,
};
use twinscope_twin::snapshot::{LinkState, Snapshot};
use twinscope_twin::state::{LinkEvent, Options};
use twinscope_twin::value::Value;

use crate::support::mosquitto::Mosquitto;
use crate::support::{settings, source, wait_until};

const PLANT: SourceRow = SourceRow(0);
const OTHER: SourceRow = SourceRow(1);

/// One asset with one part with one signal: the whole payload of `site/a/temperature`.
pub fn site() -> Arc<Site> {
    let mut plant = source("mqtt://localhost:1");
    // Only simulated assets take orders.
    plant.simulated = true;
    let mut other = source("mqtt://localhost:2");
    other.id = "other".to_owned();
    let asset = Asset {
        id: "a".to_owned(),
        name: "A".to_owned(),
        type_id: "t".to_owned(),
        source: PLANT,
        position: [0.0; 3],
        heading_deg: 0.0,
        model: String::new(),
        simulator: None,
        stand_in: None,
        time_lapse: 1.0,
        parts: 0..1,
    };
    let part = Part {
        asset: AssetRow(0),
        id: "gearbox".to_owned(),
        name: "Gearbox".to_owned(),
        kind: String::new(),
        layer: None,
        node: String::new(),
        parent: None,
        health: None,
        note: None,
        signals: 0..1,
        alarms: 0..0,
        motions: Vec::new(),
        crack: None,
        documents: Vec::new(),
    };
    let input = TopicInput {
        filter: "site/a/temperature".to_owned(),
        path: None,
        time: None,
        quality: None,
        scale: 1.0,
        offset: 0.0,
    };
    let signal = Signal {
        part: PartRow(0),
        id: "temperature".to_owned(),
        name: "temperature".to_owned(),
        input: SignalInput::Topic(input),
        unit: "degC".to_owned(),
        decimals: 1,
        range: None,
        stale_after_ms: Some(3_600_000),
    };
    Arc::new(Site {
        id: "site".to_owned(),
        sources: vec![plant, other],
        assets: vec![asset],
        parts: vec![part],
        signals: vec![signal],
        ..Site::default()
    })
}

fn start(wake: impl Fn() + Send + Sync + 'static) -> CoreHandle {
    Core::spawn(site(), Options::default(), Box::new(wake)).expect("a core")
}

fn message(payload: &str) -> Message {
    Message {
        topic: Bytes::from_static(b"site/a/temperature"),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        received: Clock::new().now(),
        retained: false,
    }
}

fn value(snapshot: &Snapshot) -> Option<Value> {
    snapshot.signals.get(SignalRow(0).index()).and_then(|signal| signal.value.clone())
}

fn latest(core: &CoreHandle) -> Arc<Snapshot> {
    wait_until("a picture", || core.latest().is_some());
    core.latest().expect("a picture")
}

#[test]
fn the_first_picture_comes_before_anything_was_heard() {
    let core = start(|| {});
    let snapshot = latest(&core);
    assert_eq!(snapshot.site.id, "site");
    assert_eq!(value(&snapshot), None);
}

#[test]
fn a_message_becomes_visible_and_wakes_the_screen() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let core = start({
        let wakes = Arc::clone(&wakes);
        move || {
            wakes.fetch_add(1, Ordering::AcqRel);
        }
    });
    latest(&core);
    let before = wakes.load(Ordering::Acquire);
    core.ingest().messages(PLANT, vec![message("61.5")]);
    wait_until("visible", || value(&latest(&core)) == Some(Value::Number(61.5)));
    assert!(wakes.load(Ordering::Acquire) > before);
}

#[test]
fn a_flood_is_coalesced_into_pictures() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let core = start({
        let wakes = Arc::clone(&wakes);
        move || {
            wakes.fetch_add(1, Ordering::AcqRel);
        }
    });
    let started = std::time::Instant::now();
    let sink = core.ingest();
    for number in 0..50_000 {
        while !sink.messages(PLANT, vec![message(&number.to_string())]) {
            std::thread::yield_now();
        }
    }
    wait_until("the last one", || value(&latest(&core)) == Some(Value::Number(49_999.0)));
    let most = started.elapsed().as_millis() / 16 + 2;
    let wakes = wakes.load(Ordering::Acquire) as u128;
    assert!(wakes <= most, "{wakes} pictures in {:?}", started.elapsed());
}

#[test]
fn when_nothing_changes_nothing_is_drawn() {
    let wakes = Arc::new(AtomicUsize::new(0));
    let core = start({
        let wakes = Arc::clone(&wakes);
        move || {
            wakes.fetch_add(1, Ordering::AcqRel);
        }
    });
    latest(&core);
    std::thread::sleep(Duration::from_millis(700));
    assert!(wakes.load(Ordering::Acquire) <= 2, "{} pictures of nothing", wakes.load(Ordering::Acquire));
}

#[test]
fn ages_go_on_in_silence_and_wake_nobody() {
    let woken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&woken);
    let core = start(move || {
        counter.fetch_add(1, Ordering::AcqRel);
    });
    let first = latest(&core).now.mono_ms;
    wait_until("a picture a second later", || latest(&core).now.mono_ms >= first + 1_000);
    assert_eq!(woken.load(Ordering::Acquire), 1, "only the first picture wakes");
}

#[test]
fn what_a_core_that_falls_behind_cannot_take_is_counted_by_source() {
    // The wake stands for anything that holds the core up.
    let (held, inside) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(false)));
    let wake = {
        let (held, inside) = (Arc::clone(&held), Arc::clone(&inside));
        move || {
            inside.store(true, Ordering::Release);
            while held.load(Ordering::Acquire) {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    };
    let limits = Limits { batches: 4, ..Limits::default() };
    let core = Core::spawn_with_limits(site(), Options::default(), limits, Box::new(wake)).expect("a core");
    wait_until("held up", || inside.load(Ordering::Acquire));
    let sink = core.ingest();
    let mut lost = [0, 0];
    for number in 0..20 {
        for (row, count) in [(PLANT, 3), (OTHER, 2)] {
            if !sink.messages(row, vec![message(&number.to_string()); count]) {
                lost[row.index()] += count as u64;
            }
        }
    }
    assert_eq!(lost, [54, 36], "four batches fit");
    held.store(false, Ordering::Release);
    let dropped = || latest(&core).sources.iter().map(|source| source.dropped).collect::<Vec<_>>();
    wait_until("counted", || dropped() == lost);
    assert_eq!(latest(&core).counters.dropped, 90);
}

#[test]
fn what_a_link_tells_is_on_screen_in_order() {
    let core = start(|| {});
    let sink = core.ingest();
    let link = || latest(&core).sources.first().map(|source| source.link.clone());
    sink.event(PLANT, LinkEvent::Connecting);
    wait_until("connecting", || link() == Some(LinkState::Connecting));
    sink.event(PLANT, LinkEvent::Live);
    wait_until("live", || link() == Some(LinkState::Live));
    sink.event(PLANT, LinkEvent::Lost { reason: "gone".to_owned() });
    wait_until("lost", || matches!(link(), Some(LinkState::Lost { reason, .. }) if reason == "gone"));
}

#[test]
fn after_a_panic_the_core_knows_where_its_links_stand_and_says_that_it_failed() {
    let fail = Arc::new(AtomicBool::new(false));
    let core = start({
        let fail = Arc::clone(&fail);
        move || assert!(!fail.swap(false, Ordering::AcqRel), "asked for by a test")
    });
    let sources = || latest(&core).sources.clone();
    let sink = core.ingest();
    sink.event(PLANT, LinkEvent::Live);
    sink.event(OTHER, LinkEvent::Refused { reason: "password".to_owned() });
    wait_until("known", || sources()[0].link == LinkState::Live && sources()[1].link != LinkState::Idle);
    fail.store(true, Ordering::Release);
    sink.messages(PLANT, vec![message("61.5")]);
    let failed = |trouble: &Option<String>| trouble.as_ref().is_some_and(|text| text.contains("the core failed"));
    wait_until("said", || sources().iter().all(|source| failed(&source.trouble)));
    assert_eq!(sources()[0].link, LinkState::Live);
    assert_eq!(sources()[1].link, LinkState::Refused { reason: "password".to_owned() });
    assert_eq!(value(&latest(&core)), None, "it starts without a past");
}

#[test]
fn a_command_goes_out_by_the_route_of_its_source() {
    let core = start(|| {});
    let inject = || Command::InjectFault { asset: AssetRow(0), fault: "wear".to_owned(), rate: 1.0 };
    assert!(core.command(inject()));
    let trouble = || latest(&core).sources.first().and_then(|source| source.trouble.clone()).unwrap_or_default();
    wait_until("a command without a route is trouble", || trouble().contains("was not published"));

    let sent = Arc::new(Mutex::new(Vec::new()));
    core.on_outgoing(PLANT, {
        let sent = Arc::clone(&sent);
        Box::new(move |outgoing| {
            sent.lock().expect("whole").push(outgoing.topic);
            Ok(())
        })
    });
    assert!(core.command(inject()));
    wait_until("sent", || *sent.lock().expect("whole") == ["twinscope/v1/site/a/command/inject-fault"]);
}

#[test]
fn the_record_of_a_procedure_is_handed_to_whoever_keeps_it_and_without_one_that_is_said() {
    let mut site = site().as_ref().clone();
    let step = Step { title: "Look".to_owned(), part: "gearbox".to_owned(), ..Step::default() };
    let procedure = Procedure { id: "look".to_owned(), steps: vec![step], ..Procedure::default() };
    site.procedures.push((AssetRow(0), Arc::new(procedure)));
    let core = Core::spawn(Arc::new(site), Options::default(), Box::new(|| {})).expect("a core");
    core.on_outgoing(PLANT, Box::new(|_| Ok(())));
    let start = ProcedureCommand::Start { asset: AssetRow(0), procedure: "look".to_owned(), by: "N. N.".to_owned() };
    assert!(core.command(Command::Procedure(start.clone())));
    wait_until("what is wrong", || {
        let trouble = latest(&core).sources.first().and_then(|source| source.trouble.clone());
        trouble.is_some_and(|trouble| trouble.contains("the record of the procedure is not kept"))
    });
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&kept);
    core.on_record(Box::new(move |record| into.lock().expect("a list").push(record.file)));
    let confirm = ProcedureCommand::Confirm { step: 0, by: "N. N.".to_owned(), note: String::new() };
    assert!(core.command(Command::Procedure(confirm)));
    wait_until("the record", || !kept.lock().expect("a list").is_empty());
    let file = kept.lock().expect("a list").first().cloned().expect("a file");
    assert!(file.starts_with("site/a/look/") && file.ends_with("-0.json"), "{file}");
}

#[test]
fn a_core_that_ends_has_applied_what_was_handed_over() {
    let core = start(|| {});
    let sink = core.ingest();
    for number in 0..100 {
        sink.messages(PLANT, vec![message(&number.to_string())]);
    }
    core.shutdown();
    assert!(!sink.messages(PLANT, vec![message("0")]), "nobody is there any more");
}

#[test]
fn from_mosquitto_to_the_picture() {
    let broker = Mosquitto::open();
    let core = start(|| {});
    let settings = settings(broker.port, Protocol::Auto);
    let _link = mqtt::spawn(settings, core.filters(PLANT), core.ingest(), PLANT).expect("a link");
    wait_until("live", || matches!(latest(&core).sources.first().map(|source| &source.link), Some(LinkState::Live)));
    broker.publish("site/a/temperature", "61.5", &[]);
    wait_until("visible", || value(&latest(&core)) == Some(Value::Number(61.5)));
}
