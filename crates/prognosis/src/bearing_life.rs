//! Rating life of rolling bearings (ISO 281:2007), and what it says of one bearing among many before any data of it.
//!
//! Subsurface fatigue only: it does not know white etching cracks, skidding, currents or wear. Test rigs have not matched
//! it (FEMTO, 2012): the prior that comes of it is wide.

use statrs::function::gamma::gamma;

/// What rolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rolling {
    /// Balls, radial load.
    Balls,
    /// Rollers, radial load.
    Rollers,
}

impl Rolling {
    /// Exponent of the load, p.
    #[must_use]
    pub fn exponent(self) -> f64 {
        match self {
            Self::Balls => 3.0,
            Self::Rollers => 10.0 / 3.0,
        }
    }

    /// Slope of the Weibull distribution of lives: 10/9 for balls (ISO/TR 1281-2), 1.5 for rollers (the high end of 1.1 to
    /// 1.5 that catalogues give).
    #[must_use]
    pub fn weibull_slope(self) -> f64 {
        match self {
            Self::Balls => 10.0 / 9.0,
            Self::Rollers => 1.5,
        }
    }
}

/// Basic rating life, million turns: what 90 % reach. `rating` and `load` in one unit.
#[must_use]
pub fn basic_life_mrev(rolling: Rolling, rating: f64, load: f64) -> f64 {
    (rating / load.max(f64::MIN_POSITIVE)).powf(rolling.exponent())
}

/// Hours of a life in million turns at a constant speed.
#[must_use]
pub fn hours(life_mrev: f64, speed_rpm: f64) -> f64 {
    life_mrev * 1e6 / (60.0 * speed_rpm.max(f64::MIN_POSITIVE))
}

/// Factor for a reliability, a1 (ISO 281:2007), which has these steps and no others.
#[must_use]
pub fn reliability_factor(percent: u8) -> Option<f64> {
    match percent {
        90 => Some(1.00),
        95 => Some(0.64),
        96 => Some(0.55),
        97 => Some(0.47),
        98 => Some(0.37),
        99 => Some(0.25),
        _ => None,
    }
}

/// Factor for lubrication and cleanliness, a_ISO (ISO 281:2007). `viscosity_ratio` is kappa, held to 4 at most;
/// `cleanliness` is e_C C_u/P. None below a ratio of 0.1, where the standard gives nothing. At most 50.
#[must_use]
pub fn life_modification(rolling: Rolling, viscosity_ratio: f64, cleanliness: f64) -> Option<f64> {
    if viscosity_ratio.is_nan() || viscosity_ratio < 0.1 || cleanliness.is_nan() {
        return None;
    }
    let kappa = viscosity_ratio.min(4.0);
    let x = cleanliness.max(0.0);
    let power = match kappa {
        k if k < 0.4 => 0.054_381,
        k if k < 1.0 => 0.190_87,
        _ => 0.071_739,
    };
    let film = |low: f64, high: f64| if kappa < 0.4 { low } else { high } / kappa.powf(power);
    let factor = match rolling {
        Rolling::Rollers => {
            let inside = 1.0 - (1.585_9 - film(1.399_3, 1.234_8)) * x.powf(0.4);
            0.1 * inside.max(f64::MIN_POSITIVE).powf(-9.185)
        }
        Rolling::Balls => {
            let inside = 1.0 - (2.567_1 - film(2.264_9, 1.998_7)).max(0.0).powf(0.83) * x.cbrt();
            0.1 * inside.max(f64::MIN_POSITIVE).powf(-9.3)
        }
    };
    Some(factor.min(50.0))
}

/// Share of the life that a history of loads has used (Palmgren 1924, Miner 1945): turns over life, summed.
#[must_use]
pub fn used_life(turns_and_lives: impl IntoIterator<Item = (f64, f64)>) -> f64 {
    turns_and_lives.into_iter().map(|(turns, life)| turns / life).sum()
}

/// The constant load that uses as much life as a history of loads and turns: (Σ Pᵖ n/Σ n)^(1/p).
#[must_use]
pub fn equivalent_load(rolling: Rolling, loads_and_turns: &[(f64, f64)]) -> Option<f64> {
    let p = rolling.exponent();
    let turns: f64 = loads_and_turns.iter().map(|(_, n)| n).sum();
    let sum: f64 = loads_and_turns.iter().map(|(load, n)| load.max(0.0).powf(p) * n).sum();
    (turns > 0.0).then(|| (sum / turns).powf(1.0 / p))
}

/// Lives of a population: a Weibull distribution with two parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weibull {
    /// Life that 63 % do not reach.
    pub scale: f64,
    /// Slope.
    pub shape: f64,
}

