//! The quality preset: chosen at start by the adapter or by whoever started the program, and changed live in the view.

use bevy::prelude::*;
use bevy::render::renderer::RenderAdapterInfo;
use wgpu::DeviceType;

use super::panels::Panels;
use crate::view::quality::Preset;

/// Chooses the preset.
pub struct QualityPlugin;

impl Plugin for QualityPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Quality>().add_systems(PreStartup, choose).add_systems(First, follow_view);
    }
}

/// What the picture may cost now. Systems that depend on it act when it changes.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct Quality {
    /// The preset in force.
    pub preset: Preset,
    /// Asked for at start; `None`: what fits the adapter.
    pub wanted: Option<Preset>,
}

impl Quality {
    /// A preset that was asked for at start, or the adapter's.
    pub fn wanted(wanted: Option<Preset>) -> Self {
        Self { preset: wanted.unwrap_or_default(), wanted }
    }
}

/// The preset for a kind of adapter.
pub const fn preset_for(adapter: DeviceType) -> Preset {
    match adapter {
        DeviceType::Cpu => Preset::Low,
        DeviceType::IntegratedGpu | DeviceType::VirtualGpu | DeviceType::Other => Preset::Medium,
        DeviceType::DiscreteGpu => Preset::High,
    }
}

fn choose(adapter: Option<Res<RenderAdapterInfo>>, mut quality: ResMut<Quality>, mut panels: ResMut<Panels>) {
    let fits = adapter.map_or(Preset::Low, |adapter| preset_for(adapter.device_type));
    quality.preset = quality.wanted.unwrap_or(fits);
    panels.ui.quality = quality.preset;
}

/// A person chooses in the view.
fn follow_view(panels: Res<Panels>, mut quality: ResMut<Quality>) {
    let wanted = panels.ui.quality;
    if quality.preset != wanted {
        quality.preset = wanted;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_adapter_decides_what_a_picture_may_cost() {
        let chosen = [DeviceType::Cpu, DeviceType::IntegratedGpu, DeviceType::DiscreteGpu].map(preset_for);
        assert_eq!(chosen, Preset::ALL);
    }

    #[test]
    fn what_was_asked_for_goes_before_the_adapter() {
        let mut app = App::new();
        app.init_resource::<Panels>().insert_resource(Quality::wanted(Some(Preset::High))).add_plugins(QualityPlugin);
        app.update();
        assert_eq!(app.world().resource::<Quality>().preset, Preset::High);
    }

    #[test]
    fn the_view_changes_it_live() {
        let mut app = App::new();
        app.init_resource::<Panels>().add_plugins(QualityPlugin);
        app.update();
        app.world_mut().resource_mut::<Panels>().ui.quality = Preset::Medium;
        app.update();
        assert_eq!(app.world().resource::<Quality>().preset, Preset::Medium);
    }
}
