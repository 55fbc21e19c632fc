//! Oil, its cooler with a thermostat, and the high-speed bearing: two temperatures.
//!
//! The cooler's bypass opens with the oil's temperature and with the bearing's, whichever asks for more. The bearing heats
//! up with load, so at high power the oil ends up cooler than at part load (Kelmarsh; Plumley 2022, CC-BY-4.0).

use crate::lubrication::Walther;

/// How the turbine runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Operation {
    /// Power over rated power; below 0 when it draws some.
    pub power_share: f64,
    /// Speed over rated speed.
    pub speed_share: f64,
    /// Air outside, °C.
    pub ambient_deg_c: f64,
    /// How hard the cooler works, 0 to 1, where that is measured; else the thermostat's law says.
    pub duty: Option<f64>,
}

impl Operation {
    /// Torque over rated torque.
    #[must_use]
    pub fn torque_share(&self) -> f64 {
        if self.speed_share > 0.05 { (self.power_share / self.speed_share).clamp(0.0, 2.0) } else { 0.0 }
    }

    /// The same under a limit of the power, as a share of rated power. Below rated power the speed follows the cube root
    /// of the power.
    #[must_use]
    pub fn limited(&self, power_share: f64) -> Self {
        if self.power_share <= power_share {
            return *self;
        }
        let slower = (power_share / self.power_share).cbrt();
        Self { power_share, speed_share: self.speed_share * slower, ..*self }
    }
}

/// What is the machine's own, over what its type has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// Viscosity of the oil over that of fresh oil.
    pub viscosity_factor: f64,
    /// Share of the oil's excess over the air outside that the cooler takes at full duty.
    pub cooler_effectiveness: f64,
    /// Factor on the losses of meshes and oil.
    pub loss_factor: f64,
    /// Factor on the flow of oil to the cooler.
    pub flow_factor: f64,
    /// Factor on the friction of the high-speed bearing, wear apart.
    pub friction_factor: f64,
    /// Wear of that bearing, 0 to 1.
    pub wear: f64,
    /// Angle of the high-speed shaft against the generator's, mrad.
    pub misalignment_mrad: f64,
}

impl Condition {
    /// New, aligned, with fresh oil.
    pub const NEW: Self = Self {
        viscosity_factor: 1.0,
        cooler_effectiveness: 0.448,
        loss_factor: 1.0,
        flow_factor: 1.0,
        friction_factor: 1.0,
        wear: 0.0,
        misalignment_mrad: 0.0,
    };
}

/// °C.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Temperatures {
    /// Oil in the sump.
    pub oil_deg_c: f64,
    /// High-speed bearing.
    pub bearing_deg_c: f64,
}

/// The network. Flows are per watt of rated power, so that machines of a class share them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thermal {
    /// Share of the power that the meshes lose.
    pub mesh_loss: f64,
    /// Loss at rated speed without load with oil at 50 °C; with the speed and the root of the viscosity.
    pub no_load_loss: f64,
    /// Heat of the oil pumps.
    pub pump_heat: f64,
    /// To the nacelle's air, 1/K.
    pub housing_per_k: f64,
    /// Heat that the oil to the cooler carries, 1/K.
    pub oil_flow_per_k: f64,
    /// Heat capacity of oil and its share of the steel, s/K.
    pub capacity_s_per_k: f64,
    /// From the bearing to the oil, 1/K.
    pub bearing_per_k: f64,
    /// Excess of a sound bearing over the oil at rated speed and load, with oil of 60 °C around it, K.
    pub bearing_excess_k: f64,
    /// Time constant of the bearing, s.
    pub bearing_lag_s: f64,
    /// Oil temperatures at which the bypass begins to open the cooler and at which all oil goes there, °C.
    pub bypass_by_oil_deg_c: (f64, f64),
    /// The same by the bearing's temperature, °C.
    pub bypass_by_bearing_deg_c: (f64, f64),
    /// Nacelle's air over the air outside, K.
    pub nacelle_excess_k: f64,
    /// The oil.
    pub oil: Walther,
}

