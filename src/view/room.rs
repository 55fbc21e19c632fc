//! A room in words: who is here, what they look at, whom one follows, what was said.
//!
//! Persons have colours that no state has, and never a colour alone: a name or its initials stand with it.

pub mod sight;

use std::fmt;
use std::sync::Arc;

use twinscope_twin::room::{Connection, Line, PartName, Peer, Picture, Refused, Role, ViewerId};
use twinscope_twin::site::{PartRow, Site};

use super::look::{self, Look};
use super::theme::{Rgba, person_colour};
use super::words::{self, Clock};

/// Lines that the panel shows.
const SHOWN_LINES: usize = 60;
/// Lines that lie over the scene, and for how long, ms.
const RECENT: (usize, i64) = (3, 15_000);
/// Fewest characters of a passphrase, for the form; the room says the same.
const PASSPHRASE_CHARS: usize = 12;

/// What is typed and must not be seen: not in a log, a test or a list of what the view remembers either.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// The form that joins a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JoinForm {
    /// Name of the room.
    pub room: String,
    /// Passphrase or invitation.
    pub secret: Hidden,
    /// Name of the person.
    pub name: String,
}

/// What the view remembers of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomState {
    /// The panel is open.
    pub open: bool,
    /// The form.
    pub form: JoinForm,
    /// A drag on a part draws.
    pub pen: bool,
    /// Whom this person follows. The window ends it when the person moves the view, or the other goes.
    pub follow: Option<ViewerId>,
    /// The line that is being typed.
    pub line: String,
    /// Why the last thing was not taken.
    pub said: Option<String>,
    /// The last line that was seen.
    pub seen: Option<(ViewerId, u32)>,
}

/// What a person does in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomAction {
    /// Join with what the form holds.
    Join,
    /// Leave.
    Leave,
    /// Follow somebody, or nobody.
    Follow(Option<ViewerId>),
    /// Say a line.
    Say(String),
    /// Take away what this person has drawn.
    Clear,
}

/// What the window knows of a room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomScene {
    /// The room, if this viewer is in one.
    pub picture: Option<Arc<Picture>>,
    /// Where the others are on screen.
    pub marks: Vec<Mark>,
}

/// Where somebody is on screen, egui points.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Who.
    pub viewer: ViewerId,
    /// Their eye.
    pub eye: Option<[f32; 2]>,
    /// Their ray, from where it enters the view.
    pub ray: Option<[[f32; 2]; 2]>,
    /// What they point at.
    pub dot: Option<[f32; 2]>,
    /// The middle of each part that they have selected.
    pub selected: Vec<(PartRow, [f32; 2])>,
}

/// A person.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonView {
    /// Which viewer.
    pub id: ViewerId,
    /// Name, with a number where there are two.
    pub name: String,
    /// One or two letters.
    pub initials: String,
    /// Colour.
    pub colour: Rgba,
    /// What they do, in words.
    pub doing: String,
    /// Follows this person.
    pub follows_me: bool,
    /// This person follows them.
    pub followed: bool,
    /// Can be followed: has shown a view.
    pub can_follow: bool,
}

/// A line of the conversation.
#[derive(Clone, Debug, PartialEq)]
pub struct LineView {
    /// Who.
    pub name: String,
    /// Their colour.
    pub colour: Rgba,
    /// What.
    pub text: String,
    /// Time of day.
    pub at: String,
}

/// Where somebody is on screen, with their name.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkView {
    /// Name.
    pub name: String,
    /// One or two letters.
    pub initials: String,
    /// Colour.
    pub colour: Rgba,
    /// Where.
    pub at: Mark,
    /// This person follows them: they look from where this person looks.
    pub followed: bool,
}

/// A room in one frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoomView {
    /// The panel.
    pub panel: Option<PanelView>,
    /// This viewer is in a room.
    pub inside: bool,
    /// And may show nothing there.
    pub guest: bool,
    /// The others.
    pub people: Vec<PersonView>,
    /// Whom this person follows: the sentence, and the colour.
    pub banner: Option<(String, Rgba)>,
    /// The last lines, over the scene while the panel is closed.
    pub recent: Vec<LineView>,
    /// Lines that were not seen.
    pub unseen: usize,
    /// The newest line, to be remembered as seen.
    pub newest: Option<(ViewerId, u32)>,
    /// Where the others are.
    pub marks: Vec<MarkView>,
}

