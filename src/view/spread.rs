//! A quantity with its spread, in words and as places on an axis. Never a bare number: where nobody gave a spread, the
//! words say so.
//!
//! Lives share one logarithmic axis, so that bars of different parts and assets can be compared by eye.

use std::collections::BTreeMap;

use twinscope_twin::prediction::Body;

use super::words;

/// What was said of a quantity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Said {
    /// The median, or the bare value: `42 d`.
    pub figure: Option<String>,
    /// The level and the band: `5–95 %: 18 to 95`, without its unit.
    pub band: Option<String>,
    /// The unit of both.
    pub unit: String,
    /// What is said where there is no band.
    pub bare: &'static str,
    /// The share beyond the horizon, if there is one.
    pub beyond: Option<String>,
}

impl Said {
    /// `5–95 %: 18 to 95 d`, or that there is none.
    #[must_use]
    pub fn band_text(&self) -> String {
        let Some(band) = &self.band else { return self.bare.to_owned() };
        let mut text = words::join_unit(band, &self.unit);
        if let Some(beyond) = &self.beyond {
            text.push_str(&format!(", {beyond} beyond the horizon"));
        }
        text
    }

    /// In one line: `42 d (5–95 %: 18 to 95)`.
    #[must_use]
    pub fn one_line(&self) -> String {
        match (&self.figure, &self.band) {
            (Some(figure), Some(band)) => format!("{figure} ({band})"),
            (Some(figure), None) => format!("{figure} ({})", self.bare),
            (None, Some(band)) => words::join_unit(band, &self.unit),
            (None, None) => self.bare.to_owned(),
        }
    }

    /// What a body says.
    #[must_use]
    pub fn of(body: &Body) -> Self {
        let (quantiles, over) = known(body);
        let median = quantiles.iter().find(|(p, _)| (p - 0.5).abs() < 1e-9).map(|(_, value)| *value);
        let Some((low, high)) = band(&quantiles) else {
            let bare = median.or_else(|| quantiles.first().map(|q| q.1)).or(body.value).filter(|v| v.is_finite());
            let Some(value) = bare else {
                let bare = if body.path.is_some() { "as a course, below" } else { "no usable figure" };
                return Self { bare, ..Self::default() };
            };
            let figures = Figures::of(value, &body.unit);
            return Self { figure: Some(figures.with_unit(value)), bare: "without a spread", ..Self::default() };
        };
        let shown = median.or(body.value).filter(|v| v.is_finite());
        let figures = Figures::of(shown.unwrap_or(high.1), &body.unit);
        let level = format!("{}–{} %", percent_digits(low.0), percent_digits(high.0));
        // What was not looked at is more than how far was looked.
        let more = |value: f64| if over.is_some_and(|over| value >= over) { "over " } else { "" };
        Self {
            figure: shown.map(|value| format!("{}{}", more(value), figures.with_unit(value))),
            band: Some(format!("{level}: {} to {}{}", figures.figure(low.1), more(high.1), figures.figure(high.1))),
            unit: figures.unit,
            bare: "",
            beyond: body.beyond_horizon.filter(|b| *b > 0.0).map(words::percent),
        }
    }
}

/// The usual quantiles, and the horizon if one of them lies beyond it: then the horizon stands in its place.
fn known(body: &Body) -> (Vec<Quantile>, Option<f64>) {
    let mut quantiles = sorted(&body.quantiles);
    let last = quantiles.last().copied();
    let horizon = body.horizon.filter(|horizon| horizon.is_finite() && last.is_none_or(|last| last.1 <= *horizon));
    let (Some(horizon), Some(beyond)) = (horizon, body.beyond_horizon.filter(|beyond| *beyond > 0.0)) else {
        return (quantiles, None);
    };
    let missing =
        [0.05, 0.5, 0.95].into_iter().filter(|p| last.is_none_or(|last| last.0 < *p) && *p > 1.0 - beyond - 1e-3);
    let missing: Vec<Quantile> = missing.map(|p| (p, horizon)).collect();
    let over = (!missing.is_empty()).then_some(horizon);
    quantiles.extend(missing);
    (quantiles, over)
}

/// Quantiles that can be used, smallest probability first.
fn sorted(quantiles: &BTreeMap<String, f64>) -> Vec<(f64, f64)> {
    let mut sorted: Vec<(f64, f64)> = quantiles
        .iter()
        .filter_map(|(p, value)| Some((p.parse::<f64>().ok()?, *value)))
        .filter(|(p, value)| (0.0..=1.0).contains(p) && value.is_finite())
        .collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    sorted
}

