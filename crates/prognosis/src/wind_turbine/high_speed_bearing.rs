//! The generator-side bearing of the high-speed shaft: friction, temperature, wear, vibration.
//!
//! Its friction brakes the shaft and heats the rings, which give the heat to the oil.
//!
//! Wear is one number, 0 for a sound raceway and 1 for one that is spalled all round. It grows only while a
//! fault is at work, with load, speed and the share of contact that the oil film does not carry. Wear roughens
//! the raceway, roughness breaks the film, and so it speeds up.

use crate::lag::Lag;
use crate::lubrication::{LineContact, OIL_DENSITY_KG_PER_M3, Walther, required_viscosity_mm2_per_s};

/// Size, friction and heat.
#[derive(Debug, Clone, PartialEq)]
pub struct HighSpeedBearingParameters {
    /// Mean of bore and outer diameter, m.
    pub mean_diameter_m: f64,
    /// Radial load at rated torque from the mesh, N.
    pub rated_load_n: f64,
    /// Load without torque, as a share of `rated_load_n`.
    pub base_load_share: f64,
    /// Friction coefficient of the rolling contacts before film and viscosity.
    pub friction_coefficient: f64,
    /// Heat capacity of the rings, J/K.
    pub heat_capacity_j_per_k: f64,
    /// Heat flow to the oil, W/K.
    pub oil_w_per_k: f64,
    /// Friction of a bearing with wear 1 over that of a sound one.
    pub worn_friction_ratio: f64,
    /// Roughness of sound and of fully worn contacts, both surfaces together, m.
    pub roughness_m: (f64, f64),
    /// Wear per second at rate 1 and rated load: where the film carries all, and where it carries nothing.
    pub wear_per_s: (f64, f64),
    /// Velocity at rated speed and load that wear 1 adds, mm/s rms.
    pub worn_vibration_mm_per_s: f64,
    /// Angle between the shaft and the generator's, mrad: it loads the bearing and shakes at twice the shaft's frequency.
    pub misalignment_mrad: f64,
}

impl Default for HighSpeedBearingParameters {
    fn default() -> Self {
        Self {
            // 340 x 620 x 224 mm, dimension series 32 of ISO 15: the bearing of the model, which goes with its sleeve
            // over the shaft of 288 mm in the turbine's file.
            mean_diameter_m: 0.48,
            // [E]: 30 kN.m on a pinion of 0.29 m gives 206 kN; half of it on this bearing.
            rated_load_n: 1.0e5,
            base_load_share: 0.15,
            // [E], fitted with the oil circuit: 66 degC at rated power, where the film makes it 6.9e-4 at the mean
            // diameter. Referred to the bore, as catalogues do, that is 0.001, the usual value of roller bearings.
            friction_coefficient: 2.95e-4,
            oil_w_per_k: 130.0,
            heat_capacity_j_per_k: 2.0e4,
            // [E]: chosen for a demonstration of five minutes at rate 1.
            worn_friction_ratio: 5.7,
            roughness_m: (0.4e-6, 15.0e-6),
            wear_per_s: (1.75e-3, 7.5e-3),
            worn_vibration_mm_per_s: 11.5,
            misalignment_mrad: 0.0,
        }
    }
}

/// Two rows of 20 rollers, 66 mm in diameter and 75 mm long: they fit between the rings of 340 and 620 mm, and 20 of them
/// on the mean circle of 1.51 m. \[E\]
const ROLLERS: f64 = 40.0;
const ROLLER_RADIUS_M: f64 = 0.033;
const ROLLER_LENGTH_M: f64 = 0.075;
/// Rollers share the load: the most loaded one bears 4.6 of the mean (Harris 2001, Rolling Bearing Analysis).
const LINE_LOAD_PER_N: f64 = 4.6 / (ROLLERS * ROLLER_LENGTH_M);

/// Window of the vibration's rms, s. \[E\]
const VIBRATION_LAG_S: f64 = 4.0;
/// Load and, at rated speed, vibration of the bearing by misalignment: `F = k θ L`. \[E\]
pub(crate) const MISALIGNMENT_LOAD_N_PER_MRAD: f64 = 2.0e4;
pub(crate) const MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD: f64 = 1.5;
/// Kurtosis of Gaussian vibration.
const SOUND_KURTOSIS: f64 = 3.0;
/// Single pits knock, a raceway spalled all round only rumbles: kurtosis peaks early and falls again. \[E\]
const KURTOSIS_PEAK: f64 = 6.5;
const KURTOSIS_PEAK_WEAR: f64 = 0.15;

