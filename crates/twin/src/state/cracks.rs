//! Cracks as they are believed in now.

use std::cmp::Reverse;
use std::sync::Arc;

use super::TwinState;
use crate::site::PartRow;
use crate::snapshot::CrackLength;
use crate::time::Now;

/// Of each part that says where its crack lies, how long it is believed to be.
pub(super) fn cracks(state: &TwinState, now: Now) -> Vec<CrackLength> {
    let parts = (0..).map(PartRow).zip(&state.site.parts);
    let drawn = parts.filter_map(|(row, part)| Some((row, part.asset, part.crack.as_ref()?)));
    let standing = drawn.filter(|(_, asset, _)| !state.site.removed.contains(asset));
    let believed = |part: PartRow, quantity: &str| {
        let said = state.predictions.latest(part).filter(|(key, issue, _)| {
            key.quantity == quantity && key.scenario == "baseline" && issue.body.unit_m().is_some()
        });
        let (_, issue, _) = said.max_by_key(|(key, issue, _)| (issue.rank(), Reverse(*key)))?;
        let body = &issue.body;
        let metres = |value: Option<f64>| value.zip(body.unit_m()).map(|(value, m)| value * m);
        Some(CrackLength {
            part,
            p05_m: metres(body.quantile(0.05)),
            p50_m: metres(body.median()),
            p95_m: metres(body.quantile(0.95)),
            expired: issue.is_expired(now),
            issue: Arc::clone(issue),
        })
    };
    standing.filter_map(|(row, _, crack)| believed(row, &crack.quantity)).collect()
}
