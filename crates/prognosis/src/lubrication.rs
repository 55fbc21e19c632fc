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

    /// Through two points, each temperature in °C and viscosity in mm²/s; none where they are no two points of an oil
    /// (equal or unordered temperatures, viscosities at or below 0.3).
    #[must_use]
    pub fn through(first: (f64, f64), second: (f64, f64)) -> Option<Self> {
        let place = |(deg_c, nu): (f64, f64)| ((deg_c + 273.15).log10(), (nu + 0.7).log10().log10());
        let ((x1, y1), (x2, y2)) = (place(first), place(second));
        let b = (y1 - y2) / (x2 - x1);
        let a = y1 + b * x1;
        (a.is_finite() && b.is_finite() && b > 0.0).then_some(Self { a, b })
    }

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
        let (g, u, w) = self.numbers(viscosity_pa_s, entrainment_m_per_s, line_load_n_per_m);
        2.65 * g.powf(0.54) * u.powf(0.7) * w.powf(-0.13) * self.reduced_radius_m
    }

    /// Film in the middle of the contact, m (Dowson and Toyoda 1979: `H = 3.06 G^0.56 U^0.69 W^-0.10`); arguments as above.
    #[must_use]
    pub fn central_film_m(&self, viscosity_pa_s: f64, entrainment_m_per_s: f64, line_load_n_per_m: f64) -> f64 {
        let (g, u, w) = self.numbers(viscosity_pa_s, entrainment_m_per_s, line_load_n_per_m);
        3.06 * g.powf(0.56) * u.powf(0.69) * w.powf(-0.10) * self.reduced_radius_m
    }

    /// Material, speed and load without dimensions.
    fn numbers(&self, viscosity_pa_s: f64, entrainment_m_per_s: f64, line_load_n_per_m: f64) -> (f64, f64, f64) {
        let scale = self.reduced_modulus_pa * self.reduced_radius_m;
        let g = self.pressure_viscosity_per_pa * self.reduced_modulus_pa;
        let u = viscosity_pa_s * entrainment_m_per_s.max(0.0) / scale;
        (g, u, line_load_n_per_m.max(1.0e3) / scale)
    }
}

/// A loaded contact of two curved bodies, such as a ball in its groove.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PointContact {
    /// Reduced modulus of elasticity, Pa.
    pub reduced_modulus_pa: f64,
    /// Pressure-viscosity coefficient of the oil, 1/Pa.
    pub pressure_viscosity_per_pa: f64,
    /// Reduced radius in the direction of rolling, m.
    pub reduced_radius_m: f64,
    /// Axes of the contact ellipse across and along the direction of rolling, one over the other: k.
    pub ellipticity: f64,
}

/// Films of a contact, m.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Films {
    /// Where it is thinnest.
    pub minimum_m: f64,
    /// In the middle.
    pub central_m: f64,
}

impl PointContact {
    /// Films (Hamrock and Dowson 1977, J. Lubr. Technol. 99, fully flooded, hard surfaces).
    ///
    /// `load_n` counts as at least 1 N, so that an unloaded contact has a finite film. Zero at standstill.
    #[must_use]
    pub fn films(&self, viscosity_pa_s: f64, entrainment_m_per_s: f64, load_n: f64) -> Films {
        let g = self.pressure_viscosity_per_pa * self.reduced_modulus_pa;
        let u = viscosity_pa_s * entrainment_m_per_s.max(0.0) / (self.reduced_modulus_pa * self.reduced_radius_m);
        let w = load_n.max(1.0) / (self.reduced_modulus_pa * self.reduced_radius_m.powi(2));
        let side = |share: f64, power: f64| 1.0 - share * (-power * self.ellipticity).exp();
        Films {
            minimum_m: 3.63 * u.powf(0.68) * g.powf(0.49) * w.powf(-0.073) * side(1.0, 0.68) * self.reduced_radius_m,
            central_m: 2.69 * u.powf(0.67) * g.powf(0.53) * w.powf(-0.067) * side(0.61, 0.73) * self.reduced_radius_m,
        }
    }
}

/// Film over roughness: above 3 a full film, from 1 to 3 a mixed one, below that the surfaces touch. Roughnesses are rms,
/// in the film's unit.
#[must_use]
pub fn lambda_ratio(film: f64, roughness_of_one: f64, roughness_of_the_other: f64) -> f64 {
    film / roughness_of_one.hypot(roughness_of_the_other)
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
        for (deg_c, thinnest, central, lambda) in
            [(55.0, 1.097, 1.438, 2.74), (70.0, 0.676, 0.892, 1.69), (85.0, 0.452, 0.600, 1.13)]
        {
            let viscosity_pa_s = Walther::ISO_VG_320.viscosity_mm2_per_s(deg_c) * 1e-6 * OIL_DENSITY_KG_PER_M3;
            let film = contact.minimum_film_m(viscosity_pa_s, 2.5, 3e5);
            check(film * 1e6, thinnest, 0.002);
            check(contact.central_film_m(viscosity_pa_s, 2.5, 3e5) * 1e6, central, 0.002);
            // 0.4 µm of both together.
            let each = 0.4e-6 / f64::sqrt(2.0);
            check(lambda_ratio(film, each, each), lambda, 0.006);
        }
    }

    #[test]
    fn films_of_an_elliptical_contact() {
        let contact = PointContact {
            reduced_modulus_pa: 226e9,
            pressure_viscosity_per_pa: 2.2e-8,
            reduced_radius_m: 0.012,
            ellipticity: 6.0,
        };
        let films = contact.films(0.13, 2.5, 2e3);
        check(films.minimum_m * 1e6, 1.009, 0.001);
        check(films.central_m * 1e6, 1.258, 0.001);
    }

    #[test]
    fn two_points_make_the_oil() {
        let oil = Walther::through((40.0, 320.0), (100.0, 24.0)).unwrap();
        check(oil.a, 8.763_13, 1e-4);
        check(oil.b, 3.351_35, 1e-4);
        for bad in [(40.0, 320.0), (100.0, 900.0), (100.0, 0.1), (f64::NAN, 3.0)] {
            assert_eq!(Walther::through((40.0, 320.0), bad), None, "{bad:?}");
        }
    }
}
