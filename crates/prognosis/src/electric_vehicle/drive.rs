//! Longitudinal dynamics, motor, gear and inverter.

/// Body and drive.
#[derive(Debug, Clone)]
pub struct DriveParameters {
    /// Mass with a driver, kg: 1,810 empty and 90 \[E\].
    pub mass_kg: f64,
    /// Share by which wheels and rotor add to the inertia \[E\].
    pub rotating_share: f64,
    /// Drag coefficient times frontal area, m²: 0.267 · 2.36 \[E\].
    pub drag_area_m2: f64,
    /// Rolling resistance, share of the weight \[E\]: a class-B tyre.
    pub rolling: f64,
    /// Rolling radius, m: 215/55 R18.
    pub wheel_radius_m: f64,
    /// Teeth from the motor's shaft to the differential, as in the model.
    pub teeth: [f64; 4],
    /// Highest torque of the motor, N·m.
    pub torque_n_m: f64,
    /// Highest power of the motor, W.
    pub power_w: f64,
    /// Highest power that it recovers, W \[E\].
    pub regeneration_w: f64,
}

impl Default for DriveParameters {
    fn default() -> Self {
        Self {
            mass_kg: 1_900.0,
            rotating_share: 0.04,
            drag_area_m2: 0.63,
            rolling: 0.0095,
            wheel_radius_m: 0.693 / 2.0,
            teeth: [21.0, 56.0, 19.0, 82.0],
            torque_n_m: 310.0,
            power_w: 150_000.0,
            regeneration_w: 80_000.0,
        }
    }
}

impl DriveParameters {
    /// Turns of the motor for one of the wheels.
    #[must_use]
    pub fn reduction(&self) -> f64 {
        let [pinion, first, second, wheel] = self.teeth;
        first / pinion * wheel / second
    }

    /// Turns of the intermediate shaft for one of the wheels.
    #[must_use]
    pub fn second_ratio(&self) -> f64 {
        let [_, _, second, wheel] = self.teeth;
        wheel / second
    }
}

/// Air, kg/m³ at 18 °C and sea level.
const AIR_KG_PER_M3: f64 = 1.21;
const GRAVITY_M_PER_S2: f64 = 9.81;
/// Efficiency of two meshes and their bearings \[E\].
const GEAR: f64 = 0.97;
/// Losses of the motor: share of torque squared, W/(N·m)², and of speed, W/(rad/s) and W/(rad/s)² \[E\]: 95 % at the best
/// point.
const COPPER_W: f64 = 0.052;
const IRON_W: (f64, f64) = (0.55, 0.00075);
/// Losses of the inverter: idle, W, and per N·m \[E\].
const INVERTER_W: (f64, f64) = (60.0, 4.2);
/// Below this the motor does not recover, above it does in full, m/s \[E\].
const CREEP_M_PER_S: (f64, f64) = (1.0, 3.0);
/// Heat capacities, J/K, and conductances, W/K: stator with jacket, rotor, inverter \[E\].
const STATOR: (f64, f64) = (14_000.0, 75.0);
const ROTOR: (f64, f64) = (8_500.0, 9.0);
const INVERTER: (f64, f64) = (3_200.0, 48.0);
/// Share of the motor's losses that arises in the rotor \[E\]: little in a motor with magnets.
const IN_ROTOR: f64 = 0.12;

/// Powers at the wheels and around the drive in one step, W.
#[derive(Debug, Clone, Copy)]
pub(super) struct WheelPowers {
    /// Taken from the pack; negative when it recovers.
    pub electric_w: f64,
    /// Heat of the brake discs.
    pub friction_w: f64,
    /// Losses of motor, gear, inverter.
    pub heat_w: f64,
    /// Heat that motor and inverter give to the coolant.
    pub to_coolant_w: f64,
    /// Drag and rolling resistance.
    pub road_w: f64,
}

/// The drive.
#[derive(Debug, Clone)]
pub(super) struct Drive {
    parameters: DriveParameters,
    pub torque_n_m: f64,
    pub electric_w: f64,
    pub stator_deg_c: f64,
    pub rotor_deg_c: f64,
    pub inverter_deg_c: f64,
}

