//! What the turbine's controller does: run or not, torque, pitch, yaw, brake.
//!
//! Torque follows the square of the speed up to rated power and holds the power above it; pitch holds the speed.

use crate::lag::Lag;

/// Limits and habits of the controller.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlParameters {
    /// Speed of the blade tips at rated power, m/s.
    pub rated_tip_speed_m_per_s: f64,
    /// How fast the blades can pitch, °/s.
    pub pitch_rate_limit_deg_per_s: f64,
    /// Mean wind at which production starts, m/s.
    pub cut_in_wind_m_per_s: f64,
    /// Mean wind above which the turbine stops, m/s.
    pub cut_out_wind_m_per_s: f64,
    /// Mean yaw error that sets the yaw drives going, degrees.
    pub yaw_deadband_deg: f64,
    /// Speed of the yaw drives, °/s.
    pub yaw_rate_deg_per_s: f64,
}

impl Default for ControlParameters {
    fn default() -> Self {
        Self {
            // IEA-3.4-130-RWT: control section of its turbine file.
            rated_tip_speed_m_per_s: 80.0,
            pitch_rate_limit_deg_per_s: 7.0,
            cut_in_wind_m_per_s: 3.0,
            cut_out_wind_m_per_s: 25.0,
            // [E]: common values of the class.
            yaw_deadband_deg: 8.0,
            yaw_rate_deg_per_s: 0.3,
        }
    }
}

/// What the controller is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Generator on the grid.
    Producing,
    /// Too little wind: the rotor turns freely, the generator is off.
    Waiting,
    /// Too much wind: blades feathered, shaft held by the brake once it is slow.
    Storm,
    /// Stopped for service: blades feathered; the brake is a person's.
    Stopped,
}

/// Natural frequency (rad/s) and damping of the pitch loop: those of the IEA 3.4 MW machine's HAWC2 controller,
/// computed back from its gains.
const PITCH_FREQUENCY_RAD_PER_S: f64 = 0.52;
const PITCH_DAMPING: f64 = 0.77;

/// How torque falls with pitch, N·m/°: a parabola that doubles at `PITCH_DOUBLING_DEG`, and steeper within
/// the first degrees.
///
/// Gains follow its inverse, as in Jonkman 2009 (NREL/TP-500-38060, section 7.3), whose straight line
/// does not fit the power coefficient used here; a test holds that this does.
const PITCH_SENSITIVITY_N_M_PER_DEG: f64 = 1.05e5;
const PITCH_DOUBLING_DEG: f64 = 14.0;
const FIRST_SENSITIVITY_N_M_PER_DEG: f64 = 5.2e5;
const FIRST_DEG: f64 = 3.0;

const PITCH_ACTUATOR_LAG_S: f64 = 0.2;
const FEATHER_DEG: f64 = 90.0;

/// Averaging of the wind that starts and stops the turbine, s. \[E\]
const SUPERVISION_S: f64 = 60.0;
/// Averaging of the wind vane before and during yawing, s. \[E\]
const YAW_AVERAGING_S: f64 = 60.0;
const YAWING_AVERAGING_S: f64 = 10.0;

/// Share of rated speed below which the generator leaves the grid in a stop, and below which the brake is set.
const DISCONNECT_SHARE: f64 = 0.3;
const BRAKE_SHARE: f64 = 0.1;
/// Share of rated speed that the free rotor may reach while waiting.
const WAITING_SHARE: f64 = 0.45;

/// What the controller measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Measured {
    pub(super) rotor_speed_rad_per_s: f64,
    pub(super) wind_m_per_s: f64,
    /// At the vane, degrees, not wrapped.
    pub(super) wind_direction_deg: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Controller {
    parameters: ControlParameters,
    rated_speed_rad_per_s: f64,
    inertia_kg_m2: f64,
    pub(super) mode: Mode,
    wind_average: Lag,
    pitch_integral_deg: f64,
    pub(super) pitch_deg: f64,
    /// Not wrapped.
    pub(super) heading_deg: f64,
    yaw_error_average: Lag,
    /// -1, 0 or 1.
    yaw_direction: f64,
    /// A person has stopped it for service.
    pub(super) service_stop: bool,
    /// A person wants the brake.
    pub(super) hand_brake: bool,
    pub(super) brake_applied: bool,
}

