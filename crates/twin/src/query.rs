//! Parts by their properties: a CEL expression that is true of those that are meant.
//!
//! `id`, `name`, `kind` (also as `type`), `asset`, `layer` are texts; `state` is a text (`"normal"`, `"low"`, `"medium"`,
//! `"high"`, `"critical"`) and `severity` the same as a number from 0 to 4; `quality` is a text (`"good"`, `"uncertain"`,
//! `"stale"`, `"bad"`, `"no data"`); `health` is a number from 0 to 1; `life_h` the remaining life in hours (median).
//! Any other name is a signal of the part. What a part does not have has no value: the part is not meant, unless the rest
//! of the expression says so by itself.

use crate::expression::{CompileError, Expression, Language};
use crate::quality::Quality;
use crate::site::{PartRow, Site};
use crate::snapshot::Snapshot;
use crate::value::Value;

/// A question about parts.
#[derive(Debug)]
pub struct PartQuery {
    language: Language,
    expression: Expression,
}

/// Names that are no signals.
const NAMES: [&str; 11] =
    ["id", "name", "kind", "type", "asset", "layer", "state", "severity", "quality", "health", "life_h"];

impl PartQuery {
    /// Whether a text is meant as such a question: it compares or joins something, which no name does.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        ["==", "!=", "<", ">", "&&", "||"].iter().any(|sign| text.contains(sign)) || text.contains(".contains(")
    }

    /// Compiles a question about the parts of a site.
    ///
    /// # Errors
    ///
    /// One sentence: it is no CEL expression, or no part of the site has a property of this name.
    pub fn compile(text: &str, site: &Site) -> Result<Self, String> {
        let language = Language::default();
        let expression = language.compile(text).map_err(|error| match error {
            CompileError::Syntax { message, .. } => format!("not a question: {message}"),
            other => other.to_string(),
        })?;
        let unknown =
            |name: &&String| !NAMES.contains(&name.as_str()) && !site.signals.iter().any(|signal| signal.id == **name);
        if let Some(name) = expression.inputs().iter().find(unknown) {
            return Err(format!("no part has a \"{name}\"; there are {} and the signals of parts", NAMES.join(", ")));
        }
        Ok(Self { language, expression })
    }

    /// The parts that are meant, in their order. Those of assets that were taken out are not.
    #[must_use]
    pub fn parts(&self, snapshot: &Snapshot) -> Vec<PartRow> {
        let site = &snapshot.site;
        (0..site.parts.len() as u32)
            .map(PartRow)
            .filter(|row| site.parts.get(row.index()).is_some_and(|part| !site.removed.contains(&part.asset)))
            .filter(|row| self.means(snapshot, *row))
            .collect()
    }

    /// Whether a part is meant.
    #[must_use]
    pub fn means(&self, snapshot: &Snapshot, part: PartRow) -> bool {
        let values: Vec<Option<Value>> =
            self.expression.inputs().iter().map(|name| property(snapshot, part, name)).collect();
        self.expression.evaluate(&self.language, &values) == Ok(Value::Flag(true))
    }
}

fn property(snapshot: &Snapshot, row: PartRow, name: &str) -> Option<Value> {
    let site = &snapshot.site;
    let part = site.parts.get(row.index())?;
    let text =
        |text: &str| Some(Value::Text(text.into())).filter(|_| !text.is_empty() && text.len() <= Value::MAX_TEXT);
    let status = snapshot.parts.get(row.index()).copied().unwrap_or_default();
    match name {
        "id" => text(&part.id),
        "name" => text(&part.name),
        "kind" | "type" => text(&part.kind),
        "asset" => text(&site.assets.get(part.asset.index())?.id),
        "layer" => text(site.layer_of(row)?),
        "state" => text(status.state.word()),
        "severity" => Some(Value::Number(f64::from(status.state as u8))),
        "quality" => text(match status.quality {
            Quality::Good => "good",
            Quality::Uncertain => "uncertain",
            Quality::Stale => "stale",
            Quality::Bad => "bad",
            Quality::NoData => "no data",
        }),
        "health" => status.health.map(|health| Value::Number(f64::from(health))),
        "life_h" => {
            let life = snapshot.lives.iter().find(|life| life.part == row && !life.expired)?;
            life.p50_h.filter(|hours| hours.is_finite()).map(Value::Number)
        }
        signal => {
            let rows = part.signals.clone();
            let found = rows.into_iter().find(|&at| site.signals.get(at as usize).is_some_and(|s| s.id == signal))?;
            // What is not usable is not known.
            let status = snapshot.signals.get(found as usize).filter(|s| s.quality <= Quality::Uncertain)?;
            status.value.clone()
        }
    }
}

#[cfg(test)]
mod tests;
