//! Loss of capacity and rise of resistance by time and by cycles, as published for two cells.
//!
//! Each is a law of one cell type, fitted to tests of some years and some thousand cycles at constant conditions; what
//! lies outside them is extrapolated. Knee points are in neither but for the sigmoid of [`Kokam`].

/// NMC111 against graphite, Kokam 75 Ah (Smith, Saxon, Keyser, Lundstrom, Cao, Roc 2017, American Control Conference; the
/// form and constants of NREL BLAST-Lite, `nmc111_gr_Kokam75Ah`, BSD-3-Clause). Tested from 0 to 45 °C, at depths of
/// discharge of 0.8 to 1 and at most 1C; there is no effect of the current.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kokam {
    /// Temperature, °C.
    pub temperature_deg_c: f64,
    /// Mean state of charge, 0 to 1.
    pub charge: f64,
    /// Depth of discharge, 0 to 1.
    pub depth: f64,
}

impl Kokam {
    /// Powers of days and of full cycles with which capacity is lost.
    pub(super) const BY_TIME: f64 = 0.357;
    pub(super) const BY_CYCLES: f64 = 0.778;
    /// Rise of the resistance by time and by cycles: its factor over that of the loss, and its power.
    pub(super) const RISE_BY_TIME: (f64, f64) = (0.0570, 1.25);
    pub(super) const RISE_BY_CYCLES: (f64, f64) = (4.87, 0.712);

    /// Whether the tests behind the law cover these conditions.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        (0.0..=45.0).contains(&self.temperature_deg_c) && (0.8..=1.0).contains(&self.depth)
    }

    /// Anode potential at rest, V (Safari and Delacourt 2011, J. Electrochem. Soc. 158).
    #[must_use]
    pub fn anode_v(&self) -> f64 {
        let x = 8.5e-3 + self.charge.clamp(0.0, 1.0) * (0.78 - 8.5e-3);
        0.6379 + 0.5416 * (-305.5309 * x).exp() + 0.044 * (-(x - 0.1958) / 0.1088).tanh()
            - 0.1978 * ((x - 1.0571) / 0.0854).tanh()
            - 0.6875 * ((x + 0.0117) / 0.0529).tanh()
            - 0.0175 * ((x - 0.5692) / 0.0875).tanh()
    }

    /// Temperature over 35 °C.
    fn warmth(&self) -> f64 {
        (self.temperature_deg_c + 273.15) / 308.15
    }

    /// Loss in a day^[`Self::BY_TIME`]: the factor before the power of time.
    pub(super) fn calendar(&self) -> f64 {
        let (t, u) = (self.warmth(), self.anode_v() / 0.123);
        2.66e7 * (-17.8 / t).exp() * (-5.21 * u / t).exp()
    }

    /// Loss in a full cycle^[`Self::BY_CYCLES`]: the factor before the power of cycles.
    pub(super) fn cycling(&self) -> f64 {
        3.80e3 * (-18.4 / self.warmth()).exp() * (1.04 * (self.depth * self.depth).exp()).exp()
    }

    /// Share of the capacity that is lost by time.
    #[must_use]
    pub fn loss_by_time(&self, days: f64) -> f64 {
        self.calendar() * days.max(0.0).powf(Self::BY_TIME)
    }

    /// Share of the capacity that is lost by equivalent full cycles.
    #[must_use]
    pub fn loss_by_cycles(&self, full_cycles: f64) -> f64 {
        self.cycling() * full_cycles.max(0.0).powf(Self::BY_CYCLES)
    }

    /// Share of the capacity that is left: lithium that is left, or active material, whichever is less.
    #[must_use]
    pub fn capacity(&self, days: f64, full_cycles: f64) -> f64 {
        let lithium = 1.0 - self.loss_by_time(days) - self.loss_by_cycles(full_cycles);
        let half = 1e4 + 153.0 * (self.temperature_deg_c - 55.0) * self.depth * (self.charge / 0.6);
        let gone = if full_cycles > 0.0 { 1.0 / (1.0 + (half.max(1.0) / full_cycles).powi(10)) } else { 0.0 };
        lithium.min(1.01 - gone)
    }

    /// Resistance over that of a new cell.
    #[must_use]
    pub fn resistance(&self, days: f64, full_cycles: f64) -> f64 {
        let ((a, by_time), (b, by_cycles)) = (Self::RISE_BY_TIME, Self::RISE_BY_CYCLES);
        1.0 + a * self.calendar() * days.max(0.0).powf(by_time)
            + b * self.cycling() * full_cycles.max(0.0).powf(by_cycles)
    }
}

/// NMC against graphite, Sanyo UR18650E, 2.05 Ah (Schmalstieg, Käbitz, Ecker, Sauer 2014, J. Power Sources 257:325-334,
/// equations 11 to 19). Tested from 35 to 50 °C at rest and at 35 °C in cycles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schmalstieg {
    /// Temperature, °C.
    pub temperature_deg_c: f64,
    /// Voltage at rest, V.
    pub rest_v: f64,
    /// Quadratic mean of the voltage while it cycles, V.
    pub cycling_v: f64,
    /// Depth of the cycles, 0 to 1.
    pub depth: f64,
}

impl Schmalstieg {
    fn kelvin(&self) -> f64 {
        self.temperature_deg_c + 273.15
    }

