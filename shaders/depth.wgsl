// Depths of parts drawn beforehand, for shadows and for the occlusion of corners: what is cut away has none.
#import bevy_pbr::prepass_io::VertexOutput
#ifdef PREPASS_FRAGMENT
#import bevy_pbr::prepass_io::FragmentOutput
#endif
#ifdef SECTION
#import twinscope::section::cut_away

struct Parts {
    settings: vec4<f32>,
    light: array<vec4<f32>, 5>,
    // The section plane: unit normal towards what is cut away, and its distance from the origin along that (m).
    plane: vec4<f32>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(3) var<storage, read> parts: Parts;
#endif

fn cut(at: vec3<f32>) -> bool {
#ifdef SECTION
    return cut_away(parts.plane, at);
#else
    return false;
#endif
}

#ifdef PREPASS_FRAGMENT

@fragment
fn fragment(in: VertexOutput) -> FragmentOutput {
    if cut(in.world_position.xyz) {
        discard;
    }
    var out: FragmentOutput;
#ifdef NORMAL_PREPASS
    out.normal = vec4(in.world_normal * 0.5 + vec3(0.5), 1.0);
#endif
#ifdef UNCLIPPED_DEPTH_ORTHO_EMULATION
    out.frag_depth = in.unclipped_depth;
#endif
    return out;
}

#else

@fragment
fn fragment(in: VertexOutput) {
    if cut(in.world_position.xyz) {
        discard;
    }
}

#endif
