//! Makes the models in `assets/models`.
//!
//! The wind turbine is a geared 3.4 MW machine after the IEA reference turbine: blades, tower and hub to scale, the
//! drivetrain and the nacelle laid out after common practice around the dimensions that the tables give. It is a model
//! for looking at and for binding signals to, not one for calculation or manufacture.
//!
//! Invariants: a file is the same byte for byte on every machine; every solid is closed; lengths are metres, y is up,
//! the turbine's rotor looks towards -x; every part that a site can bind has a unique `part_id` in its node's extras.

pub mod glb;
pub mod math;
pub mod mesh;
pub mod parts;
pub mod scene;
pub mod tables;
pub mod vane;

/// What can go wrong while a model is made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A reference table cannot be read.
    #[error("a reference table cannot be read")]
    Table(#[from] tables::TableError),
    /// The file cannot be put together.
    #[error("the model cannot be written as glTF")]
    Gltf(#[from] serde_json::Error),
}

/// All models, as scenes. The file of each is its name with `.glb`.
///
/// # Errors
/// When an embedded table does not hold what a model needs.
pub fn models() -> Result<Vec<scene::Scene>, Error> {
    Ok(vec![
        // One line for each model.
        parts::wind_turbine(&tables::read()?),
        vane::turbine_blade(&vane::read()?),
    ])
}
