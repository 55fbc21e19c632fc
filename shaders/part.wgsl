// The parts of the machine: one cheap pass, lit by a key light, a hemisphere and a rim, coloured by one row a part.
// It skips Bevy's PBR whole: a software renderer draws it about five times faster.
// FULL is the light of the presets above low: microfacets (GGX), shadows, and surroundings that metals mirror.
#import bevy_pbr::{
    forward_io::{Vertex, VertexOutput},
    mesh_bindings::mesh,
    mesh_functions,
    mesh_view_bindings::view,
    morph,
    skinning,
}
#ifdef SECTION
#import twinscope::section::{cut_away, inner_face}
#endif
#ifdef FULL
#import bevy_pbr::view_transformations::position_world_to_clip
#import bevy_pbr::shadows::fetch_directional_shadow
#ifdef SCREEN_SPACE_AMBIENT_OCCLUSION
#import bevy_pbr::mesh_view_bindings::screen_space_ambient_occlusion_texture
#endif
#endif

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
    // The light of the scene: unit vector to the sun or lamp, what comes from it, from above, from below, and the horizon.
    towards: vec4<f32>,
    key: vec4<f32>,
    sky: vec4<f32>,
    ground: vec4<f32>,
    horizon: vec4<f32>,
    // The section plane: unit normal towards what is cut away, and its distance from the origin along that (m).
    plane: vec4<f32>,
    rows: array<Row>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> surface: Surface;
