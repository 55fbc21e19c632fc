//! A room in words.

use std::sync::Arc;

use twinscope_twin::room::{COLOURS, Connection, Line, PartName, Peer, Picture, Pose, Refused, Role, ViewerId};
use twinscope_twin::severity::Severity;
use twinscope_twin::site::PartRow;

use super::colours::cam02::delta_e;
use super::fixture::{self, NOW};
use crate::view::room::{Mark, PanelView, RoomScene, RoomView, name_of, next_to_follow, row_of, sight};
use crate::view::sight::{Explode, Isolation, Section, Sight};
use crate::view::theme::{DARK, LIGHT, person_colour, severity_colour};
use crate::view::{Scene, UiState, app_view};

/// A viewer of one letter.
pub fn viewer(letter: u8) -> ViewerId {
    ViewerId::from_random([letter; 16])
}

/// Somebody who looks at the gearbox.
pub fn peer(letter: u8, name: &str) -> Peer {
    Peer {
        id: viewer(letter),
        name: name.to_owned(),
        colour: letter % COLOURS,
        role: Role::Member,
        pose: Some(Pose { eye: [0.0; 3], target: [1.0; 3] }),
        selection: Arc::new([]),
        pointer: None,
        strokes: Vec::new(),
        follows: None,
        inspection: Arc::new([]),
    }
}

/// Ann's room.
pub fn picture(peers: Vec<Peer>) -> Picture {
    Picture {
        room: "Gearbox".to_owned(),
        me: viewer(0),
        name: "Ann".to_owned(),
        colour: 7,
        role: Role::Member,
        connection: Connection::Live,
        peers,
        lines: Vec::new(),
        strokes: Vec::new(),
        elsewhere: 0,
        invitation: Some("twinscope-guest-00".into()),
        trouble: None,
        refused: Refused::default(),
    }
}

/// What the window knows then; everybody in the middle of the view.
pub fn scene(picture: Picture) -> Scene {
    let at = [700.0, 400.0];
    let marks = picture.peers.iter().map(|peer| Mark {
        viewer: peer.id,
        eye: Some([500.0, 300.0]),
        ray: Some([[500.0, 300.0], at]),
        dot: Some(at),
        selected: vec![(PartRow(1), at)],
    });
    let marks = marks.collect();
    Scene { room: RoomScene { picture: Some(Arc::new(picture)), marks }, ..Scene::default() }
}

/// A line of somebody, so long ago.
pub fn line(letter: u8, number: u32, text: &str, ago_ms: i64) -> Arc<Line> {
    let (name, at) = ("Bob".to_owned(), NOW.wall_ms - ago_ms);
    Arc::new(Line { viewer: viewer(letter), name, colour: 1, number, text: text.to_owned(), at })
}

fn view(picture: Picture, change: impl FnOnce(&mut UiState)) -> RoomView {
    let mut ui = UiState::default();
    change(&mut ui);
    app_view(&fixture::turbine(), &scene(picture), &ui, [1920.0, 1080.0]).room
}

