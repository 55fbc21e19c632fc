//! The three materials of the scene, and the buffer with one row a part that colours them.
//!
//! Invariant: parts never get a material each. All primitives of a model share a few [`PartMaterial`]s; what differs
//! from part to part is a row of [`PartRows`], found by `MeshTag`. A recolouring is one write to one buffer.

use std::time::{Duration, Instant};

use bevy::asset::{AssetEventSystems, load_internal_asset, uuid_handle};
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::render::render_resource::{
    AsBindGroup, ColorWrites, CompareFunction, Face, RenderPipelineDescriptor, ShaderType, SpecializedMeshPipelineError,
};
use bevy::render::storage::ShaderBuffer;
use bevy::shader::ShaderRef;
use twinscope_twin::site::Stage;

use super::daylight::{Daylight, Light};
use super::quality::Quality;
use crate::view::quality::Preset;

const PART_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0001");
const SECTION_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0009");
const DEPTH_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f000a");
const OUTLINE_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0002");
const STAGE_SHADER: Handle<Shader> = uuid_handle!("5a6f3c1e-6f0e-4f0e-9d0a-2b1c7a1f0003");

/// Registers the materials and keeps the part buffer on the GPU up to date.
pub struct MaterialsPlugin;

impl Plugin for MaterialsPlugin {
    fn build(&self, app: &mut App) {
        load_internal_asset!(app, SECTION_SHADER, "../../shaders/section.wgsl", Shader::from_wgsl);
        load_internal_asset!(app, PART_SHADER, "../../shaders/part.wgsl", Shader::from_wgsl);
        load_internal_asset!(app, DEPTH_SHADER, "../../shaders/depth.wgsl", Shader::from_wgsl);
        load_internal_asset!(app, OUTLINE_SHADER, "../../shaders/outline.wgsl", Shader::from_wgsl);
        load_internal_asset!(app, STAGE_SHADER, "../../shaders/stage.wgsl", Shader::from_wgsl);
        app.add_plugins((
            MaterialPlugin::<PartMaterial>::default(),
            MaterialPlugin::<OutlineMaterial>::default(),
            MaterialPlugin::<StageMaterial>::default(),
        ));
        let buffer = app.world_mut().resource_mut::<Assets<ShaderBuffer>>().add(ShaderBuffer::default());
        app.insert_resource(PartRows {
            buffer,
            rows: vec![Row::default().packed()],
            view: [0.0, 10.0, 0.0, 0.0],
            light: packed(&Light::of(Daylight::default())),
            section: [0.0; 4],
            dirty: true,
            upload_time: Duration::ZERO,
        });
        // Before the events of assets are sent: else the colours would come a frame late.
        app.add_systems(PostUpdate, upload_rows.before(AssetEventSystems));
    }
}

/// One part as the shader sees it; 32 bytes, std430.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Row {
    /// Linear rgb of the state; alpha: how much of it replaces the part's own colour, 0 to 1.
    pub colour: [f32; 4],
    /// Pattern (0 plain, 1 hatched, 2 outline only, 3 cross-hatched, 4 dotted).
    pub pattern: f32,
    /// Pointer over it: 0 or 1.
    pub hover: f32,
    /// How far what flows through it has flowed, m, and whether that is known: 0 or 1.
    pub flow: [f32; 2],
}

impl Row {
    fn packed(self) -> [f32; 8] {
        let ([r, g, b, told], [flowed, flows]) = (self.colour, self.flow);
        [r, g, b, told, self.pattern, self.hover, flowed, flows]
    }
}

/// The rows of all parts, and the buffer that carries them.
#[derive(Resource)]
pub struct PartRows {
    buffer: Handle<ShaderBuffer>,
    rows: Vec<[f32; 8]>,
    view: [f32; 4],
    light: [[f32; 4]; 5],
    section: [f32; 4],
    dirty: bool,
    upload_time: Duration,
}

impl PartRows {
    /// The buffer, for new materials.
    pub fn buffer(&self) -> Handle<ShaderBuffer> {
        self.buffer.clone()
    }