/// What drives the bearing for one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct BearingDrive {
    pub(super) shaft_speed_rad_per_s: f64,
    pub(super) rated_shaft_speed_rad_per_s: f64,
    /// Torque over rated torque.
    pub(super) load_share: f64,
    pub(super) oil_temperature_deg_c: f64,
    /// Rate of the wear fault; 0 without one.
    pub(super) fault_rate: f64,
}

#[derive(Debug, Clone)]
pub(super) struct HighSpeedBearing {
    parameters: HighSpeedBearingParameters,
    oil: Walther,
    temperature: Lag,
    wear: f64,
    friction_torque_n_m: f64,
    vibration: Lag,
}

impl HighSpeedBearing {
    pub(super) fn new(parameters: HighSpeedBearingParameters, oil: Walther) -> Self {
        Self {
            parameters,
            oil,
            temperature: Lag::new(60.0),
            wear: 0.0,
            friction_torque_n_m: 0.0,
            vibration: Lag::new(0.0),
        }
    }

    /// A new bearing in place of the worn one. It takes over the temperature of its seat.
    pub(super) fn replace(&mut self) {
        self.wear = 0.0;
    }

    pub(super) fn step(&mut self, drive: &BearingDrive, dt_s: f64) {
        let p = &self.parameters;
        let load_n = p.rated_load_n * (p.base_load_share + drive.load_share.clamp(0.0, 2.0))
            + MISALIGNMENT_LOAD_N_PER_MRAD * p.misalignment_mrad;
        let film = self.film(drive.shaft_speed_rad_per_s, load_n);

        self.wear = (self.wear + self.wear_rate(drive, load_n, film.lambda) * dt_s).clamp(0.0, 1.0);

        let wear_factor = 1.0 + (p.worn_friction_ratio - 1.0) * self.wear;
        self.friction_torque_n_m =
            friction_coefficient(p.friction_coefficient, film.kappa) * load_n * 0.5 * p.mean_diameter_m * wear_factor;
        let friction_w = self.friction_torque_n_m * drive.shaft_speed_rad_per_s;
        self.temperature.follow(
            drive.oil_temperature_deg_c + friction_w / p.oil_w_per_k,
            p.heat_capacity_j_per_k / p.oil_w_per_k,
            dt_s,
        );
        self.vibration.follow(self.mean_square_vibration(drive), VIBRATION_LAG_S, dt_s);
    }

    pub(super) fn temperature_deg_c(&self) -> f64 {
        self.temperature.value
    }

    pub(super) fn wear(&self) -> f64 {
        self.wear
    }

    pub(super) fn misalignment_mrad(&self) -> f64 {
        self.parameters.misalignment_mrad
    }

    /// Another oil, and shafts that stand otherwise.
    pub(super) fn change(&mut self, oil: Walther, misalignment_mrad: f64) {
        self.oil = oil;
        self.parameters.misalignment_mrad = misalignment_mrad;
    }

    /// Torque that friction takes from the high-speed shaft, N·m, as the last step found it.
    pub(super) fn friction_torque_n_m(&self) -> f64 {
        self.friction_torque_n_m
    }

    /// Heat that goes to the oil, W.
    pub(super) fn heat_to_oil_w(&self, oil_temperature_deg_c: f64) -> f64 {
        self.parameters.oil_w_per_k * (self.temperature.value - oil_temperature_deg_c)
    }

    /// mm/s rms.
    pub(super) fn vibration_mm_per_s(&self) -> f64 {
        self.vibration.value.max(0.0).sqrt()
    }

    /// What wear alone adds, mm/s rms at rated speed and load.
    pub(super) fn damage_vibration_mm_per_s(&self) -> f64 {
        // The extent of the damage excites power, so velocity goes with its root.
        self.parameters.worn_vibration_mm_per_s * self.wear.sqrt()
    }

    pub(super) fn kurtosis(&self) -> f64 {
        let x = self.wear / KURTOSIS_PEAK_WEAR;
        SOUND_KURTOSIS + KURTOSIS_PEAK * x * (1.0 - x).exp()
    }