/// The panel of a room.
#[derive(Clone, Debug, PartialEq)]
pub enum PanelView {
    /// In no room: the form, and why it cannot be sent yet.
    Form(Option<&'static str>),
    /// In one.
    Room(Box<Inside>),
}

/// The inside of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Inside {
    /// Its name.
    pub room: String,
    /// How the connection is, and what is wrong.
    pub status: String,
    /// It is not as it should be.
    pub trouble: bool,
    /// This person, as the others see them.
    pub me: PersonView,
    /// This person may show nothing.
    pub guest: bool,
    /// What a member gives to a guest.
    pub invitation: Option<Arc<str>>,
    /// What was said.
    pub lines: Vec<LineView>,
    /// This person has drawn something.
    pub drawn: bool,
    /// What was not taken.
    pub refused: Option<String>,
}

/// The room of one frame.
#[must_use]
pub fn room_view(look: &Look<'_>) -> RoomView {
    let state = &look.ui.room;
    let Some(picture) = look.scene.room.picture.as_deref() else {
        return RoomView { panel: state.open.then(|| PanelView::Form(missing(&state.form))), ..RoomView::default() };
    };
    let site = look.site();
    let people: Vec<PersonView> = picture.peers.iter().map(|peer| person(peer, picture, state, site)).collect();
    let followed = people.iter().find(|person| person.followed);
    let banner = followed.map(|person| (format!("Following {} · any move ends it", person.name), person.colour));
    let mark = |mark: &Mark| {
        let person = people.iter().find(|person| person.id == mark.viewer)?;
        Some(MarkView {
            name: person.name.clone(),
            initials: person.initials.clone(),
            colour: person.colour,
            at: mark.clone(),
            followed: person.followed,
        })
    };
    let marks = look.scene.room.marks.iter().filter_map(mark).collect();
    let unseen = unseen(picture, state.seen);
    let now = look.snapshot.now.wall_ms;
    let newest = |line: &&Arc<Line>| line.viewer != picture.me && now.saturating_sub(line.at) < RECENT.1;
    let recent = picture
        .lines
        .iter()
        .rev()
        .take(RECENT.0)
        .filter(newest)
        .map(|line| line_view(line, &look.clock))
        .collect::<Vec<_>>();
    RoomView {
        panel: state.open.then(|| PanelView::Room(Box::new(inside(picture, &look.clock)))),
        inside: true,
        guest: picture.role == Role::Guest,
        people,
        banner,
        recent: if state.open { Vec::new() } else { recent.into_iter().rev().collect() },
        unseen: if state.open { 0 } else { unseen },
        newest: picture.lines.last().map(|line| (line.viewer, line.number)),
        marks,
    }
}

/// Why the form cannot be sent.
fn missing(form: &JoinForm) -> Option<&'static str> {
    let empty = |text: &str| text.trim().is_empty();
    if empty(&form.room) {
        Some("Give the room a name.")
    } else if empty(&form.secret.0) {
        Some("Enter its passphrase, or an invitation.")
    } else if form.secret.0.trim().chars().count() < PASSPHRASE_CHARS {
        Some("A passphrase has at least 12 characters: take four words.")
    } else if empty(&form.name) {
        Some("Enter your name: the others see it.")
    } else {
        None
    }
}

fn inside(picture: &Picture, clock: &Clock) -> Inside {
    let guest = picture.role == Role::Guest;
    let alone = picture.peers.is_empty();
    let (status, trouble) = match (&picture.connection, &picture.trouble) {
        (Connection::Opening, _) => ("opening…".to_owned(), false),
        (Connection::Lost(reason), _) => (format!("Connection lost: {reason}"), true),
        (Connection::Refused(reason), _) => (format!("Not open: {reason}"), true),
        (Connection::Live, Some(trouble)) => (trouble.clone(), true),
        (Connection::Live, None) if alone && picture.elsewhere > 0 => {
            let others = words::plural(picture.elsewhere as u64, "viewer is", "viewers are");
            (
                format!(
                    "Nobody is here. {others} in a room of this site that this name and passphrase do not open: compare both."
                ),
                true,
            )
        }
        (Connection::Live, None) if alone => ("Nobody else is here yet.".to_owned(), false),
        (Connection::Live, None) => (words::plural(picture.peers.len() as u64 + 1, "person", "people"), false),
    };
    let me = PersonView {
        id: picture.me,
        name: picture.name.clone(),
        initials: initials(&picture.name),
        colour: person_colour(picture.colour),
        doing: if guest { "you, as a guest".to_owned() } else { "you".to_owned() },
        follows_me: false,
        followed: false,
        can_follow: false,
    };
    let lines = picture.lines.iter().rev().take(SHOWN_LINES).rev().map(|line| line_view(line, clock)).collect();
    Inside {
        room: picture.room.clone(),
        status: words::cut(&status, 300).into_owned(),
        trouble,
        me,
        guest,
        invitation: picture.invitation.clone(),
        lines,
        drawn: !picture.strokes.is_empty(),
        refused: refused(&picture.refused),
    }
}

