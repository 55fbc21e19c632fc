//! One type of traction battery, as its maker describes it, and its circuit: two RC elements behind an open-circuit
//! voltage (Thevenin model; Plett 2015, Battery Management Systems I, ch. 2).

use serde::{Deserialize, Serialize};

use crate::estimate::{Model, Noise, Prior, Quantity, Scale};

/// A type of pack. The default is that of the simulated car ([`crate::electric_vehicle`]), as a data sheet would have it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatteryConfig {
    /// Cells, or groups of parallel cells, in series.
    pub series_cells: u32,
    /// Rated capacity of the pack, A·h.
    pub capacity_ah: f64,
    /// Resistance of a new pack at 25 °C and half charge, without what comes slowly, Ω.
    pub resistance_ohm: f64,
    /// Open-circuit voltage of a cell at even steps of the state of charge from 0 to 1, V.
    pub open_circuit_v: Vec<f64>,
    /// Seconds that the pack lives in a second of telemetry: 1, but for the simulated car, whose day is short.
    pub pace: f64,
    /// Age when the model first sees it, years.
    pub age_years: f64,
    /// What it has been driven when the model first sees it, km; the odometer is taken instead where there is one.
    pub driven_km: f64,
}

impl Default for BatteryConfig {
    fn default() -> Self {
        Self {
            series_cells: 96,
            capacity_ah: 234.0,
            resistance_ohm: 0.042,
            // Off by up to 5 mV from the simulated cells (10 mV when empty), as a lot's curve is for one pack. [E]
            open_circuit_v: vec![3.21, 3.475, 3.565, 3.615, 3.655, 3.715, 3.795, 3.895, 3.985, 4.085, 4.185],
            pace: 15.0,
            age_years: 3.0,
            driven_km: 45_000.0,
        }
    }
}

/// A pack that cannot be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BatteryConfigError {
    /// A value is out of its range.
    #[error("`{field}` is {value}; it must lie between {low} and {high}")]
    Range {
        /// Which.
        field: &'static str,
        /// Its value.
        value: f64,
        /// Lowest.
        low: f64,
        /// Highest.
        high: f64,
    },
    /// The curve is none.
    #[error("`open_circuit_v` must be 3 to 101 voltages between 1 and 5 V that rise from empty to full")]
    Curve,
}

/// Volts that a pack drops at 1C, as a share of its voltage: what a resistance can be at all.
const DROP_AT_1C: (f64, f64) = (1e-3, 0.5);
/// Energy for a kilometre with what driving gives back and charging loses, W·h \[E\]: what makes full cycles of kilometres.
const WH_PER_KM: f64 = 180.0;

impl BatteryConfig {
    /// Whether such a pack can be.
    ///
    /// # Errors
    /// What cannot.
    pub fn check(&self) -> Result<(), BatteryConfigError> {
        let curve = &self.open_circuit_v;
        let rises = curve.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        if !(3..=101).contains(&curve.len()) || !rises || !curve.iter().all(|v| (1.0..=5.0).contains(v)) {
            return Err(BatteryConfigError::Curve);
        }
        let cells = f64::from(self.series_cells);
        let ohm = self.open_v(0.5) * cells / self.capacity_ah.clamp(0.1, 1e5);
        let (least, most) = (DROP_AT_1C.0 * ohm, DROP_AT_1C.1 * ohm);
        for (field, value, low, high) in [
            ("series_cells", cells, 1.0, 2000.0),
            ("capacity_ah", self.capacity_ah, 0.1, 1e5),
            ("resistance_ohm", self.resistance_ohm, least, most),
            ("pace", self.pace, 0.01, 1000.0),
            ("age_years", self.age_years, 0.0, 50.0),
            ("driven_km", self.driven_km, 0.0, 5e6),
        ] {
            if !(low..=high).contains(&value) {
                return Err(BatteryConfigError::Range { field, value, low, high });
            }
        }
        Ok(())
    }

    /// Cells in series.
    pub(super) fn cells(&self) -> f64 {
        f64::from(self.series_cells)
    }

    /// Full cycles that so many kilometres are.
    pub(super) fn full_cycles(&self, km: f64) -> f64 {
        km * WH_PER_KM / (self.cells() * self.open_v(0.5) * self.capacity_ah)
    }

    /// Open-circuit voltage of a cell, V; beyond empty and full the curve goes on as at its ends.
    pub(super) fn open_v(&self, charge: f64) -> f64 {
        let steps = self.open_circuit_v.len().saturating_sub(1).max(1);
        let place = charge * steps as f64;
        let index = (place.max(0.0) as usize).min(steps - 1);
        match self.open_circuit_v.get(index..index + 2) {
            Some([a, b]) => a + (b - a) * (place - index as f64),
            _ => f64::NAN,
        }
    }