    fn film(&self, shaft_speed_rad_per_s: f64, load_n: f64) -> Film {
        let p = &self.parameters;
        let viscosity = self.oil.viscosity_mm2_per_s(self.temperature.value);
        let speed_rpm = shaft_speed_rad_per_s * 60.0 / std::f64::consts::TAU;
        let kappa = viscosity / required_viscosity_mm2_per_s(speed_rpm, p.mean_diameter_m * 1e3);
        // Cage at half the shaft's speed: the surfaces pass the contact at half the speed of the mean circle.
        let entrainment = 0.25 * shaft_speed_rad_per_s * p.mean_diameter_m;
        let raceway_m = 0.5 * p.mean_diameter_m - ROLLER_RADIUS_M;
        let contact = LineContact {
            reduced_modulus_pa: 226e9,
            pressure_viscosity_per_pa: 2.2e-8,
            reduced_radius_m: 1.0 / (1.0 / ROLLER_RADIUS_M + 1.0 / raceway_m),
        };
        let thickness_m =
            contact.minimum_film_m(viscosity * 1e-6 * OIL_DENSITY_KG_PER_M3, entrainment, load_n * LINE_LOAD_PER_N);
        let (sound, worn) = p.roughness_m;
        Film { kappa, lambda: thickness_m / (sound + (worn - sound) * self.wear) }
    }

    /// Wear per second: Archard, the depth goes with pressure times path, and the pressure of a line contact
    /// with the root of its load (Hertz). The coefficient is blended over the film as
    /// `k = k_film + (k_boundary - k_film) exp(-(lambda / 0.8)^2)` \[E\]: with no film at all it is `k_boundary`, where
    /// the plain sum of the two would count the share of the film as well.
    fn wear_rate(&self, drive: &BearingDrive, load_n: f64, lambda: f64) -> f64 {
        let p = &self.parameters;
        let (film, boundary) = p.wear_per_s;
        let coefficient = film + (boundary - film) * (-(lambda / 0.8).powi(2)).exp();
        let pressure = (load_n / (p.rated_load_n * (p.base_load_share + 1.0))).sqrt();
        let speed = drive.shaft_speed_rad_per_s / drive.rated_shaft_speed_rad_per_s;
        drive.fault_rate * coefficient * pressure * speed
    }

    fn mean_square_vibration(&self, drive: &BearingDrive) -> f64 {
        let speed = drive.shaft_speed_rad_per_s / drive.rated_shaft_speed_rad_per_s;
        let load = drive.load_share.clamp(0.0, 2.0);
        let turning = speed / (speed + 0.05);
        let sound = turning * (1.35 + 0.35 * speed + 0.4 * load);
        let damage = self.damage_vibration_mm_per_s() * speed * (0.7 + 0.3 * load);
        let misaligned = MISALIGNMENT_VIBRATION_MM_PER_S_PER_MRAD * self.parameters.misalignment_mrad * speed;
        sound.powi(2) + damage.powi(2) + misaligned.powi(2)
    }
}

/// State of the oil in the contacts.
#[derive(Debug, Clone, Copy)]
struct Film {
    /// Viscosity over the one that is needed (ISO 281:2007).
    kappa: f64,
    /// Film thickness over roughness.
    lambda: f64,
}

