//! From a row of telemetry to how the machine ran in it. What is missing or impossible is not there.

use std::borrow::Cow;

use crate::living::{Input, Row};

use super::config::BladeConfig;
use super::physics::Point;

/// Name, unit, lowest and highest that is possible, whether it is required.
const INPUTS: [(&str, &str, f64, f64, bool); 9] = [
    ("gas_temperature", "degC", -60.0, 2200.0, true),
    ("gas_pressure", "bar", 0.0, 80.0, true),
    ("coolant_temperature", "degC", -60.0, 1000.0, true),
    ("speed", "rpm", 0.0, 30_000.0, true),
    ("load", "%", -20.0, 150.0, false),
    ("fired", "", 0.0, 1.0, false),
    ("starts", "1", 0.0, 1e7, false),
    ("trailing_edge_temperature", "degC", -60.0, 1500.0, false),
    ("leading_edge_temperature", "degC", -60.0, 1500.0, false),
];

/// Gas above which there is a flame, where it is not told, °C: compressed air is cooler.
const FLAME_DEG_C: f64 = 400.0;
/// Change of the gas per percent of load, K, where load is not measured. \[E\]
const GAS_K_PER_PERCENT: f64 = 4.0;
/// Longest row, s, and fastest time lapse.
const LONGEST_S: f64 = 86_400.0;
const FASTEST: f64 = 1e9;
/// Hours by which a row can age a blade at most: three years.
const MOST_HOURS: f64 = 26_298.0;

/// One row as the model uses it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Seen {
    /// Of the clock.
    pub seconds: f64,
    /// Of ageing.
    pub hours: f64,
    /// How many times faster than the clock it ages.
    pub time_lapse: f64,
    /// How it ran; none where a required input is missing.
    pub point: Option<Point>,
    /// Whether there was a flame, if that is known.
    pub fired: Option<bool>,
    /// The counter of starts.
    pub starts: Option<f64>,
    /// Metal of the trailing and the leading edge, °C.
    pub metal_deg_c: [Option<f64>; 2],
}

/// For [`crate::living::Living::inputs`].
pub(super) fn inputs() -> Vec<Input> {
    let input = |(name, unit, _, _, required)| Input { name: Cow::Borrowed(name), unit: Cow::Borrowed(unit), required };
    INPUTS.into_iter().map(input).collect()
}

/// None where the row spans no time.
pub(super) fn read(row: &Row<'_>, config: &BladeConfig) -> Option<Seen> {
    if !(row.seconds.is_finite() && row.seconds > 0.0) {
        return None;
    }
    let seconds = row.seconds.min(LONGEST_S);
    let time_lapse = if row.time_lapse.is_finite() { row.time_lapse.clamp(1.0, FASTEST) } else { 1.0 };
    let value = |index: usize| {
        let (_, _, low, high, _) = INPUTS.get(index)?;
        row.values.get(index).copied().filter(|value| (*low..=*high).contains(value))
    };
    let fired = value(5).map(|fired| fired > 0.5).or_else(|| value(0).map(|gas| gas > FLAME_DEG_C));
    let estimated = |gas: f64| 100.0 - (config.full_load_gas_deg_c - gas) / GAS_K_PER_PERCENT;
    let point = || {
        let gas_deg_c = value(0)?;
        Some(Point {
            gas_deg_c,
            pressure_bar: value(1)?,
            coolant_deg_c: value(2)?,
            speed_share: Some(value(3)? / config.rated_speed_rpm).filter(|share| *share <= 1.5)?,
            load_percent: value(4).unwrap_or_else(|| estimated(gas_deg_c).clamp(0.0, 120.0)),
        })
    };
    Some(Seen {
        seconds,
        hours: (seconds * time_lapse / 3600.0).min(MOST_HOURS),
        time_lapse,
        point: point(),
        fired,
        starts: value(6),
        metal_deg_c: [value(7), value(8)],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: &[f64]) -> Option<Seen> {
        let row = Row { at_ms: 0, seconds: 10.0, time_lapse: 360.0, values };
        read(&row, &BladeConfig::default())
    }

    #[test]
    fn load_and_flame_are_estimated_from_the_gas_where_they_are_missing() {
        let nan = f64::NAN;
        let seen = row(&[1100.0, 9.0, 390.0, 3000.0, nan, nan]).unwrap();
        // 80 K below full load at 4 K a percent.
        assert_eq!((seen.point.unwrap().load_percent, seen.fired, seen.hours), (80.0, Some(true), 1.0));
        assert_eq!(row(&[20.0, 1.0, 20.0, 6.0]).unwrap().fired, Some(false));
    }

    #[test]
    fn what_is_required_and_missing_or_impossible_leaves_no_point() {
        let good = [1100.0, 9.0, 390.0, 3000.0];
        for (index, bad) in [(0, f64::NAN), (1, -1.0), (2, f64::INFINITY), (3, 1e9), (3, 6000.0)] {
            let mut values = good;
            values[index] = bad;
            assert_eq!(row(&values).unwrap().point, None, "{index}");
        }
        assert_eq!(row(&[]).unwrap().point, None);
    }

    #[test]
    fn a_row_without_time_is_none_and_a_long_one_is_cut() {
        let span = |seconds, time_lapse| {
            read(&Row { at_ms: 0, seconds, time_lapse, values: &[] }, &BladeConfig::default()).map(|seen| seen.hours)
        };
        for seconds in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(span(seconds, 1.0), None, "{seconds}");
        }
        assert_eq!((span(3600.0, f64::NAN), span(1e12, 1e12)), (Some(1.0), Some(MOST_HOURS)));
    }
}
