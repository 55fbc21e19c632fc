// The parts of the machine: one cheap pass, lit by a key light, a hemisphere and a rim, coloured by one row a part.
// It skips Bevy's PBR whole: a software renderer draws it about five times faster.
#import bevy_pbr::{
    forward_io::{Vertex, VertexOutput},
    mesh_bindings::mesh,
    mesh_functions,
    mesh_view_bindings::view,
    morph,
    skinning,
}

struct Surface {
    // linear rgb, alpha
    base: vec4<f32>,
    // metallic, roughness; of a flow: distance of its dashes (m), their share of it
    params: vec4<f32>,
}

struct Row {
    // linear rgb of the state; a: how much of it replaces the part's own colour
    colour: vec4<f32>,
    // pattern (0 plain, 1 hatched, 2 outline only, 3 cross-hatched, 4 dotted), hover 0..1,
    // how far what flows through it has flowed (m), 1 where that is known
    style: vec4<f32>,
}

struct Parts {
    // 1: flat colours for checks; size of the pattern in pixels; -, -
    settings: vec4<f32>,
    rows: array<Row>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: Surface;
#ifdef TEXTURED
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var base_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var base_sampler: sampler;
#endif
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var<storage, read> parts: Parts;

const KEY = vec3<f32>(-0.42, 0.70, 0.58);
const KEY_COLOUR = vec3<f32>(1.02, 0.99, 0.94);
const SKY = vec3<f32>(0.50, 0.56, 0.63);
const GROUND = vec3<f32>(0.20, 0.195, 0.18);

#ifdef MORPH_TARGETS
fn morphed(in: Vertex) -> Vertex {
    var out = in;
    let vertex_index = in.index - mesh[in.instance_index].first_vertex_index;
    let layers = morph::layer_count(in.instance_index);
    for (var i = 0u; i < layers; i++) {
        let weight = morph::weight_at(i, in.instance_index);
        out.position += weight * morph::morph_position(vertex_index, i, in.instance_index);
#ifdef VERTEX_NORMALS
        out.normal += weight * morph::morph_normal(vertex_index, i, in.instance_index);
#endif
    }
    return out;
}
#endif

// Leaner than the default: one matrix is read a vertex, and the normal is left to the fragment to normalise. On a software
// renderer the vertex stage runs on one processor and is what a frame waits for.
@vertex
fn vertex(whole: Vertex) -> VertexOutput {
    var out: VertexOutput;
#ifdef MORPH_TARGETS
    let in = morphed(whole);
#else
    let in = whole;
#endif
    let local = vec4<f32>(in.position, 1.0);
#ifdef SKINNED
    let world_from_local = skinning::skin_model(in.joint_indices, in.joint_weights, whole.instance_index);
    out.world_position = world_from_local * local;
#ifdef VERTEX_NORMALS
    out.world_normal = skinning::skin_normals(world_from_local, in.normal);
#endif
#else
    let rows = mesh[whole.instance_index].world_from_local;
    out.world_position = vec4<f32>(dot(rows[0], local), dot(rows[1], local), dot(rows[2], local), 1.0);
#ifdef VERTEX_NORMALS
    // Rotation and scale: the inverse transpose is the same matrix with each column over its length twice. A flattened
    // part has a column of no length.
    let scale = rows[0].xyz * rows[0].xyz + rows[1].xyz * rows[1].xyz + rows[2].xyz * rows[2].xyz;
    let normal = in.normal / max(scale, vec3<f32>(1e-12));
    out.world_normal = vec3<f32>(dot(rows[0].xyz, normal), dot(rows[1].xyz, normal), dot(rows[2].xyz, normal));
#endif
#endif
    out.position = view.clip_from_world * out.world_position;
#ifdef VERTEX_UVS_A
    out.uv = in.uv;
#endif
#ifdef VERTEX_COLORS
    out.color = in.color;
#endif
#ifdef VERTEX_OUTPUT_INSTANCE_INDEX
    out.instance_index = whole.instance_index;
#endif
    return out;
}

fn luma(c: vec3<f32>) -> f32 {
    return dot(c, vec3<f32>(0.2126, 0.7152, 0.0722));
}

#ifdef FLOW
// How much of a dash is at a place along a pipe, m: soft ends, and none where nobody knows whether it flows.
fn dash(along: f32, row: Row) -> f32 {
    let place = fract((along - row.style.z) / surface.params.z);
    let reach = 0.5 * surface.params.w;
    return (1.0 - smoothstep(reach * 0.6, reach, abs(place - 0.5))) * row.style.w;
}
#endif

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let tag = mesh_functions::get_tag(in.instance_index);
    var row = Row(vec4<f32>(0.0), vec4<f32>(0.0));
    if tag < arrayLength(&parts.rows) {
        row = parts.rows[tag];
    }