/// A probability and its quantile.
type Quantile = (f64, f64);

/// The pair of quantiles to show: 5 and 95 % if there, else the widest pair that is symmetric, else the outermost two.
fn band(quantiles: &[Quantile]) -> Option<(Quantile, Quantile)> {
    let at = |p: f64| quantiles.iter().find(|q| (q.0 - p).abs() < 1e-6).copied();
    if let (Some(low), Some(high)) = (at(0.05), at(0.95)) {
        return Some((low, high));
    }
    let symmetric = quantiles.iter().find_map(|low| (low.0 < 0.5).then(|| at(1.0 - low.0).map(|high| (*low, high)))?);
    symmetric.or_else(|| match (quantiles.first(), quantiles.last()) {
        (Some(low), Some(high)) if low.0 < high.0 => Some((*low, *high)),
        _ => None,
    })
}

fn percent_digits(p: f64) -> String {
    let text = format!("{:.1}", p * 100.0);
    text.strip_suffix(".0").map_or(text.clone(), ToOwned::to_owned)
}

/// Hours of a unit of time (UCUM).
#[must_use]
pub fn hours_of(unit: &str) -> Option<f64> {
    match unit {
        "s" => Some(1.0 / 3600.0),
        "min" => Some(1.0 / 60.0),
        "h" => Some(1.0),
        "d" => Some(24.0),
        "wk" => Some(168.0),
        "mo" => Some(730.5),
        "a" => Some(8766.0),
        _ => None,
    }
}

/// How figures of one prediction are written: one unit and one number of digits for median and band.
#[derive(Clone, Debug)]
pub struct Figures {
    factor: f64,
    decimals: u8,
    unit: String,
}

impl Figures {
    /// For figures of about this size; those of time in the unit that a person would use, so that a long life is read in
    /// days or years.
    #[must_use]
    pub fn of(typical: f64, unit: &str) -> Self {
        let Some(in_hours) = hours_of(unit) else {
            let decimals = match typical.abs() {
                v if v >= 100.0 => 0,
                v if v >= 10.0 => 1,
                _ => 2,
            };
            return Self { factor: 1.0, decimals, unit: words::unit(unit).into_owned() };
        };
        let hours = typical.abs() * in_hours;
        let (per, name) = match hours {
            h if h >= 3.0 * 8766.0 => (8766.0, "years"),
            h if h >= 72.0 => (24.0, "d"),
            h if h >= 2.0 => (1.0, "h"),
            h if h >= 2.0 / 60.0 => (1.0 / 60.0, "min"),
            _ => (1.0 / 3600.0, "s"),
        };
        let figure = hours / per;
        Self { factor: in_hours / per, decimals: u8::from(figure < 10.0), unit: name.to_owned() }
    }

    /// Without the unit.
    #[must_use]
    pub fn figure(&self, value: f64) -> String {
        words::number(value * self.factor, self.decimals)
    }

    /// With a sign in any case: a gain.
    #[must_use]
    pub fn signed(&self, value: f64) -> String {
        let figure = self.figure(value);
        if value > 0.0 { format!("+{figure}") } else { figure }
    }

    /// With the unit.
    #[must_use]
    pub fn with_unit(&self, value: f64) -> String {
        words::join_unit(&self.figure(value), &self.unit)
    }

    /// The unit.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.unit
    }
}

/// Hours in the unit that a person would use; a whole number has no decimals.
#[must_use]
pub fn hours(hours: f64) -> String {
    let figures = Figures::of(hours, "h");
    let figure = figures.figure(hours);
    words::join_unit(figure.strip_suffix(".0").unwrap_or(&figure), figures.unit())
}

/// A number with as many digits as it needs, up to three significant ones.
#[must_use]
pub fn short_number(value: f64) -> String {
    let decimals = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 3,
    };
    let text = words::number(value, decimals);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// An axis from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Axis {
    /// Times by their logarithm: lowest and highest, hours.
    Log(f64, f64),
    /// Values as they are: lowest and highest.
    Linear(f64, f64),
}

/// The axis of all lives: a day to a hundred years.
pub const LIVES: Axis = Axis::Log(24.0, 876_600.0);

