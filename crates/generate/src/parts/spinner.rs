//! The spinner: a shell around the hub with a round opening for each blade.

use crate::math::{V3, cos, sin, v};
use crate::mesh::{End, Hole, hole_border, shell, tube};
use crate::scene::{Material, Part};
use crate::tables::Tables;

const COLUMNS: usize = 42;
const WALL: f64 = 0.015;
/// Radius of the openings: the blade root and a hand's width.
const OPENING: f64 = 1.45;

/// Profile from nose to rear as (x, radius); the nose point itself is the pole.
fn profile(r: f64) -> Vec<(f64, f64)> {
    let mut rows = Vec::new();
    // Half an ellipse for the nose.
    let (start, length) = (-1.62, 1.75);
    for k in 1..=9 {
        let a = 90.0 * f64::from(k) / 9.0;
        rows.push((start - length * cos(a), r * sin(a)));
    }
    for k in 1..=5 {
        rows.push((start + 3.02 * f64::from(k) / 5.0, r));
    }
    // The rear edge draws in towards the nacelle's collar.
    for k in 1..=3 {
        let a = 60.0 * f64::from(k) / 3.0;
        rows.push((1.40 + 0.22 * sin(a), r - 0.44 * (1.0 - cos(a))));
    }
    rows
}

/// The spinner in the rotor's frame.
pub fn spinner(tables: &Tables) -> Part {
    let mut part = Part::new();
    let r = tables.hub_diameter / 2.0 + tables.spinner_gap * 0.6;
    let outer_rows = profile(r);
    let ring = |x: f64, r: f64| -> Vec<V3> {
        (0..COLUMNS)
            .map(|j| {
                let a = 360.0 * j as f64 / COLUMNS as f64;
                v(x, r * cos(a), r * sin(a))
            })
            .collect()
    };
    let outer: Vec<Vec<V3>> = outer_rows.iter().map(|&(x, r)| ring(x, r)).collect();
    // Towards the nose the wall is measured along the axis, towards the rear along the radius.
    let inner: Vec<Vec<V3>> = outer_rows
        .iter()
        .map(|&(x, rr)| {
            let k = (r - WALL) / r;
            ring(if x < -1.62 { -1.62 + (x + 1.62) * (1.75 - WALL) / 1.75 } else { x }, rr * k)
        })
        .collect();
    let nose = -1.62 - 1.75;
    // The blade's axis crosses the shell a little upwind of the hub centre.
    let centre = -r * crate::math::tan(tables.cone);
    let first = outer_rows.iter().position(|&(x, _)| x >= centre - OPENING - 0.02).unwrap_or(0);
    let rows = (first.saturating_sub(1), outer_rows.len() - 4);
    let holes: Vec<Hole> = (0..3)
        .map(|k| {
            let middle = k * COLUMNS / 3;
            let half = 5; // 5 columns of 8.6° reach past the opening's 39°.
            let columns = (middle + COLUMNS - half, middle + COLUMNS + half);
            let columns = if columns.0 >= COLUMNS { (columns.0 - COLUMNS, columns.1 - COLUMNS) } else { columns };
            let at = |radius: f64, i: usize, j: usize| {
                let step = 360.0 / COLUMNS as f64;
                let a = step * (j as f64 - columns.0 as f64 - half as f64);
                let x = outer_rows.get(i).map_or(0.0, |&(x, _)| x);
                let phi = crate::math::angle(a / 40.0, (x - centre) / OPENING);
                let side = (OPENING * sin(phi)) / radius;
                let turn = libm::asin(side).to_degrees() + 120.0 * k as f64;
                v(centre + OPENING * cos(phi), radius * cos(turn), radius * sin(turn))
            };
            let edge = |radius: f64| hole_border(rows, columns).into_iter().map(|(i, j)| at(radius, i, j)).collect();
            Hole { rows, columns, outer: edge(r), inner: edge(r - WALL) }
        })
        .collect();
    let start = End::Pole { outer: v(nose, 0.0, 0.0), inner: v(nose + WALL, 0.0, 0.0) };
    part.add(Material::Laminate, shell(&outer, &inner, start, End::Rim, &holes));
    // A back plate closes the rear around the hub's flange.
    part.add(Material::Laminate, tube(1.38, 1.43, 1.20, r - WALL + 0.005, 0.01, 42));
    for k in 0..3 {
        // A lip around the blade root, standing on the shell.
        let lip = tube(r - 0.62, r + 0.035, OPENING - 0.05, OPENING + 0.02, 0.0, 32);
        let place = super::hub::blade_place(tables, k);
        part.add(Material::Laminate, lip.placed(&crate::math::Place::UPRIGHT).placed(&place));
    }
    part
}