    var base = surface.base;
#ifdef TEXTURED
#ifdef VERTEX_UVS_A
    base *= textureSample(base_texture, base_sampler, in.uv);
#endif
#endif
#ifdef VERTEX_COLORS
    base *= in.color;
#endif

    // 45 degree stripes in screen space: the same on every part, and they do not swim with the texture.
    let period = parts.settings.y;
    let pattern = row.style.x;
    var stripe = 0.0;
    var speck = 0.0;
    if pattern > 3.5 {
        // Rows of dots, every second one shifted by half.
        let cell = in.position.xy / (period * 0.8);
        let shifted = vec2<f32>(cell.x + 0.5 * floor(cell.y), cell.y);
        speck = 1.0 - smoothstep(0.10, 0.17, length(fract(shifted) - 0.5));
    } else if pattern > 0.5 {
        let a = fract((in.position.x + in.position.y) / period);
        stripe = step(a, 0.36);
        if pattern > 2.5 {
            let b = fract((in.position.x - in.position.y) / period);
            stripe = max(stripe, step(b, 0.36));
        }
    }

    if parts.settings.x > 0.5 {
        // The check view: the state's colour as it is, hatching in half of it, nothing lit.
        let flat = mix(vec3<f32>(0.18), row.colour.rgb, min(row.colour.a * 4.0, 1.0));
        return vec4<f32>(mix(mix(flat, flat * 0.3, stripe), flat * 1.6, speck), 1.0);
    }

    let v = normalize(view.world_position - in.world_position.xyz);
#ifdef VERTEX_NORMALS
    var n = normalize(in.world_normal);
#else
    // Lines and points have no side: they are seen as if they faced us.
    var n = v;
#endif
#ifdef TWO_SIDED
    // Only here is a back seen. A mirrored node shows what counts as backs too, and its normals point outward already.
    if !front {
        n = -n;
    }
#endif
    let facing = max(dot(n, v), 0.0);
    let key_dir = normalize(KEY);
    let wrap = clamp((dot(n, key_dir) + 0.30) / 1.30, 0.0, 1.0);
    let key = wrap * wrap;
    let hemi = mix(GROUND, SKY, n.y * 0.5 + 0.5);
    // A soft light from the viewer keeps what is turned away from the sun readable.
    let fill = 0.16 * facing;
    let light = KEY_COLOUR * key * 0.86 + hemi * 0.72 + fill;
    let rim = pow(1.0 - facing, 4.0);

    let metallic = surface.params.x;
    let rough = surface.params.y;
    let h = normalize(key_dir + v);
    let shine = mix(90.0, 10.0, rough);
    let spec = pow(max(dot(n, h), 0.0), shine) * (1.0 - rough) * (0.35 + 0.9 * metallic);
    // What a metal mirrors: a bright band of sky above a dark ground, blurred by its roughness.
    let r = reflect(-v, n);
    let sky_seen = mix(GROUND * 0.8, SKY * 1.5, smoothstep(-0.25 - rough * 0.5, 0.35 + rough * 0.5, r.y));
    let own = mix(base.rgb * light, base.rgb * (sky_seen * 1.25 + light * 0.35), metallic * 0.75);
    var lit = own + spec * mix(vec3<f32>(1.0), base.rgb, metallic) + rim * 0.10 * SKY;

    // The state's colour carries its own brightness; light only models the shape, so that it stays the legend's colour.
    let shape = 0.70 + 0.34 * clamp(luma(light), 0.0, 1.1);
    let told = row.colour.rgb * min(shape, 1.06);
    lit = mix(lit, told, row.colour.a);
    lit = mix(lit, lit * 0.42, stripe * 0.85);
    if pattern > 3.5 {
        lit = mix(vec3<f32>(luma(lit)), lit, 0.4) * 0.72;
        lit = mix(lit, vec3<f32>(0.36, 0.41, 0.47), speck * 0.7);
    }
    lit += row.style.y * vec3<f32>(0.10, 0.13, 0.18);
    var flows = 0.0;
#ifdef FLOW
#ifdef VERTEX_UVS_A
    // Light, without a hue: colour means that something wants attention.
    flows = dash(in.uv.x, row);
    lit = mix(lit, vec3<f32>(0.78, 0.80, 0.82) * shape, 0.72 * flows);
#endif
#endif

#ifdef GHOST
    let edge = pow(1.0 - facing, 2.2);
    let glass = mix(vec3<f32>(0.62, 0.68, 0.74), row.colour.rgb, row.colour.a) + row.style.y * 0.15;
    let alpha = mix(0.07, 0.62, edge) + row.style.y * 0.06 + row.colour.a * 0.12 + stripe * 0.05;
    return vec4<f32>(glass * (0.55 + 0.6 * luma(light)), min(alpha + 0.35 * flows, 1.0));
#else
    return vec4<f32>(lit, 1.0);
#endif
}
