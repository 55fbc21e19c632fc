// The scene, drawn small into a corner of its rectangle, laid over all of it.
#import bevy_core_pipeline::fullscreen_vertex_shader::FullscreenVertexOutput

struct Region {
    // where the small picture begins in the texture, and its size; 0 to 1
    corner_size: vec4<f32>,
    // first and last place that belongs to it: centres of pixels, so that nothing from beside it is mixed in
    bounds: vec4<f32>,
}

@group(0) @binding(0) var small: texture_2d<f32>;
@group(0) @binding(1) var smooth_sampler: sampler;
@group(0) @binding(2) var<uniform> region: Region;

@fragment
fn fragment(in: FullscreenVertexOutput) -> @location(0) vec4<f32> {
    let at = region.corner_size.xy + in.uv * region.corner_size.zw;
    return textureSampleLevel(small, smooth_sampler, clamp(at, region.bounds.xy, region.bounds.zw), 0.0);
}