fn status(picture: Picture) -> (String, bool) {
    match view(picture, |ui| ui.room.open = true).panel {
        Some(PanelView::Room(inside)) => (inside.status, inside.trouble),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_colours_of_persons_are_no_states_and_no_accent_and_differ() {
    let rgb = |[r, g, b, _]: [u8; 4]| [r, g, b];
    let persons: Vec<[u8; 3]> = (0..COLOURS).map(|index| rgb(person_colour(index))).collect();
    let others =
        Severity::ALL.iter().map(|state| rgb(severity_colour(*state))).chain([rgb(DARK.accent), rgb(LIGHT.accent)]);
    for other in others {
        for (index, person) in persons.iter().enumerate() {
            let difference = delta_e(*person, other);
            assert!(difference >= 15.0, "person {index} and {other:?} differ by {difference:.1}");
        }
    }
    for (index, a) in persons.iter().enumerate() {
        for b in persons.iter().skip(index + 1) {
            assert!(delta_e(*a, *b) >= 15.0, "{a:?} {b:?}");
        }
    }
}

#[test]
fn without_a_room_there_is_nothing_but_the_form_that_is_asked_for() {
    let snapshot = fixture::turbine();
    let mut ui = UiState::default();
    let room = |ui: &UiState| app_view(&snapshot, &Scene::default(), ui, [1920.0, 1080.0]).room;
    assert_eq!(room(&ui), RoomView::default());
    ui.room.open = true;
    for (room_name, secret, name, missing) in [
        ("", "", "", Some("name")),
        ("Gearbox", "", "", Some("passphrase")),
        ("Gearbox", "short", "Ann", Some("12 characters")),
        ("Gearbox", "correct horse battery", " ", Some("your name")),
        ("Gearbox", "correct horse battery", "Ann", None),
    ] {
        ui.room.form.room = room_name.to_owned();
        ui.room.form.secret.0 = secret.to_owned();
        ui.room.form.name = name.to_owned();
        let Some(PanelView::Form(said)) = room(&ui).panel else { panic!() };
        assert_eq!(said.is_some(), missing.is_some(), "{room_name} {secret}");
        assert!(missing.is_none_or(|word| said.is_some_and(|said| said.contains(word))), "{said:?}");
    }
    assert!(!format!("{ui:?}").contains("horse"), "what is typed is not printed");
}

#[test]
fn two_of_one_name_are_told_apart_and_initials_are_of_first_and_last() {
    let people =
        vec![peer(1, "Bob Miller"), peer(2, "Bob Miller"), peer(3, "Ann"), peer(4, "ännchen von tharau"), peer(5, "")];
    let view = view(picture(people), |_| {});
    let names: Vec<(&str, &str)> =
        view.people.iter().map(|person| (person.name.as_str(), person.initials.as_str())).collect();
    // The second Ann is not the person at this screen.
    assert_eq!(
        names,
        [
            ("Bob Miller", "BM"),
            ("Bob Miller (2)", "B2"),
            ("Ann (2)", "A2"),
            ("ännchen von tharau", "ÄT"),
            ("No name", "NN")
        ]
    );
}

#[test]
fn what_somebody_does_is_told_in_words() {
    let site = fixture::turbine().site;
    let gearbox = (0..).map(PartRow).find(|row| site.parts[row.index()].id == "gearbox").expect("a gearbox");
    let name = name_of(&site, gearbox).expect("a name");
    assert_eq!(row_of(&site, &name), Some(gearbox));
    let elsewhere = PartName { asset: "wt-99".to_owned(), part: "gearbox".to_owned() };
    let follower = Peer { follows: Some(viewer(0)), selection: Arc::new([name.clone()]), ..peer(1, "Bob") };
    let guest = Peer { role: Role::Guest, pose: None, follows: Some(viewer(1)), ..peer(2, "Gus") };
    let lost = Peer { selection: Arc::new([elsewhere, name]), ..peer(3, "Eve") };
    let view = view(picture(vec![follower, guest, lost]), |_| {});
    let doing: Vec<&str> = view.people.iter().map(|person| person.doing.as_str()).collect();
    assert_eq!(doing, ["follows you · Gearbox", "guest · follows Bob", "gearbox (not in this site) and 1 more"]);
    assert_eq!(view.people.iter().map(|person| person.can_follow).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn whom_one_follows_is_said_and_the_next_is_the_one_after() {
    let people = || vec![peer(1, "Bob"), Peer { pose: None, ..peer(2, "Gus") }, peer(3, "Eve")];
    let none = view(picture(people()), |_| {});
    assert_eq!((none.banner.clone(), next_to_follow(&none)), (None, Some(viewer(1))));
    let bob = view(picture(people()), |ui| ui.room.follow = Some(viewer(1)));
    assert!(bob.banner.as_ref().is_some_and(|(said, colour)| said.contains("Bob") && *colour == person_colour(1)));
    assert!(bob.marks[0].followed && !bob.marks[2].followed);
    assert_eq!(next_to_follow(&bob), Some(viewer(3)), "who has shown no view is left out");
    let eve = view(picture(people()), |ui| ui.room.follow = Some(viewer(3)));
    assert_eq!(next_to_follow(&eve), None, "after the last: nobody");
}

#[test]
fn a_wrong_passphrase_does_not_look_like_an_empty_room() {
    assert_eq!(status(picture(Vec::new())), ("Nobody else is here yet.".to_owned(), false));
    let (said, trouble) = status(Picture { elsewhere: 2, ..picture(Vec::new()) });
    assert!(trouble && said.contains("2 viewers are") && said.contains("passphrase"), "{said}");
}

#[test]
fn what_is_wrong_with_the_room_is_said() {
    assert_eq!(status(picture(vec![peer(1, "Bob")])).0, "2 people");
    let lost = Picture { connection: Connection::Lost("broken pipe".to_owned()), ..picture(Vec::new()) };
    assert_eq!(status(lost), ("Connection lost: broken pipe".to_owned(), true));
    let trouble = Picture { trouble: Some("not allowed".to_owned()), ..picture(vec![peer(1, "Bob")]) };
    assert_eq!(status(trouble), ("not allowed".to_owned(), true));
    let refused = Refused { replayed: 3, not_allowed: 1, ..Refused::default() };
    let view = view(Picture { refused, ..picture(Vec::new()) }, |ui| ui.room.open = true);
    let Some(PanelView::Room(inside)) = view.panel else { panic!() };
    assert_eq!(inside.refused.as_deref(), Some("Not taken: 1 of guests or unsigned, 3 heard before"));
}

#[test]
fn new_lines_lie_over_the_scene_for_a_while_and_are_counted_until_they_are_seen() {
    let lines = vec![line(1, 1, "long ago", 60_000), line(0, 1, "mine", 2_000), line(1, 2, "look", 1_000)];
    let with = || Picture { lines: lines.clone(), ..picture(vec![peer(1, "Bob")]) };
    let closed = view(with(), |ui| ui.room.seen = Some((viewer(1), 1)));
    assert_eq!(closed.recent.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["look"]);
    assert_eq!((closed.unseen, closed.newest), (1, Some((viewer(1), 2))));
    let open = view(with(), |ui| ui.room.open = true);
    assert_eq!((open.recent.len(), open.unseen), (0, 0));
    let Some(PanelView::Room(inside)) = open.panel else { panic!() };
    assert_eq!(inside.lines.len(), 3);
    // The fixture's moment is 14:02:11 UTC.
    assert_eq!((inside.lines[0].at.as_str(), inside.lines[2].at.as_str()), ("14:01", "14:02"));
}

#[test]
fn what_a_view_shows_arrives_as_it_was_told_and_leaves_what_is_ones_own() {
    let site = fixture::turbine().site;
    let [a, b, c] = [1, 2, 3].map(PartRow);
    let theirs = Sight {
        ghost_housings: false,
        hidden: [a].into(),
        ghosted: [b].into(),
        isolated: Some(Isolation { parts: [c].into(), alone: true }),
        xray: true,
        layers_off: ["hydraulic".to_owned()].into(),
        chosen: [a, b].into(),
        section: Some(Section { at: [1.0, 2.0, 3.0], normal: [0.0, 1.0, 0.0] }),
        explode: Some(Explode { of: Some(b), amount: 0.5 }),
        edges: true,
        measures: Vec::new(),
    };
    let own = Sight { chosen: [c].into(), ..Sight::default() };
    let bytes = sight::told(&theirs, &site).expect("small");
    assert_eq!(sight::heard(&bytes, &site, &own), Some(Sight { chosen: [c].into(), ..theirs }));
    let plain = sight::told(&Sight::default(), &site).expect("small");
    assert_eq!(sight::heard(&plain, &site, &own), Some(own));
}

#[test]
fn a_strange_sight_hides_nothing_and_cuts_nowhere() {
    let site = fixture::turbine().site;
    let own = Sight::default();
    let heard = |text: &str| sight::heard(text.as_bytes(), &site, &own);
    assert_eq!((heard(""), heard("[]"), heard("{\"g\":3}"), heard("\u{0}")), (None, None, None, None));
    let nothing = Sight { ghost_housings: false, ..Sight::default() };
    for strange in [
        r#"{"i":[[["wt-99","gearbox"]],true]}"#,
        r#"{"h":[["",""],["wt-01","no such part"]]}"#,
        r#"{"c":[[0,0,0],[0,0,0]]}"#,
        r#"{"c":[[1e30,0,0],[0,1,0]]}"#,
        r#"{"e":[["wt-99","gearbox"],0.5]}"#,
    ] {
        assert_eq!(heard(strange), Some(nothing.clone()), "{strange}");
    }
    let far = heard(r#"{"e":[null,9]}"#).and_then(|sight| sight.explode);
    assert_eq!(far, Some(Explode { of: None, amount: 1.0 }));
}