    /// Room for `parts` rows; grows by doubling, so that the buffer is seldom made anew.
    pub fn reserve(&mut self, parts: usize) {
        if parts > self.rows.len() {
            self.rows.resize(parts.next_power_of_two(), Row::default().packed());
            self.dirty = true;
        }
    }

    /// Sets one row, apart from its flow; nothing is uploaded when it stays the same.
    pub fn set(&mut self, part: usize, row: Row) {
        if let Some(old) = self.rows.get_mut(part) {
            let [.., flowed, flows] = *old;
            let row = Row { flow: [flowed, flows], ..row }.packed();
            self.dirty |= *old != row;
            *old = row;
        }
    }

    /// Sets the flow of one row.
    pub fn set_flow(&mut self, part: usize, flow: [f32; 2]) {
        if let Some([.., flowed, flows]) = self.rows.get_mut(part)
            && [*flowed, *flows] != flow
        {
            [*flowed, *flows] = flow;
            self.dirty = true;
        }
    }

    /// One row.
    pub fn get(&self, part: usize) -> Option<Row> {
        self.rows.get(part).map(|&[r, g, b, told, pattern, hover, flowed, flows]| Row {
            colour: [r, g, b, told],
            pattern,
            hover,
            flow: [flowed, flows],
        })
    }

    /// Size of hatches and dots, pixels.
    pub fn set_period(&mut self, pixels: f32) {
        if self.view[1] != pixels {
            self.view[1] = pixels;
            self.dirty = true;
        }
    }

    /// Size of hatches and dots, pixels.
    pub const fn period(&self) -> f32 {
        let [_, period, ..] = self.view;
        period
    }

    /// The light of the scene.
    pub fn set_light(&mut self, light: &Light) {
        let light = packed(light);
        if self.light != light {
            self.light = light;
            self.dirty = true;
        }
    }

    /// The section plane: unit normal towards what is cut away, and the distance from the origin along it, m.
    pub fn set_section(&mut self, plane: Vec4) {
        if self.section != plane.to_array() {
            self.section = plane.to_array();
            self.dirty = true;
        }
    }

    /// Flat colours without light, for checks.
    pub fn set_flat(&mut self, flat: bool) {
        self.view[0] = f32::from(u8::from(flat));
        self.dirty = true;
    }

    /// What the last upload cost the main thread.
    pub fn upload_time(&self) -> Duration {
        self.upload_time
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(112 + self.rows.len() * 32);
        bytes.extend_from_slice(bytemuck::cast_slice(&self.view));
        bytes.extend_from_slice(bytemuck::cast_slice(&self.light));
        bytes.extend_from_slice(bytemuck::cast_slice(&self.section));
        bytes.extend_from_slice(bytemuck::cast_slice(&self.rows));
        bytes
    }
}

/// A light as the shaders see it: direction, key, sky, ground, horizon.
fn packed(light: &Light) -> [[f32; 4]; 5] {
    [light.towards, light.key, light.sky, light.ground, light.horizon].map(|v| v.extend(0.0).to_array())
}

/// Uploads the rows when one changed. A buffer that grew leaves the old one bound, so its materials are touched then.
pub fn upload_rows(
    mut rows: ResMut<PartRows>,
    mut buffers: ResMut<Assets<ShaderBuffer>>,
    mut materials: ResMut<Assets<PartMaterial>>,
    mut size: Local<usize>,
) {
    if !rows.dirty {
        return;
    }
    let start = Instant::now();
    rows.dirty = false;
    let bytes = rows.bytes();
    let grown = bytes.len() != *size;
    *size = bytes.len();
    if let Some(mut buffer) = buffers.get_mut(&rows.buffer) {
        buffer.buffer_description.size = bytes.len() as u64;
        buffer.data = Some(bytes);
    }
    if grown {
        for _ in materials.iter_mut() {}
    }
    rows.upload_time = start.elapsed();
}

