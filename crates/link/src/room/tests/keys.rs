//! Passphrases and invitations.

use super::super::keys::{KeyError, SECRET_BYTES};
use super::*;

#[test]
fn the_same_words_open_the_same_room_and_nothing_else_does() {
    let ours = members();
    let same = keys("north", "gearbox", &format!("  {PASSPHRASE}\n"));
    assert_eq!((ours.read, ours.public, &ours.topic), (same.read, same.public, &same.topic));
    for other in [
        keys("north", "gearbox", "correct horse battery stapler"),
        keys("north", "gearbox 2", PASSPHRASE),
        keys("south", "gearbox", PASSPHRASE),
    ] {
        assert!(other.read != ours.read && other.public != ours.public && other.topic != ours.topic);
    }
}

#[test]
fn a_topic_tells_the_site_and_nothing_else() {
    let topic = of(&members(), 7);
    let levels: Vec<&str> = topic.split('/').collect();
    assert_eq!(levels[..4], ["twinscope", "v1", "north", "room"]);
    assert_eq!((levels.len(), levels[4].len(), levels[5].len()), (6, 12, 16));
    assert!(!topic.contains("gearbox"));
}

#[test]
fn an_invitation_lets_read_and_not_write() {
    let (member, guest) = (members(), guests());
    assert_eq!((member.role(), guest.role()), (Role::Member, Role::Guest));
    assert_eq!((guest.read, guest.public, &guest.topic), (member.read, member.public, &member.topic));
    assert!(guest.sign.is_none() && guest.invitation().is_none());
}

#[test]
fn an_invitation_for_another_room_or_with_a_wrong_character_is_told_so() {
    let invitation = members().invitation().expect("from a member");
    let last = invitation.len() - 1;
    let wrong = if invitation.ends_with('0') { "1" } else { "0" };
    let mistyped = format!("{}{wrong}", &invitation[..last]);
    for (site, room, text) in [
        ("north", "blade", invitation.as_str()),
        ("south", "gearbox", &invitation),
        ("north", "gearbox", &mistyped),
        ("north", "gearbox", &invitation[..last]),
        ("north", "gearbox", "twinscope-guest-zz"),
    ] {
        let error = RoomKeys::new(site, room, &Secret::new(text).expect("a secret")).expect_err("refused");
        assert_eq!(error, KeyError::Invitation { room: room.to_owned() });
    }
}

#[test]
fn a_passphrase_that_can_be_tried_out_is_refused() {
    assert_eq!(Secret::new("eleven char").err(), Some(KeyError::Short));
    assert!(Secret::new("twelve chars").is_ok());
    assert_eq!(Secret::new(&"x".repeat(SECRET_BYTES + 1)).err(), Some(KeyError::Long));
}

#[test]
fn a_room_needs_a_name_that_can_be_read() {
    for wrong in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(65)] {
        assert_eq!(super::super::room_name(wrong), Err(KeyError::Room), "{wrong:?}");
    }
    assert_eq!(super::super::room_name(" Gearbox 3 ").as_deref(), Ok("Gearbox 3"));
}

#[test]
fn secrets_are_not_printed() {
    let secret = Secret::new(PASSPHRASE).expect("a secret");
    let read: String = members().read.iter().map(|byte| format!("{byte:02x}")).collect();
    let shown = format!("{secret:?} {:?} {:?}", members(), guests());
    assert!(!shown.contains("horse") && !shown.contains(&read) && !shown.contains(&format!("{:?}", members().read)));
}
