//! What would change a ranking: the value of an input at which two actions cost the same.

use super::figures::{Figures, Terms};
use super::ranking::Ranked;
use super::{Economics, Input};

/// Most halvings of the way to the bound of an input: to a millionth of it.
const HALVINGS: usize = 20;
/// Nearer than that it is not looked: three digits are shown.
const NEAR: f64 = 5e-4;

/// The costs of all actions with each input at its bounds.
pub(super) struct Sensitivity<'a> {
    ranked: &'a [Ranked<'a>],
    economics: &'a Economics,
    horizon_h: f64,
    /// By input, at its lowest and at its highest.
    ends: Vec<[Vec<f64>; 2]>,
}

/// An input that changes which of two actions costs less.
#[derive(Debug)]
pub(super) struct Flip<'a> {
    pub input: &'a Input,
    /// They cost the same here.
    pub value: f64,
    /// It changes below that, not above.
    pub below: bool,
}

impl<'a> Sensitivity<'a> {
    /// Of actions by rank. Dates are chosen anew for every value, among those that are possible.
    pub fn new(ranked: &'a [Ranked<'a>], economics: &'a Economics, horizon_h: f64) -> Self {
        let mut made = Self { ranked, economics, horizon_h, ends: Vec::new() };
        let places: Vec<usize> = (0..ranked.len()).collect();
        let inputs = economics.inputs().iter().enumerate();
        made.ends =
            inputs.map(|(index, input)| [input.low, input.high].map(|end| made.costs(&places, index, end))).collect();
        made
    }

    /// What would change which of two actions costs less, the smallest change first.
    pub fn flips(&self, own: usize, other: usize) -> Vec<Flip<'a>> {
        let [Some(a), Some(b)] = [self.ranked.get(own), self.ranked.get(other)] else { return Vec::new() };
        let less = a.best.mean < b.best.mean;
        if a.best.mean == b.best.mean {
            return Vec::new();
        }
        // Only what costs clearly more or less has changed places.
        let changed = |costs: [f64; 2]| if less { costs[0] > costs[1] } else { costs[0] < costs[1] };
        let mut flips = Vec::new();
        for (index, (input, ends)) in self.economics.inputs().iter().zip(&self.ends).enumerate() {
            for (end, bound, below) in [(&ends[0], input.low, true), (&ends[1], input.high, false)] {
                let at = |place: usize| end.get(place).copied().unwrap_or(f64::NAN);
                if !changed([at(own), at(other)]) {
                    continue;
                }
                let (mut here, mut there) = (input.value, bound);
                for _ in 0..HALVINGS {
                    if (here - there).abs() <= NEAR * there.abs() {
                        break;
                    }
                    let middle = f64::midpoint(here, there);
                    match self.costs(&[own, other], index, middle).as_slice() {
                        [own, other] if changed([*own, *other]) => there = middle,
                        _ => here = middle,
                    }
                }
                flips.push(Flip { input, value: there, below });
            }
        }
        let change =
            |flip: &Flip<'_>| (flip.value - flip.input.value).abs() / flip.input.value.abs().max(f64::MIN_POSITIVE);
        flips.sort_by(|a, b| change(a).total_cmp(&change(b)));
        flips
    }

    /// What actions cost at their best dates with another value of an input.
    fn costs(&self, places: &[usize], index: usize, value: f64) -> Vec<f64> {
        let values = self.economics.with(index, value);
        let figures = Figures::new(&values, self.horizon_h);
        let cost = |place: &usize| {
            let Ranked { case, .. } = self.ranked.get(*place)?;
            Some(case.best(&figures, Terms::new(&values, &figures, case.action)).mean)
        };
        places.iter().filter_map(cost).collect()
    }
}
