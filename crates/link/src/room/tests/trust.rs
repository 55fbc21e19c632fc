//! Who is believed.

use twinscope_twin::room::Pose;

use super::super::others::GONE_MS;
use super::*;

const POSE: Pose = Pose { eye: [1.0, 2.0, 3.0], target: [4.0, 5.0, 6.0] };

fn line(number: u32, text: &str) -> Item {
    Item::Line { number, age_s: 0, text: text.to_owned() }
}

/// A member and this viewer who know each other.
fn met() -> (Sender, Receiver) {
    let mut ann = Sender::new(&members(), 9);
    let mut me = Receiver::new(&members());
    me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 0);
    assert_eq!(me.names(), ["Ann"]);
    (ann, me)
}

#[test]
fn who_has_heard_us_is_here_and_what_they_show_is_shown() {
    let (mut ann, mut me) = met();
    me.hear(&ann.say(&[Item::Camera(POSE), line(1, "look here")]), 10);
    assert_eq!(me.0.peers().next().and_then(|peer| peer.pose), Some(POSE));
    assert_eq!(me.0.lines()[0].text, "look here");
    assert_eq!(me.0.refused().total(), 0);
}

#[test]
fn a_recording_of_yesterday_is_nobody() {
    let mut ann = Sender::new(&members(), 9);
    let old = [
        ann.say(&[presence("Ann", &[])]),
        ann.say(&[presence("Ann", &[viewer(5), viewer(6)]), Item::Camera(POSE), line(1, "open the valve")]),
    ];
    let mut me = Receiver::new(&members());
    for message in &old {
        assert!(!me.hear(message, 0).changed, "the viewers that it names are others");
    }
    assert!(me.names().is_empty() && me.0.lines().is_empty());
}

#[test]
fn a_message_counts_once_and_an_older_one_not_at_all() {
    let (mut ann, mut me) = met();
    let (first, second) = (ann.say(&[line(1, "one")]), ann.say(&[line(2, "two")]));
    me.hear(&second, 1);
    me.hear(&second, 2);
    me.hear(&first, 3);
    let lines: Vec<String> = me.0.lines().iter().map(|line| line.text.clone()).collect();
    assert_eq!(lines, ["two"]);
    assert_eq!(me.0.refused().replayed, 2);
}

#[test]
fn who_has_gone_does_not_come_back_by_a_recording() {
    let (mut ann, mut me) = met();
    let said = ann.say(&[presence("Ann", &[viewer(ME)]), Item::Camera(POSE)]);
    me.hear(&said, 1);
    assert!(me.0.expire(1 + GONE_MS));
    me.hear(&said, 2 + GONE_MS);
    assert!(me.names().is_empty());
    // The real Ann does.
    me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 3 + GONE_MS);
    assert_eq!(me.names(), ["Ann"]);
    me.hear(&ann.say(&[Item::Leave]), 4 + GONE_MS);
    assert!(me.names().is_empty());
    me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 5 + GONE_MS);
    assert!(me.names().is_empty(), "after the goodbye nothing comes under that id");
}

#[test]
fn who_says_nothing_for_ten_seconds_is_gone() {
    let (_ann, mut me) = met();
    assert!(!me.0.expire(GONE_MS - 1));
    assert_eq!(me.names(), ["Ann"]);
    assert!(me.0.expire(GONE_MS));
    assert!(me.names().is_empty());
}

#[test]
fn without_the_passphrase_nothing_is_read_and_nothing_written() {
    let others = keys("north", "gearbox", "wrong horse battery staple");
    let mut eve = Sender::new(&others, 9);
    let mut me = Receiver::new(&members());
    let (_, payload) = eve.say(&[presence("Ann", &[viewer(ME)])]);
    me.hear(&(of(&members(), 9), payload), 0);
    assert!(me.names().is_empty());
    assert_eq!(me.0.refused().unreadable, 1);
    let mut ann = Sender::new(&members(), 9);
    let (topic, payload) = ann.say(&[presence("Ann", &[])]);
    assert!(!String::from_utf8_lossy(&payload).contains("Ann"));
    let mut eve = Receiver::new(&others);
    assert!(eve.hear(&(topic, payload), 0).changed);
    assert_eq!((eve.names().len(), eve.0.elsewhere()), (0, 1), "she learns that somebody is elsewhere");
}

