//! Rooms over the real mosquitto and over the embedded broker.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use twinscope_link::broker::Supervisor;
use twinscope_link::room::{Door, KeyError, Room, SayError, Secret};
use twinscope_link::settings::Settings;
use twinscope_twin::room::{Connection, PartName, Peer, Picture, Pointer, Pose, Role};
use twinscope_twin::site::Protocol;

use crate::support::mosquitto::{Mosquitto, Subscriber};
use crate::support::probe::Probe;
use crate::support::{PATIENCE, VERSIONS, settings, wait_until};

const PASSPHRASE: &str = "correct horse battery staple";

fn door(name: &str, secret: &str) -> Door {
    let secret = Secret::new(secret).expect("a secret");
    Door { site: "north".to_owned(), room: "Gearbox".to_owned(), secret, name: name.to_owned(), read_only: false }
}

fn enter(settings: Settings, door: Door) -> Room {
    Room::join(Box::new(|| Ok(settings)), door, Box::new(|| {})).expect("a room")
}

fn join(broker: &Mosquitto, name: &str) -> Room {
    enter(settings(broker.port, Protocol::Auto), door(name, PASSPHRASE))
}

/// Waits until the room looks like this.
#[track_caller]
fn until(what: &str, room: &Room, holds: impl Fn(&Picture) -> bool) -> Arc<Picture> {
    let mut picture = room.picture();
    wait_until(what, || {
        picture = room.picture();
        holds(&picture)
    });
    picture
}

fn peer<'a>(picture: &'a Picture, name: &str) -> Option<&'a Peer> {
    picture.peers.iter().find(|peer| peer.name == name)
}

#[track_caller]
fn meet(one: &Room, other: &Room) {
    let (a, b) = (one.picture().name.clone(), other.picture().name.clone());
    until(&format!("{a} sees {b}"), one, |picture| peer(picture, &b).is_some());
    until(&format!("{b} sees {a}"), other, |picture| peer(picture, &a).is_some());
}

fn part(id: &str) -> PartName {
    PartName { asset: "wt-01".to_owned(), part: id.to_owned() }
}

const POSE: Pose = Pose { eye: [1.0, 2.0, 30.0], target: [0.0, 2.0, 0.0] };

#[test]
fn what_one_shows_the_other_sees() {
    let broker = Mosquitto::open();
    let port = broker.port;
    let woken = Arc::new(AtomicUsize::new(0));
    let wake = {
        let woken = Arc::clone(&woken);
        Box::new(move || _ = woken.fetch_add(1, Ordering::AcqRel))
    };
    let expert = Room::join(Box::new(move || Ok(settings(port, Protocol::Auto))), door("Expert", PASSPHRASE), wake)
        .expect("a room");
    let technician = join(&broker, "Technician");
    meet(&expert, &technician);
    technician.look(POSE).expect("a member");
    technician.select(vec![part("gearbox")]).expect("a member");
    let pointer = Pointer { origin: POSE.eye, point: [0.1, 0.2, 0.3], part: Some(part("gearbox")) };
    technician.point(Some(pointer.clone())).expect("a member");
    technician.inspect(b"cut 0.5".to_vec()).expect("a member");
    technician.begin_stroke(part("gearbox"), [0.0; 3]).expect("a member");
    assert!(technician.draw([0.0, 0.1, 0.0]));
    technician.end_stroke();
    technician.say("is it this one?").expect("a member");
    expert.follow(Some(technician.picture().me));
    let seen = until("everything", &expert, |picture| {
        let theirs = peer(picture, "Technician");
        let drawn = |peer: &Peer| peer.strokes.iter().any(|stroke| stroke.done);
        theirs.is_some_and(|peer| peer.pose.is_some() && drawn(peer)) && !picture.lines.is_empty()
    });
    let theirs = peer(&seen, "Technician").expect("here");
    assert_eq!((theirs.pose, theirs.pointer.as_ref()), (Some(POSE), Some(&pointer)));
    assert_eq!((&theirs.selection[..], &theirs.inspection[..]), (&[part("gearbox")][..], &b"cut 0.5"[..]));
    assert_eq!(theirs.strokes, technician.picture().strokes);
    assert_eq!((seen.lines[0].name.as_str(), seen.lines[0].text.as_str()), ("Technician", "is it this one?"));
    assert_ne!(theirs.colour, seen.colour, "nobody has the colour of somebody else");
    until("whom the expert follows", &technician, |picture| {
        peer(picture, "Expert").is_some_and(|peer| peer.follows == Some(picture.me))
    });
    assert!(woken.load(Ordering::Acquire) > 0, "the window is woken");
    assert_eq!(seen.refused.total(), 0);
    technician.clear_strokes();
    until("a clean part", &expert, |picture| peer(picture, "Technician").is_some_and(|peer| peer.strokes.is_empty()));
}

