// A field on a surface: the colour of the value, hardly shaded, so that what is read is the value and not the light.
// The value of a vertex comes as the second texture coordinate: (value, 1 where it is known and 0 where it is not).
#import bevy_pbr::{
    forward_io::VertexOutput,
    mesh_view_bindings::view,
}

#ifdef SECTION
#import twinscope::section::{cut_away, inner_face}
#endif

struct Field {
    // value of the first colour, colours per unit, distance of the lines of equal value, period of the hatching in pixels
    params: vec4<f32>,
    // the section plane: unit normal towards what is cut away, distance from the origin along it (m)
    plane: vec4<f32>,
    // linear rgb
    colours: array<vec4<f32>, 256>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> field: Field;

@fragment
fn fragment(in: VertexOutput, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
#ifdef SECTION
    if cut_away(field.plane, in.world_position.xyz) {
        discard;
    }
    // The inside of a body has no field.
    if inner_face(front) {
        return vec4<f32>(0.10, 0.11, 0.13, 1.0);
    }
#endif
    var value = 0.0;
    var known = 0.0;
#ifdef VERTEX_UVS_B
    value = in.uv_b.x;
    known = in.uv_b.y;
#endif
#ifdef LINES
    let levels = value / field.params.z;
    // Pixels to the nearest level; across an edge of what is known there is no slope.
    let to_line = abs(fract(levels + 0.5) - 0.5) / max(fwidth(levels), 1e-9);
#endif

    // The shape, no more: a face that is seen straight on has the very colour of the legend.
    var shape = 1.0;
#ifdef VERTEX_NORMALS
    let to_eye = normalize(view.world_position - in.world_position.xyz);
    shape = mix(0.80, 1.0, smoothstep(0.0, 0.75, abs(dot(normalize(in.world_normal), to_eye))));
#endif

    // A triangle with one corner that is not known is not known.
    if known < 0.999 {
        let stripe = step(fract((in.position.x + in.position.y) / field.params.w), 0.36);
        return vec4<f32>(vec3<f32>(mix(0.20, 0.10, stripe)) * shape, 1.0);
    }
    let at = u32(clamp((value - field.params.x) * field.params.y, 0.0, 255.0) + 0.5);
    var colour = field.colours[min(at, 255u)].rgb;
#ifdef LINES
    colour *= mix(0.35, 1.0, smoothstep(0.5, 1.4, to_line));
#endif
    return vec4<f32>(colour * shape, 1.0);
}
