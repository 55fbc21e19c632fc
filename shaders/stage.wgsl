// What the machine stands in: a sky, and a soft landscape that fades into haze.
#import bevy_pbr::{
    forward_io::VertexOutput,
    mesh_view_bindings::view,
}

struct Stage {
    zenith: vec4<f32>,
    horizon: vec4<f32>,
    // -, distance at which haze takes two thirds, m; -, -
    params: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> stage: Stage;

const KEY = vec3<f32>(-0.42, 0.70, 0.58);

fn sky(direction: vec3<f32>) -> vec3<f32> {
    let up = clamp(direction.y, 0.0, 1.0);
    let sun = max(dot(direction, normalize(KEY)), 0.0);
    let glow = sun * sun * sun;
    return mix(stage.horizon.rgb, stage.zenith.rgb, sqrt(up)) + 0.10 * glow * glow * vec3<f32>(1.0, 0.93, 0.82);
}

fn hash(p: vec2<f32>) -> f32 {
    return fract(sin(p.x * 127.1 + p.y * 311.7) * 43758.547);
}

// Fields with hedges between them, and the tracks of machines in them: something for the eye to measure distance by.
fn fields(at: vec2<f32>, far: f32) -> vec3<f32> {
    let turned = vec2<f32>(0.86 * at.x - 0.51 * at.y, 0.51 * at.x + 0.86 * at.y);
    let bent = turned + 9.0 * sin(turned.yx / 83.0);
    let grid = bent / vec2<f32>(210.0, 128.0) + vec2<f32>(0.37, 0.61);
    let cell = floor(grid);
    let seed = hash(cell);
    let tint = mix(vec3<f32>(0.84, 0.92, 0.80), vec3<f32>(1.16, 1.08, 0.96), seed);
    let inside = min(fract(grid), 1.0 - fract(grid)) * vec2<f32>(210.0, 128.0);
    let border = min(inside.x, inside.y);
    let hedge = (1.0 - smoothstep(1.2, 2.6, border)) * (1.0 - smoothstep(500.0, 1500.0, far));
    let along = select(bent.x, bent.y, seed > 0.5);
    let rows = sin(along * 1.05) * 0.035 * (1.0 - smoothstep(120.0, 420.0, far));
    return tint * (1.0 + rows) * mix(1.0, 0.62, hedge);
}

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let from_eye = in.world_position.xyz - view.world_position;
    let distance = length(from_eye);
    let direction = from_eye / max(distance, 1e-4);
#ifndef LAND
    return vec4<f32>(sky(direction), 1.0);
#else
    let n = normalize(in.world_normal);
    let key = clamp((dot(n, normalize(KEY)) + 0.2) / 1.2, 0.0, 1.0);
    var colour = vec3<f32>(0.1);
#ifdef VERTEX_COLORS
    // Alpha: how much of it is field; none on the gravel around a machine.
    colour = in.color.rgb * mix(vec3<f32>(1.0), fields(in.world_position.xz, distance), in.color.a);
#endif
    colour *= vec3<f32>(1.02, 0.99, 0.94) * key * 0.9 + mix(vec3<f32>(0.20), vec3<f32>(0.50, 0.56, 0.63), n.y * 0.5 + 0.5) * 0.6;
    let thick = distance / stage.params.y;
    let haze = 1.0 - exp(-thick * sqrt(thick));
    return vec4<f32>(mix(colour, sky(vec3<f32>(direction.x, 0.02, direction.z)), haze), 1.0);
#endif
}