#[test]
fn both_protocol_versions_meet_in_one_room() {
    let broker = Mosquitto::open();
    let [old, new] =
        VERSIONS.map(|version| enter(settings(broker.port, version), door(&format!("{version:?}"), PASSPHRASE)));
    meet(&old, &new);
    old.say("from the old one").expect("a member");
    until("the line", &new, |picture| picture.lines.iter().any(|line| line.text == "from the old one"));
}

#[test]
fn it_works_on_the_embedded_broker() {
    let broker = Supervisor::spawn(PathBuf::from(env!("CARGO_BIN_EXE_embedded-broker")), Vec::new()).expect("a broker");
    let at = || settings(broker.port(), Protocol::Auto);
    let (one, other) = (enter(at(), door("Ann", PASSPHRASE)), enter(at(), door("Bob", PASSPHRASE)));
    meet(&one, &other);
    one.look(POSE).expect("a member");
    until("the view", &other, |picture| peer(picture, "Ann").is_some_and(|peer| peer.pose == Some(POSE)));
}

#[test]
fn who_leaves_is_gone_at_once() {
    let broker = Mosquitto::open();
    let (stays, goes) = (join(&broker, "Ann"), join(&broker, "Bob"));
    meet(&stays, &goes);
    let asked = Instant::now();
    goes.leave();
    until("an empty room", &stays, |picture| picture.peers.is_empty());
    // By silence it would take six seconds at least: ten from the last heartbeat, and there is one every four.
    assert!(asked.elapsed() < Duration::from_secs(6), "{:?}", asked.elapsed());
}

#[test]
fn who_vanishes_is_gone_when_nothing_is_heard() {
    // Each has a broker of their own, with a bridge between: what is killed says no goodbye.
    let far = Mosquitto::open();
    let bridge =
        format!("allow_anonymous true\nconnection far\naddress 127.0.0.1:{}\ntopic twinscope/# both 1\n", far.port);
    let mut near = Mosquitto::start(&bridge, |_| {});
    let (stays, vanishes) = (join(&far, "Ann"), join(&near, "Bob"));
    meet(&stays, &vanishes);
    near.kill();
    until("an empty room", &stays, |picture| picture.peers.is_empty());
    assert_eq!(stays.picture().connection, Connection::Live);
    until("the loss is told", &vanishes, |picture| {
        matches!(picture.connection, Connection::Lost(_)) && picture.peers.is_empty()
    });
}

#[test]
fn a_lost_broker_comes_back_and_so_does_everything() {
    let mut broker = Mosquitto::open();
    let (ann, bob) = (join(&broker, "Ann"), join(&broker, "Bob"));
    meet(&ann, &bob);
    ann.look(POSE).expect("a member");
    ann.begin_stroke(part("gearbox"), [0.5; 3]).expect("a member");
    until("the stroke", &bob, |picture| peer(picture, "Ann").is_some_and(|peer| !peer.strokes.is_empty()));
    broker.kill();
    until("the loss", &bob, |picture| picture.connection != Connection::Live && picture.peers.is_empty());
    ann.say("said into the dark").expect("taken, to be told later");
    broker.restart();
    meet(&ann, &bob);
    let seen = until("all of it", &bob, |picture| {
        !picture.lines.is_empty() && peer(picture, "Ann").is_some_and(|peer| !peer.strokes.is_empty())
    });
    assert_eq!(peer(&seen, "Ann").and_then(|peer| peer.pose), Some(POSE));
    assert_eq!(seen.lines.iter().filter(|line| line.text == "said into the dark").count(), 1);
}