#ifdef TEXTURED
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var base_texture: texture_2d<f32>;
@group(#{MATERIAL_BIND_GROUP}) @binding(2) var base_sampler: sampler;
#endif
@group(#{MATERIAL_BIND_GROUP}) @binding(3) var<storage, read> parts: Parts;

// A state's colour is modelled by light within these bounds only, so that it stays the legend's (CAM02-UCS: 5 at most).
const DARKEST_STATE = 0.86;
const BRIGHTEST_STATE = 1.06;

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
#ifdef FULL
    // The same steps as in the depth prepass, or their depths would differ.
    let world_from_local = mesh_functions::get_world_from_local(whole.instance_index);
    out.world_position = mesh_functions::mesh_position_local_to_world(world_from_local, local);
#ifdef VERTEX_NORMALS
    out.world_normal = mesh_functions::mesh_normal_local_to_world(in.normal, whole.instance_index);
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
#endif
#ifdef FULL
    out.position = position_world_to_clip(out.world_position.xyz);
#else
    out.position = view.clip_from_world * out.world_position;
#endif
#ifdef EDGES
    // In front of the faces that they are the edges of. Depth is reversed: 1 is near.
    out.position.z += 2e-4 * out.position.w * out.position.z / max(out.position.w, 1e-6) + 1e-7 * out.position.w;
#endif
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

// A place on a surface, seen.
struct Point {
    normal: vec3<f32>,
    // towards the viewer
    eye: vec3<f32>,
    facing: f32,
    world: vec4<f32>,
    frag: vec4<f32>,
}

struct Seen {
    colour: vec3<f32>,
    // how bright a white surface would be here, about 0 to 1
    light: f32,
}

#ifdef FULL

// Soft rectangle: 1 inside of the half size, 0 outside, with an edge as wide as the surface is rough.
fn soft_box(p: vec2<f32>, half: vec2<f32>, soft: f32) -> f32 {
    let d = abs(p) - half;
    let e = 1.0 - smoothstep(vec2<f32>(-soft), vec2<f32>(soft), d);
    return e.x * e.y;
}

// What a surface mirrors from a direction, blurred by its roughness.
fn surroundings(r: vec3<f32>, rough: f32) -> vec3<f32> {
    let blur = 0.10 + rough * 0.9;
#ifdef STUDIO
    // A dark room with a pale floor, a large soft box above, and two strips at its sides.
    let wall = mix(parts.ground.rgb * 0.75, parts.horizon.rgb * 1.1, smoothstep(-blur, blur, r.y + 0.05));
    var out = mix(wall, parts.horizon.rgb * 0.7, smoothstep(0.2, 1.0, r.y));
    let up = max(r.y, 0.02);
    out += 2.3 * soft_box(r.xz / up - vec2<f32>(-0.25, 0.2), vec2<f32>(1.05, 0.62), blur * 0.8) * smoothstep(0.0, 0.3, r.y);
    let left = max(-r.z, 0.02);
    out += 1.1 * soft_box(vec2<f32>(r.y - 0.35 * left, r.x) / left, vec2<f32>(0.10, 1.3), blur * 0.5) * smoothstep(0.0, 0.3, -r.z);
    let right = max(r.x, 0.02);
    out += 0.9 * soft_box(vec2<f32>(r.y - 0.30 * right, r.z) / right, vec2<f32>(0.12, 1.0), blur * 0.5) * smoothstep(0.0, 0.3, r.x);
    return out;
#else
    let land = parts.ground.rgb * 0.95;
    let high = mix(parts.horizon.rgb, parts.sky.rgb * 0.72, smoothstep(0.0, 0.75, r.y));
    // A bank of bright cloud gives metal something to show.
    let cloud = 0.35 * smoothstep(0.30, 0.50, r.y) * (1.0 - smoothstep(0.52, 0.85 + blur * 0.3, r.y));
    return mix(land, high * 1.15 + parts.key.rgb * cloud, smoothstep(-0.12 - blur * 0.5, 0.10 + blur * 0.5, r.y));
#endif
}

// Khronos PBR Neutral tone mapping (Khronos 3D Formats working group, 2024): base colours stay what they are, highlights
// are compressed.
fn neutral(colour: vec3<f32>) -> vec3<f32> {
    let low = min(colour.r, min(colour.g, colour.b));
    let offset = select(0.04, low - 6.25 * low * low, low < 0.08);
    let c = colour - offset;
    let peak = max(c.r, max(c.g, c.b));
    if peak < 0.76 {
        return c;
    }
    let d = 0.24;
    let squeezed = 1.0 - d * d / (peak + d - 0.76);
    let g = 1.0 - 1.0 / (0.15 * (peak - squeezed) + 1.0);
    return mix(c * squeezed / peak, vec3<f32>(squeezed), g);
}

fn lighting(at: Point, base: vec3<f32>, metallic: f32, roughness: f32) -> Seen {
    let n = at.normal;
    let towards = parts.towards.xyz;
    let rough = clamp(roughness, 0.09, 1.0);
    let view_z = dot(vec4<f32>(view.view_from_world[0].z, view.view_from_world[1].z, view.view_from_world[2].z, view.view_from_world[3].z), at.world);
    let shadow = fetch_directional_shadow(0u, at.world, n, view_z, at.frag.xy);
    var open = 1.0;
#ifdef SCREEN_SPACE_AMBIENT_OCCLUSION
    open = textureLoad(screen_space_ambient_occlusion_texture, vec2<i32>(at.frag.xy), 0i).r;
#endif
    let n_l = clamp(dot(n, towards), 0.0, 1.0);
    let sun = parts.key.rgb * n_l * shadow;
    let ambient = mix(parts.ground.rgb, parts.sky.rgb, n.y * 0.5 + 0.5) * open;
    // A soft light from the viewer keeps what is turned away from the sun readable.
    let fill = 0.09 * at.facing * open;
    let white = sun * 1.12 + ambient * 1.30 + fill;
    // Microfacets: Trowbridge and Reitz 1975 (GGX), Smith's shadowing as Hammon 2017 fits it, Schlick 1994.
    let f0 = mix(vec3<f32>(0.04), base, metallic);
    let h = normalize(towards + at.eye);
    let n_h = clamp(dot(n, h), 0.0, 1.0);
    let v_h = clamp(dot(at.eye, h), 0.0, 1.0);
    let n_v = max(at.facing, 1e-3);
    let a = rough * rough;
    let bell = n_h * n_h * (a * a - 1.0) + 1.0;
    let d = a * a / (3.1416 * bell * bell);
    let visible = 0.5 / mix(2.0 * n_l * n_v, n_l + n_v, a);
    let fresnel = f0 + (1.0 - f0) * pow(1.0 - v_h, 5.0);
    let glint = min(d * visible, 24.0) * fresnel * sun * 3.1416 * 0.6;
    // What is mirrored of the surroundings, with the fit of Karis 2014 to their integral.
    let k = vec4<f32>(-1.0, -0.0275, -0.572, 0.022) * rough + vec4<f32>(1.0, 0.0425, 1.04, -0.04);
    let a004 = min(k.x * k.x, exp2(-9.28 * n_v)) * k.x + k.y;
    let split = vec2<f32>(-1.04, 1.04) * a004 + k.zw;
    let mirrored = surroundings(reflect(-at.eye, n), rough) * (f0 * split.x + split.y) * mix(open, 1.0, 0.3);
    let diffuse = base * (1.0 - metallic) * white;
    let colour = neutral(diffuse + glint + mirrored * 1.7);
    return Seen(colour, clamp(luma(sun) * 0.75 + luma(ambient) * 1.1, 0.0, 1.0));
}

#else

fn lighting(at: Point, base: vec3<f32>, metallic: f32, rough: f32) -> Seen {
    let n = at.normal;
    let towards = parts.towards.xyz;
    let wrap = clamp((dot(n, towards) + 0.30) / 1.30, 0.0, 1.0);
    let hemi = mix(parts.ground.rgb, parts.sky.rgb, n.y * 0.5 + 0.5);
    // A soft light from the viewer keeps what is turned away from the sun readable.
    let light = parts.key.rgb * wrap * wrap + hemi + 0.16 * at.facing;
    let away = 1.0 - at.facing;
    let rim = away * away * away * away;
    // A highlight without a power function (Schlick 1994, A Fast Alternative to Phong's Specular Model).
    let gleam = max(dot(n, normalize(towards + at.eye)), 0.0);
    let shine = mix(90.0, 10.0, rough);
    let spec = gleam / (shine - shine * gleam + gleam) * (1.0 - rough) * (0.35 + 0.9 * metallic);
    // What a metal mirrors: a bright band of sky above a dark ground, blurred by its roughness.
    let mirrored = clamp((2.0 * at.facing * n.y - at.eye.y + 0.25 + rough * 0.5) / (0.60 + rough), 0.0, 1.0);
    let sky_seen = mix(parts.ground.rgb * 1.1, parts.sky.rgb * 2.1, mirrored);
    let own = mix(base * light, base * (sky_seen * 1.25 + light * 0.35), metallic * 0.75);
    let bright = min(own + spec * mix(vec3<f32>(1.0), base, metallic) + rim * 0.14 * parts.sky.rgb, vec3<f32>(1.6));
    // A parabola for a shoulder: bright metal keeps its shape instead of ending in plain white.
    let colour = bright * (1.2 - 0.36 * bright);
    return Seen(colour, clamp(luma(light) * 0.95 - 0.05, 0.0, 1.0));
}

#endif

fn row_of(tag: u32) -> Row {
    if tag < arrayLength(&parts.rows) {
        return parts.rows[tag];
    }
    return Row(vec4<f32>(0.0), vec4<f32>(0.0));
}

fn shaded(in: VertexOutput, front: bool) -> vec4<f32> {
    let row = row_of(mesh_functions::get_tag(in.instance_index));
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
    let metallic = surface.params.x;
    let rough = surface.params.y;
    let seen = lighting(Point(n, v, facing, in.world_position, in.position), base.rgb, metallic, rough);
    var lit = seen.colour;

    // The state's colour carries its own brightness; light only models the shape.
    let told = row.colour.rgb * mix(DARKEST_STATE, BRIGHTEST_STATE, clamp(seen.light, 0.0, 1.0));
    lit = mix(lit, told, row.colour.a);
    lit = mix(lit, lit * 0.42, stripe * 0.85);
    if pattern > 3.5 {
        lit = mix(vec3<f32>(luma(lit)), lit, 0.5) * 0.82;
        lit = mix(lit, vec3<f32>(0.36, 0.41, 0.47), speck * 0.45);
    }
    lit += row.style.y * vec3<f32>(0.10, 0.13, 0.18);
    var flows = 0.0;
#ifdef FLOW
#ifdef VERTEX_UVS_A
    // Without a hue, because colour means that something wants attention: light on dark pipes, dark on light ones.
    flows = dash(in.uv.x, row);
    let tone = mix(vec3<f32>(0.80, 0.82, 0.84), vec3<f32>(0.16, 0.17, 0.18), smoothstep(0.40, 0.55, luma(lit)));
    lit = mix(lit, tone * mix(DARKEST_STATE, 1.0, seen.light), 0.72 * flows);
#endif
#endif

#ifdef GHOST
    // A pane is thin where it is seen face on, and bright at its edge.
    let rim = 1.0 - facing;
    let edge = rim * rim * (0.6 + 0.4 * rim);
    let glass = mix(vec3<f32>(0.62, 0.68, 0.74), row.colour.rgb, row.colour.a) + row.style.y * 0.15;
    let alpha = mix(0.07, 0.62, edge) + row.style.y * 0.06 + row.colour.a * 0.12 + stripe * 0.05;
    return vec4<f32>(glass * (0.55 + 0.6 * seen.light), min(alpha + 0.35 * flows, 1.0));
#else
    return vec4<f32>(lit, 1.0);
#endif
}

#ifndef SECTION

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    return shaded(in, front);
}

#else

// The face of a cut: flat, in the part's own colour or that of its state, hatched as on a drawing; neighbours the other way.
fn cap(in: VertexOutput) -> vec4<f32> {
    let tag = mesh_functions::get_tag(in.instance_index);
    let row = row_of(tag);
    let own = mix(surface.base.rgb, vec3<f32>(0.30, 0.33, 0.37), 0.55);
    var colour = mix(own, row.colour.rgb, row.colour.a);
    let across = select(in.position.x + in.position.y, in.position.x - in.position.y, (tag & 1u) == 1u);
    let to_line = abs(fract(across / (parts.settings.y * 0.9)) - 0.5);
    colour = mix(colour * 0.62, colour, smoothstep(0.03, 0.10, to_line));
    colour += row.style.y * vec3<f32>(0.06, 0.08, 0.11);
    return vec4<f32>(colour, 1.0);
}

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    if cut_away(parts.plane, in.world_position.xyz) {
        discard;
    }
    if inner_face(front) {
        return cap(in);
    }
    return shaded(in, front);
}

#endif