/// A Stribeck curve: asperities rub where the oil is too thin, thick oil drags. \[E\]
fn friction_coefficient(rolling: f64, kappa: f64) -> f64 {
    rolling * (1.0 + 0.5 * (-kappa).exp() + 0.1 * kappa.min(40.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rated(fault_rate: f64) -> BearingDrive {
        BearingDrive {
            shaft_speed_rad_per_s: 119.5,
            rated_shaft_speed_rad_per_s: 119.5,
            load_share: 1.0,
            oil_temperature_deg_c: 51.0,
            fault_rate,
        }
    }

    fn bearing() -> HighSpeedBearing {
        HighSpeedBearing::new(HighSpeedBearingParameters::default(), Walther::ISO_VG_320)
    }

    fn run(bearing: &mut HighSpeedBearing, drive: &BearingDrive, seconds: u32) {
        for _ in 0..seconds * 10 {
            bearing.step(drive, 0.1);
        }
    }

    #[test]
    fn a_sound_bearing_does_not_wear() {
        let mut bearing = bearing();
        run(&mut bearing, &rated(0.0), 3600);
        assert_eq!(bearing.wear, 0.0);
        assert_eq!(bearing.kurtosis(), 3.0);
    }

    #[test]
    fn wear_speeds_up() {
        let mut bearing = bearing();
        run(&mut bearing, &rated(1.0), 60);
        let first = bearing.wear;
        run(&mut bearing, &rated(1.0), 60);
        assert!(bearing.wear - first > 1.2 * first, "{first} {}", bearing.wear);
    }

    #[test]
    fn wear_needs_load_and_motion() {
        let (mut loaded, mut light, mut still) = (bearing(), bearing(), bearing());
        run(&mut loaded, &rated(1.0), 60);
        run(&mut light, &BearingDrive { load_share: 0.2, ..rated(1.0) }, 60);
        run(&mut still, &BearingDrive { shaft_speed_rad_per_s: 0.0, ..rated(1.0) }, 60);
        assert!(light.wear > 0.0 && light.wear < 0.7 * loaded.wear);
        assert_eq!(still.wear, 0.0);
    }

    #[test]
    fn kurtosis_rises_first_and_falls_again_while_velocity_only_rises() {
        let mut bearing = bearing();
        let mut kurtosis = Vec::new();
        let mut velocity = Vec::new();
        for _ in 0..60 {
            run(&mut bearing, &rated(1.0), 10);
            kurtosis.push(bearing.kurtosis());
            velocity.push(bearing.vibration_mm_per_s());
        }
        let highest = kurtosis.iter().copied().fold(0.0, f64::max);
        let at = kurtosis.iter().position(|k| *k == highest).unwrap();
        assert!(highest > 8.0 && at < 15, "{highest} at {at}");
        assert!(*kurtosis.last().unwrap() < 4.0);
        assert!(velocity.windows(2).all(|v| v[1] >= v[0] - 1e-9));
    }

    /// ISO 15, dimension series 32, bore 340 mm: outside 620 mm. A roller and its gap need room on the mean circle.
    #[test]
    fn the_rollers_fit_between_the_rings() {
        let mean_m = HighSpeedBearingParameters::default().mean_diameter_m;
        assert!((mean_m - 0.5 * (0.340 + 0.620)).abs() < 1e-9);
        let circle_m = std::f64::consts::PI * mean_m;
        for (what, needed_m, room_m) in [
            // Two rings of at least 20 mm.
            ("between the rings", 2.0 * ROLLER_RADIUS_M, 0.5 * (0.620 - 0.340) - 2.0 * 0.02),
            ("on the mean circle", ROLLERS / 2.0 * 2.0 * ROLLER_RADIUS_M, 0.95 * circle_m),
            ("side by side", 2.0 * ROLLER_LENGTH_M, 0.224),
        ] {
            assert!(needed_m < room_m, "{what}: {needed_m} m in {room_m} m");
        }
    }

    #[test]
    fn what_heats_the_bearing_is_what_it_takes_from_the_shaft() {
        let mut bearing = bearing();
        run(&mut bearing, &rated(0.0), 3600);
        // After an hour, many times its time constant, the oil takes all of the heat.
        let taken_w = bearing.friction_torque_n_m() * 119.5;
        let given_w = bearing.heat_to_oil_w(51.0);
        assert!(taken_w > 1_000.0 && (given_w / taken_w - 1.0).abs() < 1e-3, "{taken_w} {given_w}");
    }

    #[test]
    fn colder_oil_is_thicker_and_costs_more_friction() {
        let warm = friction_coefficient(1.0, 5.0);
        assert!(friction_coefficient(1.0, 12.0) > warm);
        // And too thin is no good either.
        assert!(friction_coefficient(1.0, 0.1) > friction_coefficient(1.0, 1.0));
    }

    #[test]
    fn a_sound_bearing_runs_on_a_full_film_and_a_worn_one_does_not() {
        let mut bearing = bearing();
        assert!(bearing.film(119.5, 1.15e5).lambda > 3.0);
        bearing.wear = 1.0;
        assert!(bearing.film(119.5, 1.15e5).lambda < 1.0);
    }
}