    /// Share of the capacity that is lost by time; below 3.15 V there is none.
    #[must_use]
    pub fn loss_by_time(&self, days: f64) -> f64 {
        let a = (7.543 * self.rest_v - 23.75).max(0.0) * 1e6 * (-6976.0 / self.kelvin()).exp();
        a * days.max(0.0).powf(0.75)
    }

    /// Share of the capacity that is lost by a throughput in A·h.
    #[must_use]
    pub fn loss_by_throughput(&self, ampere_hours: f64) -> f64 {
        let b = 7.348e-3 * (self.cycling_v - 3.667).powi(2) + 7.600e-4 + 4.081e-3 * self.depth;
        b * ampere_hours.max(0.0).sqrt()
    }

    /// Share of the capacity that is left.
    #[must_use]
    pub fn capacity(&self, days: f64, ampere_hours: f64) -> f64 {
        1.0 - self.loss_by_time(days) - self.loss_by_throughput(ampere_hours)
    }

    /// Resistance over that of a new cell.
    #[must_use]
    pub fn resistance(&self, days: f64, ampere_hours: f64) -> f64 {
        let a = (5.270 * self.rest_v - 16.32).max(0.0) * 1e5 * (-5986.0 / self.kelvin()).exp();
        let b = (2.153e-4 * (self.cycling_v - 3.725).powi(2) - 1.521e-5 + 2.798e-4 * self.depth).max(1.5e-5);
        1.0 + a * days.max(0.0).powf(0.75) + b * ampere_hours.max(0.0)
    }
}

/// One step of a loss that goes as k·x^p while k changes: from the loss so far to the loss after `dx` more. The loss is
/// taken to have been made under today's k, which is how a power law goes on from any past.
#[must_use]
pub fn power_law_step(loss: f64, k: f64, p: f64, dx: f64) -> f64 {
    if k <= 0.0 || p <= 0.0 || dx <= 0.0 {
        return loss;
    }
    let reached = (loss.max(0.0) / k).powf(1.0 / p);
    k * (reached + dx).powf(p)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn percent(share: f64, expected: f64) {
        assert!((100.0 * share - expected).abs() <= 0.006, "{} is not {expected}", 100.0 * share);
    }

    fn kokam(temperature_deg_c: f64, charge: f64, depth: f64) -> Kokam {
        Kokam { temperature_deg_c, charge, depth }
    }

    #[test]
    fn kokam_at_rest_fades_as_published() {
        let mild = kokam(25.0, 0.5, 0.8);
        assert!((mild.anode_v() - 0.1233).abs() < 5e-5, "{}", mild.anode_v());
        percent(mild.loss_by_time(365.0), 1.01);
        percent(mild.loss_by_time(3650.0), 2.30);
        percent(kokam(35.0, 0.5, 0.8).loss_by_time(365.0), 2.19);
        percent(kokam(25.0, 0.9, 0.8).loss_by_time(365.0), 4.71);
    }

    #[test]
    fn kokam_in_cycles_fades_as_published() {
        percent(kokam(25.0, 0.5, 0.8).loss_by_cycles(1000.0), 3.25);
        percent(kokam(35.0, 0.5, 0.8).loss_by_cycles(1000.0), 6.02);
        percent(kokam(25.0, 0.5, 0.4).loss_by_cycles(1000.0), 1.53);
    }

    #[test]
    fn kokam_loses_its_active_material_at_last() {
        let cell = kokam(25.0, 0.5, 1.0);
        // At the half of the sigmoid: 1.01 - 1/2.
        let half = 1e4 - 153.0 * 30.0 * (0.5 / 0.6);
        assert!(cell.capacity(0.0, half) <= 0.51 + 1e-12, "{}", cell.capacity(0.0, half));
        assert_eq!(cell.capacity(0.0, 0.0), 1.0);
        assert!(cell.resistance(365.0, 500.0) > 1.0);
        assert!(cell.is_covered() && !kokam(60.0, 0.5, 1.0).is_covered() && !kokam(25.0, 0.5, 0.3).is_covered());
    }

    #[test]
    fn schmalstieg_at_rest_and_in_cycles_fades_as_published() {
        let at = |temperature_deg_c| Schmalstieg { temperature_deg_c, rest_v: 3.70, cycling_v: 3.70, depth: 0.8 };
        percent(at(25.0).loss_by_time(365.0), 2.39);
        percent(at(35.0).loss_by_time(365.0), 5.12);
        percent(at(45.0).loss_by_time(365.0), 10.42);
        // 500 full cycles of 2.05 Ah, charge and discharge.
        percent(at(35.0).loss_by_throughput(500.0 * 2.0 * 2.05), 18.26);
        let low = Schmalstieg { rest_v: 3.0, ..at(25.0) };
        assert_eq!((low.loss_by_time(100.0), low.resistance(100.0, 0.0)), (0.0, 1.0));
    }

    #[test]
    fn many_steps_of_a_power_law_are_one() {
        let all = (0..100).fold(0.0, |loss, _| power_law_step(loss, 0.01, 0.5, 3.65));
        assert!((all - 0.01 * 365_f64.sqrt()).abs() < 1e-12, "{all}");
        assert_eq!(power_law_step(0.1, 0.0, 0.5, 1.0), 0.1);
    }
}
