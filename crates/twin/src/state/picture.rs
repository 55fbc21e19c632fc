//! The snapshot: the state as the screen sees it.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{TwinState, feed::Feed, said::in_hours};
use crate::health::{self, OwnStatus};
use crate::prediction::{Issue, PredictionKey};
use crate::quality::{Quality, QualityReason};
use crate::site::{AlarmRow, PartRow, SignalRow};
use crate::snapshot::{
    AlarmDetail, AlarmStatus, HealthDetail, Life, PartDetail, PartStatus, PastLife, SignalDetail, SignalStatus,
    Snapshot,
};
use crate::time::Now;
use crate::value::Provenance;

/// How much of the past the inspector shows, ms.
const INSPECTOR_SPAN_MS: i64 = 10 * 60_000;
/// Samples that it shows at least, however old: ten minutes of a signal that comes once in ten minutes are no curve.
const INSPECTOR_LEAST: usize = 60;
/// Most points of one curve in the inspector.
const INSPECTOR_POINTS: usize = 600;
/// Predictions shown of the selected part.
const SHOWN_PREDICTIONS: usize = 64;
/// What-ifs shown of the asset of the selected part.
const SHOWN_SCENARIOS: usize = 256;
/// Past issues shown of the life of the selected part.
const SHOWN_LIVES: usize = 64;
/// Records shown of the selected part.
const SHOWN_RECORDS: usize = 64;
/// Advice shown of the selected part.
const SHOWN_ADVICES: usize = 64;
/// Commands shown.
const SHOWN_COMMANDS: usize = 64;

pub(super) fn snapshot(state: &TwinState, now: Now) -> Snapshot {
    let live = &state.live;
    let signals: Vec<SignalStatus> = (0..live.slots.len()).map(|row| signal_status(state, row)).collect();
    let own = own_statuses(state, &signals, now);
    let rolled = health::roll_up(&state.site, &state.order, &own);
    let parts = own
        .iter()
        .zip(rolled.parts)
        .map(|(own, below)| PartStatus {
            state: own.state,
            quality: own.quality,
            reason: own.reason,
            health: own.health,
            below,
        })
        .collect();
    let mut counters = live.counters;
    counters.history_evicted = live.history.evicted();
    Snapshot {
        site: Arc::clone(&state.site),
        now,
        sources: state.feeds.iter().map(|feed| feed.status.show(now)).collect(),
        parts,
        assets: rolled.assets,
        whole: rolled.whole,
        alarms: alarms(state),
        selected: state.selected.map(|part| detail(state, part, now)),
        lives: lives(state, now),
        cracks: super::cracks::cracks(state, now),
        scenarios: scenarios(state),
        run: state.procedures.status(state, now),
        signals,
        counters,
        commands: state.log.iter().rev().take(SHOWN_COMMANDS).rev().cloned().collect(),
    }
}

fn signal_status(state: &TwinState, row: usize) -> SignalStatus {
    let Some(slot) = state.live.slots.get(row) else { return SignalStatus::default() };
    let (quality, reason) = state.live.quality(row);
    let derived = state.live.is_derived(row);
    let source = state.live.source_of.get(row).and_then(|source| state.feeds.get(source.index()));
    let provenance = match (derived, source) {
        (true, _) => Provenance::Derived,
        (false, Some(Feed { simulated: true, .. })) => Provenance::Simulated,
        (false, _) => Provenance::Measured,
    };
    SignalStatus {
        value: slot.value.clone(),
        quality,
        reason,
        provenance,
        source_ms: slot.source_ms,
        received: slot.received,
    }
}

fn own_statuses(state: &TwinState, signals: &[SignalStatus], now: Now) -> Vec<OwnStatus> {
    let mut own: Vec<OwnStatus> = state
        .site
        .parts
        .iter()
        .zip(&state.live.part_state)
        .zip(&state.live.health)
        .map(|((part, severity), health)| {
            let rows = part.signals.start as usize..part.signals.end as usize;
            let (mut quality, mut reason) = (Quality::Good, QualityReason::None);
            let signals = signals.get(rows).unwrap_or_default();
            for signal in signals {
                if signal.quality > quality {
                    (quality, reason) = (signal.quality, signal.reason);
                }
            }
            if signals.is_empty() {
                (quality, reason) = (Quality::NoData, QualityReason::NotMeasured);
            }
            OwnStatus {
                state: *severity,
                quality,
                reason,
                health: health.value.map(|value| value as f32),
                measured: !signals.is_empty(),
            }
        })
        .collect();
    for part in &state.predicted_health {
        if state.site.parts.get(part.index()).is_some_and(|part| part.health.is_some()) {
            continue;
        }
        if let (Some(own), Ok((value, _))) = (own.get_mut(part.index()), predicted_health(state, *part, now)) {
            own.health = Some(value as f32);
        }
    }
    own
}

