//! The value at a place, from the points around it: a k-d tree, and inverse distances.

use super::table::Points;

/// Points that a value is made from.
const NEAREST: usize = 8;

/// Points in the order of a k-d tree: the middle of a range parts the rest of it by one axis.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    axes: [bool; 3],
    points: Vec<([f32; 3], f32)>,
}

/// The axis that parts a level of the tree.
const fn axis_of(depth: usize) -> usize {
    depth % 3
}

fn coordinate(point: &[f32; 3], axis: usize) -> f32 {
    point.get(axis).copied().unwrap_or(0.0)
}

impl Cloud {
    /// Sorts the points; `n log² n`.
    #[must_use]
    pub fn new(points: &Points) -> Self {
        let mut sorted: Vec<_> = points.positions.iter().copied().zip(points.values.iter().copied()).collect();
        let mut open = vec![(0, sorted.len(), 0)];
        while let Some((start, end, depth)) = open.pop() {
            let Some(range) = sorted.get_mut(start..end).filter(|range| range.len() > 1) else { continue };
            let axis = axis_of(depth);
            let middle = range.len() / 2;
            range.select_nth_unstable_by(middle, |a, b| coordinate(&a.0, axis).total_cmp(&coordinate(&b.0, axis)));
            open.push((start, start + middle, depth + 1));
            open.push((start + middle + 1, end, depth + 1));
        }
        Self { axes: points.axes, points: sorted }
    }

    /// The value at a place in the model's space, m: the mean of the nearest points, each weighted by the inverse square
    /// of its distance (D. Shepard, "A two-dimensional interpolation function for irregularly-spaced data", ACM (1968)).
    /// `None`: no point is within `most` metres.
    #[must_use]
    pub fn at(&self, place: [f32; 3], most: f32) -> Option<f32> {
        let mut place = place;
        for (coordinate, told) in place.iter_mut().zip(self.axes) {
            if !told {
                *coordinate = 0.0;
            }
        }
        if place.iter().any(|coordinate| !coordinate.is_finite()) {
            return None;
        }
        // Squared distance and value, nearest first.
        let mut found: Vec<(f32, f32)> = Vec::with_capacity(NEAREST + 1);
        let reach = |found: &Vec<(f32, f32)>| match found.last() {
            Some(&(furthest, _)) if found.len() == NEAREST => furthest,
            _ => most * most,
        };
        let mut open = vec![(0, self.points.len(), 0, 0.0_f32)];
        while let Some((start, end, depth, away)) = open.pop() {
            if start >= end || away > reach(&found) {
                continue;
            }
            let middle = start + (end - start) / 2;
            let Some((point, value)) = self.points.get(middle) else { continue };
            let distance: f32 = point.iter().zip(place).map(|(a, b)| (a - b) * (a - b)).sum();
            if distance <= reach(&found) {
                let rank = found.partition_point(|&(nearer, _)| nearer <= distance);
                found.insert(rank, (distance, *value));
                found.truncate(NEAREST);
            }
            let axis = axis_of(depth);
            let side = coordinate(&place, axis) - coordinate(point, axis);
            let (below, above) = ((start, middle), (middle + 1, end));
            let (near, far) = if side < 0.0 { (below, above) } else { (above, below) };
            open.push((far.0, far.1, depth + 1, away.max(side * side)));
            open.push((near.0, near.1, depth + 1, away));
        }
        let &(nearest, value) = found.first()?;
        // On a point, or so near that its weight would not be finite.
        if nearest <= f32::MIN_POSITIVE {
            return Some(value);
        }
        let (sum, weights) = found.iter().fold((0.0, 0.0), |(sum, weights), &(distance, value)| {
            let weight = f64::from(nearest) / f64::from(distance);
            (sum + weight * f64::from(value), weights + weight)
        });
        let mean = (sum / weights) as f32;
        Some(mean)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pseudo-random numbers from 0 to 1 (Lehmer, a = 48271, m = 2³¹ − 1).
    fn random(seed: u64) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state = state * 48_271 % 0x7fff_ffff;
            state as f32 / 0x7fff_ffff as f32
        }
    }

    fn scattered(count: usize, axes: [bool; 3]) -> Points {
        let mut next = random(7);
        let positions: Vec<[f32; 3]> = (0..count).map(|_| axes.map(|told| if told { next() } else { 0.0 })).collect();
        let values = (0..count).map(|n| n as f32).collect();
        Points { axes, positions, values, unknown: 0 }
    }

    #[test]
    fn on_a_point_the_value_is_its_own() {
        let points = scattered(500, [true; 3]);
        let cloud = Cloud::new(&points);
        for (position, value) in points.positions.iter().zip(&points.values) {
            assert_eq!(cloud.at(*position, 1.0), Some(*value));
        }
    }

    #[test]
    fn the_tree_finds_what_a_search_of_all_points_finds() {
        let points = scattered(2_000, [true; 3]);
        let cloud = Cloud::new(&points);
        let mut next = random(11);
        for _ in 0..200 {
            let place = [next(), next(), next()];
            let mut all: Vec<(f64, f64)> = points
                .positions
                .iter()
                .zip(&points.values)
                .map(|(p, v)| (p.iter().zip(place).map(|(a, b)| f64::from(a - b).powi(2)).sum(), f64::from(*v)))
                .collect();
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (sum, weights) = all[..8].iter().fold((0.0, 0.0), |(s, w), (d, v)| (s + v / d, w + 1.0 / d));
            let got = f64::from(cloud.at(place, 10.0).unwrap());
            assert!((got - sum / weights).abs() < 0.05, "{got} instead of {}", sum / weights);
        }
    }

    #[test]
    fn between_points_the_value_is_between_theirs() {
        let points = Points {
            axes: [true; 3],
            positions: vec![[0.0; 3], [1.0, 0.0, 0.0]],
            values: vec![300.0, 400.0],
            unknown: 0,
        };
        let cloud = Cloud::new(&points);
        let middle = cloud.at([0.5, 0.0, 0.0], 2.0).unwrap();
        assert!((middle - 350.0).abs() < 1e-3, "{middle}");
        // Weights 1/0.0625 and 1/0.5625: (16 · 300 + 1.778 · 400) / 17.778.
        let quarter = cloud.at([0.25, 0.0, 0.0], 2.0).unwrap();
        assert!((quarter - 310.0).abs() < 1e-2, "{quarter}");
    }

    #[test]
    fn beyond_the_largest_distance_nothing_is_known() {
        let points = Points { axes: [true; 3], positions: vec![[0.0; 3]], values: vec![1.0], unknown: 0 };
        let cloud = Cloud::new(&points);
        assert_eq!(cloud.at([0.009, 0.0, 0.0], 0.01), Some(1.0));
        assert_eq!(cloud.at([0.011, 0.0, 0.0], 0.01), None);
        assert_eq!(cloud.at([f32::NAN, 0.0, 0.0], 0.01), None);
    }

    #[test]
    fn a_section_holds_all_along_the_axis_that_it_lacks() {
        let cloud = Cloud::new(&scattered(300, [true, false, true]));
        let at = |y: f32| cloud.at([0.4, y, 0.6], 1.0);
        assert!(at(0.0).is_some());
        assert_eq!(at(0.0), at(123.0));
    }

    #[test]
    fn points_at_one_place_give_their_mean_at_most() {
        let points = Points { axes: [true; 3], positions: vec![[0.0; 3]; 100], values: vec![5.0; 100], unknown: 0 };
        assert_eq!(Cloud::new(&points).at([0.1, 0.0, 0.0], 1.0), Some(5.0));
    }
}