/// The surface of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, ShaderType)]
pub struct Surface {
    /// Linear rgb, alpha.
    pub base: Vec4,
    /// Metallic, roughness; of a flow, the distance of its dashes, m, and their share of it.
    pub params: Vec4,
}

/// How much of the light is worked out. A pipeline of its own for each: never a branch on a uniform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lighting {
    /// Microfacets, shadows and what the surroundings mirror; else the cheap light.
    pub full: bool,
    /// Lamps instead of a sky.
    pub studio: bool,
}

impl Lighting {
    /// As far as the preset allows, on the stage of the site.
    pub fn of(quality: &Quality, daylight: &Daylight) -> Self {
        Self { full: quality.preset != Preset::Low, studio: daylight.stage == Stage::Studio }
    }

    fn defs(self) -> impl Iterator<Item = bevy::shader::ShaderDefVal> {
        [(self.full, "FULL"), (self.studio, "STUDIO")].into_iter().filter(|(on, _)| *on).map(|(_, name)| name.into())
    }
}

/// What a part is made of; shared by all parts of the same material.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(PartKey)]
pub struct PartMaterial {
    /// The surface.
    #[uniform(0)]
    pub surface: Surface,
    /// Base colour texture.
    #[texture(1)]
    #[sampler(2)]
    pub texture: Option<Handle<Image>>,
    /// [`PartRows`].
    #[storage(3, read_only)]
    pub rows: Handle<ShaderBuffer>,
    /// Drawn as glass.
    pub ghost: bool,
    /// Drawn after the glass before it, which must not veil the colour of a state.
    pub over_glass: bool,
    /// Dashes move along it.
    pub flow: bool,
    /// In which light.
    pub lighting: Lighting,
    /// Cut by the section plane.
    pub section: bool,
    /// Lines along the edges of another body, drawn before it.
    pub edges: bool,
    /// Faces that are not seen; `None`: both sides are.
    pub cull: Option<Face>,
}

/// What makes a pipeline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct PartKey {
    ghost: bool,
    over_glass: bool,
    lighting: Lighting,
    textured: bool,
    flow: bool,
    section: bool,
    edges: bool,
    cull: Option<Face>,
}

impl From<&PartMaterial> for PartKey {
    fn from(material: &PartMaterial) -> Self {
        Self {
            ghost: material.ghost,
            over_glass: material.over_glass,
            lighting: material.lighting,
            textured: material.texture.is_some(),
            flow: material.flow,
            section: material.section,
            edges: material.edges,
            cull: material.cull,
        }
    }
}

impl Material for PartMaterial {
    fn vertex_shader() -> ShaderRef {
        PART_SHADER.into()
    }
    fn fragment_shader() -> ShaderRef {
        PART_SHADER.into()
    }
    fn prepass_fragment_shader() -> ShaderRef {
        DEPTH_SHADER.into()
    }
    /// The mask is what lets a shadow ask the shader: what is cut away casts none.
    fn alpha_mode(&self) -> AlphaMode {
        match (self.ghost || self.over_glass, self.section) {
            (true, _) => AlphaMode::Blend,
            (false, true) => AlphaMode::Mask(0.5),
            (false, false) => AlphaMode::Opaque,
        }
    }
    /// After all glass, and before outlines.
    fn depth_bias(&self) -> f32 {
        if self.over_glass { 50_000.0 } else { 0.0 }
    }
    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.vertex.shader_defs.extend(key.bind_group_data.lighting.defs());
        if key.bind_group_data.edges {
            descriptor.vertex.shader_defs.push("EDGES".into());
        }
        if let Some(fragment) = descriptor.fragment.as_mut() {
            fragment.shader_defs.extend(key.bind_group_data.lighting.defs());
            if key.bind_group_data.ghost {
                fragment.shader_defs.push("GHOST".into());
            }
            if key.bind_group_data.textured {
                fragment.shader_defs.push("TEXTURED".into());
            }
            if key.bind_group_data.flow {
                fragment.shader_defs.push("FLOW".into());
            }
            if key.bind_group_data.cull.is_none() {
                fragment.shader_defs.push("TWO_SIDED".into());
            }
        }
        if key.bind_group_data.over_glass {
            if let Some(depth) = descriptor.depth_stencil.as_mut() {
                depth.depth_write_enabled = Some(true);
            }
            for target in descriptor.fragment.iter_mut().flat_map(|fragment| fragment.targets.iter_mut().flatten()) {
                target.blend = None;
            }
        }
        let caps = !key.bind_group_data.ghost;
        cut(descriptor, key.bind_group_data.cull, key.bind_group_data.section, caps);
        Ok(())
    }
}

