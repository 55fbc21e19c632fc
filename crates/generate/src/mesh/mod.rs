//! Closed solids made of triangles, and the builders that make them.
//!
//! Invariant: every [`Shape`] that a builder returns is a closed surface, each edge shared by exactly two triangles
//! that run through it in opposite directions, wound counter-clockwise seen from outside. A section cut through the
//! model can therefore be capped, and no face is ever missing from behind.

mod block;
mod detail;
mod extrude;
mod fineness;
mod gear;
mod lathe;
mod outline;
mod shade;
mod skin;
mod sweep;

pub use block::{block, block_at};
pub use detail::{bolts, fins, hex_bolt, roller_row};
pub use extrude::{extrude, extrude_ring, fine_extrude, spike};
pub use gear::{external_gear, internal_gear};
pub use lathe::{drum, fine_drum, fine_ring, fine_tube, lathe, lathe_ring, tube};
pub use outline::{circle, hull, rounded, star};
pub use shade::{Shaded, shade};
pub use skin::{End, Hole, hole_border, shell};
pub use sweep::{bend, hose, pipe};

use crate::math::{Place, V3, v};

/// A point of a plane outline, in metres.
pub type P2 = (f64, f64);

/// A field with one value for each point or vertex.
type Values = (&'static FieldLabel, Vec<f32>);

/// The values of a field, none yet where it is new.
fn values_of<'a>(all: &'a mut Vec<Values>, label: &'static FieldLabel) -> &'a mut Vec<f32> {
    let at = all.iter().position(|(known, _)| *known == label).unwrap_or_else(|| {
        all.push((label, Vec::new()));
        all.len() - 1
    });
    &mut all[at].1
}

/// A closed surface of triangles.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    /// Corner positions in metres, each used by the faces around it.
    pub points: Vec<V3>,
    /// Triangles as indices into `points`, counter-clockwise from outside.
    pub faces: Vec<[u32; 3]>,
    /// Texture coordinates: empty, or one for each point. What flows along a hose is drawn by them.
    pub texture: Vec<P2>,
    /// Fields on the surface: for each its label and one value for each point, not a number where nothing is known.
    pub values: Vec<Values>,
}

/// What a field on a surface is.
#[derive(Debug, PartialEq)]
pub struct FieldLabel {
    /// Name of the vertex attribute, with its underscore.
    pub attribute: &'static str,
    /// For people.
    pub name: &'static str,
    /// UCUM.
    pub unit: &'static str,
    /// Where the values come from.
    pub source: &'static str,
}

impl Shape {
    pub(crate) fn push(&mut self, p: V3) -> u32 {
        let index = self.points.len() as u32;
        self.points.push(p);
        index
    }

    pub(crate) fn tri(&mut self, a: u32, b: u32, c: u32) {
        // A pole makes one corner of a quad twice the same point; that half does not exist.
        if a != b && b != c && a != c {
            self.faces.push([a, b, c]);
        }
    }

    pub(crate) fn quad(&mut self, a: u32, b: u32, c: u32, d: u32) {
        self.tri(a, b, c);
        self.tri(a, c, d);
    }

    /// Position of a corner; the origin for an index that is not there.
    #[must_use]
    pub fn at(&self, index: u32) -> V3 {
        self.points.get(index as usize).copied().unwrap_or(v(0.0, 0.0, 0.0))
    }

    /// Enclosed volume in m³, negative when the surface is inside out.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.faces.iter().map(|&[a, b, c]| self.at(a).dot(self.at(b).cross(self.at(c))) / 6.0).sum()
    }

    /// The same surface with its outside in.
    #[must_use]
    pub fn reversed(mut self) -> Shape {
        for face in &mut self.faces {
            face.swap(1, 2);
        }
        self
    }

    /// The same surface with a positive volume.
    #[must_use]
    pub fn outward(self) -> Shape {
        if self.volume() < 0.0 { self.reversed() } else { self }
    }

    /// The shape somewhere else; a mirroring placement turns the faces so that the outside stays outside.
    #[must_use]
    pub fn placed(mut self, place: &Place) -> Shape {
        for p in &mut self.points {
            *p = place.point(*p);
        }
        if place.mirrors() { self.reversed() } else { self }
    }

    /// The shape, shifted.
    #[must_use]
    pub fn moved(self, x: f64, y: f64, z: f64) -> Shape {
        self.placed(&Place::shift(x, y, z))
    }

    /// This shape with `cavity` hollowed out of its inside. The cavity must lie wholly within.
    #[must_use]
    pub fn hollowed(mut self, cavity: Shape) -> Shape {
        self.append(cavity.reversed());
        self
    }

    /// Adds another surface.
    pub fn append(&mut self, other: Shape) {
        let base = self.points.len() as u32;
        if !(self.texture.is_empty() && other.texture.is_empty()) {
            self.texture.resize(self.points.len(), (0.0, 0.0));
            self.texture.extend(other.texture);
            self.texture.resize(self.points.len() + other.points.len(), (0.0, 0.0));
        }
        let (before, after) = (self.points.len(), self.points.len() + other.points.len());
        for (label, values) in other.values {
            let known = values_of(&mut self.values, label);
            known.resize(before, f32::NAN);
            known.extend(values);
        }
        self.values.iter_mut().for_each(|(_, values)| values.resize(after, f32::NAN));
        self.points.extend(other.points);
        self.faces.extend(other.faces.into_iter().map(|face| face.map(|i| i + base)));
    }
}
