//! What this viewer says: its state, and what of it has not been told yet.
//!
//! The state is small and bounded, and whoever is new is told all of it again; so nothing has to be kept for anybody.
//! Of what changes fast (where one looks and points) only the newest is told.

use std::collections::VecDeque;
use std::sync::Arc;

use twinscope_twin::room::{
    INSPECTION_BYTES, LINE_CHARS, Line, MOST_POINTS, MOST_SELECTED, MOST_STROKES, PartName, Pointer, Pose, Role,
    STROKE_POINTS, Stroke, ViewerId, clean,
};
use twinscope_twin::time::Now;

use super::codec::{Echo, Item, write};
use super::envelope::MOST_BODY;
use super::others::HEARTBEAT_MS;

/// Lines that are told again to whoever is new.
const TOLD_AGAIN: usize = 20;
/// Lines that may wait for the connection.
const UNTOLD_LINES: usize = 10;
/// Points in one message: with topic and seal about a kilobyte.
const POINTS: usize = 64;
/// What moves less than this share of the distance is not told: a camera that breathes is none that moves.
const STILL: f32 = 1e-4;

/// Why something was not taken. None of it leaves the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    /// Guests read.
    #[error(
        "you are here as a guest: you see what the others show, and can show nothing; ask a member for the passphrase"
    )]
    Guest,
    /// Nothing to say.
    #[error("there is nothing to say")]
    Empty,
    /// Too long.
    #[error("that is longer than {LINE_CHARS} characters; say it in two lines")]
    TooLong,
    /// Too much of it.
    #[error("{UNTOLD_LINES} lines wait for the connection already")]
    Waiting,
    /// Too many parts, or too large a state.
    #[error("that is more than a room takes")]
    TooMuch,
}

/// A value of which only the newest is told.
#[derive(Debug)]
struct Latest<T> {
    value: T,
    told: bool,
}

impl<T: PartialEq> Latest<T> {
    fn new(value: T) -> Self {
        Self { value, told: true }
    }

    fn set(&mut self, value: T) {
        if self.value != value {
            self.value = value;
            self.told = false;
        }
    }
}

#[derive(Debug)]
struct MyStroke {
    stroke: Arc<Stroke>,
    /// Points that were told.
    told: usize,
    told_done: bool,
}

/// What this viewer says.
#[derive(Debug)]
pub(crate) struct Mine {
    pub(crate) me: ViewerId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) colour: u8,
    pose: Latest<Option<Pose>>,
    selection: Latest<Vec<PartName>>,
    pointer: Latest<Option<Pointer>>,
    follows: Latest<Option<ViewerId>>,
    inspection: Latest<Vec<u8>>,
    strokes: Vec<MyStroke>,
    next_stroke: u32,
    /// Strokes before this one are gone.
    cleared: Latest<u32>,
    lines: VecDeque<(Arc<Line>, bool)>,
    next_line: u32,
    present_ms: Option<u64>,
    /// Something of this viewer's own changed that its own screen shows.
    pub(crate) changed: bool,
}

impl Mine {
    pub(crate) fn new(me: ViewerId, name: String, role: Role, colour: u8) -> Self {
        Self {
            me,
            name,
            role,
            colour,
            pose: Latest::new(None),
            selection: Latest::new(Vec::new()),
            pointer: Latest::new(None),
            follows: Latest::new(None),
            inspection: Latest::new(Vec::new()),
            strokes: Vec::new(),
            next_stroke: 1,
            cleared: Latest::new(1),
            lines: VecDeque::new(),
            next_line: 1,
            present_ms: None,
            changed: false,
        }
    }

    /// A member may; a guest is told.
    fn member(&self) -> Result<(), SayError> {
        if self.role == Role::Member { Ok(()) } else { Err(SayError::Guest) }
    }

