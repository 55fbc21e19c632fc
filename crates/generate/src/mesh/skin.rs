//! Shells with wall thickness: an outer and an inner grid of points, joined at their rims and around their holes.
//!
//! Rows run along the body, columns around it. Both grids have the same size; column indices wrap around.

use super::Shape;
use crate::math::V3;

/// How the shell ends at its first or last row.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// Open: outer and inner skin are joined by a rim.
    Rim,
    /// Closed: each skin runs to its own point.
    Pole {
        /// Where the outer skin ends.
        outer: V3,
        /// Where the inner skin ends.
        inner: V3,
    },
}

/// A hole in place of a rectangle of the grid. Its loops have one point for each point of [`hole_border`], in order.
#[derive(Clone, Debug)]
pub struct Hole {
    /// First and last row of the rectangle.
    pub rows: (usize, usize),
    /// First and last column of the rectangle.
    pub columns: (usize, usize),
    /// Edge of the hole in the outer skin.
    pub outer: Vec<V3>,
    /// Edge of the hole in the inner skin.
    pub inner: Vec<V3>,
}

/// The grid points (row, column) around a rectangle, in order. Columns may pass the last one; they wrap around.
#[must_use]
pub fn hole_border(rows: (usize, usize), columns: (usize, usize)) -> Vec<(usize, usize)> {
    let ((i0, i1), (j0, j1)) = (rows, columns);
    let mut border = Vec::new();
    border.extend((i0..i1).map(|i| (i, j0)));
    border.extend((j0..j1).map(|j| (i1, j)));
    border.extend((i0 + 1..=i1).rev().map(|i| (i, j1)));
    border.extend((j0 + 1..=j1).rev().map(|j| (i0, j)));
    border
}

/// A closed solid between two skins.
#[must_use]
pub fn shell(outer: &[Vec<V3>], inner: &[Vec<V3>], start: End, end: End, holes: &[Hole]) -> Shape {
    let mut shape = Shape::default();
    let rows = outer.len().min(inner.len());
    let columns = outer.first().map_or(0, Vec::len);
    let mut grid = |skin: &[Vec<V3>]| -> Vec<Vec<u32>> {
        skin.iter().map(|row| row.iter().map(|&p| shape.push(p)).collect()).collect()
    };
    let (out, inn) = (grid(outer), grid(inner));
    let in_hole = |i: usize, j: usize| {
        holes.iter().any(|h| {
            let j = if j < h.columns.0 { j + columns } else { j };
            (h.rows.0..h.rows.1).contains(&i) && (h.columns.0..h.columns.1).contains(&j)
        })
    };
    for i in 0..rows - 1 {
        for j in 0..columns {
            if !in_hole(i, j) {
                let k = (j + 1) % columns;
                shape.quad(out[i][j], out[i + 1][j], out[i + 1][k], out[i][k]);
                shape.quad(inn[i][k], inn[i + 1][k], inn[i + 1][j], inn[i][j]);
            }
        }
    }
    for (row, place, first) in [(0, start, true), (rows - 1, end, false)] {
        let poles = match place {
            End::Rim => None,
            End::Pole { outer, inner } => Some((shape.push(outer), shape.push(inner))),
        };
        for j in 0..columns {
            let k = (j + 1) % columns;
            // The far end is the mirror image of the near one.
            let (j, k) = if first { (j, k) } else { (k, j) };
            match poles {
                None => shape.quad(out[row][j], out[row][k], inn[row][k], inn[row][j]),
                Some((o, i)) => {
                    shape.tri(o, out[row][j], out[row][k]);
                    shape.tri(i, inn[row][k], inn[row][j]);
                }
            }
        }
    }
    for hole in holes {
        let border = hole_border(hole.rows, hole.columns);
        let edge_out: Vec<u32> = hole.outer.iter().map(|&p| shape.push(p)).collect();
        let edge_inn: Vec<u32> = hole.inner.iter().map(|&p| shape.push(p)).collect();
        for a in 0..border.len() {
            let b = (a + 1) % border.len();
            let ((ia, ja), (ib, jb)) = (border[a], border[b]);
            let (ja, jb) = (ja % columns, jb % columns);
            shape.quad(out[ia][ja], out[ib][jb], edge_out[b], edge_out[a]);
            shape.quad(inn[ib][jb], inn[ia][ja], edge_inn[a], edge_inn[b]);
            shape.quad(edge_out[a], edge_out[b], edge_inn[b], edge_inn[a]);
        }
    }
    shape.outward()
}
