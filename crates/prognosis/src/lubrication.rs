//! Lubricant: viscosity by temperature, what a bearing needs of it, and the film it forms.
//!
//! Not here: friction and wear, which are the machine's own.

/// Density of mineral gear oil, kg/m³, taken as constant: it falls by 4 % from 40 to 100 °C.
pub const OIL_DENSITY_KG_PER_M3: f64 = 860.0;

/// Kinematic viscosity by temperature, as two points define it.
///
/// Walther's equation, ASTM D341: `log10(log10(nu + 0.7)) = a - b * log10(T)`, nu in mm²/s, T in kelvin.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walther {
    /// Intercept.
    pub a: f64,
    /// Slope.
    pub b: f64,
}

impl Walther {
    /// Gear oil ISO VG 320: 320 mm²/s at 40 °C, 24.0 at 100 °C.
    pub const ISO_VG_320: Self = Self { a: 8.763_13, b: 3.351_35 };

    /// Kinematic viscosity, mm²/s.
    ///
    /// The temperature is held within -20 to 150 °C, where the oil flows and the equation means something.
    #[must_use]
    pub fn viscosity_mm2_per_s(&self, temperature_deg_c: f64) -> f64 {
        let kelvin = temperature_deg_c.clamp(-20.0, 150.0) + 273.15;
        10f64.powf(10f64.powf(self.a - self.b * kelvin.log10())) - 0.7
    }
}

/// The viscosity that a bearing needs, nu1 in mm²/s (ISO 281:2007, equations 28 and 29).
///
/// `mean_diameter_mm` is the pitch diameter of the rolling elements. Below 1 rpm the value at 1 rpm.
#[must_use]
pub fn required_viscosity_mm2_per_s(speed_rpm: f64, mean_diameter_mm: f64) -> f64 {
    let n = speed_rpm.max(1.0);
    let by_speed = if n < 1000.0 { 45_000.0 * n.powf(-0.83) } else { 4_500.0 / n.sqrt() };
    by_speed / mean_diameter_mm.sqrt()
}

/// A loaded line contact, such as a roller on its raceway or two teeth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineContact {
    /// Reduced modulus of elasticity, Pa; about 226 GPa for steel on steel.
    pub reduced_modulus_pa: f64,
    /// Pressure-viscosity coefficient of the oil, 1/Pa; about 2.2e-8 for mineral oil.
    pub pressure_viscosity_per_pa: f64,
    /// Reduced radius of curvature, m.
    pub reduced_radius_m: f64,
}

impl LineContact {
    /// Thinnest film, m (Dowson and Higginson 1966: `H = 2.65 G^0.54 U^0.7 W^-0.13`).
    ///
    /// `viscosity_pa_s` is the dynamic viscosity at the inlet, `entrainment_m_per_s` the mean speed of the two
    /// surfaces, `line_load_n_per_m` the load per length; at least 1 kN/m, so that an unloaded contact
    /// has a finite film. Zero at standstill.
    #[must_use]
    pub fn minimum_film_m(&self, viscosity_pa_s: f64, entrainment_m_per_s: f64, line_load_n_per_m: f64) -> f64 {
        let scale = self.reduced_modulus_pa * self.reduced_radius_m;
        let g = self.pressure_viscosity_per_pa * self.reduced_modulus_pa;
        let u = viscosity_pa_s * entrainment_m_per_s.max(0.0) / scale;
        let w = line_load_n_per_m.max(1.0e3) / scale;
        2.65 * g.powf(0.54) * u.powf(0.7) * w.powf(-0.13) * self.reduced_radius_m
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(computed: f64, expected: f64, tolerance: f64) {
        assert!((computed - expected).abs() <= tolerance, "{computed} is not {expected}");
    }

    #[test]
    fn viscosity_of_vg_320_by_temperature() {
        for (deg_c, mm2_per_s) in
            [(50.0, 179.4), (55.0, 138.1), (60.0, 108.1), (65.0, 85.9), (70.0, 69.2), (80.0, 46.6)]
        {
            check(Walther::ISO_VG_320.viscosity_mm2_per_s(deg_c), mm2_per_s, 0.06);
        }
        // The two points of the definition.
        check(Walther::ISO_VG_320.viscosity_mm2_per_s(40.0), 320.0, 0.1);
        check(Walther::ISO_VG_320.viscosity_mm2_per_s(100.0), 24.0, 0.01);
    }

    #[test]
    fn viscosity_stays_finite_at_impossible_temperatures() {
        for deg_c in [-400.0, -273.15, 1e6] {
            assert!(Walther::ISO_VG_320.viscosity_mm2_per_s(deg_c).is_finite(), "{deg_c}");
        }
    }

    #[test]
    fn required_viscosity_by_speed_and_diameter() {
        check(required_viscosity_mm2_per_s(1800.0, 140.0), 8.964, 5e-4);
        check(required_viscosity_mm2_per_s(22.1, 500.0), 154.13, 5e-3);
        assert!(required_viscosity_mm2_per_s(0.0, 300.0).is_finite());
    }

    #[test]
    fn thinnest_film_by_temperature() {
        let contact =
            LineContact { reduced_modulus_pa: 226e9, pressure_viscosity_per_pa: 2.2e-8, reduced_radius_m: 0.012 };
        for (deg_c, micrometres) in [(55.0, 1.097), (70.0, 0.676), (85.0, 0.452)] {
            let viscosity_pa_s = Walther::ISO_VG_320.viscosity_mm2_per_s(deg_c) * 1e-6 * OIL_DENSITY_KG_PER_M3;
            let film = contact.minimum_film_m(viscosity_pa_s, 2.5, 3e5);
            check(film * 1e6, micrometres, 0.002);
        }
    }
}
