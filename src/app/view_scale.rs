//! In the preset `low` the scene is drawn smaller than it is shown; panels and labels keep every pixel.
//!
//! What is drawn counts by the pixel there, so the scene is coarser while the camera moves, a little coarse while only the
//! machine moves, and whole when everything rests. The camera's rectangle stays what it is: the pointer, labels and outlines
//! know nothing of this.

use std::time::{Duration, Instant};

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::camera::MainPassResolutionOverride;
use bevy::core_pipeline::FullscreenShader;
use bevy::core_pipeline::schedule::{Core3d, Core3dSystems};
use bevy::core_pipeline::tonemapping::tonemapping;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::binding_types::{sampler, texture_2d, uniform_buffer_sized};
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BufferInitDescriptor, BufferUsages,
    CachedRenderPipelineId, ColorTargetState, ColorWrites, FilterMode, FragmentState, LoadOp, Operations,
    PipelineCache, RenderPassColorAttachment, RenderPassDescriptor, RenderPipelineDescriptor, Sampler,
    SamplerBindingType, SamplerDescriptor, ShaderStages, SpecializedRenderPipeline, SpecializedRenderPipelines,
    StoreOp, TextureFormat, TextureSampleType, TextureViewId,
};
use bevy::render::renderer::{RenderContext, RenderDevice, ViewQuery};
use bevy::render::sync_world::RenderEntity;
use bevy::render::view::{ExtractedView, ViewTarget};
use bevy::render::{Extract, ExtractSchedule, GpuResourceAppExt as _, Render, RenderApp, RenderStartup, RenderSystems};

use super::camera::{Orbit, Pose, SceneCamera, place_camera};
use super::motion::Moving;
use super::quality::Quality;
use crate::view::quality::Preset;

const UPSCALE_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0101");

/// Side of the drawn picture over that of the shown one, while only the machine moves.
const STEADY: f32 = 0.75;
/// The same while the camera moves.
const MOVING: f32 = 0.6;
/// The camera rests when it has for so long.
const REST: Duration = Duration::from_millis(300);

/// Draws the scene small where pixels are dear.
pub struct ViewScalePlugin;

impl Plugin for ViewScalePlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, UPSCALE_SHADER, "../../shaders/upscale.wgsl", Shader::from_wgsl);
        app.init_resource::<ViewScale>().add_systems(PostUpdate, choose.after(place_camera));
        let Some(render) = app.get_sub_app_mut(RenderApp) else { return };
        render
            .init_gpu_resource::<SpecializedRenderPipelines<Upscale>>()
            .add_systems(RenderStartup, make_upscale)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, prepare.in_set(RenderSystems::Prepare))
            .add_systems(Core3d, upscale.in_set(Core3dSystems::PostProcess).before(tonemapping));
    }
}

/// How small the scene is drawn.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct ViewScale {
    /// Side of the drawn picture over that of the shown one, at most 1.
    pub now: f32,
    /// It will be larger as soon as the camera has rested: another frame must come.
    pub settling: bool,
}

impl Default for ViewScale {
    fn default() -> Self {
        Self { now: 1.0, settling: false }
    }
}

/// The scale of a frame. `rested`: since the camera moved last.
fn scale(rested: Duration, machine_moves: bool) -> ViewScale {
    let camera_moves = rested < REST;
    let now = match (camera_moves, machine_moves) {
        (true, _) => MOVING,
        (false, true) => STEADY,
        (false, false) => 1.0,
    };
    ViewScale { now, settling: camera_moves }
}

fn choose(
    quality: Res<Quality>,
    orbit: Res<Orbit>,
    moving: Res<Moving>,
    mut seen: Local<Option<(Pose, Instant)>>,
    mut view: ResMut<ViewScale>,
) {
    if quality.preset != Preset::Low {
        view.set_if_neq(ViewScale::default());
        return;
    }
    let since = match *seen {
        Some((pose, since)) if pose == orbit.pose => since,
        _ => Instant::now(),
    };
    *seen = Some((orbit.pose, since));
    view.set_if_neq(scale(since.elapsed(), moving.active));
}

fn extract(
    mut commands: Commands,
    view: Extract<Res<ViewScale>>,
    cameras: Extract<Query<(RenderEntity, &Camera), With<SceneCamera>>>,
) {
    for (entity, camera) in &cameras {
        let mut entity = commands.entity(entity);
        match camera.physical_viewport_size().filter(|_| view.now < 1.0) {
            Some(size) => {
                let small = (size.as_vec2() * view.now).round().as_uvec2().max(UVec2::ONE).min(size);
                entity.insert(MainPassResolutionOverride(small));
            }
            None => {
                entity.remove::<MainPassResolutionOverride>();
            }
        }
    }
}

/// Lays the small picture over its rectangle.
#[derive(Resource)]
struct Upscale {
    layout: BindGroupLayoutDescriptor,
    sampler: Sampler,
    vertex: FullscreenShader,
}

fn make_upscale(mut commands: Commands, device: Res<RenderDevice>, vertex: Res<FullscreenShader>) {
    let entries = (
        texture_2d(TextureSampleType::Float { filterable: true }),
        sampler(SamplerBindingType::Filtering),
        uniform_buffer_sized(false, std::num::NonZero::new(32)),
    );
    commands.insert_resource(Upscale {
        layout: BindGroupLayoutDescriptor::new(
            "upscale_layout",
            &BindGroupLayoutEntries::sequential(ShaderStages::FRAGMENT, entries),
        ),
        sampler: device.create_sampler(&SamplerDescriptor {
            mag_filter: FilterMode::Linear,
            min_filter: FilterMode::Linear,
            ..default()
        }),
        vertex: vertex.clone(),
    });
}

