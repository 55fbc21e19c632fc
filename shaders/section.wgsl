// The section plane: what lies on the side that its normal points to is cut away. Where a closed body is cut a ray meets its
// inner faces first, and nothing else is inside it: they are the face of the cut.
#define_import_path twinscope::section

// plane: unit normal towards what is cut away, and the distance from the origin along it, m.
fn cut_away(plane: vec4<f32>, at: vec3<f32>) -> bool {
    return dot(plane.xyz, at) > plane.w;
}

// Whether a face is an inner one of a body that has any. Mirrored nodes come with their faces turned.
fn inner_face(front: bool) -> bool {
#ifdef CAPS
#ifdef MIRRORED
    return front;
#else
    return !front;
#endif
#else
    return false;
#endif
}
