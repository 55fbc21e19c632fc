// What the machine stands in: a sky over a soft landscape that fades into haze, or a studio with a floor that has no end.
// FULL has clouds, finer ground and shadows; without it, a software renderer has little to do.
#import bevy_pbr::{
    forward_io::VertexOutput,
    mesh_view_bindings::view,
}
#ifdef FULL
#import bevy_pbr::shadows::fetch_directional_shadow
#endif

struct Stage {
    zenith: vec4<f32>,
    horizon: vec4<f32>,
    // unit vector to the sun or the lamp
    towards: vec4<f32>,
    key: vec4<f32>,
    sky: vec4<f32>,
    ground: vec4<f32>,
    // size of a studio's floor, m; distance at which haze takes two thirds, m; where the road passes, m
    params: vec4<f32>,
    // middle and half size of the texture of what is in the machine's shade, m
    contact: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> stage: Stage;
#ifdef STUDIO
#ifdef LAND
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var contact_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var contact_sampler: sampler;
#endif
#endif

fn hash(p: vec2<f32>) -> f32 {
    return fract(sin(p.x * 127.1 + p.y * 311.7) * 43758.547);
}

#ifdef FULL
// Smooth noise, 0 to 1.
fn noise(p: vec2<f32>) -> f32 {
    let cell = floor(p);
    let f = p - cell;
    let t = f * f * (3.0 - 2.0 * f);
    return mix(
        mix(hash(cell), hash(cell + vec2<f32>(1.0, 0.0)), t.x),
        mix(hash(cell + vec2<f32>(0.0, 1.0)), hash(cell + vec2<f32>(1.0, 1.0)), t.x),
        t.y,
    );
}

fn layers(p: vec2<f32>) -> f32 {
    let turned = vec2<f32>(0.8 * p.x - 0.6 * p.y, 0.6 * p.x + 0.8 * p.y);
    return 0.53 * noise(p) + 0.27 * noise(turned * 2.13 + 7.1) + 0.13 * noise(p * 4.37 - 3.7) + 0.07 * noise(turned * 9.1);
}

fn shade(world: vec4<f32>, n: vec3<f32>, frag: vec4<f32>) -> f32 {
    let view_z = dot(vec4<f32>(view.view_from_world[0].z, view.view_from_world[1].z, view.view_from_world[2].z, view.view_from_world[3].z), world);
    return fetch_directional_shadow(0u, world, n, view_z, frag.xy);
}
#endif

#ifdef STUDIO

// The wall goes over into the floor at the horizon; a pool of light lies on it behind the machine.
fn wall(direction: vec3<f32>) -> vec3<f32> {
    let up = clamp(direction.y, 0.0, 1.0);
    return mix(stage.horizon.rgb, stage.zenith.rgb, sqrt(up));
}

#else

fn sky(direction: vec3<f32>) -> vec3<f32> {
    let up = clamp(direction.y, 0.0, 1.0);
    let sun = max(dot(direction, stage.towards.xyz), 0.0);
    let glow = sun * sun * sun;
    return mix(stage.horizon.rgb, stage.zenith.rgb, sqrt(up)) + 0.12 * glow * glow * stage.key.rgb;
}

#ifdef FULL
fn clouded(direction: vec3<f32>) -> vec3<f32> {
    var colour = sky(direction);
    let sun = max(dot(direction, stage.towards.xyz), 0.0);
    // Two thin decks, drawn out by the perspective of the sky.
    let p = direction.xz / (max(direction.y, 0.0) + 0.11);
    let body = layers(p * 0.62 + 2.3);
    let deck = smoothstep(0.47, 0.66, body) * smoothstep(0.01, 0.13, direction.y);
    let veil = smoothstep(0.35, 0.95, layers(vec2<f32>(p.x * 0.18, p.y * 0.55) + 11.0)) * smoothstep(0.02, 0.25, direction.y);
    // Bright where thin, grey below where thick.
    let thick = smoothstep(0.56, 0.86, body);
    let lit = stage.key.rgb * (0.55 + 0.25 * sun * sun) * (1.0 - 0.45 * thick) + stage.sky.rgb * 0.62;
    colour = mix(colour, lit, deck * 0.85 + veil * 0.22 * (1.0 - deck));
    let disc = smoothstep(0.99985, 0.99993, sun);
    let halo = pow(sun, 420.0);
    return colour + stage.key.rgb * (0.30 * halo + 0.9 * disc * (1.0 - deck));
}
#endif

// Fields with hedges between them, and the tracks of machines in them: something for the eye to measure distance by.
fn fields(at: vec2<f32>, far: f32) -> vec3<f32> {
    let turned = vec2<f32>(0.86 * at.x - 0.51 * at.y, 0.51 * at.x + 0.86 * at.y);
    let bent = turned + 9.0 * sin(turned.yx / 83.0);
    let grid = bent / vec2<f32>(210.0, 128.0) + vec2<f32>(0.37, 0.61);
    let cell = floor(grid);
    let seed = hash(cell);
    var tint = mix(vec3<f32>(0.84, 0.92, 0.80), vec3<f32>(1.16, 1.08, 0.96), seed);
    let inside = min(fract(grid), 1.0 - fract(grid)) * vec2<f32>(210.0, 128.0);
    let border = min(inside.x, inside.y);
    let hedge = (1.0 - smoothstep(1.2, 2.6, border)) * (1.0 - smoothstep(500.0, 1500.0, far));
    let along = select(bent.x, bent.y, seed > 0.5);
    let rows = sin(along * 1.05) * 0.035 * (1.0 - smoothstep(120.0, 420.0, far));
#ifdef FULL
    // Each field is its own crop: some ripe, some ploughed, some pasture.
    let crop = hash(cell + 17.0);
    tint = mix(tint, select(vec3<f32>(0.95, 1.10, 0.72), vec3<f32>(1.42, 1.22, 0.86), crop > 0.55), step(0.32, crop) * 0.75);
    tint *= 0.86 + 0.28 * layers(at / 34.0) ;
    let blades = (noise(at * 1.9) - 0.5) * 0.20 * (1.0 - smoothstep(20.0, 130.0, far));
    return tint * (1.0 + rows * 1.6 + blades) * mix(1.0, 0.50, hedge);
#else
    return tint * (1.0 + rows) * mix(1.0, 0.62, hedge);
#endif
}

// A gravel road that passes the first machine: 1 on it.
fn road(at: vec2<f32>) -> f32 {
    let off_from = at - stage.params.zw;
    let off = abs(off_from.x - 17.0 - 26.0 * sin(off_from.y / 190.0) + 6.0 * sin(off_from.y / 61.0));
    return 1.0 - smoothstep(2.3, 3.1, off);
}

#endif

@fragment
fn fragment(in: VertexOutput) -> @location(0) vec4<f32> {
    let from_eye = in.world_position.xyz - view.world_position;
    let distance = length(from_eye);
    let direction = from_eye / max(distance, 1e-4);
#ifdef STUDIO
#ifdef LAND
    let size = stage.params.x;
    let middle = in.world_position.xz - stage.contact.xy;
    let out = length(middle) / size;
    let at = middle / (2.0 * stage.contact.zw) + 0.5;
    let open = textureSampleLevel(contact_texture, contact_sampler, at, 0.0).r;
    // A lamp's pool on the floor, gone before the floor ends.
    let pool = exp(-out * out * 0.16);
    var light = stage.ground.rgb * 0.9 + stage.sky.rgb * 0.42 * pool;
    var lamp = stage.key.rgb * stage.towards.y * pool * 0.55;
#ifdef FULL
    lamp *= mix(1.0, shade(in.world_position, vec3<f32>(0.0, 1.0, 0.0), in.position), 0.85);
#endif
    var colour = (light + lamp) * vec3<f32>(0.420, 0.430, 0.445) * open;
    let fade = 1.0 - exp(-out * out * 0.055);
    return vec4<f32>(mix(colour, stage.horizon.rgb, fade), 1.0);
#else
    return vec4<f32>(wall(direction), 1.0);
#endif
#else
#ifndef LAND
#ifdef FULL
    return vec4<f32>(clouded(direction), 1.0);
#else
    return vec4<f32>(sky(direction), 1.0);
#endif
#else
    let n = normalize(in.world_normal);
    var key = clamp((dot(n, stage.towards.xyz) + 0.2) / 1.2, 0.0, 1.0);
    var colour = vec3<f32>(0.1);
    var open = 1.0;
#ifdef VERTEX_COLORS
    // Alpha: how much of it is field; none on the gravel around a machine.
    let at = in.world_position.xz;
    colour = in.color.rgb * mix(vec3<f32>(1.0), fields(at, distance), in.color.a);
    colour = mix(colour, vec3<f32>(0.215, 0.205, 0.188), road(at) * in.color.a * 0.85 * (1.0 - smoothstep(700.0, 1600.0, distance)));
#ifdef FULL
    let stones = 0.88 + 0.24 * noise(at * 5.0);
    colour *= mix(stones, 1.0, max(in.color.a, smoothstep(12.0, 90.0, distance)));
    // Clouds cast shadows too.
    key *= 1.0 - 0.42 * smoothstep(0.50, 0.72, layers(at / 620.0 + 5.0)) * smoothstep(90.0, 420.0, length(at - stage.params.zw));
    key *= shade(in.world_position, n, in.position);
#endif
#endif
    colour *= stage.key.rgb * key * 1.12 + mix(stage.ground.rgb, stage.sky.rgb, n.y * 0.5 + 0.5) * 0.78;
    let thick = distance / stage.params.y;
    let haze = 1.0 - exp(-thick * sqrt(thick));
    return vec4<f32>(mix(colour, sky(vec3<f32>(direction.x, 0.02, direction.z)), haze), 1.0);
#endif
#endif
}
