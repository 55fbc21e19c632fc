//! What advice counts with: named inputs with bounds, each with where its value comes from, each to be changed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use twinscope_twin::site::Operations;

use super::Kind;
use super::inputs::{CREWS, Template, templates};

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Input {
    /// In messages and in the site file: `energy_price`.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// Unit, with the currency of the site; empty for a ratio.
    pub unit: String,
    /// Value, finite, within the bounds.
    pub value: f64,
    /// Lowest that is accepted.
    pub low: f64,
    /// Highest.
    pub high: f64,
    /// Where the value comes from: `site file`, `changed by a person`, or what the generic value rests on; \[E\] marks
    /// an engineering assumption.
    pub source: Cow<'static, str>,
}

/// Why an input was not changed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EconomicsError {
    /// There is none of that name.
    #[error("advice for a {kind} does not count with \"{id}\"; it counts with {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// Kind of model.
        kind: &'static str,
        /// What there is.
        known: String,
    },
    /// The value is not possible.
    #[error("{id} is {value}; give a number from {low} to {high} {unit}")]
    Range {
        /// Which.
        id: &'static str,
        /// The value.
        value: f64,
        /// Lowest that is accepted.
        low: f64,
        /// Highest.
        high: f64,
        /// Unit.
        unit: String,
    },
}

/// The inputs of the advice about one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct Economics {
    kind: Kind,
    currency: String,
    inputs: Vec<Input>,
}

impl Economics {
    /// Generic values, with those of the site file in their place: `site` by key of `[economics]`. A value outside of
    /// its bounds is left out; the site file's check has reported it.
    #[must_use]
    pub fn new(kind: Kind, currency: &str, site: &BTreeMap<String, f64>, operations: &Operations) -> Self {
        let input = |template: &Template| Input {
            id: template.id,
            title: template.title,
            unit: template.unit.replace('¤', currency),
            value: template.value,
            low: template.low,
            high: template.high,
            source: Cow::Borrowed(template.source),
        };
        let inputs = templates(kind).map(input).collect();
        let mut economics = Self { kind, currency: currency.to_owned(), inputs };
        for (id, value) in site {
            let _ = economics.put(id, *value, "site file");
        }
        if *operations != Operations::default() {
            let _ = economics.put(CREWS, f64::from(operations.crews), "site file");
        }
        economics
    }

    /// Kind of model.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// ISO 4217 code.
    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    /// The inputs, in the order in which they are shown.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// Changes an input, as a person asked for.
    ///
    /// # Errors
    /// There is no such input, or the value is outside of its bounds; nothing has changed.
    pub fn set(&mut self, id: &str, value: f64) -> Result<(), EconomicsError> {
        self.put(id, value, "changed by a person")
    }

    fn put(&mut self, id: &str, value: f64, source: &'static str) -> Result<(), EconomicsError> {
        let Some(input) = self.inputs.iter_mut().find(|input| input.id == id) else {
            let known: Vec<_> = self.inputs.iter().map(|input| input.id).collect();
            let id = id.chars().take(64).collect();
            return Err(EconomicsError::Unknown { id, kind: self.kind.name(), known: known.join(", ") });
        };
        if !(input.low..=input.high).contains(&value) {
            let Input { id, low, high, ref unit, .. } = *input;
            return Err(EconomicsError::Range { id, value, low, high, unit: unit.clone() });
        }
        (input.value, input.source) = (value, Cow::Borrowed(source));
        Ok(())
    }

    /// The values as they are.
    pub(super) const fn values(&self) -> Values<'_> {
        Values { economics: self, changed: None }
    }

    /// The values with another one at `index`.
    pub(super) const fn with(&self, index: usize, value: f64) -> Values<'_> {
        Values { economics: self, changed: Some((index, value)) }
    }
}

/// The values of the inputs, one of them perhaps another for a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    pub economics: &'a Economics,
    changed: Option<(usize, f64)>,
}

impl Values<'_> {
    /// By id; nothing is zero where the kind has no such input.
    pub fn get(&self, id: &str) -> f64 {
        let Some(index) = self.economics.inputs.iter().position(|input| input.id == id) else { return 0.0 };
        match self.changed {
            Some((changed, value)) if changed == index => value,
            _ => self.economics.inputs.get(index).map_or(0.0, |input| input.value),
        }
    }
}
