//! Panels of the body: patches of its surface with a thickness, closed solids each.

use super::surface::{At, normal, point};
use crate::math::V3;
use crate::mesh::Shape;

/// A line on the surface, as corners joined by straight lines in (angle, hoop).
pub(super) type Line = Vec<At>;

/// The place at a share of the way along a line, by the distance in space.
fn along(line: &[At], share: f64) -> At {
    let lengths: Vec<f64> = line.windows(2).map(|pair| (point(pair[1]) - point(pair[0])).length().max(1e-9)).collect();
    let mut left = lengths.iter().sum::<f64>() * share;
    for (pair, length) in line.windows(2).zip(&lengths) {
        if left <= *length {
            let s = left / length;
            return (pair[0].0 + (pair[1].0 - pair[0].0) * s, pair[0].1 + (pair[1].1 - pair[0].1) * s);
        }
        left -= length;
    }
    line.last().copied().unwrap_or((0.0, 0.0))
}

/// A patch between four lines: `bottom` and `top` run the same way, `start` and `end` from bottom to top at their two
/// ends. Its inside is filled by a Coons patch (Coons 1967) in (angle, hoop).
#[derive(Clone, Debug)]
pub(super) struct Patch {
    pub bottom: Line,
    pub top: Line,
    pub start: Line,
    pub end: Line,
    /// Quads along and up.
    pub size: (u32, u32),
}

impl Patch {
    fn at(&self, u: f64, w: f64) -> At {
        let (bottom, top, start, end) =
            (along(&self.bottom, u), along(&self.top, u), along(&self.start, w), along(&self.end, w));
        let corner = |line: &Line, share: f64| along(line, share);
        let (b0, b1, t0, t1) =
            (corner(&self.bottom, 0.0), corner(&self.bottom, 1.0), corner(&self.top, 0.0), corner(&self.top, 1.0));
        let mix = |get: fn(At) -> f64| {
            (1.0 - w) * get(bottom) + w * get(top) + (1.0 - u) * get(start) + u * get(end)
                - (1.0 - u) * (1.0 - w) * get(b0)
                - u * (1.0 - w) * get(b1)
                - (1.0 - u) * w * get(t0)
                - u * w * get(t1)
        };
        (mix(|at| at.0), mix(|at| at.1))
    }

    /// The solid from `out` metres outside of the surface to `thickness` metres below that.
    pub fn solid(&self, out: f64, thickness: f64) -> Shape {
        let (columns, rows) = self.size;
        let at = |i: u32, j: u32| self.at(f64::from(i) / f64::from(columns), f64::from(j) / f64::from(rows));
        let mut shape = Shape::default();
        let grid = |depth: f64, shape: &mut Shape| -> Vec<Vec<u32>> {
            (0..=rows)
                .map(|j| {
                    (0..=columns)
                        .map(|i| {
                            let place = at(i, j);
                            let p: V3 = point(place) + normal(place) * (out - depth);
                            shape.push(p)
                        })
                        .collect()
                })
                .collect()
        };
        let (outer, inner) = (grid(0.0, &mut shape), grid(thickness, &mut shape));
        let (columns, rows) = (columns as usize, rows as usize);
        for j in 0..rows {
            for i in 0..columns {
                shape.quad(outer[j][i], outer[j][i + 1], outer[j + 1][i + 1], outer[j + 1][i]);
                shape.quad(inner[j + 1][i], inner[j + 1][i + 1], inner[j][i + 1], inner[j][i]);
            }
        }
        for i in 0..columns {
            shape.quad(inner[0][i], inner[0][i + 1], outer[0][i + 1], outer[0][i]);
            shape.quad(outer[rows][i], outer[rows][i + 1], inner[rows][i + 1], inner[rows][i]);
        }
        for j in 0..rows {
            shape.quad(outer[j][0], outer[j + 1][0], inner[j + 1][0], inner[j][0]);
            shape.quad(inner[j][columns], inner[j + 1][columns], outer[j + 1][columns], outer[j][columns]);
        }
        shape.outward()
    }
}