impl Controller {
    /// `inertia_kg_m2` is that of the whole drivetrain at the rotor.
    pub(super) fn new(
        parameters: ControlParameters,
        rated_speed_rad_per_s: f64,
        inertia_kg_m2: f64,
        wind_m_per_s: f64,
        heading_deg: f64,
    ) -> Self {
        Self {
            parameters,
            rated_speed_rad_per_s,
            inertia_kg_m2,
            mode: Mode::Producing,
            wind_average: Lag::new(wind_m_per_s),
            pitch_integral_deg: 0.0,
            pitch_deg: 0.0,
            heading_deg,
            yaw_error_average: Lag::new(0.0),
            yaw_direction: 0.0,
            service_stop: false,
            hand_brake: false,
            brake_applied: false,
        }
    }

    pub(super) fn step(&mut self, measured: Measured, dt_s: f64) {
        self.supervise(measured, dt_s);
        self.pitch(measured.rotor_speed_rad_per_s, dt_s);
        self.yaw(measured.wind_direction_deg, dt_s);
    }

    /// Whether the generator takes torque at this speed.
    pub(super) fn generator_on(&self, rotor_speed_rad_per_s: f64) -> bool {
        match self.mode {
            Mode::Producing => true,
            Mode::Waiting => false,
            Mode::Storm | Mode::Stopped => rotor_speed_rad_per_s > DISCONNECT_SHARE * self.rated_speed_rad_per_s,
        }
    }

    fn supervise(&mut self, measured: Measured, dt_s: f64) {
        self.wind_average.follow(measured.wind_m_per_s, SUPERVISION_S, dt_s);
        let wind = self.wind_average.value;
        let cut_in = self.parameters.cut_in_wind_m_per_s;
        let cut_out = self.parameters.cut_out_wind_m_per_s;
        // Between stop and start lies a gap, so that one gust does not do both.
        self.mode = match self.mode {
            _ if self.service_stop => Mode::Stopped,
            _ if wind > cut_out => Mode::Storm,
            Mode::Storm if wind > 0.9 * cut_out => Mode::Storm,
            Mode::Storm | Mode::Stopped => Mode::Waiting,
            Mode::Producing if wind < 0.85 * cut_in => Mode::Waiting,
            Mode::Waiting if wind > cut_in => Mode::Producing,
            mode => mode,
        };
        self.brake_applied = (self.mode == Mode::Storm || self.hand_brake)
            && (self.brake_applied || measured.rotor_speed_rad_per_s < BRAKE_SHARE * self.rated_speed_rad_per_s);
    }

    fn pitch(&mut self, rotor_speed_rad_per_s: f64, dt_s: f64) {
        let highest_speed = match self.mode {
            Mode::Waiting => WAITING_SHARE * self.rated_speed_rad_per_s,
            Mode::Producing | Mode::Storm | Mode::Stopped => self.rated_speed_rad_per_s,
        };
        let wanted_deg = if matches!(self.mode, Mode::Storm | Mode::Stopped) {
            // The integral follows, so that leaving the stop does not start from zero pitch at once.
            self.pitch_integral_deg = self.pitch_deg;
            FEATHER_DEG
        } else {
            let error = rotor_speed_rad_per_s - highest_speed;
            let gain = self.inertia_kg_m2 / pitch_sensitivity_n_m_per_deg(self.pitch_deg);
            let proportional = 2.0 * PITCH_DAMPING * PITCH_FREQUENCY_RAD_PER_S * gain * error;
            let integral = PITCH_FREQUENCY_RAD_PER_S.powi(2) * gain * error * dt_s;
            // Bounded: does not wind up below rated speed.
            self.pitch_integral_deg = (self.pitch_integral_deg + integral).clamp(0.0, FEATHER_DEG);
            (self.pitch_integral_deg + proportional).clamp(0.0, FEATHER_DEG)
        };
        let mut actuator = Lag::new(self.pitch_deg);
        actuator.follow(wanted_deg, PITCH_ACTUATOR_LAG_S, dt_s);
        let reach = self.parameters.pitch_rate_limit_deg_per_s * dt_s;
        self.pitch_deg += (actuator.value - self.pitch_deg).clamp(-reach, reach);
    }

    fn yaw(&mut self, wind_direction_deg: f64, dt_s: f64) {
        let error = wrap_180(wind_direction_deg - self.heading_deg);
        let averaging_s = if self.yaw_direction == 0.0 { YAW_AVERAGING_S } else { YAWING_AVERAGING_S };
        self.yaw_error_average.follow(error, averaging_s, dt_s);
        if self.mode == Mode::Stopped {
            self.yaw_direction = 0.0;
            return;
        }
        let average = self.yaw_error_average.value;
        if self.yaw_direction == 0.0 {
            if average.abs() > self.parameters.yaw_deadband_deg {
                self.yaw_direction = average.signum();
            }
        } else if average * self.yaw_direction <= 0.0 {
            self.yaw_direction = 0.0;
        }
        self.heading_deg += self.yaw_direction * self.parameters.yaw_rate_deg_per_s * dt_s;
    }
}

