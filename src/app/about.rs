//! What the model says of the selected part, for the inspector. Looked up when another part is selected.

use std::sync::Arc;

use bevy::prelude::*;
use twinscope_twin::site::{PartRow, Site};

use super::models::Parts;
use super::twin::Twin;
use crate::model::{About, PartIndex, about, printable};
use crate::view::model_data::ModelData;

/// Keeps [`OfSelected`].
pub struct AboutPlugin;

impl Plugin for AboutPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<OfSelected>().add_systems(Update, follow);
    }
}

/// What the model says of the selected part.
#[derive(Resource, Default)]
pub struct OfSelected {
    /// The part, and what is said.
    pub told: Option<(PartRow, Arc<ModelData>)>,
    asked: Option<(PartRow, u32)>,
}

fn follow(mut of: ResMut<OfSelected>, twin: Res<Twin>, parts: Res<Parts>) {
    let asked = twin.selected().map(|part| (part, parts.generation));
    if of.asked == asked {
        return;
    }
    of.asked = asked;
    of.told = twin.selected().and_then(|part| {
        let site = parts.site.as_ref()?;
        let (index, about) = look_up(site, part, &parts)?;
        Some((part, Arc::new(data(index, about))))
    });
}

fn look_up<'a>(site: &Site, row: PartRow, parts: &'a Parts) -> Option<(&'a PartIndex, About)> {
    let part = site.parts.get(row.index())?;
    let asset = site.assets.get(part.asset.index())?;
    let index = parts.indices.get(&asset.model)?;
    Some((index, about(index, &part.node)?))
}

fn data(index: &PartIndex, about: About) -> ModelData {
    let said = |text: &Option<String>| text.as_deref().map(printable);
    ModelData {
        path: printable(&about.path),
        facts: about.facts,
        below: about.below,
        triangles: about.triangles,
        materials: about.materials,
        size: about.size,
        generator: said(&index.generator),
        copyright: said(&index.copyright),
        version: printable(&index.version),
    }
}