/// How faces are culled, and, where a body is cut, what makes its inner faces the face of the cut: only closed bodies have
/// any, and those are the ones that are culled. `caps`: the nearest face hides those behind it, which is not so of glass.
pub fn cut(descriptor: &mut RenderPipelineDescriptor, cull: Option<Face>, section: bool, caps: bool) {
    let caps = caps && section && cull.is_some();
    descriptor.primitive.cull_mode = cull.filter(|_| !caps);
    if !section {
        return;
    }
    let defs = [(true, "SECTION"), (caps, "CAPS"), (cull == Some(Face::Front), "MIRRORED")];
    let wanted: Vec<_> = defs.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.into()).collect();
    if let Some(fragment) = descriptor.fragment.as_mut() {
        fragment.shader_defs.extend(wanted);
    }
}

/// Colour and width of an outline.
#[derive(Clone, Copy, Debug, Default, PartialEq, ShaderType)]
pub struct OutlineStyle {
    /// Linear rgb, alpha.
    pub colour: Vec4,
    /// Width in pixels, period of the dots in pixels (0: solid), how much nearer than it is (share of the distance), unused.
    pub params: Vec4,
    /// The section plane: unit normal towards what is cut away, distance from the origin along it, m.
    pub plane: Vec4,
}

/// The mask or the hull of an outline.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(OutlineKey)]
pub struct OutlineMaterial {
    /// Colour and width.
    #[uniform(0)]
    pub style: OutlineStyle,
    /// The grown hull; else the mask that keeps it off the part.
    pub hull: bool,
    /// Through other parts.
    pub xray: bool,
    /// The line is dotted.
    pub dotted: bool,
    /// Cut by the section plane.
    pub section: bool,
}

/// What makes a pipeline of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct OutlineKey {
    hull: bool,
    xray: bool,
    dotted: bool,
    section: bool,
}

impl From<&OutlineMaterial> for OutlineKey {
    fn from(material: &OutlineMaterial) -> Self {
        Self { hull: material.hull, xray: material.xray, dotted: material.dotted, section: material.section }
    }
}

impl Material for OutlineMaterial {
    fn vertex_shader() -> ShaderRef {
        OUTLINE_SHADER.into()
    }
    fn fragment_shader() -> ShaderRef {
        OUTLINE_SHADER.into()
    }
    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }
    fn enable_prepass() -> bool {
        false
    }
    fn enable_shadows() -> bool {
        false
    }
    /// Transparent things are drawn far to near by this: masks before hulls, and x-rayed ones after all else.
    fn depth_bias(&self) -> f32 {
        match (self.xray, self.hull) {
            (false, false) => 0.0,
            (false, true) => 0.05,
            (true, false) => 100_000.0,
            (true, true) => 200_000.0,
        }
    }
    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        let OutlineKey { hull, xray, dotted, section } = key.bind_group_data;
        for (on, name) in [(hull, "HULL"), (xray, "XRAY"), (dotted, "DOTTED"), (section, "SECTION")] {
            if on {
                descriptor.vertex.shader_defs.push(name.into());
                if let Some(fragment) = descriptor.fragment.as_mut() {
                    fragment.shader_defs.push(name.into());
                }
            }
        }
        descriptor.vertex.buffers = vec![layout.0.get_layout(&[
            Mesh::ATTRIBUTE_POSITION.at_shader_location(0),
            Mesh::ATTRIBUTE_NORMAL.at_shader_location(1),
        ])?];
        descriptor.primitive.cull_mode = Some(if hull { Face::Front } else { Face::Back });
        if let Some(depth) = descriptor.depth_stencil.as_mut() {
            depth.depth_write_enabled = Some(true);
            depth.depth_compare = Some(CompareFunction::GreaterEqual);
        }
        if xray
            && !hull
            && let Some(fragment) = descriptor.fragment.as_mut()
        {
            for target in fragment.targets.iter_mut().flatten() {
                target.write_mask = ColorWrites::empty();
            }
        }
        Ok(())
    }
}