    pub(crate) fn look(&mut self, pose: Pose) -> Result<(), SayError> {
        self.member()?;
        let far = |a: &[f32; 3], b: &[f32; 3], scale: f32| {
            a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) > scale * STILL
        };
        let moved = self.pose.value.is_none_or(|was| {
            let reach = was.eye.iter().zip(&was.target).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            far(&was.eye, &pose.eye, reach) || far(&was.target, &pose.target, reach)
        });
        if moved {
            self.pose.set(Some(pose));
        }
        Ok(())
    }

    pub(crate) fn select(&mut self, parts: Vec<PartName>) -> Result<(), SayError> {
        self.member()?;
        let bytes = parts.iter().map(|name| name.asset.len() + name.part.len() + 4).sum::<usize>();
        if parts.len() > MOST_SELECTED || bytes > MOST_BODY - 8 {
            return Err(SayError::TooMuch);
        }
        self.selection.set(parts);
        Ok(())
    }

    pub(crate) fn point(&mut self, pointer: Option<Pointer>) -> Result<(), SayError> {
        self.member()?;
        self.pointer.set(pointer);
        Ok(())
    }

    /// Guests too: whoever is followed should know.
    pub(crate) fn follow(&mut self, viewer: Option<ViewerId>) {
        self.follows.set(viewer);
    }

    pub(crate) fn inspect(&mut self, state: Vec<u8>) -> Result<(), SayError> {
        self.member()?;
        if state.len() > INSPECTION_BYTES {
            return Err(SayError::TooMuch);
        }
        self.inspection.set(state);
        Ok(())
    }

    pub(crate) fn say(&mut self, text: &str, now: Now) -> Result<Arc<Line>, SayError> {
        self.member()?;
        if text.chars().count() > LINE_CHARS {
            return Err(SayError::TooLong);
        }
        let text = clean(text, LINE_CHARS);
        if text.is_empty() {
            return Err(SayError::Empty);
        }
        if self.lines.iter().filter(|(_, told)| !told).count() >= UNTOLD_LINES {
            return Err(SayError::Waiting);
        }
        let (viewer, name, number) = (self.me, self.name.clone(), self.next_line);
        let line = Arc::new(Line { viewer, name, colour: self.colour, number, text, at: now.wall_ms });
        self.next_line += 1;
        self.lines.push_back((Arc::clone(&line), false));
        if self.lines.len() > TOLD_AGAIN {
            self.lines.pop_front();
        }
        Ok(line)
    }

    /// Begins a stroke. The one before it ends, and the oldest goes when there is no room.
    pub(crate) fn begin(&mut self, part: PartName, point: [f32; 3]) -> Result<(), SayError> {
        self.member()?;
        self.finish();
        let id = self.next_stroke;
        self.next_stroke += 1;
        let stroke = Arc::new(Stroke { id, part, points: vec![point], done: false });
        self.strokes.push(MyStroke { stroke, told: 0, told_done: false });
        self.keep_to_bounds();
        self.changed = true;
        Ok(())
    }

    /// Goes on with it. `false`: it is full and has ended.
    pub(crate) fn go_on(&mut self, point: [f32; 3]) -> bool {
        let Some(last) = self.strokes.last_mut().filter(|last| !last.stroke.done) else { return false };
        let stroke = Arc::make_mut(&mut last.stroke);
        stroke.points.push(point);
        stroke.done = stroke.points.len() >= STROKE_POINTS;
        let open = !stroke.done;
        self.keep_to_bounds();
        self.changed = true;
        open
    }

    pub(crate) fn finish(&mut self) {
        if let Some(last) = self.strokes.last_mut().filter(|last| !last.stroke.done) {
            Arc::make_mut(&mut last.stroke).done = true;
            self.changed = true;
        }
    }

    /// Takes away what this person has drawn.
    pub(crate) fn clear(&mut self) {
        self.strokes.clear();
        self.cleared.set(self.next_stroke);
        self.changed = true;
    }

    fn keep_to_bounds(&mut self) {
        let points = |strokes: &[MyStroke]| strokes.iter().map(|mine| mine.stroke.points.len()).sum::<usize>();
        while self.strokes.len() > MOST_STROKES || (points(&self.strokes) > MOST_POINTS && self.strokes.len() > 1) {
            self.strokes.remove(0);
        }
        if let Some(first) = self.strokes.first() {
            self.cleared.set(first.stroke.id);
        }
    }

    pub(crate) fn strokes(&self) -> Vec<Arc<Stroke>> {
        self.strokes.iter().map(|mine| Arc::clone(&mine.stroke)).collect()
    }

    /// Another colour, because somebody else has this one.
    pub(crate) fn recolour(&mut self, colour: u8) {
        self.colour = colour;
        self.present_ms = None;
        self.changed = true;
    }

    /// Everything is to be told again, beginning with who is here.
    pub(crate) fn tell_all(&mut self) {
        self.present_ms = None;
        // Of a member only, and only what there is.
        let member = self.role == Role::Member;
        self.pose.told = !member || self.pose.value.is_none();
        self.selection.told = !member;
        self.pointer.told = !member;
        self.inspection.told = !member || self.inspection.value.is_empty();
        self.follows.told = false;
        self.cleared.told = !member;
        for mine in &mut self.strokes {
            (mine.told, mine.told_done) = (0, false);
        }
        for (_, told) in &mut self.lines {
            *told = false;
        }
    }

    /// What has not been told, as the items of one message; `None`: nothing. What finds no room comes with the next.
    pub(crate) fn pack(&mut self, heard: impl FnOnce() -> Vec<Echo>, now: Now) -> Option<Vec<u8>> {
        let mut body = Body::default();
        let due = self.present_ms.is_none_or(|at| now.mono_ms.saturating_sub(at) >= HEARTBEAT_MS);
        if due {
            let item = Item::Presence { name: self.name.clone(), colour: self.colour, heard: heard() };
            if body.add(&item) {
                self.present_ms = Some(now.mono_ms);
            }
        }
        body.latest(&mut self.follows, |viewer| Item::Follow(*viewer));
        body.latest(&mut self.cleared, |before| Item::Clear { before: *before });
        for (line, told) in self.lines.iter_mut().filter(|(_, told)| !told) {
            let age_s = u32::try_from(now.wall_ms.saturating_sub(line.at) / 1_000).unwrap_or(0);
            *told = body.add(&Item::Line { number: line.number, age_s, text: line.text.clone() });
            if !*told {
                break;
            }
        }
        body.latest(&mut self.selection, |parts| Item::Selection(parts.clone()));
        if let Some(pose) = self.pose.value {
            body.latest(&mut self.pose, |_| Item::Camera(pose));
        }
        body.latest(&mut self.pointer, |pointer| Item::Pointer(pointer.clone()));
        body.latest(&mut self.inspection, |state| Item::Inspection(state.clone()));
        for mine in &mut self.strokes {
            let stroke = &mine.stroke;
            while mine.told < stroke.points.len() || (stroke.done && !mine.told_done) {
                let points: Vec<[f32; 3]> = stroke.points.iter().skip(mine.told).take(POINTS).copied().collect();
                let (told, from) = (mine.told + points.len(), u32::try_from(mine.told).unwrap_or(u32::MAX));
                let done = stroke.done && told == stroke.points.len();
                if !body.add(&Item::Stroke { id: stroke.id, part: stroke.part.clone(), from, points, done }) {
                    return body.finished();
                }
                (mine.told, mine.told_done) = (told, done);
            }
        }
        body.finished()
    }
}

/// The last words of a viewer.
pub(crate) fn leave() -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, &Item::Leave);
    out
}

/// Items of one message, up to its bound.
#[derive(Default)]
struct Body(Vec<u8>);

impl Body {
    /// Whether it found room. The largest item (a line, a selection, a state) fits into an empty message.
    fn add(&mut self, item: &Item) -> bool {
        let before = self.0.len();
        write(&mut self.0, item);
        let fits = self.0.len() <= MOST_BODY;
        if !fits {
            self.0.truncate(before);
        }
        fits
    }

    fn latest<T>(&mut self, latest: &mut Latest<T>, item: impl FnOnce(&T) -> Item) {
        if !latest.told {
            latest.told = self.add(&item(&latest.value));
        }
    }

    fn finished(self) -> Option<Vec<u8>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}
