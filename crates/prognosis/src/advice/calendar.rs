//! When work is possible: the windows of a site, or working days where it names none.
//!
//! Hours are those of the asset from now on. An asset in time lapse has a calendar of its own, which starts today and
//! runs as fast as the asset ages: its shifts and windows are counted as if an hour of the asset were an hour of ours.

use std::ops::Range;

use twinscope_twin::site::Operations;

use super::Kind;
use crate::living::WallMs;

const HOUR_MS: f64 = 3.6e6;
const DAY_MS: i64 = 86_400_000;
/// The day shift, hours of the day, UTC \[E\].
const SHIFT: [f64; 2] = [8.0, 16.0];
/// Share of the shifts with little enough wind to work in a nacelle \[E\]: three of five.
const CALM: f64 = 0.6;
/// Most dates that are compared for one action.
const MOST_DATES: usize = 366;
/// Longest calendar, days: what is further ahead is not planned.
const MOST_DAYS: i64 = 20 * 366;

/// When work is possible.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    shifts: Vec<Shift>,
    assumption: Option<&'static str>,
}

/// A shift.
#[derive(Debug, Clone, PartialEq)]
struct Shift {
    start_h: f64,
    end_h: f64,
    /// Hours that one crew can work in it.
    crew_h: f64,
    /// Work may go on from one shift to the next of the same window.
    window: usize,
    /// The window, hours; none: from the first to the last shift of the work.
    span_h: Option<[f64; 2]>,
}

/// A date on which work can start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Date {
    /// Start of the work, hours from now.
    pub start_h: f64,
    /// The window around it, hours from now.
    pub window_h: [f64; 2],
}

impl Calendar {
    /// The windows of a site from `now_ms` on, as far as `horizon_h`; without any, working days: Monday to Friday, the
    /// day shift, and for a wind turbine three of five of them.
    #[must_use]
    pub fn new(kind: Kind, operations: &Operations, now_ms: WallMs, horizon_h: f64) -> Self {
        let in_h = |at_ms: i64| at_ms.saturating_sub(now_ms) as f64 / HOUR_MS;
        let shift = |day: i64| SHIFT.map(|hour| in_h(day.saturating_mul(DAY_MS)) + hour);
        let ahead = |[start, end]: [f64; 2]| start >= 0.0 && start < horizon_h && end > start;
        let mut shifts = Vec::new();
        if operations.windows.is_empty() {
            let today = now_ms.div_euclid(DAY_MS);
            let crew_h = (SHIFT[1] - SHIFT[0]) * if kind == Kind::Gearbox { CALM } else { 1.0 };
            for day in (0..MOST_DAYS).map(|ahead| today.saturating_add(ahead)) {
                let [start_h, end_h] = shift(day);
                if start_h >= horizon_h {
                    break;
                }
                // 1 January 1970 was a Thursday.
                let working = day.saturating_add(3).rem_euclid(7) < 5;
                if working && ahead([start_h, end_h]) {
                    shifts.push(Shift { start_h, end_h, crew_h, window: 0, span_h: None });
                }
            }
            let assumption = if kind == Kind::Gearbox {
                "work on weekdays, day shift, three of five calm enough: assumed"
            } else {
                "work on weekdays, day shift: assumed"
            };
            return Self { shifts, assumption: Some(assumption) };
        }
        for (window, Range { start, end }) in operations.windows.iter().enumerate() {
            let span_h = Some([in_h(*start).max(0.0), in_h(*end)]);
            let crew_h = SHIFT[1] - SHIFT[0];
            let days = start.div_euclid(DAY_MS)..end.div_euclid(DAY_MS);
            let days = days.take(MOST_DAYS as usize).map(shift).filter(|hours| ahead(*hours));
            shifts.extend(days.map(|[start_h, end_h]| Shift { start_h, end_h, crew_h, window, span_h }));
        }
        shifts.sort_by(|a, b| a.start_h.total_cmp(&b.start_h).then(a.window.cmp(&b.window)));
        Self { shifts, assumption: None }
    }

    /// What was assumed in the place of windows, in words.
    #[must_use]
    pub const fn assumption(&self) -> Option<&'static str> {
        self.assumption
    }

    /// The dates on which `work_h` crew hours can start so that `crews` finish them within the window: at most 366 of
    /// them, evenly thinned.
    pub(super) fn dates(&self, work_h: f64, crews: f64) -> Vec<Date> {
        let dates: Vec<Date> = (0..self.shifts.len()).filter_map(|first| self.date(first, work_h, crews)).collect();
        let step = dates.len().div_ceil(MOST_DATES).max(1);
        dates.into_iter().step_by(step).collect()
    }

    fn date(&self, first: usize, work_h: f64, crews: f64) -> Option<Date> {
        let mut shifts = self.shifts.get(first..)?.iter();
        let start = shifts.next()?;
        let mut done = start.crew_h * crews;
        let mut last = start;
        while done + 1e-9 < work_h {
            last = shifts.find(|shift| shift.window == start.window)?;
            done += last.crew_h * crews;
        }
        Some(Date { start_h: start.start_h, window_h: start.span_h.unwrap_or([start.start_h, last.end_h]) })
    }
}
