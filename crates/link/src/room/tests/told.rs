//! What is told: only what changes, only the newest, all of it to whoever is new, and how many bytes that is.

use twinscope_twin::room::{MOST_POINTS, MOST_STROKES, Pointer, Pose, STROKE_POINTS};

use super::super::codec::read;
use super::super::mine::SayError;
use super::*;

fn pose(x: f32) -> Pose {
    Pose { eye: [x, 2.0, 30.0], target: [0.0, 2.0, 0.0] }
}

fn pack(mine: &mut Mine, mono_ms: u64) -> Vec<Item> {
    mine.pack(Vec::new, at(mono_ms)).map(|body| read(&body).expect("items")).unwrap_or_default()
}

/// Everything that is not told yet, and how many messages that takes.
fn drain(mine: &mut Mine, mono_ms: u64) -> (Vec<Item>, usize) {
    let mut all = Vec::new();
    for messages in 0.. {
        let items = pack(mine, mono_ms);
        if items.is_empty() {
            return (all, messages);
        }
        all.extend(items);
    }
    unreachable!()
}

#[test]
fn while_nothing_changes_nothing_is_told_but_a_heartbeat() {
    let mut mine = member(2);
    mine.look(pose(1.0)).expect("a member");
    let first = pack(&mut mine, 0);
    assert!(matches!(first[..], [Item::Presence { .. }, Item::Camera(_)]), "{first:?}");
    for mono_ms in [1, 1_000, 3_999] {
        mine.look(pose(1.0)).expect("a member");
        // A camera that trembles by less than anybody sees does not move.
        mine.look(pose(1.000_1)).expect("a member");
        assert_eq!(pack(&mut mine, mono_ms), []);
    }
    assert!(matches!(pack(&mut mine, 4_000)[..], [Item::Presence { .. }]));
}

#[test]
fn of_what_moves_only_the_newest_is_told() {
    let mut mine = member(2);
    pack(&mut mine, 0);
    for step in 0_u8..60 {
        mine.look(pose(f32::from(step))).expect("a member");
    }
    assert_eq!(pack(&mut mine, 1), [Item::Camera(pose(59.0))]);
}

#[test]
fn whoever_is_new_is_told_everything_that_is_still_true() {
    let mut mine = member(2);
    mine.look(pose(1.0)).expect("a member");
    mine.select(vec![part("gearbox")]).expect("a member");
    mine.say("hello", at(0)).expect("a member");
    mine.begin(part("gearbox"), [0.0; 3]).expect("a member");
    mine.clear();
    mine.begin(part("tower"), [1.0; 3]).expect("a member");
    mine.go_on([2.0; 3]);
    mine.finish();
    drain(&mut mine, 0);
    mine.tell_all();
    let (told, _) = drain(&mut mine, 1);
    assert!(matches!(told[0], Item::Presence { .. }), "who is here comes first");
    assert!(told.contains(&Item::Camera(pose(1.0))) && told.contains(&Item::Selection(vec![part("gearbox")])));
    assert!(told.contains(&Item::Line { number: 1, age_s: 0, text: "hello".to_owned() }));
    let strokes: Vec<&Item> = told.iter().filter(|item| matches!(item, Item::Stroke { .. })).collect();
    let points = vec![[1.0; 3], [2.0; 3]];
    assert_eq!(strokes, [&Item::Stroke { id: 2, part: part("tower"), from: 0, points, done: true }]);
}

#[test]
fn a_stroke_arrives_point_by_point_and_again_for_whoever_is_new() {
    let mut mine = member(9);
    let mut sender = Sender::new(&members(), 9);
    let mut me = Receiver::new(&members());
    me.hear(&sender.say(&[presence("Ann", &[viewer(ME)])]), 0);
    mine.begin(part("gearbox"), [0.0; 3]).expect("a member");
    for step in 1_u8..200 {
        mine.go_on([f32::from(step), 0.0, 0.0]);
        if step % 7 == 0 {
            let told = pack(&mut mine, u64::from(step) * 100);
            me.hear(&sender.say(&told), u64::from(step) * 100);
        }
    }
    mine.finish();
    let mut told = drain(&mut mine, 20_000).0;
    mine.tell_all();
    told.extend(drain(&mut mine, 20_001).0.into_iter().filter(|item| matches!(item, Item::Stroke { .. })));
    for item in told {
        me.hear(&sender.say(&[item]), 20_002);
    }
    let theirs = me.0.peers().next().expect("Ann").strokes.clone();
    assert_eq!(theirs, mine.strokes());
    assert_eq!((theirs[0].points.len(), theirs[0].done), (200, true));
    mine.clear();
    let told = pack(&mut mine, 20_003);
    me.hear(&sender.say(&told), 20_003);
    assert!(me.0.peers().all(|peer| peer.strokes.is_empty()));
}