    /// State of charge of a cell that has this voltage at rest, and volts for a whole charge there.
    pub(super) fn charge_at(&self, volts: f64) -> Option<(f64, f64)> {
        let steps = self.open_circuit_v.len().checked_sub(1)?;
        let index = self.open_circuit_v.partition_point(|v| *v < volts).clamp(1, steps) - 1;
        let Some([a, b]) = self.open_circuit_v.get(index..index + 2) else { return None };
        Some(((index as f64 + (volts - a) / (b - a)) / steps as f64, (b - a) * steps as f64))
    }

    /// Resistance over that at 25 °C: Arrhenius with 25 kJ/mol \[E\].
    pub(super) fn cold_factor(temperature_deg_c: f64) -> f64 {
        (3000.0 * (1.0 / (temperature_deg_c + 273.15) - 1.0 / 298.15)).exp()
    }
}

/// What acts on the pack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Draw {
    /// Positive when it discharges, A.
    pub current_a: f64,
    /// Resistance over that at 25 °C.
    pub cold: f64,
    /// Its capacity as it is believed, A·h.
    pub capacity_ah: f64,
}

/// Places of the states.
pub(super) const CHARGE: usize = 0;
pub(super) const FAST: usize = 1;
pub(super) const SLOW: usize = 2;
pub(super) const RESISTANCE: usize = 3;

const STATES: [Quantity; 5] = [
    Quantity { name: "state of charge", unit: "", scale: Scale::Linear },
    Quantity { name: "fast drop", unit: "V", scale: Scale::Linear },
    Quantity { name: "slow drop", unit: "V", scale: Scale::Linear },
    Quantity { name: "resistance factor", unit: "", scale: Scale::Log },
    Quantity { name: "error of the open-circuit voltage of a cell", unit: "V", scale: Scale::Linear },
];

/// Shares of the resistance and time constants, s, of the two RC elements \[E\]: charge transfer and diffusion.
const ELEMENTS: [(f64, f64); 2] = [(0.3, 15.0), (0.3, 120.0)];
/// Error of the open-circuit curve: standard deviation, V a cell, and how long it hangs together, s \[E\].
const CURVE: (f64, f64) = (0.005, 7200.0);
/// What of it is the same each time the charge comes by, V a cell \[E\]: the filter believes to have averaged it away.
const STAYS_V: f64 = 0.006;
/// What a second adds by chance: to charge, to the two drops as a share of the pack's voltage, to the logarithm of the
/// resistance \[E\].
const WANDERS: [f64; 4] = [5e-5, 1.5e-4, 6e-5, 2e-4];
/// What the voltage is off by: volts a cell, and share of the drop over the resistance \[E\].
const VOLTAGE: (f64, f64) = (0.001, 0.06);

/// The circuit of a pack. States: charge, 0 to 1; drops over the two elements, V; resistance over that of a new pack at
/// 25 °C; error of the curve, V a cell. Output: voltage, V. Time is in seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackCircuit<'a>(pub &'a BatteryConfig);

impl PackCircuit<'_> {
    /// What is believed before the first row: nothing of the charge.
    pub const PRIORS: [Prior; 5] = [
        Prior { median: 0.5, deviation: 0.3 },
        Prior { median: 0.0, deviation: 1.0 },
        Prior { median: 0.0, deviation: 1.0 },
        Prior { median: 1.1, deviation: 0.3 },
        Prior { median: 0.0, deviation: CURVE.0 },
    ];

    /// Standard deviation of a reading of the voltage, V.
    pub fn deviation_v(self, draw: &Draw) -> f64 {
        let drop = draw.current_a * self.0.resistance_ohm * draw.cold;
        (VOLTAGE.0 * self.0.cells()).hypot(VOLTAGE.1 * drop)
    }

    /// Standard deviation that the curve's lasting error gives a charge.
    pub fn lasting(self, charge: f64) -> f64 {
        let charge = charge.clamp(0.05, 0.95);
        let slope = (self.0.open_v(charge + 0.05) - self.0.open_v(charge - 0.05)) / 0.1;
        STAYS_V / slope.max(0.1)
    }

    /// Charge that the voltage at rest says, and its standard deviation: what is left of the drops is known to a third;
    /// most of the curve's error is the same each time, which the slow filter's gauge is for.
    pub fn rest(self, voltage_v: f64, draw: &Draw, resistance: f64, drops_v: f64) -> Option<(f64, f64)> {
        let (config, cells) = (self.0, self.0.cells());
        let instant_v = draw.current_a * config.resistance_ohm * resistance * draw.cold;
        let (charge, slope) = config.charge_at((voltage_v + instant_v + drops_v) / cells)?;
        let volts = VOLTAGE.0.hypot(0.3 * CURVE.0).hypot(0.3 * drops_v / cells).hypot(0.15 * instant_v / cells);
        Some((charge, volts / slope)).filter(|_| (-0.05..=1.05).contains(&charge))
    }
}

