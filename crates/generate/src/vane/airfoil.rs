//! The airfoil: four closed solids that together are the metal between outline and passages, with what was measured and
//! computed on their surfaces, and the columns of coolant in the passages.

use super::place;
use super::profile::{Profile, arc_of};
use super::section::{OUTLINE_CHAMFER, On, PASSAGE_CHAMFER, Region, Section, around, wall_samples};
use super::tables::{Passage, Station, Vane};
use crate::math::{Place, lookup};
use crate::mesh::{FieldLabel, P2, Shape, fine_drum};
use std::collections::BTreeMap;

/// Height of the airfoil in the cascade, m (NASA CR-168015: 3.000 in).
pub const SPAN: f64 = 0.076_2;
/// Height of the tip's part, m.
const TIP: f64 = 0.003;
/// How far the metal and the coolant reach into the platform, m.
const INTO_PLATFORM: f64 = 0.003;
/// How far the columns of coolant end below the tip, m: the passages show as holes.
const BELOW_TIP: f64 = 0.001_2;
/// Gap between a column and its wall, as a share of the radius: no two surfaces lie in one place.
const COLUMN: f64 = 0.985;

const MEASURED: &str = "NASA CR-168015 (1983), appendix A, run 145; at half span, drawn along all of it";
const COMPUTED: &str = "two-dimensional computation of run 145 (SST, medium mesh); not a measurement";

/// Measured wall temperature.
pub static TEMPERATURE: FieldLabel =
    FieldLabel { attribute: "_TEMPERATURE", name: "Wall temperature, measured", unit: "K", source: MEASURED };
/// Measured heat transfer coefficient.
pub static HEAT_TRANSFER: FieldLabel = FieldLabel {
    attribute: "_HEAT_TRANSFER",
    name: "Heat transfer coefficient, measured",
    unit: "W/(m2.K)",
    source: MEASURED,
};
/// Measured pressure, as the ratio that the report gives: the total pressure of the run is not in our tables.
pub static PRESSURE: FieldLabel = FieldLabel {
    attribute: "_PRESSURE",
    name: "Static over inlet total pressure, measured",
    unit: "1",
    source: MEASURED,
};
/// Computed temperature of wall and metal.
pub static TEMPERATURE_CFD: FieldLabel =
    FieldLabel { attribute: "_TEMPERATURE_CFD", name: "Temperature, computed", unit: "K", source: COMPUTED };
/// Computed wall pressure.
pub static PRESSURE_CFD: FieldLabel =
    FieldLabel { attribute: "_PRESSURE_CFD", name: "Wall pressure, computed", unit: "Pa", source: COMPUTED };
/// Where the two differ.
pub static DIFFERENCE: FieldLabel = FieldLabel {
    attribute: "_TEMPERATURE_DIFFERENCE",
    name: "Wall temperature, measured less computed",
    unit: "K",
    source: "NASA CR-168015 run 145, and the 2D computation of it",
};

/// The fields at places of the wall.
#[derive(Debug)]
pub struct WallFields {
    temperature: Vec<(f64, f64)>,
    heat_transfer: Vec<(f64, f64)>,
    pressure: Vec<(f64, f64)>,
    wall: Vec<(f64, (f64, f64))>,
    length: f64,
}

/// What is known at one place of the wall; what is not is not a number.
#[derive(Clone, Copy, Debug)]
pub struct OnWall {
    /// Measured, K.
    pub temperature: f64,
    /// Measured, W/(m² K).
    pub heat_transfer: f64,
    /// Measured, static over total.
    pub pressure: f64,
    /// Computed, K.
    pub temperature_cfd: f64,
    /// Computed, Pa.
    pub pressure_cfd: f64,
}

impl OnWall {
    /// Away from the wall.
    const NOTHING: OnWall = OnWall {
        temperature: f64::NAN,
        heat_transfer: f64::NAN,
        pressure: f64::NAN,
        temperature_cfd: f64::NAN,
        pressure_cfd: f64::NAN,
    };
}

impl WallFields {
    /// From the tables.
    #[must_use]
    pub fn new(vane: &Vane, profile: &Profile) -> WallFields {
        let by_arc = |stations: &[Station]| stations.iter().map(|s| (arc_of(s), s.value)).collect();
        WallFields {
            temperature: by_arc(&vane.temperature),
            heat_transfer: by_arc(&vane.heat_transfer),
            pressure: by_arc(&vane.pressure),
            wall: wall_samples(vane, profile),
            length: profile.length(),
        }
    }

    /// At an arc of the outline.
    #[must_use]
    pub fn at(&self, arc: f64) -> OnWall {
        OnWall {
            temperature: between(&self.temperature, arc),
            heat_transfer: between(&self.heat_transfer, arc),
            pressure: between(&self.pressure, arc),
            temperature_cfd: around(&self.wall, arc, self.length, |(temperature, _)| temperature),
            pressure_cfd: around(&self.wall, arc, self.length, |(_, pressure)| pressure),
        }
    }
}

