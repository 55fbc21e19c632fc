//! When a stop is told, and how long: a CEL expression over figures. What is not known does not hold.

use std::sync::Arc;

use super::figure::{Figure, OfPart};
use crate::expression::{Expression, Language};
use crate::quality::Quality;
use crate::snapshot::Snapshot;
use crate::value::Value;

/// A condition over live figures.
#[derive(Clone, Debug)]
pub struct Condition {
    language: Language,
    expression: Arc<Expression>,
    /// Those of the expression's inputs, in their order.
    inputs: Vec<Figure>,
    source: String,
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source && self.inputs == other.inputs
    }
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(
        source: &str,
        language: &Language,
        figure: &dyn Fn(&str) -> Result<Figure, String>,
    ) -> Result<Self, String> {
        let expression = language.compile(source).map_err(|error| error.to_string())?;
        let inputs = expression.inputs().iter().map(|name| figure(name)).collect::<Result<Vec<_>, _>>()?;
        let condition =
            Self { language: language.clone(), expression: Arc::new(expression), inputs, source: source.to_owned() };
        // One that reads nothing says at once what it is.
        if condition.inputs.is_empty() && condition.holds_for(&[]).is_none() {
            return Err("a condition is true or false".to_owned());
        }
        Ok(condition)
    }

    /// Whether it holds; `None`: what it needs is not known, or it has no answer.
    #[must_use]
    pub fn holds(&self, snapshot: &Snapshot) -> Option<bool> {
        let values: Vec<Option<Value>> = self.inputs.iter().map(|figure| known(*figure, snapshot)).collect();
        self.holds_for(&values)
    }

    fn holds_for(&self, values: &[Option<Value>]) -> Option<bool> {
        match self.expression.evaluate(&self.language, values) {
            Ok(Value::Flag(holds)) => Some(holds),
            _ => None,
        }
    }
}

/// A figure as a condition sees it, if it may be relied on.
fn known(figure: Figure, snapshot: &Snapshot) -> Option<Value> {
    let number = |number: f64| number.is_finite().then_some(Value::Number(number));
    match figure {
        Figure::Signal(row) => {
            let status = snapshot.signals.get(row.index())?;
            status.value.clone().filter(|_| status.quality == Quality::Good)
        }
        Figure::Alarms => number(snapshot.alarms.iter().filter(|alarm| alarm.active).count() as f64),
        Figure::Unknown => number(f64::from(snapshot.whole.stale + snapshot.whole.bad)),
        Figure::SiteName => Some(Value::Text(snapshot.site.name.as_str().into())),
        Figure::AssetName(row) => Some(Value::Text(snapshot.site.assets.get(row.index())?.name.as_str().into())),
        Figure::Part(row, of) => {
            let status = snapshot.parts.get(row.index())?;
            let life = || snapshot.lives.iter().find(|life| life.part == row && !life.expired);
            match of {
                OfPart::Name => Some(Value::Text(snapshot.site.parts.get(row.index())?.name.as_str().into())),
                // An alarm stands although its quality is lost; a calm state is only known while it is heard.
                OfPart::State if status.quality <= Quality::Uncertain || status.state > Default::default() => {
                    Some(Value::Text(status.state.word().into()))
                }
                OfPart::State => None,
                OfPart::Health => number(f64::from(status.health.filter(|_| status.quality <= Quality::Uncertain)?)),
                OfPart::Life => number(life()?.p50_h?),
                OfPart::Alarms => number(snapshot.alarms_below(row).filter(|alarm| alarm.active).count() as f64),
                OfPart::Saves => number(life()?.advised()?.1.saves?),
                OfPart::Cost => number(life()?.advised()?.1.cost?.mean),
                OfPart::Advice => Some(Value::Text(life()?.advised()?.1.id.as_str().into())),
                OfPart::Response => None,
            }
        }
    }
}