impl Drive {
    pub fn new(parameters: DriveParameters) -> Self {
        // An hour on the road.
        Self {
            parameters,
            torque_n_m: 0.0,
            electric_w: 0.0,
            stator_deg_c: 46.0,
            rotor_deg_c: 52.0,
            inverter_deg_c: 38.0,
        }
    }

    pub fn kinetic_j(&self, speed_m_per_s: f64) -> f64 {
        let p = &self.parameters;
        0.5 * p.mass_kg * (1.0 + p.rotating_share) * speed_m_per_s.powi(2)
    }

    pub fn wheel_rpm(&self, speed_m_per_s: f64) -> f64 {
        speed_m_per_s / self.parameters.wheel_radius_m * 60.0 / std::f64::consts::TAU
    }

    /// The step from one speed to another: the driver follows the cycle, within what the motor can.
    pub fn step(&mut self, before: f64, after: f64, coolant_deg_c: f64, flow_share: f64, dt_s: f64) -> WheelPowers {
        let p = &self.parameters;
        let speed = 0.5 * (before + after);
        let kinetic_w = (self.kinetic_j(after) - self.kinetic_j(before)) / dt_s;
        let moving = if speed > 1e-3 { 1.0 } else { 0.0 };
        let road_n =
            0.5 * AIR_KG_PER_M3 * p.drag_area_m2 * speed * speed + p.rolling * p.mass_kg * GRAVITY_M_PER_S2 * moving;
        let road_w = road_n * speed;
        let wheel_w = road_w + kinetic_w;

        let motor_speed = speed / p.wheel_radius_m * p.reduction();
        // Power at the motor's shaft; the gear takes its share in both directions.
        let (shaft_w, friction_w) = if wheel_w >= 0.0 {
            (wheel_w / GEAR, 0.0)
        } else {
            let fade = ((speed - CREEP_M_PER_S.0) / (CREEP_M_PER_S.1 - CREEP_M_PER_S.0)).clamp(0.0, 1.0);
            let most = (p.torque_n_m * motor_speed).min(p.regeneration_w) * fade;
            let taken = (-wheel_w * GEAR).min(most);
            (-taken, -wheel_w - taken / GEAR)
        };
        let gear_w = wheel_w + friction_w;
        let gear_loss_w = (shaft_w - gear_w).abs().min(shaft_w.abs().max(gear_w.abs()));
        self.torque_n_m = if motor_speed > 1.0 { shaft_w / motor_speed } else { 0.0 };
        let motor_loss_w = COPPER_W * self.torque_n_m.powi(2) + IRON_W.0 * motor_speed + IRON_W.1 * motor_speed.powi(2);
        let inverter_loss_w = if moving > 0.0 { INVERTER_W.0 + INVERTER_W.1 * self.torque_n_m.abs() } else { 0.0 };
        self.electric_w = shaft_w + motor_loss_w + inverter_loss_w;

        // A slower pump takes less heat along: turbulent convection goes with the flow to the power of 0.8.
        let convection = flow_share.max(0.02).powf(0.8);
        let to_rotor = ROTOR.1 * (self.rotor_deg_c - self.stator_deg_c);
        let from_stator = STATOR.1 * convection * (self.stator_deg_c - coolant_deg_c);
        let from_inverter = INVERTER.1 * convection * (self.inverter_deg_c - coolant_deg_c);
        self.rotor_deg_c += (IN_ROTOR * motor_loss_w - to_rotor) * dt_s / ROTOR.0;
        self.stator_deg_c +=
            ((1.0 - IN_ROTOR) * motor_loss_w + 0.5 * gear_loss_w + to_rotor - from_stator) * dt_s / STATOR.0;
        self.inverter_deg_c += (inverter_loss_w - from_inverter) * dt_s / INVERTER.0;
        WheelPowers {
            electric_w: self.electric_w,
            friction_w,
            heat_w: gear_loss_w + motor_loss_w + inverter_loss_w,
            to_coolant_w: from_stator + from_inverter,
            road_w,
        }
    }
}