/// Linear between stations. Before the first and behind the last nothing is known.
fn between(table: &[(f64, f64)], arc: f64) -> f64 {
    let (Some(&(first, _)), Some(&(last, _))) = (table.first(), table.last()) else { return f64::NAN };
    // The mesh has corners at the ends; rounding must not lose them.
    if (first - 1e-9..=last + 1e-9).contains(&arc) { lookup(table, arc) } else { f64::NAN }
}

/// Which metal a solid takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slice {
    /// The uppermost millimetres of the whole section, chamfered at the tip's face.
    Tip,
    /// One part of the wall below it.
    Below(Region),
}

/// A part of the airfoil's metal, closed, with its fields.
#[must_use]
pub fn solid(section: &Section, fields: &WallFields, slice: Slice) -> Shape {
    let labels = [&TEMPERATURE, &HEAT_TRANSFER, &PRESSURE, &TEMPERATURE_CFD, &PRESSURE_CFD, &DIFFERENCE];
    let mut shape = Shape::default();
    let mut values: [Vec<f32>; 6] = Default::default();
    let wanted = |region: &Region| match slice {
        Slice::Tip => true,
        Slice::Below(one) => one == *region,
    };
    let triangles: Vec<[usize; 3]> = section.triangles.iter().filter(|(r, _)| wanted(r)).map(|(_, t)| *t).collect();

    // Points of each corner from the upper face down.
    let mut columns: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    for &corner in triangles.iter().flatten() {
        columns.entry(corner).or_insert_with(|| {
            let c = section.corners[corner];
            let mut push = |at: P2, height: f64, on_wall: OnWall| {
                let w = on_wall;
                let difference = w.temperature - w.temperature_cfd;
                let row = [w.temperature, w.heat_transfer, w.pressure, c.temperature, w.pressure_cfd, difference];
                for (values, value) in values.iter_mut().zip(row) {
                    values.push(value as f32);
                }
                shape.push(place(at, height))
            };
            let (chamfer, here) = match c.on {
                On::Outline(arc) => (OUTLINE_CHAMFER, fields.at(arc)),
                On::Passage => (PASSAGE_CHAMFER, OnWall::NOTHING),
                On::Inside => (0.0, OnWall::NOTHING),
            };
            let foot = SPAN - TIP;
            match slice {
                Slice::Tip if chamfer > 0.0 => vec![
                    push(c.face, SPAN, OnWall::NOTHING),
                    push(c.wall, SPAN - chamfer, here),
                    push(c.wall, foot, here),
                ],
                Slice::Tip => vec![push(c.face, SPAN, here), push(c.wall, foot, here)],
                Slice::Below(_) => vec![push(c.wall, foot, here), push(c.wall, -INTO_PLATFORM, here)],
            }
        });
    }
    let column = |corner: usize| columns.get(&corner).map_or(&[][..], Vec::as_slice);
    let mut edges: BTreeMap<(usize, usize), i32> = BTreeMap::new();
    for &[a, b, c] in &triangles {
        let ends = [column(a), column(b), column(c)];
        if let [Some(a), Some(b), Some(c)] = ends.map(|points| points.first().copied()) {
            shape.tri(a, b, c);
        }
        if let [Some(a), Some(b), Some(c)] = ends.map(|points| points.last().copied()) {
            shape.tri(c, b, a);
        }
        for (a, b) in [(a, b), (b, c), (c, a)] {
            *edges.entry((a.min(b), a.max(b))).or_insert(0) += if a < b { 1 } else { -1 };
        }
    }
    for (&(low, high), &sum) in &edges {
        // An edge of one triangle only is the border; it runs as in that triangle.
        let (a, b) = match sum {
            1 => (low, high),
            -1 => (high, low),
            _ => continue,
        };
        wall(&mut shape, column(a), column(b));
    }
    shape.values = labels.into_iter().zip(values).collect();
    shape
}

/// The wall below an edge that runs from `a` to `b` with the metal to its left, between two columns of points.
fn wall(shape: &mut Shape, a: &[u32], b: &[u32]) {
    let (mut i, mut j) = (0, 0);
    while i + 1 < a.len() || j + 1 < b.len() {
        // Down the column that is less far down.
        let behind = (i + 1) * b.len() <= (j + 1) * a.len();
        if i + 1 < a.len() && (behind || j + 1 >= b.len()) {
            shape.tri(a[i], a[i + 1], b[j]);
            i += 1;
        } else {
            shape.tri(a[i], b[j + 1], b[j]);
            j += 1;
        }
    }
}

/// The coolant in a passage, from the platform to just below the tip. Its texture coordinates are the way that it has
/// come, m, for drawing it as it flows.
#[must_use]
pub fn coolant(passage: &Passage) -> Shape {
    let column = fine_drum(-INTO_PLATFORM, SPAN - BELOW_TIP, passage.radius * COLUMN, 0.000_1, 32);
    let foot = place((passage.v, passage.u), 0.0);
    let mut shape = column.placed(&Place::UPRIGHT).moved(foot.x, foot.y, foot.z);
    shape.texture = shape.points.iter().map(|p| (p.y + INTO_PLATFORM, 0.0)).collect();
    shape
}
