//! One action with the lives under it: what it costs at a date, in the mean and sample by sample.
//!
//! The mean is asked for hundreds of dates and inputs: it comes from sorted lives and their sums, one search a date. The
//! spread comes from the samples themselves. A test compares the two.

use super::action::{Action, Does};
use super::calendar::{Calendar, Date};
use super::economics::Values;
use super::figures::{Figures, Terms};

/// One action with the lives under it.
#[derive(Debug)]
pub(super) struct Case<'a> {
    pub action: &'a Action,
    /// Dates that can be chosen, or the one on which an improvement is made.
    pub dates: Vec<Date>,
    /// Lives as they come, h; beyond the horizon infinity.
    lives: Vec<f64>,
    /// Those within the horizon, ascending.
    sorted: Vec<f64>,
    /// Of the first k of them: hours under the setting.
    run: Vec<f64>,
    /// The setting holds from here on, h.
    from_h: f64,
    /// Work that improves is done here, h.
    start_h: f64,
    horizon_h: f64,
}

/// What one sample costs, by what for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Split {
    pub work: f64,
    pub failure: f64,
    pub lost: f64,
    pub after: f64,
}

impl Split {
    pub fn total(self) -> f64 {
        self.work + self.failure + self.lost + self.after
    }
}

/// What an action costs at its best date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Best {
    pub mean: f64,
    pub date: Option<Date>,
}

impl<'a> Case<'a> {
    /// `lives` under the action, `wait` without it, by place, h, none of them NaN. Nothing is done before `from_h`.
    /// None if its work cannot be done within the horizon.
    pub fn new(
        action: &'a Action,
        [lives, wait]: [&[f64]; 2],
        values: &Values<'_>,
        calendar: &Calendar,
        from_h: f64,
        horizon_h: f64,
    ) -> Option<Self> {
        let mut dates = Vec::new();
        if let Some(work) = action.work {
            dates = calendar.dates(values.get(work.work), values.get("crews"));
            dates.retain(|date| (from_h..horizon_h).contains(&date.start_h));
            let needed = action.does != Does::Replace { or_never: true };
            if dates.is_empty() && needed {
                return None;
            }
        }
        let mut start_h = from_h;
        if action.does == Does::Improve {
            dates.truncate(1);
            start_h = dates.first().map_or(from_h, |date| date.start_h);
        }
        let life = |(life, wait): (&f64, &f64)| {
            let hours = if *wait <= start_h { *wait } else { life.max(start_h) };
            if hours > horizon_h { f64::INFINITY } else { hours.max(0.0) }
        };
        let lives: Vec<f64> = lives.iter().zip(wait).map(life).collect();
        let mut sorted: Vec<f64> = lives.iter().copied().filter(|life| life.is_finite()).collect();
        sorted.sort_by(f64::total_cmp);
        let run = sums(sorted.iter().map(|life| (life - from_h).max(0.0)));
        Some(Self { action, dates, lives, sorted, run, from_h, start_h, horizon_h })
    }

    /// The date with the lowest expected cost, the earliest of equals; none where there is none to choose.
    pub fn best(&self, figures: &Figures, terms: Terms) -> Best {
        let failures = sums(self.sorted.iter().map(|life| self.failed(figures, *life)));
        let mean = |date: Option<Date>| Best { mean: self.mean(figures, terms, &failures, date), date };
        let never = match self.action.does {
            Does::Nothing => return mean(None),
            Does::Improve => return mean(self.dates.first().copied()),
            Does::Replace { or_never: true } => Some(mean(None)),
            Does::Replace { or_never: false } | Does::Inspect => None,
        };
        let dates = self.dates.iter().map(|date| mean(Some(*date)));
        let best = dates.chain(never).reduce(|best, next| if next.mean < best.mean { next } else { best });
        // Without dates there is no case but with `never`.
        best.unwrap_or_else(|| mean(None))
    }

    /// A failure, and what comes after it.
    fn failed(&self, figures: &Figures, life: f64) -> f64 {
        figures.failure + figures.renewal.over(self.horizon_h - life)
    }

    /// How many of the lives are over at that time.
    fn over(&self, hours: f64) -> usize {
        self.sorted.partition_point(|life| *life <= hours)
    }