#[test]
fn a_third_one_is_told_what_was_shown_before() {
    let broker = Mosquitto::open();
    let (ann, bob) = (join(&broker, "Ann"), join(&broker, "Bob"));
    meet(&ann, &bob);
    ann.select(vec![part("gearbox")]).expect("a member");
    ann.begin_stroke(part("gearbox"), [0.5; 3]).expect("a member");
    ann.end_stroke();
    bob.say("before you came").expect("a member");
    until("the line", &ann, |picture| !picture.lines.is_empty());
    let eve = join(&broker, "Eve");
    let seen = until("what was before", &eve, |picture| {
        picture.lines.len() == 1 && peer(picture, "Ann").is_some_and(|peer| peer.strokes.len() == 1)
    });
    assert_eq!(seen.peers.len(), 2);
    assert_eq!(peer(&seen, "Ann").map(|peer| peer.selection.to_vec()), Some(vec![part("gearbox")]));
    // Two who have the same at first settle it between them.
    until("three colours for three people", &eve, |picture| {
        let mut colours: Vec<u8> = picture.peers.iter().map(|peer| peer.colour).chain([picture.colour]).collect();
        colours.sort_unstable();
        colours.dedup();
        colours.len() == 3
    });
}

#[test]
fn a_wrong_passphrase_sees_nobody_and_is_told_that_somebody_is_there() {
    let broker = Mosquitto::open();
    let ann = join(&broker, "Ann");
    until("live", &ann, |picture| picture.connection == Connection::Live);
    let eve = enter(settings(broker.port, Protocol::Auto), door("Eve", "wrong horse battery staple"));
    let seen = until("that somebody is elsewhere", &eve, |picture| picture.elsewhere == 1);
    assert!(seen.peers.is_empty() && seen.lines.is_empty());
    assert_eq!(ann.picture().peers, []);
}

#[test]
fn a_guest_sees_and_is_seen_and_shows_nothing() {
    let broker = Mosquitto::open();
    let ann = join(&broker, "Ann");
    let invitation = until("an invitation", &ann, |picture| picture.invitation.is_some()).invitation.clone();
    let guest = enter(settings(broker.port, Protocol::Auto), door("Gus", &invitation.expect("there")));
    meet(&ann, &guest);
    assert_eq!(peer(&ann.picture(), "Gus").map(|peer| peer.role), Some(Role::Guest));
    ann.look(POSE).expect("a member");
    until("the view", &guest, |picture| peer(picture, "Ann").is_some_and(|peer| peer.pose == Some(POSE)));
    assert_eq!(guest.say("hello"), Err(SayError::Guest));
    assert_eq!(guest.begin_stroke(part("gearbox"), [0.0; 3]), Err(SayError::Guest));
    assert_eq!(guest.picture().invitation, None, "who may not write invites nobody");
}

#[test]
fn a_read_only_viewer_is_a_guest_also_with_the_passphrase() {
    let broker = Mosquitto::open();
    let ann = join(&broker, "Ann");
    let settings = settings(broker.port, Protocol::Auto);
    let guest = enter(settings, Door { read_only: true, ..door("Gus", PASSPHRASE) });
    meet(&ann, &guest);
    assert_eq!(peer(&ann.picture(), "Gus").map(|peer| peer.role), Some(Role::Guest));
    assert_eq!((guest.look(POSE), guest.picture().invitation.clone()), (Err(SayError::Guest), None));
}

#[test]
fn what_is_sent_again_by_somebody_is_ignored_and_counted() {
    let broker = Mosquitto::open();
    let (ann, bob) = (join(&broker, "Ann"), join(&broker, "Bob"));
    let mut tape = Probe::start(settings(broker.port, Protocol::V5), &["twinscope/v1/north/room/#"]);
    meet(&ann, &bob);
    bob.say("once").expect("a member");
    until("the line", &ann, |picture| picture.lines.len() == 1);
    let topic = format!("/{}", bob.picture().me);
    tape.until("a recording", |tape| tape.messages.iter().any(|message| message.topic.ends_with(topic.as_bytes())));
    // Older than what Ann has heard by now, all of it.
    let recorded: Vec<_> =
        tape.messages.iter().filter(|message| message.topic.ends_with(topic.as_bytes())).cloned().collect();
    for message in &recorded {
        let topic = String::from_utf8(message.topic.to_vec()).expect("text");
        tape.link.publish(&topic, message.payload.clone(), false).expect("published");
    }
    let count = u64::try_from(recorded.len()).expect("few");
    let seen = until("they are counted", &ann, |picture| picture.refused.replayed >= count);
    assert_eq!(seen.lines.len(), 1);
    assert_eq!(seen.refused.total(), seen.refused.replayed);
}