impl Weibull {
    /// The distribution whose 10 % is the rating life.
    #[must_use]
    pub fn from_rating(rating_life: f64, shape: f64) -> Self {
        // -ln 0.9
        Self { scale: rating_life / 0.105_360_515_657_826_3_f64.powf(1.0 / shape), shape }
    }

    /// Probability of failure up to an age.
    #[must_use]
    pub fn failed_by(&self, age: f64) -> f64 {
        -(-(age.max(0.0) / self.scale).powf(self.shape)).exp_m1()
    }

    /// Remaining life that this share of those that have reached `age` do not outlive: the prior of the remaining life.
    #[must_use]
    pub fn remaining(&self, age: f64, share: f64) -> f64 {
        let used = (age.max(0.0) / self.scale).powf(self.shape);
        let until = used - (-share.clamp(0.0, 1.0)).ln_1p();
        self.scale * until.powf(1.0 / self.shape) - age.max(0.0)
    }

    /// Mean life.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.scale * gamma(1.0 + 1.0 / self.shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rolling::{Balls, Rollers};

    #[test]
    fn a_iso_of_rollers_and_balls_by_film_and_cleanliness() {
        for (rolling, kappa, x, expected, tolerance) in [
            (Rollers, 0.2, 0.2, 0.133, 0.0006),
            (Rollers, 0.5, 0.2, 0.244, 0.0006),
            (Rollers, 1.0, 0.5, 1.714, 0.0006),
            (Rollers, 2.0, 0.5, 3.081, 0.0006),
            (Rollers, 4.0, 1.0, 32.9, 0.06),
            (Balls, 0.5, 0.2, 0.862, 0.0006),
            (Balls, 1.0, 0.2, 6.918, 0.0006),
            (Balls, 4.0, 0.2, 33.3, 0.06),
        ] {
            let factor = life_modification(rolling, kappa, x).unwrap();
            assert!((factor - expected).abs() <= tolerance, "{rolling:?} {kappa} {x}: {factor} is not {expected}");
        }
    }

    #[test]
    fn a_iso_is_bounded_and_says_nothing_without_a_film() {
        assert_eq!(life_modification(Balls, 4.0, 5.0), Some(50.0));
        assert_eq!(life_modification(Rollers, 9.0, 1.0), life_modification(Rollers, 4.0, 1.0));
        for kappa in [0.05, -1.0, f64::NAN] {
            assert_eq!(life_modification(Balls, kappa, 0.5), None, "{kappa}");
        }
        assert!((life_modification(Rollers, 1.0, 0.0).unwrap() - 0.1).abs() < 1e-12);
    }

    #[test]
    fn life_by_load_and_speed() {
        // Half the load: 2³ and 2^(10/3).
        assert!((basic_life_mrev(Balls, 20.0, 10.0) - 8.0).abs() < 1e-12);
        assert!((basic_life_mrev(Rollers, 20.0, 10.0) - 10.079_368).abs() < 1e-6);
        assert!((hours(90.0, 1500.0) - 1000.0).abs() < 1e-9);
        assert_eq!((reliability_factor(99), reliability_factor(91)), (Some(0.25), None));
    }

    #[test]
    fn the_equivalent_load_uses_as_much_life_as_the_history() {
        let history = [(10.0, 3e5), (20.0, 1e5), (5.0, 6e5)];
        let turns: f64 = history.iter().map(|(_, n)| n).sum();
        let life = |load| 1e6 * basic_life_mrev(Rollers, 100.0, load);
        let used = used_life(history.map(|(load, n)| (n, life(load))));
        let same = turns / life(equivalent_load(Rollers, &history).unwrap());
        assert!((used / same - 1.0).abs() < 1e-12, "{used} {same}");
        assert_eq!(equivalent_load(Balls, &[]), None);
    }

    #[test]
    fn ten_percent_do_not_reach_the_rating_life() {
        let lives = Weibull::from_rating(20_000.0, 1.5);
        assert!((lives.failed_by(20_000.0) - 0.1).abs() < 1e-12);
        assert!((lives.remaining(0.0, 0.1) - 20_000.0).abs() < 1e-6);
        // Conditional: P(T <= age + r | T > age) by hand.
        let left = lives.remaining(30_000.0, 0.5);
        let both = (lives.failed_by(30_000.0 + left) - lives.failed_by(30_000.0)) / (1.0 - lives.failed_by(30_000.0));
        assert!((both - 0.5).abs() < 1e-12, "{both}");
        // With a shape of 1 the past does not count, and the mean is the scale.
        let even = Weibull { scale: 100.0, shape: 1.0 };
        assert!(
            (even.remaining(0.0, 0.5) - even.remaining(70.0, 0.5)).abs() < 1e-9 && (even.mean() - 100.0).abs() < 1e-9
        );
    }
}
