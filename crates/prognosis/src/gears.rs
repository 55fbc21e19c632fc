//! Gear stages: ratios and mesh frequencies from tooth counts.
//!
//! Kinematics only; no loads, no efficiencies.

/// One stage of a gearbox that speeds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GearStage {
    /// Ring fixed, carrier driven, sun out.
    Planetary {
        /// Teeth of the sun.
        sun_teeth: u16,
        /// Teeth of the ring.
        ring_teeth: u16,
    },
    /// A wheel drives a pinion on a parallel shaft.
    Parallel {
        /// Teeth of the wheel, on the slow shaft.
        wheel_teeth: u16,
        /// Teeth of the pinion, on the fast shaft.
        pinion_teeth: u16,
    },
}

impl GearStage {
    /// Speed of the fast shaft over that of the slow one. A gear without teeth counts as one with a single tooth.
    #[must_use]
    pub fn ratio(self) -> f64 {
        match self {
            Self::Planetary { sun_teeth, ring_teeth } => 1.0 + f64::from(ring_teeth) / f64::from(sun_teeth.max(1)),
            Self::Parallel { wheel_teeth, pinion_teeth } => f64::from(wheel_teeth) / f64::from(pinion_teeth.max(1)),
        }
    }

    /// How often teeth meet, Hz, when the slow shaft (carrier or wheel) turns at `slow_shaft_rpm`.
    ///
    /// A planet meets each tooth of the fixed ring once in a turn of the carrier, and so does the sun.
    #[must_use]
    pub fn mesh_frequency_hz(self, slow_shaft_rpm: f64) -> f64 {
        let teeth = match self {
            Self::Planetary { ring_teeth, .. } => ring_teeth,
            Self::Parallel { wheel_teeth, .. } => wheel_teeth,
        };
        f64::from(teeth) * slow_shaft_rpm / 60.0
    }
}

/// Speed of the last shaft over that of the first, for stages in series.
#[must_use]
pub fn total_ratio(stages: &[GearStage]) -> f64 {
    stages.iter().map(|stage| stage.ratio()).product()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NREL Gearbox Reliability Collaborative, 750 kW (Oyague 2011, NREL/TP-5000-47773).
    const GRC: [GearStage; 3] = [
        GearStage::Planetary { sun_teeth: 21, ring_teeth: 99 },
        GearStage::Parallel { wheel_teeth: 82, pinion_teeth: 23 },
        GearStage::Parallel { wheel_teeth: 88, pinion_teeth: 22 },
    ];

    /// 5 MW reference gearbox (Nejad, Guo, Gao, Moan 2016, Wind Energy 19).
    const REFERENCE_5_MW: [GearStage; 3] = [
        GearStage::Planetary { sun_teeth: 19, ring_teeth: 56 },
        GearStage::Planetary { sun_teeth: 18, ring_teeth: 93 },
        GearStage::Parallel { wheel_teeth: 95, pinion_teeth: 24 },
    ];

    #[track_caller]
    fn check(computed: f64, published: f64, tolerance: f64) {
        assert!((computed - published).abs() <= tolerance, "{computed} is not {published}");
    }

    #[test]
    fn ratios_are_the_published_ones() {
        check(total_ratio(&GRC), 81.491, 5e-4);
        check(total_ratio(&REFERENCE_5_MW), 96.354, 5e-4);
        check(REFERENCE_5_MW[0].ratio(), 3.947, 5e-4);
        check(REFERENCE_5_MW[1].ratio(), 6.167, 5e-4);
        check(REFERENCE_5_MW[2].ratio(), 3.958, 5e-4);
    }

    #[test]
    fn mesh_frequencies_at_rated_speed_are_the_published_ones() {
        let carrier_rpm = 22.1;
        let intermediate_rpm = carrier_rpm * GRC[0].ratio();
        let third_rpm = intermediate_rpm * GRC[1].ratio();
        check(GRC[0].mesh_frequency_hz(carrier_rpm), 36.5, 0.05);
        check(GRC[1].mesh_frequency_hz(intermediate_rpm), 172.6, 0.05);
        check(third_rpm / 60.0, 7.50, 0.005);
        check(GRC[2].mesh_frequency_hz(third_rpm), 660.3, 0.05);
        check(third_rpm * GRC[2].ratio() / 60.0, 30.0, 0.05);
    }

    #[test]
    fn a_gear_without_teeth_gives_a_finite_ratio() {
        let broken = GearStage::Parallel { wheel_teeth: 95, pinion_teeth: 0 };
        assert!(broken.ratio().is_finite());
    }
}