/// Load on the bearing without torque, as a share of that at rated torque. \[E\]
pub(super) const BASE_LOAD_SHARE: f64 = 0.15;
/// Heat and friction of a bearing with wear 1 over that of a sound one, less 1. \[E\]
const WORN_FRICTION: f64 = 4.0;

/// Longest step in which the bypass stays as it is, s.
const BYPASS_STEP_S: f64 = 120.0;

impl Thermal {
    /// Fitted to the sump and inlet means by power bin of the six 2,050 kW machines at Kelmarsh, all parameters together
    /// with their start values \[E\] as priors. Heat capacity and the bearing's path to the oil are the start values.
    pub const KELMARSH: Self = Self {
        mesh_loss: 0.015_86,
        no_load_loss: 0.003_73,
        pump_heat: 1.382e-3,
        housing_per_k: 8.542e-5,
        oil_flow_per_k: 1.267e-3,
        capacity_s_per_k: 3.43e6 / 2.05e6,
        bearing_per_k: 130.0 / 3.37e6,
        bearing_excess_k: 18.56,
        bearing_lag_s: 150.0,
        bypass_by_oil_deg_c: (53.65, 75.96),
        bypass_by_bearing_deg_c: (59.90, 66.89),
        nacelle_excess_k: 10.0,
        oil: Walther::ISO_VG_320,
    };

    /// The share of the oil that goes to the cooler when nobody measures it.
    #[must_use]
    pub fn duty(&self, temperatures: Temperatures) -> f64 {
        ramp(temperatures.oil_deg_c, self.bypass_by_oil_deg_c)
            .max(ramp(temperatures.bearing_deg_c, self.bypass_by_bearing_deg_c))
    }

    /// Oil behind the cooler, °C.
    #[must_use]
    pub fn inlet_deg_c(&self, temperatures: Temperatures, condition: &Condition, operation: &Operation) -> f64 {
        let duty = operation.duty.unwrap_or_else(|| self.duty(temperatures));
        let excess_k = (temperatures.oil_deg_c - operation.ambient_deg_c).max(0.0);
        temperatures.oil_deg_c - duty * condition.cooler_effectiveness * excess_k
    }

    /// Viscosity at a temperature over that of fresh oil at another.
    fn thickness(&self, condition: &Condition, deg_c: f64, reference_deg_c: f64) -> f64 {
        condition.viscosity_factor * self.oil.viscosity_mm2_per_s(deg_c) / self.oil.viscosity_mm2_per_s(reference_deg_c)
    }

    /// Friction heat of the bearing as the excess over the oil that it leads to, K.
    fn excess_k(&self, temperatures: Temperatures, condition: &Condition, operation: &Operation) -> f64 {
        let misaligned = super::bearing::misalignment_share(condition.misalignment_mrad);
        let load = BASE_LOAD_SHARE + operation.torque_share() + misaligned;
        let speed = operation.speed_share.clamp(0.0, 1.5);
        let thickness = self.thickness(condition, temperatures.bearing_deg_c, 60.0).max(0.0);
        let worn = condition.friction_factor * (1.0 + WORN_FRICTION * condition.wear.clamp(0.0, 1.0));
        self.bearing_excess_k / (1.0 + BASE_LOAD_SHARE) * load * speed * thickness.sqrt() * worn
    }

    /// Lets `dt_s` pass. Each temperature goes exponentially to where it would end as things are now; where the bypass is
    /// not measured, in steps of which the bypass notices each.
    pub fn step(&self, temperatures: &mut Temperatures, condition: &Condition, operation: &Operation, dt_s: f64) {
        let count = if operation.duty.is_some() { 1.0 } else { (dt_s / BYPASS_STEP_S).ceil().clamp(1.0, 1000.0) };
        for _ in 0..count as u32 {
            self.step_once(temperatures, condition, operation, dt_s / count);
        }
    }

