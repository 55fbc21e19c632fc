//! Load, film and life of the high-speed bearing: what no sensor reads.

use crate::bearing_life::{Rolling, Weibull, basic_life_mrev, hours, life_modification};
use crate::lubrication::{LineContact, OIL_DENSITY_KG_PER_M3, Walther, required_viscosity_mm2_per_s};
use crate::wind_turbine::MISALIGNMENT_LOAD_N_PER_MRAD;

use super::thermal::BASE_LOAD_SHARE;

/// Its size and rating: two rows of 20 rollers, 340 x 620 x 224 mm, dimension series 32 of ISO 15.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HighSpeedBearing {
    /// Radial load from the mesh at rated torque, N. \[E\]
    pub rated_load_n: f64,
    /// Mean of bore and outer diameter, m.
    pub mean_diameter_m: f64,
    /// Radius of a roller, m. \[E\]
    pub roller_radius_m: f64,
    /// Rollers times their length, m. \[E\]
    pub contact_length_m: f64,
    /// Roughness of both surfaces together, m. \[E\]
    pub roughness_m: f64,
    /// Dynamic rating C and fatigue limit load Cu, N. \[E\]: of the size's order in catalogues.
    pub ratings_n: (f64, f64),
    /// Contamination e_C (ISO 281:2007): 0.5 to 0.3 is slight. \[E\]
    pub cleanliness: f64,
}

impl Default for HighSpeedBearing {
    fn default() -> Self {
        Self {
            rated_load_n: 1.0e5,
            mean_diameter_m: 0.48,
            roller_radius_m: 0.033,
            contact_length_m: 40.0 * 0.075,
            roughness_m: 0.4e-6,
            ratings_n: (4.5e6, 4.0e5),
            cleanliness: 0.4,
        }
    }
}

/// Load by misalignment over the load at rated torque.
pub(super) fn misalignment_share(misalignment_mrad: f64) -> f64 {
    MISALIGNMENT_LOAD_N_PER_MRAD / 1.0e5 * misalignment_mrad.clamp(0.0, 10.0)
}

impl HighSpeedBearing {
    /// Radial load, N: mesh, weight and misalignment (`F = k θ L` \[E\]).
    #[must_use]
    pub fn load_n(&self, torque_share: f64, misalignment_mrad: f64) -> f64 {
        self.rated_load_n * (BASE_LOAD_SHARE + torque_share.clamp(0.0, 2.0) + misalignment_share(misalignment_mrad))
    }

    /// Thinnest film at the most loaded roller, m; `viscosity_mm2_per_s` is that at the bearing's temperature.
    #[must_use]
    pub fn film_m(&self, viscosity_mm2_per_s: f64, shaft_rad_per_s: f64, load_n: f64) -> f64 {
        let raceway_m = 0.5 * self.mean_diameter_m - self.roller_radius_m;
        let contact = LineContact {
            reduced_modulus_pa: 226e9,
            pressure_viscosity_per_pa: 2.2e-8,
            reduced_radius_m: 1.0 / (1.0 / self.roller_radius_m + 1.0 / raceway_m),
        };
        // The cage turns at half the shaft's speed. The most loaded roller bears 4.6 of the mean (Harris 2001).
        let entrainment = 0.25 * shaft_rad_per_s * self.mean_diameter_m;
        contact.minimum_film_m(
            viscosity_mm2_per_s * 1e-6 * OIL_DENSITY_KG_PER_M3,
            entrainment,
            4.6 * load_n / self.contact_length_m,
        )
    }

    /// Lives of such bearings in hours of turning at a constant load, speed and temperature (ISO 281:2007 with
    /// contamination, Weibull): the prior before any data of this one. None without a film.
    #[must_use]
    pub fn fatigue(&self, oil: Walther, bearing_deg_c: f64, load_n: f64, speed_rpm: f64) -> Option<Weibull> {
        let kappa = oil.viscosity_mm2_per_s(bearing_deg_c)
            / required_viscosity_mm2_per_s(speed_rpm, self.mean_diameter_m * 1e3);
        let (rating, limit) = self.ratings_n;
        let factor = life_modification(Rolling::Rollers, kappa, self.cleanliness * limit / load_n)?;
        let life = hours(factor * basic_life_mrev(Rolling::Rollers, rating, load_n), speed_rpm);
        Some(Weibull::from_rating(life, Rolling::Rollers.weibull_slope()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misalignment_loads_the_bearing_and_thins_its_film() {
        let bearing = HighSpeedBearing::default();
        let (straight, crooked) = (bearing.load_n(1.0, 0.0), bearing.load_n(1.0, 1.0));
        assert!((straight - 1.15e5).abs() < 1.0 && (crooked - straight - 2.0e4).abs() < 1.0);
        assert!(bearing.film_m(80.0, 119.5, crooked) < bearing.film_m(80.0, 119.5, straight));
    }

    #[test]
    fn dirty_oil_shortens_the_life_that_the_standard_gives() {
        let clean = HighSpeedBearing { cleanliness: 0.7, ..HighSpeedBearing::default() };
        let dirty = HighSpeedBearing { cleanliness: 0.01, ..clean };
        let life =
            |bearing: HighSpeedBearing| bearing.fatigue(Walther::ISO_VG_320, 66.0, 1.15e5, 1141.0).unwrap().scale;
        assert!(life(dirty) < 0.5 * life(clean));
    }
}