fn person(peer: &Peer, picture: &Picture, state: &RoomState, site: &Site) -> PersonView {
    let same = |other: &&Peer| other.name == peer.name && other.id < peer.id;
    let before = picture.peers.iter().filter(same).count() + usize::from(picture.name == peer.name);
    let base = if peer.name.is_empty() { "No name" } else { &peer.name };
    let name = if before == 0 { base.to_owned() } else { format!("{base} ({})", before + 1) };
    let follows_me = peer.follows == Some(picture.me);
    let mut doing: Vec<String> = Vec::new();
    if peer.role == Role::Guest {
        doing.push("guest".to_owned());
    }
    if follows_me {
        doing.push("follows you".to_owned());
    } else if let Some(other) = peer.follows.and_then(|id| picture.peers.iter().find(|other| other.id == id)) {
        doing.push(format!("follows {}", other.name));
    }
    match (peer.selection.first(), peer.selection.len()) {
        (Some(first), 1) => doing.push(part_words(site, first)),
        (Some(first), more) => doing.push(format!("{} and {} more", part_words(site, first), more - 1)),
        (None, _) => {}
    }
    PersonView {
        id: peer.id,
        initials: initials(&name),
        name,
        colour: person_colour(peer.colour),
        doing: doing.join(" · "),
        follows_me,
        followed: state.follow == Some(peer.id),
        can_follow: peer.pose.is_some(),
    }
}

/// The row of a part that somebody names, if this site has it.
#[must_use]
pub fn row_of(site: &Site, name: &PartName) -> Option<PartRow> {
    let asset = site.assets.iter().find(|asset| asset.id == name.asset)?;
    asset.parts.clone().map(PartRow).find(|row| site.parts.get(row.index()).is_some_and(|part| part.id == name.part))
}

/// A part as the others know it.
#[must_use]
pub fn name_of(site: &Site, row: PartRow) -> Option<PartName> {
    let part = site.parts.get(row.index())?;
    Some(PartName { asset: site.assets.get(part.asset.index())?.id.clone(), part: part.id.clone() })
}

fn part_words(site: &Site, name: &PartName) -> String {
    let known = row_of(site, name).and_then(|row| site.parts.get(row.index()));
    known.map_or_else(
        || format!("{} (not in this site)", words::cut(&name.part, 30)),
        |part| words::cut(look::part_name(part), 40).into_owned(),
    )
}

/// The first letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let letters = words.next().into_iter().chain(words.next_back());
    let text: String = letters.flat_map(char::to_uppercase).take(2).collect();
    if text.is_empty() { "?".to_owned() } else { text }
}

fn line_view(line: &Line, clock: &Clock) -> LineView {
    LineView {
        name: if line.name.is_empty() { "No name".to_owned() } else { line.name.clone() },
        colour: person_colour(line.colour),
        text: line.text.clone(),
        at: clock.time_of_day(line.at, false),
    }
}

fn unseen(picture: &Picture, seen: Option<(ViewerId, u32)>) -> usize {
    let after = |line: &&Arc<Line>| seen != Some((line.viewer, line.number));
    picture.lines.iter().rev().take_while(after).filter(|line| line.viewer != picture.me).count()
}

fn refused(refused: &Refused) -> Option<String> {
    if refused.total() == 0 {
        return None;
    }
    let counts = [
        (refused.unreadable, "sealed with another key"),
        (refused.not_allowed, "of guests or unsigned"),
        (refused.replayed, "heard before"),
        (refused.malformed, "not understood"),
        (refused.too_many, "too many"),
    ];
    let told: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    Some(format!("Not taken: {}", told.join(", ")))
}

/// Whom to follow next: the one after whom this person follows, and nobody after the last.
#[must_use]
pub fn next_to_follow(view: &RoomView) -> Option<ViewerId> {
    let mut can = view.people.iter().filter(|person| person.can_follow);
    match view.people.iter().find(|person| person.followed) {
        Some(followed) => can.find(|person| person.id > followed.id).map(|person| person.id),
        None => can.next().map(|person| person.id),
    }
}