/// The health index that a prediction says: the median of the latest issue of quantity `health` that may still be used,
/// of the baseline scenario if there is one. Else the reason why there is none.
fn predicted_health(state: &TwinState, part: PartRow, now: Now) -> Result<(f64, String), String> {
    let mut best: Option<(bool, &PredictionKey, &Issue)> = None;
    for (key, issue, _) in state.predictions.latest(part) {
        let baseline = key.scenario == "baseline";
        let newer = best.is_none_or(|(other, _, kept)| (baseline, issue.rank()) > (other, kept.rank()));
        if key.quantity == "health" && newer {
            best = Some((baseline, key, issue));
        }
    }
    let (_, key, issue) = best.ok_or("no prediction of its health")?;
    let age = if issue.is_dated() { "" } else { ", retained, of unknown age" };
    let from = format!("prediction by {} ({}){age}", key.model, key.scenario);
    if issue.is_expired(now) {
        return Err(format!("{from} is past its valid_until"));
    }
    let median = issue.body.median().ok_or_else(|| format!("{from} has no median"))?;
    let index = if issue.body.unit == "%" { median / 100.0 } else { median };
    if !(0.0..=1.0).contains(&index) {
        return Err(format!("{from} says {median}, which is not between 0 and 1"));
    }
    Ok((index, from))
}

fn alarms(state: &TwinState) -> Vec<AlarmStatus> {
    let mut listed: Vec<AlarmStatus> = state
        .live
        .alarms
        .iter()
        .zip(&state.site.alarms)
        .zip(0..)
        .filter(|((alarm, _), _)| alarm.state.is_listed())
        .map(|((alarm, rule), row)| AlarmStatus {
            alarm: AlarmRow(row),
            part: rule.part,
            severity: alarm.priority,
            active: alarm.state.active,
            acknowledged: alarm.state.acknowledged,
            since_ms: alarm.state.since_ms,
            value: alarm.state.value,
        })
        .collect();
    listed.sort_by_key(|alarm| (Reverse(alarm.severity), Reverse(alarm.since_ms), alarm.alarm));
    listed
}

fn detail(state: &TwinState, part: PartRow, now: Now) -> PartDetail {
    let site_part = state.site.parts.get(part.index());
    let signals = site_part.map_or(0..0, |part| part.signals.clone());
    let alarms = site_part.map_or(0..0, |part| part.alarms.clone());
    let (predictions, more_predictions) = predictions(state, part);
    PartDetail {
        part,
        signals: signals.map(|row| signal_detail(state, SignalRow(row), now)).collect(),
        alarms: alarms.filter_map(|row| alarm_detail(state, AlarmRow(row))).collect(),
        health: health_detail(state, part, now),
        predictions,
        more_predictions,
        rul_history: rul_history(state, part),
        records: state.records.of_part(part).iter().take(SHOWN_RECORDS).cloned().collect(),
        advice: state.advices.of_part(part).iter().take(SHOWN_ADVICES).cloned().collect(),
    }
}

/// The predictions that are shown of a part, and how many are not: anyone may publish, and all are copied.
fn predictions(state: &TwinState, part: PartRow) -> (Vec<(PredictionKey, Issue, usize)>, usize) {
    let mut latest: Vec<(&Arc<PredictionKey>, &Arc<Issue>, usize)> = state.predictions.latest(part).collect();
    let more = latest.len().saturating_sub(SHOWN_PREDICTIONS);
    if more > 0 {
        latest.select_nth_unstable_by_key(SHOWN_PREDICTIONS, |(key, issue, _)| (Reverse(issue.rank()), *key));
        latest.truncate(SHOWN_PREDICTIONS);
        latest.sort_by_key(|(key, ..)| *key);
    }
    let copied = latest.into_iter().map(|(key, issue, kept)| (PredictionKey::clone(key), Issue::clone(issue), kept));
    (copied.collect(), more)
}