    fn step_once(&self, temperatures: &mut Temperatures, condition: &Condition, operation: &Operation, dt_s: f64) {
        let excess_k = self.excess_k(*temperatures, condition, operation);
        let duty = operation.duty.unwrap_or_else(|| self.duty(*temperatures)).clamp(0.0, 1.0);
        let speed = operation.speed_share.clamp(0.0, 1.5);
        let thickness = self.thickness(condition, temperatures.oil_deg_c, 50.0).max(0.0);
        let loss = self.mesh_loss * operation.power_share.max(0.0) + self.no_load_loss * speed * thickness.sqrt();
        let from_bearing = self.bearing_per_k * (temperatures.bearing_deg_c - temperatures.oil_deg_c);
        let heat = condition.loss_factor * loss + self.pump_heat + from_bearing;

        let to_cooler = self.oil_flow_per_k * condition.flow_factor * duty * condition.cooler_effectiveness;
        let nacelle_deg_c = operation.ambient_deg_c + self.nacelle_excess_k;
        let away = self.housing_per_k + to_cooler;
        let end_deg_c = (heat + self.housing_per_k * nacelle_deg_c + to_cooler * operation.ambient_deg_c) / away;
        follow(&mut temperatures.oil_deg_c, end_deg_c, self.capacity_s_per_k / away, dt_s);
        follow(&mut temperatures.bearing_deg_c, temperatures.oil_deg_c + excess_k, self.bearing_lag_s, dt_s);
    }

    /// Temperatures that a constant operation ends at.
    #[must_use]
    pub fn settled(&self, condition: &Condition, operation: &Operation) -> Temperatures {
        let mut temperatures = Temperatures { oil_deg_c: 50.0, bearing_deg_c: 55.0 };
        // Two days in steps of a minute.
        for _ in 0..2880 {
            self.step(&mut temperatures, condition, operation, 60.0);
        }
        temperatures
    }
}

fn follow(value: &mut f64, target: f64, lag_s: f64, dt_s: f64) {
    *value += (target - *value) * -(-dt_s / lag_s).exp_m1();
}

/// 0 up to the first bound, 1 from the second, straight between.
fn ramp(value: f64, (start, full): (f64, f64)) -> f64 {
    ((value - start) / (full - start).max(1e-6)).clamp(0.0, 1.0)
}

/// Power bins of the Kelmarsh table, kW of 2,050, and what was measured in them: means of the oil in the sump and at the
/// inlet, °C. Six machines, 1.73 million ten-minute rows (Plumley 2022, CC-BY-4.0).
pub(crate) const KELMARSH_BINS: [(f64, f64, f64, f64); 6] = [
    (0.0, 50.0, 50.25, 49.61),
    (50.0, 250.0, 54.39, 53.43),
    (250.0, 500.0, 56.78, 54.75),
    (500.0, 1000.0, 55.00, 49.05),
    (1000.0, 1500.0, 51.50, 40.68),
    (1500.0, 2050.0, 51.27, 39.25),
];

