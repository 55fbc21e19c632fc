//! The pack: 96 groups of three parallel cells in series, eight groups a module, electrical and thermal.
//!
//! A group is an open-circuit voltage, a resistance and one RC element (Thevenin model, e.g. Plett 2015, Battery
//! Management Systems I, ch. 2); its heat is that of its resistances. Cells of a group share its voltage.

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::ageing::Ageing;
use super::outputs::{CELLS, MODULES, Module};

/// Groups of a module, and parallel cells of a group.
const GROUPS: usize = 8;
const PARALLEL: usize = CELLS / GROUPS;
const ALL: usize = MODULES * GROUPS;

/// The pack.
#[derive(Debug, Clone)]
pub struct PackParameters {
    /// State of charge at the start, 0 to 1.
    pub soc: f64,
    /// Charge of a new cell, A·h: 82 kWh in 288 cells of 3.65 V.
    pub cell_ah: f64,
    /// Resistance of a new cell at 25 °C, Ω \[E\].
    pub cell_ohm: f64,
    /// Spread of the resistances, share, as a standard deviation's bound \[E\].
    pub spread: f64,
    /// Heat capacity of a group, J/K: three cells of 1.1 kg.
    pub group_j_per_k: f64,
    /// From a group to the coolant at full flow, W/K \[E\].
    pub to_coolant_w_per_k: f64,
    /// Between neighbours, W/K \[E\].
    pub to_neighbour_w_per_k: f64,
}

impl Default for PackParameters {
    fn default() -> Self {
        Self {
            soc: 0.52,
            cell_ah: 78.0,
            cell_ohm: 0.0013,
            spread: 0.04,
            group_j_per_k: 3.0 * 1.1 * 1_000.0,
            to_coolant_w_per_k: 5.0,
            to_neighbour_w_per_k: 3.0,
        }
    }
}

/// Open-circuit voltage of a cell of NMC against graphite over its state of charge, V \[E\]: typical of published curves.
const OPEN_V: [(f64, f64); 12] = [
    (0.0, 3.20),
    (0.05, 3.40),
    (0.10, 3.48),
    (0.20, 3.57),
    (0.30, 3.61),
    (0.40, 3.65),
    (0.50, 3.71),
    (0.60, 3.80),
    (0.70, 3.90),
    (0.80, 3.99),
    (0.90, 4.08),
    (1.0, 4.19),
];
/// The RC element: share of the resistance, and time constant, s \[E\].
const SLOW: (f64, f64) = (0.5, 40.0);
/// Temperature of the resistance's Arrhenius factor, K \[E\]: 20 kJ/mol.
const RESISTANCE_K: f64 = 2_400.0;

/// The faulty joint: between the third and the fourth group of the seventh module.
const JOINT: usize = 6 * GROUPS + 3;
/// Resistance of that joint when it is gone, Ω.
const JOINT_OHM: f64 = 0.0021;
/// How much hotter than its group the joint itself is, K/W, and how fast it follows, s \[E\]: the module's sensor sits on
/// the bus bar beside it.
const SPOT: (f64, f64) = (0.35, 60.0);
/// Time in which a fault of rate 1 brings it there, s of the demonstration.
const GROWTH_S: f64 = 150.0;

fn open_v(soc: f64) -> f64 {
    let mut last = 3.2;
    for pair in OPEN_V.windows(2) {
        if let [(s0, a), (s1, b)] = *pair {
            if soc <= s1 {
                return a + (b - a) * (soc - s0) / (s1 - s0);
            }
            last = b;
        }
    }
    last
}

#[derive(Debug, Clone)]
struct Group {
    soc: f64,
    /// Share of the nominal resistance, and of the nominal charge.
    resistance: f64,
    capacity: f64,
    slow_v: f64,
    temperature_deg_c: f64,
}

