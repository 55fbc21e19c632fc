//! The living models by name: what the engine makes, stores and reads back.

use serde::{Deserialize, Serialize};
use twinscope_twin::site::{Estimator, EstimatorKind};

use super::{Input, Living};
use crate::gearbox::GearboxTwin;

/// A living model of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LivingModel {
    /// Of a gearbox.
    Gearbox(Box<GearboxTwin>),
}

impl LivingModel {
    /// A model before any data; `settings` are those of the type file.
    ///
    /// # Errors
    /// The settings are not those of this kind, or a value is not possible: says which.
    pub fn new(kind: EstimatorKind, settings: &serde_json::Value, seed: u64) -> Result<Self, String> {
        match kind {
            EstimatorKind::Gearbox => Ok(Self::Gearbox(Box::new(GearboxTwin::new(read(settings)?, seed)?))),
            kind => Err(format!("there is no model {} yet", kind.name())),
        }
    }

    /// A model of an asset as a type file names it.
    ///
    /// # Errors
    /// Settings, inputs or roles that the model does not know, or that it needs and that are not there.
    pub fn of(estimator: &Estimator, seed: u64) -> Result<Self, String> {
        let model =
            Self::new(estimator.kind, &estimator.settings, seed).map_err(|reason| format!("`settings`: {reason}"))?;
        let wanted = model.living().inputs();
        if let Some(name) = estimator.inputs.keys().find(|name| !wanted.iter().any(|input| input.name == **name)) {
            let known: Vec<&str> = wanted.iter().map(|input| &*input.name).collect();
            return Err(format!("`inputs`: it has no input \"{name}\"; it has {}", known.join(", ")));
        }
        if let Some(missing) =
            wanted.iter().find(|input| input.required && !estimator.inputs.contains_key(&*input.name))
        {
            let Input { name, unit, .. } = missing;
            return Err(format!("`inputs`: it needs {name} ({unit}): add {name} = \"part.signal\""));
        }
        let roles = Self::roles(estimator.kind);
        if let Some(role) = estimator.parts.keys().find(|role| !roles.contains(&role.as_str())) {
            return Err(format!("`parts`: it has no role \"{role}\"; it has {}", roles.join(", ")));
        }
        if let Some(role) = roles.iter().find(|role| !estimator.parts.contains_key(**role)) {
            return Err(format!("`parts`: no part has its role {role}: add {role} = \"part\""));
        }
        Ok(model)
    }

    /// What it can be told and asked.
    #[must_use]
    pub fn living(&self) -> &dyn Living {
        match self {
            Self::Gearbox(twin) => &**twin,
        }
    }

    /// The same, to be told something.
    pub fn living_mut(&mut self) -> &mut dyn Living {
        match self {
            Self::Gearbox(twin) => &mut **twin,
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> EstimatorKind {
        match self {
            Self::Gearbox(_) => EstimatorKind::Gearbox,
        }
    }

    /// Whether what was read from outside is usable, and was made with these settings.
    #[must_use]
    pub fn fits(&self) -> bool {
        match self {
            Self::Gearbox(twin) => twin.fits(),
        }
    }

    /// The roles of a kind: which parts a type file has to name, the one that it is most about first.
    #[must_use]
    pub fn roles(kind: EstimatorKind) -> &'static [&'static str] {
        match kind {
            EstimatorKind::Gearbox => &["bearing", "gearbox", "turbine"],
            EstimatorKind::Battery => &["pack"],
            EstimatorKind::Blade => &["blade", "crack"],
            EstimatorKind::Machine => &["machine"],
        }
    }
}

/// Settings as the model's own; none are the model's defaults.
fn read<T: serde::de::DeserializeOwned + Default>(settings: &serde_json::Value) -> Result<T, String> {
    if settings.is_null() {
        return Ok(T::default());
    }
    T::deserialize(settings).map_err(|error| error.to_string())
}
