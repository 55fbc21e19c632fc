//! What a renderer that runs on the processor is spared.
//!
//! Bevy prepares its draws in compute shaders and sorts lights into clusters with three compute and two render passes a
//! view. A card does that beside its work; a processor that draws does it instead of its work.

use bevy::light::cluster::{ClusterConfig, GlobalClusterSettings};
use bevy::prelude::*;
use bevy::render::batching::gpu_preprocessing::{GpuPreprocessingMode, GpuPreprocessingSupport};
use bevy::render::renderer::RenderAdapterInfo;
use bevy::render::{RenderApp, RenderStartup, init_gpu_resource};

/// Prepares draws on the processor if that is what draws. Must be added between Bevy's `RenderPlugin`, which finds the
/// adapter, and `PbrPlugin`, which asks once how draws are prepared.
pub struct SoftwarePlugin;

/// Draws are prepared by the processor. (`PbrPlugin::use_gpu_instance_buffer_builder` alone is not enough: the phases would
/// still wait for a card, and draw nothing.)
const BY_PROCESSOR: GpuPreprocessingSupport =
    GpuPreprocessingSupport { max_supported_mode: GpuPreprocessingMode::None };

fn is_software(app: &App) -> bool {
    app.get_sub_app(RenderApp)
        .and_then(|render| render.world().get_resource::<RenderAdapterInfo>())
        .is_some_and(|adapter| adapter.device_type == wgpu::DeviceType::Cpu)
}

impl Plugin for SoftwarePlugin {
    fn build(&self, _: &mut App) {}

    fn finish(&self, app: &mut App) {
        if !is_software(app) {
            return;
        }
        if let Some(render) = app.get_sub_app_mut(RenderApp) {
            let keep = |mut commands: Commands| commands.insert_resource(BY_PROCESSOR);
            render
                .insert_resource(BY_PROCESSOR)
                // Bevy asks the device again when rendering starts.
                .add_systems(RenderStartup, keep.after(init_gpu_resource::<GpuPreprocessingSupport>));
        }
        app.add_systems(PostUpdate, one_cluster);
    }

    fn cleanup(&self, app: &mut App) {
        if is_software(app)
            && let Some(mut settings) = app.world_mut().get_resource_mut::<GlobalClusterSettings>()
        {
            settings.gpu_clustering = None;
        }
    }
}

/// The scene has no lamps that would have to be found by the pixel.
fn one_cluster(mut commands: Commands, cameras: Query<Entity, Added<Camera3d>>) {
    for camera in &cameras {
        commands.entity(camera).insert(ClusterConfig::Single);
    }
}
