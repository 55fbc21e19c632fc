//! A quantity that follows another with a first-order lag: temperatures, averages, actuators.

/// A value that approaches its target exponentially; exact for a target that is constant over the step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lag {
    pub(crate) value: f64,
}

impl Lag {
    pub(crate) const fn new(value: f64) -> Self {
        Self { value }
    }

    /// Lets `dt_s` pass with the target as it is. `time_constant_s` is above zero.
    pub(crate) fn follow(&mut self, target: f64, time_constant_s: f64, dt_s: f64) {
        self.value += (target - self.value) * -(-dt_s / time_constant_s).exp_m1();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_one_time_constant_63_percent_are_reached_whatever_the_step() {
        for steps in [1_i32, 7, 1000] {
            let mut lag = Lag::new(0.0);
            for _ in 0..steps {
                lag.follow(1.0, 50.0, 50.0 / f64::from(steps));
            }
            let expected = 1.0 - (-1.0_f64).exp();
            assert!((lag.value - expected).abs() < 1e-9, "{steps} steps: {}", lag.value);
        }
    }
}
