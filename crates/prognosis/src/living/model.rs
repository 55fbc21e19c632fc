//! The living models by name: what the engine makes, stores and reads back.

use serde::{Deserialize, Serialize};
use twinscope_twin::site::{Estimator, EstimatorKind};

use super::{Input, Living};
use crate::battery::BatteryTwin;
use crate::blade::BladeTwin;
use crate::gearbox::GearboxTwin;
use crate::learn::machine::{self, MachineTwin};
use crate::learn::stored::ModelFile;

/// A living model of any kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LivingModel {
    /// Of a gearbox.
    Gearbox(Box<GearboxTwin>),
    /// Of the battery of a car.
    Battery(Box<BatteryTwin>),
    /// Of a blade of a gas turbine.
    Blade(Box<BladeTwin>),
    /// Of any machine.
    Machine(Box<MachineTwin>),
}

/// Reads a file that a type file names: its path relative to the folder of the site file → its bytes, or why not.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> Result<Vec<u8>, String>;

impl LivingModel {
    fn new(kind: EstimatorKind, settings: &serde_json::Value, seed: u64, file: ReadFile<'_>) -> Result<Self, String> {
        Ok(match kind {
            EstimatorKind::Gearbox => Self::Gearbox(Box::new(GearboxTwin::new(or_default(settings)?, seed)?)),
            EstimatorKind::Battery => {
                let twin = BatteryTwin::new(or_default(settings)?, seed).map_err(|error| error.to_string())?;
                Self::Battery(Box::new(twin))
            }
            EstimatorKind::Blade => Self::Blade(Box::new(BladeTwin::new(or_default(settings)?, seed))),
            EstimatorKind::Machine => {
                let mut settings = settings.clone();
                let trained = settings.as_object_mut().and_then(|settings| settings.remove(TRAINED));
                let config = machine::Config::deserialize(settings).map_err(|error| error.to_string())?;
                let trained = match trained.as_ref().map(|path| path.as_str().ok_or("it must be a text in quotes")) {
                    None => None,
                    Some(Err(reason)) => return Err(format!("{TRAINED}: {reason}")),
                    Some(Ok(path)) => {
                        let text = file(path).map_err(|reason| format!("{TRAINED}: {reason}"))?;
                        let model = ModelFile::read(path, &text).map_err(|error| error.to_string())?;
                        Some(model.for_machine(&config).map_err(|error| format!("{path}: {error}"))?)
                    }
                };
                let twin = MachineTwin::new(config, trained).map_err(|error| error.to_string())?;
                Self::Machine(Box::new(twin))
            }
        })
    }

    /// A model of an asset as a type file names it.
    ///
    /// # Errors
    /// Settings, inputs or roles that the model does not know, or that it needs and that are not there.
    pub fn of(estimator: &Estimator, seed: u64, file: ReadFile<'_>) -> Result<Self, String> {
        let model = Self::new(estimator.kind, &estimator.settings, seed, file)
            .map_err(|reason| format!("`settings`: {reason}"))?;
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
            Self::Battery(twin) => &**twin,
            Self::Blade(twin) => &**twin,
            Self::Machine(twin) => &**twin,
        }
    }

    /// The same, to be told something.
    pub fn living_mut(&mut self) -> &mut dyn Living {
        match self {
            Self::Gearbox(twin) => &mut **twin,
            Self::Battery(twin) => &mut **twin,
            Self::Blade(twin) => &mut **twin,
            Self::Machine(twin) => &mut **twin,
        }
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> EstimatorKind {
        match self {
            Self::Gearbox(_) => EstimatorKind::Gearbox,
            Self::Battery(_) => EstimatorKind::Battery,
            Self::Blade(_) => EstimatorKind::Blade,
            Self::Machine(_) => EstimatorKind::Machine,
        }
    }

    /// Whether what was read from outside is usable.
    #[must_use]
    pub fn fits(&self) -> bool {
        match self {
            Self::Gearbox(twin) => twin.fits(),
            Self::Battery(twin) => twin.fits(),
            Self::Blade(twin) => twin.fits(),
            // It is checked as it is read.
            Self::Machine(_) => true,
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

/// Key of the settings of any machine that names a file with a trained model.
const TRAINED: &str = "trained_model";

/// Settings as the model's own; none are the model's defaults.
fn or_default<T: serde::de::DeserializeOwned + Default>(settings: &serde_json::Value) -> Result<T, String> {
    if settings.is_null() {
        return Ok(T::default());
    }
    T::deserialize(settings).map_err(|error| error.to_string())
}
