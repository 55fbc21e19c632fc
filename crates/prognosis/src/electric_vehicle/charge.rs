//! The fast charger: constant current by state of charge, then constant voltage.

use super::pack::Pack;

/// Highest current, A, over the state of charge \[E\]: 125 kW at the beginning, as published for such packs.
const CURRENT_A: [(f64, f64); 4] = [(0.0, 330.0), (0.35, 330.0), (0.80, 165.0), (1.0, 90.0)];
/// Voltage at which the highest cell is held, V.
const HOLD_V: f64 = 4.15;
/// Above the first temperature of the hottest cell the current goes down, at the second it ends, °C \[E\].
const HOT_DEG_C: (f64, f64) = (50.0, 62.0);

/// What the charger gives, W, of which the auxiliaries take theirs.
pub(super) fn power_w(pack: &Pack, auxiliary_w: f64) -> f64 {
    let table = CURRENT_A.windows(2).find_map(|pair| {
        let [(s0, a), (s1, b)] = *pair else { return None };
        (pack.soc() <= s1).then(|| a + (b - a) * (pack.soc() - s0) / (s1 - s0))
    });
    let cool = ((HOT_DEG_C.1 - pack.hottest_deg_c()) / (HOT_DEG_C.1 - HOT_DEG_C.0)).clamp(0.0, 1.0);
    let current = (table.unwrap_or(0.0) * cool).min(pack.current_to_hold_a(HOLD_V)).max(0.0);
    current * pack.voltage_at_v(current) + auxiliary_w
}
