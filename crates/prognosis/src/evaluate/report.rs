//! Figures with their spread and what they should reach, as text and as JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a figure should reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// From the first to the second.
    Within(f64, f64),
}

impl Reach {
    /// Whether a value reaches it; one that is not a number does not.
    #[must_use]
    pub fn is_met(self, value: f64) -> bool {
        match self {
            Self::AtMost(most) => value <= most,
            Self::AtLeast(least) => value >= least,
            Self::Within(low, high) => (low..=high).contains(&value),
        }
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::Within(low, high) => write!(f, "{low} to {high}"),
        }
    }
}

/// How far a figure might be from what it would be on other units of the same kind.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// 5 % of the resampled figures lie below.
    pub p5: f64,
    /// 95 % of the resampled figures lie below.
    pub p95: f64,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What it is, with the unit where it has one: `mean absolute error, cycles`.
    pub name: String,
    /// The figure.
    pub value: f64,
    /// Its spread over units; none where there are too few.
    pub spread: Option<Spread>,
    /// How many predictions it is made of.
    pub count: usize,
    /// What it should reach, where something is asked.
    pub reach: Option<Reach>,
}

/// What an evaluation found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The model, as the command line names it.
    pub model: String,
    /// What was predicted, from where, and how data and training were kept apart, in one or two sentences.
    pub method: String,
    /// The figures, in the order in which they are to be read.
    pub figures: Vec<Figure>,
    /// What limits the figures, and what was left out.
    pub notes: Vec<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.model, self.method)?;
        let width = self.figures.iter().map(|figure| figure.name.chars().count()).max().unwrap_or(0);
        for figure in &self.figures {
            write!(f, "  {:width$}  {:>9}", figure.name, short(figure.value))?;
            if let Some(Spread { p5, p95 }) = figure.spread {
                write!(f, "  (5-95 %: {} to {})", short(p5), short(p95))?;
            }
            write!(f, "  n = {}", figure.count)?;
            if let Some(reach) = figure.reach {
                let verdict = if reach.is_met(figure.value) { "reached" } else { "NOT reached" };
                write!(f, "  to reach: {reach}: {verdict}")?;
            }
            writeln!(f)?;
        }
        for note in &self.notes {
            writeln!(f, "  note: {note}")?;
        }
        Ok(())
    }
}

/// Three significant digits or so, without exponents for what people read.
fn short(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 1.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            model: "nasa".into(),
            method: "Each cell by the others.".into(),
            figures: vec![
                Figure {
                    name: "mean absolute error, cycles".into(),
                    value: 12.34,
                    spread: Some(Spread { p5: 9.0, p95: 15.5 }),
                    count: 40,
                    reach: Some(Reach::AtMost(12.0)),
                },
                Figure {
                    name: "coverage".into(),
                    value: 0.9,
                    spread: None,
                    count: 40,
                    reach: Some(Reach::Within(0.85, 0.98)),
                },
            ],
            notes: vec!["Two cells.".into()],
        }
    }

    #[test]
    fn the_text_says_value_spread_count_and_whether_it_is_reached() {
        let text = report().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "nasa: Each cell by the others.",
                "  mean absolute error, cycles       12.3  (5-95 %: 9.00 to 15.5)  n = 40  to reach: at most 12: NOT reached",
                "  coverage                         0.900  n = 40  to reach: 0.85 to 0.98: reached",
                "  note: Two cells.",
            ]
        );
    }

    #[test]
    fn json_has_the_same() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["figures"][0]["spread"]["p95"], 15.5);
        assert_eq!(json["figures"][0]["reach"]["at_most"], 12.0);
        assert_eq!(json["figures"][1]["reach"]["within"][1], 0.98);
        assert!(json["figures"][1]["spread"].is_null());
    }

    #[test]
    fn what_is_not_a_number_reaches_nothing() {
        for reach in [Reach::AtMost(1.0), Reach::AtLeast(0.0), Reach::Within(0.0, 1.0)] {
            assert!(!reach.is_met(f64::NAN), "{reach}");
        }
    }
}
