//! Materials: what the renderer leaves out of them.
//!
//! It draws base colour, its texture, metalness and roughness (`app::material`). Everything else that a material may
//! have is told here, one line a kind; what extensions add is told in [`super::extensions`].

use gltf::json::Material;
use gltf::json::material::AlphaMode;
use gltf::json::validation::Checked;

/// A blended material whose base colour is less opaque than this is drawn as glass.
pub const GLASS: f32 = 0.95;

/// What is lost of these materials, one sentence a kind.
pub(super) fn losses(materials: &[Material]) -> Vec<String> {
    let kinds: [(fn(&Material) -> bool, &str); 6] = [
        (|m| m.normal_texture.is_some(), "with a normal texture: drawn smooth"),
        (
            |m| m.pbr_metallic_roughness.metallic_roughness_texture.is_some(),
            "with a texture of metalness and roughness: one value of each is drawn for the whole surface",
        ),
        (|m| m.occlusion_texture.is_some(), "with an occlusion texture: hollows are drawn as bright as the rest"),
        (
            |m| m.emissive_texture.is_some() || m.emissive_factor.0.iter().any(|&part| part > 0.0),
            "with emission: drawn without its glow",
        ),
        (
            |m| match &m.alpha_mode {
                Checked::Valid(AlphaMode::Mask) => true,
                Checked::Valid(AlphaMode::Blend) => m.pbr_metallic_roughness.base_color_factor.0[3] >= GLASS,
                _ => false,
            },
            "with holes or fading (alphaMode MASK, or BLEND by a texture): drawn whole",
        ),
        (
            |m| m.pbr_metallic_roughness.base_color_texture.as_ref().is_some_and(|texture| texture.tex_coord != 0),
            "with a base texture on the second texture coordinates: drawn on the first",
        ),
    ];
    let told = kinds.iter().map(|(lost, what)| (materials.iter().filter(|m| lost(m)).count(), what));
    told.filter(|&(n, _)| n > 0)
        .map(|(n, what)| format!("{n} {} {what}", if n == 1 { "material" } else { "materials" }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[track_caller]
    fn lost(materials: Value, want: &[&str]) {
        let materials: Vec<Material> = serde_json::from_value(materials).unwrap();
        let told = losses(&materials);
        assert_eq!(told.len(), want.len(), "{told:?}");
        for (line, want) in told.iter().zip(want) {
            assert!(line.starts_with(want), "{line}");
        }
    }

    #[test]
    fn what_is_drawn_of_a_material_is_no_loss() {
        lost(json!([{}]), &[]);
        let drawn = json!({ "baseColorFactor": [1, 0, 0, 1], "baseColorTexture": { "index": 0, "texCoord": 0 },
                            "metallicFactor": 0.5, "roughnessFactor": 0.5 });
        lost(json!([{ "pbrMetallicRoughness": drawn, "doubleSided": true, "emissiveFactor": [0, 0, 0] }]), &[]);
        lost(json!([{ "pbrMetallicRoughness": { "baseColorFactor": [1, 1, 1, 0.3] }, "alphaMode": "BLEND" }]), &[]);
    }

    #[test]
    fn each_kind_that_is_not_drawn_is_told() {
        let texture = || json!({ "index": 0 });
        lost(json!([{ "normalTexture": texture() }]), &["1 material with a normal texture"]);
        let rough = json!({ "metallicRoughnessTexture": texture() });
        lost(json!([{ "pbrMetallicRoughness": rough }]), &["1 material with a texture of metalness"]);
        lost(json!([{ "occlusionTexture": texture() }]), &["1 material with an occlusion texture"]);
        lost(json!([{ "emissiveTexture": texture() }]), &["1 material with emission"]);
        lost(json!([{ "emissiveFactor": [0, 0.1, 0] }]), &["1 material with emission"]);
        lost(json!([{ "alphaMode": "MASK" }]), &["1 material with holes"]);
        lost(json!([{ "alphaMode": "BLEND" }]), &["1 material with holes"]);
        let second = json!({ "baseColorTexture": { "index": 0, "texCoord": 1 } });
        lost(json!([{ "pbrMetallicRoughness": second }]), &["1 material with a base texture on the second"]);
    }

    #[test]
    fn a_kind_is_told_once_for_all_materials() {
        let bumpy = json!({ "normalTexture": { "index": 0 } });
        lost(
            json!([bumpy, {}, bumpy, { "alphaMode": "MASK" }]),
            &["2 materials with a normal", "1 material with holes"],
        );
    }
}