/// What one step did, W.
#[derive(Debug, Clone, Copy)]
pub(super) struct PackFlow {
    pub from_cells_w: f64,
    pub heat_w: f64,
    pub to_coolant_w: f64,
    /// Equivalent full cycles.
    pub throughput_share: f64,
}

#[derive(Debug, Clone)]
pub(super) struct Pack {
    parameters: PackParameters,
    groups: Vec<Group>,
    /// Damage of the joint, 0 to 1.
    joint: f64,
    /// What the joint is hotter than its group, K.
    spot_k: f64,
    aged: f64,
    current_a: f64,
}

impl Pack {
    pub fn new(parameters: PackParameters, seed: u64, ageing: &Ageing) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut around = |spread: f64| spread * rng.random_range(-1.0..1.0);
        let groups = (0..ALL)
            .map(|_| Group {
                soc: parameters.soc + around(0.003),
                resistance: 1.0 + around(parameters.spread),
                capacity: 1.0 + around(0.006),
                slow_v: 0.0,
                temperature_deg_c: 26.0 + around(0.4),
            })
            .collect();
        Self { parameters, groups, joint: 0.0, spot_k: 0.0, aged: ageing.resistance_share(), current_a: 0.0 }
    }

    pub fn replace_joint(&mut self) {
        self.joint = 0.0;
    }

    /// Resistance of a group now, without and with the joint, Ω.
    fn resistance_ohm(&self, index: usize, group: &Group) -> f64 {
        let heat = (RESISTANCE_K * (1.0 / (group.temperature_deg_c + 273.15) - 1.0 / 298.15)).exp();
        let cells = self.parameters.cell_ohm / PARALLEL as f64 * group.resistance * self.aged * heat;
        cells + if index == JOINT { self.joint_ohm() } else { 0.0 }
    }

    /// It grows faster the further it is: heat feeds it.
    fn joint_ohm(&self) -> f64 {
        JOINT_OHM * self.joint * self.joint
    }

    /// Open-circuit voltage less the slow part, and resistance, of the whole string.
    fn string(&self) -> (f64, f64) {
        self.groups.iter().enumerate().fold((0.0, 0.0), |(volts, ohms), (index, group)| {
            (volts + open_v(group.soc) - group.slow_v, ohms + self.resistance_ohm(index, group))
        })
    }

    /// Mean state of charge.
    pub fn soc(&self) -> f64 {
        self.groups.iter().map(|group| group.soc).sum::<f64>() / ALL as f64
    }

    /// Mean temperature, °C.
    pub fn temperature_deg_c(&self) -> f64 {
        self.groups.iter().map(|group| group.temperature_deg_c).sum::<f64>() / ALL as f64
    }

    pub fn hottest_deg_c(&self) -> f64 {
        (0..ALL).map(|index| self.sensed_deg_c(index)).fold(f64::MIN, f64::max)
    }

    /// What a sensor beside a group reads, °C.
    fn sensed_deg_c(&self, index: usize) -> f64 {
        let spot = if index == JOINT { self.spot_k } else { 0.0 };
        self.groups.get(index).map_or(f64::MIN, |group| group.temperature_deg_c + spot)
    }

    /// Positive when it discharges, A.
    pub fn current_a(&self) -> f64 {
        self.current_a
    }

    pub fn voltage_v(&self) -> f64 {
        self.voltage_at_v(-self.current_a)
    }

    /// Terminal voltage at a charging current, V.
    pub fn voltage_at_v(&self, charging_a: f64) -> f64 {
        let (volts, ohms) = self.string();
        volts + charging_a * ohms
    }

    /// The charging current at which the highest group reaches a voltage, A.
    pub fn current_to_hold_a(&self, limit_v: f64) -> f64 {
        self.groups
            .iter()
            .enumerate()
            .map(|(index, group)| (limit_v - open_v(group.soc) + group.slow_v) / self.resistance_ohm(index, group))
            .fold(f64::MAX, f64::min)
    }

    /// Takes a power for a step; negative charges. `joint` is the fault's rate times the demonstration's seconds.
    pub fn step(
        &mut self,
        out_w: f64,
        coolant_deg_c: f64,
        flow_share: f64,
        joint: f64,
        ageing: &Ageing,
        dt_s: f64,
    ) -> PackFlow {
        self.joint = (self.joint + joint / GROWTH_S).min(1.0);
        self.aged = ageing.resistance_share();
        let (volts, ohms) = self.string();
        // P = (E - I R) I, the smaller root; no more than half of the voltage can be lost inside.
        let root = (volts * volts - 4.0 * ohms * out_w).max(0.0).sqrt();
        let current = 2.0 * out_w / (volts + root);
        self.current_a = current;

        let p = &self.parameters;
        let charge_c = p.cell_ah * 3_600.0 * PARALLEL as f64 * ageing.capacity_share();
        let convection = flow_share.max(0.02).powf(0.8);
        let kept = (-dt_s / SLOW.1).exp();
        let mut flow = PackFlow { from_cells_w: 0.0, heat_w: 0.0, to_coolant_w: 0.0, throughput_share: 0.0 };
        let resistances: Vec<f64> =
            self.groups.iter().enumerate().map(|(i, group)| self.resistance_ohm(i, group)).collect();
        let before: Vec<f64> = self.groups.iter().map(|group| group.temperature_deg_c).collect();
        let joint_ohm = self.joint_ohm();
        self.spot_k += (SPOT.0 * current * current * joint_ohm - self.spot_k) * (dt_s / SPOT.1).min(1.0);
        for (index, (group, ohm)) in self.groups.iter_mut().zip(&resistances).enumerate() {
            let slow_ohm = SLOW.0 * (ohm - if index == JOINT { joint_ohm } else { 0.0 });
            flow.from_cells_w += open_v(group.soc) * current;
            // Heat of what the terminals do not see, the slow element's as it stands.
            let heat_w = current * current * ohm + current * group.slow_v;
            group.slow_v = kept * group.slow_v + (1.0 - kept) * current * slow_ohm;
            group.soc = (group.soc - current * dt_s / (charge_c * group.capacity)).clamp(0.0, 1.0);
            let coolant_w = p.to_coolant_w_per_k * convection * (group.temperature_deg_c - coolant_deg_c);
            let mine = index / GROUPS * GROUPS;
            let neighbours_w: f64 = [index.wrapping_sub(1), index + 1]
                .into_iter()
                .filter(|other| (mine..mine + GROUPS).contains(other))
                .filter_map(|other| before.get(other))
                .map(|other| p.to_neighbour_w_per_k * (group.temperature_deg_c - other))
                .sum();
            group.temperature_deg_c += (heat_w - coolant_w - neighbours_w) * dt_s / p.group_j_per_k;
            flow.heat_w += heat_w;
            flow.to_coolant_w += coolant_w;
        }
        flow.throughput_share = current.abs() * dt_s / (2.0 * charge_c);
        flow
    }

    /// The readings of each module, in order.
    pub fn modules(&self) -> Vec<Module> {
        (0..MODULES)
            .map(|number| {
                let first = number * GROUPS;
                let members = || self.groups.iter().enumerate().skip(first).take(GROUPS);
                let volts: Vec<f64> = members()
                    .map(|(index, group)| {
                        open_v(group.soc) - group.slow_v - self.current_a * self.resistance_ohm(index, group)
                    })
                    .collect();
                Module {
                    voltage_v: volts.iter().sum(),
                    temperature_deg_c: members().map(|(_, group)| group.temperature_deg_c).sum::<f64>() / GROUPS as f64,
                    hottest_deg_c: members().map(|(index, _)| self.sensed_deg_c(index)).fold(f64::MIN, f64::max),
                    cells_v: volts.iter().flat_map(|v| [*v; PARALLEL]).collect(),
                }
            })
            .collect()
    }
}