/// Light and haze of the stage; linear rgb.
#[derive(Clone, Copy, Debug, Default, PartialEq, ShaderType)]
pub struct StageStyle {
    /// The sky straight up.
    pub zenith: Vec4,
    /// The sky at the horizon.
    pub horizon: Vec4,
    /// Unit vector to the sun.
    pub towards: Vec4,
    /// What comes from the sun.
    pub key: Vec4,
    /// What comes from above.
    pub sky: Vec4,
    /// What comes from below.
    pub ground: Vec4,
    /// Size of a studio's floor, m; distance of the haze, m; unused, unused.
    pub params: Vec4,
    /// A studio's floor: middle and half size of the shadow's texture, m.
    pub contact: Vec4,
}

/// Sky or land.
#[derive(Asset, TypePath, AsBindGroup, Clone, Debug)]
#[bind_group_data(StageKey)]
pub struct StageMaterial {
    /// Colours.
    #[uniform(0)]
    pub style: StageStyle,
    /// What lies in the shade of a machine on a studio's floor: 1 lit, 0 touched.
    #[texture(1)]
    #[sampler(2)]
    pub contact: Option<Handle<Image>>,
    /// Land or floor; else sky or wall.
    pub land: bool,
    /// In which light.
    pub lighting: Lighting,
}

/// What makes a pipeline of its own.
///
/// Never a branch on a uniform: lavapipe (Mesa 22.3) compiles a shader with one anew for every draw, and keeps the old
/// ones; two such draws cost 40 ms and half a megabyte a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct StageKey {
    land: bool,
    lighting: Lighting,
}

impl From<&StageMaterial> for StageKey {
    fn from(material: &StageMaterial) -> Self {
        Self { land: material.land, lighting: material.lighting }
    }
}

impl Material for StageMaterial {
    fn fragment_shader() -> ShaderRef {
        STAGE_SHADER.into()
    }
    /// Drawn after the machine and before its glass, so that what the machine covers is not shaded. Nothing is blended.
    fn alpha_mode(&self) -> AlphaMode {
        AlphaMode::Blend
    }
    fn depth_bias(&self) -> f32 {
        -1_000_000.0
    }
    fn enable_prepass() -> bool {
        false
    }
    fn enable_shadows() -> bool {
        false
    }
    fn specialize(
        _pipeline: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _layout: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        descriptor.primitive.cull_mode = None;
        if let Some(fragment) = descriptor.fragment.as_mut() {
            fragment.shader_defs.extend(key.bind_group_data.lighting.defs());
            if key.bind_group_data.land {
                fragment.shader_defs.push("LAND".into());
            }
            for target in fragment.targets.iter_mut().flatten() {
                target.blend = None;
            }
        }
        if let Some(depth) = descriptor.depth_stencil.as_mut() {
            depth.depth_write_enabled = Some(true);
        }
        Ok(())
    }
}

#[cfg(test)]
impl PartRows {
    /// Rows without a GPU behind them.
    pub fn without_gpu() -> Self {
        Self {
            buffer: Handle::default(),
            rows: vec![Row::default().packed()],
            view: [0.0; 4],
            light: [[0.0; 4]; 5],
            section: [0.0; 4],
            dirty: false,
            upload_time: Duration::ZERO,
        }
    }
}
