//! The items of a message as bytes, and back. Whatever comes in is bounded before it is stored; bytes that are no items
//! give `None` and nothing else.
//!
//! Numbers are LEB128 varints of at most 32 bits, lengths before what they count, coordinates `f32` little-endian and
//! finite. A message is items until its end. An item that is not known makes the message unreadable: the first byte of the
//! payload says which version both speak.

use twinscope_twin::room::{
    COLOURS, ID_BYTES, INSPECTION_BYTES, LINE_CHARS, MOST_SELECTED, NAME_CHARS, PartName, Pointer, Pose, STROKE_POINTS,
    ViewerId, clean,
};

/// Viewers that a presence names: all members and guests that a room takes, and some that are on their way.
pub(crate) const MOST_HEARD: usize = 48;
/// Bytes of an id that a presence gives back: 48 of its random bits.
pub(crate) const ECHO: usize = 8;
/// Coordinates are within this, m: beyond it is no site.
const FAR: f32 = 1e7;
/// Oldest line that is told again, s.
const OLDEST_LINE_S: u32 = 7 * 86_400;

/// The first bytes of the id of a viewer that was heard.
pub(crate) type Echo = [u8; ECHO];

/// What of a viewer's id others give back to show that they hear it now, and are no recording.
pub(crate) fn echo(viewer: ViewerId) -> Echo {
    let mut echo = [0; ECHO];
    echo.iter_mut().zip(viewer.as_str().bytes()).for_each(|(to, from)| *to = from);
    echo
}

/// One thing that a viewer says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    /// I am here, and hear these.
    Presence {
        name: String,
        colour: u8,
        heard: Vec<Echo>,
    },
    /// I go.
    Leave,
    Camera(Pose),
    Selection(Vec<PartName>),
    Pointer(Option<Pointer>),
    /// Points of a stroke from one index on.
    Stroke {
        id: u32,
        part: PartName,
        from: u32,
        points: Vec<[f32; 3]>,
        done: bool,
    },
    /// My strokes before this one are gone.
    Clear {
        before: u32,
    },
    /// `age_s`: how long ago it was said. Clocks of two machines need not agree.
    Line {
        number: u32,
        age_s: u32,
        text: String,
    },
    Follow(Option<ViewerId>),
    Inspection(Vec<u8>),
}

pub(crate) fn varint(out: &mut Vec<u8>, mut value: u32) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn length(out: &mut Vec<u8>, length: usize) {
    // Bounded by who makes the item; what is longer is refused by every reader.
    varint(out, u32::try_from(length).unwrap_or(u32::MAX));
}