#[test]
fn a_person_cannot_draw_without_end() {
    let mut mine = member(2);
    mine.begin(part("gearbox"), [0.0; 3]).expect("a member");
    let open = (1..1_000).take_while(|_| mine.go_on([1.0; 3])).count();
    assert_eq!(open + 2, STROKE_POINTS);
    for _ in 0..500 {
        mine.begin(part("gearbox"), [0.0; 3]).expect("a member");
        (0..100).for_each(|_| _ = mine.go_on([1.0; 3]));
    }
    let strokes = mine.strokes();
    let points: usize = strokes.iter().map(|stroke| stroke.points.len()).sum();
    assert!(strokes.len() <= MOST_STROKES && points <= MOST_POINTS, "{} {points}", strokes.len());
}

#[test]
fn a_guest_is_refused_here_already_and_tells_only_that_it_is_here() {
    let mut guest = Mine::new(viewer(2), "Gus".to_owned(), Role::Guest, 0);
    assert_eq!(guest.look(pose(1.0)), Err(SayError::Guest));
    assert_eq!(guest.select(Vec::new()), Err(SayError::Guest));
    assert_eq!(guest.point(None), Err(SayError::Guest));
    assert_eq!(guest.inspect(vec![1]), Err(SayError::Guest));
    assert_eq!(guest.begin(part("gearbox"), [0.0; 3]), Err(SayError::Guest));
    assert_eq!(guest.say("hello", at(0)).err(), Some(SayError::Guest));
    guest.tell_all();
    let (told, _) = drain(&mut guest, 0);
    assert!(matches!(told[..], [Item::Presence { .. }, Item::Follow(None)]), "{told:?}");
}

#[test]
fn what_cannot_be_said_is_told_to_who_says_it() {
    let mut mine = member(2);
    assert_eq!(mine.say(" \n", at(0)).err(), Some(SayError::Empty));
    assert_eq!(mine.say(&"x".repeat(501), at(0)).err(), Some(SayError::TooLong));
    (0..10).for_each(|_| _ = mine.say("x", at(0)).expect("taken"));
    assert_eq!(mine.say("x", at(0)).err(), Some(SayError::Waiting));
    assert_eq!(mine.select(vec![part("x"); 33]).err(), Some(SayError::TooMuch));
    assert_eq!(mine.select(vec![part(&"x".repeat(120)); 32]).err(), Some(SayError::TooMuch));
    assert_eq!(mine.inspect(vec![0; 1_025]).err(), Some(SayError::TooMuch));
}

#[test]
fn the_longest_of_everything_finds_its_way() {
    let mut mine = Mine::new(viewer(2), "ä".repeat(32), Role::Member, 0);
    mine.say(&"\u{1f529}".repeat(500), at(0)).expect("taken");
    mine.inspect(vec![7; 1_024]).expect("taken");
    let parts = vec![part(&"x".repeat(54)); 32];
    mine.select(parts.clone()).expect("taken");
    let (told, messages) = drain(&mut mine, 0);
    assert!(told.contains(&Item::Selection(parts)) && told.contains(&Item::Inspection(vec![7; 1_024])));
    assert!(told.iter().any(|item| matches!(item, Item::Line { .. })) && messages <= 4, "{messages}");
}

/// A minute of somebody who turns the view and points at parts all the time, as packets of MQTT 5.
#[test]
fn somebody_who_moves_costs_less_than_a_kilobyte_a_second_and_who_does_not_less_than_a_hundred_bytes() {
    let packet = |topic: &str, payload: &[u8]| {
        // Fixed header 3, topic length 2, packet id 2, no properties 1; and the acknowledgement, 4.
        3 + 2 + topic.len() + 2 + 1 + payload.len() + 4
    };
    let per_second = |moves: bool| {
        let mut mine = member(9);
        let mut sealer = Sealer::new(&members(), viewer(9)).expect("a sealer");
        let mut bytes = 0;
        for slot in 0_u16..240 {
            if moves {
                let x = f32::from(slot);
                mine.look(pose(x)).expect("a member");
                let on = if slot % 8 < 4 { "high_speed_bearing" } else { "gearbox" };
                let pointer = Pointer { origin: [x; 3], point: [x, 0.5, 0.5], part: Some(part(on)) };
                mine.point(Some(pointer)).expect("a member");
            }
            if let Some(body) = mine.pack(|| vec![echo(viewer(1)), echo(viewer(2))], at(u64::from(slot) * 250)) {
                let (topic, payload) = sealer.seal(&body).expect("a counter");
                bytes += packet(topic, &payload);
            }
        }
        bytes / 60
    };
    let (moving, still) = (per_second(true), per_second(false));
    println!("{moving} B/s while somebody moves and points, {still} B/s while nothing moves");
    assert!(moving < 1_024 && still < 100, "{moving} {still}");
}
