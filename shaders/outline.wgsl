// Outlines from extruded hulls: a mask of the part, then its hull, grown along smooth normals by a width in pixels.
// With XRAY both are moved in front of everything else, so that the outline shows through other parts.
#import bevy_pbr::{
    mesh_functions,
    mesh_view_bindings::view,
    view_transformations::position_world_to_clip,
}

#ifdef SECTION
#import twinscope::section::cut_away
#endif

struct Outline {
    // linear rgb, alpha
    colour: vec4<f32>,
    // width in pixels, period of the dots in pixels (0: a solid line), how much nearer it is drawn (share of the distance), -
    params: vec4<f32>,
    // the section plane: unit normal towards what is cut away, distance from the origin along it (m)
    plane: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<uniform> outline: Outline;

struct Vertex {
    @builtin(instance_index) instance_index: u32,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
#ifdef SECTION
    @location(0) world: vec3<f32>,
#endif
}

@vertex
fn vertex(in: Vertex) -> Varying {
    let world_from_local = mesh_functions::get_world_from_local(in.instance_index);
    let world = mesh_functions::mesh_position_local_to_world(world_from_local, vec4<f32>(in.position, 1.0));
    var clip = position_world_to_clip(world.xyz);
#ifdef HULL
    let normal = mesh_functions::mesh_normal_local_to_world(in.normal, in.instance_index);
    let pixels = view.viewport.zw;
    let toward = (view.clip_from_world * vec4<f32>(normal, 0.0)).xy * pixels;
    let size = length(toward);
    if size > 1e-6 {
        clip = vec4<f32>(clip.xy + toward / size * outline.params.x * 2.0 * clip.w / pixels, clip.zw);
    }
    // Depth is reversed: near over distance.
    clip.z *= 1.0 + outline.params.z;
#endif
#ifdef XRAY
    // Depth is reversed: 1 is near. The hull lies behind the mask, both before the rest.
#ifdef HULL
    clip.z = clip.w * (0.92 + 0.03 * clip.z / clip.w);
#else
    clip.z = clip.w * (0.96 + 0.03 * clip.z / clip.w);
#endif
#endif
#ifdef SECTION
    return Varying(clip, world.xyz);
#else
    return Varying(clip);
#endif
}

@fragment
fn fragment(in: Varying) -> @location(0) vec4<f32> {
#ifdef SECTION
    if cut_away(outline.plane, in.world) {
        discard;
    }
#endif
#ifdef DOTTED
    let cell = vec2<i32>(floor(in.position.xy / (outline.params.y * 0.5)));
    if ((cell.x + cell.y) & 1) == 1 {
        discard;
    }
#endif
    return outline.colour;
}
