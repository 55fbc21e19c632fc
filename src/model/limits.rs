//! How much a model may be. Each bound keeps a file from outside from filling memory, the stack or the screen's time.

/// Bounds on a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Bytes of the model and of all files that it names, together.
    pub bytes: u64,
    /// Bytes that decoding may make of a model: compressed geometry, instances, textures.
    pub decoded_bytes: u64,
    /// Bytes of the JSON.
    pub json_bytes: usize,
    /// Deepest nesting of the JSON.
    pub json_depth: usize,
    /// Objects in the JSON: what it can grow to in memory goes by these.
    pub json_objects: usize,
    /// Values in the extensions of the JSON: they are kept as trees, where a few bytes take hundreds.
    pub json_extension_values: usize,
    /// Nodes, of all scenes together.
    pub nodes: usize,
    /// Deepest node below its root. The loader recurses once for each level, with large frames.
    pub node_depth: usize,
    /// Meshes.
    pub meshes: usize,
    /// Primitives, and primitives drawn by all nodes together.
    pub primitives: usize,
    /// Accessors; views as well.
    pub accessors: usize,
    /// Buffers.
    pub buffers: usize,
    /// Materials.
    pub materials: usize,
    /// Textures, images and samplers, each.
    pub textures: usize,
    /// Animations, cameras, skins and scenes, each.
    pub others: usize,
    /// Vertices of all primitives together.
    pub vertices: u64,
    /// Triangles of all primitives together.
    pub triangles: u64,
    /// Width and height of a texture, pixels.
    pub image_side: u32,
    /// Decoded bytes of all textures together.
    pub image_bytes: u64,
    /// Largest coordinate, scale or matrix element. Past 1e7 m, f32 no longer tells one metre from the next.
    pub coordinate: f64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            bytes: 512 * MIB,
            decoded_bytes: 1024 * MIB,
            json_bytes: 64 << 20,
            json_depth: 64,
            json_objects: 4_000_000,
            json_extension_values: 500_000,
            nodes: 200_000,
            node_depth: 128,
            meshes: 200_000,
            primitives: 400_000,
            accessors: 1_000_000,
            buffers: 10_000,
            materials: 10_000,
            textures: 10_000,
            others: 10_000,
            vertices: 50_000_000,
            triangles: 20_000_000,
            image_side: 16_384,
            image_bytes: 512 * MIB,
            coordinate: 1e7,
        }
    }
}