#[test]
fn a_changed_byte_anywhere_is_noticed() {
    let mut ann = Sender::new(&members(), 9);
    let (topic, payload) = ann.say(&[presence("Ann", &[viewer(ME)])]);
    for place in 0..payload.len() {
        let mut changed = payload.clone();
        changed[place] ^= 1;
        let mut me = Receiver::new(&members());
        me.hear(&(topic.clone(), changed), 0);
        assert!(me.names().is_empty(), "byte {place}");
        assert_eq!(me.0.refused().total(), 1, "byte {place}");
    }
    let mut me = Receiver::new(&members());
    me.hear(&(of(&members(), 8), payload), 0);
    assert_eq!(me.0.refused().unreadable, 1, "nor does it count under another viewer's topic");
}

#[test]
fn a_guest_is_seen_and_can_show_nothing() {
    let mut guest = Sender::new(&guests(), 9);
    let mut me = Receiver::new(&members());
    me.hear(&guest.say(&[presence("Gus", &[viewer(ME)])]), 0);
    assert_eq!(me.0.peers().next().map(|peer| (peer.name.as_str(), peer.role)), Some(("Gus", Role::Guest)));
    let writes = [
        Item::Camera(POSE),
        Item::Selection(vec![part("gearbox")]),
        Item::Pointer(None),
        Item::Stroke { id: 1, part: part("gearbox"), from: 0, points: vec![[0.0; 3]], done: true },
        Item::Clear { before: 9 },
        line(1, "I am a member"),
        Item::Inspection(vec![1]),
    ];
    for (refused, item) in (1..).zip(writes) {
        me.hear(&guest.say(&[item]), refused);
        assert_eq!(me.0.refused().not_allowed, refused);
    }
    assert!(me.0.lines().is_empty() && me.0.peers().all(|peer| peer.pose.is_none() && peer.strokes.is_empty()));
    me.hear(&guest.say(&[Item::Follow(Some(viewer(ME)))]), 99);
    assert_eq!(me.0.peers().next().and_then(|peer| peer.follows), Some(viewer(ME)));
}

#[test]
fn a_guest_cannot_sign_and_cannot_speak_for_a_member() {
    let (_ann, mut me) = met();
    // Under Ann's id, with the key that guests have too, ahead of her counter.
    let mut guest = Sender::new(&guests(), 9);
    guest.say(&[]);
    guest.say(&[]);
    me.hear(&guest.say(&[Item::Leave]), 1);
    assert_eq!((me.names(), me.0.refused().not_allowed), (vec!["Ann"], 1));
    // Says that a member wrote it, signed with another key.
    let mut forger = guests();
    forger.sign = keys("north", "gearbox", "another passphrase").sign;
    let mut forger = Sender::new(&forger, 8);
    me.hear(&forger.say(&[presence("Bob", &[viewer(ME)]), line(1, "open it")]), 2);
    assert_eq!((me.names(), me.0.refused().not_allowed), (vec!["Ann"], 2));
}

#[test]
fn who_has_not_heard_us_is_answered() {
    let (mut ann, mut me) = met();
    assert!(!me.hear(&ann.say(&[presence("Ann", &[viewer(ME)])]), 1).answer);
    assert!(me.hear(&ann.say(&[presence("Ann", &[])]), 2).answer, "she has come back and forgotten us");
    let mut bob = Sender::new(&members(), 8);
    assert!(me.hear(&bob.say(&[presence("Bob", &[viewer(ME)])]), 3).answer, "he has not been told that we hear him");
}

#[test]
fn what_was_said_before_stands_at_its_time_whatever_the_other_clock_says() {
    let (mut ann, mut me) = met();
    let old = Item::Line { number: 1, age_s: 60, text: "a minute ago".to_owned() };
    me.hear(&ann.say(&[line(2, "now"), old]), 1);
    let lines: Vec<(String, i64)> = me.0.lines().iter().map(|line| (line.text.clone(), line.at)).collect();
    assert_eq!(lines, [("a minute ago".to_owned(), 1_000_000 - 60_000), ("now".to_owned(), 1_000_000)]);
}