    fn mean(&self, figures: &Figures, terms: Terms, failures: &[f64], date: Option<Date>) -> f64 {
        let at = |sums: &[f64], index: usize| sums.get(index).copied().unwrap_or(0.0);
        let (all, within) = (self.lives.len(), self.sorted.len());
        let end_h = date.filter(|_| self.action.does != Does::Improve).map_or(self.horizon_h, |date| date.start_h);
        let gone = if end_h < self.horizon_h { self.over(end_h) } else { within };
        let left = (all - gone) as f64;
        let failed = at(failures, gone);
        let run = terms.per_hour * (at(&self.run, gone) + left * (end_h - self.from_h).max(0.0));
        let rest = match (self.action.does, date) {
            (Does::Improve, _) => (all - self.over(self.start_h)) as f64 * terms.once.total(),
            (Does::Nothing, _) | (_, None) => 0.0,
            (Does::Replace { .. }, Some(_)) => {
                left * (terms.once.total() + figures.renewal.over(self.horizon_h - end_h))
            }
            (Does::Inspect, Some(_)) => {
                // Those that an inspection can reach, and those of them that the horizon ends before.
                let reached = end_h + figures.reach_h;
                let in_reach = self.over(reached);
                let seen = (in_reach - gone) as f64 * figures.finds;
                let missed = (1.0 - figures.finds) * (at(failures, in_reach) - failed);
                let found = figures.planned.total() + figures.renewal.over(self.horizon_h - end_h);
                left * terms.once.total() + seen * found + missed + at(failures, within) - at(failures, in_reach)
            }
        };
        (failed + run + rest) / all as f64
    }

    /// Every sample at a date, in their order.
    pub fn samples(&self, figures: &Figures, terms: Terms, date: Option<Date>) -> Vec<Split> {
        self.lives.iter().map(|life| self.sample(figures, terms, date, *life)).collect()
    }

    fn sample(&self, figures: &Figures, terms: Terms, date: Option<Date>, life: f64) -> Split {
        let improves = self.action.does == Does::Improve;
        let end_h = date.filter(|_| !improves).map_or(f64::INFINITY, |date| date.start_h);
        let run_h = life.min(end_h).min(self.horizon_h) - self.from_h;
        let mut split = Split { lost: terms.per_hour * run_h.max(0.0), ..Split::default() };
        let mut once = |work: f64, lost: f64| (split.work, split.lost) = (split.work + work, split.lost + lost);
        if improves && life > self.start_h || end_h < life {
            once(terms.once.work, terms.once.lost);
        }
        let mut fails = if life.is_finite() { 1.0 } else { 0.0 };
        if end_h < life {
            let replaced = match self.action.does {
                Does::Inspect if life <= end_h + figures.reach_h && life.is_finite() => figures.finds,
                Does::Inspect => 0.0,
                _ => 1.0,
            };
            if self.action.does == Does::Inspect {
                once(replaced * figures.planned.work, replaced * figures.planned.lost);
            }
            fails *= 1.0 - replaced;
            split.after += replaced * figures.renewal.over(self.horizon_h - end_h);
        }
        if fails > 0.0 {
            split.failure = fails * figures.failure;
            split.after += fails * figures.renewal.over(self.horizon_h - life);
        }
        split
    }

    /// How many samples there are.
    pub const fn count(&self) -> usize {
        self.lives.len()
    }

    /// Share of the lives that are over before a date, or before the horizon.
    pub fn fails_before(&self, date: Option<Date>) -> f64 {
        let date = date.filter(|_| self.action.does != Does::Improve);
        let gone = date.map_or(self.sorted.len(), |date| self.over(date.start_h));
        gone as f64 / self.lives.len() as f64
    }

    /// Share of the samples in which it lives longer than in another case; none if nothing tells them apart.
    pub fn outlives(&self, other: &Self) -> Option<f64> {
        let pairs = || self.lives.iter().zip(&other.lives);
        let told_apart = pairs().filter(|(own, other)| own != other).count();
        let longer = pairs().filter(|(own, other)| own > other).count();
        (told_apart > 0).then(|| longer as f64 / told_apart as f64)
    }
}

/// The sums of the first 0, 1, … of them.
fn sums(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sum = 0.0;
    std::iter::once(0.0)
        .chain(values.map(|value| {
            sum += value;
            sum
        }))
        .collect()
}
