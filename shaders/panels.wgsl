// egui's triangles, in place of bevy_egui's own shader: the same picture, without six powers of a number for each pixel.
//
// egui multiplies texture and colour as sRGB numbers. sRGB is nearly a power of the linear value, and the power of a product
// is the product of the powers: so the colour is made linear at the corner, and the pixel only multiplies.

struct Transform {
    scale: vec2<f32>,
    translation: vec2<f32>,
}

struct Corner {
    @location(0) position: vec2<f32>,
    @location(1) uv: vec2<f32>,
    // sRGB, multiplied by its alpha as such
    @location(2) colour: vec4<f32>,
}

struct Varying {
    @builtin(position) position: vec4<f32>,
    @location(0) colour: vec4<f32>,
    @location(1) uv: vec2<f32>,
}

@group(0) @binding(0) var<uniform> transform: Transform;
@group(1) @binding(0) var image_texture: texture_2d<f32>;
@group(1) @binding(1) var image_sampler: sampler;

fn linear_from_srgb(srgb: vec3<f32>) -> vec3<f32> {
    let dark = srgb / 12.92;
    let light = pow((srgb + 0.055) / 1.055, vec3<f32>(2.4));
    return select(light, dark, srgb < vec3<f32>(0.04045));
}

@vertex
fn vs_main(in: Corner) -> Varying {
    let place = in.position * transform.scale + transform.translation;
    return Varying(vec4<f32>(place, 0.0, 1.0), vec4<f32>(linear_from_srgb(in.colour.rgb), in.colour.a), in.uv);
}

@fragment
fn fs_main(in: Varying) -> @location(0) vec4<f32> {
    return textureSample(image_texture, image_sampler, in.uv) * in.colour;
}