fn lives(state: &TwinState, now: Now) -> Vec<Life> {
    let standing = state.lives.values().filter(|life| !state.site.removed.contains(&life.asset));
    let with_advice = standing.map(|life| {
        let usable = state.advices.of_part(life.part).iter().filter(|advised| !advised.is_expired(now));
        let advice = usable.max_by_key(|advised| (advised.model == life.key.model, advised.rank()));
        Life { expired: life.issue.is_expired(now), advice: advice.cloned(), ..life.clone() }
    });
    with_advice.collect()
}

fn scenarios(state: &TwinState) -> Vec<(Arc<PredictionKey>, Arc<Issue>)> {
    let part = state.selected.and_then(|part| state.site.parts.get(part.index()));
    let asset = part.and_then(|part| state.site.assets.get(part.asset.index()));
    let parts = asset.map_or(0..0, |asset| asset.parts.clone()).map(PartRow);
    let mut found: Vec<_> = parts
        .flat_map(|part| state.predictions.latest(part))
        .filter(|(key, ..)| key.scenario != "baseline")
        .map(|(key, issue, _)| (Arc::clone(key), Arc::clone(issue)))
        .collect();
    if found.len() > SHOWN_SCENARIOS {
        found.sort_by(|a, b| b.1.rank().cmp(&a.1.rank()).then_with(|| a.0.cmp(&b.0)));
        found.truncate(SHOWN_SCENARIOS);
        found.sort_by(|a, b| a.0.cmp(&b.0));
    }
    found
}

fn rul_history(state: &TwinState, part: PartRow) -> Vec<PastLife> {
    let Some(life) = state.lives.get(&part) else { return Vec::new() };
    let past = |issue: &Issue| {
        let [p05_h, p50_h, p95_h] = in_hours(issue);
        PastLife { issued_at: issue.issued_ms(), p05_h, p50_h, p95_h }
    };
    let mut history: Vec<PastLife> = state.predictions.of_key(&life.key).take(SHOWN_LIVES).map(past).collect();
    history.reverse();
    history
}

fn signal_detail(state: &TwinState, signal: SignalRow, now: Now) -> SignalDetail {
    let slot = state.live.slots.get(signal.index());
    let source = state.live.source_of.get(signal.index()).and_then(|source| state.feeds.get(source.index()));
    let last_message = slot
        .and_then(|slot| slot.topic)
        .and_then(|topic| source?.entry(topic))
        .map(|entry| (lossy(&entry.name), lossy(&entry.last)));
    let history = &state.live.history;
    // On the source's clock, which may be ahead of ours, or years behind when old data is replayed.
    let source_now_ms = slot.map_or(now.wall_ms, |slot| slot.source_now_ms(now).max(slot.source_ms));
    let from_ms = source_now_ms.saturating_sub(INSPECTOR_SPAN_MS);
    let from_ms = history.start_of_last(signal, INSPECTOR_LEAST).map_or(from_ms, |ms| ms.min(from_ms));
    SignalDetail {
        signal,
        last_message,
        history: history.thinned(signal, from_ms, source_now_ms.saturating_add(1), INSPECTOR_POINTS),
        error: state.live.signal_errors.get(signal.index()).cloned().flatten().map(Into::into),
    }
}

/// Text of bytes that need not be text; a character that was cut at the end is left out.
fn lossy(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return String::from_utf8_lossy(bytes).into_owned(),
    };
    text.to_owned()
}

fn alarm_detail(state: &TwinState, row: AlarmRow) -> Option<AlarmDetail> {
    let alarm = state.live.alarms.get(row.index())?;
    Some(AlarmDetail {
        alarm: row,
        active: alarm.state.active,
        condition: alarm.state.condition,
        acknowledged: alarm.state.acknowledged,
        since_ms: alarm.state.active.then_some(alarm.state.since_ms),
        held: alarm.state.held,
        error: alarm.error.clone(),
    })
}

fn health_detail(state: &TwinState, part: PartRow, now: Now) -> Option<HealthDetail> {
    if let Some(expression) = state.site.parts.get(part.index()).and_then(|part| part.health.clone()) {
        let health = state.live.health.get(part.index())?;
        return Some(HealthDetail { from: expression, value: health.value, error: health.error.clone() });
    }
    if !state.predicted_health.contains(&part) {
        return None;
    }
    Some(match predicted_health(state, part, now) {
        Ok((value, from)) => HealthDetail { from, value: Some(value), error: None },
        Err(error) => HealthDetail { from: "prediction".to_owned(), value: None, error: Some(error) },
    })
}

/// Parts with a prediction of their health.
pub(super) type PredictedHealth = BTreeSet<PartRow>;
