//! Whatever comes in is bounded, and is no reason to panic.

use proptest::prelude::*;
use twinscope_twin::room::{
    LINE_CHARS, MOST_LINES, MOST_PEERS, MOST_POINTS, MOST_SELECTED, MOST_STROKES, NAME_CHARS, Pointer, Pose,
    STROKE_POINTS,
};

use super::super::codec::read;
use super::*;

#[test]
fn every_item_reads_back_as_it_was_written() {
    let all = [
        presence("Ann Äöü", &[viewer(2), viewer(3)]),
        Item::Leave,
        Item::Camera(Pose { eye: [1.5, -2.0, 1e6], target: [0.0, -0.0, 3.25] }),
        Item::Selection(vec![part("gearbox"), part("")]),
        Item::Pointer(None),
        Item::Pointer(Some(Pointer { origin: [1.0; 3], point: [2.0; 3], part: None })),
        Item::Pointer(Some(Pointer { origin: [1.0; 3], point: [2.0; 3], part: Some(part("blade-1")) })),
        Item::Stroke { id: u32::MAX, part: part("gearbox"), from: 300, points: vec![[0.5; 3], [0.25; 3]], done: true },
        Item::Clear { before: 128 },
        Item::Line { number: 1, age_s: 127, text: "the oil is at 61 °C".to_owned() },
        Item::Follow(None),
        Item::Follow(Some(viewer(4))),
        Item::Inspection(vec![0, 255]),
    ];
    assert_eq!(read(&items(&all)).as_deref(), Some(&all[..]));
}

#[test]
fn what_is_no_item_is_refused_whole() {
    let refused = |bytes: &[u8]| assert_eq!(read(bytes), None, "{bytes:?}");
    refused(&[0]);
    refused(&[99]);
    refused(&[3, 0, 0]);
    refused(&[9, 0xff, 0xff, 0xff, 0xff, 0xff]);
    refused(&items(&[Item::Camera(Pose { eye: [f32::NAN, 0.0, 0.0], target: [0.0; 3] })]));
    refused(&items(&[Item::Camera(Pose { eye: [0.0; 3], target: [0.0, f32::INFINITY, 0.0] })]));
    refused(&items(&[Item::Camera(Pose { eye: [1.1e7, 0.0, 0.0], target: [0.0; 3] })]));
    refused(&items(&[Item::Selection(vec![part("x"); MOST_SELECTED + 1])]));
    refused(&items(&[Item::Selection(vec![part(&"x".repeat(129))])]));
    refused(&items(&[Item::Selection(vec![part("a\u{0}b")])]));
    refused(&items(&[Item::Line { number: 1, age_s: 0, text: "x".repeat(4 * LINE_CHARS + 1) }]));
    refused(&items(&[Item::Inspection(vec![0; 1_025])]));
    let points = vec![[0.0; 3]; STROKE_POINTS + 1];
    refused(&items(&[Item::Stroke { id: 1, part: part("x"), from: 0, points, done: false }]));
    refused(&items(&[Item::Presence { name: "x".to_owned(), colour: 8, heard: Vec::new() }]));
    // What follows a good one does not pass with it.
    refused(&[items(&[Item::Leave]), vec![99]].concat());
}

#[test]
fn names_and_lines_are_cut_to_what_is_shown() {
    let long = Item::Line { number: 1, age_s: 0, text: "ä".repeat(LINE_CHARS + 1) };
    let Some(Item::Line { text, .. }) = read(&items(&[long])).and_then(|mut items| items.pop()) else { panic!() };
    assert_eq!(text.chars().count(), LINE_CHARS);
    let Some(Item::Presence { name, .. }) =
        read(&items(&[presence(&"n".repeat(NAME_CHARS + 9), &[])])).and_then(|mut items| items.pop())
    else {
        panic!()
    };
    assert_eq!(name.len(), NAME_CHARS);
}