/// The axis of what ends within days: a minute to three days.
const SHORT: Axis = Axis::Log(1.0 / 60.0, 72.0);

impl Axis {
    /// Where a value lies, 0 to 1; what lies beyond an end is put there.
    #[must_use]
    pub fn place(&self, value: f64) -> f32 {
        let place = match *self {
            Self::Log(low, high) => (value.max(1e-12).ln() - low.ln()) / (high.ln() - low.ln()),
            Self::Linear(low, high) if high > low => (value - low) / (high - low),
            Self::Linear(..) => 0.5,
        };
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) as f32 }
    }

    /// Figures along it: place and words.
    #[must_use]
    pub fn ticks(&self) -> Vec<(f32, String)> {
        const LONG: [(f64, &str); 6] = [
            (24.0, "1 d"),
            (240.0, "10 d"),
            (2400.0, "100 d"),
            (8766.0, "1 y"),
            (87_660.0, "10 y"),
            (876_600.0, "100 y"),
        ];
        const BRIEF: [(f64, &str); 5] =
            [(1.0 / 60.0, "1 min"), (1.0 / 6.0, "10 min"), (1.0, "1 h"), (10.0, "10 h"), (72.0, "3 d")];
        match *self {
            Self::Log(low, high) => {
                let table: &[(f64, &str)] = if low >= 1.0 { &LONG } else { &BRIEF };
                table
                    .iter()
                    .filter(|(h, _)| (low * 0.999..=high * 1.001).contains(h))
                    .map(|(h, said)| (self.place(*h), (*said).to_owned()))
                    .collect()
            }
            Self::Linear(low, high) => vec![(0.0, short_number(low)), (1.0, short_number(high))],
        }
    }
}

/// A spread as places on an axis, 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The lower end of the band.
    pub low: f32,
    /// The median, if there is one.
    pub mid: Option<f32>,
    /// The upper end of the band.
    pub high: f32,
    /// The band before its calibration, if it was another.
    pub raw: Option<(f32, f32)>,
    /// It goes on beyond the horizon, or beyond the end of the axis.
    pub open: bool,
    /// Figures along the axis.
    pub ticks: Vec<(f32, String)>,
}

impl Bar {
    /// The spread of a body on an axis of its own; `None`: it has none.
    #[must_use]
    pub fn of(body: &Body) -> Option<Self> {
        Self::on(body, axis_of([body])?)
    }

    /// The spread of a body on an axis; `None`: it has none.
    #[must_use]
    pub fn on(body: &Body, axis: Axis) -> Option<Self> {
        let (quantiles, over) = known(body);
        let (low, high) = band(&quantiles)?;
        let within = |value: &f64| over.is_none_or(|over| *value < over);
        let mid = quantiles.iter().find(|(p, _)| (p - 0.5).abs() < 1e-9).map(|(_, value)| *value).filter(within);
        let raw = band(&sorted(&body.raw_quantiles)).map(|(low, high)| (low.1, high.1));
        let factor = hours_of(&body.unit);
        let at = |value: f64| axis.place(value * factor.unwrap_or(1.0));
        let beyond =
            over.is_some() || body.beyond_horizon.is_some_and(|share| share >= 1.0 - high.0 - 1e-9 && share > 0.0);
        Some(Self {
            low: at(low.1),
            mid: mid.map(at),
            high: at(high.1),
            raw: raw.map(|(low, high)| (at(low), at(high))).filter(|raw| *raw != (at(low.1), at(high.1))),
            open: beyond || (factor.is_some() && at(high.1) >= 1.0),
            ticks: axis.ticks(),
        })
    }

    /// Lives on the axis of all lives, hours; `None` without both ends.
    #[must_use]
    pub fn of_life(p05_h: Option<f64>, p50_h: Option<f64>, p95_h: Option<f64>, open: bool) -> Option<Self> {
        let (low, high) = (p05_h.filter(|h| h.is_finite())?, p95_h.filter(|h| h.is_finite())?);
        Some(Self {
            low: LIVES.place(low),
            mid: p50_h.filter(|h| h.is_finite()).map(|h| LIVES.place(h)),
            high: LIVES.place(high),
            raw: None,
            open: open || LIVES.place(high) >= 1.0,
            ticks: Vec::new(),
        })
    }
}