/// Mean of sump and inlet over steady powers spread evenly over a bin, °C, at the site's mean of 12 °C.
pub(crate) fn mean_in_bin(thermal: &Thermal, from_kw: f64, to_kw: f64) -> (f64, f64) {
    const POWERS: u32 = 8;
    let (mut oil, mut inlet) = (0.0, 0.0);
    for i in 0..POWERS {
        let power_share = (from_kw + (to_kw - from_kw) * (f64::from(i) + 0.5) / f64::from(POWERS)) / 2050.0;
        // Below rated power the speed follows the cube root of the power.
        let operation =
            Operation { power_share, speed_share: power_share.cbrt().min(1.0), ambient_deg_c: 12.0, duty: None };
        let settled = thermal.settled(&Condition::NEW, &operation);
        oil += settled.oil_deg_c / f64::from(POWERS);
        inlet += thermal.inlet_deg_c(settled, &Condition::NEW, &operation) / f64::from(POWERS);
    }
    (oil, inlet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(power_share: f64) -> Operation {
        Operation { power_share, speed_share: power_share.cbrt(), ambient_deg_c: 12.0, duty: None }
    }

    #[test]
    fn the_oil_is_within_2_k_of_kelmarsh_in_each_bin_of_a_machine_that_runs() {
        for (from_kw, to_kw, measured, _) in KELMARSH_BINS {
            let (oil, _) = mean_in_bin(&Thermal::KELMARSH, from_kw, to_kw);
            assert!((oil - measured).abs() < 2.0, "{from_kw} to {to_kw} kW: {oil} for {measured}");
        }
    }

    #[test]
    fn the_inlet_is_within_4_k_of_kelmarsh_in_each_bin_of_a_machine_that_runs() {
        for (from_kw, to_kw, _, measured) in KELMARSH_BINS {
            let (_, inlet) = mean_in_bin(&Thermal::KELMARSH, from_kw, to_kw);
            assert!((inlet - measured).abs() < 4.0, "{from_kw} to {to_kw} kW: {inlet} for {measured}");
        }
    }

    #[test]
    fn oil_is_cooler_above_1500_kw_than_at_400_kw_in_winter_and_in_summer() {
        for ambient_deg_c in [0.0, 12.0, 22.0] {
            let oil = |kw: f64| {
                let operation = Operation { ambient_deg_c, ..at(kw / 2050.0) };
                Thermal::KELMARSH.settled(&Condition::NEW, &operation).oil_deg_c
            };
            for kw in [1600.0, 1800.0, 2050.0] {
                assert!(oil(kw) < oil(400.0) - 1.0, "{ambient_deg_c} °C, {kw} kW: {} {}", oil(kw), oil(400.0));
            }
        }
    }

    #[test]
    fn hour_long_steps_end_where_ten_second_steps_do() {
        let run = |dt_s: f64| {
            let mut temperatures = Temperatures { oil_deg_c: 40.0, bearing_deg_c: 40.0 };
            let per_spell = (7200.0 / dt_s) as u32;
            for power_share in [0.2, 0.9, 0.05, 0.6] {
                for _ in 0..per_spell {
                    Thermal::KELMARSH.step(&mut temperatures, &Condition::NEW, &at(power_share), dt_s);
                }
            }
            temperatures
        };
        let (coarse, fine) = (run(3600.0), run(10.0));
        assert!((coarse.oil_deg_c - fine.oil_deg_c).abs() < 1.0, "{coarse:?} {fine:?}");
        assert!((coarse.bearing_deg_c - fine.bearing_deg_c).abs() < 1.0, "{coarse:?} {fine:?}");
    }

    #[test]
    fn a_fouled_cooler_a_worn_bearing_and_a_crooked_shaft_each_heat_what_they_should() {
        let settled =
            |condition: Condition| Thermal::KELMARSH.settled(&condition, &Operation { duty: Some(0.8), ..at(1.0) });
        let new = settled(Condition::NEW);
        assert!(settled(Condition { cooler_effectiveness: 0.35, ..Condition::NEW }).oil_deg_c > new.oil_deg_c + 2.0);
        assert!(settled(Condition { wear: 0.3, ..Condition::NEW }).bearing_deg_c > new.bearing_deg_c + 5.0);
        assert!(
            settled(Condition { misalignment_mrad: 1.0, ..Condition::NEW }).bearing_deg_c > new.bearing_deg_c + 1.0
        );
    }

    #[test]
    fn a_machine_at_rest_cools_to_its_nacelle_but_for_the_pumps() {
        let operation = Operation { power_share: -0.005, speed_share: 0.0, ambient_deg_c: 12.0, duty: None };
        let settled = Thermal::KELMARSH.settled(&Condition::NEW, &operation);
        assert!((22.0..50.0).contains(&settled.oil_deg_c), "{settled:?}");
        assert!((settled.oil_deg_c - settled.bearing_deg_c).abs() < 0.1);
    }
}
