//! The capacity of one cell from one discharge to the next: what is lost for good, what comes back after a rest and goes
//! again, and a loss rate that wanders.
//!
//! A cell that has rested gives more for some cycles (regeneration; Saha and Goebel 2009, Annual Conference of the PHM
//! Society). A filter that takes that for new life predicts too much of it, and one that takes the fast way back for fade
//! predicts too little; so it has its own state, into which rests flow.

use crate::estimate::{Model, Noise, Quantity, Scale};

/// What happens between two discharges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rest {
    /// Capacity that it brings back for a while, A·h; 0 for a cycle right after another.
    pub regained_ah: f64,
}

/// One cell. States: capacity without what a rest brought back, A·h; logarithm of the loss rate over its own; capacity that
/// a rest brought back, A·h. Parameter: loss a cycle, A·h. Output: measured capacity. Time is in cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Capacity {
    /// Capacity of a new cell, A·h, at which the event state is 1.
    pub new_ah: f64,
    /// Measured capacity at which its life ends, A·h.
    pub end_ah: f64,
    /// How much the rate wanders: standard deviation of its logarithm, and for how many cycles it remembers.
    pub wander: (f64, f64),
    /// How much comes back and goes without a rest worth telling: standard deviation, A·h, and cycles that it stays.
    pub regained: (f64, f64),
}

const STATES: [Quantity; 3] = [
    Quantity { name: "lasting capacity", unit: "Ah", scale: Scale::Linear },
    Quantity { name: "logarithm of the loss rate over its own", unit: "", scale: Scale::Linear },
    Quantity { name: "regained capacity", unit: "Ah", scale: Scale::Linear },
];
const PARAMETERS: [Quantity; 1] = [Quantity { name: "loss a cycle", unit: "Ah", scale: Scale::Log }];

/// What the lasting capacity does by chance in a cycle, A·h: nothing but what keeps a covariance definite.
const STEADY_AH: f64 = 1e-5;

/// What is kept over `dt`, and the standard deviation of what is added.
fn kept((deviation, memory): (f64, f64), dt: f64) -> (f64, f64) {
    let kept = (-dt / memory.max(1e-9)).exp();
    (kept, deviation * (1.0 - kept * kept).max(0.0).sqrt())
}

impl Model for Capacity {
    type Load = Rest;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &PARAMETERS
    }

    fn outputs(&self) -> usize {
        1
    }

    fn step(&self, state: &mut [f64], parameters: &[f64], load: &Rest, dt: f64, rate: f64, noise: &mut Noise<'_>) {
        let ([lasting, wander, regained], &[loss_ah]) = (state, parameters) else { return };
        *lasting -= loss_ah * wander.exp() * rate * dt;
        let (share, added) = kept(self.wander, dt);
        *wander = share * *wander + added * noise.normal();
        let (share, added) = kept(self.regained, dt);
        *regained = share * *regained + added * noise.normal() + load.regained_ah;
    }

    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        if let [lasting, wander, regained] = out {
            *lasting = STEADY_AH * dt.sqrt();
            *wander = kept(self.wander, dt).1;
            *regained = kept(self.regained, dt).1;
        }
    }

    fn output(&self, state: &[f64], _: &[f64], _: &Rest, out: &mut [f64]) {
        if let (&[lasting, _, regained], [measured]) = (state, out) {
            *measured = lasting + regained;
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Rest) -> f64 {
        let &[lasting, _, regained] = state else { return f64::NAN };
        (lasting + regained - self.end_ah) / (self.new_ah - self.end_ah)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CELL: Capacity = Capacity { new_ah: 2.0, end_ah: 1.4, wander: (0.0, 20.0), regained: (0.0, 5.0) };

    #[test]
    fn without_rests_a_steady_loss_ends_it_when_the_sum_says() {
        let mut state = [2.0, 0.0, 0.0];
        let mut cycles = 0;
        while CELL.event_state(&state, &[0.01], &Rest { regained_ah: 0.0 }) > 1e-12 {
            CELL.step(&mut state, &[0.01], &Rest { regained_ah: 0.0 }, 1.0, 1.0, &mut Noise::none());
            cycles += 1;
        }
        assert_eq!(cycles, 60);
    }

    #[test]
    fn what_a_rest_brings_goes_again_and_changes_nothing_that_lasts() {
        let mut state = [1.8, 0.0, 0.0];
        CELL.step(&mut state, &[0.01], &Rest { regained_ah: 0.1 }, 1.0, 1.0, &mut Noise::none());
        let mut out = [0.0];
        CELL.output(&state, &[0.01], &Rest { regained_ah: 0.0 }, &mut out);
        assert!((out[0] - 1.89).abs() < 1e-12);
        for _ in 0..5 {
            CELL.step(&mut state, &[0.01], &Rest { regained_ah: 0.0 }, 1.0, 1.0, &mut Noise::none());
        }
        assert!((state[0] - 1.74).abs() < 1e-12 && (state[2] - 0.1 * (-1.0_f64).exp()).abs() < 1e-12, "{state:?}");
    }

    #[test]
    fn the_discrepancy_of_the_model_speeds_up_the_loss() {
        let mut state = [1.8, 0.0, 0.0];
        CELL.step(&mut state, &[0.01], &Rest { regained_ah: 0.0 }, 2.0, 1.5, &mut Noise::none());
        assert!((state[0] - 1.77).abs() < 1e-12);
    }
}