fn pitch_sensitivity_n_m_per_deg(pitch_deg: f64) -> f64 {
    let parabola = PITCH_SENSITIVITY_N_M_PER_DEG * (1.0 + (pitch_deg / PITCH_DOUBLING_DEG).powi(2));
    parabola.max(FIRST_SENSITIVITY_N_M_PER_DEG * (1.0 - pitch_deg / FIRST_DEG))
}

/// The same angle within -180..180.
pub(super) fn wrap_180(deg: f64) -> f64 {
    (deg + 180.0).rem_euclid(360.0) - 180.0
}

/// The same angle within 0..360.
pub(super) fn wrap_360(deg: f64) -> f64 {
    let wrapped = deg.rem_euclid(360.0);
    // A tiny negative angle comes out as 360 by rounding.
    if wrapped < 360.0 { wrapped } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wind_turbine::rotor::RotorParameters;

    fn controller(wind_m_per_s: f64) -> Controller {
        Controller::new(ControlParameters::default(), 1.2325, 3.6e7, wind_m_per_s, 240.0)
    }

    fn run(controller: &mut Controller, measured: Measured, seconds: u32) {
        for _ in 0..seconds * 10 {
            controller.step(measured, 0.1);
        }
    }

    #[test]
    fn angles_wrap() {
        for (deg, wrapped) in [(0.0, 0.0), (190.0, -170.0), (-190.0, 170.0), (730.0, 10.0)] {
            assert!((wrap_180(deg) - wrapped).abs() < 1e-9, "{deg}");
        }
        for (deg, wrapped) in [(-10.0, 350.0), (360.0, 0.0), (-1e-30, 0.0), (725.0, 5.0)] {
            assert!((wrap_360(deg) - wrapped).abs() < 1e-9, "{deg}");
        }
    }

    #[test]
    fn the_gain_schedule_fits_the_slopes_of_the_power_coefficient() {
        let rotor = RotorParameters::default();
        let speed = 80.0 / rotor.radius_m;
        for wind in [10.0, 10.5, 11.0, 12.0, 14.0, 16.0, 20.0, 24.0] {
            // The pitch that gives rated power, 3.6 MW at the rotor.
            let power = |pitch: f64| rotor.load(1.225, wind, speed, pitch).torque_n_m * speed;
            let pitch = (0..9000).map(|step| f64::from(step) * 0.01).find(|pitch| power(*pitch) <= 3.6e6).unwrap();
            let slope = (power(pitch) - power(pitch + 0.1)) / 0.1 / speed;
            let scheduled = pitch_sensitivity_n_m_per_deg(pitch);
            assert!((slope / scheduled - 1.0).abs() < 0.3, "{wind} m/s, {pitch} deg: {slope} for {scheduled}");
        }
    }

    #[test]
    fn yaw_waits_in_its_deadband_and_turns_to_the_wind_beyond_it() {
        let measured = |deg| Measured { rotor_speed_rad_per_s: 1.0, wind_m_per_s: 8.0, wind_direction_deg: deg };
        let mut calm = controller(8.0);
        run(&mut calm, measured(247.0), 600);
        assert!((calm.heading_deg - 240.0).abs() < 1e-9);
        run(&mut calm, measured(260.0), 600);
        assert!((calm.heading_deg - 260.0).abs() < 8.0, "{}", calm.heading_deg);
    }

    #[test]
    fn a_storm_feathers_the_blades_and_sets_the_brake_when_the_rotor_is_slow() {
        let mut controller = controller(14.0);
        let mut measured = Measured { rotor_speed_rad_per_s: 1.2, wind_m_per_s: 30.0, wind_direction_deg: 240.0 };
        run(&mut controller, measured, 300);
        assert_eq!(controller.mode, Mode::Storm);
        assert!(controller.pitch_deg > 89.0 && !controller.brake_applied);
        measured.rotor_speed_rad_per_s = 0.1;
        run(&mut controller, measured, 1);
        assert!(controller.brake_applied);
        measured.wind_m_per_s = 10.0;
        run(&mut controller, measured, 300);
        assert_eq!(controller.mode, Mode::Producing);
        assert!(!controller.brake_applied);
    }

    #[test]
    fn too_little_wind_takes_the_generator_off_the_grid() {
        let mut controller = controller(8.0);
        let measured = |wind| Measured { rotor_speed_rad_per_s: 0.3, wind_m_per_s: wind, wind_direction_deg: 240.0 };
        run(&mut controller, measured(2.0), 600);
        assert!(!controller.generator_on(0.3));
        run(&mut controller, measured(4.0), 600);
        assert!(controller.generator_on(0.3));
    }
}