fn text(out: &mut Vec<u8>, text: &str) {
    length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn place(out: &mut Vec<u8>, place: &[f32; 3]) {
    for coordinate in place {
        out.extend_from_slice(&coordinate.to_le_bytes());
    }
}

fn part(out: &mut Vec<u8>, part: &PartName) {
    text(out, &part.asset);
    text(out, &part.part);
}

/// Appends one item.
pub(crate) fn write(out: &mut Vec<u8>, item: &Item) {
    match item {
        Item::Presence { name, colour, heard } => {
            out.push(1);
            text(out, name);
            out.push(*colour);
            length(out, heard.len());
            out.extend(heard.iter().flatten());
        }
        Item::Leave => out.push(2),
        Item::Camera(pose) => {
            out.push(3);
            place(out, &pose.eye);
            place(out, &pose.target);
        }
        Item::Selection(parts) => {
            out.push(4);
            length(out, parts.len());
            parts.iter().for_each(|name| part(out, name));
        }
        Item::Pointer(None) => out.push(5),
        Item::Pointer(Some(pointer)) => {
            out.push(if pointer.part.is_some() { 7 } else { 6 });
            place(out, &pointer.origin);
            place(out, &pointer.point);
            if let Some(name) = &pointer.part {
                part(out, name);
            }
        }
        Item::Stroke { id, part: on, from, points, done } => {
            out.push(8);
            varint(out, *id);
            part(out, on);
            varint(out, *from);
            out.push(u8::from(*done));
            length(out, points.len());
            points.iter().for_each(|point| place(out, point));
        }
        Item::Clear { before } => {
            out.push(9);
            varint(out, *before);
        }
        Item::Line { number, age_s, text: said } => {
            out.push(10);
            varint(out, *number);
            varint(out, *age_s);
            text(out, said);
        }
        Item::Follow(None) => out.push(11),
        Item::Follow(Some(viewer)) => {
            out.push(12);
            out.extend_from_slice(viewer.as_str().as_bytes());
        }
        Item::Inspection(state) => {
            out.push(13);
            length(out, state.len());
            out.extend_from_slice(state);
        }
    }
}

/// All items of a message; `None`: it is not one.
pub(crate) fn read(bytes: &[u8]) -> Option<Vec<Item>> {
    let mut reader = Reader::new(bytes);
    let mut items = Vec::new();
    while !reader.rest().is_empty() {
        items.push(reader.item()?);
    }
    Some(items)
}

/// Reads from the front. Every method gives `None` when the bytes do not hold what is asked for.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    pub(crate) fn varint(&mut self) -> Option<u32> {
        let mut value = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return u32::try_from(value).ok();
            }
        }
        None
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*array)
    }

    fn length(&mut self, most: usize) -> Option<usize> {
        usize::try_from(self.varint()?).ok().filter(|length| *length <= most)
    }

    fn bytes(&mut self, most: usize) -> Option<&'a [u8]> {
        let length = self.length(most)?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn text(&mut self, most_bytes: usize) -> Option<&'a str> {
        std::str::from_utf8(self.bytes(most_bytes)?).ok()
    }

    fn place(&mut self) -> Option<[f32; 3]> {
        let mut place = [0.0; 3];
        for coordinate in &mut place {
            let value = f32::from_le_bytes(self.array()?);
            // Not a number and the infinities are not below it.
            *coordinate = (value.abs() <= FAR).then_some(value)?;
        }
        Some(place)
    }

    fn part(&mut self) -> Option<PartName> {
        let mut id = || {
            let id = self.text(ID_BYTES)?;
            (clean(id, ID_BYTES) == id).then(|| id.to_owned())
        };
        Some(PartName { asset: id()?, part: id()? })
    }

    fn viewer(&mut self) -> Option<ViewerId> {
        ViewerId::parse(&self.array::<{ ViewerId::LENGTH }>()?)
    }

    fn item(&mut self) -> Option<Item> {
        Some(match self.byte()? {
            1 => {
                // Four bytes are the longest character.
                let name = clean(self.text(4 * NAME_CHARS)?, NAME_CHARS);
                let colour = self.byte().filter(|colour| *colour < COLOURS)?;
                let count = self.length(MOST_HEARD)?;
                Item::Presence { name, colour, heard: (0..count).map(|_| self.array()).collect::<Option<_>>()? }
            }
            2 => Item::Leave,
            3 => Item::Camera(Pose { eye: self.place()?, target: self.place()? }),
            4 => {
                let count = self.length(MOST_SELECTED)?;
                Item::Selection((0..count).map(|_| self.part()).collect::<Option<_>>()?)
            }
            5 => Item::Pointer(None),
            kind @ (6 | 7) => {
                let (origin, point) = (self.place()?, self.place()?);
                let part = if kind == 7 { Some(self.part()?) } else { None };
                Item::Pointer(Some(Pointer { origin, point, part }))
            }
            8 => {
                let (id, part, from) = (self.varint()?, self.part()?, self.varint()?);
                let done = self.byte()? != 0;
                let count = self.length(STROKE_POINTS)?;
                let points = (0..count).map(|_| self.place()).collect::<Option<_>>()?;
                Item::Stroke { id, part, from, points, done }
            }
            9 => Item::Clear { before: self.varint()? },
            10 => {
                let (number, age_s) = (self.varint()?, self.varint()?.min(OLDEST_LINE_S));
                Item::Line { number, age_s, text: clean(self.text(4 * LINE_CHARS)?, LINE_CHARS) }
            }
            11 => Item::Follow(None),
            12 => Item::Follow(Some(self.viewer()?)),
            13 => Item::Inspection(self.bytes(INSPECTION_BYTES)?.to_vec()),
            _ => return None,
        })
    }
}
