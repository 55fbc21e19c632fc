//! The material of a field: unlit colours of a scale.

use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, Face, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
};
use bevy::shader::ShaderRef;

use super::FIELD_SHADER;
use crate::app::material::cut;
use crate::view::field::{Limits, tick_step};
use crate::view::scale::Scale;

/// Colours and limits; 256 colours, because an image has no more steps.
#[derive(Clone, Debug, PartialEq, ShaderType)]
pub struct FieldStyle {
    /// Value of the first colour, colours per unit of the value, distance of the lines of equal value, period of the
    /// hatching in pixels.
    pub params: Vec4,
    /// The section plane: unit normal towards what is cut away, distance from the origin along it, m.
    pub plane: Vec4,
    /// Linear rgb.
    pub colours: [Vec4; 256],
}

impl FieldStyle {
    /// The style of a field within its limits. `period`: of the hatching, pixels.
    #[must_use]
    pub fn new(scale: Scale, limits: Limits, period: f32) -> Self {
        let colours = std::array::from_fn(|n| {
            let [r, g, b] = scale.colour(n as f32 / 255.0);
            Color::srgb_u8(r, g, b).to_linear().to_vec4()
        });
        let step = tick_step(limits, 6) as f32;
        Self {
            params: Vec4::new(limits.low, 255.0 / (limits.high - limits.low), step, period),
            plane: Vec4::ZERO,
            colours,
        }
    }
}

/// A field on a surface. The second texture coordinates of its mesh are (value, known).
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(FieldKey)]
pub struct FieldMaterial {
    /// Colours and limits.
    #[uniform(0)]
    pub style: FieldStyle,
    /// Faces that are not seen; `None`: both sides are.
    pub cull: Option<Face>,
    /// Lines of equal value are drawn.
    pub lines: bool,
    /// Cut by the section plane.
    pub section: bool,
}

/// What makes a pipeline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct FieldKey {
    cull: Option<Face>,
    lines: bool,
    section: bool,
}

impl From<&FieldMaterial> for FieldKey {
    fn from(material: &FieldMaterial) -> Self {
        Self { cull: material.cull, lines: material.lines, section: material.section }
    }
}

impl Material for FieldMaterial {
    fn fragment_shader() -> ShaderRef {
        FIELD_SHADER.into()
    }
    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        if key.bind_group_data.lines
            && let Some(fragment) = descriptor.fragment.as_mut()
        {
            fragment.shader_defs.push("LINES".into());
        }
        cut(descriptor, key.bind_group_data.cull, key.bind_group_data.section, true);
        Ok(())
    }
}