#[test]
fn noise_under_the_topics_of_a_room_is_counted_and_nothing_else() {
    let broker = Mosquitto::open();
    let (ann, bob) = (join(&broker, "Ann"), join(&broker, "Bob"));
    let listen = Subscriber::start(broker.port, "twinscope/v1/north/room/#", 1);
    meet(&ann, &bob);
    let line = listen.lines().remove(0);
    let room = line.split(' ').next().and_then(|topic| topic.rsplit_once('/')).expect("a topic").0.to_owned();
    for (viewer, payload) in [("AAAAAAAAAAAAAAAA", "\u{1}\u{5}noise"), ("AAAAAAAAAAAAAAAA", ""), ("x", "noise")] {
        broker.publish(&format!("{room}/{viewer}"), payload, &[]);
    }
    let seen = until("counted", &ann, |picture| picture.refused.total() == 2 && picture.elsewhere == 1);
    assert_eq!((seen.refused.unreadable, seen.refused.malformed), (1, 1));
    ann.say("still here").expect("a member");
    until("the line", &bob, |picture| !picture.lines.is_empty());
}

#[test]
fn an_invitation_for_another_room_is_told_so() {
    let broker = Mosquitto::open();
    let ann = join(&broker, "Ann");
    let invitation = until("an invitation", &ann, |picture| picture.invitation.is_some()).invitation.clone();
    let other = Door { room: "Blade".to_owned(), ..door("Gus", &invitation.expect("there")) };
    let guest = enter(settings(broker.port, Protocol::Auto), other);
    let error = KeyError::Invitation { room: "Blade".to_owned() }.to_string();
    until("why not", &guest, |picture| picture.connection == Connection::Refused(error.clone()));
}

#[test]
fn a_broker_that_lets_nobody_write_is_told() {
    let broker = Mosquitto::start("allow_anonymous true\nacl_file {folder}/acl\n", |folder| {
        std::fs::write(folder.join("acl"), "topic read #\n").expect("written");
    });
    let ann = enter(settings(broker.port, Protocol::V5), door("Ann", PASSPHRASE));
    until("why nobody sees Ann", &ann, |picture| {
        picture.trouble.as_deref().is_some_and(|trouble| trouble.contains("not allowed"))
    });
}

/// What a broker sees of one who turns the view and points all the time: topic and payload of twenty messages.
#[test]
fn somebody_who_moves_costs_less_than_a_kilobyte_a_second() {
    let broker = Mosquitto::open();
    let (ann, bob) = (join(&broker, "Ann"), join(&broker, "Bob"));
    meet(&ann, &bob);
    let mut tape = Probe::start(settings(broker.port, Protocol::V5), &["twinscope/v1/north/room/#"]);
    tape.until("live", |tape| !tape.events.is_empty());
    let topic = format!("/{}", ann.picture().me);
    let start = Instant::now();
    let mut x = 0.0;
    let sizes = loop {
        x += 0.1;
        ann.look(Pose { eye: [x, 2.0, 30.0], target: [0.0, 2.0, 0.0] }).expect("a member");
        let pointer = Pointer { origin: [x, 2.0, 30.0], point: [x; 3], part: Some(part("gearbox")) };
        ann.point(Some(pointer)).expect("a member");
        tape.take();
        let hers = tape.messages.iter().filter(|message| message.topic.ends_with(topic.as_bytes()));
        let sizes: Vec<usize> = hers.map(|message| message.topic.len() + message.payload.len()).collect();
        if sizes.len() >= 20 {
            break sizes;
        }
        assert!(start.elapsed() < PATIENCE, "{} messages", sizes.len());
    };
    let mean = sizes.iter().sum::<usize>() / sizes.len();
    println!("{mean} B a message, {} B/s at four a second", 4 * mean);
    // The first may have waited for nothing; between the others lies a quarter of a second.
    assert!(start.elapsed() > Duration::from_millis(18 * 250), "{:?}", start.elapsed());
    assert!(4 * mean < 1_000, "{mean}");
}
