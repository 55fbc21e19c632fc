//! Temperatures of the four brake discs.

/// Heat capacity of a disc, J/K: 9 kg of grey iron \[E\].
const CAPACITY_J_PER_K: f64 = 9.0 * 460.0;
/// Cooling of a disc, W/K, standing and per m/s of speed \[E\].
const COOLING_W_PER_K: (f64, f64) = (3.0, 0.55);
/// Share of the friction on each wheel: front, front, rear, rear \[E\].
const SHARES: [f64; 4] = [0.33, 0.33, 0.17, 0.17];

#[derive(Debug, Clone)]
pub(super) struct Brakes {
    discs_deg_c: [f64; 4],
}

impl Brakes {
    pub fn new(ambient_deg_c: f64) -> Self {
        Self { discs_deg_c: [ambient_deg_c + 25.0; 4] }
    }

    pub fn temperatures_deg_c(&self) -> [f64; 4] {
        self.discs_deg_c
    }

    pub fn step(&mut self, friction_w: f64, speed_m_per_s: f64, ambient_deg_c: f64, dt_s: f64) {
        let cooling = COOLING_W_PER_K.0 + COOLING_W_PER_K.1 * speed_m_per_s;
        for (disc, share) in self.discs_deg_c.iter_mut().zip(SHARES) {
            *disc += (share * friction_w - cooling * (*disc - ambient_deg_c)) * dt_s / CAPACITY_J_PER_K;
        }
    }
}
