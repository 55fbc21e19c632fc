//! The drive: speed over time.
//!
//! Our own trace of ramps, not the regulation's table, in the shape of the WLTC for class 3b (UN GTR No. 15, 2014, annex
//! 1): four phases of 589, 433, 455 and 323 s with highest speeds of 56.5, 76.6, 97.4 and 131.3 km/h; 23.27 km there,
//! within 5 % of that here.

/// Length of the cycle, s.
pub const CYCLE_S: f64 = 1800.0;

/// A hump: ramp up for so long, to this speed in km/h, hold, ramp down for so long to this share of it, wait.
type Hump = (f64, f64, f64, f64, f64, f64);

const HUMPS: [Hump; 17] = [
    // low
    (14.0, 38.0, 34.0, 14.0, 0.0, 22.0),
    (9.0, 20.0, 8.0, 8.0, 0.0, 24.0),
    (20.0, 56.5, 50.0, 22.0, 0.0, 36.0),
    (12.0, 34.0, 30.0, 12.0, 0.0, 60.0),
    (14.0, 46.0, 40.0, 16.0, 0.0, 40.0),
    (10.0, 28.0, 16.0, 10.0, 0.0, 68.0),
    // medium
    (16.0, 48.0, 30.0, 10.0, 0.7, 0.0),
    (12.0, 62.0, 50.0, 18.0, 0.0, 30.0),
    (22.0, 76.6, 46.0, 20.0, 0.0, 22.0),
    (16.0, 54.0, 52.0, 16.0, 0.0, 73.0),
    // high
    (20.0, 66.0, 50.0, 10.0, 0.7, 0.0),
    (16.0, 84.0, 60.0, 14.0, 0.7, 0.0),
    (18.0, 97.4, 72.0, 22.0, 0.0, 8.0),
    (22.0, 72.0, 62.0, 16.0, 0.0, 65.0),
    // extra high
    (26.0, 96.0, 34.0, 0.0, 1.0, 0.0),
    (18.0, 119.0, 60.0, 0.0, 1.0, 0.0),
    (14.0, 131.3, 78.0, 52.0, 0.0, 41.0),
];

/// Speed at a moment of the cycle, m/s; 0 before and after it.
#[must_use]
pub fn speed_m_per_s(at_s: f64) -> f64 {
    if !(0.0..=CYCLE_S).contains(&at_s) {
        return 0.0;
    }
    let (mut left, mut from) = (at_s, 0.0);
    for (ramp, speed, hold, brake, share, wait) in HUMPS {
        let to = share * speed;
        for (length, a, b) in [(ramp, from, speed), (hold, speed, speed), (brake, speed, to), (wait, to, to)] {
            if left < length {
                return (a + (b - a) * left / length) / 3.6;
            }
            left -= length;
        }
        from = to;
    }
    0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phases_last_and_peak_as_those_of_the_wltc() {
        let peak = |from: u32, to: u32| (from..to).map(|t| 3.6 * speed_m_per_s(f64::from(t))).fold(0.0, f64::max);
        for (from, to, kmh) in [(0, 589, 56.5), (589, 1022, 76.6), (1022, 1477, 97.4), (1477, 1800, 131.3)] {
            assert!((peak(from, to) - kmh).abs() < 0.1, "{from} to {to} s: {}", peak(from, to));
        }
        assert_eq!([589.0, 1022.0 - 0.5, 1477.0 - 0.5, 1800.0].map(speed_m_per_s), [0.0; 4]);
    }

    #[test]
    fn the_distance_is_within_5_percent_of_the_wltcs() {
        let metres: f64 = (0..18_000).map(|k| 0.1 * speed_m_per_s(0.1 * f64::from(k))).sum();
        assert!((metres / 23_266.0 - 1.0).abs() < 0.05, "{metres}");
    }

    #[test]
    fn no_ramp_is_steeper_than_a_driver_would_make_it() {
        let steepest = (0..18_000)
            .map(|k| 0.1 * f64::from(k))
            .map(|t| ((speed_m_per_s(t + 0.1) - speed_m_per_s(t)) / 0.1).abs())
            .fold(0.0, f64::max);
        assert!(steepest < 1.7, "{steepest} m/s²");
    }
}