impl SpecializedRenderPipeline for Upscale {
    type Key = TextureFormat;

    fn specialize(&self, format: TextureFormat) -> RenderPipelineDescriptor {
        RenderPipelineDescriptor {
            label: Some("upscale_pipeline".into()),
            layout: vec![self.layout.clone()],
            vertex: self.vertex.to_vertex_state(),
            fragment: Some(FragmentState {
                shader: UPSCALE_SHADER,
                entry_point: Some("fragment".into()),
                targets: vec![Some(ColorTargetState { format, blend: None, write_mask: ColorWrites::ALL })],
                ..default()
            }),
            ..default()
        }
    }
}

/// The pipeline of a view that is drawn small.
#[derive(Component)]
struct Upscaling(CachedRenderPipelineId);

fn prepare(
    mut commands: Commands,
    mut cache: ResMut<PipelineCache>,
    mut pipelines: ResMut<SpecializedRenderPipelines<Upscale>>,
    upscale: Res<Upscale>,
    views: Query<(Entity, &ExtractedView), With<MainPassResolutionOverride>>,
) {
    for (entity, view) in &views {
        let pipeline = pipelines.specialize(&cache, &upscale, view.target_format);
        // Without it the frame would show the small picture in its corner.
        cache.block_on_render_pipeline(pipeline);
        commands.entity(entity).insert(Upscaling(pipeline));
    }
}

/// The bind groups of the two textures that a view's picture goes back and forth between, for one region.
#[derive(Default)]
struct Bound {
    region: [f32; 8],
    groups: Vec<(TextureViewId, BindGroup)>,
}

fn upscale(
    view: ViewQuery<(&ExtractedCamera, &ExtractedView, &ViewTarget, &Upscaling, &MainPassResolutionOverride)>,
    cache: Res<PipelineCache>,
    upscale: Res<Upscale>,
    clear: Res<ClearColor>,
    mut bound: Local<Bound>,
    mut ctx: RenderContext,
) {
    let (camera, view, target, upscaling, small) = view.into_inner();
    let (Some(pipeline), Some(whole)) = (cache.get_render_pipeline(upscaling.0), camera.physical_target_size) else {
        return;
    };
    let corner = view.viewport.xy().as_vec2();
    let (small, whole) = (small.0.as_vec2(), whole.as_vec2());
    let (first, last) = ((corner + 0.5) / whole, (corner + small - 0.5) / whole);
    let (from, size) = (corner / whole, small / whole);
    let region = [from.x, from.y, size.x, size.y, first.x, first.y, last.x, last.y];
    if bound.region != region || bound.groups.len() > 2 {
        *bound = Bound { region, groups: Vec::new() };
    }
    let write = target.post_process_write();
    let device = ctx.render_device().clone();
    let source = write.source.id();
    let group = match bound.groups.iter().position(|(id, _)| *id == source) {
        Some(index) => index,
        None => {
            let buffer = device.create_buffer_with_data(&BufferInitDescriptor {
                label: Some("upscale_region"),
                contents: bytemuck::cast_slice(&region),
                usage: BufferUsages::UNIFORM,
            });
            let group = device.create_bind_group(
                "upscale_bind_group",
                &cache.get_bind_group_layout(&upscale.layout),
                &BindGroupEntries::sequential((write.source, &upscale.sampler, buffer.as_entire_binding())),
            );
            bound.groups.push((source, group));
            bound.groups.len() - 1
        }
    };
    let Some((_, group)) = bound.groups.get(group) else { return };
    let mut pass = ctx.command_encoder().begin_render_pass(&RenderPassDescriptor {
        label: Some("upscale"),
        color_attachments: &[Some(RenderPassColorAttachment {
            view: write.destination,
            depth_slice: None,
            resolve_target: None,
            // The panels are drawn over what is beside the scene.
            ops: Operations { load: LoadOp::Clear(clear.0.to_linear().into()), store: StoreOp::Store },
        })],
        depth_stencil_attachment: None,
        timestamp_writes: None,
        occlusion_query_set: None,
        multiview_mask: None,
    });
    let [x, y, width, height] = view.viewport.to_array();
    pass.set_viewport(x as f32, y as f32, width as f32, height as f32, 0.0, 1.0);
    pass.set_scissor_rect(x, y, width, height);
    pass.set_pipeline(pipeline);
    pass.set_bind_group(0, group, &[]);
    pass.draw(0..3, 0..1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_at_rest_is_drawn_with_every_pixel() {
        assert_eq!(scale(REST, false), ViewScale { now: 1.0, settling: false });
    }

    #[test]
    fn a_view_that_moves_is_drawn_smaller_than_one_in_which_the_machine_moves() {
        let (moves, turns) = (scale(Duration::ZERO, true), scale(REST, true));
        assert!(moves.now < turns.now && turns.now < 1.0, "{} and {}", moves.now, turns.now);
    }

    #[test]
    fn a_view_that_has_just_moved_asks_for_the_frame_in_which_it_is_whole() {
        assert!(scale(Duration::from_millis(1), false).settling);
    }
}