impl Model for PackCircuit<'_> {
    type Load = Draw;

    fn states(&self) -> &[Quantity] {
        &STATES
    }

    fn parameters(&self) -> &[Quantity] {
        &[]
    }

    fn outputs(&self) -> usize {
        1
    }

    /// Exact for a current that is constant over the step, however long.
    fn step(&self, state: &mut [f64], _: &[f64], load: &Draw, dt: f64, _: f64, _: &mut Noise<'_>) {
        let [charge, fast, slow, resistance, error] = state else { return };
        let drop = load.current_a * self.0.resistance_ohm * *resistance * load.cold;
        *charge -= load.current_a * dt / (3600.0 * load.capacity_ah);
        for (volts, (share, time)) in [fast, slow].into_iter().zip(ELEMENTS) {
            let kept = (-dt / time).exp();
            *volts = kept * *volts + (1.0 - kept) * share * drop;
        }
        *error *= (-dt / CURVE.1).exp();
    }

    fn process_deviation(&self, dt: f64, out: &mut [f64]) {
        let [charge, fast, slow, resistance, error] = out else { return };
        let volts = self.0.cells() * self.0.open_v(0.5);
        let root = dt.max(0.0).sqrt();
        *charge = WANDERS[0] * root;
        // No more than what an element forgets within its time.
        *fast = WANDERS[1] * volts * root.min(ELEMENTS[0].1.sqrt());
        *slow = WANDERS[2] * volts * root.min(ELEMENTS[1].1.sqrt());
        *resistance = WANDERS[3] * root;
        let kept = (-dt / CURVE.1).exp();
        *error = CURVE.0 * (1.0 - kept * kept).max(0.0).sqrt();
    }

    fn output(&self, state: &[f64], _: &[f64], load: &Draw, out: &mut [f64]) {
        if let (&[charge, fast, slow, resistance, error], [volts]) = (state, out) {
            let drop = load.current_a * self.0.resistance_ohm * resistance * load.cold;
            *volts = self.0.cells() * (self.0.open_v(charge) + error) - drop - fast - slow;
        }
    }

    fn event_state(&self, state: &[f64], _: &[f64], _: &Draw) -> f64 {
        state.first().copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_voltage_at_rest_says_the_charge_that_made_it() {
        let config = BatteryConfig::default();
        for charge in [0.0, 0.07, 0.3, 0.55, 0.99, 1.0] {
            let (found, slope) = config.charge_at(config.open_v(charge)).unwrap();
            assert!((found - charge).abs() < 1e-9 && slope > 0.0, "{charge}: {found}");
        }
    }

    #[test]
    fn two_short_steps_are_one_long_one() {
        let config = BatteryConfig::default();
        let draw = Draw { current_a: 80.0, cold: 1.1, capacity_ah: 220.0 };
        let (mut once, mut twice) = ([0.8, 1.0, 0.2, 1.1, 0.002], [0.8, 1.0, 0.2, 1.1, 0.002]);
        PackCircuit(&config).step(&mut once, &[], &draw, 60.0, 1.0, &mut Noise::none());
        for _ in 0..6 {
            PackCircuit(&config).step(&mut twice, &[], &draw, 10.0, 1.0, &mut Noise::none());
        }
        assert!(once.iter().zip(twice).all(|(a, b)| (a - b).abs() < 1e-12), "{once:?} {twice:?}");
        // 80 A for a minute of 220 Ah.
        assert!((0.8 - once[CHARGE] - 80.0 / 60.0 / 220.0).abs() < 1e-12);
    }

    #[test]
    fn a_pack_that_cannot_be_is_refused_with_the_field() {
        let says = |change: fn(&mut BatteryConfig)| {
            let mut config = BatteryConfig::default();
            change(&mut config);
            config.check().map_err(|error| error.to_string())
        };
        assert_eq!(says(|_| {}), Ok(()));
        for (change, field) in [
            ((|c| c.series_cells = 0) as fn(&mut BatteryConfig), "series_cells"),
            (|c| c.capacity_ah = f64::NAN, "capacity_ah"),
            (|c| c.capacity_ah = 1e9, "capacity_ah"),
            (|c| c.resistance_ohm = 0.0, "resistance_ohm"),
            (|c| c.pace = f64::INFINITY, "pace"),
            (|c| c.age_years = -1.0, "age_years"),
            (|c| c.driven_km = 1e12, "driven_km"),
            (|c| c.open_circuit_v = vec![4.0, 3.0, 3.5], "open_circuit_v"),
            (|c| c.open_circuit_v = vec![3.0; 1000], "open_circuit_v"),
        ] {
            let error = says(change).unwrap_err();
            assert!(error.contains(field), "{field}: {error}");
        }
        assert!(serde_json::from_str::<BatteryConfig>("{ \"capacity\": 3 }").is_err());
        assert_eq!(serde_json::from_str::<BatteryConfig>("{}").unwrap(), BatteryConfig::default());
    }
}