/// The axis on which bodies of one quantity can be compared; `None`: none of them has a spread.
#[must_use]
pub fn axis_of<'a>(bodies: impl IntoIterator<Item = &'a Body>) -> Option<Axis> {
    let (mut low, mut high, mut unit) = (f64::INFINITY, f64::NEG_INFINITY, "");
    for body in bodies {
        if let Some((a, b)) = band(&known(body).0) {
            (low, high, unit) = (low.min(a.1), high.max(b.1), &body.unit);
        }
    }
    if low > high {
        return None;
    }
    Some(match hours_of(unit) {
        Some(factor) if high * factor < 72.0 => SHORT,
        Some(_) => LIVES,
        None => linear(low, high, unit),
    })
}

/// An axis that holds a band: shares whole, anything else with room beside the band.
fn linear(low: f64, high: f64, unit: &str) -> Axis {
    let within = |top: f64| low >= 0.0 && high <= top;
    match unit {
        "%" if within(100.0) => Axis::Linear(0.0, 100.0),
        "" | "1" if within(1.0) => Axis::Linear(0.0, 1.0),
        _ => {
            let room = ((high - low) * 0.6).max(high.abs() * 0.02).max(1e-12);
            let start = if low >= 0.0 { (low - room).max(0.0) } else { low - room };
            Axis::Linear(start, high + room)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lives_lie_by_their_logarithm_between_a_day_and_a_hundred_years() {
        assert_eq!(LIVES.place(24.0), 0.0);
        assert_eq!(LIVES.place(876_600.0), 1.0);
        // The geometric mean of the ends lies in the middle.
        assert!((LIVES.place((24.0_f64 * 876_600.0).sqrt()) - 0.5).abs() < 1e-6);
        for hostile in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0] {
            assert_eq!(LIVES.place(hostile), 0.0, "{hostile}");
        }
        assert_eq!(LIVES.place(f64::INFINITY), 1.0);
    }

    #[test]
    fn an_axis_carries_its_own_figures() {
        let told = |axis: Axis| axis.ticks().into_iter().map(|(_, said)| said).collect::<Vec<_>>();
        assert_eq!(told(LIVES), ["1 d", "10 d", "100 d", "1 y", "10 y", "100 y"]);
        assert_eq!(told(SHORT), ["1 min", "10 min", "1 h", "10 h", "3 d"]);
        assert_eq!(told(Axis::Linear(0.0, 100.0)), ["0", "100"]);
    }

    #[test]
    fn what_lies_beyond_the_horizon_is_more_than_that() {
        let quantiles = |known: &[(&str, f64)]| known.iter().map(|(p, value)| ((*p).to_owned(), *value)).collect();
        let body = |known: &[(&str, f64)], beyond| Body {
            unit: "h".to_owned(),
            quantiles: quantiles(known),
            beyond_horizon: Some(beyond),
            horizon: Some(26_280.0),
            ..Body::default()
        };
        let some = Said::of(&body(&[("0.05", 2_400.0), ("0.5", 9_600.0)], 0.3));
        assert_eq!(some.one_line(), "400 d (5–95 %: 100 to over 1095)");
        let most = Said::of(&body(&[("0.05", 2_400.0)], 0.9));
        assert_eq!(most.one_line(), "over 1095 d (5–95 %: 100 to over 1095)");
        assert!(Bar::of(&body(&[("0.05", 2_400.0)], 0.9)).is_some_and(|bar| bar.open && bar.mid.is_none()));
    }

    #[test]
    fn a_band_that_ends_beyond_the_horizon_is_open() {
        let body = |beyond| Body {
            unit: "h".into(),
            quantiles: [("0.05", 1000.0), ("0.5", 5000.0), ("0.95", 9000.0)]
                .into_iter()
                .map(|(p, v)| (p.to_owned(), v))
                .collect(),
            beyond_horizon: beyond,
            ..Body::default()
        };
        for (beyond, open) in [(None, false), (Some(0.02), false), (Some(0.05), true), (Some(0.6), true)] {
            assert_eq!(Bar::of(&body(beyond)).map(|bar| bar.open), Some(open), "{beyond:?}");
        }
    }

    #[test]
    fn gains_carry_their_sign() {
        let figures = Figures::of(9840.0, "h");
        assert_eq!(
            (figures.signed(9840.0), figures.signed(-240.0), figures.signed(0.0)),
            ("+410".into(), "−10".into(), "0".into())
        );
    }
}