#[test]
fn a_room_takes_so_many_and_recordings_cannot_fill_it() {
    let mut me = Receiver::new(&members());
    // Forty that never show that they are live, and then somebody who does.
    for letter in 20..60 {
        let mut ghost = Sender::new(&members(), letter);
        me.hear(&ghost.say(&[presence("Ghost", &[viewer(2)])]), u64::from(letter) * 100);
    }
    assert!(me.0.heard().len() <= 16);
    let mut real: Vec<Sender> = (2..20).map(|letter| Sender::new(&members(), letter)).collect();
    for sender in &mut real {
        let message = sender.say(&[presence("Real", &[viewer(ME)])]);
        me.hear(&message, 6_500);
    }
    assert_eq!(me.names(), vec!["Real"; MOST_PEERS]);
    assert_eq!(me.0.refused().too_many, 2);
}

#[test]
fn one_viewer_cannot_flood_the_others() {
    let mut ann = Sender::new(&members(), 9);
    let mut me = Receiver::new(&members());
    me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 0);
    let says = |number| Item::Line { number, age_s: 0, text: "buy".to_owned() };
    for number in 1..=300 {
        me.hear(&ann.say(&[says(number)]), 0);
    }
    // A burst of 80, one of which was the presence.
    assert_eq!((me.0.lines().len(), me.0.refused().too_many), (79, 221));
    // A second later 20 more.
    for number in 301..=400 {
        me.hear(&ann.say(&[says(number)]), 1_000);
    }
    assert_eq!(me.0.lines().len(), 99);
    assert_eq!(me.names(), ["Ann"], "she is still here");
}

#[test]
fn what_is_kept_of_one_viewer_is_bounded() {
    let mut ann = Sender::new(&members(), 9);
    let mut me = Receiver::new(&members());
    me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 0);
    let mut now = 0;
    for id in 1..=200 {
        for from in [0, 64, 128, 192, 256, 320] {
            now += 100;
            let points = vec![[1.0; 3]; 64];
            me.hear(&ann.say(&[Item::Stroke { id, part: part("gearbox"), from, points, done: false }]), now);
        }
    }
    for number in 1..=300 {
        now += 100;
        me.hear(&ann.say(&[Item::Line { number, age_s: 0, text: "x".to_owned() }]), now);
    }
    assert_eq!(me.0.refused().total(), 0);
    let peer = me.0.peers().next().expect("Ann").clone();
    let points: usize = peer.strokes.iter().map(|stroke| stroke.points.len()).sum();
    assert!(peer.strokes.len() <= MOST_STROKES && points <= MOST_POINTS, "{} {points}", peer.strokes.len());
    assert!(peer.strokes.iter().all(|stroke| stroke.points.len() <= STROKE_POINTS));
    assert_eq!(peer.strokes.last().map(|stroke| stroke.id), Some(200), "the newest stay");
    assert_eq!(me.0.lines().len(), MOST_LINES);
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_or_keep_more_than_they_are(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        if let Some(read) = read(&bytes) {
            prop_assert!(read.len() <= bytes.len());
        }
    }

    #[test]
    fn no_payload_makes_a_receiver_panic(
        payload in proptest::collection::vec(any::<u8>(), 0..200),
        topic in "(twinscope/v1/north/room/)?[A-Za-z_/+-]{0,40}",
        ours in any::<bool>(),
    ) {
        let mut me = Receiver::new(&members());
        let topic = if ours { of(&members(), 9) } else { topic };
        me.hear(&(topic, payload), 0);
        prop_assert!(me.names().is_empty());
    }

    #[test]
    fn no_items_of_a_member_make_a_receiver_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut ann = Sender::new(&members(), 9);
        let mut me = Receiver::new(&members());
        me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 0);
        let (topic, payload) = ann.sealer.seal(&body).expect("a counter");
        let message = (topic.to_owned(), payload);
        me.hear(&message, 1);
        prop_assert!(me.0.peers().count() <= 1);
    }
}
